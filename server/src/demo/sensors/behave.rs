//! How one sensor behaves: a curve over the day, noise, faults, silence, and seldom a reason for alarm.

use super::air::AirCurves;
use crate::demo::Chance;
use chengtu_engine::geo::Position;
use chengtu_engine::model::Phenomenon;
use jiff::civil::DateTime;

/// A simulated sensor.
#[derive(Clone, Debug)]
pub struct SimSensor {
    /// The feed's name for it.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// What it measures.
    pub phenomenon: Phenomenon,
    /// Unit of its values.
    pub unit: &'static str,
    /// Where it stands.
    pub position: Position,
    /// From here on a warning.
    pub warning: f64,
    /// From here on an alarm.
    pub alarm: f64,
    chance: Chance,
    /// Its own way: how fast it fills, where it stands when at rest.
    bias: f64,
    level: f64,
    noise: f64,
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
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    None,
    /// Says itself that it is broken, for so many minutes yet.
    Broken(f64),
    /// Says nothing, for so many minutes yet.
    Silent(f64),
    /// Something has happened: a peak that grows, stays and goes; minutes passed, minutes in all.
    Event(f64, f64),
}

impl SimSensor {
    /// A sensor at rest.
    pub fn new(
        key: String,
        name: String,
        phenomenon: Phenomenon,
        position: Position,
        mut chance: Chance,
    ) -> Self {
        let (unit, warning, alarm) = match phenomenon {
            Phenomenon::BinFill => ("%", 85.0, 100.0),
            Phenomenon::ManholeTilt => ("°", 8.0, 20.0),
            Phenomenon::WaterLevel => ("m", 0.15, 0.30),
            Phenomenon::Pm25 => ("µg/m³", 115.0, 250.0),
            Phenomenon::Other => ("", 1.0, 2.0),
        };
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
            key,
            name,
            phenomenon,
            unit,
            position,
            warning,
            alarm,
            chance,
            bias,
            level,
            noise: 0.0,
            trouble,
        }
    }

    /// Lives on for `minutes` and measures.
    pub fn step(&mut self, minutes: f64, local: DateTime, air: &AirCurves) -> Measured {
        self.trouble = self.next_trouble(minutes);
        self.noise = self.noise * 0.9 + self.chance.normal() * 0.43;
        let event = match self.trouble {
            Trouble::Event(passed, whole) => (std::f64::consts::PI * passed / whole).sin().max(0.0),
            _ => 0.0,
        };
        let hour = f64::from(local.hour()) + f64::from(local.minute()) / 60.0;
        let value = match self.phenomenon {
            Phenomenon::BinFill => self.bin(minutes, hour, event),
            Phenomenon::ManholeTilt => {
                let knocked = if event > 0.0 {
                    24.0 + 8.0 * self.bias
                } else {
                    0.0
                };
                (0.4 + self.bias + self.noise.abs() * 0.3 + knocked).max(0.0)
            }
            Phenomenon::WaterLevel => {
                let dry = 0.01 + 0.03 * self.bias;
                (dry + self.noise * 0.004 + event * (0.22 + 0.25 * self.bias)).max(0.0)
            }
            Phenomenon::Pm25 => {
                let (mean, sd) = air.at(local.month() as usize, hour);
                // A day is good or bad as a whole; stations differ a little.
                let day = f64::from(local.day_of_year());
                let weather = (day * 0.9).sin() * 0.45 + (day * 0.37).cos() * 0.25;
                let station = (self.bias - 0.5) * 0.2;
                (mean + sd * (weather + station) + self.noise * 3.0 + event * 40.0).max(3.0)
            }
            Phenomenon::Other => self.noise,
        };
        match self.trouble {
            Trouble::Silent(_) => Measured::Silent,
            Trouble::Broken(_) => Measured::Broken,
            _ => Measured::Value((value * 1_000.0).round() / 1_000.0),
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

    fn value(m: Measured) -> Option<f64> {
        match m {
            Measured::Value(v) => Some(v),
            _ => None,
        }
    }

    fn lives(phenomenon: Phenomenon, seed: u64, minutes: usize) -> (SimSensor, Vec<Measured>) {
        let air = AirCurves::shipped().unwrap();
        let chance = Chance::new(seed);
        let mut s = SimSensor::new(
            "k".into(),
            "n".into(),
            phenomenon,
            Position::default(),
            chance,
        );
        let begin = jiff::civil::date(2026, 11, 20).at(8, 0, 0, 0);
        let values = (0..minutes)
            .map(|m| {
                let local = begin.saturating_add(jiff::Span::new().minutes(m as i64));
                s.step(1.0, local, &air)
            })
            .collect();
        (s, values)
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
                let (s, values) = lives(phenomenon, seed, 1_440);
                for v in values {
                    all += 1;
                    match v {
                        Measured::Silent => silent += 1,
                        Measured::Broken => broken += 1,
                        Measured::Value(v) => {
                            assert!((0.0..=high).contains(&v), "{phenomenon:?} {v}");
                            alarms += i32::from(v >= s.alarm);
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
        let (_, values) = lives(Phenomenon::BinFill, 3, 4 * 1_440);
        let values: Vec<f64> = values.into_iter().filter_map(value).collect();
        let emptied = values.windows(2).filter(|w| w[1] < w[0] - 50.0).count();
        assert!((1..20).contains(&emptied), "{emptied}");
        let floods = (0..40)
            .filter(|seed| {
                let (s, values) = lives(Phenomenon::WaterLevel, *seed, 1_440);
                values.into_iter().filter_map(value).any(|v| v >= s.alarm)
            })
            .count();
        assert!((1..30).contains(&floods), "{floods}");
    }
}
