//! Reports of drills: they contain what was hidden from the team, so they are for those who decide.

use crate::access::{Access, Part, bearer, password};
use crate::door::Connection;
use crate::drill::DrillLog;
use crate::log::LogStore;
use crate::worlds::Training;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chengtu_engine::audit::AuditAct;
use std::sync::Arc;

#[derive(Clone)]
pub(super) struct DrillsState {
    pub store: Arc<dyn LogStore>,
    pub training: Training,
    pub access: Arc<Access>,
}

/// Has a browser ask for a name, which does not matter, and a password: the token. In an address it would stay in
/// histories and logs.
pub(super) const ASK: &str =
    "Basic realm=\"chengtu: any name, the token as password\", charset=\"UTF-8\"";

/// The report of a drill that has ended.
pub(super) async fn report(
    State(state): State<Arc<DrillsState>>,
    line: Option<Extension<Arc<Connection>>>,
    Path(id): Path<u32>,
    headers: HeaderMap,
) -> Response {
    let typed = password(&headers);
    let token = bearer(&headers).or(typed.as_deref()).unwrap_or("");
    let line = line.as_ref().map(|l| &*l.0);
    let by = match state.access.authenticate_from(line, token).await {
        Ok(principal)
            if principal.part == Part::Operator && principal.require_whole(true).is_ok() =>
        {
            principal
        }
        Ok(other) => {
            let what = "this role may not read reports of drills";
            let act = AuditAct::PermissionRefused {
                what: what.to_owned(),
                count: 1,
            };
            state.access.note(Some(&other), line, &act);
            return (StatusCode::FORBIDDEN, format!("{what}\n")).into_response();
        }
        Err(e) => {
            let text = format!("{e}; a browser asks for it as the password\n");
            return (e.status(), [(header::WWW_AUTHENTICATE, ASK)], text).into_response();
        }
    };
    let (store, training) = (state.store.clone(), state.training.clone());
    let by_whom = by.clone();
    let read = move || {
        let drills = store.aside().drills();
        let page = drills.report(id).ok().flatten()?;
        if training.is_idle() {
            return Some(Ok(page));
        }
        let log = DrillLog::of(drills, id).ok();
        let scenario = log.as_ref().and_then(DrillLog::beginning);
        let hidden = scenario.and_then(|b| training.hides(&b.scenario.key, &by));
        Some(hidden.map_or(Ok(page), Err))
    };
    let read = tokio::task::spawn_blocking(read).await;
    if let Ok(Some(Err(why))) = &read {
        return (StatusCode::FORBIDDEN, format!("{why}\n")).into_response();
    }
    if let Ok(Some(Ok(page))) = read {
        let act = AuditAct::LookedAt {
            what: format!("report of drill {id}"),
            count: 1,
        };
        state.access.note(Some(&by_whom), line, &act);
        return ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    }
    let text = format!("drill {id} has no report: it is not there, or has not ended\n");
    (StatusCode::NOT_FOUND, text).into_response()
}
