use crate::camera::{Flight, MapCamera, MapWindow};
use crate::net::City;
use bevy::prelude::*;
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::UnitId;

/// The unit that the map follows.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq)]
pub struct Following(pub Option<UnitId>);

/// Keeps the followed unit in the middle of the window; a hand on the map lets it go.
pub(super) fn follow_unit(
    city: Res<City>,
    window: Res<MapWindow>,
    buttons: Option<Res<ButtonInput<MouseButton>>>,
    egui: Res<bevy_egui::input::EguiWantsInput>,
    flight: Res<Flight>,
    time: Res<Time>,
    mut following: ResMut<Following>,
    mut camera: ResMut<MapCamera>,
) {
    let Some(unit) = following.0 else { return };
    if buttons.is_some_and(|b| b.just_pressed(MouseButton::Left)) && !egui.wants_any_pointer_input()
    {
        following.0 = None;
        return;
    }
    let Some(m) = city.mirror.mover_of_unit(unit) else {
        return;
    };
    if flight.is_flying() {
        return;
    }
    let glided_s = city.now().seconds_since(m.fix_time).clamp(0.0, 3.0);
    let (sin, cos) = f64::from(m.bearing_deg.unwrap_or(0.0))
        .to_radians()
        .sin_cos();
    let step_m = if m.bearing_deg.is_some() {
        f64::from(m.speed_mps) * glided_s
    } else {
        0.0
    };
    let p = m.position.lon_lat();
    let lat_deg = p.lat_deg + step_m * cos / 111_195.0;
    let lon_deg = p.lon_deg + step_m * sin / (111_195.0 * p.lat_deg.to_radians().cos().max(0.01));
    let middle = window.centre(&camera);
    let (Some(here), to) = (
        camera.mercator_from_screen(middle),
        chengtu_engine::geo::mercator_from_lon_lat(LonLat::new(lon_deg, lat_deg)),
    ) else {
        return;
    };
    // Eased, so that a correction of the position is no jump of the map.
    let share = 1.0 - (-time.delta_secs_f64() * 6.0).exp();
    camera.pin(here.lerp(to.into(), share), middle);
    camera.limit();
}
