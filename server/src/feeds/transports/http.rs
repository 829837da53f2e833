//! `POST /v1/feeds/{feed}/fixes|observations|cases|sensors`.

use crate::access::bearer;
use crate::feeds::gate::{Gate, GateError, Sent};
use crate::feeds::packing::BodyError;
use crate::request::{Problem, Taken};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chengtu_protocol::codes;
use serde_json::{Value, json};
use std::sync::Arc;

/// Takes a batch; answers when what was taken is durable.
pub async fn post(
    State(gate): State<Arc<Gate>>,
    Path((feed, kind)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (feed, kind) = match gate.admit(&feed, bearer(&headers), &kind) {
        Ok(admitted) => admitted,
        Err(error) => return refuse(status_of(&error), &error.to_string()),
    };
    let max = gate.limits().body_bytes_max;
    let Ok(body) = axum::body::to_bytes(body, max).await else {
        let text =
            format!("the body is larger than {max} bytes or was cut off (limits.body_bytes_max)");
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, &text);
    };
    let said = |name: &header::HeaderName| Some(headers.get(name)?.to_str().ok()?.to_owned());
    let sent = Sent {
        body: body.into(),
        content_type: said(&header::CONTENT_TYPE),
        content_encoding: said(&header::CONTENT_ENCODING),
    };
    match gate.take(feed, kind, sent).await {
        Ok((taken, notes)) => answer(taken, notes, gate.limits().problems_listed_max),
        Err(error) => refuse(status_of(&error), &error.to_string()),
    }
}

fn refuse(status: StatusCode, text: &str) -> Response {
    metrics::counter!("chengtu_requests_refused_total", "status" => status.as_str().to_owned())
        .increment(1);
    (status, Json(json!({"error": text}))).into_response()
}

fn status_of(error: &GateError) -> StatusCode {
    match error {
        GateError::Access(e) => e.status(),
        GateError::Kind(_) => StatusCode::NOT_FOUND,
        GateError::Body(BodyError::TooLarge(_)) => StatusCode::PAYLOAD_TOO_LARGE,
        GateError::Body(BodyError::Encoding(_)) | GateError::Type(_) => {
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        }
        GateError::Body(BodyError::Gzip(_)) | GateError::Syntax(_) | GateError::Empty => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        GateError::Broke => StatusCode::INTERNAL_SERVER_ERROR,
        GateError::Unavailable(_) | GateError::Stopping => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn answer(taken: Taken, notes: Vec<String>, listed_max: usize) -> Response {
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
        "problems": problems,
        "seq": taken.seq,
    });
    if !notes.is_empty() {
        body["notes"] = json!(notes);
    }
    if !taken.cases.is_empty() {
        body["cases"] = json!(taken.cases);
    }
    (status, Json(body)).into_response()
}
