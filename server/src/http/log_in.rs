//! Logging in and out over HTTP, and who is logged in.
//!
//! What changes something is `application/json` or has a token in a header: a page of another origin can send neither
//! without asking first, and is not answered then.

use crate::access::{Access, Principal, bearer};
use crate::accounts::{Accounts, LogIn, LogInError, LoggedIn, NO_ACCOUNTS, SessionNow};
use crate::door::Connection;
use crate::sign_on::SignOn;
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chengtu_engine::permission::Permission;
use chengtu_engine::time::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Largest body of a log-in, or of an account, bytes.
const LOG_IN_BYTES_MAX: usize = 4_096;
/// How long such a body may take.
const LOG_IN_BODY_MAX: Duration = Duration::from_secs(10);

/// What is asked of whom.
pub(super) type Line = Option<Extension<Arc<Connection>>>;

/// Sign-on, where the server has a provider.
pub(super) type Sso = Extension<Option<Arc<SignOn>>>;

/// The body of a log-in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    name: String,
    password: String,
    #[serde(default)]
    new_password: Option<String>,
    #[serde(default)]
    client: String,
}

/// That something is not done, in words.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    text: String,
}

pub(super) fn refused(status: StatusCode, text: impl Into<String>) -> Refused {
    let text = text.into();
    Refused { status, text }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let counted = self.status.as_str().to_owned();
        metrics::counter!("chengtu_requests_refused_total", "status" => counted).increment(1);
        let mut answer = (self.status, Json(json!({"error": self.text}))).into_response();
        never_kept(&mut answer);
        answer
    }
}

/// Neither a browser nor a proxy keeps it.
fn never_kept(answer: &mut Response) {
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// What was asked for.
pub(super) fn answered(body: Value) -> Response {
    let mut answer = Json(body).into_response();
    never_kept(&mut answer);
    answer
}

fn told(time: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(time.0).map_or_else(|_| time.0.to_string(), |t| t.to_string())
}

/// What was asked, or the answer that it cannot be read.
pub(super) async fn read<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Refused> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|k| k.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let text = "send it as application/json";
        return Err(refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
    }
    let read = tokio::time::timeout(LOG_IN_BODY_MAX, to_bytes(body, LOG_IN_BYTES_MAX)).await;
    let Ok(read) = read else {
        return Err(refused(
            StatusCode::REQUEST_TIMEOUT,
            "the body came too slowly",
        ));
    };
    let bytes = read.map_err(|_| {
        let text = format!("the body has at most {LOG_IN_BYTES_MAX} bytes");
        refused(StatusCode::PAYLOAD_TOO_LARGE, text)
    })?;
    serde_json::from_slice(&bytes).map_err(|error| {
        // Where it is wrong, and not what stands there: that may be a password.
        let text = format!(
            "the body cannot be read (line {}, column {}); docs/operations.md says what is sent",
            error.line(),
            error.column()
        );
        refused(StatusCode::BAD_REQUEST, text)
    })
}

/// `POST /v1/login`.
pub(super) async fn log_in(
    State(access): State<Arc<Access>>,
    line: Line,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let asked: Asked = match read(&headers, body).await {
        Ok(asked) => asked,
        Err(why) => return why.into_response(),
    };
    let Some(accounts) = access.accounts().filter(|a| a.any()) else {
        return refused(StatusCode::NOT_FOUND, NO_ACCOUNTS).into_response();
    };
    let ask = LogIn {
        name: asked.name,
        password: asked.password,
        new_password: asked.new_password,
        address: line.as_ref().map(|l| l.0.address),
        client: asked.client,
    };
    match accounts.log_in(ask).await {
        Ok(logged_in) => let_in(&access, &logged_in),
        Err(why) => {
            access.note_log_in_refused(line.as_ref().map(|l| &*l.0), why.noted());
            kept_out(&why)
        }
    }
}

pub(super) fn let_in(access: &Access, logged_in: &LoggedIn) -> Response {
    let account = &logged_in.account;
    let role = access.authenticate(&logged_in.token).map(|p| p.role());
    answered(json!({
        "token": logged_in.token,
        "session": logged_in.session,
        "expires": told(logged_in.expires),
        "idle_s": logged_in.idle_s,
        "must_change": false,
        "name": account.name,
        "display": account.display,
        "role": role.ok(),
        "roles": account.roles,
        "department": account.department,
        "areas": account.areas,
    }))
}

/// What a log-in that failed is answered with.
pub(super) fn status_of(why: &LogInError) -> StatusCode {
    match why {
        LogInError::Wrong => StatusCode::UNAUTHORIZED,
        LogInError::Disabled | LogInError::MustChange => StatusCode::FORBIDDEN,
        LogInError::Weak(_) => StatusCode::UNPROCESSABLE_ENTITY,
        LogInError::Locked(_) | LogInError::Busy(_) => StatusCode::TOO_MANY_REQUESTS,
        LogInError::Failed(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

pub(super) fn kept_out(why: &LogInError) -> Response {
    let status = status_of(why);
    let must_change = matches!(why, LogInError::MustChange | LogInError::Weak(_));
    let counted = status.as_str().to_owned();
    metrics::counter!("chengtu_requests_refused_total", "status" => counted).increment(1);
    let body = json!({"error": why.to_string(), "must_change": must_change});
    let mut answer = (status, Json(body)).into_response();
    never_kept(&mut answer);
    if let Some(seconds) = why.retry_after_s() {
        let headers = answer.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

/// Whoever asks, by their token.
pub(super) async fn asker(
    access: &Access,
    line: &Line,
    headers: &HeaderMap,
) -> Result<Principal, Refused> {
    let token = bearer(headers).unwrap_or("");
    let line = line.as_ref().map(|l| &*l.0);
    let shown = access.authenticate_from(line, token).await;
    shown.map_err(|e| refused(e.status(), e.to_string()))
}

/// Their session and the accounts; refused where the token is no session's.
pub(super) fn session_of<'a>(
    access: &'a Access,
    headers: &HeaderMap,
) -> Result<(&'a Arc<Accounts>, String), Refused> {
    let token = bearer(headers).unwrap_or("");
    let of = |accounts: &'a Arc<Accounts>| {
        let found = accounts.whose(token).ok().flatten()?;
        Some((accounts, found.session?))
    };
    access.accounts().and_then(of).ok_or_else(|| {
        let text = "this token is no session's: nobody has logged in with it";
        refused(StatusCode::CONFLICT, text)
    })
}

/// Ends a session off the threads that serve everybody.
async fn end(accounts: &Arc<Accounts>, id: String, by: String) -> Response {
    let accounts = accounts.clone();
    let ended = tokio::task::spawn_blocking(move || accounts.end_session(&id, &by)).await;
    let why = match ended {
        Ok(Ok(true)) => return StatusCode::NO_CONTENT.into_response(),
        Ok(Ok(false)) => refused(StatusCode::NOT_FOUND, "there is no such session"),
        Ok(Err(error)) => refused(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
        Err(_) => refused(
            StatusCode::SERVICE_UNAVAILABLE,
            "the server broke down over it",
        ),
    };
    why.into_response()
}

/// `POST /v1/logout`: ends the session of the token.
pub(super) async fn log_out(
    State(access): State<Arc<Access>>,
    Extension(sso): Sso,
    line: Line,
    headers: HeaderMap,
) -> Response {
    let by = match asker(&access, &line, &headers).await {
        Ok(principal) => principal.id.as_str().to_owned(),
        Err(why) => return why.into_response(),
    };
    let (accounts, session) = match session_of(&access, &headers) {
        Ok(found) => found,
        Err(why) => return why.into_response(),
    };
    let vouched = accounts.account(&by).is_some_and(|a| a.is_vouched());
    let ended = end(accounts, session, by).await;
    // There they are logged in still: the map shows the way.
    match sso.filter(|_| vouched && ended.status().is_success()) {
        Some(sso) => match sso.end_session_url().await {
            Some(url) => answered(json!({"end_session": url})),
            None => ended,
        },
        None => ended,
    }
}

/// `GET /v1/sessions`: the asker's own; all for administrators.
pub(super) async fn list(
    State(access): State<Arc<Access>>,
    line: Line,
    headers: HeaderMap,
) -> Response {
    let principal = match asker(&access, &line, &headers).await {
        Ok(principal) => principal,
        Err(why) => return why.into_response(),
    };
    let Some(accounts) = access.accounts() else {
        return answered(json!({"sessions": []}));
    };
    let manages = principal.rights.has(Permission::ManageAccounts);
    let of = (!manages).then_some(principal.id.as_str());
    let current = session_of(&access, &headers).map(|(_, id)| id).ok();
    let row = |s: SessionNow| {
        json!({
            "id": s.row.id,
            "name": s.account.name,
            "display": s.account.display,
            "own": s.account.id == principal.id.as_str(),
            "current": current.as_ref() == Some(&s.row.id),
            "since": told(s.row.created_at),
            "idle_s": s.idle_s,
            "left_s": s.left_s,
            "address": s.row.address,
            "client": s.row.client,
        })
    };
    let rows: Vec<Value> = accounts.sessions(of).into_iter().map(row).collect();
    answered(json!({"sessions": rows}))
}

/// `DELETE /v1/sessions/{id}`: ends one of the asker's own; any for administrators.
pub(super) async fn end_one(
    State(access): State<Arc<Access>>,
    line: Line,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let principal = match asker(&access, &line, &headers).await {
        Ok(principal) => principal,
        Err(why) => return why.into_response(),
    };
    let of = (!principal.rights.has(Permission::ManageAccounts)).then_some(principal.id.as_str());
    let theirs = |accounts: &&Arc<Accounts>| accounts.sessions(of).iter().any(|s| s.row.id == id);
    // Another's session and none are one answer: ids of others are nobody's business.
    match access.accounts().filter(theirs) {
        Some(accounts) => end(accounts, id.clone(), principal.id.as_str().to_owned()).await,
        None => refused(StatusCode::NOT_FOUND, "there is no such session").into_response(),
    }
}
