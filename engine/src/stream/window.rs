//! A stream as all those see it who see the same part of a city: made of the whole one, tick by tick.

use super::cut::{history_seen, person_seen, seen_of};
use super::tick::{Beside, Tick};
use super::{EntityChange, HotspotWatch, Layer, PersonView, RATE_CLASSES, TileFrame};
use super::{WORLD_TILE, layer_of};
use crate::geo::{Position, TileId};
use crate::ids::{AlarmId, CaseId, MoverId, SensorId, ThingId, UnitId};
use crate::model::{AlarmSource, Case, CaseHistory, HistoryEntry, HistoryKind, Mover, Unit};
use crate::sight::{Cover, Lens};
use crate::state::{Changes, State};
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Vehicles of one tile that have come into sight or gone out of it since its last frame of one rate, not by moving to
/// another tile alone.
#[derive(Clone, Debug, Default)]
struct Crossed {
    came: BTreeSet<MoverId>,
    left: BTreeSet<MoverId>,
}

/// What all who share a lens have been told, and what follows for them at the end of each tick.
#[derive(Clone, Debug)]
pub struct Window {
    /// Where the open cases gather that are seen, as they are seen.
    pub hotspots: HotspotWatch,
    number: u32,
    lens: Lens,
    told: Told,
    /// Movers that are seen in tiles that are seen in part, and in the units' tile.
    inside: BTreeMap<MoverId, TileId>,
    crossed: [BTreeMap<TileId, Crossed>; RATE_CLASSES.len()],
}

/// Things that are seen.
#[derive(Clone, Debug, Default)]
struct Told {
    cases: BTreeSet<CaseId>,
    units: BTreeSet<UnitId>,
    sensors: BTreeSet<SensorId>,
    alarms: BTreeSet<AlarmId>,
    /// Cases whose history was told.
    histories: BTreeSet<CaseId>,
    /// Cases behind which a person was told.
    persons: BTreeSet<CaseId>,
}

impl Told {
    fn of(state: &State, lens: &Lens) -> Self {
        let cases = state.cases().values();
        let alarms = state.alarms().values();
        let sensors = state.sensors().iter().filter(|s| !s.has_retired());
        let beside = |told: &dyn Fn(ThingId) -> bool| {
            let all = state.cases().keys().copied();
            all.filter(|c| told(ThingId::Case(*c))).collect()
        };
        Self {
            cases: cases
                .filter(|c| lens.case(state, c).is_some())
                .map(|c| c.id)
                .collect(),
            units: units_seen(state, lens),
            sensors: sensors.filter(|s| lens.sensor(s)).map(|s| s.id).collect(),
            alarms: alarms
                .filter(|a| lens.alarm(state, a).is_some())
                .map(|a| a.id)
                .collect(),
            histories: beside(&|c| history_seen(state, Some(lens), c).is_some()),
            persons: beside(&|c| person_seen(state, Some(lens), c).is_some()),
        }
    }
}

fn units_seen(state: &State, lens: &Lens) -> BTreeSet<UnitId> {
    let units = state.units().iter().filter(|u| lens.unit(state, u));
    units.map(|u| u.id).collect()
}

impl Window {
    /// Of a state at which nobody has looked through the lens. `number`: from 1, another one for every window of a world;
    /// `hotspots`: a watch over the city's ground that has found nothing yet.
    pub fn new(
        number: u32,
        lens: Lens,
        state: &State,
        now: Timestamp,
        hotspots: HotspotWatch,
    ) -> Self {
        let mut window = Self {
            number,
            told: Told::default(),
            inside: BTreeMap::new(),
            crossed: Default::default(),
            hotspots,
            lens,
        };
        window.go_to(state, now);
        window
    }

    /// The state is another one: what was told is of no account.
    pub fn go_to(&mut self, state: &State, now: Timestamp) {
        self.told = Told::of(state, &self.lens);
        self.crossed = Default::default();
        self.hotspots.go_to(state, Some(&self.lens), now);
        let units = state
            .units()
            .iter()
            .filter(|u| self.told.units.contains(&u.id));
        self.inside = units.map(|u| (u.mover, WORLD_TILE)).collect();
        let movers = (0..).map(MoverId).zip(state.movers());
        for (id, mover) in movers.filter(|(_, m)| m.unit.is_none()) {
            let Some(at) = mover.position else { continue };
            let tile = super::stream_tile(at, false);
            if self.lens.cover(tile) == Cover::Part && self.lens.mover(at) {
                self.inside.insert(id, tile);
            }
        }
    }

    /// What it is cut by.
    pub fn lens(&self) -> &Lens {
        &self.lens
    }

    /// A tick as it is seen.
    pub fn tick<'w, 'a: 'w>(&'w mut self, whole: &Tick<'a>) -> Tick<'w> {
        let (state, touched) = (whole.state, &whole.touched);
        let mut changes: BTreeMap<Layer, Vec<EntityChange>> = BTreeMap::new();
        let mut gone = Vec::new();
        let mut add = |layer, change| changes.entry(layer).or_default().push(change);
        self.hotspots.note(state, Some(&self.lens), touched);
        let cases = self.cases(whole);
        for id in &cases {
            let seen = seen_of(state, Some(&self.lens), ThingId::Case(*id));
            let told = if seen.is_some() {
                self.told.cases.insert(*id);
                true
            } else {
                self.told.cases.remove(id)
            };
            if told {
                add(Layer::Cases, seen.unwrap_or(EntityChange::CaseGone(*id)));
            }
        }
        self.units(whole, &cases, &mut add, &mut gone);
        for (layer, change) in whole
            .changes
            .iter()
            .flat_map(|(l, c)| c.iter().map(move |c| (l, c)))
        {
            let sensor = match change {
                EntityChange::Sensor(s) => s.id,
                EntityChange::Reading { sensor, .. } => *sensor,
                _ => continue,
            };
            if state.sensor(sensor).is_some_and(|s| self.lens.sensor(s)) {
                self.told.sensors.insert(sensor);
                add(*layer, change.clone());
            }
        }
        let of_case = |a: &AlarmId| {
            let alarm = state.alarms().get(a);
            alarm.is_some_and(|a| matches!(a.source, AlarmSource::Case(c) if cases.contains(&c)))
        };
        let mut alarms = touched.alarms.clone();
        if !cases.is_empty() {
            alarms.extend(state.alarms().keys().filter(|a| of_case(a)));
        }
        for id in alarms {
            let seen = seen_of(state, Some(&self.lens), ThingId::Alarm(id));
            let told = if seen.is_some() {
                self.told.alarms.insert(id);
                true
            } else {
                self.told.alarms.remove(&id)
            };
            if told {
                add(Layer::Cases, seen.unwrap_or(EntityChange::AlarmGone(id)));
            }
        }
        let lens = Some(&self.lens);
        let mut histories = Vec::new();
        for case in &cases {
            let history = history_seen(state, lens, ThingId::Case(*case));
            let told = self.told.histories.remove(case);
            if history.is_some() {
                self.told.histories.insert(*case);
            }
            // Whoever held the case was told it, and is not any more.
            let none = || EntityChange::History {
                case: *case,
                history: CaseHistory::default(),
            };
            let seen = self.told.cases.contains(case);
            histories.extend(history.or_else(|| (told && seen).then(none)));
        }
        let units_gone = !gone.is_empty();
        let mut persons = Vec::new();
        for case in &cases {
            let person = person_seen(state, lens, ThingId::Case(*case));
            let told = self.told.persons.remove(case);
            if person.is_some() {
                self.told.persons.insert(*case);
            }
            // Whoever was told of one is told that nothing is masked any more.
            let none = || EntityChange::Person {
                case: *case,
                person: PersonView::default(),
            };
            let seen = self.told.cases.contains(case);
            persons.extend(person.or_else(|| (told && seen).then(none)));
        }
        let moved = self.moved(whole);
        // A sensor that has been set up elsewhere may have left the ground: frames do not say that one is gone.
        let had = self.told.sensors.len();
        if !touched.sensors_described.is_empty() {
            let sees = |s: &SensorId| state.sensor(*s).is_some_and(|s| self.lens.sensor(s));
            self.told.sensors.retain(sees);
        }
        Tick {
            number: whole.number,
            state,
            now: whole.now,
            stream: whole.stream,
            recent: whole.recent,
            lens: Some(&self.lens),
            window: self.number,
            touched: Changes::default(),
            sensors_gone: whole.sensors_gone || self.told.sensors.len() < had,
            units_gone,
            changes,
            beside: BTreeMap::from([
                (Beside::Histories, histories),
                (Beside::Persons, persons),
                (Beside::Goings, gone),
            ]),
            moved,
            round: whole.round,
            portion: whole.portion.clone(),
            cells: BTreeMap::new(),
            coarse: BTreeMap::new(),
        }
    }

    /// Cases of which more is to be told or less: those that were touched, and those that name one that has come into sight
    /// or gone out of it.
    fn cases(&self, whole: &Tick<'_>) -> BTreeSet<CaseId> {
        let (state, touched) = (whole.state, &whole.touched.cases);
        let sees = |c: &CaseId| self.lens.known_case(state, *c).is_ok();
        let turned = touched
            .iter()
            .filter(|c| sees(c) != self.told.cases.contains(c));
        let turned: BTreeSet<CaseId> = turned.copied().collect();
        let mut cases = touched.clone();
        if turned.is_empty() {
            return cases;
        }
        let named = |e: &HistoryEntry| match e.what {
            HistoryKind::BundledInto(c) | HistoryKind::TookIn(c) | HistoryKind::GaveBack(c) => {
                turned.contains(&c)
            }
            _ => false,
        };
        let names = |c: &Case| {
            let same = c.maybe_same_as.is_some_and(|o| turned.contains(&o));
            same || state
                .history(c.id)
                .is_some_and(|h| h.entries.iter().any(named))
        };
        cases.extend(state.cases().values().filter(|c| names(c)).map(|c| c.id));
        cases
    }

    /// Units come into sight and go out of it by moving, by their tasks and by what becomes of a case.
    fn units(
        &mut self,
        whole: &Tick<'_>,
        cases: &BTreeSet<CaseId>,
        add: &mut impl FnMut(Layer, EntityChange),
        gone: &mut Vec<EntityChange>,
    ) {
        let (state, touched) = (whole.state, &whole.touched);
        let now = units_seen(state, &self.lens);
        let changed = |u: &UnitId| {
            // Where it is sent is shown as its case is.
            let case = state.unit(*u).and_then(Unit::case);
            touched.units.contains(u) || case.is_some_and(|c| cases.contains(&c))
        };
        let new = |u: &UnitId| !self.told.units.contains(u);
        for id in now.iter().filter(|u| changed(u) || new(u)) {
            if let Some(view) = seen_of(state, Some(&self.lens), ThingId::Unit(*id)) {
                add(Layer::Units, view);
            }
        }
        let mover = |u: &UnitId| state.unit(*u).map(|u| u.mover);
        for id in now.difference(&self.told.units).filter_map(mover) {
            self.inside.insert(id, WORLD_TILE);
            for crossed in &mut self.crossed {
                let here = crossed.entry(WORLD_TILE).or_default();
                here.left.remove(&id);
                here.came.insert(id);
            }
        }
        for unit in self.told.units.difference(&now) {
            gone.push(EntityChange::UnitGone(*unit));
            if let Some(id) = mover(unit) {
                self.inside.remove(&id);
                leave(&mut self.crossed, WORLD_TILE, id);
            }
        }
        self.told.units = now;
    }

    /// Tiles that moved, for each rate that is due.
    fn moved(
        &mut self,
        whole: &Tick<'_>,
    ) -> [Option<BTreeMap<TileId, Arc<TileFrame>>>; RATE_CLASSES.len()] {
        if let Some(every_tick) = whole.moved(0) {
            self.cross(every_tick);
        }
        core::array::from_fn(|class| {
            let moved = whole.moved(class)?;
            let mut crossed = core::mem::take(&mut self.crossed[class]);
            let mut seen = BTreeMap::new();
            for (tile, frame) in moved {
                match self.lens.cover(*tile) {
                    _ if *tile == WORLD_TILE => {}
                    Cover::None => continue,
                    Cover::Whole => {
                        seen.insert(*tile, frame.clone());
                        continue;
                    }
                    Cover::Part => {}
                }
                let cut = self.cut(
                    whole,
                    *tile,
                    frame,
                    crossed.remove(tile).unwrap_or_default(),
                );
                if !cut.id_step.is_empty() || !cut.left.is_empty() {
                    seen.insert(*tile, Arc::new(cut));
                }
            }
            for (tile, crossed) in crossed {
                let nothing = TileFrame::new(tile, whole.now);
                let cut = self.cut(whole, tile, &nothing, crossed);
                if !cut.id_step.is_empty() || !cut.left.is_empty() {
                    seen.insert(tile, Arc::new(cut));
                }
            }
            Some(seen)
        })
    }

    /// Notes which vehicles have crossed the border of what is seen.
    fn cross(&mut self, moved: &BTreeMap<TileId, Arc<TileFrame>>) {
        let in_part = |t: &TileId| *t != WORLD_TILE && self.lens.cover(*t) == Cover::Part;
        let border: Vec<_> = moved.iter().filter(|(t, _)| in_part(t)).collect();
        for (tile, frame) in &border {
            for id in &frame.left {
                if self.inside.get(id) == Some(*tile) {
                    self.inside.remove(id);
                    leave(&mut self.crossed, **tile, *id);
                }
            }
        }
        for (tile, frame) in border {
            for row in frame.rows() {
                if self.lens.mover(row.position) {
                    self.inside.insert(row.id, *tile);
                } else if self.inside.get(&row.id) == Some(tile) {
                    self.inside.remove(&row.id);
                    leave(&mut self.crossed, *tile, row.id);
                }
            }
        }
    }

    /// What of a frame is seen, each vehicle as one that is new: whether it is, differs between those who look.
    fn cut(
        &self,
        whole: &Tick<'_>,
        tile: TileId,
        frame: &TileFrame,
        crossed: Crossed,
    ) -> TileFrame {
        let here = |id: &MoverId| self.inside.get(id) == Some(&tile);
        let mut ids: BTreeSet<MoverId> = frame.rows().map(|r| r.id).filter(here).collect();
        ids.extend(crossed.came.into_iter().filter(here));
        let mut cut = TileFrame::new(tile, whole.now);
        cut.push_rows(rows(whole.state, ids.into_iter()));
        cut.left = crossed.left.into_iter().filter(|id| !here(id)).collect();
        cut
    }
}

fn leave(crossed: &mut [BTreeMap<TileId, Crossed>; RATE_CLASSES.len()], tile: TileId, id: MoverId) {
    for crossed in crossed {
        let here = crossed.entry(tile).or_default();
        here.came.remove(&id);
        here.left.insert(id);
    }
}

type Row = (
    MoverId,
    Position,
    u16,
    u16,
    Timestamp,
    Option<(crate::model::MoverKind, Option<UnitId>)>,
);

/// Rows of a frame in which every mover is new.
fn rows<'s>(
    state: &'s State,
    ids: impl Iterator<Item = MoverId> + 's,
) -> impl Iterator<Item = Row> + 's {
    let row = |id, m: &Mover| {
        Some((
            id,
            m.position?,
            m.bearing_cdeg,
            m.speed_cmps,
            m.fix_time,
            Some((m.kind, m.unit)),
        ))
    };
    ids.filter_map(move |id| row(id, state.mover(id)?))
}

impl Tick<'_> {
    /// A whole tile as it is seen.
    pub(super) fn whole_tile_seen(&self, tile: TileId) -> TileFrame {
        let whole = || self.stream.whole_tile(self.state, tile, self.now);
        let Some(lens) = self.lens else {
            return whole();
        };
        let sees = |id: MoverId, at: Position| {
            let unit = self.state.mover(id).and_then(|m| m.unit);
            match unit.and_then(|u| self.state.unit(u)) {
                Some(unit) => lens.unit(self.state, unit),
                None => lens.mover(at),
            }
        };
        match lens.cover(tile) {
            Cover::Whole if tile != WORLD_TILE => whole(),
            Cover::None if tile != WORLD_TILE => TileFrame::new(tile, self.now),
            _ => {
                let all = whole();
                let seen = all.rows().filter(|r| sees(r.id, r.position)).map(|r| r.id);
                let seen: Vec<MoverId> = seen.collect();
                let mut cut = TileFrame::new(tile, self.now);
                cut.push_rows(rows(self.state, seen.into_iter()));
                cut
            }
        }
    }

    /// How many vehicles are seen in each cell of a zoom.
    pub(super) fn counts_seen(&self, zoom: u8) -> BTreeMap<TileId, u32> {
        let Some(lens) = self.lens else {
            return self.stream.counts(zoom);
        };
        let mut seen = BTreeMap::new();
        for (tile, all) in self.stream.counts(super::TILE_ZOOM) {
            let count = match lens.cover(tile) {
                Cover::None => 0,
                Cover::Whole => all,
                Cover::Part => {
                    let here = self.stream.whole_tile(self.state, tile, self.now);
                    here.rows().filter(|r| lens.mover(r.position)).count() as u32
                }
            };
            if count > 0 {
                *seen.entry(tile.parent(zoom)).or_default() += count;
            }
        }
        seen
    }

    /// Things of a layer as they are seen.
    pub fn layer(&self, layer: Layer) -> Vec<EntityChange> {
        let here = super::all_things(self.state).filter(|t| layer_of(*t) == layer);
        here.filter_map(|t| seen_of(self.state, self.lens, t))
            .collect()
    }

    /// What is told beside a thing, as it is seen.
    pub fn beside_of(&self, beside: Beside, thing: ThingId) -> Option<EntityChange> {
        match beside {
            Beside::Histories => history_seen(self.state, self.lens, thing),
            Beside::Persons => person_seen(self.state, self.lens, thing),
            Beside::Goings => None,
        }
    }

    /// What is told beside every case, as it is seen.
    pub fn all_beside(&self, beside: Beside) -> Vec<EntityChange> {
        let cases = self.state.cases().keys().copied().map(ThingId::Case);
        cases.filter_map(|c| self.beside_of(beside, c)).collect()
    }
}
