//! Units: where each is shown, as an icon or a dot, and how old that is.

use super::Selection;
use super::motion::{Glide, GlideLimits, MOVING_MPS, screen_turns};
use crate::camera::MapCamera;
use crate::space::{Shape, Space};
use bevy::math::{DVec2, Vec2};
use bevy::prelude::Resource;
use chengtu_engine::ids::UnitId;
use chengtu_engine::model::UnitStatus;
use chengtu_engine::stream::{Mirror, MirrorChanges};
use chengtu_engine::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How a unit's position has aged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Younger than the bound for stale positions.
    Fresh,
    /// Half transparent, its age beside it.
    Stale,
    /// Grey and struck through.
    Offline,
}

impl Freshness {
    /// By the age of the newest fix, seconds.
    pub fn of(age_s: f64, stale_s: f64, offline_s: f64) -> Self {
        match age_s {
            a if a >= offline_s => Self::Offline,
            a if a >= stale_s => Self::Stale,
            _ => Self::Fresh,
        }
    }
}

/// A unit on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnitMark {
    /// The unit that it marks.
    pub id: UnitId,
    /// Where, logical pixels.
    pub pos: Vec2,
    /// Factor on its size, from the distance under pitch.
    pub size: f32,
    /// What it is doing.
    pub status: UnitStatus,
    /// Turns clockwise from up on the screen; `None` when not moving or unknown.
    pub heading: Option<f32>,
    /// How its position has aged.
    pub freshness: Freshness,
    /// Age of its newest fix, seconds.
    pub age_s: f64,
    /// An icon, or a mere dot.
    pub icon: bool,
    /// It is selected: drawn last, with a ring.
    pub selected: bool,
    /// Offered or sent: the one that the selected case waits for.
    pub best: bool,
}

struct Track {
    glide: Glide,
    heading_deg: Option<f32>,
    speed_mps: f32,
    fix_time: Timestamp,
    /// Where it has been, oldest first.
    trail: VecDeque<(DVec2, Timestamp)>,
}

/// Where every unit glides, and where it has been.
#[derive(Resource, Default)]
pub struct UnitTracks {
    tracks: BTreeMap<UnitId, Track>,
    icons: BTreeSet<UnitId>,
}

/// What the layout of units depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnitRules {
    /// How far a position glides on between two fixes.
    pub limits: GlideLimits,
    /// Radius of an icon with its nose, logical pixels.
    pub radius: f32,
    /// Radius of a dot.
    pub dot: f32,
    /// Age from which a position is stale, seconds.
    pub stale_s: f64,
    /// Age from which a unit is offline, seconds.
    pub offline_s: f64,
    /// Length of trails, seconds.
    pub trail_s: f64,
    /// False: all dots.
    pub icons: bool,
    /// False: only the selected and the best are shown.
    pub shown: bool,
}

impl UnitMark {
    /// True where it drives, and nobody looks at it in particular.
    pub fn passes(&self) -> bool {
        self.heading.is_some() && !self.selected && !self.best
    }
}

/// Below this share of its size in the middle of the screen an icon becomes a dot.
const DOT_BELOW: f32 = 0.62;
/// An icon stays one until it overlaps this much; so that passing units do not flicker.
const STAY: f32 = 0.72;

impl UnitTracks {
    /// Everything anew from the mirror: after a break, and for every moment that another world's clock is paused at.
    pub fn begin_anew(&mut self, mirror: &Mirror, now: Timestamp, rules: &UnitRules) {
        *self = Self::default();
        for id in mirror.units.keys() {
            self.put(mirror, *id, now, rules);
        }
    }

    /// Takes over what changed in the mirror.
    pub fn follow(
        &mut self,
        mirror: &Mirror,
        changes: &MirrorChanges,
        now: Timestamp,
        rules: &UnitRules,
    ) {
        if changes.reset {
            self.tracks.retain(|id, _| mirror.units.contains_key(id));
            let all: Vec<UnitId> = mirror.units.keys().copied().collect();
            for id in all {
                self.put(mirror, id, now, rules);
            }
            return;
        }
        for m in changes.movers.iter().filter_map(|id| mirror.mover(*id)) {
            if let Some(unit) = m.unit {
                self.put(mirror, unit, now, rules);
            }
        }
        for unit in &changes.units {
            self.put(mirror, *unit, now, rules);
        }
    }

    fn put(&mut self, mirror: &Mirror, id: UnitId, now: Timestamp, rules: &UnitRules) {
        let Some(m) = mirror.mover_of_unit(id) else {
            return;
        };
        // Server seconds of a day fit a double to a nanosecond; no base is needed here.
        let seconds = |t: Timestamp| t.seconds_since(Timestamp(0));
        let (fix_s, now_s) = (seconds(m.fix_time), seconds(now));
        let newer = Glide::from_fix(m, fix_s, now_s);
        let known = self.tracks.get_mut(&id);
        if known
            .as_ref()
            .is_some_and(|t| t.fix_time == m.fix_time && t.glide.at == newer.at)
        {
            return;
        }
        let mut trail = VecDeque::new();
        let glide = match known {
            Some(t) => {
                trail = std::mem::take(&mut t.trail);
                t.glide.corrected(newer, now_s, rules.limits)
            }
            None => newer,
        };
        // Played backwards, what lies ahead has not been driven yet.
        while trail.back().is_some_and(|(_, t)| *t > m.fix_time) {
            trail.pop_back();
        }
        trail.push_back((newer.at, m.fix_time));
        while trail
            .front()
            .is_some_and(|(_, t)| m.fix_time.seconds_since(*t) > rules.trail_s)
        {
            trail.pop_front();
        }
        let track = Track {
            glide,
            heading_deg: m.bearing_deg,
            speed_mps: m.speed_mps,
            fix_time: m.fix_time,
            trail,
        };
        self.tracks.insert(id, track);
    }

    /// Where a unit is shown, mercator.
    pub fn shown(&self, id: UnitId, now: Timestamp, limits: GlideLimits) -> Option<DVec2> {
        Some(
            self.tracks
                .get(&id)?
                .glide
                .shown(now.seconds_since(Timestamp(0)), limits),
        )
    }

    /// Where a unit has been, oldest first, mercator and time.
    pub fn trail(&self, id: UnitId) -> impl Iterator<Item = (DVec2, Timestamp)> + '_ {
        self.tracks
            .get(&id)
            .into_iter()
            .flat_map(|t| t.trail.iter().copied())
    }

    /// Lays out all units. `space` is what cases have taken; icons take theirs in the order of who gets the space:
    /// selected, best, engaged, free, others.
    pub fn layout(
        &mut self,
        mirror: &Mirror,
        camera: &MapCamera,
        now: Timestamp,
        selection: Selection,
        best: Option<UnitId>,
        rules: &UnitRules,
        space: &mut Space,
    ) -> Vec<UnitMark> {
        let mut marks = Vec::new();
        for unit in mirror.units.values() {
            let Some(track) = self.tracks.get(&unit.id) else {
                continue;
            };
            let selected = selection == Selection::Unit(unit.id);
            let is_best = best == Some(unit.id);
            if !(rules.shown || selected || is_best) {
                continue;
            }
            let at = track
                .glide
                .shown(now.seconds_since(Timestamp(0)), rules.limits);
            let Some(p) = camera.screen_from_mercator(at) else {
                continue;
            };
            if p.pos.cmplt(Vec2::splat(-30.0)).any() || p.pos.cmpgt(camera.viewport + 30.0).any() {
                continue;
            }
            let age_s = now.seconds_since(track.fix_time);
            let freshness = Freshness::of(age_s, rules.stale_s, rules.offline_s);
            let moves = track.speed_mps >= MOVING_MPS
                && freshness != Freshness::Offline
                && unit.status != UnitStatus::OutOfService;
            let heading = track
                .heading_deg
                .filter(|_| moves)
                .map(|deg| screen_turns(deg, camera.bearing_deg, camera.pitch_deg));
            marks.push(UnitMark {
                id: unit.id,
                pos: p.pos,
                size: (0.4 + 0.6 * p.nearness).clamp(0.70, 1.05),
                status: unit.status,
                heading,
                freshness,
                age_s,
                icon: p.nearness >= DOT_BELOW && rules.icons,
                selected,
                best: is_best,
            });
        }
        marks.sort_by_key(|m| (!m.selected, !m.best, importance(m.status), m.id));
        let mut icons = BTreeSet::new();
        for m in &mut marks {
            let radius = rules.radius * m.size;
            let share = if self.icons.contains(&m.id) {
                STAY
            } else {
                1.0
            };
            let disc = Shape::Disc(m.pos, radius);
            let free = |space: &Space| space.is_free_by(disc, share);
            m.icon = m.selected || m.best || (m.icon && free(space));
            if m.icon {
                space.claim(disc);
                icons.insert(m.id);
            }
        }
        self.icons = icons;
        // Far ones first, the selected last, as they are drawn.
        marks.sort_by(|a, b| {
            let key = |m: &UnitMark| (m.selected, m.best, m.pos.y, m.id);
            key(a)
                .partial_cmp(&key(b))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        marks
    }
}

/// Engaged units before free ones before those out of service.
fn importance(status: UnitStatus) -> u8 {
    match status {
        UnitStatus::EnRoute | UnitStatus::OnScene | UnitStatus::Assigned => 0,
        UnitStatus::Available => 1,
        UnitStatus::OutOfService => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::geo::{Position, TileId};
    use chengtu_engine::ids::{DepartmentId, MoverId};
    use chengtu_engine::model::MoverKind;
    use chengtu_engine::stream::{
        EntityChange, ServerMessage, SnapshotReason, TileFrame, UnitView,
    };

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);
    const RULES: UnitRules = UnitRules {
        limits: GlideLimits {
            glide_max_s: 3.0,
            blend_s: 0.25,
            jump_m: crate::live::motion::JUMP_M,
        },
        radius: 12.0,
        dot: 3.4,
        stale_s: 60.0,
        offline_s: 600.0,
        trail_s: 60.0,
        icons: true,
        shown: true,
    };

    fn city(at: &[(u32, i32, UnitStatus)], fix: Timestamp) -> Mirror {
        let mut mirror = Mirror::new();
        let unit = |id: u32, status| UnitView {
            id: UnitId(id),
            mover: MoverId(id),
            call_sign: format!("{id}"),
            call_sign_en: format!("{id}"),
            fleet: "drainage".into(),
            department: DepartmentId(0),
            skills: vec![],
            status,
            since: NOW,
            assignment: None,
            handled: 0,
        };
        let changes = at
            .iter()
            .map(|(id, _, s)| EntityChange::Unit(unit(*id, *s)))
            .collect();
        let mut tile = TileFrame::new(TileId { z: 0, x: 0, y: 0 }, fix.max(NOW));
        tile.push_rows(at.iter().map(|(id, lon_e7, _)| {
            let place = Position::new(*lon_e7, 320_440_000);
            (
                MoverId(*id),
                place,
                9_000,
                1_000,
                fix,
                Some((MoverKind::Unit, Some(UnitId(*id)))),
            )
        }));
        let snapshot = ServerMessage::Snapshot {
            seq: 1,
            time: NOW,
            reason: SnapshotReason::Subscribed,
            changes,
            tiles: vec![tile],
        };
        mirror.apply(&snapshot).unwrap();
        mirror
    }

    fn lay(mirror: &Mirror, selection: Selection, now: Timestamp) -> Vec<UnitMark> {
        let mut tracks = UnitTracks::default();
        tracks.follow(
            mirror,
            &MirrorChanges {
                reset: true,
                ..MirrorChanges::default()
            },
            NOW,
            &RULES,
        );
        let camera = MapCamera {
            zoom: 16.0,
            ..MapCamera::default()
        };
        tracks.layout(
            mirror,
            &camera,
            now,
            selection,
            None,
            &RULES,
            &mut Space::default(),
        )
    }

    #[test]
    fn where_icons_would_touch_the_engaged_keeps_its_own_and_the_free_one_becomes_a_dot() {
        let m = city(
            &[
                (1, 1_187_850_000, UnitStatus::Available),
                (2, 1_187_850_500, UnitStatus::EnRoute),
            ],
            NOW,
        );
        let by_id = |marks: Vec<UnitMark>| {
            marks
                .into_iter()
                .map(|m| (m.id.0, m.icon))
                .collect::<BTreeMap<_, _>>()
        };
        assert_eq!(
            by_id(lay(&m, Selection::None, NOW)),
            [(1, false), (2, true)].into()
        );
        // A selected unit is never a dot.
        assert!(by_id(lay(&m, Selection::Unit(UnitId(1)), NOW))[&1]);
    }

    #[test]
    fn positions_age_from_fresh_to_stale_to_offline() {
        let m = city(&[(1, 1_187_850_000, UnitStatus::Available)], NOW);
        let at = |s| lay(&m, Selection::None, NOW.plus_seconds(s))[0];
        assert_eq!(at(59).freshness, Freshness::Fresh);
        assert_eq!(at(60).freshness, Freshness::Stale);
        assert_eq!(at(600).freshness, Freshness::Offline);
        assert!(at(59).heading.is_some() && at(600).heading.is_none());
    }

    #[test]
    fn a_trail_is_sixty_seconds_long() {
        let mut tracks = UnitTracks::default();
        for s in 0..200 {
            let m = city(
                &[(1, 1_187_850_000 + s * 1000, UnitStatus::Available)],
                NOW.plus_seconds(i64::from(s)),
            );
            let changes = MirrorChanges {
                reset: true,
                ..MirrorChanges::default()
            };
            tracks.follow(&m, &changes, NOW.plus_seconds(i64::from(s)), &RULES);
        }
        assert_eq!(tracks.trail(UnitId(1)).count(), 61);
    }

    #[test]
    fn played_backwards_a_trail_does_not_grow_for_ever() {
        let mut tracks = UnitTracks::default();
        let changes = MirrorChanges {
            reset: true,
            ..MirrorChanges::default()
        };
        let mut longest = 0;
        for s in (0..400).rev() {
            let now = NOW.plus_seconds(i64::from(s));
            let place = 1_187_850_000 + s * 1000;
            let m = city(&[(1, place, UnitStatus::Available)], now);
            tracks.follow(&m, &changes, now, &RULES);
            longest = longest.max(tracks.trail(UnitId(1)).count());
            assert!(tracks.trail(UnitId(1)).all(|(_, at)| at <= now), "{s}");
        }
        assert_eq!(longest, 1);
    }
}
