use serde::{Deserialize, Serialize};

/// Longest telephone of a reporter, characters; a longer one is refused ([`crate::code::Code::TextTooLong`]).
pub const TELEPHONE_CHARS_MAX: usize = 40;

/// Who reported a case, where that is a person who can be asked. Personal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reporter {
    /// As they call themselves; may be empty.
    pub name: String,
    /// As it was given; may be empty.
    pub telephone: String,
}

impl Reporter {
    /// True where nothing is known of them.
    pub fn is_empty(&self) -> bool {
        self.name.trim().is_empty() && self.telephone.trim().is_empty()
    }
}
