use crate::access::Principal;
use crate::outbox::Outbox;
use chengtu_engine::drill::Seat;
use chengtu_engine::geo::Viewport;
use chengtu_engine::stream::Layer;
use std::sync::Arc;

/// What a session wants to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscription {
    /// The ground that it looks at; none: no ground.
    pub viewport: Option<Viewport>,
    /// Layers of the map that it shows.
    pub layers: Vec<Layer>,
    /// Most frames a second.
    pub rate_hz: f32,
}

/// A session that comes to a world.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Where its messages wait.
    pub outbox: Arc<Outbox>,
    /// Its stay, see [`Outbox::move_on`].
    pub stay: u64,
    /// Whose session it is.
    pub principal: Arc<Principal>,
    /// From where it takes part.
    pub seat: Seat,
    /// What it looked at where it comes from; none: it will say.
    pub subscription: Option<Subscription>,
}
