//! Two desks over real sockets: an act is done to what was seen, or is refused with who changed it; older clients are
//! answered as ever.

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::code::{Change, Code, RefusalData};
use chengtu_engine::command::{AGE_MAX_MS, Basis, CommandRequest, Seen, Target};
use chengtu_engine::ids::{CaseId, CommandId, UnitId};
use chengtu_engine::model::{Actor, HistoryKind, Stage};
use chengtu_engine::record::World;
use chengtu_engine::stream::{ClientMessage, EntityChange, Mirror, Refused, ServerMessage};
use chengtu_protocol::Subprotocol;
use chengtu_tests::support::{Client, Server, report, until};
use std::sync::atomic::{AtomicU64, Ordering};

/// Desks so far: two of them never give their commands the same ids.
static DESKS: AtomicU64 = AtomicU64::new(0);

/// A desk with what it sees.
struct Desk {
    number: u64,
    client: Client,
    mirror: Mirror,
    acts: u64,
}

impl Desk {
    async fn at(server: &Server, name: &str) -> Result<Self> {
        let token = format!("operator:{name}");
        let newest = Subprotocol::BINARY_1_2;
        let mut client = Client::connect_as(newest, server.address, &token, None).await?;
        client.subscribe().await?;
        Ok(Self {
            number: DESKS.fetch_add(1, Ordering::Relaxed),
            client,
            mirror: Mirror::new(),
            acts: 0,
        })
    }

    /// Reads on until the picture is so.
    async fn sees(&mut self, what: impl Fn(&Mirror) -> bool) -> Result<()> {
        if what(&self.mirror) {
            return Ok(());
        }
        let mirror = &mut self.mirror;
        until(&mut self.client, |m| {
            mirror.apply(m).ok()?;
            what(mirror).then_some(())
        })
        .await
    }

    /// A case as this desk sees it.
    fn seen(&self, case: CaseId) -> Result<Seen> {
        let history = self.mirror.histories.get(&case).context("its history")?;
        let revision = history.revision;
        Ok(Seen::Case { case, revision })
    }

    /// Gives a command upon what was seen, and waits for its answer; what comes in between is not looked at.
    async fn act(&mut self, command: CommandRequest, seen: Seen) -> Result<Result<u64, Refused>> {
        self.acts += 1;
        let id = CommandId(self.acts, self.number);
        self.act_as(id, command, seen, 0).await
    }

    async fn act_as(
        &mut self,
        id: CommandId,
        command: CommandRequest,
        seen: Seen,
        age_ms: u32,
    ) -> Result<Result<u64, Refused>> {
        let basis = Basis {
            seen: vec![seen],
            age_ms,
        };
        let world = World::Live;
        let act = ClientMessage::Act {
            world,
            id,
            command,
            basis,
        };
        self.client.say(&act).await?;
        let mirror = &mut self.mirror;
        until(&mut self.client, |m| {
            let _ = mirror.apply(m);
            match m {
                ServerMessage::Accepted(a) if a.id == id => Some(Ok(a.seq)),
                ServerMessage::Refused(r) => Some(Err(r.clone())),
                _ => None,
            }
        })
        .await
    }
}

fn send(unit: u32, case: CaseId) -> CommandRequest {
    CommandRequest::DispatchUnit {
        unit: UnitId(unit),
        target: Target::Case(case),
        expected_s: None,
    }
}

async fn case(client: &mut Client, id: u64) -> Result<CaseId> {
    match client.command(id, report("积水")).await? {
        ServerMessage::Accepted(a) => a.case.context("a case"),
        other => bail!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_desks_the_second_acts_upon_what_it_saw_or_not_at_all() -> Result<()> {
    let server = Server::start("").await?;
    let mut reporter = Client::connect(server.address, "operator:热线").await?;
    let flood = case(&mut reporter, 1).await?;
    let (mut zhou, mut chen) = (
        Desk::at(&server, "周岚").await?,
        Desk::at(&server, "陈默").await?,
    );
    zhou.sees(|m| m.histories.contains_key(&flood)).await?;
    chen.sees(|m| m.histories.contains_key(&flood)).await?;
    let (by_zhou, by_chen) = (zhou.seen(flood)?, chen.seen(flood)?);
    ensure!(by_zhou == by_chen);
    ensure!(zhou.act(send(0, flood), by_zhou).await?.is_ok());
    let void = || CommandRequest::VoidCase {
        case: flood,
        reason: "误报".to_owned(),
    };
    let refused = chen
        .act(void(), by_chen)
        .await?
        .expect_err("it has changed");
    ensure!(refused.code == Code::Changed, "{refused:?}");
    let RefusalData::Changed(changed) = &refused.data else {
        bail!("{refused:?}")
    };
    ensure!(
        changed.by == Actor::Operator("周岚".to_owned()),
        "{changed:?}"
    );
    ensure!(changed.what == Change::Case(HistoryKind::Dispatched(UnitId(0))));
    // The unit that is gone says by whom it was taken, for what.
    let other = case(&mut reporter, 2).await?;
    chen.sees(|m| m.histories.contains_key(&other)).await?;
    let seen = chen.seen(other)?;
    let refused = chen.act(send(0, other), seen).await?.expect_err("taken");
    ensure!(
        matches!(&refused.data, RefusalData::Taken { by, case, .. } if by == "周岚" && *case == Some(flood)),
        "{refused:?}"
    );
    // What is seen now is acted upon; and taken back.
    chen.sees(|m| m.cases[&flood].stage == Stage::Dispatched)
        .await?;
    let seen = chen.seen(flood)?;
    ensure!(chen.act(void(), seen).await?.is_ok());
    chen.sees(|m| m.cases[&flood].stage == Stage::Void).await?;
    let (seen, restore) = (
        chen.seen(flood)?,
        CommandRequest::RestoreCase { case: flood },
    );
    ensure!(chen.act(restore, seen).await?.is_ok());
    chen.sees(|m| m.cases[&flood].stage == Stage::Filed).await?;
    let told = &chen.mirror.histories[&flood].entries;
    let told: Vec<&HistoryKind> = told.iter().map(|e| &e.what).collect();
    let reason = "误报".to_owned();
    let unit = UnitId(0);
    let expected = [
        &HistoryKind::Reported,
        &HistoryKind::Filed,
        &HistoryKind::Dispatched(unit),
        &HistoryKind::Recalled(unit),
        &HistoryKind::Voided { reason },
        &HistoryKind::Restored,
    ];
    ensure!(told == expected, "{told:?}");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_act_is_answered_again_and_an_old_one_is_not_done() -> Result<()> {
    let server = Server::start("").await?;
    let mut reporter = Client::connect(server.address, "operator:热线").await?;
    let flood = case(&mut reporter, 1).await?;
    let mut desk = Desk::at(&server, "周岚").await?;
    desk.sees(|m| m.histories.contains_key(&flood)).await?;
    let seen = desk.seen(flood)?;
    let id = CommandId(77, 78);
    let first = desk.act_as(id, send(0, flood), seen, 0).await?;
    ensure!(first.is_ok(), "{first:?}");
    // The answer was lost, the line was down for an hour: what was done is answered as before.
    let again = desk.act_as(id, send(0, flood), seen, 3_600_000).await?;
    ensure!(again == first, "{again:?}");
    desk.sees(|m| m.cases[&flood].stage == Stage::Dispatched)
        .await?;
    let (seen, late) = (desk.seen(flood)?, AGE_MAX_MS + 1);
    let refused = desk
        .act_as(CommandId(77, 79), send(1, flood), seen, late)
        .await?;
    let refused = refused.expect_err("it is too old");
    ensure!(refused.code == Code::Expired, "{refused:?}");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_before_see_no_histories_and_are_refused_as_ever() -> Result<()> {
    let server = Server::start("").await?;
    let mut zhou = Client::connect(server.address, "operator:周岚").await?;
    let flood = case(&mut zhou, 1).await?;
    let token = "operator:陈默";
    for older in [Subprotocol::BINARY_1_0, Subprotocol::BINARY_1_1] {
        let mut chen = Client::connect_as(older, server.address, token, None).await?;
        chen.subscribe().await?;
        // Every change of a snapshot and of the frames after it.
        let changes = |m: &ServerMessage| match m {
            ServerMessage::Snapshot { changes, .. } => changes.clone(),
            ServerMessage::Frame(f) => f.changes.clone(),
            _ => Vec::new(),
        };
        let is_history = |c: &EntityChange| matches!(c, EntityChange::History { .. });
        let unit = u32::from(older.minor);
        let id = CommandId(u64::from(unit), 5);
        until(&mut chen, |m| (!changes(m).is_empty()).then_some(())).await?;
        zhou.command(10 + u64::from(unit), send(unit, flood))
            .await?;
        let command = send(unit, flood);
        let moved = until(&mut chen, |m| {
            let all = changes(m);
            assert!(!all.iter().any(is_history), "{all:?}");
            all.iter()
                .any(|c| matches!(c, EntityChange::Case(c) if c.units.contains(&UnitId(unit))))
                .then_some(())
        });
        moved.await?;
        chen.say(&ClientMessage::Command { id, command }).await?;
        let refused = until(&mut chen, |m| match m {
            ServerMessage::Rejected(r) => Some((r.code, RefusalData::None)),
            ServerMessage::Refused(r) => Some((r.code, r.data.clone())),
            _ => None,
        })
        .await?;
        ensure!(refused.0 == Code::AlreadyOnCase, "{refused:?}");
        let other = case(&mut zhou, 20 + u64::from(unit)).await?;
        let (id, command) = (CommandId(u64::from(unit), 6), send(unit, other));
        chen.say(&ClientMessage::Command { id, command }).await?;
        let refused = until(&mut chen, |m| match m {
            ServerMessage::Rejected(r) => Some((r.code, RefusalData::None)),
            ServerMessage::Refused(r) => Some((r.code, r.data.clone())),
            _ => None,
        })
        .await?;
        let expected = match older.minor {
            0 => RefusalData::None,
            _ => RefusalData::TakenBy("周岚".to_owned()),
        };
        ensure!(refused == (Code::UnitNotAvailable, expected), "{refused:?}");
    }
    server.stop().await
}
