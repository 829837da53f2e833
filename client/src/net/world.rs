use chengtu_engine::record::World;
use chengtu_engine::replay::WorldClock;
use chengtu_engine::stream::{ServerMessage, WorldInfo};
use chengtu_engine::time::Timestamp;

/// Without a message for so long the clock is held: the line is cut, and the world's time is not known here.
const SILENCE_MAX_US: i64 = 2_500_000;
/// A clock that runs ahead of the server's by more than this, seconds times its speed, is put back at once.
const AHEAD_MAX_S: f64 = 0.35;

/// The world that is shown and its clock. The running city has no clock here: its time is the server's.
#[derive(Clone, Debug, Default)]
pub struct CurrentWorld {
    info: Option<Box<WorldInfo>>,
    clock: Option<WorldClock>,
    read_us: i64,
    now: Timestamp,
    /// A greeting came, and whether the session is back in its world is not known before the next message.
    unsure: bool,
    discontinuities: u64,
    frames: u64,
}

impl CurrentWorld {
    /// The world that is shown; the running city until another one is entered.
    pub fn world(&self) -> World {
        self.info.as_ref().map_or(World::Live, |i| i.world)
    }

    /// Its title, owner, seat and so on; `None` in the running city.
    pub fn info(&self) -> Option<&WorldInfo> {
        self.info.as_deref()
    }

    /// Its clock as the server sent it last; `None` in the running city.
    pub fn clock(&self) -> Option<&WorldClock> {
        self.clock.as_ref()
    }

    /// How often the course of time was cut: by another world or a jump of the clock. What lies in between was not
    /// seen, and nothing of it rings, flashes or glides.
    pub fn discontinuities(&self) -> u64 {
        self.discontinuities
    }

    /// Seconds of this world a second: 1 in the running city, 0 while the clock is paused.
    pub fn pace(&self) -> f32 {
        match &self.clock {
            None => 1.0,
            Some(c) if c.playing => c.speed,
            Some(_) => 0.0,
        }
    }

    /// While the clock of another world is paused: an id of the frame, another one for every moment and for whatever
    /// came for it. What is drawn then forgets how the moment was reached, so that it looks the same from either side.
    pub fn frozen_frame(&self) -> Option<u64> {
        self.clock
            .as_ref()
            .filter(|c| !c.playing)
            .map(|_| self.frames)
    }

    /// The time in another world; `None` in the running city.
    pub fn now(&self) -> Option<Timestamp> {
        self.clock.as_ref().map(|_| self.now)
    }

    /// Applies a message that was read at a local monotonic time, microseconds.
    pub fn take(&mut self, message: &ServerMessage, local_us: i64) {
        match message {
            ServerMessage::Hello(_) => self.unsure = self.info.is_some(),
            ServerMessage::Entered(info) => {
                self.unsure = false;
                self.discontinuities += 1;
                self.frames += 1;
                let elsewhere = info.world != World::Live;
                self.info = elsewhere.then(|| info.clone());
                self.clock = None;
                if let Some(clock) = info.clock.filter(|_| elsewhere) {
                    self.put(clock, local_us);
                }
            }
            ServerMessage::Snapshot { .. } => {
                if std::mem::take(&mut self.unsure) {
                    // The world of before is gone; the session is in the running city.
                    (self.info, self.clock) = (None, None);
                    self.discontinuities += 1;
                }
                self.frames += 1;
            }
            ServerMessage::Frame(_)
            | ServerMessage::Hotspots { .. }
            | ServerMessage::HotspotsWithChance { .. } => {
                self.frames += 1;
            }
            ServerMessage::Clock(clock) if self.info.is_some() => self.put(*clock, local_us),
            _ => {}
        }
    }

    /// Something beside the messages changed the picture of the moment.
    pub fn touch(&mut self) {
        self.frames += 1;
    }

    fn put(&mut self, sent: WorldClock, local_us: i64) {
        let before = self.clock.replace(sent);
        self.read_us = local_us;
        let goes_on = before.is_some_and(|b| {
            b.jumps == sent.jumps
                && b.playing
                && sent.playing
                && b.speed.to_bits() == sent.speed.to_bits()
        });
        if before.is_some_and(|b| b.jumps != sent.jumps || b.basis != sent.basis) {
            self.discontinuities += 1;
        }
        // A log that grows at its end changes nothing of the moment.
        let same = before.is_some_and(|b| {
            let (from, to) = (sent.from, sent.to);
            WorldClock { from, to, ..b } == sent
        });
        if !same {
            self.frames += 1;
        }
        let ahead_s = self.now.seconds_since(sent.time) * f64::from(sent.speed.signum());
        let tolerated_s = AHEAD_MAX_S * f64::from(sent.speed.abs());
        // While it runs on, a message that was long under way does not put it back.
        if !goes_on || ahead_s > tolerated_s || ahead_s < 0.0 {
            self.now = sent.time;
        }
        if let Some(info) = &mut self.info {
            info.clock = Some(sent);
        }
    }

    /// Moves on to a local monotonic time, microseconds.
    pub fn advance(&mut self, local_us: i64) {
        let Some(clock) = self.clock else { return };
        if !clock.playing {
            self.now = clock.time;
            return;
        }
        let passed_us = (local_us - self.read_us).clamp(0, SILENCE_MAX_US);
        let moved_us = (passed_us as f64 * f64::from(clock.speed)) as i64;
        let reckoned = Timestamp(clock.time.0.saturating_add(moved_us));
        let reckoned = reckoned.clamp(clock.from.min(clock.time), clock.to.max(clock.time));
        // Never against its own direction.
        self.now = if clock.speed < 0.0 {
            self.now.min(reckoned)
        } else {
            self.now.max(reckoned)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::drill::Seat;
    use chengtu_engine::replay::TimeBasis;
    use chengtu_engine::stream::{Frame, SnapshotReason};

    const AT: Timestamp = Timestamp::from_seconds(1_000_000);

    pub(crate) fn clock(time: Timestamp, speed: f32, playing: bool, jumps: u32) -> WorldClock {
        WorldClock {
            time,
            speed,
            playing,
            basis: TimeBasis::Known,
            from: AT.plus_seconds(-3_600),
            to: AT.plus_seconds(3_600),
            jumps,
        }
    }

    fn entered(world: World, clock: Option<WorldClock>) -> ServerMessage {
        ServerMessage::Entered(Box::new(WorldInfo {
            world,
            title: String::new(),
            owner: String::new(),
            shared: false,
            seat: Seat::Viewer,
            clock,
            notice: String::new(),
            notice_en: String::new(),
            record_of: None,
        }))
    }

    fn replay(speed: f32, playing: bool) -> CurrentWorld {
        let mut world = CurrentWorld::default();
        world.take(
            &entered(World::Replay(1), Some(clock(AT, speed, playing, 0))),
            0,
        );
        world
    }

    fn snapshot() -> ServerMessage {
        ServerMessage::Snapshot {
            seq: 1,
            time: AT,
            reason: SnapshotReason::Subscribed,
            changes: vec![],
            tiles: vec![],
        }
    }

    #[test]
    fn the_running_city_has_no_clock_of_its_own() {
        let mut world = CurrentWorld::default();
        world.take(&ServerMessage::Clock(clock(AT, 5.0, true, 0)), 0);
        world.advance(1_000_000);
        assert_eq!(
            (
                world.world(),
                world.now(),
                world.pace(),
                world.frozen_frame()
            ),
            (World::Live, None, 1.0, None)
        );
    }

    #[test]
    fn a_replay_runs_at_its_speed_forwards_and_backwards_and_holds_when_paused() {
        for (speed, seconds) in [(1.0, 1), (60.0, 60), (-60.0, -60), (1_500.0, 1_500)] {
            let mut world = replay(speed, true);
            world.advance(1_000_000);
            assert_eq!(world.now(), Some(AT.plus_seconds(seconds)), "{speed}");
            world.take(
                &ServerMessage::Clock(clock(AT.plus_seconds(7), speed, false, 0)),
                2,
            );
            world.advance(9_000_000);
            assert_eq!(world.now(), Some(AT.plus_seconds(7)));
            assert_eq!(world.pace(), 0.0);
        }
    }

    #[test]
    fn it_ends_where_the_log_ends_and_stops_when_nothing_is_heard() {
        let mut world = replay(3_600.0, true);
        world.advance(2_000_000);
        assert_eq!(world.now(), Some(AT.plus_seconds(3_600)));
        let mut world = replay(10.0, true);
        world.advance(60_000_000);
        assert_eq!(world.now(), Some(AT.plus_seconds(25)));
    }

    #[test]
    fn late_words_never_put_it_back_and_a_jump_does_at_once() {
        let mut world = replay(10.0, true);
        world.advance(1_000_000);
        // 200 ms under way: 8 s have passed when 10 were reckoned.
        world.take(
            &ServerMessage::Clock(clock(AT.plus_seconds(8), 10.0, true, 0)),
            1_000_000,
        );
        world.advance(1_000_000);
        assert_eq!(world.now(), Some(AT.plus_seconds(10)));
        world.advance(1_300_000);
        assert_eq!(world.now(), Some(AT.plus_seconds(11)));
        let discontinuities = world.discontinuities();
        world.take(
            &ServerMessage::Clock(clock(AT.plus_seconds(-900), 10.0, true, 1)),
            1_300_000,
        );
        world.advance(1_300_000);
        assert_eq!(world.now(), Some(AT.plus_seconds(-900)));
        assert_eq!(world.discontinuities(), discontinuities + 1);
    }

    #[test]
    fn changing_the_speed_keeps_the_time() {
        let mut world = replay(60.0, true);
        world.advance(500_000);
        let at = world.now().unwrap();
        world.take(&ServerMessage::Clock(clock(at, -60.0, true, 0)), 500_000);
        world.advance(500_000);
        assert_eq!(world.now(), Some(at));
        world.advance(1_500_000);
        assert_eq!(world.now(), Some(at.plus_seconds(-60)));
    }

    #[test]
    fn every_paused_moment_has_its_own_id_and_running_ones_none() {
        let mut world = replay(1.0, false);
        let a = world.frozen_frame().unwrap();
        world.take(&ServerMessage::Clock(clock(AT, 1.0, false, 0)), 0);
        assert_eq!(
            world.frozen_frame(),
            Some(a),
            "the same again changes nothing"
        );
        let grown = WorldClock {
            to: AT.plus_seconds(9_000),
            ..clock(AT, 1.0, false, 0)
        };
        world.take(&ServerMessage::Clock(grown), 0);
        assert_eq!(world.frozen_frame(), Some(a), "nor does a log that grows");
        world.take(&ServerMessage::Frame(Frame::default()), 0);
        let b = world.frozen_frame().unwrap();
        world.take(
            &ServerMessage::Clock(clock(AT.plus_seconds(1), 1.0, false, 1)),
            0,
        );
        assert!(a != b && world.frozen_frame() != Some(b));
        world.take(
            &ServerMessage::Clock(clock(AT.plus_seconds(1), 1.0, true, 1)),
            0,
        );
        assert_eq!(world.frozen_frame(), None);
    }

    #[test]
    fn after_a_cut_the_replay_goes_on_being_shown_until_another_world_is_known() {
        let hello = |world: &mut CurrentWorld| {
            world.take(
                &ServerMessage::Hello(Box::new(crate::panels::model::sample::hello())),
                0,
            );
        };
        let mut world = replay(1.0, true);
        hello(&mut world);
        assert_eq!(world.world(), World::Replay(1));
        world.take(&entered(World::Replay(2), Some(clock(AT, 1.0, true, 0))), 0);
        world.take(&snapshot(), 0);
        assert_eq!(world.world(), World::Replay(2));
        // The server has put the session in the running city.
        hello(&mut world);
        world.take(&snapshot(), 0);
        assert_eq!((world.world(), world.now()), (World::Live, None));
    }
}
