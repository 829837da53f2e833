//! A scripted team's file: habits, and what it does when.

use super::reader::{Problem, Reader, Table, suggest};
use super::resolve::Gazetteer;
use chengtu_engine::drill::{Choose, Habits, Scenario, ScriptLine, Team, TeamAct};

const DEEDS: [&str; 6] = [
    "acknowledge",
    "dispatch",
    "bundle",
    "void",
    "report",
    "recall",
];

/// A practised team without a script.
pub fn practised(city: &Gazetteer) -> Team {
    let flooded = city.rules.class_by_code("E0506");
    let habits = Habits {
        report_s: flooded.map(|class| (45, class)),
        ..Habits::default()
    };
    Team::new("auto", habits, Vec::new())
}

/// Reads a team's file.
///
/// # Errors
/// Everything that is wrong, by line.
pub fn parse_team(text: &str, city: &Gazetteer, scenario: &Scenario) -> Result<Team, Vec<Problem>> {
    let reader = Reader::new(text);
    let mut team = practised(city);
    if let Some(table) = reader.parse() {
        let top = Table::top(&reader, &table);
        let name = top.text("name");
        let habits = match top.table("habits") {
            Some(t) => {
                let habits = habits(&t, city);
                t.end();
                habits
            }
            None => Habits::default(),
        };
        let mut lines = Vec::new();
        for t in top.tables("acts") {
            if let Some(line) = line(&t, city, scenario) {
                lines.push(line);
                t.end();
            }
        }
        top.end();
        team = Team::new(&name, habits, lines);
    }
    let problems = reader.into_problems();
    if problems.is_empty() {
        Ok(team)
    } else {
        Err(problems)
    }
}

fn habits(t: &Table<'_, '_>, city: &Gazetteer) -> Habits {
    let usual = Habits::default();
    // `"never"` and a span of time.
    let span = |key, otherwise: Option<u32>| {
        if !t.has(key) {
            return otherwise;
        }
        let never = t.value(key).is_some_and(|v| v.is("never"));
        if never { None } else { t.span_s(key) }
    };
    let word = t.text_or("choose", "ranking");
    let choose = match word.as_str() {
        "ranking" => Choose::Ranking,
        "first" => Choose::First,
        other => {
            t.wrong(
                "choose",
                format!("{other:?}; {}", suggest(other, &["ranking", "first"])),
            );
            usual.choose
        }
    };
    let class = city
        .class_maybe(t, "report_class")
        .or(city.rules.class_by_code("E0506"));
    let report_s = span("report", None);
    Habits {
        acknowledge_s: span("acknowledge", usual.acknowledge_s),
        dispatch_s: [
            span("severe", usual.dispatch_s[0]),
            span("urgent", usual.dispatch_s[1]),
            span("normal", usual.dispatch_s[2]),
            span("slight", usual.dispatch_s[3]),
        ],
        choose,
        bundle_s: span("bundle", usual.bundle_s),
        void_s: span("void", usual.void_s),
        report_s: report_s.zip(class),
        actions_per_minute: t.number_or("actions_per_minute", 0.0, 600.0, 20.0) as u32,
    }
}

fn line(t: &Table<'_, '_>, city: &Gazetteer, scenario: &Scenario) -> Option<ScriptLine> {
    let at_s = t.span_needed("at");
    let word = t.text("do");
    let inject = || {
        let key = t.text("inject");
        let at = scenario.injects.iter().position(|i| i.key == key);
        if at.is_none() && !key.is_empty() {
            let known: Vec<&str> = scenario.injects.iter().map(|i| i.key.as_str()).collect();
            t.wrong(
                "inject",
                format!(
                    "the scenario has no inject {key:?}; {}",
                    suggest(&key, &known)
                ),
            );
        }
        at.map(|i| i as u32)
    };
    let act = match word.as_str() {
        "acknowledge" => TeamAct::Acknowledge(inject()?),
        "dispatch" => {
            let unit = t.has("unit").then(|| city.unit(t, "unit"));
            TeamAct::Dispatch(inject()?, unit)
        }
        "bundle" => TeamAct::Bundle(inject()?),
        "void" => TeamAct::Void(inject()?),
        "report" => {
            let class = city.class(t, "class");
            let severity = Gazetteer::severity(t, "severity");
            TeamAct::Report(inject()?, class?, severity)
        }
        "recall" => TeamAct::Recall(city.unit(t, "unit")),
        other => {
            if !other.is_empty() {
                t.wrong(
                    "do",
                    format!(
                        "{other:?} is nothing a team does; {}",
                        suggest(other, &DEEDS)
                    ),
                );
            }
            return None;
        }
    };
    Some(ScriptLine { at_s: at_s?, act })
}
