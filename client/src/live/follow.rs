//! Selection and what it asks of the server: rankings of a selected case, ways of the units concerned.

use super::{LiveOptions, Offer, Selection};
use crate::camera::MapCamera;
use crate::facts::case::takes_units;
use crate::net::{City, Connection, Rankings, Routes};
use crate::readiness::Readiness;
use bevy::prelude::*;
use chengtu_engine::geo::{LonLat, Position, distance_m};
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::model::AlarmSource;
use chengtu_engine::record::World;
use chengtu_engine::stream::Mirror;
use std::time::{Duration, Instant};

/// A ranking or way older than this is asked for again while it is looked at.
const ASK_AGAIN: Duration = Duration::from_secs(3);
/// A picture that was asked to select something does not wait longer for the answers.
const ANSWERS_MAX: Duration = Duration::from_secs(12);

/// What has been asked, and when.
#[derive(Default)]
pub(super) struct Asked {
    /// The case, the units that it had, and when.
    ranked: Option<(CaseId, Vec<UnitId>, Instant)>,
    routed: Vec<(UnitId, LonLat, Instant)>,
    discontinuities: u64,
}

/// How far the command line's choice has come.
#[derive(Default)]
pub(super) struct Preselection {
    ready_since: Option<Instant>,
    fulfilled: bool,
    frozen: Option<u64>,
}

/// The case that the selection is about.
pub fn selected_case(mirror: &Mirror, selection: Selection) -> Option<CaseId> {
    match selection {
        Selection::Case(id) => Some(id),
        Selection::Alarm(id) => match mirror.alarms.get(&id)?.source {
            AlarmSource::Case(case) => Some(case),
            AlarmSource::Sensor(_) => None,
        },
        Selection::Unit(id) => mirror.units.get(&id)?.assignment.as_ref()?.case,
        _ => None,
    }
}

/// Drops a selection whose thing is gone; decides which unit is offered; asks for rankings and ways.
pub(super) fn follow(
    city: Res<City>,
    rankings: Res<Rankings>,
    routes: Res<Routes>,
    mut connection: ResMut<Connection>,
    mut selection: ResMut<Selection>,
    mut offer: ResMut<Offer>,
    mut asked: Local<Asked>,
) {
    let mirror = &city.mirror;
    if asked.discontinuities != city.discontinuities() {
        // What was answered for another world or moment has been forgotten.
        *asked = Asked {
            discontinuities: city.discontinuities(),
            ..Asked::default()
        };
    }
    // Who could be sent is a question only where somebody can be.
    let ranks = matches!(city.world(), World::Live | World::Drill(_));
    let gone = match *selection {
        Selection::Case(id) => !mirror.cases.contains_key(&id),
        Selection::Unit(id) => !mirror.units.contains_key(&id),
        Selection::Sensor(id) => !mirror.sensors.contains_key(&id),
        Selection::Alarm(id) => !mirror.alarms.contains_key(&id),
        Selection::None | Selection::Place(_) => false,
    };
    if gone && mirror.is_ready() {
        *selection = Selection::None;
    }
    let case = selected_case(mirror, *selection).and_then(|id| mirror.cases.get(&id));
    if offer.case != case.map(|c| c.id) {
        *offer = Offer {
            case: case.map(|c| c.id),
            ..Offer::default()
        };
    }
    let mut wanted: Vec<(UnitId, LonLat)> = Vec::new();
    // What waits to be checked is no longer driven to: nobody is offered for it.
    if let Some(case) = case.filter(|c| takes_units(c)) {
        let place = LonLat::new(case.lon, case.lat);
        let ranking = rankings.get(case.id);
        offer.sent = case.units.first().copied();
        offer.best = ranking.and_then(|r| r.best()).map(|r| r.unit);
        offer.nearest_by_air = ranking.and_then(|r| r.nearest_by_air()).map(|r| r.unit);
        if ranks {
            // Also where somebody is sent: a second one, or another in his place, is chosen from the same table.
            let known = |(id, units, at): &(CaseId, Vec<UnitId>, Instant)| {
                *id == case.id && *units == case.units && at.elapsed() < ASK_AGAIN
            };
            if !asked.ranked.as_ref().is_some_and(known) && connection.is_live() {
                connection.rank(case.id);
                asked.ranked = Some((case.id, case.units.clone(), Instant::now()));
            }
        }
        if offer.sent.is_none() && ranks {
            wanted.extend(offer.unit().map(|u| (u, place)));
            wanted.extend(offer.detour().map(|u| (u, place)));
        }
        wanted.extend(offer.sent.map(|u| (u, place)));
    } else {
        (offer.sent, offer.best, offer.nearest_by_air) = (None, None, None);
    }
    if let Selection::Unit(id) = *selection
        && let Some(a) = mirror.units.get(&id).and_then(|u| u.assignment.as_ref())
        && a.arrived_at.is_none()
    {
        wanted.push((id, LonLat::new(a.lon, a.lat)));
    }
    asked.routed.retain(|(_, _, at)| at.elapsed() < ASK_AGAIN);
    for (unit, place) in wanted {
        let fresh = asked
            .routed
            .iter()
            .any(|(u, p, _)| (*u, *p) == (unit, place));
        let known = routes
            .to(unit, place)
            .is_some_and(|r| city.now().seconds_since(r.at) < ASK_AGAIN.as_secs_f64());
        if !fresh && !known && connection.is_live() {
            connection.route(unit, place);
            asked.routed.push((unit, place, Instant::now()));
        }
    }
}

/// Selects what the command line asked for, once it is known; a picture waits for the answers.
pub(super) fn preselect(
    options: Res<LiveOptions>,
    city: Res<City>,
    camera: Res<MapCamera>,
    offer: Res<Offer>,
    routes: Res<Routes>,
    readiness: Option<ResMut<Readiness>>,
    mut selection: ResMut<Selection>,
    mut done: Local<Preselection>,
) {
    let Some(asked_for) = &options.select else {
        return;
    };
    if options.select_each_moment && done.frozen != city.frozen_frame() {
        // Each frame selects for itself: what was there a moment ago is not remembered.
        *done = Preselection {
            frozen: city.frozen_frame(),
            ..Preselection::default()
        };
    }
    let past = matches!(city.world(), World::Replay(_) | World::Fork(_));
    if city.is_ready() && !done.fulfilled {
        let since = *done.ready_since.get_or_insert_with(Instant::now);
        match wanted(&city.mirror, &camera, asked_for) {
            Ok(Some(found)) => {
                *selection = found;
                done.fulfilled = true;
            }
            Ok(None) if since.elapsed() > ANSWERS_MAX => {
                warn!("--select {asked_for}: there is no such case");
                done.fulfilled = true;
            }
            Ok(None) => {}
            Err(text) => {
                error!("--select {asked_for}: {text}");
                done.fulfilled = true;
            }
        }
    }
    if let Some(mut readiness) = readiness {
        let unit = offer.sent.or(offer.unit());
        let answered = match (done.fulfilled, *selection) {
            (false, _) => false,
            (true, Selection::Case(_) | Selection::Alarm(_)) => {
                unit.map_or(past, |u| routes.get(u).is_some())
            }
            _ => true,
        };
        let waited = done
            .ready_since
            .is_some_and(|at| at.elapsed() > ANSWERS_MAX);
        readiness.set("selection", answered || waited);
    }
}

/// The thing that a word of the command line names: a case's number, `unit:NUMBER`, `nearest` (to the middle of the
/// view) or `gravest`.
fn wanted(
    mirror: &Mirror,
    camera: &MapCamera,
    asked_for: &str,
) -> Result<Option<Selection>, &'static str> {
    let open = || mirror.cases.values().filter(|c| c.stage.is_open());
    let centre = camera.centre_lon_lat().position().unwrap_or_default();
    let away_m = |lon: f64, lat: f64| {
        LonLat::new(lon, lat)
            .position()
            .map_or(f64::INFINITY, |p: Position| distance_m(p, centre))
    };
    let case = match asked_for.trim() {
        "nearest" => {
            // Something that waits for a unit, where there is such a case.
            let waiting = |c: &&chengtu_engine::stream::CaseView| c.units.is_empty();
            let nearest = |it: &mut dyn Iterator<Item = &chengtu_engine::stream::CaseView>| {
                it.min_by(|a, b| away_m(a.lon, a.lat).total_cmp(&away_m(b.lon, b.lat)))
                    .map(|c| c.id)
            };
            nearest(&mut open().filter(waiting)).or_else(|| nearest(&mut open()))
        }
        "gravest" => open()
            .min_by_key(|c| (c.severity, !c.units.is_empty(), c.due_at, c.id))
            .map(|c| c.id),
        text => {
            if let Some(unit) = text.strip_prefix("unit:") {
                let id = unit
                    .parse()
                    .map(UnitId)
                    .map_err(|_| "expected unit:NUMBER")?;
                return Ok(mirror
                    .units
                    .contains_key(&id)
                    .then_some(Selection::Unit(id)));
            }
            let id = text
                .parse()
                .map(CaseId)
                .map_err(|_| "expected a case's number, unit:NUMBER, nearest or gravest")?;
            mirror.cases.contains_key(&id).then_some(id)
        }
    };
    Ok(case.map(Selection::Case))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_explained_and_what_is_not_there_is_waited_for() {
        let (mirror, camera) = (Mirror::new(), MapCamera::default());
        assert!(wanted(&mirror, &camera, "somewhere").is_err());
        for waits in ["17", "nearest", "gravest", "unit:3"] {
            assert_eq!(wanted(&mirror, &camera, waits), Ok(None), "{waits}");
        }
    }
    /// A look at a case of the made-up city, and the offer that it comes to.
    fn looked_at(id: CaseId) -> (Offer, u32) {
        use crate::net::Ranking;
        use crate::panels::model::sample;
        use bevy::ecs::system::RunSystemOnce;
        let mut city = City::default();
        city.mirror = sample::city();
        let mut rankings = Rankings::default();
        let rows = sample::ranking();
        let at = sample::NOW;
        rankings.put(id, Ranking { at, rows });
        let mut world = bevy::prelude::World::new();
        world.insert_resource(city);
        world.insert_resource(rankings);
        world.insert_resource(Connection::greeted());
        world.insert_resource(Selection::Case(id));
        world.init_resource::<Routes>();
        world.init_resource::<Offer>();
        world.run_system_once(follow).unwrap();
        let asked = world.resource::<Connection>().questions();
        (*world.resource::<Offer>(), asked)
    }

    #[test]
    fn nobody_is_offered_for_what_waits_to_be_checked() {
        use crate::panels::model::sample::{COVER, TO_CHECK};
        assert!(looked_at(COVER).0.unit().is_some());
        assert_eq!(looked_at(TO_CHECK).0.unit(), None);
    }

    /// The table of a second unit said "asking" for ever once the ranking of the first had grown old.
    #[test]
    fn who_could_be_sent_is_asked_also_where_somebody_is_sent() {
        let (offer, asked) = looked_at(CaseId(102));
        assert!(offer.sent.is_some());
        // His way, and who else there is.
        assert_eq!(asked, 2);
    }
}
