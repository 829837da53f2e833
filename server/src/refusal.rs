/// Why somebody may not have or do something: a stable number for programs, words for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Refusal {
    /// Stable number, see [`crate::codes`].
    pub code: u16,
    /// The reason and, where there is one, the remedy.
    pub text: String,
}

impl Refusal {
    /// With a code of [`crate::codes`].
    pub fn new(code: u16, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { code, text }
    }
}
