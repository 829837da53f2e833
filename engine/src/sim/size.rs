//! How much a city has of everything, from its streets: the one place where this is decided.
//!
//! The measure is the length of the streets that lie in the city, not its rectangle: half of a rectangle may be sea,
//! fields or another country. A carriageway of a divided road counts half, since such a road is mapped twice; yards,
//! alleys and car parks do not count, since one city has all of them mapped and the next none. The number of people is
//! not asked: where it is mapped it is a whole city's, of which an extract seldom holds all.
//!
//! | city | streets, km | units | open cases | sensors | busy places |
//! |---|---|---|---|---|---|
//! | a harbour and a hill | 3 | 5 | 15 | 10 | 3 |
//! | a small state, 2 km² | 38 | 16 | 48 | 32 | 7 |
//! | a valley, 160 km² | 350 | 85 | 255 | 170 | 21 |
//! | a city of five districts, 400 km² | 1,900 | 302 | 302 | 604 | 48 |

use crate::geo::GeoBox;
use crate::roads::{RoadClass, RoadGraph};

/// A city's size, by its streets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CitySize {
    /// Streets that lie in the city, kilometres.
    pub street_km: f64,
}

/// Units for one kilometre of street.
const UNITS_OF_ONE_KM: f64 = 1.05;
/// Work grows with the streets, but units stand in for one another, the more the more there are: between the first power
/// (nobody shares) and the square root (all that stand by are shared).
const UNITS_POWER: f64 = 0.75;
/// No city has fewer: one of each usual fleet.
const UNITS_MIN: f64 = 5.0;
/// More terminals than this are not opened at once.
const UNITS_MAX: f64 = 1_000.0;
/// Markets, stations and squares: the root of the streets, as each serves an area of them.
const BUSY_OF_ROOT_KM: f64 = 1.1;
/// Most busy places.
const BUSY_MAX: f64 = 400.0;

/// Open cases for each unit, as long as one desk can look at all of them.
const OPEN_PER_UNIT: u32 = 3;
/// So many open cases fill a desk: from here on a city has no more of them until there are as many units.
const OPEN_OF_A_DESK: u32 = 300;
/// Sensors for each unit.
const SENSORS_PER_UNIT: u32 = 2;
/// Open cases that stand for the rate of the hotline's city (by Little's law all cities keep a case open as long:
/// about two and a half hours).
const OPEN_PER_RATE: f64 = 15.0;

impl CitySize {
    /// Of the streets of `roads` whose middle lies within `city`.
    pub fn of(roads: &RoadGraph, city: GeoBox) -> Self {
        let mut street_m = 0.0;
        for index in 0..roads.edge_count() as u32 {
            let Some(edge) = roads.edge(index).filter(|e| e.class < RoadClass::Service) else {
                continue;
            };
            let middle = roads.point_along(index, 0.5);
            if middle.is_some_and(|p| city.contains(p.position)) {
                street_m += f64::from(edge.length_m) * if edge.oneway { 0.5 } else { 1.0 };
            }
        }
        Self {
            street_km: street_m / 1_000.0,
        }
    }

    /// How many units a city of this size has, 5 … 1,000.
    pub fn units(self) -> u32 {
        let units = UNITS_OF_ONE_KM * libm::pow(self.street_km.max(0.0), UNITS_POWER);
        libm::round(units.clamp(UNITS_MIN, UNITS_MAX)) as u32
    }

    /// How many of its places draw more cases than others, 3 … 400.
    pub fn busy_places(self) -> usize {
        let busy = BUSY_OF_ROOT_KM * libm::sqrt(self.street_km.max(0.0));
        libm::round(busy.clamp(3.0, BUSY_MAX)) as usize
    }
}

/// What a city with so many units deals with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Cases that are open at any time.
    pub open_cases: u32,
    /// Sensors.
    pub sensors: u32,
    /// New cases, in times of the hotline's city.
    pub case_rate: f64,
}

impl Load {
    /// Of a city with so many units, whether they follow from its size or were set by hand.
    pub fn of(units: u32) -> Self {
        let open_cases = (units.saturating_mul(OPEN_PER_UNIT))
            .min(OPEN_OF_A_DESK)
            .max(units);
        Self {
            open_cases,
            sensors: units.saturating_mul(SENSORS_PER_UNIT),
            case_rate: f64::from(open_cases) / OPEN_PER_RATE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_above_is_what_comes_out() {
        for (street_km, units, open, sensors, busy) in [
            (0.0, 5, 15, 10, 3),
            (3.0, 5, 15, 10, 3),
            (38.0, 16, 48, 32, 7),
            (350.0, 85, 255, 170, 21),
            (1_900.0, 302, 302, 604, 48),
            (190_000.0, 1_000, 1_000, 2_000, 400),
        ] {
            let size = CitySize { street_km };
            let load = Load::of(size.units());
            assert_eq!((size.units(), size.busy_places()), (units, busy));
            assert_eq!((load.open_cases, load.sensors), (open, sensors));
        }
    }

    #[test]
    fn a_hundred_units_have_three_hundred_cases_and_two_hundred_sensors() {
        let load = Load::of(100);
        assert_eq!(
            (load.open_cases, load.sensors, load.case_rate),
            (300, 200, 20.0)
        );
    }
}
