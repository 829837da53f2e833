use super::{Arrival, CommandReply};
use chengtu_engine::command::{Basis, CommandRequest};
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::stream::Subscription;
use tokio::sync::oneshot;

/// What a session asks of the state that it looks at.
#[derive(Debug)]
pub enum ViewRequest {
    /// Changes what is streamed to a session.
    Subscribe {
        /// Number of the session.
        session: u64,
        /// What it wants from now on.
        subscription: Subscription,
    },
    /// A session has missed something and needs a snapshot.
    Resync {
        /// Number of the session.
        session: u64,
    },
    /// Which units could be at a case, and when.
    Rank {
        /// Number of the session.
        session: u64,
        /// The client's number for the question.
        request: u32,
        /// The case that somebody is to go to.
        case: CaseId,
    },
    /// The quickest way by road from a unit to a place.
    Route {
        /// Number of the session.
        session: u64,
        /// The client's number for the question.
        request: u32,
        /// The unit that would drive.
        unit: UnitId,
        /// Where it would drive to.
        to: Position,
    },
    /// Who was shown what is masked of a case.
    WhoSaw {
        /// Number of the session.
        session: u64,
        /// The client's number for the question.
        request: u32,
        /// The case.
        case: CaseId,
    },
    /// A session's connection has ended, or it has gone on to another world.
    Leave {
        /// Number of the session.
        session: u64,
    },
}

/// What somebody has decided to do.
#[derive(Debug)]
pub struct Decision {
    /// What is to be done.
    pub command: CommandRequest,
    /// What it was decided upon; where that no longer holds, nothing is done.
    pub basis: Basis,
}

/// What every world answers.
#[derive(Debug)]
pub enum AnyRequest {
    /// Something about what a session looks at.
    View(ViewRequest),
    /// A session comes from another world.
    Enter(Arrival),
    /// A command of a session's principal.
    Command {
        /// Number of the session.
        session: u64,
        /// What is to be done.
        decision: Decision,
        /// The answer that it is owed.
        reply: CommandReply,
    },
    /// Number of the last record and digest of the state, for those who compare two cities.
    Digest(oneshot::Sender<(u64, u64)>),
    /// Keep what is to be kept, then end.
    Stop(oneshot::Sender<()>),
}

impl From<ViewRequest> for AnyRequest {
    fn from(request: ViewRequest) -> Self {
        Self::View(request)
    }
}
