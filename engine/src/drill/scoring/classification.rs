//! Whether things were taken for what they are.

use super::item::Item;
use crate::drill::occurrence::Occurrence;
use crate::drill::tally::{CaseTrack, Tally};
use crate::ids::{CaseId, ClassId};
use crate::time::Timestamp;

/// When it was decided, how much was won (0 … 1), and the reason in both languages.
type Verdict = (Timestamp, f64, String, String);
type Tracks<'t> = [(CaseId, &'t CaseTrack)];

/// Whether things were taken for what they are.
pub(super) fn classification(tally: &Tally, found: &[Occurrence<'_>]) -> Vec<Item> {
    found.iter().filter_map(|o| classified(tally, o)).collect()
}

fn classified(tally: &Tally, o: &Occurrence<'_>) -> Option<Item> {
    let tracks = o.tracks(tally);
    let waited = tally.now.seconds_since(o.known);
    let patience_s = f64::from(o.truth.arrive_s) * 2.0;
    let over = tally.ended || waited > patience_s;
    let (time, won, zh, en) = if !o.truth.real {
        false_report(tally, o, &tracks, over)?
    } else if o.is_storm() {
        storm(tally, &tracks, over)?
    } else {
        real(tally, o, &tracks, over)?
    };
    Some(Item {
        time,
        thing: o.thing(),
        won,
        weight: 1.0,
        text: format!("{}：{zh}", o.spec.title),
        text_en: format!("{}: {en}", o.spec.title_en),
    })
}

/// A false report should be voided before units are sent.
fn false_report(
    tally: &Tally,
    o: &Occurrence<'_>,
    tracks: &Tracks<'_>,
    over: bool,
) -> Option<Verdict> {
    let voided = tracks.iter().filter_map(|(_, c)| c.voided).min();
    let sent = o.sent(tally).len();
    Some(match (voided, sent) {
        (Some(t), 0 | 1) => (
            t,
            1.0,
            "识破误报并作废".into(),
            "false report voided".into(),
        ),
        (Some(t), n) => (
            t,
            0.5,
            format!("作废前已派 {n} 个单元"),
            format!("voided after {n} units had been sent"),
        ),
        (None, _) if !over => return None,
        (None, 0) if o.noticed(tally).is_none() => unseen(tally),
        (None, 0) => (
            tally.now,
            0.5,
            "误报未派单元，也未作废".into(),
            "false report: nobody sent, never voided".into(),
        ),
        (None, _) => (
            tally.now,
            0.0,
            "误报被当作真实处置".into(),
            "false report taken for real".into(),
        ),
    })
}

/// Nobody ever looked at it.
fn unseen(tally: &Tally) -> Verdict {
    let (zh, en) = ("始终无人过问", "nobody ever looked at it");
    (tally.now, 0.0, zh.into(), en.into())
}

/// Many reports of one thing should be bundled into one case.
fn storm(tally: &Tally, tracks: &Tracks<'_>, over: bool) -> Option<Verdict> {
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
    Some((
        time,
        won,
        format!("并案 {n} / {of}"),
        format!("bundled {n} of {of}"),
    ))
}

/// Something real should be filed as its true class and severity.
fn real(tally: &Tally, o: &Occurrence<'_>, tracks: &Tracks<'_>, over: bool) -> Option<Verdict> {
    let right = tracks.iter().find(|(_, c)| {
        c.class == o.truth.class && c.severity == o.truth.severity && c.voided.is_none()
    });
    let class_only = tracks
        .iter()
        .find(|(_, c)| c.class == o.truth.class && c.voided.is_none());
    let dismissed = !tracks.is_empty() && tracks.iter().all(|(_, c)| c.voided.is_some());
    let name = |id: ClassId| tally.rules.class(id);
    let (zh, en) = name(o.truth.class).map_or(("", ""), |c| (c.name.as_str(), c.name_en.as_str()));
    // What a report says of itself is nobody's judgement before somebody has looked at it.
    if o.noticed(tally).is_none() {
        return over.then(|| unseen(tally));
    }
    Some(match (right, class_only) {
        (Some((_, c)), _) => (
            c.known,
            1.0,
            format!("认定为{zh}"),
            format!("taken for {en}"),
        ),
        (None, _) if !over && !dismissed => return None,
        (None, Some((_, c))) => (
            c.known,
            0.6,
            format!("类别{zh}正确，级别不符"),
            format!("class {en} right, severity wrong"),
        ),
        (None, None) if dismissed => (
            tally.now,
            0.0,
            "真实情况被作废".into(),
            "something real was voided".into(),
        ),
        (None, None) => (
            tally.now,
            0.0,
            format!("未按实际类别{zh}立案"),
            format!("never filed as {en}"),
        ),
    })
}
