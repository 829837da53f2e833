use crate::event::Event;
use crate::ids::AlarmId;
use crate::model::AlarmSource;
use crate::rejection::Rejection;
use crate::state::State;

pub(super) fn acknowledge(state: &State, alarm: AlarmId) -> Result<Vec<Event>, Rejection> {
    let a = state
        .alarms()
        .get(&alarm)
        .ok_or(Rejection::NoSuchAlarm(alarm))?;
    if a.acknowledged.is_some() {
        return Err(Rejection::AlreadyAcknowledged(alarm));
    }
    Ok(vec![Event::AlarmAcknowledged { alarm }])
}

/// Ends the running alarms of a source.
pub(super) fn end(state: &State, source: AlarmSource) -> impl Iterator<Item = Event> + '_ {
    state
        .alarms()
        .values()
        .filter(move |a| a.source == source && a.ended_at.is_none())
        .map(|a| Event::AlarmEnded { alarm: a.id })
}
