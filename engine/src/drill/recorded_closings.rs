//! Roads that were closed in a drill, read from its log: its records are the city's, and a barrier is none of them.

use super::entry::{DrillEntry, DrillEvent};
use super::scenario::{InjectAct, Scenario};
use crate::geo::Position;
use crate::roads::{Closings, RoadGraph};
use crate::sim::road_at;
use crate::time::Timestamp;

/// Which roads an attempt at a drill closed, and when.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordedClosings {
    /// Since when, until when, which edges; in the order in which they were closed.
    closed: Vec<(Timestamp, Option<Timestamp>, Vec<u32>)>,
}

impl RecordedClosings {
    /// Those of an attempt ([`super::attempts`]) at a scenario, on the roads that it was played on.
    pub fn new(scenario: &Scenario, attempt: &[&DrillEntry], roads: &RoadGraph) -> Self {
        let mut closed = Vec::new();
        for entry in attempt {
            let DrillEvent::Injected { inject, .. } = entry.what else {
                continue;
            };
            let after = |s: u32| entry.time.plus_seconds(i64::from(s));
            let act = scenario.injects.get(inject as usize).map(|i| &i.act);
            let (places, from, until): (&[Position], _, _) = match act {
                Some(InjectAct::Closure { places, for_s }) => {
                    (places, entry.time, for_s.map(after))
                }
                Some(InjectAct::Flood { closes, over_s, .. }) => (closes, after(*over_s), None),
                _ => continue,
            };
            let edges = places.iter().flat_map(|p| road_at(roads, *p)).collect();
            closed.push((from, until, edges));
        }
        closed.sort_by_key(|(from, ..)| *from);
        Self { closed }
    }

    /// What was closed at a moment: what is closed twice stays closed for as long as was said last.
    pub fn at(&self, time: Timestamp) -> Closings {
        let mut closed = Closings::new();
        let open_until =
            |closed: &mut Closings, now| closed.retain(|_, until| until.is_none_or(|u| u > now));
        for (from, until, edges) in self.closed.iter().take_while(|c| c.0 <= time) {
            open_until(&mut closed, *from);
            closed.extend(edges.iter().map(|e| (*e, *until)));
        }
        open_until(&mut closed, time);
        closed
    }
}
