//! All alarms: those that wait, those that somebody has seen, and those that are over, which stay for the handover.

use super::acts::AlarmAct;
use super::line::course;
use super::state::{AlarmState, Part, part};
use crate::facts::alarm::{Wait, alarm_title, alarm_words, wait_of};
use crate::facts::severity_word;
use crate::facts::unit::actor_words;
use crate::i18n::spell_span;
use crate::input::Zone;
use crate::live::Selection;
use crate::panels::console::{Acts, FocusZone, Scene};
use crate::panels::detail::PAD;
use crate::panels::map::MapAct;
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{row_ground, small_button};
use bevy_egui::egui::{
    CornerRadius, CursorIcon, Id, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2,
};
use chengtu_engine::model::AlarmSource;
use chengtu_engine::permission::Permission;
use chengtu_engine::stream::AlarmView;

const ROW: f32 = 62.0;
const HEADING: f32 = 28.0;

/// A line of the list.
enum Line<'a> {
    Heading(Part, usize),
    Alarm(&'a AlarmView),
}

impl Line<'_> {
    fn height(&self) -> f32 {
        match self {
            Line::Heading(..) => HEADING,
            Line::Alarm(_) => ROW,
        }
    }
}

fn lines(list: Vec<&AlarmView>) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for of in [Part::Waiting, Part::Acknowledged, Part::Over] {
        let count = list.iter().filter(|a| part(a) == of).count();
        if count > 0 {
            lines.push(Line::Heading(of, count));
            let alarms = list.iter().copied().filter(|a| part(a) == of);
            lines.extend(alarms.map(Line::Alarm));
        }
    }
    lines
}

/// Draws the list in `rect`. A row that is pressed takes the keyboard's cursor.
pub fn draw(ui: &mut Ui, s: &Scene<'_>, st: &mut AlarmState, rect: Rect, out: &mut Acts) {
    let reveal = std::mem::take(&mut st.reveal);
    let lines = lines(st.list(s.mirror));
    if lines.is_empty() {
        let pen = Pen {
            painter: ui.painter(),
            skin: s.skin,
        };
        let key = if s.mirror.is_ready() {
            "alarms.none"
        } else {
            "queue.waiting"
        };
        let at = pos2(rect.center().x, rect.min.y + 34.0);
        pen.centre(at, s.words.t(key), s.skin.regular(Role::Body), s.skin.t3);
    }
    let mut pressed = None;
    let height = lines.iter().map(Line::height).sum();
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    child.set_clip_rect(rect);
    ScrollArea::vertical()
        .id_salt("alarms")
        .auto_shrink(false)
        .show_viewport(&mut child, |ui, viewport| {
            ui.set_height(height);
            let mut y = ui.min_rect().min.y;
            let seen = viewport.translate(vec2(0.0, y));
            for line in &lines {
                let size = vec2(rect.width(), line.height());
                let r = Rect::from_min_size(pos2(rect.min.x, y), size);
                y += line.height();
                let at_cursor = matches!(line, Line::Alarm(a) if Some(a.id) == st.cursor);
                if reveal && at_cursor {
                    ui.scroll_to_rect(r.expand2(vec2(0.0, HEADING)), None);
                }
                if r.max.y < seen.min.y || r.min.y > seen.max.y {
                    continue;
                }
                match line {
                    Line::Heading(part, n) => heading(ui, s, r, *part, *n),
                    Line::Alarm(a) => {
                        if row(ui, s, st, r, a, out) {
                            pressed = Some(a.id);
                        }
                    }
                }
            }
        });
    drop(lines);
    st.cursor = pressed.or(st.cursor);
}

fn heading(ui: &Ui, s: &Scene<'_>, r: Rect, part: Part, n: usize) {
    let pen = Pen {
        painter: ui.painter(),
        skin: s.skin,
    };
    pen.painter.rect_filled(r, CornerRadius::ZERO, s.skin.group);
    let key = match part {
        Part::Waiting => "alarms.part_waiting",
        Part::Acknowledged => "alarms.part_acknowledged",
        Part::Over => "alarms.part_over",
    };
    let label = format!("{} {n}", s.words.t(key));
    let at = pos2(r.min.x + PAD - 1.0, r.center().y);
    pen.left(at, &label, s.skin.bold(Role::Small), s.skin.t1);
    pen.hline(r.min.x, r.max.x, r.max.y - 0.5, s.skin.line);
}

/// One alarm; true where it was pressed.
fn row(ui: &Ui, s: &Scene<'_>, st: &AlarmState, r: Rect, a: &AlarmView, out: &mut Acts) -> bool {
    let (skin, w) = (s.skin, s.words);
    let pen = Pen {
        painter: ui.painter(),
        skin,
    };
    let response = ui.interact(r, Id::new(("alarm", a.id.0)), Sense::click());
    let chosen = s.selection == Selection::Alarm(a.id);
    row_ground(&pen, r, response.hovered(), chosen, skin.t1);
    if s.zone == Zone::Alarms && st.cursor == Some(a.id) {
        pen.focus_ring(r.shrink(1.0), 4);
    }
    let (x, right) = (r.min.x + PAD - 1.0, r.max.x - PAD + 1.0);
    let mark = pos2(x + 8.0, r.min.y + 21.0);
    pen.severity(mark, 6.4, a.severity);
    let waits = a.acknowledged.is_none();
    let mut edge = right;
    if !waits {
        pen.tick(mark + vec2(7.0, 6.0), 5.0, skin.t1, skin.on_light);
    } else if s.may(Permission::AcknowledgeAlarms) {
        let ready = s.is_live() && !st.is_acknowledging(a.id);
        let id = Id::new(("acknowledge", a.id.0));
        let label = w.t("alarms.acknowledge");
        let (clicked, left) = small_button(ui, &pen, right, r.center().y, id, label, ready);
        if clicked {
            out.push(AlarmAct::Acknowledge(a.id));
        }
        edge = left - 10.0;
    }
    let x = x + 26.0;
    let color = if waits { skin.t1 } else { skin.t2 };
    let title = alarm_title(s.mirror, a, w);
    let spans = [
        span(severity_word(a.severity, w), skin.bold(Role::Small), color),
        span(&title, skin.bold(Role::Row), color).after(8.0),
    ];
    pen.spans(pos2(x, r.min.y + 17.0), edge - x, &spans);
    let small = skin.regular(Role::Small);
    let said = alarm_words(s.mirror, a, w);
    pen.left_within(
        pos2(x, r.min.y + 34.0),
        edge - x,
        &said,
        small.clone(),
        skin.t2,
    );
    let pressing = waits && wait_of(a, s.now) > Wait::Fresh;
    let color = if pressing { skin.late } else { skin.t3 };
    pen.left_within(
        pos2(x, r.min.y + 50.0),
        edge - x,
        &third(s, a),
        small,
        color,
    );
    pen.hline(r.min.x, r.max.x, r.max.y - 0.5, skin.row_line);
    if response.hovered() {
        out.push(MapAct::Hover(Selection::Alarm(a.id)));
    }
    let pressed = response.on_hover_cursor(CursorIcon::PointingHand).clicked();
    if pressed {
        out.push(FocusZone(Zone::Alarms));
        out.push(MapAct::SelectAndFly(match a.source {
            AlarmSource::Case(id) => Selection::Case(id),
            AlarmSource::Sensor(id) => Selection::Sensor(id),
        }));
    }
    pressed
}

/// Its times: since when it waits, or who has seen it and until when it lasted.
fn third(s: &Scene<'_>, a: &AlarmView) -> String {
    let w = s.words;
    let course = course(s, a);
    match &a.acknowledged {
        None => {
            let span = spell_span(s.now.seconds_since(a.raised_at), w);
            format!("{course} · {}", w.f("alarms.waited", &[("span", &span)]))
        }
        Some((by, at)) => {
            let by = actor_words(s.mirror, by, w);
            let time = s.time.when_exactly(*at, s.now);
            let seen = w.f("alarms.acknowledged_by", &[("who", &by), ("time", &time)]);
            format!("{seen} · {course}")
        }
    }
}
