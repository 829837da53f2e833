//! The city's map with what happened: roads and districts, cases, routes, uncovered areas; units move with the cursor.

use super::facts::{Attempt, Facts};
use crate::drill::Ground;
use chengtu_engine::city::Severity;
use chengtu_engine::drill::{Answered, Area, Inject, InjectAct};
use chengtu_engine::geo::{LocalFrame, Position};
use chengtu_engine::roads::RoadClass;
use maud::{Markup, html};
use std::fmt::Write;

const WIDTH: f64 = 1_120.0;

/// From a road that is this near a closed place, metres, on.
const CLOSED_WITHIN_M: f64 = 200.0;

/// Metres to picture.
pub(super) struct Paper {
    frame: LocalFrame,
    west_m: f64,
    north_m: f64,
    scale: f64,
    /// Height of the picture where it is [`WIDTH`] wide.
    height: f64,
}

impl Paper {
    /// For the bounds of a city.
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

    /// Where a place is in the picture: to the right, down.
    pub fn at(&self, p: Position) -> (f64, f64) {
        let m = self.frame.metres(p);
        (
            (m.east_m - self.west_m) * self.scale,
            (self.north_m - m.north_m) * self.scale,
        )
    }

    /// A line as path data.
    fn line(&self, shape: &[Position]) -> String {
        let mut path = String::new();
        self.add_line(&mut path, shape);
        path
    }

    fn add_line(&self, path: &mut String, shape: &[Position]) {
        for (i, p) in shape.iter().enumerate() {
            let (x, y) = self.at(*p);
            let _ = write!(path, "{}{x:.1} {y:.1}", if i == 0 { 'M' } else { 'L' });
        }
    }
}

/// A number with one decimal, as the picture has them.
pub(super) fn one(x: f64) -> String {
    format!("{x:.1}")
}

/// The map of an attempt.
pub(super) fn map(facts: &Facts, attempt: &Attempt, ground: &Ground) -> Markup {
    let paper = Paper::new(ground);
    let height = format!("{:.0}", paper.height);
    let width = format!("{WIDTH:.0}");
    html! {
        svg id="map" viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(facts.say.line("地图", "map")) {
            rect.ground width=(width) height=(height) {}
            (roads(ground, &paper))
            (empty_areas(facts, attempt, &paper))
            @for inject in fired(facts, attempt) { (effect(facts, inject, ground, &paper)) }
            @for a in &attempt.summary.answered { (first_way(facts, attempt, a, &paper)) }
            @for c in attempt.summary.cases.iter().filter(|c| !c.before) {
                (case(c.severity, paper.at(c.position), facts.passed_s(c.known)))
            }
            @for a in &attempt.summary.answered { (number(facts, a, &paper)) }
            g id="units" {}
        }
    }
}

fn roads(ground: &Ground, paper: &Paper) -> Markup {
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
        paper.add_line(&mut paths[level], ground.roads.shape(edge));
    }
    html! {
        @for (level, path) in paths.iter().enumerate().rev() {
            path class={ "road" (level + 1) } d=(path) {}
        }
        @for (name, at) in ground.names.district_labels() {
            @let (x, y) = paper.at(at);
            text.name x=(format_args!("{x:.0}")) y=(format_args!("{y:.0}")) { (name) }
        }
    }
}

/// Ground that was without any unit for a while.
fn empty_areas(facts: &Facts, attempt: &Attempt, paper: &Paper) -> Markup {
    let mut empty: Vec<u32> = attempt.summary.gaps.iter().map(|g| g.0).collect();
    empty.sort_unstable();
    empty.dedup();
    let areas = &facts.scenario.areas;
    let known = empty.into_iter().filter_map(|a| areas.get(a as usize));
    html! { @for area in known { (empty_area(area, paper)) } }
}

fn empty_area(area: &Area, paper: &Paper) -> Markup {
    html! {
        g {
            title { (area.name) }
            @for b in &area.boxes {
                @let (x0, y1) = paper.at(b.min);
                @let (x1, y0) = paper.at(b.max);
                rect.empty x=(one(x0)) y=(one(y0)) width=(one(x1 - x0)) height=(one(y1 - y0)) {}
            }
        }
    }
}

/// Injects that were fired, in the order of their firing.
fn fired<'a>(facts: &'a Facts, attempt: &'a Attempt) -> impl Iterator<Item = &'a Inject> {
    let fired = attempt.summary.fired.iter();
    fired.filter_map(|(inject, _)| facts.scenario.injects.get(*inject as usize))
}

/// Roads that an inject closed, and water that it brought.
fn effect(facts: &Facts, inject: &Inject, ground: &Ground, paper: &Paper) -> Markup {
    let closed: &[Position] = match &inject.act {
        InjectAct::Closure { places, .. } | InjectAct::Flood { closes: places, .. } => places,
        _ => &[],
    };
    let snapped = closed
        .iter()
        .filter_map(|p| ground.roads.snap(*p, CLOSED_WITHIN_M));
    let wet: &[u32] = match &inject.act {
        InjectAct::Flood { sensors, .. } => sensors,
        _ => &[],
    };
    let sensors = &facts.scenario.sensors;
    let wet = wet.iter().filter_map(|at| sensors.get(*at as usize));
    html! {
        @for on in snapped { path.closed d=(paper.line(ground.roads.shape(on.edge))) {} }
        @for sensor in wet {
            @let (x, y) = paper.at(sensor.position);
            circle.water cx=(one(x)) cy=(one(y)) r="26" {}
        }
    }
}

/// The way of the unit that was sent first, from being sent to being there.
fn first_way(facts: &Facts, attempt: &Attempt, a: &Answered, paper: &Paper) -> Markup {
    let from = facts.scenario.start.time();
    let way = a.sent.zip(a.arrived).map(|((sent, unit), arrived)| {
        let (t0, t1) = (sent.0 - from.0, arrived.0 - from.0);
        let way = attempt.track.way(unit);
        let on_way = way.iter().filter(|(t, _)| (t0..=t1).contains(t));
        let places: Vec<Position> = on_way.map(|(_, p)| *p).collect();
        paper.line(&places)
    });
    html! { @if let Some(d) = way { path.route d=(d) {} } }
}

/// The number of an inject at its place; one that was nothing has a ring.
fn number(facts: &Facts, a: &Answered, paper: &Paper) -> Markup {
    let inject = facts.scenario.injects.get(a.inject as usize);
    let shown = a.place.map(|p| paper.at(p)).zip(inject);
    html! {
        @if let Some(((x, y), inject)) = shown {
            g {
                title { (inject.title) }
                circle.halo cx=(one(x)) cy=(one(y)) r="11" {}
                text.number text-anchor="middle" x=(one(x)) y=(one(y + 4.2)) { (a.inject + 1) }
                @if inject.truth.as_ref().is_some_and(|t| !t.real) {
                    circle.false cx=(one(x)) cy=(one(y)) r="16" {}
                }
            }
        }
    }
}

/// Half the size of a case's mark, pixels of the picture.
const MARK: f64 = 4.6;

/// A case's mark: severity has a shape as well as a colour. `at_s`: from when on it is shown.
fn case(severity: Severity, (x, y): (f64, f64), at_s: i64) -> Markup {
    let r = MARK;
    match severity {
        Severity::Severe => {
            let s = r * 1.22;
            let (top, right, bottom, left) = (y - s, x + s, y + s, x - s);
            let d =
                format!("M{x:.1} {top:.1}L{right:.1} {y:.1}L{x:.1} {bottom:.1}L{left:.1} {y:.1}Z");
            html! { path.s1 data-t=(at_s) d=(d) {} }
        }
        Severity::Urgent => {
            let (top, bottom, right, left) = (y - r * 1.24, y + r * 0.8, x + r * 1.1, x - r * 1.1);
            let d = format!("M{x:.1} {top:.1}L{right:.1} {bottom:.1}L{left:.1} {bottom:.1}Z");
            html! { path.s2 data-t=(at_s) d=(d) {} }
        }
        Severity::Normal => {
            let (half, whole) = (r * 0.88, one(r * 1.76));
            html! {
                rect.s3 data-t=(at_s) x=(one(x - half)) y=(one(y - half)) width=(whole) height=(whole) {}
            }
        }
        Severity::Slight => html! {
            circle.s4 data-t=(at_s) cx=(one(x)) cy=(one(y)) r=(one(r * 0.92)) {}
        },
    }
}
