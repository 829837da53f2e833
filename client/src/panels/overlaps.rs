//! No words on the time bar lie on other words, at any size, in either language, in any world.

use super::model::sample;
use super::pictures::{Drawn, Setting, States, busy, drilled, replay, run};
use crate::i18n::{Lang, Words};
use crate::live::Selection;
use bevy_egui::egui::Rect;
use chengtu_engine::drill::Seat;
use chengtu_engine::record::World;

const SIZES: [[f32; 2]; 4] = [
    [1_280.0, 720.0],
    [1_600.0, 900.0],
    [1_920.0, 1_080.0],
    [2_560.0, 1_440.0],
];

/// Texts of the time bar.
fn on_bar(drawn: &Drawn) -> Vec<&(String, Rect)> {
    let bar = drawn.layout.time;
    let on_bar = |t: &&(String, Rect)| bar.contains(t.1.center());
    drawn.texts.iter().filter(on_bar).collect()
}

/// Texts whose ink overlaps by more than a hair.
fn overlapping(texts: &[&(String, Rect)]) -> Vec<String> {
    let mut found = Vec::new();
    for (i, a) in texts.iter().enumerate() {
        for b in &texts[i + 1..] {
            let both = a.1.intersect(b.1);
            if both.width() > 0.5 && both.height() > 0.5 {
                found.push(format!("“{}” {} on “{}” {}", b.0, b.1, a.0, a.1));
            }
        }
    }
    found
}

fn check(name: &'static str, world: World, prepare: fn(&mut States)) {
    for size in SIZES {
        for lang in [Lang::Zh, Lang::En] {
            let drawn = run(&Setting {
                name,
                size,
                lang,
                world,
                selection: Selection::Case(sample::COVER),
                prepare,
                ..Setting::default()
            });
            let texts = on_bar(&drawn);
            assert!(texts.len() > 10, "{name} {size:?} {lang:?}: nothing drawn");
            let found = overlapping(&texts);
            assert!(found.is_empty(), "{name} {size:?} {lang:?}: {found:#?}");
            for (text, at) in texts {
                let bar = drawn.layout.time.expand(0.5);
                assert!(bar.contains_rect(*at), "{name} {size:?}: “{text}” {at}");
            }
        }
    }
}

#[test]
fn no_words_of_the_directors_bar_lie_on_others() {
    check("drill", World::Drill(1), |st| drilled(st, Seat::Director));
    check("drill-busy", World::Drill(1), busy);
}

#[test]
fn no_words_of_the_time_bar_lie_on_others() {
    check("replay", World::Replay(1), replay);
    check("live-tall", World::Live, |st| st.time.open_live = true);
}

#[test]
fn injects_and_goals_are_told_whole_on_a_wide_screen() {
    for (lang, size) in [
        (Lang::Zh, [1_920.0, 1_080.0]),
        (Lang::En, [2_560.0, 1_440.0]),
    ] {
        let drawn = run(&Setting {
            name: "drill-busy",
            size,
            lang,
            world: World::Drill(1),
            prepare: busy,
            ..Setting::default()
        });
        let words = Words::shipped(lang).unwrap();
        let texts = on_bar(&drawn);
        let view = super::model::sample_drill::busy();
        // The last inject begins two minutes before the end of the line.
        let injects = view.injects.iter().rev().skip(1);
        let titles = injects.map(|i| words.name(&i.title, &i.title_en));
        for title in titles {
            assert!(texts.iter().any(|t| t.0 == title), "{title} is cut");
        }
        for goal in &view.goals {
            let figure = super::model::drill::figure(goal);
            assert!(
                texts.iter().any(|t| t.0.starts_with(&figure)),
                "{figure} is missing"
            );
        }
    }
}
