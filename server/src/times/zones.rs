//! Zones and offsets as people write them behind a time.

use super::local;
use jiff::tz::Offset;

/// Microseconds of a time that names its zone or its offset; `None` where it names none.
///
/// # Errors
/// In words, where the zone is none, or may be several.
pub fn exact(text: &str) -> Option<Result<i64, String>> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(Ok(time.as_microsecond()));
    }
    if let Some((_, zone)) = text.split_once('[') {
        let zone = zone.trim_end_matches(']');
        let time = text.parse::<jiff::Zoned>();
        return Some(match time {
            Ok(time) => Ok(time.timestamp().as_microsecond()),
            Err(_) => Err(format!("time {text:?}: {zone:?} is no zone of that time")),
        });
    }
    let (time, zone) = parted(text)?;
    let civil = local(time.trim_end())?;
    let Some(seconds) = offset(zone) else {
        return Some(Err(format!(
            "time {text:?}: the zone {zone:?} may mean several; write its offset, as +08:00"
        )));
    };
    let offset = Offset::from_seconds(seconds).ok()?;
    let time = offset.to_timestamp(civil).ok()?;
    Some(Ok(time.as_microsecond()))
}

/// A time with a time of day, and the zone or offset behind it.
fn parted(text: &str) -> Option<(&str, &str)> {
    let signs = ['+', '-', '−'];
    let letters = |c: char| c.is_ascii_alphabetic();
    let behind = text.rfind(|c: char| !(c.is_ascii_digit() || c == ':'))?;
    let begin = if text[behind..].starts_with(signs) {
        behind
    } else if text.ends_with(letters) {
        text.len()
    } else {
        return None;
    };
    // Letters before a sign, as in GMT+8, belong to it.
    let time = text[..begin].trim_end_matches(letters);
    let zone = &text[time.len()..];
    let half_of_day = ["AM", "PM", "A", "P"].contains(&&*zone.to_ascii_uppercase());
    let has_time = time.contains([':', '时', '時', '点', '點']);
    (has_time && !half_of_day && !zone.is_empty()).then_some((time, zone))
}

/// Seconds east of Greenwich of `Z`, `UTC`, `+0800`, `+08:00`, `+8`, `GMT+8`.
fn offset(zone: &str) -> Option<i32> {
    let upper = zone.to_ascii_uppercase();
    let words = ["UTC", "GMT", "Z"];
    let rest = words.iter().find_map(|w| upper.strip_prefix(w));
    let rest = rest.unwrap_or(&upper);
    if rest.is_empty() {
        return Some(0);
    }
    let (sign, digits) = match rest.strip_prefix('+') {
        Some(digits) => (1, digits),
        None => (-1, rest.strip_prefix(['-', '−'])?),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() > 2 => digits.split_at(digits.len() - 2),
        None => (digits, "0"),
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}
