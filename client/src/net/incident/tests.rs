use super::answer::Desk;
use super::*;
use chengtu_engine::archive::Segment;
use chengtu_engine::city::{
    Calendar, CaseClass, CaseKind, ClockKind, Department, Limit, Rules, Severity,
};
use chengtu_engine::command::{CaseReport, Command, CommandRequest};
use chengtu_engine::decide::decide;
use chengtu_engine::geo::{GeoBox, Position};
use chengtu_engine::ids::{ClassId, CommandId, DepartmentId, UnitId};
use chengtu_engine::incident::{Incident, Manifest};
use chengtu_engine::model::Actor;
use chengtu_engine::record::{Body, Origin, Record, World};
use chengtu_engine::replay::TimeControl;
use chengtu_engine::state::State;
use chengtu_engine::stream::{Layer, Mirror, ServerMessage, WorldChoice};
use chengtu_engine::time::Timestamp;

fn at(s: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_312_800 + s)
}

fn rules() -> Rules {
    Rules {
        city: "测试".into(),
        city_en: "Testville".into(),
        bounds: GeoBox::new(Position::new(0, 0), Position::new(1_000_000, 1_000_000)),
        classes: vec![CaseClass {
            code: "E0101".into(),
            kind: CaseKind::Event,
            group: "g".into(),
            name: "n".into(),
            name_en: String::new(),
            severity: Severity::Normal,
            limit: Limit {
                amount: 5,
                clock: ClockKind::RunningDays,
            },
            department: DepartmentId(0),
            skill: String::new(),
        }],
        departments: vec![Department {
            key: "d".into(),
            name: "d".into(),
            name_en: "d".into(),
        }],
        calendar: Calendar::with_offset(0),
        duplicate_radius_m: 50,
        duplicate_age_s: 60,
        future_tolerance_s: 60,
        keep_closed_s: 60,
    }
}

/// A city with one case a second from the first to the sixtieth.
fn file() -> Vec<u8> {
    let mut state = State::new();
    let mut records = Vec::new();
    let put = |state: &mut State, t, actor: Actor, command: Command| {
        let events = decide(state, &command, &actor, t).expect("decided");
        let record = Record {
            seq: state.seq() + 1,
            known_at: t,
            world: World::Live,
            origin: Origin {
                actor,
                command: None,
            },
            body: Body::Events(events),
        };
        state.apply(&record);
        record
    };
    put(
        &mut state,
        at(0),
        Actor::System,
        Command::Configure(Box::new(rules())),
    );
    let start = state.clone();
    for s in 1..=60 {
        let report = CaseReport {
            class: ClassId(0),
            severity: None,
            position: Position::new(10_000 * s, 500_000),
            address: String::new(),
            note: String::new(),
            occurred_at: at(i64::from(s)),
            filed_at: None,
            key: String::new(),
        };
        let officer = Actor::Operator("x".into());
        records.push(put(
            &mut state,
            at(i64::from(s)),
            officer,
            Command::ReportCase(report),
        ));
    }
    let incident = Incident {
        manifest: Manifest {
            title: "暴雨夜".into(),
            from: at(0),
            to: at(60),
            notice: "位置为里内部的点".into(),
            ..Manifest::default()
        },
        start,
        segments: vec![Segment::of(&records).expect("a segment")],
        later: Vec::new(),
        files: vec![("places.json".into(), b"[]".to_vec())],
    };
    incident.encode().expect("encoded")
}

fn opened() -> Opened {
    let dir = super::file::Unpacked::new().expect("a folder");
    let path = dir.path().join("storm.incident");
    std::fs::write(&path, file()).expect("written");
    Opened::open(&path).expect("opened")
}

/// Everything said goes into a mirror, as the app does it.
fn hear(desk: &mut Desk, mirror: &mut Mirror) -> Vec<ServerMessage> {
    let said = desk.said();
    for m in &said {
        mirror.apply(m).expect("no gap in the stream");
    }
    said
}

fn subscribe() -> ClientMessage {
    ClientMessage::Subscribe {
        viewport: None,
        layers: vec![Layer::Cases, Layer::Units, Layer::Hotspots],
        rate_hz: 10.0,
    }
}

#[test]
fn an_incident_is_greeted_entered_and_played_like_a_server_does() {
    let mut desk = Desk::new(opened()).expect("a desk");
    let mut mirror = Mirror::default();
    let said = hear(&mut desk, &mut mirror);
    assert!(matches!(&said[0], ServerMessage::Hello(h) if h.city.notice == "位置为里内部的点"));
    let ServerMessage::Entered(info) = &said[1] else {
        panic!("{said:?}");
    };
    assert_eq!(
        (info.world, info.title.as_str()),
        (World::Replay(1), "暴雨夜")
    );
    let clock = info.clock.expect("a clock");
    assert_eq!(
        (clock.from, clock.to, clock.time, clock.playing),
        (at(0), at(60), at(0), false)
    );

    desk.take(subscribe());
    desk.turn(Duration::from_millis(33));
    let said = hear(&mut desk, &mut mirror);
    assert!(
        said.iter()
            .any(|m| matches!(m, ServerMessage::Snapshot { .. }))
    );
    assert_eq!(mirror.cases.len(), 0);

    desk.take(ClientMessage::Time {
        control: TimeControl::Speed(10.0),
    });
    desk.take(ClientMessage::Time {
        control: TimeControl::Play,
    });
    for _ in 0..10 {
        desk.turn(Duration::from_millis(100));
        hear(&mut desk, &mut mirror);
    }
    assert_eq!(mirror.cases.len(), 10, "ten seconds of the city in one");
    // Anywhere, back and forth, gives what was known there.
    for s in [60, 5, 33, 0, 59] {
        desk.take(ClientMessage::Time {
            control: TimeControl::Pause,
        });
        desk.take(ClientMessage::Time {
            control: TimeControl::Seek(at(s)),
        });
        desk.turn(Duration::from_millis(33));
        hear(&mut desk, &mut mirror);
        assert_eq!(mirror.cases.len() as i64, s);
    }
}

#[test]
fn what_an_incident_cannot_do_it_says() {
    let mut desk = Desk::new(opened()).expect("a desk");
    desk.take(subscribe());
    desk.said();
    let notice = |desk: &mut Desk, message: ClientMessage, word: &str| {
        desk.take(message);
        let said = desk.said();
        let found = said.iter().any(|m| match m {
            ServerMessage::Notice { text, .. } => text.contains(word),
            ServerMessage::Refused(r) => r.text.contains(word),
            _ => false,
        });
        assert!(found, "{word}: {said:?}");
    };
    let choice = WorldChoice::Live;
    notice(
        &mut desk,
        ClientMessage::Enter { choice },
        "no running city",
    );
    let id = CommandId(1, 2);
    let command = CommandRequest::RecallUnit { unit: UnitId(0) };
    notice(
        &mut desk,
        ClientMessage::Command { id, command },
        "nothing can be changed",
    );
    let control = TimeControl::Seek(at(90_000));
    notice(&mut desk, ClientMessage::Time { control }, "ends");
    notice(
        &mut desk,
        ClientMessage::StartDrill {
            scenario: "x".into(),
            at: None,
        },
        "need a server",
    );
}

#[test]
fn the_time_bar_and_bookmarks_are_answered() {
    let mut desk = Desk::new(opened()).expect("a desk");
    desk.said();
    desk.take(ClientMessage::Timeline {
        request: 7,
        from: at(0),
        to: at(60),
        bars: 6,
    });
    let said = desk.said();
    let Some(ServerMessage::Timeline(line)) = said.first() else {
        panic!("{said:?}");
    };
    assert_eq!((line.request, line.bars.len()), (7, 6));
    assert_eq!(line.bars.iter().map(|b| b.cases).sum::<u32>(), 60);
    let change = chengtu_engine::replay::BookmarkChange::Add {
        time: at(9),
        note: "here".into(),
    };
    desk.take(ClientMessage::Bookmark { change });
    desk.take(ClientMessage::Moments {
        request: 8,
        of: None,
        from: at(0),
        to: at(3),
        limit: 100,
    });
    let said = desk.said();
    assert!(matches!(&said[0], ServerMessage::Bookmarks { list } if list.len() == 1));
    // Three cases, each reported and filed.
    assert!(
        matches!(&said[1], ServerMessage::Moments { request: 8, moments } if moments.len() == 6)
    );
}

#[test]
fn broken_files_are_told_in_words_and_the_pack_goes_when_it_is_done() {
    let dir = super::file::Unpacked::new().expect("a folder");
    let path = dir.path().join("x.incident");
    let told = |bytes: &[u8]| {
        std::fs::write(&path, bytes).expect("written");
        Opened::open(&path)
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default()
    };
    let whole = file();
    assert!(told(b"hello").contains("no incident file"));
    assert!(told(&whole[..whole.len() / 2]).contains("was cut"));
    let mut newer = whole.clone();
    newer[8] = 9;
    assert!(told(&newer).contains("newer version"));
    let mut flipped = whole;
    let middle = flipped.len() / 2;
    flipped[middle] ^= 4;
    assert!(told(&flipped).contains("damaged"));
    let missing = Opened::open(&dir.path().join("none"))
        .err()
        .map(|e| e.to_string());
    assert!(missing.unwrap_or_default().contains("cannot be read"));
    let pack = {
        let opened = opened();
        assert!(opened.pack().join("places.json").is_file());
        opened.pack().to_owned()
    };
    assert!(!pack.exists());
}
