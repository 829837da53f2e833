//! No word is cut: in every state, on every screen, in both languages, the program's own words have room, and what the
//! city says and has none can be read whole where the pointer rests.

use super::inks::Ink;
use super::pictures::{Drawn, Setting, every_setting, run};
use crate::i18n::{Lang, Words};
use bevy_egui::egui::Rect;
use std::collections::BTreeSet;

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
    let (ink, clip) = (t.ink, t.clip.expand(1.0));
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
    if !screen.expand(1.0).contains_rect(ink) && screen.intersects(ink) {
        return Some("leaves the screen");
    }
    // A panel is the smallest that holds its middle; what is written in it stays in it.
    let holds = drawn.covered.iter().filter(|r| r.contains(ink.center()));
    let panel = holds.min_by(|a, b| a.area().total_cmp(&b.area()));
    let sideways = |r: &Rect| ink.min.x < r.min.x - 1.0 || ink.max.x > r.max.x + 1.0;
    panel.is_some_and(sideways).then_some("leaves its panel")
}

#[test]
fn no_word_is_cut_in_any_state_on_any_screen_in_either_language() {
    let (mut wrong, mut count) = (BTreeSet::new(), 0);
    for (size, scale) in SCREENS {
        for lang in [Lang::Zh, Lang::En] {
            let own = own_words(lang);
            for setting in every_setting() {
                let setting = Setting {
                    size,
                    scale,
                    lang,
                    ..setting
                };
                let drawn = run(&setting);
                count += drawn.inks.len();
                for t in &drawn.inks {
                    if let Some(why) = fault(&drawn, &own, t) {
                        let name = setting.name;
                        wrong.insert(format!("{size:?} {lang:?} {name}: “{}” {why} {}", t.words, t.ink));
                    }
                }
            }
        }
    }
    println!("{count} texts");
    assert!(wrong.is_empty(), "{} of {count}: {wrong:#?}", wrong.len());
    assert!(count > 20_000, "{count}");
}
