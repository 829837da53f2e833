use super::{CaseReport, Command};
use crate::city::Severity;
use crate::geo::{LonLat, LonLatError};
use crate::ids::{AlarmId, CaseId, ClassId, UnitId};
use crate::model::{AssignmentTarget, Reporter};
use crate::time::Timestamp;

/// What clients may ask of the city.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // Field by field the same as `crate::command::Command`.
pub enum CommandRequest {
    ReportCase {
        class: ClassId,
        severity: Option<Severity>,
        lon: f64,
        lat: f64,
        address: String,
        note: String,
    },
    VoidCase {
        case: CaseId,
        reason: String,
    },
    BundleCase {
        case: CaseId,
        into: CaseId,
    },
    CheckCase {
        case: CaseId,
        passed: bool,
    },
    DispatchUnit {
        unit: UnitId,
        target: Target,
        expected_s: Option<u32>,
    },
    RecallUnit {
        unit: UnitId,
    },
    ReassignCase {
        case: CaseId,
        from: UnitId,
        to: UnitId,
        expected_s: Option<u32>,
    },
    AcknowledgeAssignment {
        unit: UnitId,
    },
    ArriveOnScene {
        unit: UnitId,
    },
    ReportHandled {
        unit: UnitId,
        note: String,
    },
    SetInService {
        unit: UnitId,
        in_service: bool,
    },
    AcknowledgeAlarm {
        alarm: AlarmId,
    },
    RestoreCase {
        case: CaseId,
    },
    Unmask {
        case: CaseId,
        purpose: String,
    },
    NameReporter {
        case: CaseId,
        name: String,
        telephone: String,
    },
}

impl CommandRequest {
    /// The engine's command, at `now`.
    ///
    /// # Errors
    /// [`LonLatError`] for places that are not on Earth.
    pub fn into_command(self, now: Timestamp) -> Result<Command, LonLatError> {
        Ok(match self {
            Self::ReportCase {
                class,
                severity,
                lon,
                lat,
                address,
                note,
            } => {
                let position = LonLat::new(lon, lat).position()?;
                let (occurred_at, filed_at, key) = (now, None, String::new());
                Command::ReportCase(CaseReport {
                    class,
                    severity,
                    position,
                    address,
                    note,
                    occurred_at,
                    filed_at,
                    key,
                })
            }
            Self::VoidCase { case, reason } => Command::VoidCase { case, reason },
            Self::BundleCase { case, into } => Command::BundleCase { case, into },
            Self::CheckCase { case, passed } => Command::CheckCase { case, passed },
            Self::DispatchUnit {
                unit,
                target,
                expected_s,
            } => {
                let target = match target {
                    Target::Case(case) => AssignmentTarget::Case(case),
                    Target::Place(lon, lat) => {
                        AssignmentTarget::Place(LonLat::new(lon, lat).position()?)
                    }
                };
                Command::DispatchUnit {
                    unit,
                    target,
                    expected_s,
                }
            }
            Self::RecallUnit { unit } => Command::RecallUnit { unit },
            Self::ReassignCase {
                case,
                from,
                to,
                expected_s,
            } => Command::ReassignCase {
                case,
                from,
                to,
                expected_s,
            },
            Self::AcknowledgeAssignment { unit } => Command::AcknowledgeAssignment { unit },
            Self::ArriveOnScene { unit } => Command::ArriveOnScene { unit },
            Self::ReportHandled { unit, note } => Command::ReportHandled { unit, note },
            Self::SetInService { unit, in_service } => Command::SetInService { unit, in_service },
            Self::AcknowledgeAlarm { alarm } => Command::AcknowledgeAlarm { alarm },
            Self::RestoreCase { case } => Command::RestoreCase { case },
            Self::Unmask { case, purpose } => Command::Unmask { case, purpose },
            Self::NameReporter {
                case,
                name,
                telephone,
            } => {
                let reporter = Reporter { name, telephone };
                Command::NameReporter { case, reporter }
            }
        })
    }
}

/// Where to send a unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// To a case.
    Case(CaseId),
    /// To a place: longitude, latitude.
    Place(f64, f64),
}
