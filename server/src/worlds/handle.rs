use crate::request::{AnyRequest, OtherRequest};
use crate::world::LiveHandle;
use chengtu_engine::drill::Seat;
use chengtu_engine::record::World;
use tokio::sync::mpsc;

/// The way into a world beside the running city, for one session.
#[derive(Clone, Debug)]
pub struct OtherHandle {
    /// Name of the world.
    pub world: World,
    /// From where the session takes part.
    pub seat: Seat,
    /// The world has a past of its own: questions about it are asked there, not of the running city's log.
    pub own_past: bool,
    /// Requests; a full queue makes its senders wait, a closed one belongs to a world that has ended.
    pub requests: mpsc::Sender<OtherRequest>,
}

/// The way into a world, for one session.
#[derive(Clone, Debug)]
pub enum WorldHandle {
    /// The running city.
    Live(LiveHandle),
    /// A world beside it.
    Other(OtherHandle),
}

/// The world has ended; what was sent was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the world has ended")]
pub struct WorldEnded;

impl WorldHandle {
    /// Name of the world.
    pub fn world(&self) -> World {
        match self {
            Self::Live(_) => World::Live,
            Self::Other(other) => other.world,
        }
    }

    /// From where the session takes part.
    pub fn seat(&self) -> Seat {
        match self {
            Self::Live(_) => Seat::Participant,
            Self::Other(other) => other.seat,
        }
    }

    /// The handle of a world beside the running city.
    pub fn other(&self) -> Option<&OtherHandle> {
        match self {
            Self::Live(_) => None,
            Self::Other(other) => Some(other),
        }
    }

    /// Sends what every world answers; waits while its queue is full.
    ///
    /// # Errors
    /// [`WorldEnded`].
    pub async fn send(&self, request: impl Into<AnyRequest>) -> Result<(), WorldEnded> {
        let request = request.into();
        let sent = match self {
            Self::Live(live) => live.requests.send(request.into()).await.is_ok(),
            Self::Other(other) => other.requests.send(request.into()).await.is_ok(),
        };
        sent.then_some(()).ok_or(WorldEnded)
    }

    /// Waits until the world has ended.
    pub async fn closed(&self) {
        match self {
            Self::Live(live) => live.requests.closed().await,
            Self::Other(other) => other.requests.closed().await,
        }
    }
}
