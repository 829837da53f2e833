//! What every transport passes: whose data it is, in which reference system, how much, and what became of each row.

use super::budget::{Budget, Share};
use super::formats::{self, FormatError, FormatOptions, Told};
use super::intake::{Intake, RowKind};
use super::packing::{BodyError, Bounds, unpack};
use super::turns::Turns;
use crate::access::{Access, AccessError, Feed};
use crate::config::Limits;
use crate::door::Connection;
use crate::priority;
use crate::request::{DataRequest, FeedData, Posted, Problems, Taken, Unavailable};
use crate::world::LiveHandle;
use std::sync::Arc;
use tokio::sync::oneshot;

/// The gate of a server.
#[derive(Debug)]
pub struct Gate {
    limits: Limits,
    access: Arc<Access>,
    live: LiveHandle,
    budget: Arc<Budget>,
    turns: Turns,
}

/// Bodies that are read at once.
const READ_AT_ONCE: usize = 2;

/// A body of more rows is read on behind the running city: what makes the city wait is read when it has nothing to do.
/// Bodies that come ten times a second are far smaller.
const ROWS_AT_ONCE: u64 = 32_768;

/// How often what the rows take is counted.
const ROWS_A_STEP: u64 = 1_024;

/// What a row takes in memory about, bytes, beside its texts.
const ROW_BYTES: usize = 256;

/// Bytes as they were sent, and what was said of them.
#[derive(Debug)]
pub(super) struct Sent {
    /// The bytes as they came, packed or not.
    pub body: Vec<u8>,
    /// Media type, as the sender says.
    pub content_type: Option<String>,
    /// How the bytes are packed.
    pub content_encoding: Option<String>,
    /// What they take of the budget of all requests.
    pub share: Share,
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
    /// The log has stopped and takes nothing, or the city does not take this.
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
            budget: Budget::new(limits.bodies_bytes_max),
            turns: Turns::new(READ_AT_ONCE),
            limits,
            access,
            live,
        }
    }

    /// The part of the budget that a request will need, with nothing in it yet.
    pub(super) fn share(&self) -> Share {
        self.budget.share()
    }

    /// Limits of the configuration.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The feed and the kind of rows that somebody would send by `line`.
    ///
    /// # Errors
    /// [`GateError::Access`], [`GateError::Kind`].
    pub(crate) async fn admit(
        &self,
        line: Option<&Connection>,
        feed: &str,
        token: Option<&str>,
        kind: &str,
    ) -> Result<(Arc<Feed>, RowKind), GateError> {
        let feed = self.access.feed_from(line, feed, token).await?;
        let kind = RowKind::named(kind).ok_or_else(|| GateError::Kind(kind.to_owned()))?;
        Ok((feed, kind))
    }

    /// Reads what was sent and hands it to the running city; gives what became of it once that is durable, with every
    /// row that was not taken, in their order, and what is told of the others.
    ///
    /// # Errors
    /// [`GateError`]; nothing was taken.
    pub(super) async fn take(
        &self,
        feed: Arc<Feed>,
        kind: RowKind,
        sent: Sent,
    ) -> Result<(Taken, Vec<String>), GateError> {
        let bounds = Bounds {
            bytes_max: self.limits.body_unpacked_bytes_max,
            rows_max: self.limits.body_rows_max,
        };
        let for_reading = feed.clone();
        let turn = self.turns.of(&feed.name).await;
        let mut for_rows = self.budget.share();
        let read = on_a_thread_of_its_own(move || {
            let read = read(sent, bounds, kind, &for_reading, &mut for_rows);
            drop(turn);
            // What the rows take is given back once the city has taken them.
            read.map(|(data, unread, told)| (data, unread, told, for_rows))
        });
        let (data, unread, told, _for_rows) = read.await.ok_or(GateError::Broke)??;
        let posted = Posted {
            door: kind.word(),
            data,
            unread,
        };
        let mut taken = self.deliver(feed, posted).await?;
        taken.problems.listed.sort_by_key(|p| p.row);
        let rows = |n: u64| if n == 1 { "row" } else { "rows" };
        let notes = told
            .lines()
            .map(|(words, n)| format!("{words} ({n} {})", rows(n)));
        Ok((taken, notes.collect()))
    }

    async fn deliver(&self, feed: Arc<Feed>, posted: Posted) -> Result<Taken, GateError> {
        let (reply, answer) = oneshot::channel();
        let request = DataRequest::Feed {
            feed,
            posted,
            reply,
        };
        let sent = self.live.data.send(request).await;
        sent.map_err(|_| GateError::Stopping)?;
        Ok(answer.await.map_err(|_| GateError::Stopping)??)
    }
}

/// What is made on another thread, which ends with it; `None` where that panics or cannot begin.
async fn on_a_thread_of_its_own<T: Send + 'static>(
    make: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (send, made) = oneshot::channel();
    let thread = std::thread::Builder::new().name("body".to_owned());
    let begun = thread.spawn(move || {
        let _ = send.send(make());
    });
    begun.ok()?;
    made.await.ok()
}

/// Bytes to rows in the city's own terms. On a thread that ends afterwards: it may be put behind others.
fn read(
    sent: Sent,
    bounds: Bounds,
    kind: RowKind,
    feed: &Feed,
    for_rows: &mut Share,
) -> Result<(FeedData, Problems, Told), GateError> {
    let encoding = sent.content_encoding.as_deref();
    let body = unpack(sent.body, encoding, bounds, sent.share)?;
    let verdict = body.verdict();
    let content_type = sent.content_type.as_deref();
    let format = formats::by_content(content_type, body.head())
        .ok_or_else(|| GateError::Type(content_type.unwrap_or_default().to_owned()))?;
    let options = FormatOptions {
        rows_max: usize::try_from(bounds.rows_max).unwrap_or(usize::MAX),
        ..FormatOptions::default()
    };
    let begun = format.rows(Box::new(body), &options);
    let mut rows = match (begun, verdict.take()) {
        (_, Some(why)) => return Err(why.into()),
        (begun, None) => begun?,
    };
    let mut intake = Intake::new(kind, &feed.crs);
    let mut found_rows = 0;
    while let Some(found) = rows.next() {
        intake.take(found);
        found_rows += 1;
        if found_rows > bounds.rows_max {
            return Err(BodyError::TooManyRows(bounds.rows_max).into());
        }
        if found_rows == ROWS_AT_ONCE {
            priority::behind_the_running_city();
        }
        if found_rows % ROWS_A_STEP == 0 {
            let bytes = found_rows as usize * ROW_BYTES;
            for_rows.set(bytes).map_err(BodyError::Busy)?;
        }
        if verdict.is_given() {
            break;
        }
    }
    drop(rows);
    // Where reading had to end, nothing is taken, however much was good before.
    if let Some(why) = verdict.take() {
        return Err(why.into());
    }
    let (data, problems, count, told) = intake.finish();
    if count == 0 {
        return Err(GateError::Empty);
    }
    Ok((data, problems, told))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::crs::Crs;

    /// How this thread stands behind others.
    fn niceness() -> i32 {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let behind_name = stat.rsplit(')').next().unwrap();
        behind_name
            .split_whitespace()
            .nth(16)
            .unwrap()
            .parse()
            .unwrap()
    }

    /// How the thread stands that has read a body of so many rows.
    async fn niceness_after(rows: usize) -> i32 {
        let budget = Budget::new(1 << 30);
        let sent = Sent {
            body: b"{\"key\":\"a\",\"lon\":118.79,\"lat\":32.05}\n".repeat(rows),
            content_type: None,
            content_encoding: None,
            share: budget.share(),
        };
        let bounds = Bounds {
            bytes_max: 1 << 30,
            rows_max: 1 << 30,
        };
        let feed = Feed {
            name: "a".to_owned(),
            crs: Crs::Wgs84,
        };
        let mut share = budget.share();
        let done = on_a_thread_of_its_own(move || {
            read(sent, bounds, RowKind::Fixes, &feed, &mut share).unwrap();
            niceness()
        });
        done.await.unwrap()
    }

    #[tokio::test]
    async fn a_body_of_very_many_rows_is_read_behind_the_running_city() {
        let usual = niceness();
        assert_eq!(niceness_after(1_000).await, usual);
        assert!(niceness_after(ROWS_AT_ONCE as usize + 1).await > usual);
        // The threads that answer everybody stay where they were.
        assert_eq!(niceness(), usual);
    }
}
