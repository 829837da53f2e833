use crate::live::Selection;
use crate::panels::console::Scene;
use chengtu_engine::ids::CaseId;
use chengtu_engine::model::AlarmSource;
use chengtu_engine::stream::{CaseView, SensorView, UnitView};

/// What the right panel is about.
pub enum Subject<'a> {
    /// The case that is chosen, or that a chosen alarm is about.
    Case(&'a CaseView),
    /// The unit that is chosen.
    Unit(&'a UnitView),
    /// The sensor that is chosen, or that a chosen alarm is about.
    Sensor(&'a SensorView),
    /// A case that is no longer known here.
    Gone(CaseId),
    /// Nothing: alarms and hotspots.
    Nothing,
}

/// What is chosen, as far as the right panel shows it. An alarm is shown as what it is about.
pub fn subject<'a>(s: &Scene<'a>) -> Subject<'a> {
    let case = |id: &CaseId| {
        s.mirror
            .cases
            .get(id)
            .map_or(Subject::Gone(*id), Subject::Case)
    };
    let sensor = |id| {
        s.mirror
            .sensors
            .get(id)
            .map_or(Subject::Nothing, Subject::Sensor)
    };
    match &s.selection {
        Selection::Case(id) => case(id),
        Selection::Unit(id) => s
            .mirror
            .units
            .get(id)
            .map_or(Subject::Nothing, Subject::Unit),
        Selection::Sensor(id) => sensor(id),
        Selection::Alarm(id) => match s.mirror.alarms.get(id).map(|a| a.source) {
            Some(AlarmSource::Case(id)) => case(&id),
            Some(AlarmSource::Sensor(id)) => sensor(&id),
            None => Subject::Nothing,
        },
        Selection::None | Selection::Place(_) => Subject::Nothing,
    }
}
