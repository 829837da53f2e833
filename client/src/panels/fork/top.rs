use super::rules::SPEEDS;
use super::state::{Branches, Change};
use crate::panels::console::{Acts, Scene};
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{chip_width, press};
use crate::panels::world::{WorldLook, chip};
use crate::panels::worlds::WorldAct;
use bevy_egui::egui::{CornerRadius, Id, Rect, Ui, pos2, vec2};
use chengtu_engine::record::World;
use chengtu_engine::replay::{TimeBasis, TimeControl};
use chengtu_engine::stream::WorldChoice;

/// Draws the bar; false where the branches are to be left.
pub(super) fn draw(
    ui: &Ui,
    s: &Scene<'_>,
    view: &mut Branches,
    world: &WorldLook,
    bar: Rect,
    out: &mut Acts,
) -> bool {
    let painter = ui.painter().clone();
    let pen = Pen {
        painter: &painter,
        skin: s.skin,
    };
    let (skin, w, y) = (s.skin, s.words, bar.center().y);
    painter.rect_filled(bar, CornerRadius::ZERO, world.top_bar);
    pen.hline(bar.min.x, bar.max.x, bar.max.y - 0.5, world.line);
    let x = bar.min.x;
    pen.logo(pos2(x + 28.0, y), skin.t1);
    pen.left(
        pos2(x + 50.0, y - 8.0),
        w.t("app.name"),
        skin.bold_px(15.0),
        skin.t1,
    );
    let hello = s.mirror.hello.as_ref();
    let city = hello.map_or("", |h| w.name(&h.city.name, &h.city.name_en));
    pen.left_within(
        pos2(x + 50.0, y + 10.0),
        90.0,
        city,
        skin.regular(Role::Small),
        world.text_3,
    );
    let after = clock(&pen, s, view, world, pos2(x + 146.0, y));
    let mut keep = true;
    let back = button(ui, &pen, s, bar, &mut keep);
    if !keep
        && s.mirror
            .hello
            .as_ref()
            .is_some_and(|h| h.world != World::Live)
    {
        out.push(WorldAct::Enter(WorldChoice::Live));
    }
    let before = chips(ui, &pen, s, view, world, back - 18.0, y);
    let title = what(s, view);
    let (x, room) = (after + 20.0, before - after - 36.0);
    let (name, bold, body) = (
        w.t("fork.title"),
        skin.bold(Role::Row),
        skin.regular(Role::Body),
    );
    let whole = pen.width(name, bold.clone()) + 12.0 + pen.width(&title, body.clone());
    if whole <= room {
        let texts = [
            span(name, bold, skin.t1),
            span(&title, body, skin.t2).after(12.0),
        ];
        pen.spans(pos2(x, y), room, &texts);
    } else {
        // One below the other there is room for what matters: which road, which unit.
        pen.left_within(pos2(x, y - 9.0), room, name, bold, skin.t1);
        let small = skin.regular(Role::Small);
        pen.left_within(pos2(x, y + 9.0), room, &title, small, skin.t2);
    }
    keep
}

/// World and time. Returns where they end.
fn clock(
    pen: &Pen<'_>,
    s: &Scene<'_>,
    view: &Branches,
    world: &WorldLook,
    at: bevy_egui::egui::Pos2,
) -> f32 {
    let skin = s.skin;
    let now = view.clock.map_or(view.report.time, |c| c.time);
    let word_font = skin.bold_px(14.0);
    let word_w = pen.width(world.short_words(), word_font.clone()) + 20.0;
    let time_font = skin.bold(Role::Figure);
    let time_w = pen.width("00:00:00", time_font.clone());
    let (date, weekday) = s.time.date(now, s.words);
    let small = skin.regular(Role::Small);
    let date_w = pen
        .width(&date, small.clone())
        .max(pen.width(&weekday, small.clone()));
    let size = vec2(word_w + time_w + date_w + 42.0, 36.0);
    let block = Rect::from_min_size(pos2(at.x, at.y - 18.0), size);
    let word = Rect::from_min_size(block.min, vec2(word_w, 36.0));
    pen.painter
        .rect_filled(block, CornerRadius::same(6), world.clock_ground);
    let left = CornerRadius {
        nw: 6,
        sw: 6,
        ne: 0,
        se: 0,
    };
    pen.painter.rect_filled(word, left, world.color);
    pen.centre(word.center(), world.short_words(), word_font, skin.on_light);
    pen.left(
        pos2(word.max.x + 14.0, at.y),
        &s.time.hms(now),
        time_font,
        skin.t1,
    );
    let x = word.max.x + 28.0 + time_w;
    pen.left(pos2(x, at.y - 8.0), &date, small.clone(), world.text_3);
    pen.left(pos2(x, at.y + 8.0), &weekday, small, world.text_3);
    block.max.x
}

/// The white button that leads back.
fn button(ui: &Ui, pen: &Pen<'_>, s: &Scene<'_>, bar: Rect, keep: &mut bool) -> f32 {
    let label = s.words.t("fork.back");
    let width = pen.width(label, s.skin.bold(Role::Body)) + 32.0;
    let rect = Rect::from_min_size(
        pos2(bar.max.x - 14.0 - width, bar.center().y - 16.0),
        vec2(width, 32.0),
    );
    let response = press(ui, rect, Id::new("fork-back"), pen, 6);
    let fill = if response.hovered() {
        s.skin.t2
    } else {
        s.skin.t1
    };
    pen.painter.rect_filled(rect, CornerRadius::same(6), fill);
    pen.centre(
        rect.center(),
        label,
        s.skin.bold(Role::Body),
        s.skin.on_light,
    );
    *keep = !response.clicked();
    rect.min.x
}

/// Pause, speeds, by which time, together. Returns where they begin.
fn chips(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    view: &mut Branches,
    world: &WorldLook,
    right: f32,
    y: f32,
) -> f32 {
    let w = s.words;
    let speed = view.clock.map_or(1.0, |c| c.speed);
    let basis = view.clock.map_or(TimeBasis::Known, |c| c.basis);
    let run = if view.plays() {
        "fork.pause"
    } else {
        "fork.play"
    };
    // Label, on, room before it, what it does.
    let mut row: Vec<(String, bool, f32, Press)> = vec![(
        w.t(run).into(),
        false,
        0.0,
        Press::Time(if view.plays() {
            TimeControl::Pause
        } else {
            TimeControl::Play
        }),
    )];
    for one in SPEEDS {
        let on = (speed - one).abs() < 1e-3;
        row.push((
            format!("{one}×"),
            on,
            8.0,
            Press::Time(TimeControl::Speed(one)),
        ));
    }
    for (key, of, gap) in [
        ("fork.occurred", TimeBasis::Occurred, 24.0),
        ("fork.known", TimeBasis::Known, 8.0),
    ] {
        let act = Press::Time(TimeControl::Basis(of));
        row.push((w.t(key).into(), basis == of, gap, act));
    }
    row.push((
        w.t("fork.together").into(),
        view.together,
        24.0,
        Press::Together,
    ));
    let width: f32 = row
        .iter()
        .map(|(label, _, gap, _)| chip_width(pen, label) + gap)
        .sum();
    let start = right - width;
    let mut x = start;
    for (i, (label, on, gap, act)) in row.into_iter().enumerate() {
        let id = Id::new(("fork-chip", i));
        let (response, end) = chip(ui, pen, world, pos2(x + gap, y), id, &label, on, true);
        x = end;
        if response.clicked() {
            match act {
                Press::Time(control) => view.say.push(control),
                Press::Together => {
                    view.together = !view.together;
                    view.moved(0);
                }
            }
        }
    }
    start
}

#[derive(Clone, Copy)]
enum Press {
    Time(TimeControl),
    Together,
}

/// What is done otherwise, in a line.
fn what(s: &Scene<'_>, view: &Branches) -> String {
    let w = s.words;
    let time = s.time.hms(view.forked.at);
    match &view.about.change {
        Change::Unit { goes, .. } => {
            let unit = w.name(&goes.0, &goes.1);
            w.f("fork.what_unit", &[("time", &time), ("unit", unit)])
        }
        Change::Road => match view.closed.as_deref().filter(|name| !name.is_empty()) {
            Some(road) => w.f("fork.what_road_named", &[("time", &time), ("road", road)]),
            None => w.f("fork.what_road", &[("time", &time)]),
        },
        Change::More { like } => {
            let unit = w.name(&like.0, &like.1);
            w.f("fork.what_more", &[("time", &time), ("unit", unit)])
        }
    }
}
