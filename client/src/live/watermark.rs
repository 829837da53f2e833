//! What says on the map itself that nothing here is real: the words of the drill, slanted, again and again.

use super::paint::{Anchor, Letters, Pen, TextStyle};
use super::style::LiveStyle;
use crate::i18n::Lang;
use bevy::math::Vec2;
use chengtu_engine::record::World;

/// Size of the words, logical pixels (`world_form.drill.watermark`).
const SIZE_PX: f32 = 92.0;
/// Rising to the right.
const ANGLE_DEG: f32 = -22.0;
/// From mark to mark along the words and across them.
const GRID_PX: Vec2 = Vec2::new(560.0, 190.0);
/// Of the world's colour.
const OPACITY: f32 = 0.15;

/// Paints the watermark of a world over a screen, where it has one.
pub(super) fn paint(
    pen: &mut Pen<'_>,
    letters: &mut Letters,
    style: &LiveStyle,
    (world, lang): (World, Lang),
    screen: Vec2,
) {
    if !matches!(world, World::Drill(_)) {
        return;
    }
    let words = TextStyle::new(SIZE_PX, style.drill.with_alpha(OPACITY)).bold();
    let angle = ANGLE_DEG.to_radians();
    for at in places(screen, GRID_PX * pen.scale) {
        pen.turned_text(
            letters,
            at,
            &style.drill_words[usize::from(lang == Lang::En)],
            words,
            Anchor::Middle,
            angle,
        );
    }
}

/// Middles of the marks that touch the screen: rows along the words' own direction, each half a step on from the
/// one before, about the middle of the screen.
fn places(screen: Vec2, grid: Vec2) -> Vec<Vec2> {
    let along = Vec2::from_angle(ANGLE_DEG.to_radians());
    let across = along.perp();
    let reach = screen.length() / 2.0 + grid.x;
    let (columns, rows) = ((reach / grid.x) as i32 + 1, (reach / grid.y) as i32 + 1);
    let half = Vec2::splat(grid.x / 2.0);
    let mut out = Vec::new();
    for row in -rows..=rows {
        let shift = if row % 2 == 0 { 0.0 } else { 0.5 };
        for column in -columns..=columns {
            let at = screen / 2.0
                + along * (column as f32 + shift) * grid.x
                + across * row as f32 * grid.y;
            let near = at.cmpge(-half) & at.cmple(screen + half);
            if near.all() {
                out.push(at);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::Tokens;

    fn painted(world: World) -> usize {
        let style = LiveStyle::new(&Tokens::shipped().unwrap());
        let mut letters = Letters::load().unwrap();
        let mut list = Vec::new();
        let mut pen = Pen::new(&mut list, 1.0);
        let screen = Vec2::new(1920.0, 1080.0);
        paint(&mut pen, &mut letters, &style, (world, Lang::Zh), screen);
        list.len()
    }

    #[test]
    fn only_a_drill_has_a_watermark() {
        assert_eq!(painted(World::Live), 0);
        assert_eq!(painted(World::Replay(1)), 0);
        assert!(painted(World::Drill(1)) > 7 * 20);
    }

    #[test]
    fn no_part_of_the_screen_is_without_a_mark() {
        for screen in [Vec2::new(1280.0, 720.0), Vec2::new(3840.0, 2160.0)] {
            let marks = places(screen, GRID_PX);
            for i in 0..=20 {
                for j in 0..=20 {
                    let p = screen * Vec2::new(i as f32, j as f32) / 20.0;
                    let nearest = marks.iter().map(|m| m.distance(p)).fold(1e9, f32::min);
                    assert!(nearest < 300.0, "{p}: {nearest}");
                }
            }
        }
    }
}
