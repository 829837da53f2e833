//! What one viewer looks at, and what follows for it at the end of each tick.

use super::tick::{Beside, FrameChanges, FrameParts, PortionPart, Tick, TilePart, Update};
use super::{ENTITY_LAYERS, Layer, Place, RATE_CLASSES, SnapshotReason, Subscription};
use super::{EntityChange, TILE_ZOOM, TILES_MAX, WORLD_TILE, layer_of, seen_of, view_of};
use crate::geo::{GeoBox, TileId, Viewport};
use crate::ids::ThingId;
use std::collections::BTreeSet;

/// Most coarse tiles in one view; a wider view gets a lower zoom.
const COARSE_TILES_MAX: usize = 64;
/// A coarse tile has 16 × 16 cells: its zoom is four below theirs, and theirs is at most that of the stream.
const COARSE_ZOOM_MAX: u8 = TILE_ZOOM - 4;

/// How a viewer's stream continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continue {
    /// With a snapshot.
    Afresh(SnapshotReason),
    /// With all that changed after this record.
    From(u64),
}

/// What one viewer looks at, and where its stream is.
#[derive(Clone, Debug)]
pub struct View {
    layers: BTreeSet<Layer>,
    subscribed: bool,
    viewport: Option<Viewport>,
    /// What must be sent before frames go on.
    next: Option<Continue>,
    /// Where the round of portions was when it began, while not everything has been told.
    told_from: Option<Place>,
    /// The last record that was sent.
    seen_seq: u64,
    /// Index into [`RATE_CLASSES`].
    class: usize,
    /// The rate to change to at the end of a period of the present rate, so that nothing is missed.
    class_wanted: usize,
    /// Tiles of movers, units' tile included.
    tiles: BTreeSet<TileId>,
    /// Of those the ones that have not been sent yet.
    tiles_new: BTreeSet<TileId>,
    /// Coarse tiles, for a view too wide for movers.
    coarse: Vec<TileId>,
    /// The number of the hotspots that were sent.
    hotspots_seen: u64,
    /// Its viewer takes the histories of cases.
    histories: bool,
    /// Its viewer takes what is said of persons.
    persons: bool,
}

/// The fastest class that sends no more than `rate_hz` frames a second, at ten ticks a second.
fn class_of(rate_hz: f32) -> usize {
    let ticks_min = if rate_hz.is_finite() && rate_hz > 0.0 {
        (10.0 / rate_hz).floor() as u32
    } else {
        u32::MAX
    };
    RATE_CLASSES
        .iter()
        .position(|ticks| *ticks >= ticks_min)
        .unwrap_or(RATE_CLASSES.len() - 1)
}

impl View {
    /// Of somebody who has not yet said what to look at.
    pub fn new(next: Continue) -> Self {
        Self {
            layers: BTreeSet::new(),
            subscribed: false,
            viewport: None,
            next: Some(next),
            told_from: None,
            seen_seq: 0,
            class: 0,
            class_wanted: 0,
            tiles: BTreeSet::new(),
            tiles_new: BTreeSet::new(),
            coarse: Vec::new(),
            hotspots_seen: 0,
            histories: false,
            persons: false,
        }
    }

    /// The same, of somebody who takes the histories of cases beside the cases, or does not.
    #[must_use]
    pub fn with_histories(self, histories: bool) -> Self {
        Self { histories, ..self }
    }

    /// The same, of somebody who is told of the persons behind cases, and of units that are no longer seen, or is not.
    #[must_use]
    pub fn with_persons(self, persons: bool) -> Self {
        Self { persons, ..self }
    }

    /// What is told beside things of its layers.
    pub fn besides(&self) -> impl Iterator<Item = Beside> {
        let layers: Vec<Layer> = self.layers.iter().copied().collect();
        Beside::ALL
            .into_iter()
            .filter(move |b| self.wants_beside(*b, &layers))
    }

    /// Whether something is told to it beside things of these layers.
    pub fn wants_beside(&self, beside: Beside, layers: &[Layer]) -> bool {
        let told = |l| self.wants(l) && layers.contains(&l);
        match beside {
            Beside::Histories => self.histories && told(Layer::Cases),
            Beside::Persons => self.persons && told(Layer::Cases),
            Beside::Goings => self.persons && told(Layer::Units),
        }
    }

    /// What is sent of a thing as it is now, in its layers.
    pub(super) fn whole(
        &self,
        tick: &Tick<'_>,
        thing: ThingId,
    ) -> impl Iterator<Item = EntityChange> {
        let layer = layer_of(thing);
        let seen = match tick.lens() {
            None => view_of(tick.state(), thing),
            lens => seen_of(tick.state(), lens, thing),
        };
        let view = seen.filter(|_| self.wants(layer));
        let beside = Beside::ALL.into_iter();
        let beside = beside.filter(move |b| self.wants_beside(*b, &[layer]));
        view.into_iter()
            .chain(beside.filter_map(move |b| tick.beside_of(b, thing)))
    }

    /// Takes a new subscription; the next frame brings what is newly visible, another choice of layers a snapshot.
    pub fn subscribe(&mut self, subscription: Subscription) {
        let Subscription {
            viewport,
            layers,
            rate_hz,
        } = subscription;
        self.viewport = viewport;
        let layers: BTreeSet<Layer> = layers.into_iter().collect();
        // Whoever goes on has been sent the layers of before, and no others.
        let goes_on = self.subscribed || matches!(self.next, Some(Continue::From(_)));
        if goes_on && layers != self.layers {
            self.restart(SnapshotReason::Subscribed);
        }
        self.layers = layers;
        self.class_wanted = class_of(rate_hz);
        if !self.subscribed {
            self.class = self.class_wanted;
        }
        let area = viewport
            .filter(|_| self.layers.contains(&Layer::Movers))
            .and_then(|v| v.area().ok());
        let mut tiles = BTreeSet::new();
        self.coarse.clear();
        if let Some(area) = area {
            let fine = area.tiles(TILE_ZOOM, TILES_MAX + 1);
            if fine.len() > TILES_MAX {
                self.coarse = coarse_tiles(area);
            } else {
                tiles.extend(fine);
            }
        }
        if self.layers.contains(&Layer::Units) {
            tiles.insert(WORLD_TILE);
        }
        let fresh = tiles.difference(&self.tiles).copied();
        let kept = self.tiles_new.intersection(&tiles).copied();
        self.tiles_new = kept.chain(fresh).collect();
        self.tiles = tiles;
        self.subscribed = true;
    }

    /// The same, of somebody who was sent these layers before and goes on with them.
    #[must_use]
    pub fn with_layers(self, layers: BTreeSet<Layer>) -> Self {
        Self { layers, ..self }
    }

    /// A snapshot comes next.
    pub fn restart(&mut self, reason: SnapshotReason) {
        self.told_from = None;
        self.next = Some(Continue::Afresh(reason));
    }

    /// How it begins at the end of this tick; `None` while it goes on from the tick before.
    pub fn begins(&self) -> Option<Continue> {
        self.next.filter(|_| self.subscribed)
    }

    /// True while it is told everything in portions, see [`View::portion`].
    pub fn is_told_in_portions(&self) -> bool {
        self.told_from.is_some() && self.next.is_none()
    }

    /// Begins with a snapshot of nothing; from this tick on it is told everything in portions. `None` where it does not
    /// begin, or goes on after a record. What is returned must be sent.
    pub fn begin_in_portions(&mut self, tick: &Tick<'_>) -> Option<Update> {
        let Some(Continue::Afresh(reason)) = self.begins() else {
            return None;
        };
        self.next = None;
        self.told_from = Some(tick.round());
        self.tiles_new.clone_from(&self.tiles);
        self.hotspots_seen = 0;
        self.seen_seq = 0;
        Some(Update::Begin(reason))
    }

    /// What is sent at the end of a tick to somebody who is told everything in portions: changes, the tick's portion
    /// ([`Tick::next_portion`]), and some tiles. `None` where there is none of it. What is returned must be sent, or
    /// [`View::restart`] called.
    pub fn portion(&mut self, tick: &mut Tick<'_>) -> Option<Update> {
        let from = self.told_from.filter(|_| self.next.is_none())?;
        if self.misses_goings(tick) {
            self.restart(SnapshotReason::TooOld);
            return None;
        }
        let tiles = tick.portion.tiles_of(&self.tiles_new);
        let parts = self.frame(tick, tiles.iter().copied(), true);
        for tile in &tiles {
            self.tiles_new.remove(tile);
        }
        if tick.is_due(self.class) {
            self.class = self.class_wanted;
        }
        let last = self.tiles_new.is_empty() && tick.portion.completes(from);
        let told = |l: &Layer| self.wants(*l) && tick.portion.things().any(|t| layer_of(t) == *l);
        let layers: Vec<_> = ENTITY_LAYERS.into_iter().filter(told).collect();
        if parts.is_none() && layers.is_empty() && !last {
            return None;
        }
        let seq = if last { tick.seq() } else { 0 };
        if last {
            self.told_from = None;
            self.seen_seq = seq;
        }
        let nothing = || FrameParts {
            seq,
            prev_seq: 0,
            changes: FrameChanges::Shared(Vec::new()),
            portion: None,
            tiles: Vec::new(),
        };
        Some(Update::Frame(FrameParts {
            seq,
            prev_seq: 0,
            portion: Some(PortionPart { layers, last }),
            ..parts.unwrap_or_else(nothing)
        }))
    }

    /// The layers that are looked at.
    pub fn layers(&self) -> &BTreeSet<Layer> {
        &self.layers
    }

    /// True once a subscription has come.
    pub fn is_subscribed(&self) -> bool {
        self.subscribed
    }

    /// The ground that is looked at.
    pub fn viewport(&self) -> Option<Viewport> {
        self.viewport
    }

    /// Indices of the [`RATE_CLASSES`] that must be gathered for it.
    pub fn classes(&self) -> [usize; 2] {
        [self.class, self.class_wanted]
    }

    /// Whether a layer of entities or areas is sent.
    pub fn wants(&self, layer: Layer) -> bool {
        self.layers.contains(&layer)
    }

    /// Tiles of movers that are looked at.
    pub fn tiles(&self) -> &BTreeSet<TileId> {
        &self.tiles
    }

    /// Coarse tiles in the view, if it is too wide for movers; else none.
    pub fn coarse_tiles(&self) -> &[TileId] {
        &self.coarse
    }

    /// True once for every other number of hotspots, where they are wanted.
    pub fn misses_hotspots(&mut self, number: u64) -> bool {
        if !self.subscribed || !self.wants(Layer::Hotspots) || self.hotspots_seen == number {
            return false;
        }
        self.hotspots_seen = number;
        true
    }

    /// What is sent at the end of a tick; `None` if nothing in the view has changed. What is returned must be sent, or
    /// [`View::restart`] called.
    pub fn end_tick(&mut self, tick: &Tick<'_>) -> Option<Update> {
        if !self.subscribed {
            return None;
        }
        let update = match self.next {
            Some(Continue::Afresh(reason)) => {
                // A snapshot makes the client forget the hotspots too.
                self.hotspots_seen = 0;
                Some(Update::Snapshot(reason))
            }
            Some(Continue::From(seq)) if tick.reaches(seq) => {
                Some(Update::Frame(self.resumed(tick, seq)))
            }
            // What was missed is no longer known by the time that it looks.
            Some(Continue::From(_)) => {
                self.hotspots_seen = 0;
                Some(Update::Snapshot(SnapshotReason::TooOld))
            }
            None if self.misses_goings(tick) => {
                self.hotspots_seen = 0;
                Some(Update::Snapshot(SnapshotReason::TooOld))
            }
            None => self
                .frame(tick, self.tiles_new.iter().copied(), false)
                .map(Update::Frame),
        };
        if tick.is_due(self.class) {
            self.class = self.class_wanted;
        }
        if update.is_some() {
            self.next = None;
            self.tiles_new.clear();
            self.seen_seq = tick.seq();
        }
        update
    }

    /// True where something has gone of which no frame would tell it.
    fn misses_goings(&self, tick: &Tick<'_>) -> bool {
        tick.gone.sensors && self.wants(Layer::Sensors)
            || tick.gone.units && self.wants(Layer::Units) && !self.persons
    }

    /// What has been missed since record `seq`, and all movers that are looked at.
    fn resumed(&self, tick: &Tick<'_>, seq: u64) -> FrameParts {
        let since = tick.since(seq).into_iter();
        let missed = since.flat_map(|thing| self.whole(tick, thing));
        FrameParts {
            seq: tick.seq(),
            prev_seq: seq,
            changes: FrameChanges::Own(missed.collect()),
            portion: None,
            tiles: self.tiles.iter().copied().map(TilePart::Whole).collect(),
        }
    }

    /// What has changed, and these tiles whole, which are new to it. `untold`: also what moved in tiles that are new to it:
    /// where it has looked away and back before it was told, its client may still have vehicles there that have gone.
    fn frame(
        &self,
        tick: &Tick<'_>,
        new: impl Iterator<Item = TileId>,
        untold: bool,
    ) -> Option<FrameParts> {
        // What is told beside a layer comes with it, also where nothing else of it has changed.
        let beside = |l: Layer| tick.beside_changes(self, &[l]).next().is_some();
        let layers: Vec<Layer> = ENTITY_LAYERS
            .into_iter()
            .filter(|l| self.wants(*l) && (!tick.changes(*l).is_empty() || beside(*l)))
            .collect();
        let mut tiles = Vec::new();
        if let Some(moved) = tick.moved(self.class) {
            let seen = |t: &TileId| untold || !self.tiles_new.contains(t);
            let part = |t: &TileId| TilePart::Moved(self.class, *t);
            // Walk the shorter of the two.
            if moved.len() < self.tiles.len() {
                let here = moved.keys().filter(|t| self.tiles.contains(t) && seen(t));
                tiles.extend(here.map(part));
            } else {
                let here = self
                    .tiles
                    .iter()
                    .filter(|t| moved.contains_key(t) && seen(t));
                tiles.extend(here.map(part));
            }
        }
        // Behind what moved: of a tile that is told in both ways the whole counts.
        tiles.extend(new.map(TilePart::Whole));
        if layers.is_empty() && tiles.is_empty() {
            return None;
        }
        Some(FrameParts {
            seq: tick.seq(),
            prev_seq: self.seen_seq,
            changes: FrameChanges::Shared(layers),
            portion: None,
            tiles,
        })
    }
}

fn coarse_tiles(area: GeoBox) -> Vec<TileId> {
    (0..=COARSE_ZOOM_MAX)
        .rev()
        .map(|z| area.tiles(z, COARSE_TILES_MAX + 1))
        .find(|tiles| tiles.len() <= COARSE_TILES_MAX)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_met_and_never_exceeded() {
        for (rate_hz, ticks) in [
            (10.0, 1),
            (60.0, 1),
            (5.0, 2),
            (3.0, 5),
            (1.0, 10),
            (0.5, 50),
            (0.1, 50),
            (0.0, 50),
            (f32::NAN, 50),
        ] {
            assert_eq!(RATE_CLASSES[class_of(rate_hz)], ticks, "{rate_hz} Hz");
        }
    }

    #[test]
    fn a_wide_view_gets_counts_and_a_wider_one_coarser_counts() {
        let look = |view: &mut View, half: f64, layers: &[Layer]| {
            let viewport = Some(Viewport {
                west: 118.79 - half,
                south: 32.05 - half,
                east: 118.79 + half,
                north: 32.05 + half,
                zoom: 10.0,
            });
            view.subscribe(Subscription {
                viewport,
                layers: layers.to_vec(),
                rate_hz: 1.0,
            });
        };
        let mut v = View::new(Continue::From(0));
        look(&mut v, 0.05, &[Layer::Movers]);
        assert!(v.coarse.is_empty() && v.tiles.len() > 10 && v.tiles_new == v.tiles);
        v.tiles_new.clear();
        look(&mut v, 0.06, &[Layer::Movers]);
        assert!(!v.tiles_new.is_empty() && v.tiles_new.len() < v.tiles.len());
        look(&mut v, 1.0, &[Layer::Movers]);
        assert!(v.tiles.is_empty() && v.coarse.iter().all(|t| t.z == COARSE_ZOOM_MAX));
        look(&mut v, 30.0, &[Layer::Movers, Layer::Units]);
        assert!(v.coarse.len() <= COARSE_TILES_MAX && v.coarse[0].z < COARSE_ZOOM_MAX);
        assert!(v.tiles.contains(&WORLD_TILE));
    }
}
