//! Since when cells have been hot, read from when cases came and went.

use super::areas::areas;
use super::config::HotspotConfig;
use super::getis_ord::GetisOrd;
use super::lattice::Lattice;
use super::significance::unusual;
use crate::geo::Position;
use std::collections::{BTreeMap, BTreeSet};

/// Most evaluations of one look back; what was hot before the last of them began then, as far as anybody knows.
pub const LOOKS_BACK_MAX: usize = 120;
/// Cases that come or go within this are looked at together, µs.
const STEP_US: i64 = 60_000_000;
/// The same as a part of how long ago it was: what has been so for hours began at some minute or a few later.
const STEP_PART: i64 = 16;

/// A case while it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseSpan {
    /// Where it is.
    pub position: Position,
    /// When it became known, µs UTC.
    pub from: i64,
    /// When it ended, µs UTC; `None` while it is open.
    pub until: Option<i64>,
}

/// The cells that are hot at `at`, each with the moment since which it has been, µs UTC.
///
/// `counts`: the cells of the lattice without any case. A cell that is not hot for less than the grace of `config`, and
/// then is again, counts as hot all along. The moment is right to a minute, or to a sixteenth of the time since.
pub(super) fn hot_since(
    lattice: &Lattice,
    mut counts: GetisOrd,
    config: &HotspotConfig,
    cases: &[CaseSpan],
    cell_of: impl Fn(Position) -> Option<u32>,
    at: i64,
) -> BTreeMap<u32, i64> {
    // What happened to the counts, the newest first: at this moment a case came (true) or went.
    let mut changes: Vec<(i64, u32, bool)> = Vec::new();
    for case in cases.iter().filter(|c| c.from <= at) {
        let Some(cell) = cell_of(case.position) else {
            continue;
        };
        let gone = case.until.filter(|t| *t <= at);
        if gone.is_none() {
            counts.add(lattice, cell);
        }
        changes.push((case.from, cell, true));
        changes.extend(gone.map(|t| (t, cell, false)));
    }
    changes.sort_unstable_by(|a, b| b.cmp(a));
    let hot = |counts: &GetisOrd| -> BTreeSet<u32> {
        let windows = unusual(counts, config.significance, config.cases_min);
        let found = areas(lattice, counts, &windows);
        found.into_iter().flat_map(|area| area.cells).collect()
    };
    let grace_us = i64::from(config.grace_s) * 1_000_000;
    let mut open = hot(&counts);
    let mut since: BTreeMap<u32, i64> = open.iter().map(|cell| (*cell, at)).collect();
    let mut changes = changes.into_iter().peekable();
    for _ in 0..LOOKS_BACK_MAX {
        let Some((newest, ..)) = changes.peek().copied() else {
            break;
        };
        if open.is_empty() {
            break;
        }
        // Since this change the city has been as it is counted now.
        let now_hot = hot(&counts);
        let step = STEP_US.max((at - newest) / STEP_PART);
        while let Some((_, cell, came)) = changes.next_if(|(t, ..)| *t > newest - step) {
            if came {
                counts.remove(lattice, cell);
            } else {
                counts.add(lattice, cell);
            }
        }
        open.retain(|cell| {
            let known = since.entry(*cell).or_insert(at);
            if now_hot.contains(cell) {
                *known = newest;
                true
            } else {
                *known - newest <= grace_us
            }
        });
    }
    since
}

#[cfg(test)]
mod tests {
    use super::super::{HotspotConfig, HotspotField};
    use super::*;
    use crate::geo::GeoBox;

    const MINUTE: i64 = 60_000_000;

    fn field() -> HotspotField {
        let extent = GeoBox::new(
            Position::new(1_187_700_000, 320_300_000),
            Position::new(1_188_100_000, 320_600_000),
        );
        HotspotField::new(extent, HotspotConfig::default(), &[]).unwrap()
    }

    /// Cases all over the city, and fifteen that came to one place from the twentieth minute on, one a minute.
    fn cases() -> Vec<CaseSpan> {
        let open = |position, from| CaseSpan {
            position,
            from,
            until: None,
        };
        let place = |east: i32, north: i32| {
            Position::new(1_187_700_000 + east * 1_000, 320_300_000 + north * 1_000)
        };
        let far = (0..40).map(|i| open(place(i * 7919 % 390, i * 104_729 % 290), 0));
        let near = (0..15).map(|i| {
            let from = (20 + i64::from(i)) * MINUTE;
            open(place(200 + i % 3, 150 + i % 2), from)
        });
        far.chain(near).collect()
    }

    /// Since when the first hotspot has been, of a city that was looked at every minute, or only at the end.
    fn since(cases: &[CaseSpan], at: i64, watched: bool) -> Option<i64> {
        let mut field = field();
        let go = |field: &mut HotspotField, now: i64| {
            for (id, c) in (0..).zip(cases) {
                if c.from <= now && c.until.is_none_or(|t| t > now) {
                    field.add(id, c.position);
                } else {
                    field.remove(id);
                }
            }
        };
        if watched {
            for minute in 0..=at / MINUTE {
                go(&mut field, minute * MINUTE);
                field.evaluate(minute * MINUTE);
            }
        } else {
            go(&mut field, at);
            field.look_back(cases, at);
        }
        field.evaluate(at).ranked.first().map(|h| h.since)
    }

    /// To a minute, or a sixteenth of the time since.
    fn is_near(found: Option<i64>, watched: i64, at: i64) {
        let off = found.expect("a hotspot") - watched;
        let allowed = MINUTE.max((at - watched) / STEP_PART);
        assert!((0..=allowed).contains(&off), "{off} µs");
    }

    #[test]
    fn a_city_that_is_looked_at_for_the_first_time_knows_since_when_it_has_been_hot() {
        let cases = cases();
        let watched = since(&cases, 90 * MINUTE, true).unwrap();
        assert!((20 * MINUTE..35 * MINUTE).contains(&watched), "{watched}");
        is_near(since(&cases, 90 * MINUTE, false), watched, 90 * MINUTE);
        is_near(since(&cases, 36 * MINUTE, false), watched, 36 * MINUTE);
        assert_eq!(since(&cases, 19 * MINUTE, false), None);
    }

    #[test]
    fn cases_that_have_ended_made_it_hot_in_their_time_and_a_long_break_begins_anew() {
        let mut cases = cases();
        // The cluster went at the fortieth minute, and came again at the sixtieth.
        let again: Vec<CaseSpan> = cases[40..].to_vec();
        for c in &mut cases[40..] {
            c.until = Some(40 * MINUTE);
        }
        cases.extend(again.iter().map(|c| CaseSpan {
            from: 60 * MINUTE,
            ..*c
        }));
        assert_eq!(since(&cases, 90 * MINUTE, true), Some(60 * MINUTE));
        assert_eq!(since(&cases, 90 * MINUTE, false), Some(60 * MINUTE));
        // A short break is none.
        let short = cases.iter().map(|c| CaseSpan {
            from: if c.from == 60 * MINUTE {
                42 * MINUTE
            } else {
                c.from
            },
            ..*c
        });
        let short: Vec<CaseSpan> = short.collect();
        let watched = since(&short, 90 * MINUTE, true).unwrap();
        assert!(watched < 35 * MINUTE);
        is_near(since(&short, 90 * MINUTE, false), watched, 90 * MINUTE);
    }
}
