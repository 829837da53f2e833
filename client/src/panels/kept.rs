//! What is left in the running city is found again there: view, choice, layers, and what every panel remembers.

use super::console::{Focus, KeepInCity};
use super::desk::Desk;
use super::dispatch::DispatchState;
use super::map::Following;
use super::menu::{MenuPage, MenuState};
use super::model::queue::{Filter, Sort, SortKey};
use super::model::sample::{self, COVER, NOW};
use super::pictures::Setting;
use super::queue::QueueState;
use super::time::TimeBar;
use crate::camera::MapCamera;
use crate::input::Zone;
use crate::live::{LayerVisibility, Selection};
use crate::net::City;
use bevy::prelude::*;
use chengtu_engine::ids::UnitId;
use chengtu_engine::record::World as CityWorld;
use std::time::Instant;

const SEVERITY: Sort = Sort {
    key: SortKey::Severity,
    reversed: false,
};

fn app() -> App {
    let mut app = App::new();
    app.init_resource::<City>()
        .init_resource::<MapCamera>()
        .init_resource::<Selection>()
        .init_resource::<LayerVisibility>()
        .init_resource::<Following>()
        .init_resource::<Focus>()
        .init_resource::<QueueState>()
        .init_resource::<DispatchState>()
        .init_resource::<TimeBar>()
        .keep_in_city::<MapCamera>()
        .keep_in_city::<Selection>()
        .keep_in_city::<LayerVisibility>()
        .keep_in_city::<Following>()
        .keep_in_city::<Focus>()
        .keep_in_city::<QueueState>()
        .keep_in_city::<DispatchState>()
        .keep_in_city::<TimeBar>();
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
    world.resource_mut::<Focus>().zone = Zone::Dispatch;
    {
        let mut queue = world.resource_mut::<QueueState>();
        queue.sort = SEVERITY;
        queue.filter.text = "井盖".into();
    }
    {
        let mut dispatch = world.resource_mut::<DispatchState>();
        dispatch.case = Some(COVER);
        dispatch.unit = Some(UnitId(3));
    }
    enter(&mut app, CityWorld::Replay(1));
    // In the replay the view is kept; then everything is changed there.
    assert_eq!(*app.world().resource::<MapCamera>(), camera);
    assert_eq!(*app.world().resource::<Selection>(), Selection::Case(COVER));
    let world = app.world_mut();
    world.resource_mut::<MapCamera>().zoom = 12.0;
    *world.resource_mut::<Selection>() = Selection::Unit(UnitId(1));
    *world.resource_mut::<LayerVisibility>() = LayerVisibility::default();
    world.resource_mut::<Focus>().zone = Zone::Map;
    {
        let mut queue = world.resource_mut::<QueueState>();
        (queue.sort, queue.filter) = (Sort::default(), Filter::default());
    }
    world.resource_mut::<DispatchState>().follow_case(None);
    // Through another replay, and home.
    enter(&mut app, CityWorld::Replay(2));
    enter(&mut app, CityWorld::Live);
    let world = app.world();
    assert_eq!(*world.resource::<MapCamera>(), camera);
    assert_eq!(*world.resource::<Selection>(), Selection::Case(COVER));
    assert_eq!(*world.resource::<LayerVisibility>(), layers);
    // Nothing is armed: the hand has been elsewhere.
    assert_eq!(world.resource::<Focus>().zone, Zone::Map);
    let queue = world.resource::<QueueState>();
    assert_eq!((queue.sort, &*queue.filter.text), (SEVERITY, "井盖"));
    assert_eq!(world.resource::<DispatchState>().unit, None);
}

/// A drill that ended under the hand left its unit and its zone armed in the running city.
#[test]
fn nothing_is_armed_in_a_world_that_has_just_been_entered() {
    for worlds in [
        [CityWorld::Drill(4), CityWorld::Live],
        [CityWorld::Live, CityWorld::Drill(4)],
        [CityWorld::Replay(1), CityWorld::Live],
    ] {
        let mut app = app();
        enter(&mut app, worlds[0]);
        app.world_mut().resource_mut::<Focus>().zone = Zone::Dispatch;
        let mut dispatch = app.world_mut().resource_mut::<DispatchState>();
        (dispatch.case, dispatch.unit) = (Some(COVER), Some(UnitId(3)));
        dispatch.another = Some(super::dispatch::Another::Besides);
        enter(&mut app, worlds[1]);
        assert_eq!(
            app.world().resource::<Focus>().zone,
            Zone::Map,
            "{worlds:?}"
        );
        let dispatch = app.world().resource::<DispatchState>();
        assert_eq!(
            (dispatch.unit, dispatch.another),
            (None, None),
            "{worlds:?}"
        );
    }
}

#[test]
fn a_command_of_a_world_that_ended_keeps_no_button_disabled() {
    let mut app = app();
    enter(&mut app, CityWorld::Drill(4));
    let request = chengtu_engine::command::CommandRequest::RecallUnit { unit: UnitId(1) };
    let mut connection = crate::net::Connection::detached();
    let pending = {
        let city = app.world().resource::<City>();
        super::console::Pending::give(request, city, &mut connection)
    };
    let mut state = app.world_mut().resource_mut::<DispatchState>();
    state.sending.push(pending);
    // The drill ends before the server has answered.
    enter(&mut app, CityWorld::Live);
    assert!(app.world().resource::<DispatchState>().sending.is_empty());
}

/// A menu that was open when a drill ended, and a proposal of a fork, were for the running city at the next press.
#[test]
fn what_is_open_and_what_is_proposed_stays_in_its_own_world() {
    let mut app = app();
    app.init_resource::<MenuState>().keep_in_city::<MenuState>();
    enter(&mut app, CityWorld::Drill(4));
    let open = super::pictures::menu(MenuPage::Send);
    app.world_mut().resource_mut::<MenuState>().open = Some(open);
    enter(&mut app, CityWorld::Live);
    assert_eq!(app.world().resource::<MenuState>().open, None);
    let proposed = |world| {
        let mut desk = Desk::new(Setting {
            world,
            prepare: |st| st.fork.proposals = super::model::sample_fork::report().plan,
            ..Setting::default()
        });
        desk.settle();
        desk.says("推演建议")
    };
    assert!(proposed(CityWorld::Live));
    assert!(!proposed(CityWorld::Drill(4)) && !proposed(CityWorld::Replay(1)));
}

#[test]
fn the_time_line_of_another_world_is_not_shown() {
    let mut app = app();
    let chronicle = sample::chronicle();
    let shown = |app: &App| {
        let bar = app.world().resource::<TimeBar>();
        bar.asked.answered(&chronicle).is_some()
    };
    assert!(shown(&app));
    enter(&mut app, CityWorld::Replay(1));
    assert!(!shown(&app), "the old line is not of this world");
    // One that is asked for here is shown when it comes, and what was under way before is not.
    let request = chronicle.timeline.as_ref().unwrap().request;
    let bars = super::time::axis::Axis::default().bars(100.0, &sample::time());
    let asked = |request| super::time::state::Asked {
        request,
        bars,
        at: Instant::now(),
    };
    let mut bar = app.world_mut().resource_mut::<TimeBar>();
    bar.asked.ask_timeline(asked(request + 1));
    assert!(!shown(&app));
    let mut bar = app.world_mut().resource_mut::<TimeBar>();
    bar.asked.enter();
    bar.asked.ask_timeline(asked(request));
    assert!(shown(&app));
}
