use super::acts::AlarmAct;
use super::state::AlarmState;
use crate::input::{Act, Zone};
use crate::live::Selection;
use crate::panels::console::{Acts, FocusZone, Keys, Scene, View};
use crate::panels::map::MapAct;
use bevy::prelude::{Res, ResMut};
use chengtu_engine::ids::AlarmId;
use chengtu_engine::model::AlarmSource;
use chengtu_engine::permission::Permission;

pub(super) fn take(
    view: View,
    screen: Res<crate::panels::console::Screen>,
    mut keys: ResMut<Keys>,
    mut state: ResMut<AlarmState>,
    mut acts: ResMut<Acts>,
) {
    let s = view.scene();
    let time_s = screen.0.input(|i| i.time);
    let frame = keys.seen();
    let (st, out) = (&mut *state, &mut *acts);
    keys.take(|act| {
        match act {
            Act::AcknowledgeAlarm => acknowledge(&s, st, st.on_plate(time_s, frame), out),
            Act::AcknowledgeListed => acknowledge(&s, st, st.cursor, out),
            Act::ReportAlarm => report(&s, st.on_plate(time_s, frame), out),
            Act::NextAlarm => st.step(s.mirror, 1),
            Act::PreviousAlarm => st.step(s.mirror, -1),
            Act::OpenAlarm => open(&s, st, out),
            _ => return false,
        }
        true
    });
}

/// Acknowledges an alarm that waits; never another in its place.
fn acknowledge(s: &Scene<'_>, st: &AlarmState, alarm: Option<AlarmId>, out: &mut Acts) {
    let waits = |id: &AlarmId| {
        let alarm = s.mirror.alarms.get(id);
        alarm.is_some_and(|a| a.acknowledged.is_none()) && !st.is_acknowledging(*id)
    };
    if s.may(Permission::AcknowledgeAlarms) && s.is_live() {
        out.extend(alarm.filter(waits).map(AlarmAct::Acknowledge));
    }
}

/// Opens the report of a sensor's alarm. Behind a case's there is a case already: it is opened.
fn report(s: &Scene<'_>, alarm: Option<AlarmId>, out: &mut Acts) {
    let Some(alarm) = alarm.and_then(|id| s.mirror.alarms.get(&id)) else {
        return;
    };
    match alarm.source {
        AlarmSource::Sensor(id) if s.may(Permission::ReportCases) && s.is_live() => {
            out.push(MapAct::SelectAndFly(Selection::Sensor(id)));
            out.push(AlarmAct::Report(alarm.id));
        }
        AlarmSource::Sensor(_) => {}
        AlarmSource::Case(id) => out.push(MapAct::SelectAndFly(Selection::Case(id))),
    }
}

/// What the alarm under the cursor is about is chosen; a case takes the keyboard.
fn open(s: &Scene<'_>, st: &AlarmState, out: &mut Acts) {
    let listed = st.list(s.mirror);
    let Some(alarm) = listed.into_iter().find(|a| Some(a.id) == st.cursor) else {
        return;
    };
    match alarm.source {
        AlarmSource::Case(id) => {
            out.push(MapAct::SelectAndFly(Selection::Case(id)));
            out.push(FocusZone(Zone::Dispatch));
        }
        AlarmSource::Sensor(id) => {
            out.push(MapAct::SelectAndFly(Selection::Sensor(id)));
            out.push(FocusZone(Zone::Map));
        }
    }
}
