//! Commands of a branch, proposed for the running city: the officer confirms each, or leaves it.

use crate::panels::layout::GAP;
use crate::panels::model::case;
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::state::{Action, PanelState, Scene};
use crate::panels::widgets::{area, button, panel, press};
use bevy_egui::egui::{Context, Id, Order, Rect, pos2, vec2};
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::fork::Proposal;
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::record::World;

const WIDTH: f32 = 460.0;
const HEAD: f32 = 44.0;
const ROW: f32 = 52.0;
/// Rows shown at once; the rest is counted.
const ROWS: usize = 6;

/// Draws the list above the time bar, in the running city only; returns where it lies.
pub(super) fn show(
    ctx: &Context,
    s: &Scene<'_>,
    st: &mut PanelState,
    out: &mut Vec<Action>,
) -> Option<Rect> {
    let live = s
        .mirror
        .hello
        .as_ref()
        .is_some_and(|h| h.world == World::Live);
    if st.fork.proposals.is_empty() || !live {
        return None;
    }
    let list = std::mem::take(&mut st.fork.proposals);
    let shown = list.len().min(ROWS);
    let free = s.layout.window;
    let size = vec2(
        WIDTH.min(free.width() - 2.0 * GAP),
        HEAD + shown as f32 * ROW + 8.0,
    );
    let corner = pos2(free.max.x - GAP - 48.0 - size.x, free.max.y - 48.0 - size.y);
    let rect = Rect::from_min_size(corner, size);
    let mut gone: Option<usize> = None;
    let mut all_gone = false;
    area(ctx, "proposals", rect, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        let (skin, w) = (s.skin, s.words);
        panel(&pen, rect);
        let at = rect.min + vec2(16.0, HEAD / 2.0);
        let left = w.n("fork.proposals_left", list.len());
        let texts = [
            span(w.t("fork.proposals"), skin.bold(Role::Row), skin.t1),
            span(&left, skin.regular(Role::Small), skin.t3).after(8.0),
        ];
        pen.spans(at, size.x - 60.0, &texts);
        let close = Rect::from_center_size(pos2(rect.max.x - 22.0, at.y), vec2(28.0, 28.0));
        let response = press(ui, close, Id::new("proposals-close"), &pen, 6);
        let color = if response.hovered() { skin.t1 } else { skin.t3 };
        pen.cross(close.center(), 4.5, color);
        all_gone = response.clicked();
        pen.hline(rect.min.x, rect.max.x, rect.min.y + HEAD, skin.line);
        for (i, proposal) in list.iter().take(ROWS).enumerate() {
            let top = rect.min.y + HEAD + i as f32 * ROW;
            let y = top + ROW / 2.0;
            let able = proposal.possible && s.may_command() && s.is_live();
            let confirm = Rect::from_min_size(pos2(rect.max.x - 152.0, y - 15.0), vec2(66.0, 30.0));
            let leave = Rect::from_min_size(pos2(rect.max.x - 78.0, y - 15.0), vec2(62.0, 30.0));
            if button(
                ui,
                &pen,
                confirm,
                Id::new(("confirm", i)),
                w.t("fork.confirm"),
                able,
            ) {
                out.push(Action::Command(proposal.command.clone()));
                gone = Some(i);
            }
            if button(
                ui,
                &pen,
                leave,
                Id::new(("leave", i)),
                w.t("fork.leave"),
                true,
            ) {
                gone = Some(i);
            }
            let room = confirm.min.x - rect.min.x - 26.0;
            let x = rect.min.x + 16.0;
            let text = told(s, &proposal.command);
            let color = if able { skin.t1 } else { skin.t3 };
            pen.left_within(
                pos2(x, top + 18.0),
                room,
                &text,
                skin.bold(Role::Row),
                color,
            );
            let (why, color) = second(s, proposal);
            pen.left_within(
                pos2(x, top + 36.0),
                room,
                &why,
                skin.regular(Role::Small),
                color,
            );
        }
    });
    st.fork.proposals = list;
    if let Some(i) = gone {
        st.fork.proposals.remove(i);
    }
    if all_gone {
        st.fork.proposals.clear();
    }
    Some(rect)
}

/// When the branch did it, or why it cannot be done.
fn second(s: &Scene<'_>, p: &Proposal) -> (String, bevy_egui::egui::Color32) {
    if !p.possible {
        return (
            s.words.f("fork.not_possible", &[("why", &p.why_not)]),
            s.skin.late,
        );
    }
    let time = s.time.when_exactly(p.time, s.now);
    (s.words.f("fork.did_at", &[("time", &time)]), s.skin.t3)
}

/// A command in words.
fn told(s: &Scene<'_>, command: &CommandRequest) -> String {
    let w = s.words;
    let unit = |id: &UnitId| {
        let known = s.mirror.units.get(id);
        known.map_or(format!("#{}", id.0), |u| {
            w.name(&u.call_sign, &u.call_sign_en).to_owned()
        })
    };
    let of_case = |id: &CaseId| {
        let known = s.mirror.cases.get(id);
        known.map_or(format!("#{id}"), |c| {
            format!("#{id} {}", case::class_name(s.mirror, c, w))
        })
    };
    match command {
        CommandRequest::DispatchUnit {
            unit: u, target, ..
        } => {
            let to = match target {
                Target::Case(id) => of_case(id),
                Target::Place(lon, lat) => format!("{lon:.5}, {lat:.5}"),
            };
            w.f("fork.do_dispatch", &[("unit", &unit(u)), ("to", &to)])
        }
        CommandRequest::ReassignCase { case, from, to, .. } => w.f(
            "fork.do_reassign",
            &[
                ("unit", &unit(to)),
                ("from", &unit(from)),
                ("to", &of_case(case)),
            ],
        ),
        CommandRequest::RecallUnit { unit: u } => w.f("fork.do_recall", &[("unit", &unit(u))]),
        other => {
            // Only sendings are proposed today; anything else is still told, by its own name.
            let name = format!("{other:?}");
            name.split(' ').next().unwrap_or_default().to_owned()
        }
    }
}
