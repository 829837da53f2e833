//! Ghosts: units of another attempt, of another team or of what really happened, at this second of a drill. They are
//! painted under everything that lives, and nothing can be done with them.

use super::fleet_icon;
use super::marks;
use super::motion::JUMP_M;
use super::paint::{Anchor, Letters, Pen, Prim, TextStyle};
use super::style::LiveStyle;
use crate::camera::{EARTH_CIRCUMFERENCE_M, MapCamera};
use crate::facts::unit::status_on_map;
use crate::i18n::Words;
use crate::net::Beside;
use crate::render::IconAtlas;
use crate::space::Space;
use bevy::math::{DVec2, Rect, Vec2};
use bevy::prelude::Resource;
use chengtu_engine::drill::GhostRow;
use chengtu_engine::geo::{LonLat, mercator_from_lon_lat};
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;

/// Longest that a ghost takes from one reported place to the next, seconds of the screen.
const SPAN_MAX_S: f64 = 2.5;
/// From this zoom on a ghost says who it is.
const TAG_ZOOM: f64 = 14.8;
/// A ghost this close to the unit that it is a ghost of needs no name, logical pixels.
const TOGETHER_PX: f32 = 40.0;

/// From one reported place to the next; times are the world's.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Way {
    from: DVec2,
    to: DVec2,
    since: Timestamp,
    span_s: f64,
}

impl Way {
    fn shown(&self, now: Timestamp) -> DVec2 {
        if self.span_s <= 0.0 {
            return self.to;
        }
        let share = now.seconds_since(self.since) / self.span_s;
        self.from.lerp(self.to, share.clamp(0.0, 1.0))
    }
}

/// Where each unit of the ghost glides, by call sign. It is shown one word of the server late: always between two
/// places where it was, never where it is only guessed to have gone.
#[derive(Resource, Debug, Default)]
pub struct GhostTracks {
    ways: BTreeMap<String, Way>,
    title: String,
    revision: u64,
    at: Option<Timestamp>,
}

impl GhostTracks {
    /// Takes over what was received. `cut`: the moment before was not this world's, or the clock has jumped; `pace` is
    /// seconds of the world a second.
    pub fn follow(&mut self, beside: &Beside, now: Timestamp, pace: f32, cut: bool) {
        let Some(ghost) = beside.ghost() else {
            if self.at.is_some() {
                *self = Self::default();
            }
            self.revision = beside.revision();
            return;
        };
        if self.revision == beside.revision() && !cut {
            return;
        }
        self.revision = beside.revision();
        let fast = f64::from(pace.abs()).max(1.0);
        let before = self
            .at
            .replace(now)
            .filter(|_| !cut && self.title == ghost.title);
        self.title.clone_from(&ghost.title);
        let span_s = before.map_or(0.0, |t| now.seconds_since(t).clamp(0.0, SPAN_MAX_S * fast));
        let old = std::mem::take(&mut self.ways);
        for unit in &ghost.units {
            let to = DVec2::from(mercator_from_lon_lat(LonLat::new(unit.lon, unit.lat)));
            let from = old
                .get(&unit.call_sign)
                .filter(|_| before.is_some())
                .map(|w| w.shown(now))
                .filter(|from| from.distance(to) * EARTH_CIRCUMFERENCE_M < JUMP_M * fast)
                .unwrap_or(to);
            let way = Way {
                from,
                to,
                since: now,
                span_s,
            };
            self.ways.insert(unit.call_sign.clone(), way);
        }
    }

    /// Where a unit of the ghost is shown, mercator. While the clock is paused: at its last reported place.
    pub fn shown(&self, call_sign: &str, now: Timestamp, frozen: bool) -> Option<DVec2> {
        let way = self.ways.get(call_sign)?;
        Some(if frozen { way.to } else { way.shown(now) })
    }
}

/// A unit of a ghost on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct GhostMark<'a> {
    /// The unit as received.
    pub row: &'a GhostRow,
    /// Where, logical pixels.
    pub pos: Vec2,
    /// Factor on its size, from the distance under pitch.
    pub size: f32,
    /// Brackets and glyph, or a mere ring.
    pub icon: bool,
    /// It says who it is.
    pub named: bool,
    /// It is at the place of its unit.
    pub together: bool,
}

/// Lays out the ghost. `units`: where the real units are shown, with their call signs.
pub fn layout<'a>(
    tracks: &GhostTracks,
    beside: &'a Beside,
    camera: &MapCamera,
    (now, frozen): (Timestamp, bool),
    icons: bool,
    units: &[(Vec2, &str)],
) -> Vec<GhostMark<'a>> {
    let rows = beside.ghost().map_or(&[][..], |g| &g.units);
    let mark = |row: &'a GhostRow| {
        let p = camera.screen_from_mercator(tracks.shown(&row.call_sign, now, frozen)?)?;
        let outside =
            p.pos.cmplt(Vec2::splat(-30.0)).any() || p.pos.cmpgt(camera.viewport + 30.0).any();
        let together = units
            .iter()
            .any(|(at, name)| *name == row.call_sign && at.distance(p.pos) < TOGETHER_PX);
        (!outside).then(|| GhostMark {
            row,
            pos: p.pos,
            size: (0.4 + 0.6 * p.nearness).clamp(0.70, 1.05),
            icon: icons,
            named: icons && camera.zoom >= TAG_ZOOM && !together,
            together,
        })
    };
    rows.iter().filter_map(mark).collect()
}

/// Paints the ghost into a list that lies under the units; returns what it takes of the screen. A name that finds no
/// room is left out.
pub fn paint(
    list: &mut Vec<Prim>,
    mut letters: Option<&mut Letters>,
    (style, icons): (&LiveStyle, Option<&IconAtlas>),
    list_of: &[GhostMark<'_>],
    (w, scale): (&Words, f32),
    space: &mut Space,
) -> Vec<Rect> {
    let mut pen = Pen::new(list, scale);
    let mut taken = Vec::new();
    for m in list_of {
        let reach = if m.icon {
            marks::GHOST_REACH_PX
        } else {
            style.unit_dot + 3.0
        };
        let half = Vec2::splat(reach * m.size * scale);
        taken.push(Rect::from_center_half_size(m.pos, half));
        if !m.icon {
            marks::ghost_dot(&mut pen, style, m.pos, m.size);
            continue;
        }
        let glyph = icons.and_then(|i| i.get(fleet_icon(&m.row.fleet)));
        marks::ghost(&mut pen, style, (m.pos, m.size), glyph, m.together);
        let Some(letters) = letters.as_deref_mut().filter(|_| m.named) else {
            continue;
        };
        let name = w.name(&m.row.call_sign, &m.row.call_sign_en);
        let status = status_on_map(m.row.status, w);
        let gap = 5.0 * scale;
        let px = style.small_px;
        let width =
            letters.width(name, px * scale, false) + gap + letters.width(status, px * scale, false);
        let left = m.pos + Vec2::X * (marks::GHOST_REACH_PX * m.size * scale);
        let rect = Rect::from_corners(
            left - Vec2::Y * (8.0 * scale),
            left + Vec2::new(width, 8.0 * scale),
        );
        if space.first_free([rect]).is_none() {
            continue;
        }
        taken.push(rect);
        pen.opacity = marks::GHOST_NAME_OPACITY;
        let halo = style.halo.with_alpha(0.9);
        let mut at = left;
        for (text, color) in [(name, style.t1), (status, style.t2)] {
            let text_style = TextStyle::new(px, color).halo(halo, 3.4);
            at.x += pen.text(letters, at, text, text_style, Anchor::Left) + gap;
        }
        pen.opacity = 1.0;
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::look::Tokens;
    use crate::panels::model::sample::{self, NOW};
    use chengtu_engine::drill::GhostOf;
    use chengtu_engine::stream::ServerMessage;

    fn told(lon_deg: f64) -> Beside {
        let mut beside = Beside::default();
        tell(&mut beside, "1", lon_deg);
        beside
    }

    fn tell(beside: &mut Beside, title: &str, lon_deg: f64) {
        if beside.chosen().is_none() {
            beside.choose(1, Some(GhostOf::Attempt(1)));
        }
        let mut units = sample::ghosts();
        units[0].lon = lon_deg;
        beside.take(&ServerMessage::Ghosts {
            title: title.into(),
            units,
        });
    }

    fn lon(tracks: &GhostTracks, now: Timestamp, frozen: bool) -> f64 {
        let sign = &sample::ghosts()[0].call_sign;
        tracks.shown(sign, now, frozen).unwrap().x * 360.0 - 180.0
    }

    const MS: i64 = 1_000;

    #[test]
    fn a_ghost_glides_from_one_told_place_to_the_next_and_stays_there() {
        let (mut tracks, mut beside) = (GhostTracks::default(), told(118.780));
        tracks.follow(&beside, NOW, 1.0, false);
        tell(&mut beside, "1", 118.781);
        let second = NOW.plus_seconds(1);
        tracks.follow(&beside, second, 1.0, false);
        let at = |ms: i64| lon(&tracks, Timestamp(second.0 + ms * MS), false);
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-7, "{a} and {b}");
        near(at(0), 118.780);
        near(at(500), 118.7805);
        near(at(1_000), 118.781);
        near(at(9_000), 118.781);
        // A paused clock shows the reported place, however it was reached.
        near(lon(&tracks, second, true), 118.781);
    }

    #[test]
    fn a_jump_of_the_clock_another_ghost_and_a_leap_across_the_city_are_not_glided_over() {
        for (cut, title, to) in [
            (true, "1", 118.781),
            (false, "2", 118.781),
            (false, "1", 118.9),
        ] {
            let (mut tracks, mut beside) = (GhostTracks::default(), told(118.780));
            tracks.follow(&beside, NOW, 1.0, false);
            tell(&mut beside, title, to);
            let later = NOW.plus_seconds(1);
            tracks.follow(&beside, later, 1.0, cut);
            assert!(
                (lon(&tracks, later, false) - to).abs() < 1e-7,
                "{cut} {title} {to}"
            );
        }
    }

    #[test]
    fn a_ghost_that_is_sent_away_leaves_nothing() {
        let (mut tracks, mut beside) = (GhostTracks::default(), told(118.780));
        tracks.follow(&beside, NOW, 1.0, false);
        beside.choose(2, None);
        tracks.follow(&beside, NOW, 1.0, false);
        assert!(
            tracks
                .shown(&sample::ghosts()[0].call_sign, NOW, false)
                .is_none()
        );
        assert!(layout(&tracks, &beside, &camera(), (NOW, false), true, &[]).is_empty());
    }

    fn camera() -> MapCamera {
        let row = &sample::ghosts()[0];
        MapCamera {
            centre: mercator_from_lon_lat(LonLat::new(row.lon, row.lat)).into(),
            zoom: 16.0,
            ..MapCamera::default()
        }
    }

    #[test]
    fn a_ghost_is_never_filled_never_opaque_and_names_itself_only_apart_from_its_unit() {
        let rows = sample::ghosts();
        let (mut tracks, beside) = (GhostTracks::default(), told(rows[0].lon));
        tracks.follow(&beside, NOW, 1.0, false);
        let camera = camera();
        let alone = layout(&tracks, &beside, &camera, (NOW, false), true, &[]);
        assert!(alone[0].named);
        let unit = [(alone[0].pos + 10.0, rows[0].call_sign.as_str())];
        let beside_it = layout(&tracks, &beside, &camera, (NOW, false), true, &unit);
        assert!(!beside_it[0].named);
        let style = LiveStyle::new(&Tokens::shipped().unwrap());
        for icons in [true, false] {
            let marks = layout(&tracks, &beside, &camera, (NOW, false), icons, &[]);
            let mut list = Vec::new();
            paint(
                &mut list,
                None,
                (&style, None),
                &marks,
                (&Words::shipped(Lang::Zh).unwrap(), 1.0),
                &mut Space::default(),
            );
            assert!(!list.is_empty());
            for prim in list {
                assert_eq!(prim.fill >> 24, 0, "no fill: {prim:?}");
                assert!(prim.stroke >> 24 < 200, "half transparent: {prim:?}");
            }
        }
    }
}
