//! Pictures without a window: one and exit, or one every few seconds.

use crate::camera::{At, MapCamera, MapWindow};
use crate::net::City;
use crate::readiness::Readiness;
use crate::render::MapTarget;
use bevy::camera::RenderTarget;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Frames drawn after everything is ready, so that fades end and pipelines are built.
const SETTLE_FRAMES: u32 = 24;
/// Step of time in pictures: the same picture from the same data, however slow the machine.
pub const PICTURE_STEP: Duration = Duration::from_millis(50);

/// Which pictures are written.
#[derive(Resource, Clone, Debug)]
pub struct PictureOptions {
    /// PNG file that is written, and replaced by later pictures.
    pub file: PathBuf,
    /// One picture once everything is there, and the end; else one every so often, ready or not.
    pub once: bool,
    /// From picture to picture of a running view.
    pub every: Duration,
    /// A single picture that is not ready after so long is given up.
    pub timeout: Duration,
    /// Where a single picture looks; where the map opens if not given.
    pub at: Option<At>,
}

/// A picture under way.
#[derive(Resource, Debug)]
struct Pictures {
    options: PictureOptions,
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
pub struct HeadlessPlugin {
    /// Which pictures, and where they are written.
    pub options: PictureOptions,
}

impl Plugin for HeadlessPlugin {
    fn build(&self, app: &mut App) {
        let pictures = Pictures {
            options: self.options.clone(),
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
        .filter(|_| !pictures.options.once && !pictures.in_flight)
    else {
        return;
    };
    let left = pictures.options.every.saturating_sub(last.elapsed());
    if left > WAKE_BEFORE + REST {
        std::thread::sleep(REST);
    }
}

/// Longest rest between two frames, and how long before a picture frames come quickly again, so that names have
/// appeared and the newest positions are in.
const REST: Duration = Duration::from_millis(500);
const WAKE_BEFORE: Duration = Duration::from_millis(1500);

fn look_at(mut view: HeldView, pictures: Res<Pictures>) {
    if let Some(at) = pictures.options.at.filter(|_| pictures.options.once) {
        view.hold(at);
    }
}

/// What it takes to hold a place in the middle of the window that the panels leave free.
#[derive(SystemParam)]
pub(crate) struct HeldView<'w> {
    window: Res<'w, MapWindow>,
    camera: ResMut<'w, MapCamera>,
    city: Option<ResMut<'w, City>>,
}

impl HeldView<'_> {
    /// Looks there, also where panels have changed their sizes since; the picture is then the same as if they had
    /// always been as they are.
    pub(crate) fn hold(&mut self, at: At) {
        let mut to = self.camera.clone();
        to.look_at(&self.window, at);
        if self.camera.set_if_neq(to)
            && let Some(city) = &mut self.city
        {
            city.view_jumped();
        }
    }
}

fn take_pictures(
    mut commands: Commands,
    readiness: Res<Readiness>,
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
        if pictures.options.once && pictures.started.elapsed() > pictures.options.timeout {
            let waiting: Vec<_> = readiness.missing().collect();
            error!(
                "no picture after {:.0} s: still waiting for {}",
                pictures.options.timeout.as_secs_f64(),
                waiting.join(", ")
            );
            pictures.leaving = Some((AppExit::error(), 0));
            return;
        }
    }
    let due = if pictures.options.once {
        pictures.settled >= SETTLE_FRAMES
    } else {
        // A picture every few seconds shows what there is, ready or not.
        pictures
            .last
            .is_none_or(|last| last.elapsed() >= pictures.options.every)
            && (pictures.settled >= SETTLE_FRAMES
                || pictures.started.elapsed() > pictures.options.every * 2)
    };
    if due {
        pictures.in_flight = true;
        pictures.last = Some(Instant::now());
        // The very target of the camera, scale factor and all; another would be a picture of nothing.
        commands
            .spawn(Screenshot(RenderTarget::Image(image.clone())))
            .observe(save);
    }
}

fn save(captured: On<ScreenshotCaptured>, mut pictures: ResMut<Pictures>) {
    pictures.in_flight = false;
    let result = write_png(&captured.image, &pictures.options.file);
    let file = pictures.options.file.display();
    match (&result, pictures.options.once) {
        (Ok(()), true) => info!("picture written: {file}"),
        (Ok(()), false) => debug!("picture written: {file}"),
        (Err(error), _) => error!("{file}: the picture cannot be written: {error}"),
    }
    if pictures.options.once {
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
    use chengtu_engine::drill::Seat;
    use chengtu_engine::record::World as CityWorld;
    use chengtu_engine::replay::{TimeBasis, WorldClock};
    use chengtu_engine::stream::{ServerMessage, WorldInfo};
    use chengtu_engine::time::Timestamp;

    const AT: &str = "118.7862,32.0440,15.2,40,330";

    /// A city whose current world is a paused replay.
    fn paused_replay() -> City {
        let time = Timestamp::from_seconds(1_000);
        let clock = WorldClock {
            time,
            speed: 1.0,
            playing: false,
            basis: TimeBasis::Known,
            from: time,
            to: time,
            jumps: 0,
        };
        let mut city = City::default();
        city.take(
            &ServerMessage::Entered(Box::new(WorldInfo {
                world: CityWorld::Replay(1),
                title: String::new(),
                owner: String::new(),
                shared: false,
                seat: Seat::Viewer,
                clock: Some(clock),
                notice: String::new(),
                notice_en: String::new(),
                record_of: None,
            })),
            Instant::now(),
        )
        .expect("a world that is entered");
        city
    }

    fn hold(mut view: HeldView) {
        view.hold(AT.parse().expect("a place"));
    }

    /// The clusters of a paused moment depended on whether its cases came before or after the panels had their sizes.
    #[test]
    fn a_view_that_jumps_in_a_frozen_frame_begins_the_frame_anew() {
        let mut app = App::new();
        let window = |max_x: f32| MapWindow {
            rect: Some(Rect::new(100.0, 0.0, max_x, 600.0)),
        };
        app.insert_resource(window(800.0))
            .insert_resource(MapCamera::default())
            .insert_resource(paused_replay())
            .add_systems(Update, hold);
        let frame = |app: &mut App| {
            app.update();
            app.world().resource::<City>().frozen_frame()
        };
        let first = frame(&mut app);
        assert!(first.is_some());
        assert_eq!(
            frame(&mut app),
            first,
            "a view that is held changes nothing"
        );
        app.insert_resource(window(500.0));
        let after = frame(&mut app);
        assert!(after.is_some() && after != first);
        assert_eq!(frame(&mut app), after);
    }
}
