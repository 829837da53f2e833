//! Every act that sends a command, in one table: how it is given, and the command that it gives. Whatever happens to the
//! city between the last frame drawn and the key or click, an act gives that command or none.

use super::desk::Desk;
use super::fork::ForkState;
use super::menu::{MenuPage, MenuState};
use super::model::sample::{self, COVER, EN_ROUTE, TO_CHECK};
use super::model::sample_fork;
use super::pictures::{Setting, menu};
use crate::input::Zone;
use crate::live::Selection;
use crate::net::Ranking;
use bevy_egui::egui::{Event, Key, Pos2};
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::{AlarmId, CaseId};
use chengtu_engine::model::{Stage, UnitStatus};
use chengtu_engine::record::World;
use std::collections::BTreeSet;
use std::time::Instant;

/// A way to give a command.
struct Row {
    name: &'static str,
    selection: Selection,
    zone: Zone,
    /// Brings the screen to where the act can be given.
    opens: fn(&mut Desk),
    /// Gives it.
    gives: fn(&mut Desk),
}

const CASE: Selection = Selection::Case(COVER);

fn row(
    name: &'static str,
    selection: Selection,
    opens: fn(&mut Desk),
    gives: fn(&mut Desk),
) -> Row {
    Row {
        name,
        selection,
        zone: Zone::Dispatch,
        opens,
        gives,
    }
}

/// The case that the unit under way drives to, as somebody who looks at it has it, with ranked units.
fn under_way(desk: &mut Desk) {
    let case = desk.city().mirror.units[&EN_ROUTE]
        .assignment
        .as_ref()
        .unwrap()
        .case
        .unwrap();
    let at = sample::NOW;
    let rows = sample::ranking();
    desk.rankings().put(case, Ranking { at, rows });
    desk.app.insert_resource(Selection::Case(case));
    desk.frame(vec![]);
    desk.frame(vec![]);
}

#[expect(clippy::too_many_lines, reason = "one entry per act")]
fn table() -> Vec<Row> {
    vec![
        row("dispatch by key", CASE, |_| {}, |d| d.key(Key::Enter)),
        row(
            "dispatch by digit and key",
            CASE,
            |d| d.key(Key::Num2),
            |d| d.key(Key::Enter),
        ),
        row(
            "unmask",
            CASE,
            |d| {
                d.click("个人信息");
                d.frame(vec![Event::Text("回访举报人".into())]);
                d.settle();
            },
            |d| d.key(Key::Enter),
        ),
        row("dispatch by click", CASE, |_| {}, press_main),
        row(
            "reassign",
            CASE,
            |d| {
                under_way(d);
                d.click("改派");
            },
            |d| d.key(Key::Enter),
        ),
        row(
            "one more unit",
            CASE,
            |d| {
                under_way(d);
                d.shift(Key::D);
            },
            |d| d.key(Key::Enter),
        ),
        row("void", CASE, open_void, |d| d.shift(Key::Enter)),
        row("void by click", CASE, open_void, |d| d.shift(Key::Enter)),
        row(
            "recall from a case",
            CASE,
            |d| {
                under_way(d);
                d.key(Key::R);
            },
            |d| d.shift(Key::Enter),
        ),
        row(
            "recall of a unit",
            Selection::Unit(EN_ROUTE),
            |d| d.key(Key::R),
            |d| d.shift(Key::Enter),
        ),
        row(
            "bundle",
            CASE,
            |d| {
                let mut twin = d.city().mirror.cases[&COVER].clone();
                (twin.id, twin.lon) = (CaseId(9_000), twin.lon + 1e-4);
                d.city().mirror.cases.insert(twin.id, twin);
                d.key(Key::B);
                d.key(Key::Enter);
            },
            |d| d.shift(Key::Enter),
        ),
        row("bundle of marked cases", CASE, mark_twins, |d| {
            d.shift(Key::Enter);
        }),
        row(
            "bundle of marked cases by click",
            CASE,
            |d| {
                twin(d);
                d.shift_click(COVER_NOTE);
                d.shift_click(TWIN_NOTE);
                d.click("并案 B");
                d.click("并入 #");
            },
            |d| d.shift(Key::Enter),
        ),
        row(
            "proposal of a fork by click",
            Selection::None,
            |d| {
                let mut fork = d.app.world_mut().resource_mut::<ForkState>();
                fork.proposals = sample_fork::report().plan;
                d.settle();
            },
            |d| {
                let top = d.place("推演建议").y;
                press(d, |t, at| t == "确认" && at.y > top);
            },
        ),
        row(
            "acknowledge by click",
            Selection::None,
            |d| (0..10).for_each(|_| d.frame(vec![])),
            |d| press(d, |t, _| t == "确认 A"),
        ),
        row(
            "acknowledge",
            Selection::None,
            // It must have stood on the plate for a third of a second.
            |d| (0..10).for_each(|_| d.frame(vec![])),
            |d| d.key(Key::A),
        ),
        row(
            "check passed",
            Selection::Case(TO_CHECK),
            |_| {},
            |d| d.click("核查通过"),
        ),
        row(
            "check failed",
            Selection::Case(TO_CHECK),
            |_| {},
            |d| d.click("核查不符"),
        ),
        row(
            "restore",
            CASE,
            |d| {
                d.city().mirror.cases.get_mut(&COVER).unwrap().stage = Stage::Void;
                d.frame(vec![]);
            },
            |d| {
                if d.says("恢复此案") {
                    d.click("恢复此案");
                }
            },
        ),
        row(
            "report",
            Selection::None,
            |d| {
                open_menu(d, MenuPage::Report);
                for _ in 0..2 {
                    d.key(Key::Enter);
                    d.frame(vec![]);
                }
            },
            |d| d.key(Key::Enter),
        ),
        row(
            "send to a place",
            Selection::None,
            |d| {
                open_menu(d, MenuPage::Send);
                d.key(Key::ArrowDown);
            },
            |d| d.key(Key::Enter),
        ),
    ]
}

/// What the case of the table and its twin say in the queue.
const COVER_NOTE: &str = "甲井盖";
const TWIN_NOTE: &str = "乙井盖";
const TWIN: CaseId = CaseId(9_000);

/// Another report of the case of the table; both on the first rows of the queue.
fn twin(desk: &mut Desk) {
    {
        let mut city = desk.city();
        let cases = &mut city.mirror.cases;
        let mut twin = cases[&COVER].clone();
        (twin.id, twin.lon, twin.note) = (TWIN, twin.lon + 1e-4, TWIN_NOTE.into());
        cases.insert(TWIN, twin);
        cases.get_mut(&COVER).unwrap().note = COVER_NOTE.into();
        cases.retain(|id, _| [COVER, TWIN, TO_CHECK, sample::OVERDUE].contains(id));
    }
    desk.frame(vec![]);
    desk.frame(vec![]);
}

/// Marks two cases, asks and chooses into which.
fn mark_twins(desk: &mut Desk) {
    twin(desk);
    desk.key(Key::S);
    desk.app.insert_resource(Selection::Case(TWIN));
    desk.settle();
    desk.key(Key::S);
    desk.key(Key::B);
    desk.key(Key::Enter);
}

fn open_void(desk: &mut Desk) {
    desk.key(Key::V);
    desk.key(Key::ArrowDown);
    desk.key(Key::Enter);
}

fn open_menu(desk: &mut Desk, page: MenuPage) {
    let mut menu = menu(page);
    menu.focus_text = page == MenuPage::Report;
    desk.app.world_mut().resource_mut::<MenuState>().open = Some(menu);
    desk.frame(vec![]);
    desk.frame(vec![]);
}

fn press_main(desk: &mut Desk) {
    press(desk, |t, _| t.starts_with("派遣 "));
}

/// Clicks on the text that is so, where there is one.
fn press(desk: &mut Desk, is_it: impl Fn(&str, Pos2) -> bool) {
    let button = desk.texts.iter().find(|(t, r)| is_it(t, r.center()));
    if let Some(at) = button.map(|(_, r)| r.center()) {
        desk.point(at);
        desk.button(true);
        desk.button(false);
        desk.frame(vec![]);
    }
}

/// Something that happens to the city, with its name.
type Change = (&'static str, fn(&mut Desk));

/// What may happen between the frame on the screen and the key.
const CHANGES: [Change; 8] = [
    ("the first unit is taken", |d| {
        let first = sample::ranking()[0].unit;
        d.city().mirror.units.get_mut(&first).unwrap().status = UnitStatus::EnRoute;
    }),
    ("every unit is taken", |d| {
        for unit in d.city().mirror.units.values_mut() {
            unit.status = UnitStatus::EnRoute;
        }
    }),
    ("the order is another", |d| {
        let mut rows = sample::ranking();
        rows.reverse();
        let at = sample::NOW;
        d.rankings().put(COVER, Ranking { at, rows });
    }),
    ("the case is closed", |d| {
        for id in [COVER, TO_CHECK] {
            d.city().mirror.cases.get_mut(&id).unwrap().stage = Stage::Closed;
        }
    }),
    ("the case is gone", |d| {
        for id in [COVER, TO_CHECK] {
            d.city().mirror.cases.remove(&id);
        }
    }),
    ("the unit is called back", |d| {
        let mut city = d.city();
        let unit = city.mirror.units.get_mut(&EN_ROUTE).unwrap();
        unit.assignment = None;
        unit.status = UnitStatus::Available;
        for case in city.mirror.cases.values_mut() {
            case.units.retain(|u| *u != EN_ROUTE);
        }
    }),
    ("the alarm is acknowledged", |d| {
        d.city().mirror.alarms.remove(&AlarmId(1));
    }),
    ("another case is chosen", |d| {
        let other = sample::OVERDUE;
        d.app.insert_resource(Selection::Case(other));
    }),
];

fn desk_for(row: &Row) -> Desk {
    let mut desk = Desk::new(Setting {
        selection: row.selection,
        ..Setting::default()
    });
    desk.app
        .world_mut()
        .resource_mut::<super::console::Focus>()
        .zone = row.zone;
    desk.frame(vec![]);
    (row.opens)(&mut desk);
    assert_eq!(
        desk.commands(),
        [],
        "{}: opening it sends nothing",
        row.name
    );
    desk
}

/// As [`PartialEq`], without the time of arrival, which newer rankings change.
fn what(c: &CommandRequest) -> String {
    let text = format!("{c:?}");
    text.split(", expected_s")
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn an_act_gives_its_command_or_none_whatever_happens_meanwhile() {
    let mut given = BTreeSet::new();
    for row in table() {
        let mut desk = desk_for(&row);
        (row.gives)(&mut desk);
        let plain = desk.commands();
        assert_eq!(plain.len(), 1, "{}: {plain:?}", row.name);
        given.extend(plain.iter().map(kind));
        for (change, happens) in CHANGES {
            let mut desk = desk_for(&row);
            happens(&mut desk);
            (row.gives)(&mut desk);
            for command in desk.commands() {
                let same = plain.iter().any(|p| what(p) == what(&command));
                assert!(
                    same,
                    "{}, {change}: {command:?} instead of {plain:?}",
                    row.name
                );
            }
        }
    }
    // An act of every kind that an officer gives is in the table.
    let all = BTreeSet::from([
        "acknowledge",
        "bundle",
        "check",
        "dispatch",
        "reassign",
        "recall",
        "report",
        "restore",
        "unmask",
        "void",
    ]);
    assert_eq!(given, all);
}

/// The drill that an act was meant for ends under the hand.
#[test]
fn no_act_reaches_another_world_than_the_one_around_the_screen() {
    for row in table() {
        let mut desk = desk_for(&row);
        let entered = sample::entered(World::Drill(4), Some(sample::clock(sample::NOW, 1.0, true)));
        desk.city().take(&entered, Instant::now()).unwrap();
        (row.gives)(&mut desk);
        let commands = desk.commands();
        assert!(commands.is_empty(), "{}: {commands:?}", row.name);
    }
}

/// The kind of an officer's command. Terminals give the others.
fn kind(command: &CommandRequest) -> &'static str {
    match command {
        CommandRequest::ReportCase { .. } => "report",
        CommandRequest::VoidCase { .. } => "void",
        CommandRequest::BundleCase { .. } => "bundle",
        CommandRequest::CheckCase { .. } => "check",
        CommandRequest::DispatchUnit { .. } => "dispatch",
        CommandRequest::RecallUnit { .. } => "recall",
        CommandRequest::ReassignCase { .. } => "reassign",
        CommandRequest::AcknowledgeAlarm { .. } => "acknowledge",
        CommandRequest::RestoreCase { .. } => "restore",
        CommandRequest::Unmask { .. } => "unmask",
        // Said by programs; no desk has a form for it yet.
        CommandRequest::NameReporter { .. } => "name",
        CommandRequest::AcknowledgeAssignment { .. }
        | CommandRequest::ArriveOnScene { .. }
        | CommandRequest::ReportHandled { .. }
        | CommandRequest::SetInService { .. } => "a terminal's",
    }
}

#[test]
fn the_made_up_city_has_what_the_table_is_about() {
    let city = sample::city();
    let case: Option<CaseId> = city.units[&EN_ROUTE]
        .assignment
        .as_ref()
        .and_then(|a| a.case);
    assert!(case.is_some_and(|c| city.cases[&c].units.contains(&EN_ROUTE)));
    assert_eq!(city.cases[&TO_CHECK].stage, Stage::Handled);
}
