use super::{TILE_ZOOM, TileFrame};
use crate::geo::{Position, TileId, TileRows};
use crate::ids::MoverId;
use crate::state::State;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Ticks between two frames of each rate that a session may choose.
pub const RATE_CLASSES: [u32; 5] = [1, 2, 5, 10, 50];

/// The tile that units travel in, wherever they are.
pub const WORLD_TILE: TileId = TileId { z: 0, x: 0, y: 0 };
const NOWHERE: TileId = TileId {
    z: u8::MAX,
    x: 0,
    y: 0,
};

/// The tile that a position is streamed in. Units are few and everybody needs them, whatever the viewport: they are in
/// the tile of the whole world.
pub fn stream_tile(p: Position, is_unit: bool) -> TileId {
    if is_unit {
        WORLD_TILE
    } else {
        TileId::containing(p, TILE_ZOOM)
    }
}

#[derive(Clone, Debug, Default)]
struct Pending {
    /// Movers that touched the tile since its last frame, and whether they entered it; may repeat.
    touched: Vec<(MoverId, bool)>,
}

/// Who moved in which tile since the last frame of each rate. Newest positions are read from the state when the frame
/// is made, so that a slow rate conflates and never queues.
#[derive(Clone, Debug)]
pub struct TileStream {
    rows: TileRows,
    tile_of: Vec<TileId>,
    pending: [BTreeMap<TileId, Pending>; RATE_CLASSES.len()],
    active: [bool; RATE_CLASSES.len()],
}

impl Default for TileStream {
    fn default() -> Self {
        Self {
            rows: TileRows::new(TILE_ZOOM),
            tile_of: Vec::new(),
            pending: Default::default(),
            active: [false; RATE_CLASSES.len()],
        }
    }
}

impl TileStream {
    /// The stream of a state at which nobody looks yet.
    pub fn of(state: &State) -> Self {
        let mut stream = Self::default();
        for (i, m) in state.movers().iter().enumerate() {
            let tile = m
                .position
                .map_or(NOWHERE, |p| stream_tile(p, m.unit.is_some()));
            stream.tile_of.push(tile);
            debug_assert_eq!(stream.tile_of.len(), i + 1);
        }
        stream
    }

    /// Says which rates somebody uses; only those are gathered.
    pub fn set_active(&mut self, active: [bool; RATE_CLASSES.len()]) {
        for (class, on) in active.iter().enumerate() {
            if !on {
                self.pending[class].clear();
            }
        }
        self.active = active;
    }

    /// Takes note of movers that have a new position, or none any more.
    pub fn touch(&mut self, state: &State, movers: &[MoverId]) {
        crate::growth::lengthen(&mut self.tile_of, state.movers().len(), NOWHERE);
        for id in movers {
            let Some(m) = state.mover(*id) else { continue };
            let at = &mut self.tile_of[id.0 as usize];
            let old = *at;
            let new = match m.position {
                // It has retired: all that is left to say is that it has gone.
                None if old == NOWHERE => continue,
                None => NOWHERE,
                Some(_) if m.unit.is_some() => WORLD_TILE,
                Some(p) => self.rows.containing(p, old),
            };
            *at = new;
            for (class, pending) in self.pending.iter_mut().enumerate() {
                if !self.active[class] {
                    continue;
                }
                if new != NOWHERE {
                    let here = pending.entry(new).or_default();
                    here.touched.push((*id, new != old));
                }
                if new != old && old != NOWHERE {
                    pending.entry(old).or_default().touched.push((*id, false));
                }
            }
        }
    }

    /// Takes note of movers of which more is to be said than where they are: they are sent whole once more.
    pub fn describe(&mut self, state: &State, movers: &BTreeSet<MoverId>) {
        for id in movers {
            let Some(tile) = self.tile_of.get(id.0 as usize).copied() else {
                continue;
            };
            if tile == NOWHERE || state.mover(*id).is_none() {
                continue;
            }
            for (class, pending) in self.pending.iter_mut().enumerate() {
                if self.active[class] {
                    pending.entry(tile).or_default().touched.push((*id, true));
                }
            }
        }
    }

    /// Frames of one rate: every tile that was touched since the last call, in tile order.
    pub fn take(&mut self, state: &State, class: usize, time: Timestamp) -> Vec<TileFrame> {
        let pending = core::mem::take(&mut self.pending[class]);
        pending
            .into_iter()
            .map(|(tile, mut p)| {
                // By id, entries first among the entries of one mover, so that one row is enough.
                p.touched
                    .sort_unstable_by_key(|(id, entered)| (*id, !entered));
                p.touched.dedup_by_key(|(id, _)| *id);
                self.frame(state, tile, time, p.touched.into_iter())
            })
            .collect()
    }

    /// Everything that is in a tile now, all of it as new.
    pub fn whole_tile(&self, state: &State, tile: TileId, time: Timestamp) -> TileFrame {
        let here = |id: &MoverId| self.tile_of.get(id.0 as usize) == Some(&tile);
        let ids: Vec<MoverId> = if tile == WORLD_TILE {
            state.units().iter().map(|u| u.mover).filter(here).collect()
        } else {
            let (sw, ne) = tile.bounds();
            let pad = 2;
            let (Ok(sw), Ok(ne)) = (sw.position(), ne.position()) else {
                return TileFrame::new(tile, time);
            };
            let area = crate::geo::GeoBox::new(
                Position::new(sw.lon_e7.saturating_sub(pad), sw.lat_e7.saturating_sub(pad)),
                Position::new(ne.lon_e7.saturating_add(pad), ne.lat_e7.saturating_add(pad)),
            );
            state
                .spatial()
                .movers_in(area)
                .into_iter()
                .filter(here)
                .collect()
        };
        let mut ids = ids;
        ids.sort_unstable();
        self.frame(state, tile, time, ids.into_iter().map(|id| (id, true)))
    }

    /// How many movers, without units, are in each cell of zoom `z`, at most that of the stream.
    pub fn counts(&self, z: u8) -> BTreeMap<TileId, u32> {
        let mut counts = BTreeMap::new();
        for tile in self.tile_of.iter().filter(|t| t.z == TILE_ZOOM) {
            *counts.entry(tile.parent(z)).or_default() += 1;
        }
        counts
    }

    fn frame(
        &self,
        state: &State,
        tile: TileId,
        time: Timestamp,
        touched: impl Iterator<Item = (MoverId, bool)>,
    ) -> TileFrame {
        let mut frame = TileFrame::new(tile, time);
        let mut left = Vec::new();
        let rows = touched.filter_map(|(id, entered)| {
            if self.tile_of.get(id.0 as usize) != Some(&tile) {
                left.push(id);
                return None;
            }
            let m = state.mover(id)?;
            let joined = entered.then_some((m.kind, m.unit));
            Some((
                id,
                m.position?,
                m.bearing_cdeg,
                m.speed_cmps,
                m.fix_time,
                joined,
            ))
        });
        frame.push_rows(rows);
        frame.left = left;
        frame
    }
}
