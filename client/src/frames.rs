//! A stretch of the past as pictures: one for each moment, as the screen shows it when the clock stands there.
//!
//! Every frame is drawn by the same program in the same steps of time, and what is drawn depends on the moment only,
//! not on how it was come to: played to, gone back to, or sought. So the order does not matter, and what is exported
//! is what the screen showed.

mod plan;
mod video;

pub use plan::{FramesPlan, Order};

use crate::begin::{Moment, moment_of};
use crate::camera::{At, MapCamera, MapWindow};
use crate::headless::write_png;
use crate::net::{City, Connection};
use crate::readiness::Readiness;
use crate::render::MapTarget;
use bevy::camera::RenderTarget;
use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use chengtu_engine::replay::TimeBasis;
use chengtu_engine::time::Timestamp;
use std::path::PathBuf;
use std::time::Instant;

/// Frames drawn after everything of a moment is here: names have found their places and panels their sizes.
const SETTLE_FRAMES: u32 = 6;
/// More before the first: pipelines are built, glyphs drawn.
const FIRST_FRAMES: u32 = 24;
/// Frames between the last picture and the end: the renderer runs a frame behind and ends its work first.
const LEAVE_FRAMES: u32 = 4;

/// Writes the frames asked for on the command line.
#[derive(Clone, Debug)]
pub struct FramesPlugin {
    /// Which moments, and where their pictures go.
    pub plan: FramesPlan,
    /// Where they look; where the map opens if not given.
    pub at: Option<At>,
    /// By which time the past is told.
    pub basis: TimeBasis,
    /// Seconds a picture may take before the program gives up.
    pub timeout_s: f64,
    /// Address of the server, for what is said where none answers.
    pub server: String,
}

impl Plugin for FramesPlugin {
    fn build(&self, app: &mut App) {
        if let Some(words) = video::missing(&self.plan) {
            warn!("{words}");
        }
        app.insert_resource(Export {
            options: self.clone(),
            moments: Vec::new(),
            order: Vec::new(),
            next: 0,
            settled: 0,
            in_flight: false,
            written: 0,
            since: Instant::now(),
            leaving: None,
        })
        .add_systems(Update, look_at)
        .add_systems(Last, export);
    }
}

#[derive(Resource, Debug)]
struct Export {
    options: FramesPlugin,
    /// Every moment, in the order of time; empty before the city is known.
    moments: Vec<Timestamp>,
    /// Indices of moments in the order they are gone to.
    order: Vec<usize>,
    next: usize,
    settled: u32,
    in_flight: bool,
    written: usize,
    /// When the moment under way was asked for.
    since: Instant,
    leaving: Option<(AppExit, u32)>,
}

impl Export {
    fn file(&self, index: usize) -> PathBuf {
        self.options.plan.dir.join(format!("{:06}.png", index + 1))
    }

    fn fail(&mut self, words: &str) {
        error!("{words}");
        self.leaving = Some((AppExit::error(), 0));
    }
}

fn look_at(export: Res<Export>, window: Res<MapWindow>, mut camera: ResMut<MapCamera>) {
    if let Some(at) = export.options.at {
        let mut to = camera.clone();
        to.look_at(&window, at);
        camera.set_if_neq(to);
    }
}

fn export(
    mut commands: Commands,
    mut export: ResMut<Export>,
    mut moment: ResMut<Moment>,
    city: Res<City>,
    connection: Res<Connection>,
    readiness: Res<Readiness>,
    target: Res<MapTarget>,
    mut exit: MessageWriter<AppExit>,
) {
    let export = &mut *export;
    if let Some((code, frames)) = &mut export.leaving {
        if *frames == 0 {
            exit.write(code.clone());
        }
        *frames = frames.saturating_sub(1);
        return;
    }
    if export.in_flight {
        return;
    }
    let waited_s = export.since.elapsed().as_secs_f64();
    if export.moments.is_empty() {
        if waited_s > export.options.timeout_s {
            return export.fail(&format!(
                "no frames after {waited_s:.0} s: no server answers at {}",
                export.options.server
            ));
        }
        if city.mirror.hello.is_none() || !connection.is_live() {
            return;
        }
        let (from, to) = (export.options.plan.from, export.options.plan.to);
        match export
            .options
            .plan
            .moments(moment_of(from, &city), moment_of(to, &city))
        {
            Ok(moments) => export.moments = moments,
            Err(words) => return export.fail(&words),
        }
        export.order = export.options.plan.order.of(export.moments.len());
        if let Err(error) = std::fs::create_dir_all(&export.options.plan.dir) {
            let dir = export.options.plan.dir.display();
            return export.fail(&format!("{dir}: the folder cannot be made: {error}"));
        }
    }
    let Some(index) = export.order.get(export.next).copied() else {
        let code = video::make(&export.options.plan, export.written);
        export.leaving = Some((code, LEAVE_FRAMES));
        return;
    };
    let wanted = export.moments[index];
    if moment.wanted != Some(wanted) {
        moment.go(wanted, export.options.basis, &city, &connection);
        export.since = Instant::now();
        export.settled = 0;
        return;
    }
    if !(moment.is_settled() && readiness.is_ready()) {
        export.settled = 0;
        if waited_s > export.options.timeout_s {
            let waiting: Vec<_> = readiness.missing().collect();
            let clock = city.clock();
            let words = format!(
                "no picture of {} {} after {waited_s:.0} s: {}",
                clock.ymd(wanted),
                clock.hms(wanted),
                if waiting.is_empty() {
                    "the server does not go there".to_string()
                } else {
                    format!("still waiting for {}", waiting.join(", "))
                }
            );
            export.fail(&words);
        }
        return;
    }
    if let Some(c) = city.world_clock().filter(|c| c.time != wanted) {
        let clock = city.clock();
        let told = |t: Timestamp| format!("{} {}", clock.ymd(t), clock.hms(t));
        let words = format!(
            "{} is outside the log, which holds {} to {}",
            told(wanted),
            told(c.from),
            told(c.to)
        );
        return export.fail(&words);
    }
    export.settled += 1;
    let enough = if export.written == 0 {
        FIRST_FRAMES
    } else {
        SETTLE_FRAMES
    };
    let MapTarget::Image(image) = &*target else {
        return;
    };
    if export.settled >= enough {
        export.in_flight = true;
        commands
            .spawn(Screenshot(RenderTarget::Image(image.clone())))
            .observe(save);
    }
}

fn save(captured: On<ScreenshotCaptured>, mut export: ResMut<Export>) {
    let export = &mut *export;
    export.in_flight = false;
    export.settled = 0;
    let Some(index) = export.order.get(export.next).copied() else {
        return;
    };
    let file = export.file(index);
    if let Err(error) = write_png(&captured.image, &file) {
        let file = file.display();
        return export.fail(&format!("{file}: the picture cannot be written: {error}"));
    }
    export.written += 1;
    export.next += 1;
    info!(
        "{} of {}: {}",
        export.written,
        export.moments.len(),
        file.display()
    );
}
