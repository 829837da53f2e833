use crate::state::State;
use crate::time::Timestamp;

/// Movers in all checkpoints of a replay together: they are what a state is large by.
const MOVERS_MAX: usize = 1_000_000;
/// Most checkpoints of one replay.
const COUNT_MAX: usize = 12;

/// States on the way to the present moment, kept while a clock goes back.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    /// The kept states with their moments, oldest first.
    kept: Vec<(Timestamp, State)>,
}

impl Checkpoints {
    pub fn clear(&mut self) {
        self.kept.clear();
    }

    /// Forgets those that lie after a moment.
    pub fn drop_after(&mut self, time: Timestamp) {
        self.kept.retain(|(t, _)| *t <= time);
    }

    /// Takes the newest checkpoint out, to fold on from; `None` if none is kept.
    pub fn take_last(&mut self) -> Option<(Timestamp, State)> {
        self.kept.pop()
    }

    /// Keeps a state of a moment after all that are kept; the oldest makes room.
    pub fn keep(&mut self, time: Timestamp, state: &State) {
        let limit = limit(state.movers().len());
        while self.kept.len() >= limit && !self.kept.is_empty() {
            self.kept.remove(0);
        }
        self.kept.push((time, state.clone()));
    }
}

fn limit(movers: usize) -> usize {
    (MOVERS_MAX / movers.max(1)).clamp(1, COUNT_MAX)
}

/// Where to keep states between `begin` and `target` so that steps back of about `step_s` seconds from `target` find a
/// state nearby: `begin` itself, and each later place half as far from `target` as the place before.
pub(super) fn places(
    begin: Timestamp,
    target: Timestamp,
    step_s: f64,
    movers: usize,
) -> Vec<Timestamp> {
    let length_us = target.us_since(begin);
    let step_us = (step_s * 1e6) as i64;
    let mut places = Vec::new();
    let mut distance = step_us.max(1);
    while distance < length_us && places.len() + 1 < limit(movers) {
        places.push(target.plus_us(-distance));
        distance = distance.saturating_mul(2);
    }
    if length_us > 0 {
        places.push(begin);
    }
    places.reverse();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_kept_closer_and_closer_to_the_moment() {
        let s = Timestamp::from_seconds;
        assert_eq!(
            places(s(0), s(100), 2.0, 10),
            [0, 36, 68, 84, 92, 96, 98].map(s)
        );
        assert_eq!(places(s(0), s(100), 2.0, 500_000).len(), 2);
        assert!(places(s(5), s(5), 2.0, 10).is_empty());
    }
}
