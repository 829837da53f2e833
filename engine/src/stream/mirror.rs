use super::{
    AlarmView, CaseView, ClosedRoad, EntityChange, Frame, PersonView, SensorView, ServerHello,
    ServerMessage, TileFrame, UnitView,
};
use crate::geo::{Position, TileId};
use crate::hotspot::HotspotArea;
use crate::ids::{AlarmId, CaseId, MoverId, SensorId, UnitId};
use crate::model::{CaseHistory, MoverKind};
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// A mover as a client sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MoverView {
    /// Unique in the city; never given to another mover.
    pub id: MoverId,
    /// The tile of the newest row about it.
    pub tile: TileId,
    /// Kind of vehicle; decides the icon.
    pub kind: MoverKind,
    /// The unit that it carries; `None` for ordinary traffic.
    pub unit: Option<UnitId>,
    /// Newest position received, WGS 84.
    pub position: Position,
    /// Degrees clockwise from north; `None`: unknown.
    pub bearing_deg: Option<f32>,
    /// Metres a second.
    pub speed_mps: f32,
    /// When it was there, by its own clock.
    pub fix_time: Timestamp,
}

/// What a message touched in the mirror.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MirrorChanges {
    /// True if everything known before was dropped; the lists below then hold what came with the same message.
    pub reset: bool,
    /// Movers that are new or have moved.
    pub movers: Vec<MoverId>,
    /// Movers that are no longer in view.
    pub movers_gone: Vec<MoverId>,
    /// Cases that were added, changed or removed.
    pub cases: BTreeSet<CaseId>,
    /// Units that were added or changed.
    pub units: BTreeSet<UnitId>,
    /// Sensors that were added, changed or read.
    pub sensors: BTreeSet<SensorId>,
    /// Alarms that were added, changed or removed.
    pub alarms: BTreeSet<AlarmId>,
    /// True if the list of significant areas was replaced.
    pub hotspots: bool,
}

/// Why a message does not fit the mirror. The remedy is always to ask for a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MirrorError {
    /// A frame is missing in between.
    #[error(
        "the frame follows record {told}, but record {seen} was the last one seen: something was missed"
    )]
    Gap {
        /// The last record seen.
        seen: u64,
        /// The last record that the frame says was sent before it.
        told: u64,
    },
}

/// All that a client knows of the city. The only truth on its side: everything drawn can be rebuilt from here.
#[derive(Clone, Debug, Default)]
pub struct Mirror {
    /// Greeting of the server: identity, city and world; `None` before it came.
    pub hello: Option<ServerHello>,
    /// The last record seen.
    pub seq: u64,
    /// The server's time of the last message.
    pub time: Timestamp,
    /// Cases by id.
    pub cases: BTreeMap<CaseId, CaseView>,
    /// What happened to each case, where the server tells: to sessions of protocol 1.2.
    pub histories: BTreeMap<CaseId, CaseHistory>,
    /// Units by id.
    pub units: BTreeMap<UnitId, UnitView>,
    /// The persons behind cases, as they are shown, where the server tells: to sessions of protocol 1.6.
    pub persons: BTreeMap<CaseId, PersonView>,
    /// Sensors by id.
    pub sensors: BTreeMap<SensorId, SensorView>,
    /// Alarms by id.
    pub alarms: BTreeMap<AlarmId, AlarmView>,
    /// Significant areas, ranked.
    pub hotspots: Vec<HotspotArea>,
    /// Roads that are closed, where the server tells: to sessions of protocol 1.3.
    pub closed_roads: Vec<ClosedRoad>,
    /// By id. Ids are data: memory grows with the rows received, not with the largest id among them.
    movers: BTreeMap<MoverId, MoverView>,
    has_snapshot: bool,
    /// The stream goes on after an absence: the next frame lists all movers in view; any other has gone.
    resumed: bool,
}

impl Mirror {
    /// A mirror of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// True once a snapshot has come.
    pub fn is_ready(&self) -> bool {
        self.has_snapshot
    }

    /// Movers in view, by id.
    pub fn movers(&self) -> impl Iterator<Item = &MoverView> {
        self.movers.values()
    }

    /// How many movers are in view.
    pub fn mover_count(&self) -> usize {
        self.movers.len()
    }

    /// A mover in view; `None` if it is not in view.
    pub fn mover(&self, id: MoverId) -> Option<&MoverView> {
        self.movers.get(&id)
    }

    /// The mover that carries a unit.
    pub fn mover_of_unit(&self, unit: UnitId) -> Option<&MoverView> {
        self.mover(self.units.get(&unit)?.mover)
    }

    /// Takes a message in.
    ///
    /// # Errors
    /// [`MirrorError::Gap`]: ask for a snapshot; the mirror stays as it was.
    pub fn apply(&mut self, message: &ServerMessage) -> Result<MirrorChanges, MirrorError> {
        let mut changes = MirrorChanges::default();
        match message {
            ServerMessage::Hello(hello) => {
                let same = self.hello.as_ref().is_some_and(|h| h.epoch == hello.epoch);
                if !(same && hello.resumed) {
                    self.forget();
                    changes.reset = true;
                }
                self.resumed = hello.resumed;
                self.time = hello.time;
                self.hello = Some((**hello).clone());
            }
            ServerMessage::Snapshot {
                seq,
                time,
                changes: entities,
                tiles,
                ..
            } => {
                // Told apart from snapshots, whenever it changes.
                let closed_roads = core::mem::take(&mut self.closed_roads);
                self.forget();
                self.closed_roads = closed_roads;
                changes.reset = true;
                self.has_snapshot = true;
                self.seq = *seq;
                self.time = *time;
                self.take_entities(entities, &mut changes);
                self.take_tiles(tiles, &mut changes);
            }
            ServerMessage::Frame(frame) => self.take_frame(frame, &mut changes)?,
            ServerMessage::Entered(info) => {
                self.forget();
                changes.reset = true;
                if let Some(hello) = &mut self.hello {
                    hello.world = info.world;
                }
            }
            ServerMessage::Hotspots { areas, .. }
            | ServerMessage::HotspotsWithChance { areas, .. } => {
                self.hotspots.clone_from(areas);
                changes.hotspots = true;
            }
            ServerMessage::ClosedRoads { roads } => self.closed_roads.clone_from(roads),
            _ => {}
        }
        Ok(changes)
    }

    fn take_frame(
        &mut self,
        frame: &Frame,
        changes: &mut MirrorChanges,
    ) -> Result<(), MirrorError> {
        if frame.prev_seq != self.seq {
            return Err(MirrorError::Gap {
                seen: self.seq,
                told: frame.prev_seq,
            });
        }
        self.seq = frame.seq;
        self.time = frame.time;
        self.take_entities(&frame.changes, changes);
        self.take_tiles(&frame.tiles, changes);
        if core::mem::take(&mut self.resumed) {
            let told: BTreeSet<MoverId> = changes.movers.iter().copied().collect();
            let gone = self.movers.extract_if(.., |id, _| !told.contains(id));
            changes.movers_gone.extend(gone.map(|(id, _)| id));
        }
        Ok(())
    }

    fn take_entities(&mut self, entities: &[EntityChange], changes: &mut MirrorChanges) {
        for change in entities {
            match change {
                EntityChange::Case(c) => {
                    changes.cases.insert(c.id);
                    self.cases.insert(c.id, c.clone());
                }
                EntityChange::CaseGone(id) => {
                    changes.cases.insert(*id);
                    self.cases.remove(id);
                    self.histories.remove(id);
                    self.persons.remove(id);
                }
                EntityChange::History { case, history } => {
                    changes.cases.insert(*case);
                    // A case whose history is not theirs to know any more has an empty one.
                    if history.entries.is_empty() {
                        self.histories.remove(case);
                    } else {
                        self.histories.insert(*case, history.clone());
                    }
                }
                EntityChange::UnitGone(id) => {
                    changes.units.insert(*id);
                    self.units.remove(id);
                }
                EntityChange::Person { case, person } => {
                    changes.cases.insert(*case);
                    if *person == PersonView::default() {
                        self.persons.remove(case);
                    } else {
                        self.persons.insert(*case, person.clone());
                    }
                }
                EntityChange::Unit(u) => {
                    changes.units.insert(u.id);
                    self.units.insert(u.id, u.clone());
                }
                EntityChange::Sensor(s) => {
                    changes.sensors.insert(s.id);
                    self.sensors.insert(s.id, s.clone());
                }
                EntityChange::Reading {
                    sensor,
                    state,
                    reading,
                    result_time,
                } => {
                    if let Some(s) = self.sensors.get_mut(sensor) {
                        s.state = *state;
                        s.result_time = *result_time;
                        s.latest = Some(*reading);
                        crate::model::keep_hour(&mut s.hour, *reading);
                        changes.sensors.insert(*sensor);
                    }
                }
                EntityChange::Alarm(a) => {
                    changes.alarms.insert(a.id);
                    self.alarms.insert(a.id, a.clone());
                }
                EntityChange::AlarmGone(id) => {
                    changes.alarms.insert(*id);
                    self.alarms.remove(id);
                }
            }
        }
    }

    fn take_tiles(&mut self, tiles: &[TileFrame], changes: &mut MirrorChanges) {
        // Goings first: a mover that changed tiles goes from one and comes to the other in the same frame.
        for t in tiles {
            let tile = t.tile_id();
            for id in &t.left {
                if self.movers.get(id).is_some_and(|m| m.tile == tile) {
                    self.movers.remove(id);
                    changes.movers_gone.push(*id);
                }
            }
        }
        for t in tiles {
            let tile = t.tile_id();
            for row in t.rows() {
                let known = self.movers.get(&row.id);
                let (kind, unit) = match (row.kind, known) {
                    (Some(kind), _) => (kind, row.unit),
                    (None, Some(m)) => (m.kind, m.unit),
                    (None, None) => (MoverKind::default(), None),
                };
                let view = MoverView {
                    id: row.id,
                    tile,
                    kind,
                    unit,
                    position: row.position,
                    bearing_deg: row.bearing_deg,
                    speed_mps: row.speed_mps,
                    fix_time: row.fix_time,
                };
                self.movers.insert(row.id, view);
                changes.movers.push(row.id);
            }
        }
        changes
            .movers_gone
            .retain(|id| !self.movers.contains_key(id));
    }

    /// Drops movers of tiles that are no longer subscribed to.
    pub fn keep_tiles(&mut self, keep: impl Fn(TileId) -> bool) -> Vec<MoverId> {
        let gone = self.movers.extract_if(.., |_, m| !keep(m.tile));
        gone.map(|(id, _)| id).collect()
    }

    fn forget(&mut self) {
        let hello = self.hello.take();
        *self = Self {
            hello,
            ..Self::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(rows: &[(u32, u64)]) -> ServerMessage {
        let tile = TileId { z: 14, x: 3, y: 4 };
        let mut t = TileFrame::new(tile, Timestamp(9));
        let p = Position::new(1_187_900_000, 320_500_000);
        t.push_rows(
            rows.iter()
                .map(|(id, _)| (MoverId(*id), p, 0, 0, Timestamp(9), None)),
        );
        let (seq, prev_seq) = (rows[0].1, rows[0].1 - 1);
        ServerMessage::Frame(Frame {
            seq,
            prev_seq,
            time: Timestamp(9),
            changes: vec![],
            tiles: vec![t],
        })
    }

    #[test]
    fn a_mover_is_known_by_any_id_and_the_largest_costs_no_more_than_the_smallest() {
        let mut mirror = Mirror::new();
        let ids = [0, 49_999_999, 50_000_001, u32::MAX];
        mirror.apply(&frame(&ids.map(|id| (id, 1)))).unwrap();
        assert_eq!(mirror.mover_count(), ids.len());
        assert!(ids.iter().all(|id| mirror.mover(MoverId(*id)).is_some()));
        assert_eq!(
            mirror.movers.len(),
            ids.len(),
            "one place a row, none for the ids between"
        );
    }

    #[test]
    fn closed_roads_stay_through_snapshots_and_not_into_another_world() {
        let road = ClosedRoad {
            name: "中山路".to_owned(),
            until: None,
            lines: vec![vec![(118.79, 32.05), (118.8, 32.05)]],
        };
        let told = ServerMessage::ClosedRoads { roads: vec![road] };
        let snapshot = ServerMessage::Snapshot {
            seq: 3,
            time: Timestamp(4),
            reason: crate::stream::SnapshotReason::Jumped,
            changes: vec![],
            tiles: vec![],
        };
        let mut mirror = Mirror::new();
        mirror.apply(&told).unwrap();
        mirror.apply(&snapshot).unwrap();
        assert_eq!(mirror.closed_roads.len(), 1);
        let info = crate::stream::WorldInfo {
            world: crate::record::World::Live,
            title: String::new(),
            owner: String::new(),
            shared: true,
            seat: crate::drill::Seat::Viewer,
            clock: None,
            notice: String::new(),
            notice_en: String::new(),
            record_of: None,
        };
        mirror
            .apply(&ServerMessage::Entered(Box::new(info)))
            .unwrap();
        assert!(mirror.closed_roads.is_empty());
    }
}
