//! Who is connected by TCP, and who gives way where there are too many.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;

/// What a connection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Doing {
    /// It has sent no whole head of a request or no further one, has not said hello yet, or has said goodbye: it gives
    /// way where there are too many.
    Waiting,
    /// A request is being answered.
    Asking,
    /// It is a WebSocket that has said hello.
    Session,
}

/// One TCP connection.
#[derive(Debug)]
pub(crate) struct Connection {
    id: u64,
    /// Whom it counts for.
    pub address: IpAddr,
    doing: AtomicU8,
    /// Milliseconds, since the table was made, of the last thing that happened on it.
    last_ms: AtomicU64,
    /// Bytes that may still be read; [`i64::MAX`]: any number.
    allowance: AtomicI64,
    /// It has shown a right token, and no wrong one since.
    trusted: AtomicBool,
    ended: Notify,
    table: Arc<Connections>,
}

/// All connections of a server.
#[derive(Debug)]
pub(crate) struct Connections {
    max: usize,
    per_address_max: usize,
    since: Instant,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    last_id: u64,
    by_id: BTreeMap<u64, Arc<Connection>>,
    by_address: BTreeMap<IpAddr, usize>,
}

impl Open {
    fn remove(&mut self, id: u64) -> Option<Arc<Connection>> {
        let gone = self.by_id.remove(&id)?;
        if let Some(n) = self.by_address.get_mut(&gone.address) {
            *n -= 1;
            if *n == 0 {
                self.by_address.remove(&gone.address);
            }
        }
        Some(gone)
    }

    /// The connection that has waited longest; of one address, or of the address that has most of them waiting.
    fn oldest_waiting(&self, of: Option<IpAddr>) -> Option<u64> {
        let waiting = || {
            let all = self.by_id.values();
            all.filter(|c| c.doing() == Doing::Waiting)
        };
        let address = of.or_else(|| {
            let mut counts: BTreeMap<IpAddr, usize> = BTreeMap::new();
            for c in waiting() {
                *counts.entry(c.address).or_default() += 1;
            }
            counts.into_iter().max_by_key(|(_, n)| *n).map(|(a, _)| a)
        })?;
        let theirs = waiting().filter(|c| c.address == address);
        let oldest = theirs.min_by_key(|c| (c.last_ms.load(Ordering::Relaxed), c.id));
        oldest.map(|c| c.id)
    }
}

/// Whom an address counts for: one holder of IPv6 addresses has a whole /64.
fn holder(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(a) => {
            let prefix = u128::from(a) >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from(prefix))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

impl Connections {
    /// At most so many, in all and of one address.
    pub fn new(max: usize, per_address_max: usize) -> Arc<Self> {
        Arc::new(Self {
            max,
            per_address_max,
            since: Instant::now(),
            open: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> u64 {
        self.since.elapsed().as_millis() as u64
    }

    /// How many there are.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.lock().by_id.len()
    }

    /// Takes a connection in; where there are too many, one that waits gives way. `None`: nobody does.
    pub fn admit(self: &Arc<Self>, from: IpAddr) -> Option<Arc<Connection>> {
        let own = from.to_canonical().is_loopback();
        let address = if own {
            from.to_canonical()
        } else {
            holder(from)
        };
        let mut open = self.lock();
        let theirs = open.by_address.get(&address).copied().unwrap_or(0);
        if !own && theirs >= self.per_address_max {
            Self::give_way(&mut open, Some(address))?;
        }
        if open.by_id.len() >= self.max {
            Self::give_way(&mut open, None)?;
        }
        open.last_id += 1;
        let id = open.last_id;
        let connection = Arc::new(Connection {
            id,
            address,
            doing: AtomicU8::new(Doing::Waiting as u8),
            last_ms: AtomicU64::new(self.now_ms()),
            allowance: AtomicI64::new(i64::MAX),
            trusted: AtomicBool::new(false),
            ended: Notify::new(),
            table: self.clone(),
        });
        open.by_id.insert(id, connection.clone());
        *open.by_address.entry(address).or_default() += 1;
        metrics::gauge!("chengtu_connections").set(open.by_id.len() as f64);
        Some(connection)
    }

    /// Ends the connection that has waited longest, to make room.
    pub fn make_room(&self) {
        let _ = Self::give_way(&mut self.lock(), None);
    }

    fn give_way(open: &mut Open, of: Option<IpAddr>) -> Option<()> {
        let gone = open.oldest_waiting(of).and_then(|id| open.remove(id));
        let result = if gone.is_some() { "gave_way" } else { "closed" };
        metrics::counter!("chengtu_connections_too_many_total", "result" => result).increment(1);
        gone?.ended.notify_one();
        Some(())
    }
}

impl Connection {
    fn doing(&self) -> Doing {
        match self.doing.load(Ordering::Relaxed) {
            0 => Doing::Waiting,
            1 => Doing::Asking,
            _ => Doing::Session,
        }
    }

    /// Says what it does now.
    pub fn set(&self, doing: Doing) {
        self.touch();
        self.doing.store(doing as u8, Ordering::Relaxed);
    }

    /// Something was sent.
    pub fn touch(&self) {
        self.last_ms.store(self.table.now_ms(), Ordering::Relaxed);
    }

    /// Of what comes no more than so many further bytes are read; `None`: any number.
    pub fn allow(&self, bytes: Option<usize>) {
        let bytes = bytes.map_or(i64::MAX, |b| b as i64);
        self.allowance.store(bytes, Ordering::Relaxed);
    }

    /// True while more may be read.
    pub fn may_read(&self) -> bool {
        self.allowance.load(Ordering::Relaxed) > 0
    }

    /// So many bytes were read.
    pub fn has_read(&self, bytes: usize) {
        if self.allowance.load(Ordering::Relaxed) != i64::MAX {
            self.allowance.fetch_sub(bytes as i64, Ordering::Relaxed);
        }
    }

    /// True where the last token that came by it was right.
    pub fn is_trusted(&self) -> bool {
        self.trusted.load(Ordering::Relaxed)
    }

    /// Says whether the token that came by it was right.
    pub fn trust(&self, right: bool) {
        self.trusted.store(right, Ordering::Relaxed);
    }

    /// Waits until it has to give way.
    pub async fn ended(&self) {
        self.ended.notified().await;
    }

    /// True while it has not given way.
    pub fn is_open(&self) -> bool {
        self.table.lock().by_id.contains_key(&self.id)
    }

    /// It is closed.
    pub fn close(&self) {
        let mut open = self.table.lock();
        open.remove(self.id);
        metrics::gauge!("chengtu_connections").set(open.by_id.len() as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn whoever_sends_half_a_head_gives_way_to_whoever_comes() {
        let all = Connections::new(3, 9);
        let busy = all.admit(ip("10.0.0.1")).unwrap();
        busy.set(Doing::Asking);
        let socket = all.admit(ip("10.0.0.1")).unwrap();
        socket.set(Doing::Session);
        let half = all.admit(ip("10.0.0.2")).unwrap();
        let next = all.admit(ip("10.0.0.3")).unwrap();
        assert!(!half.is_open() && next.is_open() && busy.is_open() && socket.is_open());
        next.set(Doing::Asking);
        // Who is being answered does not give way.
        assert!(all.admit(ip("10.0.0.4")).is_none());
        busy.close();
        assert!(all.admit(ip("10.0.0.4")).is_some());
        assert_eq!(all.len(), 3);
    }

    #[test]
    fn of_several_addresses_the_greediest_gives_way_first() {
        let all = Connections::new(5, 9);
        let honest = all.admit(ip("10.0.0.1")).unwrap();
        let greedy: Vec<_> = (0..4).map(|_| all.admit(ip("10.0.0.2")).unwrap()).collect();
        let _next = all.admit(ip("10.0.0.3")).unwrap();
        assert!(honest.is_open() && !greedy[0].is_open() && greedy[1].is_open());
    }

    #[test]
    fn one_address_has_its_own_limit_and_a_proxy_on_this_machine_has_none() {
        let all = Connections::new(100, 2);
        for _ in 0..2 {
            all.admit(ip("10.0.0.1")).unwrap().set(Doing::Asking);
            all.admit(ip("2001:db8::1")).unwrap().set(Doing::Asking);
        }
        assert!(all.admit(ip("10.0.0.1")).is_none());
        assert!(all.admit(ip("::ffff:10.0.0.1")).is_none());
        // Another address of the same network of 64 bits.
        assert!(all.admit(ip("2001:db8::99")).is_none());
        assert!(all.admit(ip("2001:db8:0:1::1")).is_some());
        for own in ["127.0.0.1", "::1"] {
            for _ in 0..5 {
                all.admit(ip(own)).unwrap().set(Doing::Asking);
            }
        }
    }
}
