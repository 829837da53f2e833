use super::Part;
use crate::codes;
use crate::refusal::Refusal;

/// What somebody may do besides what their part says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Look into the past.
    pub may_replay: bool,
    /// Direct drills.
    pub may_direct: bool,
}

impl Rights {
    /// What a part may do unless the configuration says otherwise.
    pub fn usual(part: &Part) -> Self {
        Self {
            may_replay: matches!(part, Part::Operator | Part::Viewer),
            may_direct: matches!(part, Part::Operator),
        }
    }

    /// Whether the past may be looked into.
    ///
    /// # Errors
    /// [`codes::NOT_PERMITTED`], naming the setting.
    pub fn replay(self) -> Result<(), Refusal> {
        if self.may_replay {
            return Ok(());
        }
        let text = "you have no right to look into the past (users.may_replay)";
        Err(Refusal::new(codes::NOT_PERMITTED, text))
    }

    /// Whether drills may be directed.
    ///
    /// # Errors
    /// [`codes::NOT_PERMITTED`], naming the setting.
    pub fn direct(self) -> Result<(), Refusal> {
        if self.may_direct {
            return Ok(());
        }
        let text = "you have no right to direct drills (users.may_direct)";
        Err(Refusal::new(codes::NOT_PERMITTED, text))
    }
}
