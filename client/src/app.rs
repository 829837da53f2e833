//! The program put together: the same plugins with a window or without one.

use crate::basemap::BasemapPlugin;
use crate::begin::BeginPlugin;
use crate::camera::{CameraKeys, Flight, MapCamera, MapCameraPlugin, MapWindow};
use crate::cli::Cli;
use crate::frames::FramesPlugin;
use crate::headless::{self, HeadlessPlugin, PICTURE_STEP, Readiness};
use crate::labels::{LabelScale, LabelsPlugin, Lang};
use crate::live::LivePlugin;
use crate::look::Tokens;
use crate::net::NetPlugin;
use crate::pace::PacePlugin;
use crate::panels::PanelsPlugin;
use crate::pick::PickPlugin;
use crate::render::MapRenderPlugin;
use crate::settings::SettingsPlugin;
use bevy::app::ScheduleRunnerPlugin;
use bevy::camera::{ImageRenderTarget, RenderTarget};
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::render_resource::{TextureFormat, TextureUsages};
use bevy::render::settings::{Backends, WgpuSettings};
use bevy::render::view::Msaa;
use bevy::time::TimeUpdateStrategy;
use bevy::window::{ExitCondition, PresentMode, WindowMode, WindowResolution};
use bevy::winit::WinitPlugin;
use bevy_egui::{EguiGlobalSettings, EguiPlugin, EguiPrimaryContextPass, PrimaryEguiContext};
use std::time::Duration;

/// What the map is drawn into.
#[derive(Resource, Clone, Debug)]
pub enum MapTarget {
    /// The window.
    Window,
    /// An image, when there is no window.
    Image(Handle<Image>),
}

/// Everything about the map: camera, renderer, base map. Names are [`LabelsPlugin`].
pub struct MapPlugin;

impl Plugin for MapPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins((MapCameraPlugin, MapRenderPlugin, BasemapPlugin));
    }
}

/// Builds the program.
pub fn build(cli: Cli, tokens: Tokens) -> App {
    let mut app = App::new();
    let headless = cli.is_headless();
    app.insert_resource(ClearColor(tokens.color("surface.void").into()));
    app.add_plugins(default_plugins(&cli, headless));
    if headless {
        // A picture is made as fast as the machine can; a running view is drawn a few times a second.
        let wait = if cli.is_still() {
            Duration::ZERO
        } else {
            Duration::from_millis(200)
        };
        app.add_plugins(ScheduleRunnerPlugin::run_loop(wait));
        if cli.is_still() {
            app.insert_resource(TimeUpdateStrategy::ManualDuration(PICTURE_STEP));
        }
    } else {
        app.add_plugins(PacePlugin);
    }
    // The schedule must exist even before any panel is added to it.
    app.add_plugins(EguiPlugin::default())
        .init_schedule(EguiPrimaryContextPass);
    app.world_mut()
        .resource_mut::<EguiGlobalSettings>()
        .auto_create_primary_context = false;
    app.insert_resource(cli.lang.unwrap_or(Lang::Zh))
        .insert_resource(LabelScale(if cli.wall { 2.0 } else { 1.0 }))
        .insert_resource(tokens)
        .insert_resource(cli)
        .init_resource::<Readiness>()
        .add_systems(PreStartup, (start_camera, start_view));

    app.add_plugins((MapPlugin, LabelsPlugin));
    app.add_plugins((NetPlugin, LivePlugin, PickPlugin));
    app.add_plugins((SettingsPlugin, PanelsPlugin));

    app.add_plugins(BeginPlugin);
    let cli = app.world().resource::<Cli>();
    if cli.frames.is_some() {
        app.add_plugins(FramesPlugin);
    } else if headless {
        app.add_plugins(HeadlessPlugin);
    }
    app
}

fn default_plugins(cli: &Cli, headless: bool) -> bevy::app::PluginGroupBuilder {
    let log = LogPlugin {
        filter: "info,wgpu=error,naga=warn,bevy_render=warn,bevy_winit=warn,bevy_diagnostic=warn,winit=error,bevy_egui=error,bevy_render::renderer=error".into(),
        ..default()
    };
    let window = Window {
        title: "城图 Chengtu".into(),
        name: Some("chengtu".into()),
        resolution: resolution(cli),
        mode: if cli.wall {
            WindowMode::BorderlessFullscreen(MonitorSelection::Primary)
        } else {
            WindowMode::Windowed
        },
        present_mode: PresentMode::AutoVsync,
        ..default()
    };
    // OpenGL cannot do what the map's shaders need, and looking for it prints noise without a display.
    let wgpu = WgpuSettings {
        backends: Some(Backends::PRIMARY),
        ..default()
    };
    let render = RenderPlugin {
        render_creation: wgpu.into(),
        // A picture must not be taken while a pipeline is still being compiled: its layer would be missing.
        synchronous_pipeline_compilation: headless,
        ..default()
    };
    let group = DefaultPlugins.set(log).set(render);
    if headless {
        group
            .set(WindowPlugin {
                primary_window: None,
                exit_condition: ExitCondition::DontExit,
                ..default()
            })
            .disable::<WinitPlugin>()
    } else {
        group.set(WindowPlugin {
            primary_window: Some(window),
            ..default()
        })
    }
}

fn resolution(cli: &Cli) -> WindowResolution {
    let resolution = WindowResolution::new(cli.size.width, cli.size.height);
    match cli.scale {
        Some(scale) => resolution.with_scale_factor_override(scale),
        None => resolution,
    }
}

/// The one camera: map and panels are drawn into its target.
fn start_camera(mut commands: Commands, cli: Res<Cli>, mut images: ResMut<Assets<Image>>) {
    let mut camera = commands.spawn((Camera2d, Msaa::Off, PrimaryEguiContext));
    if cli.is_headless() {
        let format = TextureFormat::Rgba8UnormSrgb;
        let mut image = Image::new_target_texture(cli.size.width, cli.size.height, format, None);
        image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
        let handle = images.add(image);
        let target = ImageRenderTarget {
            handle: handle.clone(),
            scale_factor: cli.scale.unwrap_or(1.0),
        };
        camera.insert(RenderTarget::Image(target));
        commands.insert_resource(MapTarget::Image(handle));
    } else {
        commands.insert_resource(MapTarget::Window);
    }
}

/// The first look, and the times of motion from the tokens.
fn start_view(
    cli: Res<Cli>,
    tokens: Res<Tokens>,
    window: Res<MapWindow>,
    mut camera: ResMut<MapCamera>,
    mut keys: ResMut<CameraKeys>,
    mut flight: ResMut<Flight>,
) {
    if cli.is_headless() {
        let scale = cli.scale.unwrap_or(1.0);
        camera.scale_factor = scale;
        camera.viewport = Vec2::new(cli.size.width as f32, cli.size.height as f32) / scale;
    }
    if let Some(at) = cli.at {
        headless::put(&mut camera, &window, at);
    }
    keys.inertia_s = f64::from(tokens.seconds("motion.inertia"));
    keys.wheel_s = f64::from(tokens.seconds("motion.zoom_wheel"));
    let fly = tokens.numbers("motion.fly");
    if let [min, max] = fly[..] {
        flight.limits_s = Some([f64::from(min) / 1000.0, f64::from(max) / 1000.0]);
    }
}
