use super::ServerMessage;
use crate::geo::{GeoBox, LocalFrame, Position};
use crate::hotspot::{
    CaseSpan, HotspotArea, HotspotChance, HotspotConfig, HotspotError, HotspotField,
};
use crate::model::Case;
use crate::sight::Lens;
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
    begun: Option<Vec<CaseSpan>>,
}

/// When the cases of a state became known and ended, where they are seen; those that ended long ago are no longer in it.
fn spans(state: &State, lens: Option<&Lens>) -> Vec<CaseSpan> {
    let span = |c: &Case| {
        Some(CaseSpan {
            position: place(state, lens, c)?,
            from: c.history.first().map_or(c.occurred_at, |h| h.at).0,
            until: (!c.stage.is_open()).then(|| c.since().0),
        })
    };
    state.cases().values().filter_map(span).collect()
}

/// Where a case is seen.
fn place(state: &State, lens: Option<&Lens>, case: &Case) -> Option<Position> {
    lens.map_or(Some(case.position), |l| l.case_point(state, case))
}

impl HotspotWatch {
    /// Over a city's ground. `city`: places where there is city (of its roads); empty: everywhere within the bounds. The
    /// default watches nothing.
    ///
    /// # Errors
    /// [`HotspotError`] for bounds over which nothing can be watched.
    pub fn over(bounds: GeoBox, city: &[Position], state: &State) -> Result<Self, HotspotError> {
        let frame = LocalFrame::new(bounds.min);
        let corner = frame.metres(bounds.max);
        let config = HotspotConfig::for_extent(corner.east_m, corner.north_m);
        let mut field = HotspotField::new(bounds, config, city)?;
        for c in state.cases().values().filter(|c| c.stage.is_open()) {
            field.add(c.id.0, c.position);
        }
        Ok(Self {
            field: Some(field),
            begun: Some(spans(state, None)),
            ..Self::default()
        })
    }

    /// A watch over the same ground that has found nothing yet.
    #[must_use]
    pub fn forgetful(&self) -> Self {
        Self {
            field: self.field.clone(),
            ..Self::default()
        }
    }

    /// Counts the different results so far; 0 before the first.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The state is that of another moment. `lens`: through which it is watched.
    pub fn go_to(&mut self, state: &State, lens: Option<&Lens>, now: Timestamp) {
        if let Some(field) = &mut self.field {
            let open = state.cases().values().filter(|c| c.stage.is_open());
            let seen = open.filter_map(|c| Some((c.id.0, place(state, lens, c)?)));
            field.go_to(&seen.collect(), now.0);
            self.begun = Some(spans(state, lens));
        }
    }

    /// Follows the cases.
    pub fn note(&mut self, state: &State, lens: Option<&Lens>, changes: &Changes) {
        let Some(field) = &mut self.field else {
            return;
        };
        for id in &changes.cases {
            let open = state.case(*id).filter(|c| c.stage.is_open());
            match open.and_then(|c| place(state, lens, c)) {
                Some(at) => field.add(id.0, at),
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
        if let Some(cases) = self.begun.take() {
            // As they are still now: nothing is known to have changed while nobody watched.
            field.look_back(&cases, now.0);
        }
        let found = field.evaluate(now.0);
        let areas: Vec<HotspotArea> = (1..)
            .zip(&found.ranked)
            .map(|(rank, h)| HotspotArea {
                rank,
                name: name(h.centre),
                centre: degrees(&h.centre),
                cases: h.cases,
                z: h.z,
                chance: Some(HotspotChance {
                    expected: h.expected,
                    q: h.q,
                }),
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

    /// The areas as they are sent to sessions of the newest protocol.
    pub fn message(&self) -> ServerMessage {
        ServerMessage::HotspotsWithChance {
            time: self.time,
            areas: self.areas.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::Severity;
    use crate::event::Event;
    use crate::ids::{CaseId, ClassId};
    use crate::model::{Actor, CaseSource};
    use crate::record::{Body, Origin, Record, World};

    const SOUTH_WEST: Position = Position::new(1_187_700_000, 320_300_000);
    const NORTH_EAST: Position = Position::new(1_188_100_000, 320_600_000);

    fn minute(n: i64) -> Timestamp {
        Timestamp(n * 60_000_000)
    }

    fn report(state: &mut State, at: Timestamp, position: Position) -> Changes {
        let seq = state.seq() + 1;
        let reported = Event::CaseReported {
            case: CaseId(seq),
            class: ClassId(0),
            severity: Severity::Normal,
            position,
            address: String::new(),
            note: String::new(),
            source: CaseSource::Operator(String::new()),
            occurred_at: at,
            maybe_same_as: None,
        };
        state.apply(&Record {
            seq,
            known_at: at,
            world: World::Live,
            origin: Origin {
                actor: Actor::System,
                command: None,
            },
            body: Body::Events(vec![reported]),
        })
    }

    #[test]
    fn a_city_of_any_size_and_shape_is_watched() {
        let state = State::new();
        // Degrees of longitude and latitude: a hamlet, a strip along a river, a country.
        for (east, north) in [(0.001, 0.001), (0.01, 5.0), (40.0, 30.0)] {
            let e7 = |degrees: f64| (degrees * 1e7) as i32;
            let corner = Position::new(
                SOUTH_WEST.lon_e7 + e7(east) / 2,
                SOUTH_WEST.lat_e7 + e7(north) / 2,
            );
            let opposite = Position::new(corner.lon_e7 - e7(east), corner.lat_e7 - e7(north));
            let watched = HotspotWatch::over(GeoBox::new(opposite, corner), &[], &state);
            assert!(watched.is_ok(), "{east} by {north} degrees: {watched:?}");
        }
    }

    #[test]
    fn a_server_that_starts_again_knows_since_when_cases_have_gathered() {
        let place = |east: i32, north: i32| {
            let (lon, lat) = (SOUTH_WEST.lon_e7, SOUTH_WEST.lat_e7);
            Position::new(lon + east * 1_000, lat + north * 1_000)
        };
        let bounds = GeoBox::new(SOUTH_WEST, NORTH_EAST);
        let mut state = State::new();
        let mut watch = HotspotWatch::over(bounds, &[], &state).unwrap();
        let name = |_| String::new();
        for n in 0..60 {
            for i in 0..if n == 0 { 40 } else { 0 } {
                let far = place(i * 7919 % 390, i * 104_729 % 290);
                let changes = report(&mut state, minute(0), far);
                watch.note(&state, None, &changes);
            }
            if (20..35).contains(&n) {
                let near = place(200 + n as i32 % 3, 150 + n as i32 % 2);
                let changes = report(&mut state, minute(n), near);
                watch.note(&state, None, &changes);
            }
            watch.evaluate(minute(n), name);
        }
        let since = watch.areas[0].since;
        assert!(since >= minute(20) && since < minute(35), "{since:?}");
        // It stood still for four hours, and has the state of before.
        let mut again = HotspotWatch::over(bounds, &[], &state).unwrap();
        again.evaluate(minute(300), name);
        let is_near = |found: Timestamp, at: Timestamp| {
            let allowed = ((at.0 - since.0) / 16).max(60_000_000);
            assert!((0..=allowed).contains(&(found.0 - since.0)), "{found:?}");
        };
        is_near(again.areas[0].since, minute(300));
        // And a replay that jumps there.
        let mut replay = HotspotWatch::over(bounds, &[], &State::new()).unwrap();
        replay.evaluate(minute(0), name);
        replay.go_to(&state, None, minute(59));
        replay.evaluate(minute(59), name);
        is_near(replay.areas[0].since, minute(59));
    }
}
