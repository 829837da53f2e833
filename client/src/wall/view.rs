//! What a wall shows of the city: all of it, moved and widened where what it ranks, or the place of the alarm that
//! shouts, would lie outside or under a plate.

use super::WallOptions;
use super::draw::WallState;
use super::layout::MARK;
use crate::basemap::TileSource;
use crate::camera::{At, Flight, MapCamera, MapWindow, TILE_PX};
use crate::facts::alarm::shouting;
use crate::facts::hotspot::RANKED;
use crate::net::City;
use crate::output::Output;
use bevy::math::DVec2;
use bevy::prelude::*;
use chengtu_engine::geo::{LonLat, lon_lat_from_mercator, mercator_from_lon_lat};
use chengtu_engine::ids::AlarmId;
use std::time::{Duration, Instant};

/// Shortest time between two moves, but for a new alarm: a wall stands still.
const REST: Duration = Duration::from_secs(20);
/// A view that is wider by so many zooms than it need be is narrowed after so long.
const TOO_WIDE: f64 = 0.35;
const NARROW_AFTER: Duration = Duration::from_mins(2);

/// A look straight down, north up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    /// What lies in the middle of the map's part of the screen, mercator.
    middle: DVec2,
    zoom: f64,
}

/// The part of a wall that its map has, and what of it neither plate nor attribution covers; logical pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Room {
    pub(super) map: Rect,
    pub(super) free: Rect,
}

/// Corners in mercator, north-west and south-east.
type Extent = [DVec2; 2];

/// Where the wall looks.
#[derive(Resource, Debug, Default)]
pub(super) struct WallView {
    look: Option<Look>,
    /// Since when it looks there; none until the city is known, when it looks anew at once.
    since: Option<Instant>,
    room: Option<Room>,
    alarm: Option<AlarmId>,
}

impl Look {
    /// The city fills the map, and what reaches beyond its narrower side is cut, not shown as empty ground; what must be
    /// seen lies in the free room. No wider and no farther from the city's middle than that takes.
    pub(super) fn of(city: Extent, must: Option<Extent>, room: Room) -> Self {
        let size = (city[1] - city[0]).abs().max(DVec2::splat(1e-9));
        let middle = (city[0] + city[1]) / 2.0;
        let fill = (room.map.size().as_dvec2() / (size * TILE_PX)).max_element();
        let Some(must) = must else {
            let zoom = fill.log2();
            return Self { middle, zoom };
        };
        let needs = (must[1] - must[0]).abs().max(DVec2::splat(1e-12)) * TILE_PX;
        let fits = (room.free.size().as_dvec2().max(DVec2::ONE) / needs).min_element();
        let look = Self {
            middle,
            zoom: fill.min(fits).log2(),
        };
        let [a, b] = look.seen(must, room);
        let (min, max) = (room.free.min.as_dvec2(), room.free.max.as_dvec2());
        // At most one of the two is needed in each direction.
        let shift = (min - a).max(DVec2::ZERO) + (max - b).min(DVec2::ZERO);
        Self {
            middle: middle - shift / look.world_px(),
            ..look
        }
    }

    fn world_px(&self) -> f64 {
        TILE_PX * self.zoom.exp2()
    }

    /// Corners of an extent on the screen.
    fn seen(&self, extent: Extent, room: Room) -> Extent {
        extent.map(|p| room.map.center().as_dvec2() + (p - self.middle) * self.world_px())
    }

    /// True where all of an extent lies in the free room.
    fn holds(&self, extent: Option<Extent>, room: Room) -> bool {
        extent.is_none_or(|extent| {
            let [a, b] = self.seen(extent, room);
            let slack = DVec2::splat(1.0);
            a.cmpge(room.free.min.as_dvec2() - slack).all()
                && b.cmple(room.free.max.as_dvec2() + slack).all()
        })
    }
}

/// Looks at the whole city, unless a view was given; moves when something that is ranked, or the place of the alarm,
/// would not be seen.
pub(super) fn follow(
    (options, output): (Res<WallOptions>, Option<Res<Output>>),
    (city, state): (Res<City>, Res<WallState>),
    (window, map): (Res<MapWindow>, Option<Res<TileSource>>),
    mut camera: ResMut<MapCamera>,
    mut flight: ResMut<Flight>,
    mut view: ResMut<WallView>,
) {
    let (Some(hello), Some(room), Some(_)) = (&city.mirror.hello, state.room, map) else {
        return;
    };
    if options.look_given || !window.is_settled(&camera) || room.map.size().min_element() < 64.0 {
        return;
    }
    let (west, south, east, north) = hello.city.bounds;
    let bounds = [mercator(west, north), mercator(east, south)];
    let alarm = shouting(&city.mirror);
    let places = alarm.map(|a| mercator(a.lon, a.lat));
    let must = extent(ranked(&city).chain(places));
    let wanted = Look::of(bounds, must, with_margin(room));
    // A moment that stands, and a picture, are the same however they were reached.
    let pictured = city.frozen_frame().is_some() || output.is_some_and(|o| o.is_still());
    let at_once = pictured || view.since.is_none();
    let now = Instant::now();
    if !at_once && !view.must_move(wanted, must, room, alarm.map(|a| a.id), now) {
        return;
    }
    if view.look != Some(wanted) || at_once {
        let place = lon_lat_from_mercator(wanted.middle.into());
        if at_once {
            let at = At {
                lon_deg: place.lon_deg,
                lat_deg: place.lat_deg,
                zoom: wanted.zoom,
                pitch_deg: 0.0,
                bearing_deg: 0.0,
            };
            flight.stop();
            camera.look_at(&window, at);
        } else {
            flight.fly_to(
                &camera,
                &window,
                place,
                Some(wanted.zoom),
                Some(0.0),
                Some(0.0),
            );
        }
    }
    *view = WallView {
        look: Some(wanted),
        since: city.is_ready().then_some(now),
        room: Some(room),
        alarm: alarm.map(|a| a.id),
    };
}

impl WallView {
    fn must_move(
        &mut self,
        wanted: Look,
        must: Option<Extent>,
        room: Room,
        alarm: Option<AlarmId>,
        now: Instant,
    ) -> bool {
        let (Some(look), Some(since)) = (self.look, self.since) else {
            return true;
        };
        if self.room.is_some_and(|r| r.map != room.map) {
            return true;
        }
        let stood = now.saturating_duration_since(since);
        let another = alarm.is_some() && alarm != self.alarm;
        if look.holds(must, room) {
            return wanted.zoom - look.zoom > TOO_WIDE && stood >= NARROW_AFTER;
        }
        another || stood >= REST
    }
}

/// Corners of the areas whose ranks are listed, mercator.
fn ranked(city: &City) -> impl Iterator<Item = DVec2> + '_ {
    let areas = city.mirror.hotspots.iter().take(RANKED);
    let corners = areas.flat_map(|a| a.outline.iter().flatten().copied().chain([a.centre]));
    corners.map(|(lon, lat)| mercator(lon, lat))
}

fn extent(points: impl Iterator<Item = DVec2>) -> Option<Extent> {
    points
        .map(|p| [p, p])
        .reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])
}

fn mercator(lon_deg: f64, lat_deg: f64) -> DVec2 {
    mercator_from_lon_lat(LonLat::new(lon_deg, lat_deg)).into()
}

/// What must be seen stands off the edges by the half of an alarm's mark and a little more.
fn with_margin(room: Room) -> Room {
    let mark_px = 1.25 * MARK * room.map.height() / 1_992.0;
    let margin = mark_px.min(room.free.size().min_element() * 0.2);
    Room {
        free: room.free.inflate(-margin),
        ..room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room {
        map: Rect {
            min: Vec2::ZERO,
            max: Vec2::new(1_352.0, 996.0),
        },
        free: Rect {
            min: Vec2::new(0.0, 190.0),
            max: Vec2::new(1_352.0, 940.0),
        },
    };
    const CITY: Extent = [DVec2::new(0.8517, 0.3555), DVec2::new(0.8524, 0.3562)];

    fn part(x: [f64; 2], y: [f64; 2]) -> Extent {
        let at = |x, y| CITY[0] + (CITY[1] - CITY[0]) * DVec2::new(x, y);
        [at(x[0], y[0]), at(x[1], y[1])]
    }

    /// It listed five areas and showed the second alone: the first lay above its edge, the third under its plate.
    #[test]
    fn whatever_is_ranked_lies_in_the_free_room() {
        for i in 0..=20 {
            for j in 0..=20 {
                for size in [0.0, 0.05, 0.4, 1.0] {
                    let (x, y) = (f64::from(i) / 20.0, f64::from(j) / 20.0);
                    let end = |v: f64| (v + size).min(1.0);
                    let must = Some(part([x, end(x)], [y, end(y)]));
                    let look = Look::of(CITY, must, ROOM);
                    assert!(look.holds(must, ROOM), "{x} {y} {size}: {look:?}");
                    let fill = Look::of(CITY, None, ROOM);
                    assert!(look.zoom <= fill.zoom);
                    // Where filling the map does, it fills it.
                    let small = size <= 0.4;
                    assert!(!small || look.zoom == fill.zoom, "{x} {y} {size}");
                }
            }
        }
    }

    #[test]
    fn without_anything_ranked_the_city_fills_the_map_and_is_in_its_middle() {
        let look = Look::of(CITY, None, ROOM);
        let [a, b] = look.seen(CITY, ROOM);
        assert!((b.x - a.x - 1_352.0).abs() < 1.0 || (b.y - a.y - 996.0).abs() < 1.0);
        assert!(
            b.x - a.x >= 1_351.0 && b.y - a.y >= 995.0,
            "nothing is empty"
        );
        assert_eq!(look.middle, (CITY[0] + CITY[1]) / 2.0);
        assert_eq!(
            Look::of(CITY, Some(part([0.4, 0.6], [0.45, 0.6])), ROOM),
            look
        );
    }

    #[test]
    fn it_stands_still_until_something_is_not_seen_and_follows_an_alarm_at_once() {
        let inside = Some(part([0.4, 0.6], [0.4, 0.6]));
        let outside = Some(part([0.1, 0.2], [0.0, 0.02]));
        let begun = Instant::now();
        let later = |s: u64| begun + Duration::from_secs(s);
        let look = Look::of(CITY, inside, ROOM);
        let wanted = Look::of(CITY, outside, ROOM);
        let view = || WallView {
            look: Some(look),
            since: Some(begun),
            room: Some(ROOM),
            alarm: None,
        };
        let moves = |must, alarm, s| view().must_move(wanted, must, ROOM, alarm, later(s));
        assert!(!moves(inside, None, 1_000));
        assert!(!moves(outside, None, 3), "not twice in a short time");
        assert!(moves(outside, None, 30));
        assert!(
            moves(outside, Some(AlarmId(1)), 3),
            "an alarm does not wait"
        );
        assert!(
            !moves(inside, Some(AlarmId(1)), 3),
            "it is seen where it is"
        );
        // A view that became too wide is narrowed, late.
        let wide = Look {
            zoom: look.zoom - 1.0,
            ..look
        };
        let mut view = WallView {
            look: Some(wide),
            ..view()
        };
        assert!(!view.must_move(look, inside, ROOM, None, later(30)));
        assert!(view.must_move(look, inside, ROOM, None, later(300)));
    }
}
