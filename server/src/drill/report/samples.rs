use super::facts::{Attempt, Facts};
use super::map::Paper;
use crate::drill::Ground;
use chengtu_engine::geo::LonLat;
use chengtu_engine::model::UnitStatus;
use std::fmt::Write;

/// Seconds between places of units in the page.
const SAMPLE_S: i64 = 10;

/// Where units were, for the page's own clock, as JSON: seconds between samples, then per sample and unit x, y and
/// status. Nothing but numbers.
pub(super) fn samples(facts: &Facts, attempt: &Attempt, ground: &Ground) -> String {
    let paper = Paper::new(ground);
    let last_s = facts.passed_s(attempt.summary.until);
    let mut text = format!("{{\"every\":{SAMPLE_S},\"at\":[");
    for n in 0..=last_s / SAMPLE_S {
        if n > 0 {
            text.push(',');
        }
        text.push('[');
        let rows = attempt.track.at(n * SAMPLE_S * 1_000_000);
        for (i, r) in rows.iter().enumerate() {
            let p = LonLat::new(r.lon, r.lat).position().unwrap_or_default();
            let (x, y) = paper.at(p);
            let status = match r.status {
                UnitStatus::Available => 0,
                UnitStatus::Assigned | UnitStatus::EnRoute => 1,
                UnitStatus::OnScene => 2,
                UnitStatus::OutOfService => 3,
            };
            let comma = if i > 0 { "," } else { "" };
            let _ = write!(text, "{comma}{x:.0},{y:.0},{status}");
        }
        text.push(']');
    }
    text.push_str("]}");
    text
}
