/// Time and length of a way or a part of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cost {
    pub(super) travel_ms: u32,
    pub(super) length_cm: u32,
}

impl Cost {
    pub(super) fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            travel_ms: self.travel_ms.checked_add(other.travel_ms)?,
            length_cm: self.length_cm.saturating_add(other.length_cm),
        })
    }
}
