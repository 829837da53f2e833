//! How the panel of a case is shared out: what can be done about a case always has its room. Where the screen is low, as
//! under the bars of a replay or a drill, the head takes less, and is scrolled where even that is too much.

use super::head::{self, Fit};
use super::scene::CaseScene;
use super::{table, told};
use crate::panels::alarms::AlarmState;
use crate::panels::console::Acts;
use crate::panels::detail::{PAD, close};
use crate::panels::pen::Pen;
use bevy_egui::egui::scroll_area::ScrollBarVisibility;
use bevy_egui::egui::style::ScrollStyle;
use bevy_egui::egui::{Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};
use chengtu_engine::stream::CaseView;

/// Least that is seen of a head: title, two lines of words, what it is.
const LEAST_HEAD: f32 = 116.0;

/// Draws the head of a case. Returns where what is below it begins.
pub(super) fn head(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    alarms: &AlarmState,
    rect: Rect,
    c: &CaseView,
    out: &mut Acts,
) -> f32 {
    close(ui, pen, s, rect, out);
    let room = (rect.height() - table::LEAST_H).max(LEAST_HEAD);
    let width = rect.width() - 2.0 * PAD;
    let fits = |tight: bool, told: f32| {
        let told_h = told::height(pen, s, c, width, told);
        (head::rest_height(s, c, tight) + told_h <= room).then_some(Fit { tight, told })
    };
    let most = told::most(rect.height());
    let left = (room - head::rest_height(s, c, true)).clamp(told::LEAST, most);
    if let Some(fit) = fits(false, most).or_else(|| fits(true, left)) {
        return head::head(ui, pen, s, alarms, (rect, fit), c, out);
    }
    let fit = Fit {
        tight: true,
        told: told::LEAST,
    };
    let shown = Rect::from_min_size(rect.min, vec2(rect.width(), room.floor()));
    let mut child = ui.new_child(UiBuilder::new().max_rect(shown.shrink2(vec2(1.0, 1.0))));
    child.set_clip_rect(shown.shrink(1.0));
    // A bar that is always there says that there is more.
    child.spacing_mut().scroll = ScrollStyle {
        bar_width: 6.0,
        bar_outer_margin: 2.0,
        ..ScrollStyle::solid()
    };
    ScrollArea::vertical()
        .id_salt(("case-head", c.id.0))
        .scroll_bar_visibility(ScrollBarVisibility::AlwaysVisible)
        .auto_shrink(false)
        .min_scrolled_height(0.0)
        .show_viewport(&mut child, |ui, _| {
            let top = ui.min_rect().min.y;
            let moved = Rect::from_min_size(pos2(rect.min.x, top - 1.0), rect.size());
            let painter = ui.painter().clone();
            let pen = Pen {
                painter: &painter,
                skin: s.skin,
            };
            let end = head::head(ui, &pen, s, alarms, (moved, fit), c, out);
            ui.set_height(end - top);
        });
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, shown.max.y, s.skin.line);
    shown.max.y
}

#[cfg(test)]
mod tests {
    use crate::i18n::{Lang, Words};
    use crate::live::Selection;
    use crate::panels::desk::Desk;
    use crate::panels::model::sample::{self, COVER};
    use crate::panels::pictures::{Setting, States, busy, drilled};
    use bevy_egui::egui::Rect;
    use chengtu_engine::drill::Seat;
    use chengtu_engine::record::World;

    /// Where a text is that begins like this.
    fn place(desk: &Desk, words: &str) -> Option<Rect> {
        let found = desk.texts.iter().find(|(t, _)| t.starts_with(words));
        found.map(|(_, r)| *r)
    }

    fn check(name: &'static str, world: World, prepare: fn(&mut States), long: bool) {
        for lang in [Lang::Zh, Lang::En] {
            let mut desk = Desk::new(Setting {
                name,
                size: [1_280.0, 720.0],
                lang,
                world,
                selection: Selection::Case(COVER),
                prepare,
                ..Setting::default()
            });
            if long {
                let mut city = desk.city();
                let c = city.mirror.cases.get_mut(&COVER).unwrap();
                c.note = "三名行人被困，水位仍在上涨，井盖不见踪影。".repeat(9);
                c.rework = 2;
                c.maybe_same_as = Some(sample::OVERDUE);
            }
            desk.settle();
            let told = format!("{name} {lang:?}, long: {long}");
            let words = Words::shipped(lang).unwrap();
            let panel = desk.layout().detail.expect("a panel");
            let city = sample::city();
            let sign = |r: &chengtu_engine::rank::ArrivalRow| {
                let u = &city.units[&r.unit];
                words.name(&u.call_sign, &u.call_sign_en).to_owned()
            };
            let ranked = sample::ranking();
            let first = [("unit", sign(&ranked[0])), ("lost", String::new())];
            let first = first.each_ref().map(|(k, v)| (*k, v.as_str()));
            let send = words.f("dispatch.send", &first);
            let button = place(&desk, &send).unwrap_or_else(|| panic!("{told}: no button"));
            let heads = ["dispatch.arrival", "dispatch.length", "dispatch.handled"]
                .map(|k| place(&desk, words.t(k)).unwrap_or_else(|| panic!("{told}: no {k}")));
            let rows: Vec<Rect> = ranked
                .iter()
                .filter_map(|r| place(&desk, &sign(r)))
                // Whole: the row ends 33.5 below the middle of its first line, the foot begins 35 above the button's.
                .filter(|r| r.center().y + 33.0 <= button.center().y - 34.0)
                .collect();
            assert!(
                rows.len() >= 2,
                "{told}: {} rows above the button",
                rows.len()
            );
            let all: Vec<&Rect> = heads.iter().chain([&button]).chain(&rows[..2]).collect();
            for (i, a) in all.iter().enumerate() {
                assert!(panel.contains_rect(**a), "{told}: {a} leaves {panel}");
                for b in &all[i + 1..] {
                    let both = a.intersect(**b);
                    assert!(!both.is_positive(), "{told}: {a} on {b}");
                }
            }
            // The time that is left is seen without scrolling.
            let left = crate::i18n::countdown(2_238.0, &words);
            let left = place(&desk, &left).unwrap_or_else(|| panic!("{told}: no countdown"));
            assert!(left.max.y < heads[0].min.y, "{told}: {left}");
        }
    }

    /// At 1280 × 720 the director's panel had no room for a unit, and its button lay on the heads of the columns.
    #[test]
    fn what_can_be_done_has_room_under_the_bars_of_every_world() {
        for long in [false, true] {
            check("room-live", World::Live, |_| {}, long);
            check(
                "room-live-tall",
                World::Live,
                |st| st.time.open_live = true,
                long,
            );
            let participant: fn(&mut States) = |st| drilled(st, Seat::Participant);
            check("room-drill", World::Drill(1), participant, long);
            check(
                "room-director",
                World::Drill(1),
                |st| drilled(st, Seat::Director),
                long,
            );
            check("room-busy", World::Drill(1), busy, long);
        }
    }
}
