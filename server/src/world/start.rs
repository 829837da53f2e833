use super::durable::Interrupted;
use super::keyframes::Keyframes;
use super::tick::Tick;
use super::{LiveCity, LiveHandle, Status};
use crate::access::UNITS_FEED;
use crate::audience::Audience;
use crate::city::City;
use crate::clock::{SharedClock, Watched};
use crate::config::Config;
use crate::log::{LogError, LogStore, recover};
use crate::request::LiveRequest;
use chengtu_engine::command::{Command, UnitRegistration};
use chengtu_engine::ids::{DepartmentId, FeedId};
use chengtu_engine::model::Actor;
use chengtu_engine::record::LivePen;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

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
    let (world, handle, requests) = begin(city, config, feeds, store, clock)?;
    let thread = std::thread::Builder::new()
        .name("world".to_owned())
        .spawn(move || world.run(requests))
        .map_err(WorldError::Thread)?;
    Ok((handle, thread))
}

/// A city that is set up and whose time does not run yet.
pub(super) fn begin(
    city: Arc<City>,
    config: Arc<Config>,
    feeds: &[String],
    store: Arc<dyn LogStore>,
    clock: SharedClock,
) -> Result<(LiveCity, LiveHandle, mpsc::Receiver<LiveRequest>), WorldError> {
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
    let state = recovered.state;
    let status = Arc::new(Status::default());
    let (send, receive) = mpsc::channel(config.limits.requests_max);
    let step_max = Duration::from_secs(config.clock.step_max_s);
    let clock = Arc::new(Watched::new(clock, state.known_at(), step_max));
    let mut world = LiveCity {
        clock: clock.clone(),
        audience: Audience::new(city.clone(), &config, &state),
        alarms_changed: true,
        stopped: None,
        interrupted: Interrupted::default(),
        ticks: 0,
        keyframes: Keyframes::new(state.seq()),
        store,
        log,
        pen: LivePen::of_the_live_log(),
        status: status.clone(),
        config,
        city,
        state,
    };
    world.set_up(feeds)?;
    let handle = LiveHandle {
        requests: send,
        status,
        clock,
    };
    Ok((world, handle, receive))
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

    fn set_up_by(&mut self, tick: &mut Tick, command: &Command) -> Result<(), WorldError> {
        match self.execute(tick, command, &Actor::System, None) {
            Ok(_) => Ok(()),
            Err(not_done) => Err(WorldError::Setup(not_done.into_text())),
        }
    }
}
