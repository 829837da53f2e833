use serde::{Deserialize, Serialize};

/// How far a datum may go. What is of none of these is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum DataClass {
    /// Of the service itself: vehicles, units and their tasks, who did what, what was noted.
    Internal,
    /// Of one person: a reporter's name and telephone, the exact point of their home.
    Personal,
    /// Of one person and grave: that somebody has fallen, whose plate it is.
    Sensitive,
}

impl DataClass {
    /// Every class there is.
    pub const ALL: [Self; 3] = [Self::Internal, Self::Personal, Self::Sensitive];

    /// The word of tables of roles.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Personal => "personal",
            Self::Sensitive => "sensitive",
        }
    }

    /// The class of a word; `None` for a word of none.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == word)
    }
}

impl FromIterator<DataClass> for DataClasses {
    fn from_iter<I: IntoIterator<Item = DataClass>>(classes: I) -> Self {
        Self::of(classes)
    }
}

/// A set of classes of data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DataClasses(u8);

impl DataClasses {
    /// What is public alone.
    pub const PUBLIC: Self = Self(0);
    /// Every class.
    pub const ALL: Self = Self(0b111);

    /// These classes.
    pub fn of(classes: impl IntoIterator<Item = DataClass>) -> Self {
        Self(classes.into_iter().fold(0, |set, c| set | 1 << c as u8))
    }

    /// Whether a class is among them.
    pub const fn has(self, class: DataClass) -> bool {
        self.0 & (1 << class as u8) != 0
    }

    /// What is in either set.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_it_was_given_and_every_class_has_its_word() {
        for class in DataClass::ALL {
            let one = DataClasses::of([class]);
            for other in DataClass::ALL {
                assert_eq!(one.has(other), class == other);
            }
            assert!(!DataClasses::PUBLIC.has(class) && DataClasses::ALL.has(class));
            assert_eq!(DataClass::named(class.as_str()), Some(class));
            let word = serde_json::to_value(class).unwrap();
            assert_eq!(word, class.as_str());
        }
        assert_eq!(DataClasses::of(DataClass::ALL), DataClasses::ALL);
        assert_eq!(DataClass::named("secret"), None);
    }
}
