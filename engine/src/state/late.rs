use crate::event::Event;
use crate::record::{Body, Record};
use crate::time::Timestamp;

/// What is known this much after it happened came late, seconds.
pub const LATE_AFTER_S: i64 = 2;

/// When the first of what came late in a record happened; `None` where nothing came late.
///
/// Cost: a look at every row.
pub fn late_since(record: &Record) -> Option<Timestamp> {
    let by = record.known_at.plus_seconds(-LATE_AFTER_S);
    let first = match &record.body {
        Body::Fixes(block) => block.fix_time.iter().copied().min(),
        Body::Observations(observations, events) => observations
            .iter()
            .map(|o| o.phenomenon_time)
            .chain(events.iter().filter_map(occurred_at))
            .min(),
        Body::Events(events) => events.iter().filter_map(occurred_at).min(),
    };
    first.filter(|t| *t < by)
}

/// When the thing that an event reports happened; `None` for events that carry no such time.
pub(crate) fn occurred_at(event: &Event) -> Option<Timestamp> {
    match event {
        Event::CaseReported { occurred_at, .. } => Some(*occurred_at),
        _ => None,
    }
}
