/// Something that is done to a case, or by its units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// 立案: a reported case is accepted.
    File,
    /// 派遣: a unit is sent, the first or one more.
    Dispatch,
    /// 改派: one unit is sent in place of another.
    Reassign,
    /// 到场: a unit arrives.
    Arrive,
    /// The last unit on scene leaves, and others are still on their way.
    LeaveScene,
    /// The last unit is taken off the case.
    Withdraw,
    /// 反馈: a unit on scene reports the work as done.
    Handle,
    /// 核查通过: the check passes.
    Pass,
    /// 返工: the check fails.
    Rework,
    /// 作废: it was no case.
    Void,
    /// 并案: the case is merged into another one.
    Bundle,
    /// 恢复: voiding or bundling it is taken back, for a short time.
    Restore,
}

impl Act {
    /// Every act, in the order of a case's life.
    pub const ALL: [Self; 12] = [
        Self::File,
        Self::Dispatch,
        Self::Reassign,
        Self::Arrive,
        Self::LeaveScene,
        Self::Withdraw,
        Self::Handle,
        Self::Pass,
        Self::Rework,
        Self::Void,
        Self::Bundle,
        Self::Restore,
    ];
}
