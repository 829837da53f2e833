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
    /// The alarm, over the map.
    pub plate: Rect,
}

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
}
