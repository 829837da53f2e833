use crate::ids::ThingId;
use crate::time::Timestamp;

/// What happened at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // Named after the events of `crate::event::Event`.
pub enum MomentKind {
    Reported,
    Filed,
    Bundled,
    Voided,
    Dispatched,
    Acknowledged,
    Arrived,
    Recalled,
    Released,
    ServiceChanged,
    Handled,
    Reworked,
    Closed,
    Overdue,
    AlarmRaised,
    AlarmAcknowledged,
    AlarmEnded,
    Restored,
}

/// One event of the log, for lists and steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When the server knew.
    pub time: Timestamp,
    /// When it happened; the same for most.
    pub occurred_at: Timestamp,
    /// Number of the record that holds it.
    pub seq: u64,
    /// Which kind of event, without its details.
    pub kind: MomentKind,
    /// The thing that it happened to.
    pub thing: ThingId,
    /// The other thing that it is about: the unit sent to a case, the case that a unit handled.
    pub other: Option<ThingId>,
    /// Who did it, in words; empty for the city itself.
    pub by: String,
}

/// Most moments of one answer.
pub const MOMENTS_MAX: u16 = 1_000;
