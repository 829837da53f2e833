use super::*;
use crate::facts::unit::call_sign;
use crate::i18n::{Lang, Words};
use crate::panels::desk::Desk;
use crate::panels::model::sample::{self, COVER, TO_CHECK};
use crate::panels::model::sample_fork;
use crate::panels::pictures::{Setting, States};
use crate::panels::world::WorldLook;
use bevy_egui::egui::Key;
use chengtu_engine::geo::LonLat;
use chengtu_engine::model::{Stage, UnitStatus};

fn branches(lang: Lang, prepare: fn(&mut States)) -> Desk {
    let mut desk = Desk::new(Setting {
        name: "branches",
        lang,
        world: CityWorld::Replay(1),
        prepare,
        ..Setting::default()
    });
    desk.settle();
    desk
}

#[test]
fn each_branch_is_headed_by_what_it_is() {
    for lang in [Lang::Zh, Lang::En] {
        let words = Words::shipped(lang).unwrap();
        let time = sample::time();
        let at = time.hms(sample_fork::report().at);
        let says = |prepare: fn(&mut States), key: &str, time: &str| {
            let desk = branches(lang, prepare);
            let text = words.f(key, &[("time", time)]);
            assert!(
                desk.texts.iter().any(|t| t.0 == text),
                "{text}: {:?}",
                desk.texts
            );
        };
        let open: fn(&mut States) = |st| sample_fork::open(&mut st.fork);
        says(open, "fork.simulated", &at);
        // The log ended an hour ago, on the clock of the branches.
        let ended = time.hms(sample::NOW.plus_seconds(-3_600));
        says(open, "fork.recorded_until", &ended);
        says(
            |st| {
                sample_fork::open(&mut st.fork);
                let view = st.fork.view.as_mut().unwrap();
                view.about.recorded_until = sample::NOW;
            },
            "fork.as_recorded",
            "",
        );
        says(
            |st| {
                sample_fork::open(&mut st.fork);
                let view = st.fork.view.as_mut().unwrap();
                view.about.recorded_until = view.forked.at;
            },
            "fork.simulated_same",
            &at,
        );
    }
}

#[test]
fn the_closed_road_is_named_in_the_top_line_and_over_its_branch() {
    let desk = branches(Lang::Zh, |st| {
        sample_fork::open(&mut st.fork);
        let view = st.fork.view.as_mut().unwrap();
        view.about.change = Change::Road;
        view.closed = Some("中山路".into());
    });
    let named = desk.texts.iter().filter(|t| t.0.contains("中山路"));
    assert_eq!(named.count(), 2, "{:?}", desk.texts);
    // One without a name is still said to be closed.
    let desk = branches(Lang::Zh, |st| {
        sample_fork::open(&mut st.fork);
        let view = st.fork.view.as_mut().unwrap();
        view.about.change = Change::Road;
        view.closed = Some(String::new());
    });
    assert!(desk.says("封闭一条道路") && desk.says("道路封闭"));
}

#[test]
fn a_fork_is_framed_as_a_fork() {
    let desk = branches(Lang::Zh, |st| sample_fork::open(&mut st.fork));
    let look = desk
        .app
        .world()
        .resource::<super::super::console::Frame>()
        .look
        .clone();
    let tokens = desk.app.world().resource::<crate::look::Tokens>();
    assert_eq!(
        look,
        WorldLook::new(tokens, CityWorld::Fork(0), crate::i18n::Lang::Zh)
    );
    assert!(desk.says("推演 FORK") && !desk.says("回放 REPLAY"));
}

fn at_case(case: chengtu_engine::ids::CaseId) -> Desk {
    let mut desk = Desk::new(Setting {
        selection: Selection::Case(case),
        ..Setting::default()
    });
    desk.settle();
    desk
}

/// The list offered units that were busy, and a key opened it for a case that no unit can be sent to.
#[test]
fn only_units_that_could_go_are_offered_and_only_where_one_can_be_sent() {
    let mut desk = at_case(COVER);
    let title = Words::shipped(Lang::Zh).unwrap().t("fork.start").to_owned();
    desk.key(Key::X);
    assert!(desk.says(&title));
    let list = desk.place(&title);
    let city = sample::city();
    let words = Words::shipped(Lang::Zh).unwrap();
    let listed = |desk: &Desk, unit| {
        let sign = call_sign(&city, unit, &words).to_string();
        let inside = |r: &bevy_egui::egui::Rect| {
            (list.x - 200.0..list.x + 380.0).contains(&r.center().x) && r.min.y > list.y
        };
        desk.texts.iter().any(|(t, r)| *t == sign && inside(r))
    };
    let ranked = sample::ranking();
    assert!(ranked.iter().any(|r| listed(&desk, r.unit)));
    for row in &ranked {
        let free = city.units[&row.unit].status == UnitStatus::Available;
        assert!(free || !listed(&desk, row.unit), "{:?} is busy", row.unit);
    }
    for case in [TO_CHECK, COVER] {
        let mut desk = at_case(case);
        if case == COVER {
            desk.city().mirror.cases.get_mut(&case).unwrap().stage = Stage::Closed;
            desk.settle();
        }
        desk.key(Key::X);
        assert!(!desk.says(&title), "{case:?}");
        assert!(desk.asked::<ForkAct>().is_empty());
    }
}

fn tried(bevy::prelude::In((place, act)): bevy::prelude::In<(LonLat, Place)>, view: View) -> bool {
    at_place(&view.scene(), place, act).is_some()
}

#[test]
fn nothing_is_tried_outside_the_city() {
    let mut desk = at_case(COVER);
    let inside = LonLat::new(118.7862, 32.0440);
    let outside = LonLat::new(121.47, 31.23);
    for (place, able) in [(inside, true), (outside, false)] {
        for act in [super::Place::CloseRoad, super::Place::AddUnit] {
            let world = desk.app.world_mut();
            let asked = world.run_system_cached_with(tried, (place, act)).unwrap();
            assert_eq!(asked, able, "{act:?}");
        }
    }
}
