//! Cases in the form in which a case feed sends them.

use chengtu_engine::city::{Rules, Severity};
use chengtu_engine::command::CaseReport;
use chengtu_engine::sim::Arrivals;
use chengtu_engine::time::Timestamp;
use serde::Serialize;
use std::sync::Arc;

/// A case in the form in which a case feed sends it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseOut {
    /// The feed's name for it.
    pub key: String,
    /// Code of its class.
    pub class: String,
    /// Severity; normal where the simulator gives none.
    pub severity: Severity,
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
    /// The place in words.
    pub address: String,
    /// What was reported.
    pub note: String,
    /// When it happened, RFC 3339.
    pub occurred_at: String,
    /// When it was filed elsewhere, for a backlog taken over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filed_at: Option<String>,
}

/// Makes cases for a feed.
#[derive(Debug)]
pub struct CaseGenerator {
    arrivals: Arrivals,
    rules: Arc<Rules>,
}

impl CaseGenerator {
    /// Cases as `arrivals` brings them, in a city of these rules.
    pub fn new(arrivals: Arrivals, rules: Arc<Rules>) -> Self {
        Self { arrivals, rules }
    }

    /// The next case and when it comes in.
    pub fn next_case(&mut self) -> Option<(Timestamp, CaseOut)> {
        let (at, report) = self.arrivals.next_case()?;
        Some((at, self.out(report)))
    }

    /// Cases that are open already when the demo begins.
    pub fn backlog(&mut self, count: usize) -> Vec<CaseOut> {
        let cases = self.arrivals.backlog(count);
        cases.into_iter().map(|r| self.out(r)).collect()
    }

    fn out(&self, r: CaseReport) -> CaseOut {
        let at = r.position.lon_lat();
        let class = self.rules.class(r.class);
        CaseOut {
            key: r.key,
            class: class.map_or_else(String::new, |c| c.code.clone()),
            severity: r.severity.unwrap_or(Severity::Normal),
            lon: at.lon_deg,
            lat: at.lat_deg,
            address: r.address,
            note: r.note,
            occurred_at: rfc3339(r.occurred_at),
            filed_at: r.filed_at.map(rfc3339),
        }
    }
}

fn rfc3339(t: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(t.0)
        .unwrap_or_default()
        .to_string()
}
