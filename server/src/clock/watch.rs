//! A clock that is not believed at once: held against time that nobody can set.

use super::{Clock, SharedClock};
use chengtu_engine::time::Timestamp;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A step of at least so much is told of, microseconds; less is how clocks are kept right.
const TOLD_US: i64 = 500_000;
/// What was followed is forgiven at this rate: the longest step once a day. No clock that is merely slow or fast needs
/// more (43 s a day at most).
const FORGIVEN_IN_S: i64 = 86_400;
/// While the city's time is ahead of a clock that it follows, it runs at one part in so many of the true speed.
const SLOWED: i64 = 2;

/// Something that happened to the machine's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClockEvent {
    /// It was set by so much, and the city's time follows; microseconds, negative where it was set back.
    Followed {
        /// By how much.
        by_us: i64,
    },
    /// It shows another time than the city's, by more than is believed; the city's time goes on without it.
    Refused {
        /// Clock less city, microseconds.
        by_us: i64,
    },
    /// It shows the city's time again.
    Agrees,
    /// A person has confirmed it, and the city's time follows.
    Confirmed {
        /// Clock less city, microseconds.
        by_us: i64,
    },
    /// A city begins long after its log's last record, or before it; microseconds from that record to the clock.
    Began {
        /// Clock less record, microseconds.
        by_us: i64,
    },
}

/// A difference in words: `1 year 3 days`, `4 minutes`, `12 seconds`.
struct Span(i64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.0.unsigned_abs() / 1_000_000;
        match s {
            0 => write!(f, "{} ms", self.0.unsigned_abs() / 1_000),
            1..120 => write!(f, "{s} s"),
            120..7_200 => write!(f, "{} min", s / 60),
            7_200..172_800 => write!(f, "{} h {} min", s / 3_600, s / 60 % 60),
            _ => write!(f, "{} days", s / 86_400),
        }
    }
}

fn way(by_us: i64) -> &'static str {
    if by_us < 0 { "behind" } else { "ahead of" }
}

impl fmt::Display for ClockEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Followed { by_us } if by_us < 0 => write!(
                f,
                "the server's clock was set back by {}; the city's time runs slower until they agree",
                Span(by_us)
            ),
            Self::Followed { by_us } => write!(
                f,
                "the server's clock was set forward by {}, and the city's time with it",
                Span(by_us)
            ),
            Self::Refused { by_us } => ClockTrouble { by_us }.fmt(f),
            Self::Agrees => write!(f, "the server's clock shows the city's time again"),
            Self::Confirmed { by_us } if by_us < 0 => write!(
                f,
                "the server's clock was confirmed, {} behind the city's time, which runs at half speed until they agree",
                Span(by_us)
            ),
            Self::Confirmed { by_us } => write!(
                f,
                "the server's clock was confirmed: the city's time is set forward by {}",
                Span(by_us)
            ),
            Self::Began { by_us } => write!(
                f,
                "the city begins {} {} its log's last record; if the clock is wrong, stop the server and see docs/operations.md",
                Span(by_us),
                if by_us < 0 { "before" } else { "after" }
            ),
        }
    }
}

/// The machine's clock is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockTrouble {
    /// Clock less city, microseconds.
    pub by_us: i64,
}

impl fmt::Display for ClockTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the server's clock is {} {} the city's time, which goes on without it; set the clock right, or confirm it with `chengtu-server clock --confirm`",
            Span(self.by_us),
            way(self.by_us)
        )
    }
}

/// What is known of the clock.
#[derive(Debug)]
struct Watch {
    /// The city's time.
    city: i64,
    /// Clock and time that nobody sets, when they were last read, microseconds.
    wall: i64,
    elapsed: i64,
    /// The longest step that is followed, microseconds.
    step_max: i64,
    /// How much of that has been followed and is not forgiven yet.
    followed: i64,
    refused: bool,
    /// A person has said that the clock is right where it is behind.
    confirmed_behind: bool,
    events: Vec<ClockEvent>,
}

impl Watch {
    /// Reads both; the city's time then.
    fn pass(&mut self, wall: i64, elapsed: i64) -> i64 {
        let passed = elapsed.saturating_sub(self.elapsed).max(0);
        let set = wall.saturating_sub(self.wall).saturating_sub(passed);
        (self.wall, self.elapsed) = (wall, self.elapsed.max(elapsed));
        let forgiven =
            i128::from(passed) * i128::from(self.step_max) / i128::from(FORGIVEN_IN_S * 1_000_000);
        self.followed = (self.followed - i64::try_from(forgiven).unwrap_or(i64::MAX)).max(0);
        let unaided = self.city.saturating_add(passed);
        let apart = wall.saturating_sub(unaided);
        let followed = self.confirmed_behind && apart < 0
            || apart.saturating_abs() <= self.step_max - self.followed;
        self.tell(set, apart, followed);
        if apart >= 0 {
            self.confirmed_behind = false;
        }
        self.city = if !followed {
            unaided
        } else if apart >= 0 {
            self.followed += apart;
            wall
        } else {
            let slowed = self.city.saturating_add(passed / SLOWED).max(wall);
            if !self.confirmed_behind {
                self.followed += unaided - slowed;
            }
            slowed
        };
        self.city
    }

    fn tell(&mut self, set: i64, apart: i64, followed: bool) {
        let stepped = set.saturating_abs() >= TOLD_US;
        match (self.refused, followed) {
            (false, true) if stepped => self.events.push(ClockEvent::Followed { by_us: set }),
            (true, true) => self.events.push(ClockEvent::Agrees),
            (false, false) => self.events.push(ClockEvent::Refused { by_us: apart }),
            (true, false) if stepped => self.events.push(ClockEvent::Refused { by_us: apart }),
            (false, true) | (true, false) => {}
        }
        self.refused = !followed;
    }

    fn apart(&self) -> i64 {
        self.wall.saturating_sub(self.city)
    }

    /// A person says that the clock is right, if it is still as it was then.
    fn confirm(&mut self, shown: i64) -> bool {
        let apart = self.apart();
        if !self.refused || self.wall.saturating_sub(shown).saturating_abs() > self.step_max {
            return false;
        }
        self.events.push(ClockEvent::Confirmed { by_us: apart });
        self.refused = false;
        self.followed = 0;
        if apart >= 0 {
            self.city = self.wall;
        } else {
            self.confirmed_behind = true;
        }
        true
    }
}

/// The city's time: this machine's clock as far as it can be believed.
///
/// Small steps are followed: forward at once, backward by running at half speed, so that time never runs back. Steps
/// longer than the longest that is believed, or many small ones that come to as much, are refused: the city's time goes
/// on by time that nobody can set, until the clock is right again or a person confirms it.
#[derive(Debug)]
pub struct Watched {
    clock: SharedClock,
    watch: Mutex<Watch>,
}

fn microseconds(d: Duration) -> i64 {
    i64::try_from(d.as_micros()).unwrap_or(i64::MAX)
}

impl Watched {
    /// Watches a clock from now on. `last`: when the last record was known; the city's time does not begin before it, and
    /// begins with the clock where that is later. `step_max`: the longest step that is believed.
    pub fn new(clock: SharedClock, last: Timestamp, step_max: Duration) -> Self {
        let (wall, elapsed) = (clock.now().0, microseconds(clock.elapsed()));
        let step_max = microseconds(step_max);
        let mut watch = Watch {
            city: wall.max(last.0),
            wall,
            elapsed,
            step_max,
            followed: 0,
            refused: false,
            confirmed_behind: false,
            events: Vec::new(),
        };
        let by_us = wall.saturating_sub(last.0);
        if last.0 > 0 && by_us.saturating_abs() > step_max {
            watch.events.push(ClockEvent::Began { by_us });
        }
        watch.pass(wall, elapsed);
        Self {
            clock,
            watch: Mutex::new(watch),
        }
    }

    fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has happened to the clock since this was last asked.
    pub fn take_events(&self) -> Vec<ClockEvent> {
        core::mem::take(&mut self.watch().events)
    }

    /// Why the clock is not followed; `None` while it is.
    pub fn trouble(&self) -> Option<ClockTrouble> {
        let watch = self.watch();
        watch.refused.then(|| ClockTrouble {
            by_us: watch.apart(),
        })
    }

    /// A person has confirmed the clock when it showed this; true where that is followed.
    pub fn confirm(&self, shown: Timestamp) -> bool {
        self.watch().confirm(shown.0)
    }
}

impl Clock for Watched {
    fn now(&self) -> Timestamp {
        // Read within the lock: what two threads read is passed in the order of its reading.
        let mut watch = self.watch();
        let (wall, elapsed) = (self.clock.now(), self.clock.elapsed());
        Timestamp(watch.pass(wall.0, microseconds(elapsed)))
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
