//! Which case and which alarm must be seen first, worked out from what the server sends and by nothing of the desk's own
//! code; and what the desk shows first, read from its screen.

use super::hands::Hands;
use chengtu_client::i18n::countdown;
use chengtu_client::panels::console::Frame;
use chengtu_engine::city::Severity;
use chengtu_engine::model::{AlarmSource, Stage};
use chengtu_engine::stream::{CaseView, Mirror};
use chengtu_engine::time::Timestamp;

/// What must be first at a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct First {
    /// The most severe case that nobody is sent to.
    pub case: Option<Untouched>,
    /// The most urgent alarm that nobody has acknowledged: words of its plate.
    pub alarm: Option<String>,
    /// That alarm is of that case.
    pub same: bool,
}

/// A case that nobody is sent to, as its row must say.
#[derive(Clone, Debug, PartialEq)]
pub struct Untouched {
    pub severity: Severity,
    pub address: String,
    pub note: String,
    /// When its limit passes.
    pub due_at: Option<Timestamp>,
}

/// What must be first, as the server has it now.
pub fn of(mirror: &Mirror) -> First {
    let untouched = |c: &&CaseView| matches!(c.stage, Stage::Reported | Stage::Filed);
    // Filed within the tick of their report: what has no limit yet would stand behind what has one.
    let due = |c: &CaseView| c.due_at.unwrap_or(Timestamp(i64::MAX));
    let case = mirror
        .cases
        .values()
        .filter(untouched)
        .min_by_key(|c| (c.severity, due(c), c.id));
    let waiting = mirror.alarms.values().filter(|a| a.acknowledged.is_none());
    let alarm = waiting.min_by_key(|a| (a.severity, a.ended_at.is_some(), a.raised_at, a.id));
    let said = alarm.and_then(|a| match a.source {
        AlarmSource::Case(id) => mirror.cases.get(&id).map(|c| c.address.clone()),
        AlarmSource::Sensor(id) => mirror.sensors.get(&id).map(|s| s.name.clone()),
    });
    First {
        same: case.is_some_and(|c| alarm.is_some_and(|a| a.source == AlarmSource::Case(c.id))),
        case: case.map(|c| Untouched {
            severity: c.severity,
            address: c.address.clone(),
            note: c.note.clone(),
            due_at: c.due_at,
        }),
        alarm: said,
    }
}

/// Words of the first row that is seen of the queue; `None` where the queue is not on the screen.
pub fn first_row(hands: &Hands) -> Option<String> {
    let queue = hands.app.world().resource::<Frame>().layout.queue?;
    // Rows begin behind the sign of their severity, which nothing of the queue's head does.
    let begins = |x: f32| (x - queue.min.x - 31.0).abs() < 2.5;
    let texts = hands
        .texts()
        .iter()
        .filter(|t| queue.contains(t.at.center()));
    let lines: Vec<_> = texts.clone().filter(|t| begins(t.at.min.x)).collect();
    // A row has two lines 16.5 apart; its first is the one whose second follows.
    let tops = lines.iter().filter(|a| {
        lines
            .iter()
            .any(|b| (b.at.center().y - a.at.center().y - 16.5).abs() < 3.0)
    });
    let top = tops.map(|t| t.at.center().y).min_by(f32::total_cmp)?;
    let of_row = texts.filter(|t| (-8.0..25.0).contains(&(t.at.center().y - top)));
    Some(
        of_row
            .map(|t| t.words.as_str())
            .collect::<Vec<_>>()
            .join(" | "),
    )
}

/// Words of the plate over the map; empty where there is none.
pub fn plate(hands: &Hands) -> String {
    let window = hands.app.world().resource::<Frame>().layout.window;
    let lies = |p: bevy_egui::egui::Pos2| {
        let d = p - window.min;
        (12.0..window.width().min(700.0)).contains(&d.x) && (45.0..190.0).contains(&d.y)
    };
    let texts = hands.texts().iter().filter(|t| lies(t.at.center()));
    texts
        .map(|t| t.words.as_str())
        .collect::<Vec<_>>()
        .join(" | ")
}

/// What is wrong with what the desk shows; `None` where all of it is as it must be.
pub fn fault(hands: &Hands, first: &First) -> Option<String> {
    if let (Some(case), Some(row)) = (&first.case, first_row(hands)) {
        let now = hands.app.world().resource::<Frame>().now;
        let clocks: Vec<String> = case.due_at.map_or(Vec::new(), |due| {
            let left_s = due.seconds_since(now);
            [-1.0, 0.0, 1.0]
                .map(|d| countdown(left_s + d, &hands.words))
                .to_vec()
        });
        let right = row.contains(&case.address)
            && row.contains(&case.note)
            && (clocks.is_empty() || clocks.iter().any(|c| row.contains(c)));
        if !right {
            return Some(format!("the first row is {row:?}, it must be {case:?}"));
        }
    }
    if let Some(alarm) = &first.alarm {
        let plate = plate(hands);
        if !plate.contains(alarm.as_str()) {
            return Some(format!("the plate is {plate:?}, it must be of {alarm:?}"));
        }
    }
    None
}
