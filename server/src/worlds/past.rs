//! Questions about the past, answered beside everything else.

use super::bookmarks::{self, failed};
use crate::access::{Principal, PrincipalId};
use crate::log::{BookmarkStore, LogStore, ViewStore};
use crate::priority;
use crate::refusal::Refusal;
use crate::request::{Asker, PastQuestion};
use chengtu_engine::code::Code;
use chengtu_engine::replay::{
    Bookmark, BookmarkChange, History, MOMENTS_MAX, OfficerView, Timeline,
};
use chengtu_engine::stream::ServerMessage;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Questions that may wait; more wait at their sessions.
const WAITING_MAX: usize = 64;

/// What the historian is asked for.
#[derive(Debug)]
enum Job {
    Answer(Asker, PastQuestion),
    Bookmark(Asker, Arc<Principal>, BookmarkChange),
    View(OfficerView, PrincipalId),
}

/// A thread that reads the log for whoever asks, and keeps the bookmarks.
#[derive(Debug)]
pub(super) struct Historian {
    jobs: mpsc::Sender<Job>,
}

impl Historian {
    pub fn start(store: Arc<dyn LogStore>) -> std::io::Result<Self> {
        let (jobs, mut receive) = mpsc::channel::<Job>(WAITING_MAX);
        let thread = std::thread::Builder::new().name("historian".to_owned());
        thread.spawn(move || {
            priority::behind_the_running_city();
            let mut archive = Archive {
                store,
                history: None,
                bookmarks: None,
                views: None,
            };
            while let Some(job) = receive.blocking_recv() {
                let asker = match &job {
                    Job::Answer(asker, _) | Job::Bookmark(asker, ..) => Some(asker.clone()),
                    Job::View(..) => None,
                };
                if let Err(refusal) = archive.work(job) {
                    if let Some(asker) = asker {
                        asker.refuse(refusal);
                    } else {
                        tracing::warn!(%refusal, "a view was not recorded");
                    }
                    // Whatever it was, the next one begins with fresh connections.
                    (archive.history, archive.bookmarks, archive.views) = (None, None, None);
                }
            }
        })?;
        Ok(Self { jobs })
    }

    pub async fn ask(&self, asker: Asker, question: PastQuestion) {
        // The thread ends with its server only.
        let _ = self.jobs.send(Job::Answer(asker, question)).await;
    }

    /// Records a view, unless much else waits: it is not worth waiting for.
    pub fn view(&self, view: OfficerView, owner: PrincipalId) {
        let _ = self.jobs.try_send(Job::View(view, owner));
    }

    pub async fn bookmark(&self, asker: Asker, by: Arc<Principal>, change: BookmarkChange) {
        let _ = self.jobs.send(Job::Bookmark(asker, by, change)).await;
    }
}

/// The historian's open connections, each opened when first needed.
struct Archive {
    store: Arc<dyn LogStore>,
    history: Option<Box<dyn History>>,
    bookmarks: Option<Box<dyn BookmarkStore>>,
    views: Option<Box<dyn ViewStore>>,
}

impl Archive {
    fn work(&mut self, job: Job) -> Result<(), Refusal> {
        if let Job::View(view, owner) = &job {
            let views = match &mut self.views {
                Some(v) => v,
                none => none.insert(self.store.aside().views().map_err(failed)?),
            };
            return views.add(view, owner.as_str()).map_err(failed);
        }
        let bookmarks = match &mut self.bookmarks {
            Some(b) => b,
            none => none.insert(self.store.aside().bookmarks().map_err(failed)?),
        };
        match job {
            Job::Answer(asker, question) => {
                let history = match &mut self.history {
                    Some(h) => h,
                    none => none.insert(super::history(&*self.store)?),
                };
                let list = match question {
                    PastQuestion::Timeline { .. } => bookmarks.list().map_err(failed)?,
                    PastQuestion::Moments { .. } => Vec::new(),
                };
                answer_past(history, &list, &asker, question);
            }
            Job::View(..) => {}
            Job::Bookmark(asker, by, change) => {
                bookmarks::change(&mut **bookmarks, &by, &change)?;
                let list = bookmarks.list().map_err(failed)?;
                let m = ServerMessage::Bookmarks { list };
                asker.answer(&m);
            }
        }
        Ok(())
    }
}

/// Answers a question from a history, or says why not.
pub fn answer_past(
    history: &dyn History,
    bookmarks: &[Bookmark],
    asker: &Asker,
    question: PastQuestion,
) {
    let answer = match question {
        PastQuestion::Timeline {
            request,
            from,
            to,
            bars,
        } => Timeline::read(history, bookmarks, request, (from, to), bars)
            .map(|line| ServerMessage::Timeline(Box::new(line))),
        PastQuestion::Moments {
            request,
            of,
            from,
            to,
            limit,
        } => {
            let limit = limit.clamp(1, MOMENTS_MAX).into();
            let moments = history.moments(of, from, to, limit, false);
            moments.map(|moments| ServerMessage::Moments { request, moments })
        }
    };
    match answer {
        Ok(m) => asker.answer(&m),
        Err(error) => asker.refuse(Refusal::new(Code::NoPast, error.to_string())),
    }
}
