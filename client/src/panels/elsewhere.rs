//! What other desks do with a case: who has it open, and what one of them has just done.

use super::console::Scene;
use super::pen::{Pen, span};
use super::skin::Role;
use crate::facts::desk::{desk_name, listed};
use crate::facts::history::history_word;
use crate::facts::unit::actor_words;
use crate::i18n::spell_span;
use bevy_egui::egui::pos2;
use chengtu_engine::ids::CaseId;
use chengtu_engine::model::{Actor, HistoryEntry};

/// Desks that are named at most; of more only how many.
const NAMED: usize = 2;

/// Height of the line in the panel of a case, logical pixels.
pub const HEIGHT: f32 = 22.0;

/// What other desks do with a case, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// What one of them did a moment ago.
    pub did: Option<String>,
    /// Who has it open.
    pub open: Option<String>,
}

impl Elsewhere {
    /// Both, as one sentence.
    pub fn words(&self) -> String {
        let parts = [&self.did, &self.open].map(Option::as_deref);
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}

/// What other desks do with a case; none where that is nothing, or where the past is looked at.
pub fn of(s: &Scene<'_>, case: CaseId) -> Option<Elsewhere> {
    if s.is_past() {
        return None;
    }
    let history = s.mirror.histories.get(&case);
    let did = history.and_then(|h| s.desks.just_did(h, s.now));
    let names: Vec<&str> = if s.is_lost() {
        // Who was here then may have gone.
        Vec::new()
    } else {
        s.desks.others_at(case).map(|o| &*o.by).collect()
    };
    let actor = did.map(|e| &e.by);
    let same = |name: &str| matches!(actor, Some(Actor::Operator(by)) if by == name);
    let open = match names.as_slice() {
        [one] if same(one) => Some(s.words.t("desk.still_open").to_owned()),
        names => open(s, names),
    };
    let did = did.map(|e| act(s, e));
    let told = Elsewhere { did, open };
    (told.did.is_some() || told.open.is_some()).then_some(told)
}

fn act(s: &Scene<'_>, e: &HistoryEntry) -> String {
    let w = s.words;
    w.f(
        "desk.did",
        &[
            ("who", &actor_words(s.mirror, &e.by, w)),
            ("span", &spell_span(s.now.seconds_since(e.at), w)),
            ("what", &history_word(s.mirror, &e.what, w)),
        ],
    )
}

fn open(s: &Scene<'_>, names: &[&str]) -> Option<String> {
    let w = s.words;
    match names {
        [] => None,
        some if some.len() <= NAMED => {
            let names: Vec<String> = some.iter().map(|n| desk_name(n, w)).collect();
            let who = listed(&names, w);
            Some(w.f("desk.open", &[("who", &who)]))
        }
        many => Some(w.n("desk.open_many", many.len())),
    }
}

/// Draws it as one line of the panel, what was done first.
pub fn line(pen: &Pen<'_>, s: &Scene<'_>, case: CaseId, (x, right): (f32, f32), y: f32) {
    let Some(told) = of(s, case) else { return };
    let skin = s.skin;
    let color = if told.did.is_some() { skin.t1 } else { skin.t3 };
    pen.person(pos2(x + 5.0, y), color);
    let did = told.did.as_deref().unwrap_or_default();
    let open = told.open.as_deref().unwrap_or_default();
    let spans = [
        span(did, skin.bold(Role::Body), skin.t1),
        span(open, skin.regular(Role::Small), skin.t2).after(10.0),
    ];
    let spans = if did.is_empty() {
        &spans[1..]
    } else {
        &spans[..]
    };
    pen.spans(pos2(x + 17.0, y), right - x - 17.0, spans);
}

/// Draws the small mark of a row, its middle at `right`; gives what it stands for, where there is one.
pub fn mark(pen: &Pen<'_>, s: &Scene<'_>, case: CaseId, (right, y): (f32, f32)) -> Option<String> {
    let told = of(s, case)?;
    let color = if told.did.is_some() {
        s.skin.t1
    } else {
        s.skin.t3
    };
    pen.person(pos2(right, y), color);
    Some(told.words())
}
