use super::Audience;
use super::stream::push;
use crate::outbox::Out;
use bytes::Bytes;
use chengtu_engine::geo::GeoBox;
use chengtu_engine::hotspot::{HotspotArea, HotspotConfig, HotspotField};
use chengtu_engine::state::{Changes, State};
use chengtu_engine::stream::{Layer, ServerMessage};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, encode_server};
use std::time::{Duration, Instant};

/// A city that is dragged or played backwards is evaluated no more often than this.
const JUMP_EVERY: Duration = Duration::from_millis(200);

/// Watches the open cases for significant areas. Derived from the state alone: it is never logged.
pub(super) struct HotspotWatch {
    field: Option<HotspotField>,
    every: Duration,
    evaluated: Instant,
    areas: Vec<HotspotArea>,
    time: Timestamp,
    /// Counts the different results so far; 0 before the first.
    pub number: u64,
    /// The city has gone to another moment since the last evaluation.
    jumped: bool,
}

impl HotspotWatch {
    /// Over a city's ground; `every_s` 0 watches nothing.
    pub fn new(bounds: GeoBox, every_s: u64, state: &State) -> Self {
        let field = if every_s == 0 {
            None
        } else {
            HotspotField::new(bounds, HotspotConfig::default())
                .inspect_err(|error| tracing::warn!(%error, "no hotspots over this city's bounds"))
                .ok()
        };
        let mut watch = Self {
            field,
            every: Duration::from_secs(every_s),
            evaluated: Instant::now(),
            areas: Vec::new(),
            time: Timestamp::default(),
            number: 0,
            jumped: false,
        };
        if let Some(field) = &mut watch.field {
            for c in state.cases().values().filter(|c| c.stage.is_open()) {
                field.add(c.id.0, c.position);
            }
        }
        watch
    }

    /// The city has gone to another moment.
    pub fn begin_anew(&mut self, state: &State, now: Timestamp) {
        if let Some(field) = &mut self.field {
            let open = state.cases().values().filter(|c| c.stage.is_open());
            field.go_to(&open.map(|c| (c.id.0, c.position)).collect(), now.0);
            self.jumped = true;
        }
    }

    fn is_due(&self) -> bool {
        let since = self.evaluated.elapsed();
        self.number == 0 || since >= self.every || (self.jumped && since >= JUMP_EVERY)
    }
}

impl Audience {
    /// Follows the cases, and every now and then looks where they gather.
    pub(super) fn watch_hotspots(&mut self, state: &State, changes: &Changes, now: Timestamp) {
        let Some(field) = &mut self.hotspots.field else {
            return;
        };
        for id in &changes.cases {
            match state.case(*id).filter(|c| c.stage.is_open()) {
                Some(c) => field.add(id.0, c.position),
                None => {
                    field.remove(id.0);
                }
            }
        }
        if !self.hotspots.is_due() {
            return;
        }
        self.hotspots.jumped = false;
        let Some(field) = &mut self.hotspots.field else {
            return;
        };
        self.hotspots.evaluated = Instant::now();
        let degrees = |p: chengtu_engine::geo::Position| {
            let p = p.lon_lat();
            (p.lon_deg, p.lat_deg)
        };
        let found = field.evaluate(now.0);
        let areas: Vec<HotspotArea> = found
            .ranked
            .iter()
            .enumerate()
            .map(|(i, h)| HotspotArea {
                rank: i as u32 + 1,
                name: self.city.address(h.centre),
                centre: degrees(h.centre),
                cases: h.cases,
                z: h.peak_z,
                since: Timestamp(h.since),
                outline: h
                    .outline
                    .iter()
                    .map(|ring| {
                        let closed = ring.iter().chain(ring.first());
                        closed.map(|p| degrees(*p)).collect()
                    })
                    .collect(),
            })
            .collect();
        if areas != self.hotspots.areas || self.hotspots.number == 0 {
            self.hotspots.areas = areas;
            self.hotspots.time = now;
            self.hotspots.number += 1;
        }
    }

    /// Sends the significant areas to those who have not seen them.
    pub(super) fn show_hotspots(&mut self, forgiven: Duration) {
        let watch = &self.hotspots;
        let mut encoded: [Option<Bytes>; Encoding::ALL.len()] = Default::default();
        for viewer in self.viewers.values_mut() {
            let wants = viewer.subscribed && viewer.layers.contains(&Layer::Hotspots);
            if !wants || viewer.lagging || viewer.hotspots_seen == watch.number {
                continue;
            }
            viewer.hotspots_seen = watch.number;
            let encoding = viewer.outbox.encoding;
            let bytes = encoded[encoding as usize].get_or_insert_with(|| {
                let m = ServerMessage::Hotspots {
                    time: watch.time,
                    areas: watch.areas.clone(),
                };
                encode_server(encoding, &m).into()
            });
            push(viewer, Out::Picture(bytes.clone()), forgiven);
        }
    }
}
