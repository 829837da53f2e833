//! The time line: cases, injects, answers, goals.

use super::facts::{Attempt, Facts};
use super::map::one;
use chengtu_engine::drill::{Answered, GoalView};
use chengtu_engine::time::Timestamp;
use maud::{Markup, html};

const WIDTH: f64 = 1_120.0;
const LEFT: f64 = 268.0;
/// Width of the part that has time.
const INNER: f64 = WIDTH - LEFT - 12.0;
const ROW: f64 = 24.0;
/// Height of the row of bars.
const BARS: f64 = 54.0;
/// Where the first row under the bars is.
const FIRST_ROW: f64 = BARS + 30.0;
/// Most characters of a label.
const LABEL_CHARS_MAX: usize = 19;

/// Where moments of a drill are on the line.
struct Scale<'a> {
    facts: &'a Facts,
    whole_s: f64,
    /// The attempt's last moment.
    until: Timestamp,
}

impl Scale<'_> {
    fn x(&self, t: Timestamp) -> f64 {
        LEFT + INNER * (self.facts.passed_s(t) as f64 / self.whole_s).clamp(0.0, 1.0)
    }
}

/// The time line of an attempt.
pub(super) fn timeline(facts: &Facts, attempt: &Attempt) -> Markup {
    let scale = Scale {
        facts,
        whole_s: f64::from(facts.scenario.duration_s),
        until: attempt.summary.until,
    };
    let injects = attempt.summary.fired.iter().filter_map(|(inject, at)| {
        let title = &facts.scenario.injects.get(*inject as usize)?.title;
        let answered = attempt.summary.answered.iter();
        let answered = answered.clone().find(|a| a.inject == *inject);
        Some((format!("{} {title}", inject + 1), *at, answered))
    });
    let injects: Vec<_> = injects.collect();
    let rows = attempt.summary.fired.len() + attempt.goals.len();
    let height = BARS + 40.0 + ROW * (rows as f64 + 1.0);
    let row = |i: usize| FIRST_ROW + ROW * i as f64;
    html! {
        svg id="timeline" data-left=(LEFT) data-width=(INNER) data-whole=(scale.whole_s)
            viewBox=(format_args!("0 0 {WIDTH:.0} {height:.0}")) role="img" aria-label=(facts.say.line("时间线", "time line")) {
            (axis(facts, height))
            (bars(facts, attempt))
            @for (i, (title, at, answered)) in injects.iter().enumerate() {
                (label(row(i), title))
                (inject(&scale, *at, row(i)))
                @if let Some(a) = answered { (answer(&scale, a, row(i))) }
            }
            @for (i, g) in attempt.goals.iter().enumerate() {
                @let y = row(injects.len() + i);
                (label(y, &g.title))
                (goal(&scale, g, y))
            }
            line.cursor id="cursor" x1=(LEFT) x2=(LEFT) y1="0" y2=(format_args!("{height:.0}")) {}
        }
    }
}

fn label(y: f64, text: &str) -> Markup {
    let short: String = text.chars().take(LABEL_CHARS_MAX).collect();
    html! { text x="4" y=(one(y + 4.0)) { title { (text) } (short) } }
}

fn inject(scale: &Scale<'_>, at: Timestamp, y: f64) -> Markup {
    let x = one(scale.x(at));
    html! { line.inject x1=(x) x2=(x) y1=(one(y - 8.0)) y2=(one(y + 8.0)) {} }
}

/// Waiting, driving and working on what was injected.
fn answer(scale: &Scale<'_>, a: &Answered, y: f64) -> Markup {
    let end = scale.until;
    let sent = a.sent.map(|s| s.0);
    let wait = Some(("wait", a.known, sent.unwrap_or(end)));
    let drive = sent.map(|sent| ("drive", sent, a.arrived.unwrap_or(end)));
    let work = a.arrived.map(|t| ("work", t, a.handled.unwrap_or(end)));
    html! {
        @for (class, from, to) in [wait, drive, work].into_iter().flatten() {
            @let (x0, x1) = (scale.x(from), scale.x(to).max(scale.x(from) + 1.0));
            line class=(class) x1=(one(x0)) x2=(one(x1)) y1=(one(y)) y2=(one(y)) {}
        }
    }
}

fn goal(scale: &Scale<'_>, g: &GoalView, y: f64) -> Markup {
    let class = match g.reached {
        Some(true) => "met",
        Some(false) => "missed",
        None => "open",
    };
    html! {
        @if let Some((from, to)) = g.span {
            @let (x0, x1) = (scale.x(from), scale.x(to.unwrap_or(scale.until)));
            rect class=(class) x=(one(x0)) y=(one(y - 5.0)) width=(one((x1 - x0).max(2.0)))
                height="9" rx="2" {}
        }
    }
}

fn axis(facts: &Facts, height: f64) -> Markup {
    let s = &facts.scenario;
    let step_s = if s.duration_s > 5_400 { 900 } else { 600 };
    let marks = (0..=s.duration_s).step_by(step_s).map(|at_s| {
        let x = LEFT + INNER * f64::from(at_s) / f64::from(s.duration_s);
        let t = s.start.time().plus_seconds(i64::from(at_s));
        (one(x), facts.clock(t))
    });
    html! {
        @for (x, clock) in marks {
            line.grid x1=(x) x2=(x) y1="0" y2=(format_args!("{:.0}", height - 16.0)) {}
            text.axis text-anchor="middle" x=(x) y=(format_args!("{:.0}", height - 3.0)) {
                (clock[..5])
            }
        }
    }
}

/// Cases by the minute.
fn bars(facts: &Facts, attempt: &Attempt) -> Markup {
    let minutes = (facts.scenario.duration_s as usize).div_ceil(60).max(1);
    let mut counts = vec![0u32; minutes];
    for c in attempt.summary.cases.iter().filter(|c| !c.before) {
        let at = (facts.passed_s(c.known).max(0) as usize / 60).min(minutes - 1);
        counts[at] += 1;
    }
    let most = counts.iter().max().copied().unwrap_or(0).max(1);
    let wide = INNER / minutes as f64;
    let some = counts.iter().enumerate().filter(|(_, n)| **n > 0);
    let bars = some.map(|(i, n)| {
        // A storm of three hundred must not make everything else vanish.
        let high = (BARS - 6.0) * (f64::from(*n) / f64::from(most)).sqrt();
        (LEFT + wide * i as f64, high, *n)
    });
    html! {
        (label(BARS / 2.0, &facts.say.line("上报", "reports")))
        @for (x, high, n) in bars {
            rect.bars x=(one(x)) y=(one(BARS - high)) width=(one((wide - 1.0).max(1.0))) height=(one(high)) {
                title { (n) }
            }
        }
    }
}
