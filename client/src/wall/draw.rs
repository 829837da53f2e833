use super::WallOptions;
use super::alarm::draw_alarm;
use super::layout::WallLayout;
use super::model::{self, TickerLine};
use super::view::Room;
use crate::camera::{CameraKeys, MapCamera, MapWindow};
use crate::facts::alarm::shouting;
use crate::facts::hotspot::RANKED;
use crate::i18n::{CityTime, Words, short_span};
use crate::labels::Obstacles;
use crate::look::Tokens;
use crate::net::{City, Connection};
use crate::panels::Pen;
use crate::panels::model::figures::{Figures, figures};
use crate::panels::skin::Skin;
use crate::panels::world::WorldLook;
use crate::readiness::Readiness;
use crate::render::MapDimming;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::EguiContexts;
use bevy_egui::egui::{
    Color32, Context, CornerRadius, Id, LayerId, Order, Painter, Rect as Area, pos2, vec2,
};
use chengtu_engine::hotspot::HotspotArea;
use chengtu_engine::ids::AlarmId;
use chengtu_engine::stream::AlarmView;
use std::time::{Duration, Instant};

/// What the wall remembers: since when which alarm is shown, and what is left of the map.
#[derive(Resource, Debug, Default)]
pub struct WallState {
    alarm: Option<(AlarmId, Instant)>,
    pub(super) room: Option<Room>,
}

/// Everything drawn on a wall has its size in this.
pub(super) struct Wall<'a> {
    pub(super) layout: WallLayout,
    pub(super) skin: &'a Skin,
    pub(super) words: &'a Words,
    pub(super) city: &'a City,
    pub(super) time: CityTime,
    /// For how long the server has not been heard; none while it is.
    lost: Option<Duration>,
    type_px: [f32; 6],
}

const FIGURE: usize = 0;
pub(super) const ALARM: usize = 1;
const CLOCK: usize = 2;
const RANK: usize = 3;
pub(super) const BODY: usize = 4;
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
    pub(super) fn px(&self, v: f32) -> f32 {
        v * self.layout.scale
    }

    pub(super) fn size(&self, level: usize) -> f32 {
        self.type_px[level] * self.layout.scale
    }
}

/// What the wall is drawn from.
#[derive(SystemParam)]
pub struct Sources<'w> {
    city: Res<'w, City>,
    skin: Res<'w, Skin>,
    words: Res<'w, Words>,
    pub(super) tokens: Res<'w, Tokens>,
    pub(super) camera: Res<'w, MapCamera>,
    pub(super) options: Res<'w, WallOptions>,
    connection: Res<'w, Connection>,
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
    paint(contexts.ctx_mut()?, &sources, &mut ground, &mut state);
    Ok(())
}

/// Draws the wall into a context, and tells the map what it leaves free.
pub(super) fn paint(ctx: &Context, sources: &Sources, ground: &mut Ground, state: &mut WallState) {
    let (city, skin, tokens) = (&*sources.city, &*sources.skin, &*sources.tokens);
    let world = WorldLook::new(tokens, city.world(), sources.words.lang());
    let layout = WallLayout::new(ctx.content_rect().size(), world.frame);
    let wall = Wall {
        layout,
        skin,
        words: &sources.words,
        city,
        time: city.clock(),
        lost: sources
            .connection
            .unheard_for()
            .filter(|_| city.last_word().0 > 0),
        type_px: LEVELS.map(|key| tokens.text(key)[0]),
    };
    let painter = ctx.layer_painter(LayerId::new(Order::Middle, Id::new("wall")));
    let figures = figures(&city.mirror, &wall.time, city.now(), skin.offline_s);
    column(&painter, &wall, &world, &figures);
    ticker(&painter, &wall);
    let attribution = attribution(&painter, &wall);
    let lost = wall.lost.map(|lost| draw_lost(&painter, &wall, lost));
    let foot = lost.map_or(attribution, |r| r.union(attribution));
    let mut rects = vec![layout.column, layout.ticker, attribution];
    let alarm = state.show_alarm(city);
    let mut free = layout.map;
    free.max.y = foot.min.y;
    let dim = alarm.map_or(0.0, |alarm| {
        let (plate, dim) = draw_alarm(&painter, &wall, sources, alarm, foot);
        rects.insert(0, plate);
        if plate == layout.plate {
            free.min.y = plate.max.y;
        } else {
            free.max.y = plate.min.y;
        }
        dim
    });
    if wall.lost.is_some() {
        world.draw_lost(ctx, skin, layout.screen, layout.frame);
    } else {
        world.draw(ctx, skin, layout.screen, layout.frame);
    }
    if ground.dimming.darken != dim {
        ground.dimming.darken = dim;
    }
    let rect = |r: Area| Rect::new(r.min.x, r.min.y, r.max.x, r.max.y);
    state.room = Some(Room {
        map: rect(layout.map),
        free: rect(free),
    });
    if ground.window.rect != Some(rect(layout.map)) {
        ground.window.rect = Some(rect(layout.map));
    }
    let covered = rects.into_iter().map(rect).collect();
    ground.obstacles.set("panels", covered);
    ground.keys.enabled = false;
    let ready = alarm.is_none_or(|(_, shown_s)| shown_s > 1.0);
    ground.readiness.set("panels", ready);
    ctx.request_repaint();
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

/// Over the map while the server is lost: it is dark and crossed, and says since when. Returns where it says so.
fn draw_lost(painter: &Painter, w: &Wall<'_>, lost: Duration) -> Area {
    let skin = w.skin;
    let inside = painter.with_clip_rect(w.layout.map);
    let dark = skin.void.gamma_multiply(0.45);
    inside.rect_filled(w.layout.map, CornerRadius::ZERO, dark);
    let pen = Pen { painter, skin };
    let time = w.time.hms(w.city.now());
    let span = short_span(lost.as_secs_f64(), w.words);
    let text = w
        .words
        .f("link.lost_since", &[("time", &time), ("span", &span)]);
    let font = skin.bold_px(w.size(BODY));
    let half = vec2(
        pen.width(&text, font.clone()) / 2.0 + w.px(60.0),
        w.px(72.0),
    );
    let middle = pos2(w.layout.map.center().x, w.layout.map.max.y - w.px(220.0));
    let rect = Area::from_center_size(middle, 2.0 * half);
    pen.plate(rect, w.px(12.0) as u8, skin.panel, skin.t2);
    pen.centre(middle, &text, font, skin.t1);
    rect
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
    let (color, text) = if w.lost.is_some() {
        (skin.t4, skin.wall_t2)
    } else {
        (world.color, skin.t1)
    };
    painter.rect_filled(word, CornerRadius::same(w.px(12.0) as u8), color);
    pen.centre(word.center(), world.short_words(), word_font, skin.on_light);
    pen.right(
        pos2(right, w.px(120.0)),
        &w.time.hms(w.city.now()),
        skin.bold_px(w.size(CLOCK)),
        text,
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
    let value_right = right - w.px(200.0);
    let font = skin.bold_px(w.size(FIGURE));
    if !w.city.is_ready() {
        let loading = w.words.t("figure.loading");
        pen.right(pos2(value_right, w.px(y)), loading, font, skin.wall_t2);
        pen.left(pos2(x, w.px(y)), w.words.t(label), body, skin.wall_t2);
        return;
    }
    let color = if w.lost.is_some() {
        let (top, half) = (w.px(y - 100.0), vec2(right - x, w.px(200.0)));
        let ground = Area::from_min_size(pos2(x, top), half);
        pen.hatch(ground, skin.too_few.gamma_multiply(0.35));
        skin.wall_t2
    } else {
        *color
    };
    let begins = pen.right(pos2(value_right, w.px(y)), value, font, color);
    // A label longer than its room is set smaller, never below what can be read from five metres.
    let room = begins - w.px(24.0) - x;
    let label = w.words.t(label);
    let full = pen.width(label, body.clone()).max(1.0);
    let size = (w.size(BODY) * (room / full).min(1.0)).max(w.size(MIN));
    let at = pos2(x, w.px(y));
    pen.left_within(at, room, label, skin.regular_px(size), skin.wall_t2);
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
    let spots = &w.city.mirror.hotspots;
    let since = |h: &HotspotArea| w.time.when(h.since, w.city.now());
    let small = || skin.regular_px(w.size(MIN));
    // As wide as its longest moment: one before midnight has a date.
    let widths = spots
        .iter()
        .take(RANKED)
        .map(|h| pen.width(&since(h), small()));
    let counts = right - widths.fold(w.px(152.0), f32::max) - w.px(64.0);
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
    if spots.is_empty() {
        let key = if w.city.is_ready() {
            "hotspots.none_short"
        } else {
            "queue.waiting"
        };
        pen.left(
            pos2(x, w.px(1_200.0)),
            words.t(key),
            skin.regular_px(w.size(MIN)),
            skin.wall_t2,
        );
    }
    for (i, h) in spots.iter().take(RANKED).enumerate() {
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
        pen.right(pos2(right, y), &since(h), small(), skin.wall_t2);
        if i + 1 < RANKED && i + 1 < spots.len() {
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
