//! Where officers were looking, in a replay: the outline of the ground on each one's screen, with their name.

use super::paint::{Anchor, Letters, Pen, TextStyle};
use super::style::LiveStyle;
use super::{LayerVisibility, Line, LineLayer, LineStyle, Lines, MarkerScale, words};
use crate::camera::MapCamera;
use crate::facts::desk::desk_name;
use crate::i18n::Words;
use crate::net::City;
use crate::space::Space;
use bevy::math::{DVec2, Rect, Vec2};
use bevy::prelude::{Res, ResMut};
use chengtu_engine::geo::{LonLat, Viewport, mercator_from_lon_lat};
use chengtu_engine::replay::OfficerView;
use chengtu_engine::time::Timestamp;

/// Width of an outline, logical pixels; quieter than anything that was found or asked for.
const LINE_PX: f32 = 1.4;
const DASH_PX: [f32; 2] = [7.0, 5.0];
/// Points on each side: under pitch parts of a side may lie behind the camera.
const STEPS: usize = 16;
/// A view that is older says how old, seconds.
const RECENT_S: f64 = 60.0;

/// Lays the outlines.
pub(super) fn lay(
    city: Res<City>,
    layers: Res<LayerVisibility>,
    style: Res<LiveStyle>,
    scale: Res<MarkerScale>,
    mut lines: ResMut<Lines>,
) {
    let shown = shown(&city, &layers);
    let style = LineStyle {
        casing: (style.marker_body.with_alpha(0.5), 1.0),
        dash_px: DASH_PX.map(|px| px * scale.0),
        ..LineStyle::plain(style.view, LINE_PX * scale.0)
    };
    let line = |view: &OfficerView| Line {
        course: outline(&view.viewport),
        style,
        layer: LineLayer::Above,
    };
    lines.set("views", shown.iter().map(line).collect());
}

/// Views to draw: all that were received, or none while the layer is off.
pub(super) fn shown<'a>(city: &'a City, layers: &LayerVisibility) -> &'a [OfficerView] {
    if layers.views {
        city.beside().views()
    } else {
        &[]
    }
}

/// Once around a view from its north-west, mercator.
fn outline(v: &Viewport) -> Vec<DVec2> {
    let corners = [
        (v.west, v.north),
        (v.east, v.north),
        (v.east, v.south),
        (v.west, v.south),
    ]
    .map(|(lon, lat)| {
        let place = LonLat::new(lon.clamp(-180.0, 180.0), lat.clamp(-85.0, 85.0));
        DVec2::from(mercator_from_lon_lat(place))
    });
    let side = |i: usize| {
        let (a, b) = (corners[i], corners[(i + 1) % 4]);
        (0..STEPS).map(move |k| a.lerp(b, k as f64 / STEPS as f64))
    };
    (0..4).flat_map(side).chain([corners[0]]).collect()
}

/// Where on its outline a view's name lies, and which way is into the view: a corner, or else the first point that
/// can be seen and lets the text lie within the window.
fn places(points: &[DVec2], camera: &MapCamera, window: Rect) -> Vec<(Vec2, Vec2)> {
    let on_screen: Vec<Option<Vec2>> = points
        .iter()
        .map(|p| camera.screen_from_mercator(*p).map(|p| p.pos))
        .collect();
    let inwards = points
        .first()
        .zip(points.get(2 * STEPS))
        .and_then(|(a, b)| camera.screen_from_mercator((*a + *b) / 2.0))
        .map_or(window.center(), |p| p.pos);
    let corners = (0..4).map(|i| i * STEPS);
    let others = (0..points.len()).filter(|i| i % STEPS != 0);
    corners
        .chain(others)
        .filter_map(|i| on_screen.get(i).copied().flatten())
        .filter(|at| window.contains(*at))
        .map(|at| {
            let way = inwards - at;
            (at, Vec2::new(way.x.signum(), way.y.signum()))
        })
        .collect()
}

/// Paints the names, each inside its view; returns their rectangles.
pub(super) fn names(
    pen: &mut Pen<'_>,
    letters: &mut Letters,
    style: &LiveStyle,
    (camera, window, space): (&MapCamera, Rect, &mut Space),
    (views, now, w): (&[OfficerView], Timestamp, &Words),
) -> Vec<Rect> {
    let mut taken: Vec<Rect> = Vec::new();
    for view in views {
        let age_s = now.seconds_since(view.time);
        let text = if age_s > RECENT_S {
            format!("{} · {}", desk_name(&view.by, w), words::age(age_s))
        } else {
            desk_name(&view.by, w)
        };
        let scale = pen.scale;
        let half = Vec2::new(
            letters.width(&text, style.small_px * scale, false) / 2.0 + 7.0 * scale,
            10.0 * scale,
        );
        let rect_at = |(at, way): (Vec2, Vec2)| {
            let middle = at + way * (half + Vec2::splat(4.0 * scale));
            Rect::from_center_half_size(middle, half)
        };
        let inside = |r: &Rect| window.contains(r.min) && window.contains(r.max);
        let all = places(&outline(&view.viewport), camera, window);
        let places = all.into_iter().map(rect_at).filter(inside);
        let Some(rect) = space.first_free(places) else {
            continue;
        };
        // A plate, so that it reads as no name of a place.
        let line = (style.view.with_alpha(0.55), 1.0);
        let middle = rect.center();
        pen.plate(middle, half / scale, 4.0, style.marker_body, line, [0.0; 2]);
        let text_style = TextStyle::new(style.small_px, style.view);
        pen.text(letters, middle, &text, text_style, Anchor::Middle);
        taken.push(rect);
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::look::Tokens;
    use crate::panels::model::sample::{self, NOW};
    use bevy::prelude::*;
    use chengtu_engine::record::World as CityWorld;
    use chengtu_engine::stream::ServerMessage;
    use std::time::Instant;

    fn app() -> App {
        let mut app = App::new();
        app.init_resource::<City>()
            .init_resource::<LayerVisibility>()
            .init_resource::<Lines>()
            .insert_resource(MarkerScale(1.0))
            .insert_resource(LiveStyle::new(&Tokens::shipped().unwrap()))
            .add_systems(Update, lay);
        app
    }

    fn lines_after(app: &mut App, message: &ServerMessage) -> Vec<Line> {
        let mut city = app.world_mut().resource_mut::<City>();
        let _ = city.take(message, Instant::now());
        app.update();
        app.world().resource::<Lines>().iter().cloned().collect()
    }

    #[test]
    fn each_message_replaces_the_outlines_and_leaving_the_replay_takes_them_away() {
        let mut app = app();
        let clock = Some(sample::clock(NOW, 1.0, false));
        lines_after(&mut app, &sample::entered(CityWorld::Replay(1), clock));
        let views = |n: usize| ServerMessage::Views {
            list: sample::views().into_iter().take(n).collect(),
        };
        let both = lines_after(&mut app, &views(2));
        assert_eq!(both.len(), 2);
        assert_eq!(both[0].course.first(), both[0].course.last());
        assert_eq!(lines_after(&mut app, &views(1)), both[..1]);
        app.world_mut().resource_mut::<LayerVisibility>().views = false;
        assert!(lines_after(&mut app, &views(2)).is_empty(), "switched off");
        app.world_mut().resource_mut::<LayerVisibility>().views = true;
        assert_eq!(lines_after(&mut app, &views(2)).len(), 2);
        let left = lines_after(&mut app, &sample::entered(CityWorld::Live, None));
        assert!(left.is_empty(), "nothing of it in the running city");
    }

    fn named(zoom: f64) -> Vec<Rect> {
        let camera = MapCamera {
            centre: mercator_from_lon_lat(LonLat::new(118.782, 32.043)).into(),
            zoom,
            ..MapCamera::default()
        };
        let window = Rect::from_corners(Vec2::ZERO, camera.viewport);
        let style = LiveStyle::new(&Tokens::shipped().unwrap());
        let (mut list, mut letters) = (Vec::new(), Letters::load().unwrap());
        let mut pen = Pen::new(&mut list, 1.0);
        let views = sample::views();
        names(
            &mut pen,
            &mut letters,
            &style,
            (&camera, window, &mut Space::default()),
            (&views, NOW, &Words::shipped(Lang::Zh).unwrap()),
        )
    }

    #[test]
    fn a_name_stands_inside_its_view_wherever_a_part_of_the_outline_can_be_seen() {
        let whole = named(13.5);
        assert_eq!(whole.len(), 2);
        assert!(whole[0].intersect(whole[1]).is_empty());
        // Zoomed in, only one side of the nearer view is left on the screen; then none of it.
        assert_eq!(named(15.0).len(), 2);
        assert!(named(19.0).is_empty());
    }
}
