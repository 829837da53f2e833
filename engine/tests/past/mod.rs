//! A recorded afternoon of the small city, with the digest noted live at every instant.
#![allow(dead_code)] // Every test file uses its own part.

use crate::city::{Live, UNITS};
use crate::rng::{Rng, place};
use chengtu_engine::command::{CaseReport, Command, Observation};
use chengtu_engine::decide::{decide_fixes, decide_observations};
use chengtu_engine::ids::{AlarmId, CaseId, ClassId, FeedId, MoverId, SensorId, UnitId};
use chengtu_engine::model::{Actor, AssignmentTarget, Fix, MoverKind, Stage, UnitStatus};
use chengtu_engine::record::Body;
use chengtu_engine::replay::{History, MemoryHistory, Player, TimeBasis};
use chengtu_engine::state::State;
use chengtu_engine::stream::{
    Mirror, ServerMessage, SnapshotReason, TILE_ZOOM, TileStream, all_things, view_of,
};
use chengtu_engine::time::Timestamp;

/// Vehicles of the traffic.
pub const MOVERS: u32 = 40;
const TRAFFIC: FeedId = FeedId(1);

/// What was recorded.
pub struct Past {
    pub live: Live,
    /// Every instant at which something was known, with the digest after all of it.
    pub noted: Vec<(Timestamp, u64)>,
    /// The first moment after the city was set up.
    pub begin: Timestamp,
}

fn at_work(live: &mut Live, rng: &mut Rng) {
    let officer = Actor::Operator("王莉".to_owned());
    if rng.chance(20) {
        let report = CaseReport {
            class: ClassId(rng.below(4) as u16),
            severity: None,
            position: place(rng),
            address: String::new(),
            note: String::new(),
            occurred_at: live.now.plus_seconds(-(rng.below(4) as i64)),
            filed_at: None,
            key: String::new(),
        };
        let _ = live.submit(&Command::ReportCase(report), &officer, None);
    }
    let cases: Vec<(CaseId, Stage)> = live
        .state
        .cases()
        .values()
        .map(|c| (c.id, c.stage))
        .collect();
    if !cases.is_empty() {
        let (case, stage) = cases[rng.below(cases.len() as u64) as usize];
        let command = match stage {
            Stage::Handled => Command::CheckCase {
                case,
                passed: !rng.chance(20),
            },
            _ => Command::DispatchUnit {
                unit: UnitId(rng.below(u64::from(UNITS)) as u32),
                target: AssignmentTarget::Case(case),
                expected_s: Some(300),
            },
        };
        let _ = live.submit(&command, &officer, None);
    }
    let unit = UnitId(rng.below(u64::from(UNITS)) as u32);
    let step = match live.state.unit(unit).map(|u| u.status) {
        Some(UnitStatus::Assigned) => Command::AcknowledgeAssignment { unit },
        Some(UnitStatus::EnRoute) => Command::ArriveOnScene { unit },
        Some(UnitStatus::OnScene) => Command::ReportHandled {
            unit,
            note: "done".to_owned(),
        },
        _ => Command::Tick,
    };
    let _ = live.submit(&step, &Actor::Unit(unit), None);
    let alarms: Vec<AlarmId> = live.state.alarms().keys().copied().collect();
    if rng.chance(30) && !alarms.is_empty() {
        let alarm = alarms[rng.below(alarms.len() as u64) as usize];
        let _ = live.submit(&Command::AcknowledgeAlarm { alarm }, &officer, None);
    }
}

fn fix(rng: &mut Rng, mover: u32, fix_time: Timestamp) -> Fix {
    Fix {
        mover: MoverId(mover),
        position: place(rng),
        bearing_cdeg: rng.below(36_000) as u16,
        speed_cmps: rng.below(2_000) as u16,
        accuracy_dm: 0,
        fix_time,
    }
}

/// Takes fixes of the traffic in.
pub fn take_fixes(live: &mut Live, fixes: &[Fix]) {
    let decision = decide_fixes(&live.state, TRAFFIC, fixes, live.now);
    if !decision.block.is_empty() {
        live.append(&Actor::Feed(TRAFFIC), None, Body::Fixes(decision.block));
    }
}

/// Registers the traffic; gives the first of its movers.
pub fn traffic(live: &mut Live) -> u32 {
    let first = live.state.movers().len() as u32;
    live.must(
        Command::RegisterMovers {
            feed: TRAFFIC,
            movers: (0..MOVERS)
                .map(|i| (format!("car-{i}"), MoverKind::Car))
                .collect(),
        },
        &Actor::Feed(TRAFFIC),
    );
    first
}

/// `steps` of five seconds each.
pub fn recorded(seed: u64, steps: u32) -> Past {
    let mut rng = Rng(seed);
    let mut live = Live::new();
    let first = traffic(&mut live);
    let begin = live.now;
    let mut noted = vec![(live.now, live.state.digest())];
    for step in 0..steps {
        live.now = live.now.plus_seconds(5);
        at_work(&mut live, &mut rng);
        let mut fixes: Vec<Fix> = (0..MOVERS)
            .filter(|_| rng.chance(70))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|i| fix(&mut rng, first + i, live.now))
            .collect();
        // Coverage was lost: some of what was stored comes minutes late.
        if step % 50 == 49 {
            let late = live.now.plus_seconds(-400);
            fixes.extend((0..MOVERS / 4).map(|i| fix(&mut rng, first + i, late)));
        }
        take_fixes(&mut live, &fixes);
        let reading = Observation {
            sensor: SensorId(rng.below(3) as u32),
            phenomenon_time: live.now,
            value: Some(rng.below(100) as f64 / 100.0),
        };
        let d = decide_observations(&live.state, TRAFFIC, &[reading], live.now);
        if !d.taken.is_empty() {
            live.append(
                &Actor::Feed(TRAFFIC),
                None,
                Body::Observations(d.taken, d.events),
            );
        }
        let _ = live.submit(&Command::Tick, &Actor::System, None);
        noted.push((live.now, live.state.digest()));
    }
    Past { live, noted, begin }
}

impl Past {
    /// Its log, with a keyframe every so many records.
    pub fn history(&self, keyframe_records: usize) -> MemoryHistory {
        MemoryHistory::new(State::new(), self.live.log.clone(), keyframe_records)
            .expect("records in order")
    }

    /// A paused player at a moment.
    pub fn player(&self, at: Timestamp) -> Player<MemoryHistory> {
        let history = self.history(700);
        Player::new(history, at, 0.0, TimeBasis::Known)
            .expect("something to play")
            .0
    }

    /// When the last record was known.
    pub fn end(&self) -> Timestamp {
        self.live.now
    }
}

/// What a session that looks at the whole city is sent as a snapshot.
pub fn snapshot(state: &State, time: Timestamp) -> ServerMessage {
    let stream = TileStream::of(state);
    let mut tiles: std::collections::BTreeSet<_> = state
        .movers()
        .iter()
        .filter_map(|m| {
            Some(chengtu_engine::geo::TileId::containing(
                m.position?,
                TILE_ZOOM,
            ))
        })
        .collect();
    tiles.insert(chengtu_engine::geo::TileId { z: 0, x: 0, y: 0 });
    ServerMessage::Snapshot {
        seq: state.seq(),
        time,
        reason: SnapshotReason::Jumped,
        changes: all_things(state)
            .filter_map(|t| view_of(state, t))
            .collect(),
        tiles: tiles
            .into_iter()
            .map(|t| stream.whole_tile(state, t, time))
            .collect(),
    }
}

/// A mirror that was sent one snapshot.
pub fn mirror_of(state: &State, time: Timestamp) -> Mirror {
    let mut mirror = Mirror::new();
    let message = snapshot(state, time);
    mirror.apply(&message).expect("a snapshot");
    mirror
}

/// Plays on by `seconds` of the city in ticks of a tenth of the driver's second.
pub fn play<H: History>(player: &mut Player<H>, ticks: u32) -> Vec<chengtu_engine::replay::Step> {
    (0..ticks)
        .map(|_| player.advance(0.1, usize::MAX).expect("readable"))
        .collect()
}
