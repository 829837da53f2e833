//! Questions about the past, answered beside everything else.

use super::bookmarks::Bookmarks;
use super::views::Views;
use super::{Refusal, priority};
use crate::audience::notice;
use crate::codes;
use crate::log::LogHistory;
use crate::session::Outbox;
use crate::world::PastQuestion;
use chengtu_engine::replay::{
    Bookmark, BookmarkChange, History, HistoryError, OfficerView, Timeline,
};
use chengtu_engine::stream::ServerMessage;
use chengtu_engine::time::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Questions that may wait; more wait at their sessions.
const WAITING_MAX: usize = 64;
/// Most parts of a time line and rows of a list, see the protocol.
const BARS_MAX: u16 = 2_000;
const ROWS_MAX: u16 = 1_000;

/// What the historian is asked for.
#[derive(Debug)]
enum Job {
    Answer(Arc<Outbox>, PastQuestion),
    Bookmark(Arc<Outbox>, String, BookmarkChange),
    View(OfficerView),
}

/// A thread that reads the log for whoever asks, and keeps the bookmarks.
#[derive(Debug)]
pub(super) struct Historian {
    jobs: mpsc::Sender<Job>,
}

impl Historian {
    pub fn start(data: &Path) -> std::io::Result<Self> {
        let (jobs, mut receive) = mpsc::channel::<Job>(WAITING_MAX);
        let data = data.to_owned();
        let thread = std::thread::Builder::new().name("historian".to_owned());
        thread.spawn(move || {
            priority::behind_the_running_city();
            let mut desk = Desk {
                data,
                history: None,
                bookmarks: None,
                views: None,
            };
            while let Some(job) = receive.blocking_recv() {
                let asker = match &job {
                    Job::Answer(outbox, _) | Job::Bookmark(outbox, ..) => Some(outbox.clone()),
                    Job::View(_) => None,
                };
                if let Err(refusal) = desk.work(job) {
                    if let Some(outbox) = asker {
                        notice(&outbox, refusal.code, refusal.text);
                    } else {
                        tracing::warn!(%refusal, "a view was not recorded");
                    }
                    // Whatever it was, the next one begins with fresh connections.
                    (desk.history, desk.bookmarks, desk.views) = (None, None, None);
                }
            }
        })?;
        Ok(Self { jobs })
    }

    pub async fn ask(&self, outbox: Arc<Outbox>, question: PastQuestion) {
        // The thread ends with its server only.
        let _ = self.jobs.send(Job::Answer(outbox, question)).await;
    }

    /// Records a view, unless much else waits: it is not worth waiting for.
    pub fn view(&self, view: OfficerView) {
        let _ = self.jobs.try_send(Job::View(view));
    }

    pub async fn bookmark(&self, outbox: Arc<Outbox>, by: String, change: BookmarkChange) {
        let _ = self.jobs.send(Job::Bookmark(outbox, by, change)).await;
    }
}

/// What the historian has at hand, opened when first needed.
struct Desk {
    data: PathBuf,
    history: Option<LogHistory>,
    bookmarks: Option<Bookmarks>,
    views: Option<Views>,
}

impl Desk {
    fn work(&mut self, job: Job) -> Result<(), Refusal> {
        if let Job::View(view) = &job {
            let views = match &mut self.views {
                Some(v) => v,
                none => none.insert(Views::open(&self.data)?),
            };
            return views.keep(view);
        }
        let bookmarks = match &mut self.bookmarks {
            Some(b) => b,
            none => none.insert(Bookmarks::open(&self.data)?),
        };
        match job {
            Job::Answer(outbox, question) => {
                let history = match &mut self.history {
                    Some(h) => h,
                    none => none.insert(
                        LogHistory::open(&self.data)
                            .map_err(|e| Refusal::new(codes::NO_PAST, e.to_string()))?,
                    ),
                };
                let list = match question {
                    PastQuestion::Timeline { .. } => bookmarks.list()?,
                    PastQuestion::Moments { .. } => Vec::new(),
                };
                answer_past(history, &list, &outbox, question);
            }
            Job::View(_) => {}
            Job::Bookmark(outbox, by, change) => {
                bookmarks.change(&by, &change)?;
                let list = bookmarks.list()?;
                let m = ServerMessage::Bookmarks { list };
                outbox.answer(&m);
            }
        }
        Ok(())
    }
}

/// Answers a question from a history, or says why not.
pub fn answer_past(
    history: &dyn History,
    bookmarks: &[Bookmark],
    outbox: &Outbox,
    question: PastQuestion,
) {
    let answer = match question {
        PastQuestion::Timeline {
            request,
            from,
            to,
            bars,
        } => timeline(history, bookmarks, request, (from, to), bars),
        PastQuestion::Moments {
            request,
            of,
            from,
            to,
            limit,
        } => {
            let limit = limit.clamp(1, ROWS_MAX).into();
            let moments = history.moments(of, from, to, limit, false);
            moments.map(|moments| ServerMessage::Moments { request, moments })
        }
    };
    match answer {
        Ok(m) => outbox.answer(&m),
        Err(error) => notice(outbox, codes::NO_PAST, error.to_string()),
    }
}

fn timeline(
    history: &dyn History,
    bookmarks: &[Bookmark],
    request: u32,
    (from, to): (Timestamp, Timestamp),
    bars: u16,
) -> Result<ServerMessage, HistoryError> {
    let (log_from, log_to) = history.span()?.unwrap_or_default();
    let (bars, marks) = history.bars(from, to, bars.clamp(1, BARS_MAX))?;
    let gaps = history.gaps().into_iter();
    let here = |b: &&Bookmark| b.time >= from && b.time <= to;
    Ok(ServerMessage::Timeline(Box::new(Timeline {
        request,
        from,
        to,
        log_from,
        log_to,
        bars,
        marks,
        gaps: gaps
            .filter(|g| g.to >= from && g.from <= to)
            .map(|g| (g.from, g.to, g.words))
            .collect(),
        bookmarks: bookmarks.iter().filter(here).cloned().collect(),
    })))
}
