//! Units that the city's file no longer names go out of service: at once where they are free, else when they are.

use super::LiveCity;
use super::tick::Tick;
use crate::access::UNITS_FEED;
use chengtu_engine::command::Command;
use chengtu_engine::model::{Actor, Unit, UnitStatus};
use std::collections::BTreeSet;

impl LiveCity {
    /// Finds the units that are known and that the file does not name.
    pub(super) fn find_withdrawn(&mut self) {
        let named = self.city.units.iter().map(|u| u.call_sign.as_str());
        let named: BTreeSet<&str> = named.collect();
        let of_file = self.state.feed(UNITS_FEED);
        let is_withdrawn = |u: &&Unit| {
            let mover = self.state.mover(u.mover);
            let own = mover.is_some_and(|m| Some(m.feed) == of_file);
            own && !named.contains(u.call_sign.as_str()) && u.status != UnitStatus::OutOfService
        };
        let units = self.state.units().iter().filter(is_withdrawn);
        let units: Vec<_> = units
            .map(|u| (u.id, u.call_sign.clone(), u.status))
            .collect();
        for (_, call_sign, status) in &units {
            tracing::warn!(
                call_sign,
                ?status,
                "a unit is no longer in city.toml: it goes out of service once it is free"
            );
        }
        self.retiring.withdrawn = units.into_iter().map(|(id, ..)| id).collect();
    }

    /// Takes those of them out of service that are free.
    pub(super) fn take_out_withdrawn(&mut self, tick: &mut Tick) {
        let status = |u| self.state.unit(u).map(|u| u.status);
        let free = |u: &_| status(*u) == Some(UnitStatus::Available);
        let now: Vec<_> = self
            .retiring
            .withdrawn
            .iter()
            .copied()
            .filter(free)
            .collect();
        for unit in now {
            let command = Command::SetInService {
                unit,
                in_service: false,
            };
            // A refusal would be a unit that is not free after all: it is tried again.
            if self.execute(tick, &command, &Actor::System, None).is_ok() {
                self.retiring.withdrawn.retain(|u| *u != unit);
            }
        }
    }
}
