//! The grid table of the design, as rectangles.

use bevy_egui::egui::{Pos2, Rect, Vec2, pos2, vec2};

/// Panel to panel and panel to edge.
pub const GAP: f32 = 12.0;
/// Height of the top bar.
pub const TOP_H: f32 = 56.0;
/// Height of the time strip while live.
pub const TIME_H: f32 = 54.0;
/// Width of the queue.
pub const QUEUE_W: f32 = 372.0;
/// Width of the detail panel.
pub const DETAIL_W: f32 = 436.0;
/// Screens narrower than this show one panel at a time.
pub const WIDE: f32 = 1600.0;

/// Rectangles of bars and panels, logical pixels. See the grid table of the design.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// The whole screen.
    pub screen: Rect,
    /// Width of the world's frame.
    pub frame: f32,
    /// Bar along the upper edge, 56 high.
    pub top: Rect,
    /// Time bar along the lower edge.
    pub time: Rect,
    /// Case queue, where there is room for it.
    pub queue: Option<Rect>,
    /// Detail, dispatch, alarms and hotspots, where open.
    pub detail: Option<Rect>,
    /// The map between the panels.
    pub window: Rect,
    /// True where both panels fit beside the map.
    pub wide: bool,
}

impl Layout {
    /// The layout of a screen. `detail_open`: something is chosen that has a panel; on a wide screen the right
    /// panel is always there, so that nothing beside it moves.
    pub fn new(size: Vec2, frame: f32, detail_open: bool) -> Self {
        Self::with_time(size, frame, detail_open, TIME_H)
    }

    /// As [`Layout::new`], with a time bar of another height.
    pub fn with_time(size: Vec2, frame: f32, detail_open: bool, time_h: f32) -> Self {
        let screen = Rect::from_min_size(Pos2::ZERO, size);
        let inner = screen.shrink(frame);
        let top = Rect::from_min_size(inner.min, vec2(inner.width(), TOP_H));
        let time = Rect::from_min_max(pos2(inner.min.x, inner.max.y - time_h), inner.max);
        let (y0, y1) = (top.max.y + GAP, time.min.y - GAP);
        let left = |w: f32| {
            Rect::from_min_max(pos2(inner.min.x + GAP, y0), pos2(inner.min.x + GAP + w, y1))
        };
        let wide = size.x >= WIDE;
        let right_x = inner.max.x - GAP - DETAIL_W;
        let right = Rect::from_min_max(pos2(right_x, y0), pos2(inner.max.x - GAP, y1));
        let (queue, detail) = match (wide, detail_open) {
            (true, _) => (Some(left(QUEUE_W)), Some(right)),
            (false, true) => (None, Some(left(DETAIL_W))),
            (false, false) => (Some(left(QUEUE_W)), None),
        };
        let from = queue.or(detail).map_or(inner.min.x, |r| r.max.x);
        let to = if wide { right_x } else { inner.max.x };
        let window = Rect::from_min_max(pos2(from, top.max.y), pos2(to, time.min.y));
        Self {
            screen,
            frame,
            top,
            time,
            queue,
            detail,
            window,
            wide,
        }
    }

    /// Upper left corner of the layer chips.
    pub fn chips(&self) -> Pos2 {
        self.window.min + vec2(GAP, GAP)
    }

    /// Compass, zoom, 3D and help: 36 × 182, in the window's upper right corner.
    pub fn control(&self) -> Rect {
        Rect::from_min_size(
            pos2(self.window.max.x - GAP - 36.0, self.window.min.y + GAP),
            vec2(36.0, 182.0),
        )
    }

    /// Lower left corner of the legend, 30 high.
    pub fn legend(&self) -> Pos2 {
        pos2(self.window.min.x + GAP, self.window.max.y - GAP)
    }

    /// Lower right corner of scale and attribution.
    pub fn attribution(&self) -> Pos2 {
        pos2(self.window.max.x - GAP, self.window.max.y - GAP)
    }

    /// Everything that covers the map: labels keep clear of it.
    pub fn covering(&self) -> Vec<Rect> {
        let mut rects = vec![self.top, self.time, self.control()];
        rects.extend(self.queue);
        rects.extend(self.detail);
        rects
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_of_the_design_at_1920_by_1080() {
        let l = Layout::new(vec2(1920.0, 1080.0), 4.0, true);
        assert_eq!(
            l.top,
            Rect::from_min_size(pos2(4.0, 4.0), vec2(1912.0, 56.0))
        );
        assert_eq!(
            l.queue.unwrap(),
            Rect::from_min_max(pos2(16.0, 72.0), pos2(388.0, 1010.0))
        );
        assert_eq!(
            l.detail.unwrap(),
            Rect::from_min_max(pos2(1468.0, 72.0), pos2(1904.0, 1010.0))
        );
        assert_eq!(
            (l.window.min.x, l.window.max.x, l.window.width()),
            (388.0, 1468.0, 1080.0)
        );
        assert_eq!(
            l.control(),
            Rect::from_min_size(pos2(1420.0, 72.0), vec2(36.0, 182.0))
        );
        assert_eq!(l.time.min.y, 1022.0);
    }

    #[test]
    fn nothing_overlaps_at_any_size() {
        for (w, h) in [
            (1280.0, 720.0),
            (1440.0, 900.0),
            (1599.0, 900.0),
            (1920.0, 1080.0),
            (2560.0, 1440.0),
            (3840.0, 2160.0),
        ] {
            for (open, frame, time_h) in [
                (false, 4.0, TIME_H),
                (true, 4.0, TIME_H),
                (true, 16.0, 188.0),
                (false, 22.0, 188.0),
            ] {
                let l = Layout::with_time(vec2(w, h), frame, open, time_h);
                let mut parts = vec![l.top, l.time];
                parts.extend(l.queue);
                parts.extend(l.detail);
                parts.push(l.window);
                for (i, a) in parts.iter().enumerate() {
                    assert!(l.screen.contains_rect(*a), "{w}×{h}: {a} leaves the screen");
                    assert!(a.is_positive(), "{w}×{h}: {a}");
                    for b in &parts[i + 1..] {
                        assert!(
                            a.intersect(*b).area() <= 0.0 || !a.intersect(*b).is_positive(),
                            "{w}×{h}: {a} on {b}"
                        );
                    }
                }
                assert!(l.window.width() >= 800.0, "{w}×{h}: {}", l.window.width());
                let panels = usize::from(l.queue.is_some()) + usize::from(l.detail.is_some());
                assert_eq!(panels, if w < WIDE { 1 } else { 2 });
            }
        }
    }
}
