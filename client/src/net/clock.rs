use chengtu_engine::time::Timestamp;
use std::collections::VecDeque;

/// Samples that are looked back on.
const WINDOW: usize = 24;
/// An error beyond this is taken over at once instead of being slewed away.
const STEP_US: i64 = 2_000_000;
/// Largest change of pace while an error is slewed away.
const SLEW: f64 = 0.05;

/// The server's clock as it is reckoned here. It never runs backwards and never jumps, except where it is wrong by
/// seconds (first contact, another server).
///
/// A message made at server time `s` and read at local time `l` says that the server is at least `s − l` ahead; the
/// largest of the latest samples is the one that was under way for the shortest time.
#[derive(Clone, Debug, Default)]
pub struct ServerClock {
    samples: VecDeque<i64>,
    ahead_us: Option<f64>,
    last_local_us: i64,
    now_us: i64,
    half_rtt_us: i64,
}

impl ServerClock {
    /// Takes a sample: the server's time in a message and the local monotonic time when it was read, microseconds.
    pub fn sample(&mut self, server: Timestamp, local_us: i64) {
        if self.samples.len() == WINDOW {
            self.samples.pop_front();
        }
        self.samples.push_back(server.0.saturating_sub(local_us));
    }

    /// The time a small message and its answer take, microseconds; half of it is how old a message is when read.
    pub fn round_trip(&mut self, rtt_us: i64) {
        self.half_rtt_us = rtt_us.clamp(0, STEP_US) / 2;
    }

    /// Forgets everything; the next sample is taken over at once.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// True once the server has been heard.
    pub fn is_set(&self) -> bool {
        self.ahead_us.is_some()
    }

    /// Moves on to a local monotonic time in microseconds and returns the server's.
    pub fn advance(&mut self, local_us: i64) -> Timestamp {
        let Some(best) = self.samples.iter().max().map(|a| a + self.half_rtt_us) else {
            self.last_local_us = local_us;
            return Timestamp(self.now_us);
        };
        let passed_us = (local_us - self.last_local_us).max(0);
        let ahead_us = match self.ahead_us {
            Some(ahead) if (best as f64 - ahead).abs() <= STEP_US as f64 => {
                let most = passed_us as f64 * SLEW;
                ahead + (best as f64 - ahead).clamp(-most, most)
            }
            known => {
                // A wrong clock is put right, even if that means going back.
                if known.is_some() {
                    let newest = self.samples.back().copied();
                    self.samples.clear();
                    self.samples.extend(newest);
                }
                self.now_us = i64::MIN;
                self.samples.back().map_or(best, |a| a + self.half_rtt_us) as f64
            }
        };
        self.ahead_us = Some(ahead_us);
        self.last_local_us = local_us;
        self.now_us = self.now_us.max(local_us + ahead_us as i64);
        Timestamp(self.now_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds the server's clock is ahead in these tests, microseconds.
    const AHEAD: i64 = 1_700_000_000_000_000;

    #[test]
    fn follows_the_server_through_uneven_delays_without_jumping_or_going_back() {
        let mut clock = ServerClock::default();
        let mut last = 0;
        for i in 0..600i64 {
            let local = i * 16_667;
            if i % 6 == 0 {
                let delay = 1_000 + (i * 7919 % 200) * 1_000;
                clock.sample(Timestamp(local + AHEAD - delay), local);
            }
            let now = clock.advance(local).0;
            if i > 0 {
                let step = now - last;
                assert!((0..=18_000).contains(&step), "{i}: {step}");
            }
            last = now;
        }
        let error = last - (599 * 16_667 + AHEAD);
        assert!((-40_000..=0).contains(&error), "{error}");
    }

    #[test]
    fn half_the_round_trip_is_added() {
        let mut clock = ServerClock::default();
        clock.round_trip(80_000);
        clock.sample(Timestamp(AHEAD - 40_000), 0);
        assert_eq!(clock.advance(0).0, AHEAD);
    }

    #[test]
    fn a_clock_wrong_by_minutes_is_put_right_at_once_in_either_direction() {
        for wrong in [-90_000_000, 90_000_000] {
            let mut clock = ServerClock::default();
            clock.sample(Timestamp(AHEAD + wrong), 0);
            clock.advance(1_000);
            for i in 1..=WINDOW as i64 {
                clock.sample(Timestamp(AHEAD + i * 1_000), i * 1_000);
                clock.advance(i * 1_000);
            }
            let now = clock.advance(30_000).0;
            assert!(
                (now - AHEAD - 30_000).abs() < 1_000,
                "{wrong}: {}",
                now - AHEAD
            );
        }
    }
}
