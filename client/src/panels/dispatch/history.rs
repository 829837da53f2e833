//! What happened in a case, newest last.

use crate::facts::case;
use crate::facts::history::history_word;
use crate::facts::unit::{actor_words, call_sign};
use crate::i18n::Words;
use crate::panels::console::{Acts, Scene};
use crate::panels::detail::PAD;
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::time::TimeAct;
use crate::panels::widgets::{press, row_ground};
use bevy_egui::egui::{Id, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};
use chengtu_engine::model::{CaseHistory, HistoryEntry, Stage};
use chengtu_engine::record::World;
use chengtu_engine::stream::{CaseView, Mirror};
use chengtu_engine::time::Timestamp;

const ROW: f32 = 24.0;

/// What is known of a case's past. From a server of before histories were told: its stages, and what the units did that
/// are with it now.
pub fn entries(s: &Scene<'_>, c: &CaseView) -> Vec<(Timestamp, String, String)> {
    let told = s.mirror.histories.get(&c.id);
    if let Some(history) = told.filter(|h| !h.entries.is_empty()) {
        return of_history(s.mirror, history, s.words);
    }
    let w = s.words;
    let mut list: Vec<(Timestamp, String, String)> = Vec::new();
    let mut before = None;
    for h in &c.history {
        let what = stage_words(before.replace(h.stage), h.stage, w);
        list.push((h.at, what.to_string(), actor_words(s.mirror, &h.by, w)));
    }
    for id in &c.units {
        let Some(a) = s.mirror.units.get(id).and_then(|u| u.assignment.as_ref()) else {
            continue;
        };
        let sign = call_sign(s.mirror, *id, w).to_string();
        list.push((
            a.at,
            w.f("history.sent", &[("unit", &sign)]),
            actor_words(s.mirror, &a.by, w),
        ));
        if let Some(t) = a.acknowledged_at {
            list.push((t, w.t("history.acknowledged").to_string(), sign.clone()));
        }
        if let Some(t) = a.arrived_at {
            list.push((t, w.t("history.arrived").to_string(), sign));
        }
    }
    list.sort_by_key(|e| e.0);
    list
}

/// Everything that happened, in words; where entries had to make room, that they did.
fn of_history(
    mirror: &Mirror,
    history: &CaseHistory,
    w: &Words,
) -> Vec<(Timestamp, String, String)> {
    let entry = |e: &HistoryEntry| {
        let who = actor_words(mirror, &e.by, w);
        (e.at, history_word(mirror, &e.what, w), who)
    };
    let mut list: Vec<_> = history.entries.iter().map(entry).collect();
    if history.left_out > 0 && list.len() > BEGINNING {
        let at = list[BEGINNING].0;
        let text = w.n("history.left_out", history.left_out);
        list.insert(BEGINNING, (at, text, String::new()));
    }
    list
}

/// Entries that never make room stand before those that were left out.
const BEGINNING: usize = 2;

/// What it means that a case has come to a stage: back from its units it was recalled, back from its check it has to be
/// done again, and neither is a filing.
fn stage_words(before: Option<Stage>, stage: Stage, w: &Words) -> &str {
    match (before, stage) {
        (Some(Stage::Dispatched | Stage::InProgress), Stage::Filed) => {
            w.t("history.stage_recalled")
        }
        (Some(Stage::Handled), Stage::Filed | Stage::Dispatched | Stage::InProgress) => {
            w.t("history.stage_reworked")
        }
        (Some(Stage::Dispatched | Stage::InProgress), Stage::Dispatched) => {
            w.t("history.stage_reassigned")
        }
        _ => case::stage_word(stage, w),
    }
}

/// Draws the list.
///
/// A line leads to its moment.
pub fn draw(ui: &mut Ui, pen: &Pen<'_>, s: &Scene<'_>, rect: Rect, c: &CaseView, out: &mut Acts) {
    let skin = s.skin;
    let list = Rect::from_min_max(rect.min + vec2(1.0, 40.0), rect.max - vec2(1.0, 8.0));
    if list.height() < ROW {
        return;
    }
    pen.left(
        pos2(rect.min.x + PAD, rect.min.y + 22.0),
        s.words.t("history.title"),
        skin.bold(Role::Row),
        skin.t1,
    );
    let entries = entries(s, c);
    let mut child = ui.new_child(UiBuilder::new().max_rect(list));
    child.set_clip_rect(list);
    ScrollArea::vertical()
        .id_salt("history")
        .auto_shrink(false)
        .show_viewport(&mut child, |ui, _| {
            ui.set_height(entries.len() as f32 * ROW);
            let origin = ui.min_rect().min;
            let pen = Pen {
                painter: ui.painter(),
                skin,
            };
            let time_width = entries
                .iter()
                .map(|e| pen.width(&s.time.when_exactly(e.0, s.now), skin.regular(Role::Small)))
                .fold(0.0, f32::max);
            for (i, (at, what, who)) in entries.iter().enumerate() {
                let y = origin.y + i as f32 * ROW + 10.0;
                let x = list.min.x + PAD - 1.0;
                let row = Rect::from_center_size(pos2(list.center().x, y), vec2(list.width(), ROW));
                let leads = !matches!(s.world, World::Drill(_));
                if leads {
                    let response = press(ui, row, Id::new(("history", i)), &pen, 4);
                    row_ground(&pen, row, response.hovered(), false, skin.action);
                    let response = response.on_hover_text(s.words.t("history.go_there"));
                    if response.clicked() {
                        out.push(TimeAct::GoTo(*at));
                    }
                }
                pen.right(
                    pos2(x + time_width, y),
                    &s.time.when_exactly(*at, s.now),
                    skin.regular(Role::Small),
                    skin.t3,
                );
                let spans = [
                    span(what, skin.regular(Role::Body), skin.t1),
                    span(who, skin.regular(Role::Small), skin.t3).after(8.0),
                ];
                pen.spans(
                    pos2(x + time_width + 14.0, y),
                    list.width() - time_width - 2.0 * PAD - 14.0,
                    &spans,
                );
            }
        });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::live::Selection;
    use crate::panels::desk::Desk;
    use crate::panels::model::sample::{self, NOW, TO_CHECK};
    use crate::panels::pictures::Setting;
    use chengtu_engine::ids::UnitId;
    use chengtu_engine::model::{Actor, HistoryKind};

    #[test]
    fn what_a_unit_did_stays_when_it_is_no_longer_with_the_case() {
        let city = sample::city();
        let mut history = CaseHistory::default();
        let unit = UnitId(0);
        let mut at = NOW.plus_seconds(-600);
        for what in [
            HistoryKind::Reported,
            HistoryKind::Filed,
            HistoryKind::Dispatched(unit),
            HistoryKind::Arrived(unit),
            HistoryKind::Recalled(unit),
            HistoryKind::Voided {
                reason: "误报".into(),
            },
        ] {
            let by = Actor::Operator("周岚".into());
            history.push(HistoryEntry { at, by, what });
            at = at.plus_seconds(60);
        }
        let w = Words::shipped(Lang::Zh).unwrap();
        let told: Vec<String> = of_history(&city, &history, &w)
            .into_iter()
            .map(|e| e.1)
            .collect();
        let expected = [
            "上报",
            "立案",
            "派遣 排水 10",
            "排水 10 到场",
            "召回 排水 10",
            "作废：误报",
        ];
        assert_eq!(told, expected);
    }

    /// Only what the units did that were still with a case stood on its panel.
    #[test]
    fn the_panel_tells_what_units_did_that_have_gone() {
        let mut desk = Desk::new(Setting {
            selection: Selection::Case(TO_CHECK),
            ..Setting::default()
        });
        let gone = UnitId(0);
        let mut city = desk.city();
        let history = city.mirror.histories.entry(TO_CHECK).or_default();
        for what in [HistoryKind::Dispatched(gone), HistoryKind::Recalled(gone)] {
            let by = Actor::Operator("周岚".into());
            history.push(HistoryEntry { at: NOW, by, what });
        }
        desk.settle();
        assert!(desk.says("派遣 排水 10") && desk.says("召回 排水 10"));
    }

    #[test]
    fn a_recall_is_no_filing_and_neither_is_work_that_has_to_be_done_again() {
        for lang in [Lang::Zh, Lang::En] {
            let w = Words::shipped(lang).unwrap();
            let filed = stage_words(Some(Stage::Reported), Stage::Filed, &w);
            assert_eq!(filed, w.t("stage.filed"));
            let recalled = stage_words(Some(Stage::Dispatched), Stage::Filed, &w);
            let again = stage_words(Some(Stage::Handled), Stage::Filed, &w);
            let other = stage_words(Some(Stage::Dispatched), Stage::Dispatched, &w);
            let all = [filed, recalled, again, other];
            for (i, a) in all.iter().enumerate() {
                assert!(all[i + 1..].iter().all(|b| a != b), "{lang:?}: {all:?}");
            }
        }
    }
}
