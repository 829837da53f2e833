//! Commands of a branch, proposed for the running city: the officer confirms each, or leaves it.

use super::possible;
use super::state::{ForkAct, ForkState};
use crate::facts::case;
use crate::panels::console::{Acts, Refusal, Scene};
use crate::panels::layout::GAP;
use crate::panels::pen::{Pen, span};
use crate::panels::refusal;
use crate::panels::skin::Role;
use crate::panels::widgets::{area, button, panel, press};
use bevy_egui::egui::{Context, Id, Order, Rect, Ui, pos2, vec2};
use chengtu_engine::code::{Code, RefusalData};
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::fork::Proposal;
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::permission::Permission;
use chengtu_engine::record::World;

const WIDTH: f32 = 460.0;
const HEAD: f32 = 44.0;
const ROW: f32 = 52.0;
/// Rows shown at once; the rest is counted.
const ROWS: usize = 6;

/// Draws the list above the time bar, in the running city only; returns where it lies.
pub(super) fn draw(
    ctx: &Context,
    s: &Scene<'_>,
    st: &mut ForkState,
    out: &mut Acts,
) -> Option<Rect> {
    if st.proposals.is_empty() || s.world != World::Live {
        return None;
    }
    let list = std::mem::take(&mut st.proposals);
    let shown = list.len().min(ROWS);
    let free = s.layout.window;
    let size = vec2(
        WIDTH.min(free.width() - 2.0 * GAP),
        HEAD + shown as f32 * ROW + 8.0,
    );
    let corner = pos2(free.max.x - GAP - 48.0 - size.x, free.max.y - 48.0 - size.y);
    let rect = Rect::from_min_size(corner, size);
    let mut gone: Option<usize> = None;
    let mut confirmed: Option<usize> = None;
    let mut rests = false;
    let mut all_gone = false;
    area(ctx, "proposals", rect, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        let (skin, w) = (s.skin, s.words);
        panel(&pen, rect);
        rests = ui.rect_contains_pointer(rect);
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
            let row = Rect::from_min_size(pos2(rect.min.x, top), vec2(rect.width(), ROW));
            let done = st.confirmed.contains(&i);
            match draw_row(ui, &pen, s, (i, done), row, proposal, out) {
                Pressed::Nothing => {}
                Pressed::Confirm => confirmed = Some(i),
                Pressed::Leave => gone = Some(i),
            }
        }
    });
    st.proposals = list;
    st.confirmed.extend(confirmed.or(gone));
    // Rows stay where they are under a hand: what is done is taken off when the hand has gone.
    if !rests {
        let done = std::mem::take(&mut st.confirmed);
        let mut i = 0;
        st.proposals.retain(|_| {
            i += 1;
            !done.contains(&(i - 1))
        });
    }
    if all_gone {
        st.proposals.clear();
        st.confirmed.clear();
    }
    Some(rect)
}

/// What was pressed in a row.
enum Pressed {
    Nothing,
    Confirm,
    Leave,
}

/// A command with its two buttons; neither where it is done already.
fn draw_row(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    (i, done): (usize, bool),
    r: Rect,
    proposal: &Proposal,
    out: &mut Acts,
) -> Pressed {
    let (skin, w, y) = (s.skin, s.words, r.min.y + ROW / 2.0);
    let refused = possible::refusal(s.mirror, &proposal.command);
    let able = !done && refused.is_none() && s.may(Permission::SendUnits) && s.is_live();
    let confirm = Rect::from_min_size(pos2(r.max.x - 152.0, y - 15.0), vec2(66.0, 30.0));
    let leave = Rect::from_min_size(pos2(r.max.x - 78.0, y - 15.0), vec2(62.0, 30.0));
    let id = Id::new(("confirm", i));
    let confirmed = button(ui, pen, confirm, id, w.t("fork.confirm"), able);
    if confirmed {
        out.push(ForkAct::Give(proposal.command.clone()));
    }
    let id = Id::new(("leave", i));
    let left = button(ui, pen, leave, id, w.t("fork.leave"), !done);
    let room = confirm.min.x - r.min.x - 26.0;
    let x = r.min.x + 16.0;
    let text = describe(s, &proposal.command);
    let color = if able { skin.t1 } else { skin.t3 };
    let at = pos2(x, r.min.y + 18.0);
    pen.left_within(at, room, &text, skin.bold(Role::Row), color);
    let (why, color) = second(s, proposal, refused);
    let at = pos2(x, r.min.y + 36.0);
    pen.left_within(at, room, &why, skin.regular(Role::Small), color);
    match (confirmed, left) {
        (true, _) => Pressed::Confirm,
        (_, true) => Pressed::Leave,
        _ => Pressed::Nothing,
    }
}

/// When the branch did it, or why the city as it is now would not do it.
fn second(
    s: &Scene<'_>,
    p: &Proposal,
    refused: Option<Code>,
) -> (String, bevy_egui::egui::Color32) {
    if let Some(code) = refused {
        let why = refusal::words(
            s,
            &Refusal {
                request: p.command.clone(),
                code,
                text: p.why_not.clone(),
                data: RefusalData::None,
            },
        );
        let text = s.words.f("fork.not_possible", &[("why", &why)]);
        return (text, s.skin.late);
    }
    let time = s.time.when_exactly(p.time, s.now);
    (s.words.f("fork.did_at", &[("time", &time)]), s.skin.t3)
}

/// A command in words.
fn describe(s: &Scene<'_>, command: &CommandRequest) -> String {
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
            // Only sendings are proposed today; any other command is shown by its own name.
            let name = format!("{other:?}");
            name.split(' ').next().unwrap_or_default().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::desk::Desk;
    use crate::panels::model::{sample, sample_fork};
    use crate::panels::pictures::Setting;
    use chengtu_engine::model::UnitStatus;

    fn desk() -> Desk {
        let mut desk = Desk::new(Setting {
            prepare: |st| st.fork.proposals = sample_fork::report().plan,
            ..Setting::default()
        });
        desk.settle();
        desk
    }

    fn press_confirm(desk: &mut Desk) {
        // Beside the button that leaves the first proposal; alarms are confirmed elsewhere.
        let y = desk.place("忽略").y;
        let beside = |r: &Rect| (r.center().y - y).abs() < 6.0;
        let found = desk.texts.iter().find(|t| t.0 == "确认" && beside(&t.1));
        let at = found.expect("a button to confirm").1.center();
        desk.point(at);
        desk.button(true);
        desk.button(false);
        desk.settle();
    }

    /// Rows slid up as one was confirmed: a double click confirmed two.
    #[test]
    fn a_double_click_confirms_one_and_the_next_waits_for_the_hand_to_go() {
        let mut desk = Desk::new(Setting {
            prepare: |st| {
                let first = sample_fork::report().plan[0].clone();
                let mut second = first.clone();
                if let CommandRequest::DispatchUnit { unit, .. } = &mut second.command {
                    *unit = UnitId(1);
                }
                st.fork.proposals = vec![first, second];
            },
            ..Setting::default()
        });
        desk.settle();
        // On the lower one: the list stands on the lower edge of the map, and what is above it would come down.
        let leave = desk.texts.iter().filter(|t| t.0 == "忽略");
        let y = leave.map(|t| t.1.center().y).fold(0.0, f32::max);
        let beside = |t: &&(String, Rect)| t.0 == "确认" && (t.1.center().y - y).abs() < 6.0;
        let at = desk.texts.iter().find(beside).unwrap().1.center();
        desk.point(at);
        // Between the two clicks of a hand the rows have been drawn anew.
        for _ in 0..2 {
            desk.button(true);
            desk.button(false);
            desk.settle();
        }
        let given = desk.commands();
        let of = |c: &CommandRequest| crate::panels::console::sent_unit(c);
        let units: Vec<_> = given.iter().map(of).collect();
        assert_eq!(units, [Some(UnitId(1))], "{given:?}");
        // The hand has gone: the row is taken off, and the other one can be confirmed.
        desk.point(bevy_egui::egui::pos2(700.0, 300.0));
        desk.settle();
        press_confirm(&mut desk);
        assert_eq!(desk.commands().len(), 1);
    }

    /// A unit that was taken after the branch was computed could still be confirmed.
    #[test]
    fn only_what_is_possible_now_can_be_confirmed() {
        let mut desk = desk();
        press_confirm(&mut desk);
        assert_eq!(desk.commands().len(), 1);
        let mut desk = self::desk();
        let CommandRequest::DispatchUnit { unit, .. } = sample_fork::report().plan[0].command
        else {
            panic!("a dispatch")
        };
        desk.city().mirror.units.get_mut(&unit).unwrap().status = UnitStatus::EnRoute;
        desk.settle();
        press_confirm(&mut desk);
        assert_eq!(desk.commands(), []);
        assert!(desk.says("现在做不到"), "{:?}", desk.texts);
        assert_eq!(sample::city().units[&unit].status, UnitStatus::Available);
    }
}
