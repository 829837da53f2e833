use crate::command::Observation;
use crate::model::{Reading, keep_hour};
use crate::record::FixBlock;
use crate::state::{Changes, State};
use crate::time::Timestamp;

impl State {
    /// Folds a block of fixes. History keeps every row; the present takes a row only when it is newer.
    pub(super) fn apply_fixes(
        &mut self,
        block: &FixBlock,
        known_at: Timestamp,
        changes: &mut Changes,
    ) {
        changes.movers.reserve(block.len());
        for fix in block.iter() {
            let Some(mover) = self.registry.movers.get_mut(fix.mover.0 as usize) else {
                continue;
            };
            if mover.has_retired() {
                continue;
            }
            mover.recent.push(fix.fingerprint());
            // A clock that runs ahead must not freeze its vehicle: no present lies after its arrival.
            let time = fix.fix_time.min(known_at);
            if time <= mover.fix_time {
                continue;
            }
            mover.position = Some(fix.position);
            mover.bearing_cdeg = fix.bearing_cdeg;
            mover.speed_cmps = fix.speed_cmps;
            mover.accuracy_dm = fix.accuracy_dm;
            mover.fix_time = time;
            self.spatial.place_mover(fix.mover, fix.position);
            changes.movers.push(fix.mover);
        }
    }

    /// Folds a reading. The present takes it only when it is newer.
    pub(super) fn apply_observation(
        &mut self,
        o: Observation,
        known_at: Timestamp,
        changes: &mut Changes,
    ) {
        let sensor = self.registry.sensors.get_mut(o.sensor.0 as usize);
        let Some(sensor) = sensor.filter(|s| !s.has_retired()) else {
            return;
        };
        let time = o.phenomenon_time.min(known_at);
        if sensor.latest.is_some_and(|l| time <= l.phenomenon_time) {
            return;
        }
        let reading = Reading {
            phenomenon_time: time,
            value: o.value,
        };
        sensor.state = sensor.state_of(o.value);
        sensor.latest = Some(reading);
        sensor.result_time = known_at;
        keep_hour(&mut sensor.hour, reading);
        if !changes.sensors.insert(o.sensor) {
            // Of several readings the newest alone would not complete the last hour.
            changes.sensors_described.insert(o.sensor);
        }
    }
}
