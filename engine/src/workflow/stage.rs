use crate::model::Stage;

impl Stage {
    /// Every stage, in the order of a case's life.
    pub const ALL: [Self; 7] = [
        Self::Reported,
        Self::Filed,
        Self::Dispatched,
        Self::InProgress,
        Self::Handled,
        Self::Closed,
        Self::Void,
    ];

    /// True while somebody must still do something: some act leads on from here.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Void)
    }

    /// True while the case's time limit is used up by waiting.
    pub const fn is_timed(self) -> bool {
        matches!(self, Self::Filed | Self::Dispatched | Self::InProgress)
    }

    /// True while at least one unit is sent to the case.
    pub const fn has_units(self) -> bool {
        matches!(self, Self::Dispatched | Self::InProgress)
    }
}
