//! Drills.

use super::model::UnitStatus;
use super::time::ThingId;
use chengtu_engine::time::Timestamp;
use chengtu_engine::{drill, ids, model};
use serde::{Deserialize, Serialize};
use serde_with::{As, Same};

#[derive(Serialize, Deserialize)]
#[serde(remote = "drill::ScenarioInfo")]
pub(super) struct ScenarioInfo {
    key: String,
    title: String,
    title_en: String,
    summary: String,
    summary_en: String,
    duration_s: u32,
    injects: u32,
    problem: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "drill::DrillPhase")]
pub(super) enum DrillPhase {
    Preparing,
    Running,
    Paused,
    Ended,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "drill::Seat")]
pub(super) enum Seat {
    Viewer,
    Participant,
    Director,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "drill::DirectorAct")]
pub(super) enum DirectorAct {
    Start,
    Pause,
    Speed(f32),
    Postpone { inject: Option<u32>, seconds: i32 },
    Fire { inject: u32 },
    Rewind { to: Timestamp },
    Note { text: String },
    End,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "drill::DrillView")]
pub(super) struct DrillView {
    title: String,
    title_en: String,
    brief: String,
    brief_en: String,
    #[serde(with = "Seat")]
    seat: drill::Seat,
    #[serde(with = "DrillPhase")]
    phase: drill::DrillPhase,
    from: Timestamp,
    until: Timestamp,
    attempt: u32,
    #[serde(with = "As::<Vec<(Same, Seat)>>")]
    people: Vec<(String, drill::Seat)>,
    #[serde(with = "As::<Vec<InjectView>>")]
    injects: Vec<drill::InjectView>,
    #[serde(with = "As::<Vec<GoalView>>")]
    goals: Vec<drill::GoalView>,
    #[serde(default, with = "As::<Option<ScoreView>>")]
    score: Option<drill::ScoreView>,
    notes: Vec<(Timestamp, String)>,
    checkpoints: Vec<Timestamp>,
    report: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "drill::InjectView")]
pub(super) struct InjectView {
    id: u32,
    title: String,
    title_en: String,
    at: Option<Timestamp>,
    done: bool,
    place: Option<(f64, f64)>,
    truth: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "drill::GoalView")]
pub(super) struct GoalView {
    title: String,
    title_en: String,
    measured: Option<f64>,
    wanted: f64,
    unit: String,
    reached: Option<bool>,
    span: Option<(Timestamp, Option<Timestamp>)>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "drill::ScoreView")]
pub(super) struct ScoreView {
    total: f64,
    #[serde(with = "As::<Vec<ScoreRow>>")]
    rows: Vec<drill::ScoreRow>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "drill::Criterion")]
pub(super) enum Criterion {
    Detection,
    Classification,
    TimeToDispatch,
    RightDepartment,
    Arrival,
    OverCommitment,
    EmptyAreas,
    AlarmsUnacknowledged,
    Goals,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "drill::ScoreRow")]
pub(super) struct ScoreRow {
    #[serde(with = "Criterion")]
    criterion: drill::Criterion,
    points: f64,
    of: f64,
    #[serde(with = "As::<Vec<Evidence>>")]
    evidence: Vec<drill::Evidence>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "drill::Evidence")]
pub(super) struct Evidence {
    time: Timestamp,
    #[serde(default, with = "As::<Option<ThingId>>")]
    thing: Option<ids::ThingId>,
    points: f64,
    text: String,
    text_en: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "drill::GhostOf")]
pub(super) enum GhostOf {
    Attempt(u32),
    Drill(u32),
    Real,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "drill::GhostRow")]
pub(super) struct GhostRow {
    call_sign: String,
    call_sign_en: String,
    fleet: String,
    lon: f64,
    lat: f64,
    #[serde(with = "UnitStatus")]
    status: model::UnitStatus,
}
