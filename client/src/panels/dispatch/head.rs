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
use crate::panels::elsewhere;
use crate::panels::fork::{self, ForkAct};
use crate::panels::map::MapAct;
use crate::panels::pen::{Pen, span};
use crate::panels::privacy::{self, PrivacyAct};
use crate::panels::skin::Role;
use crate::panels::widgets::{chip_at, chip_width, fact, press};
use bevy_egui::egui::{Color32, CornerRadius, Id, Pos2, Rect, Stroke, Ui, pos2, vec2};
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::CaseId;
use chengtu_engine::model::{AlarmSource, Stage};
use chengtu_engine::permission::Permission;
use chengtu_engine::stream::CaseView;
use std::cmp::Ordering;

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
    if !fork::can_try(s, c) {
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

/// Heights of the parts of a head, logical pixels.
const TITLE_H: f32 = 43.0;
const ABOUT_H: f32 = 30.0;
const CLOCK_H: [f32; 2] = [92.0, 38.0];
const STAGES_H: f32 = 78.0;
const FACT_H: f32 = 21.0;

/// How much room a head takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fit {
    /// The clock is one line.
    pub tight: bool,
    /// Most that the reporter's words take.
    pub told: f32,
}

/// How high [`head`] is without the reporter's words.
pub(super) fn rest_height(s: &CaseScene<'_>, c: &CaseView, tight: bool) -> f32 {
    let alarm = unseen(s, c).map_or(0.0, |_| alarms::LINE_HEIGHT + 8.0);
    let facts = usize::from(c.stage.is_open())
        + 1
        + usize::from(c.rework > 0)
        + usize::from(c.maybe_same_as.is_some());
    let clock = CLOCK_H[usize::from(tight)];
    let desks = if s.is_past() { 0.0 } else { elsewhere::HEIGHT };
    TITLE_H + ABOUT_H + desks + alarm + clock + STAGES_H + facts as f32 * FACT_H - 3.0
}

/// The alarm of a case that nobody has acknowledged.
fn unseen<'a>(s: &CaseScene<'a>, c: &CaseView) -> Option<&'a chengtu_engine::stream::AlarmView> {
    let alarm = alarms::of_source(s.mirror, AlarmSource::Case(c.id));
    alarm.filter(|a| a.acknowledged.is_none())
}

/// Title, place, clock, stages and facts of a case in a panel. Returns where they end.
pub(super) fn head(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    alarms: &AlarmState,
    (rect, fit): (Rect, Fit),
    c: &CaseView,
    out: &mut Acts,
) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let (x, right) = (rect.min.x + PAD, rect.max.x - PAD);
    let y = rect.min.y;
    let edge = right - 18.0;
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
    let y = told::draw(ui, pen, s, (x, right), (y + TITLE_H, fit.told), c);
    let edge = what_if(ui, pen, s, c, pos2(right, y + 13.0), out);
    about(pen, s, c, (x, edge), y + 11.0);
    let mut y = y + ABOUT_H;
    if !s.is_past() {
        // Its room is kept: nothing moves when another desk comes or goes.
        elsewhere::line(pen, s, c.id, (x, right), y + 4.0);
        y += elsewhere::HEIGHT;
    }
    let line = |y: f32| pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, y, skin.line);
    if fit.tight {
        // How much time is left is never scrolled away.
        line(y);
        y += clock_line(pen, s, c, x, right, y);
    }
    if let Some(alarm) = unseen(s, c) {
        let size = vec2(right - x, alarms::LINE_HEIGHT);
        let at = Rect::from_min_size(pos2(x, y), size);
        alarms::line(ui, pen, s, alarms, at, alarm, out);
        y += alarms::LINE_HEIGHT + 8.0;
    }
    line(y);
    if !fit.tight {
        clock(pen, s, c, x, right, y);
        y += CLOCK_H[0];
        line(y);
    }
    stages(pen, s, c, x, right, y);
    let y = facts(ui, pen, s, c, x, right, y + STAGES_H, out);
    line(y);
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

/// Remaining time, the bar with its tick at 80 %, and the limit in words: 92 high.
fn clock(pen: &Pen<'_>, s: &CaseScene<'_>, c: &CaseView, x: f32, right: f32, y: f32) {
    let (skin, w) = (s.skin, s.words);
    let (text, color) = left_words(s, c);
    let end = pen.left(pos2(x, y + 30.0), &text, skin.bold(Role::Clock), color);
    if stands(s, c) && c.due_at.is_some() {
        let at = pos2(end + 10.0, y + 36.0);
        pen.left(at, w.t("link.stopped"), skin.regular(Role::Small), skin.t3);
    }
    limit_bar(pen, s, c, x, right, y + 52.0);
    let (Some(due), Some(filed), Some(used)) = (c.due_at, c.filed_at, case::used(c, s.now)) else {
        return;
    };
    pen.right(
        pos2(right, y + 36.0),
        &w.f("case.due", &[("time", &s.time.when_exactly(due, s.now))]),
        skin.regular(Role::Body),
        skin.t2,
    );
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

/// Remaining time and limit in one line, with the bar below. Returns its height.
fn clock_line(pen: &Pen<'_>, s: &CaseScene<'_>, c: &CaseView, x: f32, right: f32, y: f32) -> f32 {
    let skin = s.skin;
    let (text, color) = left_words(s, c);
    pen.left(pos2(x, y + 15.0), &text, skin.bold(Role::Figure), color);
    if let Some(due) = c.due_at {
        let due = s.time.when_exactly(due, s.now);
        let text = s.words.f("case.due", &[("time", &due)]);
        let font = skin.regular(Role::Body);
        pen.right(pos2(right, y + 16.0), &text, font, skin.t2);
    }
    limit_bar(pen, s, c, x, right, y + 29.0);
    CLOCK_H[1]
}

/// True where the time that is left is as it was when the server was last heard, or when the work was done.
fn stands(s: &CaseScene<'_>, c: &CaseView) -> bool {
    s.is_lost() || c.stage >= Stage::Handled
}

/// The time that is left, and its colour.
fn left_words(s: &CaseScene<'_>, c: &CaseView) -> (String, Color32) {
    let (skin, w) = (s.skin, s.words);
    match case::remaining_s(c, s.now) {
        Some(t) if stands(s, c) => (countdown(t, w), skin.t3),
        Some(t) if t < 0.0 => (countdown(t, w), skin.late),
        Some(t) => (countdown(t, w), skin.t1),
        None => (w.t("queue.no_clock").to_string(), skin.t3),
    }
}

/// How much of the limit is used, with a tick at 80 %.
fn limit_bar(pen: &Pen<'_>, s: &CaseScene<'_>, c: &CaseView, x: f32, right: f32, y: f32) {
    let skin = s.skin;
    let bar = Rect::from_min_max(pos2(x, y), pos2(right, y + 4.0));
    pen.painter
        .rect_filled(bar, CornerRadius::same(2), skin.track);
    let (Some(share), Some(used)) = (case::age_ring(c, s.now), case::used(c, s.now)) else {
        return;
    };
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
        [pos2(tick_x, y - 3.0), pos2(tick_x, y + 7.0)],
        Stroke::new(1.5, amber),
    );
}

/// Report — filing — dispatch — work — feedback — closing, each with its time: 78 high.
fn stages(pen: &Pen<'_>, s: &CaseScene<'_>, c: &CaseView, x: f32, right: f32, y: f32) {
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
        if let Some(time) = times[i] {
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
    x: f32,
    right: f32,
    y: f32,
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
    let edge = personal(ui, pen, s, c, pos2(right, y), out);
    fact(pen, x, value_x, edge, y, w.t("case.source"), &source);
    y += 21.0;
    let mut line = |label: &str, value: &str| {
        fact(pen, x, value_x, right, y, label, value);
        y += 21.0;
    };
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

/// The way to what is masked of a case, for whoever may ask; where it begins.
fn personal(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    c: &CaseView,
    at: Pos2,
    out: &mut Acts,
) -> f32 {
    if !privacy::may_ask(s) {
        return at.x;
    }
    let label = s.words.t("privacy.title");
    let font = s.skin.regular(Role::Body);
    let width = pen.width(label, font.clone());
    let rect = Rect::from_min_max(pos2(at.x - width, at.y - 11.0), pos2(at.x, at.y + 11.0));
    let response = press(ui, rect, Id::new(("privacy", c.id.0)), pen, 4);
    let link = span_link(label, font, s);
    pen.spans(pos2(rect.min.x, at.y), width + 1.0, &[link]);
    if response.clicked() {
        let (case, who_saw) = (c.id, s.may(Permission::WhoSaw));
        out.push(PrivacyAct::Open { case, who_saw });
    }
    rect.min.x - 10.0
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
    use crate::i18n::Lang;
    use crate::live::{Grid, Selection};
    use crate::panels::desk::Desk;
    use crate::panels::model::sample::COVER;
    use crate::panels::pictures::Setting;

    /// The grid names districts in Chinese alone: they stood in the panel of an English desk.
    #[test]
    fn a_district_that_is_named_in_chinese_is_left_to_its_code_at_an_english_desk() {
        for (lang, named) in [(Lang::Zh, true), (Lang::En, false)] {
            let mut desk = Desk::new(Setting {
                lang,
                selection: Selection::Case(COVER),
                ..Setting::default()
            });
            let grid = Grid::of("320102003006214", "玄武区", [118.0, 31.0, 119.5, 33.0]);
            desk.app.insert_resource(grid);
            desk.settle();
            assert_eq!(desk.says("玄武区"), named, "{lang:?}");
            assert!(desk.says("320102 003 006 214"), "{lang:?}");
        }
    }

    #[test]
    fn grid_codes_are_parted_as_they_are_read_out() {
        assert_eq!(in_threes("320102003006214"), "320102 003 006 214");
        assert_eq!(in_threes("3201020030062140"), "320102 003 006 214 0");
        assert_eq!(in_threes("12"), "12");
        assert_eq!(in_threes("网格网格网格"), "网格网格网格");
    }
}
