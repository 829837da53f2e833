//! Refusals in words.

use super::console::{Refusal, Scene};
use crate::facts::desk::desk_name;
use crate::facts::history::history_word;
use crate::facts::unit::{actor_words, status_word};
use crate::net::{NO_LINK, NOT_ANSWERED};
use chengtu_engine::code::{Change, Code, RefusalData};
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::model::UnitStatus;

/// The unit that a command is about.
fn unit(request: &CommandRequest) -> Option<UnitId> {
    match request {
        CommandRequest::DispatchUnit { unit, .. } | CommandRequest::RecallUnit { unit } => {
            Some(*unit)
        }
        CommandRequest::ReassignCase { to, .. } => Some(*to),
        _ => None,
    }
}

/// True for commands given on a case's panel.
pub fn concerns_case(request: &CommandRequest, id: CaseId) -> bool {
    match request {
        CommandRequest::DispatchUnit {
            target: Target::Case(case),
            ..
        }
        | CommandRequest::ReassignCase { case, .. }
        | CommandRequest::CheckCase { case, .. }
        | CommandRequest::BundleCase { case, .. }
        | CommandRequest::RestoreCase { case }
        | CommandRequest::Unmask { case, .. }
        | CommandRequest::NameReporter { case, .. }
        | CommandRequest::VoidCase { case, .. } => *case == id,
        _ => false,
    }
}

/// Why a command was not done, in the officer's language. The server's own words, which are English, are used if
/// there are none of ours for its number.
pub fn words(s: &Scene<'_>, refusal: &Refusal) -> String {
    let w = s.words;
    let known = unit(&refusal.request).and_then(|id| s.mirror.units.get(&id));
    let sign = known.map_or(String::new(), |u| {
        w.name(&u.call_sign, &u.call_sign_en).to_string()
    });
    match refusal.code {
        NO_LINK => w.t("refusal.no_link").into(),
        NOT_ANSWERED => w.t("refusal.not_answered").into(),
        Code::UnitNotAvailable => {
            let holder = known
                .and_then(|u| u.assignment.as_ref())
                .map(|a| actor_words(s.mirror, &a.by, w));
            let status = known.map_or(String::new(), |u| status_word(u.status, w).to_string());
            // The picture here may lag behind the server's word, which names who was quicker.
            let holder = holder.or_else(|| match &refusal.data {
                RefusalData::TakenBy(who) | RefusalData::Taken { by: who, .. } => {
                    Some(desk_name(who, w))
                }
                RefusalData::None | RefusalData::Changed(_) => None,
            });
            // Where, and since when.
            if let RefusalData::Taken { by, case, at } = &refusal.data {
                let target =
                    case.map_or_else(|| w.t("refusal.a_place").into(), |c| format!("#{c}"));
                let time = s.time.hms(*at);
                return w.f(
                    "refusal.taken_for",
                    &[
                        ("unit", &sign),
                        ("holder", &desk_name(by, w)),
                        ("target", &target),
                        ("time", &time),
                    ],
                );
            }
            match holder {
                Some(holder) => w.f("refusal.taken_by", &[("unit", &sign), ("holder", &holder)]),
                None if known.is_some_and(|u| u.status == UnitStatus::Available) => {
                    w.f("refusal.just_taken", &[("unit", &sign)])
                }
                None => w.f(
                    "refusal.not_available",
                    &[("unit", &sign), ("status", &status)],
                ),
            }
        }
        Code::Changed => changed(s, refusal),
        Code::TooLate => w.t("refusal.too_late").into(),
        Code::Expired => w.t("refusal.expired").into(),
        Code::NotKnown => w.t("refusal.not_known").into(),
        Code::WrongStage => w.t("refusal.wrong_stage").into(),
        Code::UnitHasNoTask => w.f("refusal.no_task", &[("unit", &sign)]),
        Code::WrongStatus => w.f("refusal.wrong_status", &[("unit", &sign)]),
        Code::OutsideCity => w.t("refusal.outside").into(),
        Code::AlreadyAcknowledged => w.t("refusal.acknowledged").into(),
        Code::AlreadyOnCase => w.f("refusal.already_here", &[("unit", &sign)]),
        Code::NotPermitted => w.t("refusal.not_permitted").into(),
        Code::NoSuchCase => w.t("refusal.case_gone").into(),
        Code::CannotBundle => w.t("refusal.cannot_bundle").into(),
        Code::IdTaken => w.t("refusal.id_taken").into(),
        Code::TextTooLong => w.t("refusal.text_too_long").into(),
        Code::TooMuchAtOnce => w.t("refusal.too_much").into(),
        Code::InFuture => w.t("refusal.in_future").into(),
        _ => w.f("refusal.other", &[("text", &refusal.text)]),
    }
}

/// What has become of what was acted upon: who changed it, when, and how.
fn changed(s: &Scene<'_>, refusal: &Refusal) -> String {
    let w = s.words;
    let RefusalData::Changed(changed) = &refusal.data else {
        return w.t("refusal.changed").into();
    };
    let what = match &changed.what {
        Change::Case(what) => history_word(s.mirror, what, w),
        Change::UnitSent(Some(case)) => w.n("refusal.unit_sent", format!("#{case}")),
        Change::UnitSent(None) => w.n("refusal.unit_sent", w.t("refusal.a_place")),
        Change::UnitFreed => w.t("refusal.unit_freed").into(),
        Change::AlarmAcknowledged => w.t("refusal.acknowledged").into(),
    };
    w.f(
        "refusal.changed_by",
        &[
            ("who", &actor_words(s.mirror, &changed.by, w)),
            ("time", &s.time.hms(changed.at)),
            ("what", &what),
        ],
    )
}

/// The same, where what was asked is no longer on show.
pub fn code_words(w: &crate::i18n::Words, code: Code, text: &str) -> String {
    match code {
        NO_LINK => w.t("refusal.no_link").into(),
        NOT_ANSWERED => w.t("refusal.not_answered").into(),
        Code::Changed => w.t("refusal.changed").into(),
        Code::TooLate => w.t("refusal.too_late").into(),
        Code::Expired => w.t("refusal.expired").into(),
        Code::NotKnown => w.t("refusal.not_known").into(),
        Code::OutsideCity => w.t("refusal.outside").into(),
        Code::AlreadyAcknowledged => w.t("refusal.acknowledged").into(),
        Code::NotPermitted => w.t("refusal.not_permitted").into(),
        Code::TextTooLong => w.t("refusal.text_too_long").into(),
        Code::TooMuchAtOnce => w.t("refusal.too_much").into(),
        Code::InFuture => w.t("refusal.in_future").into(),
        _ => w.f("refusal.other", &[("text", text)]),
    }
}
