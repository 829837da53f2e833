use crate::live::motion::{Glide, GlideLimits, MOVING_MPS};
use bevy::math::DVec2;
use bevy::prelude::Resource;
use bytemuck::{Pod, Zeroable};
use chengtu_engine::ids::MoverId;
use chengtu_engine::model::MoverKind;
use chengtu_engine::stream::MoverView;
use chengtu_engine::time::Timestamp;
use std::collections::HashMap;
use std::ops::Range;

/// A mover as the GPU reads it: 48 bytes. Mercator relative to the anchor, seconds after the base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct MoverRecord {
    /// At the fix.
    pub at: [f32; 2],
    /// Mercator a second of the world, relative to the anchor.
    pub velocity: [f32; 2],
    /// Correction at `came_s`.
    pub offset: [f32; 2],
    /// When the fix was.
    pub fix_s: f32,
    /// When it came.
    pub came_s: f32,
    /// Radians clockwise from north.
    pub heading_rad: f32,
    /// Place of its [`MoverKind`], and 256 where the heading is known.
    pub kind: u32,
    /// To a multiple of 8 bytes, as WGSL wants it.
    pub spare: [u32; 2],
}

/// Heading is known.
pub(super) const HAS_HEADING: u32 = 256;
/// Seconds after which times are counted from a new base, so that they stay exact in 32 bits.
const BASE_MAX_S: f64 = 1800.0;
/// Unchanged records between two changed ones that are uploaded rather than making two writes.
const BRIDGE: u32 = 32;

/// All movers in view that are no units, without holes, ready for the GPU.
#[derive(Resource, Debug, Default)]
pub struct Traffic {
    /// Place in the columns below. By id in a map: ids are data, and the largest need not be small.
    slot_of: HashMap<MoverId, usize>,
    ids: Vec<MoverId>,
    glides: Vec<Glide>,
    records: Vec<MoverRecord>,
    dirty: Vec<u32>,
    anchor: DVec2,
    base: Timestamp,
    /// Counts changes.
    version: u64,
    /// The paused frame that this was made for, see [`crate::net::CurrentWorld::frozen_frame`].
    frozen: Option<u64>,
    discontinuities: u64,
}

impl Traffic {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// True where there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Where each is and how it moves.
    pub fn glides(&self) -> impl Iterator<Item = &Glide> {
        self.glides.iter()
    }

    /// All records, without holes.
    pub fn records(&self) -> &[MoverRecord] {
        &self.records
    }

    /// Another number after every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What times count from.
    pub fn base(&self) -> Timestamp {
        self.base
    }

    /// Forgets which records changed.
    pub(super) fn begin_frame(&mut self) {
        self.dirty.clear();
    }

    /// True when another anchor or base asks for everything anew.
    pub(super) fn needs_rebuild(&self, anchor: DVec2, now: Timestamp) -> bool {
        !self.is_empty() && (self.anchor != anchor || self.seconds(now).abs() > BASE_MAX_S)
    }

    /// True once for every paused moment and every break: nothing that was glided before holds then. What is made
    /// anew counts from its own moment and is in the order of ids, so that it is the same to the last bit however
    /// the moment was reached.
    pub(super) fn is_cut(&mut self, frozen: Option<u64>, discontinuities: u64) -> bool {
        let other =
            (frozen.is_some() && self.frozen != frozen) || self.discontinuities != discontinuities;
        (self.frozen, self.discontinuities) = (frozen, discontinuities);
        other
    }

    /// Takes everything from the mirror again; what is known keeps gliding.
    pub(super) fn rebuild<'a>(
        &mut self,
        movers: impl Iterator<Item = &'a MoverView>,
        anchor: DVec2,
        now: Timestamp,
        limits: GlideLimits,
    ) {
        *self = Self {
            anchor,
            base: now,
            frozen: self.frozen,
            discontinuities: self.discontinuities,
            version: self.version + 1,
            ..Self::default()
        };
        for m in movers {
            self.put(m, now, limits);
        }
    }

    /// Adds or moves one.
    pub(super) fn put(&mut self, m: &MoverView, now: Timestamp, limits: GlideLimits) {
        if m.unit.is_some() || m.kind == MoverKind::Unit {
            self.remove(m.id);
            return;
        }
        if self.is_empty() && self.records.is_empty() && self.base == Timestamp::default() {
            self.base = now;
        }
        let now_s = self.seconds(now);
        let newer = Glide::from_fix(m, self.seconds(m.fix_time), now_s);
        let next = self.ids.len();
        let slot = *self.slot_of.entry(m.id).or_insert(next);
        let glide = if slot == next {
            self.ids.push(m.id);
            self.glides.push(newer);
            self.records.push(MoverRecord::default());
            newer
        } else {
            self.glides[slot].corrected(newer, now_s, limits)
        };
        self.version += 1;
        self.glides[slot] = glide;
        self.records[slot] = record(m, &glide, self.anchor);
        self.dirty.push(slot as u32);
    }

    /// Removes one; the last takes its place.
    pub(super) fn remove(&mut self, id: MoverId) {
        let Some(at) = self.slot_of.remove(&id) else {
            return;
        };
        self.version += 1;
        self.ids.swap_remove(at);
        self.glides.swap_remove(at);
        self.records.swap_remove(at);
        if let Some(moved) = self.ids.get(at) {
            self.slot_of.insert(*moved, at);
            self.dirty.push(at as u32);
        }
    }

    /// Records to be uploaded, as few ranges as sensible, ascending.
    pub(super) fn dirty_ranges(&self) -> Vec<Range<usize>> {
        let mut slots = self.dirty.clone();
        slots.sort_unstable();
        let mut ranges: Vec<Range<u32>> = Vec::new();
        for slot in slots
            .into_iter()
            .filter(|s| (*s as usize) < self.records.len())
        {
            match ranges.last_mut() {
                Some(last) if slot <= last.end + BRIDGE => last.end = last.end.max(slot + 1),
                _ => ranges.push(slot..slot + 1),
            }
        }
        ranges
            .into_iter()
            .map(|r| r.start as usize..r.end as usize)
            .collect()
    }

    fn seconds(&self, t: Timestamp) -> f64 {
        t.seconds_since(self.base)
    }
}

fn record(m: &MoverView, glide: &Glide, anchor: DVec2) -> MoverRecord {
    let place = match m.kind {
        MoverKind::Car | MoverKind::Unit => 0,
        MoverKind::Taxi => 1,
        MoverKind::Bus => 2,
        MoverKind::Van => 3,
    };
    let heading = m
        .bearing_deg
        .filter(|_| m.speed_mps >= MOVING_MPS || m.kind == MoverKind::Bus);
    MoverRecord {
        at: (glide.at - anchor).as_vec2().to_array(),
        velocity: glide.velocity.as_vec2().to_array(),
        offset: glide.offset.as_vec2().to_array(),
        fix_s: glide.fix_s as f32,
        came_s: glide.came_s as f32,
        heading_rad: heading.unwrap_or(0.0).to_radians(),
        kind: place | if heading.is_some() { HAS_HEADING } else { 0 },
        spare: [0; 2],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::geo::{Position, TileId};

    const LIMITS: GlideLimits = GlideLimits {
        glide_max_s: 3.0,
        blend_s: 0.25,
        jump_m: crate::live::motion::JUMP_M,
    };
    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn mover(id: u32, lon_e7: i32) -> MoverView {
        MoverView {
            id: MoverId(id),
            tile: TileId { z: 14, x: 0, y: 0 },
            kind: MoverKind::Taxi,
            unit: None,
            position: Position::new(lon_e7, 320_000_000),
            bearing_deg: Some(90.0),
            speed_mps: 10.0,
            fix_time: NOW,
        }
    }

    #[test]
    fn records_have_no_holes_and_only_changes_are_uploaded() {
        let mut t = Traffic::default();
        let all: Vec<_> = (0..1000)
            .map(|i| mover(i * 7, 1_187_000_000 + i as i32))
            .collect();
        t.rebuild(all.iter(), DVec2::new(0.8, 0.4), NOW, LIMITS);
        assert_eq!(
            t.dirty_ranges(),
            vec![Range {
                start: 0,
                end: 1000
            }]
        );
        t.begin_frame();
        t.put(&mover(7 * 500, 1_188_000_000), NOW, LIMITS);
        t.put(&mover(7 * 510, 1_188_000_000), NOW, LIMITS);
        t.remove(MoverId(7 * 3));
        t.remove(MoverId(12345));
        t.remove(MoverId(8));
        assert_eq!(t.len(), 999);
        assert_eq!(t.records().len(), 999);
        assert_eq!(t.dirty_ranges(), [3..4, 500..511]);
        // The last has taken the free place and is found there.
        t.put(&mover(7 * 999, 1_189_000_000), NOW, LIMITS);
        assert_eq!(t.len(), 999);
    }

    #[test]
    fn a_place_survives_the_way_to_32_bits_within_a_centimetre() {
        let mut t = Traffic::default();
        let anchor = DVec2::from(chengtu_engine::geo::mercator_from_lon_lat(
            Position::new(1_187_800_000, 320_500_000).lon_lat(),
        ));
        let m = mover(1, 1_190_000_000);
        t.rebuild([m].iter(), anchor, NOW, LIMITS);
        let r = t.records()[0];
        let exact = DVec2::from(chengtu_engine::geo::mercator_from_lon_lat(
            m.position.lon_lat(),
        )) - anchor;
        let error_m = (DVec2::new(f64::from(r.at[0]), f64::from(r.at[1])) - exact).length() * 4e7;
        assert!(error_m < 0.01, "{error_m}");
    }

    #[test]
    fn units_are_no_traffic() {
        let mut t = Traffic::default();
        let unit = MoverView {
            unit: Some(chengtu_engine::ids::UnitId(1)),
            ..mover(1, 1_187_000_000)
        };
        t.put(&unit, NOW, LIMITS);
        assert!(t.is_empty());
    }

    #[test]
    fn a_standing_moment_is_the_same_to_the_last_bit_however_it_was_come_to() {
        let anchor = DVec2::new(0.82, 0.4);
        let at = |s: i64| NOW.plus_seconds(s);
        let fix = |id: u32, s: i64| MoverView {
            fix_time: at(s),
            ..mover(id, 1_187_000_000 + s as i32 * 100)
        };
        let last: Vec<_> = [3, 5, 9].map(|id| fix(id, 98)).to_vec();
        // Played forwards for minutes, one vehicle come and gone; and come to at once.
        let mut played = Traffic::default();
        played.rebuild([fix(9, 0), fix(5, 0)].iter(), anchor, at(0), LIMITS);
        for s in 1..=98 {
            for id in [9, 3, 5, 7] {
                played.put(&fix(id, s), at(s), LIMITS);
            }
        }
        played.remove(MoverId(7));
        assert!(played.is_cut(Some(1), 0));
        played.rebuild(last.iter(), anchor, at(100), LIMITS);
        assert!(!played.is_cut(Some(1), 0), "once for each moment");
        let mut sought = Traffic::default();
        sought.rebuild(last.iter(), anchor, at(100), LIMITS);
        assert_eq!(played.records(), sought.records());
        assert_eq!(played.base(), sought.base());
        assert!(!played.is_cut(None, 0) && played.is_cut(None, 1));
    }
}
