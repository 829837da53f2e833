use bevy::prelude::Resource;
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::rank::ArrivalRow;
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;

/// Units by road arrival time at a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Server time when it came.
    pub at: Timestamp,
    /// Soonest useful unit first.
    pub rows: Vec<ArrivalRow>,
}

impl Ranking {
    /// The unit to offer: the first row.
    pub fn best(&self) -> Option<&ArrivalRow> {
        self.rows.first()
    }

    /// The unit nearest in a straight line.
    pub fn nearest_by_air(&self) -> Option<&ArrivalRow> {
        self.rows.iter().min_by(|a, b| a.air_m.total_cmp(&b.air_m))
    }
}

/// The latest ranking of every case asked about.
#[derive(Resource, Clone, Debug, Default)]
pub struct Rankings {
    by_case: BTreeMap<CaseId, Ranking>,
    /// The request that each answers.
    requests: BTreeMap<CaseId, u32>,
}

impl Rankings {
    /// The latest ranking of a case.
    pub fn get(&self, case: CaseId) -> Option<&Ranking> {
        self.by_case.get(&case)
    }

    /// Takes an answer in, unless a later question about the case has been answered already.
    pub(crate) fn answered(&mut self, request: u32, case: CaseId, ranking: Ranking) {
        let last = self.requests.entry(case).or_insert(request);
        if request >= *last {
            *last = request;
            self.put(case, ranking);
        }
    }

    pub(crate) fn put(&mut self, case: CaseId, ranking: Ranking) {
        self.by_case.insert(case, ranking);
    }

    /// Forgets a case.
    pub fn remove(&mut self, case: CaseId) {
        self.by_case.remove(&case);
    }
}

/// The way of a unit by road.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteLine {
    /// Server time when it came.
    pub at: Timestamp,
    /// Unit whose way this is.
    pub unit: UnitId,
    /// Destination as asked for; the last bend of `line` if the request is no longer known.
    pub to: LonLat,
    /// Driving time, seconds; `None` if no road leads there.
    pub seconds: Option<f64>,
    /// Length by road.
    pub length_m: f64,
    /// Every bend, from the unit to the place.
    pub line: Vec<LonLat>,
}

/// The latest way of every unit asked about.
#[derive(Resource, Clone, Debug, Default)]
pub struct Routes {
    by_unit: BTreeMap<UnitId, RouteLine>,
    asked: BTreeMap<u32, LonLat>,
}

impl Routes {
    /// The latest way of a unit, wherever to.
    pub fn get(&self, unit: UnitId) -> Option<&RouteLine> {
        self.by_unit.get(&unit)
    }

    /// The latest way of a unit to this place (within 20 m), where that is what was asked last.
    pub fn to(&self, unit: UnitId, place: LonLat) -> Option<&RouteLine> {
        let same = |a: LonLat| {
            (a.lon_deg - place.lon_deg).abs() < 2e-4 && (a.lat_deg - place.lat_deg).abs() < 2e-4
        };
        self.by_unit.get(&unit).filter(|r| same(r.to))
    }

    /// Forgets the way of a unit.
    pub fn remove(&mut self, unit: UnitId) {
        self.by_unit.remove(&unit);
    }

    pub(super) fn asked(&mut self, request: u32, to: LonLat) {
        self.asked.insert(request, to);
        while self.asked.len() > 64 {
            self.asked.pop_first();
        }
    }

    pub(crate) fn put(&mut self, request: u32, route: RouteLine) {
        let to = self.asked.remove(&request).unwrap_or(route.to);
        self.by_unit.insert(route.unit, RouteLine { to, ..route });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer that was overtaken on its way replaced the newer one.
    #[test]
    fn an_overtaken_answer_replaces_no_newer_one() {
        let mut rankings = Rankings::default();
        let case = CaseId(4);
        let ranking = |s| Ranking {
            at: Timestamp::from_seconds(s),
            rows: Vec::new(),
        };
        let shown = |r: &Rankings| r.get(case).map(|r| r.at);
        rankings.answered(7, case, ranking(70));
        rankings.answered(6, case, ranking(60));
        assert_eq!(shown(&rankings), Some(Timestamp::from_seconds(70)));
        rankings.answered(8, case, ranking(80));
        assert_eq!(shown(&rankings), Some(Timestamp::from_seconds(80)));
    }
}
