//! Reports of drills: they contain what was hidden from the team, so they are for those who decide.

use crate::access::{Access, Part, bearer, password};
use crate::log::LogStore;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

#[derive(Clone)]
pub(super) struct DrillsState {
    pub store: Arc<dyn LogStore>,
    pub access: Arc<Access>,
}

/// Has a browser ask for a name, which does not matter, and a password: the token. In an address it would stay in
/// histories and logs.
const ASK: &str = "Basic realm=\"chengtu: any name, the token as password\", charset=\"UTF-8\"";

/// The report of a drill that has ended.
pub(super) async fn report(
    State(state): State<Arc<DrillsState>>,
    Path(id): Path<u32>,
    headers: HeaderMap,
) -> Response {
    let typed = password(&headers);
    let token = bearer(&headers).or(typed.as_deref()).unwrap_or("");
    match state.access.authenticate(token) {
        Ok(principal) if principal.part == Part::Operator => {}
        Ok(_) => {
            let text = "this role may not read reports of drills\n";
            return (StatusCode::FORBIDDEN, text).into_response();
        }
        Err(e) => {
            let text = format!("{e}; a browser asks for it as the password\n");
            return (e.status(), [(header::WWW_AUTHENTICATE, ASK)], text).into_response();
        }
    }
    let store = state.store.clone();
    let read = tokio::task::spawn_blocking(move || store.aside().drills().report(id)).await;
    if let Ok(Ok(Some(page))) = read {
        return ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    }
    let text = format!("drill {id} has no report: it is not there, or has not ended\n");
    (StatusCode::NOT_FOUND, text).into_response()
}
