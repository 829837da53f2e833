use crate::panels::city_alarms;
use bevy_egui::egui::{Rect, pos2, vec2};

/// Between the parts, and from the frame to them.
const GAP: f32 = 10.0;
/// Height of a map's heading.
const HEAD_H: f32 = 43.0;
/// Height of plots and table where there is room, their share of the screen, and the least.
const FOOT: (f32, f32, f32) = (369.0, 0.342, 230.0);
/// Width of the table where there is room, and its share of the screen.
const TABLE: (f32, f32) = (466.0, 0.3);

/// Rectangles of everything on the screen of a fork, logical pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    pub(super) top: Rect,
    pub(super) heads: [Rect; 2],
    pub(super) maps: [Rect; 2],
    pub(super) plots: Rect,
    pub(super) table: Rect,
}

impl Grid {
    /// The grid of a screen: two equal maps, plots and table below them. A severe alarm of the running city has a band of
    /// its own above the maps, so that it hides nothing of either.
    pub(super) fn new(screen: Rect, frame: f32, alarm: bool) -> Self {
        let inner = screen.shrink(frame);
        let top = Rect::from_min_size(inner.min, vec2(inner.width(), city_alarms::BAR_H));
        let over = if alarm {
            city_alarms::band(screen, frame).max.y
        } else {
            top.max.y
        };
        let body = Rect::from_min_max(
            pos2(inner.min.x + GAP, over + GAP),
            inner.max - vec2(GAP, GAP),
        );
        let foot_h = FOOT.0.min(screen.height() * FOOT.1).max(FOOT.2).round();
        let foot_y = body.max.y - foot_h;
        // Whole pixels, so that both maps are equal to the last one.
        let width = ((body.width() - GAP) / 2.0).floor();
        let pane = |i: f32| {
            let x = body.min.x + i * (width + GAP);
            Rect::from_min_max(pos2(x, body.min.y), pos2(x + width, foot_y - GAP))
        };
        let panes = [pane(0.0), pane(1.0)];
        let table_w = TABLE.0.min(body.width() * TABLE.1);
        Self {
            top,
            heads: panes.map(|p| Rect::from_min_size(p.min, vec2(width, HEAD_H))),
            maps: panes.map(|p| Rect::from_min_max(p.min + vec2(0.0, HEAD_H), p.max)),
            plots: Rect::from_min_max(
                pos2(body.min.x, foot_y),
                pos2(body.max.x - table_w - GAP, body.max.y),
            ),
            table: Rect::from_min_max(pos2(body.max.x - table_w, foot_y), body.max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy_egui::egui::Pos2;

    #[test]
    fn the_grid_of_the_design_at_1920_by_1080() {
        let g = Grid::new(
            Rect::from_min_size(Pos2::ZERO, vec2(1920.0, 1080.0)),
            16.0,
            false,
        );
        assert_eq!(g.maps[0].size(), g.maps[1].size());
        assert_eq!(g.maps[1].min.x - g.maps[0].max.x, 10.0);
        assert_eq!((g.plots.width(), g.table.width()), (1392.0, 466.0));
    }

    #[test]
    fn nothing_overlaps_at_any_size() {
        let sizes = [(1280.0, 720.0), (1920.0, 1080.0), (3840.0, 2160.0)];
        let all = sizes
            .into_iter()
            .flat_map(|size| [false, true].map(|alarm| (size, alarm)));
        for ((w, h), alarm) in all {
            let screen = Rect::from_min_size(Pos2::ZERO, vec2(w, h));
            let g = Grid::new(screen, 16.0, alarm);
            let mut parts = vec![
                g.top, g.heads[0], g.heads[1], g.maps[0], g.maps[1], g.plots, g.table,
            ];
            parts.extend(alarm.then(|| city_alarms::band(screen, 16.0)));
            assert_eq!(g.maps[0].size(), g.maps[1].size());
            for (i, a) in parts.iter().enumerate() {
                assert!(a.is_positive() && screen.contains_rect(*a), "{w}×{h}: {a}");
                for b in &parts[i + 1..] {
                    assert!(!a.shrink(0.01).intersects(*b), "{w}×{h}: {a} on {b}");
                }
            }
        }
    }
}
