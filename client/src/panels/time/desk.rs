//! The desk that one leaves when one goes to another world, and finds again as it was.

use super::super::acts::Following;
use super::super::model::queue::{Filter, Sort};
use super::super::state::PanelState;
use crate::camera::{Flight, MapCamera};
use crate::input::Zone;
use crate::live::{LayerVisibility, Selection};
use crate::net::City;
use bevy::prelude::*;
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::record::World as CityWorld;

/// Everything of a desk that a look at another world may change.
#[derive(Clone, Debug)]
struct Desk {
    camera: MapCamera,
    selection: Selection,
    layers: LayerVisibility,
    following: Following,
    zone: Zone,
    overview: bool,
    filter: Filter,
    sort: Sort,
    filter_open: bool,
    unfolded: [bool; 3],
    cursor: Option<CaseId>,
    unit: Option<UnitId>,
    only_skilled: bool,
    reassign: bool,
    open_live: bool,
}

/// The desk of the running city, while one is elsewhere.
#[derive(Resource, Debug, Default)]
pub struct LeftDesk {
    desk: Option<Desk>,
    world: CityWorld,
}

/// Remembers the desk when the running city is left, and puts everything back when one returns.
pub fn keep(
    city: Res<City>,
    mut left: ResMut<LeftDesk>,
    mut camera: ResMut<MapCamera>,
    mut flight: ResMut<Flight>,
    mut selection: ResMut<Selection>,
    mut layers: ResMut<LayerVisibility>,
    mut following: ResMut<Following>,
    mut st: ResMut<PanelState>,
) {
    let world = city.world();
    if left.world == world {
        return;
    }
    let before = std::mem::replace(&mut left.world, world);
    st.menu = None;
    st.reassign &= world == CityWorld::Live;
    if before == CityWorld::Live {
        left.desk = Some(Desk {
            camera: camera.clone(),
            selection: *selection,
            layers: layers.clone(),
            following: *following,
            zone: st.zone,
            overview: st.overview,
            filter: st.filter.clone(),
            sort: st.sort,
            filter_open: st.filter_open,
            unfolded: st.unfolded,
            cursor: st.cursor,
            unit: st.unit,
            only_skilled: st.only_skilled,
            reassign: st.reassign,
            open_live: st.time.open_live,
        });
    } else if world == CityWorld::Live
        && let Some(desk) = left.desk.take()
    {
        flight.stop();
        // The window may have another size by now: where one looks is kept, not how large it is.
        let (viewport, scale_factor) = (camera.viewport, camera.scale_factor);
        *camera = MapCamera {
            viewport,
            scale_factor,
            ..desk.camera
        };
        *selection = desk.selection;
        *layers = desk.layers;
        *following = desk.following;
        st.zone = desk.zone;
        st.overview = desk.overview;
        st.filter = desk.filter;
        st.sort = desk.sort;
        st.filter_open = desk.filter_open;
        st.unfolded = desk.unfolded;
        st.cursor = desk.cursor;
        st.unit = desk.unit;
        st.only_skilled = desk.only_skilled;
        st.reassign = desk.reassign;
        st.time.open_live = desk.open_live;
        // What belongs to the case is not forgotten when the case is found again.
        st.case = desk.selection.case();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::queue::SortKey;
    use crate::panels::model::sample::{self, COVER, NOW};
    use chengtu_engine::ids::UnitId;
    use std::time::Instant;

    const SEVERITY: Sort = Sort {
        key: SortKey::Severity,
        reversed: false,
    };

    fn app() -> App {
        let mut app = App::new();
        app.init_resource::<City>()
            .init_resource::<LeftDesk>()
            .init_resource::<MapCamera>()
            .init_resource::<Flight>()
            .init_resource::<Selection>()
            .init_resource::<LayerVisibility>()
            .init_resource::<Following>()
            .init_resource::<PanelState>()
            .add_systems(Update, keep);
        app
    }

    fn enter(app: &mut App, world: CityWorld) {
        let clock = (world != CityWorld::Live).then(|| sample::clock(NOW, 1.0, false));
        let mut city = app.world_mut().resource_mut::<City>();
        city.take(&sample::entered(world, clock), Instant::now())
            .unwrap();
        app.update();
    }

    #[test]
    fn back_in_the_city_everything_is_as_it_was_left() {
        let mut app = app();
        app.update();
        let world = app.world_mut();
        let camera = MapCamera {
            zoom: 16.25,
            pitch_deg: 50.0,
            bearing_deg: 331.0,
            ..MapCamera::default()
        };
        *world.resource_mut::<MapCamera>() = camera.clone();
        *world.resource_mut::<Selection>() = Selection::Case(COVER);
        let layers = LayerVisibility {
            density: false,
            ..LayerVisibility::default()
        };
        *world.resource_mut::<LayerVisibility>() = layers.clone();
        {
            let mut st = world.resource_mut::<PanelState>();
            st.zone = Zone::Dispatch;
            st.sort = SEVERITY;
            st.filter.text = "井盖".into();
            st.unit = Some(UnitId(3));
            st.only_skilled = true;
        }
        enter(&mut app, CityWorld::Replay(1));
        // In the replay the view is kept; then everything is changed there.
        assert_eq!(*app.world().resource::<MapCamera>(), camera);
        assert_eq!(*app.world().resource::<Selection>(), Selection::Case(COVER));
        app.world_mut().resource_mut::<MapCamera>().zoom = 12.0;
        *app.world_mut().resource_mut::<Selection>() = Selection::Unit(UnitId(1));
        *app.world_mut().resource_mut::<LayerVisibility>() = LayerVisibility::default();
        {
            let mut st = app.world_mut().resource_mut::<PanelState>();
            (st.zone, st.sort, st.unit) = (Zone::Map, Sort::default(), None);
            st.filter = Filter::default();
            st.only_skilled = false;
        }
        // Through another replay, and home.
        enter(&mut app, CityWorld::Replay(2));
        enter(&mut app, CityWorld::Live);
        let world = app.world();
        assert_eq!(*world.resource::<MapCamera>(), camera);
        assert_eq!(*world.resource::<Selection>(), Selection::Case(COVER));
        assert_eq!(*world.resource::<LayerVisibility>(), layers);
        let st = world.resource::<PanelState>();
        assert_eq!((st.zone, st.sort), (Zone::Dispatch, SEVERITY));
        assert_eq!(st.filter.text, "井盖");
        assert_eq!((st.unit, st.only_skilled), (Some(UnitId(3)), true));
    }
}
