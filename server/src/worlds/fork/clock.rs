use chengtu_engine::time::Timestamp;
use std::time::Instant;

/// Fastest speed of a fork; it cannot run ahead of what has been computed anyway.
pub(super) const SPEED_MAX: f32 = 600.0;
/// Fastest speed backwards.
pub(super) const SPEED_MIN: f32 = -60.0;

/// The one clock of both branches.
#[derive(Clone, Copy, Debug)]
pub(super) struct ForkClock {
    time: Timestamp,
    since: Instant,
    pub speed: f32,
    pub playing: bool,
    /// First moment that there is.
    pub from: Timestamp,
    /// How far both branches have been computed.
    pub to: Timestamp,
    /// Counts the jumps.
    pub jumps: u32,
}

impl ForkClock {
    /// A clock at a moment, which is the last computed so far.
    pub fn new(from: Timestamp, at: Timestamp, now: Instant) -> Self {
        Self {
            time: at,
            since: now,
            speed: 1.0,
            playing: true,
            from,
            to: at,
            jumps: 0,
        }
    }

    /// What time it is in the fork; held within what there is.
    pub fn time(&mut self, now: Instant) -> Timestamp {
        if self.playing {
            let passed_s = (now - self.since).as_secs_f64() * f64::from(self.speed);
            let there = Timestamp(self.time.0.saturating_add((passed_s * 1e6) as i64));
            self.time = there.clamp(self.from, self.to);
        }
        self.since = now;
        self.time
    }

    /// To a moment; where it is held, true.
    pub fn seek(&mut self, to: Timestamp, now: Instant) -> bool {
        self.time = to.clamp(self.from, self.to);
        self.since = now;
        self.jumps = self.jumps.wrapping_add(1);
        self.time != to
    }

    /// Goes on, or pauses.
    pub fn play(&mut self, playing: bool, now: Instant) {
        self.time(now);
        self.playing = playing;
    }

    /// Chooses a speed; false where it is none.
    pub fn set_speed(&mut self, speed: f32, now: Instant) -> bool {
        let good = (SPEED_MIN..=SPEED_MAX).contains(&speed);
        if good {
            self.time(now);
            self.speed = speed;
        }
        good
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn it_runs_at_its_speed_no_further_than_was_computed_and_keeps_its_place() {
        let begin = Instant::now();
        let after = |ms: u64| begin + Duration::from_millis(ms);
        let second = Timestamp::from_seconds;
        let mut clock = ForkClock::new(second(0), second(100), begin);
        assert_eq!(
            clock.time(after(500)),
            second(100),
            "nothing is computed yet"
        );
        clock.to = second(1_000);
        assert!(clock.set_speed(60.0, after(500)));
        assert_eq!(clock.time(after(1_500)), second(160));
        assert!(!clock.set_speed(601.0, after(1_500)) && !clock.set_speed(f32::NAN, after(1_500)));
        clock.play(false, after(2_500));
        assert_eq!(clock.time(after(9_000)), second(220));
        clock.play(true, after(9_000));
        assert!(clock.set_speed(-60.0, after(9_000)));
        assert_eq!(clock.time(after(10_000)), second(160));
        assert_eq!(clock.time(after(99_000)), second(0));
        assert!(!clock.seek(second(900), after(99_000)));
        assert!(clock.seek(second(2_000), after(99_000)));
        assert_eq!((clock.time(after(99_000)), clock.jumps), (second(1_000), 2));
    }
}
