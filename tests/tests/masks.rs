//! What accounts are shown over real connections: masked cases, held tasks, unmasking with a purpose, the past, and other
//! ground.

use anyhow::{Context, Result, ensure};
use chengtu_engine::code::Code;
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::ids::{CaseId, CommandId, UnitId};
use chengtu_engine::replay::TimeBasis;
use chengtu_engine::stream::{
    Asked, CaseView, ClientMessage, EntityChange, Mirror, ServerMessage, Unmasked, WorldChoice,
};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::Subprotocol;
use chengtu_server::accounts::{Kind, NewAccount, Store, set_password};
use chengtu_server::config::AccountsConfig;
use chengtu_tests::support::{Client, Server, now, until};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const PASSWORD: &str = "tide lantern copper walnut";
const CHEAP: &str = "[accounts]\nargon2_memory_kib = 64\nargon2_passes = 1\n";
const HOME: (f64, f64) = (118.790_123_4, 32.050_432_1);

/// Makes a person; `place`: their department and areas.
fn person(data: &Path, name: &str, role: &str, (department, areas): (&str, &[&str])) -> Result<()> {
    let store = Store::open(data)?;
    let new = NewAccount {
        name: name.to_owned(),
        roles: vec![role.to_owned()],
        department: department.to_owned(),
        areas: areas.iter().map(|a| (*a).to_owned()).collect(),
        ..NewAccount::default()
    };
    let account = store.add(Kind::Person, new, "test", now())?;
    let config = AccountsConfig {
        argon2_memory_kib: 64,
        argon2_passes: 1,
        ..AccountsConfig::default()
    };
    Ok(set_password(
        &store,
        &config,
        &account,
        PASSWORD,
        ("test", now()),
    )?)
}

/// A connection of a person who looks at everything, and what they are shown.
struct Desk {
    client: Client,
    mirror: Mirror,
}

async fn desk(server: &Server, name: &str) -> Result<Desk> {
    let body = json!({"name": name, "password": PASSWORD, "client": "test"});
    let asked = reqwest::Client::new()
        .post(server.http("/v1/login"))
        .json(&body);
    let answer: Value = asked.send().await?.json().await?;
    let token = answer["token"].as_str().context("a token")?;
    let newest = Subprotocol::BINARY_1_6;
    let mut client = Client::connect_as(newest, server.address, token, None).await?;
    client.subscribe().await?;
    let mut mirror = Mirror::new();
    mirror.apply(&ServerMessage::Hello(Box::new(client.hello.clone())))?;
    let mut desk = Desk { client, mirror };
    desk.until(Mirror::is_ready).await?;
    Ok(desk)
}

impl Desk {
    /// Follows until what is shown is as asked.
    async fn until(&mut self, is: impl Fn(&Mirror) -> bool) -> Result<()> {
        let mirror = &mut self.mirror;
        if is(mirror) {
            return Ok(());
        }
        until(&mut self.client, |m| {
            mirror.apply(m).ok();
            is(mirror).then_some(())
        })
        .await
    }

    /// Gives a command, and follows until it is accepted; the case that it made.
    async fn does(&mut self, id: u64, command: CommandRequest) -> Result<Option<CaseId>> {
        let id = CommandId(id, 7);
        let given = ClientMessage::Command { id, command };
        self.client.say(&given).await?;
        let mirror = &mut self.mirror;
        let answer = until(&mut self.client, |m| {
            mirror.apply(m).ok();
            match m {
                ServerMessage::Accepted(a) if a.id == id => Some(Ok(a.case)),
                ServerMessage::Refused(r) if r.asked == Asked::Command(id) => {
                    Some(Err(format!("{r:?}")))
                }
                _ => None,
            }
        });
        answer.await?.map_err(anyhow::Error::msg)
    }

    fn case(&self, case: CaseId) -> Result<&CaseView> {
        self.mirror.cases.get(&case).context("the case is shown")
    }

    fn is_at_home(&self, case: CaseId) -> Result<bool> {
        let c = self.case(case)?;
        Ok((c.lon - HOME.0).abs() < 1e-7 && (c.lat - HOME.1).abs() < 1e-7)
    }
}

/// A case at somebody's home, who is named.
async fn reported(desk: &mut Desk) -> Result<CaseId> {
    let report = CommandRequest::ReportCase {
        class: chengtu_engine::ids::ClassId(0),
        severity: None,
        lon: HOME.0,
        lat: HOME.1,
        address: "平安里 7 栋 301".to_owned(),
        note: "王小明来电 13812342071，门口井盖缺失".to_owned(),
    };
    let case = desk.does(1, report).await?.context("a case")?;
    let name = CommandRequest::NameReporter {
        case,
        name: "王小明".to_owned(),
        telephone: "138 1234 2071".to_owned(),
    };
    desk.does(2, name).await?;
    desk.until(|m| m.persons.contains_key(&case)).await?;
    Ok(case)
}

fn send(unit: UnitId, case: CaseId) -> CommandRequest {
    CommandRequest::DispatchUnit {
        unit,
        target: Target::Case(case),
        expected_s: None,
    }
}

/// The key of the department of unit 0.
fn department(desk: &Desk) -> Result<String> {
    let unit = desk.mirror.units.get(&UnitId(0)).context("a unit")?;
    let all = &desk.client.hello.city.departments;
    Ok(all[usize::from(unit.department.0)].key.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_shows_its_holder_all_of_the_case_and_no_longer_than_it_is_theirs() -> Result<()> {
    let dir = tempfile::tempdir()?;
    person(dir.path(), "intake", "intake", ("", &[]))?;
    person(dir.path(), "sender", "dispatcher", ("", &[]))?;
    let server = Server::on(dir.path(), CHEAP).await?;
    let mut intake = desk(&server, "intake").await?;
    let key = department(&intake)?;
    person(dir.path(), "crew", "department", (&key, &[]))?;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let mut sender = desk(&server, "sender").await?;
    let mut crew = desk(&server, "crew").await?;
    ensure!(!crew.mirror.units.is_empty(), "its own units");
    ensure!(
        crew.mirror.units.len() < sender.mirror.units.len(),
        "and no others"
    );

    let case = reported(&mut intake).await?;
    ensure!(intake.is_at_home(case)? && intake.mirror.persons[&case].name == "王小明");
    sender.until(|m| m.persons.contains_key(&case)).await?;
    let shown = &sender.mirror.persons[&case];
    ensure!(
        (shown.name.as_str(), shown.telephone.as_str(), shown.masked)
            == ("王**", "138****2071", true)
    );
    ensure!(!sender.is_at_home(case)?, "the cell, not the point");
    let seen = sender.case(case)?.clone();
    ensure!(
        seen.note == "王**来电 138****2071，门口井盖缺失" && seen.address.is_empty(),
        "{seen:?}"
    );
    ensure!(!crew.mirror.cases.contains_key(&case));

    sender.does(3, send(UnitId(0), case)).await?;
    crew.until(|m| m.persons.contains_key(&case)).await?;
    ensure!(crew.is_at_home(case)? && crew.mirror.persons[&case].telephone == "138 1234 2071");
    let recall = CommandRequest::RecallUnit { unit: UnitId(0) };
    sender.does(4, recall).await?;
    crew.until(|m| !m.cases.contains_key(&case)).await?;
    ensure!(crew.mirror.persons.is_empty() && crew.mirror.histories.is_empty());

    // Whoever has the right asks with a purpose, and who looked is known.
    let unmask = CommandRequest::Unmask {
        case,
        purpose: "回访".to_owned(),
    };
    sender.does(5, unmask).await?;
    let clear: Box<Unmasked> = until(&mut sender.client, |m| match m {
        ServerMessage::Unmasked(u) => Some(u.clone()),
        _ => None,
    })
    .await?;
    ensure!(
        (clear.lon - HOME.0).abs() < 1e-7 && clear.person.name == "王小明",
        "{clear:?}"
    );
    person(dir.path(), "lead", "shift_lead", ("", &[]))?;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let mut lead = desk(&server, "lead").await?;
    lead.client
        .say(&ClientMessage::WhoSaw { request: 9, case })
        .await?;
    let looks = until(&mut lead.client, |m| match m {
        ServerMessage::Saw { looks, .. } => Some(looks.clone()),
        _ => None,
    })
    .await?;
    ensure!(looks.len() == 1 && looks[0].purpose == "回访", "{looks:?}");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn replays_show_what_the_running_city_shows_and_nothing_that_counts_the_rest() -> Result<()> {
    let dir = tempfile::tempdir()?;
    person(dir.path(), "intake", "intake", ("", &[]))?;
    person(dir.path(), "sender", "dispatcher", ("", &[]))?;
    person(dir.path(), "far", "dispatcher", ("", &["990101"]))?;
    let server = Server::on(dir.path(), CHEAP).await?;
    let mut intake = desk(&server, "intake").await?;
    let case = reported(&mut intake).await?;
    let mut sender = desk(&server, "sender").await?;
    let mut far = desk(&server, "far").await?;
    ensure!(
        far.mirror.cases.is_empty() && far.mirror.units.is_empty() && far.mirror.sensors.is_empty()
    );
    let refused = far.client.command(6, send(UnitId(0), case)).await?;
    ensure!(
        matches!(&refused, ServerMessage::Refused(r) if r.code == Code::NoSuchUnit),
        "{refused:?}"
    );
    let rank = ClientMessage::RankUnits { request: 7, case };
    far.client.say(&rank).await?;
    let code = refusal(&mut far.client, 7).await?;
    ensure!(code == Code::NoAnswer, "{code:?}");

    let second = intake.mirror.time;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    for (desk, seen) in [(&mut sender, true), (&mut far, false)] {
        replay(desk, second).await?;
        ensure!(desk.mirror.cases.contains_key(&case) == seen);
        if seen {
            ensure!(!desk.is_at_home(case)? && desk.mirror.persons[&case].name == "王**");
        }
    }
    let line = |request| ClientMessage::Timeline {
        request,
        from: Timestamp(0),
        to: Timestamp(i64::MAX / 4),
        bars: 10,
    };
    far.client.say(&line(8)).await?;
    ensure!(refusal(&mut far.client, 8).await? == Code::NotForRole);
    sender.client.say(&line(8)).await?;
    until(&mut sender.client, |m| {
        matches!(m, ServerMessage::Timeline(_)).then_some(())
    })
    .await?;
    let join = ClientMessage::Ask {
        request: 10,
        message: Box::new(ClientMessage::StartDrill {
            scenario: "rush-hour".to_owned(),
            at: None,
        }),
    };
    far.client.say(&join).await?;
    ensure!(refusal(&mut far.client, 10).await? == Code::NotForRole);
    server.stop().await
}

async fn refusal(client: &mut Client, request: u32) -> Result<Code> {
    until(client, |m| match m {
        ServerMessage::Refused(r) if r.asked == Asked::Request(request) => Some(r.code),
        _ => None,
    })
    .await
}

/// Goes to a second of the past and follows until it is shown.
async fn replay(desk: &mut Desk, at: Timestamp) -> Result<()> {
    let choice = WorldChoice::Replay {
        at,
        speed: 0.0,
        basis: TimeBasis::Known,
        shared: false,
        title: String::new(),
    };
    desk.client.say(&ClientMessage::Enter { choice }).await?;
    let mirror = &mut desk.mirror;
    until(&mut desk.client, |m| {
        mirror.apply(m).ok();
        matches!(m, ServerMessage::Entered(_)).then_some(())
    })
    .await?;
    until(&mut desk.client, |m| {
        mirror.apply(m).ok();
        let whole = match m {
            ServerMessage::Snapshot { changes, .. } => changes.iter(),
            _ => return None,
        };
        let _ = whole.filter(|c| matches!(c, EntityChange::Case(_))).count();
        Some(())
    })
    .await
}
