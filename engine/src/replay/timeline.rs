use super::{Bookmark, History, HistoryError, TimelineBar, TimelineMark};
use crate::time::Timestamp;

/// A stretch of time for the time bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// The client's number.
    pub request: u32,
    /// Beginning of the stretch, as asked for.
    pub from: Timestamp,
    /// End of the stretch, as asked for.
    pub to: Timestamp,
    /// First moment that the log holds.
    pub log_from: Timestamp,
    /// Last moment that the log holds.
    pub log_to: Timestamp,
    /// Equal parts from `from` to `to`.
    pub bars: Vec<TimelineBar>,
    /// Severe and urgent cases and alarms, the most severe if there are more than 200.
    pub marks: Vec<TimelineMark>,
    /// Stretches that the log has lost, with the reason in words.
    pub gaps: Vec<(Timestamp, Timestamp, String)>,
    /// Bookmarks in the stretch.
    pub bookmarks: Vec<Bookmark>,
}

/// Most parts of a time line.
const BARS_MAX: u16 = 2_000;

impl Timeline {
    /// What a history holds of a stretch, in `bars` parts (1 … 2000), with those of the bookmarks that lie in it.
    ///
    /// # Errors
    /// [`HistoryError`] where the history cannot be read.
    pub fn read(
        history: &dyn History,
        bookmarks: &[Bookmark],
        request: u32,
        (from, to): (Timestamp, Timestamp),
        bars: u16,
    ) -> Result<Self, HistoryError> {
        let (log_from, log_to) = history.span()?.unwrap_or_default();
        let (bars, marks) = history.bars(from, to, bars.clamp(1, BARS_MAX))?;
        let gaps = history.gaps().into_iter();
        let here = |b: &&Bookmark| b.time >= from && b.time <= to;
        Ok(Self {
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
        })
    }
}
