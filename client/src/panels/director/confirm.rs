//! What a director is asked before the course of a drill is changed for everybody in it.

use super::DrillAct;
use super::rules::POSTPONE_S;
use crate::panels::confirm::{Ask, Choice, Question};
use crate::panels::console::{Acts, Scene};
use chengtu_engine::drill::DirectorAct;
use chengtu_engine::time::Timestamp;

/// Asks with these words: what it means, and the button.
fn ask(s: &Scene<'_>, words: [&str; 2], title: String, act: DirectorAct, out: &mut Acts) {
    // The world itself is what must be the same; what its clock shows goes on.
    let mut question = Question::new(title, s.world, |_| true);
    question.detail = s.words.t(words[0]).into();
    question.label = s.words.t(words[1]).into();
    question.choices = vec![Choice::new(String::new(), DrillAct::Direct(act))];
    out.push(Ask::new(question));
}

/// Asks before everything that is still to come is put off.
pub(super) fn postpone_all(s: &Scene<'_>, out: &mut Acts) {
    let title = s.words.n("confirm.postpone", POSTPONE_S / 60);
    let act = DirectorAct::Postpone {
        inject: None,
        seconds: POSTPONE_S,
    };
    let words = ["confirm.postpone_why", "confirm.postpone_do"];
    ask(s, words, title, act, out);
}

/// Asks before a drill goes back: what was done since then is done again.
pub(super) fn rewind(s: &Scene<'_>, to: Timestamp, out: &mut Acts) {
    let time = s.time.hms(to);
    let title = s.words.f("confirm.rewind", &[("time", &time)]);
    let words = ["confirm.rewind_why", "confirm.rewind_do"];
    ask(s, words, title, DirectorAct::Rewind { to }, out);
}
