use crate::ids::FeedId;
use crate::ids::MoverId;
use crate::model::Fix;
use crate::record::FixBlock;
use crate::state::State;
use crate::time::Timestamp;
use core::cmp::Reverse;

/// Why a fix was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FixProblem {
    /// Further in the future than the city tolerates: kept out, so that it cannot freeze its vehicle.
    #[error(
        "fix time is {ahead_s} s ahead of the server's clock: quarantined; check the sender's clock and time zone"
    )]
    InFuture {
        /// Whole seconds that the fix lies ahead of the server's clock.
        ahead_s: i64,
    },
    /// The same mover, time and place as one of its last fixes, or as another row of the batch.
    #[error("repeats an earlier fix (same mover, time and place): ignored")]
    Duplicate,
    /// The mover is not registered, or belongs to another feed.
    #[error("mover {0} is not one of this feed's")]
    NotThisFeeds(MoverId),
    /// Coordinates that are not on Earth.
    #[error("position is outside the world")]
    OutsideWorld,
}

/// A batch, decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FixDecision {
    /// What is taken: in the batch's order, but for what counts as of now. Of that the newest comes first, because the
    /// fold shows the first of several that it takes for one moment.
    pub block: FixBlock,
    /// Rows not taken, ascending, with the reason.
    pub problems: Vec<(usize, FixProblem)>,
}

/// Decides a batch of fixes of one feed, as columns.
///
/// Fixes out of order are taken: history wants them. A fix without a time of its own has `now`; one of a clock that runs
/// ahead counts as of now in the present, and several of them are told apart by their own times, or by the order in which
/// they came. `fixes`: rows of any length; cost: n log n.
pub fn decide_fixes(state: &State, feed: FeedId, fixes: &[Fix], now: Timestamp) -> FixDecision {
    decide_fixes_but(state, feed, fixes, now, |_| false)
}

/// As [`decide_fixes`], where somebody with a longer memory than a mover's own knows that a fix `is_known`.
pub fn decide_fixes_but(
    state: &State,
    feed: FeedId,
    fixes: &[Fix],
    now: Timestamp,
    is_known: impl Fn(&Fix) -> bool,
) -> FixDecision {
    let tolerance_s = state.rules().map_or(60, |r| r.future_tolerance_s);
    let latest = now.plus_seconds(i64::from(tolerance_s));
    let mut seen: Vec<(MoverId, u32, u32)> = fixes
        .iter()
        .enumerate()
        .map(|(row, f)| (f.mover, f.fingerprint(), row as u32))
        .collect();
    seen.sort_unstable();
    let mut repeats: Vec<u32> = seen
        .windows(2)
        .filter(|w| (w[0].0, w[0].1) == (w[1].0, w[1].1))
        .map(|w| w[1].2)
        .collect();
    repeats.sort_unstable();

    let mut decision = FixDecision {
        block: FixBlock::with_capacity(feed, fixes.len()),
        problems: Vec::new(),
    };
    let mut of_now = Vec::new();
    for (row, fix) in fixes.iter().enumerate() {
        let problem = match state.mover(fix.mover) {
            None => Some(FixProblem::NotThisFeeds(fix.mover)),
            Some(m) if m.feed != feed => Some(FixProblem::NotThisFeeds(fix.mover)),
            Some(_) if !fix.position.is_on_earth() => Some(FixProblem::OutsideWorld),
            Some(_) if fix.fix_time > latest => Some(FixProblem::InFuture {
                ahead_s: fix.fix_time.seconds_since(now) as i64,
            }),
            Some(m) if m.recent.contains(fix.fingerprint()) => Some(FixProblem::Duplicate),
            // What is newer than all that was taken of its mover repeats nothing, and is most of what comes.
            Some(m) if fix.fix_time <= m.fix_time && is_known(fix) => Some(FixProblem::Duplicate),
            Some(_) if repeats.binary_search(&(row as u32)).is_ok() => Some(FixProblem::Duplicate),
            Some(_) => None,
        };
        match problem {
            Some(p) => decision.problems.push((row, p)),
            None if fix.fix_time >= now => of_now.push(*fix),
            None => decision.block.push(*fix),
        }
    }
    of_now.reverse();
    of_now.sort_by_key(|f| Reverse(f.fix_time));
    for fix in of_now {
        decision.block.push(fix);
    }
    decision
}
