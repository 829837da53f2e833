use crate::event::Event;
use crate::ids::AlarmId;
use crate::rejection::Rejection;
use crate::state::State;

pub(super) fn acknowledge(state: &State, alarm: AlarmId) -> Result<Vec<Event>, Rejection> {
    let a = state
        .alarms()
        .get(&alarm)
        .ok_or(Rejection::NoSuchAlarm(alarm))?;
    if let Some((by, at)) = a.acknowledged.clone() {
        return Err(Rejection::AlreadyAcknowledged { alarm, by, at });
    }
    Ok(vec![Event::AlarmAcknowledged { alarm }])
}
