use crate::request::AnyRequest;
use crate::session::SessionLimits;
use crate::world::LiveHandle;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use chengtu_engine::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::oneshot;

#[derive(Clone)]
pub(super) struct HealthState {
    pub world: LiveHandle,
    pub sessions: Arc<SessionLimits>,
}

#[derive(Deserialize)]
pub(super) struct HealthQuery {
    /// Any value: the state's digest as well; costs a walk over the state.
    digest: Option<String>,
}

/// 200 while everything is taken; 503 with the reason while the log is not written, or the world does not answer. What is
/// not as it should be while everything is taken stands in `status` instead of `ok`.
pub(super) async fn get(
    State(state): State<HealthState>,
    Query(asked): Query<HealthQuery>,
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
    if let Some(words) = state.world.status.waiting().or(clock.trouble) {
        body["status"] = json!(words);
    }
    let mut status = StatusCode::OK;
    if asked.digest.is_some() {
        let (send, answer) = oneshot::channel();
        let sent = state
            .world
            .requests
            .send(AnyRequest::Digest(send).into())
            .await;
        match answer.await {
            Ok((seq, digest)) if sent.is_ok() => {
                body["seq"] = json!(seq);
                body["digest"] = json!(format!("{digest:016x}"));
            }
            _ => {
                status = StatusCode::SERVICE_UNAVAILABLE;
                body["status"] = json!("the world does not answer; the server is stopping");
            }
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
