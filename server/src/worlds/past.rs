//! Questions about the past, answered beside everything else.

use super::priority;
use crate::audience::notice;
use crate::codes;
use crate::log::LogHistory;
use crate::session::{Outbox, message};
use crate::world::PastQuestion;
use chengtu_engine::replay::{History, HistoryError};
use chengtu_engine::time::Timestamp;
use chengtu_engine::wire::v1::{Bookmark, ServerMessage, Timeline};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Questions that may wait; more wait at their sessions.
const WAITING_MAX: usize = 64;
/// Most parts of a time line and rows of a list, see the protocol.
const BARS_MAX: u16 = 2_000;
const ROWS_MAX: u16 = 1_000;

/// A thread that reads the log for whoever asks.
#[derive(Debug)]
pub(super) struct Historian {
    asked: mpsc::Sender<(Arc<Outbox>, PastQuestion)>,
}

impl Historian {
    pub fn start(data: &Path) -> std::io::Result<Self> {
        let (asked, mut receive) = mpsc::channel::<(Arc<Outbox>, PastQuestion)>(WAITING_MAX);
        let data = data.to_owned();
        let thread = std::thread::Builder::new().name("historian".to_owned());
        thread.spawn(move || {
            priority::behind_the_running_city();
            while let Some((outbox, question)) = receive.blocking_recv() {
                match LogHistory::open(&data) {
                    Ok(history) => answer_past(&history, &[], &outbox, question),
                    Err(error) => notice(&outbox, codes::NO_PAST, error.to_string()),
                }
            }
        })?;
        Ok(Self { asked })
    }

    pub async fn ask(&self, outbox: Arc<Outbox>, question: PastQuestion) {
        // The thread ends with its server only.
        let _ = self.asked.send((outbox, question)).await;
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
        Ok(m) => outbox.answer(message(outbox.encoding, &m)),
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
