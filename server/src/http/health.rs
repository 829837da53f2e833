use crate::request::AnyRequest;
use crate::session::SessionLimits;
use crate::world::LiveHandle;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
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

/// 200 while everything is taken; 503 with the reason once the log has stopped, or the world does not answer.
pub(super) async fn get(
    State(state): State<HealthState>,
    Query(asked): Query<HealthQuery>,
) -> (StatusCode, Json<Value>) {
    let mut body = json!({
        "status": "ok",
        "seq": state.world.status.seq(),
        "sessions": state.sessions.open(),
    });
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
