//! Forks.

use super::commands::CommandRequest;
use super::model::World;
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::time::Timestamp;
use chengtu_engine::{command, fork, record};
use serde::{Deserialize, Serialize};
use serde_with::As;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "fork::Intervention")]
pub(super) enum Intervention {
    Dispatch {
        at: Timestamp,
        case: CaseId,
        unit: UnitId,
        instead_of: Option<UnitId>,
    },
    CloseRoad {
        at: Timestamp,
        lon: f64,
        lat: f64,
        until: Option<Timestamp>,
    },
    AddUnit {
        at: Timestamp,
        like: UnitId,
        lon: f64,
        lat: f64,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "fork::Forked")]
pub(super) struct Forked {
    request: u32,
    #[serde(with = "World")]
    actual: record::World,
    #[serde(with = "World")]
    other: record::World,
    at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "fork::ForkReport")]
pub(super) struct ForkReport {
    at: Timestamp,
    time: Timestamp,
    until: Timestamp,
    #[serde(with = "As::<Vec<ForkRow>>")]
    series: Vec<fork::ForkRow>,
    #[serde(with = "As::<Vec<Difference>>")]
    differences: Vec<fork::Difference>,
    #[serde(with = "As::<Vec<Proposal>>")]
    plan: Vec<fork::Proposal>,
    differs_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "fork::ForkRow")]
pub(super) struct ForkRow {
    time: Timestamp,
    open: (u32, u32),
    overdue: (u32, u32),
    arrival_s: (Option<f32>, Option<f32>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "fork::Measure")]
pub(super) enum Measure {
    CaseArrivalS,
    CaseHandledS,
    MeanArrivalS,
    Overdue,
    Open,
    Handled,
    DrivenKm,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "fork::Difference")]
pub(super) struct Difference {
    #[serde(with = "Measure")]
    measure: fork::Measure,
    actual: Option<f64>,
    other: Option<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "fork::Proposal")]
pub(super) struct Proposal {
    time: Timestamp,
    #[serde(with = "CommandRequest")]
    command: command::CommandRequest,
    possible: bool,
    why_not: String,
}
