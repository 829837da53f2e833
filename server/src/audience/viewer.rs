use crate::access::{Principal, PrincipalId};
use crate::outbox::{Close, Out, Outbox, Pushed};
use crate::request::Arrival;
use chengtu_engine::drill::Seat;
use chengtu_engine::model::Actor;
use chengtu_engine::stream::{Continue, Layer, Sent, ServerMessage, SnapshotReason, View};
use chengtu_protocol::encode_server;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One session as the world sees it.
#[derive(Debug)]
pub struct Viewer {
    /// Where its messages wait.
    pub outbox: Arc<Outbox>,
    /// Its stay in this world: what is sent for an earlier stay is dropped.
    pub stay: u64,
    /// Identity and rights of the person or program.
    pub principal: Arc<Principal>,
    /// From where it takes part.
    pub seat: Seat,
    /// In whose name its commands are done.
    pub actor: Option<Actor>,
    /// What it looks at.
    pub(super) view: View,
    /// What it has been sent, for when it comes back.
    pub(super) sent: Sent<PrincipalId>,
    /// It is too slow; everything waits until it has read what it was sent.
    pub(super) lagging: bool,
    /// The list of desks that it knows, by its number.
    pub(super) told_desks: u64,
    lagged_at: Option<Instant>,
}

impl Viewer {
    /// Somebody who has come, and goes on as `next` says.
    pub fn new(arrival: Arrival, actor: Option<Actor>, next: Continue) -> Self {
        let Arrival {
            outbox,
            stay,
            principal,
            seat,
            subscription,
        } = arrival;
        let histories = outbox.subprotocol.has_histories();
        let mut view = View::new(next).with_histories(histories);
        if let Some(s) = subscription {
            view.subscribe(s);
        }
        Self {
            sent: Sent::new(principal.id.clone(), histories),
            outbox,
            stay,
            principal,
            seat,
            actor,
            view,
            lagging: false,
            told_desks: 0,
            lagged_at: None,
        }
    }

    /// It was sent these layers until record `seq`, in an earlier session, and goes on from there.
    #[must_use]
    pub(super) fn going_on(mut self, seq: u64, layers: BTreeSet<Layer>) -> Self {
        self.view = self.view.with_layers(layers.clone());
        self.sent.go_on(seq, layers);
        self
    }

    /// Sends a message of this world, unless the session has gone on to another.
    pub fn tell(&self, m: &ServerMessage) {
        let bytes = encode_server(self.outbox.encoding(), m);
        self.outbox.tell(self.stay, bytes.into());
    }

    /// True while it has not read what it was sent when it fell behind; then it goes on with a snapshot.
    pub(super) fn is_behind(&mut self) -> bool {
        if self.lagging && self.outbox.is_empty() {
            self.lagging = false;
            self.view.restart(SnapshotReason::Lagged);
        }
        self.lagging
    }

    /// Puts a frame where the session takes it from. A client that is too slow gets a fresh snapshot once it has caught
    /// up, and is closed when that happens again within `forgiven`.
    pub(super) fn push(&mut self, out: Out, forgiven: Duration) {
        if self.outbox.push(self.stay, out) == Pushed::Queued {
            return;
        }
        metrics::counter!("chengtu_lagged_total").increment(1);
        if self.lagged_at.is_some_and(|at| at.elapsed() < forgiven) {
            self.outbox.close(
                Close::Slow,
                "the connection is too slow for what it asks: ask for less",
            );
        }
        self.lagged_at = Some(Instant::now());
        self.lagging = true;
    }
}
