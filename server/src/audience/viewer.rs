use super::recent::Part;
use crate::access::Principal;
use crate::outbox::{Out, Outbox, Pushed};
use crate::request::{Arrival, Subscription};
use chengtu_engine::drill::Seat;
use chengtu_engine::geo::{GeoBox, TileId, Viewport};
use chengtu_engine::model::Actor;
use chengtu_engine::stream::{
    Layer, RATE_CLASSES, ServerMessage, SnapshotReason, TILE_ZOOM, TILES_MAX,
};
use chengtu_protocol::encode_server;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

/// The tile that units travel in.
pub(crate) const WORLD_TILE: TileId = TileId { z: 0, x: 0, y: 0 };

/// Most coarse tiles in one view; a wider one gets a lower zoom.
const COARSE_TILES_MAX: usize = 64;
/// A coarse tile has 16 × 16 cells: its zoom lies four above theirs, and theirs is at most that of the stream.
const COARSE_ZOOM_MAX: u8 = TILE_ZOOM - 4;

/// How a session's client continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continue {
    /// With a snapshot.
    Afresh(SnapshotReason),
    /// With all that changed after this record.
    From(u64),
}

/// One session as the world sees it.
#[derive(Debug)]
pub struct Viewer {
    /// Where its messages wait.
    pub outbox: Arc<Outbox>,
    /// Its stay in this world: what is sent for an earlier stay is dropped.
    pub stay: u64,
    /// Whose session it is.
    pub principal: Arc<Principal>,
    /// From where it takes part.
    pub seat: Seat,
    /// In whose name its commands are done.
    pub actor: Option<Actor>,
    pub(super) layers: BTreeSet<Layer>,
    pub(super) subscribed: bool,
    /// What must be sent before frames go on.
    pub(super) next: Option<Continue>,
    /// The last record it was told of.
    pub(super) seen_seq: u64,
    /// Place in [`RATE_CLASSES`].
    pub(super) class: usize,
    /// The rate it changes to at the end of a period of the present one, so that nothing is missed.
    pub(super) class_wanted: usize,
    /// Tiles of movers that it looks at, units' tile included.
    pub(super) tiles: BTreeSet<TileId>,
    /// Of those the ones that it has not been sent yet.
    pub(super) tiles_new: BTreeSet<TileId>,
    /// Coarse tiles, for a view too wide for movers.
    pub(super) coarse: Vec<TileId>,
    /// It is too slow; everything waits until it has read what it was sent.
    pub(super) lagging: bool,
    pub(super) lagged_at: Option<Instant>,
    /// The number of the evaluation of hotspots that it has.
    pub(super) hotspots_seen: u64,
    /// The ground that it looks at.
    pub viewport: Option<Viewport>,
}

/// The fastest class that sends no more than `rate_hz` frames a second.
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

impl Viewer {
    /// Somebody who has come and not yet said what to look at.
    pub fn new(arrival: Arrival, actor: Option<Actor>, next: Continue) -> Self {
        let Arrival {
            outbox,
            stay,
            principal,
            seat,
            subscription,
        } = arrival;
        let mut viewer = Self {
            outbox,
            stay,
            principal,
            seat,
            actor,
            layers: BTreeSet::new(),
            subscribed: false,
            next: Some(next),
            seen_seq: 0,
            class: 0,
            class_wanted: 0,
            tiles: BTreeSet::new(),
            tiles_new: BTreeSet::new(),
            coarse: Vec::new(),
            lagging: false,
            lagged_at: None,
            hotspots_seen: 0,
            viewport: None,
        };
        if let Some(s) = subscription {
            viewer.subscribe(s);
        }
        viewer
    }

    /// Sends a message of this world, unless the session has gone on to another.
    pub fn tell(&self, m: &ServerMessage) {
        let bytes = encode_server(self.outbox.encoding, m).into();
        self.outbox.tell(self.stay, bytes);
    }

    pub(super) fn push(&self, out: Out) -> Pushed {
        self.outbox.push(self.stay, out)
    }

    /// Takes a new subscription; the next frame brings what is newly visible.
    pub(super) fn subscribe(&mut self, subscription: Subscription) {
        let Subscription {
            viewport,
            layers,
            rate_hz,
        } = subscription;
        self.viewport = viewport;
        let layers: BTreeSet<Layer> = layers.into_iter().collect();
        if self.subscribed && layers != self.layers {
            // Another choice of layers is another picture.
            self.next = Some(Continue::Afresh(SnapshotReason::Subscribed));
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
        self.tiles_new = self
            .tiles_new
            .intersection(&tiles)
            .copied()
            .chain(fresh)
            .collect();
        self.tiles = tiles;
        self.subscribed = true;
    }

    /// Whether it wants a part of the entities.
    pub(super) fn wants(&self, part: Part) -> bool {
        self.layers.contains(&match part {
            Part::Cases => Layer::Cases,
            Part::Units => Layer::Units,
            Part::Sensors => Layer::Sensors,
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
        let view = |half: f64| Viewport {
            west: 118.79 - half,
            south: 32.05 - half,
            east: 118.79 + half,
            north: 32.05 + half,
            zoom: 10.0,
        };
        let outbox = Arc::new(Outbox::new(1, chengtu_protocol::Encoding::Binary, 1, 1));
        let arrival = Arrival {
            outbox,
            stay: 0,
            principal: Arc::new(Principal::terminal("")),
            seat: Seat::Viewer,
            subscription: None,
        };
        let mut v = Viewer::new(arrival, None, Continue::From(0));
        v.subscribe(Subscription {
            viewport: Some(view(0.05)),
            layers: vec![Layer::Movers],
            rate_hz: 1.0,
        });
        assert!(v.coarse.is_empty() && v.tiles.len() > 10 && v.tiles_new == v.tiles);
        v.tiles_new.clear();
        v.subscribe(Subscription {
            viewport: Some(view(0.06)),
            layers: vec![Layer::Movers],
            rate_hz: 1.0,
        });
        assert!(!v.tiles_new.is_empty() && v.tiles_new.len() < v.tiles.len());
        v.subscribe(Subscription {
            viewport: Some(view(1.0)),
            layers: vec![Layer::Movers],
            rate_hz: 1.0,
        });
        assert!(v.tiles.is_empty() && v.coarse.iter().all(|t| t.z == COARSE_ZOOM_MAX));
        v.subscribe(Subscription {
            viewport: Some(view(30.0)),
            layers: vec![Layer::Movers, Layer::Units],
            rate_hz: 1.0,
        });
        assert!(v.coarse.len() <= COARSE_TILES_MAX && v.coarse[0].z < COARSE_ZOOM_MAX);
        assert!(v.tiles.contains(&WORLD_TILE));
    }
}
