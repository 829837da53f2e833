//! Which unit should go, and the reasons for each unit's rank.

mod arrival;
mod order;

pub use arrival::{ArrivalRow, Reason};

use crate::geo::{Position, distance_m};
use crate::ids::{CaseId, UnitId};
use crate::model::{Case, Unit, UnitStatus};
use crate::rejection::Rejection;
use crate::roads::{Arrival, ArrivalOptions, RoadGraph, RoadPoint, Search};
use crate::sight::Lens;
use crate::state::State;
use crate::time::Timestamp;
use order::{Standing, standing};

/// Most rows of a ranking: a person chooses among these, nobody reads on.
pub const ROWS_MAX: usize = 40;
/// How far from any road a unit or a case may lie and still be reached by road, metres.
pub const SNAP_M: f64 = 400.0;
/// From this age on a position is called old, seconds.
const OLD_S: f64 = 60.0;
/// Walking from the road to the place, metres a second.
const ON_FOOT_MPS: f64 = 1.4;

/// A unit with everything that its place in the ranking follows from.
struct Candidate<'a> {
    unit: &'a Unit,
    air_m: Option<f64>,
    age_s: f64,
    seconds: Option<f64>,
    length_m: Option<f64>,
    skilled: bool,
    own_department: bool,
    standing: Standing,
}

/// Units for a case, the most useful first, at most [`ROWS_MAX`].
///
/// Units that can be sent and have the skill come first, by arrival time by road; then those that can be sent without
/// it; then those that are busy; last those that no road connects. Arrival is driving time at free speed, plus the walk
/// from the road. The unit nearest by air is always among the rows, with the reason why it is not first.
///
/// # Errors
/// [`Rejection::NoSuchCase`] for an unknown case.
///
/// `lens`: through which it is looked: units that are not seen are absent, and the place is that which is seen.
///
/// Cost: one search of the road graph for all units (about 0.3 ms for 300 units in a city of 14,000 crossings).
pub fn rank(
    state: &State,
    roads: &RoadGraph,
    search: &mut Search,
    case: CaseId,
    now: Timestamp,
    lens: Option<&Lens>,
) -> Result<Vec<ArrivalRow>, Rejection> {
    let unknown = Rejection::NoSuchCase(case);
    let case = state.case(case).ok_or_else(|| unknown.clone())?;
    let place = lens.map_or(Some(case.position), |l| l.case_point(state, case));
    let place = place.ok_or(unknown)?;
    let sees = |u: &Unit| lens.is_none_or(|l| l.unit(state, u));
    let mut candidates = candidates(state, roads, search, (case, place), now, sees);
    candidates.sort_by(|a, b| {
        let seconds = |c: &Candidate<'_>| c.seconds.unwrap_or(f64::INFINITY);
        a.standing
            .cmp(&b.standing)
            .then(seconds(a).total_cmp(&seconds(b)))
            .then(a.unit.handled.cmp(&b.unit.handled))
            .then(a.unit.id.cmp(&b.unit.id))
    });
    let nearest = candidates
        .iter()
        .enumerate()
        .filter(|(_, c)| c.standing < Standing::Unreachable)
        .filter_map(|(i, c)| Some((i, c.air_m?)))
        .min_by(|(i, a), (j, b)| a.total_cmp(b).then(i.cmp(j)))
        .map(|(i, _)| i);
    let best_s = candidates
        .first()
        .filter(|c| c.standing == Standing::Ready)
        .and_then(|c| c.seconds);
    let mut shown: Vec<usize> = (0..candidates.len().min(ROWS_MAX)).collect();
    if let Some(n) = nearest
        && n >= ROWS_MAX
    {
        shown[ROWS_MAX - 1] = n;
    }
    Ok(shown
        .into_iter()
        .map(|i| {
            let c = &candidates[i];
            ArrivalRow {
                unit: c.unit.id,
                rank: i as u32 + 1,
                seconds: c.seconds,
                length_m: c.length_m,
                air_m: c.air_m.unwrap_or(0.0),
                status: c.unit.status,
                skilled: c.skilled,
                own_department: c.own_department,
                handled: c.unit.handled,
                reasons: reasons(c, i, best_s, nearest == Some(i)),
            }
        })
        .collect())
}

/// The unit to send when nobody looks: the soonest that is free, has the skill and belongs to the department that must
/// act; else the soonest with the skill. With its arrival in seconds.
pub fn best_free(
    state: &State,
    roads: &RoadGraph,
    search: &mut Search,
    case: CaseId,
    now: Timestamp,
) -> Option<(UnitId, f64)> {
    let case = state.case(case)?;
    let skill = skill_of(state, case);
    // Nobody else can be ready: without any such unit the roads need not be asked, nor for the others where there is one.
    let may = |u: &Unit| u.status == UnitStatus::Available && has_skill(u, skill);
    if !state.units().iter().any(may) {
        return None;
    }
    let candidates = candidates(state, roads, search, (case, case.position), now, may);
    let ready = candidates
        .iter()
        .filter(|c| c.standing == Standing::Ready)
        .filter_map(|c| Some((!c.own_department, c.seconds?, c.unit.id)));
    let best = ready.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    best.map(|(_, seconds, unit)| (unit, seconds))
}

/// The skill that a case's class asks for; empty where it asks for none.
fn skill_of<'a>(state: &'a State, case: &Case) -> &'a str {
    let class = state.rules().and_then(|r| r.class(case.class));
    class.map_or("", |c| c.skill.as_str())
}

fn has_skill(unit: &Unit, skill: &str) -> bool {
    skill.is_empty() || unit.skills.iter().any(|s| s == skill)
}

fn candidates<'a>(
    state: &'a State,
    roads: &RoadGraph,
    search: &mut Search,
    (case, place): (&Case, Position),
    now: Timestamp,
    may: impl Fn(&Unit) -> bool,
) -> Vec<Candidate<'a>> {
    let class = state.rules().and_then(|r| r.class(case.class));
    let skill = skill_of(state, case);
    let target = roads.snap_open(place, SNAP_M, search);
    let points: Vec<Option<RoadPoint>> = state
        .units()
        .iter()
        .map(|u| {
            let mover = state.mover(u.mover).filter(|_| may(u))?;
            roads.snap_vehicle(mover.position?, mover.course_deg(), SNAP_M, search)
        })
        .collect();
    let arrivals = arrivals(roads, search, target, &points);
    state
        .units()
        .iter()
        .filter(|u| !case.units.contains(&u.id) && may(u))
        .map(|unit| {
            let at = unit.id.0 as usize;
            let mover = state.mover(unit.mover);
            let position: Option<Position> = mover.and_then(|m| m.position);
            let arrival = arrivals.get(at).copied().flatten();
            let walk_m = f64::from(
                points[at].map_or(0.0, |p| p.distance_m) + target.map_or(0.0, |t| t.distance_m),
            );
            let skilled = has_skill(unit, skill);
            let seconds = arrival.map(|a| f64::from(a.seconds) + walk_m / ON_FOOT_MPS);
            Candidate {
                unit,
                air_m: position.map(|p| distance_m(p, place)),
                age_s: mover.map_or(f64::INFINITY, |m| now.seconds_since(m.fix_time)),
                seconds,
                length_m: arrival.map(|a| f64::from(a.length_m) + walk_m),
                skilled,
                own_department: class.is_some_and(|c| c.department == unit.department),
                standing: standing(unit.status, skilled, seconds.is_some()),
            }
        })
        .collect()
}

/// One search for all units that are on a road; the answers in the order of `points`.
fn arrivals(
    roads: &RoadGraph,
    search: &mut Search,
    target: Option<RoadPoint>,
    points: &[Option<RoadPoint>],
) -> Vec<Option<Arrival>> {
    let Some(target) = target else {
        return vec![None; points.len()];
    };
    let on_road: Vec<RoadPoint> = points.iter().flatten().copied().collect();
    let mut found = roads
        .arrivals_to(target, &on_road, &ArrivalOptions::default(), search)
        .into_iter();
    points
        .iter()
        .map(|p| p.as_ref().and_then(|_| found.next().flatten()))
        .collect()
}

fn reasons(
    c: &Candidate<'_>,
    place: usize,
    best_s: Option<f64>,
    nearest_by_air: bool,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if place == 0 && c.standing == Standing::Ready {
        reasons.push(Reason::Best);
    }
    if nearest_by_air && place > 0 {
        let detour = match (c.length_m, c.air_m) {
            (Some(road), Some(air)) if air > 0.0 => road / air,
            _ => 1.0,
        };
        reasons.push(Reason::NearestByAir { detour });
    }
    match c.unit.status {
        UnitStatus::Available => {}
        _ => reasons.push(Reason::Busy),
    }
    if !c.skilled {
        reasons.push(Reason::NoSkill);
    }
    if c.seconds.is_none() {
        reasons.push(Reason::NoRoad);
    }
    if let (Some(best), Some(seconds)) = (best_s, c.seconds)
        && place > 0
        && seconds > best
    {
        reasons.push(Reason::LaterThanBest {
            seconds: seconds - best,
        });
    }
    if !c.own_department {
        reasons.push(Reason::OtherDepartment);
    }
    if c.age_s > OLD_S {
        reasons.push(Reason::PositionOld { seconds: c.age_s });
    }
    reasons
}

#[cfg(test)]
mod tests;
