//! A drill over real sockets: what each seat sees, what is refused, and that the running city never notices.

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::code::Code;
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::drill::{DirectorAct, DrillPhase, DrillView, GhostOf, Seat};
use chengtu_engine::ids::{CaseId, CommandId, UnitId};
use chengtu_engine::record::World;
use chengtu_engine::replay::TimeControl;
use chengtu_engine::stream::{ClientMessage, EntityChange, ServerMessage, WorldChoice, WorldInfo};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, encode_server};
use chengtu_tests::program::nanjing;
use chengtu_tests::support::{Client, Server, nothing_but_noted_since, send_unit};
use std::time::Duration;

/// Reads on until `pick` has something.
async fn until<T>(
    client: &mut Client,
    mut pick: impl FnMut(&ServerMessage) -> Option<T>,
) -> Result<T> {
    let read = async {
        for _ in 0..20_000 {
            let m = client.next().await?;
            if let Some(found) = pick(&m) {
                return Ok(found);
            }
        }
        bail!("not among 20000 messages")
    };
    tokio::time::timeout(Duration::from_mins(1), read)
        .await
        .context("nothing of the kind came in a minute")?
}

async fn entered(client: &mut Client) -> Result<WorldInfo> {
    until(client, |m| match m {
        ServerMessage::Entered(info) => Some(Ok((**info).clone())),
        ServerMessage::Notice { code, text } => Some(Err(anyhow::anyhow!("{code:?} {text}"))),
        _ => None,
    })
    .await?
}

async fn view(client: &mut Client, which: impl Fn(&DrillView) -> bool) -> Result<DrillView> {
    until(client, |m| match m {
        ServerMessage::Drill(v) if which(v) => Some((**v).clone()),
        _ => None,
    })
    .await
}

async fn start(director: &mut Client, scenario: &str) -> Result<WorldInfo> {
    let scenario = scenario.to_owned();
    director
        .say(&ClientMessage::StartDrill { scenario, at: None })
        .await?;
    entered(director).await
}

fn join(world: World, seat: Seat) -> ClientMessage {
    ClientMessage::Enter {
        choice: WorldChoice::Join { world, seat },
    }
}

fn direct(act: DirectorAct) -> ClientMessage {
    ClientMessage::Direct { act }
}

/// The last record of the running city.
async fn live(server: &Server) -> Result<u64> {
    let body = reqwest::get(server.http("/healthz")).await?.text().await?;
    let body: serde_json::Value = serde_json::from_str(&body)?;
    body["seq"].as_u64().context("a seq")
}

#[expect(
    clippy::too_many_lines,
    reason = "one scenario from its beginning to its end"
)]
#[tokio::test(flavor = "multi_thread")]
async fn a_team_is_drilled_and_never_sees_the_truth() -> Result<()> {
    let server = Server::start("").await?;
    let before = live(&server).await?;
    let mut director = Client::connect(server.address, "operator:总导演").await?;
    let mut desk = Client::connect(server.address, "operator:派遣员").await?;
    let mut wall = Client::connect(server.address, "viewer:大屏").await?;
    for c in [&mut director, &mut desk, &mut wall] {
        c.subscribe().await?;
    }
    director.say(&ClientMessage::Worlds).await?;
    let scenarios = until(&mut director, |m| match m {
        ServerMessage::Worlds { scenarios, .. } => Some(scenarios.clone()),
        _ => None,
    })
    .await?;
    let keys: Vec<&str> = scenarios.iter().map(|s| s.key.as_str()).collect();
    ensure!(keys == ["cloudburst", "marathon", "rush-hour"], "{keys:?}");
    ensure!(
        scenarios
            .iter()
            .all(|s| s.problem.is_empty() && s.injects > 0)
    );
    let info = start(&mut director, "cloudburst").await?;
    ensure!(info.seat == Seat::Director && matches!(info.world, World::Drill(_)));
    let first = view(&mut director, |_| true).await?;
    ensure!(first.phase == DrillPhase::Preparing && first.injects.len() == 11);

    desk.say(&join(info.world, Seat::Participant)).await?;
    ensure!(entered(&mut desk).await?.seat == Seat::Participant);
    wall.say(&join(info.world, Seat::Viewer)).await?;
    ensure!(entered(&mut wall).await?.seat == Seat::Viewer);
    // Nobody else may direct, and nobody but the director drives the clock.
    desk.say(&direct(DirectorAct::Start)).await?;
    desk.say(&ClientMessage::Time {
        control: TimeControl::Play,
    })
    .await?;
    for _ in 0..2 {
        let code = until(&mut desk, |m| match m {
            ServerMessage::Notice { code, .. } => Some(*code),
            _ => None,
        })
        .await?;
        ensure!(code == Code::NotYourClock, "{code:?}");
    }
    director.say(&direct(DirectorAct::Speed(600.0))).await?;
    director.say(&direct(DirectorAct::Start)).await?;
    // Who comes late is briefed like everybody.
    let mut late = Client::connect(server.address, "operator:迟到").await?;
    late.say(&join(info.world, Seat::Participant)).await?;
    let briefed = view(&mut late, |_| true).await?;
    ensure!(briefed.phase == DrillPhase::Running && briefed.brief == first.brief);
    ensure!(!briefed.brief.is_empty() && !briefed.brief_en.is_empty());

    // Words that only the director may know before the end.
    let text = std::fs::read_to_string(nanjing().join("drills/cloudburst.toml"))?;
    let file: toml::Table = toml::from_str(&text)?;
    let mut secrets: Vec<String> = Vec::new();
    for inject in file["injects"].as_array().context("injects")? {
        let truth = inject.get("truth").and_then(|t| t.as_table());
        for key in ["text", "text_en"] {
            secrets.extend(truth.and_then(|t| Some(t.get(key)?.as_str()?.to_owned())));
        }
        secrets.extend(inject["title_en"].as_str().map(str::to_owned));
        secrets.extend(inject["title"].as_str().map(str::to_owned));
    }
    ensure!(secrets.len() > 25, "{}", secrets.len());
    let (mut bytes, mut cases, mut ended) = (0, 0, false);
    let watch = async {
        while !ended {
            let m = desk.next().await?;
            if let ServerMessage::Drill(v) = &m {
                ended = v.phase == DrillPhase::Ended;
                ensure!(ended || v.score.is_none());
            }
            if let ServerMessage::Frame(f) = &m {
                cases += f.changes.len();
            }
            if !ended {
                let sent = encode_server(Encoding::Binary, &m);
                bytes += sent.len();
                for secret in &secrets {
                    let found = sent.windows(secret.len()).any(|w| w == secret.as_bytes());
                    ensure!(!found, "a participant was sent {secret:?} in {m:?}");
                }
            }
        }
        Ok(())
    };
    tokio::time::timeout(Duration::from_mins(2), watch).await??;
    ensure!(
        cases > 300 && bytes > 10_000,
        "{cases} changes, {bytes} bytes"
    );
    let last = view(&mut director, |v| v.phase == DrillPhase::Ended).await?;
    ensure!(last.score.is_some() && last.injects.iter().any(|i| !i.truth.is_empty()));
    let page = reqwest::get(server.http(&last.report)).await?;
    ensure!(page.status() == 200);
    let page = page.text().await?;
    ensure!(page.contains("暴雨内涝") && page.contains("派遣员") && page.contains("总导演"));
    ensure!(
        reqwest::get(server.http("/v1/drills/99/report"))
            .await?
            .status()
            == 404
    );
    // That people came and were refused something is noted; nothing else has happened in the running city.
    nothing_but_noted_since(&server.data, before)?;
    println!(
        "{bytes} bytes to a participant, {} secrets, none among them",
        secrets.len()
    );
    server.stop().await
}

/// A stream of chance that is the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn command(&mut self) -> CommandRequest {
        let unit = UnitId(self.below(120) as u32);
        let case = CaseId(self.below(40));
        match self.below(6) {
            0 => CommandRequest::DispatchUnit {
                unit,
                target: Target::Place(118.78, 32.045),
                expected_s: None,
            },
            1 => CommandRequest::DispatchUnit {
                unit,
                target: Target::Case(case),
                expected_s: None,
            },
            2 => CommandRequest::RecallUnit { unit },
            3 => CommandRequest::SetInService {
                unit,
                in_service: false,
            },
            4 => CommandRequest::VoidCase {
                case,
                reason: "x".into(),
            },
            _ => send_unit(unit.0),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_commands_to_the_wrong_world_are_refused() -> Result<()> {
    const TRIES: u64 = 10_000;
    let server = Server::start("").await?;
    let mut officer = Client::connect(server.address, "operator:王莉").await?;
    let mut director = Client::connect(server.address, "operator:总导演").await?;
    let mut desk = Client::connect(server.address, "operator:派遣员").await?;
    let world = start(&mut director, "rush-hour").await?.world;
    desk.say(&join(world, Seat::Participant)).await?;
    entered(&mut desk).await?;
    director.say(&direct(DirectorAct::Start)).await?;
    view(&mut director, |v| v.phase == DrillPhase::Running).await?;
    director.say(&direct(DirectorAct::Pause)).await?;
    let before = live(&server).await?;
    let mut dice = Dice(20_261_122);
    let mut codes = std::collections::BTreeMap::<Code, u64>::new();
    for batch in 0..TRIES / 100 {
        let (mut to_drill, mut to_live) = (Vec::new(), Vec::new());
        for n in 0..100 {
            let id = CommandId(batch * 100 + n, 31);
            let command = dice.command();
            if dice.below(2) == 0 {
                // From the running city, to the drill or to any other world.
                let wrong = match dice.below(4) {
                    0 => World::Fork(dice.below(9) as u32),
                    1 => World::Drill(dice.below(1_000) as u32 + 2),
                    _ => world,
                };
                officer
                    .say(&ClientMessage::CommandIn {
                        world: wrong,
                        id,
                        command,
                    })
                    .await?;
                to_drill.push(id);
            } else {
                // From the drill, to the running city: as it would be said there, or by name.
                desk.say(&match dice.below(2) {
                    0 => ClientMessage::Command { id, command },
                    _ => ClientMessage::CommandIn {
                        world: World::Live,
                        id,
                        command,
                    },
                })
                .await?;
                to_live.push(id);
            }
        }
        for (client, mut ids) in [(&mut officer, to_drill), (&mut desk, to_live)] {
            while !ids.is_empty() {
                let (id, code) = until(client, |m| match m {
                    ServerMessage::Rejected(r) => Some((r.id, r.code)),
                    ServerMessage::Accepted(a) => Some((a.id, Code::Other(0))),
                    _ => None,
                })
                .await?;
                *codes.entry(code).or_default() += 1;
                ids.retain(|other| *other != id);
            }
        }
    }
    let after = live(&server).await?;
    ensure!(
        codes == [(Code::OtherWorld, TRIES)].into(),
        "answers by code: {codes:?}"
    );
    ensure!(
        before == after,
        "the running city changed: {before:?} {after:?}"
    );
    println!("{TRIES} commands to another world: all refused with 403; live {after:?} as before");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_is_rewound_over_the_wire_and_its_ghost_drives_along() -> Result<()> {
    let server = Server::start("").await?;
    let mut director = Client::connect(server.address, "operator:总导演").await?;
    director.subscribe().await?;
    let info = start(&mut director, "rush-hour").await?;
    director.say(&direct(DirectorAct::Speed(600.0))).await?;
    director.say(&direct(DirectorAct::Start)).await?;
    let running = view(&mut director, |v| v.checkpoints.len() > 5).await?;
    let to = running.checkpoints[2];
    director.say(&direct(DirectorAct::Rewind { to })).await?;
    let back = view(&mut director, |v| v.attempt == 2).await?;
    ensure!(back.phase == DrillPhase::Paused && back.checkpoints.last() == Some(&to));
    let of = Some(GhostOf::Attempt(1));
    director.say(&ClientMessage::Ghost { of }).await?;
    let ghosts = until(&mut director, |m| match m {
        ServerMessage::Ghosts { units, .. } => Some(units.len()),
        _ => None,
    })
    .await?;
    ensure!(ghosts == 100, "{ghosts}");
    for of in [GhostOf::Attempt(9), GhostOf::Drill(77), GhostOf::Real] {
        director.say(&ClientMessage::Ghost { of: Some(of) }).await?;
        let code = until(&mut director, |m| match m {
            ServerMessage::Notice { code, .. } => Some(*code),
            _ => None,
        })
        .await?;
        ensure!(code == Code::NoPast, "{of:?}: {code:?}");
    }
    director.say(&direct(DirectorAct::End)).await?;
    let ended = view(&mut director, |v| !v.report.is_empty()).await?;
    record_is_replayed(&mut director, &ended, to).await?;
    for (scenario, word) in [("no-such", "no scenario"), ("../../secret", "no scenario")] {
        let scenario = scenario.to_owned();
        director
            .say(&ClientMessage::StartDrill { scenario, at: None })
            .await?;
        let told = until(&mut director, |m| match m {
            ServerMessage::Notice {
                code: Code::NoScenario,
                text,
            } => Some(text.clone()),
            _ => None,
        })
        .await?;
        ensure!(told.contains(word), "{told}");
    }
    ensure!(info.shared);
    server.stop().await
}

async fn refused(client: &mut Client, code: Code) -> Result<String> {
    until(client, |m| match m {
        ServerMessage::Notice { code: c, text } if *c == code => Some(text.clone()),
        _ => None,
    })
    .await
}

/// A drill's record is a replay of its own: its seconds, its past, and no other.
async fn record_is_replayed(client: &mut Client, drill: &DrillView, at: Timestamp) -> Result<()> {
    let number = drill.report.split('/').nth(3).context("a number")?;
    let number: u32 = number.parse()?;
    let record = |drill| ClientMessage::Enter {
        choice: WorldChoice::Record {
            drill,
            at,
            speed: 0.0,
        },
    };
    client.say(&record(number + 76)).await?;
    let told = refused(client, Code::NoPast).await?;
    ensure!(told.contains(&format!("it keeps {number}")), "{told}");
    client.say(&record(number)).await?;
    let info = entered(client).await?;
    ensure!(matches!(info.world, World::Replay(_)) && info.record_of == Some(number));
    ensure!(info.notice_en.contains("drill") && info.notice_en.contains("attempt 2"));
    let clock = info.clock.context("a clock")?;
    ensure!((clock.time, clock.playing) == (at, false), "{clock:?}");
    ensure!(clock.from <= drill.from && clock.to < drill.until);
    let units = until(client, |m| match m {
        ServerMessage::Snapshot { time, changes, .. } if *time == at => Some(
            changes
                .iter()
                .filter(|c| matches!(c, EntityChange::Unit(_)))
                .count(),
        ),
        _ => None,
    })
    .await?;
    ensure!(units == 100, "{units}");
    let (from, to) = (drill.from, drill.until);
    let ask = ClientMessage::Timeline {
        request: 9,
        from,
        to,
        bars: 10,
    };
    client.say(&ask).await?;
    let line = until(client, |m| match m {
        ServerMessage::Timeline(t) => Some((t.log_from, t.log_to)),
        _ => None,
    })
    .await?;
    ensure!(line == (clock.from, clock.to), "the drill's own past");
    let fork = ClientMessage::Fork {
        request: 1,
        at,
        interventions: Vec::new(),
        ahead_s: 60,
    };
    client.say(&fork).await?;
    refused(client, Code::NoFork).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_right_directs_nothing() -> Result<()> {
    let config = "[[users]]\nname = \"导\"\nrole = \"operator\"\ntoken = \"t1\"\n[[users]]\nname = \"员\"\nrole = \"operator\"\ntoken = \"t2\"\nmay_direct = false\n[[users]]\nname = \"看\"\nrole = \"viewer\"\ntoken = \"t3\"\n";
    let server = Server::start(config).await?;
    let mut director = Client::connect(server.address, "t1").await?;
    let mut desk = Client::connect(server.address, "t2").await?;
    let mut wall = Client::connect(server.address, "t3").await?;
    let scenario = || "marathon".to_owned();
    for (client, word) in [
        (&mut desk, "no right to direct"),
        (&mut wall, "no right to direct"),
    ] {
        client
            .say(&ClientMessage::StartDrill {
                scenario: scenario(),
                at: None,
            })
            .await?;
        let told = until(client, |m| match m {
            ServerMessage::Notice { text, .. } => Some(text.clone()),
            _ => None,
        })
        .await?;
        ensure!(told.contains(word), "{told}");
    }
    let world = start(&mut director, "marathon").await?.world;
    for (client, seat) in [(&mut desk, Seat::Director), (&mut wall, Seat::Participant)] {
        client.say(&join(world, seat)).await?;
        let refused = entered(client).await.expect_err("refused").to_string();
        ensure!(refused.starts_with("NotForRole"), "{refused}");
    }
    director.say(&direct(DirectorAct::End)).await?;
    let report = view(&mut director, |v| !v.report.is_empty()).await?.report;
    // "any:t1" as a browser sends it that has asked for a password. In an address a token is nothing.
    for (query, said, status) in [
        ("", "", 401),
        ("?token=t1", "", 401),
        ("", "Bearer t3", 403),
        ("", "Bearer t1", 200),
        ("", "Basic YW55OnQx", 200),
        ("", "Basic YW55OnQz", 403),
    ] {
        let url = server.http(&format!("{report}{query}"));
        let asked = reqwest::Client::new().get(url);
        let got = asked.header("Authorization", said).send().await?;
        ensure!(got.status() == status, "{query} {said}: {}", got.status());
        let asks = got.headers().contains_key("WWW-Authenticate");
        ensure!(asks == (status == 401), "a browser asks its user");
    }
    server.stop().await
}
