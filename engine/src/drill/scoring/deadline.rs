use crate::drill::tally::Tally;
use crate::drill::words::span;
use crate::time::Timestamp;

/// Something that must be done within a time: judged once it is done, or once it is too late, or at the end.
pub(super) struct Deadline {
    pub since: Timestamp,
    pub done: Option<Timestamp>,
    pub good_s: f64,
    pub bad_s: f64,
}

impl Deadline {
    /// When it was decided, how much was won, how long it took; `None` while it is open.
    pub fn judged(&self, tally: &Tally) -> Option<(Timestamp, f64, Option<f64>)> {
        if let Some(done) = self.done {
            let took = done.seconds_since(self.since).max(0.0);
            return Some((done, share_won(took, self.good_s, self.bad_s), Some(took)));
        }
        let waited = tally.now.seconds_since(self.since);
        let late = waited > self.bad_s;
        (late || (tally.ended && waited > self.good_s)).then(|| {
            let at = self.since.plus_seconds(self.bad_s as i64).min(tally.now);
            (at, 0.0, None)
        })
    }
}

/// How long it took against what was asked for, in words.
pub(super) fn limit_words(took: Option<f64>, good_s: f64, never: (&str, &str)) -> (String, String) {
    let limit = span(good_s);
    match took {
        Some(s) if s <= good_s => (
            format!("{}，限 {limit}", span(s)),
            format!("{}, limit {limit}", span(s)),
        ),
        Some(s) => (
            format!("{}，超过 {limit}", span(s)),
            format!("{}, later than {limit}", span(s)),
        ),
        None => (
            format!("{}，限 {limit}", never.0),
            format!("{}, limit {limit}", never.1),
        ),
    }
}

/// All of it up to `good`, nothing from `bad` on, evenly between.
fn share_won(measured: f64, good: f64, bad: f64) -> f64 {
    if measured <= good {
        return 1.0;
    }
    ((bad - measured) / (bad - good).max(1e-9)).clamp(0.0, 1.0)
}
