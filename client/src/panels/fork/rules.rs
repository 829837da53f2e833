use crate::facts::case;
use crate::panels::console::Scene;
use chengtu_engine::geo::LonLat;
use chengtu_engine::model::UnitStatus;
use chengtu_engine::record::World;
use chengtu_engine::stream::{CaseView, UnitView};
use chengtu_engine::time::Timestamp;

/// How far both branches run ahead, seconds.
pub const AHEAD_S: u32 = 7_200;
/// Speeds that are offered.
pub const SPEEDS: [f32; 3] = [1.0, 60.0, 600.0];

/// True where a fork can be begun: a drill's future is nobody's to look at.
pub fn can_begin(s: &Scene<'_>) -> bool {
    matches!(s.world, World::Live | World::Replay(_)) && s.is_live()
}

/// True where another unit can be tried for a case: at its stage one can be sent.
pub fn can_try(s: &Scene<'_>, c: &CaseView) -> bool {
    can_begin(s) && case::takes_units(c)
}

/// True where a unit was free at a moment, so far as is known now, and not with the case already: a fork that sends
/// another would be refused.
pub(super) fn could_go(u: &UnitView, c: &CaseView, at: Timestamp) -> bool {
    u.status == UnitStatus::Available && u.since <= at && !c.units.contains(&u.id)
}

/// True within the city.
pub(super) fn is_inside(s: &Scene<'_>, place: LonLat) -> bool {
    let hello = s.mirror.hello.as_ref();
    hello.is_some_and(|h| {
        let (west, south, east, north) = h.city.bounds;
        (west..=east).contains(&place.lon_deg) && (south..=north).contains(&place.lat_deg)
    })
}
