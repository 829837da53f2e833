use crate::command::{SensorRegistration, UnitRegistration};
use crate::geo::Position;
use crate::ids::{DepartmentId, FeedId};
use crate::model::{Phenomenon, Thresholds};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What a unit was registered with, version 1.
#[derive(Serialize, Deserialize)]
pub(super) struct UnitRegistrationV1<'a> {
    call_sign: Cow<'a, str>,
    call_sign_en: Cow<'a, str>,
    fleet: Cow<'a, str>,
    department: DepartmentId,
    skills: Cow<'a, [String]>,
    feed: FeedId,
}

impl<'a> From<&'a UnitRegistration> for UnitRegistrationV1<'a> {
    fn from(r: &'a UnitRegistration) -> Self {
        let UnitRegistration {
            call_sign,
            call_sign_en,
            fleet,
            department,
            skills,
            feed,
        } = r;
        Self {
            call_sign: call_sign.into(),
            call_sign_en: call_sign_en.into(),
            fleet: fleet.into(),
            department: *department,
            skills: Cow::Borrowed(skills),
            feed: *feed,
        }
    }
}

impl From<UnitRegistrationV1<'_>> for UnitRegistration {
    fn from(r: UnitRegistrationV1<'_>) -> Self {
        Self {
            call_sign: r.call_sign.into_owned(),
            call_sign_en: r.call_sign_en.into_owned(),
            fleet: r.fleet.into_owned(),
            department: r.department,
            skills: r.skills.into_owned(),
            feed: r.feed,
        }
    }
}

/// What a sensor was registered with, version 1.
#[derive(Serialize, Deserialize)]
pub(super) struct SensorRegistrationV1<'a> {
    feed: FeedId,
    key: Cow<'a, str>,
    name: Cow<'a, str>,
    phenomenon: Phenomenon,
    unit_of_measure: Cow<'a, str>,
    position: Position,
    thresholds: Option<ThresholdsV1>,
}

#[derive(Serialize, Deserialize)]
struct ThresholdsV1 {
    warning: f64,
    alarm: f64,
}

impl<'a> From<&'a SensorRegistration> for SensorRegistrationV1<'a> {
    fn from(r: &'a SensorRegistration) -> Self {
        let SensorRegistration {
            feed,
            key,
            name,
            phenomenon,
            unit_of_measure,
            position,
            thresholds,
        } = r;
        let bounds = |Thresholds { warning, alarm }| ThresholdsV1 { warning, alarm };
        Self {
            feed: *feed,
            key: key.into(),
            name: name.into(),
            phenomenon: *phenomenon,
            unit_of_measure: unit_of_measure.into(),
            position: *position,
            thresholds: thresholds.map(bounds),
        }
    }
}

impl From<SensorRegistrationV1<'_>> for SensorRegistration {
    fn from(r: SensorRegistrationV1<'_>) -> Self {
        let bounds = |ThresholdsV1 { warning, alarm }| Thresholds { warning, alarm };
        Self {
            feed: r.feed,
            key: r.key.into_owned(),
            name: r.name.into_owned(),
            phenomenon: r.phenomenon,
            unit_of_measure: r.unit_of_measure.into_owned(),
            position: r.position,
            thresholds: r.thresholds.map(bounds),
        }
    }
}
