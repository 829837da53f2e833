use super::{DataClass, DataClasses};
use crate::ids::{DepartmentId, UnitId};
use std::collections::BTreeSet;

/// Whose tasks a reader holds. Whoever holds a task sees all of its case for as long as it is theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holds {
    /// Nobody's.
    #[default]
    Nothing,
    /// Those of the units of a department.
    Department(DepartmentId),
    /// Those of one unit.
    Unit(UnitId),
}

/// What a reader may see. All who have the same share what is encoded for them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sight {
    /// Prefixes of grid codes; `None`: the whole city.
    pub areas: Option<BTreeSet<String>>,
    /// Whose tasks they hold.
    pub holds: Holds,
    /// Of cases and units they see what they hold, and nothing else of any ground: a terminal, an external company.
    pub only_held: bool,
    /// What they see beside what is public.
    pub classes: DataClasses,
}

impl Default for Sight {
    fn default() -> Self {
        Self::everything()
    }
}

impl Sight {
    /// Of somebody who sees everything.
    pub const fn everything() -> Self {
        Self {
            areas: None,
            holds: Holds::Nothing,
            only_held: false,
            classes: DataClasses::ALL,
        }
    }

    /// True where nothing is hidden, whatever the reader holds.
    pub fn is_everything(&self) -> bool {
        self.areas.is_none() && !self.only_held && self.classes == DataClasses::ALL
    }

    /// The same for all who see the same: of whoever sees everything it is of no account what they hold.
    #[must_use]
    pub fn simplified(self) -> Self {
        if self.is_everything() {
            Self::everything()
        } else {
            self
        }
    }

    /// Whether they see a class of data of what they do not hold.
    pub const fn has(&self, class: DataClass) -> bool {
        self.classes.has(class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_sees_everything_is_of_one_class() {
        let holder = Sight {
            holds: Holds::Unit(UnitId(3)),
            ..Sight::everything()
        };
        assert!(holder.is_everything());
        assert_eq!(holder.clone().simplified(), Sight::default());
        for cut in [
            Sight {
                areas: Some(BTreeSet::new()),
                ..holder.clone()
            },
            Sight {
                only_held: true,
                ..holder.clone()
            },
            Sight {
                classes: DataClasses::of([DataClass::Internal]),
                ..holder
            },
        ] {
            assert!(!cut.is_everything());
            assert_eq!(cut.clone().simplified(), cut);
        }
    }
}
