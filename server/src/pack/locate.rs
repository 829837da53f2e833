//! Finding the line of a key in a TOML text.

use std::fmt;
use toml::de::{DeTable, DeValue};

/// One step of a path through a TOML text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a table.
    Key(&'static str),
    /// Into an array, from 0.
    Item(usize),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, ".{key}"),
            Self::Item(at) => write!(f, "[{at}]"),
        }
    }
}

/// The line, from 1, that contains a byte.
pub fn line_of_offset(text: &str, offset: usize) -> usize {
    1 + text.as_bytes()[..offset.min(text.len())]
        .split(|b| *b == b'\n')
        .skip(1)
        .count()
}

/// The line, from 1, of the value at a path; of the last step found where the path breaks off.
pub fn line_of(text: &str, path: &[Step]) -> usize {
    let Ok(table) = DeTable::parse(text) else {
        return 1;
    };
    let mut offset = 0;
    let mut table = Some(table.get_ref());
    let mut value: Option<&DeValue<'_>> = None;
    for step in path {
        let next = match step {
            Step::Key(key) => table.and_then(|t| t.get(*key)),
            Step::Item(at) => value.and_then(DeValue::as_array).and_then(|a| a.get(*at)),
        };
        let Some(next) = next else { break };
        offset = next.span().start;
        value = Some(next.get_ref());
        table = next.get_ref().as_table();
    }
    line_of_offset(text, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "name = \"x\"\n\n[[fleets]]\nkey = \"a\"\n[[fleets]]\nkey = \"b\"\ncount = 0\n";

    #[test]
    fn values_are_found_by_their_path() {
        let at = |path: &[Step]| line_of(TEXT, path);
        assert_eq!(at(&[Step::Key("name")]), 1);
        assert_eq!(
            at(&[Step::Key("fleets"), Step::Item(1), Step::Key("count")]),
            7
        );
        assert_eq!(
            at(&[Step::Key("fleets"), Step::Item(0), Step::Key("key")]),
            4
        );
    }
}
