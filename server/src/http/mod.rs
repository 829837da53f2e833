//! Every path of the server: WebSocket, feeds, pack files, health, metrics.

mod accounts;
mod browsers;
mod drills;
mod health;
mod keyed;
mod log_in;
mod me;
mod pack_files;
mod page;
mod sign_on;

pub use browsers::Names;

use crate::access::Access;
use crate::config::Public;
use crate::door::Connection;
use crate::feeds::{self, Gate};
use crate::session::{SessionLimits, upgrade};
use crate::sign_on::SignOn;
use crate::tls::Tls;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension, State, WebSocketUpgrade};
use axum::middleware;
use axum::routing::{delete, get, post};
use metrics_exporter_prometheus::PrometheusHandle;
use std::path::PathBuf;
use std::sync::Arc;

/// What the paths need.
#[derive(Debug)]
pub struct Endpoints {
    /// Sessions over WebSocket, with access and worlds.
    pub sessions: Arc<SessionLimits>,
    /// The gate that feeds' data pass.
    pub feeds: Arc<Gate>,
    /// What the server goes by.
    pub names: Names,
    /// The city pack's directory.
    pub pack_dir: PathBuf,
    /// What is measured.
    pub metrics: PrometheusHandle,
    /// The certificate; `None`: plain text.
    pub tls: Option<Arc<Tls>>,
    /// Single sign-on; `None`: passwords alone.
    pub sso: Option<Arc<SignOn>>,
}

/// Logging in and out, sessions and accounts.
fn of_accounts(access: Arc<Access>, sso: Option<Arc<SignOn>>) -> Router {
    Router::new()
        .route("/v1/login", post(log_in::log_in))
        .route("/v1/login/means", get(sign_on::means))
        .route("/v1/login/sso", get(sign_on::begin))
        .route("/v1/login/sso/answer", get(sign_on::answer))
        .route("/v1/login/sso/over", get(sign_on::over))
        .route("/v1/login/sso/redeem", post(sign_on::redeem))
        .route("/v1/logout", post(log_in::log_out))
        .route("/v1/me", get(me::me))
        .route("/v1/sessions", get(log_in::list))
        .route("/v1/sessions/{id}", delete(log_in::end_one))
        .route("/v1/accounts", get(accounts::list).post(accounts::make))
        .route("/v1/accounts/{name}", post(accounts::set))
        .route("/v1/accounts/{name}/reset", post(accounts::reset))
        .route("/v1/accounts/{name}/rotate", post(accounts::rotate))
        .layer(Extension(sso))
        .with_state(access)
}

/// Every path that the server answers.
pub fn router(endpoints: Endpoints) -> Router {
    let Endpoints {
        sessions,
        feeds,
        names,
        pack_dir,
        metrics,
        tls,
        sso,
    } = endpoints;
    let health = health::HealthState {
        world: sessions.worlds.live_handle().clone(),
        sessions: sessions.clone(),
        access: sessions.access.clone(),
        digests: Arc::default(),
        tls,
    };
    let access = sessions.access.clone();
    let keyed = |what| keyed::Keyed {
        access: access.clone(),
        what,
    };
    let drills = drills::DrillsState {
        store: sessions.worlds.store().clone(),
        training: sessions.worlds.training().clone(),
        access: sessions.access.clone(),
    };
    let drills = Router::new()
        .route("/v1/drills/{id}/report", get(drills::report))
        .with_state(Arc::new(drills));
    let ws = Router::new()
        .route(
            "/v1/ws",
            get(
                |State(s): State<Arc<SessionLimits>>,
                 line: Option<Extension<Arc<Connection>>>,
                 ws: WebSocketUpgrade| async { upgrade(s, line.map(|l| l.0), ws) },
            ),
        )
        .with_state(sessions);
    let feeds = Router::new()
        .route("/v1/feeds/{feed}/{kind}", post(feeds::post))
        .layer(DefaultBodyLimit::disable())
        .with_state(feeds);
    let for_pack = keyed(Public::Pack);
    let for_metrics = keyed(Public::Metrics);
    let pack = Router::new()
        .route("/v1/pack/{file}", get(pack_files::get))
        .with_state(Arc::new(pack_dir))
        .route_layer(middleware::from_fn_with_state(for_pack, keyed::with_token));
    let health = Router::new()
        .route("/healthz", get(health::get))
        .with_state(health);
    let metrics = Router::new().route(
        "/metrics",
        get(move || {
            let text = metrics.render();
            async move { ([("content-type", "text/plain; version=0.0.4")], text) }
        }),
    );
    let metrics = metrics.route_layer(middleware::from_fn_with_state(
        for_metrics,
        keyed::with_token,
    ));
    ws.merge(drills)
        .merge(of_accounts(access, sso))
        .merge(feeds)
        .merge(pack)
        .merge(health)
        .merge(metrics)
        .layer(middleware::from_fn_with_state(
            Arc::new(names),
            browsers::keep_out,
        ))
}
