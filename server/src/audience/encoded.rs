//! The parts of a tick as bytes: whatever several look at is encoded once.

use crate::outbox::Out;
use bytes::Bytes;
use chengtu_engine::geo::TileId;
use chengtu_engine::stream::{
    Beside, ENTITY_LAYERS, EntityChange, FrameChanges, FrameParts, Layer, PortionPart,
    SnapshotReason, Tick, TileFrame, TilePart, Update, View, runs,
};
use chengtu_protocol::{Encoding, encode_changes, encode_server, encode_tile};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A message of more bytes is sent as several: programs of every kind take messages of a million bytes.
pub(super) const MESSAGE_BYTES: usize = 1_000_000;
/// Changes are encoded in runs of about so many bytes.
const RUN_BYTES: usize = 250_000;
/// Tiles are encoded in frames of so many movers; one in JSON takes about 150 bytes.
const TILE_ROWS: usize = 2_000;

/// The window that a tick is seen through, and how it is written: who shares both shares the bytes.
type Seen = (u32, Encoding);

/// What of a tick was encoded so far.
#[derive(Default)]
pub(super) struct Encoded {
    changes: BTreeMap<(Seen, Layer), Vec<Bytes>>,
    beside: BTreeMap<(Seen, Beside), Vec<Bytes>>,
    tiles: BTreeMap<(Seen, TilePart), Vec<Bytes>>,
    /// The tick's portion, for those who are told everything in portions.
    portions: BTreeMap<(Seen, Layer), Vec<Bytes>>,
    portion_beside: BTreeMap<(Seen, Beside), Vec<Bytes>>,
    /// Whole layers, for those who begin at once.
    layers: BTreeMap<(Seen, Layer), Vec<Bytes>>,
    all_beside: BTreeMap<(Seen, Beside), Vec<Bytes>>,
    /// Whole tiles, for those who come to them.
    whole: BTreeMap<(u32, TileId), Arc<TileFrame>>,
    snapshots: Vec<(Look, Out)>,
}

/// What a snapshot depends on.
#[derive(Clone, PartialEq, Eq)]
struct Look {
    seen: Seen,
    reason: SnapshotReason,
    layers: Vec<Layer>,
    beside: Vec<Beside>,
    tiles: Vec<TileId>,
}

/// Parts of a frame, each of a size that fits a message.
struct Parts {
    changes: Vec<Bytes>,
    tiles: Vec<Bytes>,
}

impl Parts {
    fn bytes(&self) -> usize {
        let all = self.changes.iter().chain(&self.tiles);
        all.map(|b| b.len() + 4).sum()
    }

    /// Frames that say together what follows after record `prev_seq` until `seq`, `time` being the world's. Whoever has
    /// them all has seen `seq`; who has only some of them has seen no more than before.
    fn frames(self, tick: &Tick<'_>, prev_seq: u64, seq: u64) -> Vec<Out> {
        let frame = || (Vec::new(), Vec::new());
        let (mut frames, mut bytes) = (vec![frame()], 0);
        let changes = self.changes.into_iter().map(|b| (false, b));
        for (is_tile, part) in changes.chain(self.tiles.into_iter().map(|b| (true, b))) {
            if bytes > 0 && bytes + part.len() > MESSAGE_BYTES {
                frames.push(frame());
                bytes = 0;
            }
            bytes += part.len() + 4;
            if let Some((changes, tiles)) = frames.last_mut() {
                if is_tile { tiles } else { changes }.push(part);
            }
        }
        let last = frames.len() - 1;
        let frames = frames.into_iter().enumerate();
        let out = frames.map(|(at, (changes, tiles))| Out::Frame {
            seq: if at == last { seq } else { prev_seq },
            prev_seq,
            time: tick.now(),
            changes,
            tiles,
        });
        out.collect()
    }
}

impl Encoded {
    /// What a view is sent.
    pub fn out(&mut self, tick: &Tick<'_>, encoding: Encoding, view: &View, update: Update) -> Out {
        match update {
            Update::Snapshot(reason) => self.snapshot(tick, encoding, view, reason),
            Update::Begin(reason) => beginning(tick, encoding, reason),
            Update::Frame(parts) => {
                let is_resumed = matches!(parts.changes, FrameChanges::Own(_));
                let (prev_seq, seq) = (parts.prev_seq, parts.seq);
                let parts = self.frame(tick, encoding, view, &parts);
                if is_resumed && parts.bytes() > MESSAGE_BYTES {
                    // The first frame after an absence tells all movers in view: it cannot be divided.
                    return self.snapshot(tick, encoding, view, SnapshotReason::TooOld);
                }
                Out::together(parts.frames(tick, prev_seq, seq))
            }
        }
    }

    /// A snapshot, made once for all who look at the same. One that is too large for a message is sent as an empty one
    /// with frames behind it.
    fn snapshot(
        &mut self,
        tick: &Tick<'_>,
        encoding: Encoding,
        view: &View,
        reason: SnapshotReason,
    ) -> Out {
        let look = Look {
            seen: (tick.window(), encoding),
            reason,
            layers: view.layers().iter().copied().collect(),
            beside: view.besides().collect(),
            tiles: view.tiles().iter().copied().collect(),
        };
        if let Some((_, out)) = self.snapshots.iter().find(|(l, _)| *l == look) {
            return out.clone();
        }
        let parts = self.everything(tick, encoding, view);
        let out = if parts.bytes() <= MESSAGE_BYTES {
            let whole = |tile| (*self.whole(tick, tile)).clone();
            let m = tick.snapshot(view, reason, whole);
            Out::Picture(encode_server(encoding, &m).into())
        } else {
            let begin = beginning(tick, encoding, reason);
            let frames = parts.frames(tick, 0, tick.seq());
            Out::together(core::iter::once(begin).chain(frames).collect())
        };
        self.snapshots.push((look, out.clone()));
        out
    }

    fn everything(&mut self, tick: &Tick<'_>, encoding: Encoding, view: &View) -> Parts {
        let seen = (tick.window(), encoding);
        let mut changes = Vec::new();
        for layer in ENTITY_LAYERS.into_iter().filter(|l| view.wants(*l)) {
            let encode = || encode_runs(encoding, &tick.layer(layer));
            let layer = self.layers.entry((seen, layer)).or_insert_with(encode);
            changes.extend_from_slice(layer);
        }
        for beside in view.besides() {
            let encode = || encode_runs(encoding, &tick.all_beside(beside));
            let all = self.all_beside.entry((seen, beside));
            changes.extend_from_slice(all.or_insert_with(encode));
        }
        let tiles = view.tiles().iter().copied().map(TilePart::Whole);
        let tiles = tiles.flat_map(|t| self.tile(tick, encoding, t)).collect();
        Parts { changes, tiles }
    }

    fn frame(
        &mut self,
        tick: &Tick<'_>,
        encoding: Encoding,
        view: &View,
        parts: &FrameParts,
    ) -> Parts {
        let seen = (tick.window(), encoding);
        let mut changes: Vec<Bytes> = match &parts.changes {
            FrameChanges::Own(own) => encode_runs(encoding, own),
            FrameChanges::Shared(layers) => {
                let all = layers.iter();
                all.flat_map(|l| self.changes(tick, encoding, *l)).collect()
            }
        };
        if let FrameChanges::Shared(layers) = &parts.changes {
            for beside in tick.beside_changes(view, layers) {
                let encode = || encode_runs(encoding, tick.beside(beside));
                let told = self.beside.entry((seen, beside)).or_insert_with(encode);
                changes.extend_from_slice(told);
            }
        }
        if let Some(portion) = &parts.portion {
            self.portion(tick, encoding, view, portion, &mut changes);
        }
        let tiles = parts.tiles.iter();
        let tiles = tiles.flat_map(|t| self.tile(tick, encoding, *t)).collect();
        Parts { changes, tiles }
    }

    fn portion(
        &mut self,
        tick: &Tick<'_>,
        encoding: Encoding,
        view: &View,
        portion: &PortionPart,
        changes: &mut Vec<Bytes>,
    ) {
        let seen = (tick.window(), encoding);
        for layer in &portion.layers {
            let encode = || encode_runs(encoding, &tick.portion_views(*layer));
            let told = self.portions.entry((seen, *layer));
            changes.extend_from_slice(told.or_insert_with(encode));
        }
        for beside in view.besides() {
            if !view.wants_beside(beside, &portion.layers) {
                continue;
            }
            let encode = || encode_runs(encoding, &tick.portion_beside(beside));
            let told = self.portion_beside.entry((seen, beside));
            changes.extend_from_slice(told.or_insert_with(encode));
        }
    }

    fn changes(&mut self, tick: &Tick<'_>, encoding: Encoding, layer: Layer) -> Vec<Bytes> {
        let seen = (tick.window(), encoding);
        let encode = || encode_runs(encoding, tick.changes(layer));
        let bytes = self.changes.entry((seen, layer)).or_insert_with(encode);
        bytes.clone()
    }

    fn tile(&mut self, tick: &Tick<'_>, encoding: Encoding, part: TilePart) -> Vec<Bytes> {
        let (TilePart::Moved(_, tile) | TilePart::Whole(tile)) = part;
        let key = ((tick.window_of(tile), encoding), part);
        if let Some(bytes) = self.tiles.get(&key) {
            return bytes.clone();
        }
        let bytes = match part {
            TilePart::Whole(tile) => encode_pieces(encoding, &self.whole(tick, tile)),
            TilePart::Moved(..) => encode_pieces(encoding, &tick.tile(part)),
        };
        self.tiles.insert(key, bytes.clone());
        bytes
    }

    fn whole(&mut self, tick: &Tick<'_>, tile: TileId) -> Arc<TileFrame> {
        let make = || tick.tile(TilePart::Whole(tile));
        let key = (tick.window_of(tile), tile);
        self.whole.entry(key).or_insert_with(make).clone()
    }
}

fn beginning(tick: &Tick<'_>, encoding: Encoding, reason: SnapshotReason) -> Out {
    Out::Picture(encode_server(encoding, &tick.beginning(reason)).into())
}

fn encode_runs(encoding: Encoding, changes: &[EntityChange]) -> Vec<Bytes> {
    let runs = runs(changes, RUN_BYTES);
    runs.map(|run| encode_changes(encoding, run).into())
        .collect()
}

fn encode_pieces(encoding: Encoding, tile: &TileFrame) -> Vec<Bytes> {
    if tile.id_step.len() <= TILE_ROWS {
        return vec![encode_tile(encoding, tile).into()];
    }
    let pieces = tile.pieces(TILE_ROWS);
    let bytes = pieces
        .iter()
        .map(|piece| encode_tile(encoding, piece).into());
    bytes.collect()
}
