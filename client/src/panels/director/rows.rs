//! The three rows of the director's time bar.

use super::desk::{Desk, Drawer};
use crate::panels::model::drill::{self, InjectState};
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::state::Scene;
use crate::panels::world::WorldLook;
use bevy_egui::egui::{
    Color32, CornerRadius, CursorIcon, Id, Rect, Sense, Shape, Stroke, StrokeKind, Ui, pos2, vec2,
};
use chengtu_engine::wire::v1::{DrillView, GoalView, InjectView};

/// Height of an inject's box.
const BOX_H: f32 = 26.0;
/// A box narrower than this shows its mark only.
const MARK_W: f32 = 24.0;

/// Draws what came, what is to come, and the goals.
pub(super) fn show(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    desk: &mut Desk,
    view: &DrillView,
    world: &WorldLook,
    plot: Rect,
) {
    let height = plot.height() / 3.0;
    let row = |i: usize| {
        let top = plot.min.y + height * i as f32;
        Rect::from_min_max(pos2(plot.min.x, top), pos2(plot.max.x, top + height))
    };
    let names = ["drill.row_arrivals", "drill.row_injects", "drill.row_goals"];
    for (i, key) in names.iter().enumerate() {
        let y = row(i).center().y;
        let left = s.layout.time.min.x + 16.0;
        let small = s.skin.regular(Role::Small);
        let second = if i == 1 {
            s.words.t("drill.only_director")
        } else {
            ""
        };
        let texts = [
            span(s.words.t(key), small.clone(), s.skin.t2),
            span(second, s.skin.regular_px(12.0), world.text_3).after(6.0),
        ];
        pen.spans(pos2(left, y), plot.min.x - left - 4.0, &texts);
        if i > 0 {
            pen.hline(left, plot.max.x, row(i).min.y, world.line);
        }
    }
    arrivals(pen, s, view, world, row(0));
    injects(ui, pen, s, desk, view, world, row(1));
    goals(ui, pen, s, desk, view, world, row(2));
}

fn arrivals(pen: &Pen<'_>, s: &Scene<'_>, view: &DrillView, world: &WorldLook, row: Rect) {
    let (bars, alarms) = drill::arrivals(s.mirror, view);
    let most = bars.iter().copied().max().unwrap_or(0).max(4) as f32;
    let step = row.width() / bars.len() as f32;
    let room = row.height() - 14.0;
    for (i, n) in bars.iter().enumerate().filter(|(_, n)| **n > 0) {
        let x = row.min.x + i as f32 * step;
        let height = (room * *n as f32 / most).max(2.0);
        let bar = Rect::from_min_max(
            pos2(x + 0.5, row.max.y - height),
            pos2(x + step - 0.5, row.max.y),
        );
        pen.painter
            .rect_filled(bar, CornerRadius::ZERO, world.histogram);
    }
    for (at, severity) in alarms {
        let x = row.min.x + row.width() * at;
        pen.severity(pos2(x, row.min.y + 8.0), 4.5, severity);
    }
}

fn injects(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    desk: &mut Desk,
    view: &DrillView,
    world: &WorldLook,
    row: Rect,
) {
    let mut list: Vec<(&InjectView, f32)> = view
        .injects
        .iter()
        .filter_map(|i| Some((i, row.min.x + row.width() * drill::place(view, i.at?))))
        .filter(|(_, x)| (row.min.x - 1.0..=row.max.x + 1.0).contains(x))
        .collect();
    list.sort_by(|a, b| a.1.total_cmp(&b.1));
    let font = s.skin.regular(Role::Small);
    let wanted: Vec<(f32, f32)> = list
        .iter()
        .map(|(i, x)| {
            let title = s.words.name(&i.title, &i.title_en);
            (*x, pen.width(title, font.clone()) + 36.0)
        })
        .collect();
    for ((inject, x), width) in list.iter().zip(drill::fit(&wanted, row.max.x + 60.0, 4.0)) {
        let rect = Rect::from_min_size(
            pos2(*x, row.center().y - BOX_H / 2.0),
            vec2(width.max(MARK_W), BOX_H),
        );
        let open = desk.drawer == Some(Drawer::Inject(inject.id));
        let response = ui.interact(rect, Id::new(("inject", inject.id)), Sense::click());
        inject_box(
            pen,
            s,
            view,
            world,
            inject,
            rect,
            open || response.hovered(),
        );
        let state = drill::state(view, inject);
        let title = s.words.name(&inject.title, &inject.title_en);
        let when = inject.at.map_or(String::new(), |t| s.time.hms(t));
        let response = response.on_hover_text(format!("{when}  {title}"));
        if state != InjectState::Done
            && response.on_hover_cursor(CursorIcon::PointingHand).clicked()
        {
            desk.toggle(Drawer::Inject(inject.id));
        }
    }
}

fn inject_box(
    pen: &Pen<'_>,
    s: &Scene<'_>,
    view: &DrillView,
    world: &WorldLook,
    inject: &InjectView,
    rect: Rect,
    lit: bool,
) {
    let painter = pen.painter;
    let mark = pos2(rect.min.x + 13.0, rect.center().y);
    let radius = CornerRadius::same(3);
    let color = match drill::state(view, inject) {
        InjectState::Done => {
            painter.rect_filled(rect, radius, world.chip_on);
            let edge = Rect::from_min_size(rect.min, vec2(3.0, rect.height()));
            painter.rect_filled(edge, CornerRadius::ZERO, world.color);
            pen.tick(mark, 6.5, world.chip_on, s.skin.t1);
            s.skin.t1
        }
        InjectState::Next => {
            painter.rect_filled(rect, radius, world.chip);
            let stroke = Stroke::new(1.0, world.inject_next);
            painter.rect_stroke(rect, radius, stroke, StrokeKind::Inside);
            painter.circle_stroke(mark, 3.2, Stroke::new(1.5, world.inject_next));
            s.skin.t1
        }
        InjectState::Later | InjectState::Waiting => {
            painter.rect_filled(rect, radius, world.future);
            dashed_box(pen, rect.shrink(0.5), world.inject_later);
            painter.circle_stroke(mark, 3.2, Stroke::new(1.2, world.inject_later));
            world.inject_later
        }
    };
    if lit {
        let stroke = Stroke::new(1.0, s.skin.t1);
        painter.rect_stroke(rect, radius, stroke, StrokeKind::Outside);
    }
    let x = rect.min.x + 24.0;
    let room = rect.max.x - x - 6.0;
    if room > 14.0 {
        let title = s.words.name(&inject.title, &inject.title_en);
        let font = s.skin.regular(Role::Small);
        pen.left_within(pos2(x, rect.center().y), room, title, font, color);
    }
}

fn dashed_box(pen: &Pen<'_>, r: Rect, color: Color32) {
    let corners = [
        r.left_top(),
        r.right_top(),
        r.right_bottom(),
        r.left_bottom(),
        r.left_top(),
    ];
    let stroke = Stroke::new(1.0, color);
    pen.painter
        .extend(Shape::dashed_line(&corners, stroke, 4.0, 3.0));
}

fn goals(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    desk: &mut Desk,
    view: &DrillView,
    world: &WorldLook,
    row: Rect,
) {
    let x_of = |t| row.min.x + row.width() * drill::place(view, t).clamp(0.0, 1.0);
    let mut list: Vec<(&GoalView, f32, f32)> = view
        .goals
        .iter()
        .filter_map(|g| {
            let (from, to) = g.span?;
            Some((g, x_of(from), x_of(to.unwrap_or(s.now))))
        })
        .collect();
    list.sort_by(|a, b| a.1.total_cmp(&b.1));
    let label = |g: &GoalView| {
        let title = s.words.name(&g.title, &g.title_en);
        format!(
            "{title} {} {}",
            drill::figure(g),
            drill::verdict(g, s.words)
        )
    };
    let font = s.skin.regular(Role::Small);
    let wanted: Vec<(f32, f32)> = list
        .iter()
        .map(|(g, x, _)| (*x, pen.width(&label(g), font.clone()) + 2.0))
        .collect();
    for ((goal, x, end), room) in list.iter().zip(drill::fit(&wanted, row.max.x + 120.0, 8.0)) {
        let color = match goal.reached {
            Some(true) => world.goal_met,
            Some(false) => world.goal_missed,
            None => world.goal_running,
        };
        let bar = Rect::from_min_max(
            pos2(*x, row.min.y + 6.0),
            pos2(end.max(x + 4.0), row.min.y + 14.0),
        );
        pen.painter.rect_filled(bar, CornerRadius::same(1), color);
        // Until when it had to be reached, where it is a matter of time.
        if goal.unit == "s"
            && let Some((from, _)) = goal.span
        {
            let due = x_of(from.plus_seconds(goal.wanted as i64));
            pen.vline(due, row.min.y + 3.0, row.min.y + 17.0, s.skin.t1);
        }
        let text = label(goal);
        let at = pos2(*x, row.min.y + 28.0);
        if room > 30.0 {
            pen.left_within(at, room, &text, font.clone(), s.skin.t2);
        }
        let hit = Rect::from_min_max(pos2(*x, row.min.y), pos2(x + room.max(20.0), row.max.y));
        let id = Id::new(("goal", &goal.title, goal.span.map(|s| s.0)));
        let response = ui.interact(hit, id, Sense::click()).on_hover_text(text);
        if response.clicked() {
            desk.toggle(Drawer::Score);
        }
    }
}
