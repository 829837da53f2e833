//! What is said about one unit, and about whoever did something.

use super::desk::desk_name;
use crate::i18n::Words;
use chengtu_engine::ids::UnitId;
use chengtu_engine::model::{Actor, UnitStatus};
use chengtu_engine::stream::Mirror;

/// Name of a status.
pub fn status_word(status: UnitStatus, words: &Words) -> &str {
    words.t(match status {
        UnitStatus::Available => "status.available",
        UnitStatus::Assigned => "status.assigned",
        UnitStatus::EnRoute => "status.en_route",
        UnitStatus::OnScene => "status.on_scene",
        UnitStatus::OutOfService => "status.out_of_service",
    })
}

/// The same in the short form written on the map.
pub fn status_on_map(status: UnitStatus, words: &Words) -> &str {
    words.t(match status {
        UnitStatus::Available => "map.available",
        UnitStatus::Assigned => "map.assigned",
        UnitStatus::EnRoute => "map.en_route",
        UnitStatus::OnScene => "map.on_scene",
        UnitStatus::OutOfService => "map.out_of_service",
    })
}

/// Call sign of a unit.
pub fn call_sign<'a>(mirror: &'a Mirror, unit: UnitId, words: &'a Words) -> &'a str {
    mirror
        .units
        .get(&unit)
        .map_or(words.t("unit.unknown"), |u| {
            words.name(&u.call_sign, &u.call_sign_en)
        })
}

/// Who did something, in words.
pub fn actor_words(mirror: &Mirror, actor: &Actor, words: &Words) -> String {
    match actor {
        Actor::Operator(name) => desk_name(name, words),
        Actor::Unit(unit) => call_sign(mirror, *unit, words).to_string(),
        Actor::Feed(_) => words.t("actor.feed").to_string(),
        Actor::System => words.t("actor.system").to_string(),
    }
}
