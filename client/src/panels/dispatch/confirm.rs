//! What is asked before a unit is called back or a case is voided.

use super::acts::DispatchAct;
use super::scene::CaseScene;
use crate::panels::confirm::{Ask, Choice, Question};
use crate::panels::console::Acts;
use chengtu_engine::city::Severity;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::stream::CaseView;

/// Reasons to void a case, as keys of words; another one can be written.
const REASONS: [&str; 5] = [
    "void.not_ours",
    "void.nothing_there",
    "void.done_already",
    "void.wrong_report",
    "void.test",
];

/// Asks before a unit is called back from a case: which one, where there are several.
pub(super) fn recall(s: &CaseScene<'_>, c: &CaseView, out: &mut Acts) {
    let w = s.words;
    let name = |id| {
        let unit = s.mirror.units.get(id);
        unit.map_or("", |u| w.name(&u.call_sign, &u.call_sign_en))
    };
    let units = c.units.clone();
    let (case, count) = (c.id, units.len());
    let title = match units.as_slice() {
        [] => return,
        [one] => w.f("confirm.recall", &[("unit", name(one))]),
        _ => w.n("confirm.recall_which", count),
    };
    let held = units.clone();
    let holds = move |m: &chengtu_engine::stream::Mirror| {
        m.cases.get(&case).is_some_and(|c| c.units == held)
    };
    let mut question = Question::new(title, s.world, holds);
    question.detail = w.f("confirm.recall_why", &[("address", &c.address)]);
    question.label = w.t("confirm.recall_do").into();
    question.choices = units
        .iter()
        .map(|unit| {
            let act = DispatchAct::Give(CommandRequest::RecallUnit { unit: *unit });
            let label = if count == 1 { "" } else { name(unit) };
            Choice::new(label.into(), act)
        })
        .collect();
    out.push(Ask::new(question));
}

/// Asks before a case is voided: why, in words that are chosen or written.
pub(super) fn void(s: &CaseScene<'_>, c: &CaseView, out: &mut Acts) {
    let w = s.words;
    let (case, stage, units) = (c.id, c.stage, c.units.clone());
    if !chengtu_engine::workflow::allowed(stage, chengtu_engine::workflow::Act::Void) {
        return;
    }
    let holds = move |m: &chengtu_engine::stream::Mirror| {
        let same = |c: &CaseView| c.stage == stage && c.units == units;
        m.cases.get(&case).is_some_and(same)
    };
    let title = w.f("confirm.void", &[("address", &c.address)]);
    let act = move |reason: String| DispatchAct::Give(CommandRequest::VoidCase { case, reason });
    let mut question =
        Question::new(title, s.world, holds).or_written(w.t("void.written").into(), act);
    let grave = c.severity == Severity::Severe;
    question.detail = match (grave, c.note.is_empty()) {
        (true, false) => w.f("confirm.void_grave", &[("note", &c.note)]),
        (true, true) => w.t("confirm.void_grave_plain").into(),
        (false, _) => w.t("confirm.void_why").into(),
    };
    question.label = w.t("confirm.void_do").into();
    question.choices = REASONS
        .iter()
        .map(|key| Choice::new(w.t(key).into(), act(w.t(key).into())))
        .collect();
    out.push(Ask::new(question));
}
