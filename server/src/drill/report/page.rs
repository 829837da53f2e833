//! The after-action report: one page that needs nothing else.

use super::facts::{Attempt, Facts};
use super::map::{map, samples, seconds};
use super::style::css;
use super::timeline::timeline;
use crate::drill::Ground;
use chengtu_engine::drill::{Criterion, GoalView, ScoreRow, span};
use chengtu_engine::time::Timestamp;
use std::fmt::Write;

const SCRIPT: &str = include_str!("report.js");

/// Text as HTML.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

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

/// The beginning of a page.
pub(super) fn head(title: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{}</title><style>{}</style></head><body><div class=\"frame\"></div><div class=\"plate\">演练 DRILL　非真实处置　NOT REAL</div><main>",
        escape(title),
        css()
    )
}

/// The whole page.
pub(super) fn page(facts: &Facts, ground: &Ground) -> String {
    let s = &facts.scenario;
    let mut html = head(&format!("{} · 演练报告", s.title));
    let Some(last) = facts.last() else {
        return html + "</main></body></html>";
    };
    first(&mut html, facts, last);
    section(&mut html, "经过", "What happened");
    let _ = write!(
        html,
        "<p>{}<br><span class=\"note\">{}</span></p>",
        escape(&s.brief),
        escape(&s.brief_en)
    );
    let _ = write!(
        html,
        "<div class=\"map\">{}</div>",
        map(facts, last, ground)
    );
    html.push_str(LEGEND);
    section(&mut html, "时间线", "Time line");
    let _ = write!(html, "<div class=\"line\">{}</div>", timeline(facts, last));
    html.push_str(LINE_LEGEND);
    answers(&mut html, facts, last);
    goals(&mut html, facts, &last.goals);
    evidence(&mut html, facts, last);
    attempts(&mut html, facts);
    notes(&mut html, facts, last);
    html.push_str(
        "</main><div class=\"frame\"></div><script type=\"application/json\" id=\"samples\">",
    );
    html.push_str(&samples(facts, last, ground));
    let _ = write!(
        html,
        "</script><script>const FROM={};{SCRIPT}</script></body></html>",
        s.start.time().0 / 1_000_000
    );
    html
}

const LEGEND: &str = "<p class=\"legend\">数字 numbers: <b>注入 injects</b> · 蓝线 blue: <b>首派路线 first unit's way</b> · 红虚线 red dashes: <b>封路 closed road</b> · 红底 red ground: <b>曾无单元 was without a unit</b> · 粉虚圈 pink ring: <b>误报 false report</b> · 菱、三角、方 diamond, triangle, square: <b>特急、紧急、一般案件 severe, urgent, normal cases</b> · 点 dots: <b>所选时刻的单元 units at the chosen second</b> · © OpenStreetMap contributors</p>";
const LINE_LEGEND: &str = "<p class=\"legend\">橙 amber: <b>等待派遣 waiting</b> · 蓝 blue: <b>途中 on the way</b> · 紫 violet: <b>现场 on scene</b> · 目标 goals: <b>绿达成 green reached，红未达成 red missed</b>。点任一时刻，地图与时间线随之移动。Click any time: map and time line go there. <span class=\"now\" id=\"now\"></span></p>";

fn section(html: &mut String, zh: &str, en: &str) {
    let _ = write!(html, "<h2>{zh}<small>{en}</small></h2>");
}

/// A moment that one can go to.
pub(super) fn when(facts: &Facts, t: Timestamp) -> String {
    let s = seconds(facts, t);
    format!(
        "<a href=\"#t={s}\" data-t=\"{s}\">{}</a> <a title=\"在城图中打开 open in Chengtu\" href=\"chengtu://drill/{}?t={}\">↗</a>",
        facts.clock(t),
        facts.id,
        t.0 / 1_000_000
    )
}

fn first(html: &mut String, facts: &Facts, last: &Attempt) {
    let s = &facts.scenario;
    let _ = write!(
        html,
        "<h1>{}<small>{}</small></h1><p>{}<br><span class=\"note\">{}</span></p><div class=\"first\"><div class=\"total\"><span>总分 Total</span><b>{:.1}</b><span>满分 of 100</span><dl>",
        escape(&s.title),
        escape(&s.title_en),
        escape(&s.summary),
        escape(&s.summary_en),
        last.score.total
    );
    let reached = last
        .goals
        .iter()
        .filter(|g| g.reached == Some(true))
        .count();
    let rows = [
        ("参演 Team", escape(&facts.team())),
        (
            "导演 Director",
            escape(if facts.director.is_empty() {
                "–"
            } else {
                &facts.director
            }),
        ),
        ("开始 From", facts.moment(s.start.time())),
        ("结束 To", facts.moment(last.summary.until)),
        (
            "历时 Took",
            span(last.summary.until.seconds_since(s.start.time())),
        ),
        ("第几次 Attempt", facts.attempts.len().to_string()),
        ("目标 Goals", format!("{reached} / {}", last.goals.len())),
        (
            "平均到场 Mean arrival",
            last.summary.mean_arrival_s.map_or("–".into(), span),
        ),
        ("超期 Overdue", last.summary.overdue.to_string()),
        ("在办 Open", last.summary.open.to_string()),
    ];
    for (name, value) in rows {
        let _ = write!(html, "<dt>{name}</dt><dd>{value}</dd>");
    }
    html.push_str("</dl></div><div>");
    score_table(html, &last.score.rows);
    html.push_str("</div></div>");
}

/// Each criterion with its points, and what cost most of those that are lost.
pub(super) fn score_table(html: &mut String, rows: &[ScoreRow]) {
    html.push_str("<table class=\"score\"><tr><th>评判 Criterion</th><th></th><th class=\"n\">得分 Points</th></tr>");
    for r in rows {
        let (zh, en) = criterion(r.criterion);
        let percent = if r.of > 0.0 {
            100.0 * r.points / r.of
        } else {
            0.0
        };
        let told = if r.of > 0.0 {
            format!("{:.2} / {:.0}", r.points, r.of)
        } else {
            "未评 not judged".to_owned()
        };
        let worst = r.evidence.iter().filter(|e| e.points < 0.0);
        let why = worst
            .min_by(|a, b| a.points.total_cmp(&b.points))
            .map_or(String::new(), |e| {
                format!(
                    "<p class=\"why\"><span class=\"lost\">{:+.2}</span> {}<small>{}</small></p>",
                    e.points,
                    escape(&e.text),
                    escape(&e.text_en)
                )
            });
        let _ = write!(
            html,
            "<tr><td><b>{zh}</b><small>{en}</small></td><td><div class=\"meter\"><i style=\"width:{percent:.0}%\"></i></div>{why}</td><td class=\"n\">{told}</td></tr>"
        );
    }
    html.push_str("</table>");
}

fn answers(html: &mut String, facts: &Facts, last: &Attempt) {
    section(html, "注入与应对", "Injects and answers");
    html.push_str("<table><tr><th class=\"n\">#</th><th>注入 Inject</th><th>真实情况 Truth</th><th>可知 Known</th><th>发现 Noticed</th><th>首派 Sent</th><th>到场 Arrived</th><th>处置完 Handled</th></tr>");
    for (inject, at) in &last.summary.fired {
        let Some(told) = facts.scenario.injects.get(*inject as usize) else {
            continue;
        };
        let a = last.summary.answered.iter().find(|a| a.inject == *inject);
        let (truth, truth_en) = told
            .truth
            .as_ref()
            .map_or(("", ""), |t| (&*t.text, &*t.text_en));
        let after = |t: Option<Timestamp>, since: Timestamp| {
            t.map_or("–".to_owned(), |t| {
                format!(
                    "{}<small>+{}</small>",
                    when(facts, t),
                    span(t.seconds_since(since))
                )
            })
        };
        let known = a.map_or(*at, |a| a.known);
        let _ = write!(
            html,
            "<tr><td class=\"n\">{}</td><td><b>{}</b><small>{}</small></td><td>{}<small>{}</small></td><td>{}</td>",
            inject + 1,
            escape(&told.title),
            escape(&told.title_en),
            escape(truth),
            escape(truth_en),
            when(facts, known)
        );
        match a {
            Some(a) => {
                for t in [a.noticed, a.sent.map(|s| s.0), a.arrived, a.handled] {
                    let _ = write!(html, "<td>{}</td>", after(t, known));
                }
            }
            None => html.push_str("<td></td><td></td><td></td><td></td>"),
        }
        html.push_str("</tr>");
    }
    html.push_str("</table>");
}

fn goals(html: &mut String, facts: &Facts, all: &[GoalView]) {
    section(html, "目标", "Goals");
    html.push_str("<table><tr><th>目标 Goal</th><th class=\"n\">测得 Measured</th><th class=\"n\">要求 Asked</th><th></th><th>时刻 When</th></tr>");
    for g in all {
        let told = |x: f64| match g.unit.as_str() {
            "s" => span(x),
            "%" => format!("{x:.1}%"),
            _ => format!("{x:.0}"),
        };
        let (class, word) = match g.reached {
            Some(true) => ("won", "达成 reached"),
            Some(false) => ("lost", "未达成 missed"),
            None => ("note", "未测 not measured"),
        };
        let at = g
            .span
            .and_then(|(_, to)| to)
            .map_or(String::new(), |t| when(facts, t));
        let _ = write!(
            html,
            "<tr><td><b>{}</b><small>{}</small></td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"{class}\">{word}</td><td>{at}</td></tr>",
            escape(&g.title),
            escape(&g.title_en),
            g.measured.map_or("–".to_owned(), told),
            told(g.wanted)
        );
    }
    html.push_str("</table>");
}

fn evidence(html: &mut String, facts: &Facts, last: &Attempt) {
    section(html, "依据", "Evidence");
    for r in last.score.rows.iter().filter(|r| !r.evidence.is_empty()) {
        let (zh, en) = criterion(r.criterion);
        let _ = write!(
            html,
            "<p><b class=\"now\">{zh}</b> {en} · {:.2} / {:.0}</p><table><tr><th>时刻 When</th><th>依据 Evidence</th><th class=\"n\">分 Points</th></tr>",
            r.points, r.of
        );
        for e in &r.evidence {
            let class = if e.points < 0.0 { "n lost" } else { "n won" };
            let _ = write!(
                html,
                "<tr><td>{}</td><td>{}<small>{}</small></td><td class=\"{class}\">{:+.2}</td></tr>",
                when(facts, e.time),
                escape(&e.text),
                escape(&e.text_en),
                e.points
            );
        }
        html.push_str("</table>");
    }
}

fn attempts(html: &mut String, facts: &Facts) {
    section(html, "各次尝试", "Attempts");
    html.push_str("<table><tr><th class=\"n\">#</th><th>至 Until</th><th class=\"n\">总分 Total</th><th class=\"n\">目标 Goals</th><th class=\"n\">平均到场 Mean arrival</th></tr>");
    for (i, a) in facts.attempts.iter().enumerate() {
        let reached = a.goals.iter().filter(|g| g.reached == Some(true)).count();
        let _ = write!(
            html,
            "<tr><td class=\"n\">{}</td><td>{}</td><td class=\"n\">{:.1}</td><td class=\"n\">{reached} / {}</td><td class=\"n\">{}</td></tr>",
            i + 1,
            facts.clock(a.summary.until),
            a.score.total,
            a.goals.len(),
            a.summary.mean_arrival_s.map_or("–".into(), span)
        );
    }
    html.push_str("</table>");
}

fn notes(html: &mut String, facts: &Facts, last: &Attempt) {
    if last.notes.is_empty() {
        return;
    }
    section(html, "导演笔记", "Director's notes");
    html.push_str("<table>");
    for (t, text) in &last.notes {
        let _ = write!(
            html,
            "<tr><td>{}</td><td>{}</td></tr>",
            when(facts, *t),
            escape(text)
        );
    }
    html.push_str("</table>");
}
