//! What each session is sent after a tick. Whatever several look at is encoded once.

use super::Audience;
use super::recent::{self, PARTS, Part, Thing};
use super::viewer::{Continue, Viewer};
use crate::clock::TICK_MS;
use crate::codes;
use crate::outbox::{Out, Pushed};
use bytes::Bytes;
use chengtu_engine::geo::TileId;
use chengtu_engine::state::State;
use chengtu_engine::stream::{
    CoarseTile, EntityChange, RATE_CLASSES, ServerMessage, SnapshotReason, TILE_ZOOM, TileFrame,
    TileStream,
};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, encode_changes, encode_server, encode_tile};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Coarse counts are sent no more often than this, ticks.
const COARSE_TICKS: u64 = 1_000 / TICK_MS as u64;

/// A tile's frame and its encodings, made when first asked for.
#[derive(Default)]
struct Shared {
    frame: TileFrame,
    encoded: [Option<Bytes>; Encoding::ALL.len()],
}

impl Shared {
    fn of(frame: TileFrame) -> Self {
        Self {
            frame,
            encoded: Default::default(),
        }
    }

    fn part(&mut self, encoding: Encoding) -> Bytes {
        let frame = &self.frame;
        self.encoded[encoding as usize]
            .get_or_insert_with(|| encode_tile(encoding, frame).into())
            .clone()
    }
}

/// Everything that is encoded for one tick.
struct Tick<'a> {
    now: Timestamp,
    state: &'a State,
    stream: &'a TileStream,
    /// Entities by part.
    changes: [Vec<EntityChange>; PARTS.len()],
    changes_encoded: [[Option<Bytes>; PARTS.len()]; Encoding::ALL.len()],
    /// Tiles that moved, for each rate that is due.
    moved: [Option<BTreeMap<TileId, Shared>>; RATE_CLASSES.len()],
    /// Whole tiles, for those who come to them.
    whole: BTreeMap<TileId, Shared>,
    coarse: BTreeMap<TileId, CoarseTile>,
    coarse_cells: BTreeMap<u8, BTreeMap<TileId, u32>>,
}

impl Tick<'_> {
    fn changes(&mut self, part: Part, encoding: Encoding) -> Option<Bytes> {
        let changes = &self.changes[part as usize];
        if changes.is_empty() {
            return None;
        }
        let slot = &mut self.changes_encoded[encoding as usize][part as usize];
        let bytes = slot.get_or_insert_with(|| encode_changes(encoding, changes).into());
        Some(bytes.clone())
    }

    fn whole(&mut self, tile: TileId) -> &mut Shared {
        let (stream, state, now) = (self.stream, self.state, self.now);
        self.whole
            .entry(tile)
            .or_insert_with(|| Shared::of(stream.whole_tile(state, tile, now)))
    }

    /// Counts of movers in the 16 × 16 cells of a tile.
    fn coarse(&mut self, tile: TileId) -> CoarseTile {
        let zoom = tile.z + 4;
        let stream = self.stream;
        let cells = self
            .coarse_cells
            .entry(zoom)
            .or_insert_with(|| stream.counts(zoom.min(TILE_ZOOM)));
        self.coarse
            .entry(tile)
            .or_insert_with(|| CoarseTile {
                tile: (tile.z, tile.x, tile.y),
                counts: cells
                    .iter()
                    .filter(|(cell, _)| cell.parent(tile.z) == tile)
                    .map(|(cell, n)| (((cell.y & 15) << 4 | (cell.x & 15)) as u8, *n))
                    .collect(),
            })
            .clone()
    }

    /// Everything that a session looks at, afresh.
    fn snapshot(&mut self, viewer: &Viewer, seq: u64, reason: SnapshotReason) -> Bytes {
        let changes = recent::all_things(self.state)
            .filter(|t| viewer.wants(t.part()))
            .filter_map(|t| t.view(self.state))
            .collect();
        let tiles = viewer
            .tiles
            .iter()
            .map(|t| self.whole(*t).frame.clone())
            .collect();
        let m = ServerMessage::Snapshot {
            seq,
            time: self.now,
            reason,
            changes,
            tiles,
        };
        encode_server(viewer.outbox.encoding, &m).into()
    }
}

impl Audience {
    /// Sends every session what it has not seen: what was noted since the last time, and what it asked for.
    pub(super) fn show(
        &mut self,
        state: &State,
        now: Timestamp,
        views: Vec<(Thing, EntityChange)>,
    ) {
        let seq = state.seq();
        let mut moved: [Option<BTreeMap<TileId, Shared>>; RATE_CLASSES.len()] = Default::default();
        for (class, ticks) in RATE_CLASSES.iter().enumerate() {
            if self.ticks.is_multiple_of(u64::from(*ticks)) {
                let frames = self.stream.take(state, class, now);
                let shared = frames.into_iter().map(|f| (f.tile_id(), Shared::of(f)));
                moved[class] = Some(shared.collect());
            }
        }
        if self.viewers.is_empty() {
            return;
        }
        let mut changes: [Vec<EntityChange>; PARTS.len()] = Default::default();
        for (thing, view) in views {
            changes[thing.part() as usize].push(view);
        }
        let mut tick = Tick {
            now,
            state,
            stream: &self.stream,
            changes,
            changes_encoded: Default::default(),
            moved,
            whole: BTreeMap::new(),
            coarse: BTreeMap::new(),
            coarse_cells: BTreeMap::new(),
        };
        let forgiven = self.lag_forgiven;
        let mut rates_changed = false;
        for viewer in self.viewers.values_mut().filter(|v| v.subscribed) {
            let next = viewer.next;
            let out = if viewer.lagging {
                if !viewer.outbox.is_empty() {
                    continue;
                }
                viewer.lagging = false;
                viewer.hotspots_seen = 0;
                let bytes = tick.snapshot(viewer, seq, SnapshotReason::Lagged);
                Some(Out::Picture(bytes))
            } else {
                match next {
                    Some(Continue::Afresh(reason)) => {
                        // A snapshot makes the client forget the hotspots too.
                        viewer.hotspots_seen = 0;
                        Some(Out::Picture(tick.snapshot(viewer, seq, reason)))
                    }
                    Some(Continue::From(from)) => {
                        let things = self.recent.since(from).unwrap_or_default();
                        Some(resumed(&mut tick, viewer, seq, from, &things))
                    }
                    None => frame(&mut tick, viewer, seq),
                }
            };
            let class_ends = tick.moved[viewer.class].is_some();
            if class_ends && viewer.class != viewer.class_wanted {
                viewer.class = viewer.class_wanted;
                rates_changed = true;
            }
            if let Some(out) = out {
                if next.is_some() || matches!(out, Out::Picture(_)) {
                    viewer.next = None;
                    viewer.tiles_new.clear();
                }
                viewer.seen_seq = seq;
                push(viewer, out, forgiven);
            }
            if !viewer.coarse.is_empty() && self.ticks.is_multiple_of(COARSE_TICKS) {
                let tiles: Vec<CoarseTile> =
                    viewer.coarse.iter().map(|t| tick.coarse(*t)).collect();
                let m = ServerMessage::Coarse { time: now, tiles };
                let bytes = encode_server(viewer.outbox.encoding, &m);
                push(viewer, Out::Picture(bytes.into()), forgiven);
            }
        }
        drop(tick);
        self.show_hotspots(forgiven);
        if rates_changed {
            self.activate();
        }
    }
}

/// What a session has missed since record `from`, and all movers that it looks at.
fn resumed(
    tick: &mut Tick<'_>,
    viewer: &Viewer,
    seq: u64,
    from: u64,
    things: &[recent::Thing],
) -> Out {
    let encoding = viewer.outbox.encoding;
    let views: Vec<EntityChange> = things
        .iter()
        .filter(|t| viewer.wants(t.part()))
        .filter_map(|t| t.view(tick.state))
        .collect();
    let tiles = viewer.tiles.iter();
    Out::Frame {
        seq,
        prev_seq: from,
        time: tick.now,
        changes: vec![encode_changes(encoding, &views).into()],
        tiles: tiles.map(|t| tick.whole(*t).part(encoding)).collect(),
    }
}

/// What has changed for a session; none when nothing has.
fn frame(tick: &mut Tick<'_>, viewer: &mut Viewer, seq: u64) -> Option<Out> {
    let encoding = viewer.outbox.encoding;
    let changes: Vec<Bytes> = PARTS
        .into_iter()
        .filter(|p| viewer.wants(*p))
        .filter_map(|p| tick.changes(p, encoding))
        .collect();
    let new = core::mem::take(&mut viewer.tiles_new);
    let mut tiles: Vec<Bytes> = new.iter().map(|t| tick.whole(*t).part(encoding)).collect();
    if let Some(moved) = &mut tick.moved[viewer.class] {
        // Walk the shorter of the two.
        if moved.len() < viewer.tiles.len() {
            let seen = moved
                .iter_mut()
                .filter(|(t, _)| viewer.tiles.contains(t) && !new.contains(t));
            tiles.extend(seen.map(|(_, s)| s.part(encoding)));
        } else {
            for t in viewer.tiles.iter().filter(|t| !new.contains(t)) {
                tiles.extend(moved.get_mut(t).map(|s| s.part(encoding)));
            }
        }
    }
    if changes.is_empty() && tiles.is_empty() {
        return None;
    }
    Some(Out::Frame {
        seq,
        prev_seq: viewer.seen_seq,
        time: tick.now,
        changes,
        tiles,
    })
}

/// Puts a frame where the session takes it from. A client that is too slow gets a fresh snapshot once it has caught
/// up, and is closed when that happens again soon.
pub(super) fn push(viewer: &mut Viewer, out: Out, forgiven: Duration) {
    if viewer.push(out) == Pushed::Queued {
        return;
    }
    metrics::counter!("chengtu_lagged_total").increment(1);
    let again = viewer.lagged_at.is_some_and(|at| at.elapsed() < forgiven);
    if again {
        viewer.outbox.close(
            codes::CLOSE_SLOW,
            "the connection is too slow for what it asks: ask for less",
        );
    }
    viewer.lagged_at = Some(Instant::now());
    viewer.lagging = true;
}
