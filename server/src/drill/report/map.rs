//! The city's map with what happened: roads and districts, cases, routes, uncovered areas; units move with the cursor.

use super::facts::{Attempt, Facts};
use super::page::escape;
use crate::drill::Ground;
use chengtu_engine::drill::InjectAct;
use chengtu_engine::geo::{LocalFrame, Position};
use chengtu_engine::roads::RoadClass;
use chengtu_engine::time::Timestamp;
use std::fmt::Write;

const WIDTH: f64 = 1_120.0;

/// Metres to picture.
pub(super) struct Paper {
    frame: LocalFrame,
    west_m: f64,
    north_m: f64,
    scale: f64,
    pub height: f64,
}

impl Paper {
    pub fn new(ground: &Ground) -> Self {
        let b = ground.names.rules.bounds;
        let frame = LocalFrame::new(b.min);
        let (low, high) = (frame.metres(b.min), frame.metres(b.max));
        let scale = WIDTH / (high.east_m - low.east_m).max(1.0);
        Self {
            frame,
            west_m: low.east_m,
            north_m: high.north_m,
            scale,
            height: (high.north_m - low.north_m) * scale,
        }
    }

    pub fn at(&self, p: Position) -> (f64, f64) {
        let m = self.frame.metres(p);
        (
            (m.east_m - self.west_m) * self.scale,
            (self.north_m - m.north_m) * self.scale,
        )
    }
}

/// The map of an attempt.
pub(super) fn map(facts: &Facts, attempt: &Attempt, ground: &Ground) -> String {
    let paper = Paper::new(ground);
    let mut svg = format!(
        "<svg id=\"map\" viewBox=\"0 0 {WIDTH:.0} {:.0}\" role=\"img\" aria-label=\"地图 map\"><rect class=\"ground\" width=\"{WIDTH:.0}\" height=\"{:.0}\"/>",
        paper.height, paper.height
    );
    roads(&mut svg, ground, &paper);
    areas(&mut svg, facts, attempt, &paper);
    what_happened(&mut svg, facts, attempt, ground, &paper);
    svg.push_str("<g id=\"units\"></g></svg>");
    svg
}

fn roads(svg: &mut String, ground: &Ground, paper: &Paper) {
    let mut paths = [const { String::new() }; 4];
    for edge in 0..ground.roads.edge_count() as u32 {
        let Some(e) = ground.roads.edge(edge) else {
            continue;
        };
        let level = match e.class {
            RoadClass::Trunk | RoadClass::Primary => 0,
            RoadClass::Secondary => 1,
            RoadClass::Tertiary => 2,
            RoadClass::Residential => 3,
            RoadClass::Living | RoadClass::Service => continue,
        };
        line(&mut paths[level], ground.roads.shape(edge), paper);
    }
    for (level, path) in paths.iter().enumerate().rev() {
        let _ = write!(svg, "<path class=\"road{}\" d=\"{path}\"/>", level + 1);
    }
    for (name, at) in ground.names.district_labels() {
        let (x, y) = paper.at(at);
        let name = escape(&name);
        let _ = write!(
            svg,
            "<text class=\"name\" x=\"{x:.0}\" y=\"{y:.0}\">{name}</text>"
        );
    }
}

fn line(path: &mut String, shape: &[Position], paper: &Paper) {
    for (i, p) in shape.iter().enumerate() {
        let (x, y) = paper.at(*p);
        let _ = write!(path, "{}{x:.1} {y:.1}", if i == 0 { 'M' } else { 'L' });
    }
}

/// Ground that was without any unit for a while.
fn areas(svg: &mut String, facts: &Facts, attempt: &Attempt, paper: &Paper) {
    let mut empty: Vec<u32> = attempt.summary.gaps.iter().map(|g| g.0).collect();
    empty.sort_unstable();
    empty.dedup();
    for area in empty {
        let Some(area) = facts.scenario.areas.get(area as usize) else {
            continue;
        };
        svg.push_str("<g>");
        let _ = write!(svg, "<title>{}</title>", escape(&area.name));
        for b in &area.boxes {
            let (x0, y1) = paper.at(b.min);
            let (x1, y0) = paper.at(b.max);
            let (w, h) = (x1 - x0, y1 - y0);
            let _ = write!(
                svg,
                "<rect class=\"empty\" x=\"{x0:.1}\" y=\"{y0:.1}\" width=\"{w:.1}\" height=\"{h:.1}\"/>"
            );
        }
        svg.push_str("</g>");
    }
}

fn what_happened(
    svg: &mut String,
    facts: &Facts,
    attempt: &Attempt,
    ground: &Ground,
    paper: &Paper,
) {
    let s = &facts.scenario;
    for (inject, _) in &attempt.summary.fired {
        let Some(told) = s.injects.get(*inject as usize) else {
            continue;
        };
        match &told.act {
            InjectAct::Closure { places, .. } | InjectAct::Flood { closes: places, .. } => {
                for p in places {
                    if let Some(on) = ground.roads.snap(*p, 200.0) {
                        let mut path = String::new();
                        line(&mut path, ground.roads.shape(on.edge), paper);
                        let _ = write!(svg, "<path class=\"closed\" d=\"{path}\"/>");
                    }
                }
            }
            _ => {}
        }
        if let InjectAct::Flood { sensors, .. } = &told.act {
            for sensor in sensors.iter().filter_map(|at| s.sensors.get(*at as usize)) {
                let (x, y) = paper.at(sensor.position);
                let _ = write!(
                    svg,
                    "<circle class=\"water\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"26\"/>"
                );
            }
        }
    }
    for a in &attempt.summary.answered {
        if let (Some((sent, unit)), Some(arrived)) = (a.sent, a.arrived) {
            let from = s.start.time();
            let way = attempt.track.way(unit);
            let (t0, t1) = (sent.0 - from.0, arrived.0 - from.0);
            let on_way = way.iter().filter(|(t, _)| (t0..=t1).contains(t));
            let places: Vec<Position> = on_way.map(|(_, p)| *p).collect();
            let mut path = String::new();
            line(&mut path, &places, paper);
            let _ = write!(svg, "<path class=\"route\" d=\"{path}\"/>");
        }
    }
    for c in attempt.summary.cases.iter().filter(|c| !c.before) {
        let (x, y) = paper.at(c.position);
        svg.push_str(&shape(c.severity, x, y, 4.6, facts.passed_s(c.known)));
    }
    for a in &attempt.summary.answered {
        let Some(place) = a.place else { continue };
        let (x, y) = paper.at(place);
        let Some(told) = s.injects.get(a.inject as usize) else {
            continue;
        };
        let title = escape(&told.title);
        let number = a.inject + 1;
        let _ = write!(
            svg,
            "<g><title>{title}</title><circle class=\"halo\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"11\"/><text class=\"number\" text-anchor=\"middle\" x=\"{x:.1}\" y=\"{:.1}\">{number}</text>",
            y + 4.2
        );
        if told.truth.as_ref().is_some_and(|t| !t.real) {
            let _ = write!(
                svg,
                "<circle class=\"false\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"16\"/>"
            );
        }
        svg.push_str("</g>");
    }
}

/// Severity has a shape as well as a colour.
pub(super) fn shape(
    severity: chengtu_engine::city::Severity,
    x: f64,
    y: f64,
    r: f64,
    at_s: i64,
) -> String {
    use chengtu_engine::city::Severity;
    match severity {
        Severity::Severe => format!(
            "<path class=\"s1\" data-t=\"{at_s}\" d=\"M{x:.1} {:.1}L{:.1} {y:.1}L{x:.1} {:.1}L{:.1} {y:.1}Z\"/>",
            y - r * 1.22,
            x + r * 1.22,
            y + r * 1.22,
            x - r * 1.22
        ),
        Severity::Urgent => format!(
            "<path class=\"s2\" data-t=\"{at_s}\" d=\"M{x:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}Z\"/>",
            y - r * 1.24,
            x + r * 1.1,
            y + r * 0.8,
            x - r * 1.1,
            y + r * 0.8
        ),
        Severity::Normal => format!(
            "<rect class=\"s3\" data-t=\"{at_s}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            x - r * 0.88,
            y - r * 0.88,
            r * 1.76,
            r * 1.76
        ),
        Severity::Slight => format!(
            "<circle class=\"s4\" data-t=\"{at_s}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\"/>",
            r * 0.92
        ),
    }
}

/// Seconds between places of units in the page.
const SAMPLE_S: i64 = 10;

/// Where units were, for the page's own clock: seconds between samples, then per sample and unit x, y and status.
pub(super) fn samples(facts: &Facts, attempt: &Attempt, ground: &Ground) -> String {
    use chengtu_engine::geo::LonLat;
    use chengtu_engine::model::UnitStatus;
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

/// A moment on the page's clock.
pub(super) fn seconds(facts: &Facts, t: Timestamp) -> i64 {
    facts.passed_s(t).max(0)
}
