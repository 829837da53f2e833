use super::audited;
use super::feed_retired::FeedRetiredV1;
use super::kind_changed::MoverKindChangedV1;
use super::movers_retired::MoversRetiredV1;
use super::registration::{SensorRegistrationV1, UnitRegistrationV1};
use super::reporter;
use super::restored::CaseRestoredV1;
use super::retired;
use super::rules::RulesV1;
use super::sensors_retired::SensorsRetiredV1;
use super::{Later, READERS};
use crate::city::Severity;
use crate::event::Event;
use crate::geo::Position;
use crate::ids::{AlarmId, AssignmentId, CaseId, ClassId, FeedId, MoverId, SensorId, UnitId};
use crate::model::{AlarmSource, AssignmentTarget, CaseSource, MoverKind, Stage};
use crate::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::borrow::Cow;

/// The first form of every event, encoded by its place. Nothing is added to this list, changed in it or taken out of it:
/// what is new is a [`Later`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredEvent<'a> {
    Configured(Box<RulesV1<'a>>),
    FeedRegistered {
        feed: FeedId,
        name: Cow<'a, str>,
    },
    MoverRegistered {
        mover: MoverId,
        feed: FeedId,
        key: Cow<'a, str>,
        kind: MoverKind,
    },
    UnitRegistered {
        unit: UnitId,
        mover: MoverId,
        registration: UnitRegistrationV1<'a>,
    },
    SensorRegistered {
        sensor: SensorId,
        registration: SensorRegistrationV1<'a>,
    },
    CaseReported {
        case: CaseId,
        class: ClassId,
        severity: Severity,
        position: Position,
        address: Cow<'a, str>,
        note: Cow<'a, str>,
        source: Cow<'a, CaseSource>,
        occurred_at: Timestamp,
        maybe_same_as: Option<CaseId>,
    },
    CaseFiled {
        case: CaseId,
        class: ClassId,
        filed_at: Timestamp,
        due_at: Timestamp,
    },
    CaseBundled {
        case: CaseId,
        into: CaseId,
    },
    CaseVoided {
        case: CaseId,
        reason: Cow<'a, str>,
    },
    UnitDispatched {
        assignment: AssignmentId,
        unit: UnitId,
        target: AssignmentTarget,
        position: Position,
        expected_at: Option<Timestamp>,
    },
    AssignmentAcknowledged {
        unit: UnitId,
    },
    UnitRecalled {
        unit: UnitId,
    },
    UnitArrived {
        unit: UnitId,
    },
    UnitReleased {
        unit: UnitId,
    },
    UnitServiceChanged {
        unit: UnitId,
        in_service: bool,
    },
    CaseHandled {
        case: CaseId,
        unit: UnitId,
        note: Cow<'a, str>,
    },
    CaseReworked {
        case: CaseId,
    },
    CaseClosed {
        case: CaseId,
    },
    CaseStageEntered {
        case: CaseId,
        stage: Stage,
    },
    CaseBecameOverdue {
        case: CaseId,
    },
    CaseRetired {
        case: CaseId,
    },
    AlarmRaised {
        alarm: AlarmId,
        source: AlarmSource,
        severity: Severity,
        position: Position,
    },
    AlarmAcknowledged {
        alarm: AlarmId,
    },
    AlarmEnded {
        alarm: AlarmId,
    },
    AlarmRetired {
        alarm: AlarmId,
    },
    Later(Later),
}

/// Names of the first forms, by their place.
pub(super) const NAMES: [&str; 25] = [
    "configured",
    "feed_registered",
    "mover_registered",
    "unit_registered",
    "sensor_registered",
    "case_reported",
    "case_filed",
    "case_bundled",
    "case_voided",
    "unit_dispatched",
    "assignment_acknowledged",
    "unit_recalled",
    "unit_arrived",
    "unit_released",
    "unit_service_changed",
    "case_handled",
    "case_reworked",
    "case_closed",
    "case_stage_entered",
    "case_became_overdue",
    "case_retired",
    "alarm_raised",
    "alarm_acknowledged",
    "alarm_ended",
    "alarm_retired",
];

impl<'a> From<&'a Event> for StoredEvent<'a> {
    #[expect(
        clippy::too_many_lines,
        reason = "a table, one arm for each kind of event"
    )]
    fn from(event: &'a Event) -> Self {
        match event {
            Event::Configured(rules) => Self::Configured(Box::new(RulesV1::from(&**rules))),
            Event::FeedRegistered { feed, name } => Self::FeedRegistered {
                feed: *feed,
                name: name.into(),
            },
            Event::MoverRegistered {
                mover,
                feed,
                key,
                kind,
            } => Self::MoverRegistered {
                mover: *mover,
                feed: *feed,
                key: key.into(),
                kind: *kind,
            },
            Event::UnitRegistered {
                unit,
                mover,
                registration,
            } => Self::UnitRegistered {
                unit: *unit,
                mover: *mover,
                registration: registration.into(),
            },
            Event::SensorRegistered {
                sensor,
                registration,
            } => Self::SensorRegistered {
                sensor: *sensor,
                registration: registration.into(),
            },
            Event::CaseReported {
                case,
                class,
                severity,
                position,
                address,
                note,
                source,
                occurred_at,
                maybe_same_as,
            } => Self::CaseReported {
                case: *case,
                class: *class,
                severity: *severity,
                position: *position,
                address: address.into(),
                note: note.into(),
                source: Cow::Borrowed(source),
                occurred_at: *occurred_at,
                maybe_same_as: *maybe_same_as,
            },
            Event::CaseFiled {
                case,
                class,
                filed_at,
                due_at,
            } => Self::CaseFiled {
                case: *case,
                class: *class,
                filed_at: *filed_at,
                due_at: *due_at,
            },
            Event::CaseBundled { case, into } => Self::CaseBundled {
                case: *case,
                into: *into,
            },
            Event::CaseVoided { case, reason } => Self::CaseVoided {
                case: *case,
                reason: reason.into(),
            },
            Event::CaseRestored {
                case,
                stage,
                out_of,
            } => Self::Later(
                CaseRestoredV1 {
                    case: *case,
                    stage: *stage,
                    out_of: *out_of,
                }
                .into(),
            ),
            Event::MoversRetired { feed, movers } => Self::Later(
                MoversRetiredV1 {
                    feed: *feed,
                    movers: movers.clone(),
                }
                .into(),
            ),
            Event::SensorsRetired { feed, sensors } => Self::Later(
                SensorsRetiredV1 {
                    feed: *feed,
                    sensors: sensors.clone(),
                }
                .into(),
            ),
            Event::FeedRetired { feed } => Self::Later(FeedRetiredV1 { feed: *feed }.into()),
            Event::UnitDispatched {
                assignment,
                unit,
                target,
                position,
                expected_at,
            } => Self::UnitDispatched {
                assignment: *assignment,
                unit: *unit,
                target: *target,
                position: *position,
                expected_at: *expected_at,
            },
            Event::AssignmentAcknowledged { unit } => Self::AssignmentAcknowledged { unit: *unit },
            Event::UnitRecalled { unit } => Self::UnitRecalled { unit: *unit },
            Event::UnitArrived { unit } => Self::UnitArrived { unit: *unit },
            Event::UnitReleased { unit } => Self::UnitReleased { unit: *unit },
            Event::UnitServiceChanged { unit, in_service } => Self::UnitServiceChanged {
                unit: *unit,
                in_service: *in_service,
            },
            Event::CaseHandled { case, unit, note } => Self::CaseHandled {
                case: *case,
                unit: *unit,
                note: note.into(),
            },
            Event::CaseReworked { case } => Self::CaseReworked { case: *case },
            Event::CaseClosed { case } => Self::CaseClosed { case: *case },
            Event::CaseStageEntered { case, stage } => Self::CaseStageEntered {
                case: *case,
                stage: *stage,
            },
            Event::CaseBecameOverdue { case } => Self::CaseBecameOverdue { case: *case },
            Event::CaseRetired {
                case,
                keeps_key: false,
            } => Self::CaseRetired { case: *case },
            Event::CaseRetired {
                case,
                keeps_key: true,
            } => Self::Later(retired::key_kept(*case)),
            Event::MoverKindChanged { mover, kind } => {
                Self::Later(MoverKindChangedV1::later(*mover, *kind))
            }
            Event::AlarmRaised {
                alarm,
                source,
                severity,
                position,
            } => Self::AlarmRaised {
                alarm: *alarm,
                source: *source,
                severity: *severity,
                position: *position,
            },
            Event::AlarmAcknowledged { alarm } => Self::AlarmAcknowledged { alarm: *alarm },
            Event::AlarmEnded { alarm } => Self::AlarmEnded { alarm: *alarm },
            Event::AlarmRetired { alarm } => Self::AlarmRetired { alarm: *alarm },
            Event::Audited(audit) => Self::Later(audited::later(audit)),
            Event::ReporterNamed { case, reporter } => {
                Self::Later(reporter::later(*case, reporter))
            }
        }
    }
}

/// An event of a kind or version that this program does not know.
pub(super) struct UnknownForm;

impl TryFrom<StoredEvent<'_>> for Event {
    type Error = UnknownForm;

    #[expect(
        clippy::too_many_lines,
        reason = "a table, one arm for each kind of event"
    )]
    fn try_from(stored: StoredEvent<'_>) -> Result<Self, UnknownForm> {
        use StoredEvent as Stored;
        Ok(match stored {
            Stored::Configured(rules) => Self::Configured(Box::new((*rules).into())),
            Stored::FeedRegistered { feed, name } => Self::FeedRegistered {
                feed,
                name: name.into_owned(),
            },
            Stored::MoverRegistered {
                mover,
                feed,
                key,
                kind,
            } => Self::MoverRegistered {
                mover,
                feed,
                key: key.into_owned(),
                kind,
            },
            Stored::UnitRegistered {
                unit,
                mover,
                registration,
            } => Self::UnitRegistered {
                unit,
                mover,
                registration: registration.into(),
            },
            Stored::SensorRegistered {
                sensor,
                registration,
            } => Self::SensorRegistered {
                sensor,
                registration: registration.into(),
            },
            Stored::CaseReported {
                case,
                class,
                severity,
                position,
                address,
                note,
                source,
                occurred_at,
                maybe_same_as,
            } => Self::CaseReported {
                case,
                class,
                severity,
                position,
                address: address.into_owned(),
                note: note.into_owned(),
                source: source.into_owned(),
                occurred_at,
                maybe_same_as,
            },
            Stored::CaseFiled {
                case,
                class,
                filed_at,
                due_at,
            } => Self::CaseFiled {
                case,
                class,
                filed_at,
                due_at,
            },
            Stored::CaseBundled { case, into } => Self::CaseBundled { case, into },
            Stored::CaseVoided { case, reason } => Self::CaseVoided {
                case,
                reason: reason.into_owned(),
            },
            Stored::UnitDispatched {
                assignment,
                unit,
                target,
                position,
                expected_at,
            } => Self::UnitDispatched {
                assignment,
                unit,
                target,
                position,
                expected_at,
            },
            Stored::AssignmentAcknowledged { unit } => Self::AssignmentAcknowledged { unit },
            Stored::UnitRecalled { unit } => Self::UnitRecalled { unit },
            Stored::UnitArrived { unit } => Self::UnitArrived { unit },
            Stored::UnitReleased { unit } => Self::UnitReleased { unit },
            Stored::UnitServiceChanged { unit, in_service } => {
                Self::UnitServiceChanged { unit, in_service }
            }
            Stored::CaseHandled { case, unit, note } => Self::CaseHandled {
                case,
                unit,
                note: note.into_owned(),
            },
            Stored::CaseReworked { case } => Self::CaseReworked { case },
            Stored::CaseClosed { case } => Self::CaseClosed { case },
            Stored::CaseStageEntered { case, stage } => Self::CaseStageEntered { case, stage },
            Stored::CaseBecameOverdue { case } => Self::CaseBecameOverdue { case },
            Stored::CaseRetired { case } => Self::CaseRetired {
                case,
                keeps_key: false,
            },
            Stored::AlarmRaised {
                alarm,
                source,
                severity,
                position,
            } => Self::AlarmRaised {
                alarm,
                source,
                severity,
                position,
            },
            Stored::AlarmAcknowledged { alarm } => Self::AlarmAcknowledged { alarm },
            Stored::AlarmEnded { alarm } => Self::AlarmEnded { alarm },
            Stored::AlarmRetired { alarm } => Self::AlarmRetired { alarm },
            Stored::Later(later) => later.event(READERS).ok_or(UnknownForm)?,
        })
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        StoredEvent::from(self).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::try_from(StoredEvent::deserialize(from)?)
            .map_err(|UnknownForm| D::Error::custom("an event of a form that is not known"))
    }
}
