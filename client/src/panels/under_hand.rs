//! What happens under a hand: lists that are made anew, answers to something else, what is open over the map. None of it
//! changes what a key or a click does there.

use super::console::{Focus, Pending};
use super::desk::Desk;
use super::director::{Drawer, DrillAct, DrillState};
use super::dispatch::DispatchState;
use super::fork::{ForkAct, ForkState};
use super::menu::{MenuPage, MenuState};
use super::model::sample::{self, COVER, NOW, OVERDUE};
use super::model::{sample_drill, sample_fork};
use super::pictures::{Setting, drilled, menu};
use super::time::TimeBar;
use super::time::state::List;
use super::worlds::{WorldAct, Worlds};
use crate::i18n::{Lang, Words};
use crate::input::Zone;
use crate::live::Selection;
use crate::net::{City, CommandOutcome, Connection, Ranking, RouteLine, Routes};
use bevy_egui::egui::Key;
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::drill::{DirectorAct, Seat};
use chengtu_engine::fork::Intervention;
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::record::World;
use chengtu_engine::stream::{Accepted, WorldChoice, WorldSummary};

fn desk() -> Desk {
    Desk::new(Setting {
        selection: Selection::Case(COVER),
        prepare: |st| st.focus.zone = Zone::Dispatch,
        ..Setting::default()
    })
}

/// A director with a case in the panel, whose units have the keyboard.
fn director() -> Desk {
    let mut desk = Desk::new(Setting {
        selection: Selection::Case(COVER),
        world: World::Drill(1),
        prepare: |st| drilled(st, Seat::Director),
        ..Setting::default()
    });
    desk.key(Key::D);
    desk
}

fn words() -> Words {
    Words::shipped(Lang::Zh).unwrap()
}

fn chosen(desk: &Desk) -> Option<UnitId> {
    desk.app.world().resource::<DispatchState>().unit
}

fn send(unit: UnitId, case: CaseId) -> CommandRequest {
    CommandRequest::DispatchUnit {
        unit,
        target: Target::Case(case),
        expected_s: None,
    }
}

/// The server has done what was asked.
fn accept(desk: &mut Desk, given: &Pending, case: Option<CaseId>) {
    let id = given.id;
    desk.app.world_mut().write_message(CommandOutcome {
        id,
        request: given.request.clone(),
        result: Ok(Accepted { id, seq: 9, case }),
    });
    desk.settle();
}

/// Ranks these rows of the made-up ranking, so many seconds ago.
fn rank(desk: &mut Desk, order: &[usize], ago_s: i64) {
    let rows = sample::ranking();
    let rows = order.iter().map(|i| rows[*i].clone()).collect();
    let at = NOW.plus_seconds(-ago_s);
    desk.rankings().put(COVER, Ranking { at, rows });
    desk.frame(vec![]);
}

type Open = Box<dyn Fn(&mut Desk)>;

/// Its name, the desk that it is opened at, and how.
type Opening = (&'static str, fn() -> Desk, Open);

/// What can be open over the map and has the keys alone; in the running city, and before a director.
fn openings() -> Vec<Opening> {
    let drawer = |d: Drawer| -> Open {
        Box::new(move |desk| {
            desk.app.world_mut().resource_mut::<DrillState>().toggle(d);
            desk.settle();
        })
    };
    let list = |l: List| -> Open {
        Box::new(move |desk| {
            desk.app.world_mut().resource_mut::<TimeBar>().list = Some(l);
            desk.settle();
        })
    };
    let branches: Open = Box::new(|desk| {
        sample_fork::open(&mut desk.app.world_mut().resource_mut::<ForkState>());
        desk.settle();
    });
    let page = |p: MenuPage| -> Open {
        Box::new(move |desk| {
            desk.app.world_mut().resource_mut::<MenuState>().open = Some(menu(p));
            desk.settle();
        })
    };
    vec![
        ("fire", director, Box::new(|d| d.shift(Key::I))),
        ("rewind", director, Box::new(|d| d.shift(Key::B))),
        ("notes", director, Box::new(|d| d.shift(Key::N))),
        ("score", director, Box::new(|d| d.shift(Key::S))),
        ("ghost", director, Box::new(|d| d.shift(Key::G))),
        ("inject", director, drawer(Drawer::Inject(4))),
        ("end", director, drawer(Drawer::End)),
        ("note", desk, Box::new(|d| d.key(Key::M))),
        ("moment", desk, Box::new(|d| d.key(Key::Y))),
        ("bookmarks", desk, list(List::Bookmarks)),
        ("branches", desk, branches),
        ("actions", desk, page(MenuPage::Actions)),
        ("report", desk, page(MenuPage::Report)),
        ("send", desk, page(MenuPage::Send)),
    ]
}

/// Enter reached the dispatch panel behind the director's drawers, the note and the pages of the menu.
#[test]
fn what_is_open_has_the_keys_alone_whatever_it_is() {
    for make in [desk, director] {
        let mut desk = make();
        desk.key(Key::Num2);
        let second = sample::ranking()[1].unit;
        assert_eq!(chosen(&desk), Some(second), "nothing is open");
        desk.key(Key::Enter);
        assert_eq!(desk.commands().len(), 1);
    }
    for (name, make, open) in openings() {
        let mut desk = make();
        open(&mut desk);
        for key in [Key::Num2, Key::R, Key::V] {
            desk.key(key);
        }
        assert_eq!(chosen(&desk), None, "{name}");
        assert!(
            !desk.says("确认作废") && !desk.says("这是特急案件"),
            "{name}"
        );
        desk.key(Key::Enter);
        assert_eq!(desk.commands(), [], "{name}");
    }
}

/// The answer to what was done with one case took away what had been chosen for another.
#[test]
fn an_answer_about_another_case_leaves_what_is_chosen_here() {
    let mut desk = desk();
    desk.key(Key::Num2);
    let second = sample::ranking()[1].unit;
    assert_eq!(chosen(&desk), Some(second));
    let given = {
        let world = desk.app.world_mut();
        world.resource_scope(|world, city: bevy::prelude::Mut<City>| {
            let mut connection = world.resource_mut::<Connection>();
            Pending::give(send(UnitId(9), OVERDUE), &city, &mut connection)
        })
    };
    let mut state = desk.app.world_mut().resource_mut::<DispatchState>();
    state.sending.push(given.clone());
    accept(&mut desk, &given, None);
    let state = desk.app.world().resource::<DispatchState>();
    assert!(state.sending.is_empty(), "it was heard");
    assert!(state.held.is_some(), "the rows are held as before");
    assert_eq!(state.unit, Some(second));
}

/// Files a report from the menu of a place; what was given.
fn file(desk: &mut Desk) -> Pending {
    let mut form = menu(MenuPage::Report);
    form.focus_text = true;
    desk.app.world_mut().resource_mut::<MenuState>().open = Some(form);
    desk.settle();
    for _ in 0..3 {
        desk.key(Key::Enter);
    }
    let state = desk.app.world().resource::<MenuState>();
    state.sending[0].pending.clone()
}

/// An accepted report took the selection, the keyboard and the view from whatever was being done by then.
#[test]
fn a_report_that_is_accepted_takes_nothing_from_the_hand() {
    let zone = |desk: &Desk| desk.app.world().resource::<Focus>().zone;
    let new = CaseId(9_500);
    let mut desk = Desk::new(Setting::default());
    let given = file(&mut desk);
    desk.app.insert_resource(Selection::Case(COVER));
    desk.settle();
    desk.key(Key::D);
    desk.key(Key::Num2);
    accept(&mut desk, &given, Some(new));
    let selection = *desk.app.world().resource::<Selection>();
    assert_eq!(
        (selection, zone(&desk)),
        (Selection::Case(COVER), Zone::Dispatch)
    );
    assert_eq!(chosen(&desk), Some(sample::ranking()[1].unit));
    let told = words().f("menu.reported", &[("case", &new.to_string())]);
    assert!(desk.says(&told));
    // Where nothing else was chosen meanwhile it is opened, and the keyboard stays where it is.
    let mut desk = Desk::new(Setting::default());
    let given = file(&mut desk);
    accept(&mut desk, &given, Some(new));
    let selection = *desk.app.world().resource::<Selection>();
    assert_eq!((selection, zone(&desk)), (Selection::Case(new), Zone::Map));
}

/// "Only skilled" stayed on for the next case, and took its own chip away where nobody had the skill.
#[test]
fn only_skilled_ends_with_its_case_and_never_empties_the_table() {
    let mut desk = desk();
    let chip = words().t("dispatch.only_skilled").replace("{n}", "");
    let unskilled = {
        let sign = sample::ranking()[4].unit;
        desk.city().mirror.units[&sign].call_sign.clone()
    };
    let dispatch = words().t("dispatch.title").to_owned();
    let row = |desk: &Desk| {
        let top = desk.place(&dispatch);
        let below = |t: &&(String, bevy_egui::egui::Rect)| {
            t.0.starts_with(&unskilled) && t.1.min.y > top.y && t.1.min.x > top.x - 20.0
        };
        desk.texts.iter().any(|t| below(&t))
    };
    assert!(row(&desk));
    desk.click(chip.trim());
    assert!(!row(&desk), "only those with the skill");
    // Nobody has it any more: the rows are there, and so is whom the button sends.
    rank(&mut desk, &[4, 5], 0);
    desk.key(Key::D);
    assert!(row(&desk));
    assert!(desk.says(&format!("派遣 {unskilled}")));
    desk.app.insert_resource(Selection::Case(OVERDUE));
    desk.settle();
    let state = desk.app.world().resource::<DispatchState>();
    assert!(!state.only_skilled, "another case begins with all units");
}

/// A case that was opened again had the ranking of hours ago under Enter.
#[test]
fn a_ranking_of_hours_ago_arms_nothing() {
    let mut desk = desk();
    rank(&mut desk, &[1, 0, 2], 7_200);
    desk.settle();
    assert!(
        desk.says(words().t("dispatch.asking")),
        "it is asked for anew"
    );
    desk.key(Key::Enter);
    desk.key(Key::Num2);
    desk.key(Key::Enter);
    assert_eq!(desk.commands(), []);
    rank(&mut desk, &[1, 0, 2], 1);
    desk.settle();
    desk.key(Key::Enter);
    assert_eq!(desk.commands().len(), 1);
}

/// The units of the menu changed places as their ways came in, under the hand that was to press one.
#[test]
fn units_of_the_menu_stay_where_they_are_while_their_ways_come_in() {
    let mut desk = desk();
    desk.app.world_mut().resource_mut::<MenuState>().open = Some(menu(MenuPage::Send));
    desk.settle();
    let way = |unit: u32, seconds: f64| RouteLine {
        at: NOW,
        unit: UnitId(unit),
        to: LonLat::new(118.785, 32.044),
        seconds: Some(seconds),
        length_m: 900.0,
        line: Vec::new(),
    };
    desk.key(Key::ArrowDown);
    let mut routes = desk.app.world_mut().resource_mut::<Routes>();
    routes.put(1, way(0, 400.0));
    routes.put(2, way(1, 60.0));
    desk.key(Key::Enter);
    let given = desk.commands();
    let first = |c: &CommandRequest| matches!(c, CommandRequest::DispatchUnit { unit, .. } if *unit == UnitId(0));
    assert!(given.len() == 1 && first(&given[0]), "{given:?}");
}

/// The time that a question is about.
fn asks_back_to(desk: &Desk, minutes: i64) -> bool {
    let time = sample::time().hms(NOW.plus_seconds(-60 * minutes));
    desk.says(&words().f("confirm.rewind", &[("time", &time)]))
}

/// A rewind opened on the oldest checkpoint, was one Enter, and its line was a place in a list that grows every minute.
#[test]
fn a_rewind_begins_at_the_newest_moment_keeps_its_line_and_asks() {
    let mut desk = director();
    desk.asked::<DrillAct>();
    desk.shift(Key::B);
    desk.key(Key::Enter);
    assert!(asks_back_to(&desk, 1));
    desk.key(Key::Enter);
    assert_eq!(desk.asked::<DrillAct>(), []);
    desk.shift(Key::Enter);
    let to = NOW.plus_seconds(-60);
    let back = DrillAct::Direct(DirectorAct::Rewind { to });
    assert_eq!(desk.asked::<DrillAct>(), [back]);
    // Another moment comes while the second one is under the keyboard.
    let mut desk = director();
    desk.shift(Key::B);
    desk.key(Key::ArrowDown);
    let mut state = desk.app.world_mut().resource_mut::<DrillState>();
    let view = state.view.as_mut().unwrap();
    view.checkpoints.push(NOW.plus_seconds(-5));
    desk.key(Key::Enter);
    assert!(asks_back_to(&desk, 2), "{:?}", desk.texts);
}

/// Enter fired whatever had come under the keyboard when an inject went off by itself.
#[test]
fn an_inject_that_has_gone_takes_its_enter_with_it() {
    let mut desk = director();
    desk.asked::<DrillAct>();
    desk.shift(Key::I);
    // The one that is fired by hand.
    let mut state = desk.app.world_mut().resource_mut::<DrillState>();
    let view = state.view.as_mut().unwrap();
    for inject in view.injects.iter_mut().filter(|i| i.id == 4 || i.id == 5) {
        inject.at = None;
    }
    desk.frame(vec![]);
    desk.key(Key::ArrowDown);
    let fired = desk.app.world().resource::<DrillState>();
    assert_eq!(fired.drawer, Some(Drawer::Fire));
    let mut state = desk.app.world_mut().resource_mut::<DrillState>();
    let view = state.view.as_mut().unwrap();
    let under = sample_drill::view(Seat::Director).injects[5].id;
    view.injects
        .iter_mut()
        .find(|i| i.id == under)
        .unwrap()
        .done = true;
    desk.press(&[(Key::Enter, bevy_egui::egui::Modifiers::NONE)]);
    desk.frame(vec![]);
    assert_eq!(desk.asked::<DrillAct>(), []);
}

/// One key put off everything that was still to come, for everybody.
#[test]
fn to_put_everything_off_asks() {
    let mut desk = director();
    desk.asked::<DrillAct>();
    desk.shift(Key::P);
    assert!(desk.says(words().t("confirm.postpone_do")));
    desk.shift(Key::P);
    desk.key(Key::Enter);
    assert_eq!(desk.asked::<DrillAct>(), []);
    desk.shift(Key::Enter);
    let given = desk.asked::<DrillAct>();
    let all = |a: &DrillAct| {
        matches!(
            a,
            DrillAct::Direct(DirectorAct::Postpone { inject: None, .. })
        )
    };
    assert!(given.len() == 1 && all(&given[0]), "{given:?}");
}

/// `R` twice called two units back from a case.
#[test]
fn the_key_that_recalls_asks_which_however_often_it_is_pressed() {
    let mut desk = desk();
    let units = [sample::EN_ROUTE, UnitId(0)];
    desk.city().mirror.cases.get_mut(&COVER).unwrap().units = units.to_vec();
    desk.settle();
    desk.key(Key::R);
    desk.key(Key::R);
    assert!(desk.says(&words().n("confirm.recall_which", 2)));
    assert_eq!(desk.commands(), []);
    desk.key(Key::ArrowDown);
    desk.key(Key::Enter);
    assert_eq!(desk.commands(), []);
    desk.shift(Key::Enter);
    let unit = UnitId(0);
    assert_eq!(desk.commands(), [CommandRequest::RecallUnit { unit }]);
}

/// The list of worlds came in anew, and Enter led to another one than the line under the keyboard.
#[test]
fn the_line_of_a_world_is_kept_while_the_list_comes_in_anew() {
    let mut desk = desk();
    let summary = |world| WorldSummary {
        world,
        title: "暴雨".into(),
        owner: "周岚".into(),
        sessions: 1,
        clock: sample_drill::clock(),
    };
    let tell = |desk: &mut Desk, list: &[World]| {
        let mut worlds = desk.app.world_mut().resource_mut::<Worlds>();
        worlds.list = list.iter().copied().map(summary).collect();
        worlds.known = true;
        desk.frame(vec![]);
    };
    let [second, third, fourth] = [2, 3, 4].map(World::Drill);
    desk.key(Key::W);
    tell(&mut desk, &[third, fourth]);
    desk.key(Key::ArrowDown);
    tell(&mut desk, &[second, third, fourth]);
    desk.asked::<WorldAct>();
    desk.key(Key::Enter);
    let seat = Seat::Participant;
    let world = fourth;
    let join = WorldAct::Enter(WorldChoice::Join { world, seat });
    assert_eq!(desk.asked::<WorldAct>(), [join]);
    // One that has ended takes the Enter with it.
    desk.key(Key::W);
    tell(&mut desk, &[second, third]);
    desk.key(Key::ArrowDown);
    desk.asked::<WorldAct>();
    let mut worlds = desk.app.world_mut().resource_mut::<Worlds>();
    worlds.list.truncate(1);
    desk.key(Key::Enter);
    assert_eq!(desk.asked::<WorldAct>(), []);
}

/// The units of a fork's list are ranked anew every two seconds, and Enter tried another one than was seen.
#[test]
fn the_line_of_a_fork_is_kept_while_units_are_ranked_anew() {
    let mut desk = desk();
    desk.key(Key::X);
    desk.key(Key::ArrowDown);
    let second = sample::ranking()[1].unit;
    rank(&mut desk, &[3, 1, 0], 0);
    desk.key(Key::Enter);
    let begun = desk.asked::<ForkAct>();
    let of = |a: &ForkAct| match a {
        ForkAct::Begin(_, Intervention::Dispatch { unit, .. }, _) => Some(*unit),
        _ => None,
    };
    assert_eq!(begun.iter().find_map(of), Some(second), "{begun:?}");
}
