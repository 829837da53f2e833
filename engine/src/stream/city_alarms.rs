//! What is told of the running city's alarms to those who are in another world.

use crate::city::Severity;
use crate::geo::Position;
use crate::ids::AlarmId;
use crate::model::{Actor, Alarm, AlarmSource, Reading, Sensor, shown};
use crate::state::State;
use crate::time::Timestamp;

/// Most alarms of one message.
pub const CITY_ALARMS_MAX: usize = 100;

/// A severe alarm of the running city, with all that a plate says.
#[derive(Clone, Debug, PartialEq)]
pub struct CityAlarm {
    /// Its number in the running city.
    pub id: AlarmId,
    /// The case or sensor of the running city that raised it.
    pub source: AlarmSource,
    /// How grave it is.
    pub severity: Severity,
    /// The class of the case, or the name of the sensor.
    pub title: String,
    /// The same in English, where there is an English name.
    pub title_en: String,
    /// What was reported, or the sensor's newest value with its unit.
    pub words: String,
    /// The place in words; may be empty.
    pub address: String,
    /// Longitude of the place, degrees.
    pub lon: f64,
    /// Latitude of the place, degrees.
    pub lat: f64,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// By whom and when it was acknowledged.
    pub acknowledged: Option<(Actor, Timestamp)>,
    /// When its cause ended; `None` while it runs.
    pub ended_at: Option<Timestamp>,
}

/// The severe alarms of a city that run or that nobody has acknowledged: those that nobody has acknowledged first, each
/// kind the newest first, at most [`CITY_ALARMS_MAX`]; and how many more there are.
///
/// `address`: the words for a place, for alarms whose source has none.
pub fn city_alarms(state: &State, address: impl Fn(Position) -> String) -> (Vec<CityAlarm>, u32) {
    let severe = state.alarms().values();
    let mut severe: Vec<&Alarm> = severe.filter(|a| a.severity == Severity::Severe).collect();
    severe.sort_by_key(|a| (a.acknowledged.is_some(), core::cmp::Reverse(a.id)));
    let more = severe.len().saturating_sub(CITY_ALARMS_MAX) as u32;
    severe.truncate(CITY_ALARMS_MAX);
    let told = severe.into_iter().map(|a| told(state, a, &address));
    (told.collect(), more)
}

fn told(state: &State, a: &Alarm, address: &impl Fn(Position) -> String) -> CityAlarm {
    let place = a.position.lon_lat();
    let mut alarm = CityAlarm {
        id: a.id,
        source: a.source,
        severity: a.severity,
        title: String::new(),
        title_en: String::new(),
        words: String::new(),
        address: String::new(),
        lon: place.lon_deg,
        lat: place.lat_deg,
        raised_at: a.raised_at,
        acknowledged: a.acknowledged.clone(),
        ended_at: a.ended_at,
    };
    match a.source {
        AlarmSource::Case(case) => {
            if let Some(c) = state.case(case) {
                if let Some(class) = state.rules().and_then(|r| r.class(c.class)) {
                    alarm.title.clone_from(&class.name);
                    alarm.title_en.clone_from(&class.name_en);
                }
                alarm.words = shown(&c.note).into_owned();
                alarm.address = shown(&c.address).into_owned();
            }
        }
        AlarmSource::Sensor(sensor) => {
            if let Some(s) = state.sensor(sensor) {
                alarm.title = shown(&s.name).into_owned();
                alarm.words = s.latest.map_or(String::new(), |r| value_words(s, r));
            }
        }
    }
    if alarm.address.is_empty() {
        alarm.address = address(a.position);
    }
    alarm
}

fn value_words(sensor: &Sensor, reading: Reading) -> String {
    let unit = &sensor.unit_of_measure;
    reading
        .value
        .map_or(String::new(), |v| format!("{v:.2} {unit}"))
}
