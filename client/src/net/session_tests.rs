use super::*;
use chengtu_engine::city::CityInfo;
use chengtu_engine::drill::Seat;
use chengtu_engine::ids::UnitId;
use chengtu_engine::permission::Role;
use chengtu_engine::replay::{TimeBasis, WorldClock};
use chengtu_engine::stream::{Accepted, Frame, ServerHello, SnapshotReason};
use chengtu_engine::time::Timestamp;

fn hello(epoch: u64, resumed: bool) -> ServerMessage {
    ServerMessage::Hello(Box::new(ServerHello {
        epoch,
        seq: 5,
        time: Timestamp(0),
        tick_ms: 100,
        user: "x".into(),
        role: Role::Operator,
        unit: None,
        world: World::Live,
        resumed,
        city: CityInfo::default(),
        records_views: false,
    }))
}

fn snapshot(seq: u64) -> ServerMessage {
    ServerMessage::Snapshot {
        seq,
        time: Timestamp(0),
        reason: SnapshotReason::Subscribed,
        changes: vec![],
        tiles: vec![],
    }
}

fn frame(prev_seq: u64, seq: u64) -> ServerMessage {
    ServerMessage::Frame(Frame {
        seq,
        prev_seq,
        ..Frame::default()
    })
}

fn subscribe() -> ClientMessage {
    ClientMessage::Subscribe {
        viewport: None,
        layers: vec![],
        rate_hz: 1.0,
    }
}

fn resume_of(message: &ClientMessage) -> Option<Resume> {
    match message {
        ClientMessage::Hello { resume, .. } => *resume,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_words_are_hello_then_what_was_subscribed_to_meanwhile() {
    let mut session = Session::new("test".into());
    assert!(session.show("secret").is_empty());
    assert_eq!(session.say(subscribe()), None);
    assert_eq!(resume_of(&session.opened(Subprotocol::BINARY_1_1)), None);
    let heard = session.heard(&hello(1, false));
    assert!(heard.greeted && heard.pass);
    assert_eq!(heard.replies, [subscribe()]);
    assert_eq!(
        session.say(ClientMessage::Resync),
        Some(ClientMessage::Resync)
    );
}

#[test]
fn after_a_cut_it_resumes_where_it_stood_and_repeats_unanswered_commands_by_the_same_id() {
    let mut session = Session::new("test".into());
    session.opened(Subprotocol::BINARY_1_1);
    session.heard(&hello(9, false));
    session.say(subscribe());
    session.heard(&snapshot(5));
    session.heard(&frame(5, 8));
    let command = |n| ClientMessage::Command {
        id: CommandId(n, n),
        command: CommandRequest::RecallUnit { unit: UnitId(1) },
    };
    assert!(session.say(command(1)).is_some() && session.say(command(2)).is_some());
    session.heard(&ServerMessage::Accepted(Accepted {
        id: CommandId(1, 1),
        seq: 9,
        case: None,
    }));
    session.closed();
    assert_eq!(
        resume_of(&session.opened(Subprotocol::BINARY_1_1)),
        Some(Resume { epoch: 9, seq: 8 })
    );
    let heard = session.heard(&hello(9, true));
    assert_eq!(heard.replies, [subscribe(), command(2)]);
    assert!(session.heard(&frame(8, 12)).pass);
}

#[test]
fn a_gap_asks_for_a_snapshot_once_and_shows_nothing_in_between() {
    let mut session = Session::new("test".into());
    session.opened(Subprotocol::BINARY_1_1);
    session.heard(&hello(1, false));
    session.heard(&snapshot(5));
    let gap = session.heard(&frame(7, 8));
    assert!(!gap.pass);
    assert_eq!(gap.replies, [ClientMessage::Resync]);
    let after = session.heard(&frame(8, 9));
    assert!(!after.pass && after.replies.is_empty());
    assert!(session.heard(&snapshot(11)).pass);
    assert!(session.heard(&frame(11, 12)).pass);
}

fn entered(world: World, shared: bool, clock: WorldClock) -> ServerMessage {
    ServerMessage::Entered(Box::new(WorldInfo {
        world,
        title: "Tuesday".into(),
        owner: "x".into(),
        shared,
        seat: Seat::Participant,
        clock: Some(clock),
        notice: String::new(),
        notice_en: String::new(),
        record_of: None,
    }))
}

fn begun() -> Session {
    let mut session = Session::new("test".into());
    session.opened(Subprotocol::BINARY_1_1);
    session.heard(&hello(1, false));
    session.say(subscribe());
    session.heard(&snapshot(5));
    session
}

#[test]
fn in_another_world_nothing_is_shown_before_its_snapshot() {
    let mut session = begun();
    let clock = WorldClock::default();
    assert!(session.heard(&entered(World::Replay(3), false, clock)).pass);
    let late = session.heard(&frame(5, 6));
    assert!(!late.pass && late.replies.is_empty());
    assert!(session.heard(&snapshot(2)).pass && session.heard(&frame(2, 4)).pass);
}

#[test]
fn after_a_cut_a_private_replay_is_entered_again_at_the_same_moment() {
    let mut session = begun();
    let mut clock = WorldClock {
        time: Timestamp(5_000),
        speed: 60.0,
        playing: true,
        ..WorldClock::default()
    };
    session.heard(&entered(World::Replay(3), false, clock));
    session.heard(&snapshot(2));
    clock.time = Timestamp(9_000);
    session.heard(&ServerMessage::Clock(clock));
    session.closed();
    assert_eq!(
        resume_of(&session.opened(Subprotocol::BINARY_1_1)),
        None,
        "its numbers mean nothing"
    );
    let choice = |speed| WorldChoice::Replay {
        at: Timestamp(9_000),
        speed,
        basis: TimeBasis::Known,
        shared: false,
        title: "Tuesday".into(),
    };
    let enter = |speed| ClientMessage::Enter {
        choice: choice(speed),
    };
    assert_eq!(
        session.heard(&hello(1, false)).replies,
        [enter(60.0), subscribe()]
    );
    clock.playing = false;
    session.heard(&ServerMessage::Clock(clock));
    session.closed();
    session.opened(Subprotocol::BINARY_1_1);
    let control = TimeControl::Speed(60.0);
    assert_eq!(
        session.heard(&hello(1, false)).replies,
        [enter(0.0), ClientMessage::Time { control }, subscribe()]
    );
}

#[test]
fn after_a_cut_the_record_of_a_drill_is_entered_again_and_not_the_citys_own_past() {
    let mut session = begun();
    let clock = WorldClock {
        time: Timestamp(77),
        speed: 10.0,
        playing: true,
        ..WorldClock::default()
    };
    let ServerMessage::Entered(mut info) = entered(World::Replay(4), false, clock) else {
        unreachable!()
    };
    info.record_of = Some(3);
    session.heard(&ServerMessage::Entered(info));
    session.closed();
    session.opened(Subprotocol::BINARY_1_1);
    let choice = WorldChoice::Record {
        drill: 3,
        at: Timestamp(77),
        speed: 10.0,
    };
    assert_eq!(
        session.heard(&hello(1, false)).replies,
        [ClientMessage::Enter { choice }, subscribe()]
    );
}

#[test]
fn after_a_cut_a_world_of_others_is_joined_and_commands_go_where_they_were_meant() {
    let mut session = begun();
    let command = CommandRequest::RecallUnit { unit: UnitId(1) };
    let (live, drill) = (CommandId(1, 1), CommandId(2, 2));
    session.say(ClientMessage::Command {
        id: live,
        command: command.clone(),
    });
    let world = World::Drill(4);
    session.heard(&entered(world, true, WorldClock::default()));
    session.say(ClientMessage::CommandIn {
        world,
        id: drill,
        command: command.clone(),
    });
    session.closed();
    session.opened(Subprotocol::BINARY_1_1);
    let join = WorldChoice::Join {
        world,
        seat: Seat::Participant,
    };
    assert_eq!(
        session.heard(&hello(1, false)).replies,
        [
            ClientMessage::Command {
                id: live,
                command: command.clone()
            },
            ClientMessage::Enter { choice: join },
            subscribe(),
            ClientMessage::CommandIn {
                world,
                id: drill,
                command
            },
        ]
    );
}

#[test]
fn back_in_the_running_city_a_cut_leads_there_again() {
    let mut session = begun();
    session.heard(&entered(World::Replay(3), false, WorldClock::default()));
    session.heard(&entered(World::Live, false, WorldClock::default()));
    session.heard(&snapshot(7));
    session.closed();
    assert_eq!(
        resume_of(&session.opened(Subprotocol::BINARY_1_1)),
        Some(Resume { epoch: 1, seq: 7 })
    );
    assert_eq!(session.heard(&hello(1, true)).replies, [subscribe()]);
}

#[test]
fn another_log_means_starting_afresh() {
    let mut session = Session::new("test".into());
    session.opened(Subprotocol::BINARY_1_1);
    session.heard(&hello(1, false));
    session.heard(&snapshot(5));
    session.closed();
    session.opened(Subprotocol::BINARY_1_1);
    session.heard(&hello(2, false));
    assert!(!session.heard(&frame(5, 6)).pass);
    session.closed();
    assert_eq!(resume_of(&session.opened(Subprotocol::BINARY_1_1)), None);
}

/// A command caught by a cut was sent again hours later, to a city that had gone on.
#[test]
fn what_was_meant_for_another_hour_is_not_asked_again() {
    let mut session = Session::new("test".into());
    session.opened(Subprotocol::BINARY_1_1);
    session.heard(&hello(9, false));
    let (old, world) = (CommandId(1, 1), World::Drill(3));
    let command = CommandRequest::RecallUnit { unit: UnitId(1) };
    session.say(ClientMessage::Command {
        id: old,
        command: command.clone(),
    });
    let in_drill = CommandId(1, 2);
    session.say(ClientMessage::CommandIn {
        world,
        id: in_drill,
        command: command.clone(),
    });
    let choice = WorldChoice::Live;
    let message = Box::new(ClientMessage::Enter { choice });
    session.say(ClientMessage::Ask {
        request: 12,
        message,
    });
    session.closed();
    let now = Instant::now();
    assert!(session.expire(now).is_empty(), "a short cut loses nothing");
    let expired = session.expire(now + ASK_AGAIN_MAX + Duration::from_secs(1));
    assert_eq!(expired.commands, [old, in_drill]);
    assert_eq!(expired.enter, Some(12));
    session.opened(Subprotocol::BINARY_1_1);
    let heard = session.heard(&hello(9, false));
    assert_eq!(heard.replies, [], "nothing is said again");
}

/// What was decided upon is said with an act, and how old it is when it is said again; older servers get the command.
#[test]
fn an_act_keeps_what_was_seen_and_grows_older_over_a_cut() {
    let seen = vec![Seen::Case {
        case: chengtu_engine::ids::CaseId(4),
        revision: 3,
    }];
    let act = ClientMessage::Act {
        world: World::Live,
        id: CommandId(1, 1),
        command: CommandRequest::RecallUnit { unit: UnitId(1) },
        basis: Basis {
            seen: seen.clone(),
            age_ms: 0,
        },
    };
    let mut session = Session::new("test".into());
    session.opened(Subprotocol::BINARY_1_2);
    session.heard(&hello(9, false));
    assert_eq!(session.say(act.clone()), Some(act.clone()));
    session.closed();
    std::thread::sleep(Duration::from_millis(15));
    session.opened(Subprotocol::BINARY_1_2);
    let heard = session.heard(&hello(9, false));
    let [ClientMessage::Act { basis, .. }] = heard.replies.as_slice() else {
        panic!("{:?}", heard.replies);
    };
    assert!(basis.seen == seen && basis.age_ms >= 15, "{basis:?}");
    let mut older = Session::new("test".into());
    older.opened(Subprotocol::BINARY_1_1);
    older.heard(&hello(9, false));
    let said = older.say(act);
    assert!(
        matches!(said, Some(ClientMessage::Command { .. })),
        "{said:?}"
    );
}

#[test]
fn the_open_case_is_said_again_where_the_session_comes_back_to() {
    let open = |world, case: u64| ClientMessage::Open {
        world,
        case: Some(CaseId(case)),
    };
    let mut session = Session::new("test".into());
    session.opened(Subprotocol::BINARY_1_3);
    assert_eq!(session.say(open(World::Live, 4)), None, "not greeted yet");
    let heard = session.heard(&hello(7, false));
    assert!(heard.replies.contains(&open(World::Live, 4)));
    assert_eq!(
        session.say(open(World::Live, 5)),
        Some(open(World::Live, 5))
    );
    session.closed();
    session.opened(Subprotocol::BINARY_1_3);
    let heard = session.heard(&hello(7, false));
    assert!(heard.replies.contains(&open(World::Live, 5)), "{heard:?}");
    // A case of the city is not open in another world.
    let drill = crate::panels::model::sample::entered(World::Drill(2), None);
    assert_eq!(session.heard(&drill).replies, []);
    session.say(open(World::Drill(2), 9));
    session.closed();
    session.opened(Subprotocol::BINARY_1_3);
    let heard = session.heard(&hello(7, false));
    let said = |m: &ClientMessage| matches!(m, ClientMessage::Open { .. });
    assert!(!heard.replies.iter().any(said), "before it is there");
    assert_eq!(session.heard(&drill).replies, [open(World::Drill(2), 9)]);
    // An older server is not told.
    let mut older = Session::new("test".into());
    older.opened(Subprotocol::BINARY_1_2);
    older.heard(&hello(7, false));
    assert_eq!(older.say(open(World::Live, 4)), None);
}
