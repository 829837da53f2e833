//! Severe alarms, for those who are in another world and do not see this one.

use super::LiveCity;
use chengtu_engine::stream::{ServerMessage, city_alarms};

impl LiveCity {
    /// Tells the worlds beside of alarms that have changed; only of what is durable.
    pub(super) fn tell_alarms(&mut self) {
        if core::mem::take(&mut self.pending.alarms_changed) {
            let (alarms, more) = city_alarms(&self.state, |p| self.city.address(p));
            let told = ServerMessage::CityAlarms { alarms, more };
            self.status.set_alarms(told);
        }
    }
}
