//! Tokens that are guessed: an address that shows wrong ones waits before its next are looked at, ever longer, and never
//! longer than an honest desk beside it can bear.

use crate::door::Connection;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Wrong tokens of an address that cost nothing: slips of the hand, and a desk whose token was changed.
pub const GUESSES_FREE_MAX: u32 = 5;
/// How long the first wrong token beyond has the next one wait; each further one twice as long.
pub const GUESS_WAIT_FIRST: Duration = Duration::from_millis(250);
/// The longest that a token waits, right or wrong: nobody is locked out, whoever guesses at the same address.
pub const GUESS_WAIT_MAX: Duration = Duration::from_secs(4);
/// An address without a wrong token for so long has none behind it.
pub const GUESSES_FORGOTTEN_AFTER: Duration = Duration::from_mins(10);
/// Addresses that are remembered; of more the one that has been quiet longest is forgotten.
pub const GUESSING_ADDRESSES_MAX: usize = 10_000;

/// Wrong tokens by address; IPv6 counts by /64.
#[derive(Debug, Default)]
pub(super) struct Guesses(Mutex<BTreeMap<IpAddr, Guessed>>);

#[derive(Clone, Copy, Debug)]
struct Guessed {
    count: u32,
    last: Instant,
}

impl Guesses {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<IpAddr, Guessed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long the next token of an address waits.
    fn wait_of(&self, address: IpAddr, now: Instant) -> Duration {
        let all = self.lock();
        let Some(guessed) = all.get(&address) else {
            return Duration::ZERO;
        };
        if now.saturating_duration_since(guessed.last) >= GUESSES_FORGOTTEN_AFTER {
            return Duration::ZERO;
        }
        let Some(beyond) = guessed.count.checked_sub(GUESSES_FREE_MAX + 1) else {
            return Duration::ZERO;
        };
        // Sixteen doublings are far beyond the longest.
        (GUESS_WAIT_FIRST * (1 << beyond.min(16))).min(GUESS_WAIT_MAX)
    }

    fn add(&self, address: IpAddr, now: Instant) {
        metrics::counter!("chengtu_wrong_tokens_total").increment(1);
        let mut all = self.lock();
        let known = all.entry(address).or_insert(Guessed {
            count: 0,
            last: now,
        });
        if now.saturating_duration_since(known.last) >= GUESSES_FORGOTTEN_AFTER {
            known.count = 0;
        }
        known.count = known.count.saturating_add(1);
        known.last = now;
        if all.len() > GUESSING_ADDRESSES_MAX {
            let quietest = all.iter().min_by_key(|(_, g)| g.last);
            if let Some(address) = quietest.map(|(a, _)| *a) {
                all.remove(&address);
            }
        }
    }

    /// Waits until a token that came by `line` may be looked at. A line that has shown a right one does not wait.
    pub async fn hold(&self, line: Option<&Connection>) {
        let Some(line) = line.filter(|l| !l.is_trusted()) else {
            return;
        };
        let wait = self.wait_of(line.address, Instant::now());
        if !wait.is_zero() {
            metrics::counter!("chengtu_wrong_tokens_slowed_total").increment(1);
            tokio::time::sleep(wait).await;
        }
    }

    /// Whether the token that came by `line` was right.
    pub fn note(&self, line: Option<&Connection>, right: bool) {
        let Some(line) = line else {
            return;
        };
        // Behind a proxy one line serves many: it is trusted as long as it brings right tokens alone.
        line.trust(right);
        if !right {
            self.add(line.address, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(n: u32) -> IpAddr {
        IpAddr::from(n.to_be_bytes())
    }

    #[test]
    fn wrong_tokens_wait_twice_as_long_each_time_but_never_longer_than_bounded() {
        let all = Guesses::default();
        let now = Instant::now();
        let mut waits = Vec::new();
        for _ in 0..100 {
            waits.push(all.wait_of(ip(1), now).as_millis());
            all.add(ip(1), now);
        }
        assert_eq!(waits[..6], [0; 6], "slips cost nothing");
        assert_eq!(waits[6..11], [250, 500, 1_000, 2_000, 4_000]);
        assert!(waits[11..].iter().all(|w| *w == 4_000), "{waits:?}");
        assert_eq!(all.wait_of(ip(2), now), Duration::ZERO, "another address");
        let later = now + GUESSES_FORGOTTEN_AFTER;
        assert_eq!(all.wait_of(ip(1), later), Duration::ZERO);
        all.add(ip(1), later);
        assert_eq!(all.wait_of(ip(1), later), Duration::ZERO, "it begins anew");
    }

    #[test]
    fn a_guesser_with_many_addresses_fills_no_memory() {
        let all = Guesses::default();
        let now = Instant::now();
        let count = GUESSING_ADDRESSES_MAX as u32 + 5;
        for n in 0..count {
            all.add(ip(n), now + Duration::from_millis(u64::from(n)));
        }
        let known = all.lock();
        assert_eq!(known.len(), GUESSING_ADDRESSES_MAX);
        assert!(!known.contains_key(&ip(0)) && known.contains_key(&ip(count - 1)));
    }
}
