use super::{AnyRequest, Asker, PastQuestion, ViewRequest};
use crate::access::Principal;
use crate::refusal::Refusal;
use chengtu_engine::drill::{DirectorAct, GhostOf, Seat};
use chengtu_engine::replay::TimeControl;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What a replay, a fork or a drill answers; what only one of these kinds can do the others refuse in words.
#[derive(Debug)]
pub enum OtherRequest {
    /// What every world answers.
    Any(AnyRequest),
    /// Somebody would come in.
    Admit {
        /// Who would come in.
        principal: Arc<Principal>,
        /// From where they would take part.
        seat: Seat,
        /// Hears from where they may, or why not.
        reply: oneshot::Sender<Result<Seat, Refusal>>,
    },
    /// Drives the world's clock.
    Time {
        /// Receives the refusal; the answer is a clock.
        asker: Asker,
        /// What to do.
        control: TimeControl,
    },
    /// A question about the past of a world that has one of its own.
    Past {
        /// Receives the answer or the refusal.
        asker: Asker,
        /// What is asked of that past.
        question: PastQuestion,
    },
    /// Something that a drill's director does.
    Direct {
        /// Receives the refusal; the answer is a view of the drill.
        asker: Asker,
        /// What to do.
        act: DirectorAct,
    },
    /// Shows a session the units of another drill or attempt.
    Ghost {
        /// Receives the refusal; the answer is ghosts, once a second.
        asker: Asker,
        /// The attempt to show; `None` removes the ghosts.
        of: Option<GhostOf>,
    },
}

impl From<AnyRequest> for OtherRequest {
    fn from(request: AnyRequest) -> Self {
        Self::Any(request)
    }
}

impl From<ViewRequest> for OtherRequest {
    fn from(request: ViewRequest) -> Self {
        Self::Any(request.into())
    }
}
