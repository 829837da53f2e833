//! The thread of a world: takes requests, lets time pass, shows, and ends when nobody has looked for a while.

use super::registry::{Entry, Worlds};
use super::{Refusal, priority};
use crate::audience::{Arrival, Audience, Viewer};
use crate::codes;
use crate::session::{Rights, Who};
use crate::world::{Request, TICK_MS};
use chengtu_engine::drill::Seat;
use chengtu_engine::model::Actor;
use chengtu_engine::replay::{TimeControl, WorldClock};
use chengtu_engine::state::State;
use chengtu_engine::stream::{ServerMessage, WorldInfo};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// A world beside the running city, as its thread drives it. Everything that all worlds do alike (subscriptions,
/// snapshots, frames, rankings, routes, hotspots, the clock's messages, its end) is done for it.
pub trait OtherWorld: Send {
    /// The city in this world.
    fn state(&self) -> &State;

    /// Its clock. The time is that of everything shown.
    fn clock(&self) -> WorldClock;

    /// Lets so much of this machine's time pass: folds or simulates on and tells the audience what was touched
    /// ([`Audience::note`]), or that the state is another one ([`Audience::begin_anew`]). Called ten times a second
    /// while somebody looks or [`OtherWorld::runs_unwatched`].
    fn advance(&mut self, elapsed: Duration, audience: &mut Audience);

    /// A request of its own kind: `Time`, `Command`, `Direct`, `Past`.
    fn take(&mut self, request: Request, audience: &mut Audience);

    /// From where somebody takes part who asks for a seat.
    ///
    /// # Errors
    /// [`Refusal`] when they may not come in, or not to that seat.
    fn admit(&mut self, who: &Who, rights: Rights, seat: Seat) -> Result<Seat, Refusal>;

    /// In whose name commands from a seat are done; none where nothing can be commanded.
    fn actor(&self, _who: &Who, _seat: Seat) -> Option<Actor> {
        None
    }

    /// Somebody has come; what only this kind of world tells is told here.
    fn arrived(&mut self, _viewer: &Viewer) {}

    /// What to know of this world, in words and in English; may be empty.
    fn notice(&self) -> (String, String) {
        (String::new(), String::new())
    }

    /// The drill whose record it is.
    fn record_of(&self) -> Option<u32> {
        None
    }

    /// True while its time passes without anybody looking.
    fn runs_unwatched(&self) -> bool {
        false
    }

    /// True once it is over: its sessions are told so and go back to the running city.
    fn is_over(&self) -> bool {
        false
    }
}

/// What a thread needs besides its world.
pub(super) struct Stage {
    pub entry: Arc<Entry>,
    pub worlds: Weak<Worlds>,
    pub requests: mpsc::Receiver<Request>,
    pub idle: Duration,
    pub runtime: tokio::runtime::Handle,
}

/// Makes a world and drives it to its end. `ready` hears whether it could be made.
pub(super) fn run(
    mut stage: Stage,
    make: impl FnOnce() -> Result<Box<dyn OtherWorld>, Refusal>,
    audience: impl FnOnce(&State) -> Audience,
    ready: oneshot::Sender<Result<(), Refusal>>,
) {
    priority::behind_the_running_city();
    let world = match make() {
        Ok(world) => world,
        Err(refusal) => {
            drop(stage);
            let _ = ready.send(Err(refusal));
            return;
        }
    };
    let audience = audience(world.state());
    stage.entry.set(world.clock(), 0);
    let _ = ready.send(Ok(()));
    let mut running = Running {
        world,
        audience,
        told: None,
        told_at: Instant::now(),
        watched: Instant::now(),
    };
    running.go(&mut stage);
}

/// However a world's thread ends, its world is no longer led to.
impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(worlds) = self.worlds.upgrade() {
            worlds.forget(self.entry.world);
        }
    }
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
    fn go(&mut self, stage: &mut Stage) {
        let tick = Duration::from_millis(u64::from(TICK_MS));
        let mut passed = Instant::now();
        // Worlds that were made together must not all work in the same moment.
        let mut next = passed + tick.mul_f64(stage.entry.phase());
        loop {
            let requests = &mut stage.requests;
            // The timer is made inside the runtime: this thread is none of its own.
            let waited = stage
                .runtime
                .block_on(async { tokio::time::timeout_at(next.into(), requests.recv()).await });
            let first = match waited {
                Ok(Some(request)) => Some(request),
                Ok(None) => return,
                Err(_) => None,
            };
            if let Some(first) = first {
                let mut all = vec![first];
                while let Ok(more) = stage.requests.try_recv() {
                    all.push(more);
                }
                if self.take_all(all, stage) {
                    return;
                }
                // What was asked is shown at once; the clock runs on with the next tick.
                self.show(stage);
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
            self.show(stage);
            if !self.audience.is_empty() {
                self.watched = now;
            }
            let over = self.world.is_over();
            if over || stage.entry.is_ending() || self.watched.elapsed() > stage.idle {
                // Sessions see the closed door and go back to the running city by themselves.
                return;
            }
        }
    }

    /// True when the server stops.
    fn take_all(&mut self, requests: Vec<Request>, stage: &mut Stage) -> bool {
        let mut requests = requests.into_iter().peekable();
        while let Some(request) = requests.next() {
            match request {
                // Of a drag only the last place counts.
                Request::Time {
                    session,
                    control: TimeControl::Seek(_),
                } if matches!(
                    requests.peek(),
                    Some(Request::Time { session: s, control: TimeControl::Seek(_) }) if *s == session
                ) => {}
                Request::Admit {
                    who,
                    rights,
                    seat,
                    reply,
                } => {
                    // Whoever is let in is on the way here.
                    self.watched = Instant::now();
                    let _ = reply.send(self.world.admit(&who, rights, seat));
                }
                Request::Enter(arrival) => self.enter(arrival, stage),
                Request::Digest(reply) => {
                    let state = self.world.state();
                    let _ = reply.send((state.seq(), state.digest()));
                }
                Request::Stop(done) => {
                    self.audience
                        .close_all(codes::CLOSE_GOING_AWAY, "the server is stopping");
                    let _ = done.send(());
                    return true;
                }
                other => {
                    let now = self.world.clock().time;
                    let own = self.audience.take(other, self.world.state(), now);
                    if let Some(own) = own {
                        self.world.take(own, &mut self.audience);
                    }
                }
            }
        }
        false
    }

    fn enter(&mut self, arrival: Arrival, stage: &Stage) {
        let id = arrival.outbox.id;
        let (notice, notice_en) = self.world.notice();
        let info = WorldInfo {
            world: stage.entry.world,
            title: stage.entry.title.clone(),
            owner: stage.entry.owner.clone(),
            shared: stage.entry.shared,
            seat: arrival.seat,
            clock: Some(self.world.clock()),
            notice,
            notice_en,
            record_of: self.world.record_of(),
        };
        let actor = self.world.actor(&arrival.who, arrival.seat);
        self.audience.enter(arrival, actor, info);
        if let Some(viewer) = self.audience.viewer(id) {
            self.world.arrived(viewer);
        }
    }

    fn show(&mut self, stage: &Stage) {
        let clock = self.world.clock();
        self.audience.end_tick(self.world.state(), clock.time);
        let changed = self.told.is_none_or(|told| {
            let still = WorldClock {
                time: told.time,
                to: told.to,
                ..clock
            };
            // A clock that stands is told at once where it stands; one that runs is known to run.
            told != still || (!clock.playing && told.time != clock.time)
        });
        if changed || self.told_at.elapsed() >= Duration::from_secs(1) {
            self.told = Some(clock);
            self.told_at = Instant::now();
            self.audience.tell_all(&ServerMessage::Clock(clock));
        }
        stage.entry.set(clock, self.audience.len());
    }
}
