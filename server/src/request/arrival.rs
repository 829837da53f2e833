use crate::access::Principal;
use crate::outbox::Outbox;
use chengtu_engine::drill::Seat;
use chengtu_engine::stream::Subscription;
use std::sync::Arc;

/// A session that comes to a world.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Where its messages wait.
    pub outbox: Arc<Outbox>,
    /// Its stay, see [`Outbox::move_on`].
    pub stay: u64,
    /// Whose session it is.
    pub principal: Arc<Principal>,
    /// The seat that it takes in the world.
    pub seat: Seat,
    /// What it subscribed to before it came; `None`: it has not subscribed yet.
    pub subscription: Option<Subscription>,
}
