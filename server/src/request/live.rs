use super::{AnyRequest, FixBatch, Posted, Taken, Unavailable, ViewRequest};
use crate::access::{Feed, Principal};
use crate::outbox::Outbox;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::stream::Resume;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What the running city answers. Everything that happens in it comes through here.
#[derive(Debug)]
pub enum LiveRequest {
    /// What every world answers.
    Any(AnyRequest),
    /// A session has begun.
    Join {
        /// Where its messages wait.
        outbox: Arc<Outbox>,
        /// Whose session it is.
        principal: Arc<Principal>,
        /// Where an earlier session of this client left off.
        resume: Option<Resume>,
    },
    /// What the answer to commands would be now; nothing is done.
    TryOut {
        /// Who would give the commands.
        by: Arc<Principal>,
        /// What would be commanded, in order.
        commands: Vec<CommandRequest>,
        /// For each, in their order: `None` if it would be accepted, else why not, in words.
        reply: oneshot::Sender<Vec<Option<String>>>,
    },
}

impl From<AnyRequest> for LiveRequest {
    fn from(request: AnyRequest) -> Self {
        Self::Any(request)
    }
}

impl From<ViewRequest> for LiveRequest {
    fn from(request: ViewRequest) -> Self {
        Self::Any(request.into())
    }
}

/// Data for the running city. It comes by a way of its own: however much of it there is, nobody who asks for something
/// waits behind it.
#[derive(Debug)]
pub enum DataRequest {
    /// Positions that came over a session's socket.
    SocketFixes {
        /// Hears what became of them.
        outbox: Arc<Outbox>,
        /// Whose session it is.
        principal: Arc<Principal>,
        /// Positions in the sender's reference system, converted.
        batch: FixBatch,
    },
    /// Data that a feed has posted.
    Feed {
        /// Whose data it is.
        feed: Arc<Feed>,
        /// Rows in the city's own terms.
        posted: Posted,
        /// Hears what became of them once that is durable.
        reply: oneshot::Sender<Result<Taken, Unavailable>>,
    },
}
