//! Forks over real sockets: two branches of a second with one clock, compared, and the running city untouched.

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::code::Code;
use chengtu_engine::command::{CommandRequest, FixRow, Target};
use chengtu_engine::drill::Seat;
use chengtu_engine::fork::{ForkReport, Forked, Intervention, Measure};
use chengtu_engine::ids::{CaseId, ClassId, UnitId};
use chengtu_engine::model::{AssignmentTarget, Stage};
use chengtu_engine::record::World;
use chengtu_engine::replay::{History, Player, TimeBasis, TimeControl, WorldClock};
use chengtu_engine::stream::{ClientMessage, Mirror, ServerMessage, WorldChoice};
use chengtu_engine::time::Timestamp;
use chengtu_server::log::{EmbeddedStore, LogStore};
use chengtu_tests::support::{Client, Server, nothing_but_noted_since, now, until};
use std::time::Duration;

const CASE: (f64, f64) = (118.7800, 32.0450);
const NEAR: (f64, f64) = (118.7815, 32.0455);
const FAR: (f64, f64) = (118.7660, 32.0550);

async fn place(server: &Server, call_sign: &str, (lon, lat): (f64, f64)) -> Result<()> {
    let mut terminal = Client::connect(server.address, &format!("unit:{call_sign}")).await?;
    let row = FixRow {
        key: String::new(),
        lon,
        lat,
        bearing_deg: None,
        speed_mps: Some(0.0),
        accuracy_m: None,
        time: None,
        kind: None,
    };
    terminal
        .say(&ClientMessage::Fixes { rows: vec![row] })
        .await?;
    let taken = |m: &ServerMessage| match m {
        ServerMessage::FixesTaken { accepted, .. } => Some(*accepted),
        _ => None,
    };
    ensure!(until(&mut terminal, taken).await? == 1);
    Ok(())
}

/// A city in which a case was reported and, a while later, the nearest unit sent.
struct Scene {
    server: Server,
    officer: Client,
    case: CaseId,
    near: UnitId,
    far: UnitId,
    /// Between the report and the sending.
    before: Timestamp,
}

async fn scene(config: &str) -> Result<Scene> {
    let server = Server::start(config).await?;
    let mut officer = Client::connect(server.address, "operator:王莉").await?;
    officer.subscribe().await?;
    let mut mirror = Mirror::new();
    until(&mut officer, |m| {
        mirror.apply(m).ok()?;
        (mirror.units.len() > 1).then_some(())
    })
    .await?;
    let mut units = mirror.units.values().take(2);
    let (near, far) = (
        units.next().context("a unit")?,
        units.next().context("two")?,
    );
    place(&server, &near.call_sign, NEAR).await?;
    place(&server, &far.call_sign, FAR).await?;
    let report = CommandRequest::ReportCase {
        class: ClassId(0),
        severity: None,
        lon: CASE.0,
        lat: CASE.1,
        address: String::new(),
        note: "井盖破损".into(),
    };
    let case = match officer.command(1, report).await? {
        ServerMessage::Accepted(a) => a.case.context("a case")?,
        other => bail!("{other:?}"),
    };
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let before = now();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let send = CommandRequest::DispatchUnit {
        unit: near.id,
        target: Target::Case(case),
        expected_s: None,
    };
    match officer.command(2, send).await? {
        ServerMessage::Accepted(_) => {}
        other => bail!("{other:?}"),
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    Ok(Scene {
        case,
        near: near.id,
        far: far.id,
        before,
        server,
        officer,
    })
}

impl Scene {
    fn other_unit(&self) -> Intervention {
        Intervention::Dispatch {
            at: self.before,
            case: self.case,
            unit: self.far,
            instead_of: Some(self.near),
        }
    }

    async fn ask(
        &mut self,
        at: Timestamp,
        interventions: Vec<Intervention>,
        ahead_s: u32,
    ) -> Result<Result<Forked, (Code, String)>> {
        let fork = ClientMessage::Fork {
            request: 31,
            at,
            interventions,
            ahead_s,
        };
        self.officer.say(&fork).await?;
        until(&mut self.officer, |m| match m {
            ServerMessage::Forked(f) => Some(Ok(*f)),
            ServerMessage::Notice { code, text } => Some(Err((*code, text.clone()))),
            _ => None,
        })
        .await
    }

    async fn fork(&mut self, ahead_s: u32) -> Result<Forked> {
        let other = self.other_unit();
        match self.ask(self.before, vec![other], ahead_s).await? {
            Ok(forked) => Ok(forked),
            Err((code, text)) => bail!("{code:?} {text}"),
        }
    }

    async fn enter(&self, world: World) -> Result<Client> {
        let mut client = Client::connect(self.server.address, "operator:王莉").await?;
        client.subscribe().await?;
        let choice = WorldChoice::Join {
            world,
            seat: Seat::Director,
        };
        client.say(&ClientMessage::Enter { choice }).await?;
        let here = |m: &ServerMessage| match m {
            ServerMessage::Entered(info) => Some(info.world),
            _ => None,
        };
        ensure!(until(&mut client, here).await? == world);
        Ok(client)
    }
}

async fn drive(client: &mut Client, control: TimeControl) -> Result<()> {
    client.say(&ClientMessage::Time { control }).await
}

async fn clock(client: &mut Client, which: impl Fn(&WorldClock) -> bool) -> Result<WorldClock> {
    until(client, |m| match m {
        ServerMessage::Clock(c) if which(c) => Some(*c),
        _ => None,
    })
    .await
}

async fn computed(client: &mut Client) -> Result<ForkReport> {
    until(client, |m| match m {
        ServerMessage::ForkReport(r) if r.until > Timestamp(0) && r.time >= r.until => {
            Some((**r).clone())
        }
        _ => None,
    })
    .await
}

/// What the city looks like after a jump to a moment.
async fn city_at(client: &mut Client, to: Timestamp) -> Result<Mirror> {
    drive(client, TimeControl::Pause).await?;
    drive(client, TimeControl::Seek(to)).await?;
    until(client, |m| match m {
        ServerMessage::Snapshot { time, .. } if *time == to => {
            let mut mirror = Mirror::new();
            mirror.apply(m).ok()?;
            Some(mirror)
        }
        _ => None,
    })
    .await
}

#[expect(
    clippy::too_many_lines,
    reason = "one scenario from its beginning to its end"
)]
#[tokio::test(flavor = "multi_thread")]
async fn both_branches_run_ahead_are_compared_and_the_running_city_is_untouched() -> Result<()> {
    let mut scene = scene("").await?;
    let data = scene.server.data.clone();
    let log = || EmbeddedStore::at(&data).history();
    let (_, live) = scene.server.health().await?;
    let recorded = log()?.records(0, Timestamp(i64::MAX), 100_000)?;
    let forked = scene.fork(3_600).await?;
    ensure!(forked.at == scene.before && forked.actual != forked.other);
    let mut actual = scene.enter(forked.actual).await?;
    let mut other = scene.enter(forked.other).await?;

    let report = computed(&mut other).await?;
    let of = |m: Measure| report.differences.iter().find(|d| d.measure == m).copied();
    let arrival = of(Measure::CaseArrivalS).context("arrivals")?;
    let (first, second) = (
        arrival.actual.context("it arrives")?,
        arrival.other.context("so does it")?,
    );
    ensure!(
        second > first + 30.0,
        "the far unit comes later: {arrival:?}"
    );
    ensure!(of(Measure::CaseHandledS).is_some_and(|d| d.other > d.actual));
    ensure!(
        report.differs_at == Some(scene.before),
        "{:?}",
        report.differs_at
    );
    ensure!(report.series.len() == 61 && report.series[0].open == (1, 1));
    let proposal = report.plan.first().context("a plan")?;
    ensure!(
        proposal.possible && proposal.why_not.is_empty(),
        "{proposal:?}"
    );
    ensure!(matches!(
        proposal.command,
        CommandRequest::DispatchUnit { unit, target: Target::Case(case), .. } if unit == scene.far && case == scene.case
    ));

    // One clock: what is asked of one is done in both.
    drive(&mut actual, TimeControl::Speed(600.0)).await?;
    for client in [&mut actual, &mut other] {
        let c = clock(client, |c| c.time >= forked.at.plus_seconds(1_000)).await?;
        ensure!(
            c.speed == 600.0 && c.playing && c.to == forked.at.plus_seconds(3_600),
            "{c:?}"
        );
    }
    drive(&mut other, TimeControl::Pause).await?;
    let (a, b) = (
        clock(&mut actual, |c| !c.playing).await?,
        clock(&mut other, |c| !c.playing).await?,
    );
    ensure!(a.time == b.time, "{a:?} {b:?}");

    // Back to half a minute after the fork, and to before it.
    let after = forked.at.plus_seconds(30);
    let (here, there) = (
        city_at(&mut actual, after).await?,
        city_at(&mut other, after).await?,
    );
    ensure!(
        here.cases[&scene.case].units == [scene.near],
        "{:?}",
        here.cases[&scene.case].units
    );
    ensure!(there.cases[&scene.case].units == [scene.far]);
    let earlier = forked.at.plus_seconds(-1);
    let (here, there) = (
        city_at(&mut actual, earlier).await?,
        city_at(&mut other, earlier).await?,
    );
    ensure!(here.cases == there.cases && here.cases[&scene.case].stage == Stage::Filed);
    ensure!(here.units == there.units);

    // Nothing of it is in the running city.
    nothing_but_noted_since(&data, live["seq"].as_u64().context("a seq")?)?;
    let still = log()?.records(0, Timestamp(i64::MAX), 100_000)?;
    ensure!(still.starts_with(&recorded));
    // The plan may be taken over: it is an ordinary command of the running city.
    match scene.officer.command(40, proposal.command.clone()).await? {
        ServerMessage::Accepted(_) => {}
        refused => bail!("{refused:?}"),
    }
    // And from then on the proposal says that it would be refused.
    let why = until(&mut other, |m| match m {
        ServerMessage::ForkReport(r) => r
            .plan
            .first()
            .filter(|p| !p.possible)
            .map(|p| p.why_not.clone()),
        _ => None,
    })
    .await?;
    ensure!(!why.is_empty());
    scene.server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_takes_no_commands_and_is_its_owners() -> Result<()> {
    let mut scene = scene("").await?;
    let forked = scene.fork(120).await?;
    let mut other = scene.enter(forked.other).await?;
    let id = chengtu_engine::ids::CommandId(5, 5);
    let command = CommandRequest::RecallUnit { unit: scene.near };
    other
        .say(&ClientMessage::CommandIn {
            world: forked.other,
            id,
            command,
        })
        .await?;
    let code = until(&mut other, |m| match m {
        ServerMessage::Rejected(r) if r.id == id => Some(r.code),
        _ => None,
    })
    .await?;
    ensure!(code == Code::Past);
    let mut stranger = Client::connect(scene.server.address, "operator:李").await?;
    let choice = WorldChoice::Join {
        world: forked.actual,
        seat: Seat::Viewer,
    };
    stranger.say(&ClientMessage::Enter { choice }).await?;
    let text = until(&mut stranger, |m| match m {
        ServerMessage::Notice { text, .. } => Some(text.clone()),
        _ => None,
    })
    .await?;
    ensure!(text.contains("private to 王莉"), "{text}");
    // A fork of a fork is refused in words.
    let again = ClientMessage::Fork {
        request: 1,
        at: forked.at,
        interventions: vec![],
        ahead_s: 60,
    };
    other.say(&again).await?;
    let text = until(&mut other, |m| match m {
        ServerMessage::Notice { text, .. } => Some(text.clone()),
        _ => None,
    })
    .await?;
    ensure!(text.contains("running city or of a replay"), "{text}");
    scene.server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_forked_is_refused_in_words() -> Result<()> {
    let mut scene = scene("[worlds]\nper_user_max = 2\n").await?;
    let (at, case, unit) = (scene.before, scene.case, scene.far);
    let sent = |case, unit| Intervention::Dispatch {
        at,
        case,
        unit,
        instead_of: None,
    };
    for (second, interventions, ahead_s, words) in [
        (
            at.plus_seconds(-3_600),
            vec![],
            600,
            "before the log's first record",
        ),
        (at.plus_seconds(3_600), vec![], 600, "in the future"),
        (at, vec![], 0, "outside 1"),
        (
            at,
            vec![sent(CaseId(999), unit)],
            600,
            "case 999 is not known",
        ),
        (
            at,
            vec![sent(case, UnitId(9_999))],
            600,
            "unit 9999 is not known",
        ),
        (
            at,
            vec![Intervention::CloseRoad {
                at,
                lon: 118.70,
                lat: 32.20,
                until: None,
            }],
            600,
            "no road within 150 m",
        ),
        (
            at,
            vec![Intervention::AddUnit {
                at,
                like: unit,
                lon: 121.0,
                lat: 31.0,
            }],
            600,
            "outside the city",
        ),
        (
            at,
            vec![Intervention::AddUnit {
                at: at.plus_seconds(-9),
                like: unit,
                lon: CASE.0,
                lat: CASE.1,
            }],
            600,
            "9 s before the second",
        ),
    ] {
        match scene.ask(second, interventions, ahead_s).await? {
            Ok(forked) => bail!("{words}: {forked:?}"),
            Err((code, text)) => {
                ensure!(code == Code::NoFork, "{code:?} {text}");
                ensure!(text.contains(words), "{text}");
            }
        }
    }
    let forked = scene.fork(60).await?;
    let _here = scene.enter(forked.actual).await?;
    let _there = scene.enter(forked.other).await?;
    let (code, text) = match scene.ask(at, vec![], 60).await? {
        Ok(forked) => bail!("{forked:?}"),
        Err(refused) => refused,
    };
    ensure!(code == Code::TooManyWorlds, "{code:?} {text}");
    scene.server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn up_to_the_fork_both_branches_are_the_log_byte_by_byte() -> Result<()> {
    let mut scene = scene("").await?;
    let forked = scene.fork(300).await?;
    let mut actual = scene.enter(forked.actual).await?;
    let mut other = scene.enter(forked.other).await?;
    computed(&mut actual).await?;
    let log = EmbeddedStore::at(&scene.server.data).history()?;
    let at = forked.at;
    let (player, _) = Player::new(log, at, 0.0, TimeBasis::Known)?;
    let moments = player
        .history()
        .moments(None, Timestamp(0), at, 1_000, false)?;
    ensure!(!moments.is_empty());
    for client in [&mut actual, &mut other] {
        let ask = ClientMessage::Moments {
            request: 4,
            of: None,
            from: Timestamp(0),
            to: at.plus_seconds(-1),
            limit: 1_000,
        };
        client.say(&ask).await?;
        let told = until(client, |m| match m {
            ServerMessage::Moments { moments, .. } => Some(moments.clone()),
            _ => None,
        })
        .await?;
        ensure!(told == moments, "the same past");
        let mirror = city_at(client, at.plus_seconds(-1)).await?;
        for case in player.state().cases().values() {
            ensure!(mirror.cases[&case.id].stage == case.stage);
        }
        for unit in player.state().units() {
            let task = unit.assignment.as_ref().map(|a| a.target);
            ensure!(!matches!(task, Some(AssignmentTarget::Case(_))));
        }
    }
    scene.server.stop().await
}
