//! A map without a window and without panels, in a world of its own, on a thread of its own.

use super::shared::Shared;
use crate::basemap::BasemapOptions;
use crate::camera::{CameraSystems, MapCamera};
use crate::i18n::{Lang, WordsPlugin};
use crate::labels::{LabelScale, LabelsPlugin};
use crate::live::{LayerVisibility, LivePlugin, LiveSystems, PickTarget, Pickables, Selection};
use crate::look::Tokens;
use crate::map::MapPlugin;
use crate::net::{
    City, Connection, LinkOptions, NetPlugin, NetSystems, ServerNotice, Source, WorldWord,
};
use crate::pack::Pack;
use crate::readiness::Readiness;
use crate::render::{SCENE_FORMAT, map_camera};
use bevy::app::{PluginsState, TerminalCtrlCHandlerPlugin};
use bevy::camera::{ManualTextureViewHandle, RenderTarget};
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::settings::{RenderCreation, RenderResources};
use bevy::render::texture::{ManualTextureView, ManualTextureViews};
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;
use bevy_egui::input::EguiWantsInput;
use chengtu_engine::drill::Seat;
use chengtu_engine::record::World as CityWorld;
use chengtu_engine::stream::{ServerMessage, WorldChoice};
use std::time::{Duration, Instant};

/// Shortest time from frame to frame.
const FRAME: Duration = Duration::from_millis(33);
/// The only image a map draws into.
const CANVAS: ManualTextureViewHandle = ManualTextureViewHandle(1);
/// Frames drawn into an image before it is shown.
const FIRST_FRAMES: u32 = 2;
/// Frames after everything has come before a picture is taken of it.
const SETTLE_FRAMES: u32 = 12;

/// What every map of a branch has from the window's.
#[derive(Resource, Clone, Debug)]
pub struct ForkOptions {
    /// The server, and as whom it is asked.
    pub link: LinkOptions,
    /// The city's files.
    pub pack: Pack,
    /// How the base map is drawn.
    pub basemap: BasemapOptions,
    /// In pictures no layer may be missing because its pipeline is still being made.
    pub whole_frames: bool,
}

/// What a map is begun with.
pub(super) struct Setup {
    pub(super) options: ForkOptions,
    pub(super) tokens: Tokens,
    /// As the window's now; it follows the window's later.
    pub(super) lang: Lang,
    /// The window's graphics device.
    pub(super) device: RenderResources,
    /// World to join; asked for again after every greeting of the server.
    pub(super) world: CityWorld,
}

/// The branch that this map shows.
#[derive(Resource)]
struct Branch {
    world: CityWorld,
    /// It has been asked to be let in, since this greeting.
    asked: bool,
}

/// The other end.
#[derive(Resource, Clone)]
struct Line(Shared);

/// What the map is drawn into, and how often it has been.
#[derive(Resource, Default)]
struct Drawn {
    number: u64,
    frames: u32,
    settled: u32,
}

/// Runs until `quit` is set in the orders.
pub(super) fn run(setup: Setup, shared: &Shared) {
    let mut app = build(setup, shared.clone());
    while app.plugins_state() == PluginsState::Adding {
        bevy::tasks::tick_global_task_pools_on_main_thread();
    }
    app.finish();
    app.cleanup();
    while !shared.orders().quit {
        let begun = Instant::now();
        app.update();
        std::thread::sleep(FRAME.saturating_sub(begun.elapsed()));
    }
}

fn build(setup: Setup, shared: Shared) -> App {
    let Setup {
        options,
        tokens,
        lang,
        device,
        world,
    } = setup;
    let map = MapPlugin {
        basemap: options.basemap,
    };
    let net = NetPlugin {
        source: Source::Server(options.link),
    };
    let mut app = App::new();
    let plugins = DefaultPlugins
        .set(WindowPlugin {
            primary_window: None,
            exit_condition: ExitCondition::DontExit,
            ..default()
        })
        .set(RenderPlugin {
            render_creation: RenderCreation::Manual(device),
            synchronous_pipeline_compilation: options.whole_frames,
            ..default()
        })
        .disable::<LogPlugin>()
        .disable::<WinitPlugin>()
        .disable::<TerminalCtrlCHandlerPlugin>()
        .disable::<PipelinedRenderingPlugin>();
    app.insert_resource(ClearColor(tokens.color("surface.void").into()))
        .add_plugins(plugins)
        .init_resource::<EguiWantsInput>()
        .insert_resource(lang)
        .insert_resource(LabelScale(1.0))
        .insert_resource(tokens)
        .insert_resource(options.pack)
        .init_resource::<Readiness>()
        .init_resource::<Drawn>()
        .insert_resource(Branch {
            world,
            asked: false,
        })
        .insert_resource(Line(shared))
        .add_plugins((WordsPlugin, map, LabelsPlugin, net, LivePlugin::default()))
        .add_systems(PreUpdate, (join, obey).chain().after(NetSystems::Receive))
        .add_systems(
            Update,
            look.after(CameraSystems::Move).before(LiveSystems::Select),
        )
        .add_systems(Update, click.after(LiveSystems::Layout))
        .add_systems(Last, report);
    app
}

/// Goes to the branch, once after every greeting.
fn join(connection: Res<Connection>, city: Res<City>, mut branch: ResMut<Branch>) {
    if !connection.is_live() {
        branch.asked = false;
    } else if !branch.asked && city.world() != branch.world {
        branch.asked = true;
        connection.enter(WorldChoice::Join {
            world: branch.world,
            seat: Seat::Viewer,
        });
    }
}

/// Carries out the window's orders.
fn obey(
    mut commands: Commands,
    line: Res<Line>,
    connection: Res<Connection>,
    mut views: ResMut<ManualTextureViews>,
    mut drawn: ResMut<Drawn>,
    mut lang: ResMut<Lang>,
    mut selection: ResMut<Selection>,
    mut layers: ResMut<LayerVisibility>,
) {
    let mut orders = line.0.orders();
    for message in orders.say.drain(..) {
        connection.send(message);
    }
    lang.set_if_neq(orders.lang);
    selection.set_if_neq(orders.selection);
    layers.set_if_neq(orders.layers.clone());
    if let Some(canvas) = orders.canvas.as_ref().filter(|c| c.number != drawn.number) {
        if drawn.number == 0 {
            commands.spawn((map_camera(), RenderTarget::TextureView(CANVAS)));
        }
        let view = ManualTextureView {
            texture_view: canvas.view.clone(),
            size: canvas.size,
            view_format: SCENE_FORMAT,
        };
        views.insert(CANVAS, view);
        *drawn = Drawn {
            number: canvas.number,
            ..Drawn::default()
        };
    }
}

/// Moves the camera as ordered; its limits are those of the map's own city.
fn look(line: Res<Line>, mut camera: ResMut<MapCamera>) {
    let orders = line.0.orders();
    if let Some(to) = &orders.camera {
        let looking = MapCamera {
            anchor: camera.anchor,
            zoom_range: camera.zoom_range,
            limits: camera.limits,
            ..to.clone()
        };
        camera.set_if_neq(looking);
    }
}

/// Says what lies under a click.
fn click(line: Res<Line>, pickables: Res<Pickables>) {
    let Some(pos) = line.0.orders().click.take() else {
        return;
    };
    let thing = match pickables.at(pos).map(|p| &p.target) {
        Some(PickTarget::Thing(thing)) => *thing,
        Some(PickTarget::Cluster(_)) | None => Selection::None,
    };
    line.0.status().clicked = Some(thing);
}

/// Reports the state of the map to the window.
fn report(
    line: Res<Line>,
    city: Res<City>,
    branch: Res<Branch>,
    connection: Res<Connection>,
    readiness: Res<Readiness>,
    mut drawn: ResMut<Drawn>,
    mut words: MessageReader<WorldWord>,
    mut notices: MessageReader<ServerNotice>,
) {
    let there = city.world() == branch.world && city.is_ready();
    drawn.frames = drawn.frames.saturating_add(1);
    drawn.settled = if there && readiness.is_ready() {
        drawn.settled.saturating_add(1)
    } else {
        0
    };
    let mut status = line.0.status();
    let closed = city.mirror.closed_roads.iter().filter(|_| there);
    status.closed = closed.map(|r| r.name.clone()).collect();
    status.clock = city.world_clock().copied().filter(|_| there);
    status.link = Some(connection.state().clone());
    status.ready = drawn.settled >= SETTLE_FRAMES;
    if drawn.frames >= FIRST_FRAMES {
        status.drawn = drawn.number;
    }
    let of_forks = words
        .read()
        .filter(|w| matches!(w.0, ServerMessage::ForkReport(_)));
    status.words.extend(of_forks.map(|w| w.0.clone()));
    status
        .notices
        .extend(notices.read().map(|n| n.text.clone()));
}
