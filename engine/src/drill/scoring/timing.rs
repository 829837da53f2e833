//! How soon things were noticed, units sent, and units there.

use super::deadline::{Deadline, limit_words};
use super::item::Item;
use super::ordinary::ordinary;
use crate::drill::occurrence::Occurrence;
use crate::drill::scenario::usual_limits_s;
use crate::drill::tally::Tally;
use crate::drill::words;
use crate::ids::ThingId;
use crate::time::Timestamp;

/// What an answer is called, in both languages.
struct Words {
    /// It was done.
    done: (&'static str, &'static str),
    /// It was never done.
    never: (&'static str, &'static str),
}

/// What was to be answered, and when it was.
struct Answer<'a> {
    since: Timestamp,
    done: Option<Timestamp>,
    good_s: f64,
    thing: Option<ThingId>,
    title: (&'a str, &'a str),
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
            text: format!("{}：{zh} 发现", o.spec.title),
            text_en: format!("{}: noticed {en}", o.spec.title_en),
        })
    })
    .collect()
}

/// How soon somebody was sent.
pub(super) fn dispatch(tally: &Tally, found: &[Occurrence<'_>]) -> Vec<Item> {
    let words = Words {
        done: ("派遣", "sent"),
        never: ("未派", "nobody sent"),
    };
    let mut items = Vec::new();
    for o in found.iter().filter(|o| o.truth.real) {
        let done = o.first_sent(tally).map(|(_, s)| s.at);
        items.extend(judged(
            tally,
            &to_occurrence(o, done, o.truth.dispatch_s),
            &words,
        ));
    }
    for (id, c) in ordinary(tally, found) {
        let (zh, en) = words::case(tally, id);
        let answer = Answer {
            since: c.known,
            done: c.sent.first().map(|s| s.at),
            good_s: f64::from(usual_limits_s(c.severity).1),
            thing: Some(ThingId::Case(id)),
            title: (&zh, &en),
        };
        items.extend(judged(tally, &answer, &words).map(Item::ordinary));
    }
    items
}

/// How soon somebody was there.
pub(super) fn arrival(tally: &Tally, found: &[Occurrence<'_>]) -> Vec<Item> {
    let words = Words {
        done: ("到场", "there"),
        never: ("无人到场", "nobody came"),
    };
    let mut items = Vec::new();
    for o in found.iter().filter(|o| o.truth.real) {
        let done = o.first_arrival(tally);
        items.extend(judged(
            tally,
            &to_occurrence(o, done, o.truth.arrive_s),
            &words,
        ));
    }
    for (id, c) in ordinary(tally, found) {
        let (zh, en) = words::case(tally, id);
        let answer = Answer {
            since: c.known,
            done: c.sent.iter().filter_map(|s| s.arrived).min(),
            good_s: f64::from(usual_limits_s(c.severity).2),
            thing: Some(ThingId::Case(id)),
            title: (&zh, &en),
        };
        items.extend(judged(tally, &answer, &words).map(Item::ordinary));
    }
    items
}

fn to_occurrence<'a>(o: &Occurrence<'a>, done: Option<Timestamp>, good_s: u32) -> Answer<'a> {
    Answer {
        since: o.known,
        done,
        good_s: f64::from(good_s),
        thing: o.thing(),
        title: (&o.spec.title, &o.spec.title_en),
    }
}

fn judged(tally: &Tally, answer: &Answer<'_>, words: &Words) -> Option<Item> {
    let good_s = answer.good_s;
    let deadline = Deadline {
        since: answer.since,
        done: answer.done,
        good_s,
        bad_s: good_s * 3.0,
    };
    let (time, won, took) = deadline.judged(tally)?;
    let (zh, en) = limit_words(took, good_s, words.never);
    let (zh, en) = if took.is_some() {
        (
            format!("{} {zh}", words.done.0),
            format!("{} after {en}", words.done.1),
        )
    } else {
        (zh, en)
    };
    Some(Item {
        time,
        thing: answer.thing,
        won,
        weight: 1.0,
        text: format!("{}：{zh}", answer.title.0),
        text_en: format!("{}: {en}", answer.title.1),
    })
}
