//! What users of replays and time controls elsewhere suffer from: one test for each failure, with its name. Those that
//! need a running server are in `tests/tests/time_failures.rs`.

mod city;
mod past;
mod rng;

use chengtu_engine::ids::ThingId;
use chengtu_engine::replay::{Edge, MemoryHistory, MomentKind, Player, TimeBasis, TimeControl};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use past::{mirror_of, play, recorded, snapshot};
use std::collections::BTreeMap;

#[test]
fn a_deletion_marker_crashes_it() {
    // Cases and alarms are retired in this recording; played over, to and fro, at every speed.
    let past = recorded(21, 1_500);
    let mut player = past.player(past.begin);
    let mut gone = 0;
    for speed in [60.0, -60.0, 900.0, -7.0] {
        player.control(TimeControl::Speed(speed)).unwrap();
        player.control(TimeControl::Play).unwrap();
        for _ in 0..1_500 {
            let step = player.advance(0.1, usize::MAX).unwrap();
            player.state().check().unwrap();
            let cases = step.changes.cases.iter();
            gone += cases.filter(|c| player.state().case(**c).is_none()).count();
            if !player.clock().playing {
                break;
            }
        }
    }
    assert!(gone > 20, "{gone} cases were retired before one's eyes");
}

#[test]
fn objects_that_existed_before_recording_began_are_absent() {
    let past = recorded(22, 400);
    // Only the second half was kept, with the state that it begins at.
    let half = past.live.log.len() / 2;
    let mut before = State::new();
    for r in &past.live.log[..half] {
        before.apply(r);
    }
    let kept = past.live.log[half..].to_vec();
    let at = kept[0].known_at.plus_seconds(1);
    let history = MemoryHistory::new(before.clone(), kept, 100).unwrap();
    let (player, _) = Player::new(history, at, 1.0, TimeBasis::Known).unwrap();
    let seen = mirror_of(player.state(), at);
    assert_eq!(seen.units.len(), before.units().len());
    assert_eq!(seen.sensors.len(), before.sensors().len());
    let still = past.player(at);
    assert!(snapshot(player.state(), at) == snapshot(still.state(), at));
    assert!(seen.mover_count() > 20);
}

#[test]
fn expired_tracks_come_back() {
    let past = recorded(23, 1_500);
    let mut player = past.player(past.end());
    // A case that was retired, and the moments around its end.
    let open_or_kept = player.state().cases().clone();
    let closed = past
        .history(100)
        .known_closed()
        .into_iter()
        .find(|(_, case)| !open_or_kept.contains_key(case));
    let (closed_at, case) = closed.expect("a retired case");
    for at in [closed_at.plus_seconds(10), past.end()] {
        player.control(TimeControl::Seek(at)).unwrap();
        let there = mirror_of(player.state(), at).cases.contains_key(&case);
        assert_eq!(there, at < past.end());
    }
    // Not after going back and playing on either.
    player.control(TimeControl::Seek(past.begin)).unwrap();
    player.control(TimeControl::Speed(3_600.0)).unwrap();
    player.control(TimeControl::Play).unwrap();
    while player.clock().playing {
        play(&mut player, 1);
    }
    assert!(player.state().case(case).is_none());
}

trait Closed {
    fn known_closed(&self) -> Vec<(Timestamp, chengtu_engine::ids::CaseId)>;
}

impl Closed for MemoryHistory {
    fn known_closed(&self) -> Vec<(Timestamp, chengtu_engine::ids::CaseId)> {
        use chengtu_engine::replay::History;
        let all = self.moments(
            None,
            Timestamp(i64::MIN),
            Timestamp(i64::MAX),
            1 << 20,
            false,
        );
        let all = all.expect("in memory").into_iter();
        all.filter(|m| m.kind == MomentKind::Closed)
            .filter_map(|m| match m.thing {
                ThingId::Case(case) => Some((m.time, case)),
                _ => None,
            })
            .collect()
    }
}

#[test]
fn one_shot_effects_fire_every_second() {
    let past = recorded(24, 600);
    let (mut player, _) =
        Player::new(past.history(200), past.begin, 10.0, TimeBasis::Known).unwrap();
    let jumps = player.clock().jumps;
    // An alarm is sent when it is raised, acknowledged, ended and retired, and at no other tick.
    let mut told: BTreeMap<_, usize> = BTreeMap::new();
    while player.clock().playing {
        let step = player.advance(0.1, usize::MAX).unwrap();
        for alarm in &step.changes.alarms {
            *told.entry(*alarm).or_default() += 1;
        }
    }
    assert!(told.len() > 10, "{} alarms", told.len());
    assert!(told.values().all(|n| *n <= 4), "{told:?}");
    assert_eq!(player.clock().jumps, jumps, "playing on is no jump");
    // What lies between two ends of a jump shows in nothing but the jump's number.
    let step = player.control(TimeControl::Seek(past.begin)).unwrap();
    assert!(step.jumped && step.changes.is_empty());
    assert_eq!(player.clock().jumps, jumps + 1);
    let step = player.control(TimeControl::Seek(past.end())).unwrap();
    assert!(step.jumped && step.changes.is_empty());
    assert_eq!(player.clock().jumps, jumps + 2);
}

#[test]
fn speed_fixed_at_start() {
    let past = recorded(25, 600);
    let (mut player, _) =
        Player::new(past.history(200), past.begin, 1.0, TimeBasis::Known).unwrap();
    play(&mut player, 10);
    assert_eq!(player.time(), past.begin.plus_seconds(1));
    player.control(TimeControl::Speed(60.0)).unwrap();
    play(&mut player, 10);
    assert_eq!(player.time(), past.begin.plus_seconds(61));
    player.control(TimeControl::Speed(-20.0)).unwrap();
    play(&mut player, 10);
    assert_eq!(player.time(), past.begin.plus_seconds(41));
    assert!(player.clock().playing);
}

#[test]
fn changing_the_step_loses_your_time() {
    let past = recorded(26, 600);
    let (mut player, _) =
        Player::new(past.history(200), past.begin, 7.3, TimeBasis::Known).unwrap();
    play(&mut player, 33);
    let at = player.time();
    let seen = snapshot(player.state(), at);
    for speed in [0.1, 3_600.0, -60.0, 1.0] {
        let step = player.control(TimeControl::Speed(speed)).unwrap();
        assert!(!step.jumped && player.time() == at && player.clock().playing);
    }
    for basis in [TimeBasis::Occurred, TimeBasis::Known] {
        player.control(TimeControl::Basis(basis)).unwrap();
        assert_eq!(player.time(), at);
    }
    player.control(TimeControl::Pause).unwrap();
    player.control(TimeControl::Play).unwrap();
    assert_eq!(player.time(), at);
    assert!(snapshot(player.state(), at) == seen);
    assert!(player.control(TimeControl::Speed(f32::NAN)).is_err());
    assert!(player.control(TimeControl::Speed(3_601.0)).is_err());
    assert_eq!((player.time(), player.clock().speed), (at, 1.0));
}

#[test]
fn the_last_frame_cannot_be_reached() {
    let past = recorded(27, 300);
    let last = past.live.log.last().unwrap();
    let whole = past.live.state.digest();
    for speed in [0.3, 1.0, 7.7, 3_600.0] {
        let begin = past.end().plus_seconds(-2);
        let (mut player, _) =
            Player::new(past.history(200), begin, speed, TimeBasis::Known).unwrap();
        let mut ticks = 0;
        let edge = loop {
            let step = player.advance(0.1, usize::MAX).unwrap();
            ticks += 1;
            assert!(ticks < 1_000);
            if let Some(edge) = step.edge {
                break edge;
            }
        };
        assert_eq!(edge, Edge::Last);
        assert_eq!(
            (player.time(), player.state().seq()),
            (last.known_at, last.seq)
        );
        assert_eq!(player.state().digest(), whole);
        assert!(!player.clock().playing, "it stops there");
        // The first one as well.
        player.control(TimeControl::Speed(-60.0)).unwrap();
        player.control(TimeControl::Play).unwrap();
        while player.clock().playing {
            play(&mut player, 1);
        }
        assert_eq!(player.time(), past.live.log[0].known_at);
    }
    let mut player = past.player(past.begin);
    let step = player.control(TimeControl::Seek(last.known_at)).unwrap();
    assert_eq!((step.edge, player.state().digest()), (None, whole));
    let beyond = TimeControl::Seek(last.known_at.plus_seconds(5));
    let step = player.control(beyond).unwrap();
    assert_eq!(
        (step.edge, player.time()),
        (Some(Edge::Last), last.known_at)
    );
}

#[test]
fn exported_frames_were_not_what_the_screen_showed() {
    // A film of ten pictures a second is made by stepping; the screen plays. Both show the same bytes at the same time.
    let past = recorded(28, 300);
    let from = past.begin.plus_seconds(600);
    let (mut screen, _) = Player::new(past.history(200), from, 20.0, TimeBasis::Known).unwrap();
    let mut film = past.player(from);
    for _ in 0..200 {
        let step = screen.advance(0.1, usize::MAX).unwrap();
        film.control(TimeControl::StepSeconds(2)).unwrap();
        assert_eq!(screen.time(), film.time());
        assert!(
            snapshot(screen.state(), screen.time()) == snapshot(film.state(), film.time()),
            "at {:?}",
            screen.time()
        );
        if step.edge.is_some() {
            break;
        }
    }
    assert!(screen.time() > from.plus_seconds(300));
}
