use crate::command::Observation;
use crate::detect;
use crate::event::Event;
use crate::ids::{FeedId, SensorId};
use crate::state::State;
use crate::time::Timestamp;
use core::cmp::Reverse;

/// Why a reading was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObservationProblem {
    /// Further in the future than the city tolerates.
    #[error(
        "phenomenon time is {ahead_s} s ahead of the server's clock: quarantined; check the sender's clock and time zone"
    )]
    InFuture {
        /// Whole seconds that the reading lies ahead of the server's clock.
        ahead_s: i64,
    },
    /// The sensor is not registered, or belongs to another feed.
    #[error("sensor {0} is not one of this feed's")]
    NotThisFeeds(SensorId),
    /// NaN or infinite.
    #[error("value is not a number; send null for a broken sensor")]
    NotFinite,
}

/// A batch, decided.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObservationDecision {
    /// The readings that are taken: in the order of the batch, but for those that count as of now. Of these the newest
    /// comes first, because the fold shows the first of several that it takes for one moment.
    pub taken: Vec<Observation>,
    /// Alarms that begin or end with it.
    pub events: Vec<Event>,
    /// Rows not taken, ascending, with the reason.
    pub problems: Vec<(usize, ObservationProblem)>,
}

/// Decides a batch of readings of one feed: which are taken, and what [`detect`] makes of them.
pub fn decide_observations(
    state: &State,
    feed: FeedId,
    observations: &[Observation],
    now: Timestamp,
) -> ObservationDecision {
    let tolerance_s = state.rules().map_or(60, |r| r.future_tolerance_s);
    let latest = now.plus_seconds(i64::from(tolerance_s));
    let mut decision = ObservationDecision::default();
    for (row, o) in observations.iter().enumerate() {
        let problem = match state.sensor(o.sensor) {
            None => Some(ObservationProblem::NotThisFeeds(o.sensor)),
            Some(s) if s.feed != feed => Some(ObservationProblem::NotThisFeeds(o.sensor)),
            Some(_) if o.value.is_some_and(|v| !v.is_finite()) => {
                Some(ObservationProblem::NotFinite)
            }
            Some(_) if o.phenomenon_time > latest => Some(ObservationProblem::InFuture {
                ahead_s: o.phenomenon_time.seconds_since(now) as i64,
            }),
            Some(_) => None,
        };
        if let Some(p) = problem {
            decision.problems.push((row, p));
            continue;
        }
        decision.taken.push(*o);
    }
    decision.events = detect::after_readings(state, &decision.taken, now);
    let is_past = |o: &Observation| o.phenomenon_time < now;
    let (past, mut of_now): (Vec<_>, Vec<_>) = decision.taken.into_iter().partition(is_past);
    of_now.reverse();
    of_now.sort_by_key(|o| Reverse(o.phenomenon_time));
    decision.taken = past;
    decision.taken.extend(of_now);
    decision
}
