//! An act does what was on the screen when the key went down, or nothing.

use super::desk::Desk;
use super::dispatch::DispatchState;
use super::fork::ForkAct;
use super::menu::{MenuPage, MenuState};
use super::model::sample::{self, COVER};
use super::pictures::{Setting, menu};
use super::worlds::{WorldAct, Worlds};
use crate::i18n::{Lang, Words};
use crate::input::Zone;
use crate::live::Selection;
use crate::net::Ranking;
use bevy_egui::egui::{Key, Modifiers};
use chengtu_engine::chance::Chance;
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::ids::{AlarmId, UnitId};
use chengtu_engine::model::{AlarmSource, UnitStatus};

const NONE: Modifiers = Modifiers::NONE;

fn desk() -> Desk {
    Desk::new(Setting {
        selection: Selection::Case(COVER),
        prepare: |st| st.focus.zone = Zone::Dispatch,
        ..Setting::default()
    })
}

/// The units of the dispatches that were given.
fn sent(desk: &mut Desk) -> Vec<UnitId> {
    let commands = desk.commands();
    let unit = |c: &CommandRequest| match c {
        CommandRequest::DispatchUnit { unit, .. } => Some(*unit),
        _ => None,
    };
    commands.iter().filter_map(unit).collect()
}

/// Puts units in another order.
fn rank(desk: &mut Desk, order: &[usize]) {
    let rows = sample::ranking();
    let rows = order.iter().enumerate().map(|(i, from)| {
        let mut row = rows[*from].clone();
        row.rank = i as u32 + 1;
        row
    });
    let rows = rows.collect();
    let at = sample::NOW;
    desk.rankings().put(COVER, Ranking { at, rows });
}

/// Another desk has sent a unit elsewhere.
fn take_unit(desk: &mut Desk, unit: UnitId, status: UnitStatus) {
    let mut city = desk.city();
    city.mirror.units.get_mut(&unit).unwrap().status = status;
}

fn call_sign(desk: &mut Desk, unit: UnitId) -> String {
    let city = desk.city();
    city.mirror.units[&unit].call_sign.clone()
}

#[test]
fn enter_sends_the_unit_on_the_button() {
    let mut desk = desk();
    let first = sample::ranking()[0].unit;
    let sign = call_sign(&mut desk, first);
    assert!(desk.says(&format!("派遣 {sign}")));
    desk.key(Key::Enter);
    assert_eq!(sent(&mut desk), [first]);
}

#[test]
fn an_open_menu_takes_enter_alone() {
    type Open = fn(&mut Desk);
    let overlays: [(&str, Open); 6] = [
        ("fork", |d| d.key(Key::X)),
        ("worlds", |d| d.key(Key::W)),
        ("help", |d| d.key(Key::F1)),
        ("search", |d| d.key(Key::Slash)),
        ("void", |d| d.key(Key::V)),
        ("menu", |d| {
            d.app.world_mut().resource_mut::<MenuState>().open = Some(menu(MenuPage::Actions));
            d.frame(vec![]);
        }),
    ];
    for (name, open) in overlays {
        let mut desk = desk();
        open(&mut desk);
        // Nor do digits, or the keys of what lies behind.
        for key in [Key::Num3, Key::R, Key::D] {
            desk.key(key);
        }
        let state = desk.app.world().resource::<DispatchState>();
        assert_eq!(state.unit, None, "{name}");
        desk.key(Key::Enter);
        assert_eq!(desk.commands(), [], "{name}");
        desk.key(Key::Escape);
        desk.key(Key::Escape);
    }
}

#[test]
fn keys_of_one_slow_frame_are_for_what_each_of_them_opens() {
    // The fork's list is opened and Enter pressed before anything could be drawn: it is for the list, and the list has
    // not been seen when it went down.
    let mut desk = desk();
    desk.press(&[(Key::X, NONE), (Key::Enter, NONE)]);
    for _ in 0..3 {
        desk.frame(vec![]);
    }
    assert_eq!(desk.commands(), []);
    assert!(
        desk.asked::<ForkAct>().is_empty(),
        "nor is a fork begun from a line that nobody saw"
    );
    // Closing what is open and Enter in one frame: the Enter was for what was open.
    desk.press(&[(Key::Escape, NONE), (Key::Enter, NONE)]);
    desk.frame(vec![]);
    desk.frame(vec![]);
    assert_eq!(desk.commands(), []);
    // Focus and Enter in one frame: what the button said then is sent.
    let mut desk = Desk::new(Setting {
        selection: Selection::Case(COVER),
        ..Setting::default()
    });
    let first = sample::ranking()[0].unit;
    desk.press(&[(Key::D, NONE), (Key::Enter, NONE)]);
    desk.frame(vec![]);
    desk.frame(vec![]);
    assert_eq!(sent(&mut desk), [first]);
}

#[test]
fn a_unit_taken_by_another_desk_is_not_replaced_in_silence() {
    let mut desk = desk();
    let [first, second] = [0, 1].map(|i| sample::ranking()[i].unit);
    take_unit(&mut desk, first, UnitStatus::EnRoute);
    // The key goes down while the button still names the first one.
    desk.key(Key::Enter);
    assert_eq!(desk.commands(), []);
    let (first, name) = (call_sign(&mut desk, first), call_sign(&mut desk, second));
    assert!(desk.says(&format!("{first} 已不可派，改选 {name}")));
    // The next is offered, not sent; one Enter chooses it, the next sends it.
    std::thread::sleep(std::time::Duration::from_millis(700));
    desk.key(Key::Enter);
    assert_eq!(desk.commands(), []);
    assert!(desk.says(&format!("派遣 {name}")));
    desk.key(Key::Enter);
    assert_eq!(sent(&mut desk), [second]);
}

/// The button named nobody ("已不可派，改选 …") where the unit had left the ranking altogether.
#[test]
fn a_unit_that_has_left_the_list_is_named_as_well() {
    for lang in [Lang::Zh, Lang::En] {
        let mut desk = Desk::new(Setting {
            selection: Selection::Case(COVER),
            prepare: |st| st.focus.zone = Zone::Dispatch,
            lang,
            size: [1_280.0, 720.0],
            ..Setting::default()
        });
        desk.frame(vec![]);
        let units = [0, 1].map(|i| sample::ranking()[i].unit);
        rank(&mut desk, &[1, 2, 3]);
        desk.frame(vec![]);
        let words = Words::shipped(lang).unwrap();
        let [lost, next] = units.map(|u| {
            let u = desk.city().mirror.units[&u].clone();
            words.name(&u.call_sign, &u.call_sign_en).to_string()
        });
        let both = words.f("dispatch.choose_next", &[("lost", &lost), ("unit", &next)]);
        let one = words.f("dispatch.choose", &[("unit", &next)]);
        let said = |t: &&crate::panels::inks::Ink| [&both, &one].contains(&&t.words);
        let button = desk.inks.iter().find(said);
        let button = button.unwrap_or_else(|| panic!("{lang:?}: {both}"));
        let whole = button.clip.contains_rect(button.whole) && !button.elided;
        let expected = &button.words;
        assert!(whole, "{lang:?}: {expected}");
    }
}

#[test]
fn nothing_moves_under_a_hand() {
    let mut desk = desk();
    let third = sample::ranking()[2].unit;
    rank(&mut desk, &[2, 1, 0, 3]);
    desk.frame(vec![]);
    assert!(desk.says("有新的排序"));
    desk.key(Key::Num3);
    let state = desk.app.world().resource::<DispatchState>();
    assert_eq!(state.unit, Some(third), "the third that is seen");
    // The newer order is taken where it is asked for.
    desk.key(Key::D);
    assert!(!desk.says("有新的排序"));
    // Under the pointer alone, too.
    let mut desk = Desk::new(Setting {
        selection: Selection::Case(COVER),
        ..Setting::default()
    });
    let first = sample::ranking()[0].unit;
    let sign = call_sign(&mut desk, first);
    let at = desk.place(&format!("派遣 {sign}"));
    desk.point(at);
    rank(&mut desk, &[1, 0, 2, 3]);
    desk.button(true);
    desk.button(false);
    assert_eq!(sent(&mut desk), [first]);
}

/// A second unit was looked for in the order of the first, held with the unit that had just been sent on the button:
/// "newer order", "no longer available, choose …", before anybody had done anything.
#[test]
fn a_second_unit_is_a_question_of_its_own() {
    let mut desk = desk();
    let [first, second] = [0, 1].map(|i| sample::ranking()[i].unit);
    desk.key(Key::Enter);
    assert_eq!(sent(&mut desk), [first]);
    take_unit(&mut desk, first, UnitStatus::Assigned);
    let mut city = desk.city();
    city.mirror.cases.get_mut(&COVER).unwrap().units.push(first);
    // The command has been answered.
    let world = desk.app.world_mut();
    world.resource_mut::<DispatchState>().sending.clear();
    desk.frame(vec![]);
    // At once: the ranking that is there was made when the first was free.
    desk.shift(Key::D);
    desk.frame(vec![]);
    assert!(desk.says("正在计算道路到达时间…") && !desk.says("增派 "));
    assert!(!desk.says("有新的排序") && !desk.says("已不可派"));
    desk.key(Key::Enter);
    assert_eq!(desk.commands(), []);
    let mut rows = sample::ranking();
    rows[0].status = UnitStatus::Assigned;
    rows.rotate_left(1);
    let at = sample::NOW;
    desk.rankings().put(COVER, Ranking { at, rows });
    desk.frame(vec![]);
    let name = call_sign(&mut desk, second);
    assert!(desk.says(&format!("增派 {name}")));
    assert!(!desk.says("有新的排序") && !desk.says("已不可派"));
    desk.key(Key::Enter);
    assert_eq!(sent(&mut desk), [second]);
}

/// A digit chose from rows that were no longer drawn.
#[test]
fn a_digit_chooses_nothing_where_no_rows_are_drawn() {
    let mut desk = desk();
    let sent = sample::ranking()[0].unit;
    let mut city = desk.city();
    city.mirror.cases.get_mut(&COVER).unwrap().units.push(sent);
    desk.frame(vec![]);
    desk.key(Key::Num2);
    let state = desk.app.world().resource::<DispatchState>();
    assert_eq!(state.unit, None);
}

#[test]
fn void_and_recall_ask_and_a_second_enter_is_no_answer() {
    let mut desk = desk();
    desk.click("作废");
    assert_eq!(desk.commands(), []);
    assert!(desk.says("这是特急案件"));
    desk.shift(Key::Enter);
    assert_eq!(desk.commands(), [], "a reason is chosen first");
    desk.key(Key::ArrowDown);
    desk.key(Key::Enter);
    desk.key(Key::Enter);
    assert_eq!(desk.commands(), []);
    desk.shift(Key::Enter);
    let reason = "现场无此问题".to_string();
    assert_eq!(
        desk.commands(),
        [CommandRequest::VoidCase {
            case: COVER,
            reason
        }]
    );
    // A unit that was sent.
    let mut desk = Desk::new(Setting {
        selection: Selection::Unit(sample::EN_ROUTE),
        ..Setting::default()
    });
    desk.key(Key::R);
    desk.key(Key::R);
    desk.key(Key::Enter);
    assert_eq!(desk.commands(), []);
    desk.shift(Key::Enter);
    let unit = sample::EN_ROUTE;
    assert_eq!(desk.commands(), [CommandRequest::RecallUnit { unit }]);
}

#[test]
fn a_question_is_about_what_was_on_the_screen() {
    let mut desk = Desk::new(Setting {
        selection: Selection::Unit(sample::EN_ROUTE),
        ..Setting::default()
    });
    desk.key(Key::R);
    {
        // It is called back and sent elsewhere by another desk meanwhile.
        let mut city = desk.city();
        let unit = city.mirror.units.get_mut(&sample::EN_ROUTE).unwrap();
        let sent = unit.assignment.as_mut().unwrap();
        sent.at = sent.at.plus_seconds(30);
    }
    desk.frame(vec![]);
    assert!(desk.says("屏幕上的内容已经变了"));
    desk.shift(Key::Enter);
    assert_eq!(desk.commands(), []);
}

#[test]
fn a_case_chosen_through_its_alarm_takes_every_key() {
    let mut desk = Desk::new(Setting {
        selection: Selection::Alarm(AlarmId(1)),
        ..Setting::default()
    });
    let mut city = desk.city();
    city.mirror.alarms.get_mut(&AlarmId(1)).unwrap().source = AlarmSource::Case(COVER);
    desk.frame(vec![]);
    desk.key(Key::D);
    desk.key(Key::Num2);
    let second = sample::ranking()[1].unit;
    desk.key(Key::Enter);
    assert_eq!(sent(&mut desk), [second]);
}

#[test]
fn the_enter_that_picks_a_class_files_nothing() {
    let mut desk = desk();
    desk.app.world_mut().resource_mut::<MenuState>().open = Some({
        let mut menu = menu(MenuPage::Report);
        menu.focus_text = true;
        menu
    });
    desk.frame(vec![]);
    desk.frame(vec![]);
    desk.press(&[(Key::Enter, NONE), (Key::Enter, NONE), (Key::Enter, NONE)]);
    assert_eq!(desk.commands(), []);
    let open = |desk: &Desk| desk.app.world().resource::<MenuState>().open.clone();
    assert!(open(&desk).unwrap().class.is_some());
    desk.frame(vec![]);
    desk.frame(vec![]);
    assert_eq!(
        desk.commands(),
        [],
        "the other two were for a form that had not been drawn"
    );
    desk.key(Key::Enter);
    assert_eq!(desk.commands(), [], "this one ends the text");
    desk.key(Key::Enter);
    let filed = desk.commands();
    assert!(
        matches!(filed.as_slice(), [CommandRequest::ReportCase { .. }]),
        "{filed:?}"
    );
}

#[test]
fn the_worlds_list_is_entered_by_the_line_under_the_keyboard() {
    let mut desk = desk();
    desk.key(Key::W);
    {
        let mut worlds = desk.app.world_mut().resource_mut::<Worlds>();
        worlds.scenarios = super::model::sample_drill::scenarios();
        worlds.known = true;
    }
    desk.frame(vec![]);
    desk.asked::<WorldAct>();
    desk.key(Key::Enter);
    assert_eq!(desk.commands(), []);
    assert_eq!(desk.asked::<WorldAct>().len(), 1);
}

/// What the dispatch button says on the screen: the call sign that a plain Enter may send.
fn offered(desk: &Desk) -> Option<String> {
    let says = |(t, _): &(String, _)| t.strip_prefix("派遣 ").map(str::to_owned);
    desk.texts.iter().find_map(says)
}

/// Somebody at the keyboard, another desk, refusals and new rankings, at random: whatever is sent is what the button
/// said when the key went down, and nothing is sent from behind something that is open.
#[test]
fn at_random_nothing_is_sent_that_was_not_on_the_screen() {
    let histories = std::env::var("CHENGTU_HISTORIES").ok();
    let histories = histories.and_then(|n| n.parse().ok()).unwrap_or(40);
    let mut sendings = 0;
    for seed in 0..histories {
        sendings += history(seed);
    }
    assert!(
        sendings as u64 > histories / 4,
        "{sendings} sendings in {histories} histories"
    );
}

const KEYS: [Key; 14] = [
    Key::Enter,
    Key::Enter,
    Key::Enter,
    Key::D,
    Key::D,
    Key::Num2,
    Key::Num3,
    Key::ArrowDown,
    Key::X,
    Key::W,
    Key::V,
    Key::R,
    Key::Escape,
    Key::Escape,
];

fn history(seed: u64) -> usize {
    let mut chance = Chance::new(seed);
    let mut desk = desk();
    let mut sendings = 0;
    let mut seen: Vec<Option<String>> = Vec::new();
    let mut entered = Vec::new();
    for _ in 0..40 {
        match chance.bits() % 8 {
            0 => {
                let mut order: Vec<usize> = (0..sample::ranking().len()).collect();
                let (a, b) = (
                    chance.bits() as usize % order.len(),
                    chance.bits() as usize % 3,
                );
                order.swap(a, b);
                rank(&mut desk, &order);
            }
            1 => {
                let rows = sample::ranking();
                let unit = rows[chance.bits() as usize % 4].unit;
                let free = chance.bits().is_multiple_of(2);
                let status = if free {
                    UnitStatus::Available
                } else {
                    UnitStatus::Assigned
                };
                take_unit(&mut desk, unit, status);
            }
            _ => {}
        }
        let count = chance.bits() % 4;
        let keys: Vec<(Key, Modifiers)> = (0..count)
            .map(|_| (KEYS[chance.bits() as usize % KEYS.len()], NONE))
            .collect();
        // What is on the screen now is what these keys are for; they may wait for a few frames.
        seen.push(offered(&desk));
        if keys.iter().any(|k| k.0 == Key::Enter) {
            entered.push(offered(&desk));
        }
        desk.press(&keys);
        for command in desk.commands() {
            let CommandRequest::DispatchUnit { unit, target, .. } = command else {
                panic!("seed {seed}: {command:?} without having been asked for");
            };
            assert_eq!(target, Target::Case(COVER), "seed {seed}");
            let sign = call_sign(&mut desk, unit);
            assert_eq!(
                seen.last(),
                Some(&Some(sign.clone())),
                "seed {seed}: the last screen"
            );
            let at_the_key = entered.iter().rev().take(16).flatten().any(|s| *s == sign);
            assert!(
                at_the_key,
                "seed {seed}: {sign} was never on the button at an Enter"
            );
            sendings += 1;
            let mut state = desk.app.world_mut().resource_mut::<DispatchState>();
            state.sending.clear();
        }
    }
    sendings
}
