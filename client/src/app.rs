//! The program put together: the same plugins with a window or without one.

use crate::account::AccountPlugin;
use crate::basemap::BasemapOptions;
use crate::begin::{Begin, BeginPlugin};
use crate::camera::{At, CameraKeys, Flight, MapCamera, MapWindow};
use crate::cli::{Cli, StartWorld};
use crate::door::Door;
use crate::fork::{ForkOptions, ForkPlugin};
use crate::frames::{FramesPlan, FramesPlugin};
use crate::headless::{HeadlessPlugin, PICTURE_STEP, PictureOptions};
use crate::i18n::{Lang, WordsPlugin};
use crate::labels::{LabelScale, LabelsPlugin};
use crate::live::{LiveOptions, LivePlugin};
use crate::look::Tokens;
use crate::map::MapPlugin;
use crate::net::{LinkOptions, NetPlugin, Opened, Source};
use crate::output::Output;
use crate::pace::PacePlugin;
use crate::pack::Pack;
use crate::panels::{PanelOptions, PanelsDrawPlugin, PanelsPlugin};
use crate::pick::PickPlugin;
use crate::pin::Pin;
use crate::readiness::Readiness;
use crate::render::{MapTarget, map_camera};
use crate::screen::{ScreenOptions, ScreenPlugin, TextSize};
use crate::settings::{SettingsPlugin, remembered_pin};
use crate::wall::{WallOptions, WallPlugin};
use bevy::app::ScheduleRunnerPlugin;
use bevy::camera::{ImageRenderTarget, RenderTarget};
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::render_resource::{TextureFormat, TextureUsages};
use bevy::render::settings::{Backends, WgpuSettings};
use bevy::time::TimeUpdateStrategy;
use bevy::window::{ExitCondition, PresentMode, WindowMode, WindowResolution};
use bevy::winit::WinitPlugin;
use bevy_egui::{EguiGlobalSettings, EguiPlugin, EguiPrimaryContextPass, PrimaryEguiContext};
use std::sync::Mutex;
use std::time::Duration;

/// What the program is started with.
pub struct Start {
    /// The command line.
    pub cli: Cli,
    /// Colours, sizes and times.
    pub tokens: Tokens,
    /// Frames of a replay to be written, in place of everything else.
    pub frames: Option<FramesPlan>,
    /// An incident file to be played, in place of a server.
    pub incident: Option<Opened>,
    /// No window and no loop: whoever builds the program presses and draws it ([`Output::Driven`]).
    pub driven: bool,
}

/// Builds the program.
pub fn build(start: Start) -> App {
    let Start {
        cli,
        tokens,
        frames,
        incident,
        driven,
    } = start;
    let output = match frames {
        Some(_) => Output::Stills,
        None if driven => Output::Driven,
        None => cli.output(),
    };
    let door = door(&cli, output);
    let mut app = App::new();
    app.insert_resource(ClearColor(tokens.color("surface.void").into()));
    app.add_plugins(default_plugins(&cli, output));
    add_runner(&mut app, output);
    // The schedule must exist even before any panel is added to it.
    app.add_plugins(egui_plugin())
        .init_schedule(EguiPrimaryContextPass);
    app.add_plugins(PanelsDrawPlugin);
    app.world_mut()
        .resource_mut::<EguiGlobalSettings>()
        .auto_create_primary_context = false;
    app.insert_resource(cli.lang.unwrap_or(Lang::Zh))
        .insert_resource(LabelScale(if cli.wall { 2.0 } else { 1.0 }))
        .insert_resource(tokens)
        .insert_resource(output)
        .insert_resource(pack(&cli, incident.as_ref(), &door))
        .insert_resource(Screen {
            size: UVec2::new(cli.size.width, cli.size.height),
            at: cli.at,
        })
        .insert_resource(ScreenOptions {
            scale: cli.scale,
            wall: cli.wall,
        })
        .insert_resource(TextSize::new(cli.text_size.unwrap_or(1.0)))
        .add_plugins(ScreenPlugin)
        .init_resource::<Readiness>()
        .add_systems(PreStartup, (start_camera, start_view));
    let basemap = basemap(&cli);
    app.add_plugins((WordsPlugin, MapPlugin { basemap }, LabelsPlugin));
    let net = NetPlugin {
        source: source(&cli, incident, &door),
    };
    let live = LivePlugin {
        options: live(&cli, frames.is_some()),
    };
    app.insert_resource(door.clone())
        .add_plugins((net, live, PickPlugin));
    app.add_plugins(AccountPlugin);
    app.add_plugins(settings(&cli, output, &door));
    if !cli.map_only {
        add_panels(&mut app, &cli, output, &door);
    }
    let begin = begin(&cli, frames.is_some());
    app.add_plugins(BeginPlugin { begin });
    if let Some(plan) = frames {
        app.add_plugins(FramesPlugin {
            plan,
            at: cli.at,
            basis: cli.basis(),
            timeout_s: cli.timeout,
            server: cli.server,
        });
    } else if !output.is_pressed() {
        app.add_plugins(HeadlessPlugin {
            options: pictures(cli),
        });
    }
    app
}

/// Without arrays of textures: panels use three, and where a processor draws, a texture out of an array costs more.
fn egui_plugin() -> EguiPlugin {
    EguiPlugin {
        bindless_mode_array_size: None,
    }
}

/// The loop that the program runs in.
fn add_runner(app: &mut App, output: Output) {
    match output {
        Output::Window => {
            app.add_plugins(PacePlugin);
            return;
        }
        Output::Driven => return,
        Output::Stills | Output::Series => {}
    }
    // A picture is made as fast as the machine can; a running view is drawn a few times a second.
    let wait = if output.is_still() {
        Duration::ZERO
    } else {
        Duration::from_millis(200)
    };
    app.add_plugins(ScheduleRunnerPlugin::run_loop(wait));
    if output.is_still() {
        app.insert_resource(TimeUpdateStrategy::ManualDuration(PICTURE_STEP));
    }
}

/// The console with its forks, or the wall.
fn add_panels(app: &mut App, cli: &Cli, output: Output, door: &Door) {
    let options = PanelOptions {
        wall: cli.wall,
        what_if: cli.what_if,
        drill: cli.drill.clone(),
        join: cli.join,
        ghost: cli.ghost,
    };
    app.add_plugins(PanelsPlugin { options });
    if cli.wall {
        let look_given = cli.at.is_some();
        app.add_plugins(WallPlugin {
            options: WallOptions { look_given },
        });
        return;
    }
    let options = ForkOptions {
        link: link(cli, door),
        pack: app.world().resource::<Pack>().clone(),
        basemap: basemap(cli),
        whole_frames: output.is_headless(),
    };
    app.add_plugins(ForkPlugin { options });
}

/// The server's door; its certificate was confirmed now, or at an earlier start.
fn door(cli: &Cli, output: Output) -> Door {
    let kept = is_kept(cli, output);
    let remembered = || kept.then(|| remembered_pin(&cli.server)).flatten();
    let pin = Pin::new(cli.pin.or_else(remembered));
    Door::new(&cli.server, cli.token.as_deref().unwrap_or_default()).pinned(&pin)
}

fn link(cli: &Cli, door: &Door) -> LinkOptions {
    LinkOptions::new(door, cli.user.as_deref())
}

fn source(cli: &Cli, incident: Option<Opened>, door: &Door) -> Source {
    match incident {
        _ if cli.map_only => Source::Nobody,
        Some(opened) => Source::Incident(Mutex::new(Some(Box::new(opened)))),
        None => Source::Server(link(cli, door)),
    }
}

/// An incident file brings its map along.
fn pack(cli: &Cli, incident: Option<&Opened>, door: &Door) -> Pack {
    let own = incident.map(|opened| opened.pack().to_owned());
    Pack {
        folder: own.or_else(|| cli.city.clone()),
        door: door.clone(),
    }
}

fn basemap(cli: &Cli) -> BasemapOptions {
    BasemapOptions {
        style: cli.style.clone(),
        first_look: cli.at.is_none(),
    }
}

fn live(cli: &Cli, frames: bool) -> LiveOptions {
    LiveOptions {
        layers: cli.layers.clone(),
        wall: cli.wall,
        select: cli.select.clone(),
        select_each_moment: frames,
        map_only: cli.map_only,
    }
}

/// Whether settings are read and written.
fn is_kept(cli: &Cli, output: Output) -> bool {
    !output.is_headless() && !cli.map_only
}

fn settings(cli: &Cli, output: Output, door: &Door) -> SettingsPlugin {
    SettingsPlugin {
        kept: is_kept(cli, output),
        lang_given: cli.lang.is_some(),
        text_size_given: cli.text_size.is_some(),
        view_given: cli.at.is_some() || cli.wall,
        door: cli.open.is_none().then(|| door.clone()),
    }
}

fn begin(cli: &Cli, frames: bool) -> Begin {
    match (cli.link, cli.world) {
        _ if frames => Begin::Frames,
        (Some(link), _) => Begin::Record(link),
        (None, StartWorld::Live) => Begin::Live,
        (None, StartWorld::Replay) => Begin::Replay {
            at: cli.time,
            basis: cli.basis(),
        },
    }
}

fn pictures(cli: Cli) -> PictureOptions {
    PictureOptions {
        once: cli.screenshot.is_some(),
        file: cli.screenshot.or(cli.out).unwrap_or_default(),
        every: Duration::from_secs_f64(cli.headless_every.unwrap_or(5.0)),
        timeout: Duration::from_secs_f64(cli.timeout),
        at: cli.at,
    }
}

fn default_plugins(cli: &Cli, output: Output) -> bevy::app::PluginGroupBuilder {
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
        synchronous_pipeline_compilation: output.is_headless(),
        ..default()
    };
    let group = DefaultPlugins.set(log).set(render);
    let group = if output.is_headless() {
        group.disable::<WinitPlugin>()
    } else {
        group
    };
    group.set(WindowPlugin {
        // One that is on no screen still says how large it is and where the pointer is.
        primary_window: output.is_pressed().then_some(window),
        exit_condition: if output.is_headless() {
            ExitCondition::DontExit
        } else {
            ExitCondition::OnAllClosed
        },
        ..default()
    })
}

fn resolution(cli: &Cli) -> WindowResolution {
    let resolution = WindowResolution::new(cli.size.width, cli.size.height);
    match cli.scale {
        Some(scale) => resolution.with_scale_factor_override(scale),
        None => resolution,
    }
}

/// The size of what is drawn, and where it looks first.
#[derive(Resource, Clone, Copy)]
struct Screen {
    /// Width and height, physical pixels.
    size: UVec2,
    at: Option<At>,
}

impl Screen {
    /// Physical pixels per logical pixel in pictures: they have no screen that says anything of itself.
    fn scale_factor(&self, options: ScreenOptions, text: TextSize) -> f32 {
        options.scale_factor(self.size.as_vec2(), 1.0, text)
    }
}

/// The one camera: map and panels are drawn into its target.
fn start_camera(
    mut commands: Commands,
    (screen, options, text): (Res<Screen>, Res<ScreenOptions>, Res<TextSize>),
    output: Res<Output>,
    mut images: ResMut<Assets<Image>>,
) {
    let mut camera = commands.spawn((map_camera(), PrimaryEguiContext));
    if output.is_headless() {
        let format = TextureFormat::Rgba8UnormSrgb;
        let size = screen.size;
        let mut image = Image::new_target_texture(size.x, size.y, format, None);
        image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
        let target = ImageRenderTarget {
            handle: images.add(image),
            scale_factor: screen.scale_factor(*options, *text),
        };
        camera.insert(RenderTarget::Image(target.clone()));
        commands.insert_resource(MapTarget::Image(target));
    } else {
        commands.insert_resource(MapTarget::Window);
    }
}

/// The first look, and the times of motion from the tokens.
fn start_view(
    (screen, output): (Res<Screen>, Res<Output>),
    (options, text): (Res<ScreenOptions>, Res<TextSize>),
    tokens: Res<Tokens>,
    window: Res<MapWindow>,
    mut camera: ResMut<MapCamera>,
    mut keys: ResMut<CameraKeys>,
    mut flight: ResMut<Flight>,
) {
    if output.is_headless() {
        let scale = screen.scale_factor(*options, *text);
        camera.scale_factor = scale;
        camera.viewport = screen.size.as_vec2() / scale;
    }
    if let Some(at) = screen.at {
        camera.look_at(&window, at);
    }
    keys.inertia_s = f64::from(tokens.seconds("motion.inertia"));
    keys.wheel_s = f64::from(tokens.seconds("motion.zoom_wheel"));
    let fly = tokens.numbers("motion.fly");
    if let [min, max] = fly[..] {
        flight.limits_s = Some([f64::from(min) / 1000.0, f64::from(max) / 1000.0]);
    }
}
