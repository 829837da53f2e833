//! Worlds and their clocks: where a session is in time, and how it moves there.

use super::client::Viewport;
use crate::city::Severity;
use crate::ids::{AlarmId, CaseId, SensorId, UnitId};
use crate::record::World;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Slowest and fastest speeds of a replay; negative runs backwards.
pub const SPEED_RANGE: (f32, f32) = (-60.0, 3_600.0);

/// By which time a past world is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeBasis {
    /// As it was known: what had arrived by then.
    #[default]
    Known,
    /// As it was: what had happened by then, even where word of it came later.
    Occurred,
}

/// From where one takes part in a drill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seat {
    /// Looks on.
    #[default]
    Viewer,
    /// Works at an ordinary console.
    Participant,
    /// Drives the clock and the injects, and sees what is still to come.
    Director,
}

/// Which world a session wants to be in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorldChoice {
    /// The running city.
    Live,
    /// A replay of the log, made for this session.
    Replay {
        /// Where it begins.
        at: Timestamp,
        /// Seconds of the city a second; 0 stands still.
        speed: f32,
        /// By which time.
        basis: TimeBasis,
        /// Others may join and see the same.
        shared: bool,
        /// Name for those who join; may be empty.
        title: String,
    },
    /// A world that runs already.
    Join {
        /// Which.
        world: World,
        /// From where; drills only.
        seat: Seat,
    },
    /// A replay of what a drill's own log keeps, made for this session: its last attempt.
    Record {
        /// Which drill, by the number of its report.
        drill: u32,
        /// Where it begins.
        at: Timestamp,
        /// Seconds of the drill a second; 0 stands still.
        speed: f32,
    },
}

/// A thing of the city.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThingId {
    /// A case.
    Case(CaseId),
    /// A unit.
    Unit(UnitId),
    /// A sensor.
    Sensor(SensorId),
    /// An alarm.
    Alarm(AlarmId),
}

/// What to do with the clock of the replay, fork or drill that one is in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeControl {
    /// To a moment; before the first record or after the last it stops there and says so.
    Seek(Timestamp),
    /// Goes on at the chosen speed.
    Play,
    /// Stands still; the chosen speed is kept.
    Pause,
    /// Chooses a speed within [`SPEED_RANGE`]; never moves the clock.
    Speed(f32),
    /// By so many seconds, and stands still.
    StepSeconds(i32),
    /// To the next or the previous event, of anything or of one thing, and stands still.
    StepEvent {
        /// Later, or earlier.
        forward: bool,
        /// Of what.
        of: Option<ThingId>,
    },
    /// By which time the past is told.
    Basis(TimeBasis),
}

/// A world's clock. Sent when it is changed and at least once a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WorldClock {
    /// What time it is in the world.
    pub time: Timestamp,
    /// The chosen speed.
    pub speed: f32,
    /// False while it stands still.
    pub playing: bool,
    /// By which time.
    pub basis: TimeBasis,
    /// First moment that there is.
    pub from: Timestamp,
    /// Last moment that there is.
    pub to: Timestamp,
    /// Counts the jumps: another number means that effects of the moments in between are not shown.
    pub jumps: u32,
}

/// The world that a session has come to. A snapshot follows; nothing known before holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorldInfo {
    /// Which.
    pub world: World,
    /// Its name, where it has one.
    pub title: String,
    /// Who made it.
    pub owner: String,
    /// Others may join.
    pub shared: bool,
    /// From where one takes part.
    pub seat: Seat,
    /// Its clock; none in the running city.
    pub clock: Option<WorldClock>,
    /// What to know of this world, in words (gaps in the log, uncertain places); may be empty.
    pub notice: String,
    /// The same in English.
    pub notice_en: String,
    /// The drill whose record this replay is; none where it is the city's own past.
    #[serde(default)]
    pub record_of: Option<u32>,
}

/// A world that one may join.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorldSummary {
    /// Which.
    pub world: World,
    /// Its name.
    pub title: String,
    /// Who made it.
    pub owner: String,
    /// Sessions in it.
    pub sessions: u32,
    /// Its clock.
    pub clock: WorldClock,
}

/// A stretch of time for the time bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// The client's number.
    pub request: u32,
    /// First moment.
    pub from: Timestamp,
    /// Last moment.
    pub to: Timestamp,
    /// First moment that the log holds.
    pub log_from: Timestamp,
    /// Last moment that the log holds.
    pub log_to: Timestamp,
    /// Equal parts from `from` to `to`.
    pub bars: Vec<TimelineBar>,
    /// Severe and urgent cases and alarms, the gravest first where there are too many; at most 200.
    pub marks: Vec<TimelineMark>,
    /// Stretches that the log has lost, with the reason in words.
    pub gaps: Vec<(Timestamp, Timestamp, String)>,
    /// Bookmarks in the stretch.
    pub bookmarks: Vec<Bookmark>,
}

/// One part of a time line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineBar {
    /// Cases reported.
    pub cases: u32,
    /// Alarms raised.
    pub alarms: u32,
}

/// A grave moment on a time line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineMark {
    /// When.
    pub time: Timestamp,
    /// How grave.
    pub severity: Severity,
    /// What.
    pub thing: ThingId,
}

/// A moment that somebody wants to find again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bookmark {
    /// Its number.
    pub id: u32,
    /// When.
    pub time: Timestamp,
    /// What of it.
    pub note: String,
    /// Who set it.
    pub by: String,
}

/// A change of bookmarks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookmarkChange {
    /// Sets one.
    Add {
        /// When.
        time: Timestamp,
        /// What of it.
        note: String,
    },
    /// Takes one away.
    Remove(u32),
}

/// Where an officer was looking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfficerView {
    /// Who.
    pub by: String,
    /// Since when.
    pub time: Timestamp,
    /// The ground that was on their screen.
    pub viewport: Viewport,
}

/// What happened at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
}

/// One event of the log, for lists and steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// When it was known.
    pub time: Timestamp,
    /// When it happened; the same for most.
    pub occurred_at: Timestamp,
    /// Its record.
    pub seq: u64,
    /// What.
    pub kind: MomentKind,
    /// To what.
    pub thing: ThingId,
    /// The other thing that it is about: the unit sent to a case, the case that a unit handled.
    pub other: Option<ThingId>,
    /// Who did it, in words; empty for the city itself.
    pub by: String,
}
