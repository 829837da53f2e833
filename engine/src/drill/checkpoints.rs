use crate::time::Timestamp;

/// Most moments to go back to of one drill.
const COUNT_MAX: usize = 60;
/// Movers in all of them together: each holds a whole city, about a kilobyte a mover.
const MOVERS_MAX: usize = 200_000;
/// So many there are of a city however large: its beginning, and a moment behind.
const COUNT_MIN: usize = 3;

/// How many moments of a city with so many movers are kept.
pub(super) fn count_max(movers: usize) -> usize {
    (MOVERS_MAX / movers.max(1)).clamp(COUNT_MIN, COUNT_MAX)
}

/// Which of several moments to give up at `now`, in their order: never the first and the last; of the others the one
/// whose neighbours lie closest together for how long ago it is, so that there are more of them the nearer to now.
pub(super) fn to_give_up(moments: &[Timestamp], now: Timestamp) -> Option<usize> {
    let loss = |at: usize| {
        let gap_s = moments[at + 1].seconds_since(moments[at - 1]);
        gap_s / now.seconds_since(moments[at]).max(1.0)
    };
    let inner = 1..moments.len().saturating_sub(1);
    inner.min_by(|a, b| loss(*a).total_cmp(&loss(*b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_drill_keeps_its_beginning_and_more_of_what_was_just_now() {
        let mut kept: Vec<Timestamp> = Vec::new();
        for minute in 0..600 {
            let now = Timestamp::from_seconds(minute * 60);
            if kept.len() >= 12
                && let Some(at) = to_give_up(&kept, now)
            {
                kept.remove(at);
            }
            kept.push(now);
        }
        let minutes: Vec<i64> = kept.iter().map(|t| t.0 / 60_000_000).collect();
        assert_eq!((minutes.len(), minutes[0], minutes[11]), (12, 0, 599));
        assert!(minutes[9] >= 590, "{minutes:?}");
        let longest = minutes.windows(2).map(|w| w[1] - w[0]).max();
        assert!(longest <= Some(400), "{minutes:?}");
    }

    #[test]
    fn a_large_city_is_kept_fewer_times() {
        let counts = [0, 1_000, 20_000, 200_000, 1_000_000].map(count_max);
        assert_eq!(counts, [60, 60, 10, 3, 3]);
        assert_eq!(to_give_up(&[], Timestamp(0)), None);
        assert_eq!(to_give_up(&[Timestamp(0); 2], Timestamp(0)), None);
    }
}
