//! What is sent of a thing to whoever looks through a lens: the same views, without what is hidden.

use super::{AlarmView, CaseView, EntityChange, PersonView, SensorView, UnitView};
use crate::geo::Position;
use crate::ids::{CaseId, ThingId};
use crate::model::{Actor, Alarm, Case, CaseHistory, CaseSource, HistoryKind, Sensor, Unit, shown};
use crate::sight::{Clarity, DataClass, Lens, masked_name, masked_telephone};
use crate::state::State;

/// How a thing is now, through a lens where there is one; `None` where nothing is seen of it.
pub fn seen_of(state: &State, lens: Option<&Lens>, thing: ThingId) -> Option<EntityChange> {
    match thing {
        ThingId::Case(id) => {
            let case = state.case(id)?;
            case_seen(state, lens, case).map(EntityChange::Case)
        }
        ThingId::Unit(id) => {
            let unit = state.unit(id)?;
            unit_seen(state, lens, unit).map(EntityChange::Unit)
        }
        ThingId::Sensor(id) => {
            let sensor = state.sensor(id).filter(|s| !s.has_retired())?;
            sensor_seen(lens, sensor).map(EntityChange::Sensor)
        }
        ThingId::Alarm(id) => {
            let alarm = state.alarms().get(&id)?;
            alarm_seen(state, lens, alarm).map(EntityChange::Alarm)
        }
    }
}

fn degrees(p: Position) -> (f64, f64) {
    let p = p.lon_lat();
    (p.lon_deg, p.lat_deg)
}

/// A case; without what is internal it has neither notes nor names nor units.
fn case_seen(state: &State, lens: Option<&Lens>, case: &Case) -> Option<CaseView> {
    let Some(lens) = lens else {
        return Some(case.into());
    };
    let clarity = lens.case(state, case)?;
    let (lon, lat) = degrees(lens.case_point(state, case)?);
    let words = |text: &str| lens.words(state, case, clarity, &shown(text)).into_owned();
    let sees_case = |id: &CaseId| lens.known_case(state, *id).is_ok();
    let internal = lens.has(DataClass::Internal) || lens.holds(state, case);
    let mut view = CaseView {
        lon,
        lat,
        address: address_seen(state, lens, case, clarity),
        note: words(&case.note),
        maybe_same_as: case.maybe_same_as.filter(sees_case),
        ..case.into()
    };
    if !internal {
        view.note.clear();
        view.units.clear();
        view.handled_by = None;
        view.source = CaseSource::Operator(String::new());
        for change in &mut view.history {
            change.by = Actor::System;
        }
    }
    Some(view)
}

/// The address of a personal case is as exact as its point: whoever sees the cell alone is not told it.
fn address_seen(state: &State, lens: &Lens, case: &Case, clarity: Clarity) -> String {
    if clarity == Clarity::Masked && lens.is_personal(state, case) {
        return String::new();
    }
    lens.words(state, case, clarity, &shown(&case.address))
        .into_owned()
}

fn unit_seen(state: &State, lens: Option<&Lens>, unit: &Unit) -> Option<UnitView> {
    let Some(lens) = lens else {
        return Some(unit.into());
    };
    if !lens.unit(state, unit) {
        return None;
    }
    let mut view = UnitView::from(unit);
    if let (Some(task), Some(of)) = (&mut view.assignment, &unit.assignment) {
        let place = match of.case() {
            Some(case) => state.case(case).and_then(|c| lens.case_point(state, c)),
            None => lens.sees_place(of.position).then_some(of.position),
        };
        match place {
            Some(p) => (task.lon, task.lat) = degrees(p),
            None => view.assignment = None,
        }
    }
    Some(view)
}

fn sensor_seen(lens: Option<&Lens>, sensor: &Sensor) -> Option<SensorView> {
    lens.is_none_or(|l| l.sensor(sensor)).then(|| sensor.into())
}

fn alarm_seen(state: &State, lens: Option<&Lens>, alarm: &Alarm) -> Option<AlarmView> {
    let Some(lens) = lens else {
        return Some(alarm.into());
    };
    let (lon, lat) = degrees(lens.alarm(state, alarm)?);
    let mut view = AlarmView {
        lon,
        lat,
        ..alarm.into()
    };
    if !lens.has(DataClass::Internal)
        && let Some((by, _)) = &mut view.acknowledged
    {
        *by = Actor::System;
    }
    Some(view)
}

/// What has happened to a case, as it is seen: part of the case, so that whoever sees the case is told all acts, with
/// their words as the case's are, and without other cases that they do not see.
pub fn history_seen(state: &State, lens: Option<&Lens>, thing: ThingId) -> Option<EntityChange> {
    let ThingId::Case(id) = thing else {
        return None;
    };
    let mut history = state.history(id)?.shown();
    if let Some(lens) = lens {
        let case = state.case(id)?;
        let clarity = lens.case(state, case)?;
        if !(lens.has(DataClass::Internal) || lens.holds(state, case)) {
            return None;
        }
        cut_history(state, lens, case, clarity, &mut history);
    }
    Some(EntityChange::History { case: id, history })
}

fn cut_history(
    state: &State,
    lens: &Lens,
    case: &Case,
    clarity: Clarity,
    history: &mut CaseHistory,
) {
    history.entries.retain(|e| match &e.what {
        HistoryKind::BundledInto(other)
        | HistoryKind::TookIn(other)
        | HistoryKind::GaveBack(other) => lens.known_case(state, *other).is_ok(),
        _ => true,
    });
    for entry in &mut history.entries {
        if let HistoryKind::Handled { note: text, .. } | HistoryKind::Voided { reason: text } =
            &mut entry.what
        {
            *text = lens.words(state, case, clarity, text).into_owned();
        }
    }
}

/// The person behind a case, as they are seen; `None` where nothing is known of one and nothing is masked.
pub fn person_seen(state: &State, lens: Option<&Lens>, thing: ThingId) -> Option<EntityChange> {
    let ThingId::Case(id) = thing else {
        return None;
    };
    let reporter = state.reporter(id);
    let (clarity, personal) = match lens {
        None => (Clarity::Clear, false),
        Some(lens) => {
            let case = state.case(id)?;
            (lens.case(state, case)?, lens.is_personal(state, case))
        }
    };
    let person = match (clarity, reporter) {
        (Clarity::Clear, Some(r)) => PersonView {
            name: r.name.clone(),
            telephone: r.telephone.clone(),
            masked: false,
        },
        (Clarity::Masked, Some(r)) if lens.is_some_and(|l| l.has(DataClass::Internal)) => {
            PersonView {
                name: masked_name(&r.name),
                telephone: masked_telephone(&r.telephone),
                masked: true,
            }
        }
        (Clarity::Masked, _) if personal => PersonView {
            masked: true,
            ..PersonView::default()
        },
        _ => return None,
    };
    Some(EntityChange::Person { case: id, person })
}
