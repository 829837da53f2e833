//! Worlds: into a replay and back, whose clock it is, what is refused and in which words, and how worlds end.

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::code::Code;
use chengtu_engine::drill::Seat;
use chengtu_engine::geo::Viewport;
use chengtu_engine::ids::CommandId;
use chengtu_engine::record::World;
use chengtu_engine::replay::{BookmarkChange, TimeBasis, TimeControl, WorldClock};
use chengtu_engine::stream::{
    ClientMessage, Mirror, ServerMessage, SnapshotReason, WorldChoice, WorldInfo,
};
use chengtu_engine::time::Timestamp;
use chengtu_tests::support::{Client, Server, now, report, until};
use std::time::Duration;

fn replay(at: Timestamp, speed: f32, shared: bool) -> ClientMessage {
    ClientMessage::Enter {
        choice: WorldChoice::Replay {
            at,
            speed,
            basis: TimeBasis::Known,
            shared,
            title: "晚高峰".to_owned(),
        },
    }
}

fn join(world: World) -> ClientMessage {
    ClientMessage::Enter {
        choice: WorldChoice::Join {
            world,
            seat: Seat::Viewer,
        },
    }
}

fn time(control: TimeControl) -> ClientMessage {
    ClientMessage::Time { control }
}

/// Reads on until `pick` has something.
async fn entered(client: &mut Client) -> Result<WorldInfo> {
    until(client, |m| match m {
        ServerMessage::Entered(info) => Some((**info).clone()),
        ServerMessage::Notice { code, text } => panic!("{code:?} {text}"),
        _ => None,
    })
    .await
}

async fn clock(client: &mut Client, which: impl Fn(&WorldClock) -> bool) -> Result<WorldClock> {
    until(client, |m| match m {
        ServerMessage::Clock(c) if which(c) => Some(*c),
        _ => None,
    })
    .await
}

async fn told(client: &mut Client, wanted: Code) -> Result<String> {
    until(client, |m| match m {
        ServerMessage::Notice { code, text } if *code == wanted => Some(text.clone()),
        _ => None,
    })
    .await
}

/// How many cases the next snapshot holds, and its time.
async fn snapshot(client: &mut Client, why: SnapshotReason) -> Result<(usize, Timestamp)> {
    let mut mirror = Mirror::new();
    until(client, |m| match m {
        ServerMessage::Snapshot { reason, .. } if *reason == why => {
            mirror.apply(m).ok()?;
            Some((mirror.cases.len(), mirror.time))
        }
        _ => None,
    })
    .await
}

async fn reported(client: &mut Client, id: u64, note: &str) -> Result<u64> {
    match client.command(id, report(note)).await? {
        ServerMessage::Accepted(a) => Ok(a.seq),
        other => bail!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_goes_to_another_second_and_comes_back_to_the_same_view() -> Result<()> {
    let server = Server::start("").await?;
    let mut officer = Client::connect(server.address, "operator:王莉").await?;
    officer.subscribe().await?;
    reported(&mut officer, 1, "one").await?;
    tokio::time::sleep(Duration::from_millis(400)).await;
    let between = now();
    tokio::time::sleep(Duration::from_millis(400)).await;
    reported(&mut officer, 2, "two").await?;
    officer.say(&replay(between, 0.0, false)).await?;
    let info = entered(&mut officer).await?;
    ensure!(matches!(info.world, World::Replay(_)) && info.seat == Seat::Director);
    ensure!(info.owner == "王莉" && info.title == "晚高峰");
    let c = info.clock.context("a clock")?;
    ensure!(c.time == between && !c.playing, "{c:?}");
    // The subscription came along: the snapshot comes unasked, and shows what was known then.
    let (cases, at) = snapshot(&mut officer, SnapshotReason::Subscribed).await?;
    ensure!(cases == 1 && at == between);
    officer.say(&time(TimeControl::Seek(now()))).await?;
    let (cases, _) = snapshot(&mut officer, SnapshotReason::Jumped).await?;
    ensure!(cases == 2);
    officer
        .say(&ClientMessage::Enter {
            choice: WorldChoice::Live,
        })
        .await?;
    let info = entered(&mut officer).await?;
    ensure!(info.world == World::Live && info.clock.is_none());
    let (cases, _) = snapshot(&mut officer, SnapshotReason::Subscribed).await?;
    ensure!(cases == 2);
    // And live goes on.
    reported(&mut officer, 3, "three").await?;
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_can_be_commanded_in_a_replay_or_across_worlds() -> Result<()> {
    let server = Server::start("").await?;
    let mut officer = Client::connect(server.address, "operator:王莉").await?;
    officer.subscribe().await?;
    let before = reported(&mut officer, 1, "one").await?;
    let refused = |wanted: Code, id: CommandId| {
        move |m: &ServerMessage| match m {
            ServerMessage::Rejected(r) if r.id == id => Some((r.code, r.text.clone(), wanted)),
            ServerMessage::Accepted(a) if a.id == id => {
                Some((Code::Other(0), "accepted".into(), wanted))
            }
            _ => None,
        }
    };
    officer
        .say(&ClientMessage::CommandIn {
            world: World::Replay(1),
            id: CommandId(9, 9),
            command: report("x"),
        })
        .await?;
    let (code, text, wanted) =
        until(&mut officer, refused(Code::OtherWorld, CommandId(9, 9))).await?;
    ensure!(
        code == wanted && text.contains("the running city"),
        "{code:?} {text}"
    );
    officer.say(&replay(now(), 1.0, false)).await?;
    let here = entered(&mut officer).await?.world;
    for (n, m, wanted) in [
        (10, None, Code::OtherWorld),
        (11, Some(World::Live), Code::OtherWorld),
        (12, Some(World::Drill(3)), Code::OtherWorld),
        (13, Some(here), Code::Past),
    ] {
        let (id, command) = (CommandId(n, 9), report("x"));
        officer
            .say(&match m {
                None => ClientMessage::Command { id, command },
                Some(world) => ClientMessage::CommandIn { world, id, command },
            })
            .await?;
        let (code, text, wanted) = until(&mut officer, refused(wanted, id)).await?;
        ensure!(code == wanted, "{n}: {code:?} {text}");
    }
    let mut other = Client::connect(server.address, "operator:李").await?;
    let after = reported(&mut other, 20, "two").await?;
    // A tick may have been recorded in between; a command of the replay was not.
    ensure!(after - before <= 3, "{before} {after}");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_replay_has_one_driver_and_a_private_one_no_guests() -> Result<()> {
    let server = Server::start("[worlds]\nidle_s = 1\nper_user_max = 2\n").await?;
    let mut owner = Client::connect(server.address, "operator:王莉").await?;
    let mut guest = Client::connect(server.address, "viewer:大屏").await?;
    for c in [&mut owner, &mut guest] {
        c.subscribe().await?;
    }
    reported(&mut owner, 1, "one").await?;
    owner.say(&replay(now(), 0.0, true)).await?;
    let shared = entered(&mut owner).await?.world;
    guest.say(&ClientMessage::Worlds).await?;
    let list = until(&mut guest, |m| match m {
        ServerMessage::Worlds { list, .. } => Some(list.clone()),
        _ => None,
    })
    .await?;
    ensure!(list.len() == 1 && list[0].world == shared && list[0].title == "晚高峰");
    guest.say(&join(shared)).await?;
    ensure!(entered(&mut guest).await?.seat == Seat::Viewer);
    guest.say(&time(TimeControl::Play)).await?;
    ensure!(told(&mut guest, Code::NotYourClock).await?.contains("王莉"));
    owner.say(&time(TimeControl::Speed(-4.0))).await?;
    clock(&mut guest, |c| c.speed == -4.0 && !c.playing).await?;
    // A private one is not in others' lists and lets nobody in.
    owner.say(&replay(now(), 0.0, false)).await?;
    let private = entered(&mut owner).await?.world;
    guest.say(&join(private)).await?;
    ensure!(
        told(&mut guest, Code::NotForRole)
            .await?
            .contains("private")
    );
    guest.say(&join(World::Replay(99))).await?;
    told(&mut guest, Code::NoSuchWorld).await?;
    guest.say(&join(World::Drill(1))).await?;
    told(&mut guest, Code::NoSuchWorld).await?;
    // The guest stays in the shared world; the owner may have two at most.
    owner.say(&replay(now(), 0.0, false)).await?;
    ensure!(
        told(&mut owner, Code::TooManyWorlds)
            .await?
            .contains("per_user_max")
    );
    for (c, choice) in [
        (&mut owner, WorldChoice::Live),
        (&mut guest, WorldChoice::Live),
    ] {
        c.say(&ClientMessage::Enter { choice }).await?;
        entered(c).await?;
    }
    // Nobody is in them: they end.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    owner.say(&ClientMessage::Worlds).await?;
    let left = until(&mut owner, |m| match m {
        ServerMessage::Worlds { list, .. } => Some(list.len()),
        _ => None,
    })
    .await?;
    ensure!(left == 0, "{left} worlds are left");
    ensure!(
        server
            .metrics()
            .await?
            .contains("chengtu_worlds{kind=\"replay\"} 0")
    );
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namesake_owns_nothing_of_somebody_else() -> Result<()> {
    let server = Server::start(
        "[worlds]\nper_user_max = 1\n
         [[users]]\nname = '王莉'\nrole = 'operator'\ntoken = 'a'\n
         [[users]]\nname = '王莉'\nrole = 'operator'\ntoken = 'b'\n",
    )
    .await?;
    let mut owner = Client::connect(server.address, "a").await?;
    let mut namesake = Client::connect(server.address, "b").await?;
    for c in [&mut owner, &mut namesake] {
        c.subscribe().await?;
    }
    reported(&mut owner, 1, "one").await?;
    owner.say(&replay(now(), 0.0, false)).await?;
    let private = entered(&mut owner).await?.world;
    // It is not in the namesake's list, and lets nobody in who is only called the same.
    namesake.say(&ClientMessage::Worlds).await?;
    let list = until(&mut namesake, |m| match m {
        ServerMessage::Worlds { list, .. } => Some(list.clone()),
        _ => None,
    })
    .await?;
    ensure!(list.is_empty(), "{list:?}");
    namesake.say(&join(private)).await?;
    ensure!(
        told(&mut namesake, Code::NotForRole)
            .await?
            .contains("private")
    );
    // What one person has open is not counted against another of the same name.
    namesake.say(&replay(now(), 0.0, true)).await?;
    let shared = entered(&mut namesake).await?;
    ensure!(shared.seat == Seat::Director);
    // A bookmark is removed by whoever set it.
    let add = BookmarkChange::Add {
        time: now(),
        note: "积水".to_owned(),
    };
    owner.say(&ClientMessage::Bookmark { change: add }).await?;
    let id = until(&mut owner, |m| match m {
        ServerMessage::Bookmarks { list } => list.first().map(|b| b.id),
        _ => None,
    })
    .await?;
    let remove = ClientMessage::Bookmark {
        change: BookmarkChange::Remove(id),
    };
    namesake.say(&remove).await?;
    ensure!(
        told(&mut namesake, Code::NotForRole)
            .await?
            .contains("of yours")
    );
    owner.say(&remove).await?;
    until(&mut owner, |m| match m {
        ServerMessage::Bookmarks { list } if list.is_empty() => Some(()),
        _ => None,
    })
    .await?;
    // Nor does a namesake direct a drill.
    let choice = WorldChoice::Live;
    owner.say(&ClientMessage::Enter { choice }).await?;
    entered(&mut owner).await?;
    owner
        .say(&ClientMessage::StartDrill {
            scenario: "rush-hour".to_owned(),
            at: None,
        })
        .await?;
    let drill = entered(&mut owner).await?.world;
    let (world, seat) = (drill, Seat::Director);
    let choice = WorldChoice::Join { world, seat };
    namesake.say(&ClientMessage::Enter { choice }).await?;
    ensure!(
        told(&mut namesake, Code::NotForRole)
            .await?
            .contains("directed by")
    );
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_look_into_the_past_is_told_so_in_words() -> Result<()> {
    let server = Server::start(
        "[[users]]\nname = 'A'\nrole = 'operator'\ntoken = 'a'\nmay_replay = false\n
         [[users]]\nname = 'B'\nrole = 'viewer'\ntoken = 'b'\n
         [[users]]\nname = 'T'\nrole = 'unit'\ntoken = 't'\nunit = '排水 1'\n",
    )
    .await?;
    for (token, words) in [("a", "may_replay"), ("t", "terminals")] {
        let mut client = Client::connect(server.address, token).await?;
        client.say(&replay(now(), 1.0, false)).await?;
        let text = told(&mut client, Code::NotForRole).await?;
        ensure!(text.contains(words), "{text}");
        client
            .say(&ClientMessage::Timeline {
                request: 1,
                from: Timestamp(0),
                to: now(),
                bars: 10,
            })
            .await?;
        let text = told(&mut client, Code::NotForRole).await?;
        ensure!(text.contains(words), "{text}");
    }
    let mut viewer = Client::connect(server.address, "b").await?;
    viewer.say(&replay(now(), 1.0, false)).await?;
    entered(&mut viewer).await?;
    // A speed that there is not, and a director where there is none.
    viewer.say(&time(TimeControl::Speed(1e9))).await?;
    ensure!(told(&mut viewer, Code::BadMessage).await?.contains("3600"));
    viewer.say(&replay(now(), f32::NAN, false)).await?;
    told(&mut viewer, Code::BadMessage).await?;
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn seeks_beyond_the_ends_stop_there_and_say_so() -> Result<()> {
    let server = Server::start("").await?;
    let mut officer = Client::connect(server.address, "").await?;
    officer.subscribe().await?;
    reported(&mut officer, 1, "one").await?;
    officer.say(&replay(Timestamp(0), 1.0, false)).await?;
    let c = entered(&mut officer).await?.clock.context("a clock")?;
    ensure!(c.time == c.from && c.from > Timestamp(0));
    officer
        .say(&time(TimeControl::Seek(Timestamp(i64::MAX))))
        .await?;
    ensure!(
        told(&mut officer, Code::ClockAtEdge)
            .await?
            .contains("last record")
    );
    let c = clock(&mut officer, |c| c.time == c.to).await?;
    ensure!(c.to > c.from);
    officer
        .say(&time(TimeControl::Seek(Timestamp(i64::MIN))))
        .await?;
    ensure!(
        told(&mut officer, Code::ClockAtEdge)
            .await?
            .contains("first record")
    );
    server.stop().await
}

/// Stretches of time at the ends of what can be represented, forwards and backwards.
const HOSTILE: [(Timestamp, Timestamp); 5] = [
    (Timestamp(i64::MIN), Timestamp(i64::MAX)),
    (Timestamp(i64::MAX), Timestamp(i64::MIN)),
    (Timestamp(i64::MIN), Timestamp(i64::MIN)),
    (Timestamp(i64::MAX), Timestamp(i64::MAX)),
    (Timestamp(0), Timestamp(i64::MAX)),
];

/// Asks for the past of hostile stretches; every question is answered.
async fn ask_hostile(client: &mut Client) -> Result<()> {
    for (n, (from, to)) in (100..).zip(HOSTILE) {
        for bars in [0, 1, u16::MAX] {
            let request = n;
            let ask = ClientMessage::Timeline {
                request,
                from,
                to,
                bars,
            };
            client.say(&ask).await?;
            until(client, |m| match m {
                ServerMessage::Timeline(t) if t.request == n => Some(()),
                ServerMessage::Notice {
                    code: Code::NoPast, ..
                } => Some(()),
                _ => None,
            })
            .await?;
        }
        let ask = ClientMessage::Moments {
            request: n,
            of: None,
            from,
            to,
            limit: u16::MAX,
        };
        client.say(&ask).await?;
        until(client, |m| match m {
            ServerMessage::Moments { request, .. } if *request == n => Some(()),
            ServerMessage::Notice {
                code: Code::NoPast, ..
            } => Some(()),
            _ => None,
        })
        .await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_times_are_answered_and_harm_nobody() -> Result<()> {
    let server = Server::start("").await?;
    let mut officer = Client::connect(server.address, "").await?;
    officer.subscribe().await?;
    reported(&mut officer, 1, "one").await?;
    // Over HTTP: positions, readings and cases of no possible time.
    for us in [i64::MIN, i64::MIN + 1, -1, i64::MAX] {
        for (kind, row) in [
            ("fixes", r#""key":"a","lon":118.79,"lat":32.05"#),
            (
                "sensors",
                r#""key":"w","name":"w","lon":118.79,"lat":32.05,"value":1"#,
            ),
            (
                "cases",
                r#""key":"h","class":"E0101","lon":118.79,"lat":32.05"#,
            ),
        ] {
            for unit in ["time_us", "time_ms"] {
                let body = format!("{{{row},\"{unit}\":{us}}}");
                let path = format!("/v1/feeds/f/{kind}");
                let (status, answer) = server.post(&path, "", body).await?;
                ensure!(
                    status == 200 || status == 422,
                    "{kind} {us}: {status} {answer}"
                );
            }
        }
    }
    ask_hostile(&mut officer).await?;
    for (at, _) in HOSTILE {
        officer
            .say(&ClientMessage::Fork {
                request: 7,
                at,
                interventions: Vec::new(),
                ahead_s: 60,
            })
            .await?;
        told(&mut officer, Code::NoFork).await?;
    }
    // In a replay: its own questions, and a clock that is driven beyond everything.
    officer
        .say(&replay(Timestamp(i64::MAX), 1.0, false))
        .await?;
    entered(&mut officer).await?;
    ask_hostile(&mut officer).await?;
    for control in [
        TimeControl::Seek(Timestamp(i64::MIN)),
        TimeControl::StepSeconds(i32::MIN),
        TimeControl::StepEvent {
            forward: false,
            of: None,
        },
        TimeControl::Seek(Timestamp(i64::MAX)),
        TimeControl::StepSeconds(i32::MAX),
        TimeControl::StepEvent {
            forward: true,
            of: None,
        },
    ] {
        officer.say(&time(control)).await?;
    }
    officer
        .say(&ClientMessage::Enter {
            choice: WorldChoice::Live,
        })
        .await?;
    entered_after_notices(&mut officer).await?;
    reported(&mut officer, 2, "two").await?;
    ensure!(server.health().await?.0 == 200);
    server.stop().await
}

/// Waits until the client has come to a world, whatever is said before.
async fn entered_after_notices(client: &mut Client) -> Result<WorldInfo> {
    until(client, |m| match m {
        ServerMessage::Entered(info) => Some((**info).clone()),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_told_to_whoever_asks_from_live_and_from_a_replay() -> Result<()> {
    let server = Server::start("").await?;
    let mut officer = Client::connect(server.address, "operator:王莉").await?;
    officer.subscribe().await?;
    let from = now();
    reported(&mut officer, 1, "one").await?;
    for place in 0..2 {
        if place == 1 {
            officer.say(&replay(now(), 1.0, false)).await?;
            entered(&mut officer).await?;
        }
        let (to, bars) = (now(), 8);
        officer
            .say(&ClientMessage::Timeline {
                request: 5,
                from,
                to,
                bars,
            })
            .await?;
        let line = until(&mut officer, |m| match m {
            ServerMessage::Timeline(t) => Some(t.clone()),
            _ => None,
        })
        .await?;
        ensure!(line.request == 5 && line.bars.len() == 8);
        ensure!(line.bars.iter().map(|b| b.cases).sum::<u32>() == 1);
        ensure!(line.log_from <= from && line.log_to >= from);
        officer
            .say(&ClientMessage::Moments {
                request: 6,
                of: None,
                from,
                to,
                limit: 10,
            })
            .await?;
        let moments = until(&mut officer, |m| match m {
            ServerMessage::Moments { moments, .. } => Some(moments.clone()),
            _ => None,
        })
        .await?;
        ensure!(moments.len() >= 2 && moments[0].by == "王莉", "{moments:?}");
    }
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bookmark_is_set_listed_and_on_the_time_line_after_a_restart() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let server = Server::on(dir.path(), "").await?;
    let mut officer = Client::connect(server.address, "operator:王莉").await?;
    let at = now();
    officer
        .say(&ClientMessage::Bookmark {
            change: BookmarkChange::Add {
                time: at,
                note: "积水".to_owned(),
            },
        })
        .await?;
    let list = until(&mut officer, |m| match m {
        ServerMessage::Bookmarks { list } => Some(list.clone()),
        _ => None,
    })
    .await?;
    ensure!(list.len() == 1 && list[0].by == "王莉" && list[0].time == at);
    server.stop().await?;
    let server = Server::on(dir.path(), "").await?;
    let mut other = Client::connect(server.address, "operator:李").await?;
    other
        .say(&ClientMessage::Bookmark {
            change: BookmarkChange::Remove(list[0].id),
        })
        .await?;
    told(&mut other, Code::NotForRole).await?;
    other
        .say(&ClientMessage::Timeline {
            request: 1,
            from: at.plus_seconds(-10),
            to: at.plus_seconds(10),
            bars: 4,
        })
        .await?;
    let line = until(&mut other, |m| match m {
        ServerMessage::Timeline(t) => Some(t.clone()),
        _ => None,
    })
    .await?;
    ensure!(line.bookmarks == list);
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn where_an_officer_looked_is_shown_where_it_is_recorded() -> Result<()> {
    for recorded in [true, false] {
        let server = Server::start(&format!("[worlds]\nrecord_views = {recorded}\n")).await?;
        let mut officer = Client::connect(server.address, "operator:王莉").await?;
        officer.subscribe().await?;
        reported(&mut officer, 1, "one").await?;
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        // What is on the screen is less than what is streamed.
        let viewport = Viewport {
            west: 118.78,
            south: 32.04,
            east: 118.79,
            north: 32.05,
            zoom: 16.0,
        };
        officer.say(&ClientMessage::Look { viewport }).await?;
        officer.subscribe().await?;
        reported(&mut officer, 2, "two").await?;
        ensure!(officer.hello.records_views == recorded, "people are told");
        let mut looker = Client::connect(server.address, "viewer:大屏").await?;
        looker.subscribe().await?;
        looker.say(&replay(now(), 0.0, false)).await?;
        entered(&mut looker).await?;
        let seen = tokio::time::timeout(
            Duration::from_secs(if recorded { 10 } else { 2 }),
            until(&mut looker, |m| match m {
                ServerMessage::Views { list } => Some(list.clone()),
                _ => None,
            }),
        )
        .await;
        if recorded {
            let list = seen??;
            ensure!(list.len() == 1 && list[0].by == "王莉");
            ensure!(list[0].viewport == viewport);
        } else {
            ensure!(seen.is_err(), "nothing is recorded unasked");
        }
        server.stop().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_of_before_a_restart_is_gone_and_nobody_comes_to_another_by_its_number()
-> Result<()> {
    let dir = tempfile::tempdir()?;
    let mut numbers = Vec::new();
    for run in 0..2 {
        let server = Server::on(dir.path(), "").await?;
        let mut officer = Client::connect(server.address, "operator:王莉").await?;
        officer.subscribe().await?;
        reported(&mut officer, 1 + run, "one").await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        officer.say(&replay(now(), 0.0, true)).await?;
        let World::Replay(number) = entered(&mut officer).await?.world else {
            bail!("not a replay")
        };
        if let Some(before) = numbers.last() {
            // Whoever comes back after the restart asks for the world that they were in.
            let mut back = Client::connect(server.address, "operator:李").await?;
            back.subscribe().await?;
            back.say(&join(World::Replay(*before))).await?;
            told(&mut back, Code::NoSuchWorld).await?;
        }
        numbers.push(number);
        server.stop().await?;
    }
    ensure!(numbers[1] > numbers[0], "{numbers:?}");
    Ok(())
}
