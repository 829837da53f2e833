use crate::ids::{AlarmId, CaseId, MoverId, SensorId, UnitId};
use std::collections::BTreeSet;

/// What records have touched: the input of every diff.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Movers with a new present position, or that have retired, in the order of their records; may repeat.
    pub movers: Vec<MoverId>,
    /// Movers that are of another kind than before.
    pub movers_described: BTreeSet<MoverId>,
    /// Cases changed or gone.
    pub cases: BTreeSet<CaseId>,
    /// Units with a new status, task or description.
    pub units: BTreeSet<UnitId>,
    /// Sensors with a new reading or description.
    pub sensors: BTreeSet<SensorId>,
    /// Of those, the sensors that must be sent whole: described, for the first time or again, or read more than once.
    pub sensors_described: BTreeSet<SensorId>,
    /// Some sensors have retired: whoever looks at sensors must begin afresh.
    pub sensors_retired: bool,
    /// Alarms changed or gone.
    pub alarms: BTreeSet<AlarmId>,
    /// The city's rules changed.
    pub rules: bool,
}

impl Changes {
    /// Adds what another record touched.
    pub fn merge(&mut self, mut other: Self) {
        self.movers.append(&mut other.movers);
        self.movers_described.append(&mut other.movers_described);
        self.cases.append(&mut other.cases);
        self.units.append(&mut other.units);
        let twice = self.sensors.intersection(&other.sensors);
        self.sensors_described.extend(twice);
        self.sensors.append(&mut other.sensors);
        self.sensors_described.append(&mut other.sensors_described);
        self.alarms.append(&mut other.alarms);
        self.sensors_retired |= other.sensors_retired;
        self.rules |= other.rules;
    }

    /// True where nothing was touched.
    pub fn is_empty(&self) -> bool {
        self.movers.is_empty() && self.movers_described.is_empty() && !self.has_entities()
    }

    /// True where anything but positions was touched.
    pub fn has_entities(&self) -> bool {
        self.rules
            || !(self.cases.is_empty()
                && self.units.is_empty()
                && self.sensors.is_empty()
                && self.alarms.is_empty())
    }
}
