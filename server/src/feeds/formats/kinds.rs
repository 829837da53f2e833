use chengtu_engine::model::MoverKind;

/// The kind of a word in a recording: our own names, or what a SUMO vehicle type is called.
pub fn kind_named(name: &str) -> Option<MoverKind> {
    let name = name.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| name.contains(w));
    if has(&["taxi", "cab"]) {
        Some(MoverKind::Taxi)
    } else if has(&["bus", "coach"]) {
        Some(MoverKind::Bus)
    } else if has(&["van", "truck", "delivery", "lorry", "trailer"]) {
        Some(MoverKind::Van)
    } else if name == "car" || has(&["passenger"]) {
        Some(MoverKind::Car)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vehicle_types_of_other_programs_are_understood() {
        assert_eq!(kind_named("passenger/taxi"), Some(MoverKind::Taxi));
        assert_eq!(kind_named("BUS"), Some(MoverKind::Bus));
        assert_eq!(kind_named("DEFAULT_VEHTYPE"), None);
    }
}
