use chengtu_engine::model::MoverKind;
use serde::{Deserialize, Serialize};

/// About a minute of fixes. All columns run over the vehicles in order, and within a vehicle over time.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Block {
    /// Vehicles: name, kind, number of fixes in this block.
    pub vehicles: Vec<(String, MoverKind, u32)>,
    /// Milliseconds: the first since the recording's beginning, the others since the one before.
    pub time_ms: Vec<i64>,
    /// Longitude in units of the head's `quantum_e7`, second differences.
    pub lon: Vec<i32>,
    /// Latitude in units of the head's `quantum_e7`, second differences.
    pub lat: Vec<i32>,
    /// Tenths of a degree, differences; [`NO_VALUE`] where there is none.
    pub bearing: Vec<i32>,
    /// Tenths of a metre a second, differences; [`NO_VALUE`] where there is none.
    pub speed: Vec<i32>,
}

/// Stands for "not said"; the difference after it is taken from what was said last.
pub(super) const NO_VALUE: i32 = i32::MAX;

/// Running differences of one column of one vehicle.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Delta {
    last: i32,
    step: i32,
}

impl Delta {
    pub fn first(&mut self, value: i32) -> i32 {
        let d = value.wrapping_sub(self.last);
        self.last = value;
        d
    }

    pub fn second(&mut self, value: i32) -> i32 {
        let step = value.wrapping_sub(self.last);
        let d = step.wrapping_sub(self.step);
        (self.last, self.step) = (value, step);
        d
    }

    pub fn first_back(&mut self, d: i32) -> i32 {
        self.last = self.last.wrapping_add(d);
        self.last
    }

    pub fn second_back(&mut self, d: i32) -> i32 {
        self.step = self.step.wrapping_add(d);
        self.last = self.last.wrapping_add(self.step);
        self.last
    }
}
