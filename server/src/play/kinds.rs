use super::RecordingError;
use crate::feeds::formats::{RecordedFix, kind_named};
use chengtu_engine::model::MoverKind;

/// Shares of kinds among vehicles that do not say what they are.
///
/// A vehicle's kind follows from a hash of its key alone: the same vehicle is the same kind in every play.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindShares {
    /// Kinds with their parts of a hundred.
    shares: Vec<(MoverKind, u32)>,
}

impl KindShares {
    /// Reads `taxi=55,bus=15,van=30`. What is missing to a hundred stays a car.
    ///
    /// # Errors
    /// [`RecordingError::Kinds`] for unknown kinds and sums above a hundred.
    pub fn parse(text: &str) -> Result<Self, RecordingError> {
        let error = |detail: String| RecordingError::Kinds {
            given: text.to_owned(),
            detail,
        };
        let mut shares = Vec::new();
        for pair in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let (name, share) = pair
                .split_once('=')
                .ok_or_else(|| error(format!("{pair:?} is no pair")))?;
            let kind = kind_named(name.trim())
                .ok_or_else(|| error(format!("no kind {name:?}; known are car, taxi, bus, van")))?;
            let share: u32 = share.trim().parse().map_err(|_| {
                error(format!(
                    "{share:?} is no whole number of parts in a hundred"
                ))
            })?;
            shares.push((kind, share));
        }
        let sum: u32 = shares.iter().fold(0, |sum, (_, s)| s.saturating_add(sum));
        if sum > 100 {
            return Err(error(format!("the parts add up to {sum}, more than 100")));
        }
        Ok(Self { shares })
    }

    /// The kind of a vehicle: as it says itself, or by its key.
    pub fn kind_of(&self, fix: &RecordedFix) -> MoverKind {
        fix.kind.unwrap_or_else(|| self.kind_of_key(&fix.key))
    }

    /// The kind that a key leads to.
    pub fn kind_of_key(&self, key: &str) -> MoverKind {
        let mut part = stable_hash(key) % 100;
        for (kind, share) in &self.shares {
            if part < u64::from(*share) {
                return *kind;
            }
            part -= u64::from(*share);
        }
        MoverKind::Car
    }
}

/// FNV-1a with a last mixing: the same on every machine and in every version.
pub fn stable_hash(text: &str) -> u64 {
    let mut h: u64 = 0xcbf2_9ce4_8422_2325;
    for b in text.bytes() {
        h = (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    }
    h = (h ^ (h >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^ (h >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_come_out_as_given_and_never_change() {
        let shares = KindShares::parse("taxi=55, bus=15,van=30").unwrap();
        let mut counts = [0; 5];
        for i in 0..10_000 {
            counts[shares.kind_of_key(&i.to_string()) as usize] += 1;
        }
        assert_eq!(counts[MoverKind::Car as usize], 0);
        for (kind, expected) in [
            (MoverKind::Taxi, 5_500),
            (MoverKind::Bus, 1_500),
            (MoverKind::Van, 3_000),
        ] {
            let n: i32 = counts[kind as usize];
            assert!((n - expected).abs() < 200, "{kind:?} {n}");
        }
        assert_eq!(stable_hash("17"), stable_hash("17"));
        assert_eq!(stable_hash(""), 17_058_014_651_485_797_458);
    }

    #[test]
    fn shares_that_make_no_sense_are_named() {
        for (text, word) in [
            ("taxi", "no pair"),
            ("ship=10", "no kind"),
            ("taxi=x", "whole number"),
            ("taxi=60,bus=60", "120"),
        ] {
            let error = KindShares::parse(text).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
        assert_eq!(
            KindShares::default().kind_of_key("a"),
            MoverKind::Car,
            "nothing said: a car"
        );
    }
}
