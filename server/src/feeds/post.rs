//! `POST /v1/feeds/{feed}/fixes|observations|cases|sensors`.

use super::body::{Format, format_of, unpack};
use super::rows::{Rows, Taker};
use super::{body::BodyError, geojson};
use crate::access::{Access, Feed, bearer};
use crate::config::Limits;
use crate::request::{FeedData, FixBatch, LiveRequest, Problems, Taken, Unavailable};
use crate::world::LiveHandle;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What the doors for data share.
#[derive(Clone, Debug)]
pub struct FeedsState {
    /// Limits of the configuration.
    pub limits: Limits,
    /// Who may do what.
    pub access: Arc<Access>,
    /// The way to the world.
    pub world: LiveHandle,
}

fn refuse(status: StatusCode, text: &str) -> Response {
    metrics::counter!("chengtu_requests_refused_total", "status" => status.as_str().to_owned())
        .increment(1);
    (status, Json(json!({"error": text}))).into_response()
}

fn text_of<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Takes a batch; answers when what was taken is durable.
pub async fn post(
    State(state): State<Arc<FeedsState>>,
    Path((feed, kind)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let feed = match state.access.feed(&feed, bearer(&headers)) {
        Ok(feed) => feed,
        Err(error) => return refuse(error.status(), &error.to_string()),
    };
    let rows = match kind.as_str() {
        "fixes" => Rows::Fixes(FixBatch::default()),
        "observations" | "sensors" => Rows::Observations(Vec::new()),
        "cases" => Rows::Cases(Vec::new()),
        other => {
            let text =
                format!("{other:?} is not taken; post to fixes, observations, sensors or cases");
            return refuse(StatusCode::NOT_FOUND, &text);
        }
    };
    let max = state.limits.body_bytes_max;
    let Ok(bytes) = axum::body::to_bytes(body, max).await else {
        let text =
            format!("the body is larger than {max} bytes or was cut off (limits.body_bytes_max)");
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, &text);
    };
    let content_type = text_of(&headers, &header::CONTENT_TYPE).map(str::to_owned);
    let encoding = text_of(&headers, &header::CONTENT_ENCODING).map(str::to_owned);
    let unpacked_max = state.limits.body_unpacked_bytes_max;
    let for_reading = feed.clone();
    let read = tokio::task::spawn_blocking(move || {
        let body = unpack(bytes.into(), encoding.as_deref(), unpacked_max)?;
        read_rows(&body, content_type.as_deref(), rows, &for_reading)
    });
    let (data, problems) = match read.await {
        Ok(Ok(read)) => read,
        Ok(Err(error)) => return refuse(error.status(), &error.to_string()),
        Err(_) => return refuse(StatusCode::INTERNAL_SERVER_ERROR, "reading the body failed"),
    };
    send(&state, feed, data, problems).await
}

async fn send(state: &FeedsState, feed: Arc<Feed>, data: FeedData, problems: Problems) -> Response {
    let (reply, answer) = oneshot::channel();
    let request = LiveRequest::Feed { feed, data, reply };
    if state.world.requests.send(request).await.is_err() {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping");
    }
    match answer.await {
        Ok(Ok(taken)) => answer_of(taken, problems, state.limits.problems_listed_max),
        Ok(Err(Unavailable(why))) => {
            let text = Unavailable(why).to_string();
            refuse(StatusCode::SERVICE_UNAVAILABLE, &text)
        }
        Err(_) => refuse(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping"),
    }
}

fn answer_of(taken: Taken, read: Problems, listed_max: usize) -> Response {
    let rejected = read.count + taken.problems.count;
    let mut problems = read.listed;
    problems.extend(taken.problems.listed);
    problems.sort_by_key(|p| p.row);
    problems.truncate(listed_max);
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
    if !taken.cases.is_empty() {
        body["cases"] = json!(taken.cases);
    }
    (status, Json(body)).into_response()
}

/// Why a whole body is not taken.
#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("Content-Type {0:?} is not taken; send application/x-ndjson or application/geo+json")]
    Type(String),
    #[error("the body cannot be read: {0}")]
    Syntax(String),
    #[error("the body holds no rows")]
    Empty,
}

impl ReadError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Body(BodyError::TooLarge(_)) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(BodyError::Encoding(_)) | Self::Type(_) => {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            }
            Self::Body(BodyError::Gzip(_)) | Self::Syntax(_) | Self::Empty => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
        }
    }
}

fn read_rows(
    body: &[u8],
    content_type: Option<&str>,
    rows: Rows,
    feed: &Feed,
) -> Result<(FeedData, Problems), ReadError> {
    let format = format_of(content_type, body)
        .ok_or_else(|| ReadError::Type(content_type.unwrap_or_default().to_owned()))?;
    let mut taker = Taker {
        crs: &feed.crs,
        problems: Problems::default(),
        rows,
    };
    let count = match format {
        Format::GeoJson => geojson::take(body, &mut taker).map_err(ReadError::Syntax)?,
        Format::Ndjson => {
            let mut count = 0;
            for (i, line) in body.split(|b| *b == b'\n').enumerate() {
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                count += 1;
                let row = serde_json::from_slice(line).map_err(|e| e.to_string());
                taker.take(i as u32 + 1, row);
            }
            count
        }
    };
    if count == 0 {
        return Err(ReadError::Empty);
    }
    let data = match taker.rows {
        Rows::Fixes(batch) => FeedData::Fixes(batch),
        Rows::Observations(rows) => FeedData::Observations(rows),
        Rows::Cases(rows) => FeedData::Cases(rows),
    };
    Ok((data, taker.problems))
}
