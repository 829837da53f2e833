use std::collections::BTreeMap;

/// Since when cells have been hot.
#[derive(Clone, Debug, Default)]
pub(super) struct Heat(BTreeMap<u32, Span>);

/// Since when a cell has been hot, and when it last was, µs UTC.
#[derive(Clone, Copy, Debug)]
struct Span {
    since: i64,
    last: i64,
}

impl Heat {
    /// These cells are hot now, µs UTC, and no others; since when each of them has been. A cell that was not hot for at
    /// most `grace_us` counts as hot all along.
    pub fn note(
        &mut self,
        hot: impl Iterator<Item = u32>,
        now: i64,
        grace_us: i64,
    ) -> BTreeMap<u32, i64> {
        let since = hot.map(|cell| {
            let new = Span {
                since: now,
                last: now,
            };
            let span = self.0.entry(cell).or_insert(new);
            if now.saturating_sub(span.last) > grace_us {
                span.since = now;
            }
            span.last = now;
            (cell, span.since)
        });
        let since = since.collect();
        self.0
            .retain(|_, span| now.saturating_sub(span.last) <= grace_us);
        since
    }

    /// The city has gone to another moment: what became hot later is forgotten.
    pub fn go_to(&mut self, now: i64) {
        self.0.retain(|_, span| span.since <= now);
        for span in self.0.values_mut() {
            span.last = span.last.min(now);
        }
    }

    /// Takes in since when cells have been hot that were hot at `at`; what was noted of them is replaced.
    pub fn know(&mut self, since: BTreeMap<u32, i64>, at: i64) {
        let spans = since.into_iter();
        self.0
            .extend(spans.map(|(cell, since)| (cell, Span { since, last: at })));
    }
}
