//! Passwords that are guessed. What holds whom:
//!
//! - a name from one address: after a few wrong passwords each further one waits, twice as long each time;
//! - an address over all names: likewise, later and less long, and not for names that have logged in right from there;
//! - a name over all addresses: where many guess, an address from which nobody has logged in under it has one try instead
//!   of a few before it waits.
//!
//! So a stranger never holds the owner of a name at an address of their own: what others do elsewhere costs that owner
//! tries, never time. Times are of a clock that nobody sets; nothing of this outlives the server.

use crate::clock::SharedClock;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Wrong passwords of one name from one address that cost nothing.
pub const WRONG_FREE_MAX: u32 = 5;
/// How long the first beyond has the next one wait; each further one twice as long.
pub const LOCKED_FIRST: Duration = Duration::from_secs(1);
/// The longest that a name waits at one address.
pub const LOCKED_MAX: Duration = Duration::from_mins(15);
/// Wrong passwords from one address, of any names, that cost nothing; one is forgotten each minute.
pub const ADDRESS_WRONG_FREE_MAX: u32 = 20;
/// The longest that an address waits.
pub const ADDRESS_LOCKED_MAX: Duration = Duration::from_mins(1);
/// Wrong passwords of one name, from anywhere, from which on an address that is new to it has one free try; one is
/// forgotten each minute.
pub const HUNTED_WRONG_MAX: u32 = 50;
/// A name without a try from an address for so long has none behind it there.
pub const TRIES_FORGOTTEN_AFTER: Duration = Duration::from_hours(1);
/// Names by address, addresses and names that are remembered, of each; of more the one that has been quiet longest is
/// forgotten.
pub const TRIES_REMEMBERED_MAX: usize = 20_000;

/// How often one wrong try of an address, or of a name over all addresses, is forgotten.
const FORGETS_ONE: Duration = Duration::from_mins(1);

/// A name, by its hash: what is typed as a name may be a password.
type Name = u64;

#[derive(Clone, Copy, Debug)]
struct Tries {
    wrong: u32,
    last: Duration,
}

impl Tries {
    /// Wrong tries that are not forgotten, where one is each minute.
    fn fading(self, now: Duration) -> u32 {
        let forgotten = now.saturating_sub(self.last).as_secs() / FORGETS_ONE.as_secs();
        self.wrong
            .saturating_sub(u32::try_from(forgotten).unwrap_or(u32::MAX))
    }

    /// Wrong tries that are not forgotten, where all are at once.
    fn lasting(self, now: Duration) -> u32 {
        if now.saturating_sub(self.last) >= TRIES_FORGOTTEN_AFTER {
            0
        } else {
            self.wrong
        }
    }

    /// How long it still waits after so many wrong tries.
    fn left(self, wrong: u32, free: u32, max: Duration, now: Duration) -> Duration {
        let Some(beyond) = wrong.checked_sub(free) else {
            return Duration::ZERO;
        };
        // Twenty doublings are far beyond the longest.
        let wait = (LOCKED_FIRST * (1 << beyond.min(20))).min(max);
        (self.last + wait).saturating_sub(now)
    }
}

#[derive(Debug, Default)]
struct Remembered {
    pairs: BTreeMap<(Name, IpAddr), Tries>,
    addresses: BTreeMap<IpAddr, Tries>,
    names: BTreeMap<Name, Tries>,
    /// Who has logged in from where, and when.
    known: BTreeMap<(Name, IpAddr), Duration>,
}

/// Tries of names and addresses.
#[derive(Debug)]
pub(super) struct Lockouts {
    clock: SharedClock,
    remembered: Mutex<Remembered>,
}

/// A try that may be looked at. It counts as a wrong one until it was found right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Try {
    name: Name,
    address: IpAddr,
    /// If it is wrong, the name waits at this address from now on.
    pub locks: bool,
}

fn hashed(name: &str) -> Name {
    let hash = blake3::hash(name.as_bytes());
    let first = [0, 1, 2, 3, 4, 5, 6, 7].map(|i| hash.as_bytes()[i]);
    u64::from_be_bytes(first)
}

fn add<K: Ord + Copy>(all: &mut BTreeMap<K, Tries>, key: K, wrong: u32, now: Duration) {
    let last = now;
    all.insert(key, Tries { wrong, last });
    forget(all, |t| t.last);
}

/// Forgets the quietest of too many.
fn forget<K: Ord + Copy, V>(all: &mut BTreeMap<K, V>, last: impl Fn(&V) -> Duration) {
    if all.len() > TRIES_REMEMBERED_MAX {
        let quietest = all.iter().min_by_key(|(_, v)| last(v)).map(|(k, _)| *k);
        quietest.and_then(|k| all.remove(&k));
    }
}

impl Lockouts {
    pub fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            remembered: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a password of a name (folded) from an address be looked at.
    ///
    /// # Errors
    /// How long it has to wait; it was not counted.
    pub fn begin(&self, name: &str, address: IpAddr) -> Result<Try, Duration> {
        let now = self.clock.elapsed();
        let name = hashed(name);
        let pair = (name, address);
        let mut all = self.lock();
        let known = all.known.contains_key(&pair);
        let of_name = all.names.get(&name).map_or(0, |t| t.fading(now));
        let of_address = all.addresses.get(&address).map_or(0, |t| t.fading(now));
        let of_pair = all.pairs.get(&pair).map_or(0, |t| t.lasting(now));
        let free = if of_name >= HUNTED_WRONG_MAX && !known {
            1
        } else {
            WRONG_FREE_MAX
        };
        let mut wait = Duration::ZERO;
        if let Some(t) = all.pairs.get(&pair) {
            wait = t.left(of_pair, free, LOCKED_MAX, now);
        }
        if let (Some(t), false) = (all.addresses.get(&address), known) {
            let of = t.left(of_address, ADDRESS_WRONG_FREE_MAX, ADDRESS_LOCKED_MAX, now);
            wait = wait.max(of);
        }
        if !wait.is_zero() {
            metrics::counter!("chengtu_log_ins_held_total").increment(1);
            return Err(wait);
        }
        add(&mut all.pairs, pair, of_pair + 1, now);
        add(&mut all.addresses, address, of_address + 1, now);
        add(&mut all.names, name, of_name + 1, now);
        Ok(Try {
            name,
            address,
            locks: of_pair + 1 == free,
        })
    }

    /// The password was right.
    pub fn right(&self, t: Try) {
        let now = self.clock.elapsed();
        self.take_back(t);
        let mut all = self.lock();
        all.pairs.remove(&(t.name, t.address));
        all.known.insert((t.name, t.address), now);
        forget(&mut all.known, |last| *last);
    }

    /// It was not looked at after all.
    pub fn take_back(&self, t: Try) {
        let mut all = self.lock();
        let all = &mut *all;
        let tries = [
            all.pairs.get_mut(&(t.name, t.address)),
            all.addresses.get_mut(&t.address),
            all.names.get_mut(&t.name),
        ];
        for tries in tries.into_iter().flatten() {
            tries.wrong = tries.wrong.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use chengtu_engine::time::Timestamp;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A clock that goes on when told, and whose time of day is set back all the time.
    #[derive(Debug, Default)]
    struct Told(AtomicU64);

    impl Clock for Told {
        fn now(&self) -> Timestamp {
            Timestamp(-(self.0.load(Ordering::Relaxed) as i64))
        }

        fn elapsed(&self) -> Duration {
            Duration::from_millis(self.0.load(Ordering::Relaxed))
        }
    }

    fn ip(n: u32) -> IpAddr {
        IpAddr::from(n.to_be_bytes())
    }

    fn lockouts() -> (Arc<Told>, Lockouts) {
        let clock = Arc::new(Told::default());
        (clock.clone(), Lockouts::new(clock))
    }

    fn pass(clock: &Told, d: Duration) {
        clock.0.fetch_add(d.as_millis() as u64, Ordering::Relaxed);
    }

    #[test]
    fn a_name_waits_longer_each_time_at_one_address_and_not_at_another() {
        let (clock, all) = lockouts();
        for n in 1..=WRONG_FREE_MAX {
            let locks = n == WRONG_FREE_MAX;
            assert_eq!(all.begin("li", ip(1)).map(|t| t.locks), Ok(locks), "{n}");
        }
        let mut waits = Vec::new();
        for _ in 0..12 {
            let wait = all.begin("li", ip(1)).unwrap_err();
            // Trying meanwhile makes it no longer.
            assert_eq!(all.begin("li", ip(1)).unwrap_err(), wait);
            waits.push(wait.as_secs());
            pass(&clock, wait);
            all.begin("li", ip(1)).unwrap();
        }
        assert_eq!(waits[..11], [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
        assert_eq!(waits[11], 900);
        assert!(all.begin("li", ip(2)).is_ok(), "the owner, elsewhere");
        pass(&clock, TRIES_FORGOTTEN_AFTER);
        assert!(all.begin("li", ip(1)).is_ok());
    }

    #[test]
    fn the_owner_is_let_try_at_an_own_address_whoever_guesses_elsewhere() {
        let (_, all) = lockouts();
        for n in 0..1_000 {
            let _ = all.begin("li", ip(n % 200 + 10));
        }
        // A new address has one try now; whoever has logged in from theirs as many as ever.
        assert!(all.begin("li", ip(1)).is_ok_and(|t| t.locks));
        assert!(all.begin("li", ip(1)).is_err());
        let t = all.begin("li", ip(2)).unwrap();
        all.right(t);
        for _ in 0..WRONG_FREE_MAX {
            all.begin("li", ip(2)).unwrap();
        }
        assert!(all.begin("li", ip(2)).is_err());
        // A right password clears what was before it.
        let (_, all) = lockouts();
        for _ in 0..WRONG_FREE_MAX - 1 {
            all.begin("li", ip(1)).unwrap();
        }
        let right = all.begin("li", ip(1)).unwrap();
        all.right(right);
        assert!(all.begin("li", ip(1)).is_ok_and(|t| !t.locks));
    }

    #[test]
    fn an_address_that_tries_many_names_waits_but_not_for_those_it_has_let_in() {
        let (clock, all) = lockouts();
        let known = all.begin("wang", ip(1)).unwrap();
        all.right(known);
        for n in 0..ADDRESS_WRONG_FREE_MAX {
            all.begin(&format!("n{n}"), ip(1)).unwrap();
        }
        let wait = all.begin("li", ip(1)).unwrap_err();
        assert_eq!(wait, LOCKED_FIRST);
        assert!(all.begin("wang", ip(1)).is_ok());
        assert!(all.begin("li", ip(2)).is_ok());
        for n in 0..100 {
            if let Err(wait) = all.begin(&format!("m{n}"), ip(1)) {
                assert!(wait <= ADDRESS_LOCKED_MAX, "{wait:?}");
                pass(&clock, wait);
            }
        }
        pass(&clock, FORGETS_ONE * 200);
        assert!(all.begin("li", ip(1)).is_ok());
    }

    #[test]
    fn a_guesser_with_many_addresses_fills_no_memory() {
        let (clock, all) = lockouts();
        for n in 0..TRIES_REMEMBERED_MAX as u32 + 5 {
            pass(&clock, Duration::from_millis(1));
            let _ = all.begin("li", ip(n));
        }
        let known = all.lock();
        assert_eq!(known.pairs.len(), TRIES_REMEMBERED_MAX);
        assert_eq!(known.addresses.len(), TRIES_REMEMBERED_MAX);
        assert!(!known.addresses.contains_key(&ip(0)));
    }
}
