//! The parts of a tick as bytes: whatever several look at is encoded once.

use crate::outbox::Out;
use bytes::Bytes;
use chengtu_engine::geo::TileId;
use chengtu_engine::stream::{
    FrameChanges, FrameParts, Layer, Tick, TileFrame, TilePart, Update, View,
};
use chengtu_protocol::{Encoding, encode_changes, encode_server, encode_tile};
use std::collections::BTreeMap;

/// What of a tick was encoded so far.
#[derive(Default)]
pub(super) struct Encoded {
    changes: BTreeMap<(Encoding, Layer), Bytes>,
    histories: BTreeMap<Encoding, Bytes>,
    tiles: BTreeMap<(Encoding, TilePart), Bytes>,
    /// Whole tiles, for those who come to them.
    whole: BTreeMap<TileId, TileFrame>,
}

impl Encoded {
    /// What a view is sent.
    pub fn out(&mut self, tick: &Tick<'_>, encoding: Encoding, view: &View, update: Update) -> Out {
        match update {
            Update::Snapshot(reason) => {
                let whole = |tile| self.whole(tick, tile).clone();
                let m = tick.snapshot(view, reason, whole);
                Out::Picture(encode_server(encoding, &m).into())
            }
            Update::Frame(parts) => self.frame(tick, encoding, view, &parts),
        }
    }

    fn frame(
        &mut self,
        tick: &Tick<'_>,
        encoding: Encoding,
        view: &View,
        parts: &FrameParts,
    ) -> Out {
        let mut changes: Vec<Bytes> = match &parts.changes {
            FrameChanges::Own(own) => vec![encode_changes(encoding, own).into()],
            FrameChanges::Shared(layers) => {
                let all = layers.iter().map(|l| self.changes(tick, encoding, *l));
                all.collect()
            }
        };
        if let FrameChanges::Shared(layers) = &parts.changes
            && layers.contains(&Layer::Cases)
            && view.wants_histories()
        {
            let encode = || encode_changes(encoding, tick.histories(view)).into();
            let histories = self.histories.entry(encoding).or_insert_with(encode);
            changes.push(histories.clone());
        }
        let tiles = parts.tiles.iter();
        Out::Frame {
            seq: parts.seq,
            prev_seq: parts.prev_seq,
            time: tick.now(),
            changes,
            tiles: tiles.map(|t| self.tile(tick, encoding, *t)).collect(),
        }
    }

    fn changes(&mut self, tick: &Tick<'_>, encoding: Encoding, layer: Layer) -> Bytes {
        let encode = || encode_changes(encoding, tick.changes(layer)).into();
        let bytes = self.changes.entry((encoding, layer)).or_insert_with(encode);
        bytes.clone()
    }

    fn tile(&mut self, tick: &Tick<'_>, encoding: Encoding, part: TilePart) -> Bytes {
        if let Some(bytes) = self.tiles.get(&(encoding, part)) {
            return bytes.clone();
        }
        let bytes: Bytes = match part {
            TilePart::Whole(tile) => encode_tile(encoding, self.whole(tick, tile)).into(),
            TilePart::Moved(..) => encode_tile(encoding, &tick.tile(part)).into(),
        };
        self.tiles.insert((encoding, part), bytes.clone());
        bytes
    }

    fn whole(&mut self, tick: &Tick<'_>, tile: TileId) -> &TileFrame {
        let make = || tick.tile(TilePart::Whole(tile)).into_owned();
        self.whole.entry(tile).or_insert_with(make)
    }
}
