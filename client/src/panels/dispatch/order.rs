//! The table as the officer has seen it: while a hand or the keyboard rests on it, no row moves and the unit on offer
//! is the same, whatever newer rankings say. What a key sends is what was drawn when it went down.

use super::rows::rows;
use super::scene::CaseScene;
use super::shown::{Does, Held, LastShown, Shown};
use super::state::DispatchState;
use crate::panels::model::ranking::{self, RankRow};
use chengtu_engine::ids::UnitId;
use chengtu_engine::stream::CaseView;
use std::time::Instant;

/// The rows to be drawn.
pub(super) struct Table {
    /// From the top.
    pub rows: Vec<RankRow>,
    /// The unit that was offered and can no longer be sent; it may have no row any more.
    pub lost: Option<UnitId>,
    /// What Enter and the button do.
    pub does: Does,
    /// A newer ranking has another order.
    pub newer: bool,
}

impl Table {
    /// The rows of a case, in the order held where they are held; none before a ranking has come.
    pub(super) fn of(s: &CaseScene<'_>, st: &DispatchState, c: &CaseView) -> Option<Self> {
        let mut rows = rows(s, st, c)?;
        let held = st.held_for(c.id);
        let mut newer = false;
        if let Some(held) = held {
            let place = |unit: UnitId| held.order.iter().position(|u| *u == unit);
            newer = !rows.iter().filter_map(|r| place(r.unit)).is_sorted()
                || rows.iter().any(|r| place(r.unit).is_none());
            rows.sort_by_key(|r| place(r.unit).unwrap_or(usize::MAX));
        }
        let refused = st.refused_units();
        let usable = |unit: UnitId| {
            let row = rows.iter().find(|r| r.unit == unit);
            row.is_some_and(|r| r.free) && !refused.contains(&unit)
        };
        let meant = st.unit.or_else(|| held.and_then(|h| h.offer));
        let next = ranking::offer(&rows, None, &refused).map(|i| rows[i].unit);
        let does = match (meant, next) {
            (Some(unit), _) if usable(unit) => Does::Send(unit),
            (Some(_), Some(next)) => Does::Choose(next),
            (None, Some(next)) => Does::Send(next),
            (_, None) => Does::Nothing,
        };
        let lost = meant.filter(|unit| !usable(*unit));
        Some(Self {
            rows,
            lost,
            does,
            newer,
        })
    }

    /// The row of the unit that the button is about.
    pub(super) fn offered(&self) -> Option<usize> {
        let unit = self.does.unit()?;
        self.rows.iter().position(|r| r.unit == unit)
    }

    fn order(&self) -> Vec<UnitId> {
        self.rows.iter().map(|r| r.unit).collect()
    }
}

/// Holds the rows while a hand or the keyboard rests on them, and notes what is on the screen.
pub(super) fn note(
    s: &CaseScene<'_>,
    st: &mut DispatchState,
    table: &Table,
    c: &CaseView,
    rests: bool,
) {
    let held = st.held_for(c.id).is_some();
    if rests && !held {
        st.held = Some(Held {
            case: c.id,
            another: st.another,
            order: table.order(),
            offer: table.does.unit(),
        });
    } else if !rests {
        st.held = None;
    }
    let shown = Shown {
        world: s.world,
        case: c.id,
        another: st.another,
        rows: table.order(),
        does: table.does,
    };
    match &mut st.shown {
        Some(last) if last.shown == shown => {}
        last => {
            // What the officer chose has been looked at; another unit in the place of the one offered has not.
            let by_itself = last.as_ref().is_some_and(|l| {
                l.shown.case == c.id && l.shown.does != shown.does && st.unit.is_none()
            });
            *last = Some(LastShown {
                shown,
                since_frame: s.number,
                changed_at: by_itself.then(Instant::now),
            });
        }
    }
}
