//! What is asked before marked cases become one: all of them, into which, and which of them cannot go with the others.

use super::acts::BundlingAct;
use super::state::{Bundling, Mark};
use crate::facts::case;
use crate::facts::desk::listed;
use crate::facts::history::history_word;
use crate::facts::unit::{actor_words, call_sign};
use crate::panels::confirm::{Ask, Choice, Question};
use crate::panels::console::{Acts, Scene};
use chengtu_engine::command::CommandRequest;
use chengtu_engine::permission::Permission;
use chengtu_engine::stream::{CaseView, Mirror};

/// True where the marked cases can be bundled now.
pub(super) fn may_ask(s: &Scene<'_>, state: &Bundling) -> bool {
    s.may(Permission::DecideCases)
        && s.is_live()
        && state.marks.len() > 1
        && state.sending.is_empty()
}

/// Asks into which of the marked cases the others go.
pub(super) fn ask(s: &Scene<'_>, state: &Bundling, out: &mut Acts) {
    let w = s.words;
    let (held, changed): (Vec<Mark>, Vec<Mark>) = state
        .marks
        .iter()
        .partition(|m| m.holds(s.mirror).is_some());
    let mut fit: Vec<&CaseView> = held.iter().filter_map(|m| m.holds(s.mirror)).collect();
    fit.sort_by_key(|c| (c.severity as u8, c.occurred_at, c.id));
    let alike = |c: &CaseView| {
        let others = fit.iter().filter(|o| o.id != c.id && o.class == c.class);
        others.copied().collect::<Vec<_>>()
    };
    let choices: Vec<Choice> = fit
        .iter()
        .map(|c| (c, alike(c)))
        .filter(|(_, others)| !others.is_empty())
        .map(|(c, others)| {
            let gives = others.iter().map(|o| CommandRequest::BundleCase {
                case: o.id,
                into: c.id,
            });
            let act = BundlingAct::Give(gives.collect());
            Choice::new(label(s, c, others.len()), act)
        })
        .collect();
    let mut detail = vec![if choices.is_empty() {
        w.t("bundling.nothing").to_owned()
    } else {
        w.t("bundling.why").to_owned()
    }];
    detail.extend(changed.iter().map(|m| left_out(s, m)));
    let alone = fit.iter().filter(|c| alike(c).is_empty());
    detail.extend(alone.map(|c| w.n("bundling.other_class", c.id)));
    detail.extend(units(s, &fit));
    let holds = move |m: &Mirror| held.iter().all(|mark| mark.holds(m).is_some());
    let title = w.n("bundling.title", state.marks.len());
    let mut question = Question::new(title, s.world, holds);
    question.detail = detail.join(if w.is_zh() { "" } else { " " });
    question.label = w.t("bundle.do").into();
    question.choices = choices;
    out.push(Ask::new(question));
}

fn label(s: &Scene<'_>, c: &CaseView, others: usize) -> String {
    let w = s.words;
    let name = format!("#{} {}", c.id, case::class_name(s.mirror, c, w));
    w.f(
        "bundling.into",
        &[
            ("case", &name),
            ("address", &c.address),
            ("time", &s.time.hm(c.occurred_at)),
            ("n", &others.to_string()),
        ],
    )
}

/// Why a marked case does not go with the others: who changed it, and how.
fn left_out(s: &Scene<'_>, mark: &Mark) -> String {
    let w = s.words;
    let history = s.mirror.histories.get(&mark.case);
    let known = history.filter(|_| s.mirror.cases.contains_key(&mark.case));
    match known.and_then(|h| h.last_decisive()) {
        Some(last) => w.f(
            "bundling.changed",
            &[
                ("case", &mark.case.to_string()),
                ("who", &actor_words(s.mirror, &last.by, w)),
                ("time", &s.time.hms(last.at)),
                ("what", &history_word(s.mirror, &last.what, w)),
            ],
        ),
        None => w.n("bundling.gone", mark.case),
    }
}

/// Units that are called back from cases that go into another.
fn units(s: &Scene<'_>, fit: &[&CaseView]) -> Option<String> {
    let with = fit.iter().flat_map(|c| c.units.iter().map(|u| (c.id, *u)));
    let named = with.map(|(case, unit)| {
        let sign = call_sign(s.mirror, unit, s.words);
        format!("#{case} {sign}")
    });
    let named: Vec<String> = named.collect();
    let list = listed(&named, s.words);
    (!named.is_empty()).then(|| s.words.f("bundling.releases", &[("units", &list)]))
}
