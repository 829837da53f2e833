//! Moments, clocks and time lines.

use super::client::Viewport;
use super::model::Severity;
use chengtu_engine::ids::{AlarmId, CaseId, SensorId, UnitId};
use chengtu_engine::time::Timestamp;
use chengtu_engine::{city, geo, ids, replay};
use serde::{Deserialize, Serialize};
use serde_with::As;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "replay::TimeBasis")]
pub(super) enum TimeBasis {
    Known,
    Occurred,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "ids::ThingId")]
pub(super) enum ThingId {
    Case(CaseId),
    Unit(UnitId),
    Sensor(SensorId),
    Alarm(AlarmId),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "replay::TimeControl")]
pub(super) enum TimeControl {
    Seek(Timestamp),
    Play,
    Pause,
    Speed(f32),
    StepSeconds(i32),
    StepEvent {
        forward: bool,
        #[serde(default, with = "As::<Option<ThingId>>")]
        of: Option<ids::ThingId>,
    },
    Basis(#[serde(with = "TimeBasis")] replay::TimeBasis),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "replay::WorldClock")]
pub(super) struct WorldClock {
    time: Timestamp,
    speed: f32,
    playing: bool,
    #[serde(with = "TimeBasis")]
    basis: replay::TimeBasis,
    from: Timestamp,
    to: Timestamp,
    jumps: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "replay::Timeline")]
pub(super) struct Timeline {
    request: u32,
    from: Timestamp,
    to: Timestamp,
    log_from: Timestamp,
    log_to: Timestamp,
    #[serde(with = "As::<Vec<TimelineBar>>")]
    bars: Vec<replay::TimelineBar>,
    #[serde(with = "As::<Vec<TimelineMark>>")]
    marks: Vec<replay::TimelineMark>,
    gaps: Vec<(Timestamp, Timestamp, String)>,
    #[serde(with = "As::<Vec<Bookmark>>")]
    bookmarks: Vec<replay::Bookmark>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "replay::TimelineBar")]
pub(super) struct TimelineBar {
    cases: u32,
    alarms: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "replay::TimelineMark")]
pub(super) struct TimelineMark {
    time: Timestamp,
    #[serde(with = "Severity")]
    severity: city::Severity,
    #[serde(with = "ThingId")]
    thing: ids::ThingId,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "replay::Bookmark")]
pub(super) struct Bookmark {
    id: u32,
    time: Timestamp,
    note: String,
    by: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "replay::BookmarkChange")]
pub(super) enum BookmarkChange {
    Add { time: Timestamp, note: String },
    Remove(u32),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "replay::OfficerView")]
pub(super) struct OfficerView {
    by: String,
    time: Timestamp,
    #[serde(with = "Viewport")]
    viewport: geo::Viewport,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "replay::MomentKind")]
pub(super) enum MomentKind {
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
    // Of 1.2.
    Restored,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "replay::Moment")]
pub(super) struct Moment {
    time: Timestamp,
    occurred_at: Timestamp,
    seq: u64,
    #[serde(with = "MomentKind")]
    kind: replay::MomentKind,
    #[serde(with = "ThingId")]
    thing: ids::ThingId,
    #[serde(default, with = "As::<Option<ThingId>>")]
    other: Option<ids::ThingId>,
    by: String,
}
