//! The after-action report: one page that needs nothing else.

use super::facts::{Attempt, Facts};
use super::map::map;
use super::samples::samples;
use super::say::{Say, pair};
use super::style::css;
use super::tables::{answers, attempts, evidence, goals, notes, score_table};
use super::timeline::timeline;
use crate::drill::Ground;
use chengtu_engine::drill::span;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// What stands on every page.
const PLATE: (&str, &str) = ("演练 DRILL　非真实处置　NOT REAL", "DRILL · NOT REAL");
const SCRIPT: &str = include_str!("report.js");

/// A whole page: head, frame and plate around what `main` holds, then `scripts`.
pub(super) fn document(say: Say, title: &str, main: &Markup, scripts: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(say.0.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) }
                // The style sheet is constant text; it contains nothing of a drill.
                style { (PreEscaped(css())) }
            }
            body {
                div.frame {}
                div.plate { (say.one(PLATE.0, PLATE.1)) }
                main { (main) }
                div.frame {}
                (scripts)
            }
        }
    }
}

/// A heading.
pub(super) fn section(say: Say, zh: &str, en: &str) -> Markup {
    html! { h2 { (say.word(zh, en)) } }
}

/// The whole report.
pub(super) fn page(facts: &Facts, ground: &Ground) -> Markup {
    let s = &facts.scenario;
    let say = facts.say;
    let title = format!("{} · {}", s.title, say.one("演练报告", "drill report"));
    let Some(last) = facts.last() else {
        return document(say, &title, &html! {}, &html! {});
    };
    let main = html! {
        (summary(facts, last))
        (section(say, "经过", "What happened"))
        p { (twice(&s.brief, &s.brief_en)) }
        div.map { (map(facts, last, ground)) }
        (map_legend(say))
        (section(say, "时间线", "Time line"))
        div.line { (timeline(facts, last)) }
        (line_legend(say))
        (answers(facts, last))
        (goals(facts, &last.goals))
        (evidence(facts, last))
        (attempts(facts))
        (notes(facts, last))
    };
    let from_s = s.start.time().0 / 1_000_000;
    let scripts = html! {
        // Numbers only, see `samples`; and our own script.
        script type="application/json" id="samples" { (PreEscaped(samples(facts, last, ground))) }
        script { (PreEscaped(format!("const FROM={from_s};{SCRIPT}"))) }
    };
    document(say, &title, &main, &scripts)
}

/// A text in the city's own language, then in English.
fn twice(own: &str, en: &str) -> Markup {
    html! { (own) @if own != en { br; span.note { (en) } } }
}

fn map_legend(say: Say) -> Markup {
    let marks = [
        (("数字", "numbers"), ("注入", "injects")),
        (("蓝线", "blue"), ("首派路线", "first unit's way")),
        (("红虚线", "red dashes"), ("封路", "closed road")),
        (("红底", "red ground"), ("曾无单元", "was without a unit")),
        (("粉虚圈", "pink ring"), ("误报", "false report")),
        (
            ("菱、三角、方", "diamond, triangle, square"),
            ("特急、紧急、一般案件", "severe, urgent, normal cases"),
        ),
        (
            ("点", "dots"),
            ("所选时刻的单元", "units at the chosen second"),
        ),
    ];
    html! {
        p.legend {
            @for (i, (mark, meaning)) in marks.into_iter().enumerate() {
                @if i > 0 { " · " }
                (say.line(mark.0, mark.1)) ": " b { (say.line(meaning.0, meaning.1)) }
            }
            " · © OpenStreetMap contributors"
        }
    }
}

fn line_legend(say: Say) -> Markup {
    let marks = [
        (("橙", "amber"), ("等待派遣", "waiting")),
        (("蓝", "blue"), ("途中", "on the way")),
        (("紫", "violet"), ("现场", "on scene")),
        (
            ("目标", "goals"),
            ("绿达成，红未达成", "green reached, red missed"),
        ),
    ];
    html! {
        p.legend {
            @for (i, (mark, meaning)) in marks.into_iter().enumerate() {
                @if i > 0 { " · " }
                (say.line(mark.0, mark.1)) ": " b { (say.line(meaning.0, meaning.1)) }
            }
            (say.one("。点任一时刻，地图与时间线随之移动。", ". "))
            "Click any time: map and time line go there. "
            span.now id="now" {}
        }
    }
}

/// Title, total, the bare facts and the score by criterion.
fn summary(facts: &Facts, last: &Attempt) -> Markup {
    let say = facts.say;
    let s = &facts.scenario;
    let (from, until) = (s.start.time(), last.summary.until);
    let reached = last.goals_reached();
    let director = if facts.director.is_empty() {
        "–"
    } else {
        &facts.director
    };
    let mean_arrival = last.summary.mean_arrival_s.map_or("–".into(), span);
    let rows = [
        ("参演", "Team", facts.team()),
        ("导演", "Director", director.to_owned()),
        ("开始", "From", facts.moment(from)),
        ("结束", "To", facts.moment(until)),
        ("历时", "Took", span(until.seconds_since(from))),
        ("第几次", "Attempt", facts.attempts.len().to_string()),
        ("目标", "Goals", format!("{reached} / {}", last.goals.len())),
        ("平均到场", "Mean arrival", mean_arrival),
        ("超期", "Overdue", last.summary.overdue.to_string()),
        ("在办", "Open", last.summary.open.to_string()),
    ];
    html! {
        h1 { (pair(&s.title, &s.title_en)) }
        p { (twice(&s.summary, &s.summary_en)) }
        div.first {
            div.total {
                span { (say.line("总分", "Total")) }
                b { (format_args!("{:.1}", last.score.total)) }
                span { (say.line("满分", "of 100")) }
                dl {
                    @for (zh, en, value) in rows {
                        dt { (say.line(zh, en)) }
                        dd { (value) }
                    }
                }
            }
            div { (score_table(say, &last.score.rows)) }
        }
    }
}
