//! The three rows of the director's time bar.

use super::lanes::{Place, Wanted, lay};
use super::state::{Drawer, DrillState};
use crate::panels::console::Scene;
use crate::panels::model::drill::{self, InjectState};
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::whole;
use crate::panels::world::WorldLook;
use bevy_egui::egui::{
    Color32, CornerRadius, CursorIcon, Id, Rect, Sense, Shape, Stroke, StrokeKind, Ui, pos2, vec2,
};
use chengtu_engine::drill::{DrillView, GoalView, InjectView};
use chengtu_engine::time::Timestamp;

/// Height of an inject's box.
const BOX_H: f32 = 26.0;
/// A box narrower than this shows its mark only.
const MARK_W: f32 = 24.0;
/// Room before the words of a box, and behind them.
const BOX_PAD: (f32, f32) = (24.0, 8.0);
/// Height of what came in where the rows below it need more than a third each.
const ARRIVALS_LOW_H: f32 = 30.0;
/// Height of a lane of injects where there are two.
const INJECT_LANE_H: f32 = 23.0;
/// Most lanes of injects, and of goals.
const LANES: (usize, usize) = (2, 3);

/// Contents of the rows, and where they lie.
pub(super) struct Rows<'a> {
    /// What came in, injects, goals: from the top.
    pub rects: [Rect; 3],
    injects: Vec<(&'a InjectView, f32, Place)>,
    goals: Vec<(&'a GoalView, f32, f32, Place)>,
    inject_lanes: usize,
    goal_lanes: usize,
}

impl<'a> Rows<'a> {
    /// Gives each row and each label its room.
    pub(super) fn new(pen: &Pen<'_>, s: &Scene<'_>, view: &'a DrillView, plot: Rect) -> Self {
        let font = pen.skin.regular(Role::Small);
        let x_of = |t: Timestamp| plot.min.x + plot.width() * drill::place(view, t);
        let mut injects: Vec<(&InjectView, f32)> = view
            .injects
            .iter()
            .filter_map(|i| Some((i, x_of(i.at?))))
            .filter(|(_, x)| (plot.min.x - 1.0..=plot.max.x + 1.0).contains(x))
            .collect();
        injects.sort_by(|a, b| a.1.total_cmp(&b.1));
        let wanted: Vec<Wanted> = injects
            .iter()
            .map(|(i, x)| {
                let title = s.words.name(&i.title, &i.title_en);
                Wanted {
                    x: *x,
                    width: pen.width(title, font.clone()) + BOX_PAD.0 + BOX_PAD.1,
                    end: x + MARK_W,
                }
            })
            .collect();
        let end = plot.max.x + 8.0;
        let (inject_lanes, places) = lay(&wanted, LANES.0, end, 4.0);
        let injects = injects.into_iter().zip(places);
        let injects = injects.map(|((i, x), place)| (i, x, place)).collect();

        let clamped = |t| x_of(t).clamp(plot.min.x, plot.max.x);
        let mut goals: Vec<(&GoalView, f32, f32)> = view
            .goals
            .iter()
            .filter_map(|g| {
                let (from, to) = g.span?;
                let from = clamped(from);
                Some((g, from, clamped(to.unwrap_or(s.now)).max(from + 4.0)))
            })
            .collect();
        goals.sort_by(|a, b| a.1.total_cmp(&b.1));
        let wanted: Vec<Wanted> = goals
            .iter()
            .map(|(g, x, end)| {
                let title = s.words.name(&g.title, &g.title_en);
                let words = pen.width(title, font.clone());
                let figure = pen.width(&figure(s, g), font.clone());
                Wanted {
                    x: *x,
                    width: words + FIGURE_GAP + figure + 1.0,
                    end: *end,
                }
            })
            .collect();
        let (goal_lanes, places) = lay(&wanted, LANES.1, end, 14.0);
        let goals = goals.into_iter().zip(places);
        let goals = goals.map(|((g, x, end), place)| (g, x, end, place));
        let whole = plot.height();
        let heights = if inject_lanes == 1 && goal_lanes == 1 {
            [whole / 3.0; 3]
        } else {
            let third = if inject_lanes == 1 {
                34.0
            } else {
                INJECT_LANE_H * 2.0
            };
            [ARRIVALS_LOW_H, third, whole - ARRIVALS_LOW_H - third]
        };
        let mut top = plot.min.y;
        let rects = heights.map(|h| {
            let rect = Rect::from_min_size(pos2(plot.min.x, top), vec2(plot.width(), h));
            top += h;
            rect
        });
        Self {
            rects,
            injects,
            goals: goals.collect(),
            inject_lanes,
            goal_lanes,
        }
    }

    /// A lane of a row.
    fn lane(row: Rect, lanes: usize, place: Place) -> Rect {
        let height = row.height() / lanes as f32;
        let top = row.min.y + height * place.lane as f32;
        Rect::from_min_max(pos2(row.min.x, top), pos2(row.max.x, top + height))
    }
}

/// Room between a goal's name and its figure.
const FIGURE_GAP: f32 = 6.0;

/// State of a goal, in figures and a word.
fn figure(s: &Scene<'_>, goal: &GoalView) -> String {
    format!("{} {}", drill::figure(goal), drill::verdict(goal, s.words))
}

/// Draws what came, what is to come, and the goals.
pub(super) fn draw(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    state: &mut DrillState,
    view: &DrillView,
    world: &WorldLook,
    rows: &Rows<'_>,
) {
    let names = ["drill.row_arrivals", "drill.row_injects", "drill.row_goals"];
    for (i, (key, row)) in names.iter().zip(rows.rects).enumerate() {
        let y = row.center().y;
        let left = s.layout.time.min.x + 16.0;
        let small = s.skin.regular(Role::Small);
        let second = if i == 1 {
            s.words.t("drill.only_director")
        } else {
            ""
        };
        let room = row.min.x - left - 8.0;
        let first = s.words.t(key);
        let both = pen.width(first, small.clone()) + pen.width(second, small.clone()) + 6.0;
        let first = span(first, small.clone(), s.skin.t2);
        let second = span(second, small, world.text_3);
        if both > room && !second.text.is_empty() {
            pen.spans(pos2(left, y - 8.0), room, &[first]);
            pen.spans(pos2(left, y + 8.0), room, &[second]);
        } else {
            pen.spans(pos2(left, y), room, &[first, second.after(6.0)]);
        }
        if i > 0 {
            pen.hline(left, row.max.x, row.min.y, world.line);
        }
    }
    arrivals(pen, s, view, world, rows.rects[0]);
    injects(ui, pen, s, state, view, world, rows);
    goals(ui, pen, s, state, view, world, rows);
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
    state: &mut DrillState,
    view: &DrillView,
    world: &WorldLook,
    rows: &Rows<'_>,
) {
    for (inject, x, place) in &rows.injects {
        let lane = Rows::lane(rows.rects[1], rows.inject_lanes, *place);
        let height = BOX_H.min(lane.height() - 3.0);
        // With room for an ellipsis only, the mark is drawn alone.
        let width = if place.room < BOX_PAD.0 + 36.0 {
            MARK_W
        } else {
            place.room
        };
        let rect = Rect::from_min_size(
            pos2(*x, lane.center().y - height / 2.0),
            vec2(width, height),
        );
        let open = state.drawer == Some(Drawer::Inject(inject.id));
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
        let stage = drill::state(view, inject);
        let title = s.words.name(&inject.title, &inject.title_en);
        let when = inject.at.map_or(String::new(), |t| s.time.hms(t));
        whole::told(&s.ctx, response.rect);
        let response = response.on_hover_text(format!("{when}  {title}"));
        if stage != InjectState::Done
            && response.on_hover_cursor(CursorIcon::PointingHand).clicked()
        {
            state.toggle(Drawer::Inject(inject.id));
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
    let x = rect.min.x + BOX_PAD.0;
    let room = rect.max.x - x - BOX_PAD.1 + 1.0;
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
    state: &mut DrillState,
    view: &DrillView,
    world: &WorldLook,
    rows: &Rows<'_>,
) {
    let row = rows.rects[2];
    let font = s.skin.regular(Role::Small);
    for (goal, x, end, place) in &rows.goals {
        let lane = Rows::lane(row, rows.goal_lanes, *place);
        let color = match goal.reached {
            Some(true) => world.goal_met,
            Some(false) => world.goal_missed,
            None => world.goal_running,
        };
        // One lane as the design has it; in a lower one the bar is but a line above its words.
        let (top, thick) = if rows.goal_lanes == 1 {
            (lane.min.y + 6.0, 8.0)
        } else {
            (lane.min.y + 4.0, 4.0)
        };
        let bar = Rect::from_min_max(pos2(*x, top), pos2(*end, top + thick));
        pen.painter.rect_filled(bar, CornerRadius::same(1), color);
        // Until when it had to be reached, where it is a matter of time.
        if goal.unit == "s"
            && let Some((from, _)) = goal.span
        {
            let due = drill::place(view, from.plus_seconds(goal.wanted as i64));
            let due = row.min.x + row.width() * due.clamp(0.0, 1.0);
            pen.vline(due, top - 2.0, top + thick + 2.0, s.skin.t1);
        }
        let title = s.words.name(&goal.title, &goal.title_en);
        let figure = figure(s, goal);
        let y = f32::midpoint(top + thick, lane.max.y);
        let figure_w = pen.width(&figure, font.clone());
        // The name gives way, the figure does not.
        let for_title = place.room - figure_w - FIGURE_GAP;
        let mut at = *x;
        if for_title > 24.0 {
            at = pen.left_within(pos2(*x, y), for_title, title, font.clone(), s.skin.t2);
            at += FIGURE_GAP;
        }
        if at + figure_w <= x + place.room + 1.0 {
            pen.left(pos2(at, y), &figure, font.clone(), s.skin.t1);
        }
        let right = (x + place.room).max(*end).max(x + 20.0);
        let hit = Rect::from_min_max(pos2(*x, lane.min.y), pos2(right, lane.max.y));
        let id = Id::new(("goal", &goal.title, goal.span.map(|s| s.0)));
        let response = ui.interact(hit, id, Sense::click());
        whole::told(&s.ctx, response.rect);
        let response = response.on_hover_text(format!("{title}  {figure}"));
        if response.clicked() {
            state.toggle(Drawer::Score);
        }
    }
}
