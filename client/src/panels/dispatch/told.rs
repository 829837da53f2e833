//! What was reported, in the reporter's words: always whole. Long words are wrapped, and scrolled where they would take
//! the panel from everything else.

use crate::panels::console::Scene;
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use bevy_egui::egui::scroll_area::ScrollBarVisibility;
use bevy_egui::egui::style::ScrollStyle;
use bevy_egui::egui::{Color32, FontId, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};
use chengtu_engine::model::{HistoryKind, note_before};
use chengtu_engine::stream::CaseView;

/// Height of a line, logical pixels.
const LINE: f32 = 21.0;
/// Most that the words take of the panel: a share of its height, in these bounds.
const SHARE: f32 = 0.16;
const MOST: [f32; 2] = [4.0 * LINE, 9.0 * LINE];
/// Least that the words take where room is short.
pub(super) const LEAST: f32 = 2.0 * LINE;

/// Most that the words take in a panel so high.
pub(super) fn most(panel_h: f32) -> f32 {
    (panel_h * SHARE).clamp(MOST[0], MOST[1])
}

/// What was reported, without the reason for which the case was voided: that stands in its history.
fn reported<'a>(s: &Scene<'_>, c: &'a CaseView) -> &'a str {
    let history = s.mirror.histories.get(&c.id);
    let last = history.and_then(|h| h.entries.last()).map(|e| &e.what);
    match last {
        Some(HistoryKind::Voided { reason }) => note_before(&c.note, reason),
        _ => &c.note,
    }
}

/// Note and address, each with its font and colour.
fn parts<'a>(s: &Scene<'a>, c: &'a CaseView) -> [(&'a str, FontId, Color32); 2] {
    let skin = s.skin;
    let address = if c.address.is_empty() {
        s.words.t("case.no_address")
    } else {
        &c.address
    };
    [
        (reported(s, c), skin.regular(Role::Row), skin.t1),
        (address, skin.regular(Role::Body), skin.t2),
    ]
}

fn whole_height(pen: &Pen<'_>, parts: &[(&str, FontId, Color32); 2], width: f32) -> f32 {
    let heights = parts.iter().map(|(text, font, _)| match *text {
        "" => 0.0,
        text => pen.wrapped_height(width, text, font.clone(), LINE),
    });
    heights.sum()
}

/// What note and address take, where they may take `most`.
pub(super) fn height(pen: &Pen<'_>, s: &Scene<'_>, c: &CaseView, width: f32, most: f32) -> f32 {
    whole_height(pen, &parts(s, c), width).min(most)
}

/// Draws note and address from `top` on, between `x` and `right`, at most `most` high. Returns where they end.
pub(super) fn draw(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    (x, right): (f32, f32),
    (top, most): (f32, f32),
    c: &CaseView,
) -> f32 {
    let skin = s.skin;
    let parts = parts(s, c);
    let width = right - x;
    let whole = whole_height(pen, &parts, width);
    let write = |pen: &Pen<'_>, top: f32, width: f32| {
        let mut y = top;
        for (text, font, color) in parts.iter().filter(|p| !p.0.is_empty()) {
            y += pen.wrapped(pos2(x, y), width, text, font.clone(), *color, LINE);
        }
        y - top
    };
    if whole <= most {
        write(pen, top, width);
        return top + whole;
    }
    let rect = Rect::from_min_size(pos2(x, top), vec2(width, most));
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    child.set_clip_rect(rect);
    // A bar that is always there says that there is more.
    child.spacing_mut().scroll = ScrollStyle {
        bar_width: 6.0,
        ..ScrollStyle::solid()
    };
    ScrollArea::vertical()
        .id_salt(("told", c.id.0))
        .scroll_bar_visibility(ScrollBarVisibility::AlwaysVisible)
        .auto_shrink(false)
        .min_scrolled_height(0.0)
        .show_viewport(&mut child, |ui, _| {
            // Beside the bar.
            let width = width - 12.0;
            let pen = Pen {
                painter: ui.painter(),
                skin,
            };
            let height = write(&pen, ui.min_rect().min.y, width);
            ui.set_height(height);
        });
    rect.max.y
}

#[cfg(test)]
mod tests {
    use crate::i18n::Lang;
    use crate::live::Selection;
    use crate::panels::desk::Desk;
    use crate::panels::model::sample::{COVER, NOW};
    use crate::panels::pictures::Setting;
    use chengtu_engine::model::{Actor, HistoryEntry, HistoryKind, Stage};

    /// The reason stood where the reporter's words stand, as if it had been reported.
    #[test]
    fn why_a_case_was_voided_is_not_among_what_was_reported() {
        let mut desk = Desk::new(Setting {
            selection: Selection::Case(COVER),
            lang: Lang::Zh,
            ..Setting::default()
        });
        let mut city = desk.city();
        let case = city.mirror.cases.get_mut(&COVER).unwrap();
        case.stage = Stage::Void;
        case.note = "井盖翻起 → 现场无此问题".to_owned();
        let mut history = city
            .mirror
            .histories
            .get(&COVER)
            .cloned()
            .unwrap_or_default();
        history.entries.push(HistoryEntry {
            at: NOW,
            by: Actor::Operator("周岚".to_owned()),
            what: HistoryKind::Voided {
                reason: "现场无此问题".to_owned(),
            },
        });
        city.mirror.histories.insert(COVER, history);
        desk.settle();
        let exactly = |text: &str| desk.texts.iter().any(|(t, _)| t == text);
        assert!(exactly("井盖翻起"), "{:?}", desk.texts);
        assert!(desk.says("作废：现场无此问题"), "{:?}", desk.texts);
    }
}
