//! Vehicles in tiles of which a part is seen, and units wherever they are: they come into sight and go out of it without
//! leaving their tile.

use super::seen_rows::rows;
use super::tick::Tick;
use super::told::Turned;
use super::{RATE_CLASSES, TileFrame, WORLD_TILE, stream_tile};
use crate::geo::TileId;
use crate::ids::{MoverId, UnitId};
use crate::sight::{Cover, Lens};
use crate::state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Movers of one tile that have come into sight or gone out of it since its last frame of one rate.
#[derive(Clone, Debug, Default)]
struct Crossed {
    came: BTreeSet<MoverId>,
    left: BTreeSet<MoverId>,
}

/// Tiles that moved, for each rate that is due.
type Moved = [Option<BTreeMap<TileId, Arc<TileFrame>>>; RATE_CLASSES.len()];

/// Who is seen in the tiles that are seen in part, and in the units' tile.
#[derive(Clone, Debug, Default)]
pub(super) struct Borders {
    inside: BTreeMap<MoverId, TileId>,
    crossed: [BTreeMap<TileId, Crossed>; RATE_CLASSES.len()],
}

impl Borders {
    /// Of a state; `units`: those that are seen.
    pub fn of(state: &State, lens: &Lens, units: &BTreeSet<UnitId>) -> Self {
        let units = state.units().iter().filter(|u| units.contains(&u.id));
        let mut inside: BTreeMap<_, _> = units.map(|u| (u.mover, WORLD_TILE)).collect();
        let movers = (0..).map(MoverId).zip(state.movers());
        for (id, mover) in movers.filter(|(_, m)| m.unit.is_none()) {
            let Some(at) = mover.position else { continue };
            let tile = stream_tile(at, false);
            if lens.cover(tile) == Cover::Part && lens.mover(at) {
                inside.insert(id, tile);
            }
        }
        Self {
            inside,
            ..Self::default()
        }
    }

    /// Units have come into sight and gone out of it.
    pub fn units(&mut self, state: &State, turned: &Turned) {
        let mover = |u: &UnitId| state.unit(*u).map(|u| u.mover);
        for id in turned.come.iter().filter_map(mover) {
            self.inside.insert(id, WORLD_TILE);
            for crossed in &mut self.crossed {
                let here = crossed.entry(WORLD_TILE).or_default();
                here.left.remove(&id);
                here.came.insert(id);
            }
        }
        for id in turned.gone.iter().filter_map(mover) {
            self.leave(WORLD_TILE, id);
        }
    }

    fn leave(&mut self, tile: TileId, id: MoverId) {
        self.inside.remove(&id);
        for crossed in &mut self.crossed {
            let here = crossed.entry(tile).or_default();
            here.came.remove(&id);
            here.left.insert(id);
        }
    }

    /// Tiles that moved, as they are seen. Those that are seen wholly are those of the whole tick.
    pub fn moved(&mut self, whole: &Tick<'_>, lens: &Lens) -> Moved {
        if let Some(every_tick) = whole.moved(0) {
            self.cross(every_tick, lens);
        }
        core::array::from_fn(|class| {
            let moved = whole.moved(class)?;
            let mut crossed = core::mem::take(&mut self.crossed[class]);
            let mut seen = BTreeMap::new();
            for (tile, frame) in moved {
                match lens.cover(*tile) {
                    _ if *tile == WORLD_TILE => {}
                    Cover::None => continue,
                    Cover::Whole => {
                        seen.insert(*tile, frame.clone());
                        continue;
                    }
                    Cover::Part => {}
                }
                let crossed = crossed.remove(tile).unwrap_or_default();
                let cut = self.cut(whole, *tile, frame, crossed);
                seen.extend(cut.map(|cut| (*tile, Arc::new(cut))));
            }
            for (tile, crossed) in crossed {
                let nothing = TileFrame::new(tile, whole.now);
                let cut = self.cut(whole, tile, &nothing, crossed);
                seen.extend(cut.map(|cut| (tile, Arc::new(cut))));
            }
            Some(seen)
        })
    }

    /// Notes which vehicles have crossed the border of what is seen.
    fn cross(&mut self, moved: &BTreeMap<TileId, Arc<TileFrame>>, lens: &Lens) {
        let in_part = |t: &TileId| *t != WORLD_TILE && lens.cover(*t) == Cover::Part;
        let border: Vec<_> = moved.iter().filter(|(t, _)| in_part(t)).collect();
        for (tile, frame) in &border {
            for id in &frame.left {
                if self.inside.get(id) == Some(*tile) {
                    self.leave(**tile, *id);
                }
            }
        }
        for (tile, frame) in border {
            for row in frame.rows() {
                if lens.mover(row.position) {
                    self.inside.insert(row.id, *tile);
                } else if self.inside.get(&row.id) == Some(tile) {
                    self.leave(*tile, row.id);
                }
            }
        }
    }

    /// What of a frame is seen, each mover as one that is new: whether it is, differs between those who look. `None` where
    /// nothing is seen of it.
    fn cut(
        &self,
        whole: &Tick<'_>,
        tile: TileId,
        frame: &TileFrame,
        crossed: Crossed,
    ) -> Option<TileFrame> {
        let here = |id: &MoverId| self.inside.get(id) == Some(&tile);
        let mut ids: BTreeSet<MoverId> = frame.rows().map(|r| r.id).filter(here).collect();
        ids.extend(crossed.came.into_iter().filter(here));
        let mut cut = TileFrame::new(tile, whole.now);
        cut.push_rows(rows(whole.state, ids.into_iter()));
        cut.left = crossed.left.into_iter().filter(|id| !here(id)).collect();
        (!cut.id_step.is_empty() || !cut.left.is_empty()).then_some(cut)
    }
}
