use chengtu_engine::code::{Code, RefusalData};
use chengtu_engine::rejection::Rejection;

/// Why somebody may not have or do something: a code for programs, words for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Refusal {
    /// What it is about.
    pub code: Code,
    /// The reason and, where there is one, the remedy.
    pub text: String,
    /// More for programs.
    pub data: RefusalData,
}

impl Refusal {
    /// With nothing more for programs.
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            data: RefusalData::None,
        }
    }
}

impl From<&Rejection> for Refusal {
    fn from(rejection: &Rejection) -> Self {
        Self {
            code: rejection.code(),
            text: rejection.to_string(),
            data: rejection.data(),
        }
    }
}
