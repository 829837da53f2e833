use super::turn::{Turn, Undone};
use super::{Keyframes, Status, World, WorldHandle};
use crate::audience::Audience;
use crate::city::City;
use crate::config::Config;
use crate::log::{LogError, LogStore, recover};
use crate::session::UNITS_FEED;
use chengtu_engine::command::{Command, UnitRegistration};
use chengtu_engine::ids::{DepartmentId, FeedId};
use chengtu_engine::model::Actor;
use chengtu_engine::record::LivePen;
use chengtu_engine::time::Timestamp;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Why a world does not begin.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The city's own description is refused.
    #[error("the city cannot be set up: {0}")]
    Setup(String),
    /// No thread.
    #[error("the world's thread cannot be started: {0}")]
    Thread(#[source] std::io::Error),
}

/// Opens the log, folds it, registers what the city and the configuration name, and lets time run.
///
/// # Errors
/// [`WorldError`], in words for the one who starts the server.
pub fn start(
    city: Arc<City>,
    config: Arc<Config>,
    feeds: &[String],
    store: Arc<dyn LogStore>,
) -> Result<(WorldHandle, std::thread::JoinHandle<()>), WorldError> {
    let clock = Timestamp(
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| d.as_micros() as i64),
    );
    let log = store.writer(clock)?;
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
    let mut world = World {
        audience: Audience::new(city.clone(), &config, &state),
        stopped: None,
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
    let thread = std::thread::Builder::new()
        .name("world".to_owned())
        .spawn(move || world.run(receive))
        .map_err(WorldError::Thread)?;
    let requests = send;
    Ok((WorldHandle { requests, status }, thread))
}

impl World {
    /// Rules, feeds and units; nothing is written where nothing is new.
    fn set_up(&mut self, feeds: &[String]) -> Result<(), WorldError> {
        let mut turn = Turn::new(self.now());
        let city = self.city.clone();
        let rules = Box::new(city.rules.clone());
        self.must(&mut turn, &Command::Configure(rules))?;
        for name in feeds.iter().map(String::as_str).chain([UNITS_FEED]) {
            let name = name.to_owned();
            self.must(&mut turn, &Command::RegisterFeed { name })?;
        }
        let feed = self.state.feed(UNITS_FEED).unwrap_or(FeedId(0));
        for seed in &city.units {
            let department = city
                .rules
                .departments
                .iter()
                .position(|d| d.key == seed.department)
                .unwrap_or(0);
            let registration = UnitRegistration {
                call_sign: seed.call_sign.clone(),
                call_sign_en: seed.call_sign_en.clone(),
                fleet: seed.fleet.clone(),
                department: DepartmentId(department as u16),
                skills: seed.skills.clone(),
                feed,
            };
            self.must(&mut turn, &Command::RegisterUnit(registration))?;
        }
        self.log.commit()?;
        self.status
            .seq
            .store(self.state.seq(), std::sync::atomic::Ordering::Release);
        self.audience.forget_recent(&self.state);
        Ok(())
    }

    fn must(&mut self, turn: &mut Turn, command: &Command) -> Result<(), WorldError> {
        match self.execute(turn, command, &Actor::System, None) {
            Ok(_) => Ok(()),
            Err(Undone::Refused(r)) => Err(WorldError::Setup(r.to_string())),
            Err(Undone::Stopped(why)) => Err(WorldError::Setup(why)),
        }
    }
}
