use super::{Gazetteer, parse, read};
use crate::pack::Pack;
use chengtu_engine::drill::{GoalKind, InjectAct, Start};
use std::path::PathBuf;
use std::sync::OnceLock;

fn nanjing() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing")
}

fn city() -> &'static Gazetteer {
    static CITY: OnceLock<Gazetteer> = OnceLock::new();
    CITY.get_or_init(|| Gazetteer::new(&Pack::open(&nanjing()).unwrap()))
}

/// A scenario without fault; the tests below put one fault into it each.
const GOOD: &str = r#"format = 1
title = "甲"
title_en = "A"
summary = "乙"
summary_en = "B"
brief = "丙"
brief_en = "C"

[start]
calm = "2026-07-14T17:15:00"
duration = "0:30:00"

[[sensors]]
key = "W1"
name = "水位"
place = "北门桥"

[[areas]]
district = "鼓楼区"

[[injects]]
key = "hole"
at = "0:05:00"
title = "井盖"
title_en = "Cover"
kind = "report"
class = "污水井盖"
place = "新街口广场"

[[injects]]
key = "water"
at = "0:10:00"
title = "积水"
title_en = "Flood"
kind = "flood"
sensors = ["W1"]
to = 0.9
over = "0:10:00"

[[injects]]
key = "fails"
title = "失联"
title_en = "Lost"
kind = "unit_fails"
unit = "排水 8"

[[goals]]
title = "到场"
title_en = "There"
kind = "arrive_within"
inject = "hole"
within = "0:12:00"
"#;

#[test]
fn a_good_scenario_is_read_whole() {
    let s = parse("a", GOOD, city()).unwrap();
    // 17:15 in Nanjing is 09:15 UTC.
    assert_eq!(
        s.start,
        Start::Calm(chengtu_engine::time::Timestamp::from_seconds(1_784_020_500))
    );
    assert_eq!(
        (s.duration_s, s.injects.len(), s.goals.len()),
        (1_800, 3, 1)
    );
    assert_eq!(
        s.injects.iter().map(|i| i.at_s).collect::<Vec<_>>(),
        [Some(300), Some(600), None]
    );
    let truth = s.injects[0].truth.as_ref().unwrap();
    assert!(truth.real && truth.arrive_s == 720);
    assert!(matches!(&s.injects[1].act, InjectAct::Flood { sensors, .. } if sensors == &[0]));
    assert_eq!(
        (s.goals[0].kind, s.goals[0].wanted),
        (GoalKind::ArriveWithin(0), 720.0)
    );
    assert!(!s.areas[0].boxes.is_empty());
}

/// One fault: what is replaced, by what, and what the message must hold, its line first.
fn check(find: &str, instead: &str, expected: &[&str]) {
    assert!(GOOD.contains(find), "{find}");
    let text = GOOD.replacen(find, instead, 1);
    let problems = parse("a", &text, city()).unwrap_err();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "one fault, one complaint: {told:#?}");
    for word in expected {
        assert!(told[0].contains(word), "{:?} lacks {word:?}", told[0]);
    }
    assert!(
        told[0].starts_with(expected[0]),
        "{:?} is not at line {}",
        told[0],
        expected[0]
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "one list of faults and remedies")]
fn every_fault_has_its_line_and_its_remedy() {
    check(
        "kind = \"report\"",
        "kind = \"reprot\"",
        &[
            "26:",
            "injects[0].kind",
            "\"reprot\"",
            "did you mean \"report\"?",
        ],
    );
    check(
        "place = \"新街口广场\"",
        "lon = 121.47\nlat = 31.23",
        &["28:", "lies outside 南京", "118.7563"],
    );
    check(
        "place = \"新街口广场\"",
        "place = \"新街囗广场\"",
        &["28:", "did you mean \"新街口广场\"?"],
    );
    check(
        "class = \"污水井盖\"",
        "class = \"污水进盖\"",
        &["27:", "no case class of 南京", "did you mean \"污水井盖\"?"],
    );
    check(
        "class = \"污水井盖\"",
        "class = \"E9999\"",
        &["27:", "no case class"],
    );
    check(
        "unit = \"排水 8\"",
        "unit = \"排水 80\"",
        &["45:", "no unit called \"排水 80\"", "did you mean"],
    );
    check(
        "sensors = [\"W1\"]",
        "sensors = [\"W2\"]",
        &[
            "36:",
            "no [[sensors]] has the key \"W2\"",
            "did you mean \"W1\"?",
        ],
    );
    check(
        "kind = \"arrive_within\"",
        "kind = \"arive_within\"",
        &["50:", "no kind of goal", "did you mean \"arrive_within\"?"],
    );
    check(
        "inject = \"hole\"",
        "inject = \"hol\"",
        &["51:", "no inject has the key", "did you mean \"hole\"?"],
    );
    check(
        "at = \"0:10:00\"",
        "at = \"0:04:00\"",
        &["32:", "comes before the inject above it", "0:05:00"],
    );
    check(
        "at = \"0:10:00\"",
        "at = \"0:40:00\"",
        &["32:", "after the end of the drill at 0:30:00"],
    );
    check(
        "at = \"0:10:00\"",
        "at = \"soon\"",
        &["32:", "no span of time", "h:mm:ss"],
    );
    check(
        "key = \"water\"",
        "key = \"hole\"",
        &["31:", "stands twice"],
    );
    check(
        "district = \"鼓楼区\"",
        "district = \"鼓搂区\"",
        &["19:", "did you mean \"鼓楼区\"?"],
    );
    check("summary = \"乙\"\n", "", &["1:", "summary", "is missing"]);
    check(
        "summary = \"乙\"",
        "summary = \"乙\"\nsumary = 1",
        &["5:", "sumary", "did you mean \"summary\"?"],
    );
    check("format = 1", "format = 2", &["1:", "reads format 1"]);
    check(
        "calm = \"2026-07-14T17:15:00\"",
        "calm = \"yesterday\"",
        &["10:", "no moment"],
    );
    check("to = 0.9", "to = 90", &["37:", "a number 0 … 10"]);
    check("to = 0.9\n", "", &["30:", "to", "is missing"]);
    check(
        "duration = \"0:30:00\"",
        "duration = \"0:30:00\"\n[[",
        &["12:", "TOML"],
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let text = GOOD.replace("排水 8", "排水 80").replace("W1\"]", "W9\"]");
    let lines: Vec<usize> = parse("a", &text, city())
        .unwrap_err()
        .iter()
        .map(|p| p.line)
        .collect();
    assert_eq!(lines, [36, 45]);
}

#[test]
fn shipped_scenarios_are_good() {
    for key in ["rush-hour", "cloudburst", "marathon"] {
        let file = nanjing().join("drills").join(format!("{key}.toml"));
        let s = read(&file, city()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(s.key, key);
        assert!(s.injects.len() >= 6 && s.goals.len() >= 5 && s.areas.len() >= 3);
        assert!(
            s.injects.iter().any(|i| i.at_s.is_none()),
            "{key}: the director needs something to fire"
        );
    }
}

#[test]
fn contradictions_what_counts_and_is_not_there_is_refused() {
    let whole = |weights: &str| format!("{GOOD}\n[weights]\n{weights}\n");
    assert!(parse("a", &whole("goals = 10"), city()).is_ok());
    let without = |part: &str, text: &str| {
        let at = text.find(part).unwrap();
        let end = text[at + 2..]
            .find("\n[")
            .map_or(text.len(), |e| at + 2 + e);
        format!("{}{}", &text[..at], &text[end..])
    };
    for (part, key) in [("[[goals]]", "goals"), ("[[areas]]", "empty_areas")] {
        let text = without(part, &whole(&format!("{key} = 10")));
        let problems = parse("a", &text, city()).unwrap_err();
        let told = problems[0].to_string();
        assert!(told.contains(&format!("there are no {part}")), "{told}");
        // What counts as usual, or not at all, contradicts nothing.
        for weights in [format!("{key} = 0"), "detection = 30".into()] {
            let text = without(part, &whole(&weights));
            assert!(parse("a", &text, city()).is_ok(), "{weights}");
        }
    }
}

#[test]
fn contradictions_what_lasts_for_no_time_is_refused() {
    check(
        "kind = \"unit_fails\"",
        "kind = \"unit_fails\"\nfor = \"0:00:00\"",
        &["45:", "injects[2].for", "would end when it begins"],
    );
}

#[test]
fn titles_and_notes_have_limits() {
    let long = "长".repeat(201);
    check(
        "title = \"甲\"",
        &format!("title = \"{long}\""),
        &["2:", "title", "has 201 characters; write at most 200"],
    );
    let long = "长".repeat(4_001);
    check(
        "brief = \"丙\"",
        &format!("brief = \"{long}\""),
        &["6:", "brief", "at most 4000"],
    );
}
