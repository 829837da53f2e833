//! How much of what feeds send may be in memory at once, over all requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The bytes of bodies, and of the rows read from them, that are in memory.
#[derive(Debug)]
pub(super) struct Budget {
    max: usize,
    used: AtomicUsize,
}

/// There is no room for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "more than {0} bytes of bodies are being read (limits.bodies_bytes_max); send this one again in a second"
)]
pub struct Busy(pub usize);

impl Budget {
    /// At most `max` bytes.
    pub fn new(max: usize) -> Arc<Self> {
        Arc::new(Self {
            max,
            used: AtomicUsize::new(0),
        })
    }

    /// The part of one request, with nothing in it yet.
    pub fn share(self: &Arc<Self>) -> Share {
        Share {
            budget: self.clone(),
            bytes: 0,
        }
    }

    /// Bytes in memory.
    #[cfg(test)]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}

/// What one request has of the budget; given back when this is dropped.
#[derive(Debug)]
pub(super) struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Share {
    /// Takes so many bytes in all, more or fewer than before. A request that is alone may have what it needs.
    ///
    /// # Errors
    /// [`Busy`]; the share is as before.
    pub fn set(&mut self, bytes: usize) -> Result<(), Busy> {
        let (before, max) = (self.bytes, self.budget.max);
        let change = |used: usize| {
            let others = used - before;
            let all = others + bytes;
            (others == 0 || bytes <= before || all <= max).then_some(all)
        };
        let order = Ordering::Relaxed;
        let used = self.budget.used.fetch_update(order, order, change);
        let used = used.map_err(|_| Busy(max))?;
        metrics::gauge!("chengtu_bodies_bytes").set((used - before + bytes) as f64);
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_requests_share_one_budget_and_give_back_what_they_had() {
        let budget = Budget::new(100);
        let (mut one, mut two) = (budget.share(), budget.share());
        // Alone it may have more than there is: a limit too low for one body must not stop a feed for ever.
        assert_eq!(one.set(150), Ok(()));
        assert_eq!(two.set(1), Err(Busy(100)));
        assert_eq!(one.set(60), Ok(()));
        assert_eq!((two.set(41), two.set(40)), (Err(Busy(100)), Ok(())));
        assert_eq!(one.set(61), Err(Busy(100)));
        assert_eq!(budget.used(), 100);
        drop(one);
        assert_eq!(budget.used(), 40);
        drop(two);
        assert_eq!(budget.used(), 0);
    }
}
