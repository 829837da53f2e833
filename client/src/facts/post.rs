//! As what somebody is here, and for which part of the city.

use crate::i18n::Words;
use crate::live::Grid;
use chengtu_engine::city::CityInfo;
use chengtu_engine::permission::Permission;

/// Roles that have words of their own; a city may have others.
const ROLES: [(&str, &str); 14] = [
    ("operator", "role.operator"),
    ("viewer", "role.viewer"),
    ("wall", "role.wall"),
    ("collector", "role.collector"),
    ("intake", "role.intake"),
    ("shift_lead", "role.shift_lead"),
    ("dispatcher", "role.dispatcher"),
    ("department", "role.department"),
    ("field_crew", "role.field_crew"),
    ("assessor", "role.assessor"),
    ("commander", "role.commander"),
    ("citizen", "role.citizen"),
    ("administrator", "role.administrator"),
    ("auditor", "role.auditor"),
];

/// A role in words; one of the city's own is called as it is.
pub fn role_words(role: &str, words: &Words) -> String {
    let known = ROLES.iter().find(|(word, _)| *word == role);
    known.map_or_else(|| role.to_owned(), |(_, key)| words.t(key).to_owned())
}

/// Roles one after the other.
pub fn roles_words(roles: &[String], words: &Words) -> String {
    let each: Vec<String> = roles.iter().map(|r| role_words(r, words)).collect();
    each.join(if words.is_zh() { "、" } else { ", " })
}

/// As a label: with a capital letter, where the language has them.
pub fn label(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(chars).collect()
}

/// A department by its key.
pub fn department_words(key: &str, city: Option<&CityInfo>, words: &Words) -> String {
    let known = city.and_then(|c| c.departments.iter().find(|d| d.key == key));
    known.map_or_else(
        || key.to_owned(),
        |d| words.name(&d.name, &d.name_en).to_owned(),
    )
}

/// Areas one after the other: districts by name where the grid knows them, others by their code; the whole city where
/// there are none.
pub fn areas_words(areas: &[String], grid: &Grid, words: &Words) -> String {
    if areas.is_empty() {
        return words.t("me.whole_city").to_owned();
    }
    let of = |code: &String| {
        let district = grid.district_of(code).filter(|_| words.is_zh());
        district.unwrap_or_else(|| in_threes(code))
    };
    let each: Vec<String> = areas.iter().map(of).collect();
    each.join(if words.is_zh() { "、" } else { ", " })
}

/// A grid code as it is read out: six digits of the district, then the rest by three.
fn in_threes(code: &str) -> String {
    if !code.is_ascii() || code.len() <= 6 {
        return code.to_owned();
    }
    let (district, rest) = code.split_at(6);
    let mut out = district.to_owned();
    for part in rest.as_bytes().chunks(3) {
        out.push(' ');
        out.extend(part.iter().map(|b| char::from(*b)));
    }
    out
}

/// Whoever may do this, in words: what is not a button says so.
pub fn who_may(permission: Permission, words: &Words) -> &str {
    words.t(match permission {
        Permission::SendUnits => "who_may.send_units",
        Permission::DecideCases | Permission::ReportCases => "who_may.decide_cases",
        Permission::CheckCases => "who_may.check_cases",
        Permission::AcknowledgeAlarms => "who_may.acknowledge_alarms",
        Permission::Unmask => "who_may.unmask",
        Permission::WhoSaw => "who_may.who_saw",
        _ => "who_may.administrator",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn a_post_is_told_in_words_and_a_citys_own_role_as_it_is_called() {
        let zh = Words::shipped(Lang::Zh).unwrap();
        let roles = ["shift_lead".to_owned(), "网格员".to_owned()];
        assert_eq!(roles_words(&roles, &zh), "值班长、网格员");
        assert!(ROLES.iter().all(|(role, _)| role_words(role, &zh) != *role));
        let en = Words::shipped(Lang::En).unwrap();
        assert_eq!(label(&roles_words(&roles[..1], &en)), "Shift lead");
        let grid = Grid::default();
        assert_eq!(areas_words(&[], &grid, &zh), "全市");
        let code = ["320102003".to_owned()];
        assert_eq!(areas_words(&code, &grid, &zh), "320102 003");
    }
}
