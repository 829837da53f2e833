//! The upper row of the tall bar: what time it is, the player's buttons, by which time, bookmarks, and the way home.

use super::chips::{CHIP_GAP, CHIP_H, Face, Glyph, chip, field, way_home, width};
use super::scene::TimeScene;
use super::state::TimeBar;
use super::state::{CHIPS, List, TimeAct, Typed, next_speed, speed_label, thing_of};
use super::{TYPED, typed};
use crate::facts::desk::desk_name;
use crate::panels::console::Acts;
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::world::WorldLook;
use bevy_egui::egui::{
    EventFilter, FontSelection, Frame, Id, Rect, Sense, TextEdit, Ui, pos2, vec2,
};
use chengtu_engine::replay::TimeBasis;

/// Lays things along a line from either end.
struct Line<'a, 'p> {
    ui: &'a Ui,
    pen: &'a Pen<'p>,
    world: &'a WorldLook,
    y: f32,
    left: f32,
    right: f32,
}

impl Line<'_, '_> {
    fn chip(&mut self, id: &str, label: &str, on: bool) -> Option<bool> {
        let rect = self.allot(width(self.pen, label))?;
        let face = Face::Words(label);
        Some(chip(self.ui, self.pen, self.world, rect, Id::new(id), face, on).clicked())
    }

    fn glyph(&mut self, id: &str, glyph: Glyph, on: bool, hint: &str) -> Option<bool> {
        let rect = self.allot(34.0)?;
        let face = Face::Glyph(glyph);
        let response = chip(self.ui, self.pen, self.world, rect, Id::new(id), face, on);
        Some(response.on_hover_text(hint).clicked())
    }

    fn allot(&mut self, wide: f32) -> Option<Rect> {
        if self.left + wide > self.right {
            return None;
        }
        let min = pos2(self.left, self.y - CHIP_H / 2.0);
        self.left += wide + CHIP_GAP;
        Some(Rect::from_min_size(min, vec2(wide, CHIP_H)))
    }

    fn allot_right(&mut self, wide: f32) -> Option<Rect> {
        if self.right - wide < self.left {
            return None;
        }
        let min = pos2(self.right - wide, self.y - CHIP_H / 2.0);
        self.right -= wide + CHIP_GAP;
        Some(Rect::from_min_size(min, vec2(wide, CHIP_H)))
    }

    fn chip_right(&mut self, id: &str, label: &str, on: bool) -> bool {
        let Some(rect) = self.allot_right(width(self.pen, label)) else {
            return false;
        };
        let face = Face::Words(label);
        chip(self.ui, self.pen, self.world, rect, Id::new(id), face, on).clicked()
    }
}

/// Draws the row; `bar` is the whole bar, `y` the row's middle.
pub fn draw(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &TimeScene<'_>,
    st: &mut TimeBar,
    world: &WorldLook,
    bar: Rect,
    y: f32,
    out: &mut Acts,
) {
    let w = s.words;
    let mut act = |a: TimeAct| out.push(a);
    let past = s.is_past();
    let narrow = bar.width() < 1_500.0;
    let left = clock(ui, pen, s, st, world, bar, y, &mut act);
    let mut line = Line {
        ui,
        pen,
        world,
        y,
        left: left + 18.0,
        right: bar.max.x - 16.0,
    };
    // The way home first: it is there at any width.
    if past {
        let label = w.t("time.back_to_live");
        let wide = width(pen, label) + 12.0;
        if let Some(rect) = line.allot_right(wide)
            && way_home(ui, pen, rect, Id::new("time-home"), label).clicked()
        {
            act(TimeAct::Live);
        }
        line.right -= 8.0;
    } else if line.chip_right("time-fold", w.t("time.fold"), false) {
        act(TimeAct::Unfold);
    }
    let drives = s.may_drive();
    if drives {
        player(&mut line, s, st, narrow, &mut act);
    } else if past {
        let owner = s.info.as_ref().map_or("", |i| i.owner.as_str());
        let words = w.f("time.driven_by", &[("who", &desk_name(owner, w))]);
        let at = pos2(line.left, y);
        line.left = pen.left(at, &words, pen.skin.regular(Role::Body), world.text_3) + 16.0;
    }
    if (drives || !past) && line.chip_right("time-look-back", w.t("time.look_back"), false) {
        act(TimeAct::LookBack);
    }
    let open = |list| st.list == Some(list);
    // What would be shared is the city's own past.
    let shares = drives && s.info.as_ref().is_none_or(|i| i.record_of.is_none());
    if shares && line.chip_right("time-share", w.t("time.share"), open(List::Share)) {
        act(TimeAct::List(List::Share));
    }
    let bookmarks = w.t("time.bookmarks");
    if line.chip_right("time-bookmarks", bookmarks, open(List::Bookmarks)) {
        act(TimeAct::List(List::Bookmarks));
    }
    if line.chip_right("time-mark", w.t("time.bookmark_here"), st.note.is_some()) {
        act(TimeAct::Note);
    }
    if drives {
        line.right -= 8.0;
        basis(&mut line, s, &mut act);
    }
}

fn player(
    line: &mut Line<'_, '_>,
    s: &TimeScene<'_>,
    st: &mut TimeBar,
    narrow: bool,
    act: &mut impl FnMut(TimeAct),
) {
    let w = s.words;
    let plays = s.clock.is_some_and(|c| c.playing);
    let speed = s.clock.map_or(1.0, |c| c.speed);
    let chosen = st.of_chosen && thing_of(s.selection).is_some();
    let step = |forward| TimeAct::StepEvent { forward, chosen };
    if line.glyph(
        "time-previous",
        Glyph::Previous,
        false,
        w.t("keys.previous_event"),
    ) == Some(true)
    {
        act(step(false));
    }
    if !narrow && line.chip("time-second-back", "–1 s", false) == Some(true) {
        act(TimeAct::StepSeconds(-1));
    }
    let face = if plays { Glyph::Pause } else { Glyph::Play };
    if line.glyph("time-play", face, plays, w.t("keys.play")) == Some(true) {
        act(TimeAct::PlayOrPause);
    }
    if !narrow && line.chip("time-second-on", "+1 s", false) == Some(true) {
        act(TimeAct::StepSeconds(1));
    }
    if line.glyph("time-next", Glyph::Next, false, w.t("keys.next_event")) == Some(true) {
        act(step(true));
    }
    if thing_of(s.selection).is_some()
        && line.chip("time-of-chosen", w.t("time.of_chosen"), chosen) == Some(true)
    {
        st.of_chosen = !st.of_chosen;
    }
    line.left += 10.0;
    if narrow {
        for (id, label, faster) in [("time-slower", "–", false), ("time-faster", "+", true)] {
            if !faster {
                if line.chip(id, label, false) == Some(true) {
                    act(TimeAct::Speed(next_speed(speed, false)));
                }
                let _ = line.chip("time-speed", &speed_label(speed), true);
            } else if line.chip(id, label, false) == Some(true) {
                act(TimeAct::Speed(next_speed(speed, true)));
            }
        }
        return;
    }
    let own = |c: f32| (c - speed).abs() < 1e-3;
    for (i, at) in CHIPS.into_iter().enumerate() {
        // A speed between those of two chips gets a chip between them.
        let before = CHIPS.get(i.wrapping_sub(1)).copied().unwrap_or(f32::MIN);
        if !CHIPS.iter().any(|c| own(*c)) && speed > before && speed < at {
            let _ = line.chip("time-speed", &speed_label(speed), true);
        }
        let id = format!("time-speed-{i}");
        if line.chip(&id, &speed_label(at), own(at)) == Some(true) {
            act(TimeAct::Speed(at));
        }
    }
}

fn basis(line: &mut Line<'_, '_>, s: &TimeScene<'_>, act: &mut impl FnMut(TimeAct)) {
    let now = s.clock.map(|c| c.basis).unwrap_or_default();
    // From the right: known lies right of occurred, as in the design.
    for (id, key, basis) in [
        ("time-known", "time.by_known", TimeBasis::Known),
        ("time-occurred", "time.by_occurred", TimeBasis::Occurred),
    ] {
        if line.chip_right(id, s.words.t(key), basis == now) && basis != now {
            act(TimeAct::Basis(basis));
        }
    }
}

/// The clock with its day, which is also the field to type a moment into. Returns where it ends.
fn clock(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &TimeScene<'_>,
    st: &mut TimeBar,
    world: &WorldLook,
    bar: Rect,
    y: f32,
    act: &mut impl FnMut(TimeAct),
) -> f32 {
    let skin = s.skin;
    let shown = st.shown(s.now);
    let font = skin.bold(Role::Figure);
    let time_width = pen.width("00:00:00", font.clone());
    let date_width = pen.width("0000-00-00", skin.regular(Role::Body));
    let rect = Rect::from_min_size(
        pos2(bar.min.x + 16.0, y - 17.0),
        vec2(time_width + date_width + 34.0, 34.0),
    );
    if let Some(typed) = &mut st.typed {
        field(pen, world, rect, typed.wrong);
        if let Some(t) = moment_field(ui, s, rect, typed) {
            match t {
                Some(t) => {
                    st.typed = None;
                    // What was written out has been meant: it asks nothing.
                    act(TimeAct::Leave(t, 0.0));
                }
                None => st.typed = None,
            }
        }
        return rect.max.x;
    }
    let response = ui.interact(rect, Id::new("time-clock"), Sense::click());
    let response = response.on_hover_cursor(bevy_egui::egui::CursorIcon::Text);
    if response.hovered() {
        field(pen, world, rect, false);
    }
    let color = if st.hand.held.is_some() {
        world.color
    } else {
        skin.t1
    };
    let end = pen.spans(
        pos2(rect.min.x + 8.0, y),
        rect.width(),
        &[
            span(&s.time.hms(shown), font, color),
            span(&s.time.ymd(shown), skin.regular(Role::Body), world.text_3).after(10.0),
        ],
    );
    if response
        .on_hover_text(s.words.t("time.type_hint"))
        .clicked()
    {
        act(TimeAct::Type);
    }
    end.max(rect.max.x)
}

/// `Some(Some(moment))` when one was entered, `Some(None)` when the field was left.
#[allow(clippy::option_option)] // Entered, left, or still being typed: three outcomes.
fn moment_field(
    ui: &mut Ui,
    s: &TimeScene<'_>,
    rect: Rect,
    typed: &mut Typed,
) -> Option<Option<chengtu_engine::time::Timestamp>> {
    let hint = format!("{} {}", s.time.ymd(s.now), s.time.hms(s.now));
    let edit = TextEdit::singleline(&mut typed.text)
        .id(Id::new("time-typed"))
        .hint_text(hint)
        .font(FontSelection::FontId(s.skin.regular(Role::Body)))
        .frame(Frame::NONE)
        .text_color(if typed.wrong { s.skin.late } else { s.skin.t1 })
        .char_limit(40)
        .event_filter(EventFilter {
            escape: true,
            ..EventFilter::default()
        });
    let response = ui.put(rect.shrink2(vec2(8.0, 7.0)), edit);
    if std::mem::take(&mut typed.focus) {
        response.request_focus();
        return None;
    }
    if response.changed() {
        typed.wrong = false;
    }
    if s.list_keys(TYPED).enter && (response.lost_focus() || response.has_focus()) {
        let read = typed::read(&typed.text, s.now, &s.time);
        if read.is_none() {
            typed.wrong = true;
            typed.focus = true;
            return None;
        }
        return Some(read);
    }
    response.lost_focus().then_some(None)
}
