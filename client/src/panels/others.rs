//! What other desks do with a case is on the screen, and never what this one does.

use super::desk::Desk;
use super::dispatch::DispatchState;
use super::model::sample::{self, COVER, NOW};
use super::pictures::{Setting, console_of, run_app};
use crate::facts::desk::desk_name;
use crate::i18n::{Lang, Words};
use crate::input::Zone;
use crate::live::{MarkCases, Selection};
use crate::net::{City, CommandOutcome};
use bevy_egui::egui::Key;
use chengtu_engine::code::{Change, Changed, Code, RefusalData};
use chengtu_engine::ids::{ThingId, UnitId};
use chengtu_engine::model::{Actor, HistoryEntry, HistoryKind};
use chengtu_engine::record::World;
use chengtu_engine::stream::{Asked, OpenCase, Refused, ServerHello, ServerMessage};
use std::time::Instant;

fn desk(lang: Lang, size: [f32; 2]) -> Desk {
    let mut desk = Desk::new(Setting {
        lang,
        size,
        selection: Selection::Case(COVER),
        prepare: |st| st.focus.zone = Zone::Dispatch,
        ..Setting::default()
    });
    let hello = ServerHello {
        user: "周岚".into(),
        time: NOW.plus_seconds(-60),
        ..sample::hello()
    };
    // The greeting leaves the made-up city as it is.
    let known = desk.city().mirror.clone();
    let mut city = desk.city();
    city.take(&ServerMessage::Hello(Box::new(hello)), Instant::now())
        .unwrap();
    city.mirror = known;
    city.set_now(NOW);
    desk
}

fn tell(desk: &mut Desk, names: &[&str]) {
    let open = |by: &&str| OpenCase {
        by: (*by).into(),
        case: COVER,
        since: NOW.plus_seconds(-30),
    };
    let list = names.iter().map(open).collect();
    let told = ServerMessage::Desks { list, more: 0 };
    desk.city().take(&told, Instant::now()).unwrap();
    desk.settle();
}

fn did(desk: &mut Desk, by: &str, ago_s: i64) {
    let mut city = desk.city();
    let history = city.mirror.histories.entry(COVER).or_default();
    history.push(HistoryEntry {
        at: NOW.plus_seconds(-ago_s),
        by: Actor::Operator(by.into()),
        what: HistoryKind::Recalled(UnitId(0)),
    });
    desk.settle();
}

#[test]
fn a_case_that_another_desk_has_open_says_so_and_nothing_moves() {
    let mut desk = desk(Lang::Zh, [1_920.0, 1_080.0]);
    let [alone, button] = [desk.says("正在查看"), desk.says("派遣 ")];
    assert!(!alone && button);
    let before = desk.place("派遣 ");
    tell(&mut desk, &["周岚"]);
    assert!(!desk.says("正在查看"), "this desk is not another");
    tell(&mut desk, &["周岚", "周岚 #2"]);
    assert!(desk.says("周岚（席位 2） 正在查看"));
    tell(&mut desk, &["周岚 #2", "陈默"]);
    assert!(desk.says("周岚（席位 2）、陈默 正在查看"));
    tell(&mut desk, &["周岚 #2", "陈默", "王莉"]);
    assert!(desk.says("3 个席位正在查看"));
    assert_eq!(desk.place("派遣 "), before, "the button stays");
    // Nobody knows who is here while the server is lost, or in another world.
    let entered = sample::entered(World::Replay(4), Some(sample::clock(NOW, 1.0, true)));
    desk.city().take(&entered, Instant::now()).unwrap();
    desk.settle();
    assert!(!desk.says("正在查看"));
}

#[test]
fn what_another_desk_has_just_done_is_said_for_a_while() {
    let mut desk = desk(Lang::Zh, [1_920.0, 1_080.0]);
    did(&mut desk, "周岚", 5);
    assert!(!desk.says("5 秒前"), "this desk did it");
    did(&mut desk, "周岚 #2", 4);
    assert!(desk.says("周岚（席位 2） 4 秒前：召回"));
    let mut older = self::desk(Lang::Zh, [1_920.0, 1_080.0]);
    did(&mut older, "周岚 #2", 25);
    assert!(!older.says("秒前："));
}

#[test]
fn both_find_room_on_a_small_screen_in_both_languages() {
    for lang in [Lang::Zh, Lang::En] {
        let mut desk = desk(lang, [1_280.0, 720.0]);
        did(&mut desk, "周岚 #2", 4);
        tell(&mut desk, &["周岚 #2"]);
        let still = if lang == Lang::Zh {
            "仍在查看"
        } else {
            "still has it open"
        };
        assert!(desk.says(still));
        let who = if lang == Lang::Zh {
            "席位 2"
        } else {
            "desk 2"
        };
        let said: Vec<&String> = desk
            .texts
            .iter()
            .map(|t| &t.0)
            .filter(|t| t.contains(who))
            .collect();
        assert!(!said.is_empty());
        assert!(
            !said[0].ends_with('…'),
            "what was done is said whole: {said:?}"
        );
    }
}

/// An act that lost against another desk said nothing of who had been quicker, and sent the next unit.
#[test]
fn an_act_that_lost_says_who_was_quicker_and_when_and_sends_nobody_else() {
    for lang in [Lang::Zh, Lang::En] {
        let words = Words::shipped(lang).unwrap();
        let [first, second] = [0, 1].map(|i| sample::ranking()[i].unit);
        let at = NOW.plus_seconds(-3);
        let by = Actor::Operator("陈默 #2".into());
        let taken = RefusalData::Taken {
            by: "陈默 #2".into(),
            case: Some(sample::OVERDUE),
            at,
        };
        let changed = RefusalData::Changed(Box::new(Changed {
            thing: ThingId::Case(COVER),
            by,
            at,
            what: Change::Case(HistoryKind::Dispatched(second)),
        }));
        for (code, data) in [(Code::UnitNotAvailable, taken), (Code::Changed, changed)] {
            let mut desk = desk(lang, [1_920.0, 1_080.0]);
            desk.key(Key::Enter);
            assert_eq!(desk.commands().len(), 1);
            let state = desk.app.world().resource::<DispatchState>();
            let given = state.sending[0].clone();
            desk.app.world_mut().write_message(CommandOutcome {
                id: given.id,
                request: given.request,
                result: Err(Refused {
                    asked: Asked::Command(given.id),
                    code,
                    text: "somebody was quicker".into(),
                    data,
                }),
            });
            desk.settle();
            let who = desk_name("陈默 #2", &words);
            let time = sample::time().hms(at);
            let both = |t: &&(String, _)| t.0.contains(&who) && t.0.contains(&time);
            let texts = &desk.texts;
            assert!(
                texts.iter().any(|t| both(&t)),
                "{lang:?} {code:?}: {texts:?}"
            );
            // The next is offered, and nobody is sent.
            assert_eq!(desk.commands(), []);
            let state = desk.app.world().resource::<DispatchState>();
            assert_eq!(state.refused_units(), [first]);
        }
    }
}

/// Pictures of what has no state among those of the other pictures.
#[test]
fn other_desks_and_marked_cases_are_drawn() {
    for (lang, name) in [(Lang::Zh, "others"), (Lang::En, "others-en")] {
        let setting = Setting {
            name,
            lang,
            selection: Selection::Case(COVER),
            ..Setting::default()
        };
        let mut app = console_of(&setting);
        let mut city = app.world_mut().resource_mut::<City>();
        let open = |by: &str, case| OpenCase {
            by: by.into(),
            case,
            since: NOW,
        };
        let list = vec![open("周岚 #2", COVER), open("陈默", sample::OVERDUE)];
        let told = ServerMessage::Desks { list, more: 0 };
        city.take(&told, Instant::now()).unwrap();
        let history = city.mirror.histories.entry(COVER).or_default();
        history.push(HistoryEntry {
            at: NOW.plus_seconds(-12),
            by: Actor::Operator("周岚 #2".into()),
            what: HistoryKind::Recalled(UnitId(0)),
        });
        let marked = vec![COVER, sample::OVERDUE];
        app.add_message::<MarkCases>();
        app.world_mut().write_message(MarkCases(marked));
        let drawn = run_app(&setting, &mut app);
        let says = |words: &str| drawn.texts.iter().any(|t| t.0.contains(words));
        let foot = if lang == Lang::Zh {
            "已标记 2 起"
        } else {
            "2 marked"
        };
        assert!(says(foot));
    }
}
