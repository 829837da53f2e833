use chengtu_engine::chance::Chance;
use std::time::Duration;

/// Waits between attempts to reach the server: doubling from `first` to `longest`, each shortened or stretched by up
/// to a quarter, so that a thousand clients do not come back in the same instant. Only a line that held longer than the
/// longest wait begins them anew: one that is cut right after the greeting, each time, is a failure like any other.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
    jitter: Chance,
}

/// Largest share by which a wait is stretched or shortened.
const JITTER: f64 = 0.25;

impl Backoff {
    /// Waits from half a second to a quarter of a minute; `seed` decides the jitter.
    pub fn new(seed: u64) -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(15),
            failures: 0,
            jitter: Chance::new(seed),
        }
    }

    /// How long to wait after one more failure, of a line that held for so long; zero for one that never was.
    pub fn next_wait(&mut self, held: Duration) -> Duration {
        if held > self.longest {
            self.failures = 0;
        }
        let doubled = self.first * 2u32.saturating_pow(self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        let base = doubled.min(self.longest);
        base.mul_f64(1.0 + self.jitter.between(-JITTER, JITTER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_a_limit_and_begin_anew_after_a_line_that_held() {
        let mut backoff = Backoff::new(7);
        let cut_at_once = Duration::from_secs(2);
        let waits: Vec<f64> = (0..12)
            .map(|_| backoff.next_wait(cut_at_once).as_secs_f64())
            .collect();
        for (i, wait) in waits.iter().enumerate() {
            let base = (0.5 * 2f64.powi(i as i32)).min(15.0);
            assert!((wait / base - 1.0).abs() <= JITTER + 1e-9, "{i}: {wait}");
        }
        let held = Duration::from_mins(1);
        assert!(backoff.next_wait(held).as_secs_f64() < 0.7);
    }

    #[test]
    fn clients_do_not_come_back_together() {
        let first: std::collections::BTreeSet<u128> = (0..100)
            .map(|seed| Backoff::new(seed).next_wait(Duration::ZERO).as_micros())
            .collect();
        assert!(first.len() > 95);
    }
}
