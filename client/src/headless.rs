//! Pictures without a window: one and exit, or one every few seconds; and the gates a picture waits for.

use crate::app::MapTarget;
use crate::camera::{MapCamera, MapWindow};
use crate::cli::{At, Cli};
use bevy::camera::{ImageRenderTarget, RenderTarget};
use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use chengtu_engine::geo::{LonLat, mercator_from_lon_lat};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a picture waits for. A plugin opens a gate under its own name at start-up (`wait_for`) and says every
/// frame, or once, whether it is ready; a picture is taken when all are.
#[derive(Resource, Debug, Default)]
pub struct Readiness {
    gates: BTreeMap<&'static str, bool>,
}

impl Readiness {
    /// Pictures wait for this gate from now on.
    pub fn wait_for(&mut self, gate: &'static str) {
        self.gates.entry(gate).or_insert(false);
    }

    /// The gate is (no longer) ready.
    pub fn set(&mut self, gate: &'static str, ready: bool) {
        self.gates.insert(gate, ready);
    }

    /// The gates still waited for.
    pub fn missing(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.gates
            .iter()
            .filter(|(_, ready)| !**ready)
            .map(|(gate, _)| *gate)
    }

    /// True when nothing is waited for.
    pub fn is_ready(&self) -> bool {
        self.missing().next().is_none()
    }
}

/// Frames drawn after everything is ready, so that fades end and pipelines are built.
const SETTLE_FRAMES: u32 = 24;
/// Step of time in pictures: the same picture from the same data, however slow the machine.
pub const PICTURE_STEP: Duration = Duration::from_millis(50);

/// A picture under way.
#[derive(Resource, Debug)]
struct Pictures {
    file: PathBuf,
    once: bool,
    every: Duration,
    timeout: Duration,
    started: Instant,
    last: Option<Instant>,
    settled: u32,
    in_flight: bool,
    /// The exit code, and how many frames from now: the renderer runs a frame behind and ends its work first.
    leaving: Option<(AppExit, u32)>,
}

/// Frames between the last picture and the end.
const LEAVE_FRAMES: u32 = 4;

/// Takes the pictures asked for on the command line.
pub struct HeadlessPlugin;

impl Plugin for HeadlessPlugin {
    fn build(&self, app: &mut App) {
        let cli = app.world().resource::<Cli>();
        let pictures = Pictures {
            file: cli
                .screenshot
                .clone()
                .or_else(|| cli.out.clone())
                .unwrap_or_default(),
            once: cli.screenshot.is_some(),
            every: Duration::from_secs_f64(cli.headless_every.unwrap_or(5.0)),
            timeout: Duration::from_secs_f64(cli.timeout),
            started: Instant::now(),
            last: None,
            settled: 0,
            in_flight: false,
            leaving: None,
        };
        app.insert_resource(pictures)
            .add_systems(First, rest)
            .add_systems(Update, look_at)
            .add_systems(Last, take_pictures);
    }
}

/// Between pictures of a running view nothing needs to be drawn often: the machine is left to the city.
fn rest(pictures: Res<Pictures>) {
    let Some(last) = pictures
        .last
        .filter(|_| !pictures.once && !pictures.in_flight)
    else {
        return;
    };
    let left = pictures.every.saturating_sub(last.elapsed());
    if left > WAKE_BEFORE + REST {
        std::thread::sleep(REST);
    }
}

/// Longest rest between two frames, and how long before a picture frames come quickly again, so that names have
/// appeared and the newest positions are in.
const REST: Duration = Duration::from_millis(500);
const WAKE_BEFORE: Duration = Duration::from_millis(1500);

/// Holds the place asked for in the middle of the window the panels leave free.
fn look_at(
    cli: Res<Cli>,
    window: Res<MapWindow>,
    pictures: Res<Pictures>,
    mut camera: ResMut<MapCamera>,
) {
    if let Some(at) = cli.at
        && pictures.once
    {
        put(&mut camera, &window, at);
    }
}

/// Looks at `at` with the place in the middle of the free window.
pub fn put(camera: &mut MapCamera, window: &MapWindow, at: At) {
    let mut to = camera.clone();
    (to.zoom, to.pitch_deg, to.bearing_deg) = (at.zoom, at.pitch_deg, at.bearing_deg);
    to.limit();
    to.pin(
        mercator_from_lon_lat(LonLat::new(at.lon_deg, at.lat_deg)).into(),
        window.centre(&to),
    );
    to.limit();
    if *camera != to {
        *camera = to;
    }
}

fn take_pictures(
    mut commands: Commands,
    readiness: Res<Readiness>,
    cli: Res<Cli>,
    target: Res<MapTarget>,
    mut pictures: ResMut<Pictures>,
    mut exit: MessageWriter<AppExit>,
) {
    let MapTarget::Image(image) = &*target else {
        return;
    };
    if let Some((code, frames)) = &mut pictures.leaving {
        if *frames == 0 {
            exit.write(code.clone());
        }
        *frames = frames.saturating_sub(1);
        return;
    }
    if pictures.in_flight {
        return;
    }
    if readiness.is_ready() {
        pictures.settled += 1;
    } else {
        pictures.settled = 0;
        if pictures.once && pictures.started.elapsed() > pictures.timeout {
            let waiting: Vec<_> = readiness.missing().collect();
            error!(
                "no picture after {:.0} s: still waiting for {}",
                pictures.timeout.as_secs_f64(),
                waiting.join(", ")
            );
            pictures.leaving = Some((AppExit::error(), 0));
            return;
        }
    }
    let due = if pictures.once {
        pictures.settled >= SETTLE_FRAMES
    } else {
        // A picture every few seconds shows what there is, ready or not.
        pictures
            .last
            .is_none_or(|last| last.elapsed() >= pictures.every)
            && (pictures.settled >= SETTLE_FRAMES
                || pictures.started.elapsed() > pictures.every * 2)
    };
    if due {
        pictures.in_flight = true;
        pictures.last = Some(Instant::now());
        // The very target of the camera, scale factor and all; another would be a picture of nothing.
        let target = ImageRenderTarget {
            handle: image.clone(),
            scale_factor: cli.scale.unwrap_or(1.0),
        };
        commands
            .spawn(Screenshot(RenderTarget::Image(target)))
            .observe(save);
    }
}

fn save(captured: On<ScreenshotCaptured>, mut pictures: ResMut<Pictures>) {
    pictures.in_flight = false;
    let result = write_png(&captured.image, &pictures.file);
    let file = pictures.file.display();
    match (&result, pictures.once) {
        (Ok(()), true) => info!("picture written: {file}"),
        (Ok(()), false) => debug!("picture written: {file}"),
        (Err(error), _) => error!("{file}: the picture cannot be written: {error}"),
    }
    if pictures.once {
        let code = if result.is_ok() {
            AppExit::Success
        } else {
            AppExit::error()
        };
        pictures.leaving = Some((code, LEAVE_FRAMES));
    }
}

/// Writes aside and renames, so that a reader never sees half a picture.
///
/// # Errors
/// What could not be done, in words.
pub fn write_png(image: &Image, file: &Path) -> Result<(), String> {
    let picture = image
        .clone()
        .try_into_dynamic()
        .map_err(|e| e.to_string())?
        .to_rgb8();
    let aside = file.with_extension("png.part");
    picture
        .save_with_format(&aside, image::ImageFormat::Png)
        .map_err(|e| e.to_string())?;
    std::fs::rename(&aside, file).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_waits_for_every_gate() {
        let mut readiness = Readiness::default();
        assert!(readiness.is_ready());
        readiness.wait_for("tiles");
        readiness.wait_for("snapshot");
        readiness.set("tiles", true);
        assert_eq!(readiness.missing().collect::<Vec<_>>(), ["snapshot"]);
        readiness.set("snapshot", true);
        assert!(readiness.is_ready());
        readiness.set("tiles", false);
        assert!(!readiness.is_ready());
    }

    #[test]
    fn the_place_asked_for_lies_in_the_middle_of_the_free_window() {
        let mut camera = MapCamera {
            viewport: Vec2::new(1920.0, 1080.0),
            ..MapCamera::default()
        };
        let window = MapWindow {
            rect: Some(Rect::new(400.0, 60.0, 1480.0, 1020.0)),
        };
        put(
            &mut camera,
            &window,
            "118.79,32.05,16,50,40".parse().unwrap(),
        );
        let seen = camera
            .screen_from_world(LonLat::new(118.79, 32.05))
            .unwrap();
        assert!(
            seen.pos.distance(Vec2::new(940.0, 540.0)) < 0.01,
            "{seen:?}"
        );
    }
}
