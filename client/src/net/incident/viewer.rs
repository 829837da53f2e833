//! What the one who looks is sent: the same snapshots and frames as a server makes.

use chengtu_engine::geo::{TileId, Viewport};
use chengtu_engine::hotspot::{HotspotArea, HotspotConfig, HotspotField};
use chengtu_engine::ids::{AlarmId, CaseId, SensorId, UnitId};
use chengtu_engine::state::{Changes, State};
use chengtu_engine::stream::{
    CoarseTile, EntityChange, Frame, Layer, RATE_CLASSES, ServerMessage, SnapshotReason, TILE_ZOOM,
    TILES_MAX, TileFrame, TileStream,
};
use chengtu_engine::time::Timestamp;
use std::collections::BTreeSet;

const WORLD: TileId = TileId { z: 0, x: 0, y: 0 };
/// Most coarse tiles in one view; a wider one gets a lower zoom.
const COARSE_TILES_MAX: usize = 64;
/// The class of the stream that is gathered; frames are made whenever the loop turns.
const CLASS: usize = 0;

/// One viewer of one state.
pub(super) struct Viewer {
    stream: TileStream,
    layers: BTreeSet<Layer>,
    subscribed: bool,
    tiles: BTreeSet<TileId>,
    tiles_new: BTreeSet<TileId>,
    coarse: Vec<TileId>,
    changes: Changes,
    seen_seq: u64,
    afresh: Option<SnapshotReason>,
    field: Option<HotspotField>,
    areas: Option<Vec<HotspotArea>>,
}

impl Viewer {
    pub fn new(state: &State) -> Self {
        let mut viewer = Self {
            stream: TileStream::default(),
            layers: BTreeSet::new(),
            subscribed: false,
            tiles: BTreeSet::new(),
            tiles_new: BTreeSet::new(),
            coarse: Vec::new(),
            changes: Changes::default(),
            seen_seq: 0,
            afresh: None,
            field: None,
            areas: None,
        };
        viewer.begin_anew(state, SnapshotReason::Subscribed);
        viewer
    }

    /// The state is another one.
    pub fn begin_anew(&mut self, state: &State, reason: SnapshotReason) {
        self.stream = TileStream::of(state);
        let mut active = [false; RATE_CLASSES.len()];
        active[CLASS] = true;
        self.stream.set_active(active);
        self.changes = Changes::default();
        self.afresh = Some(reason);
        self.areas = None;
        let bounds = state.rules().map(|r| r.bounds);
        self.field = bounds.and_then(|b| HotspotField::new(b, HotspotConfig::default()).ok());
        if let Some(field) = &mut self.field {
            for c in state.cases().values().filter(|c| c.stage.is_open()) {
                field.add(c.id.0, c.position);
            }
        }
    }

    /// Takes note of what was touched.
    pub fn note(&mut self, state: &State, changes: Changes) {
        self.stream.touch(state, &changes.movers);
        if let Some(field) = &mut self.field {
            for id in &changes.cases {
                match state.case(*id).filter(|c| c.stage.is_open()) {
                    Some(c) => field.add(id.0, c.position),
                    None => {
                        field.remove(id.0);
                    }
                }
            }
        }
        self.changes.merge(changes);
    }

    /// Asks for a fresh snapshot.
    pub fn resync(&mut self) {
        self.afresh = Some(SnapshotReason::Asked);
    }

    /// What is looked at from now on.
    pub fn subscribe(&mut self, viewport: Option<Viewport>, layers: Vec<Layer>) {
        let layers: BTreeSet<Layer> = layers.into_iter().collect();
        if !self.subscribed || layers != self.layers {
            self.afresh = Some(SnapshotReason::Subscribed);
        }
        self.layers = layers;
        self.subscribed = true;
        let area = viewport
            .filter(|_| self.layers.contains(&Layer::Movers))
            .and_then(|v| v.area().ok());
        let mut tiles = BTreeSet::new();
        self.coarse.clear();
        if let Some(area) = area {
            let fine = area.tiles(TILE_ZOOM, TILES_MAX + 1);
            if fine.len() > TILES_MAX {
                self.coarse = (0..=TILE_ZOOM - 4)
                    .rev()
                    .map(|z| area.tiles(z, COARSE_TILES_MAX + 1))
                    .find(|tiles| tiles.len() <= COARSE_TILES_MAX)
                    .unwrap_or_default();
            } else {
                tiles.extend(fine);
            }
        }
        if self.layers.contains(&Layer::Units) {
            tiles.insert(WORLD);
        }
        let fresh = tiles.difference(&self.tiles).copied();
        let kept = self.tiles_new.intersection(&tiles).copied();
        self.tiles_new = kept.chain(fresh).collect();
        self.tiles = tiles;
    }

    /// What is to be said now: a snapshot, a frame, or nothing.
    pub fn show(&mut self, state: &State, now: Timestamp) -> Option<ServerMessage> {
        if !self.subscribed {
            return None;
        }
        let changes = core::mem::take(&mut self.changes);
        let moved = self.stream.take(state, CLASS, now);
        let new = core::mem::take(&mut self.tiles_new);
        let seq = state.seq();
        if let Some(reason) = self.afresh.take() {
            self.seen_seq = seq;
            return Some(ServerMessage::Snapshot {
                seq,
                time: now,
                reason,
                changes: self.views(state, &all(state)),
                tiles: self.whole(state, now, self.tiles.iter()),
            });
        }
        let changes = self.views(state, &changes);
        let mut tiles = self.whole(state, now, new.iter());
        let here = |t: &TileFrame| {
            let id = t.tile_id();
            self.tiles.contains(&id) && !new.contains(&id)
        };
        tiles.extend(moved.into_iter().filter(here));
        if changes.is_empty() && tiles.is_empty() {
            return None;
        }
        let prev_seq = core::mem::replace(&mut self.seen_seq, seq);
        Some(ServerMessage::Frame(Frame {
            seq,
            prev_seq,
            time: now,
            changes,
            tiles,
        }))
    }

    /// Counts for a view too wide for movers.
    pub fn coarse(&self, now: Timestamp) -> Option<ServerMessage> {
        let zoom = self.coarse.first()?.z;
        let cells = self.stream.counts((zoom + 4).min(TILE_ZOOM));
        let counts = |tile: &TileId| CoarseTile {
            tile: (tile.z, tile.x, tile.y),
            counts: cells
                .iter()
                .filter(|(cell, _)| cell.parent(tile.z) == *tile)
                .map(|(cell, n)| (((cell.y & 15) << 4 | (cell.x & 15)) as u8, *n))
                .collect(),
        };
        Some(ServerMessage::Coarse {
            time: now,
            tiles: self.coarse.iter().map(counts).collect(),
        })
    }

    /// Significant areas of now, where they are other ones than before.
    pub fn hotspots(
        &mut self,
        now: Timestamp,
        name: &dyn Fn(f64, f64) -> String,
    ) -> Option<ServerMessage> {
        if !self.subscribed || !self.layers.contains(&Layer::Hotspots) {
            return None;
        }
        let found = self.field.as_mut()?.evaluate(now.0);
        let degrees = |p: chengtu_engine::geo::Position| {
            let p = p.lon_lat();
            (p.lon_deg, p.lat_deg)
        };
        let areas: Vec<HotspotArea> = (1..)
            .zip(&found.ranked)
            .map(|(rank, h)| {
                let centre = degrees(h.centre);
                let ring = |r: &Vec<chengtu_engine::geo::Position>| {
                    r.iter().chain(r.first()).map(|p| degrees(*p)).collect()
                };
                HotspotArea {
                    rank,
                    name: name(centre.0, centre.1),
                    centre,
                    cases: h.cases,
                    z: h.peak_z,
                    since: Timestamp(h.since),
                    outline: h.outline.iter().map(ring).collect(),
                }
            })
            .collect();
        if self.areas.as_ref() == Some(&areas) {
            return None;
        }
        self.areas = Some(areas.clone());
        Some(ServerMessage::Hotspots { time: now, areas })
    }

    fn whole<'a>(
        &self,
        state: &State,
        now: Timestamp,
        tiles: impl Iterator<Item = &'a TileId>,
    ) -> Vec<TileFrame> {
        tiles
            .map(|t| self.stream.whole_tile(state, *t, now))
            .collect()
    }

    fn views(&self, state: &State, touched: &Changes) -> Vec<EntityChange> {
        let wants = |layer| self.layers.contains(&layer);
        let mut views = Vec::new();
        if wants(Layer::Cases) {
            views.extend(touched.cases.iter().map(|id| case(state, *id)));
            views.extend(touched.alarms.iter().map(|id| alarm(state, *id)));
        }
        if wants(Layer::Units) {
            let unit = |id: &UnitId| Some(EntityChange::Unit(state.unit(*id)?.into()));
            views.extend(touched.units.iter().filter_map(unit));
        }
        if wants(Layer::Sensors) {
            let sensor = |id: &SensorId| Some(EntityChange::Sensor(state.sensor(*id)?.into()));
            views.extend(touched.sensors.iter().filter_map(sensor));
        }
        views
    }
}

fn case(state: &State, id: CaseId) -> EntityChange {
    state
        .case(id)
        .map_or(EntityChange::CaseGone(id), |c| EntityChange::Case(c.into()))
}

fn alarm(state: &State, id: AlarmId) -> EntityChange {
    state
        .alarms()
        .get(&id)
        .map_or(EntityChange::AlarmGone(id), |a| {
            EntityChange::Alarm(a.into())
        })
}

/// Everything but positions.
fn all(state: &State) -> Changes {
    Changes {
        cases: state.cases().keys().copied().collect(),
        units: state.units().iter().map(|u| u.id).collect(),
        sensors: state.sensors().iter().map(|s| s.id).collect(),
        alarms: state.alarms().keys().copied().collect(),
        ..Changes::default()
    }
}
