//! What waits for the running city, by whom it is from: everybody has their turn, however much one asks.

use std::collections::{BTreeMap, VecDeque};

/// Asks that may wait of one session; more are refused
/// ([`TooMuchAtOnce`](chengtu_engine::code::Code::TooMuchAtOnce)).
pub(super) const WAITING_MAX: usize = 256;

/// Asks of sessions: of each in its order, one of each after the other.
#[derive(Debug)]
pub(super) struct Turns<T> {
    of: BTreeMap<u64, VecDeque<T>>,
    /// Whose turn was the last.
    last: u64,
}

impl<T> Default for Turns<T> {
    fn default() -> Self {
        Self {
            of: BTreeMap::new(),
            last: 0,
        }
    }
}

impl<T> Turns<T> {
    /// True where nothing waits.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// True where nothing of a session waits.
    pub fn has_none_of(&self, session: u64) -> bool {
        !self.of.contains_key(&session)
    }

    /// Takes an ask of a session in.
    ///
    /// # Errors
    /// The ask, where too many of this session wait.
    pub fn push(&mut self, session: u64, ask: T) -> Result<(), T> {
        let queue = self.of.entry(session).or_default();
        if queue.len() >= WAITING_MAX {
            return Err(ask);
        }
        queue.push_back(ask);
        Ok(())
    }

    /// The next ask: the oldest of the session whose turn it is.
    pub fn next(&mut self) -> Option<(u64, T)> {
        let after = self.of.range(self.last + 1..).next();
        let session = *after.or_else(|| self.of.iter().next())?.0;
        self.last = session;
        let queue = self.of.get_mut(&session)?;
        let ask = queue.pop_front();
        if queue.is_empty() {
            self.of.remove(&session);
        }
        ask.map(|ask| (session, ask))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_asks_much_waits_for_itself_alone() {
        let mut turns = Turns::default();
        let refused = (0..1_000).filter(|n| turns.push(5, *n).is_err()).count();
        assert_eq!(refused, 1_000 - WAITING_MAX);
        turns.push(9, 7).unwrap();
        turns.push(2, 8).unwrap();
        let order: Vec<_> = (0..4).map_while(|_| turns.next()).collect();
        assert_eq!(order, [(2, 8), (5, 0), (9, 7), (5, 1)]);
        assert!(turns.has_none_of(9) && !turns.has_none_of(5));
        assert_eq!(
            core::iter::from_fn(|| turns.next()).count(),
            WAITING_MAX - 2
        );
        assert!(turns.is_empty());
    }
}
