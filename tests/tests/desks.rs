//! Desks over real sockets: two of one name are told apart, and each is told which cases the others of its world have
//! open. Who may not act is neither told nor told of.

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::code::RefusalData;
use chengtu_engine::command::{Basis, CommandRequest, Target};
use chengtu_engine::drill::{DirectorAct, DrillPhase, Seat};
use chengtu_engine::ids::{CaseId, CommandId, UnitId};
use chengtu_engine::model::{Actor, HistoryKind};
use chengtu_engine::record::World;
use chengtu_engine::replay::TimeBasis;
use chengtu_engine::stream::{
    ClientMessage, DESKS_MAX, Mirror, OpenCase, ServerMessage, WorldChoice,
};
use chengtu_protocol::Subprotocol;
use chengtu_tests::support::{Client, Server, now, report, until};
use std::time::{Duration, Instant};

async fn client(server: &Server, token: &str) -> Result<Client> {
    let newest = Subprotocol::BINARY_1_3;
    let mut client = Client::connect_as(newest, server.address, token, None).await?;
    client.subscribe().await?;
    Ok(client)
}

async fn case(client: &mut Client, id: u64) -> Result<CaseId> {
    match client.command(id, report("积水")).await? {
        ServerMessage::Accepted(a) => a.case.context("a case"),
        other => bail!("{other:?}"),
    }
}

async fn open(client: &mut Client, world: World, case: impl Into<Option<CaseId>>) -> Result<()> {
    let case = case.into();
    client.say(&ClientMessage::Open { world, case }).await
}

/// The next list of desks that is so.
async fn desks(client: &mut Client, which: impl Fn(&[OpenCase]) -> bool) -> Result<Vec<OpenCase>> {
    until(client, |m| match m {
        ServerMessage::Desks { list, .. } if which(list) => Some(list.clone()),
        _ => None,
    })
    .await
}

/// Reads on for a while and counts the lists of desks that come.
async fn lists_within(client: &mut Client, ms: u64) -> Result<usize> {
    let until = Instant::now() + Duration::from_millis(ms);
    let mut lists = 0;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match tokio::time::timeout(left, client.next()).await {
            Ok(m) => lists += usize::from(matches!(m?, ServerMessage::Desks { .. })),
            Err(_) => return Ok(lists),
        }
    }
}

fn send(unit: u32, case: CaseId) -> CommandRequest {
    CommandRequest::DispatchUnit {
        unit: UnitId(unit),
        target: Target::Case(case),
        expected_s: None,
    }
}

/// Who did what in a case, as a desk sees it once something of it was done.
async fn done(
    client: &mut Client,
    case: CaseId,
    what: impl Fn(&HistoryKind) -> bool,
) -> Result<Actor> {
    let mut mirror = Mirror::new();
    until(client, |m| {
        mirror.apply(m).ok()?;
        let history = mirror.histories.get(&case)?;
        let entry = history.entries.iter().find(|e| what(&e.what))?;
        Some(entry.by.clone())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_desks_of_one_name_are_told_apart_in_the_log_and_in_refusals() -> Result<()> {
    let data = tempfile::tempdir()?;
    let server = Server::on(data.path(), "").await?;
    let mut first = client(&server, "operator:周岚").await?;
    let mut second = client(&server, "operator:周岚").await?;
    ensure!(first.hello.user == "周岚", "{}", first.hello.user);
    ensure!(second.hello.user == "周岚 #2", "{}", second.hello.user);
    let [flood, other] = [case(&mut first, 1).await?, case(&mut first, 2).await?];
    let sent = second.command(3, send(0, flood)).await?;
    ensure!(matches!(sent, ServerMessage::Accepted(_)), "{sent:?}");
    first.say(&ClientMessage::Resync).await?;
    let sending = |k: &HistoryKind| matches!(k, HistoryKind::Dispatched(_));
    let by = done(&mut first, flood, sending).await?;
    ensure!(by == Actor::Operator("周岚 #2".to_owned()), "{by:?}");
    let refused = first.command(4, send(0, other)).await?;
    let ServerMessage::Refused(refused) = refused else {
        bail!("{refused:?}")
    };
    ensure!(
        matches!(&refused.data, RefusalData::Taken { by, .. } if by == "周岚 #2"),
        "{refused:?}"
    );
    // Its number is given again when it has gone, and not before.
    let third = client(&server, "operator:周岚").await?;
    ensure!(third.hello.user == "周岚 #3", "{}", third.hello.user);
    drop(second);
    let again = async {
        loop {
            let back = client(&server, "operator:周岚").await?;
            if back.hello.user == "周岚 #2" {
                return Ok::<_, anyhow::Error>(back);
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), again).await??;
    drop((first, third));
    server.stop().await?;
    // What was done stays signed as it was.
    let server = Server::on(data.path(), "").await?;
    let mut reader = client(&server, "viewer:档案").await?;
    ensure!(reader.hello.user == "档案");
    let by = done(&mut reader, flood, sending).await?;
    ensure!(by == Actor::Operator("周岚 #2".to_owned()), "{by:?}");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_case_is_told_to_the_desks_of_its_world_and_to_nobody_else() -> Result<()> {
    let server = Server::start("").await?;
    let mut zhou = client(&server, "operator:周岚").await?;
    let mut chen = client(&server, "operator:陈默").await?;
    let mut wall = client(&server, "viewer:大屏").await?;
    let version = Subprotocol::BINARY_1_2;
    let mut older = Client::connect_as(version, server.address, "operator:王莉", None).await?;
    older.subscribe().await?;
    let flood = case(&mut zhou, 1).await?;
    let before = now();
    open(&mut zhou, World::Live, flood).await?;
    open(&mut wall, World::Live, flood).await?;
    let told = desks(&mut chen, |l| !l.is_empty()).await?;
    ensure!(told.len() == 1, "{told:?}");
    ensure!((&*told[0].by, told[0].case) == ("周岚", flood), "{told:?}");
    ensure!(told[0].since.seconds_since(before).abs() < 5.0, "{told:?}");
    // Both on one case, the newest first; since when stays.
    open(&mut chen, World::Live, flood).await?;
    let both = desks(&mut zhou, |l| l.len() == 2).await?;
    ensure!(both[0].by == "陈默" && both[1] == told[0], "{both:?}");
    // No such case, and a case of another world: neither is open here.
    open(&mut zhou, World::Live, CaseId(999_999)).await?;
    desks(&mut chen, |l| l.len() == 1 && l[0].by == "陈默").await?;
    open(&mut zhou, World::Drill(9), flood).await?;
    ensure!(lists_within(&mut chen, 1_200).await? == 0);
    open(&mut chen, World::Live, None).await?;
    desks(&mut zhou, <[_]>::is_empty).await?;
    for client in [&mut wall, &mut older] {
        ensure!(lists_within(client, 300).await? == 0, "it is not told");
    }
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_a_world_or_the_server_has_no_case_open_there() -> Result<()> {
    let server = Server::start("").await?;
    let mut zhou = client(&server, "operator:周岚").await?;
    let mut chen = client(&server, "operator:陈默").await?;
    let flood = case(&mut zhou, 1).await?;
    open(&mut zhou, World::Live, flood).await?;
    desks(&mut chen, |l| l.len() == 1).await?;
    let choice = WorldChoice::Replay {
        at: now(),
        speed: 0.0,
        basis: TimeBasis::Known,
        shared: false,
        title: String::new(),
    };
    zhou.say(&ClientMessage::Enter { choice }).await?;
    let replay = until(&mut zhou, |m| match m {
        ServerMessage::Entered(info) => Some(info.world),
        _ => None,
    })
    .await?;
    desks(&mut chen, <[_]>::is_empty).await?;
    // Nobody acts in a replay: nothing is told there or from there.
    open(&mut zhou, replay, flood).await?;
    open(&mut zhou, World::Live, flood).await?;
    ensure!(lists_within(&mut zhou, 700).await? == 0);
    ensure!(lists_within(&mut chen, 700).await? == 0);
    let choice = WorldChoice::Live;
    zhou.say(&ClientMessage::Enter { choice }).await?;
    ensure!(
        lists_within(&mut chen, 1_200).await? == 0,
        "until it is said again"
    );
    open(&mut zhou, World::Live, flood).await?;
    desks(&mut chen, |l| l.len() == 1).await?;
    drop(zhou);
    desks(&mut chen, <[_]>::is_empty).await?;
    // Back again: told at once of what is open, and its own case is open only when it says so.
    open(&mut chen, World::Live, flood).await?;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let mut zhou = client(&server, "operator:周岚").await?;
    let told = desks(&mut zhou, |_| true).await?;
    ensure!(told.len() == 1 && told[0].by == "陈默", "{told:?}");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn desks_of_a_drill_are_told_of_each_other_and_not_of_the_city() -> Result<()> {
    let server = Server::start("").await?;
    let mut director = client(&server, "operator:周岚").await?;
    let mut team = client(&server, "operator:周岚").await?;
    let mut city = client(&server, "operator:陈默").await?;
    let scenario = "rush-hour".to_owned();
    let start = ClientMessage::StartDrill { scenario, at: None };
    director.say(&start).await?;
    let entered = |m: &ServerMessage| match m {
        ServerMessage::Entered(info) => Some(info.world),
        _ => None,
    };
    let world = until(&mut director, entered).await?;
    let seat = Seat::Participant;
    let choice = WorldChoice::Join { world, seat };
    team.say(&ClientMessage::Enter { choice }).await?;
    until(&mut team, entered).await?;
    let act = DirectorAct::Start;
    director.say(&ClientMessage::Direct { act }).await?;
    // What two desks send is taken in no order of theirs.
    let runs = |m: &ServerMessage| match m {
        ServerMessage::Drill(view) if view.phase == DrillPhase::Running => Some(()),
        _ => None,
    };
    until(&mut team, runs).await?;
    let id = CommandId(1, 2);
    let (command, basis) = (report("积水"), Basis::default());
    let act = ClientMessage::Act {
        world,
        id,
        command,
        basis,
    };
    team.say(&act).await?;
    let flood = until(&mut team, |m| match m {
        ServerMessage::Accepted(a) if a.id == id => a.case,
        ServerMessage::Refused(r) => panic!("{r:?}"),
        _ => None,
    })
    .await?;
    open(&mut team, world, flood).await?;
    let told = desks(&mut director, |l| !l.is_empty()).await?;
    ensure!(
        (&*told[0].by, told[0].case) == ("周岚 #2", flood),
        "{told:?}"
    );
    ensure!(lists_within(&mut city, 700).await? == 0);
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_openings_in_a_burst_are_a_few_lists_and_hold_nobody_up() -> Result<()> {
    let server = Server::start("").await?;
    let mut wild = client(&server, "operator:周岚").await?;
    let mut chen = client(&server, "operator:陈默").await?;
    let cases = [case(&mut chen, 1).await?, case(&mut chen, 2).await?];
    let began = Instant::now();
    for n in 0..10_000_usize {
        // Every other case does not exist.
        let case = if n % 2 == 0 {
            cases[0]
        } else {
            CaseId(n as u64 + 9)
        };
        open(&mut wild, World::Live, case).await?;
    }
    open(&mut wild, World::Live, cases[1]).await?;
    let asked = Instant::now();
    let sent = chen.command(3, send(0, cases[0])).await?;
    ensure!(matches!(sent, ServerMessage::Accepted(_)), "{sent:?}");
    ensure!(
        asked.elapsed() < Duration::from_secs(2),
        "{:?}",
        asked.elapsed()
    );
    let mut lists = 0;
    until(&mut chen, |m| match m {
        ServerMessage::Desks { list, .. } => {
            lists += 1;
            (list.len() == 1 && list[0].case == cases[1]).then_some(())
        }
        _ => None,
    })
    .await?;
    lists += lists_within(&mut chen, 1_200).await?;
    let most = began.elapsed().as_millis() as usize / 500 + 1;
    ensure!(lists <= most, "{lists} lists, at most {most}");
    // Nor is it closed for what it said.
    wild.say(&ClientMessage::Ping { nonce: 5 }).await?;
    until(&mut wild, |m| {
        matches!(m, ServerMessage::Pong { nonce: 5, .. }).then_some(())
    })
    .await?;
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_desks_the_latest_are_told_and_the_rest_counted() -> Result<()> {
    let server = Server::start("").await?;
    let mut chen = client(&server, "operator:陈默").await?;
    let flood = case(&mut chen, 1).await?;
    let mut many = Vec::new();
    for _ in 0..DESKS_MAX + 6 {
        let token = "operator:值班员";
        let version = Subprotocol::BINARY_1_3;
        let mut desk = Client::connect_as(version, server.address, token, None).await?;
        open(&mut desk, World::Live, flood).await?;
        many.push(desk);
    }
    let told = until(&mut chen, |m| match m {
        ServerMessage::Desks { list, more: 6 } => Some(list.clone()),
        _ => None,
    })
    .await?;
    ensure!(told.len() == DESKS_MAX);
    let mut names: Vec<_> = told.iter().map(|o| o.by.clone()).collect();
    names.sort();
    names.dedup();
    ensure!(names.len() == DESKS_MAX, "no two of one name: {names:?}");
    server.stop().await
}
