//! The tiles at hand: loaded and tessellated in the background, kept while they may be needed again.

use super::archive::Archive;
use super::cover::{cover, overview, shown};
use super::mesh::{self, TileMesh};
use super::style::Style;
use crate::camera::MapCamera;
use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, futures::check_ready};
use chengtu_engine::geo::TileId;
use std::collections::HashMap;
use std::sync::Arc;

/// Tiles being loaded at once: more would only make the nearest ones wait.
const LOADING_MAX: usize = 6;
/// Memory kept for tiles that are not shown.
const BYTES_MAX: usize = 192 << 20;

/// The base map's tiles.
#[derive(Resource, Default)]
pub struct Tiles {
    slots: HashMap<TileId, Slot>,
    /// What is drawn now: covers the view as far as tiles are loaded, without overlaps.
    pub shown: Vec<Arc<TileMesh>>,
    /// Changes whenever `shown` does.
    pub version: u64,
    /// True when every tile of the view is there.
    pub complete: bool,
    /// What a flight across the city sees from above is there as well.
    rested: bool,
    frame: u64,
}

struct Slot {
    state: State,
    used: u64,
}

enum State {
    Loading(Task<Option<Arc<TileMesh>>>),
    Ready(Arc<TileMesh>),
    /// The archive has nothing there, or it could not be read (which has been logged).
    Empty,
}

/// What the tiles are read from and made by.
#[derive(Resource, Clone)]
pub struct TileSource {
    /// The city's base map.
    pub archive: Arc<Archive>,
    /// What is drawn of its tiles, and how.
    pub style: Arc<Style>,
}

impl Tiles {
    fn mesh(&self, id: TileId) -> Option<&Arc<TileMesh>> {
        match &self.slots.get(&id)?.state {
            State::Ready(mesh) => Some(mesh),
            _ => None,
        }
    }

    /// True when no archive has asked for tiles yet.
    pub fn is_idle(&self) -> bool {
        self.frame == 0
    }

    /// Forgets everything, for a new style or city.
    pub fn clear(&mut self) {
        let version = self.version + 1;
        *self = Self {
            version,
            ..Self::default()
        };
    }

    fn load(&mut self, id: TileId, source: &TileSource) {
        let TileSource { archive, style } = source.clone();
        let task = AsyncComputeTaskPool::get().spawn(async move {
            let data = match archive.tile(id).await {
                Ok(data) => data?,
                Err(error) => {
                    error!("tile {}/{}/{}: {error}", id.z, id.x, id.y);
                    return None;
                }
            };
            match mesh::build(id, &data, &style) {
                Ok(mesh) => Some(Arc::new(mesh)),
                Err(error) => {
                    error!(
                        "{}: tile {}/{}/{}: {error}",
                        archive.name(),
                        id.z,
                        id.x,
                        id.y
                    );
                    None
                }
            }
        });
        self.slots.insert(
            id,
            Slot {
                state: State::Loading(task),
                used: self.frame,
            },
        );
    }

    /// Takes in what has been loaded, starts what is missing, chooses what is shown.
    fn update(&mut self, camera: &MapCamera, source: &TileSource) {
        self.frame += 1;
        let mut loading = 0;
        for slot in self.slots.values_mut() {
            if let State::Loading(task) = &mut slot.state {
                match check_ready(task) {
                    Some(mesh) => slot.state = mesh.map_or(State::Empty, State::Ready),
                    None => loading += 1,
                }
            }
        }
        let wanted = cover(camera, source.archive.zooms);
        self.complete = true;
        for id in &wanted {
            if let Some(slot) = self.slots.get_mut(id) {
                slot.used = self.frame;
                self.complete &= !matches!(slot.state, State::Loading(_));
                continue;
            }
            self.complete = false;
            if loading < LOADING_MAX {
                loading += 1;
                self.load(*id, source);
            }
        }
        self.keep_overview(source, &mut loading);
        // A tile that is known to hold nothing covers its place as well as any.
        let loaded = |id: TileId| {
            self.slots
                .get(&id)
                .is_some_and(|s| !matches!(s.state, State::Loading(_)))
        };
        let ids = shown(&wanted, &loaded);
        let meshes: Vec<_> = ids
            .iter()
            .filter_map(|id| self.mesh(*id).cloned())
            .collect();
        for id in ids {
            if let Some(slot) = self.slots.get_mut(&id) {
                slot.used = self.frame;
            }
        }
        let same = meshes.len() == self.shown.len()
            && meshes
                .iter()
                .zip(&self.shown)
                .all(|(a, b)| Arc::ptr_eq(a, b));
        if !same {
            self.shown = meshes;
            self.version += 1;
        }
        self.forget();
    }

    /// Keeps the coarse tiles of the whole city, so that nobody who flies up waits for them, or is shown in their place
    /// all the fine ones that they stand for. They are loaded when the view has all of its own.
    fn keep_overview(&mut self, source: &TileSource, loading: &mut usize) {
        let (bounds, zooms) = (source.archive.bounds, source.archive.zooms);
        self.rested = self.complete;
        for id in overview(bounds, zooms) {
            if let Some(slot) = self.slots.get_mut(&id) {
                slot.used = self.frame;
                self.rested &= !matches!(slot.state, State::Loading(_));
                continue;
            }
            self.rested = false;
            if self.complete && *loading < LOADING_MAX {
                *loading += 1;
                self.load(id, source);
            }
        }
    }

    /// Drops the tiles used longest ago, beyond the memory allowed.
    fn forget(&mut self) {
        let size = |slot: &Slot| match &slot.state {
            State::Ready(mesh) => mesh.bytes() + 1024,
            _ => 1024,
        };
        let mut bytes: usize = self.slots.values().map(size).sum();
        if bytes <= BYTES_MAX {
            return;
        }
        let mut old: Vec<_> = self
            .slots
            .iter()
            .filter(|(_, s)| s.used < self.frame)
            .map(|(id, s)| (s.used, *id))
            .collect();
        old.sort_unstable();
        for (_, id) in old {
            if bytes <= BYTES_MAX {
                break;
            }
            if let Some(slot) = self.slots.remove(&id) {
                bytes -= size(&slot);
            }
        }
    }
}

pub(super) fn update(
    camera: Res<MapCamera>,
    source: Option<Res<TileSource>>,
    mut tiles: ResMut<Tiles>,
) {
    if let Some(source) = source {
        let moved = camera.is_changed() || source.is_changed();
        if moved || !tiles.rested {
            tiles.update(&camera, &source);
        }
    }
}
