//! No word is cut: in every state, on every screen, in both languages, the program's own words have room, and what the
//! city says and has none can be read whole where the pointer rests.

use super::inks::Ink;
use super::model::sample;
use super::pictures::{Drawn, Setting, every_setting, run};
use crate::i18n::{Lang, Words};
use crate::live::Selection;
use bevy_egui::egui::Rect;
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::model::{Actor, Stage, StageChange, UnitStatus};
use chengtu_engine::stream::Mirror;
use std::collections::{BTreeMap, BTreeSet};

/// Logical size and scale of the screens: 1280×720, 1920×1080, 3840×2160.
const SCREENS: [([f32; 2], f32); 3] = [
    ([1_280.0, 720.0], 1.0),
    ([1_920.0, 1_080.0], 1.0),
    ([1_920.0, 1_080.0], 2.0),
];

/// Words of the program that stand alone: whoever sees half of one cannot know the rest.
fn own_words(lang: Lang) -> BTreeSet<String> {
    let words = Words::shipped(lang).unwrap();
    let keys: Vec<&str> = words.keys().collect();
    let plain = keys.iter().map(|k| words.t(k)).filter(|w| !w.contains('{'));
    plain.map(str::to_owned).collect()
}

/// What is wrong with a text, in words.
fn fault(drawn: &Drawn, own: &BTreeSet<String>, t: &Ink) -> Option<&'static str> {
    let (ink, clip) = (t.whole, t.clip.expand(1.0));
    // What is written along time begins on one ground and ends on the next.
    let on_time = drawn.layout.time.contains(ink.center());
    let sideways = |r: &Rect| ink.min.x < r.min.x - 1.0 || ink.max.x > r.max.x + 1.0;
    let leaves = !on_time && !t.elided && t.ground.as_ref().is_some_and(sideways);
    if t.covered {
        // Something was opened over it; or the next button lies on what was too long for this one.
        return leaves.then_some("leaves its ground");
    }
    if t.elided {
        let told = drawn.cuts.iter().any(|c| c.at.intersects(ink));
        return match (told, own.contains(&t.words)) {
            (false, _) => Some("is cut, and nothing tells the rest"),
            (true, true) => Some("is the program's own, and cut"),
            (true, false) => None,
        };
    }
    if ink.min.x < clip.min.x || ink.max.x > clip.max.x {
        return Some("is cut at its side");
    }
    let screen = drawn.layout.screen;
    if !screen.expand(1.0).contains_rect(t.seen()) {
        return Some("leaves the screen");
    }
    leaves.then_some("leaves its ground")
}

/// Texts that lie on others.
fn on_others(inks: &[Ink]) -> Vec<String> {
    let seen: Vec<Rect> = inks.iter().map(Ink::seen).collect();
    let mut found = Vec::new();
    for (i, a) in seen.iter().enumerate() {
        for (j, b) in seen.iter().enumerate().skip(i + 1) {
            let both = a.intersect(*b);
            if both.width() > 1.0 && both.height() > 1.5 {
                found.push(format!(
                    "“{}” {b} lies on “{}” {a}",
                    inks[j].words, inks[i].words
                ));
            }
        }
    }
    found
}

/// A case with so many units on their way, with words as long as they are when it matters.
fn with_units(name: &'static str, city: fn(&mut Mirror)) -> Setting {
    Setting {
        name,
        selection: Selection::Case(CaseId(102)),
        city,
        ..Setting::default()
    }
}

fn send_units(city: &mut Mirror, count: usize) {
    let ids: Vec<UnitId> = city.units.keys().copied().take(count).collect();
    let first = city.cases[&CaseId(102)].units[0];
    let assignment = city.units[&first].assignment.clone();
    for id in &ids {
        let unit = city.units.get_mut(id).unwrap();
        unit.status = UnitStatus::EnRoute;
        unit.assignment.clone_from(&assignment);
    }
    let case = city.cases.get_mut(&CaseId(102)).unwrap();
    case.units = ids;
    case.note = "水深及腰，两人被困车内，其中一名是孩子；附近车库已进水，请求排水和救援".into();
}

fn more() -> [Setting; 3] {
    [
        with_units("units-2", |city| send_units(city, 2)),
        with_units("units-5", |city| send_units(city, 5)),
        Setting {
            city: |city| {
                let case = city.cases.get_mut(&sample::COVER).unwrap();
                case.stage = Stage::Void;
                case.history.push(StageChange {
                    stage: Stage::Void,
                    at: sample::NOW,
                    by: Actor::System,
                });
            },
            ..with_units("void", |_| {})
        },
    ]
}

#[test]
fn every_unit_of_a_case_and_what_can_be_ordered_stay_on_the_panel() {
    for (size, scale) in SCREENS {
        for lang in [Lang::Zh, Lang::En] {
            for setting in more().into_iter().take(2) {
                let setting = Setting {
                    size,
                    scale,
                    lang,
                    ..setting
                };
                let drawn = run(&setting);
                let words = Words::shipped(lang).unwrap();
                let panel = drawn.layout.detail.unwrap();
                for key in ["progress.recall", "progress.second", "progress.reassign"] {
                    let button = drawn.inks.iter().find(|t| t.words == words.t(key));
                    let on = button.is_some_and(|t| panel.contains_rect(t.whole));
                    assert!(
                        on,
                        "{size:?} {lang:?} {}: {key} is not on the panel",
                        setting.name
                    );
                }
            }
        }
    }
}

#[test]
fn a_voided_case_says_so_where_its_stage_stands() {
    for lang in [Lang::Zh, Lang::En] {
        let [.., void] = more();
        let drawn = run(&Setting {
            selection: Selection::Case(sample::COVER),
            lang,
            ..void
        });
        let words = Words::shipped(lang).unwrap();
        let says = |key: &str| drawn.inks.iter().any(|t| t.words == words.t(key));
        assert!(says("stage.void") && says("link.stopped"), "{lang:?}");
        assert!(!says("stage.closed"), "{lang:?}");
    }
}

#[test]
fn no_word_is_cut_in_any_state_on_any_screen_in_either_language() {
    let (mut wrong, mut count) = (BTreeMap::new(), 0);
    for (size, scale) in SCREENS {
        for lang in [Lang::Zh, Lang::En] {
            let own = own_words(lang);
            for setting in every_setting().chain(more()) {
                let setting = Setting {
                    size,
                    scale,
                    lang,
                    ..setting
                };
                let drawn = run(&setting);
                count += drawn.inks.len();
                let of_texts = drawn.inks.iter().filter_map(|t| {
                    let why = fault(&drawn, &own, t)?;
                    Some(format!("“{}” {why}", t.words))
                });
                for found in of_texts.chain(on_others(&drawn.inks)) {
                    let at = format!("{size:?} {lang:?}: {found}");
                    wrong.entry(at).or_insert(setting.name);
                }
            }
        }
    }
    println!("{count} texts");
    let listed: Vec<_> = wrong.iter().take(60).collect();
    assert!(wrong.is_empty(), "{} of {count}: {listed:#?}", wrong.len());
    assert!(count > 20_000, "{count}");
}
