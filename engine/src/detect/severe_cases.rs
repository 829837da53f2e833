use super::alarms::Alarms;
use super::detector::{Detector, Input};
use crate::city::Severity;
use crate::event::Event;
use crate::model::AlarmSource;

/// A severe case raises an alarm when it is reported, and again when its end is taken back; the alarm ends with the case.
pub(super) struct SevereCases;

impl Detector for SevereCases {
    fn detect(&self, input: Input<'_>, alarms: &mut Alarms<'_>) {
        match input {
            Input::Event(Event::CaseReported {
                case,
                severity: severity @ Severity::Severe,
                position,
                ..
            }) => alarms.raise(AlarmSource::Case(*case), *severity, *position),
            Input::Event(Event::CaseRestored { case, .. }) => {
                if let Some((severity @ Severity::Severe, position)) = alarms.case(*case) {
                    alarms.raise(AlarmSource::Case(*case), severity, position);
                }
            }
            Input::Event(
                Event::CaseVoided { case, .. }
                | Event::CaseBundled { case, .. }
                | Event::CaseClosed { case },
            ) => alarms.end(AlarmSource::Case(*case)),
            _ => {}
        }
    }
}
