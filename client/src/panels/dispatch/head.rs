//! The upper part of a case's panel: title, place, clock, stages and facts.

use super::scene::CaseScene;
use super::told;
use crate::facts::case::{self, LINE};
use crate::facts::severity_word;
use crate::i18n::{countdown, spell_span};
use crate::live::Selection;
use crate::panels::alarms::{self, AlarmState};
use crate::panels::console::Acts;
use crate::panels::detail::{PAD, close};
use crate::panels::fork::{self, ForkAct};
use crate::panels::map::MapAct;
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{chip_at, chip_width, fact, press};
use bevy_egui::egui::{CornerRadius, Id, Pos2, Rect, Stroke, Ui, pos2, vec2};
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::CaseId;
use chengtu_engine::model::{AlarmSource, Stage};
use chengtu_engine::stream::CaseView;
use std::cmp::Ordering;

/// Panels lower than this leave out what is told elsewhere too, logical pixels.
pub(super) const LOW_H: f32 = 640.0;

/// A case that is no longer known here.
pub(super) fn gone(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    rect: Rect,
    id: CaseId,
    out: &mut Acts,
) {
    close(ui, pen, s, rect, out);
    let text = s.words.n("case.gone", id);
    pen.left(
        rect.min + vec2(PAD, 27.0),
        &text,
        s.skin.bold(Role::Title),
        s.skin.t2,
    );
}

/// The way to a fork: what if another unit had gone. Returns where it begins.
fn what_if(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    c: &CaseView,
    right: Pos2,
    out: &mut Acts,
) -> f32 {
    if !case::takes_units(c) || !fork::can_begin(s) {
        return right.x;
    }
    let label = s.words.t("fork.what_if");
    let open = s.choosing_fork;
    let x = right.x - chip_width(pen, label);
    let (response, _) = chip_at(
        ui,
        pen,
        x,
        right.y - 12.0,
        24.0,
        Id::new("what-if"),
        label,
        open,
    );
    if response.clicked() {
        out.push(ForkAct::ToggleStart(c.id));
    }
    x - 8.0
}

/// Title, place, clock, stages and facts of a case. Returns where they end.
pub(super) fn head(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    alarms: &AlarmState,
    rect: Rect,
    c: &CaseView,
    out: &mut Acts,
) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let (x, right) = (rect.min.x + PAD, rect.max.x - PAD);
    let y = rect.min.y;
    let edge = right - 18.0;
    close(ui, pen, s, rect, out);
    pen.severity(pos2(x + 8.5, y + 27.5), 6.4, c.severity);
    let number = format!("#{}", c.id);
    let number_x = pen.right(
        pos2(edge, y + 27.0),
        &number,
        skin.regular(Role::Small),
        skin.t3,
    );
    pen.left_within(
        pos2(x + 26.0, y + 28.5),
        number_x - x - 36.0,
        case::class_name(s.mirror, c, w),
        skin.bold(Role::Title),
        skin.t1,
    );
    let y = told::draw(ui, pen, s, (x, right), (y + 43.0, rect.height()), c);
    let edge = what_if(ui, pen, s, c, pos2(right, y + 13.0), out);
    about(pen, s, c, (x, edge), y + 11.0);
    let mut y = y + 30.0;
    let alarm = alarms::of_source(s.mirror, AlarmSource::Case(c.id));
    if let Some(alarm) = alarm.filter(|a| a.acknowledged.is_none()) {
        let size = vec2(right - x, alarms::LINE_HEIGHT);
        let line = Rect::from_min_size(pos2(x, y), size);
        alarms::line(ui, pen, s, alarms, line, alarm, out);
        y += alarms::LINE_HEIGHT + 8.0;
    }
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, y, skin.line);
    // On a low screen the units come first: times that the history tells too make room.
    let low = rect.height() < LOW_H;
    let [clock_h, stages_h] = if low { [70.0, 64.0] } else { [92.0, 78.0] };
    clock(pen, s, c, (x, right), y, low);
    let below = y + clock_h;
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, below, skin.line);
    stages(pen, s, c, (x, right), below, low);
    let y = facts(ui, pen, s, c, (x, right), (below + stages_h, low), out);
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, y, skin.line);
    y
}

/// Severity, whose it is, and where: one line.
fn about(pen: &Pen<'_>, s: &CaseScene<'_>, c: &CaseView, (x, right): (f32, f32), y: f32) {
    let (skin, w) = (s.skin, s.words);
    let class = case::class(s.mirror, c);
    let department = class.and_then(|k| {
        s.mirror
            .hello
            .as_ref()?
            .city
            .departments
            .get(usize::from(k.department.0))
    });
    let mut about = vec![severity_word(c.severity, w).to_string()];
    about.extend(department.map(|d| w.name(&d.name, &d.name_en).to_string()));
    match s.grid.cell_at(LonLat::new(c.lon, c.lat)) {
        Some(cell) => {
            // The grid names districts in Chinese alone; the code that follows begins with the district's own.
            if !cell.district.is_empty() && (w.is_zh() || cell.district.is_ascii()) {
                about.push(cell.district.clone());
            }
            about.push(w.f("case.grid", &[("code", &in_threes(&cell.code))]));
        }
        None => about.push(format!("{:.5}, {:.5}", c.lon, c.lat)),
    }
    pen.left_within(
        pos2(x, y),
        right - x,
        &about.join(" · "),
        skin.regular(Role::Small),
        skin.t3,
    );
}

/// A grid code as it is read out: six digits of the district, then street, community and number by three.
fn in_threes(code: &str) -> String {
    if !code.is_ascii() || code.len() < 9 {
        return code.to_string();
    }
    let (district, rest) = code.split_at(6);
    let mut out = district.to_string();
    for part in rest.as_bytes().chunks(3) {
        out.push(' ');
        out.extend(part.iter().map(|b| char::from(*b)));
    }
    out
}

/// Remaining time, the bar with its tick at 80 %, and the limit in words: 92 high, without these 70.
fn clock(
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    c: &CaseView,
    (x, right): (f32, f32),
    y: f32,
    low: bool,
) {
    let (skin, w) = (s.skin, s.words);
    let left = case::remaining_s(c, s.now);
    // As it was when the server was last heard, or when the work was done.
    let stands = s.is_lost() || c.stage >= Stage::Handled;
    let (text, color) = match left {
        Some(t) if stands => (countdown(t, w), skin.t3),
        Some(t) if t < 0.0 => (countdown(t, w), skin.late),
        Some(t) => (countdown(t, w), skin.t1),
        None => (w.t("queue.no_clock").to_string(), skin.t3),
    };
    let end = pen.left(pos2(x, y + 30.0), &text, skin.bold(Role::Clock), color);
    if stands && left.is_some() {
        let at = pos2(end + 10.0, y + 36.0);
        pen.left(at, w.t("link.stopped"), skin.regular(Role::Small), skin.t3);
    }
    let bar = Rect::from_min_max(pos2(x, y + 52.0), pos2(right, y + 56.0));
    pen.painter
        .rect_filled(bar, CornerRadius::same(2), skin.track);
    let (Some(due), Some(filed), Some(used)) = (c.due_at, c.filed_at, case::used(c, s.now)) else {
        return;
    };
    pen.right(
        pos2(right, y + 36.0),
        &w.f("case.due", &[("time", &s.time.when_exactly(due, s.now))]),
        skin.regular(Role::Body),
        skin.t2,
    );
    let share = (used as f32).clamp(0.0, 1.0);
    let fill = if used > 1.0 {
        skin.severity(chengtu_engine::city::Severity::Severe)
    } else if used >= f64::from(skin.age_ring_late) {
        skin.t1
    } else {
        skin.ring
    };
    let done = Rect::from_min_size(bar.min, vec2(bar.width() * share, 4.0));
    pen.painter.rect_filled(done, CornerRadius::same(2), fill);
    let tick_x = bar.min.x + bar.width() * skin.age_ring_late;
    let amber = skin.severity(chengtu_engine::city::Severity::Urgent);
    pen.painter.line_segment(
        [pos2(tick_x, y + 49.0), pos2(tick_x, y + 59.0)],
        Stroke::new(1.5, amber),
    );
    if low {
        return;
    }
    let limit = case::class(s.mirror, c).map_or(String::new(), |k| case::limit_words(k.limit, w));
    let percent = format!("{:.1}", used * 100.0);
    let line = w.f(
        "case.limit_used",
        &[("limit", &limit), ("percent", &percent)],
    );
    pen.left(pos2(x, y + 71.0), &line, skin.regular(Role::Small), skin.t3);
    let warn_at =
        filed.plus_seconds((due.seconds_since(filed) * f64::from(skin.age_ring_late)) as i64);
    let warn = w.f("case.warning_at", &[("time", &s.time.when(warn_at, s.now))]);
    pen.right(
        pos2(right, y + 71.0),
        &warn,
        skin.regular(Role::Small),
        skin.t3,
    );
}

/// Report — filing — dispatch — work — feedback — closing, each with its time: 78 high, without times 64.
fn stages(
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    c: &CaseView,
    (x, right): (f32, f32),
    y: f32,
    low: bool,
) {
    let (skin, w) = (s.skin, s.words);
    let (times, at) = case::stage_line(c);
    let inset = 29.0;
    let step = (right - x - 2.0 * inset) / (LINE.len() - 1) as f32;
    let centre = |i: usize| pos2(x + inset + step * i as f32, y + 19.5);
    for i in 1..LINE.len() {
        let color = if i <= at { skin.t3 } else { skin.line };
        pen.painter.line_segment(
            [centre(i - 1) + vec2(7.0, 0.0), centre(i) - vec2(7.0, 0.0)],
            Stroke::new(2.0, color),
        );
    }
    for (i, stage) in LINE.into_iter().enumerate() {
        let p = centre(i);
        let (font, color) = match i.cmp(&at) {
            // Passed; or passed over, where the case ended before.
            Ordering::Less if times[i].is_some() => {
                pen.painter.circle_filled(p, 5.0, skin.t3);
                (skin.regular(Role::Body), skin.t2)
            }
            Ordering::Equal => {
                pen.painter.circle_stroke(p, 4.5, Stroke::new(3.0, skin.t1));
                (skin.bold(Role::Body), skin.t1)
            }
            Ordering::Less | Ordering::Greater => {
                pen.painter
                    .circle_stroke(p, 4.5, Stroke::new(1.5, skin.line_strong));
                (skin.regular(Role::Body), skin.t3)
            }
        };
        let stage = if i == at { c.stage } else { stage };
        pen.centre(pos2(p.x, y + 38.5), case::stage_word(stage, w), font, color);
        if let Some(time) = times[i].filter(|_| !low) {
            pen.centre(
                pos2(p.x, y + 55.0),
                &s.time.when(time, s.now),
                skin.regular(Role::Small),
                skin.t3,
            );
        }
    }
}

/// Holder, source, rework, duplicate. Returns where they end.
fn facts(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    c: &CaseView,
    (x, right): (f32, f32),
    (y, low): (f32, bool),
    out: &mut Acts,
) -> f32 {
    let w = s.words;
    let value_x = x + if w.is_zh() { 62.0 } else { 84.0 };
    let mut y = y;
    let mut line = |label: &str, value: &str| {
        fact(pen, x, value_x, right, y, label, value);
        y += 21.0;
    };
    let (who, since) = case::holder(s.mirror, c, w);
    let span = spell_span(s.now.seconds_since(since), w);
    if c.stage.is_open() {
        line(
            w.t("case.holder"),
            &w.f("case.holder_since", &[("who", &who), ("span", &span)]),
        );
    }
    let mut source = case::source_words(&c.source, w);
    if c.reports > 1 {
        source = format!("{source} · {}", w.n("case.reports", c.reports));
    }
    // Whom it came from is the first line of its history.
    if !low || c.reports > 1 || !c.stage.is_open() {
        line(w.t("case.source"), &source);
    }
    if c.rework > 0 {
        line(w.t("case.rework"), &w.n("case.rework_times", c.rework));
    }
    if let Some(same) = c.maybe_same_as {
        let label = w.n("case.maybe_same", same);
        let font = s.skin.regular(Role::Body);
        pen.left(
            pos2(x, y),
            w.t("case.duplicate"),
            s.skin.regular(Role::Small),
            s.skin.t3,
        );
        let rect = Rect::from_min_size(
            pos2(value_x, y - 11.0),
            vec2(pen.width(&label, font.clone()), 22.0),
        );
        let response = press(ui, rect, Id::new("maybe-same"), pen, 4);
        pen.spans(
            pos2(value_x, y),
            right - value_x,
            &[span_link(&label, font, s)],
        );
        if response.clicked() {
            out.push(MapAct::SelectAndFly(Selection::Case(same)));
        }
        y += 21.0;
    }
    y - 3.0
}

fn span_link<'a>(
    text: &'a str,
    font: bevy_egui::egui::FontId,
    s: &CaseScene<'_>,
) -> crate::panels::pen::Span<'a> {
    span(text, font, s.skin.link)
}

#[cfg(test)]
mod tests {
    use super::in_threes;

    #[test]
    fn grid_codes_are_parted_as_they_are_read_out() {
        assert_eq!(in_threes("320102003006214"), "320102 003 006 214");
        assert_eq!(in_threes("3201020030062140"), "320102 003 006 214 0");
        assert_eq!(in_threes("12"), "12");
        assert_eq!(in_threes("网格网格网格"), "网格网格网格");
    }
}
