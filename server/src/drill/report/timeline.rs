//! The time line: cases, injects, answers, goals.

use super::facts::{Attempt, Facts};
use super::page::escape;
use chengtu_engine::time::Timestamp;
use std::fmt::Write;

const WIDTH: f64 = 1_120.0;
const LEFT: f64 = 268.0;
const ROW: f64 = 24.0;
/// Height of the row of bars.
const BARS: f64 = 54.0;

/// The time line of an attempt.
pub(super) fn timeline(facts: &Facts, attempt: &Attempt) -> String {
    let s = &facts.scenario;
    let whole_s = f64::from(s.duration_s);
    let x = |t: Timestamp| {
        LEFT + (WIDTH - LEFT - 12.0) * (facts.passed_s(t) as f64 / whole_s).clamp(0.0, 1.0)
    };
    let rows = attempt.summary.fired.len() + attempt.goals.len();
    let height = BARS + 40.0 + ROW * (rows as f64 + 1.0);
    let mut svg = format!(
        "<svg id=\"timeline\" data-left=\"{LEFT}\" data-width=\"{}\" data-whole=\"{whole_s}\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" role=\"img\" aria-label=\"时间线 time line\">",
        WIDTH - LEFT - 12.0
    );
    axis(&mut svg, facts, height);
    bars(&mut svg, facts, attempt);
    let mut y = BARS + 30.0;
    for (inject, at) in &attempt.summary.fired {
        let Some(told) = s.injects.get(*inject as usize) else {
            continue;
        };
        let answer = attempt
            .summary
            .answered
            .iter()
            .find(|a| a.inject == *inject);
        label(&mut svg, y, &format!("{} {}", inject + 1, told.title));
        let (x0, top, bottom) = (x(*at), y - 8.0, y + 8.0);
        let _ = write!(
            svg,
            "<line class=\"inject\" x1=\"{x0:.1}\" x2=\"{x0:.1}\" y1=\"{top:.1}\" y2=\"{bottom:.1}\"/>"
        );
        if let Some(a) = answer {
            let end = attempt.summary.until;
            let sent = a.sent.map(|s| s.0);
            let mut bar = |class: &str, from: Timestamp, to: Timestamp| {
                let _ = write!(
                    svg,
                    "<line class=\"{class}\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>",
                    x(from),
                    x(to).max(x(from) + 1.0)
                );
            };
            bar("wait", a.known, sent.unwrap_or(end));
            if let Some(sent) = sent {
                bar("drive", sent, a.arrived.unwrap_or(end));
            }
            if let Some(arrived) = a.arrived {
                bar("work", arrived, a.handled.unwrap_or(end));
            }
        }
        y += ROW;
    }
    for g in &attempt.goals {
        label(&mut svg, y, &g.title);
        if let Some((from, to)) = g.span {
            let class = match g.reached {
                Some(true) => "met",
                Some(false) => "missed",
                None => "open",
            };
            let (x0, x1) = (x(from), x(to.unwrap_or(attempt.summary.until)));
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{x0:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"9\" rx=\"2\"/>",
                y - 5.0,
                (x1 - x0).max(2.0)
            );
        }
        y += ROW;
    }
    let _ = write!(
        svg,
        "<line id=\"cursor\" class=\"cursor\" x1=\"{LEFT}\" x2=\"{LEFT}\" y1=\"0\" y2=\"{height:.0}\"/></svg>"
    );
    svg
}

fn label(svg: &mut String, y: f64, text: &str) {
    let short: String = text.chars().take(19).collect();
    let (short, text) = (escape(&short), escape(text));
    let _ = write!(
        svg,
        "<text x=\"4\" y=\"{:.1}\"><title>{text}</title>{short}</text>",
        y + 4.0
    );
}

fn axis(svg: &mut String, facts: &Facts, height: f64) {
    let s = &facts.scenario;
    let step_s = if s.duration_s > 5_400 { 900 } else { 600 };
    for at_s in (0..=s.duration_s).step_by(step_s) {
        let x = LEFT + (WIDTH - LEFT - 12.0) * f64::from(at_s) / f64::from(s.duration_s);
        let t = s.start.time().plus_seconds(i64::from(at_s));
        let clock = facts.clock(t);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"0\" y2=\"{:.0}\"/><text class=\"axis\" text-anchor=\"middle\" x=\"{x:.1}\" y=\"{:.0}\">{}</text>",
            height - 16.0,
            height - 3.0,
            &clock[..5]
        );
    }
}

/// Cases by the minute.
fn bars(svg: &mut String, facts: &Facts, attempt: &Attempt) {
    let minutes = (facts.scenario.duration_s as usize).div_ceil(60).max(1);
    let mut counts = vec![0u32; minutes];
    for c in attempt.summary.cases.iter().filter(|c| !c.before) {
        let at = (facts.passed_s(c.known).max(0) as usize / 60).min(minutes - 1);
        counts[at] += 1;
    }
    let most = counts.iter().max().copied().unwrap_or(0).max(1);
    label(svg, BARS / 2.0, "上报 reports");
    let wide = (WIDTH - LEFT - 12.0) / minutes as f64;
    for (i, n) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
        // A storm of three hundred must not make everything else vanish.
        let high = (BARS - 6.0) * (f64::from(*n) / f64::from(most)).sqrt();
        let _ = write!(
            svg,
            "<rect class=\"bars\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{high:.1}\"><title>{n}</title></rect>",
            LEFT + wide * i as f64,
            BARS - high,
            (wide - 1.0).max(1.0)
        );
    }
}
