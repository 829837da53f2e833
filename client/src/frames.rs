//! A stretch of the past as pictures: one for each moment, as the screen shows it with the clock paused there.
//!
//! Every frame is drawn by the same program in the same steps of time, and what is drawn depends on the moment only,
//! not on how it was reached: played to, gone back to, or sought. So the order does not matter, and what is exported
//! is what the screen showed.

mod plan;
mod video;

pub use plan::{FramesPlan, Order};

use crate::begin::{Moment, moment_of};
use crate::camera::At;
use crate::headless::{HeldView, write_png};
use crate::net::{City, Connection};
use crate::readiness::Readiness;
use crate::render::MapTarget;
use bevy::camera::RenderTarget;
use bevy::ecs::system::SystemParam;
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
    /// Whether events count from when they occurred or from when they became known.
    pub basis: TimeBasis,
    /// Seconds a picture may take before the program gives up.
    pub timeout_s: f64,
    /// Address of the server, for the message when no server answers.
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

fn look_at(export: Res<Export>, mut view: HeldView) {
    if let Some(at) = export.options.at {
        view.hold(at);
    }
}

/// What there is to be photographed.
#[derive(SystemParam)]
struct Scene<'w> {
    city: Res<'w, City>,
    connection: Res<'w, Connection>,
    readiness: Res<'w, Readiness>,
    target: Res<'w, MapTarget>,
}

fn export(
    mut commands: Commands,
    mut export: ResMut<Export>,
    mut moment: ResMut<Moment>,
    scene: Scene,
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
    if export.in_flight || !export.has_begun(&scene) {
        return;
    }
    let Some(index) = export.order.get(export.next).copied() else {
        let code = video::make(&export.options.plan, export.written);
        export.leaving = Some((code, LEAVE_FRAMES));
        return;
    };
    let wanted = export.moments[index];
    if moment.wanted != Some(wanted) {
        let basis = export.options.basis;
        moment.go(wanted, basis, &scene.city, &scene.connection);
        export.since = Instant::now();
        export.settled = 0;
        return;
    }
    if !(moment.is_settled() && scene.readiness.is_ready()) {
        export.settled = 0;
        return export.wait_for(wanted, &scene);
    }
    if let Some(words) = outside_log(&scene.city, wanted) {
        return export.fail(&words);
    }
    export.settled += 1;
    let enough = if export.written == 0 {
        FIRST_FRAMES
    } else {
        SETTLE_FRAMES
    };
    if let MapTarget::Image(image) = &*scene.target
        && export.settled >= enough
    {
        export.in_flight = true;
        commands
            .spawn(Screenshot(RenderTarget::Image(image.clone())))
            .observe(save);
    }
}

impl Export {
    /// True once the moments are known and there is a folder for their pictures; until then it waits for the city.
    fn has_begun(&mut self, scene: &Scene) -> bool {
        if !self.moments.is_empty() {
            return true;
        }
        let (city, waited_s) = (&scene.city, self.since.elapsed().as_secs_f64());
        if waited_s > self.options.timeout_s {
            self.fail(&format!(
                "no frames after {waited_s:.0} s: no server answers at {}",
                self.options.server
            ));
            return false;
        }
        if city.mirror.hello.is_none() || !scene.connection.is_live() {
            return false;
        }
        let plan = &self.options.plan;
        match plan.moments(moment_of(plan.from, city), moment_of(plan.to, city)) {
            Ok(moments) => self.moments = moments,
            Err(words) => {
                self.fail(&words);
                return false;
            }
        }
        self.order = self.options.plan.order.of(self.moments.len());
        if let Err(error) = std::fs::create_dir_all(&self.options.plan.dir) {
            let dir = self.options.plan.dir.display();
            self.fail(&format!("{dir}: the folder cannot be made: {error}"));
            return false;
        }
        true
    }

    /// Gives up on a moment that takes too long.
    fn wait_for(&mut self, wanted: Timestamp, scene: &Scene) {
        let waited_s = self.since.elapsed().as_secs_f64();
        if waited_s <= self.options.timeout_s {
            return;
        }
        let waiting: Vec<_> = scene.readiness.missing().collect();
        let clock = scene.city.clock();
        let why = if waiting.is_empty() {
            "the server does not go there".to_string()
        } else {
            format!("still waiting for {}", waiting.join(", "))
        };
        self.fail(&format!(
            "no picture of {} {} after {waited_s:.0} s: {why}",
            clock.ymd(wanted),
            clock.hms(wanted),
        ));
    }
}

/// Why a moment is not shown though the clock has been sent there: the log does not hold it.
fn outside_log(city: &City, wanted: Timestamp) -> Option<String> {
    let c = city.world_clock().filter(|c| c.time != wanted)?;
    let clock = city.clock();
    let written = |t: Timestamp| format!("{} {}", clock.ymd(t), clock.hms(t));
    Some(format!(
        "{} is outside the log, which holds {} to {}",
        written(wanted),
        written(c.from),
        written(c.to)
    ))
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
