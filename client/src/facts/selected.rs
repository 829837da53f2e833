use crate::live::Selection;
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::CaseId;
use chengtu_engine::model::AlarmSource;
use chengtu_engine::stream::Mirror;

/// Where something is.
pub fn place_of(mirror: &Mirror, what: Selection) -> Option<LonLat> {
    match what {
        Selection::None => None,
        Selection::Case(id) => mirror.cases.get(&id).map(|c| LonLat::new(c.lon, c.lat)),
        Selection::Unit(id) => mirror.mover_of_unit(id).map(|m| m.position.lon_lat()),
        Selection::Sensor(id) => mirror.sensors.get(&id).map(|s| LonLat::new(s.lon, s.lat)),
        Selection::Alarm(id) => mirror.alarms.get(&id).map(|a| LonLat::new(a.lon, a.lat)),
        Selection::Place(place) => Some(place),
    }
}

/// The case that a selection opens the panel of.
pub fn case_of(mirror: &Mirror, what: Selection) -> Option<CaseId> {
    match what {
        Selection::Case(id) => Some(id),
        Selection::Alarm(id) => match mirror.alarms.get(&id)?.source {
            AlarmSource::Case(case) => Some(case),
            AlarmSource::Sensor(_) => None,
        },
        _ => None,
    }
}
