//! Judges of how the team kept house: not too many sent, no area left empty, no alarm left unseen.

use super::deadline::{Deadline, limit_words};
use super::item::Item;
use crate::drill::occurrence::Occurrence;
use crate::drill::tally::{Sent, Tally};
use crate::drill::words::{self, span};
use crate::ids::{CaseId, ThingId, UnitId};
use crate::model::AlarmSource;
use crate::time::Timestamp;

/// A person must have seen an alarm within this, seconds; after the second nothing is won.
const ALARM_S: (f64, f64) = (60.0, 300.0);
/// An ordinary case may take so many units at a time.
const UNITS_ORDINARY: u32 = 2;
/// Each unit too many costs this part of the criterion.
const EXCESS_PART: f64 = 0.2;
/// An area empty for this part of the time wins nothing.
const EMPTY_PART: f64 = 0.25;

/// Units sent where no more were needed.
pub(super) fn over_commitment(tally: &Tally, found: &[Occurrence<'_>]) -> Vec<Item> {
    let mut excess = Vec::new();
    let mut any = None;
    for o in found {
        let sent = o.sent(tally);
        for (i, (case, s)) in sent.iter().enumerate() {
            any.get_or_insert(s.at);
            let still = |e: &&(CaseId, _)| running(&e.1, s.at);
            let with = 1 + sent[..i].iter().filter(still).count() as u32;
            if with > o.truth.units {
                let title = (o.spec.title.clone(), o.spec.title_en.clone());
                excess.push(too_many(
                    tally,
                    *case,
                    s.unit,
                    s.at,
                    with,
                    o.truth.units,
                    title,
                ));
            }
        }
    }
    for (id, c) in &tally.cases {
        if found.iter().any(|o| o.cases.contains(id)) {
            continue;
        }
        for s in &c.sent {
            any.get_or_insert(s.at);
            if s.with > UNITS_ORDINARY {
                let title = words::case(tally, *id);
                excess.push(too_many(
                    tally,
                    *id,
                    s.unit,
                    s.at,
                    s.with,
                    UNITS_ORDINARY,
                    title,
                ));
            }
        }
    }
    match any {
        None if tally.ended => vec![Item {
            time: tally.now,
            thing: None,
            won: 0.0,
            weight: 1.0,
            text: "整场没有派出任何单元".into(),
            text_en: "no unit was sent at all".into(),
        }],
        None => Vec::new(),
        Some(first) if excess.is_empty() => vec![Item {
            time: first,
            thing: None,
            won: 1.0,
            weight: 1.0,
            text: "没有一处派得过多".into(),
            text_en: "nowhere were too many sent".into(),
        }],
        Some(_) => {
            // Items are dealt equal shares: each excess loses its part of the whole.
            let n = excess.len() as f64;
            let lost = (EXCESS_PART * n).min(1.0);
            for e in &mut excess {
                e.won = 1.0 - lost;
            }
            excess
        }
    }
}

fn running(sent: &Sent, at: Timestamp) -> bool {
    sent.left.is_none_or(|left| left > at)
}

fn too_many(
    tally: &Tally,
    case: CaseId,
    unit: UnitId,
    at: Timestamp,
    with: u32,
    needed: u32,
    title: (String, String),
) -> Item {
    let (zh, en) = words::unit(tally, unit);
    Item {
        time: at,
        thing: Some(ThingId::Case(case)),
        won: 0.0,
        weight: 1.0,
        text: format!("{}：加派 {zh} 后同时 {with} 个，{needed} 个即可", title.0),
        text_en: format!("{}: {with} at once with {en}, {needed} would do", title.1),
    }
}

/// Areas that were left without any unit.
pub(super) fn empty_areas(tally: &Tally) -> Vec<Item> {
    let whole_s = tally.now.seconds_since(tally.from);
    if whole_s < 60.0 {
        return Vec::new();
    }
    let mut items = Vec::new();
    for (at, area) in tally.cover.areas().iter().enumerate() {
        let empty_s = tally.cover.empty_s(at as u32, tally.now);
        let won = 1.0 - (empty_s / (whole_s * EMPTY_PART)).min(1.0);
        let gaps: Vec<_> = tally
            .cover
            .gaps()
            .iter()
            .filter(|g| g.area as usize == at)
            .collect();
        let time = gaps
            .iter()
            .max_by_key(|g| g.to.unwrap_or(tally.now).us_since(g.from));
        let (text, text_en) = if gaps.is_empty() {
            (
                format!("{}始终有单元", area.name),
                format!("{}: a unit all the time", area.name_en),
            )
        } else {
            (
                format!(
                    "{}无单元 {} 次，共 {}",
                    area.name,
                    gaps.len(),
                    span(empty_s)
                ),
                format!(
                    "{}: without a unit {} times, {} in all",
                    area.name_en,
                    gaps.len(),
                    span(empty_s)
                ),
            )
        };
        items.push(Item {
            time: time.map_or(tally.from, |g| g.from),
            thing: None,
            won,
            weight: 1.0,
            text,
            text_en,
        });
    }
    items
}

/// How soon alarms were seen.
pub(super) fn alarms(tally: &Tally) -> Vec<Item> {
    let raised = tally.alarms.iter();
    raised
        .filter_map(|(id, a)| {
            let deadline = Deadline {
                since: a.raised,
                done: a.seen,
                good_s: ALARM_S.0,
                bad_s: ALARM_S.1,
            };
            let (time, won, took) = deadline.judged(tally)?;
            let (zh, en) = limit_words(took, ALARM_S.0, ("无人确认", "never seen"));
            let (what, what_en) = match a.source {
                AlarmSource::Case(case) => words::case(tally, case),
                AlarmSource::Sensor(s) => (format!("传感器 {s}"), format!("sensor {s}")),
            };
            Some(Item {
                time,
                thing: Some(ThingId::Alarm(*id)),
                won,
                weight: 1.0,
                text: format!("{what} 告警确认：{zh}"),
                text_en: format!("alarm of {what_en} acknowledged: {en}"),
            })
        })
        .collect()
}
