//! Simulated people at consoles: a checker who closes what is handled, and a colleague who dispatches.

use super::Chance;
use super::casebook::CaseBook;
use super::link::{Backoff, CommandIds, Link, LinkError};
use crate::play::ServerAddress;
use chengtu_engine::city::Severity;
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::model::UnitStatus;
use chengtu_engine::rank::ArrivalRow;
use chengtu_engine::stream::{CaseView, ClientMessage, Layer, Mirror, ServerMessage};
use chengtu_engine::workflow::{self, Act};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How the simulated people work.
#[derive(Clone, Debug)]
pub struct ConsoleOptions {
    /// The server.
    pub server: ServerAddress,
    /// The checker's secret.
    pub checker_token: String,
    /// The dispatching colleague's secret; empty for no such colleague.
    pub officer_token: String,
    /// Of a hundred handled cases so many pass their check.
    pub pass_percent: f64,
    /// Checking times are multiplied by this.
    pub work_scale: f64,
    /// The colleague works harder above so many open cases, and hardly below.
    pub open_cases: usize,
    /// What is random follows from this.
    pub seed: u64,
}

/// When a check is due and whether it was said.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Check {
    due_s: f64,
    said: bool,
}

/// The checker's plan: every handled case is looked at after a while, once for each time it is handled.
#[derive(Debug, Default)]
pub struct Checker {
    planned: BTreeMap<(CaseId, u32), Check>,
}

impl Checker {
    /// Commands to give now, at `now_s` of any running clock: checks of the handled cases among `cases`.
    pub fn step<'a>(
        &mut self,
        cases: impl Iterator<Item = &'a CaseView>,
        now_s: f64,
        options: &ConsoleOptions,
    ) -> Vec<CommandRequest> {
        let handled: BTreeSet<(CaseId, u32)> = cases
            .filter(|c| workflow::allowed(c.stage, Act::Pass))
            .map(|c| (c.id, c.rework))
            .collect();
        self.planned.retain(|key, _| handled.contains(key));
        let mut says = Vec::new();
        for (case, rework) in handled {
            let mut chance = Chance::of(options.seed, &format!("check {case} {rework}"));
            let wait_s = chance.between(40.0, 180.0) * options.work_scale;
            let planned = self.planned.entry((case, rework)).or_insert(Check {
                due_s: now_s + wait_s,
                said: false,
            });
            if !planned.said && planned.due_s <= now_s {
                planned.said = true;
                let pass_percent = if rework == 0 {
                    options.pass_percent
                } else {
                    99.0
                };
                let passed = chance.happens(pass_percent / 100.0);
                says.push(CommandRequest::CheckCase { case, passed });
            }
        }
        says
    }
}

/// The case that the dispatching colleague takes next: not severe, not new (those are left to the person at the map),
/// the one that is due first.
fn next_case(mirror: &Mirror, left_s: f64) -> Option<CaseId> {
    mirror
        .cases
        .values()
        .filter(|c| workflow::advances(c.stage, Act::Dispatch) && c.units.is_empty())
        .filter(|c| c.severity != Severity::Severe)
        .filter(|c| {
            let filed = c.filed_at.unwrap_or(mirror.time);
            mirror.time.seconds_since(filed) >= left_s
        })
        .min_by_key(|c| (c.due_at, c.id))
        .map(|c| c.id)
}

/// The unit that the colleague sends: the soonest that is free, has the skill and its own department's colours;
/// then the soonest with the skill.
fn pick(rows: &[ArrivalRow]) -> Option<(UnitId, Option<u32>)> {
    let free = |r: &&ArrivalRow| r.status == UnitStatus::Available && r.seconds.is_some();
    let row = rows
        .iter()
        .filter(free)
        .find(|r| r.skilled && r.own_department)
        .or_else(|| rows.iter().filter(free).find(|r| r.skilled))?;
    Some((row.unit, row.seconds.map(|s| s.round() as u32)))
}

/// Of all units so many are kept at work by the colleague: more where more is open than is wanted.
fn busy_wanted(open: usize, wanted: usize, units: usize) -> usize {
    let share = match open * 100 / wanted.max(1) {
        101.. => 0.25,
        90..=100 => 0.12,
        75..90 => 0.06,
        _ => 0.02,
    };
    (units as f64 * share).ceil() as usize
}

/// Runs the checker for ever, and keeps the case book.
pub async fn check(options: ConsoleOptions, book: CaseBook) {
    let begin = tokio::time::Instant::now();
    let mut checker = Checker::default();
    let mut ids = CommandIds::of("checker");
    let mut backoff = Backoff::new(options.seed);
    loop {
        let error = match Console::open(&options.server, &options.checker_token).await {
            Ok(mut console) => {
                backoff.reset();
                loop {
                    if let Err(e) = console.listen(Duration::from_millis(500)).await {
                        break e;
                    }
                    book.write(console.mirror.cases.values());
                    let now_s = begin.elapsed().as_secs_f64();
                    let says = checker.step(console.mirror.cases.values(), now_s, &options);
                    if let Err(e) = console.say(&mut ids, says).await {
                        break e;
                    }
                }
            }
            Err(e) => e,
        };
        tracing::debug!("checker: {error}");
        checker = Checker::default();
        tokio::time::sleep(Duration::from_secs_f64(backoff.wait_s())).await;
    }
}

/// Runs the dispatching colleague for ever.
pub async fn dispatch(options: ConsoleOptions) {
    let mut chance = Chance::of(options.seed, "officer");
    let mut ids = CommandIds::of("officer");
    let mut backoff = Backoff::new(options.seed ^ 1);
    loop {
        let error = match Console::open(&options.server, &options.officer_token).await {
            Ok(mut console) => {
                backoff.reset();
                loop {
                    if let Err(e) = round(&mut console, &options, &mut chance, &mut ids).await {
                        break e;
                    }
                }
            }
            Err(e) => e,
        };
        tracing::debug!("officer: {error}");
        tokio::time::sleep(Duration::from_secs_f64(backoff.wait_s())).await;
    }
}

async fn round(
    console: &mut Console,
    options: &ConsoleOptions,
    chance: &mut Chance,
    ids: &mut CommandIds,
) -> Result<(), LinkError> {
    let open = console.open_cases();
    let busy = |s: UnitStatus| !matches!(s, UnitStatus::Available | UnitStatus::OutOfService);
    let units = console.mirror.units.len();
    let busy = console
        .mirror
        .units
        .values()
        .filter(|u| busy(u.status))
        .count();
    if busy >= busy_wanted(open, options.open_cases, units) {
        return console.listen(Duration::from_secs(3)).await;
    }
    let pause_s = chance.between(2.0, 9.0);
    console.listen(Duration::from_secs_f64(pause_s)).await?;
    let Some(case) = next_case(&console.mirror, 240.0) else {
        return console.listen(Duration::from_secs(2)).await;
    };
    let rows = console.rank(case).await?;
    if let Some((unit, expected_s)) = pick(&rows) {
        let target = Target::Case(case);
        let dispatch = CommandRequest::DispatchUnit {
            unit,
            target,
            expected_s,
        };
        console.say(ids, vec![dispatch]).await?;
    }
    Ok(())
}

/// A console: a connection with its mirror.
#[derive(Debug)]
pub struct Console {
    link: Link,
    /// What it knows of the city.
    pub mirror: Mirror,
    last_ranking: u32,
}

impl Console {
    /// Connects and waits for the whole picture of cases and units.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn open(server: &ServerAddress, token: &str) -> Result<Self, LinkError> {
        let client = concat!("chengtu demo console ", env!("CARGO_PKG_VERSION"));
        let link = Link::connect(server, token, client).await?;
        let mut console = Self {
            link,
            mirror: Mirror::new(),
            last_ranking: 0,
        };
        console
            .link
            .send(&ClientMessage::Subscribe {
                viewport: None,
                layers: vec![Layer::Cases, Layer::Units],
                rate_hz: 2.0,
            })
            .await?;
        let ready = async {
            while !console.mirror.is_ready() {
                console.hear().await?;
            }
            Ok(())
        };
        match tokio::time::timeout(Duration::from_secs(20), ready).await {
            Ok(ready) => ready.map(|()| console),
            Err(_) => Err(LinkError::Closed(
                "no picture of the city in 20 s".to_owned(),
            )),
        }
    }

    /// Cases that somebody must still do something about.
    pub fn open_cases(&self) -> usize {
        let cases = self.mirror.cases.values();
        cases.filter(|c| c.stage.is_open()).count()
    }

    async fn hear(&mut self) -> Result<ServerMessage, LinkError> {
        let message = self.link.next().await?;
        if self.mirror.apply(&message).is_err() {
            self.link.send(&ClientMessage::Resync).await?;
        }
        match &message {
            ServerMessage::Notice { text, .. } => tracing::warn!("{text}"),
            ServerMessage::Rejected(r) => tracing::debug!("refused: {}", r.text),
            _ => {}
        }
        Ok(message)
    }

    /// Listens for so long.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn listen(&mut self, how_long: Duration) -> Result<(), LinkError> {
        let end = tokio::time::Instant::now() + how_long;
        loop {
            match tokio::time::timeout_at(end, self.hear()).await {
                Ok(heard) => heard.map(drop)?,
                Err(_) => return Ok(()),
            }
        }
    }

    async fn rank(&mut self, case: CaseId) -> Result<Vec<ArrivalRow>, LinkError> {
        self.last_ranking += 1;
        let asked = self.last_ranking;
        let question = ClientMessage::RankUnits {
            request: asked,
            case,
        };
        self.link.send(&question).await?;
        let answer = async {
            loop {
                if let ServerMessage::Ranking { request, rows, .. } = self.hear().await?
                    && request == asked
                {
                    return Ok(rows);
                }
            }
        };
        let answered = tokio::time::timeout(Duration::from_secs(10), answer).await;
        answered.unwrap_or(Ok(Vec::new()))
    }

    async fn say(
        &mut self,
        ids: &mut CommandIds,
        commands: Vec<CommandRequest>,
    ) -> Result<(), LinkError> {
        for command in commands {
            self.link.command(ids.fresh(), command).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::ids::{ClassId, FeedId};
    use chengtu_engine::model::{Actor, CaseSource, Stage, StageChange};
    use chengtu_engine::time::Timestamp;

    fn options() -> ConsoleOptions {
        ConsoleOptions {
            server: ServerAddress::new("", None).unwrap(),
            checker_token: String::new(),
            officer_token: String::new(),
            pass_percent: 93.0,
            work_scale: 1.0,
            open_cases: 300,
            seed: 1,
        }
    }

    fn case(id: u64, stage: Stage, rework: u32) -> CaseView {
        CaseView {
            id: CaseId(id),
            class: ClassId(0),
            severity: Severity::Normal,
            lon: 0.0,
            lat: 0.0,
            address: String::new(),
            note: String::new(),
            source: CaseSource::Feed(FeedId(0), String::new()),
            occurred_at: Timestamp(0),
            stage,
            history: vec![StageChange {
                stage: Stage::Reported,
                at: Timestamp(0),
                by: Actor::System,
            }],
            filed_at: Some(Timestamp(0)),
            due_at: Some(Timestamp(i64::MAX - id as i64)),
            overdue: false,
            units: vec![],
            handled_by: None,
            rework,
            reports: 1,
            maybe_same_as: None,
        }
    }

    #[test]
    fn every_handled_case_is_checked_once_and_most_pass() {
        let mut checker = Checker::default();
        let cases: Vec<CaseView> = (0..1_000).map(|i| case(i, Stage::Handled, 0)).collect();
        let mut passed = 0;
        let mut said = 0;
        for second in 0..200 {
            for command in checker.step(cases.iter(), f64::from(second), &options()) {
                assert!(second >= 40);
                said += 1;
                passed += i32::from(matches!(
                    command,
                    CommandRequest::CheckCase { passed: true, .. }
                ));
            }
        }
        assert_eq!(said, 1_000);
        assert!((900..960).contains(&passed), "{passed}");
        let again = [case(1, Stage::Handled, 1)];
        assert!(checker.step(again.iter(), 200.0, &options()).is_empty());
        assert_eq!(checker.step(again.iter(), 400.0, &options()).len(), 1);
        let filed = [case(1, Stage::Filed, 1)];
        assert!(checker.step(filed.iter(), 900.0, &options()).is_empty());
    }

    #[test]
    fn the_colleague_leaves_fresh_and_severe_cases_to_whoever_watches() {
        let mut mirror = Mirror::new();
        mirror.time = Timestamp::from_seconds(300);
        let mut severe = case(1, Stage::Filed, 0);
        severe.severity = Severity::Severe;
        let mut fresh = case(2, Stage::Filed, 0);
        fresh.filed_at = Some(Timestamp::from_seconds(200));
        let taken = case(3, Stage::Dispatched, 0);
        for c in [severe, fresh, taken] {
            mirror.cases.insert(c.id, c);
        }
        assert_eq!(next_case(&mirror, 240.0), None);
        for id in [4, 5] {
            mirror.cases.insert(CaseId(id), case(id, Stage::Filed, 0));
        }
        assert_eq!(next_case(&mirror, 240.0), Some(CaseId(5)), "due first");
    }

    #[test]
    fn the_colleague_works_harder_where_more_is_open() {
        assert_eq!(busy_wanted(310, 300, 100), 25);
        assert_eq!(busy_wanted(290, 300, 100), 12);
        assert_eq!(busy_wanted(100, 300, 100), 2);
        assert_eq!(busy_wanted(0, 0, 0), 0);
    }
}
