//! Two teams side by side.

use super::facts::Facts;
use super::page::{criterion, escape, head, score_table};
use chengtu_engine::drill::span;
use std::fmt::Write;

/// Both drills on one page: totals, criteria with their difference, answers, goals.
pub(super) fn compare(a: &Facts, b: &Facts) -> String {
    let title = format!("{} / {}", a.scenario.title, b.scenario.title);
    let mut html = head(&format!("{title} · 两队对比"));
    let _ = write!(html, "<h1>两队对比<small>Two teams compared</small></h1>");
    if a.scenario != b.scenario {
        html.push_str("<p class=\"lost\">两次演练的脚本不同，只能大致相比。The scenarios differ: compare with care.</p>");
    }
    let (Some(x), Some(y)) = (a.last(), b.last()) else {
        return html + "</main></body></html>";
    };
    html.push_str("<div class=\"two\">");
    for (f, l) in [(a, x), (b, y)] {
        let _ = write!(
            html,
            "<div><div class=\"total\"><span>{} #{}</span><b>{:.1}</b><span>{} · {}</span></div>",
            escape(&f.scenario.title),
            f.id,
            l.score.total,
            escape(&f.team()),
            f.moment(f.scenario.start.time())
        );
        score_table(&mut html, &l.score.rows);
        html.push_str("</div>");
    }
    html.push_str("</div><h2>差异<small>Differences</small></h2><table><tr><th>评判 Criterion</th><th class=\"n\">甲 A</th><th class=\"n\">乙 B</th><th class=\"n\">乙 − 甲 B − A</th></tr>");
    let part = |points: f64, of: f64| if of > 0.0 { 100.0 * points / of } else { 0.0 };
    for (r, s) in x.score.rows.iter().zip(&y.score.rows) {
        let (zh, en) = criterion(r.criterion);
        let (p, q) = (part(r.points, r.of), part(s.points, s.of));
        let class = if q < p { "n lost" } else { "n won" };
        let _ = write!(
            html,
            "<tr><td><b>{zh}</b><small>{en}</small></td><td class=\"n\">{p:.1}%</td><td class=\"n\">{q:.1}%</td><td class=\"{class}\">{:+.1}</td></tr>",
            q - p
        );
    }
    html.push_str("</table><h2>应对<small>Answers</small></h2><table><tr><th>注入 Inject</th><th class=\"n\">甲 首派/到场 A sent/there</th><th class=\"n\">乙 首派/到场 B sent/there</th></tr>");
    for (i, told) in a.scenario.injects.iter().enumerate() {
        let cell = |l: &super::facts::Attempt| {
            let found = l.summary.answered.iter().find(|o| o.inject as usize == i);
            let after = |t: Option<chengtu_engine::time::Timestamp>,
                         k: chengtu_engine::time::Timestamp| {
                t.map_or("–".to_owned(), |t| span(t.seconds_since(k)))
            };
            found.map(|o| {
                format!(
                    "{} / {}",
                    after(o.sent.map(|s| s.0), o.known),
                    after(o.arrived, o.known)
                )
            })
        };
        let (p, q) = (cell(x), cell(y));
        if p.is_some() || q.is_some() {
            let none = || "–".to_owned();
            let _ = write!(
                html,
                "<tr><td><b>{}</b><small>{}</small></td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                escape(&told.title),
                escape(&told.title_en),
                p.unwrap_or_else(none),
                q.unwrap_or_else(none)
            );
        }
    }
    html.push_str("</table></main><div class=\"frame\"></div></body></html>");
    html
}
