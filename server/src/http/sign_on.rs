//! Single sign-on over HTTP: what a browser is sent through, and what a map redeems.

use super::log_in::{Line, Sso, answered, kept_out, let_in, read, refused};
use super::page::{Reader, page};
use crate::access::Access;
use crate::sign_on::{Answer, SignOnError};
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;

/// What a browser is told to keep between its way to the provider and back.
const COOKIE: &str = "chengtu_sso";
/// Characters of what is kept of a browser's own words.
const WORDS_MAX: usize = 4_096;

#[derive(Deserialize)]
pub(super) struct Asked {
    port: u16,
    challenge: String,
}

#[derive(Deserialize)]
pub(super) struct Answered {
    state: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    iss: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redeemed {
    grant: String,
    verifier: String,
    #[serde(default)]
    client: String,
}

fn address(line: &Line) -> Option<IpAddr> {
    line.as_ref().map(|l| l.0.address)
}

/// What a browser was told to keep.
fn kept(headers: &HeaderMap) -> Option<&str> {
    let texts = headers.get_all(header::COOKIE).iter();
    let pairs = texts.filter_map(|v| v.to_str().ok());
    let mut pairs = pairs.flat_map(|v| v.split(';'));
    pairs.find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    })
}

/// `GET /v1/login/means`: how people log in here.
pub(super) async fn means(State(access): State<Arc<Access>>, Extension(sso): Sso) -> Response {
    let password = access.accounts().is_some_and(|a| a.any());
    let sso = sso.map(|sso| json!({"name": sso.name()}));
    answered(json!({"password": password, "sso": sso}))
}

/// Sends a browser on; nobody keeps the address.
fn sent_to(url: &str) -> Response {
    let Ok(url) = HeaderValue::from_str(url) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut answer = StatusCode::SEE_OTHER.into_response();
    let headers = answer.headers_mut();
    headers.insert(header::LOCATION, url);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let silent = HeaderValue::from_static("no-referrer");
    headers.insert(header::REFERRER_POLICY, silent);
    answer
}

fn status_of(why: &SignOnError) -> StatusCode {
    match why {
        SignOnError::None => StatusCode::NOT_FOUND,
        SignOnError::Asked | SignOnError::NotBegun => StatusCode::BAD_REQUEST,
        SignOnError::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
        SignOnError::Untrusted(_) => StatusCode::BAD_GATEWAY,
        SignOnError::Denied | SignOnError::NoRole | SignOnError::NotSaid(_) | SignOnError::Area => {
            StatusCode::FORBIDDEN
        }
        SignOnError::Grant => StatusCode::UNAUTHORIZED,
        SignOnError::LogIn(why) => super::log_in::status_of(why),
    }
}

/// Notes that somebody was not let in.
fn note(access: &Access, line: &Line, why: &SignOnError) {
    let why = match why {
        SignOnError::LogIn(why) => why.noted(),
        other => other.to_string(),
    };
    access.note_log_in_refused(line.as_ref().map(|l| &*l.0), why);
}

/// Says in a page why somebody was not logged in.
fn told(reader: Reader, why: &SignOnError) -> Response {
    let status = status_of(why);
    let counted = status.as_str().to_owned();
    metrics::counter!("chengtu_requests_refused_total", "status" => counted).increment(1);
    let mut answer = page(
        reader,
        status,
        ("没有登录", "Not logged in"),
        &why.to_string(),
    );
    if let SignOnError::LogIn(why) = why
        && let Some(seconds) = why.retry_after_s()
    {
        let headers = answer.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

/// `GET /v1/login/sso`: sends a browser to the provider.
pub(super) async fn begin(
    Extension(sso): Sso,
    line: Line,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let begun = async {
        let sso = sso.ok_or(SignOnError::None)?;
        let asked = asked.map_err(|_| SignOnError::Asked)?.0;
        let begun = sso.begin(asked.port, &asked.challenge, kept(&headers), address(&line));
        Ok::<_, SignOnError>((begun.await?, sso.is_secure()))
    };
    let (begun, secure) = match begun.await {
        Ok(begun) => begun,
        Err(why) => return told(Reader::of(&headers), &why),
    };
    let mut answer = sent_to(&begun.url);
    let mut cookie = format!(
        "{COOKIE}={}; Path=/v1/login/sso; Max-Age=600; HttpOnly; SameSite=Lax",
        begun.browser
    );
    if secure {
        cookie.push_str("; Secure");
    }
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    answer
}

/// `GET /v1/login/sso/answer`: where the provider sends a browser back to.
pub(super) async fn answer(
    State(access): State<Arc<Access>>,
    Extension(sso): Sso,
    line: Line,
    headers: HeaderMap,
    answered: Result<Query<Answered>, QueryRejection>,
) -> Response {
    let to = async {
        let sso = sso.ok_or(SignOnError::None)?;
        let said = answered.map_err(|_| SignOnError::Asked)?.0;
        let long = |text: &Option<String>| text.as_ref().is_some_and(|t| t.len() > WORDS_MAX);
        if said.state.len() > WORDS_MAX || long(&said.code) || long(&said.iss) {
            return Err(SignOnError::Asked);
        }
        let answer = Answer {
            state: said.state,
            code: said.code,
            issuer: said.iss,
            browser: kept(&headers).unwrap_or_default().to_owned(),
        };
        sso.answer(answer, address(&line)).await
    };
    match to.await {
        Ok(url) => sent_to(&url),
        Err(why) => {
            note(&access, &line, &why);
            told(Reader::of(&headers), &why)
        }
    }
}

/// `GET /v1/login/sso/over`: where the provider sends a browser after logging out.
pub(super) async fn over(headers: HeaderMap) -> Response {
    let text = "you are logged out here and at the sign-on service; this window can be closed";
    let title = ("已退出登录", "Logged out");
    page(Reader::of(&headers), StatusCode::OK, title, text)
}

/// `POST /v1/login/sso/redeem`: a grant becomes a session.
pub(super) async fn redeem(
    State(access): State<Arc<Access>>,
    Extension(sso): Sso,
    line: Line,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let asked: Redeemed = match read(&headers, body).await {
        Ok(asked) => asked,
        Err(why) => return why.into_response(),
    };
    let Some(sso) = sso else {
        let why = SignOnError::None;
        return refused(status_of(&why), why.to_string()).into_response();
    };
    let from = address(&line);
    let begun = sso.redeem(&asked.grant, &asked.verifier, asked.client, from);
    match begun.await {
        Ok(logged_in) => let_in(&access, &logged_in),
        Err(why) => {
            note(&access, &line, &why);
            match why {
                SignOnError::LogIn(why) => kept_out(&why),
                other => refused(status_of(&other), other.to_string()).into_response(),
            }
        }
    }
}
