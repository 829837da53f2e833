//! Data of feeds: what kind of rows it is, whose, and where the result goes.

use super::LiveCity;
use super::answers::Answer;
use super::commands::stopped_text;
use super::tick::Tick;
use crate::access::Feed;
use crate::audience::notice;
use crate::outbox::Outbox;
use crate::request::{FeedData, Posted, Problems, Taken, Unavailable, count_taken, count_untaken};
use chengtu_engine::code::Code;
use chengtu_engine::command::Command;
use chengtu_engine::ids::FeedId;
use chengtu_engine::model::{Actor, Fix};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Hears what became of a batch that was posted.
pub(super) type FeedReply = oneshot::Sender<Result<Taken, Unavailable>>;

/// Where the result of a batch of fixes goes.
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

/// One batch among those that become one record.
pub(super) struct Batch {
    pub sender: Sender,
    /// How many of the gathered fixes are its.
    pub len: usize,
    pub problems: Problems,
}

/// Fixes of one feed that came in one tick: they become one record.
#[derive(Default)]
pub(super) struct PendingFixes {
    pub fixes: Vec<Fix>,
    /// Row of each fix in its batch.
    pub rows: Vec<u32>,
    pub batches: Vec<Batch>,
}

impl LiveCity {
    pub(super) fn feed(&mut self, feed: &Feed, posted: Posted, reply: FeedReply, tick: &mut Tick) {
        let rows = posted.rows();
        let Posted {
            door,
            data,
            mut unread,
        } = posted;
        let sender = Sender::Feed(reply);
        let id = match self.feed_id(&feed.name, tick) {
            Ok(id) => id,
            Err(why) => {
                let known = self.state.feed(&feed.name).map(|_| &*feed.name);
                count_untaken(known, door, rows, &why);
                return sender.refuse(why);
            }
        };
        let taken = match data {
            FeedData::Fixes(mut batch) => {
                batch.problems.append(unread);
                return self.gather_fixes(id, batch, sender, tick);
            }
            FeedData::Observations(rows) => self.take_observations(id, rows, tick),
            FeedData::Cases(rows) => self.take_reports(id, rows, tick),
        };
        match taken {
            Ok(mut taken) => {
                unread.append(core::mem::take(&mut taken.problems));
                taken.problems = unread;
                count_taken(&feed.name, door, &taken);
                tick.answers.push(sender.answer(taken));
            }
            Err(why) => {
                let why = Unavailable::Stopped(why);
                count_untaken(Some(&feed.name), door, rows, &why);
                sender.refuse(why);
            }
        }
    }

    /// The feed of a name, registered when it is new.
    ///
    /// # Errors
    /// [`Unavailable`]; a feed too many is no fault of the log's.
    pub(super) fn feed_id(&mut self, name: &str, tick: &mut Tick) -> Result<FeedId, Unavailable> {
        if let Some(id) = self.state.feed(name) {
            return Ok(id);
        }
        if self.state.feeds().len() >= self.config.limits.feeds_max {
            return Err(Unavailable::Refused(format!(
                "{} feeds are known, no more are taken (limits.feeds_max)",
                self.state.feeds().len()
            )));
        }
        let name = name.to_owned();
        let command = Command::RegisterFeed { name: name.clone() };
        self.execute(tick, &command, &Actor::System, None)
            .map_err(Unavailable::from)?;
        let refused = || Unavailable::Refused(format!("feed {name} could not be registered"));
        self.state.feed(&name).ok_or_else(refused)
    }
}
