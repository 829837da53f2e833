//! How often the window is drawn: at the rate of what moves, and seldom while nothing does; and how finely, while the
//! map itself moves.

use crate::camera::MapCamera;
use crate::net::{City, CityChanged, WorldWord};
use crate::render::{SceneDetail, draws_by_processor};
use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;
use bevy::time::Real;
use bevy::window::WindowEvent;
use bevy::winit::{UpdateMode, WinitSettings};
use chengtu_engine::record::World;
use std::time::Duration;

/// Longest wait between frames while something moves: movers glide at this rate, that of most screens.
const MOVING: Duration = Duration::from_millis(16);
/// The same where a processor draws, which has other things to do.
const MOVING_DRAWN_BY_PROCESSOR: Duration = Duration::from_millis(20);
/// Longest wait while nothing does. Keys, pointer and everything else that happens to the window come at once; what the
/// server says is seen by then.
const STILL: Duration = Duration::from_millis(500);
/// A map that has not moved for so long stands.
const STANDS: Duration = Duration::from_millis(150);
/// So long after the last sign of life everything has come to rest: panels that slide, names that fade in, tiles.
const REST: Duration = Duration::from_millis(1_500);

/// Lowers the frame rate while nothing on the screen moves. For a program with a window.
pub struct PacePlugin;

impl Plugin for PacePlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(settings(MOVING))
            .add_systems(Last, keep_pace);
    }
}

fn settings(wait: Duration) -> WinitSettings {
    WinitSettings {
        focused_mode: UpdateMode::reactive(wait),
        unfocused_mode: UpdateMode::reactive_low_power(wait * 2),
    }
}

/// When there was a sign of life last, and what the view was then.
#[derive(Default)]
struct Seen {
    at: Option<Duration>,
    camera: Option<MapCamera>,
    motion: Motion,
    wait: Option<Duration>,
}

/// The map in motion: two moves soon after one another, until it has stood for as long.
#[derive(Default)]
struct Motion {
    moved_at: Option<Duration>,
    goes_on: bool,
}

impl Motion {
    /// How finely the scene is drawn, which a processor does not do whole for every frame of a flight.
    fn detail(&mut self, now: Duration, moved: bool) -> SceneDetail {
        let soon = self
            .moved_at
            .is_some_and(|at| now.saturating_sub(at) < STANDS);
        if moved {
            (self.moved_at, self.goes_on) = (Some(now), soon);
        } else if !soon {
            self.goes_on = false;
        }
        if self.goes_on {
            SceneDetail::Half
        } else {
            SceneDetail::Whole
        }
    }
}

fn keep_pace(
    time: Res<Time<Real>>,
    (city, camera): (Res<City>, Res<MapCamera>),
    mut window: MessageReader<WindowEvent>,
    mut changes: MessageReader<CityChanged>,
    mut words: MessageReader<WorldWord>,
    adapter: Option<Res<RenderAdapterInfo>>,
    mut seen: Local<Seen>,
    (mut winit, mut detail): (ResMut<WinitSettings>, ResMut<SceneDetail>),
) {
    let now = time.elapsed();
    // Every reader is read to its end, whatever another has found.
    let happened = [
        window.read().filter(|e| is_life(e)).count(),
        changes.read().count(),
        words.read().count(),
    ];
    let runs = city.world() == World::Live || city.pace() != 0.0;
    let moved = seen.camera.as_ref() != Some(&*camera);
    if moved {
        seen.camera = Some(camera.clone());
    }
    if runs || moved || happened.iter().any(|n| *n > 0) {
        seen.at = Some(now);
    }
    let since = seen.at.map(|at| now.saturating_sub(at));
    let by_processor = draws_by_processor(adapter.as_deref());
    let wanted = seen.motion.detail(now, moved && by_processor);
    if *detail != wanted {
        *detail = wanted;
    }
    let wait = wait(since, by_processor);
    if seen.wait != Some(wait) {
        seen.wait = Some(wait);
        *winit = settings(wait);
    }
}

/// True for what a person or the system did; not for the window's own drawing.
fn is_life(event: &WindowEvent) -> bool {
    !matches!(event, WindowEvent::RequestRedraw(_))
}

fn wait(since: Option<Duration>, by_processor: bool) -> Duration {
    if since.is_none_or(|s| s >= REST) {
        STILL
    } else if by_processor {
        MOVING_DRAWN_BY_PROCESSOR
    } else {
        MOVING
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample;
    use bevy::window::{RequestRedraw, WindowFocused};

    /// A program that shows a replay whose clock is paused.
    fn still() -> App {
        let mut app = App::new();
        let mut city = City::default();
        let clock = sample::clock(sample::NOW, 60.0, false);
        let entered = sample::entered(World::Replay(1), Some(clock));
        city.take(&entered, std::time::Instant::now()).unwrap();
        app.init_resource::<Time<Real>>()
            .insert_resource(city)
            .init_resource::<MapCamera>()
            .add_message::<WindowEvent>()
            .add_message::<CityChanged>()
            .add_message::<WorldWord>()
            .init_resource::<SceneDetail>()
            .add_plugins(PacePlugin);
        app.update();
        app
    }

    #[test]
    fn a_map_that_goes_on_moving_is_drawn_coarser_until_it_stands() {
        let mut motion = Motion::default();
        let mut at = |ms, moved| motion.detail(Duration::from_millis(ms), moved);
        assert_eq!(at(1_000, false), SceneDetail::Whole);
        // One jump, as by a key, is drawn whole at once.
        assert_eq!(at(1_050, true), SceneDetail::Whole);
        assert_eq!(at(2_000, true), SceneDetail::Whole);
        for ms in [2_060, 2_120] {
            assert_eq!(at(ms, true), SceneDetail::Half);
        }
        // Between two moves of a hand nothing flickers.
        assert_eq!(at(2_200, false), SceneDetail::Half);
        assert_eq!(at(2_250, true), SceneDetail::Half);
        assert_eq!(at(2_400, false), SceneDetail::Whole);
        assert_eq!(at(2_450, false), SceneDetail::Whole);
    }

    fn after(app: &mut App, ms: u64) -> UpdateMode {
        let by = Duration::from_millis(ms);
        app.world_mut().resource_mut::<Time<Real>>().advance_by(by);
        app.update();
        app.world().resource::<WinitSettings>().focused_mode
    }

    #[test]
    fn a_replay_that_stands_is_drawn_seldom_and_at_once_again_when_something_happens() {
        let mut app = still();
        assert_eq!(after(&mut app, 500), UpdateMode::reactive(MOVING));
        assert_eq!(after(&mut app, 2_000), UpdateMode::reactive(STILL));
        let window = Entity::PLACEHOLDER;
        app.world_mut()
            .write_message(WindowEvent::RequestRedraw(RequestRedraw));
        assert_eq!(after(&mut app, 10), UpdateMode::reactive(STILL));
        let focused = true;
        app.world_mut()
            .write_message(WindowEvent::WindowFocused(WindowFocused {
                window,
                focused,
            }));
        assert_eq!(after(&mut app, 10), UpdateMode::reactive(MOVING));
        assert_eq!(after(&mut app, 2_000), UpdateMode::reactive(STILL));
        app.world_mut().resource_mut::<MapCamera>().zoom += 0.1;
        assert_eq!(after(&mut app, 10), UpdateMode::reactive(MOVING));
    }

    #[test]
    fn the_running_city_and_a_clock_that_runs_are_drawn_as_they_move() {
        let mut app = still();
        let clock = sample::clock(sample::NOW, 60.0, true);
        let entered = sample::entered(World::Replay(1), Some(clock));
        let mut city = app.world_mut().resource_mut::<City>();
        city.take(&entered, std::time::Instant::now()).unwrap();
        assert_eq!(after(&mut app, 60_000), UpdateMode::reactive(MOVING));
        app.insert_resource(City::default());
        assert_eq!(after(&mut app, 60_000), UpdateMode::reactive(MOVING));
    }
}
