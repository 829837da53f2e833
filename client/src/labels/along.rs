//! Writes a name along a line on the screen.

use bevy::math::Vec2;

/// Steeper than this on the screen, Chinese characters are set upright, one under the other.
pub const STEEP_DEG: f32 = 54.0;
/// Sharpest bend between two neighbouring characters.
const BEND_MAX_DEG: f32 = 38.0;

/// Place of a character: its middle and its turn in radians, clockwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stand {
    /// Middle of the glyph, logical pixels from the upper left corner.
    pub pos: Vec2,
    /// Radians, clockwise, 0 upright.
    pub angle: f32,
}

/// A place on a line: after point `segment`, at share `t` of the way to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OnLine {
    /// Number of the line's segment.
    pub segment: usize,
    /// 0 … 1 along it.
    pub t: f32,
}

/// The place at a share of a line's length.
pub fn at_share(line: &[Vec2], share: f32) -> Option<OnLine> {
    let total: f32 = line.windows(2).map(|w| w[0].distance(w[1])).sum();
    let mut left = total * share.clamp(0.0, 1.0);
    for (segment, w) in line.windows(2).enumerate() {
        let length = w[0].distance(w[1]);
        if left <= length && length > 0.0 {
            return Some(OnLine {
                segment,
                t: left / length,
            });
        }
        left -= length;
    }
    None
}

/// The point `distance` pixels along from a place, backwards when negative; `None` beyond the line's ends.
fn walk(line: &[Vec2], from: OnLine, distance: f32) -> Option<Vec2> {
    let mut segment = from.segment;
    let mut at = line.get(segment)?.lerp(*line.get(segment + 1)?, from.t);
    let mut left = distance.abs();
    loop {
        let target = *line.get(if distance < 0.0 { segment } else { segment + 1 })?;
        let length = at.distance(target);
        if length >= left {
            return Some(if length > 0.0 {
                at.lerp(target, left / length)
            } else {
                at
            });
        }
        left -= length;
        at = target;
        segment = if distance < 0.0 {
            segment.checked_sub(1)?
        } else {
            segment + 1
        };
        line.get(segment + 1)?;
    }
}

/// Places characters of these widths (logical pixels, spacing included) around a place on a line, reading from
/// left to right, or from top to bottom where the line is steep and `upright` allows it (then each takes
/// `height_px`). `None` when the line is too short or bends too sharply.
pub fn along(
    line: &[Vec2],
    middle: OnLine,
    widths: &[f32],
    height_px: f32,
    upright: bool,
) -> Option<Vec<Stand>> {
    let total: f32 = widths.iter().sum();
    let (a, b) = (
        walk(line, middle, -total / 2.0)?,
        walk(line, middle, total / 2.0)?,
    );
    let chord = b - a;
    if chord.length() < total * 0.8 {
        return None;
    }
    let steep = upright && chord.y.abs() > chord.x.abs() * STEEP_DEG.to_radians().tan();
    let backwards = if steep { chord.y < 0.0 } else { chord.x < 0.0 };
    let sign = if backwards { -1.0 } else { 1.0 };
    if steep {
        let total = height_px * widths.len() as f32;
        return (0..widths.len())
            .map(|i| {
                let at = height_px * (i as f32 + 0.5) - total / 2.0;
                Some(Stand {
                    pos: walk(line, middle, at * sign)?,
                    angle: 0.0,
                })
            })
            .collect();
    }
    let mut stands: Vec<Stand> = Vec::with_capacity(widths.len());
    let mut pen = -total / 2.0;
    for width in widths {
        let (from, to) = (
            walk(line, middle, pen * sign)?,
            walk(line, middle, (pen + width) * sign)?,
        );
        let way = to - from;
        let angle = way.y.atan2(way.x);
        if let Some(last) = stands.last() {
            let bend = (angle - last.angle + std::f32::consts::PI)
                .rem_euclid(std::f32::consts::TAU)
                - std::f32::consts::PI;
            if bend.abs() > BEND_MAX_DEG.to_radians() {
                return None;
            }
        }
        stands.push(Stand {
            pos: (from + to) / 2.0,
            angle,
        });
        pen += width;
    }
    Some(stands)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &[[f32; 2]], share: f32) -> Option<Vec<Stand>> {
        let line: Vec<Vec2> = line.iter().map(|p| Vec2::from(*p)).collect();
        along(
            &line,
            at_share(&line, share)?,
            &[14.0, 14.0, 14.0],
            16.0,
            true,
        )
    }

    #[test]
    fn names_read_from_left_to_right_whichever_way_the_road_runs() {
        for line in [[[0.0, 0.0], [100.0, 20.0]], [[100.0, 20.0], [0.0, 0.0]]] {
            let stands = check(&line, 0.5).unwrap();
            assert!(stands[0].pos.x < stands[1].pos.x && stands[1].pos.x < stands[2].pos.x);
            assert!(
                stands.iter().all(|s| (s.angle - 0.197).abs() < 0.01),
                "{stands:?}"
            );
        }
    }

    #[test]
    fn on_steep_roads_characters_stand_upright_from_top_to_bottom() {
        for line in [[[0.0, 0.0], [20.0, 100.0]], [[20.0, 100.0], [0.0, 0.0]]] {
            let stands = check(&line, 0.5).unwrap();
            assert!(stands.iter().all(|s| s.angle == 0.0));
            assert!(stands[0].pos.y < stands[1].pos.y && stands[1].pos.y < stands[2].pos.y);
        }
        // 50° is not yet steep.
        assert!(check(&[[0.0, 0.0], [64.0, 77.0]], 0.5).unwrap()[0].angle > 0.8);
    }

    #[test]
    fn no_name_on_what_is_too_short_or_too_bent() {
        assert!(check(&[[0.0, 0.0], [30.0, 0.0]], 0.5).is_none());
        assert!(check(&[[0.0, 0.0], [25.0, 0.0], [25.0, 25.0], [0.0, 25.0]], 0.5).is_none());
        assert!(check(&[[0.0, 0.0], [100.0, 0.0]], 0.02).is_none());
        assert!(check(&[], 0.5).is_none());
    }
}
