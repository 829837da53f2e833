//! Simulated sensors: bins, manholes, water on low-lying roads, air.

mod air;

pub use air::{AirCurves, AirError, reduce};

use super::{Chance, CityLand};
use crate::clock::{Clock, SystemClock};
use crate::feeds::RowKind;
use crate::play::{FeedClient, FeedError};
use chengtu_engine::geo::Position;
use chengtu_engine::model::Phenomenon;
use chengtu_engine::sim::{Behaviour, LocalMoment, Measured, StreetPlaces, usual};
use jiff::tz::TimeZone;
use serde_json::json;
use std::time::Duration;

/// A simulated sensor.
#[derive(Clone, Debug)]
pub struct SimSensor {
    /// The feed's name for it.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// What it measures.
    pub phenomenon: Phenomenon,
    /// Where it is installed, WGS 84.
    pub position: Position,
    behaviour: Behaviour,
}

impl SimSensor {
    /// Lives on for `minutes` and measures.
    fn step(&mut self, minutes: f64, local: jiff::civil::DateTime, air: &AirCurves) -> Measured {
        let hour = f64::from(local.hour()) + f64::from(local.minute()) / 60.0;
        let moment = LocalMoment {
            hour,
            day_of_year: local.day_of_year() as u16,
        };
        let air = air.at(local.month() as usize, hour);
        self.behaviour.step(minutes, moment, air)
    }
}

/// A kind of sensor.
struct Kind {
    phenomenon: Phenomenon,
    /// Its keys begin with this.
    letters: &'static str,
    name: &'static str,
    name_en: &'static str,
    /// Of a hundred sensors so many are of it.
    percent: usize,
}

const fn kind(
    phenomenon: Phenomenon,
    letters: &'static str,
    name: &'static str,
    name_en: &'static str,
    percent: usize,
) -> Kind {
    Kind {
        phenomenon,
        letters,
        name,
        name_en,
        percent,
    }
}

const KINDS: [Kind; 4] = [
    kind(Phenomenon::BinFill, "BIN", "果皮箱", "Litter bin", 45),
    kind(Phenomenon::ManholeTilt, "MH", "井盖", "Manhole", 30),
    kind(Phenomenon::WaterLevel, "WL", "积水点", "Water level", 15),
    kind(Phenomenon::Pm25, "AQ", "空气站", "Air station", 10),
];

/// Puts `count` sensors beside the city's streets, more where there are more streets; at least one in every district that
/// has streets, if there are so many. The same for the same seed.
pub fn spread(places: &StreetPlaces, land: &CityLand, count: usize, seed: u64) -> Vec<SimSensor> {
    let mut chance = Chance::of(seed, "sensors");
    let here = |code: &String| places.only(|p| land.district(p) == Some(code.as_str()));
    let mut districts: Vec<StreetPlaces> = land.districts().iter().filter_map(here).collect();
    districts.truncate(count);
    let mut sensors = Vec::with_capacity(count);
    for kind in KINDS {
        for number in 1..=(count * kind.percent).div_ceil(100) {
            let own = districts.get(sensors.len()).unwrap_or(places);
            let Some(spot) = own
                .somewhere(&mut chance)
                .or_else(|| places.somewhere(&mut chance))
            else {
                return sensors;
            };
            let key = format!("{}-{number:03}", kind.letters);
            let word = places.language().of(kind.name, kind.name_en);
            let name = format!("{word} {number:03} {}", spot.address);
            let own = Chance::of(seed, &key);
            sensors.push(SimSensor {
                key,
                name,
                phenomenon: kind.phenomenon,
                position: spot.position,
                behaviour: Behaviour::new(kind.phenomenon, own),
            });
        }
    }
    sensors.truncate(count);
    sensors
}

/// Seconds between readings of one sensor.
const EVERY_S: u64 = 60;
/// Parts of that time in which an equal part of the sensors reports.
const SLOTS: usize = 12;
/// Readings of so many minutes before the start are sent first, so that a selected sensor has its last hour.
const PAST_MINUTES: i64 = 60;

/// Describes the sensors, sends their last hour, then reports for ever.
///
/// # Errors
/// [`FeedError::Refused`]. An absent server is waited for.
pub async fn run(
    mut sensors: Vec<SimSensor>,
    air: &AirCurves,
    zone: &TimeZone,
    feed: &FeedClient,
) -> Result<(), FeedError> {
    let mut rows = Vec::new();
    for s in &sensors {
        let at = s.position.lon_lat();
        let (unit, warning, alarm) = usual(s.phenomenon);
        let row = json!({
            "key": s.key, "name": s.name, "phenomenon": s.phenomenon, "unit": unit,
            "lon": at.lon_deg, "lat": at.lat_deg, "warning": warning, "alarm": alarm,
        });
        rows.push(row.to_string());
    }
    post(feed, rows).await?;
    let begin_us = SystemClock.now().0;
    let mut past = Vec::new();
    for minute in -PAST_MINUTES..0 {
        let time_us = begin_us + minute * 60_000_000;
        let local = local(time_us, zone);
        for s in &mut sensors {
            let measured = s.step(1.0, local, air);
            past.extend(reading(s, measured, time_us));
        }
    }
    for some in past.chunks(2_000) {
        post(feed, some.to_vec()).await?;
    }
    let begin = tokio::time::Instant::now();
    let slot_time = Duration::from_millis(EVERY_S * 1_000 / SLOTS as u64);
    let mut slot: u32 = 0;
    loop {
        tokio::time::sleep_until(begin + slot_time * slot).await;
        let time_us = SystemClock.now().0;
        let local = local(time_us, zone);
        let mut rows = Vec::new();
        for s in sensors
            .iter_mut()
            .skip(slot as usize % SLOTS)
            .step_by(SLOTS)
        {
            let measured = s.step(EVERY_S as f64 / 60.0, local, air);
            rows.extend(reading(s, measured, time_us));
        }
        post(feed, rows).await?;
        slot += 1;
    }
}

fn local(time_us: i64, zone: &TimeZone) -> jiff::civil::DateTime {
    jiff::Timestamp::from_microsecond(time_us)
        .unwrap_or_default()
        .to_zoned(zone.clone())
        .datetime()
}

/// A row for the feed; `None` while the sensor is silent.
fn reading(s: &SimSensor, measured: Measured, time_us: i64) -> Option<String> {
    let value = match measured {
        Measured::Silent => return None,
        Measured::Broken => None,
        Measured::Value(v) => Some(v),
    };
    Some(json!({"key": s.key, "value": value, "time_us": time_us}).to_string())
}

async fn post(feed: &FeedClient, rows: Vec<String>) -> Result<(), FeedError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut body = rows.join("\n").into_bytes();
    body.push(b'\n');
    let taken = feed.post_patiently(RowKind::Observations, body).await?;
    if taken.rejected > 0 {
        tracing::warn!(
            "{} readings not taken: {}",
            taken.rejected,
            taken.problems.join("; ")
        );
    }
    Ok(())
}
