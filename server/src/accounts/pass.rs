//! The right to be here, as whoever is here holds it: it ends while they hold it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::watch;

/// Why a pass opens nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The account was disabled, or its secret replaced.
    Disabled,
    /// Its owner or an administrator has ended the session.
    LoggedOut,
    /// It lasted as long as sessions may, or was not used for too long.
    Expired,
    /// What the account may was changed.
    Changed,
    /// The server was open to this machine, and has accounts now.
    Closed,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disabled => "this account opens nothing any more; ask an administrator",
            Self::LoggedOut => "this session was ended; log in again",
            Self::Expired => "this session has expired; log in again",
            Self::Changed => "what this account may was changed; connect again",
            Self::Closed => "this server has accounts now; log in",
        })
    }
}

#[derive(Debug)]
struct Inner {
    ended: watch::Sender<Option<Ended>>,
    /// When it was used last, seconds of time that nobody sets.
    seen_s: AtomicI64,
}

/// A pass; whoever holds a clone of it learns that it has ended.
#[derive(Clone, Debug, Default)]
pub struct Pass(Option<Arc<Inner>>);

/// Passes say nothing of who somebody is.
impl PartialEq for Pass {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Pass {}

impl Pass {
    /// One that never ends.
    pub fn for_ever() -> Self {
        Self(None)
    }

    /// One that may end, and that nobody's use of it matters to.
    pub fn open() -> Self {
        Self::new(0)
    }

    /// One that was used at a second of time that nobody sets.
    pub(super) fn new(seen_s: i64) -> Self {
        Self(Some(Arc::new(Inner {
            ended: watch::Sender::new(None),
            seen_s: AtomicI64::new(seen_s),
        })))
    }

    /// Ends it, once.
    pub fn end(&self, why: Ended) {
        if let Some(inner) = &self.0 {
            inner.ended.send_if_modified(|ended| {
                let first = ended.is_none();
                ended.get_or_insert(why);
                first
            });
        }
    }

    /// Why it has ended; `None` while it has not.
    pub fn why(&self) -> Option<Ended> {
        self.0.as_ref().and_then(|i| *i.ended.borrow())
    }

    /// Waits until it ends.
    pub async fn ended(&self) -> Ended {
        if let Some(inner) = &self.0 {
            let mut ended = inner.ended.subscribe();
            if let Ok(why) = ended.wait_for(Option::is_some).await {
                return why.unwrap_or(Ended::LoggedOut);
            }
        }
        std::future::pending().await
    }

    /// Says that it was used, at a second of time that nobody sets.
    pub(super) fn touch(&self, now_s: i64) {
        if let Some(inner) = &self.0 {
            inner.seen_s.fetch_max(now_s, Ordering::Relaxed);
        }
    }

    /// When it was used last.
    pub(super) fn seen_s(&self) -> i64 {
        let of = |i: &Arc<Inner>| i.seen_s.load(Ordering::Relaxed);
        self.0.as_ref().map_or(i64::MAX, of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_holds_a_pass_learns_that_it_has_ended_and_why_first() {
        let pass = Pass::new(0);
        let held = pass.clone();
        let waits = tokio::spawn(async move { held.ended().await });
        assert_eq!(pass.why(), None);
        pass.end(Ended::Disabled);
        pass.end(Ended::Expired);
        assert_eq!(waits.await.unwrap(), Ended::Disabled);
        assert_eq!(pass.why(), Some(Ended::Disabled));
        // Who comes late learns it as well.
        assert_eq!(pass.ended().await, Ended::Disabled);
        let ever = Pass::for_ever();
        ever.end(Ended::Disabled);
        assert_eq!(ever.why(), None);
    }
}
