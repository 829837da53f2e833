use super::Audience;
use crate::city::City;
use crate::outbox::Out;
use bytes::Bytes;
use chengtu_engine::sight::Sight;
use chengtu_engine::state::State;
use chengtu_engine::stream::HotspotWatch;
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, encode_server};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A city that is dragged or played backwards is evaluated no more often than this.
const JUMP_EVERY: Duration = Duration::from_millis(200);

/// The city is where its roads are, which are looked at so often along their course, metres.
const ROAD_STEP_M: f64 = 50.0;

/// Watches a city's ground; `every_s` 0 watches nothing.
pub(super) fn watch(city: &City, every_s: u64, state: &State) -> HotspotWatch {
    if every_s == 0 {
        return HotspotWatch::default();
    }
    HotspotWatch::over(city.rules.bounds, &city.roads.places(ROAD_STEP_M), state)
        .inspect_err(|error| tracing::warn!(%error, "no hotspots over this city's bounds"))
        .unwrap_or_default()
}

/// How often it is looked where cases gather.
pub(super) struct HotspotPace {
    every: Duration,
    evaluated: Option<Instant>,
    /// The city has gone to another moment since the last evaluation.
    jumped: bool,
}

impl HotspotPace {
    pub fn new(every_s: u64) -> Self {
        Self {
            every: Duration::from_secs(every_s),
            evaluated: None,
            jumped: false,
        }
    }

    /// The city has gone to another moment.
    pub fn jumped(&mut self) {
        self.jumped = true;
    }

    /// True where it is time again; it is taken to be done.
    fn is_due(&mut self) -> bool {
        let due = self.evaluated.is_none_or(|at| {
            let since = at.elapsed();
            since >= self.every || (self.jumped && since >= JUMP_EVERY)
        });
        if due {
            self.evaluated = Some(Instant::now());
            self.jumped = false;
        }
        due
    }
}

impl Audience {
    /// Every now and then looks where cases gather, and sends it to those who have not seen it.
    pub(super) fn watch_hotspots(&mut self, now: Timestamp) {
        if self.hotspots.is_due() {
            let name = |place| self.city.address(place);
            self.broadcast.hotspots.evaluate(now, name);
            for (_, window) in self.windows.iter_mut() {
                window.hotspots.evaluate(now, name);
            }
        }
        // By what is seen, by encoding, and by whether it is told how sure they are.
        let mut encoded: BTreeMap<(Option<&Sight>, Encoding, bool), Bytes> = BTreeMap::new();
        for viewer in self.viewers.values_mut() {
            let window = viewer.sight.as_ref().and_then(|s| self.windows.get(s));
            let watch = window.map_or(&self.broadcast.hotspots, |w| &w.hotspots);
            if viewer.lagging || !viewer.view.misses_hotspots(watch.number()) {
                continue;
            }
            let version = viewer.outbox.subprotocol;
            let sight = window.map(|w| w.lens().sight());
            let key = (sight, version.encoding, version.has_chances());
            let bytes = encoded.entry(key).or_insert_with(|| {
                let message = watch.message();
                let older = version.older_form(&message);
                encode_server(version.encoding, &older.unwrap_or(message)).into()
            });
            viewer.push(Out::Picture(bytes.clone()), self.lag_forgiven);
        }
    }
}
