use jiff::civil::DateTime;
use std::str::FromStr;

/// Date and time of day in the city, as the command line gives it: `2026-11-22T02:13:07`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime(pub DateTime);

impl FromStr for LocalTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().replace(' ', "T");
        text.parse().map(Self).map_err(|_| {
            format!("{text} is no local time of the city; expected one like 2026-11-22T02:13:07")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_time_is_read_to_the_second() {
        let read = |text: &str| text.parse::<LocalTime>().map(|t| t.0.to_string());
        assert_eq!(
            read("2026-11-22T02:13:07").as_deref(),
            Ok("2026-11-22T02:13:07")
        );
        assert_eq!(
            read("2026-11-22 02:13").as_deref(),
            Ok("2026-11-22T02:13:00")
        );
        assert!(read("02:13").unwrap_err().contains("2026-11-22T02:13:07"));
    }
}
