use chengtu_engine::model::MoverKind;
use serde::Deserialize;
use serde::de::value::StrDeserializer;
use std::fmt;

/// The words of a closed list, where something is none of them.
#[derive(Debug)]
pub struct NotListed(pub &'static [&'static str]);

impl fmt::Display for NotListed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

impl std::error::Error for NotListed {}

impl serde::de::Error for NotListed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(&[])
    }

    fn unknown_variant(_: &str, listed: &'static [&'static str]) -> Self {
        Self(listed)
    }
}

/// A value out of a closed list of words.
///
/// # Errors
/// [`NotListed`] with the words there are.
pub fn listed<'a, T: Deserialize<'a>>(word: &'a str) -> Result<T, NotListed> {
    T::deserialize(StrDeserializer::new(word))
}

/// The kind that a row means: our own names, or what other programs call their types of vehicles.
pub fn kind_meant(name: &str) -> Option<MoverKind> {
    listed(name).ok().or_else(|| kind_named(name))
}

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
        assert_eq!(kind_meant("truck"), Some(MoverKind::Van));
        assert_eq!(
            (kind_meant("unit"), kind_meant("ship")),
            (Some(MoverKind::Unit), None)
        );
    }

    #[test]
    fn what_is_not_in_a_list_is_answered_with_the_list() {
        let none = listed::<MoverKind>("ship").unwrap_err().to_string();
        assert!(none.contains("car, taxi"), "{none}");
    }
}
