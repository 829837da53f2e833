//! Whose body is read next: a few at a time, one of each feed, so that a feed that sends much waits for itself alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// By feed: its turn, and how many hold or wait for it.
type Feeds = BTreeMap<String, (Arc<Semaphore>, usize)>;

/// Bodies that are read at once, of different feeds.
#[derive(Debug)]
pub(super) struct Turns {
    all: Arc<Semaphore>,
    /// By feed: one turn each, and how many hold or wait for it.
    feeds: Arc<Mutex<Feeds>>,
}

/// A turn; the next one's when this is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    // Dropped in this order: whoever waits for the feed's has the other soon.
    _feed: Option<OwnedSemaphorePermit>,
    _all: Option<OwnedSemaphorePermit>,
    _waiting: Waiting,
}

#[derive(Debug)]
struct Waiting {
    feeds: Arc<Mutex<Feeds>>,
    feed: String,
}

fn lock<T>(all: &Mutex<T>) -> MutexGuard<'_, T> {
    all.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut feeds = lock(&self.feeds);
        if let Some((_, n)) = feeds.get_mut(&self.feed) {
            *n -= 1;
            if *n == 0 {
                feeds.remove(&self.feed);
            }
        }
    }
}

impl Turns {
    /// So many at once, one of each feed.
    pub fn new(at_once: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(at_once)),
            feeds: Arc::default(),
        }
    }

    /// Waits for a turn of this feed.
    pub async fn of(&self, feed: &str) -> Turn {
        let own = {
            let mut feeds = lock(&self.feeds);
            let (own, n) = feeds
                .entry(feed.to_owned())
                .or_insert_with(|| (Arc::new(Semaphore::new(1)), 0));
            *n += 1;
            own.clone()
        };
        let waiting = Waiting {
            feeds: self.feeds.clone(),
            feed: feed.to_owned(),
        };
        // Neither is ever closed.
        let own = own.acquire_owned().await.ok();
        let all = self.all.clone().acquire_owned().await.ok();
        Turn {
            _feed: own,
            _all: all,
            _waiting: waiting,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test]
    async fn a_feed_that_sends_much_waits_for_itself_alone() {
        let turns = Turns::new(2);
        let first = turns.of("bombs").await;
        let mut second = Box::pin(turns.of("bombs"));
        let soon = Duration::from_millis(20);
        assert!(timeout(soon, &mut second).await.is_err());
        let other = timeout(soon, turns.of("taxis")).await.unwrap();
        assert!(timeout(soon, turns.of("third")).await.is_err());
        drop(first);
        let second = timeout(soon, second).await.unwrap();
        drop((second, other));
        assert!(lock(&turns.feeds).is_empty());
    }
}
