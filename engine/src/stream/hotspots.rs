use super::ServerMessage;
use crate::geo::{GeoBox, Position};
use crate::hotspot::{CaseSpan, HotspotArea, HotspotConfig, HotspotError, HotspotField};
use crate::model::Case;
use crate::state::{Changes, State};
use crate::time::Timestamp;

/// Watches the open cases for significant areas. Derived from the state alone: it is never logged.
#[derive(Clone, Debug, Default)]
pub struct HotspotWatch {
    field: Option<HotspotField>,
    areas: Vec<HotspotArea>,
    time: Timestamp,
    /// Counts the different results so far; 0 before the first.
    number: u64,
    /// The cases of a moment from which on they are watched, and what is known of the time before it.
    begun: Option<(Timestamp, Vec<CaseSpan>)>,
}

/// When the cases of a state became known and ended; those that ended long ago are no longer in it.
fn spans(state: &State) -> Vec<CaseSpan> {
    let span = |c: &Case| CaseSpan {
        position: c.position,
        from: c.history.first().map_or(c.occurred_at, |h| h.at).0,
        until: (!c.stage.is_open()).then(|| c.since().0),
    };
    state.cases().values().map(span).collect()
}

impl HotspotWatch {
    /// Over a city's ground. The default watches nothing.
    ///
    /// # Errors
    /// [`HotspotError`] for bounds over which nothing can be watched.
    pub fn over(bounds: GeoBox, state: &State) -> Result<Self, HotspotError> {
        let mut field = HotspotField::new(bounds, HotspotConfig::default())?;
        for c in state.cases().values().filter(|c| c.stage.is_open()) {
            field.add(c.id.0, c.position);
        }
        Ok(Self {
            field: Some(field),
            begun: Some((state.known_at(), spans(state))),
            ..Self::default()
        })
    }

    /// Counts the different results so far; 0 before the first.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The state is that of another moment.
    pub fn go_to(&mut self, state: &State, now: Timestamp) {
        if let Some(field) = &mut self.field {
            let open = state.cases().values().filter(|c| c.stage.is_open());
            field.go_to(&open.map(|c| (c.id.0, c.position)).collect(), now.0);
            self.begun = Some((now, spans(state)));
        }
    }

    /// Follows the cases.
    pub fn note(&mut self, state: &State, changes: &Changes) {
        let Some(field) = &mut self.field else {
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
    }

    /// Looks where cases gather now; `name` gives the words for a place. Another result gets another number.
    pub fn evaluate(&mut self, now: Timestamp, name: impl Fn(Position) -> String) {
        let Some(field) = &mut self.field else {
            return;
        };
        let degrees = |p: &Position| {
            let p = p.lon_lat();
            (p.lon_deg, p.lat_deg)
        };
        let closed = |ring: &Vec<Position>| ring.iter().chain(ring.first()).map(degrees).collect();
        if let Some((at, cases)) = self.begun.take() {
            field.look_back(&cases, at.0);
        }
        let found = field.evaluate(now.0);
        let areas: Vec<HotspotArea> = (1..)
            .zip(&found.ranked)
            .map(|(rank, h)| HotspotArea {
                rank,
                name: name(h.centre),
                centre: degrees(&h.centre),
                cases: h.cases,
                z: h.peak_z,
                since: Timestamp(h.since),
                outline: h.outline.iter().map(closed).collect(),
            })
            .collect();
        if areas != self.areas || self.number == 0 {
            self.areas = areas;
            self.time = now;
            self.number += 1;
        }
    }

    /// The areas as they are sent.
    pub fn message(&self) -> ServerMessage {
        ServerMessage::Hotspots {
            time: self.time,
            areas: self.areas.clone(),
        }
    }
}
