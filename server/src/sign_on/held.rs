//! What is begun and not finished: found again by a secret, once, and for a while.

use crate::clock::SharedClock;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Log-ins that are begun and not finished, and grants that are not redeemed, of each. Beyond, of the address that has most
/// of them the oldest gives way.
pub const HELD_MAX: usize = 1_024;

/// Things that wait to be taken, by the hash of their secret.
#[derive(Debug)]
pub(super) struct Held<T> {
    clock: SharedClock,
    keep: Duration,
    things: Mutex<BTreeMap<[u8; 32], Thing<T>>>,
}

#[derive(Debug)]
struct Thing<T> {
    since: Duration,
    from: Option<IpAddr>,
    it: T,
}

fn hashed(secret: &str) -> [u8; 32] {
    *blake3::hash(secret.as_bytes()).as_bytes()
}

impl<T> Held<T> {
    /// Things that may wait for `keep`.
    pub fn new(clock: SharedClock, keep: Duration) -> Self {
        Self {
            clock,
            keep,
            things: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<[u8; 32], Thing<T>>> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds a thing of somebody at an address.
    pub fn put(&self, secret: &str, from: Option<IpAddr>, it: T) {
        let since = self.clock.elapsed();
        let mut things = self.lock();
        things.retain(|_, thing| since.saturating_sub(thing.since) < self.keep);
        if things.len() >= HELD_MAX {
            give_way(&mut things);
        }
        things.insert(hashed(secret), Thing { since, from, it });
    }

    /// Takes the thing of a secret; `None` where there is none, it waited too long or was taken.
    pub fn take(&self, secret: &str) -> Option<T> {
        let now = self.clock.elapsed();
        let thing = self.lock().remove(&hashed(secret))?;
        (now.saturating_sub(thing.since) < self.keep).then_some(thing.it)
    }
}

/// Forgets the oldest of the address that has most.
fn give_way<T>(things: &mut BTreeMap<[u8; 32], Thing<T>>) {
    let mut counts: BTreeMap<Option<IpAddr>, usize> = BTreeMap::new();
    for thing in things.values() {
        *counts.entry(thing.from).or_default() += 1;
    }
    let most = counts
        .iter()
        .max_by_key(|(_, n)| **n)
        .map(|(from, _)| *from);
    let theirs = things.iter().filter(|(_, t)| Some(t.from) == most);
    let oldest = theirs.min_by_key(|(_, t)| t.since).map(|(key, _)| *key);
    oldest.and_then(|key| things.remove(&key));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use chengtu_engine::time::Timestamp;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[derive(Debug, Default)]
    struct Told(AtomicU64);

    impl Clock for Told {
        fn now(&self) -> Timestamp {
            Timestamp(0)
        }

        fn elapsed(&self) -> Duration {
            Duration::from_millis(self.0.load(Ordering::Relaxed))
        }
    }

    fn held() -> (Arc<Told>, Held<u32>) {
        let clock = Arc::new(Told::default());
        (clock.clone(), Held::new(clock, Duration::from_mins(1)))
    }

    #[test]
    fn what_is_held_is_taken_once_and_in_time() {
        let (clock, held) = held();
        held.put("a", None, 1);
        held.put("b", None, 2);
        assert_eq!(
            (held.take("a"), held.take("a"), held.take("c")),
            (Some(1), None, None)
        );
        clock.0.store(60_000, Ordering::Relaxed);
        assert_eq!(held.take("b"), None);
    }

    #[test]
    fn whoever_begins_ever_more_pushes_out_their_own() {
        let (clock, held) = held();
        let ip = |n: u8| Some(IpAddr::from([10, 0, 0, n]));
        held.put("li", ip(1), 7);
        for n in 0..3 * HELD_MAX as u32 {
            clock.0.fetch_add(1, Ordering::Relaxed);
            held.put(&format!("{n}"), ip(2), n);
        }
        assert_eq!(held.lock().len(), HELD_MAX);
        assert_eq!((held.take("li"), held.take("0")), (Some(7), None));
        let last = 3 * HELD_MAX as u32 - 1;
        assert_eq!(held.take(&last.to_string()), Some(last));
    }
}
