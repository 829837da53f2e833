//! The report's tables: criteria, injects and answers, goals, evidence, attempts, notes.

use super::facts::{Attempt, Facts};
use super::page::section;
use super::say::{Say, pair};
use chengtu_engine::drill::{Answered, Criterion, Evidence, GoalView, Inject, ScoreRow, span};
use chengtu_engine::time::Timestamp;
use maud::{Markup, html};

/// Names of a criterion, in Chinese and English.
pub(super) fn criterion(c: Criterion) -> (&'static str, &'static str) {
    match c {
        Criterion::Detection => ("发现", "Detection"),
        Criterion::Classification => ("研判分类", "Classification"),
        Criterion::TimeToDispatch => ("派遣用时", "Time to dispatch"),
        Criterion::RightDepartment => ("部门正确", "Right department"),
        Criterion::Arrival => ("到场", "Arrival"),
        Criterion::OverCommitment => ("过度派遣", "Over-commitment"),
        Criterion::EmptyAreas => ("区域空虚", "Areas left empty"),
        Criterion::AlarmsUnacknowledged => ("告警未确认", "Alarms unacknowledged"),
        Criterion::Goals => ("目标", "Goals"),
    }
}

/// A moment as a link to it, in this page and in the program.
fn when(facts: &Facts, t: Timestamp) -> Markup {
    let s = facts.passed_s(t).max(0);
    let link = format!("chengtu://drill/{}?t={}", facts.id, t.0 / 1_000_000);
    html! {
        a href={ "#t=" (s) } data-t=(s) { (facts.clock(t)) }
        " "
        a title=(facts.say.line("在城图中打开", "open in Chengtu")) href=(link) { "↗" }
    }
}

/// Each criterion with its points, and what cost most of those that are lost.
pub(super) fn score_table(say: Say, rows: &[ScoreRow]) -> Markup {
    html! {
        table.score {
            tr { th { (say.line("评判", "Criterion")) } th {} th.n { (say.line("得分", "Points")) } }
            @for r in rows { (score_row(say, r)) }
        }
    }
}

fn score_row(say: Say, r: &ScoreRow) -> Markup {
    let (zh, en) = criterion(r.criterion);
    let judged = r.of > 0.0;
    let percent = if judged { 100.0 * r.points / r.of } else { 0.0 };
    let lost = r.evidence.iter().filter(|e| e.points < 0.0);
    let worst = lost.min_by(|a, b| a.points.total_cmp(&b.points));
    html! {
        tr {
            td { (bold(say.one(zh, en), en)) }
            td {
                div.meter { i style=(format_args!("width:{percent:.0}%")) {} }
                @if let Some(e) = worst { (why(e)) }
            }
            td.n {
                @if judged { (format_args!("{:.2} / {:.0}", r.points, r.of)) }
                @else { (say.line("未评", "not judged")) }
            }
        }
    }
}

/// A title with its English form beside it.
pub(super) fn bold(own: &str, en: &str) -> Markup {
    let more = own != en && !en.is_empty();
    html! { b { (own) } @if more { small { (en) } } }
}

fn why(e: &Evidence) -> Markup {
    html! {
        p.why {
            span.lost { (format_args!("{:+.2}", e.points)) }
            " " (pair(&e.text, &e.text_en))
        }
    }
}

/// What was injected, what was true, and how soon it was answered.
pub(super) fn answers(facts: &Facts, last: &Attempt) -> Markup {
    let say = facts.say;
    let fired = last.summary.fired.iter();
    let known = fired.filter_map(|(inject, at)| {
        let inject_ = facts.scenario.injects.get(*inject as usize)?;
        let answered = last.summary.answered.iter().find(|a| a.inject == *inject);
        Some((inject + 1, inject_, *at, answered))
    });
    html! {
        (section(facts.say, "注入与应对", "Injects and answers"))
        table {
            tr {
                th.n { "#" } th { (say.line("注入", "Inject")) } th { (say.line("真实情况", "Truth")) } th { (say.line("可知", "Known")) }
                th { (say.line("发现", "Noticed")) } th { (say.line("首派", "Sent")) } th { (say.line("到场", "Arrived")) } th { (say.line("处置完", "Handled")) }
            }
            @for (number, inject, at, answered) in known {
                (answer(facts, number, inject, at, answered))
            }
        }
    }
}

fn answer(
    facts: &Facts,
    number: u32,
    inject: &Inject,
    fired: Timestamp,
    answered: Option<&Answered>,
) -> Markup {
    let truth = inject.truth.as_ref();
    let (truth, truth_en) = truth.map_or(("", ""), |t| (&*t.text, &*t.text_en));
    let known = answered.map_or(fired, |a| a.known);
    let steps = answered.map(|a| [a.noticed, a.sent.map(|s| s.0), a.arrived, a.handled]);
    html! {
        tr {
            td.n { (number) }
            td { (bold(&inject.title, &inject.title_en)) }
            td { (pair(truth, truth_en)) }
            td { (when(facts, known)) }
            @match steps {
                Some(steps) => @for step in steps {
                    td {
                        @if let Some(t) = step {
                            (when(facts, t)) small { "+" (span(t.seconds_since(known))) }
                        } @else { "–" }
                    }
                },
                None => { td {} td {} td {} td {} },
            }
        }
    }
}

/// What was asked for and what was measured.
pub(super) fn goals(facts: &Facts, all: &[GoalView]) -> Markup {
    let say = facts.say;
    html! {
        (section(facts.say, "目标", "Goals"))
        table {
            tr {
                th { (say.line("目标", "Goal")) } th.n { (say.line("测得", "Measured")) } th.n { (say.line("要求", "Asked")) } th {}
                th { (say.line("时刻", "When")) }
            }
            @for g in all { (goal(facts, g)) }
        }
    }
}

fn goal(facts: &Facts, g: &GoalView) -> Markup {
    let say = facts.say;
    let in_unit = |x: f64| match g.unit.as_str() {
        "s" => span(x),
        "%" => format!("{x:.1}%"),
        _ => format!("{x:.0}"),
    };
    let (class, word) = match g.reached {
        Some(true) => ("won", say.line("达成", "reached")),
        Some(false) => ("lost", say.line("未达成", "missed")),
        None => ("note", say.line("未测", "not measured")),
    };
    let at = g.span.and_then(|(_, to)| to);
    html! {
        tr {
            td { (bold(&g.title, &g.title_en)) }
            td.n { (g.measured.map_or("–".to_owned(), in_unit)) }
            td.n { (in_unit(g.wanted)) }
            td class=(class) { (word) }
            td { @if let Some(t) = at { (when(facts, t)) } }
        }
    }
}

/// What every point was given or taken for.
pub(super) fn evidence(facts: &Facts, last: &Attempt) -> Markup {
    let say = facts.say;
    let rows = last.score.rows.iter().filter(|r| !r.evidence.is_empty());
    html! {
        (section(facts.say, "依据", "Evidence"))
        @for r in rows {
            @let (zh, en) = criterion(r.criterion);
            p {
                b.now { (say.line(zh, en)) } " · " (format_args!("{:.2} / {:.0}", r.points, r.of))
            }
            table {
                tr { th { (say.line("时刻", "When")) } th { (say.line("依据", "Evidence")) } th.n { (say.line("分", "Points")) } }
                @for e in &r.evidence {
                    tr {
                        td { (when(facts, e.time)) }
                        td { (pair(&e.text, &e.text_en)) }
                        td class=(won_or_lost(e.points < 0.0)) { (format_args!("{:+.2}", e.points)) }
                    }
                }
            }
        }
    }
}

/// CSS classes of a number of points.
pub(super) fn won_or_lost(lost: bool) -> &'static str {
    if lost { "n lost" } else { "n won" }
}

/// Every attempt, the ones that were rewound included.
pub(super) fn attempts(facts: &Facts) -> Markup {
    let say = facts.say;
    html! {
        (section(facts.say, "各次尝试", "Attempts"))
        table {
            tr {
                th.n { "#" } th { (say.line("至", "Until")) } th.n { (say.line("总分", "Total")) } th.n { (say.line("目标", "Goals")) }
                th.n { (say.line("平均到场", "Mean arrival")) }
            }
            @for (i, a) in facts.attempts.iter().enumerate() {
                tr {
                    td.n { (i + 1) }
                    td { (facts.clock(a.summary.until)) }
                    td.n { (format_args!("{:.1}", a.score.total)) }
                    td.n { (a.goals_reached()) " / " (a.goals.len()) }
                    td.n { (a.summary.mean_arrival_s.map_or("–".into(), span)) }
                }
            }
        }
    }
}

/// What the director wrote down; nothing where that is nothing.
pub(super) fn notes(facts: &Facts, last: &Attempt) -> Markup {
    html! {
        @if !last.notes.is_empty() {
            (section(facts.say, "导演笔记", "Director's notes"))
            table {
                @for (t, text) in &last.notes {
                    tr { td { (when(facts, *t)) } td { (text) } }
                }
            }
        }
    }
}
