use crate::access::{Access, Part, bearer};
use crate::door::Connection;
use crate::request::AnyRequest;
use crate::session::SessionLimits;
use crate::tls::Tls;
use crate::world::LiveHandle;
use axum::Json;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, StatusCode};
use chengtu_engine::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Mutex, oneshot};

#[derive(Clone)]
pub(super) struct HealthState {
    pub world: LiveHandle,
    pub sessions: Arc<SessionLimits>,
    pub access: Arc<Access>,
    pub digests: Arc<Digests>,
    pub tls: Option<Arc<Tls>>,
}

/// The last digest, and when it was asked of the world. One is made at a time, whoever asks, and those who came before
/// it was begun share it.
#[derive(Debug, Default)]
pub(super) struct Digests(Mutex<Option<(Instant, u64, u64)>>);

impl Digests {
    /// Number of the last record and digest of the state, not older than this call; `None` where the world has ended.
    async fn get(&self, world: &LiveHandle) -> Option<(u64, u64)> {
        let came = Instant::now();
        let mut last = self.0.lock().await;
        if let Some((begun, seq, digest)) = *last
            && begun >= came
        {
            return Some((seq, digest));
        }
        let begun = Instant::now();
        let (send, answer) = oneshot::channel();
        let request = AnyRequest::Digest(send).into();
        world.requests.send(request).await.ok()?;
        let (seq, digest) = answer.await.ok()?;
        *last = Some((begun, seq, digest));
        Some((seq, digest))
    }
}

#[derive(Deserialize)]
pub(super) struct HealthQuery {
    /// Any value: the state's digest as well. It costs a walk over the state, so only operators are told.
    digest: Option<String>,
}

/// 200 while everything is taken; 503 with the reason while the log is not written, or the world does not answer. What is
/// not as it should be while everything is taken stands in `status` instead of `ok`.
pub(super) async fn get(
    State(state): State<HealthState>,
    line: Option<Extension<Arc<Connection>>>,
    Query(asked): Query<HealthQuery>,
    headers: HeaderMap,
) -> (StatusCode, Json<Value>) {
    let mut body = json!({
        "status": "ok",
        "seq": state.world.status.seq(),
        "sessions": state.sessions.open(),
        "time": told(state.world.clock.now()),
    });
    let clock = state.world.status.clock();
    body["clock"] = json!({"trouble": clock.trouble, "last": clock.last, "events": clock.events});
    if let Some(anchor) = state.world.status.anchor() {
        body["anchor"] = json!(anchor.to_string());
    }
    let tls = state.tls.as_ref().map(|tls| tls.status());
    if let Some(tls) = &tls {
        body["tls"] = json!({
            "fingerprint": tls.fingerprint,
            "until": tls.until,
            "seconds_left": tls.seconds_left,
            "development": tls.development,
            "trouble": tls.trouble,
        });
    }
    let of_tls = tls.and_then(|tls| tls.trouble);
    if let Some(words) = state.world.status.waiting().or(clock.trouble).or(of_tls) {
        body["status"] = json!(words);
    }
    let mut status = StatusCode::OK;
    if asked.digest.is_some() {
        let token = bearer(&headers).unwrap_or("");
        let line = line.as_ref().map(|l| &*l.0);
        match state.access.authenticate_from(line, token).await {
            Ok(principal) if principal.part == Part::Operator => {}
            Ok(_) => {
                let error = json!({"error": "only operators are told the digest"});
                return (StatusCode::FORBIDDEN, Json(error));
            }
            Err(e) => return (e.status(), Json(json!({"error": e.to_string()}))),
        }
        if let Some((seq, digest)) = state.digests.get(&state.world).await {
            body["seq"] = json!(seq);
            body["digest"] = json!(format!("{digest:016x}"));
        } else {
            status = StatusCode::SERVICE_UNAVAILABLE;
            body["status"] = json!("the world does not answer; the server is stopping");
        }
    }
    if let Some(why) = state.world.status.stopped() {
        status = StatusCode::SERVICE_UNAVAILABLE;
        body["status"] = json!(format!("stopped writing: {why}"));
    }
    (status, Json(body))
}

/// A time for people and programs; its microseconds where no calendar reaches it.
fn told(time: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(time.0).map_or_else(|_| time.0.to_string(), |t| t.to_string())
}
