//! The judges, one for each criterion. Each returns what it has judged; what cannot be told yet is not among it.

use super::occurrence::Occurrence;
use super::scenario::usual_limits_s;
use super::score::{Item, held};
use super::tally::{CaseTrack, Tally};
use super::words::{self, span};
use crate::city::Severity;
use crate::ids::{CaseId, ClassId, ThingId, UnitId};
use crate::time::Timestamp;

/// Something that must be done within a time: judged once it is done, or once it is too late, or at the end.
pub(super) struct Deadline {
    pub since: Timestamp,
    pub done: Option<Timestamp>,
    pub good_s: f64,
    pub bad_s: f64,
}

impl Deadline {
    /// When it was decided, how much was won, how long it took; none while it is open.
    pub fn judged(&self, tally: &Tally) -> Option<(Timestamp, f64, Option<f64>)> {
        if let Some(done) = self.done {
            let took = done.seconds_since(self.since).max(0.0);
            return Some((done, held(took, self.good_s, self.bad_s), Some(took)));
        }
        let waited = tally.now.seconds_since(self.since);
        let late = waited > self.bad_s;
        (late || (tally.ended && waited > self.good_s)).then(|| {
            let at = self.since.plus_seconds(self.bad_s as i64).min(tally.now);
            (at, 0.0, None)
        })
    }
}

/// How long it took against what was asked for, in words.
pub(super) fn limit_words(took: Option<f64>, good_s: f64, never: (&str, &str)) -> (String, String) {
    let limit = span(good_s);
    match took {
        Some(s) if s <= good_s => (
            format!("{}，限 {limit}", span(s)),
            format!("{}, limit {limit}", span(s)),
        ),
        Some(s) => (
            format!("{}，超过 {limit}", span(s)),
            format!("{}, later than {limit}", span(s)),
        ),
        None => (
            format!("{}，限 {limit}", never.0),
            format!("{}, limit {limit}", never.1),
        ),
    }
}

/// Whether and when somebody noticed what happened.
pub(super) fn detection(tally: &Tally, found: &[Occurrence<'_>]) -> Vec<Item> {
    let real = found.iter().filter(|o| o.truth.real);
    real.filter_map(|o| {
        let good_s = f64::from(o.truth.detect_s);
        let deadline = Deadline {
            since: o.known,
            done: o.noticed(tally),
            good_s,
            bad_s: good_s * 4.0,
        };
        let (time, won, took) = deadline.judged(tally)?;
        let (zh, en) = limit_words(took, good_s, ("无人发现", "nobody noticed"));
        Some(Item {
            time,
            thing: o.thing(),
            won,
            weight: 1.0,
            text: format!("{}：{zh} 发现", o.told.title),
            text_en: format!("{}: noticed {en}", o.told.title_en),
        })
    })
    .collect()
}

/// Whether things were taken for what they are.
pub(super) fn classification(tally: &Tally, found: &[Occurrence<'_>]) -> Vec<Item> {
    found.iter().filter_map(|o| classified(tally, o)).collect()
}

fn classified(tally: &Tally, o: &Occurrence<'_>) -> Option<Item> {
    let item = |time, won, zh: String, en: String| {
        Some(Item {
            time,
            thing: o.thing(),
            won,
            weight: 1.0,
            text: format!("{}：{zh}", o.told.title),
            text_en: format!("{}: {en}", o.told.title_en),
        })
    };
    let tracks = o.tracks(tally);
    let waited = tally.now.seconds_since(o.known);
    let patience_s = f64::from(o.truth.arrive_s) * 2.0;
    let over = tally.ended || waited > patience_s;
    if !o.truth.real {
        let voided = tracks.iter().filter_map(|(_, c)| c.voided).min();
        let sent = o.sent(tally).len();
        return match (voided, sent) {
            (Some(t), 0 | 1) => item(
                t,
                1.0,
                "识破误报并作废".into(),
                "false report voided".into(),
            ),
            (Some(t), n) => item(
                t,
                0.5,
                format!("作废前已派 {n} 个单元"),
                format!("voided after {n} units had been sent"),
            ),
            (None, _) if !over => None,
            (None, 0) => item(
                tally.now,
                0.5,
                "误报未派单元，也未作废".into(),
                "false report: nobody sent, never voided".into(),
            ),
            (None, _) => item(
                tally.now,
                0.0,
                "误报被当作真实处置".into(),
                "false report taken for real".into(),
            ),
        };
    }
    if o.is_storm() {
        let all = tracks.iter().filter(|(_, c)| !c.own).count();
        let ended: Vec<Timestamp> = tracks
            .iter()
            .filter_map(|(_, c)| c.bundled.map(|b| b.0).or(c.voided))
            .collect();
        let wanted = all.saturating_sub(1);
        if wanted == 0 || (ended.len() < wanted && !over) {
            return None;
        }
        let time = ended.iter().max().copied().unwrap_or(tally.now);
        let won = ended.len() as f64 / wanted as f64;
        let (n, of) = (ended.len().min(wanted), wanted);
        return item(
            time,
            won,
            format!("并案 {n} / {of}"),
            format!("bundled {n} of {of}"),
        );
    }
    let right = tracks.iter().find(|(_, c)| {
        c.class == o.truth.class && c.severity == o.truth.severity && c.voided.is_none()
    });
    let class_only = tracks
        .iter()
        .find(|(_, c)| c.class == o.truth.class && c.voided.is_none());
    let dismissed = !tracks.is_empty() && tracks.iter().all(|(_, c)| c.voided.is_some());
    let name = |id: ClassId| tally.rules.class(id);
    let (zh, en) = name(o.truth.class).map_or(("", ""), |c| (c.name.as_str(), c.name_en.as_str()));
    match (right, class_only) {
        (Some((_, c)), _) => item(
            c.known,
            1.0,
            format!("认定为{zh}"),
            format!("taken for {en}"),
        ),
        (None, _) if !over && !dismissed => None,
        (None, Some((_, c))) => item(
            c.known,
            0.6,
            format!("类别{zh}正确，级别不符"),
            format!("class {en} right, severity wrong"),
        ),
        (None, None) if dismissed => item(
            tally.now,
            0.0,
            "真实情况被作废".into(),
            "something real was voided".into(),
        ),
        (None, None) => item(
            tally.now,
            0.0,
            format!("未按实际类别{zh}立案"),
            format!("never filed as {en}"),
        ),
    }
}

/// Cases that are judged beside the occurrences: ordinary ones that cannot wait.
fn ordinary<'t>(tally: &'t Tally, found: &[Occurrence<'_>]) -> Vec<(CaseId, &'t CaseTrack)> {
    let grave = |c: &CaseTrack| c.severity <= Severity::Urgent && !c.before && c.bundled.is_none();
    tally
        .cases
        .iter()
        .filter(|(id, c)| {
            grave(c) && c.voided.is_none() && !found.iter().any(|o| o.cases.contains(id))
        })
        .map(|(id, c)| (*id, c))
        .collect()
}

/// How soon somebody was sent.
pub(super) fn dispatch(tally: &Tally, found: &[Occurrence<'_>]) -> Vec<Item> {
    let never = ("未派", "nobody sent");
    let mut items = Vec::new();
    for o in found.iter().filter(|o| o.truth.real) {
        let done = o.first_sent(tally).map(|(_, s)| s.at);
        let title = (o.told.title.as_str(), o.told.title_en.as_str());
        let good_s = f64::from(o.truth.dispatch_s);
        items.extend(timed(
            tally,
            o.known,
            done,
            good_s,
            o.thing(),
            title,
            ("派遣", "sent"),
            never,
        ));
    }
    for (id, c) in ordinary(tally, found) {
        let (zh, en) = words::case(tally, id);
        let good_s = f64::from(usual_limits_s(c.severity).1);
        let done = c.sent.first().map(|s| s.at);
        let thing = Some(ThingId::Case(id));
        items.extend(
            timed(
                tally,
                c.known,
                done,
                good_s,
                thing,
                (&zh, &en),
                ("派遣", "sent"),
                never,
            )
            .map(Item::ordinary),
        );
    }
    items
}

/// How soon somebody was there.
pub(super) fn arrival(tally: &Tally, found: &[Occurrence<'_>]) -> Vec<Item> {
    let never = ("无人到场", "nobody came");
    let mut items = Vec::new();
    for o in found.iter().filter(|o| o.truth.real) {
        let done = o.first_arrival(tally);
        let title = (o.told.title.as_str(), o.told.title_en.as_str());
        let good_s = f64::from(o.truth.arrive_s);
        items.extend(timed(
            tally,
            o.known,
            done,
            good_s,
            o.thing(),
            title,
            ("到场", "there"),
            never,
        ));
    }
    for (id, c) in ordinary(tally, found) {
        let (zh, en) = words::case(tally, id);
        let good_s = f64::from(usual_limits_s(c.severity).2);
        let done = c.sent.iter().filter_map(|s| s.arrived).min();
        let thing = Some(ThingId::Case(id));
        items.extend(
            timed(
                tally,
                c.known,
                done,
                good_s,
                thing,
                (&zh, &en),
                ("到场", "there"),
                never,
            )
            .map(Item::ordinary),
        );
    }
    items
}

fn timed(
    tally: &Tally,
    since: Timestamp,
    done: Option<Timestamp>,
    good_s: f64,
    thing: Option<ThingId>,
    title: (&str, &str),
    done_words: (&str, &str),
    never: (&str, &str),
) -> Option<Item> {
    let deadline = Deadline {
        since,
        done,
        good_s,
        bad_s: good_s * 3.0,
    };
    let (time, won, took) = deadline.judged(tally)?;
    let (zh, en) = limit_words(took, good_s, never);
    let (zh, en) = if took.is_some() {
        (
            format!("{} {zh}", done_words.0),
            format!("{} after {en}", done_words.1),
        )
    } else {
        (zh, en)
    };
    Some(Item {
        time,
        thing,
        won,
        weight: 1.0,
        text: format!("{}：{zh}", title.0),
        text_en: format!("{}: {en}", title.1),
    })
}

/// Whether those were sent who must act.
pub(super) fn department(tally: &Tally, found: &[Occurrence<'_>]) -> Vec<Item> {
    let mut items = Vec::new();
    for o in found.iter().filter(|o| o.truth.real) {
        if let Some((case, sent)) = o.first_sent(tally) {
            let title = (o.told.title.clone(), o.told.title_en.clone());
            items.extend(who_went(
                tally,
                case,
                sent.unit,
                sent.at,
                o.truth.class,
                title,
            ));
        }
    }
    for (id, c) in ordinary(tally, found) {
        if let Some(sent) = c.sent.first() {
            let title = words::case(tally, id);
            items.extend(
                who_went(tally, id, sent.unit, sent.at, c.class, title).map(Item::ordinary),
            );
        }
    }
    items
}

fn who_went(
    tally: &Tally,
    case: CaseId,
    unit: UnitId,
    at: Timestamp,
    class: ClassId,
    title: (String, String),
) -> Option<Item> {
    let class = tally.rules.class(class)?;
    let sent = tally.units.get(unit.0 as usize)?;
    // Where the department that must act has no units of its own, who has the skill may act for it.
    let has_units = tally.units.iter().any(|u| u.department == class.department);
    let skilled = class.skill.is_empty() || sent.skills.contains(&class.skill);
    let right = if has_units {
        sent.department == class.department
    } else {
        skilled
    };
    let won = match (right, skilled) {
        (true, true) => 1.0,
        (true, false) | (false, true) => 0.5,
        (false, false) => 0.0,
    };
    let (zh, en) = words::unit(tally, unit);
    let body = tally.rules.department(class.department);
    let (who, who_en) = body.map_or(("", ""), |d| (d.name.as_str(), d.name_en.as_str()));
    Some(Item {
        time: at,
        thing: Some(ThingId::Case(case)),
        won,
        weight: 1.0,
        text: format!("{}：派 {zh}，应由{who}处置", title.0),
        text_en: format!("{}: {en} sent, {who_en} must act", title.1),
    })
}
