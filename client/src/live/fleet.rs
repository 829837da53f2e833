/// Name of the icon of a fleet's trade; a car where the trade is not known.
pub fn fleet_icon(fleet: &str) -> &'static str {
    let trades: [(&[&str], &str); 5] = [
        (&["sanit", "clean", "waste", "refuse"], "sanitation"),
        (&["drain", "water", "sewer"], "drainage"),
        (
            &["repair", "municipal", "maint", "light", "green"],
            "municipal",
        ),
        (&["patrol", "police", "guard"], "patrol"),
        (&["chengguan", "urban", "enforce"], "urban_management"),
    ];
    let name = fleet.to_lowercase();
    if name.contains("foot") || name.contains("walk") {
        return "patrol_foot";
    }
    let trade = trades
        .iter()
        .find(|(words, _)| words.iter().any(|w| name.contains(w)));
    trade.map_or("car", |(_, icon)| icon)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fleet_of_the_shipped_city_has_a_glyph_that_ships() {
        let folder = crate::look::asset_path("icons").unwrap();
        for fleet in [
            "sanitation",
            "drainage",
            "repair",
            "chengguan",
            "patrol",
            "unheard of",
        ] {
            let icon = fleet_icon(fleet);
            assert!(
                folder.join(format!("{icon}.svg")).is_file(),
                "{fleet}: {icon}"
            );
        }
    }
}
