//! Nothing is left unseen: alarms, the order of cases, what was reported, what is hidden, and that the server is lost.
//! Each by real keys and clicks.

use super::alarms::AlarmState;
use super::console::{Focus, Link};
use super::hand::Hand;
use super::menu::{MenuPage, MenuState};
use super::model::queue::{Filter, SortKey};
use super::model::sample::{self, COVER, NOW, WATER};
use super::notice::{Missed, MissedState};
use super::pictures::Setting;
use super::queue::QueueState;
use crate::camera::MapCamera;
use crate::i18n::{Lang, Words};
use crate::input::Zone;
use crate::live::{LayerVisibility, Selection};
use bevy_egui::egui::{Key, Modifiers, Rect, pos2, vec2};
use chengtu_engine::city::Severity;
use chengtu_engine::ids::{AlarmId, CaseId, ClassId};
use chengtu_engine::model::{Actor, AlarmSource, Stage};
use chengtu_engine::stream::{AlarmView, Mirror};
use std::time::Duration;

const LANGS: [Lang; 2] = [Lang::Zh, Lang::En];

fn hand(setting: Setting) -> Hand {
    Hand::at(setting)
}

fn words(hand: &Hand) -> Words {
    Words::shipped(hand.setting.lang).unwrap()
}

/// Where the plate lies.
fn plate(hand: &Hand) -> Rect {
    let window = hand.laid_out().layout.window;
    Rect::from_min_size(window.min + vec2(12.0, 40.0), vec2(680.0, 130.0))
}

fn is_acknowledging(hand: &Hand, alarm: u64) -> bool {
    let state = hand.app.world().resource::<AlarmState>();
    state.is_acknowledging(AlarmId(alarm))
}

fn selection(hand: &Hand) -> Selection {
    *hand.app.world().resource::<Selection>()
}

/// A severe alarm that waits longer than any other.
fn graver(hand: &mut Hand, id: u64) {
    let alarm = AlarmView {
        id: AlarmId(id),
        source: AlarmSource::Case(CaseId(102)),
        severity: Severity::Severe,
        lon: 118.79,
        lat: 32.05,
        raised_at: NOW.plus_seconds(-600),
        acknowledged: None,
        ended_at: None,
    };
    hand.city().mirror.alarms.insert(AlarmId(id), alarm);
}

fn acknowledge(hand: &mut Hand, id: u64) {
    let by = Actor::Operator("周岚".into());
    let alarm = hand.city().mirror.alarms.get_mut(&AlarmId(id)).unwrap();
    alarm.acknowledged = Some((by, NOW));
}

#[test]
fn the_plate_says_how_grave_it_is_what_was_reported_and_how_many_more_wait() {
    for lang in LANGS {
        let hand = hand(Setting {
            lang,
            ..Setting::default()
        });
        let w = words(&hand);
        for said in [w.t("severity.s1"), "异响 下沉", &w.n("alarms.more", 1)] {
            assert!(hand.says(said, plate(&hand)), "{lang:?}: {said}");
        }
    }
}

#[test]
fn the_plate_shows_the_gravest_that_waited_longest_and_when_it_has_ended() {
    let mut hand = hand(Setting::default());
    graver(&mut hand, 9);
    hand.wait(0.1);
    assert!(hand.says("垂落路面", plate(&hand)));
    // The one whose cause has ended steps back; with nothing else severe it is shown, and that it is over.
    let alarm = hand.city().mirror.alarms.get_mut(&AlarmId(9)).unwrap();
    alarm.ended_at = Some(NOW.plus_seconds(-30));
    hand.wait(0.1);
    assert!(hand.says("异响 下沉", plate(&hand)));
    acknowledge(&mut hand, 1);
    hand.wait(0.1);
    assert!(hand.says("14:31:37 已解除 · 垂落路面", plate(&hand)));
}

#[test]
fn a_key_acknowledges_what_was_drawn_and_nothing_that_has_come_since() {
    let mut hand = hand(Setting::default());
    // A graver alarm comes in the very frame of the key: it has not been seen.
    graver(&mut hand, 9);
    hand.press(&[(Key::A, Modifiers::NONE)]);
    assert!(is_acknowledging(&hand, 1) && !is_acknowledging(&hand, 9));
    // It stands on the plate now; a second stroke of the same hand is not for it.
    hand.press(&[(Key::A, Modifiers::NONE)]);
    assert!(!is_acknowledging(&hand, 9));
    hand.key(Key::A);
    assert!(is_acknowledging(&hand, 9));
}

#[test]
fn the_plate_keeps_what_it_shows_while_the_pointer_is_on_it() {
    let mut hand = hand(Setting::default());
    let middle = plate(&hand).center();
    hand.point(middle);
    graver(&mut hand, 9);
    hand.wait(0.5);
    assert!(hand.says("异响 下沉", plate(&hand)));
    assert!(hand.says("另有 2 条", plate(&hand)));
    hand.point(pos2(900.0, 800.0));
    hand.wait(0.1);
    assert!(hand.says("垂落路面", plate(&hand)));
}

#[test]
fn a_sensors_alarm_becomes_a_case_by_one_key_that_files_nothing_unread() {
    for lang in LANGS {
        let mut hand = hand(Setting {
            lang,
            ..Setting::default()
        });
        acknowledge(&mut hand, 1);
        hand.wait(1.0);
        assert!(hand.says("0.90 m", plate(&hand)), "{lang:?}: its reading");
        hand.key(Key::I);
        let menu = hand.app.world().resource::<MenuState>();
        let form = menu.open.as_ref().expect("the report is open");
        assert_eq!(
            (form.page, form.class),
            (MenuPage::Report, Some(ClassId(6)))
        );
        assert!(form.note.contains("0.90 m") && form.note.contains("北门桥水位"));
        assert!(
            menu.sending.is_empty(),
            "nothing is filed before it was read"
        );
        assert_eq!(selection(&hand), Selection::Sensor(WATER));
    }
}

#[test]
fn a_sensors_panel_acknowledges_its_alarm() {
    for lang in LANGS {
        let mut hand = hand(Setting {
            lang,
            selection: Selection::Sensor(WATER),
            ..Setting::default()
        });
        let panel = hand.laid_out().layout.detail.unwrap();
        let label = words(&hand).t("alarms.acknowledge").to_string();
        hand.click(&label, panel);
        assert!(is_acknowledging(&hand, 2), "{lang:?}");
    }
}

#[test]
fn the_list_of_alarms_is_walked_by_keys_and_keeps_what_is_over() {
    let mut hand = hand(Setting {
        selection: Selection::Case(COVER),
        ..Setting::default()
    });
    hand.key(Key::O);
    assert_eq!(selection(&hand), Selection::None);
    assert_eq!(hand.app.world().resource::<Focus>().zone, Zone::Alarms);
    let panel = hand.laid_out().layout.detail.unwrap();
    assert!(hand.says("待确认 2", panel) && hand.says("已确认 1", panel));
    let alarm = hand.city().mirror.alarms.get_mut(&AlarmId(3)).unwrap();
    alarm.ended_at = Some(NOW);
    hand.wait(0.1);
    assert!(hand.says("留待交班 1", panel));
    let cursor = |hand: &Hand| hand.app.world().resource::<AlarmState>().cursor;
    hand.key(Key::ArrowDown);
    assert_eq!(cursor(&hand), Some(AlarmId(1)));
    hand.key(Key::ArrowDown);
    assert_eq!(cursor(&hand), Some(AlarmId(2)));
    hand.shift(Key::A);
    assert!(is_acknowledging(&hand, 2) && !is_acknowledging(&hand, 1));
    hand.key(Key::Enter);
    assert_eq!(selection(&hand), Selection::Sensor(WATER));
}

#[test]
fn an_alarm_presses_more_the_longer_nobody_acknowledges_it() {
    use crate::facts::alarm::{Wait, wait_of};
    let mut hand = hand(Setting::default());
    graver(&mut hand, 9);
    hand.wait(0.1);
    let alarm = &hand.city().mirror.alarms[&AlarmId(9)];
    assert_eq!(wait_of(alarm, NOW), Wait::TooLong);
    assert!(hand.says("10 分 00 秒", plate(&hand)));
}

/// The case of the topmost row of the queue.
fn first_row(hand: &Hand) -> Option<CaseId> {
    let queue = hand.app.world().resource::<QueueState>();
    queue.order.shown().cases.first().copied()
}

#[test]
fn the_most_urgent_is_on_the_first_row_and_counts_agree() {
    for lang in LANGS {
        let mut hand = hand(Setting {
            lang,
            ..Setting::default()
        });
        let w = words(&hand);
        assert_eq!(first_row(&hand), Some(COVER));
        let layout = hand.laid_out().layout;
        let queue = layout.queue.unwrap();
        // In the very frame in which a case is closed, the bar, the title and the chips have the new count.
        for open in [20usize, 19] {
            let late =
                super::model::figures::figures(&hand.city().mirror, &sample::time(), NOW, 600.0);
            assert_eq!(late.open, open);
            let count = open.to_string();
            assert!(hand.inside(layout.top).contains(&&*count), "{lang:?}: bar");
            assert!(hand.inside(queue).contains(&&*count), "{lang:?}: title");
            let late = late.overdue;
            assert!(hand.inside(layout.top).contains(&&*late.to_string()));
            assert!(hand.says(&w.n("queue.late", late), queue), "{lang:?}: late");
            let case = hand.city().mirror.cases.get_mut(&CaseId(103)).unwrap();
            case.stage = Stage::Closed;
            hand.wait(0.05);
        }
        assert!(hand.says(w.t("queue.order"), queue), "the order is stated");
        let head = w.t("queue.by_remaining").to_string();
        hand.click(&head, queue);
        let sort = hand.app.world().resource::<QueueState>().sort;
        assert_eq!(sort.key, SortKey::Remaining);
        assert_eq!(first_row(&hand), Some(sample::OVERDUE));
    }
}

#[test]
fn a_filter_says_what_it_hides_and_is_cleared_by_one_key_or_click() {
    for (lang, by_key) in [(Lang::Zh, true), (Lang::En, false)] {
        let mut hand = hand(Setting {
            lang,
            prepare: |st| {
                st.queue.filter.hidden = [true, false, false, false];
                // Its row is folded away.
                st.queue.filter_open = false;
            },
            ..Setting::default()
        });
        let w = words(&hand);
        let queue = hand.laid_out().layout.queue.unwrap();
        let hidden = hand
            .app
            .world()
            .resource::<QueueState>()
            .order
            .shown()
            .hidden();
        assert!(hidden > 0 && hand.says(&w.n("queue.hidden", hidden), queue));
        assert!(
            hand.says(&format!("{} / 20", 20 - hidden), queue),
            "the title says so too"
        );
        if by_key {
            hand.shift(Key::Q);
        } else {
            let label = w.t("queue.show_all").to_string();
            hand.click(&label, queue);
        }
        let state = hand.app.world().resource::<QueueState>();
        assert_eq!(state.filter, Filter::default(), "{lang:?}");
        assert_eq!(first_row(&hand), Some(COVER));
    }
}

#[test]
fn what_was_reported_can_be_read_whole_at_every_size() {
    let long = "有人被困在车内，水已没过车窗，车上两名老人一名儿童，无法打开车门；".repeat(16);
    for size in [[1_280.0, 720.0], [1_920.0, 1_080.0], [3_840.0, 2_160.0]] {
        let mut hand = hand(Setting {
            size,
            selection: Selection::Case(COVER),
            ..Setting::default()
        });
        let panel = hand.laid_out().layout.detail.unwrap();
        let case = hand.city().mirror.cases.get_mut(&COVER).unwrap();
        case.note =
            "窨井盖缺失，井口约 70 cm，已有一名骑车人跌落，有人被困，围观者众多，交通受阻".into();
        hand.wait(0.1);
        let note = hand.city().mirror.cases[&COVER].note.clone();
        // Where its lines are broken is nothing of it.
        let find = |hand: &Hand, text: &str| {
            let whole =
                |t: &&(String, Rect)| t.0.replace('\n', "") == text && panel.contains(t.1.center());
            hand.texts.iter().find(whole).map(|t| t.1)
        };
        let shown = find(&hand, &note).expect("the whole note, not cut off");
        assert!(panel.contains_rect(shown), "{size:?}");
        // Longer than the panel gives room for: it is scrolled, and its end is reached.
        hand.city()
            .mirror
            .cases
            .get_mut(&COVER)
            .unwrap()
            .note
            .clone_from(&long);
        hand.wait(0.1);
        let at = find(&hand, &long).expect("nothing of it is cut off");
        let address = hand.city().mirror.cases[&COVER].address.clone();
        for _ in 0..10 {
            hand.wheel(at.center(), vec2(0.0, -120.0));
        }
        let end = hand
            .find(&address, panel)
            .expect("what stands below the words");
        assert!(
            end.min.y > at.min.y - 1.0 && end.max.y < at.max.y + 1.0,
            "{size:?}: {end} in {at}"
        );
    }
}

fn lost(hand: &mut Hand) {
    hand.setting.link = Link::Lost {
        since: Duration::from_secs(17),
        next_try: Some(Duration::from_secs(4)),
        reason: String::new(),
    };
    // What is drawn for the first time is on the screen in the frame after.
    hand.wait(0.1);
    hand.wait(0.1);
}

#[test]
fn a_lost_server_is_seen_on_clock_plate_figures_and_case() {
    for lang in LANGS {
        let mut hand = hand(Setting {
            lang,
            selection: Selection::Case(COVER),
            ..Setting::default()
        });
        let w = words(&hand);
        let layout = hand.laid_out().layout;
        let before = hand.texts.len();
        assert!(!hand.says(w.t("link.stopped"), hand.screen()));
        lost(&mut hand);
        assert!(before > 20);
        let stopped = w.t("link.stopped");
        assert!(hand.says(stopped, layout.top), "{lang:?}: the clock");
        let ago = w.f("link.ago", &[("span", &crate::i18n::short_span(17.0, &w))]);
        assert!(hand.says(&ago, layout.top), "{lang:?}: how old it is");
        assert!(
            hand.says(stopped, layout.detail.unwrap()),
            "{lang:?}: the case"
        );
        assert!(hand.says("14:32:07", layout.window), "{lang:?}: since when");
        // Nothing can be acknowledged into the void.
        hand.key(Key::A);
        assert!(!is_acknowledging(&hand, 1));
    }
}

#[test]
fn what_was_missed_is_told_until_it_is_put_away() {
    for (lang, by_key) in [(Lang::Zh, true), (Lang::En, false)] {
        let mut hand = hand(Setting {
            lang,
            ..Setting::default()
        });
        let w = words(&hand);
        hand.app.world_mut().resource_mut::<MissedState>().shown = Some(Missed {
            from: NOW.plus_seconds(-60),
            to: NOW,
            cases: vec![COVER],
            severe: 1,
            alarms: 2,
            changed: 0,
            closed: 3,
        });
        // Longer than any notice stays.
        hand.wait(9.0);
        let window = hand.laid_out().layout.window;
        let all = format!(
            "{} · {} · {} · {}",
            w.n("missed.cases", 1),
            w.n("missed.severe", 1),
            w.n("missed.alarms", 2),
            w.n("missed.closed", 3)
        );
        assert!(
            hand.says(&all, window),
            "{lang:?}: {:#?}",
            hand.inside(window)
        );
        let look = w.t("missed.look").to_string();
        hand.click(&look, window);
        assert_eq!(selection(&hand), Selection::Case(COVER));
        let window = hand.laid_out().layout.window;
        if by_key {
            hand.key(Key::U);
        } else {
            let label = w.t("missed.read").to_string();
            hand.click(&label, window);
        }
        hand.wait(0.1);
        assert!(hand.app.world().resource::<MissedState>().shown.is_none());
        assert!(!hand.says(&all, window));
    }
}

#[test]
fn figures_that_are_not_there_yet_are_no_zeros() {
    for lang in LANGS {
        let mut hand = hand(Setting {
            lang,
            ..Setting::default()
        });
        let hello = hand.city().mirror.hello.take();
        hand.city().mirror = Mirror::new();
        hand.city().mirror.hello = hello;
        hand.wait(1.0);
        let w = words(&hand);
        let layout = hand.laid_out().layout;
        for part in [layout.top, layout.queue.unwrap(), layout.detail.unwrap()] {
            let texts = hand.inside(part);
            assert!(
                !texts.iter().any(|t| *t == "0" || t.ends_with(" 0")),
                "{lang:?}: {texts:?}"
            );
            let loading = w.t("figure.loading");
            assert!(
                texts.iter().any(|t| t.ends_with(loading)),
                "{lang:?}: {texts:?}"
            );
        }
        let panel = layout.detail.unwrap();
        assert!(!hand.says(w.t("alarms.none"), panel) && !hand.says(w.t("hotspots.none"), panel));
    }
}

#[test]
fn a_layer_of_which_nothing_is_seen_says_so_on_its_chip() {
    for lang in LANGS {
        let mut hand = hand(Setting {
            lang,
            ..Setting::default()
        });
        let w = words(&hand);
        let said = |key: &str, layer: &str| w.f(key, &[("layer", w.t(layer))]);
        let window = hand.laid_out().layout.window;
        let far = said("layer.nearer", "layer.sensors");
        assert!(!hand.says(&far, window));
        hand.app.world_mut().resource_mut::<MapCamera>().zoom = 12.0;
        hand.app
            .world_mut()
            .resource_mut::<LayerVisibility>()
            .hotspots = true;
        hand.city().mirror.hotspots.clear();
        hand.wait(0.1);
        assert!(hand.says(&far, window), "{lang:?}");
        assert!(hand.says(&said("layer.nothing", "layer.hotspots"), window));
        hand.app
            .world_mut()
            .resource_mut::<LayerVisibility>()
            .sensors = false;
        hand.wait(0.1);
        assert!(!hand.says(&far, window), "what is off has nothing to say");
    }
}

#[test]
fn count_and_moment_of_a_hotspot_stand_beside_one_another_after_midnight() {
    for lang in LANGS {
        let mut hand = hand(Setting {
            lang,
            ..Setting::default()
        });
        for spot in &mut hand.city().mirror.hotspots {
            spot.since = NOW.plus_seconds(-86_400);
        }
        hand.wait(0.1);
        let panel = hand.laid_out().layout.detail.unwrap();
        let since = hand
            .inside(panel)
            .iter()
            .filter(|t| **t == "11-19 14:32")
            .count();
        assert_eq!(since, 5, "{lang:?}");
        let texts: Vec<_> = hand
            .texts
            .iter()
            .filter(|t| panel.contains(t.1.center()))
            .collect();
        for (i, a) in texts.iter().enumerate() {
            for b in &texts[i + 1..] {
                let both = a.1.intersect(b.1);
                let on = both.width() > 0.5 && both.height() > 0.5;
                assert!(!on, "{lang:?}: “{}” on “{}”", b.0, a.0);
            }
        }
    }
}
