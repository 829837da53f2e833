use crate::access::{Principal, PrincipalId};
use std::fmt;

/// Whose world it is. Owned by identity, called by name: somebody of the same name owns nothing of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    id: PrincipalId,
    name: String,
}

impl Owner {
    /// True where this principal is the owner.
    pub fn is(&self, principal: &Principal) -> bool {
        self.id == principal.id
    }

    /// Name for people.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl From<&Principal> for Owner {
    fn from(principal: &Principal) -> Self {
        Self {
            id: principal.id.clone(),
            name: principal.name.clone(),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
