//! What is said of a significant area: its cases, against what, and how sure it is.

use crate::i18n::Words;
use chengtu_engine::hotspot::{HotspotArea, HotspotChance};

/// So many areas are ranked on a wall, beside the map and on it.
pub const RANKED: usize = 5;

/// An area's cases against what would be there if the city's were spread evenly; the cases alone where a server of before
/// protocol 1.4 does not say.
pub fn cases_against(area: &HotspotArea, words: &Words) -> String {
    let cases = area.cases.to_string();
    match &area.chance {
        Some(chance) => words.f(
            "hotspots.cases_against",
            &[("cases", &cases), ("expected", &expected(chance))],
        ),
        None => words.n("hotspots.cases_of", cases),
    }
}

/// How sure an area is, and against what; in a word where a server of before protocol 1.4 does not say.
pub fn how_sure(area: &HotspotArea, words: &Words) -> String {
    let Some(chance) = &area.chance else {
        let key = if area.z >= 5.0 {
            "hotspots.very_dense"
        } else {
            "hotspots.dense"
        };
        return words.t(key).to_owned();
    };
    words.f(
        "hotspots.how_sure",
        &[
            ("expected", &expected(chance)),
            ("chance", &by_chance(chance.q, words)),
        ],
    )
}

/// Cases in an even city: with a decimal below ten, where it says something.
fn expected(chance: &HotspotChance) -> String {
    match chance.expected {
        few if few < 0.1 => "< 0.1".to_owned(),
        some if some < 9.95 => format!("{some:.1}"),
        many => format!("{many:.0}"),
    }
}

/// In steps that one can say; never below the truth.
fn by_chance(q: f64, words: &Words) -> String {
    match q {
        q if q < 0.001 => words.t("hotspots.below_per_mille").to_owned(),
        q if q < 0.01 => words.t("hotspots.below_percent").to_owned(),
        q => words.n("hotspots.percent", (q * 100.0).ceil().clamp(1.0, 100.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use chengtu_engine::time::Timestamp;

    fn area(chance: Option<(f64, f64)>) -> HotspotArea {
        HotspotArea {
            rank: 1,
            name: "科巷".to_owned(),
            centre: (118.79, 32.04),
            cases: 16,
            z: 8.2,
            chance: chance.map(|(expected, q)| HotspotChance { expected, q }),
            since: Timestamp(0),
            outline: Vec::new(),
        }
    }

    #[test]
    fn it_is_said_against_what_and_how_sure_in_both_languages() {
        for (lang, q, plate, line) in [
            (
                Lang::Zh,
                0.004,
                "16 件（应有 3.2）",
                "均匀分布应有 3.2 件；纯属偶然的可能不到 1%",
            ),
            (
                Lang::Zh,
                1e-9,
                "16 件（应有 3.2）",
                "均匀分布应有 3.2 件；纯属偶然的可能不到千分之一",
            ),
            (
                Lang::En,
                0.031,
                "16 cases (3.2 if even)",
                "3.2 if spread evenly; at most 4 % likely to be chance",
            ),
            (
                Lang::En,
                0.004,
                "16 cases (3.2 if even)",
                "3.2 if spread evenly; under 1 % likely to be chance",
            ),
        ] {
            let words = Words::shipped(lang).unwrap();
            let area = area(Some((3.21, q)));
            assert_eq!(cases_against(&area, &words), plate);
            assert_eq!(how_sure(&area, &words), line);
        }
    }

    #[test]
    fn a_server_that_does_not_say_has_its_cases_and_no_bare_figure() {
        for lang in [Lang::Zh, Lang::En] {
            let words = Words::shipped(lang).unwrap();
            let (plate, line) = (
                cases_against(&area(None), &words),
                how_sure(&area(None), &words),
            );
            assert!(plate.contains("16") && !plate.contains('('), "{plate}");
            assert_eq!(line, words.t("hotspots.very_dense"));
            for text in [plate, line] {
                assert!(!text.contains('z') && !text.contains("8.2"), "{text}");
            }
        }
    }

    #[test]
    fn whatever_comes_from_outside_has_words() {
        let words = Words::shipped(Lang::En).unwrap();
        for expected in [0.0, 0.04, -3.0, 9.96, 1e12, f64::NAN, f64::INFINITY] {
            for q in [-1.0, 0.0, 2.0, f64::NAN, f64::INFINITY] {
                let area = area(Some((expected, q)));
                assert!(!how_sure(&area, &words).is_empty());
                assert!(cases_against(&area, &words).starts_with("16"));
            }
        }
        let few = area(Some((0.04, 1e-5)));
        assert_eq!(cases_against(&few, &words), "16 cases (< 0.1 if even)");
    }
}
