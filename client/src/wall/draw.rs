use super::WallOptions;
use super::layout::WallLayout;
use super::model::{self, TickerLine};
use crate::basemap::TileSource;
use crate::camera::{CameraKeys, MapCamera, MapWindow};
use crate::facts::alarm::shouting;
use crate::i18n::{CityTime, Words};
use crate::labels::Obstacles;
use crate::look::Tokens;
use crate::net::City;
use crate::panels::model::figures::{Figures, figures};
use crate::panels::skin::Skin;
use crate::panels::world::WorldLook;
use crate::panels::{Pen, span};
use crate::readiness::Readiness;
use crate::render::MapDimming;
use bevy::ecs::system::SystemParam;
use bevy::math::DVec2;
use bevy::prelude::*;
use bevy_egui::EguiContexts;
use bevy_egui::egui::{
    self, Color32, CornerRadius, Id, LayerId, Order, Painter, Rect as Area, Shape, Stroke, pos2,
    vec2,
};
use chengtu_engine::city::Severity;
use chengtu_engine::geo::{LonLat, mercator_from_lon_lat};
use chengtu_engine::ids::AlarmId;
use chengtu_engine::stream::AlarmView;
use std::time::Instant;

/// What the wall remembers: since when which alarm is shown.
#[derive(Resource, Debug, Default)]
pub struct WallState {
    alarm: Option<(AlarmId, Instant)>,
}

/// Shows the whole city, unless a view was given: once, as soon as the city is known and the map has its place.
pub fn fit(
    options: Res<WallOptions>,
    city: Res<City>,
    window: Res<MapWindow>,
    map: Option<Res<TileSource>>,
    mut camera: ResMut<MapCamera>,
    mut done: Local<bool>,
) {
    let (Some(hello), Some(free), Some(_)) = (&city.mirror.hello, window.rect, map) else {
        return;
    };
    if *done
        || options.look_given
        || !window.is_settled(&camera)
        || free.size().min_element() < 64.0
    {
        return;
    }
    *done = true;
    let (west, south, east, north) = hello.city.bounds;
    let corner = |lon, lat| DVec2::from(mercator_from_lon_lat(LonLat::new(lon, lat)));
    let (a, b) = (corner(west, north), corner(east, south));
    let size = (b - a).abs().max(DVec2::splat(1e-9));
    // The city fills the map; what reaches beyond its narrower side is cut, not shown as empty ground.
    camera.zoom = (free.size().as_dvec2() / (size * 512.0))
        .max_element()
        .log2();
    (camera.pitch_deg, camera.bearing_deg) = (0.0, 0.0);
    camera.limit();
    camera.pin((a + b) / 2.0, free.center());
    camera.limit();
}

/// Everything drawn on a wall has its size in this.
struct Wall<'a> {
    layout: WallLayout,
    skin: &'a Skin,
    words: &'a Words,
    city: &'a City,
    time: CityTime,
    type_px: [f32; 6],
}

const FIGURE: usize = 0;
const ALARM: usize = 1;
const CLOCK: usize = 2;
const RANK: usize = 3;
const BODY: usize = 4;
const MIN: usize = 5;
const LEVELS: [&str; 6] = [
    "type.wall.figure",
    "type.wall.alarm",
    "type.wall.clock",
    "type.wall.rank",
    "type.wall.body",
    "type.wall.min",
];

impl Wall<'_> {
    fn px(&self, v: f32) -> f32 {
        v * self.layout.scale
    }

    fn size(&self, level: usize) -> f32 {
        self.type_px[level] * self.layout.scale
    }
}

/// What the wall is drawn from.
#[derive(SystemParam)]
pub struct Sources<'w> {
    city: Res<'w, City>,
    skin: Res<'w, Skin>,
    words: Res<'w, Words>,
    tokens: Res<'w, Tokens>,
    camera: Res<'w, MapCamera>,
}

/// What the map learns from the wall.
#[derive(SystemParam)]
pub struct Ground<'w> {
    window: ResMut<'w, MapWindow>,
    keys: ResMut<'w, CameraKeys>,
    obstacles: ResMut<'w, Obstacles>,
    dimming: ResMut<'w, MapDimming>,
    readiness: ResMut<'w, Readiness>,
}

/// Draws the wall.
pub fn draw(
    mut contexts: EguiContexts,
    sources: Sources,
    mut ground: Ground,
    mut state: ResMut<WallState>,
) -> Result {
    let ctx = contexts.ctx_mut()?.clone();
    let (city, skin, tokens) = (&*sources.city, &*sources.skin, &*sources.tokens);
    let world = WorldLook::new(tokens, city.world());
    let layout = WallLayout::new(ctx.content_rect().size(), world.frame);
    let wall = Wall {
        layout,
        skin,
        words: &sources.words,
        city,
        time: city.clock(),
        type_px: LEVELS.map(|key| tokens.text(key)[0]),
    };
    let painter = ctx.layer_painter(LayerId::new(Order::Middle, Id::new("wall")));
    let figures = figures(&city.mirror, &wall.time, city.now(), skin.offline_s);
    column(&painter, &wall, &world, &figures);
    ticker(&painter, &wall);
    let attribution = attribution(&painter, &wall);
    let mut rects = vec![layout.column, layout.ticker, attribution];
    let alarm = state.show_alarm(city);
    let dim = alarm.map_or(0.0, |(alarm, shown_s)| {
        rects.insert(0, layout.plate);
        draw_alarm(&painter, &wall, &sources, alarm, shown_s)
    });
    world.draw(&ctx, skin, layout.screen, layout.frame);
    if ground.dimming.darken != dim {
        ground.dimming.darken = dim;
    }
    let rect = |r: Area| Rect::new(r.min.x, r.min.y, r.max.x, r.max.y);
    if ground.window.rect != Some(rect(layout.map)) {
        ground.window.rect = Some(rect(layout.map));
    }
    let covered = rects.into_iter().map(rect).collect();
    ground.obstacles.set("panels", covered);
    ground.keys.enabled = false;
    let ready = alarm.is_none_or(|(_, shown_s)| shown_s > 1.0);
    ground.readiness.set("panels", ready);
    ctx.request_repaint();
    Ok(())
}

impl WallState {
    /// The alarm that may shout, where there is one, and for how many seconds it has been shown.
    fn show_alarm<'c>(&mut self, city: &'c City) -> Option<(&'c AlarmView, f32)> {
        let alarm = shouting(&city.mirror);
        if self.alarm.map(|(id, _)| id) != alarm.map(|a| a.id) {
            self.alarm = alarm.map(|a| (a.id, Instant::now()));
        }
        let since = self.alarm.map(|(_, since)| since.elapsed().as_secs_f32());
        // A paused moment shows all of it at once.
        let frozen = city.frozen_frame().is_some();
        let shown_s = if frozen {
            f32::MAX
        } else {
            since.unwrap_or(0.0)
        };
        alarm.map(|a| (a, shown_s))
    }
}

/// Plate, then leader, then the map dims, each in its own time. Returns the share of its light that the map loses.
fn draw_alarm(
    painter: &Painter,
    wall: &Wall<'_>,
    sources: &Sources,
    alarm: &AlarmView,
    shown_s: f32,
) -> f32 {
    let plate_s = sources.tokens.seconds("motion.alarm_wall_in").max(0.01);
    plate(painter, wall, alarm, (shown_s / plate_s).min(1.0));
    let place = LonLat::new(alarm.lon, alarm.lat);
    let target = sources.camera.screen_from_world(place);
    if let Some(p) = target.filter(|_| shown_s > plate_s) {
        let share = ((shown_s - plate_s) / 0.2).min(1.0);
        leader(painter, wall, pos2(p.pos.x, p.pos.y), share);
    }
    0.32 * ((shown_s - plate_s - 0.2) / 0.4).clamp(0.0, 1.0)
}

fn column(painter: &Painter, w: &Wall<'_>, world: &WorldLook, f: &Figures) {
    let pen = Pen {
        painter,
        skin: w.skin,
    };
    let (skin, _words) = (w.skin, w.words);
    let ground = Area::from_min_max(
        pos2(w.layout.map.max.x, 0.0),
        pos2(w.layout.screen.max.x, w.layout.ticker.min.y),
    );
    painter.rect_filled(ground, CornerRadius::ZERO, skin.base);
    let (x, right) = (w.layout.column.min.x, w.layout.column.max.x);
    let line = |y: f32| pen.hline(x, right, w.px(y), skin.line);
    let word_font = skin.bold_px(w.px(60.0));
    let word = Area::from_min_size(
        pos2(x, w.px(64.0)),
        vec2(
            pen.width(world.short_words(), word_font.clone()) + w.px(72.0),
            w.px(104.0),
        ),
    );
    painter.rect_filled(word, CornerRadius::same(w.px(12.0) as u8), world.color);
    pen.centre(word.center(), world.short_words(), word_font, skin.on_light);
    pen.right(
        pos2(right, w.px(120.0)),
        &w.time.hms(w.city.now()),
        skin.bold_px(w.size(CLOCK)),
        skin.t1,
    );
    line(226.0);
    for (i, figure) in wall_figures(w, f).into_iter().enumerate() {
        let y = 350.0 + 248.0 * i as f32;
        draw_figure(&pen, w, f, &figure, i == 2, y);
        line(226.0 + 248.0 * (i + 1) as f32 + if i == 2 { 16.0 } else { 0.0 });
    }
    ranking(&pen, w, x, right);
}

/// Key of its words, value, unit, colour of the value.
type WallFigure = (&'static str, String, String, Color32);

fn wall_figures(w: &Wall<'_>, f: &Figures) -> [WallFigure; 3] {
    let (skin, words) = (w.skin, w.words);
    let percent = f.closing.percent();
    let overdue = crate::panels::model::figures::Rate {
        part: f.overdue,
        whole: f.open,
    }
    .percent();
    [
        (
            "figure.open",
            f.open.to_string(),
            words.t("figure.cases").to_string(),
            skin.t1,
        ),
        (
            "figure.overdue",
            f.overdue.to_string(),
            overdue.map_or(String::new(), |p| format!("{p} %")),
            if f.overdue > 0 {
                skin.late_wall
            } else {
                skin.t1
            },
        ),
        (
            "figure.closing",
            percent.clone().unwrap_or_else(|| "—".into()),
            percent.map_or(String::new(), |_| "%".into()),
            if f.closing.is_too_few() {
                skin.wall_t2
            } else {
                skin.t1
            },
        ),
    ]
}

/// A figure with its words on the left and its unit on its baseline; below the share of closings what it is made of.
fn draw_figure(
    pen: &Pen<'_>,
    w: &Wall<'_>,
    f: &Figures,
    (label, value, unit, color): &WallFigure,
    is_closing: bool,
    y: f32,
) {
    let skin = w.skin;
    let (x, right) = (w.layout.column.min.x, w.layout.column.max.x);
    let (body, small) = (skin.regular_px(w.size(BODY)), skin.regular_px(w.size(MIN)));
    pen.left(pos2(x, w.px(y)), w.words.t(label), body, skin.wall_t2);
    let value_right = right - w.px(200.0);
    let font = skin.bold_px(w.size(FIGURE));
    pen.right(pos2(value_right, w.px(y)), value, font, *color);
    let baseline = w.px(y) + 0.375 * (w.size(FIGURE) - w.size(MIN));
    let at = pos2(value_right + w.px(28.0), baseline);
    pen.left(at, unit, small.clone(), skin.wall_t2);
    if is_closing {
        let of = format!("{} / {}", f.closing.part, f.closing.whole);
        pen.left(pos2(x, w.px(y + 76.0)), &of, small, skin.wall_t2);
    }
}

fn ranking(pen: &Pen<'_>, w: &Wall<'_>, x: f32, right: f32) {
    let (skin, words) = (w.skin, w.words);
    let top = 1_052.0;
    pen.left(
        pos2(x, w.px(top)),
        words.t("hotspots.title"),
        skin.bold_px(w.size(BODY)),
        skin.t1,
    );
    let counts = right - w.px(216.0);
    pen.right(
        pos2(counts, w.px(top)),
        words.t("hotspots.cases"),
        skin.regular_px(w.size(MIN)),
        skin.wall_t2,
    );
    pen.right(
        pos2(right, w.px(top)),
        words.t("hotspots.since"),
        skin.regular_px(w.size(MIN)),
        skin.wall_t2,
    );
    pen.hline(x, right, w.px(1_108.0), skin.line);
    let spots = &w.city.mirror.hotspots;
    if spots.is_empty() {
        pen.left(
            pos2(x, w.px(1_200.0)),
            words.t("hotspots.none_short"),
            skin.regular_px(w.size(MIN)),
            skin.wall_t2,
        );
    }
    for (i, h) in spots.iter().take(5).enumerate() {
        let y = w.px(1_200.0 + 172.0 * i as f32);
        pen.left(
            pos2(x, y),
            &h.rank.to_string(),
            skin.bold_px(w.size(RANK)),
            skin.contour,
        );
        let count_x = pen.right(
            pos2(counts, y),
            &h.cases.to_string(),
            skin.bold_px(w.size(RANK)),
            skin.t1,
        );
        let name_x = x + w.px(104.0);
        pen.left_within(
            pos2(name_x, y),
            count_x - w.px(24.0) - name_x,
            &h.name.replace(" · ", " "),
            skin.bold_px(w.size(BODY)),
            skin.t1,
        );
        pen.right(
            pos2(right, y),
            &w.time.hm(h.since),
            skin.regular_px(w.size(MIN)),
            skin.wall_t2,
        );
        if i < 4 && i + 1 < spots.len() {
            pen.hline(x, right, y + w.px(86.0), skin.line);
        }
    }
}

fn ticker(painter: &Painter, w: &Wall<'_>) {
    let (skin, r) = (w.skin, w.layout.ticker);
    let pen = Pen { painter, skin };
    painter.rect_filled(r, CornerRadius::ZERO, skin.panel);
    pen.hline(r.min.x, r.max.x, r.min.y, skin.line);
    let lines: Vec<TickerLine> = model::ticker(&w.city.mirror, w.city.now(), w.words, 6);
    let mut x = r.min.x + w.px(64.0);
    let y = r.center().y;
    for line in lines {
        let time = w.time.when(line.at, w.city.now());
        let (small, body) = (skin.regular_px(w.size(BODY)), skin.regular_px(w.size(BODY)));
        let width =
            pen.width(&time, small.clone()) + w.px(110.0) + pen.width(&line.text, body.clone());
        if x + width > r.max.x - w.px(48.0) {
            // A line that does not fit waits until the lines before it have left the ticker.
            if x == r.min.x + w.px(64.0) {
                pen.left_within(
                    pos2(x, y),
                    r.max.x - x - w.px(48.0),
                    &line.text,
                    body,
                    skin.t1,
                );
            }
            break;
        }
        let end = pen.left(pos2(x, y), &time, small, skin.wall_t2);
        pen.severity(pos2(end + w.px(52.0), y), w.px(24.0), line.severity);
        x = pen.left(pos2(end + w.px(104.0), y), &line.text, body, skin.t1) + w.px(104.0);
    }
}

/// Whom the map is from, and what of it is simulated; returns where that stands.
fn attribution(painter: &Painter, w: &Wall<'_>) -> Area {
    let pen = Pen {
        painter,
        skin: w.skin,
    };
    let size = w.px(40.0).max(12.0);
    let at = pos2(w.px(52.0), w.layout.map.max.y - w.px(58.0));
    let notice = w
        .city
        .mirror
        .hello
        .as_ref()
        .map_or("", |h| w.words.name(&h.city.notice, &h.city.notice_en));
    let of_map = crate::panels::attribution_of(&w.city.mirror);
    let text = if notice.is_empty() {
        of_map.to_owned()
    } else {
        format!("{of_map} · {notice}")
    };
    let font = w.skin.regular_px(size);
    // On a plate: nothing of the map strikes through it.
    let half_height = size * 0.5 + w.px(20.0);
    let width = pen.width(&text, font.clone()) + w.px(48.0);
    let corner = at - vec2(w.px(24.0), half_height);
    let plate = Area::from_min_size(corner, vec2(width, 2.0 * half_height));
    pen.plate(plate, 4, w.skin.panel, w.skin.line);
    pen.left(at, &text, font, w.skin.wall_t2);
    plate
}

fn plate(painter: &Painter, w: &Wall<'_>, alarm: &AlarmView, shown: f32) {
    let skin = w.skin;
    let eased = 1.0 - (1.0 - shown).powi(3);
    let r = w
        .layout
        .plate
        .translate(vec2(0.0, -w.px(60.0) * (1.0 - eased)));
    let mut painter = painter.clone();
    painter.set_opacity(eased);
    let pen = Pen {
        painter: &painter,
        skin,
    };
    let radius = w.px(12.0) as u8;
    let red = skin.severity(alarm.severity);
    painter.rect_filled(r, CornerRadius::same(radius), skin.t1);
    let mark = Area::from_min_size(r.min, vec2(w.px(300.0), r.height()));
    painter.rect_filled(
        mark,
        CornerRadius {
            nw: radius,
            sw: radius,
            ne: 0,
            se: 0,
        },
        red,
    );
    pen.severity_in(mark.center(), w.px(70.0), alarm.severity, skin.on_light);
    exclamation(&painter, mark.center(), w.px(1.0), w.skin.on_action);
    let wait = draw_wait(&pen, w, alarm, r, radius);
    let (what, place) = model::title(&w.city.mirror, alarm, w.words);
    let x = mark.max.x + w.px(64.0);
    let room = wait.min.x - w.px(48.0) - x;
    // A title too long for its plate is set smaller, but never below the body of the wall.
    let both = format!("{what}  {place}");
    let full = pen.width(&both, skin.bold_px(w.size(ALARM)));
    let size = (w.size(ALARM) * (room / full.max(1.0)).min(1.0)).max(w.size(BODY));
    pen.left_within(
        pos2(x, r.min.y + w.px(112.0)),
        room,
        both.trim_end(),
        skin.bold_px(size),
        skin.on_light,
    );
    let raised = w
        .words
        .f("wall.raised", &[("time", &w.time.hms(alarm.raised_at))]);
    let over = if alarm.ended_at.is_some() {
        w.words.t("alarms.over")
    } else {
        ""
    };
    let (unit, arrival) = model::answer(&w.city.mirror, alarm, w.city.now(), w.words);
    let body = skin.regular_px(w.size(BODY));
    let spans = [
        span(&raised, body.clone(), skin.on_light),
        span(over, body.clone(), skin.on_light).after(w.px(48.0)),
        span(&unit, body, skin.on_light).after(w.px(64.0)),
        span(&arrival, skin.bold_px(w.size(BODY)), skin.on_light).after(w.px(24.0)),
    ];
    pen.spans(pos2(x, r.min.y + w.px(244.0)), room, &spans);
}

/// The dark end of the plate: how long it has waited for somebody. Returns where that is.
fn draw_wait(pen: &Pen<'_>, w: &Wall<'_>, alarm: &AlarmView, r: Area, radius: u8) -> Area {
    let skin = w.skin;
    let wait = Area::from_min_max(pos2(r.max.x - w.px(424.0), r.min.y), r.max);
    pen.painter.rect_filled(
        wait,
        CornerRadius {
            nw: 0,
            sw: 0,
            ne: radius,
            se: radius,
        },
        skin.on_light,
    );
    pen.centre(
        pos2(wait.center().x, r.min.y + w.px(88.0)),
        w.words.t("wall.unacknowledged"),
        skin.regular_px(w.size(BODY)),
        skin.t1,
    );
    let waited = model::waited(alarm, w.city.now(), w.words);
    pen.centre(
        pos2(wait.center().x, r.min.y + w.px(212.0)),
        &waited,
        skin.bold_px(w.size(ALARM)),
        skin.t1,
    );
    wait
}

fn exclamation(painter: &Painter, c: egui::Pos2, k: f32, color: Color32) {
    let bar = Area::from_center_size(c - vec2(0.0, 14.0 * k), vec2(13.0 * k, 46.0 * k));
    painter.rect_filled(bar, CornerRadius::ZERO, color);
    painter.rect_filled(
        Area::from_center_size(c + vec2(0.0, 24.0 * k), vec2(13.0 * k, 13.0 * k)),
        CornerRadius::ZERO,
        color,
    );
}

/// From the plate straight down to the alarm on the map, and the alarm's own mark.
fn leader(painter: &Painter, w: &Wall<'_>, to: egui::Pos2, shown: f32) {
    let map = w.layout.map.shrink(w.px(40.0));
    let plate = w.layout.plate;
    if !map.contains(to) {
        return;
    }
    let from = pos2(
        to.x.clamp(plate.min.x + w.px(300.0), plate.max.x - w.px(40.0)),
        plate.max.y,
    );
    if to.y > plate.max.y {
        let tip = from + (to - from) * shown;
        painter.line_segment([from, tip], Stroke::new(w.px(8.0), w.skin.t1));
    }
    if shown >= 1.0 {
        let r = w.px(120.0);
        let p = |k: f32| {
            vec![
                to - vec2(0.0, r * k),
                to + vec2(r * k, 0.0),
                to + vec2(0.0, r * k),
                to - vec2(r * k, 0.0),
            ]
        };
        let red = w.skin.severity(Severity::Severe);
        painter.add(Shape::convex_polygon(
            p(1.0),
            w.skin.on_light,
            Stroke::new(w.px(8.0), w.skin.t1),
        ));
        painter.add(Shape::closed_line(p(0.72), Stroke::new(w.px(7.0), red)));
        painter.add(Shape::convex_polygon(p(0.46), red, Stroke::NONE));
        exclamation(painter, to, w.px(0.8), w.skin.on_action);
    }
}
