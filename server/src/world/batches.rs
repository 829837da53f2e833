//! Batches of feeds: whose they are, and where the result goes.

use super::LiveCity;
use super::answers::Answer;
use super::commands::stopped_text;
use super::heard::seconds;
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
    pub fn refuse(self, why: Unavailable) {
        match (self, why) {
            (Self::Feed(reply), why) => drop(reply.send(Err(why))),
            (Self::Socket(outbox), Unavailable::Stopped(why)) => {
                notice(&outbox, Code::Stopped, stopped_text(&why));
            }
            (Self::Socket(outbox), Unavailable::Refused(why)) => {
                notice(&outbox, Code::RowTooMany, why);
            }
            (Self::Socket(outbox), Unavailable::Busy(why)) => {
                notice(&outbox, Code::TooMuchAtOnce, why);
            }
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

impl LiveCity {
    /// The feed of a name, registered when it is new.
    ///
    /// # Errors
    /// [`Unavailable`]; a feed too many is no fault of the log's.
    pub(super) fn feed_id(&mut self, name: &str, tick: &mut Tick) -> Result<FeedId, Unavailable> {
        let now_s = seconds(tick.now);
        if let Some(id) = self.state.feed(name) {
            self.retiring.silent.hear_feed(id, now_s);
            return Ok(id);
        }
        let feeds_max = self.config.limits.feeds_max;
        if self.state.feeds_known() >= feeds_max {
            self.make_room_for_feed(tick)
                .map_err(Unavailable::Stopped)?;
        }
        let known = self.state.feeds_known();
        if known >= feeds_max {
            return Err(Unavailable::Refused(format!(
                "{known} feeds are known, no more are taken (limits.feeds_max)"
            )));
        }
        let name = name.to_owned();
        let command = Command::RegisterFeed { name: name.clone() };
        self.execute(tick, &command, &Actor::System, None)
            .map_err(Unavailable::from)?;
        let refused = || Unavailable::Refused(format!("feed {name} could not be registered"));
        let feed = self.state.feed(&name).ok_or_else(refused)?;
        self.retiring.silent.hear_feed(feed, now_s);
        Ok(feed)
    }
}
