use chengtu_engine::time::Timestamp;

/// The time of a frame, and how fast alarms pulse in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beat {
    /// The time in the current world.
    pub now: Timestamp,
    /// One pulse, seconds of the current world.
    period_s: f64,
}

impl Beat {
    /// Pulses of `pulse_s` seconds for people, in a world that runs at `pace` seconds a second, backwards where
    /// negative: however fast a world runs, its alarms pulse no faster.
    pub fn new(now: Timestamp, pulse_s: f64, pace: f32) -> Self {
        Self {
            now,
            period_s: pulse_s * f64::from(pace.abs().max(1.0)),
        }
    }

    /// How far an alarm's outline has grown: shares 0 … 1 of its way, two outlines half a way apart; nothing while
    /// it rests. For ten seconds one after the other, then every second time.
    pub fn pulse(self, since: Timestamp) -> [Option<f32>; 2] {
        let s = self.now.seconds_since(since).max(0.0);
        let period_s = if s < 10.0 {
            self.period_s
        } else {
            2.0 * self.period_s
        };
        let at = |delay: f64| {
            let x = (s - delay).rem_euclid(period_s) / self.period_s;
            (x < 1.0 && s >= delay).then_some(x as f32)
        };
        [at(0.0), at(self.period_s / 2.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_pulses_at_once_and_rests_every_other_time_after_ten_seconds() {
        let at = |ms: i64| Beat::new(Timestamp(ms * 1000), 1.2, 1.0).pulse(Timestamp(0));
        assert_eq!(at(0), [Some(0.0), None]);
        assert!((at(600)[0].unwrap() - 0.5).abs() < 1e-6 && at(600)[1] == Some(0.0));
        assert!((0..9_000).step_by(100).all(|ms| at(ms)[0].is_some()));
        let resting = (12_000..16_800)
            .step_by(10)
            .filter(|ms| at(*ms)[0].is_none())
            .count();
        // Two of four periods rest.
        assert!((238..=242).contains(&resting), "{resting}");
    }

    #[test]
    fn a_world_that_runs_fast_pulses_as_often_for_people_and_changes_nothing_for_the_next() {
        let at =
            |s: i64, pace| Beat::new(Timestamp::from_seconds(s), 1.2, pace).pulse(Timestamp(0));
        // 36 s at 60 seconds a second are as far into a pulse as 0.6 s of the city.
        let near = |a: [Option<f32>; 2], x: f32| (a[0].unwrap() - x).abs() < 1e-5;
        let slow = Beat::new(Timestamp(600_000), 1.2, 1.0).pulse(Timestamp(0));
        assert!(near(slow, 0.5));
        let fast = Beat {
            now: Timestamp::from_seconds(36),
            ..Beat::new(Timestamp(0), 1.2, -60.0)
        };
        assert!((fast.period_s - 72.0).abs() < 1e-9);
        assert_eq!(at(9, 60.0), at(9, -60.0));
        assert!(near(
            Beat::new(Timestamp(600_000), 1.2, 0.0).pulse(Timestamp(0)),
            0.5
        ));
    }
}
