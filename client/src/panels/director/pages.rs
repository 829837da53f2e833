//! The pages of a drawer.

use super::rules::WIDTH;
use super::state::{Drawer, DrillState, LineId};
use super::{DRAWER, DrillAct};
use super::{confirm, ghosts};
use crate::panels::console::{Acts, Scene};
use crate::panels::map::MapAct;
use crate::panels::model::drill;
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::widgets::{button, field, row_ground};
use bevy_egui::egui::{CursorIcon, Id, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};
use chengtu_engine::drill::{Criterion, DirectorAct, DrillView, GhostOf, InjectView};
use chengtu_engine::geo::LonLat;
use chengtu_engine::time::Timestamp;

const PAD: f32 = 16.0;
const ROW: f32 = 46.0;
const FOOT: f32 = 56.0;

/// Seconds by which one inject is put off or brought forward.
const SHIFTS: [i32; 3] = [-60, 60, 300];

/// A line of a list: what it says, what it says beside it, and what a press does.
struct Line {
    title: String,
    second: String,
    right: String,
    act: Option<Act>,
}

#[derive(Clone)]
enum Act {
    Ask(DirectorAct),
    Open(Drawer),
    Ghost(Option<GhostOf>),
}

/// What an open drawer shows.
pub(super) struct Page {
    drawer: Drawer,
    title: String,
    lines: Vec<Line>,
    /// Room below the list for a field or buttons.
    foot: f32,
    /// Text above the list.
    text: String,
}

impl Page {
    /// The page of a drawer; `None` if what it was about is gone.
    pub(super) fn new(
        drawer: Drawer,
        s: &Scene<'_>,
        view: &DrillView,
        chosen: Option<GhostOf>,
    ) -> Option<Self> {
        let w = s.words;
        let page = |title: &str, lines: Vec<Line>, foot: f32, text: &str| Self {
            drawer,
            title: title.into(),
            lines,
            foot,
            text: text.into(),
        };
        Some(match drawer {
            Drawer::Fire => {
                let list = drill::fireable(view);
                let text = if list.is_empty() {
                    w.t("drill.nothing_left")
                } else {
                    ""
                };
                let lines = list.into_iter().map(|i| inject_line(s, i)).collect();
                page(w.t("drill.fire_now"), lines, 0.0, text)
            }
            Drawer::Inject(id) => {
                let inject = view.injects.iter().find(|i| i.id == id)?;
                let truth = truth_of(s, inject);
                let title = w.name(&inject.title, &inject.title_en);
                page(title, Vec::new(), 2.0 * FOOT, &truth)
            }
            Drawer::Rewind => {
                let lines = rewind_lines(s, view);
                page(
                    w.t("drill.rewind_title"),
                    lines,
                    0.0,
                    w.t("drill.rewind_why"),
                )
            }
            Drawer::Notes => page(w.t("drill.notes_title"), note_lines(s, view), FOOT, ""),
            Drawer::Score => page(w.t("drill.score_title"), score_lines(s, view), 0.0, ""),
            Drawer::End => page(
                w.t("drill.end_title"),
                Vec::new(),
                FOOT,
                w.t("drill.end_why"),
            ),
            Drawer::Ghost => {
                let lines = ghost_lines(s, view, chosen);
                page(w.t("ghost.title"), lines, FOOT, w.t("ghost.why"))
            }
        })
    }

    /// Heading of the drawer, in the user's language.
    pub(super) fn title(&self) -> &str {
        &self.title
    }

    fn text_h(&self) -> f32 {
        // About 26 characters of Chinese or twice as many letters in a line.
        let width: usize = self
            .text
            .chars()
            .map(|c| if c.is_ascii() { 1 } else { 2 })
            .sum();
        if width == 0 {
            0.0
        } else {
            16.0 + 18.0 * width.div_ceil(52) as f32
        }
    }

    /// Height of everything below the heading.
    pub(super) fn height(&self) -> f32 {
        self.text_h() + self.lines.len() as f32 * ROW + self.foot + 8.0
    }

    /// Draws it and does what is pressed.
    pub(super) fn draw(
        &self,
        ui: &mut Ui,
        pen: &Pen<'_>,
        s: &Scene<'_>,
        state: &mut DrillState,
        view: &DrillView,
        body: Rect,
        out: &mut Acts,
    ) {
        let mut y = body.min.y;
        if !self.text.is_empty() {
            let font = s.skin.regular(Role::Body);
            let at = pos2(body.min.x + PAD, y + 10.0);
            pen.wrapped(at, WIDTH - 2.0 * PAD, &self.text, font, s.skin.t2, 18.0);
            y += self.text_h();
        }
        let list = Rect::from_min_max(
            pos2(body.min.x, y),
            pos2(body.max.x, body.max.y - self.foot),
        );
        let pressed = self.list(ui, s, state, list);
        if let Some(act) = pressed {
            match act {
                Act::Ask(DirectorAct::Rewind { to }) => {
                    state.drawer = None;
                    confirm::rewind(s, to, out);
                }
                Act::Ask(ask) => {
                    state.drawer = None;
                    out.push(DrillAct::Direct(ask));
                }
                Act::Open(drawer) => state.toggle(drawer),
                Act::Ghost(of) => {
                    state.drawer = None;
                    out.push(DrillAct::Ghost(of));
                }
            }
        }
        let foot = Rect::from_min_max(pos2(body.min.x, body.max.y - self.foot), body.max);
        match self.drawer {
            Drawer::Notes => note(ui, pen, s, state, foot, out),
            Drawer::Ghost => ghosts::foot(ui, pen, s, state, foot, out),
            Drawer::End => {
                let r = foot.shrink2(vec2(PAD, 10.0));
                if button(
                    ui,
                    pen,
                    r,
                    Id::new("drill-end"),
                    s.words.t("drill.end_now"),
                    true,
                ) {
                    state.drawer = None;
                    out.push(DrillAct::Direct(DirectorAct::End));
                }
            }
            Drawer::Inject(id) => {
                if let Some(inject) = view.injects.iter().find(|i| i.id == id) {
                    of_inject(ui, pen, s, state, inject, foot, out);
                }
            }
            _ => {}
        }
    }

    fn list(&self, ui: &mut Ui, s: &Scene<'_>, state: &mut DrillState, rect: Rect) -> Option<Act> {
        let acting = self.lines.iter().any(|l| l.act.is_some());
        let mut pressed = None;
        let mut at = 0;
        if acting {
            let keys = s.list_keys(DRAWER);
            let place = |id: LineId| self.lines.iter().position(|l| l.id() == Some(id));
            let here = state.cursor.map(place);
            at = keys.walk(here.flatten().unwrap_or(0), self.lines.len());
            // What has gone from under the keyboard takes its Enter with it.
            let gone = here == Some(None);
            if keys.enter && !gone && !ui.ctx().text_edit_focused() {
                pressed.clone_from(&self.lines[at].act);
            }
            state.cursor = self.lines[at].id();
        }
        let mut inner = ui.new_child(UiBuilder::new().max_rect(rect));
        ScrollArea::vertical()
            .id_salt(("drawer", self.title()))
            .auto_shrink([false, false])
            .show(&mut inner, |ui| {
                for (i, line) in self.lines.iter().enumerate() {
                    let (r, response) =
                        ui.allocate_exact_size(vec2(rect.width(), ROW), Sense::click());
                    let painter = ui.painter().clone();
                    let pen = Pen {
                        painter: &painter,
                        skin: s.skin,
                    };
                    let chosen = acting && i == at;
                    let lit = response.hovered() && line.act.is_some();
                    row_ground(&pen, r.shrink2(vec2(1.0, 0.0)), lit, chosen, s.look.color);
                    line.draw(&pen, s, r);
                    if line.act.is_some()
                        && response.on_hover_cursor(CursorIcon::PointingHand).clicked()
                    {
                        pressed.clone_from(&line.act);
                    }
                }
            });
        pressed
    }
}

impl Line {
    /// Which line it is, whatever place it has; none for what only says something.
    fn id(&self) -> Option<LineId> {
        match self.act.as_ref()? {
            Act::Ask(DirectorAct::Rewind { to }) => Some(LineId::Moment(*to)),
            Act::Ask(DirectorAct::Fire { inject }) => Some(LineId::Inject(*inject)),
            Act::Open(Drawer::Inject(id)) => Some(LineId::Inject(*id)),
            Act::Ghost(of) => Some(LineId::Ghost(*of)),
            Act::Ask(_) | Act::Open(_) => None,
        }
    }

    fn draw(&self, pen: &Pen<'_>, s: &Scene<'_>, r: Rect) {
        let x = r.min.x + PAD;
        let mut right = r.max.x - PAD;
        if !self.right.is_empty() {
            let at = pos2(right, r.center().y);
            right = pen.right(at, &self.right, s.skin.bold(Role::Row), s.skin.t1) - 10.0;
        }
        let bold = s.skin.bold(Role::Row);
        if self.second.is_empty() {
            pen.left_within(
                pos2(x, r.center().y),
                right - x,
                &self.title,
                bold,
                s.skin.t1,
            );
            return;
        }
        pen.left_within(
            pos2(x, r.min.y + 15.0),
            right - x,
            &self.title,
            bold,
            s.skin.t1,
        );
        let small = s.skin.regular(Role::Small);
        pen.left_within(
            pos2(x, r.min.y + 32.0),
            right - x,
            &self.second,
            small,
            s.skin.t3,
        );
    }
}

/// Moments to go back to, the newest first, each with what had been fired by then.
fn rewind_lines(s: &Scene<'_>, view: &DrillView) -> Vec<Line> {
    let fired = |t: Timestamp| {
        let before = |i: &&InjectView| i.done && i.at.is_some_and(|at| at <= t);
        view.injects.iter().rfind(before)
    };
    let past = view.checkpoints.iter().filter(|t| **t < s.now);
    let line = |t: &Timestamp| Line {
        title: s.time.hms(*t),
        second: fired(*t).map_or(String::new(), |i| {
            let what = s.words.name(&i.title, &i.title_en);
            s.words.f("drill.after", &[("what", what)])
        }),
        right: String::new(),
        act: Some(Act::Ask(DirectorAct::Rewind { to: *t })),
    };
    past.map(line).rev().collect()
}

fn note_lines(s: &Scene<'_>, view: &DrillView) -> Vec<Line> {
    let line = |(t, text): &(Timestamp, String)| Line {
        title: text.clone(),
        second: s.time.hms(*t),
        right: String::new(),
        act: None,
    };
    view.notes.iter().rev().map(line).collect()
}

/// Points of every criterion, and the newest of what they rest on.
fn score_lines(s: &Scene<'_>, view: &DrillView) -> Vec<Line> {
    let w = s.words;
    let rows = view.score.iter().flat_map(|s| &s.rows);
    rows.map(|r| Line {
        title: w.t(criterion_key(r.criterion)).into(),
        second: r.evidence.last().map_or(String::new(), |e| {
            format!("{}  {}", s.time.hms(e.time), w.name(&e.text, &e.text_en))
        }),
        right: format!("{:.0} / {:.0}", r.points, r.of),
        act: None,
    })
    .collect()
}

fn ghost_lines(s: &Scene<'_>, view: &DrillView, chosen: Option<GhostOf>) -> Vec<Line> {
    let line = |of| Line {
        title: ghosts::title(of, s.words),
        second: String::new(),
        right: if of == chosen {
            s.words.t("ghost.chosen").into()
        } else {
            String::new()
        },
        act: Some(Act::Ghost(of)),
    };
    ghosts::choices(view, chosen)
        .into_iter()
        .map(line)
        .collect()
}

/// What is really there; empty where an inject is no more than what it says.
fn truth_of(s: &Scene<'_>, i: &InjectView) -> String {
    if i.truth.trim().is_empty() {
        return String::new();
    }
    s.words.f("drill.truth", &[("truth", &i.truth)])
}

fn inject_line(s: &Scene<'_>, i: &InjectView) -> Line {
    Line {
        title: s.words.name(&i.title, &i.title_en).into(),
        second: truth_of(s, i),
        right: i.at.map_or(String::new(), |t| s.time.hm(t)),
        act: Some(match i.at {
            None => Act::Ask(DirectorAct::Fire { inject: i.id }),
            // One that would come by itself is looked at first.
            Some(_) => Act::Open(Drawer::Inject(i.id)),
        }),
    }
}

fn of_inject(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    state: &mut DrillState,
    inject: &InjectView,
    foot: Rect,
    out: &mut Acts,
) {
    let w = s.words;
    let upper = Rect::from_min_max(foot.min, pos2(foot.max.x, foot.center().y));
    let lower = Rect::from_min_max(pos2(foot.min.x, foot.center().y), foot.max);
    let row = upper.shrink2(vec2(PAD, 10.0));
    let step = row.width() / 3.0;
    for (i, seconds) in SHIFTS.into_iter().enumerate() {
        let r = Rect::from_min_size(
            pos2(row.min.x + step * i as f32, row.min.y),
            vec2(step - 8.0, row.height()),
        );
        let sign = if seconds < 0 { "–" } else { "+" };
        let minutes = (seconds.abs() / 60).to_string();
        let label = w.f("drill.shift", &[("sign", sign), ("n", &minutes)]);
        let id = Id::new(("inject-shift", seconds));
        if inject.at.is_some() && button(ui, pen, r, id, &label, true) {
            out.push(DrillAct::Direct(DirectorAct::Postpone {
                inject: Some(inject.id),
                seconds,
            }));
        }
    }
    let row = lower.shrink2(vec2(PAD, 8.0));
    let (left, right) = row.split_left_right_at_fraction(0.5);
    let fire = Id::new("inject-fire");
    if button(
        ui,
        pen,
        left.with_max_x(left.max.x - 4.0),
        fire,
        w.t("drill.fire_this"),
        true,
    ) {
        state.drawer = None;
        out.push(DrillAct::Direct(DirectorAct::Fire { inject: inject.id }));
    }
    let fly = Id::new("inject-fly");
    let place = inject.place;
    if button(
        ui,
        pen,
        right.with_min_x(right.min.x + 4.0),
        fly,
        w.t("drill.look"),
        place.is_some(),
    ) && let Some((lon, lat)) = place
    {
        out.push(MapAct::Fly(LonLat::new(lon, lat), Some(16.0)));
    }
}

fn note(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    state: &mut DrillState,
    foot: Rect,
    out: &mut Acts,
) {
    let r = foot.shrink2(vec2(PAD, 10.0));
    let (left, right) = r.split_left_right_at_x(r.max.x - 72.0);
    let focus = std::mem::take(&mut state.focus_note);
    let hint = s.words.t("drill.note_hint");
    let enter = s.list_keys(DRAWER).enter;
    field(ui, pen, left, "drill-note", &mut state.note, hint, focus);
    let put = Rect::from_min_max(pos2(right.min.x + 8.0, right.min.y), right.max);
    let text = state.note.trim().to_owned();
    let label = s.words.t("drill.note_put");
    let pressed = button(
        ui,
        pen,
        put,
        Id::new("drill-note-put"),
        label,
        !text.is_empty(),
    );
    if !text.is_empty() && (pressed || enter) {
        out.push(DrillAct::Direct(DirectorAct::Note { text }));
        state.note.clear();
        state.focus_note = true;
    }
}

/// Words of a criterion.
pub(super) fn criterion_key(c: Criterion) -> &'static str {
    match c {
        Criterion::Detection => "drill.by_detection",
        Criterion::Classification => "drill.by_classification",
        Criterion::TimeToDispatch => "drill.by_time_to_dispatch",
        Criterion::RightDepartment => "drill.by_department",
        Criterion::Arrival => "drill.by_arrival",
        Criterion::OverCommitment => "drill.by_over_commitment",
        Criterion::EmptyAreas => "drill.by_empty_areas",
        Criterion::AlarmsUnacknowledged => "drill.by_alarms",
        Criterion::Goals => "drill.by_goals",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_criterion_has_words() {
        let words = crate::i18n::Words::shipped(crate::i18n::Lang::En).unwrap();
        for c in [
            Criterion::Detection,
            Criterion::Classification,
            Criterion::TimeToDispatch,
            Criterion::RightDepartment,
            Criterion::Arrival,
            Criterion::OverCommitment,
            Criterion::EmptyAreas,
            Criterion::AlarmsUnacknowledged,
            Criterion::Goals,
        ] {
            assert!(words.keys().any(|k| k == criterion_key(c)), "{c:?}");
        }
    }
}
