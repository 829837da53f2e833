//! What happened to a case, in words.

use super::unit::call_sign;
use crate::i18n::Words;
use chengtu_engine::model::HistoryKind;
use chengtu_engine::stream::Mirror;

/// An entry of a case's history in words.
pub fn history_word(mirror: &Mirror, what: &HistoryKind, w: &Words) -> String {
    let about = |key: &str, unit| w.f(key, &[("unit", call_sign(mirror, unit, w))]);
    match what {
        HistoryKind::Stage(stage) => super::case::stage_word(*stage, w).into(),
        HistoryKind::Reported => w.t("moment.reported").into(),
        HistoryKind::Filed => w.t("moment.filed").into(),
        HistoryKind::Dispatched(unit) => about("history.sent", *unit),
        HistoryKind::Acknowledged(unit) => about("history.acknowledged_by", *unit),
        HistoryKind::Arrived(unit) => about("history.arrived_unit", *unit),
        HistoryKind::Recalled(unit) => about("history.recalled", *unit),
        HistoryKind::Reassigned { from, to } => w.f(
            "history.reassigned",
            &[
                ("from", call_sign(mirror, *from, w)),
                ("unit", call_sign(mirror, *to, w)),
            ],
        ),
        HistoryKind::Handled { unit, note } if note.is_empty() => about("history.handled", *unit),
        HistoryKind::Handled { unit, note } => {
            format!("{} · {note}", about("history.handled", *unit))
        }
        HistoryKind::CheckPassed => w.t("history.check_passed").into(),
        HistoryKind::CheckFailed => w.t("history.check_failed").into(),
        HistoryKind::Overdue => w.t("moment.overdue").into(),
        HistoryKind::BundledInto(case) => w.n("history.bundled_into", case),
        HistoryKind::TookIn(case) => w.n("history.took_in", case),
        HistoryKind::Voided { reason } => w.f("history.voided", &[("reason", reason)]),
        HistoryKind::Restored => w.t("moment.restored").into(),
        HistoryKind::GaveBack(case) => w.n("history.gave_back", case),
    }
}
