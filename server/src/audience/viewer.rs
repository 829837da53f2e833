use super::encoded::Encoded;
use crate::access::{Principal, PrincipalId};
use crate::outbox::{Close, Out, Outbox, Pushed};
use crate::request::Arrival;
use chengtu_engine::drill::Seat;
use chengtu_engine::model::Actor;
use chengtu_engine::sight::Sight;
use chengtu_engine::stream::{
    Continue, Layer, Sent, ServerMessage, SnapshotReason, Tick, Update, View,
};
use chengtu_protocol::encode_server;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Snapshots that a session may ask for at once, by a resync or another choice of layers.
const ASKED_MAX: f32 = 3.0;
/// … and so many more each second. What it asks for beyond that waits its time.
const ASKED_PER_S: f32 = 1.0;

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
    /// What it may see; `None`: everything.
    pub(super) sight: Option<Sight>,
    /// What it looks at.
    pub(super) view: View,
    /// What it has been sent, for when it comes back.
    pub(super) sent: Sent<PrincipalId>,
    /// It is too slow; everything waits until it has read what it was sent.
    pub(super) lagging: bool,
    /// The list of desks that it knows, by its number.
    pub(super) told_desks: u64,
    lagged_at: Option<Instant>,
    /// How many snapshots it may ask for now, as of a moment.
    may_ask: (f32, Instant),
}

impl Viewer {
    /// Somebody who has come, and goes on as `next` says.
    pub fn new(
        arrival: Arrival,
        actor: Option<Actor>,
        sight: Option<Sight>,
        next: Continue,
    ) -> Self {
        let Arrival {
            outbox,
            stay,
            principal,
            seat,
            subscription,
        } = arrival;
        let histories = outbox.subprotocol.has_histories();
        let persons = outbox.subprotocol.has_persons();
        let view = View::new(next).with_histories(histories);
        let mut view = view.with_persons(persons);
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
            sight,
            view,
            lagging: false,
            told_desks: 0,
            lagged_at: None,
            may_ask: (ASKED_MAX, Instant::now()),
        }
    }

    /// It was sent these layers until record `seq`, in an earlier session, and goes on from there.
    #[must_use]
    pub(super) fn going_on(mut self, seq: u64, layers: BTreeSet<Layer>) -> Self {
        self.view = self.view.with_layers(layers.clone());
        self.sent.go_on(seq, layers);
        self
    }

    /// True where it begins at the end of this tick, and has not just begun again and again.
    pub(super) fn may_begin(&mut self) -> bool {
        let Some(next) = self.view.begins() else {
            return false;
        };
        let asked = SnapshotReason::Asked;
        if !matches!(next, Continue::Afresh(why) if why == asked || why == SnapshotReason::Subscribed)
        {
            return true;
        }
        let now = Instant::now();
        let (left, since) = self.may_ask;
        let more = (now - since).as_secs_f32() * ASKED_PER_S;
        let left = (left + more).min(ASKED_MAX);
        let may = left >= 1.0;
        self.may_ask = (if may { left - 1.0 } else { left }, now);
        may
    }

    /// True where nothing of the world is hidden from it.
    pub fn sees_everything(&self) -> bool {
        self.sight.is_none()
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

    /// Sends it what follows for it from a tick; true where the rates have changed that must be gathered for it.
    pub(super) fn end_tick(
        &mut self,
        tick: &Tick<'_>,
        encoded: &mut Encoded,
        lag_forgiven: Duration,
    ) -> bool {
        let rates = self.view.classes();
        let update = self.view.end_tick(tick);
        self.send(tick, encoded, update, lag_forgiven);
        rates != self.view.classes()
    }

    /// Begins to be told everything in portions; false where it goes on after a record instead.
    pub(super) fn begin_in_portions(
        &mut self,
        tick: &Tick<'_>,
        encoded: &mut Encoded,
        lag_forgiven: Duration,
    ) -> bool {
        let update = self.view.begin_in_portions(tick);
        let begins = update.is_some();
        self.send(tick, encoded, update, lag_forgiven);
        begins
    }

    /// As [`Self::end_tick`], of somebody who is told everything in portions.
    pub(super) fn portion(
        &mut self,
        tick: &mut Tick<'_>,
        encoded: &mut Encoded,
        lag_forgiven: Duration,
    ) -> bool {
        let rates = self.view.classes();
        let update = self.view.portion(tick);
        self.send(tick, encoded, update, lag_forgiven);
        rates != self.view.classes()
    }

    fn send(
        &mut self,
        tick: &Tick<'_>,
        encoded: &mut Encoded,
        update: Option<Update>,
        lag_forgiven: Duration,
    ) {
        if let Some(update) = update {
            self.sent.note(&self.view, &update, tick.seq());
            let out = encoded.out(tick, self.outbox.encoding(), &self.view, update);
            self.push(out, lag_forgiven);
        }
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
