use bevy_egui::egui::{Pos2, Rect, Vec2, pos2, vec2};

/// Places of a wall, logical pixels; designed at 3840 × 2160 and scaled to the panel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WallLayout {
    /// Factor on every size of the design.
    pub scale: f32,
    /// The whole panel.
    pub screen: Rect,
    /// Width of the world's frame.
    pub frame: f32,
    /// What is left for the map.
    pub map: Rect,
    /// Figures and ranking.
    pub column: Rect,
    /// What happened lately.
    pub ticker: Rect,
    /// The alarm, over the upper part of the map.
    pub plate: Rect,
}

/// From the middle of an alarm's mark to its corners, at 3840 × 2160.
pub(super) const MARK: f32 = 120.0;

/// Side column with its margins: 996 wide inside.
const COLUMN: f32 = 1_136.0;
const TICKER: f32 = 168.0;

impl WallLayout {
    /// The layout of a panel of `size`; `frame_px` is the frame's width on a desk, twice as wide on a wall.
    pub fn new(size: Vec2, frame_px: f32) -> Self {
        let scale = (size.x / 3_840.0).min(size.y / 2_160.0).max(0.1);
        let screen = Rect::from_min_size(Pos2::ZERO, size);
        let ticker = Rect::from_min_max(pos2(0.0, size.y - TICKER * scale), screen.max);
        let map = Rect::from_min_max(Pos2::ZERO, pos2(size.x - COLUMN * scale, ticker.min.y));
        let column = Rect::from_min_max(
            pos2(map.max.x + 76.0 * scale, 0.0),
            pos2(size.x - 64.0 * scale, ticker.min.y),
        );
        let plate = Rect::from_min_size(
            pos2(52.0, 52.0) * scale,
            vec2(map.width() - 72.0 * scale, 328.0 * scale),
        );
        Self {
            scale,
            screen,
            frame: frame_px * 2.0 * scale,
            map,
            column,
            ticker,
            plate,
        }
    }

    /// Where the plate of an alarm lies whose mark is at `mark`: along the upper edge of the map, and above what stands
    /// along its lower edge (`foot`) where it would hide the very place that it tells of.
    pub fn plate_for(&self, mark: Option<Pos2>, foot: Rect) -> Rect {
        let hides = |p: &Pos2| self.plate.expand(MARK * self.scale).contains(*p);
        if mark.as_ref().is_none_or(|p| !hides(p)) {
            return self.plate;
        }
        let top = foot.min.y - 24.0 * self.scale - self.plate.height();
        Rect::from_min_size(pos2(self.plate.min.x, top), self.plate.size())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_walls_design_at_3840_and_scaled_to_any_panel() {
        let w = WallLayout::new(vec2(3_840.0, 2_160.0), 4.0);
        assert_eq!(
            (w.scale, w.map.width(), w.column.width(), w.ticker.height()),
            (1.0, 2_704.0, 996.0, 168.0)
        );
        assert_eq!(w.plate.height(), 328.0);
        for size in [
            vec2(1_920.0, 1_080.0),
            vec2(7_680.0, 2_160.0),
            vec2(5_760.0, 3_240.0),
        ] {
            let w = WallLayout::new(size, 4.0);
            assert!(
                w.screen.contains_rect(w.map)
                    && w.screen.contains_rect(w.column)
                    && w.screen.contains_rect(w.ticker)
            );
            assert!(
                !w.map.intersect(w.column).is_positive()
                    && !w.map.intersect(w.ticker).is_positive()
            );
            assert!(w.map.contains_rect(w.plate));
        }
    }

    #[test]
    fn a_plate_never_hides_the_mark_of_its_alarm() {
        for size in [
            vec2(1_280.0, 720.0),
            vec2(3_840.0, 2_160.0),
            vec2(7_680.0, 2_160.0),
        ] {
            let w = WallLayout::new(size, 4.0);
            let foot = Rect::from_min_max(pos2(0.0, w.map.max.y - 80.0 * w.scale), w.map.max);
            assert_eq!(w.plate_for(None, foot), w.plate);
            for k in 0..=100 {
                let mark = pos2(w.map.center().x, w.map.height() * k as f32 / 100.0);
                let plate = w.plate_for(Some(mark), foot);
                let all = Rect::from_center_size(mark, Vec2::splat(2.0 * MARK * w.scale));
                assert!(
                    !plate.intersect(all).is_positive(),
                    "{size:?}: {mark} under {plate}"
                );
                assert!(
                    w.map.contains_rect(plate) && !plate.intersects(foot),
                    "{plate}"
                );
            }
        }
    }
}
