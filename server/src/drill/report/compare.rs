//! Two teams side by side.

use super::facts::{Attempt, Facts};
use super::page::{document, section};
use super::say::Say;
use super::tables::{bold, criterion, score_table, won_or_lost};
use chengtu_engine::drill::span;
use chengtu_engine::time::Timestamp;
use maud::{Markup, html};

/// Both drills on one page: totals, criteria with their difference, answers, goals.
pub(super) fn compare(a: &Facts, b: &Facts) -> Markup {
    let say = a.say;
    let what = say.one("两队对比", "two teams compared");
    let title = format!("{} / {} · {what}", a.scenario.title, b.scenario.title);
    let attempts = a.last().zip(b.last());
    let main = html! {
        h1 { (say.word("两队对比", "Two teams compared")) }
        @if a.scenario != b.scenario {
            p.lost {
                (say.one("两次演练的脚本不同，只能大致相比。", ""))
                "The scenarios differ: compare with care."
            }
        }
        @if let Some((x, y)) = attempts {
            div.two { (total(a, x)) (total(b, y)) }
            (differences(say, x, y))
            (answers(a, x, y))
        }
    };
    document(say, &title, &main, &html! {})
}

fn total(facts: &Facts, last: &Attempt) -> Markup {
    html! {
        div {
            div.total {
                span { (facts.scenario.title) " #" (facts.id) }
                b { (format_args!("{:.1}", last.score.total)) }
                span { (facts.team()) " · " (facts.moment(facts.scenario.start.time())) }
            }
            (score_table(facts.say, &last.score.rows))
        }
    }
}

fn differences(say: Say, x: &Attempt, y: &Attempt) -> Markup {
    let part = |points: f64, of: f64| if of > 0.0 { 100.0 * points / of } else { 0.0 };
    html! {
        (section(say, "差异", "Differences"))
        table {
            tr {
                th { (say.line("评判", "Criterion")) } th.n { (say.line("甲", "A")) } th.n { (say.line("乙", "B")) }
                th.n { (say.line("乙 − 甲", "B − A")) }
            }
            @for (r, s) in x.score.rows.iter().zip(&y.score.rows) {
                @let (zh, en) = criterion(r.criterion);
                @let (p, q) = (part(r.points, r.of), part(s.points, s.of));
                tr {
                    td { (bold(say.one(zh, en), en)) }
                    td.n { (format_args!("{p:.1}%")) }
                    td.n { (format_args!("{q:.1}%")) }
                    td class=(won_or_lost(q < p)) { (format_args!("{:+.1}", q - p)) }
                }
            }
        }
    }
}

fn answers(a: &Facts, x: &Attempt, y: &Attempt) -> Markup {
    let say = a.say;
    let injects = a.scenario.injects.iter().enumerate();
    let rows = injects.map(|(i, inject)| (inject, sent_and_there(x, i), sent_and_there(y, i)));
    let none = || "–".to_owned();
    html! {
        (section(say, "应对", "Answers"))
        table {
            tr {
                th { (say.line("注入", "Inject")) }
                th.n { (say.line("甲 首派/到场", "A sent/there")) }
                th.n { (say.line("乙 首派/到场", "B sent/there")) }
            }
            @for (inject, p, q) in rows.filter(|r| r.1.is_some() || r.2.is_some()) {
                tr {
                    td { (bold(&inject.title, &inject.title_en)) }
                    td.n { (p.unwrap_or_else(none)) }
                    td.n { (q.unwrap_or_else(none)) }
                }
            }
        }
    }
}

/// How long after an inject was known a unit was sent and was there; `None` if it was not fired.
fn sent_and_there(attempt: &Attempt, inject: usize) -> Option<String> {
    let mut answered = attempt.summary.answered.iter();
    let found = answered.find(|o| o.inject as usize == inject)?;
    let after =
        |t: Option<Timestamp>| t.map_or("–".to_owned(), |t| span(t.seconds_since(found.known)));
    let sent = after(found.sent.map(|s| s.0));
    Some(format!("{sent} / {}", after(found.arrived)))
}
