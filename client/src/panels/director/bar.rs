//! The director's time bar: the clock's controls, then what came, what is to come, and the state of the goals.

use super::ghosts::ghost_label;
use super::rows::{self, Rows};
use super::rules::{BAR_H, POSTPONE_S, SPEEDS};
use super::state::{Drawer, DrillState};
use super::{DrillAct, confirm};
use crate::facts::drill::phase_key;
use crate::i18n::short_span;
use crate::panels::browser::OpenPage;
use crate::panels::console::{Acts, Scene};
use crate::panels::model::drill;
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::area;
use crate::panels::world::{WorldLook, chip};
use crate::panels::worlds::WorldAct;
use bevy_egui::egui::{
    Context, CornerRadius, Id, Order, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2,
};
use chengtu_engine::drill::{DirectorAct, DrillPhase, DrillView};
use chengtu_engine::stream::WorldChoice;

/// Height of the controls.
const HEAD_H: f32 = 44.0;
/// Height of the axis.
const AXIS_H: f32 = 20.0;
/// Width of the row's names, and of the figures on the right.
const SIDE: (f32, f32) = (134.0, 200.0);

/// Where drawers open: the middle of the button that opens each, at the bar's upper edge.
pub(super) type Anchors = Vec<(Drawer, Pos2)>;

/// Draws the bar.
pub(super) fn draw(
    ctx: &Context,
    s: &Scene<'_>,
    state: &mut DrillState,
    view: &DrillView,
    world: &WorldLook,
    out: &mut Acts,
) -> Anchors {
    let bar = s.layout.time;
    debug_assert!(bar.height() >= BAR_H - 0.5, "{bar}");
    area(ctx, "director-bar", bar, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        painter.rect_filled(bar, CornerRadius::ZERO, world.time_bar);
        pen.hline(bar.min.x, bar.max.x, bar.min.y + 0.5, world.line);
        let head = Rect::from_min_size(bar.min, vec2(bar.width(), HEAD_H));
        let anchors = controls(ui, &pen, s, state, view, world, head, out);
        let plot = Rect::from_min_max(
            pos2(bar.min.x + 16.0 + SIDE.0, bar.min.y + HEAD_H),
            pos2(bar.max.x - 16.0 - SIDE.1, bar.max.y - AXIS_H),
        );
        let now = pos2(
            plot.min.x + plot.width() * drill::place(view, s.now).clamp(0.0, 1.0),
            plot.min.y,
        );
        let (past, future) = plot.split_left_right_at_x(now.x);
        painter.rect_filled(past, CornerRadius::ZERO, world.past);
        painter.rect_filled(future, CornerRadius::ZERO, world.future);
        axis(&pen, s, view, world, plot);
        let line = [now, pos2(now.x, plot.max.y)];
        painter.line_segment(line, Stroke::new(2.0, world.color));
        let tip = [vec2(-6.0, -2.0), vec2(6.0, -2.0), vec2(0.0, 6.0)].map(|v| now + v);
        painter.add(Shape::convex_polygon(
            tip.to_vec(),
            world.color,
            Stroke::NONE,
        ));
        let rows = Rows::new(&pen, s, view, plot);
        rows::draw(ui, &pen, s, state, view, world, &rows);
        side(&pen, s, view, world, rows.rects);
        anchors
    })
}

/// Clock, start and pause, speeds, how far it is; on the right what the director does.
fn controls(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    state: &mut DrillState,
    view: &DrillView,
    world: &WorldLook,
    head: Rect,
    out: &mut Acts,
) -> Anchors {
    let (skin, w, y) = (s.skin, s.words, head.center().y);
    let mut x = head.min.x + 16.0;
    let clock_font = skin.bold(Role::Figure);
    pen.left(pos2(x, y), &s.time.hms(s.now), clock_font.clone(), skin.t1);
    x += pen.width("00:00:00", clock_font) + 24.0;
    let press = |x: &mut f32, name: &str, label: &str, on: bool, lit: bool| {
        let (response, end) = chip(
            ui,
            pen,
            world,
            pos2(*x, y),
            Id::new(("drill", name)),
            label,
            on,
            lit,
        );
        *x = end + 8.0;
        (response.clicked(), response.rect)
    };
    let ended = view.phase == DrillPhase::Ended;
    let runs = drill::runs(view);
    if !ended {
        let label = if runs { "drill.pause" } else { "drill.start" };
        if press(&mut x, "run", w.t(label), true, !runs).0 {
            out.push(DrillAct::Direct(run_or_pause(view)));
        }
        x += 8.0;
        let speed = state.clock.map_or(1.0, |c| c.speed);
        for one in SPEEDS {
            let on = (speed - one).abs() < 1e-3;
            if press(
                &mut x,
                &format!("speed-{one}"),
                &format!("{one}×"),
                on,
                true,
            )
            .0
            {
                out.push(DrillAct::Direct(DirectorAct::Speed(one)));
            }
        }
    }
    let mut anchors = Vec::new();
    // From the right edge: what is pressed least is outermost.
    let buttons = right_buttons(s, state, view);
    let mut right = head.max.x - 16.0;
    for (button, label, on) in buttons.iter().rev() {
        let width = crate::panels::widgets::chip_width(pen, label);
        let mut at = right - width;
        let (clicked, rect) = press(&mut at, &format!("{button:?}"), label, *on, true);
        if let Button::Open(drawer) = button {
            anchors.push((*drawer, pos2(rect.center().x, head.min.y)));
        }
        if clicked {
            act(*button, state, view, s, out);
        }
        right = rect.min.x - 8.0;
    }
    let phase = w.t(phase_key(view.phase));
    let attempt = if view.attempt > 1 {
        w.n("drill.attempt", view.attempt)
    } else {
        String::new()
    };
    let title = w.name(&view.title, &view.title_en);
    let small = skin.regular(Role::Small);
    let texts = [
        span(phase, skin.bold(Role::Row), world.accent),
        span(&attempt, small.clone(), world.text_3).after(10.0),
        span(title, small, world.text_3).after(10.0),
    ];
    pen.spans(pos2(x + 12.0, y), right - x - 24.0, &texts);
    anchors
}

/// What a button on the right of the bar does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Button {
    Open(Drawer),
    Postpone,
    Report,
    Leave,
}

fn right_buttons(
    s: &Scene<'_>,
    state: &DrillState,
    view: &DrillView,
) -> Vec<(Button, String, bool)> {
    let w = s.words;
    let open = |d: Drawer| state.drawer == Some(d);
    let one = |d: Drawer, label: String| (Button::Open(d), label, open(d));
    let ghost = one(Drawer::Ghost, ghost_label(state.ghost_of, w));
    if view.phase == DrillPhase::Ended {
        return vec![
            ghost,
            one(Drawer::Notes, w.n("drill.notes", view.notes.len())),
            one(Drawer::Score, w.t("drill.score").into()),
            (Button::Report, w.t("drill.report").into(), true),
            (Button::Leave, w.t("drill.leave").into(), false),
        ];
    }
    let back = drill::back(view, s.now).map_or(w.t("drill.rewind").to_string(), |t| {
        w.f("drill.rewind_to", &[("time", &s.time.hm(t))])
    });
    vec![
        one(Drawer::Fire, w.n("drill.fire", drill::waiting(view))),
        (
            Button::Postpone,
            w.n("drill.postpone", POSTPONE_S / 60),
            false,
        ),
        one(Drawer::Rewind, back),
        ghost,
        one(Drawer::Notes, w.n("drill.notes", view.notes.len())),
        one(Drawer::Score, w.t("drill.score").into()),
        one(Drawer::End, w.t("drill.end").into()),
        (Button::Leave, w.t("drill.leave").into(), false),
    ]
}

fn act(button: Button, state: &mut DrillState, view: &DrillView, s: &Scene<'_>, out: &mut Acts) {
    match button {
        Button::Open(drawer) => {
            state.toggle(drawer);
        }
        Button::Postpone => confirm::postpone_all(s, out),
        Button::Report => out.push(OpenPage(view.report.clone())),
        Button::Leave => out.push(WorldAct::Enter(WorldChoice::Live)),
    }
}

/// Starts a drill that is paused, pauses one that runs.
pub(super) fn run_or_pause(view: &DrillView) -> DirectorAct {
    if drill::runs(view) {
        DirectorAct::Pause
    } else {
        DirectorAct::Start
    }
}

/// Quarter hours, or as many minutes as leave room for their figures.
fn axis(pen: &Pen<'_>, s: &Scene<'_>, view: &DrillView, world: &WorldLook, plot: Rect) {
    let span_s = view.until.seconds_since(view.from).max(1.0);
    let steps = [60, 300, 600, 900, 1_800, 3_600, 7_200, 21_600];
    let room = |step: &&i64| **step as f64 / span_s * f64::from(plot.width()) >= 120.0;
    let step = *steps.iter().find(room).unwrap_or(&86_400);
    let midnight = s.time.midnight(view.from);
    let first = (view.from.seconds_since(midnight) / step as f64).ceil() as i64;
    let mut t = midnight.plus_seconds(first * step);
    while t <= view.until {
        let x = plot.min.x + plot.width() * drill::place(view, t);
        pen.vline(x, plot.min.y, plot.max.y, world.grid);
        let at = pos2(x, plot.max.y + AXIS_H / 2.0);
        pen.centre(at, &s.time.hm(t), s.skin.regular(Role::Small), world.text_3);
        t = t.plus_seconds(step);
    }
}

/// Score, the next inject, goals.
fn side(pen: &Pen<'_>, s: &Scene<'_>, view: &DrillView, world: &WorldLook, rows: [Rect; 3]) {
    let (skin, w) = (s.skin, s.words);
    let edge = rows[0].max.x;
    let (x, right) = (edge + 18.0, edge + SIDE.1);
    let y = |i: usize| rows[i].center().y;
    let small = skin.regular(Role::Small);
    pen.left(
        pos2(x, y(0)),
        w.t("drill.score"),
        small.clone(),
        world.text_3,
    );
    let points = view
        .score
        .as_ref()
        .map_or("–".into(), |s| format!("{:.0}", s.total));
    pen.right(
        pos2(right, y(0)),
        &format!("{points} / 100"),
        skin.bold(Role::Row),
        skin.t1,
    );
    if let Some(next) = drill::next(view).filter(|_| view.phase != DrillPhase::Ended) {
        let left_s = next.at.map_or(0.0, |at| at.seconds_since(s.now));
        let text = w.f(
            "drill.next_in",
            &[("span", &short_span(left_s.max(0.0), w))],
        );
        pen.right(pos2(right, y(1)), &text, small.clone(), world.inject_next);
    }
    let (reached, of) = drill::goals(view);
    pen.left(pos2(x, y(2)), w.t("drill.goals"), small, world.text_3);
    let text = w.f(
        "drill.goals_of",
        &[("n", &reached.to_string()), ("of", &of.to_string())],
    );
    pen.right(pos2(right, y(2)), &text, skin.bold(Role::Row), skin.t1);
}
