use super::Following;
use super::layers::LAYERS;
use crate::camera::{Flight, MapCamera, MapWindow};
use crate::facts::place_of;
use crate::live::{Hover, LayerVisibility, Selection};
use crate::net::City;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::UnitId;

/// Zoom below which a chosen thing is too small to be looked at.
const NEAR_ZOOM: f64 = 14.2;
/// Zoom that a flight to a chosen thing ends at, at least.
const CHOSEN_ZOOM: f64 = 15.8;

/// What any panel asks of the map.
#[derive(Message, Clone, Copy, Debug, PartialEq)]
pub enum MapAct {
    /// Choose something, or nothing.
    Select(Selection),
    /// Choose something; fly there where it is not in sight, or too small to be looked at.
    SelectAndFly(Selection),
    /// The pointer is over something in a list.
    Hover(Selection),
    /// Mark a place, and look at it from that zoom at least: never from farther off than now.
    Show(LonLat, f64),
    /// Fly to a place, with a zoom where one is wanted.
    Fly(LonLat, Option<f64>),
    /// Switch a layer, by its place among the chips.
    Layer(usize),
    /// Turn north up.
    North,
    /// Flat or tilted.
    Tilt,
    /// So many levels nearer.
    Zoom(f64),
    /// Follow a unit, or none.
    Follow(Option<UnitId>),
}

/// The camera with its flights.
#[derive(SystemParam)]
pub(super) struct Look<'w> {
    camera: Res<'w, MapCamera>,
    window: Res<'w, MapWindow>,
    flight: ResMut<'w, Flight>,
}

impl Look<'_> {
    fn fly(&mut self, place: LonLat, zoom: Option<f64>) {
        self.flight
            .fly_to(&self.camera, &self.window, place, zoom, None, None);
    }

    /// Flies to a place that is out of sight, or looked at from too far off for `least`; ends at `zoom` or nearer.
    fn bring_into_sight(&mut self, place: LonLat, least: f64, zoom: f64) {
        let free = self
            .window
            .rect
            .unwrap_or(Rect::from_corners(Vec2::ZERO, self.camera.viewport));
        let inner = free.inflate(-0.12 * free.size().min_element());
        let seen = self
            .camera
            .screen_from_world(place)
            .is_some_and(|p| inner.contains(p.pos));
        if !seen || self.camera.zoom < least {
            self.fly(place, Some(self.camera.zoom.max(zoom)));
        }
    }

    fn turn(&mut self, pitch_deg: f64, bearing_deg: f64) {
        self.flight
            .turn_to(&self.camera, &self.window, pitch_deg, bearing_deg);
    }

    fn tilt(&mut self) {
        let pitch_deg = if self.camera.pitch_deg > 1.0 {
            0.0
        } else {
            50.0
        };
        self.turn(pitch_deg, self.camera.bearing_deg);
    }

    fn zoom(&mut self, levels: f64) {
        let middle = self.window.centre(&self.camera);
        if let Some(place) = self.camera.world_from_screen(middle) {
            self.fly(place, Some(self.camera.zoom + levels));
        }
    }
}

pub(super) fn carry_out(
    mut acts: MessageReader<MapAct>,
    city: Res<City>,
    mut look: Look,
    mut selection: ResMut<Selection>,
    mut hover: ResMut<Hover>,
    mut layers: ResMut<LayerVisibility>,
    mut following: ResMut<Following>,
) {
    for act in acts.read() {
        match *act {
            MapAct::Select(to) => select(to, &mut selection, &mut following),
            MapAct::SelectAndFly(to) => {
                select(to, &mut selection, &mut following);
                if let Some(place) = place_of(&city.mirror, to) {
                    look.bring_into_sight(place, NEAR_ZOOM, CHOSEN_ZOOM);
                }
            }
            MapAct::Show(place, zoom) => {
                select(Selection::Place(place), &mut selection, &mut following);
                look.bring_into_sight(place, zoom, zoom);
            }
            MapAct::Hover(what) => {
                hover.set_if_neq(Hover(what));
            }
            MapAct::Fly(place, zoom) => look.fly(place, zoom),
            MapAct::Layer(i) => {
                if let Some((_, of)) = LAYERS.get(i) {
                    let shown = of(&mut layers);
                    *shown = !*shown;
                }
            }
            MapAct::North => look.turn(look.camera.pitch_deg, 0.0),
            MapAct::Tilt => look.tilt(),
            MapAct::Zoom(levels) => look.zoom(levels),
            MapAct::Follow(unit) => following.0 = unit,
        }
    }
}

fn select(to: Selection, selection: &mut ResMut<Selection>, following: &mut Following) {
    if **selection != to {
        **selection = to;
        following.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(zoom: f64) -> App {
        let mut app = App::new();
        app.init_resource::<City>()
            .init_resource::<MapWindow>()
            .init_resource::<Flight>()
            .init_resource::<Selection>()
            .init_resource::<Hover>()
            .init_resource::<LayerVisibility>()
            .init_resource::<Following>()
            .insert_resource(MapCamera {
                zoom,
                ..MapCamera::default()
            })
            .add_message::<MapAct>()
            .add_systems(Update, carry_out);
        app
    }

    /// Carries a flight to its end; the zooms on the way.
    fn flown(app: &mut App) -> Vec<f64> {
        let mut zooms = Vec::new();
        let mut camera = app.world().resource::<MapCamera>().clone();
        let mut flight = app.world_mut().resource_mut::<Flight>();
        while flight.is_flying() && zooms.len() < 1_000 {
            flight.advance(&mut camera, 0.02);
            zooms.push(camera.zoom);
        }
        app.insert_resource(camera);
        zooms
    }

    #[test]
    fn what_is_found_is_marked_and_never_looked_at_from_farther_off_than_before() {
        for (zoom, wanted, ends) in [(12.0, 15.0, 15.0), (17.0, 13.5, 17.0), (15.5, 16.2, 16.2)] {
            let mut app = app(zoom);
            let place = LonLat::new(118.81, 32.07);
            app.world_mut().write_message(MapAct::Show(place, wanted));
            app.update();
            assert_eq!(
                *app.world().resource::<Selection>(),
                Selection::Place(place)
            );
            flown(&mut app);
            let camera = app.world().resource::<MapCamera>();
            assert!((camera.zoom - ends).abs() < 1e-6, "{zoom} {wanted}");
            let at = camera.screen_from_world(place).expect("in sight").pos;
            assert!(at.distance(camera.viewport / 2.0) < 2.0, "{at}");
        }
    }

    #[test]
    fn what_is_in_sight_is_marked_where_it_is() {
        let mut app = app(16.0);
        let camera = app.world().resource::<MapCamera>().clone();
        let place = camera
            .world_from_screen(camera.viewport * 0.6)
            .expect("ground");
        app.world_mut().write_message(MapAct::Show(place, 15.0));
        app.update();
        assert!(flown(&mut app).is_empty(), "the map stays");
        assert_eq!(
            *app.world().resource::<Selection>(),
            Selection::Place(place)
        );
    }

    #[test]
    fn a_flight_to_what_is_near_never_goes_farther_off_on_its_way() {
        let mut app = app(14.0);
        let camera = app.world().resource::<MapCamera>().clone();
        let place = camera
            .world_from_screen(camera.viewport * 0.7)
            .expect("ground");
        app.world_mut().write_message(MapAct::Show(place, 16.2));
        app.update();
        let zooms = flown(&mut app);
        assert!(zooms.iter().all(|z| *z >= 14.0 - 1e-9), "{zooms:?}");
    }
}
