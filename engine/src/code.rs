//! What a refusal, a notice or a problem is about. Programs act on it; the words beside it are for people.

use crate::ids::{CaseId, ThingId};
use crate::model::{Actor, HistoryKind};
use crate::time::Timestamp;

/// A reason. The protocol gives each its stable number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// Command: no such case.
    NoSuchCase,
    /// Command: no such unit.
    NoSuchUnit,
    /// Command: no such alarm.
    NoSuchAlarm,
    /// Command: no such class of cases.
    NoSuchClass,
    /// Command: no such sensor.
    NoSuchSensor,
    /// Command: no such feed.
    NoSuchFeed,
    /// Command: the unit is not available.
    UnitNotAvailable,
    /// Command: not at the case's stage.
    WrongStage,
    /// Command: the unit has no task.
    UnitHasNoTask,
    /// Command: not in the unit's status.
    WrongStatus,
    /// Command: outside the city.
    OutsideCity,
    /// Command: a reason is missing.
    NoReason,
    /// Command: the alarm was acknowledged before.
    AlreadyAcknowledged,
    /// Command: the unit is not on the case.
    NotOnCase,
    /// Command: these cases cannot be bundled.
    CannotBundle,
    /// Command: the call sign is another mover's.
    CallSignTaken,
    /// Command: the unit is on the case already.
    AlreadyOnCase,
    /// Command: what was acted upon is no longer as it was seen.
    Changed,
    /// Command: too late to take back.
    TooLate,
    /// Command: it was given too long ago.
    Expired,
    /// Command: its id was used for another one.
    IdTaken,
    /// Report of a feed: its key is that of a case that is known otherwise.
    KnownOtherwise,
    /// Report of a feed: its key is that of a case that has ended.
    KeyEnded,
    /// Command: too far in the future.
    InFuture,
    /// Command: rules that contradict themselves.
    BadRules,
    /// Command: coordinates that are no place on Earth.
    NotAPlace,
    /// Command or row of a feed: a text that is longer than is taken.
    TextTooLong,
    /// Command: not for this actor.
    NotPermitted,
    /// Command: no such command.
    UnknownCommand,
    /// Command: another world than the session's.
    OtherWorld,
    /// Command: the past cannot be changed.
    Past,
    /// The log has stopped; nothing is taken.
    Stopped,
    /// Command: nobody knows whether it was kept; it was not carried out here.
    NotKnown,

    /// Row of a feed: not of the right shape.
    RowSyntax,
    /// Row of a feed: no name.
    RowNoKey,
    /// Row of a feed: no place on Earth, or none in the feed's reference system.
    RowPlace,
    /// Row of a feed: a time that cannot be read.
    RowTime,
    /// Row of a feed: too far in the future; quarantined.
    RowFuture,
    /// Row of a feed: repeats an earlier row.
    RowDuplicate,
    /// Row of a feed: another feed's mover or sensor.
    RowNotYours,
    /// Row of a feed: one more than the server takes.
    RowTooMany,
    /// Row of a feed: a value that is no number.
    RowValue,
    /// Row of a feed: the sensor was never described.
    RowUnknownSensor,

    /// A message that cannot be read.
    BadMessage,
    /// A message over the limit.
    TooLarge,
    /// Hello comes first, and once.
    HelloFirst,
    /// The token opens nothing.
    NoAccess,
    /// The terminal's unit is not in this city.
    NoTerminalUnit,
    /// No more connections.
    ServerFull,
    /// Not for this role, or not here.
    NotForRole,
    /// Nothing to rank or route.
    NoAnswer,
    /// There is no such world, or it has ended.
    NoSuchWorld,
    /// The session's world has ended.
    WorldEnded,
    /// No more worlds.
    TooManyWorlds,
    /// Another drives this clock, or the world has none.
    NotYourClock,
    /// The clock ended where there is nothing beyond.
    ClockAtEdge,
    /// The past cannot be read.
    NoPast,
    /// There is no earlier or later event to step to.
    NoEvent,
    /// The clock stepped over a stretch that is lost.
    Gap,
    /// More at once than one session or feed may have waiting; ask again for what was refused.
    TooMuchAtOnce,
    /// The server's clock shows a time that is not believed, or is believed again.
    ServerClock,
    /// The log is written again.
    WritesAgain,
    /// An area has no unit in it any more.
    AreaEmpty,
    /// There is no such scenario, or it cannot be drilled.
    NoScenario,
    /// This cannot be forked, or not with these changes.
    NoFork,

    /// A number of a newer protocol.
    Other(u16),
}

/// What has become of a thing since it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The thing.
    pub thing: ThingId,
    /// Who changed it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub what: Change,
}

/// What was done to a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// To a case: the last that matters.
    Case(HistoryKind),
    /// A unit was sent to this case, or to a mere place.
    UnitSent(Option<CaseId>),
    /// A unit has no task any more.
    UnitFreed,
    /// An alarm was acknowledged.
    AlarmAcknowledged,
}

/// What programs may want to know of a refusal beside its code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RefusalData {
    /// The code says it all; the case for nearly every refusal.
    #[default]
    None,
    /// The unit is on a task that this person or system gave it.
    TakenBy(String),
    /// The unit is on a task.
    Taken {
        /// The person or system that gave it.
        by: String,
        /// The case that it is for; none for a mere place.
        case: Option<CaseId>,
        /// When it was given.
        at: Timestamp,
    },
    /// Something is no longer as it was seen.
    Changed(Box<Changed>),
}
