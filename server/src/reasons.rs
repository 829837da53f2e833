//! Why things could not be used: many rows, few reasons.

use std::collections::BTreeMap;
use std::fmt;

/// Different reasons that are told of; the rest is counted together.
const REASONS_MAX: usize = 64;
/// So many of them are named in one line.
const NAMED: usize = 5;

/// How often things could not be used, by reason; figures and names in the reasons left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    counts: BTreeMap<String, u64>,
}

impl Reasons {
    /// Counts one, whose reason is this.
    pub fn add(&mut self, reason: &str) {
        self.add_many(reason, 1);
    }

    /// Counts some, whose reason is this.
    pub fn add_many(&mut self, reason: &str, count: u64) {
        if count == 0 {
            return;
        }
        let kind = kind_of(reason);
        let known = self.counts.contains_key(&kind) || self.counts.len() < REASONS_MAX;
        let kind = if known {
            kind
        } else {
            "other reasons".to_owned()
        };
        *self.counts.entry(kind).or_insert(0) += count;
    }

    /// Adds what another has counted.
    pub fn append(&mut self, other: &Self) {
        for (kind, count) in &other.counts {
            self.add_many(kind, *count);
        }
    }

    /// True where nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Reasons with their counts, the most frequent first.
    pub fn by_count(&self) -> Vec<(&str, u64)> {
        let mut all: Vec<(&str, u64)> = self.counts.iter().map(|(k, n)| (&**k, *n)).collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        all
    }
}

impl fmt::Display for Reasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.by_count();
        for (i, (reason, count)) in all.iter().take(NAMED).enumerate() {
            let between = if i > 0 { "; " } else { "" };
            write!(f, "{between}{count} × {reason}")?;
        }
        match all.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(f, "; {more} reasons more"),
        }
    }
}

/// A reason without what differs from row to row, for counting.
pub fn kind_of(reason: &str) -> String {
    let mut kind = String::new();
    let mut quoted = false;
    for c in reason.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                if quoted {
                    kind.push('…');
                }
            }
            _ if quoted => {}
            c if c.is_ascii_digit() || (c == '.' && kind.ends_with('#')) => {
                if !kind.ends_with('#') {
                    kind.push('#');
                }
            }
            c => kind.push(c),
        }
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_become_few_reasons_the_most_frequent_first() {
        let mut reasons = Reasons::default();
        for n in 0..7 {
            reasons.add(&format!("lon \"{n}x\" is no number"));
            reasons.add_many(&format!("{n}.5 columns; the header has 5"), 2);
        }
        assert_eq!(
            reasons.to_string(),
            "14 × # columns; the header has #; 7 × lon … is no number"
        );
        for n in 0..200_u8 {
            reasons.add(&"x".repeat(usize::from(n)));
        }
        assert!(reasons.by_count().len() <= REASONS_MAX + 1);
        assert!(reasons.to_string().ends_with("reasons more"));
    }
}
