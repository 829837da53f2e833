use super::audit::Proof;
use super::heard::{Heard, seconds};
use super::keyframes::Keyframes;
use super::silent::Silent;
use super::tick::{Doors, Tick};
use super::{LiveCity, LiveHandle, Pending, Retiring, Status};
use crate::access::UNITS_FEED;
use crate::audience::Audience;
use crate::audit::Auditor;
use crate::city::City;
use crate::clock::{Clock, SharedClock, Watched};
use crate::config::Config;
use crate::log::{AnchorBook, LogError, LogStore, LogWriter, recover};
use chengtu_engine::city::Rules;
use chengtu_engine::command::{Command, UnitRegistration};
use chengtu_engine::ids::{DepartmentId, FeedId};
use chengtu_engine::model::Actor;
use chengtu_engine::record::LivePen;
use chengtu_engine::state::State;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Batches of feeds that wait for the next tick; more wait at their senders.
const DATA_WAITING_MAX: usize = 256;

/// Why a world does not begin.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The log cannot be opened or read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The city's own description is refused.
    #[error("the city cannot be set up: {0}")]
    Setup(String),
    /// The system gives no thread.
    #[error("the world's thread cannot be started: {0}")]
    Thread(#[source] std::io::Error),
}

/// A log that has been opened and folded; nothing is written yet.
pub struct Recovered {
    store: Arc<dyn LogStore>,
    log: Box<dyn LogWriter>,
    state: State,
    clock: SharedClock,
    book: Option<AnchorBook>,
}

/// Opens the log and folds it.
///
/// # Errors
/// [`WorldError::Log`].
pub fn open(store: Arc<dyn LogStore>, clock: SharedClock) -> Result<Recovered, WorldError> {
    let log = store.writer(clock.now())?;
    let began = std::time::Instant::now();
    let recovered = recover(&*store, &*log)?;
    tracing::info!(
        seq = recovered.state.seq(),
        from_keyframe = recovered.keyframe_seq,
        replayed = recovered.replayed,
        ms = began.elapsed().as_millis() as u64,
        "state recovered"
    );
    Ok(Recovered {
        store,
        log,
        state: recovered.state,
        clock,
        book: None,
    })
}

/// Opens the log, folds it, registers what the city and the configuration name, and lets time run.
///
/// # Errors
/// [`WorldError`], in words for the person who starts the server.
pub fn start(
    city: Arc<City>,
    config: Arc<Config>,
    feeds: &[String],
    store: Arc<dyn LogStore>,
    clock: SharedClock,
) -> Result<(LiveHandle, std::thread::JoinHandle<()>), WorldError> {
    open(store, clock)?.start(city, config, feeds)
}

impl Recovered {
    /// The rules that the city has had so far; a pack goes on from them ([`crate::pack::Pack::continuing`]).
    pub fn rules(&self) -> Option<&Rules> {
        self.state.rules()
    }

    /// The digest of each section of the configuration that the log's server began with last.
    pub fn configuration(&self) -> &BTreeMap<String, String> {
        self.state.configuration()
    }

    /// With a book that its anchors are written into.
    #[must_use]
    pub fn with_anchors(self, book: AnchorBook) -> Self {
        let book = Some(book);
        Self { book, ..self }
    }

    /// Registers what the city and the configuration name, and lets time run.
    ///
    /// # Errors
    /// [`WorldError`], in words for the person who starts the server.
    pub fn start(
        self,
        city: Arc<City>,
        config: Arc<Config>,
        feeds: &[String],
    ) -> Result<(LiveHandle, std::thread::JoinHandle<()>), WorldError> {
        let (world, handle, doors) = self.begin(city, config, feeds)?;
        let thread = std::thread::Builder::new()
            .name("world".to_owned())
            .spawn(move || world.run(doors))
            .map_err(WorldError::Thread)?;
        Ok((handle, thread))
    }

    /// A city that is set up and whose time does not run yet.
    pub(super) fn begin(
        self,
        city: Arc<City>,
        config: Arc<Config>,
        feeds: &[String],
    ) -> Result<(LiveCity, LiveHandle, Doors), WorldError> {
        let Self {
            store,
            log,
            state,
            clock,
            book,
        } = self;
        let auditor = Arc::new(Auditor::default());
        let status = Arc::new(Status::default());
        let (requests, receive) = mpsc::channel(config.limits.requests_max);
        let (data, receive_data) = mpsc::channel(DATA_WAITING_MAX);
        let step_max = Duration::from_secs(config.clock.step_max_s);
        let clock = Arc::new(Watched::new(clock, state.known_at(), step_max));
        let now = clock.now();
        let mut world = LiveCity {
            clock: clock.clone(),
            audience: Audience::new(city.clone(), &config, &state).in_portions(),
            stopped: None,
            ticks: 0,
            keyframes: Keyframes::new(state.seq()),
            pending: Pending {
                alarms_changed: true,
                ..Pending::default()
            },
            retiring: Retiring {
                heard: Heard::of(&state, now, config.limits.mover_idle_days),
                silent: Silent::since(seconds(now)),
                withdrawn: Vec::new(),
            },
            store,
            log,
            pen: LivePen::of_the_live_log(),
            status: status.clone(),
            config,
            city,
            state,
            proof: Proof::new(auditor.clone(), book),
        };
        world.set_up(feeds)?;
        let doors = Doors {
            requests: receive,
            data: receive_data,
        };
        let handle = LiveHandle {
            requests,
            data,
            status,
            clock,
            auditor,
        };
        Ok((world, handle, doors))
    }
}

impl LiveCity {
    /// Rules, feeds and units; nothing is written where nothing is new.
    fn set_up(&mut self, feeds: &[String]) -> Result<(), WorldError> {
        let mut tick = Tick::new(self.now());
        let rules = Box::new(self.city.rules.clone());
        self.set_up_by(&mut tick, &Command::Configure(rules))?;
        for name in feeds.iter().map(String::as_str).chain([UNITS_FEED]) {
            let name = name.to_owned();
            self.set_up_by(&mut tick, &Command::RegisterFeed { name })?;
        }
        for registration in self.unit_registrations() {
            self.set_up_by(&mut tick, &Command::RegisterUnit(registration))?;
        }
        self.find_withdrawn();
        self.take_out_withdrawn(&mut tick);
        self.tell_of_gone_classes();
        self.commit_patiently()?;
        self.status.set_seq(self.state.seq());
        self.audience.forget_recent(&self.state);
        Ok(())
    }

    /// The units that the city's description names.
    fn unit_registrations(&self) -> Vec<UnitRegistration> {
        let feed = self.state.feed(UNITS_FEED).unwrap_or(FeedId(0));
        let departments = &self.city.rules.departments;
        let department = |key: &str| {
            let at = departments.iter().position(|d| d.key == key);
            DepartmentId(at.unwrap_or(0) as u16)
        };
        let units = self.city.units.iter();
        units
            .map(|seed| UnitRegistration {
                call_sign: seed.call_sign.clone(),
                call_sign_en: seed.call_sign_en.clone(),
                fleet: seed.fleet.clone(),
                department: department(&seed.department),
                skills: seed.skills.clone(),
                feed,
            })
            .collect()
    }

    /// Says which classes are no longer in the table and how many cases are still of them.
    fn tell_of_gone_classes(&self) {
        for class in &self.city.gone {
            let cases = self.state.cases().values();
            let open = cases.filter(|c| c.class == *class && c.stage.is_open());
            let code = self
                .city
                .rules
                .class(*class)
                .map_or("", |c| c.code.as_str());
            tracing::warn!(
                code,
                open = open.count(),
                "a class is no longer in the table: its cases go on, new ones are not taken"
            );
        }
    }

    fn set_up_by(&mut self, tick: &mut Tick, command: &Command) -> Result<(), WorldError> {
        match self.execute(tick, command, &Actor::System, None) {
            Ok(_) => Ok(()),
            Err(not_done) => Err(WorldError::Setup(not_done.into_text())),
        }
    }
}
