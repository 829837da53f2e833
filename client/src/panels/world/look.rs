use crate::facts::world::{short, world_words};
use crate::i18n::Lang;
use crate::look::{Rgba8, Tokens};
use crate::panels::skin::color32;
use bevy_egui::egui::Color32;
use chengtu_engine::record::World;

/// Pattern of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// A plain line: live.
    Solid,
    /// The edge of a film: replay.
    Film,
    /// Two lines beside each other: the branches of a fork.
    Double,
    /// Stripes: drill.
    Hatched,
}

/// How a world looks.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldLook {
    /// Main colour: the frame, and whatever is on or marks now in its bars.
    pub color: Color32,
    /// Second colour of its pattern.
    pub second: Color32,
    /// Width of its frame.
    pub frame: f32,
    /// Drawn over the frame, so that worlds differ without colour too.
    pub pattern: Pattern,
    /// Its words: on a Chinese desk both languages in one.
    pub words: String,
    /// Text on the plates of its frame; `None` if the frame carries no plates.
    pub plate_text: Option<Color32>,
    /// Ground of the top bar.
    pub top_bar: Color32,
    /// Ground of the clock.
    pub clock_ground: Color32,
    /// Ground of the time bar.
    pub time_bar: Color32,
    /// Hairlines of bars and chips.
    pub line: Color32,
    /// Ground of chips.
    pub chip: Color32,
    /// Ground of chips that are on.
    pub chip_on: Color32,
    /// Lines of a time bar.
    pub grid: Color32,
    /// Labels on the bars.
    pub text_3: Color32,
    /// Time bar before now.
    pub past: Color32,
    /// Time bar after now.
    pub future: Color32,
    /// Bars of what came when.
    pub histogram: Color32,
    /// Words that carry the world's colour and must be read.
    pub accent: Color32,
    /// The inject that comes next.
    pub inject_next: Color32,
    /// Injects after it.
    pub inject_later: Color32,
    /// A goal that is reached.
    pub goal_met: Color32,
    /// A goal that is being worked at.
    pub goal_running: Color32,
    /// A goal that is missed.
    pub goal_missed: Color32,
}

impl WorldLook {
    /// The look of a world at a desk of a language. A drill can never look live: every value comes from the drill's own
    /// table.
    pub fn new(tokens: &Tokens, world: World, lang: Lang) -> Self {
        let (name, pattern) = match world {
            World::Live => ("live", Pattern::Solid),
            World::Replay(_) => ("replay", Pattern::Film),
            World::Fork(_) => ("fork", Pattern::Double),
            World::Drill(_) => ("drill", Pattern::Hatched),
        };
        let c = |key: &str| color32(tokens.color(key));
        let form = |key: &str| format!("world_form.{name}.{key}");
        // Live has no chrome of its own: it is what everything else is measured against.
        let chrome = |key: &str, live: &str| match pattern {
            Pattern::Solid => c(live),
            _ => c(&format!("world_chrome.{name}.{key}")),
        };
        // What only a drill's bar has; other worlds use the common colours for it.
        let own = |key: &str, common: &str| {
            let key = format!("world_chrome.{name}.{key}");
            color32(
                tokens
                    .try_color(&key)
                    .unwrap_or_else(|_| tokens.color(common)),
            )
        };
        let color = c(&format!("world.{name}"));
        let described = tokens.try_words(&form("pattern")).unwrap_or_default();
        Self {
            color,
            second: named_color(described).map_or(color, color32),
            frame: tokens.number(&form("frame_px")),
            pattern,
            words: world_words(tokens, name, lang).to_owned(),
            plate_text: tokens.try_color(&form("plate_text")).ok().map(color32),
            top_bar: c(&form("top_bar")),
            clock_ground: c(&form("clock_ground")),
            time_bar: c(&form("time_bar")),
            line: chrome("line", "surface.line"),
            chip: chrome("chip", "surface.panel"),
            chip_on: chrome("chip_on", "surface.selected"),
            grid: chrome("grid", "chart.grid"),
            text_3: chrome("text_3", "text.t3"),
            past: own("past", "surface.inset"),
            future: own("future", "surface.base"),
            histogram: own("histogram", "chart.histogram"),
            accent: own("accent", "text.t1"),
            inject_next: own("inject_next", "text.t1"),
            inject_later: own("inject_later", "text.t3"),
            goal_met: c("world_chrome.drill.goal_met"),
            goal_running: c("world_chrome.drill.goal_running"),
            goal_missed: c("world_chrome.drill.goal_missed"),
        }
    }

    /// The name alone, in both languages where the words are in both: the label on the clock's block.
    pub fn short_words(&self) -> &str {
        short(&self.words)
    }
}

/// The colour that a pattern's description names: its last word that reads `#RRGGBB`.
fn named_color(described: &str) -> Option<Rgba8> {
    described.split_whitespace().rev().find_map(Rgba8::from_hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_two_worlds_differ_in_colour_pattern_and_words() {
        let tokens = Tokens::shipped().unwrap();
        let worlds = [
            World::Live,
            World::Replay(1),
            World::Fork(1),
            World::Drill(1),
        ];
        let looks_of = |lang| worlds.map(|w| WorldLook::new(&tokens, w, lang));
        let looks = looks_of(Lang::Zh);
        for (i, a) in looks.iter().enumerate() {
            for b in &looks[i + 1..] {
                assert!(
                    a.color != b.color
                        && a.pattern != b.pattern
                        && a.top_bar != b.top_bar
                        && a.clock_ground != b.clock_ground
                        && a.chip_on != b.chip_on
                        && a.short_words() != b.short_words(),
                    "{} and {}",
                    a.words,
                    b.words
                );
            }
            assert_eq!(a.plate_text.is_none(), i == 0);
        }
        let words = looks.each_ref().map(WorldLook::short_words);
        let expected = ["实时 LIVE", "回放 REPLAY", "推演 FORK", "演练 DRILL"];
        assert_eq!(words, expected);
        let english = looks_of(Lang::En);
        assert!(english.iter().all(|l| l.words.is_ascii()));
        let words = english.each_ref().map(WorldLook::short_words);
        assert_eq!(words, ["LIVE", "REPLAY", "FORK", "DRILL"]);
        assert_eq!(looks.map(|l| l.frame), [4.0, 16.0, 16.0, 22.0]);
    }

    #[test]
    fn the_second_colour_is_the_one_that_the_pattern_names() {
        let tokens = Tokens::shipped().unwrap();
        let drill = WorldLook::new(&tokens, World::Drill(1), Lang::En);
        assert_eq!(drill.second, Color32::from_rgb(0x8F, 0x1F, 0x62));
        let replay = WorldLook::new(&tokens, World::Replay(1), Lang::En);
        assert_eq!(replay.second, Color32::from_rgb(0x26, 0x2C, 0x66));
        let fork = WorldLook::new(&tokens, World::Fork(1), Lang::En);
        assert_eq!(fork.second, Color32::from_rgb(0x26, 0x2C, 0x14));
    }
}
