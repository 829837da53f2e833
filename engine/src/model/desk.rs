//! What a desk is called in the log and in every message: its officer's name, with a number where that name alone does not
//! say which desk it is.

/// Longest name of a person in the name of a desk, characters; what is longer is cut.
pub const DESK_NAME_MAX: usize = 64;

/// Stands between the name and the number.
const MARK: &str = " #";

/// The name of the desk with this number: `周岚 #2`.
pub fn numbered_desk(name: &str, number: u32) -> String {
    format!("{name}{MARK}{number}")
}

/// The parts of a desk's name: the officer's name, and the number where there is one.
pub fn desk_parts(desk: &str) -> (&str, Option<u32>) {
    let parts = desk.rsplit_once(MARK);
    let numbered = parts.and_then(|(name, n)| {
        let plain = !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
        let number = plain.then(|| n.parse().ok()).flatten()?;
        (!name.is_empty()).then_some((name, Some(number)))
    });
    numbered.unwrap_or((desk, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_number_are_found_again_and_nothing_else_is_a_number() {
        let desk = numbered_desk("周岚", 12);
        assert_eq!(desk, "周岚 #12");
        assert_eq!(desk_parts(&desk), ("周岚", Some(12)));
        for plain in [
            "周岚",
            "",
            " #2",
            "周岚 #",
            "周岚 #+2",
            "周岚#2",
            "周岚 #99999999999",
        ] {
            assert_eq!(desk_parts(plain), (plain, None), "{plain:?}");
        }
    }
}
