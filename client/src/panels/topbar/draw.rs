//! The top bar: whose city, which world, what time, how it goes.

use super::BarScene;
use crate::facts::desk::desk_name;
use crate::facts::drill::seat_key;
use crate::facts::post::{areas_words, roles_words};
use crate::input::Zone;
use crate::net::is_recorded;
use crate::panels::console::{Acts, FocusZone, Link};
use crate::panels::detail::DetailAct;
use crate::panels::map::MapAct;
use crate::panels::me::MeAct;
use crate::panels::model::figures::Rate;
use crate::panels::pen::{Pen, span};
use crate::panels::search::SearchAct;
use crate::panels::skin::Role;
use crate::panels::widgets::{area, press};
use crate::panels::world::WorldLook;
use bevy_egui::egui::{
    Color32, Context, CornerRadius, CursorIcon, Id, Order, Pos2, Rect, Sense, Stroke, StrokeKind,
    Ui, pos2, vec2,
};
use chengtu_engine::city::Severity;
use chengtu_engine::permission::Role as AccountRole;
use chengtu_engine::record::World;

/// Draws the bar.
pub fn draw(ctx: &Context, s: &BarScene<'_>, world: &WorldLook, out: &mut Acts) {
    let bar = s.layout.top;
    area(ctx, "top-bar", bar, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        painter.rect_filled(bar, CornerRadius::ZERO, world.top_bar);
        pen.hline(bar.min.x, bar.max.x, bar.max.y - 0.5, s.skin.line);
        let after_clock = identity(&pen, s, world, bar);
        let before_user = user(ui, &pen, s, bar, out);
        let before_alarms = alarms(ui, &pen, s, bar, before_user, out);
        let before_search = search(ui, &pen, s, bar, before_alarms, out);
        draw_figures(&pen, s, bar, after_clock, before_search);
    });
}

/// City, world and clock. Returns where they end.
fn identity(pen: &Pen<'_>, s: &BarScene<'_>, world: &WorldLook, bar: Rect) -> f32 {
    let skin = s.skin;
    let (x, y) = (bar.min.x, bar.min.y);
    pen.logo(pos2(x + 28.0, y + 28.0), skin.t1);
    let wide = s.layout.wide;
    pen.left(
        pos2(x + 50.0, y + 20.0),
        s.words.t("app.name"),
        skin.bold_px(15.0),
        skin.t1,
    );
    let city = s
        .mirror
        .hello
        .as_ref()
        .map_or("", |h| s.words.name(&h.city.name, &h.city.name_en));
    let drill = s.drill.view.as_deref();
    // With the number that it is joined by, to be told to who is still to come.
    let title = drill.map(|d| match s.world {
        World::Drill(n) => format!("#{n} {}", s.words.name(&d.title, &d.title_en)),
        _ => s.words.name(&d.title, &d.title_en).to_owned(),
    });
    let city = title.as_deref().unwrap_or(city);
    // The past of a drill was never the city's: that stays to be read.
    let record = s.info.as_ref().and_then(|i| i.record_of);
    let record = record.map(|n| s.words.n("worlds.record", n));
    let city = record.as_deref().unwrap_or(city);
    pen.left_within(
        pos2(x + 50.0, y + 38.0),
        if wide { 120.0 } else { 80.0 },
        city,
        skin.regular(Role::Small),
        skin.t3,
    );
    let left = x + if wide { 178.0 } else { 138.0 };
    clock(pen, s, world, pos2(left, y))
}

/// The clock's block: the world's word on the world's colour, the time beside it. Returns where it ends.
fn clock(pen: &Pen<'_>, s: &BarScene<'_>, world: &WorldLook, at: Pos2) -> f32 {
    let skin = s.skin;
    let (left, y) = (at.x, at.y);
    let word_font = skin.bold_px(14.0);
    let word_width = pen.width(world.short_words(), word_font.clone()) + 24.0;
    let time = s.time.hms(s.now);
    let time_font = skin.bold(Role::Figure);
    let time_width = pen.width("00:00:00", time_font.clone());
    let usual = match s.drill.view.as_deref() {
        // How long it has run and how fast says more here than the day.
        Some(d) => {
            let run_s = s.now.seconds_since(d.from).max(0.0);
            let span = crate::i18n::short_span(run_s, s.words);
            let speed = s.drill.clock.map_or(1.0, |c| c.speed);
            (
                s.words.f("drill.run", &[("span", &span)]),
                s.words.n("drill.speed", speed),
            )
        }
        None => s.time.date(s.now, s.words),
    };
    let (date, weekday) = match &s.link {
        // How old it is says more than which day it is.
        Link::Lost { since, .. } if s.is_lost() => {
            let span = crate::i18n::short_span(since.as_secs_f64(), s.words);
            (
                s.words.t("link.stopped").to_string(),
                s.words.f("link.ago", &[("span", &span)]),
            )
        }
        _ => usual.clone(),
    };
    // As wide as in other hours: the figures beside it keep their place when the line is lost.
    let date_width = [&usual.0, &usual.1, &date, &weekday]
        .map(|t| pen.width(t, skin.regular(Role::Small)))
        .into_iter()
        .fold(0.0, f32::max);
    let block = Rect::from_min_size(
        pos2(left, y + 10.0),
        vec2(
            word_width + 14.0 + time_width + 14.0 + date_width + 14.0,
            36.0,
        ),
    );
    let word = Rect::from_min_size(block.min, vec2(word_width, 36.0));
    pen.painter
        .rect_filled(block, CornerRadius::same(6), world.clock_ground);
    pen.painter.rect_filled(
        word,
        CornerRadius {
            nw: 6,
            sw: 6,
            ne: 0,
            se: 0,
        },
        if s.is_lost() { skin.t4 } else { world.color },
    );
    pen.centre(word.center(), world.short_words(), word_font, skin.on_light);
    if s.is_lost() {
        pen.hatch(block, skin.too_few.gamma_multiply(0.35));
    }
    pen.left(
        pos2(word.max.x + 14.0, block.center().y),
        &time,
        time_font,
        if s.is_lost() { skin.t3 } else { skin.t1 },
    );
    let date_x = word.max.x + 14.0 + time_width + 14.0;
    pen.left(
        pos2(date_x, block.center().y - 8.0),
        &date,
        skin.regular(Role::Small),
        skin.t3,
    );
    pen.left(
        pos2(date_x, block.center().y + 8.0),
        &weekday,
        skin.regular(Role::Small),
        skin.t3,
    );
    block.max.x
}

/// The user, and how the line to the server is. Returns where that begins.
fn user(ui: &Ui, pen: &Pen<'_>, s: &BarScene<'_>, bar: Rect, out: &mut Acts) -> f32 {
    let skin = s.skin;
    let right = bar.max.x - 16.0;
    let name = user_words(s);
    let (line, color) = line_words(s);
    let room = if s.layout.wide { 300.0 } else { 210.0 };
    let width = pen
        .width(&name, skin.regular(Role::Body))
        .max(pen.width(&line, skin.regular(Role::Small)))
        .clamp(84.0, room);
    let x = right - width;
    let y = bar.center().y;
    let rect = Rect::from_min_max(pos2(x, bar.min.y), pos2(right, bar.max.y));
    let notice = s
        .mirror
        .hello
        .as_ref()
        .map_or("", |h| s.words.name(&h.city.notice, &h.city.notice_en));
    let response = if s.me.is_some() {
        let plate = rect.shrink2(vec2(0.0, 8.0)).expand2(vec2(8.0, 0.0));
        let response = press(ui, plate, Id::new("me-button"), pen, 6);
        if response.hovered() {
            let round = CornerRadius::same(6);
            pen.painter.rect_filled(plate, round, skin.hover);
        }
        if response.clicked() {
            out.push(MeAct::Toggle);
        }
        response
    } else {
        ui.interact(rect, Id::new("user-notice"), Sense::hover())
    };
    if !notice.is_empty() {
        response.on_hover_text(notice);
    }
    let at = pos2(x, y - 8.0);
    pen.left_within(at, width + 1.0, &name, skin.regular(Role::Body), skin.t1);
    let at = pos2(x, y + 9.0);
    pen.left_within(at, width + 1.0, &line, skin.regular(Role::Small), color);
    pen.vline(x - 17.0, y - 18.0, y + 18.0, skin.line);
    x - 17.0
}

/// Who is here, and as what.
fn user_words(s: &BarScene<'_>) -> String {
    let Some(hello) = &s.mirror.hello else {
        return String::new();
    };
    let own = s.me.filter(|me| !me.roles.is_empty());
    let role = own.map_or_else(
        || {
            let key = match hello.role {
                AccountRole::Operator => "role.operator",
                AccountRole::Viewer => "role.viewer",
                AccountRole::Unit => "role.unit",
                AccountRole::Feed => "role.other",
            };
            s.words.t(key).to_owned()
        },
        |me| roles_words(&me.roles, s.words),
    );
    let seat = s.drill.view.as_deref().map(|d| s.words.t(seat_key(d.seat)));
    let role = seat.map_or(role, str::to_owned);
    format!("{} · {role}", desk_name(&hello.user, s.words))
}

/// How the line is, with what is to be known beside it, and its colour.
fn line_words(s: &BarScene<'_>) -> (String, Color32) {
    let skin = s.skin;
    let (line, color) = match &s.link {
        Link::Connecting => (s.words.t("link.connecting").to_string(), skin.t3),
        Link::Live(None) => (s.words.t("link.connected").to_string(), skin.t3),
        Link::Live(Some(rtt)) => (s.words.n("link.connected_ms", rtt.as_millis()), skin.t3),
        Link::Lost { .. } if s.logged_out => (s.words.t("link.logged_out").to_string(), skin.late),
        Link::Lost { .. } => (s.words.t("link.lost").to_string(), skin.late),
    };
    let mut parts = Vec::new();
    if s.drill.is_director() {
        parts.push(s.words.t("drill.sees_truth").to_owned());
    }
    if s.world == World::Live && s.mirror.hello.as_ref().is_some_and(is_recorded) {
        parts.push(s.words.t("link.view_recorded").to_owned());
    }
    if let Some(me) = s.me.filter(|me| !me.areas.is_empty()) {
        parts.push(areas_words(&me.areas, s.grid, s.words));
    }
    parts.push(line);
    (parts.join(" · "), color)
}

/// Alarms that wait for somebody. Returns where they begin.
fn alarms(ui: &Ui, pen: &Pen<'_>, s: &BarScene<'_>, bar: Rect, right: f32, out: &mut Acts) -> f32 {
    let skin = s.skin;
    let n = s.strip.figures.alarms;
    let label = s.words.t(if n == 1 {
        "alarms.waiting_one"
    } else {
        "alarms.waiting"
    });
    let count = if s.mirror.is_ready() {
        n.to_string()
    } else {
        s.words.t("figure.loading").to_string()
    };
    let width = 24.0
        + pen.width(&count, skin.bold(Role::Row))
        + 8.0
        + pen.width(label, skin.regular(Role::Body));
    let rect = Rect::from_min_max(
        pos2(right - 16.0 - width - 4.0, bar.min.y + 12.0),
        pos2(right - 12.0, bar.max.y - 12.0),
    );
    let response = press(
        ui,
        rect.expand2(vec2(4.0, 0.0)),
        Id::new("alarms-button"),
        pen,
        6,
    );
    if response.hovered() {
        pen.painter.rect_filled(
            rect.expand2(vec2(4.0, 0.0)),
            CornerRadius::same(6),
            skin.hover,
        );
    }
    let y = bar.center().y;
    let (mark, text) = if n > 0 && !s.is_lost() {
        (skin.severity(Severity::Severe), skin.t1)
    } else {
        (skin.t4, skin.t3)
    };
    pen.severity_in(pos2(rect.min.x + 10.0, y), 5.6, Severity::Severe, mark);
    let at = pos2(rect.min.x + 25.0, y);
    let label = span(
        label,
        skin.regular(Role::Body),
        if n > 0 { skin.t2 } else { skin.t3 },
    );
    pen.spans(
        at,
        width,
        &[span(&count, skin.bold(Role::Row), text), label.after(8.0)],
    );
    if response.clicked() {
        let chosen = s.selection.is_some();
        out.push(DetailAct::ToggleOverview { chosen });
        out.push(MapAct::Select(crate::live::Selection::None));
        out.push(FocusZone(Zone::Alarms));
    }
    rect.min.x - 8.0
}

/// The field that opens the search. Returns where it begins.
fn search(ui: &Ui, pen: &Pen<'_>, s: &BarScene<'_>, bar: Rect, right: f32, out: &mut Acts) -> f32 {
    let skin = s.skin;
    let width = if s.layout.wide { 195.0 } else { 44.0 };
    let rect = Rect::from_min_size(
        pos2(right - 8.0 - width, bar.min.y + 11.0),
        vec2(width, 34.0),
    );
    let response =
        press(ui, rect, Id::new("search-button"), pen, 6).on_hover_cursor(CursorIcon::Text);
    let line = if response.hovered() {
        skin.line_strong
    } else {
        skin.line
    };
    pen.painter.rect(
        rect,
        CornerRadius::same(6),
        skin.inset,
        Stroke::new(1.0, line),
        StrokeKind::Inside,
    );
    let y = rect.center().y;
    if s.layout.wide {
        pen.magnifier(pos2(rect.min.x + 19.0, y), skin.t3);
        let cap = pen.key_cap(
            pos2(rect.max.x - 8.0, y),
            "Ctrl K",
            skin.line_strong,
            skin.t2,
        );
        let x = rect.min.x + 33.0;
        pen.left_within(
            pos2(x, y),
            cap - x - 6.0,
            s.words.t("search.hint"),
            skin.regular(Role::Body),
            skin.t3,
        );
    } else {
        pen.magnifier(rect.center(), skin.t2);
    }
    if response.clicked() {
        out.push(SearchAct::Begin);
    }
    rect.min.x
}

#[derive(Default)]
struct Figure {
    label: &'static str,
    value: String,
    unit: String,
    late: bool,
    wide: bool,
    too_few: bool,
}

/// The figures in the order of their importance; in work and overdue always come first.
fn figures(s: &BarScene<'_>) -> Vec<Figure> {
    let (w, f) = (s.words, &s.strip.figures);
    if !s.mirror.is_ready() {
        let loading = |label| Figure {
            label,
            value: w.t("figure.loading").into(),
            ..Figure::default()
        };
        return vec![loading("figure.open"), loading("figure.overdue")];
    }
    let share = Rate {
        part: f.overdue,
        whole: f.open,
    };
    let mut list = vec![
        Figure {
            label: "figure.open",
            value: f.open.to_string(),
            unit: w.t("figure.cases").into(),
            ..Figure::default()
        },
        Figure {
            label: "figure.overdue",
            value: f.overdue.to_string(),
            unit: share.percent().map_or(String::new(), |p| format!("{p} %")),
            late: f.overdue > 0,
            ..Figure::default()
        },
    ];
    if !s.layout.wide {
        return list;
    }
    list.push(Figure {
        label: "figure.closing",
        value: f.closing.percent().map_or("—".into(), |p| format!("{p} %")),
        unit: format!("{} / {}", f.closing.part, f.closing.whole),
        wide: true,
        too_few: f.closing.is_too_few(),
        ..Figure::default()
    });
    list.push(Figure {
        label: "figure.online",
        value: f.online.part.to_string(),
        unit: format!("/ {}", f.online.whole),
        ..Figure::default()
    });
    list.extend(s.strip.delay_s.map(|delay| Figure {
        label: "figure.delay",
        value: format!("{delay:.1} s"),
        ..Figure::default()
    }));
    list
}

/// Draws the figures that fit between `from` and `to`.
fn draw_figures(pen: &Pen<'_>, s: &BarScene<'_>, bar: Rect, from: f32, to: f32) {
    let skin = s.skin;
    let mut x = from + 18.0;
    let y = bar.center().y;
    for figure in figures(s) {
        let label = s.words.t(figure.label);
        let (value_font, unit_font) = (skin.bold(Role::Figure), skin.regular(Role::Small));
        let inner = pen.width(label, unit_font.clone()).max(
            pen.width(&figure.value, value_font.clone())
                + 6.0
                + pen.width(&figure.unit, unit_font.clone()),
        );
        let width = (inner + 38.0).max(if figure.wide { 150.0 } else { 104.0 });
        if x + width > to {
            break;
        }
        pen.vline(x, y - 18.0, y + 18.0, skin.line);
        pen.left(pos2(x + 19.0, y - 12.0), label, unit_font.clone(), skin.t3);
        if figure.too_few || s.is_lost() {
            // Too few to say anything, or no longer so: hatched, the figure one level down.
            pen.hatch(
                Rect::from_min_max(pos2(x + 15.0, y - 3.0), pos2(x + width - 8.0, y + 19.0)),
                skin.too_few.gamma_multiply(0.35),
            );
        }
        let color = if s.is_lost() {
            skin.t3
        } else if figure.late {
            skin.late
        } else if figure.too_few {
            skin.t2
        } else {
            skin.t1
        };
        let unit = span(&figure.unit, unit_font, skin.t3).after(6.0);
        pen.spans(
            pos2(x + 19.0, y + 8.0),
            width,
            &[span(&figure.value, value_font, color), unit],
        );
        x += width;
    }
}
