//! The most urgent alarm that nobody has acknowledged yet, on the map below the chips: whatever panel is open, it is
//! seen, with how many more there are.

use super::acts::AlarmAct;
use super::state::{AlarmState, Plate};
use crate::facts::alarm::{Wait, alarm_title, alarm_words, wait_of, waiting};
use crate::facts::severity_word;
use crate::i18n::spell_span;
use crate::input::Zone;
use crate::live::Selection;
use crate::panels::console::{Acts, FocusZone, Scene};
use crate::panels::detail::DetailAct;
use crate::panels::map::MapAct;
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{area, chip_at, chip_width, panel, small_button};
use bevy_egui::egui::{
    CornerRadius, CursorIcon, Id, LayerId, Order, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, pos2,
    vec2,
};
use chengtu_engine::model::AlarmSource;
use chengtu_engine::permission::Permission;
use chengtu_engine::stream::AlarmView;

/// Height without the words of the report, and of a line of these; logical pixels.
const HEAD_H: f32 = 48.0;
const LINE_H: f32 = 19.0;
/// Lines of words shown before the rest is left to the panel.
const LINES_MAX: usize = 3;
const WIDTH_MAX: f32 = 680.0;
/// Width of the coloured end.
const MARK_W: f32 = 50.0;

/// Draws it and gives the ground that it covers. `covered` is what lies on the map so far.
pub(super) fn draw(
    s: &Scene<'_>,
    st: &mut AlarmState,
    covered: &[Rect],
    out: &mut Acts,
) -> Option<Rect> {
    let time_s = s.ctx.input(|i| i.time);
    let Some(a) = st.of_plate(s.mirror) else {
        (st.plate, st.over_plate) = (None, false);
        return None;
    };
    if st.plate.is_none_or(|p| p.alarm != a.id) {
        st.plate = Some(Plate {
            alarm: a.id,
            since_s: time_s,
            frame: s.number,
        });
    }
    let more = waiting(s.mirror).len().saturating_sub(1);
    // Beside the compass, below the layer chips.
    let chips = covered.iter().find(|r| r.min == s.layout.chips());
    let below = chips.map_or(0.0, |r| r.max.y + 10.0);
    let top = (s.layout.window.min.y + 50.0).max(below);
    let room = s.layout.window.width() - 12.0 - 60.0;
    let width = room.min(WIDTH_MAX);
    let said = said(s, a);
    let rows = words_height(s, width, &said);
    let rect = Rect::from_min_size(
        pos2(s.layout.window.min.x + 12.0, top),
        vec2(width, HEAD_H + rows),
    );
    let pointer = s.ctx.input(|i| i.pointer.hover_pos());
    st.over_plate = pointer.is_some_and(|p| rect.contains(p));
    let shown = Shown { s, a, more, said };
    area(&s.ctx, "alarm-plate", rect, Order::Middle, |ui| {
        shown.plate(ui, st, rect, out);
    });
    Some(rect)
}

/// The words of whoever raised it, after whether it is over.
fn said(s: &Scene<'_>, a: &AlarmView) -> String {
    let words = alarm_words(s.mirror, a, s.words);
    let over = a.ended_at.map(|at| {
        let time = s.time.when_exactly(at, s.now);
        s.words.f("alarms.over_at", &[("time", &time)])
    });
    match over {
        Some(over) if words.is_empty() => over,
        Some(over) => format!("{over} · {words}"),
        None => words,
    }
}

fn words_width(width: f32) -> f32 {
    width - MARK_W - 14.0 - 12.0
}

/// Height that the words take below the head: none where nothing is said.
fn words_height(s: &Scene<'_>, width: f32, said: &str) -> f32 {
    if said.is_empty() {
        return 0.0;
    }
    let probe = s.ctx.layer_painter(LayerId::background());
    let pen = Pen {
        painter: &probe,
        skin: s.skin,
    };
    let font = s.skin.regular(Role::Body);
    let height = pen.wrapped_height(words_width(width), said, font, LINE_H);
    height.min(LINE_H * LINES_MAX as f32) + 8.0
}

/// What the plate says.
struct Shown<'a> {
    s: &'a Scene<'a>,
    a: &'a AlarmView,
    more: usize,
    said: String,
}

impl Shown<'_> {
    fn plate(&self, ui: &Ui, st: &AlarmState, rect: Rect, out: &mut Acts) {
        let (s, a) = (self.s, self.a);
        let (skin, painter) = (s.skin, ui.painter().clone());
        let pen = Pen {
            painter: &painter,
            skin,
        };
        let id = Id::new(("alarm-plate", a.id.0));
        let response = ui
            .interact(rect, id, Sense::click())
            .on_hover_cursor(CursorIcon::PointingHand);
        panel(&pen, rect);
        self.press(&pen, rect);
        let y = rect.min.y + HEAD_H / 2.0;
        let right = self.buttons(ui, &pen, st, pos2(rect.max.x - 8.0, y), out);
        let right = self.waited(&pen, pos2(right, y));
        let x = rect.min.x + MARK_W + 14.0;
        let word = severity_word(a.severity, s.words);
        let title = alarm_title(s.mirror, a, s.words);
        let spans = [
            span(word, skin.bold(Role::Row), skin.t1),
            span(&title, skin.bold(Role::Row), skin.t1).after(8.0),
        ];
        pen.spans(pos2(x, y), right - 12.0 - x, &spans);
        if !self.said.is_empty() {
            let font = (skin.regular(Role::Body), skin.t1);
            let at = pos2(x, rect.min.y + HEAD_H - 4.0);
            let width = words_width(rect.width());
            pen.wrapped_within(at, width, &self.said, font, LINE_H, LINES_MAX);
        }
        if response.clicked() {
            out.push(MapAct::SelectAndFly(Selection::Alarm(a.id)));
        }
    }

    /// Sign and colour of its severity; the longer nobody has acknowledged it, the more of the plate has that colour.
    fn press(&self, pen: &Pen<'_>, rect: Rect) {
        let color = pen.skin.severity(self.a.severity);
        let wait = wait_of(self.a, self.s.now);
        if wait == Wait::TooLong {
            let ground = color.gamma_multiply(0.26);
            pen.painter.rect_filled(rect, CornerRadius::same(8), ground);
        }
        let left = CornerRadius {
            nw: 8,
            sw: 8,
            ne: 0,
            se: 0,
        };
        let head = Rect::from_min_size(rect.min, vec2(MARK_W, rect.height())).shrink(0.5);
        pen.painter.rect_filled(head, left, color);
        let sign = pos2(head.center().x, rect.min.y + HEAD_H / 2.0);
        pen.severity_in(sign, 8.0, self.a.severity, pen.skin.on_light);
        if wait > Wait::Fresh {
            let width = if wait == Wait::Long { 2.0 } else { 3.0 };
            let line = Stroke::new(width, color);
            pen.painter
                .rect_stroke(rect, CornerRadius::same(8), line, StrokeKind::Inside);
        }
    }

    /// What can be done about it, and the way to all others. Returns where that begins.
    fn buttons(&self, ui: &Ui, pen: &Pen<'_>, st: &AlarmState, at: Pos2, out: &mut Acts) -> f32 {
        let (s, a, w) = (self.s, self.a, self.s.words);
        let (mut right, y) = (at.x, at.y);
        if s.may(Permission::AcknowledgeAlarms) {
            // One that has come under the finger was not meant.
            let read = st.is_read(s.ctx.input(|i| i.time));
            if !read {
                s.ctx.request_repaint();
            }
            let ready = read && s.is_live() && !st.is_acknowledging(a.id);
            let id = Id::new(("plate-acknowledge", a.id.0));
            let label = w.t("alarms.acknowledge_key");
            let (clicked, edge) = small_button(ui, pen, right, y, id, label, ready);
            if clicked {
                out.push(AlarmAct::Acknowledge(a.id));
            }
            right = edge - 8.0;
            if let AlarmSource::Sensor(sensor) = a.source
                && s.may(Permission::ReportCases)
            {
                let id = Id::new(("plate-report", a.id.0));
                let label = w.t("alarms.report_key");
                let (clicked, edge) = small_button(ui, pen, right, y, id, label, s.is_live());
                if clicked {
                    out.push(MapAct::SelectAndFly(Selection::Sensor(sensor)));
                    out.push(AlarmAct::Report(a.id));
                }
                right = edge - 8.0;
            }
        }
        if self.more > 0 {
            let label = w.n("alarms.more", self.more);
            let x = right - chip_width(pen, &label);
            let id = Id::new("plate-more");
            let (response, _) = chip_at(ui, pen, x, y - 14.0, 28.0, id, &label, false);
            if response.clicked() {
                out.push(DetailAct::ShowOverview);
                out.push(MapAct::Select(Selection::None));
                out.push(FocusZone(Zone::Alarms));
            }
            right = x - 4.0;
        }
        right - 8.0
    }

    /// For how long nobody has acknowledged it. Returns where that begins.
    fn waited(&self, pen: &Pen<'_>, at: Pos2) -> f32 {
        let (s, skin) = (self.s, self.s.skin);
        let span = spell_span(s.now.seconds_since(self.a.raised_at), s.words);
        let since = s.words.f("alarms.waited", &[("span", &span)]);
        let (font, color) = match wait_of(self.a, s.now) {
            Wait::Fresh => (skin.regular(Role::Body), skin.t2),
            Wait::Long => (skin.bold(Role::Body), skin.late),
            Wait::TooLong => (skin.bold(Role::Body), skin.t1),
        };
        pen.right(at, &since, font, color)
    }
}
