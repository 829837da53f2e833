//! `POST /v1/feeds/{feed}/fixes|observations|cases|sensors`.

use super::receive::receive;
use crate::access::bearer;
use crate::door::Connection;
use crate::feeds::gate::{Gate, GateError, Sent};
use crate::feeds::packing::BodyError;
use crate::request::{Problem, Taken, Unavailable};
use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chengtu_engine::code::Code;
use chengtu_protocol::codes;
use serde_json::{Value, json};
use std::sync::Arc;

/// Takes a batch; answers when what was taken is durable.
pub(crate) async fn post(
    State(gate): State<Arc<Gate>>,
    line: Option<Extension<Arc<Connection>>>,
    Path((feed, kind)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let line = line.as_ref().map(|l| &*l.0);
    let admitted = gate.admit(line, &feed, bearer(&headers), &kind).await;
    let (feed, kind) = match admitted {
        Ok(admitted) => admitted,
        Err(error) => return refuse(status_of(&error), &error.to_string()),
    };
    let mut share = gate.share();
    let body = match receive(body, gate.limits(), &mut share).await {
        Ok(body) => body,
        Err(error) => return refuse(error.status(), &error.to_string()),
    };
    let said = |name: &header::HeaderName| Some(headers.get(name)?.to_str().ok()?.to_owned());
    let sent = Sent {
        body,
        share,
        content_type: said(&header::CONTENT_TYPE),
        content_encoding: said(&header::CONTENT_ENCODING),
    };
    match gate.take(feed, kind, sent).await {
        Ok((taken, told)) => answer(taken, told, gate.limits().problems_listed_max),
        Err(error) => refuse(status_of(&error), &error.to_string()),
    }
}

fn refuse(status: StatusCode, text: &str) -> Response {
    metrics::counter!("chengtu_requests_refused_total", "status" => status.as_str().to_owned())
        .increment(1);
    let mut answer = (status, Json(json!({"error": text}))).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS {
        let seconds = header::HeaderValue::from_static("1");
        answer.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    answer
}

fn status_of(error: &GateError) -> StatusCode {
    match error {
        GateError::Access(e) => e.status(),
        GateError::Kind(_) => StatusCode::NOT_FOUND,
        GateError::Body(
            BodyError::TooLarge(_) | BodyError::TooManyRows(_) | BodyError::RowTooLarge,
        ) => StatusCode::PAYLOAD_TOO_LARGE,
        GateError::Body(BodyError::Busy(_)) | GateError::Unavailable(Unavailable::Busy(_)) => {
            StatusCode::TOO_MANY_REQUESTS
        }
        GateError::Body(BodyError::Encoding(_)) | GateError::Type(_) => {
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        }
        GateError::Body(BodyError::Gzip(_)) | GateError::Syntax(_) | GateError::Empty => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        GateError::Broke => StatusCode::INTERNAL_SERVER_ERROR,
        GateError::Unavailable(Unavailable::Refused(_)) => StatusCode::FORBIDDEN,
        GateError::Unavailable(Unavailable::Stopped(_)) | GateError::Stopping => {
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// What is to be known of rows that were taken, in words: of where and when they are, then what was `told` in reading them.
fn notes(taken: &Taken, told: Vec<String>) -> Vec<String> {
    let accepted = taken.accepted;
    let outside = (taken.outside > 0).then(|| {
        format!(
            "{} of {accepted} rows lie outside the city: its axes may be swapped, its numbers metres and its crs not said, or its trackers without a position",
            taken.outside
        )
    });
    let old = (taken.old > 0).then(|| {
        format!(
            "{} of {accepted} rows are more than a day old: they are kept as history and change nothing of the present; where they are meant to be live, check the sender's clock",
            taken.old
        )
    });
    outside.into_iter().chain(old).chain(told).collect()
}

fn answer(taken: Taken, told: Vec<String>, listed_max: usize) -> Response {
    let rejected = taken.problems.count;
    let listed = taken.problems.listed.iter().take(listed_max);
    let problem =
        |p: &Problem| json!({"row": p.row, "code": codes::number(p.code), "text": p.text});
    let problems: Vec<Value> = listed.map(problem).collect();
    let status = if taken.accepted == 0 && rejected > 0 {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let mut body = json!({
        "accepted": taken.accepted,
        "rejected": rejected,
        "quarantined": taken.problems.of(Code::RowFuture),
        "outside": taken.outside,
        "problems": problems,
        "seq": taken.seq,
    });
    let notes = notes(&taken, told);
    if !notes.is_empty() {
        body["notes"] = json!(notes);
    }
    if !taken.cases.is_empty() {
        body["cases"] = json!(taken.cases);
    }
    (status, Json(body)).into_response()
}
