//! Roads that are closed in this world: their course, striped like a barrier, and a plate that says which road it is.

use super::MarkerScale;
use super::lines::{Line, LineLayer, LineStyle, Lines};
use super::paint::{Anchor, Letters, Pen, TextStyle};
use super::stage::Painter;
use super::style::LiveStyle;
use crate::camera::MapCamera;
use crate::i18n::{CityTime, Words};
use crate::look::Tokens;
use crate::net::City;
use crate::render::MapPhase;
use bevy::math::{DVec2, Rect, Vec2};
use bevy::prelude::{Res, ResMut};
use chengtu_engine::geo::{LonLat, mercator_from_lon_lat};
use chengtu_engine::stream::ClosedRoad;

/// Length of a stripe and of the gap to the next, logical pixels.
const STRIPE_PX: [f32; 2] = [11.0, 11.0];
/// How far the dark casing reaches on each side.
const CASING_PX: f32 = 2.0;
/// Height of a plate, its inset, and the radius of the sign on it.
const PLATE_H: f32 = 24.0;
const PAD: f32 = 8.0;
const SIGN: f32 = 7.5;
/// From the road to the edge of its plate.
const GAP: f32 = 12.0;
/// Places along a road that a plate is tried at, counted from the middle of what is seen of it.
const TRIED: usize = 24;

/// Lays the course of every closed road on the ground, and once more over what is built in front of it.
pub(super) fn lay(
    city: Res<City>,
    tokens: Res<Tokens>,
    marks: Res<LiveStyle>,
    scale: Res<MarkerScale>,
    mut lines: ResMut<Lines>,
) {
    let width_px = tokens.number("stroke.route") * scale.0;
    let [light, dark] = marks.closed;
    let ground = LineStyle {
        casing: (tokens.color("route.casing"), CASING_PX * scale.0),
        ..LineStyle::plain(dark, width_px)
    };
    let stripes = LineStyle {
        dash_px: STRIPE_PX.map(|px| px * scale.0),
        ..LineStyle::plain(light, width_px)
    };
    let roads = city.mirror.closed_roads.iter();
    let courses: Vec<Vec<DVec2>> = roads
        .flat_map(|r| r.lines.iter().map(|l| course(l)))
        .collect();
    // All grounds first: where two carriageways lie side by side, no casing covers the other's stripes.
    let line = |style: LineStyle| {
        move |course: &Vec<DVec2>| Line {
            course: course.clone(),
            style,
            layer: LineLayer::Route,
        }
    };
    let all = courses.iter().map(line(ground));
    let all = all.chain(courses.iter().map(line(stripes)));
    lines.set("closed roads", all.collect());
}

fn course(line: &[(f64, f64)]) -> Vec<DVec2> {
    let points = line.iter().map(|(lon, lat)| LonLat::new(*lon, *lat));
    points.map(|p| mercator_from_lon_lat(p).into()).collect()
}

/// What a plate says.
fn words_of(road: &ClosedRoad, words: &Words, time: &CityTime) -> String {
    let name = if road.name.is_empty() {
        words.t("map.road_unnamed")
    } else {
        &road.name
    };
    match road.until {
        Some(until) => words.f(
            "map.road_closed_until",
            &[("road", name), ("time", &time.hm(until))],
        ),
        None => words.f("map.road_closed", &[("road", name)]),
    }
}

/// Where the plate of a road may lie: beside the road, near the middle of what is seen of its longest stretch first.
fn places(camera: &MapCamera, road: &ClosedRoad, half: Vec2, scale: f32) -> Vec<Rect> {
    let screen = Rect::from_corners(Vec2::ZERO, camera.viewport);
    let mut seen: Vec<Vec<Vec2>> = road
        .lines
        .iter()
        .map(|line| along(camera, line, screen))
        .collect();
    seen.sort_by_key(|points| std::cmp::Reverse(points.len()));
    let away = half + GAP * scale;
    let sides = [
        Vec2::new(0.0, -away.y),
        Vec2::new(0.0, away.y),
        Vec2::new(away.x, 0.0),
        Vec2::new(-away.x, 0.0),
    ];
    let mut out = Vec::new();
    for points in seen {
        let middle = points.len() / 2;
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by_key(|i| i.abs_diff(middle));
        for i in order.into_iter().take(TRIED) {
            out.extend(sides.map(|side| Rect::from_center_half_size(points[i] + side, half)));
        }
    }
    out.retain(|r| screen.contains(r.min) && screen.contains(r.max));
    out
}

/// Distance between two places along a road, logical pixels.
const STEP_PX: f32 = 24.0;

/// Points along what is seen of a line, evenly apart on the screen.
fn along(camera: &MapCamera, line: &[(f64, f64)], screen: Rect) -> Vec<Vec2> {
    let at = |p: &(f64, f64)| {
        camera
            .screen_from_world(LonLat::new(p.0, p.1))
            .map(|s| s.pos)
    };
    let mut out = Vec::new();
    for pair in line.windows(2) {
        let (Some(a), Some(b)) = (at(&pair[0]), at(&pair[1])) else {
            continue;
        };
        let steps = ((a.distance(b) / STEP_PX) as usize).clamp(1, 400);
        let points = (0..=steps).map(|i| a.lerp(b, i as f32 / steps as f32));
        out.extend(points.filter(|p| screen.contains(*p)));
    }
    out
}

fn half_of(letters: &mut Letters, style: &LiveStyle, text: &str) -> Vec2 {
    let width = letters.width(text, style.row_px, true);
    Vec2::new((width + 2.0 * SIGN + 6.0) / 2.0 + PAD, PLATE_H / 2.0)
}

impl Painter<'_, '_, '_> {
    /// Plates that name closed roads. One that finds no room leaves the stripes to speak.
    pub(super) fn closed_roads(&mut self) {
        let shown = self.shown;
        let Some(letters) = self.laid.letters.as_deref_mut() else {
            return;
        };
        let (style, scale) = (&*shown.style, self.scale);
        let roads = &shown.city.mirror.closed_roads;
        if roads.is_empty() {
            return;
        }
        let time = shown.city.clock();
        let mut plates = Vec::new();
        for road in roads {
            let text = words_of(road, &shown.words, &time);
            let half = half_of(letters, style, &text) * scale;
            let places = places(&shown.camera, road, half, scale);
            if let Some(rect) = self.space.first_free(places) {
                plates.push((text, rect));
            }
        }
        let mut pen = Pen::new(self.laid.canvas.list(MapPhase::Cases), scale);
        for (text, rect) in &plates {
            plate(&mut pen, letters, style, text, *rect);
        }
        for (i, (_, rect)) in plates.into_iter().enumerate() {
            self.stands((8, i as u64), [rect]);
        }
    }
}

/// The sign of a road that nobody may enter, and the words.
fn plate(pen: &mut Pen<'_>, letters: &mut Letters, style: &LiveStyle, text: &str, rect: Rect) {
    let (scale, centre) = (pen.scale, rect.center());
    let half = rect.half_size() / scale;
    let [light, dark] = style.closed;
    pen.plate(centre, half, 6.0, style.panel, (dark, 1.4), [0.0; 2]);
    let sign = Vec2::new(rect.min.x + (PAD + SIGN) * scale, centre.y);
    pen.disc(sign, SIGN, dark);
    pen.rect(sign, Vec2::new(4.6, 1.5), 0.0, light);
    let at = sign + Vec2::X * ((SIGN + 6.0) * scale);
    let bold = TextStyle::new(style.row_px, style.t1).bold();
    pen.text(letters, at, text, bold, Anchor::Left);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::space::{Shape, Space};
    use chengtu_engine::time::Timestamp;

    fn road(name: &str) -> ClosedRoad {
        let line = |lat: f64| vec![(118.7800, lat), (118.7862, lat), (118.7900, lat + 0.002)];
        ClosedRoad {
            name: name.to_owned(),
            until: None,
            lines: vec![line(32.0440), line(32.0441)],
        }
    }

    fn camera() -> MapCamera {
        MapCamera {
            centre: mercator_from_lon_lat(LonLat::new(118.7862, 32.0440)).into(),
            zoom: 15.2,
            viewport: Vec2::new(900.0, 600.0),
            ..MapCamera::default()
        }
    }

    #[test]
    fn a_plate_names_its_road_beside_it_and_on_nothing_else() {
        let style = LiveStyle::new(&Tokens::shipped().unwrap());
        let mut letters = Letters::load().unwrap();
        let time = crate::panels::model::sample::time();
        let camera = camera();
        let screen = Rect::from_corners(Vec2::ZERO, camera.viewport);
        for (lang, expected) in [(Lang::Zh, "中山路 封闭"), (Lang::En, "中山路 closed")] {
            let words = Words::shipped(lang).unwrap();
            let text = words_of(&road("中山路"), &words, &time);
            assert_eq!(text, expected);
            assert!(!words_of(&road(""), &words, &time).contains('{'));
            let half = half_of(&mut letters, &style, &text);
            let all = places(&camera, &road("中山路"), half, 1.0);
            assert!(all.len() > 40, "{}", all.len());
            assert!(
                all.iter()
                    .all(|r| screen.contains(r.min) && screen.contains(r.max))
            );
            // Marks stand on the first places: the plate goes where there is room.
            let mut space = Space::default();
            let taken: Vec<Rect> = all.iter().take(6).copied().collect();
            for rect in &taken {
                space.claim(Shape::Rect(*rect));
            }
            let found = space.first_free(all).expect("room along the road");
            assert!(taken.iter().all(|t| t.intersect(found).is_empty()));
        }
    }

    #[test]
    fn a_road_off_the_screen_has_no_plate() {
        let far = ClosedRoad {
            lines: vec![vec![(119.5, 32.5), (119.51, 32.5)]],
            ..road("中山路")
        };
        assert!(places(&camera(), &far, Vec2::new(50.0, 12.0), 1.0).is_empty());
    }

    #[test]
    fn it_says_until_when_where_that_is_known() {
        let words = Words::shipped(Lang::Zh).unwrap();
        let time = crate::panels::model::sample::time();
        let until = ClosedRoad {
            until: Some(Timestamp(1_795_000_000_000_000)),
            ..road("中山路")
        };
        let text = words_of(&until, &words, &time);
        assert!(
            text.starts_with("中山路 封闭至 ") && text.contains(':'),
            "{text}"
        );
    }

    #[test]
    fn its_course_is_striped_and_gone_when_it_is_opened() {
        let mut app = bevy::app::App::new();
        app.init_resource::<City>()
            .init_resource::<Lines>()
            .insert_resource(MarkerScale(1.0))
            .insert_resource(LiveStyle::new(&Tokens::shipped().unwrap()))
            .insert_resource(Tokens::shipped().unwrap())
            .add_systems(bevy::app::Update, lay);
        let set = |app: &mut bevy::app::App, roads: Vec<ClosedRoad>| {
            let mut city = app.world_mut().resource_mut::<City>();
            city.mirror.closed_roads = roads;
            app.update();
            let lines = app.world().resource::<Lines>();
            lines.iter().cloned().collect::<Vec<Line>>()
        };
        let lines = set(&mut app, vec![road("中山路")]);
        // Two carriageways, each with its ground and its stripes on top.
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0].style.dash_px, [0.0; 2]);
        assert_eq!(lines[3].style.dash_px, STRIPE_PX);
        assert!(lines[0].style.color != lines[3].style.color && lines[0].course.len() == 3);
        assert!(set(&mut app, vec![]).is_empty());
    }
}
