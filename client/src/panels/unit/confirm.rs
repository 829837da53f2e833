//! What is asked before a unit is called back.

use super::acts::UnitAct;
use crate::panels::confirm::{Ask, Choice, Question};
use crate::panels::console::{Acts, Scene};
use chengtu_engine::stream::{Mirror, UnitView};

/// Asks before a unit is called back from what it was sent to.
pub(super) fn recall(s: &Scene<'_>, u: &UnitView, out: &mut Acts) {
    let Some(sent) = &u.assignment else {
        return;
    };
    let (unit, sent_at) = (u.id, sent.at);
    // Sent anew, it has another task than the one that was on the screen.
    let holds = move |m: &Mirror| {
        let now = m.units.get(&unit).and_then(|u| u.assignment.as_ref());
        now.is_some_and(|a| a.at == sent_at)
    };
    let w = s.words;
    let name = w.name(&u.call_sign, &u.call_sign_en);
    let case = sent.case.and_then(|c| s.mirror.cases.get(&c));
    let mut question = Question::new(w.f("confirm.recall", &[("unit", name)]), s.world, holds);
    question.detail = match case {
        Some(c) => w.f("confirm.recall_why", &[("address", &c.address)]),
        None => w.t("confirm.recall_place").into(),
    };
    question.label = w.t("confirm.recall_do").into();
    question.choices = vec![Choice::new(String::new(), UnitAct::Recall(unit))];
    out.push(Ask::new(question));
}
