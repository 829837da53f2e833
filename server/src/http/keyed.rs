//! What is read only with a token, where the server is not open and the configuration does not give it to anybody.

use super::drills::ASK;
use crate::access::{Access, AccessError, bearer, password};
use crate::config::Public;
use crate::door::Connection;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// What is asked for, and who may have it.
#[derive(Clone)]
pub(super) struct Keyed {
    pub access: Arc<Access>,
    pub what: Public,
}

/// Lets through whoever may read this. A token comes as `Authorization: Bearer`, or as the password that a browser asks
/// for.
pub(super) async fn with_token(
    State(keyed): State<Keyed>,
    line: Option<Extension<Arc<Connection>>>,
    request: Request,
    next: Next,
) -> Response {
    let typed = password(request.headers());
    let token = bearer(request.headers()).or(typed.as_deref());
    let line = line.as_ref().map(|l| &*l.0);
    let may = keyed.access.may_read(keyed.what, line, token).await;
    match may {
        Ok(()) => next.run(request).await,
        Err(error) => refuse(error, keyed.what),
    }
}

fn refuse(error: AccessError, what: Public) -> Response {
    let word = match what {
        Public::Metrics => "metrics",
        Public::Pack => "pack",
    };
    let text = format!("{error} (or put {word:?} into `public` of the configuration)\n");
    let status = error.status();
    let counted = status.as_str().to_owned();
    metrics::counter!("chengtu_requests_refused_total", "status" => counted).increment(1);
    let mut answer = (status, text).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let headers = answer.headers_mut();
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(ASK));
    }
    answer
}
