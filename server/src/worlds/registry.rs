use super::handle::{OtherHandle, WorldHandle};
use super::owner::Owner;
use super::past::Historian;
use super::record::open_record;
use super::replay;
use super::run::{OtherWorld, WorldThread, run};
use super::training::Training;
use crate::access::{Part, Principal};
use crate::audience::Audience;
use crate::city::City;
use crate::clock::SharedClock;
use crate::config::Config;
use crate::log::LogStore;
use crate::refusal::Refusal;
use crate::request::{AnyRequest, Asker, OtherRequest, PastQuestion};
use crate::world::LiveHandle;
use chengtu_engine::code::Code;
use chengtu_engine::drill::Seat;
use chengtu_engine::geo::Viewport;
use chengtu_engine::permission::Permission;
use chengtu_engine::record::World;
use chengtu_engine::replay::{BookmarkChange, OfficerView, WorldClock};
use chengtu_engine::stream::{ServerMessage, WorldChoice, WorldSummary};
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Requests that may wait for a world.
const REQUESTS_MAX: usize = 256;

/// A world that is to be made.
#[derive(Clone, Debug)]
pub struct NewWorld {
    /// Makes the world's name from its number: `World::Fork`, `World::Drill`, …
    pub kind: fn(u32) -> World,
    /// Its name; may be empty.
    pub title: String,
    /// The person who makes it, and drives its clock.
    pub owner: Owner,
    /// Others may join, and find it in the list.
    pub shared: bool,
    /// Its past is not the running city's.
    pub own_past: bool,
    /// How long it lasts without anybody in it; `None`: as configured.
    pub idle: Option<Duration>,
    /// How often it holds the city's movers.
    pub copies: usize,
}

/// Who is let in has so long to arrive before the world counts as deserted.
const ARRIVING: Duration = Duration::from_secs(2);

/// What is known of a world without asking it.
#[derive(Debug)]
pub(super) struct OpenWorld {
    pub world: World,
    pub title: String,
    pub owner: Owner,
    pub shared: bool,
    own_past: bool,
    /// How often it holds the city's movers.
    copies: usize,
    clock: Mutex<WorldClock>,
    sessions: AtomicU32,
    /// When somebody was let in who has not arrived yet.
    let_in: Mutex<Option<Instant>>,
    ending: AtomicBool,
    requests: mpsc::Sender<OtherRequest>,
}

impl OpenWorld {
    pub fn set(&self, clock: WorldClock, sessions: usize) {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = clock;
        let sessions = sessions as u32;
        if self.sessions.swap(sessions, Ordering::AcqRel) < sessions {
            *self.let_in.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// Somebody is let in, and arrives soon.
    fn let_in(&self) {
        *self.let_in.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// True where nobody is in it, nor on the way.
    fn is_deserted(&self) -> bool {
        let let_in = *self.let_in.lock().unwrap_or_else(PoisonError::into_inner);
        let is_awaited = let_in.is_some_and(|at| at.elapsed() < ARRIVING);
        self.sessions.load(Ordering::Acquire) == 0 && !is_awaited
    }

    /// Where between two ticks this world has its own, 0 … 1: apart from those made before and after it.
    pub fn phase(&self) -> f64 {
        // The golden ratio: however many there are, they lie apart.
        (f64::from(number(self.world).unwrap_or(0)) * 0.618_033_988_75).fract()
    }

    pub fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Acquire)
    }
}

/// The worlds that are open, by number.
#[derive(Debug, Default)]
struct OpenWorlds {
    last: u32,
    worlds: BTreeMap<u32, Arc<OpenWorld>>,
}

/// All worlds of a server.
pub struct Worlds {
    config: Arc<Config>,
    city: Arc<City>,
    clock: SharedClock,
    store: Arc<dyn LogStore>,
    live: LiveHandle,
    historian: Historian,
    training: Training,
    open: Mutex<OpenWorlds>,
}

impl std::fmt::Debug for Worlds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let open = self.lock();
        f.debug_struct("Worlds")
            .field("open", &open.worlds)
            .finish_non_exhaustive()
    }
}

fn number(world: World) -> Option<u32> {
    match world {
        World::Live => None,
        World::Drill(n) | World::Replay(n) | World::Fork(n) => Some(n),
    }
}

fn kind_of(world: World) -> &'static str {
    match world {
        World::Live => "live",
        World::Drill(_) => "drill",
        World::Replay(_) => "replay",
        World::Fork(_) => "fork",
    }
}

impl Worlds {
    /// Beside a running city, over the log in `store`.
    pub fn new(
        config: Arc<Config>,
        city: Arc<City>,
        store: Arc<dyn LogStore>,
        live: LiveHandle,
        clock: SharedClock,
    ) -> std::io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            historian: Historian::start(store.clone())?,
            training: Training::default(),
            clock,
            store,
            open: Mutex::default(),
            config,
            city,
            live,
        }))
    }

    /// The server's configuration, as read at start.
    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// What all worlds share of the city: rules, roads, places, units.
    pub fn city(&self) -> &Arc<City> {
        &self.city
    }

    /// The log, and what is kept beside it.
    pub fn store(&self) -> &Arc<dyn LogStore> {
        &self.store
    }

    /// Which scenarios are being drilled now.
    pub fn training(&self) -> &Training {
        &self.training
    }

    /// The wall clock.
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// The way to the running city.
    pub fn live_handle(&self) -> &LiveHandle {
        &self.live
    }

    /// The running city, as a session enters it.
    pub fn live(&self) -> WorldHandle {
        WorldHandle::Live(self.live.clone())
    }

    fn lock(&self) -> MutexGuard<'_, OpenWorlds> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The way into the world that somebody chooses; a replay is made for them.
    ///
    /// # Errors
    /// [`Refusal`] in words: no right, no such world, too many.
    pub async fn choose(
        self: &Arc<Self>,
        principal: &Arc<Principal>,
        choice: WorldChoice,
    ) -> Result<WorldHandle, Refusal> {
        match choice {
            WorldChoice::Live => Ok(self.live()),
            WorldChoice::Replay {
                at,
                speed,
                basis,
                shared,
                title,
            } => {
                principal.require(Permission::Replay)?;
                let owner = Owner::from(&**principal);
                let new = NewWorld {
                    kind: World::Replay,
                    title,
                    owner: owner.clone(),
                    shared,
                    own_past: false,
                    idle: None,
                    copies: 1,
                };
                let store = self.store.clone();
                let make = move |_| replay::open(&*store, owner, shared, (at, speed, basis));
                let handle = self.open(new, Seat::Director, make).await?;
                Ok(WorldHandle::Other(handle))
            }
            WorldChoice::Join { world, seat } => self.join(principal, world, seat).await,
            WorldChoice::Record { drill, at, speed } => {
                let handle = open_record(self, principal, drill, (at, speed)).await?;
                Ok(WorldHandle::Other(handle))
            }
        }
    }

    /// The way into a world that runs already.
    ///
    /// # Errors
    /// [`Refusal`]: no such world, or it lets this one not in.
    pub async fn join(
        &self,
        principal: &Arc<Principal>,
        world: World,
        seat: Seat,
    ) -> Result<WorldHandle, Refusal> {
        if world == World::Live {
            return Ok(self.live());
        }
        let ended = || {
            let text = "there is no such world; it may have ended. Ask for the list of worlds";
            Refusal::new(Code::NoSuchWorld, text)
        };
        let entry = number(world).and_then(|n| self.lock().worlds.get(&n).cloned());
        let entry = entry.filter(|e| e.world == world).ok_or_else(ended)?;
        let (reply, answer) = oneshot::channel();
        let ask = OtherRequest::Admit {
            principal: principal.clone(),
            seat,
            reply,
        };
        entry.requests.send(ask).await.map_err(|_| ended())?;
        let seat = answer.await.map_err(|_| ended())??;
        entry.let_in();
        Ok(WorldHandle::Other(OtherHandle {
            world,
            seat,
            own_past: entry.own_past,
            requests: entry.requests.clone(),
        }))
    }

    /// Makes a world on a thread of its own. `make` runs there, is given the world's name, and may take its time.
    ///
    /// # Errors
    /// [`Refusal`]: too many worlds, or what `make` says.
    pub async fn open(
        self: &Arc<Self>,
        new: NewWorld,
        seat: Seat,
        make: impl FnOnce(World) -> Result<Box<dyn OtherWorld>, Refusal> + Send + 'static,
    ) -> Result<OtherHandle, Refusal> {
        let (requests, receive) = mpsc::channel(REQUESTS_MAX);
        let idle = Duration::from_secs(self.config.worlds.idle_s);
        let idle = new.idle.unwrap_or(idle);
        let entry = self.enlist(new, requests.clone())?;
        let (world, own_past) = (entry.world, entry.own_past);
        let here = entry.clone();
        let thread = WorldThread {
            entry,
            worlds: Arc::downgrade(self),
            requests: receive,
            idle,
            runtime: tokio::runtime::Handle::current(),
            alarms: self.live.status.alarms(),
        };
        let (ready, made) = oneshot::channel();
        let (city, config) = (self.city.clone(), self.config.clone());
        let builder = std::thread::Builder::new().name(kind_of(world).to_owned());
        let spawned = builder.spawn(move || {
            let audience =
                |state: &chengtu_engine::state::State| Audience::new(city, &config, state);
            run(thread, move || make(world), audience, ready);
        });
        let failed = |why: String| Refusal::new(Code::WorldEnded, why);
        if let Err(error) = spawned {
            self.forget(world);
            return Err(failed(format!("no thread for another world: {error}")));
        }
        match made.await {
            Ok(Ok(())) => {
                here.let_in();
                Ok(OtherHandle {
                    world,
                    seat,
                    own_past,
                    requests,
                })
            }
            Ok(Err(refusal)) => Err(refusal),
            Err(_) => {
                self.forget(world);
                Err(failed("the world broke down as it was made".to_owned()))
            }
        }
    }

    /// Gives a new world its number, unless there are too many; one that nobody is in makes room.
    fn enlist(
        &self,
        new: NewWorld,
        requests: mpsc::Sender<OtherRequest>,
    ) -> Result<Arc<OpenWorld>, Refusal> {
        let limits = &self.config.worlds;
        let mut open = self.lock();
        let own = |e: &OpenWorld| e.owner == new.owner;
        while open.worlds.values().filter(|e| own(e)).count() >= limits.per_user_max {
            if !open.make_room(own) {
                let text = format!(
                    "{} has {} worlds open, the most one may have (worlds.per_user_max): leave one first",
                    new.owner, limits.per_user_max
                );
                return Err(Refusal::new(Code::TooManyWorlds, text));
            }
        }
        while open.worlds.len() >= limits.worlds_max {
            if !open.make_room(|_| true) {
                let text = format!(
                    "{} worlds are open, the most this server takes (worlds.worlds_max): join one of them, or wait",
                    limits.worlds_max
                );
                return Err(Refusal::new(Code::TooManyWorlds, text));
            }
        }
        // Those that are there may have begun in a smaller city: they are taken for as large as they would be now.
        let movers = self.live.status.movers();
        while new.copies > 0 && (open.copies() + new.copies) * movers > limits.movers_max {
            if !open.make_room(|e| e.copies > 0) {
                let text = format!(
                    "the worlds that are open hold as much of the city as they may, with {movers} movers in it (worlds.movers_max = {}): leave one first",
                    limits.movers_max
                );
                return Err(Refusal::new(Code::TooManyWorlds, text));
            }
        }
        // Where it cannot be kept that a number was given, it is still given once in this run.
        let kept = self.store.aside().next_world().inspect_err(|error| {
            tracing::warn!(%error, "the numbers of worlds may be given again after a restart");
        });
        let number = kept.unwrap_or_default().max(open.last + 1);
        open.last = number;
        let entry = Arc::new(OpenWorld {
            world: (new.kind)(number),
            title: new.title,
            owner: new.owner,
            shared: new.shared,
            own_past: new.own_past,
            copies: new.copies,
            clock: Mutex::default(),
            // The session that makes it is about to enter.
            sessions: AtomicU32::new(1),
            let_in: Mutex::default(),
            ending: AtomicBool::new(false),
            requests,
        });
        open.worlds.insert(number, entry.clone());
        open.count();
        Ok(entry)
    }

    /// Strikes a world off the list.
    pub(super) fn forget(&self, world: World) {
        let mut open = self.lock();
        if let Some(n) = number(world) {
            open.worlds.remove(&n);
        }
        open.count();
    }

    /// Worlds that somebody may join: the shared ones and their own.
    pub fn list(&self, principal: &Principal) -> Vec<WorldSummary> {
        let open = self.lock();
        let seen = open.worlds.values();
        seen.filter(|e| e.shared || e.owner.is(principal))
            .map(|e| WorldSummary {
                world: e.world,
                title: e.title.clone(),
                owner: e.owner.name().to_owned(),
                sessions: e.sessions.load(Ordering::Acquire),
                clock: *e.clock.lock().unwrap_or_else(PoisonError::into_inner),
            })
            .collect()
    }

    /// The answer to a question for the list of worlds.
    pub fn overview(&self, principal: &Principal) -> ServerMessage {
        ServerMessage::Worlds {
            list: self.list(principal),
            scenarios: self.city.ground.scenarios(),
        }
    }

    /// Asks the running city's log about its past; answered on another thread.
    pub async fn ask_past(&self, asker: Asker, question: PastQuestion) {
        self.historian.ask(asker, question).await;
    }

    /// Records an officer's viewport in the running city, if the configuration says so.
    pub fn keep_view(&self, principal: &Principal, viewport: Option<Viewport>) {
        if self.config.worlds.record_views
            && principal.part == Part::Operator
            && let Some(viewport) = viewport
        {
            let view = OfficerView {
                by: principal.name.clone(),
                time: self.clock.now(),
                viewport,
            };
            self.historian.view(view, principal.id.clone());
        }
    }

    /// Sets or removes a bookmark; answered on another thread with all of them.
    pub async fn bookmark(&self, asker: Asker, by: Arc<Principal>, change: BookmarkChange) {
        self.historian.bookmark(asker, by, change).await;
    }

    /// Ends all worlds.
    pub async fn stop(&self) {
        let queues: Vec<_> = {
            let open = self.lock();
            open.worlds.values().map(|e| e.requests.clone()).collect()
        };
        for queue in queues {
            let (done, ended) = oneshot::channel();
            if queue.send(AnyRequest::Stop(done).into()).await.is_ok() {
                let _ = tokio::time::timeout(Duration::from_secs(1), ended).await;
            }
        }
    }
}

impl OpenWorlds {
    /// Ends a world that nobody is in; false where there is none.
    fn make_room(&mut self, among: impl Fn(&OpenWorld) -> bool) -> bool {
        let idle = self
            .worlds
            .iter()
            .find(|(_, e)| among(e) && e.is_deserted());
        let Some((n, entry)) = idle.map(|(n, e)| (*n, e.clone())) else {
            return false;
        };
        entry.ending.store(true, Ordering::Release);
        self.worlds.remove(&n);
        true
    }

    /// How often they hold the city's movers, all together.
    fn copies(&self) -> usize {
        self.worlds.values().map(|e| e.copies).sum()
    }

    fn count(&self) {
        for kind in ["replay", "fork", "drill"] {
            let n = self
                .worlds
                .values()
                .filter(|e| kind_of(e.world) == kind)
                .count();
            metrics::gauge!("chengtu_worlds", "kind" => kind).set(n as f64);
        }
    }
}

/// The clock of a replay at its beginning.
pub(super) type Begin = (Timestamp, f32, chengtu_engine::replay::TimeBasis);
