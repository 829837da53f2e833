//! The report's looks: every colour from the design tokens, by its role.

/// The tokens as they ship; a report needs no other file.
const TOKENS: &str = include_str!("../../../../assets/tokens.toml");

/// Roles that the report uses: name in the page, table and key in the tokens.
const ROLES: [(&str, &str, &str); 37] = [
    ("base", "surface", "base"),
    ("panel", "surface", "panel"),
    ("inset", "surface", "inset"),
    ("line", "surface", "line"),
    ("row", "surface", "row_line"),
    ("t1", "text", "t1"),
    ("t2", "text", "t2"),
    ("t3", "text", "t3"),
    ("on", "text", "on_light"),
    ("land", "ground", "land"),
    ("boundary", "ground", "boundary"),
    ("flood", "ground", "flood"),
    ("flood-edge", "ground", "flood_edge"),
    ("road-1", "road.primary", "fill"),
    ("road-2", "road.secondary", "fill"),
    ("road-3", "road.tertiary", "fill"),
    ("road-4", "road.residential", "fill"),
    ("place", "map_text", "district"),
    ("link", "action", "text"),
    ("route", "route", "best"),
    ("s1", "severity", "s1"),
    ("s2", "severity", "s2"),
    ("s3", "severity", "s3"),
    ("s4", "severity", "s4"),
    ("body", "marker", "body"),
    ("available", "unit", "available"),
    ("assigned", "unit", "assigned"),
    ("en-route", "unit", "en_route"),
    ("on-scene", "unit", "on_scene"),
    ("out", "unit", "out_of_service"),
    ("drill", "world", "drill"),
    ("accent", "world_chrome.drill", "accent"),
    ("bar", "world_chrome.drill", "histogram"),
    ("met", "world_chrome.drill", "goal_met"),
    ("open", "world_chrome.drill", "goal_running"),
    ("missed", "world_chrome.drill", "goal_missed"),
    ("grid", "chart", "grid"),
];

const RULES: &str = include_str!("report.css");

/// The page's style sheet.
pub(super) fn css() -> String {
    let tokens: toml::Table = toml::from_str(TOKENS).unwrap_or_default();
    let mut text = String::from(":root{");
    for (name, table, key) in ROLES {
        let mut at = Some(&tokens);
        for part in table.split('.') {
            at = at.and_then(|t| t.get(part)?.as_table());
        }
        let colour = at.and_then(|t| t.get(key)?.as_str()).unwrap_or("");
        text.extend(["--", name, ":", colour, ";"]);
    }
    text.push_str("}\n");
    text.push_str(RULES);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_its_colour_and_no_rule_names_another() {
        let text = css();
        let vars = text.split_once('}').unwrap().0;
        assert!(!vars.contains(":;"), "{vars}");
        assert!(!RULES.contains('#'), "colours come from the tokens");
        for used in RULES.split("var(--").skip(1) {
            let name = used.split(')').next().unwrap();
            assert!(
                ROLES.iter().any(|(n, _, _)| *n == name),
                "{name} is no role"
            );
        }
    }
}
