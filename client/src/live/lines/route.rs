use super::{Line, LineLayer, LineStyle, Lines};
use crate::live::style::LiveStyle;
use crate::live::units::UnitTracks;
use crate::live::{Offer, Selection};
use crate::look::Tokens;
use crate::net::{City, Routes};
use bevy::ecs::system::SystemParam;
use bevy::math::DVec2;
use bevy::prelude::*;
use chengtu_engine::geo::{LonLat, mercator_from_lon_lat};
use chengtu_engine::ids::UnitId;
use chengtu_engine::time::Timestamp;
use std::time::{Duration, Instant};

/// Lines of moving things are laid anew this often; the scene under the markers is drawn again each time.
const EVERY: Duration = Duration::from_millis(900);

/// When routes were laid last, and for whom.
#[derive(Resource, Default)]
pub(crate) struct RouteMemory {
    last: Option<(Selection, Offer, Instant)>,
    /// Times of the ways that are laid, so that a new one is shown at once.
    shown: Vec<(UnitId, Timestamp)>,
    frozen: Option<u64>,
}

fn style_of(tokens: &Tokens, key: &str, width_px: f32, dash_px: [f32; 2]) -> LineStyle {
    LineStyle {
        dash_px,
        ..LineStyle::plain(tokens.color(key), width_px)
    }
}

/// The route as it is offered or driven.
fn best(tokens: &Tokens) -> LineStyle {
    LineStyle {
        casing: (tokens.color("route.casing"), 2.0),
        chevrons: (tokens.color("route.chevron"), 22.0),
        ..LineStyle::plain(tokens.color("route.best"), tokens.number("stroke.route"))
    }
}

/// What routes are laid from.
#[derive(SystemParam)]
pub(in crate::live) struct Ways<'w> {
    city: Res<'w, City>,
    routes: Res<'w, Routes>,
    offer: Res<'w, Offer>,
    selection: Res<'w, Selection>,
    style: Res<'w, LiveStyle>,
    tokens: Res<'w, Tokens>,
    tracks: Res<'w, UnitTracks>,
}

/// Lays routes, the alternative, the air line and trails.
pub(in crate::live) fn lay(ways: Ways, mut memory: ResMut<RouteMemory>, mut lines: ResMut<Lines>) {
    let (offer, selection) = (*ways.offer, *ways.selection);
    let concerned = [offer.unit(), offer.detour(), selection.unit()];
    let known: Vec<(UnitId, Timestamp)> = concerned
        .iter()
        .flatten()
        .filter_map(|u| Some((*u, ways.routes.get(*u)?.at)))
        .collect();
    let due = memory
        .last
        .as_ref()
        .is_none_or(|(s, o, at)| *s != selection || *o != offer || at.elapsed() >= EVERY);
    if !due && memory.shown == known && memory.frozen == ways.city.frozen_frame() {
        return;
    }
    memory.frozen = ways.city.frozen_frame();
    memory.shown = known;
    memory.last = Some((selection, offer, Instant::now()));
    let mut out = Vec::new();
    out.extend(selection.unit().or(offer.sent).map(|u| ways.trail(u)));
    let case = offer.case.and_then(|id| ways.city.mirror.cases.get(&id));
    let place = case.map(|c| LonLat::new(c.lon, c.lat));
    if let (Some(unit), Some(place)) = (offer.detour(), place) {
        out.extend(ways.detour(unit, place));
    }
    out.extend(ways.best(place));
    out.retain(|l| l.course.len() > 1);
    lines.set("routes", out);
}

impl Ways<'_> {
    fn shown_at(&self, unit: UnitId) -> Option<DVec2> {
        let limits = self.style.glide_limits(self.city.blends());
        self.tracks.shown(unit, self.city.now(), limits)
    }

    /// Where a unit has been lately.
    fn trail(&self, unit: UnitId) -> Line {
        let known = self.city.mirror.units.get(&unit);
        let color = known.map_or(self.style.t3, |u| self.style.status(u.status).color);
        let now = self.city.now();
        let mut course: Vec<DVec2> = self
            .tracks
            .trail(unit)
            .filter(|(_, at)| now.seconds_since(*at) <= self.style.trail_s)
            .map(|(at, _)| at)
            .collect();
        course.extend(self.shown_at(unit));
        Line {
            course,
            style: LineStyle {
                fades: true,
                ..LineStyle::plain(color, self.tokens.number("stroke.trail"))
            },
            layer: LineLayer::Route,
        }
    }

    /// The way of the unit nearest by air, and the line that it would fly.
    fn detour(&self, unit: UnitId, place: LonLat) -> Vec<Line> {
        let mut out = Vec::new();
        if let Some(way) = self.routes.to(unit, place) {
            out.push(Line {
                course: remaining(&way.line, self.shown_at(unit)),
                style: style_of(&self.tokens, "route.alternative", 3.4, [7.0, 6.0]),
                layer: LineLayer::Route,
            });
        }
        if let Some(from) = self.shown_at(unit) {
            out.push(Line {
                course: vec![from, mercator_from_lon_lat(place).into()],
                style: style_of(&self.tokens, "route.air_line", 1.8, [2.0, 5.0]),
                layer: LineLayer::Above,
            });
        }
        out
    }

    /// The way of the unit that was sent, else of the one on offer, else of the one that is selected.
    fn best(&self, place: Option<LonLat>) -> Option<Line> {
        let (unit, to) = match (self.offer.sent, self.offer.unit(), place) {
            // On the scene there is no way left.
            (Some(sent), ..) => (sent, self.target(sent)?),
            (None, Some(unit), Some(place)) => (unit, place),
            _ => {
                let unit = self.selection.unit()?;
                (unit, self.target(unit)?)
            }
        };
        let way = self.routes.to(unit, to)?;
        Some(Line {
            course: remaining(&way.line, self.shown_at(unit)),
            style: best(&self.tokens),
            layer: LineLayer::Route,
        })
    }

    /// Where a unit is under way to.
    fn target(&self, unit: UnitId) -> Option<LonLat> {
        let assignment = self.city.mirror.units.get(&unit)?.assignment.as_ref()?;
        let under_way = assignment.arrived_at.is_none();
        under_way.then(|| LonLat::new(assignment.lon, assignment.lat))
    }
}

/// What is left of a way for a unit at `from`: the way from the point nearest to it on. A way that
/// passes nowhere near is drawn whole.
fn remaining(line: &[LonLat], from: Option<DVec2>) -> Vec<DVec2> {
    let course: Vec<DVec2> = line
        .iter()
        .map(|p| mercator_from_lon_lat(*p).into())
        .collect();
    let Some(from) = from else { return course };
    let mut nearest: Option<(f64, usize, DVec2)> = None;
    for (i, pair) in course.windows(2).enumerate() {
        let (a, b) = (pair[0], pair[1]);
        let d = b - a;
        let t = if d.length_squared() > 0.0 {
            ((from - a).dot(d) / d.length_squared()).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let at = a + d * t;
        let away = at.distance(from);
        if nearest.is_none_or(|(least, ..)| away < least) {
            nearest = Some((away, i, at));
        }
    }
    // About 150 m in mercator at middle latitudes.
    match nearest {
        Some((away, i, at)) if away < 4.5e-6 => std::iter::once(at)
            .chain(course[i + 1..].iter().copied())
            .collect(),
        _ => course,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_driven_is_cut_off_the_way() {
        let line: Vec<LonLat> = (0..=10)
            .map(|i| LonLat::new(118.78 + f64::from(i) * 1e-3, 32.04))
            .collect();
        let at = |lon, lat| Some(DVec2::from(mercator_from_lon_lat(LonLat::new(lon, lat))));
        let left = remaining(&line, at(118.7835, 32.0401));
        assert_eq!(left.len(), 8);
        assert!((left[0].x - at(118.7835, 32.04).unwrap().x).abs() < 1e-12);
        assert_eq!(remaining(&line, None).len(), 11);
        assert_eq!(
            remaining(&line, at(118.9, 32.2)).len(),
            11,
            "far from its way it is drawn whole"
        );
        assert!(remaining(&[], at(118.78, 32.04)).is_empty());
    }
}
