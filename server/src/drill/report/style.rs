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

/// The same roles on paper, where they differ.
const ON_PAPER: [(&str, &str); 26] = [
    ("base", "ground"),
    ("panel", "ground"),
    ("inset", "inset"),
    ("line", "line"),
    ("row", "row_line"),
    ("t1", "t1"),
    ("t2", "t2"),
    ("t3", "t3"),
    ("link", "link"),
    ("land", "land"),
    ("place", "district"),
    ("road-1", "road_1"),
    ("road-2", "road_2"),
    ("road-3", "road_3"),
    ("road-4", "road_4"),
    ("bar", "bars"),
    ("grid", "grid"),
    ("accent", "accent"),
    ("available", "won"),
    ("met", "won"),
    ("s1", "lost"),
    ("missed", "lost"),
    ("body", "marker"),
    ("flood-edge", "link"),
    ("route", "link"),
    ("out", "t3"),
];

const RULES: &str = include_str!("report.css");

/// The page's style sheet.
pub(super) fn css() -> String {
    let tokens: toml::Table = toml::from_str(TOKENS).unwrap_or_default();
    let colour = |table: &str, key: &str| {
        let mut at = Some(&tokens);
        for part in table.split('.') {
            at = at.and_then(|t| t.get(part)?.as_table());
        }
        let found = at.and_then(|t| t.get(key)?.as_str());
        found.unwrap_or("").to_owned()
    };
    let mut text = String::from(":root{");
    for (name, table, key) in ROLES {
        text.extend(["--", name, ":", &colour(table, key), ";"]);
    }
    text.push_str("}\n@media print{:root{");
    for (name, key) in ON_PAPER {
        text.extend(["--", name, ":", &colour("paper", key), ";"]);
    }
    text.push_str("}}\n");
    text.push_str(RULES);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_its_colour_and_no_rule_names_another() {
        let text = css();
        let vars = text.split_once("}}").unwrap().0;
        assert!(!vars.contains(":;"), "{vars}");
        for (name, _) in ON_PAPER {
            assert!(ROLES.iter().any(|r| r.0 == name), "{name} is no role");
        }
        assert!(!RULES.contains('#'), "colours come from the tokens");
        for used in RULES.split("var(--").skip(1) {
            let name = used.split(')').next().unwrap();
            assert!(
                ROLES.iter().any(|(n, _, _)| *n == name),
                "{name} is no role"
            );
        }
    }

    /// Luminance by WCAG 2.
    fn luminance(hex: &str) -> f64 {
        let part = |i: usize| {
            let v = f64::from(u8::from_str_radix(&hex[i..i + 2], 16).unwrap()) / 255.0;
            if v <= 0.040_45 {
                v / 12.92
            } else {
                ((v + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    #[test]
    fn on_paper_everything_is_dark_on_white() {
        let text = css();
        let paper = text.split_once("@media print{:root{").unwrap().1;
        let paper = paper.split_once("}}").unwrap().0;
        let colour = |role: &str| {
            let found = paper
                .split(';')
                .find_map(|v| v.split_once(':').filter(|v| v.0 == role));
            found
                .unwrap_or_else(|| panic!("{role} keeps its colour of the screen"))
                .1
        };
        let ground = luminance(colour("--base"));
        assert_eq!(colour("--panel"), colour("--base"));
        for role in [
            "--t1",
            "--t2",
            "--t3",
            "--link",
            "--accent",
            "--available",
            "--s1",
        ] {
            let ratio = (ground + 0.05) / (luminance(colour(role)) + 0.05);
            assert!(ratio >= 4.5, "{role}: {ratio:.1}");
        }
    }
}
