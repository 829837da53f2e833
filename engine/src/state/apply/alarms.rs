use super::Fold;
use crate::event::Event;
use crate::ids::AlarmId;
use crate::model::Alarm;
use crate::state::State;

impl State {
    pub(super) fn alarm_raised(&mut self, event: &Event, fold: &mut Fold<'_>) {
        let Event::AlarmRaised {
            alarm,
            source,
            severity,
            position,
        } = event
        else {
            return;
        };
        self.last.alarm = self.last.alarm.max(*alarm);
        let raised = Alarm {
            id: *alarm,
            source: *source,
            severity: *severity,
            position: *position,
            raised_at: fold.now,
            acknowledged: None,
            ended_at: None,
        };
        self.alarms.insert(*alarm, raised);
        self.rebuilt.sources.alarm_raised(*source, *alarm);
        fold.changes.alarms.insert(*alarm);
    }

    pub(super) fn alarm_acknowledged(&mut self, alarm: AlarmId, fold: &mut Fold<'_>) {
        if let Some(a) = self.alarms.get_mut(&alarm) {
            a.acknowledged = Some((fold.origin.actor.clone(), fold.now));
            fold.changes.alarms.insert(alarm);
        }
    }

    pub(super) fn alarm_ended(&mut self, alarm: AlarmId, fold: &mut Fold<'_>) {
        if let Some(a) = self.alarms.get_mut(&alarm) {
            a.ended_at = Some(fold.now);
            fold.changes.alarms.insert(alarm);
        }
    }

    pub(super) fn alarm_retired(&mut self, alarm: AlarmId, fold: &mut Fold<'_>) {
        if let Some(a) = self.alarms.remove(&alarm) {
            self.rebuilt.sources.alarm_retired(a.source, alarm);
        }
        fold.changes.alarms.insert(alarm);
    }
}
