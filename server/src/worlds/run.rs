//! The thread of a world: takes requests, lets time pass, shows, and ends when nobody has looked for a while.

use super::ending::answer_what_waits;
use super::registry::{OpenWorld, Worlds};
use crate::access::Principal;
use crate::audience::{Audience, Viewer};
use crate::clock::TICK_MS;
use crate::outbox::Close;
use crate::priority;
use crate::refusal::Refusal;
use crate::request::{
    AnyRequest, Arrival, Asker, CommandReply, Decision, OtherRequest, PastQuestion,
};
use chengtu_engine::city::{Language, Rules};
use chengtu_engine::code::Code;
use chengtu_engine::drill::{DirectorAct, GhostOf, Seat};
use chengtu_engine::model::Actor;
use chengtu_engine::replay::{TimeControl, WorldClock};
use chengtu_engine::roads::Closings;
use chengtu_engine::state::State;
use chengtu_engine::stream::{ServerMessage, WorldInfo};
use std::ops::ControlFlow;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};

/// A world beside the running city, as its thread drives it. Everything that all worlds do alike (subscriptions,
/// snapshots, frames, rankings, routes, hotspots, the clock's messages, its end) is done for it.
pub trait OtherWorld: Send {
    /// The city in this world.
    fn state(&self) -> &State;

    /// Its clock. The time is that of everything shown.
    fn clock(&self) -> WorldClock;

    /// Lets so much of this machine's time pass: folds or simulates on and notes for the audience what was touched
    /// ([`Audience::note`]), or that the state is another one ([`Audience::begin_anew`]). Called ten times a second
    /// while somebody looks or [`OtherWorld::runs_unwatched`].
    fn advance(&mut self, elapsed: Duration, audience: &mut Audience);

    /// Drives the clock, for the session that has the right to.
    fn control_time(&mut self, asker: &Asker, control: TimeControl, audience: &mut Audience);

    /// A command of a session's principal, as the world's actor of that session.
    fn command(
        &mut self,
        session: u64,
        decision: Decision,
        reply: CommandReply,
        audience: &mut Audience,
    );

    /// Answers a question about the past that this world has of its own.
    fn past(&mut self, asker: &Asker, question: PastQuestion);

    /// Something that a drill's director does; other worlds have none and say so.
    fn direct(&mut self, asker: &Asker, _act: DirectorAct, _audience: &mut Audience) {
        asker.refuse(Refusal::new(
            Code::NotForRole,
            "only a drill has a director",
        ));
    }

    /// Shows a session the units of another drill or attempt; worlds that are no drill say that they cannot.
    fn show_ghost(&mut self, asker: &Asker, _of: Option<GhostOf>, _audience: &mut Audience) {
        asker.refuse(Refusal::new(
            Code::NotForRole,
            "ghosts drive along in drills",
        ));
    }

    /// From where somebody takes part who asks for a seat.
    ///
    /// # Errors
    /// [`Refusal`] when they may not come in, or not to that seat.
    fn admit(&mut self, principal: &Principal, seat: Seat) -> Result<Seat, Refusal>;

    /// In whose name commands from a seat are done; `None` if nothing can be commanded.
    fn actor(&self, _principal: &Principal, _seat: Seat) -> Option<Actor> {
        None
    }

    /// Somebody has come; worlds send here what only their kind has to send.
    fn arrived(&mut self, _viewer: &Viewer) {}

    /// What to know of this world, in words and in English; may be empty.
    fn notice(&self) -> (String, String) {
        (String::new(), String::new())
    }

    /// The drill whose record it is.
    fn record_of(&self) -> Option<u32> {
        None
    }

    /// Roads that are closed in it now.
    fn closings(&self) -> Closings {
        Closings::new()
    }

    /// True while its time passes without anybody looking.
    fn runs_unwatched(&self) -> bool {
        false
    }

    /// True once it is over: its sessions are notified and go back to the running city.
    fn is_over(&self) -> bool {
        false
    }
}

/// What a world's thread works with, in addition to its world.
pub(super) struct WorldThread {
    pub entry: Arc<OpenWorld>,
    pub worlds: Weak<Worlds>,
    pub requests: mpsc::Receiver<OtherRequest>,
    pub idle: Duration,
    pub runtime: tokio::runtime::Handle,
    /// Severe alarms of the running city, a message of its own.
    pub alarms: watch::Receiver<Option<Arc<ServerMessage>>>,
}

/// Makes a world and drives it to its end. `ready` receives whether it could be made.
pub(super) fn run(
    mut thread: WorldThread,
    make: impl FnOnce() -> Result<Box<dyn OtherWorld>, Refusal>,
    audience: impl FnOnce(&State) -> Audience,
    ready: oneshot::Sender<Result<(), Refusal>>,
) {
    priority::behind_the_running_city();
    let world = match make() {
        Ok(world) => world,
        Err(refusal) => {
            drop(thread);
            let _ = ready.send(Err(refusal));
            return;
        }
    };
    let audience = audience(world.state());
    thread.entry.set(world.clock(), 0);
    let _ = ready.send(Ok(()));
    let mut running = Running {
        world,
        audience,
        told: None,
        told_at: Instant::now(),
        watched: Instant::now(),
    };
    running.go(&mut thread);
    answer_what_waits(&mut thread.requests, &running.audience);
}

/// However a world's thread ends, its world is no longer led to.
impl Drop for WorldThread {
    fn drop(&mut self) {
        if let Some(worlds) = self.worlds.upgrade() {
            worlds.forget(self.entry.world);
        }
    }
}

/// Two seeks of one session, one after the other.
fn is_same_drag(first: &OtherRequest, second: &OtherRequest) -> bool {
    let seeks = |r: &OtherRequest| match r {
        OtherRequest::Time {
            asker,
            control: TimeControl::Seek(_),
        } => Some(asker.session()),
        _ => None,
    };
    seeks(first).is_some_and(|session| seeks(second) == Some(session))
}

struct Running {
    world: Box<dyn OtherWorld>,
    audience: Audience,
    /// The clock that everybody knows, and since when.
    told: Option<WorldClock>,
    told_at: Instant,
    /// When somebody was last seen.
    watched: Instant,
}

impl Running {
    fn go(&mut self, thread: &mut WorldThread) {
        let tick = Duration::from_millis(u64::from(TICK_MS));
        let mut passed = Instant::now();
        // Worlds that were made together must not all work in the same moment.
        let mut next = passed + tick.mul_f64(thread.entry.phase());
        loop {
            let requests = &mut thread.requests;
            // The timer must be made inside the runtime: this thread is not one of its own.
            let waited = thread
                .runtime
                .block_on(async { tokio::time::timeout_at(next.into(), requests.recv()).await });
            let first = match waited {
                Ok(Some(request)) => Some(request),
                Ok(None) => return,
                Err(_) => None,
            };
            if let Some(first) = first {
                let mut all = vec![first];
                while let Ok(more) = thread.requests.try_recv() {
                    all.push(more);
                }
                if self.take_all(all, thread) {
                    return;
                }
                // What was asked is shown at once; the clock runs on with the next tick.
                self.show(thread);
            }
            let now = Instant::now();
            if now < next {
                continue;
            }
            next = (next + tick).max(now);
            let elapsed = now - core::mem::replace(&mut passed, now);
            if !self.audience.is_empty() || self.world.runs_unwatched() {
                self.world.advance(elapsed, &mut self.audience);
            }
            self.show(thread);
            if !self.audience.is_empty() {
                self.watched = now;
            }
            let over = self.world.is_over();
            if over || thread.entry.is_ending() || self.watched.elapsed() > thread.idle {
                // Sessions see the closed door and go back to the running city by themselves.
                return;
            }
        }
    }

    /// True when the server stops.
    fn take_all(&mut self, requests: Vec<OtherRequest>, thread: &mut WorldThread) -> bool {
        let mut requests = requests.into_iter().peekable();
        while let Some(request) = requests.next() {
            let is_followed = requests
                .peek()
                .is_some_and(|next| is_same_drag(&request, next));
            // Of a drag only the last place counts.
            if !is_followed && self.take(request, thread).is_break() {
                return true;
            }
        }
        false
    }

    fn take(&mut self, request: OtherRequest, thread: &mut WorldThread) -> ControlFlow<()> {
        let audience = &mut self.audience;
        match request {
            OtherRequest::Any(any) => return self.take_any(any, thread),
            OtherRequest::Admit {
                principal,
                seat,
                reply,
            } => {
                // The admitted session is about to enter.
                self.watched = Instant::now();
                let _ = reply.send(self.world.admit(&principal, seat));
            }
            OtherRequest::Time { asker, control } => {
                self.world.control_time(&asker, control, audience);
            }
            OtherRequest::Past { asker, question } => self.world.past(&asker, question),
            OtherRequest::Direct { asker, act } => self.world.direct(&asker, act, audience),
            OtherRequest::Ghost { asker, of } => self.world.show_ghost(&asker, of, audience),
        }
        ControlFlow::Continue(())
    }

    fn take_any(&mut self, request: AnyRequest, thread: &mut WorldThread) -> ControlFlow<()> {
        match request {
            AnyRequest::View(view) => {
                let now = self.world.clock().time;
                self.audience.take(view, self.world.state(), now);
            }
            AnyRequest::Enter(arrival) => self.enter(arrival, thread),
            AnyRequest::Command {
                session,
                decision,
                reply,
            } => {
                let viewer = self.audience.viewer(session);
                // However long it has waited here: whoever may not be here any more commands nothing.
                if let Some(why) = viewer.and_then(|v| v.principal.ended()) {
                    reply.reject(Code::NoAccess, why.to_string());
                } else {
                    self.world
                        .command(session, decision, reply, &mut self.audience);
                }
            }
            AnyRequest::Digest(reply) => {
                let state = self.world.state();
                let _ = reply.send((state.seq(), state.digest()));
            }
            AnyRequest::Stop(done) => {
                self.audience
                    .close_all(Close::GoingAway, "the server is stopping");
                let _ = done.send(());
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    fn enter(&mut self, arrival: Arrival, thread: &WorldThread) {
        let id = arrival.outbox.id;
        let (mut notice, notice_en) = self.world.notice();
        let language = self.world.state().rules().map(Rules::language);
        if language == Some(Language::En) {
            notice.clone_from(&notice_en);
        }
        let info = WorldInfo {
            world: thread.entry.world,
            title: thread.entry.title.clone(),
            owner: thread.entry.owner.name().to_owned(),
            shared: thread.entry.shared,
            seat: arrival.seat,
            clock: Some(self.world.clock()),
            notice,
            notice_en,
            record_of: self.world.record_of(),
        };
        let actor = self.world.actor(&arrival.principal, arrival.seat);
        let at = (self.world.state(), self.world.clock().time);
        self.audience.enter(arrival, actor, info, at);
        if let Some(viewer) = self.audience.viewer(id) {
            if let Some(alarms) = &*thread.alarms.borrow()
                && viewer.outbox.subprotocol.has_city_alarms()
            {
                self.audience.tell_city_alarms_to(viewer, alarms);
            }
            self.world.arrived(viewer);
        }
    }

    fn show(&mut self, thread: &mut WorldThread) {
        self.audience.close_roads(self.world.closings());
        if thread.alarms.has_changed().unwrap_or(false)
            && let Some(alarms) = &*thread.alarms.borrow_and_update()
        {
            self.audience.tell_city_alarms(alarms);
        }
        let clock = self.world.clock();
        self.audience.end_tick(self.world.state(), clock.time);
        let changed = self.told.is_none_or(|told| {
            let still = WorldClock {
                time: told.time,
                to: told.to,
                ..clock
            };
            // A paused clock is sent at once when it moves; clients extrapolate a running one.
            told != still || (!clock.playing && told.time != clock.time)
        });
        if changed || self.told_at.elapsed() >= Duration::from_secs(1) {
            self.told = Some(clock);
            self.told_at = Instant::now();
            self.audience.tell_all(&ServerMessage::Clock(clock));
        }
        thread.entry.set(clock, self.audience.len());
    }
}
