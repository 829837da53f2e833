//! `chengtu-server serve`: one city, live.

mod accounts;
mod args;

pub use args::{DigestArgs, ServeArgs};

use crate::audit::{self, Party};
use crate::city::City;
use crate::clock::{Clock, SharedClock, SystemClock};
use crate::config::Config;
use crate::door;
use crate::feeds::Gate;
use crate::http::{Endpoints, Names, router};
use crate::log::cli::{ANCHORS_DIR, KEY_FILE};
use crate::log::{
    AnchorBook, EmbeddedOptions, EmbeddedStore, KeyError, LogStore, ServerKey, recover,
};
use crate::pack::{CITY_FILE, CityConfig, Pack, PackError};
use crate::request::AnyRequest;
use crate::session::SessionLimits;
use crate::tls::{self, Tls, TlsError};
use crate::world::{self, LiveHandle, WorldError};
use crate::worlds::Worlds;
use accounts::Notes;
use chengtu_engine::audit::AuditAct;
use chengtu_engine::city::Language;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Why a server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The city pack.
    #[error("city: {0}")]
    Pack(#[from] PackError),
    /// The configuration cannot be read, or makes no sense.
    #[error("configuration: {0}")]
    Config(#[from] crate::config::ConfigError),
    /// The configuration names a class that the city does not have.
    #[error(transparent)]
    Class(#[from] crate::city::UnknownClass),
    /// The key that signs anchors.
    #[error("key: {0}")]
    Key(#[from] KeyError),
    /// The log or the world.
    #[error("data: {0}")]
    World(#[from] WorldError),
    /// The accounts.
    #[error("accounts: {0}")]
    Accounts(#[from] crate::accounts::AccountError),
    /// The address is taken or not this machine's.
    #[error(
        "cannot listen on {address}: {source}; another program may use the port, choose another with --listen"
    )]
    Listen {
        /// Address and port, as given.
        address: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The listener ended.
    #[error("the listener ended: {0}")]
    Accept(#[source] std::io::Error),
    /// Single sign-on.
    #[error("configuration: {0}")]
    SignOn(#[from] crate::sign_on::SetUpError),
    /// The certificate.
    #[error("certificate: {0}")]
    Tls(#[from] TlsError),
    /// The start panicked.
    #[error(
        "the start broke down: {0}; nothing was lost, report this with what the server said above"
    )]
    Start(String),
    /// The city's own thread broke down.
    #[error(
        "the city broke down; what was acknowledged is safe, start the server again and report what it said above"
    )]
    Broke,
}

/// What to serve.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// Directory of the city pack.
    pub city: PathBuf,
    /// Directory of the log.
    pub data: PathBuf,
    /// Limits, feeds, users.
    pub config: Config,
}

/// One recorder a process: several servers in one test share it.
fn metrics_handle() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new()
                .set_buckets(&[
                    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0,
                ])
                .map_or_else(
                    |_| PrometheusBuilder::new().build_recorder(),
                    PrometheusBuilder::build_recorder,
                );
            let handle = recorder.handle();
            // Another recorder stays in place; then this server's metrics are empty, which is no reason not to serve.
            let _ = metrics::set_global_recorder(recorder);
            handle
        })
        .clone()
}

/// Listens where `address` says.
///
/// # Errors
/// [`ServeError::Listen`] in words.
pub async fn listen(address: &str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| ServeError::Listen {
            address: address.to_owned(),
            source,
        })
}

/// The language of a city pack's data; Chinese where the pack cannot be read, which is told when it is opened.
fn language_of(pack: &Path) -> Language {
    let path = pack.join(CITY_FILE);
    let city = std::fs::read(&path).ok();
    let city = city.and_then(|bytes| CityConfig::parse(&path, &bytes).ok());
    city.map_or(Language::default(), |c| c.language())
}

/// Serves until `shutdown` is done; then takes nothing more, commits, keeps a keyframe and says goodbye.
///
/// # Errors
/// [`ServeError`] for anything that keeps it from serving.
pub async fn run(
    listener: TcpListener,
    serve: ServeConfig,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let ServeConfig { city, data, config } = serve;
    let address = listener.local_addr().map_err(ServeError::Accept)?;
    let loopback = address.ip().is_loopback();
    let access = accounts::access(&config, &data, loopback)?;
    let access = access.in_language(language_of(&city));
    let sso = accounts::sign_on(&config, &access)?;
    let feeds = access.feed_names();
    let plan = tls::Plan::of(&config, address.ip(), &SystemClock::shared())?;
    let config = Arc::new(config);
    let (pack_dir, data_dir) = (city.clone(), data.clone());
    let metrics = metrics_handle();
    let for_start = config.clone();
    let started = tokio::task::spawn_blocking(move || start(&city, &data, for_start, &feeds, plan));
    let Started {
        world,
        worlds,
        thread,
        tls,
    } = started.await.map_err(broke_at_start)??;
    let access = Arc::new(access.audited_by(world.auditor.clone()));
    accounts::tell_how_open(&access)?;
    let notes = Notes {
        auditor: world.auditor.clone(),
        data: data_dir,
    };
    let following = tokio::spawn(accounts::follow(access.clone(), notes));
    let meeting = accounts::meet(sso.clone());
    let sessions = Arc::new(SessionLimits::new(
        config.limits.clone(),
        access.clone(),
        worlds.clone(),
    ));
    let open = access.is_open();
    let feeds = Arc::new(Gate::new(config.limits.clone(), access, world.clone()));
    let upkeep = tokio::spawn(upkeep(metrics.clone()));
    let app = router(Endpoints {
        sessions: sessions.clone(),
        feeds,
        names: Names::new(&config, loopback, tls.is_some()),
        pack_dir,
        metrics,
        tls: tls.clone(),
        sso,
    });
    say_serving(address, open, tls.as_deref());
    let watching = tls.clone().map(|tls| tokio::spawn(tls::watch(tls)));
    let (stopping, stopped) = oneshot::channel();
    let for_stop = world.clone();
    let serving = door::serve(listener, app, tls, &config.limits, async move {
        shutdown.await;
        worlds.stop().await;
        stop(&for_stop).await;
        let _ = stopping.send(());
    });
    tokio::select! {
        () = serving => {}
        // Sessions have been notified; those that do not end are left.
        () = async {
            let _ = stopped.await;
            tokio::time::sleep(Duration::from_secs(3)).await;
        } => {}
        // Without its city a server is no server, whatever ended it.
        () = async {
            world.requests.closed().await;
            tokio::time::sleep(Duration::from_secs(4)).await;
        } => {}
    }
    upkeep.abort();
    following.abort();
    for beside in [watching, meeting].into_iter().flatten() {
        beside.abort();
    }
    drop((world, sessions));
    match tokio::task::spawn_blocking(move || thread.join()).await {
        Ok(Ok(())) => {
            tracing::info!("stopped");
            Ok(())
        }
        _ => Err(ServeError::Broke),
    }
}

/// A city that runs, and the worlds beside it.
struct Started {
    world: LiveHandle,
    worlds: Arc<Worlds>,
    thread: std::thread::JoinHandle<()>,
    tls: Option<Arc<Tls>>,
}

/// Says where and how the server can be reached.
fn say_serving(address: SocketAddr, open: bool, tls: Option<&Tls>) {
    let Some(status) = tls.map(Tls::status) else {
        tracing::info!(%address, open, "serving");
        return;
    };
    let (fingerprint, until) = (status.fingerprint, status.until);
    if status.development {
        tracing::warn!(
            %address, %fingerprint, %until,
            "serving over TLS with a development certificate, for which nobody vouches: programs are told its fingerprint once, with --pin; name a real one under [tls] of the configuration"
        );
    } else {
        tracing::info!(%address, open, %fingerprint, %until, "serving over TLS");
    }
}

/// Opens pack and log and lets the city run.
fn start(
    pack: &Path,
    data: &Path,
    config: Arc<Config>,
    feeds: &[String],
    plan: tls::Plan,
) -> Result<Started, ServeError> {
    let clock: SharedClock = SystemClock::shared();
    let pack = Pack::open(pack)?;
    let options = EmbeddedOptions {
        day_bytes_max: config.log.day_bytes_max,
        keep_days: config.log.keep_days,
        keep_bytes: config.log.keep_bytes,
        calendar: pack.rules().calendar,
    };
    let store: Arc<dyn LogStore> = Arc::new(EmbeddedStore::new(data, options));
    let recovered = world::open(store.clone(), clock.clone())?;
    let (key, book) = anchors(data, &config)?;
    let digests = audit::digests(&config, &key);
    let changed = audit::changed(recovered.configuration(), &digests);
    let recovered = recovered.with_anchors(book);
    // The data directory is this server's alone now.
    let tls = plan.open(data, &clock)?;
    // A class is known by its place in a list: what the log has keeps its place, however the table was edited.
    let pack = match recovered.rules() {
        Some(before) => pack.continuing(before),
        None => pack,
    };
    let city = City::new(pack, &config.notice, &config.notice_en);
    let city = Arc::new(city.with_privacy(&config.privacy)?);
    let (world, thread) = recovered.start(city.clone(), config.clone(), feeds)?;
    if !changed.is_empty() {
        let act = AuditAct::ConfigurationChanged { digests, changed };
        world.auditor.note(&Party::default(), &act);
    }
    // The city's time, not the machine's: what a session is told must not leap with a clock that is refused.
    let clock = world.clock.clone();
    let worlds = Worlds::new(config, city, store, world.clone(), clock);
    let worlds = worlds.map_err(|e| ServeError::World(WorldError::Thread(e)))?;
    Ok(Started {
        world,
        worlds,
        thread,
        tls,
    })
}

/// The secret of the configuration's digests, and the book that signed anchors are written into.
fn anchors(data: &Path, config: &Config) -> Result<([u8; 32], AnchorBook), ServeError> {
    let or = |path: &Path, name: &str| {
        let named = !path.as_os_str().is_empty();
        if named {
            path.to_owned()
        } else {
            data.join(name)
        }
    };
    let key = ServerKey::read_or_make(&or(&config.log.key_file, KEY_FILE))?;
    let secret = key.secret_for("chengtu 2026-11 digests of a configuration");
    let public = key.public();
    tracing::info!(%public, fingerprint = public.fingerprint(), "anchors are signed by");
    let folder = or(&config.log.anchors_dir, ANCHORS_DIR);
    Ok((secret, AnchorBook::new(&folder, key)))
}

/// Has the running city keep what is to be kept and end.
async fn stop(world: &LiveHandle) {
    let (done, ended) = oneshot::channel();
    let stop = AnyRequest::Stop(done).into();
    if world.requests.send(stop).await.is_ok() {
        let _ = ended.await;
    }
}

/// What a panic during the start said.
fn broke_at_start(error: tokio::task::JoinError) -> ServeError {
    let payload = match error.try_into_panic() {
        Ok(payload) => payload,
        Err(cancelled) => return ServeError::Start(cancelled.to_string()),
    };
    let said = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
    let said = said.or_else(|| payload.downcast_ref::<String>().cloned());
    ServeError::Start(said.unwrap_or_else(|| "a panic without words".to_owned()))
}

/// Histograms gather until somebody looks; this keeps them small when nobody does.
async fn upkeep(metrics: PrometheusHandle) {
    let mut every = tokio::time::interval(Duration::from_secs(5));
    loop {
        every.tick().await;
        metrics.run_upkeep();
    }
}

/// Sequence number and digest of a data directory at rest.
///
/// # Errors
/// As opening the log for a server.
pub fn digest(data: &Path) -> Result<(u64, u64), WorldError> {
    let store = EmbeddedStore::at(data);
    let state = recover(&store, &*store.writer(SystemClock.now())?)?.state;
    Ok((state.seq(), state.digest()))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Start = Box<dyn FnOnce() + Send>;

    #[tokio::test]
    async fn a_start_that_panics_is_reported_as_what_it_is() {
        fn words() {
            panic!("static words");
        }
        let of_today = "words of today".to_owned();
        let said: [(&str, Start); 2] = [
            ("static words", Box::new(words)),
            ("words of today", Box::new(move || panic!("{of_today}"))),
        ];
        for (said, panics) in said {
            let started = tokio::task::spawn_blocking(panics);
            let error = broke_at_start(started.await.unwrap_err()).to_string();
            assert!(error.starts_with("the start broke down"), "{error}");
            assert!(error.contains(said), "{error}");
        }
    }
}
