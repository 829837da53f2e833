//! Whether the right ones were sent.

use super::item::Item;
use super::ordinary::ordinary;
use crate::drill::occurrence::Occurrence;
use crate::drill::tally::Tally;
use crate::drill::words;
use crate::ids::{CaseId, ClassId, ThingId, UnitId};
use crate::time::Timestamp;

/// Whether those were sent who must act.
pub(super) fn department(tally: &Tally, found: &[Occurrence<'_>]) -> Vec<Item> {
    let mut items = Vec::new();
    for o in found.iter().filter(|o| o.truth.real) {
        if let Some((case, sent)) = o.first_sent(tally) {
            let title = (o.spec.title.clone(), o.spec.title_en.clone());
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
