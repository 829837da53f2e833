//! Who is let in while there is room: a small pool before hello, and places that only operators may take.

use crate::config::Limits;
use crate::outbox::{Close, Outbox};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// By session number: those that have not said hello, and from where they are.
type Greeting = BTreeMap<u64, (Option<IpAddr>, Arc<Outbox>)>;

/// The places of a server's sessions.
#[derive(Debug)]
pub(super) struct Places {
    greeting_max: usize,
    max: usize,
    of_anybody: usize,
    taken: AtomicUsize,
    greeting: Mutex<Greeting>,
}

impl Places {
    pub fn new(limits: &Limits) -> Self {
        Self {
            greeting_max: limits.greeting_max,
            max: limits.sessions_max,
            of_anybody: limits.sessions_of_anybody(),
            taken: AtomicUsize::new(0),
            greeting: Mutex::default(),
        }
    }

    fn greeting(&self) -> MutexGuard<'_, Greeting> {
        self.greeting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sessions that have said hello.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// True where nobody, whoever it is, would find a place.
    pub fn is_full(&self) -> bool {
        self.taken() >= self.max
    }

    /// Somebody has come and not said hello yet. Of too many the oldest is closed, of the address that has most of
    /// them: whoever means it says hello at once.
    pub fn come(&self, outbox: &Arc<Outbox>, from: Option<IpAddr>) {
        let mut all = self.greeting();
        all.insert(outbox.id, (from, outbox.clone()));
        metrics::gauge!("chengtu_greeting").set(all.len() as f64);
        if all.len() <= self.greeting_max {
            return;
        }
        let mut counts: BTreeMap<Option<IpAddr>, usize> = BTreeMap::new();
        for (from, _) in all.values() {
            *counts.entry(*from).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, n)| *n);
        let oldest = most.and_then(|(from, _)| {
            let mut theirs = all.iter().filter(|(_, (f, _))| *f == from);
            theirs.next().map(|(id, _)| *id)
        });
        if let Some((_, gone)) = oldest.and_then(|id| all.remove(&id)) {
            metrics::counter!("chengtu_greeting_gave_way_total").increment(1);
            gone.close(
                Close::ServerFull,
                "too many connections that have not said hello",
            );
        }
    }

    /// It has said hello, or has gone.
    pub fn greeted(&self, session: u64) {
        let mut all = self.greeting();
        all.remove(&session);
        metrics::gauge!("chengtu_greeting").set(all.len() as f64);
    }

    /// Takes a place; `None` where there is none for somebody like this.
    pub fn take(self: &Arc<Self>, operator: bool) -> Option<Place> {
        let max = if operator { self.max } else { self.of_anybody };
        let free = |n: usize| (n < max).then_some(n + 1);
        let taken = self
            .taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, free);
        taken.ok().map(|_| Place(self.clone()))
    }
}

/// A session's place; free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place(Arc<Places>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_protocol::Subprotocol;

    fn places(greeting_max: usize, sessions_max: usize, sessions_reserved: usize) -> Arc<Places> {
        Arc::new(Places::new(&Limits {
            sessions_max,
            sessions_reserved,
            greeting_max,
            ..Limits::default()
        }))
    }

    fn outbox(id: u64) -> Arc<Outbox> {
        Arc::new(Outbox::new(id, Subprotocol::JSON_1_0, 9, 9))
    }

    #[tokio::test]
    async fn of_too_many_that_say_nothing_the_oldest_of_the_greediest_goes() {
        let p = places(3, 9, 0);
        let from = |n: u8| Some(IpAddr::from([10, 0, 0, n]));
        let all: Vec<_> = (0..5).map(outbox).collect();
        p.come(&all[0], from(1));
        p.come(&all[1], from(2));
        p.come(&all[2], from(2));
        p.come(&all[3], from(3));
        assert_eq!(all[1].next().await.unwrap_err().why, Close::ServerFull);
        p.greeted(3);
        p.come(&all[4], from(3));
        assert_eq!(p.greeting().len(), 3);
        assert!(p.greeting().contains_key(&0));
    }

    #[test]
    fn the_last_places_are_the_operators() {
        let p = places(9, 8, 2);
        let anybody: Vec<_> = (0..6).map(|_| p.take(false).unwrap()).collect();
        assert!(p.take(false).is_none());
        let first = p.take(true).unwrap();
        let _second = p.take(true).unwrap();
        assert!(p.take(true).is_none() && p.is_full());
        drop(first);
        assert!(p.take(false).is_none() && p.take(true).is_some());
        drop(anybody);
        assert!(p.take(false).is_some());
        // A quarter at most is kept: nobody is shut out of a small server.
        assert!(places(9, 2, 32).take(false).is_some());
    }
}
