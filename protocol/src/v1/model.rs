//! Mirrors of what the model, the city and the log name: a change there is no change here.

use chengtu_engine::ids::{CaseId, FeedId, SensorId, UnitId};
use chengtu_engine::time::Timestamp;
use chengtu_engine::{city, model, record};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "city::Severity")]
pub(super) enum Severity {
    Severe,
    Urgent,
    Normal,
    Slight,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "city::CaseKind")]
pub(super) enum CaseKind {
    Component,
    Event,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "city::ClockKind")]
pub(super) enum ClockKind {
    RunningHours,
    RunningDays,
    WorkingHours,
    WorkingDays,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "city::Limit")]
pub(super) struct Limit {
    amount: u32,
    #[serde(with = "ClockKind")]
    clock: city::ClockKind,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "model::Actor")]
pub(super) enum Actor {
    Operator(String),
    Unit(UnitId),
    Feed(FeedId),
    System,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "model::AlarmSource")]
pub(super) enum AlarmSource {
    Case(CaseId),
    Sensor(SensorId),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "model::CaseSource")]
pub(super) enum CaseSource {
    Feed(FeedId, String),
    Operator(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "model::Stage")]
pub(super) enum Stage {
    Reported,
    Filed,
    Dispatched,
    InProgress,
    Handled,
    Closed,
    Void,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "model::StageChange")]
pub(super) struct StageChange {
    #[serde(with = "Stage")]
    stage: model::Stage,
    at: Timestamp,
    #[serde(with = "Actor")]
    by: model::Actor,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "model::MoverKind")]
pub(super) enum MoverKind {
    Car,
    Taxi,
    Bus,
    Van,
    Unit,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "model::Phenomenon")]
pub(super) enum Phenomenon {
    BinFill,
    ManholeTilt,
    WaterLevel,
    Pm25,
    Other,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "model::Thresholds")]
pub(super) struct Thresholds {
    warning: f64,
    alarm: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "model::SensorState")]
pub(super) enum SensorState {
    Unknown,
    Normal,
    Warning,
    Alarm,
    Fault,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "model::Reading")]
pub(super) struct Reading {
    phenomenon_time: Timestamp,
    value: Option<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "model::UnitStatus")]
pub(super) enum UnitStatus {
    Available,
    Assigned,
    EnRoute,
    OnScene,
    OutOfService,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "record::World")]
pub(super) enum World {
    Live,
    Drill(u32),
    Replay(u32),
    Fork(u32),
}

/// A role as its name. A name of a newer protocol is read as the role that decides nothing.
pub(super) mod role {
    use chengtu_engine::permission::Role;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over references"
    )]
    pub(crate) fn serialize<S: Serializer>(role: &Role, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(role.as_str())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Role, D::Error> {
        let word = String::deserialize(from)?;
        Ok(word.parse().unwrap_or(Role::Viewer))
    }
}

/// A reason as its number.
pub(super) mod number {
    use crate::codes;
    use chengtu_engine::code::Code;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over references"
    )]
    pub(crate) fn serialize<S: Serializer>(code: &Code, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u16(codes::number(*code))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Code, D::Error> {
        u16::deserialize(from).map(codes::code)
    }
}
