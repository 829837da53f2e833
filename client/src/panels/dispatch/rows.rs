//! The units that can be sent to a case, and the command that sends one.

use super::scene::CaseScene;
use super::shown::Another;
use super::state::DispatchState;
use crate::panels::model::ranking::{self, RankRow};
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::model::UnitStatus;
use chengtu_engine::rank::ArrivalRow;
use chengtu_engine::stream::CaseView;

/// The command that sends a unit to a case: in the place of another, or as one more.
pub fn command(c: &CaseView, another: Option<Another>, row: &RankRow) -> CommandRequest {
    let expected_s = row.seconds.map(|s| s.round() as u32);
    match another {
        Some(Another::Instead(from)) => CommandRequest::ReassignCase {
            case: c.id,
            from,
            to: row.unit,
            expected_s,
        },
        Some(Another::Besides) | None => CommandRequest::DispatchUnit {
            unit: row.unit,
            target: Target::Case(c.id),
            expected_s,
        },
    }
}

/// An answer older than this is asked for again before anybody is offered, seconds of real time.
const RANKING_MAX_S: f64 = 15.0;

/// True of a ranking in which a unit of the case was still free: it answers who goes first, not who goes besides.
fn made_before_its_units(c: &CaseView, ranking: &[ArrivalRow]) -> bool {
    let was_free = |r: &ArrivalRow| r.status == UnitStatus::Available && c.units.contains(&r.unit);
    ranking.iter().any(was_free)
}

/// Rows of the table as shown: those with the skill only, where that is asked for.
pub fn rows(s: &CaseScene<'_>, st: &DispatchState, c: &CaseView) -> Option<Vec<RankRow>> {
    let ranking = s.rankings.get(c.id)?;
    // Old answers are no offer: the case may have been closed and opened again since.
    let pace = s.clock.map_or(1.0, |c| f64::from(c.speed.abs()).max(1.0));
    if s.now.seconds_since(ranking.at) > RANKING_MAX_S * pace {
        return None;
    }
    if st.held_for(c.id).is_none() && made_before_its_units(c, &ranking.rows) {
        return None;
    }
    let mut rows = ranking::rows(s.mirror, c, &ranking.rows, s.words);
    // The chip is there to be pressed again only where somebody has the skill.
    if st.only_skilled && rows.iter().any(|r| r.skilled) {
        rows.retain(|r| r.skilled);
    }
    Some(rows)
}
