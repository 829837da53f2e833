use super::axis::Axis;
use bevy_egui::egui::{Rect, pos2};
use chengtu_engine::time::Timestamp;

/// Room for the names of the lanes.
pub const LABELS_W: f32 = 156.0;

/// Where the lanes lie.
#[derive(Clone, Copy, Debug)]
pub struct Lanes {
    /// All of them, without the scale.
    pub plot: Rect,
    /// Cases and alarms, with grave moments above them.
    pub counts: Rect,
    /// Lane of the bookmarks.
    pub marks: Rect,
    /// Events of what is chosen.
    pub chosen: Rect,
}

impl Lanes {
    /// The lanes of a tall bar below its row of buttons.
    pub fn new(bar: Rect, top: f32) -> Self {
        let (x0, x1) = (bar.min.x + LABELS_W, bar.max.x - 20.0);
        let lane = |from: f32, to: f32| Rect::from_min_max(pos2(x0, from), pos2(x1, to));
        let bottom = bar.max.y - 21.0;
        let counts_to = bottom - 52.0;
        Self {
            plot: lane(top, bottom),
            counts: lane(top, counts_to),
            marks: lane(counts_to, counts_to + 26.0),
            chosen: lane(counts_to + 26.0, bottom),
        }
    }

    pub(super) fn x(&self, axis: &Axis, t: Timestamp) -> f32 {
        self.plot.min.x + self.plot.width() * axis.share(t).clamp(-1.0, 2.0) as f32
    }

    pub(super) fn at(&self, axis: &Axis, x: f32) -> Timestamp {
        axis.at(f64::from((x - self.plot.min.x) / self.plot.width()))
    }
}
