//! How one sensor behaves: a curve over the day, noise, faults, silence, and seldom a reason for alarm.

use super::Chance;
use crate::model::Phenomenon;
use serde::Serialize;

/// The city's own time, as far as sensors care.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalMoment {
    /// Hour of the day with its fraction, 0 … 24.
    pub hour: f64,
    /// Day of the year, 1 … 366.
    pub day_of_year: u16,
}

/// Unit of values, warning bound and alarm bound that are usual for what is measured.
pub fn usual(phenomenon: Phenomenon) -> (&'static str, f64, f64) {
    match phenomenon {
        Phenomenon::BinFill => ("%", 85.0, 100.0),
        Phenomenon::ManholeTilt => ("°", 8.0, 20.0),
        Phenomenon::WaterLevel => ("m", 0.15, 0.30),
        Phenomenon::Pm25 => ("µg/m³", 115.0, 250.0),
        Phenomenon::Other => ("", 1.0, 2.0),
    }
}

/// How one sensor behaves.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Behaviour {
    phenomenon: Phenomenon,
    chance: Chance,
    /// Its individual deviation: how fast it rises, and its value at rest.
    bias: f64,
    level: f64,
    noise: f64,
    /// What a real reading differed by when this took over; fades.
    offset: f64,
    trouble: Trouble,
}

/// What comes of measuring.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measured {
    /// Nothing: the sensor is silent.
    Silent,
    /// The sensor says that it is broken.
    Broken,
    /// A value in the sensor's unit.
    Value(f64),
}

/// What is the matter with a sensor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
enum Trouble {
    None,
    /// Says itself that it is broken, for so many minutes yet.
    Broken(f64),
    /// Says nothing, for so many minutes yet.
    Silent(f64),
    /// Something has happened: a peak that grows, stays and goes; minutes passed, minutes in all.
    Event(f64, f64),
}

impl Behaviour {
    /// A sensor at rest, with its share of those that are broken or silent.
    pub fn new(phenomenon: Phenomenon, mut chance: Chance) -> Self {
        let bias = chance.unit();
        let level = match phenomenon {
            Phenomenon::BinFill => chance.between(5.0, 84.0),
            _ => 0.0,
        };
        let trouble = match chance.unit() {
            u if u < 0.02 => Trouble::Broken(chance.between(10.0, 240.0)),
            u if u < 0.05 => Trouble::Silent(chance.between(30.0, 600.0)),
            _ => Trouble::None,
        };
        Self {
            phenomenon,
            chance,
            bias,
            level,
            noise: 0.0,
            offset: 0.0,
            trouble,
        }
    }

    /// A sensor that goes on from a reading: without a jump, and in order.
    pub fn continuing(
        phenomenon: Phenomenon,
        chance: Chance,
        value: f64,
        local: LocalMoment,
        air: (f64, f64),
    ) -> Self {
        let mut new = Self::new(phenomenon, chance);
        new.trouble = Trouble::None;
        match phenomenon {
            Phenomenon::BinFill => new.level = value,
            _ => new.offset = value - new.value(0.0, local, air, 0.0),
        }
        new
    }

    /// Lives on for `minutes` and measures. `air`: mean and spread of PM2.5 at this time, µg/m³.
    pub fn step(&mut self, minutes: f64, local: LocalMoment, air: (f64, f64)) -> Measured {
        self.trouble = self.next_trouble(minutes);
        self.noise = self.noise * 0.9 + self.chance.normal() * 0.43;
        // Half of it is gone in twenty minutes.
        self.offset *= libm::exp(-minutes / 29.0);
        let event = match self.trouble {
            Trouble::Event(passed, whole) => {
                libm::sin(core::f64::consts::PI * passed / whole).max(0.0)
            }
            _ => 0.0,
        };
        let value = self.value(minutes, local, air, event);
        match self.trouble {
            Trouble::Silent(_) => Measured::Silent,
            Trouble::Broken(_) => Measured::Broken,
            _ => Measured::Value(libm::round(value * 1_000.0) / 1_000.0),
        }
    }

    fn value(&mut self, minutes: f64, local: LocalMoment, air: (f64, f64), event: f64) -> f64 {
        match self.phenomenon {
            Phenomenon::BinFill => self.bin(minutes, local.hour, event),
            Phenomenon::ManholeTilt => {
                let knocked = if event > 0.0 {
                    24.0 + 8.0 * self.bias
                } else {
                    0.0
                };
                let tilt = 0.4 + self.bias + self.noise.abs() * 0.3 + knocked;
                (tilt + self.offset).max(0.0)
            }
            Phenomenon::WaterLevel => {
                let dry = 0.01 + 0.03 * self.bias;
                let water = dry + self.noise * 0.004 + event * (0.22 + 0.25 * self.bias);
                (water + self.offset).max(0.0)
            }
            Phenomenon::Pm25 => {
                let (mean, sd) = air;
                // A day is good or bad as a whole; stations differ a little.
                let day = f64::from(local.day_of_year);
                let weather = libm::sin(day * 0.9) * 0.45 + libm::cos(day * 0.37) * 0.25;
                let station = (self.bias - 0.5) * 0.2;
                let pm25 = mean + sd * (weather + station) + self.noise * 3.0 + event * 40.0;
                (pm25 + self.offset).max(3.0)
            }
            Phenomenon::Other => self.noise + self.offset,
        }
    }

    /// Bins fill by day, quicker towards evening, and are emptied when full enough and somebody comes by.
    fn bin(&mut self, minutes: f64, hour: f64, event: f64) -> f64 {
        let by_day = if (7.0..23.0).contains(&hour) {
            1.0
        } else {
            0.15
        };
        let evening = if (17.0..21.0).contains(&hour) {
            1.7
        } else {
            1.0
        };
        self.level += minutes / 60.0 * (2.5 + 5.0 * self.bias) * by_day * evening;
        let collected = self.level > 88.0 && self.chance.happens(minutes / 25.0);
        if collected {
            self.level = self.chance.between(1.0, 8.0);
        }
        // A bin that nobody comes to is heaped up.
        (self.level + self.noise * 0.4 + event * 20.0).clamp(0.0, 110.0)
    }

    fn next_trouble(&mut self, minutes: f64) -> Trouble {
        let each = |mean_hours: f64| minutes / 60.0 / mean_hours;
        match self.trouble {
            Trouble::Broken(left) if left > minutes => Trouble::Broken(left - minutes),
            Trouble::Silent(left) if left > minutes => Trouble::Silent(left - minutes),
            Trouble::Event(passed, whole) if passed + minutes < whole => {
                Trouble::Event(passed + minutes, whole)
            }
            Trouble::None => {
                // About one event in 40 minutes among two hundred sensors.
                let event_hours = match self.phenomenon {
                    Phenomenon::WaterLevel => 60.0,
                    Phenomenon::ManholeTilt => 150.0,
                    Phenomenon::BinFill => 250.0,
                    _ => 400.0,
                };
                if self.chance.happens(each(event_hours)) {
                    Trouble::Event(0.0, self.chance.between(14.0, 45.0))
                } else if self.chance.happens(each(300.0)) {
                    Trouble::Broken(self.chance.between(10.0, 180.0))
                } else if self.chance.happens(each(200.0)) {
                    Trouble::Silent(self.chance.between(20.0, 300.0))
                } else {
                    Trouble::None
                }
            }
            _ => Trouble::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lives(phenomenon: Phenomenon, seed: u64, minutes: usize) -> Vec<Measured> {
        let mut s = Behaviour::new(phenomenon, Chance::new(seed));
        (0..minutes)
            .map(|m| {
                let local = LocalMoment {
                    hour: (8.0 + m as f64 / 60.0).rem_euclid(24.0),
                    day_of_year: 324 + (m / 1_440) as u16,
                };
                s.step(1.0, local, (80.0, 60.0))
            })
            .collect()
    }

    fn value(m: Measured) -> Option<f64> {
        match m {
            Measured::Value(v) => Some(v),
            _ => None,
        }
    }

    #[test]
    fn values_are_plausible_faults_and_silence_seldom_and_alarms_rare() {
        for (phenomenon, high) in [
            (Phenomenon::BinFill, 110.0),
            (Phenomenon::ManholeTilt, 40.0),
            (Phenomenon::WaterLevel, 0.6),
            (Phenomenon::Pm25, 400.0),
        ] {
            let (mut silent, mut broken, mut alarms, mut all) = (0, 0, 0, 0);
            for seed in 0..60 {
                for v in lives(phenomenon, seed, 1_440) {
                    all += 1;
                    match v {
                        Measured::Silent => silent += 1,
                        Measured::Broken => broken += 1,
                        Measured::Value(v) => {
                            assert!((0.0..=high).contains(&v), "{phenomenon:?} {v}");
                            alarms += i32::from(v >= usual(phenomenon).2);
                        }
                    }
                }
            }
            let share = |n: i32| f64::from(n) / f64::from(all);
            assert!(
                share(silent) < 0.08 && share(broken) < 0.04,
                "{phenomenon:?}"
            );
            assert!(share(alarms) < 0.03, "{phenomenon:?} {}", share(alarms));
        }
    }

    #[test]
    fn bins_fill_and_are_emptied_and_water_rises_now_and_then() {
        let values = lives(Phenomenon::BinFill, 3, 4 * 1_440);
        let values: Vec<f64> = values.into_iter().filter_map(value).collect();
        let emptied = values.windows(2).filter(|w| w[1] < w[0] - 50.0).count();
        assert!((1..20).contains(&emptied), "{emptied}");
        let alarm = usual(Phenomenon::WaterLevel).2;
        let floods = (0..40)
            .filter(|seed| {
                let values = lives(Phenomenon::WaterLevel, *seed, 1_440);
                values.into_iter().filter_map(value).any(|v| v >= alarm)
            })
            .count();
        assert!((1..30).contains(&floods), "{floods}");
    }

    #[test]
    fn a_sensor_goes_on_from_its_last_reading_and_comes_back_to_its_own_way() {
        let local = LocalMoment {
            hour: 9.0,
            day_of_year: 100,
        };
        for (phenomenon, from, near) in [
            (Phenomenon::WaterLevel, 0.5, 0.05),
            (Phenomenon::Pm25, 180.0, 12.0),
            (Phenomenon::BinFill, 40.0, 5.0),
        ] {
            let chance = Chance::new(5);
            let mut s = Behaviour::continuing(phenomenon, chance, from, local, (80.0, 60.0));
            let first = value(s.step(1.0, local, (80.0, 60.0))).unwrap();
            assert!((first - from).abs() <= near, "{phenomenon:?} {first}");
        }
    }
}
