//! Who asks, by their token: what a program shows its user of themselves, and goes by in what it offers.

use super::log_in::{Line, answered, asker, session_of};
use crate::access::Access;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use chengtu_engine::permission::Permission;
use serde_json::json;
use std::sync::Arc;

/// `GET /v1/me`: name, post and rights of whoever asks, and how long their session lasts yet.
pub(super) async fn me(
    State(access): State<Arc<Access>>,
    line: Line,
    headers: HeaderMap,
) -> Response {
    let principal = match asker(&access, &line, &headers).await {
        Ok(principal) => principal,
        Err(why) => return why.into_response(),
    };
    let id = principal.id.as_str();
    let account = access.accounts().and_then(|a| a.account(id));
    let session = session_of(&access, &headers).ok().and_then(|(all, own)| {
        let mut of_them = all.sessions(Some(id)).into_iter();
        of_them.find(|s| s.row.id == own)
    });
    let rights: Vec<Permission> = Permission::ALL
        .into_iter()
        .filter(|p| principal.rights.has(*p))
        .collect();
    answered(json!({
        "name": account.map(|a| a.name.clone()),
        "display": principal.name,
        "role": principal.role(),
        "roles": principal.post.roles,
        "department": principal.post.department,
        "areas": principal.post.areas,
        "rights": rights,
        "session": session.as_ref().map(|s| s.row.id.clone()),
        "left_s": session.as_ref().map(|s| s.left_s),
    }))
}
