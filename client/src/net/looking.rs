use super::{City, Connection};
use crate::camera::MapCamera;
use bevy::prelude::*;
use chengtu_engine::geo::Viewport;
use chengtu_engine::permission::Role;
use chengtu_engine::record::World as CityWorld;
use chengtu_engine::stream::{ClientMessage, ServerHello};
use std::time::{Duration, Instant};

/// A moving view is reported no more often than this.
const EVERY: Duration = Duration::from_secs(1);
/// An unmoved view is reported again this often, so that the server knows that somebody still looks.
const AGAIN: Duration = Duration::from_mins(5);

/// What was said last of the view.
#[derive(Debug, Default)]
pub(super) struct Looked(Option<(Viewport, Instant)>);

impl Looked {
    /// True where it must be said now.
    fn is_due(&self, seen: Viewport, now: Instant) -> bool {
        self.0.is_none_or(|(said, at)| {
            let passed = now.saturating_duration_since(at);
            passed >= if said == seen { AGAIN } else { EVERY }
        })
    }
}

/// True if the server records what this user looks at.
pub fn is_recorded(hello: &ServerHello) -> bool {
    hello.records_views && hello.role == Role::Operator
}

/// Says which ground is on the screen, where the city records it: what is streamed reaches beyond it.
pub(super) fn tell(
    camera: Res<MapCamera>,
    city: Res<City>,
    connection: Res<Connection>,
    mut looked: Local<Looked>,
) {
    let recorded = city.mirror.hello.as_ref().is_some_and(is_recorded);
    if !recorded || !connection.is_live() || city.world() != CityWorld::Live {
        looked.0 = None;
        return;
    }
    let area = camera.visible();
    let (sw, ne) = (area.min.lon_lat(), area.max.lon_lat());
    let viewport = Viewport {
        west: sw.lon_deg,
        south: sw.lat_deg,
        east: ne.lon_deg,
        north: ne.lat_deg,
        zoom: camera.zoom as f32,
    };
    let now = Instant::now();
    if looked.is_due(viewport, now) {
        looked.0 = Some((viewport, now));
        connection.send(ClientMessage::Look { viewport });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample;

    #[test]
    fn a_moving_map_is_told_once_a_second_and_where_it_comes_to_rest() {
        let [a, b] = [0, 1].map(|i| sample::views()[i].viewport);
        let begun = Instant::now();
        let at = |ms: u64| begun + Duration::from_millis(ms);
        let mut looked = Looked::default();
        assert!(looked.is_due(a, begun));
        looked.0 = Some((a, begun));
        assert!(!looked.is_due(b, at(900)) && looked.is_due(b, at(1_000)));
        looked.0 = Some((b, at(1_000)));
        assert!(!looked.is_due(b, at(60_000)) && looked.is_due(b, at(301_000)));
    }

    #[test]
    fn who_only_looks_on_and_who_is_not_recorded_says_nothing() {
        let hello = |records_views: bool, role| ServerHello {
            records_views,
            role,
            ..sample::hello()
        };
        assert!(is_recorded(&hello(true, Role::Operator)));
        assert!(!is_recorded(&hello(false, Role::Operator)));
        assert!(!is_recorded(&hello(true, Role::Viewer)));
    }
}
