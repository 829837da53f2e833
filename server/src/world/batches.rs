//! Batches of feeds: whose they are, and where the result goes.

use super::LiveCity;
use super::answers::Answer;
use super::tick::Tick;
use crate::audience::notice;
use crate::outbox::Outbox;
use crate::request::{Taken, Unavailable};
use chengtu_engine::code::Code;
use chengtu_engine::command::Command;
use chengtu_engine::ids::FeedId;
use chengtu_engine::model::{Actor, Fix};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Hears what became of a batch that was posted.
pub(super) type FeedReply = oneshot::Sender<Result<Taken, Unavailable>>;

/// Where the result of a batch goes.
pub(super) enum Sender {
    /// To a feed's request.
    Feed(FeedReply),
    /// To a session.
    Socket(Arc<Outbox>),
}

impl Sender {
    /// Says why nothing was taken.
    pub fn refuse(self, why: String) {
        match self {
            Self::Feed(reply) => drop(reply.send(Err(Unavailable(why)))),
            Self::Socket(outbox) => notice(&outbox, Code::Stopped, why),
        }
    }

    /// Says that so many rows of its feed wait already.
    pub fn refuse_much(self, waiting: usize) {
        let why = format!(
            "{waiting} rows of this feed wait already; send the next batch when the last one was answered"
        );
        match self {
            Self::Feed(reply) => drop(reply.send(Err(Unavailable(why)))),
            Self::Socket(outbox) => notice(&outbox, Code::TooMuchAtOnce, why),
        }
    }

    /// The answer to be given once the batch is durable.
    pub fn answer(self, taken: Taken) -> Answer {
        match self {
            Self::Feed(reply) => Answer::Feed(reply, taken),
            Self::Socket(outbox) => Answer::Fixes(outbox, taken),
        }
    }
}

/// A slice of a batch among those that become one record.
pub(super) struct Slice {
    /// The batch that it is of.
    pub ticket: u64,
    /// How many of the gathered fixes are its.
    pub len: usize,
}

/// Fixes of one feed that came in one tick: they become one record.
#[derive(Default)]
pub(super) struct PendingFixes {
    pub fixes: Vec<Fix>,
    /// Row of each fix in its batch.
    pub rows: Vec<u32>,
    pub slices: Vec<Slice>,
}

/// Counts rows of a feed by what became of them.
pub(super) fn count(feed: &str, kind: &'static str, result: &'static str, n: u64) {
    if n > 0 {
        metrics::counter!("chengtu_rows_total", "feed" => feed.to_owned(), "kind" => kind, "result" => result)
            .increment(n);
    }
}

impl LiveCity {
    /// The feed of a name, registered when it is new.
    pub(super) fn feed_id(&mut self, name: &str, tick: &mut Tick) -> Result<FeedId, String> {
        if let Some(id) = self.state.feed(name) {
            return Ok(id);
        }
        if self.state.feeds().len() >= self.config.limits.feeds_max {
            return Err(format!(
                "{} feeds are known, no more are taken (limits.feeds_max)",
                self.state.feeds().len()
            ));
        }
        let name = name.to_owned();
        let command = Command::RegisterFeed { name: name.clone() };
        self.execute(tick, &command, &Actor::System, None)
            .map_err(super::commands::NotDone::into_text)?;
        self.state
            .feed(&name)
            .ok_or_else(|| format!("feed {name} could not be registered"))
    }
}
