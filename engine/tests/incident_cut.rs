//! A city cut to an area goes on as the whole city does there, and holds nothing of the rest.

mod city;
mod past;
mod rng;

use chengtu_engine::geo::Position;
use chengtu_engine::incident::{Inside, cut_record};
use chengtu_engine::state::State;
use past::recorded;

const WEST: i32 = 1_187_805_000;
const EAST: i32 = 1_188_000_000;

/// A strip through the middle of the small city.
fn inside(p: Position) -> bool {
    (WEST..EAST).contains(&p.lon_e7)
}

/// What of a city lies inside, said of the whole and of the cut one alike, a line for each thing.
fn told(state: &State) -> Vec<String> {
    let mut lines = Vec::new();
    let cases = state.cases().values().filter(|c| inside(c.position));
    lines.extend(cases.map(|c| format!("{c:?}")));
    let alarms = state.alarms().values().filter(|a| inside(a.position));
    lines.extend(alarms.map(|a| format!("{a:?}")));
    let places = state
        .movers()
        .iter()
        .map(|m| m.position.filter(|p| inside(*p)));
    lines.extend(places.map(|p| format!("{p:?}")));
    let sensors = state.sensors().iter().filter(|s| inside(s.position));
    lines.extend(sensors.map(|s| format!("{s:?}")));
    let units = state.units().iter();
    lines.extend(units.map(|u| format!("{:?} {:?}", u.status, u.assignment)));
    lines
}

fn same(part: &State, whole: &State, when: &str) {
    let (is, was) = (told(part), told(whole));
    for (a, b) in is.iter().zip(&was) {
        assert_eq!(a, b, "{when}");
    }
    assert_eq!(is.len(), was.len(), "{when}");
}

#[test]
fn inside_nothing_is_lost_and_of_outside_nothing_is_kept() {
    for seed in 1..=6 {
        let past = recorded(seed, 400);
        let log = &past.live.log;
        for begin in [log.len() / 3, log.len() / 2] {
            let mut whole = State::new();
            for r in &log[..begin] {
                whole.apply(r);
            }
            let mut part = whole.clone();
            part.cut(&inside);
            let mut seen = Inside::of(&part);
            same(&part, &whole, "at the cut");
            for (i, r) in log[begin..].iter().enumerate() {
                let kept = cut_record(r, &whole, &mut seen, &inside);
                assert_eq!((kept.seq, kept.known_at), (r.seq, r.known_at));
                whole.apply(r);
                part.apply(&kept);
                if i % 50 == 0 || begin + i + 1 == log.len() {
                    same(&part, &whole, &format!("seed {seed}, record {}", r.seq));
                    assert!(part.cases().values().all(|c| inside(c.position)));
                    assert!(part.alarms().values().all(|a| inside(a.position)));
                }
            }
            let outside = part.sensors().iter().filter(|s| !inside(s.position));
            assert!(outside.clone().count() > 0, "some sensor must lie outside");
            for s in outside {
                assert!(s.latest.is_none(), "{} reads on outside", s.name);
            }
        }
    }
}
