//! What every transport passes: whose data it is, in which reference system, how much, and what became of each row.

use super::formats::{self, FormatError, FormatOptions, Told};
use super::intake::{Intake, RowKind};
use super::packing::{BodyError, unpack};
use crate::access::{Access, AccessError, Feed};
use crate::config::Limits;
use crate::request::{DataRequest, FeedData, Problems, Taken, Unavailable};
use crate::world::LiveHandle;
use std::sync::Arc;
use tokio::sync::oneshot;

/// The gate of a server.
#[derive(Clone, Debug)]
pub struct Gate {
    limits: Limits,
    access: Arc<Access>,
    live: LiveHandle,
}

/// Bytes as they were sent, and what was said of them.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// The bytes as they came, packed or not.
    pub body: Vec<u8>,
    /// Media type, as the sender says.
    pub content_type: Option<String>,
    /// How the bytes are packed.
    pub content_encoding: Option<String>,
}

/// Why nothing of a batch is taken.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// No token, an unknown token, another feed's, or no such feed.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// No kind of rows.
    #[error("{0:?} is not taken; post to fixes, observations, sensors or cases")]
    Kind(String),
    /// Too large, or packed in a way that is not known.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// No format that is known.
    #[error("Content-Type {0:?} is not taken; send application/x-ndjson or application/geo+json")]
    Type(String),
    /// Not in the format that it should be in.
    #[error("the body cannot be read: {0}")]
    Syntax(#[from] FormatError),
    /// A readable body without a single row, good or bad.
    #[error("the body holds no rows")]
    Empty,
    /// Reading panicked; a fault of this program.
    #[error("reading the body failed")]
    Broke,
    /// The log has stopped and takes nothing.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The running city has ended.
    #[error("the server is stopping")]
    Stopping,
}

impl Gate {
    /// Before a running city.
    pub fn new(limits: Limits, access: Arc<Access>, live: LiveHandle) -> Self {
        Self {
            limits,
            access,
            live,
        }
    }

    /// Limits of the configuration.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The feed and the kind of rows that somebody would send.
    ///
    /// # Errors
    /// [`GateError::Access`], [`GateError::Kind`].
    pub fn admit(
        &self,
        feed: &str,
        token: Option<&str>,
        kind: &str,
    ) -> Result<(Arc<Feed>, RowKind), GateError> {
        let feed = self.access.feed(feed, token)?;
        let kind = RowKind::named(kind).ok_or_else(|| GateError::Kind(kind.to_owned()))?;
        Ok((feed, kind))
    }

    /// Reads what was sent and hands it to the running city; gives what became of it once that is durable, with every
    /// row that was not taken, in their order, and what is told of the others.
    ///
    /// # Errors
    /// [`GateError`]; nothing was taken.
    pub async fn take(
        &self,
        feed: Arc<Feed>,
        kind: RowKind,
        sent: Sent,
    ) -> Result<(Taken, Vec<String>), GateError> {
        let unpacked_max = self.limits.body_unpacked_bytes_max;
        let for_reading = feed.clone();
        let read =
            tokio::task::spawn_blocking(move || read(sent, unpacked_max, kind, &for_reading));
        let (data, unread, told) = read.await.map_err(|_| GateError::Broke)??;
        let mut taken = self.deliver(feed, data).await?;
        let mut problems = unread;
        problems.append(core::mem::take(&mut taken.problems));
        problems.listed.sort_by_key(|p| p.row);
        taken.problems = problems;
        let rows = |n: u64| if n == 1 { "row" } else { "rows" };
        let notes = told
            .lines()
            .map(|(words, n)| format!("{words} ({n} {})", rows(n)));
        Ok((taken, notes.collect()))
    }

    async fn deliver(&self, feed: Arc<Feed>, data: FeedData) -> Result<Taken, GateError> {
        let (reply, answer) = oneshot::channel();
        let request = DataRequest::Feed { feed, data, reply };
        let sent = self.live.data.send(request).await;
        sent.map_err(|_| GateError::Stopping)?;
        Ok(answer.await.map_err(|_| GateError::Stopping)??)
    }
}

/// Bytes to rows in the city's own terms.
fn read(
    sent: Sent,
    unpacked_max: usize,
    kind: RowKind,
    feed: &Feed,
) -> Result<(FeedData, Problems, Told), GateError> {
    let body = unpack(sent.body, sent.content_encoding.as_deref(), unpacked_max)?;
    let content_type = sent.content_type.as_deref();
    let format = formats::by_content(content_type, &body)
        .ok_or_else(|| GateError::Type(content_type.unwrap_or_default().to_owned()))?;
    let mut rows = format.rows(Box::new(body.as_slice()), &FormatOptions::default())?;
    let mut intake = Intake::new(kind, &feed.crs);
    while let Some(found) = rows.next() {
        intake.take(found);
    }
    let (data, problems, count, told) = intake.finish();
    if count == 0 {
        return Err(GateError::Empty);
    }
    Ok((data, problems, told))
}
