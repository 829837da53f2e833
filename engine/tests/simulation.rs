//! One seed, one city: random commands, fixes, readings, time and lost connections. Whatever happens, the log folds to
//! the same city, screens show what the server has, and the index agrees with brute force.

mod city;
mod rng;

use chengtu_engine::command::{CaseReport, Command, Observation};
use chengtu_engine::decide::{decide_fixes, decide_observations};
use chengtu_engine::geo::{GeoBox, Position, Viewport};
use chengtu_engine::ids::{AlarmId, CaseId, ClassId, CommandId, FeedId, MoverId, SensorId, UnitId};
use chengtu_engine::model::{Actor, AssignmentTarget, Fix, MoverKind};
use chengtu_engine::record::Body;
use chengtu_engine::state::State;
use chengtu_engine::stream::{
    Broadcast, Continue, Frame, HotspotWatch, Layer, Mirror, ServerMessage, SnapshotReason,
    Subscription, View, stream_tile,
};
use chengtu_engine::time::Timestamp;
use city::{Live, NORTH_EAST, SOUTH_WEST, UNITS};
use rng::{Rng, place};

/// A screen that looks at a part of the city and sometimes loses its connection.
struct Screen {
    view: View,
    mirror: Mirror,
    connected: bool,
}

impl Screen {
    fn new(area: GeoBox) -> Self {
        let (sw, ne) = (area.min.lon_lat(), area.max.lon_lat());
        let mut view = View::new(Continue::Afresh(SnapshotReason::Subscribed));
        view.subscribe(Subscription {
            viewport: Some(Viewport {
                west: sw.lon_deg,
                south: sw.lat_deg,
                east: ne.lon_deg,
                north: ne.lat_deg,
                zoom: 14.0,
            }),
            layers: vec![Layer::Movers, Layer::Units, Layer::Cases, Layer::Sensors],
            rate_hz: 10.0,
        });
        Self {
            view,
            mirror: Mirror::new(),
            connected: false,
        }
    }
}

struct Run {
    live: Live,
    rng: Rng,
    broadcast: Broadcast,
    screens: Vec<Screen>,
    movers: u32,
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut rng = Rng(seed);
        let live = Live::new();
        let mut broadcast = Broadcast::new(&live.state, HotspotWatch::default(), 0);
        let mut screens = Vec::new();
        for _ in 0..3 {
            screens.push(Screen::new(GeoBox::new(place(&mut rng), place(&mut rng))));
        }
        screens.push(Screen::new(GeoBox::new(SOUTH_WEST, NORTH_EAST)));
        broadcast.set_rates(screens.iter().map(|s| &s.view), false);
        Self {
            live,
            rng,
            broadcast,
            screens,
            movers: 0,
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of command")]
    fn command(&mut self) {
        let rng = &mut self.rng;
        let operator = Actor::Operator(["甲", "乙"][rng.below(2) as usize].to_owned());
        let unit = UnitId(rng.below(u64::from(UNITS) + 1) as u32);
        let case = CaseId(1 + rng.below(self.live.state.cases().len() as u64 + 2));
        let own = if rng.chance(90) {
            Actor::Unit(unit)
        } else {
            Actor::Unit(UnitId(0))
        };
        let (command, actor) = match rng.below(20) {
            0..4 => {
                let report = CaseReport {
                    class: ClassId(rng.below(5) as u16),
                    severity: None,
                    position: place(rng),
                    address: "某路".to_owned(),
                    note: String::new(),
                    occurred_at: self.live.now.plus_seconds(30 - rng.below(600) as i64),
                    filed_at: None,
                    key: format!("k{}", rng.below(400)),
                };
                let feed = Actor::Feed(FeedId(1));
                (
                    Command::ReportCase(report),
                    if rng.chance(50) { feed } else { operator },
                )
            }
            4..8 => {
                let target = if rng.chance(85) {
                    AssignmentTarget::Case(case)
                } else {
                    AssignmentTarget::Place(place(rng))
                };
                (
                    Command::DispatchUnit {
                        unit,
                        target,
                        expected_s: Some(90),
                    },
                    operator,
                )
            }
            8..10 => (Command::AcknowledgeAssignment { unit }, own),
            10..12 => (Command::ArriveOnScene { unit }, own),
            12..14 => (
                Command::ReportHandled {
                    unit,
                    note: "修好".to_owned(),
                },
                own,
            ),
            14 => (
                Command::CheckCase {
                    case,
                    passed: rng.chance(80),
                },
                operator,
            ),
            15 => (Command::RecallUnit { unit }, operator),
            16 => {
                let to = UnitId(rng.below(u64::from(UNITS)) as u32);
                (
                    Command::ReassignCase {
                        case,
                        from: unit,
                        to,
                        expected_s: None,
                    },
                    operator,
                )
            }
            17 => (
                Command::AcknowledgeAlarm {
                    alarm: AlarmId(1 + rng.below(30)),
                },
                operator,
            ),
            18 => (
                Command::VoidCase {
                    case,
                    reason: ["", "误报"][rng.below(2) as usize].to_owned(),
                },
                operator,
            ),
            _ => match rng.below(3) {
                0 => (
                    Command::BundleCase {
                        case,
                        into: CaseId(1 + rng.below(9)),
                    },
                    operator,
                ),
                1 => (
                    Command::SetInService {
                        unit,
                        in_service: rng.chance(70),
                    },
                    own,
                ),
                _ => (Command::FileCase { case, class: None }, operator),
            },
        };
        let id = CommandId(self.rng.next(), self.rng.next());
        let before = self.live.state.digest();
        if self.live.submit(&command, &actor, Some(id)).is_err() {
            assert_eq!(
                self.live.state.digest(),
                before,
                "a refusal changes nothing"
            );
        }
    }

    fn fixes(&mut self) {
        let feed = FeedId(self.rng.below(2) as u16);
        if feed == FeedId(1) && self.movers < 60 {
            self.movers += 10;
            let movers = (0..self.movers)
                .map(|i| (format!("v{i}"), MoverKind::Taxi))
                .collect();
            self.live
                .must(Command::RegisterMovers { feed, movers }, &Actor::Feed(feed));
        }
        let all = self.live.state.movers().len() as u64;
        let fixes: Vec<Fix> = (0..self.rng.below(40))
            .map(|_| Fix {
                mover: MoverId(self.rng.below(all + 1) as u32),
                position: if self.rng.chance(97) {
                    place(&mut self.rng)
                } else {
                    Position::new(i32::MAX, 5)
                },
                bearing_cdeg: self.rng.below(36_000) as u16,
                speed_cmps: self.rng.below(3_000) as u16,
                accuracy_dm: 30,
                fix_time: self.live.now.plus_seconds(self.rng.below(100) as i64 - 30),
            })
            .collect();
        let decided = decide_fixes(&self.live.state, feed, &fixes, self.live.now);
        assert_eq!(decided.block.len() + decided.problems.len(), fixes.len());
        if !decided.block.is_empty() {
            self.live
                .append(&Actor::Feed(feed), None, Body::Fixes(decided.block));
        }
    }

    fn readings(&mut self) {
        let readings: Vec<Observation> = (0..self.rng.below(5))
            .map(|_| Observation {
                sensor: SensorId(self.rng.below(4) as u32),
                phenomenon_time: self.live.now.plus_seconds(self.rng.below(90) as i64 - 60),
                value: self
                    .rng
                    .chance(95)
                    .then(|| self.rng.below(100) as f64 / 90.0),
            })
            .collect();
        let d = decide_observations(&self.live.state, FeedId(1), &readings, self.live.now);
        if !d.taken.is_empty() {
            self.live.append(
                &Actor::Feed(FeedId(1)),
                None,
                Body::Observations(d.taken, d.events),
            );
        }
    }

    /// What the server does at the end of a tick: one frame for all who look, a snapshot for who is new.
    fn publish(&mut self) {
        let changes = core::mem::take(&mut self.live.changes);
        let state = &self.live.state;
        self.broadcast.note(state, changes);
        let tick = self.broadcast.end_tick(state, self.live.now, true);
        for screen in &mut self.screens {
            if self.rng.chance(4) {
                screen.connected = false;
            }
            if !screen.connected {
                if !self.rng.chance(50) {
                    continue;
                }
                screen.connected = true;
                screen.view.restart(SnapshotReason::Asked);
            }
            let Some(update) = screen.view.end_tick(&tick) else {
                continue;
            };
            screen
                .mirror
                .apply(&tick.message(&screen.view, update))
                .expect("frames follow one another");
        }
    }

    fn compare(&self, seed: u64) {
        let state = &self.live.state;
        for screen in self.screens.iter().filter(|s| s.connected) {
            let m = &screen.mirror;
            assert_eq!(
                m.cases,
                state
                    .cases()
                    .iter()
                    .map(|(id, c)| (*id, c.into()))
                    .collect(),
                "seed {seed}"
            );
            assert_eq!(
                m.units,
                state.units().iter().map(|u| (u.id, u.into())).collect(),
                "seed {seed}"
            );
            assert_eq!(
                m.sensors,
                state.sensors().iter().map(|s| (s.id, s.into())).collect(),
                "seed {seed}"
            );
            assert_eq!(
                m.alarms,
                state
                    .alarms()
                    .iter()
                    .map(|(id, a)| (*id, a.into()))
                    .collect(),
                "seed {seed}"
            );
            let wanted = screen.view.tiles();
            let expected: Vec<_> = (0..)
                .map(MoverId)
                .zip(state.movers())
                .filter_map(|(id, mover)| Some((id, mover.position?, mover.kind, mover.unit)))
                .filter(|(_, p, _, unit)| wanted.contains(&stream_tile(*p, unit.is_some())))
                .collect();
            let seen: Vec<_> = m
                .movers()
                .map(|v| (v.id, v.position, v.kind, v.unit))
                .collect();
            assert_eq!(seen, expected, "seed {seed}: movers of the screen");
            assert_eq!(m.mover_count(), seen.len());
        }
    }

    fn index_is_brute_force(&mut self) {
        let state = &self.live.state;
        let area = GeoBox::new(place(&mut self.rng), place(&mut self.rng));
        let movers: Vec<_> = (0..)
            .map(MoverId)
            .zip(state.movers())
            .filter(|(_, m)| m.position.is_some_and(|p| area.contains(p)))
            .map(|(id, _)| id)
            .collect();
        assert_eq!(state.spatial().movers_in(area), movers);
        let cases: Vec<_> = state
            .cases()
            .values()
            .filter(|c| c.stage.is_open() && area.contains(c.position))
            .map(|c| c.id)
            .collect();
        assert_eq!(state.spatial().cases_in(area), cases);
        let sensors: Vec<_> = state
            .sensors()
            .iter()
            .filter(|s| area.contains(s.position))
            .map(|s| s.id)
            .collect();
        assert_eq!(state.spatial().sensors_in(area), sensors);
    }

    fn step(&mut self) {
        match self.rng.below(10) {
            0..6 => self.command(),
            6..8 => self.fixes(),
            8 => self.readings(),
            _ => {
                self.live.now = self.live.now.plus_seconds(self.rng.below(400) as i64);
                self.live.must(Command::Tick, &Actor::System);
            }
        }
        self.live.now = Timestamp(self.live.now.0 + 100_000);
        if self.rng.chance(40) {
            self.publish();
        }
    }
}

fn simulate(seed: u64, steps: usize) -> Run {
    let mut run = Run::new(seed);
    for step in 0..steps {
        run.step();
        if step % 50 == 0 {
            run.index_is_brute_force();
        }
    }
    run.publish();
    run.compare(seed);
    run
}

fn replay(run: &Run) -> State {
    let mut state = State::new();
    for record in &run.live.log {
        let kept = postcard::to_stdvec(record).expect("records can be kept");
        state.apply(&postcard::from_bytes(&kept).expect("and read"));
    }
    state
}

#[test]
fn a_hundred_cities_replay_to_what_they_were_and_screens_show_them() {
    let mut busiest = 0;
    for seed in 0..100 {
        let run = simulate(seed, 300);
        let live = run.live.state.digest();
        assert_eq!(replay(&run).digest(), live, "seed {seed}: replay");
        let middle = run.live.log.len() / 2;
        let mut state = State::new();
        for record in &run.live.log[..middle] {
            state.apply(record);
        }
        let mut kept = Vec::new();
        state.encode_pieces(|piece| kept.extend(piece));
        assert_eq!(
            kept,
            state.encode().unwrap(),
            "seed {seed}: in pieces as in one"
        );
        let mut state = State::decode(&kept).unwrap();
        for record in &run.live.log[middle..] {
            state.apply(record);
        }
        assert_eq!(state.digest(), live, "seed {seed}: from a keyframe");
        assert_eq!(
            simulate(seed, 300).live.state.digest(),
            live,
            "seed {seed}: a second run"
        );
        busiest = busiest.max(
            run.live
                .state
                .cases()
                .values()
                .filter(|c| c.handled_by.is_some())
                .count(),
        );
    }
    assert!(
        busiest >= 3,
        "the runs must reach the end of a case's life; at most {busiest} were handled"
    );
}

#[test]
fn a_record_left_out_is_noticed() {
    let run = simulate(7, 300);
    let mut state = State::new();
    for record in run.live.log.iter().filter(|r| r.seq != 40) {
        state.apply(record);
    }
    assert_ne!(
        state.digest(),
        run.live.state.digest(),
        "the canary: a lost record must change the digest"
    );
}

#[test]
fn a_frame_left_out_is_noticed() {
    let mut run = simulate(11, 200);
    let screen = run
        .screens
        .iter_mut()
        .find(|s| s.connected)
        .expect("a screen is connected");
    let frame = Frame {
        seq: screen.mirror.seq + 2,
        prev_seq: screen.mirror.seq + 1,
        ..Frame::default()
    };
    assert!(screen.mirror.apply(&ServerMessage::Frame(frame)).is_err());
}
