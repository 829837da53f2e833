use crate::ids::ThingId;
use crate::time::Timestamp;

/// One thing that was judged.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    /// The second that decided it.
    pub time: Timestamp,
    /// What it is about, to point at.
    pub thing: Option<ThingId>,
    /// How much of it was won, 0 … 1.
    pub won: f64,
    /// How much it counts beside the others of its criterion.
    pub weight: f64,
    /// The reason in words.
    pub text: String,
    /// The same in English.
    pub text_en: String,
}

/// What an ordinary case counts beside an inject.
const ORDINARY: f64 = 0.2;

impl Item {
    /// Of a case that came by itself.
    pub fn ordinary(self) -> Self {
        Self {
            weight: ORDINARY,
            ..self
        }
    }
}
