use crate::event::Event;
use crate::ids::AlarmId;
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
