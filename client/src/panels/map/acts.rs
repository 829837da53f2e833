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
    /// Fly to a place, at this zoom; `None` keeps the zoom.
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

    /// Flies to a place that is out of sight or too small to be looked at.
    fn bring_into_sight(&mut self, place: LonLat) {
        let free = self
            .window
            .rect
            .unwrap_or(Rect::from_corners(Vec2::ZERO, self.camera.viewport));
        let inner = free.inflate(-0.12 * free.size().min_element());
        let seen = self
            .camera
            .screen_from_world(place)
            .is_some_and(|p| inner.contains(p.pos));
        if !seen || self.camera.zoom < NEAR_ZOOM {
            self.fly(place, Some(self.camera.zoom.max(CHOSEN_ZOOM)));
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
                    look.bring_into_sight(place);
                }
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
