use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The line of a configuration where a key stands, as `limits.requests_max` or `feeds[0].crs`; `None` where it is left out.
pub(super) fn line_of(source: &str, key: &str) -> Option<usize> {
    let whole = DeTable::parse(source).ok()?;
    let mut table = whole.get_ref();
    let mut found: Option<usize> = None;
    for step in key.split('.') {
        let (name, place) = match step.split_once('[') {
            Some((name, place)) => (name, place.trim_end_matches(']').parse().ok()),
            None => (step, None::<usize>),
        };
        let (at, value) = table.get_key_value(name)?;
        found = Some(at.span().start);
        let value: &Spanned<DeValue<'_>> = match (place, value.get_ref()) {
            (Some(n), DeValue::Array(all)) => all.get(n)?,
            _ => value,
        };
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    let before = source.get(..found?)?;
    Some(before.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_its_line_however_its_table_is_written() {
        let text = "open = true\n\n[limits]\nrequests_max = 0\n[[feeds]]\nname = 'a'\n[[feeds]]\nname = 'b'\ncrs = 'x'\n";
        for (key, line) in [
            ("open", Some(1)),
            ("limits.requests_max", Some(4)),
            ("feeds[0].name", Some(6)),
            ("feeds[1].crs", Some(9)),
            ("feeds[0].crs", None),
            ("feeds[7].crs", None),
            ("clock.step_max_s", None),
        ] {
            assert_eq!(line_of(text, key), line, "{key}");
        }
        assert_eq!(line_of("a = { b = 1 }\nc = 2", "a.b"), Some(1));
    }
}
