//! Cases are marked, named and bundled under real keys and clicks.

use super::Bundling;
use crate::live::{MarkCases, Marked, Selection};
use crate::net::CommandOutcome;
use crate::panels::desk::Desk;
use crate::panels::model::sample::{self, COVER, NOW};
use crate::panels::pictures::Setting;
use bevy_egui::egui::Key;
use chengtu_engine::code::{Change, Changed, Code, RefusalData};
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::{CaseId, ClassId, ThingId};
use chengtu_engine::model::{Actor, HistoryEntry, HistoryKind, Stage};
use chengtu_engine::record::World;
use chengtu_engine::stream::{Accepted, Asked, Refused};
use std::time::Instant;

const A: CaseId = CaseId(9_001);
const B: CaseId = CaseId(9_002);
const C: CaseId = CaseId(9_003);

/// A console with three reports of one thing, and nothing chosen.
fn desk() -> Desk {
    desk_of(Setting::default())
}

fn desk_of(setting: Setting) -> Desk {
    let mut desk = Desk::new(setting);
    {
        let mut city = desk.city();
        let first = city.mirror.cases[&COVER].clone();
        city.mirror.cases.clear();
        for (id, note) in [(A, "甲处"), (B, "乙处"), (C, "丙处")] {
            let mut case = first.clone();
            (case.id, case.note, case.units) = (id, note.into(), Vec::new());
            city.mirror.cases.insert(id, case);
        }
    }
    desk.settle();
    desk
}

fn into(case: CaseId, into: CaseId) -> CommandRequest {
    CommandRequest::BundleCase { case, into }
}

fn marked(desk: &Desk) -> Vec<CaseId> {
    let state = desk.app.world().resource::<Bundling>();
    let all = state.cases().collect();
    assert_eq!(
        desk.app.world().resource::<Marked>().0,
        all,
        "rings on the map"
    );
    all
}

/// Another desk does something with a case.
fn done(desk: &mut Desk, case: CaseId, by: &str, what: HistoryKind, stage: Stage) {
    let mut city = desk.city();
    city.mirror.cases.get_mut(&case).unwrap().stage = stage;
    let history = city.mirror.histories.entry(case).or_default();
    let by = Actor::Operator(by.into());
    history.push(HistoryEntry { at: NOW, by, what });
    history.revision += 1;
}

fn voided() -> HistoryKind {
    let reason = "误报".into();
    HistoryKind::Voided { reason }
}

#[test]
fn what_is_marked_with_clicks_is_named_and_bundled_by_one_act() {
    let mut desk = desk();
    for note in ["甲处", "乙处", "丙处"] {
        desk.shift_click(note);
    }
    assert_eq!(marked(&desk), [A, B, C]);
    assert_eq!(*desk.app.world().resource::<Selection>(), Selection::None);
    assert!(desk.says("已标记 3 起"));
    desk.shift_click("丙处");
    assert_eq!(marked(&desk), [A, B]);
    desk.shift_click("丙处");
    desk.key(Key::B);
    assert!(desk.says("把标记的 3 起并为一案"));
    for case in [A, B, C] {
        assert!(desk.says(&format!("并入 #{case}")), "{case} is named");
    }
    // Into the second; a plain Enter chooses, and does nothing else.
    desk.key(Key::ArrowDown);
    desk.key(Key::Enter);
    desk.key(Key::Enter);
    assert_eq!(desk.commands(), []);
    desk.shift(Key::Enter);
    assert_eq!(desk.commands(), [into(A, B), into(C, B)]);
}

#[test]
fn the_key_marks_the_row_under_the_keyboard_and_escape_takes_all_marks_away() {
    let mut desk = desk();
    desk.key(Key::S);
    assert_eq!(marked(&desk), [], "nothing is chosen");
    desk.key(Key::J);
    desk.key(Key::S);
    desk.key(Key::J);
    desk.key(Key::S);
    assert_eq!(marked(&desk).len(), 2);
    desk.key(Key::S);
    assert_eq!(marked(&desk).len(), 1);
    // One alone is bundled with nothing: the key is for the case in the panel, and there is none.
    desk.key(Key::B);
    assert!(!desk.says("并为一案"));
    desk.key(Key::Escape);
    assert_eq!(marked(&desk), []);
}

#[test]
fn cases_clicked_on_the_map_are_marked_and_another_world_has_none_of_them() {
    let mut desk = desk();
    let click = |desk: &mut Desk, cases: &[CaseId]| {
        let cases = cases.to_vec();
        desk.app.world_mut().write_message(MarkCases(cases));
        desk.settle();
    };
    click(&mut desk, &[A, B, C]);
    assert_eq!(marked(&desk), [A, B, C]);
    click(&mut desk, &[A, B, C]);
    assert_eq!(marked(&desk), []);
    click(&mut desk, &[A, B]);
    let entered = sample::entered(World::Drill(4), Some(sample::clock(NOW, 1.0, true)));
    desk.city().take(&entered, Instant::now()).unwrap();
    desk.settle();
    assert_eq!(marked(&desk), []);
}

#[test]
fn what_changed_is_said_and_nothing_is_bundled_that_was_not_seen_so() {
    let mut desk = desk();
    desk.city().mirror.cases.get_mut(&C).unwrap().class = ClassId(1);
    desk.frame(vec![]);
    for note in ["甲处", "乙处", "丙处"] {
        desk.shift_click(note);
    }
    desk.key(Key::B);
    assert!(desk.says("#9003 不并入：类别不同"));
    desk.key(Key::Enter);
    // Between the question and the answer, by another desk.
    done(&mut desk, B, "陈默 #2", voided(), Stage::Void);
    desk.frame(vec![]);
    desk.shift(Key::Enter);
    assert_eq!(desk.commands(), []);
    assert!(desk.says("屏幕上的内容已经变了"));
    desk.key(Key::Escape);
    desk.city().mirror.cases.get_mut(&C).unwrap().class = desk.city().mirror.cases[&A].class;
    desk.frame(vec![]);
    desk.key(Key::B);
    assert!(desk.says("#9002 不并入：陈默（席位 2）"), "who changed it");
    desk.key(Key::Enter);
    desk.shift(Key::Enter);
    assert_eq!(desk.commands(), [into(C, A)], "the others are not dropped");
}

#[test]
fn a_refusal_names_its_case_and_what_was_bundled_is_no_longer_marked() {
    let mut desk = desk();
    for note in ["甲处", "乙处", "丙处"] {
        desk.shift_click(note);
    }
    desk.key(Key::B);
    desk.key(Key::Enter);
    desk.shift(Key::Enter);
    assert_eq!(desk.commands(), [into(B, A), into(C, A)]);
    answer(&mut desk);
    assert_eq!(marked(&desk), [A, B], "the third was bundled");
    assert!(desk.says("#9002 未并入"));
    assert!(desk.says("陈默（席位 2）"));
    desk.key(Key::Escape);
    assert!(!desk.says("未并入"));
}

/// The first command is refused, the others are done.
fn answer(desk: &mut Desk) {
    let state = desk.app.world().resource::<Bundling>();
    let given: Vec<_> = state
        .sending
        .iter()
        .map(|p| (p.id, p.request.clone()))
        .collect();
    let data = RefusalData::Changed(Box::new(Changed {
        thing: ThingId::Case(B),
        by: Actor::Operator("陈默 #2".into()),
        at: NOW,
        what: Change::Case(voided()),
    }));
    for (n, (id, request)) in given.into_iter().enumerate() {
        let accepted = Accepted {
            id,
            seq: 9,
            case: None,
        };
        let refused = Refused {
            asked: Asked::Command(id),
            code: Code::Changed,
            text: String::new(),
            data: data.clone(),
        };
        let result = if n == 0 { Err(refused) } else { Ok(accepted) };
        desk.app.world_mut().write_message(CommandOutcome {
            id,
            request,
            result,
        });
    }
    desk.settle();
}

#[test]
fn where_there_is_no_room_for_a_queue_a_refusal_is_said_over_the_map() {
    let mut desk = desk_of(Setting {
        size: [1_280.0, 720.0],
        selection: Selection::Case(COVER),
        ..Setting::default()
    });
    desk.app.insert_resource(Selection::Case(A));
    desk.app.world_mut().write_message(MarkCases(vec![A, B]));
    desk.settle();
    assert!(!desk.says("已标记"), "no queue");
    desk.key(Key::B);
    desk.key(Key::Enter);
    desk.shift(Key::Enter);
    assert_eq!(desk.commands(), [into(B, A)]);
    answer(&mut desk);
    assert!(desk.says("#9002 未并入"));
    assert!(desk.says("陈默（席位 2）"));
}
