//! Sensors: where each is shown, as a chip with its value or a dot, and in which state.

use super::Selection;
use super::words;
use crate::camera::MapCamera;
use crate::i18n::Words;
use crate::space::{Shape, Space};
use bevy::math::{Rect, Vec2};
use chengtu_engine::geo::{LonLat, mercator_from_lon_lat};
use chengtu_engine::ids::SensorId;
use chengtu_engine::model::{AlarmSource, SensorState};
use chengtu_engine::stream::{Mirror, SensorView};
use chengtu_engine::time::Timestamp;

/// How a sensor is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SensorLook {
    /// Below its thresholds.
    Normal,
    /// At or above the first.
    Warning,
    /// At or above the second.
    Alarm,
    /// Has not spoken for too long: its age instead of its value.
    Stale,
    /// Says itself that it is broken.
    Fault,
}

/// A sensor on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct SensorMark {
    /// The sensor that it marks.
    pub id: SensorId,
    /// Its ground point on the screen, logical pixels.
    pub ground: Vec2,
    /// How it is shown.
    pub look: SensorLook,
    /// Text of its chip: value with unit, or how long it has been silent, or that it is broken.
    pub text: String,
    /// Share of the bar that is filled, and where on it the threshold lies, 0 … 1.
    pub level: Option<(f32, f32)>,
    /// A chip, or a mere dot.
    pub chip: bool,
    /// How much higher than usual its chip is drawn, to find room, logical pixels.
    pub raised: f32,
    /// It is selected: its chip is shown at any zoom.
    pub selected: bool,
    /// Its alarm has not been acknowledged.
    pub pulses: Option<Timestamp>,
}

impl SensorMark {
    /// True where all is in order and nobody looks at it in particular: it is there, and asks for nothing.
    pub fn whispers(&self) -> bool {
        self.look == SensorLook::Normal && !self.chip && !self.selected
    }
}

/// A sensor is stale when it has been silent for this many of its usual intervals, and never before `SILENT_MIN_S`.
const SILENT_INTERVALS: f64 = 3.0;
const SILENT_MIN_S: f64 = 180.0;

/// Zoom from which the chips of what is not in order are shown.
const CHIP_ZOOM: f64 = 15.8;
/// Zoom from which dots of what is not in order are shown; below it only sensors whose alarm waits.
pub const DOT_ZOOM: f64 = 14.0;
/// Zoom from which the dots of sensors in order are shown.
const WHISPER_ZOOM: f64 = 14.8;

/// How a sensor is shown at a moment.
pub fn look(sensor: &SensorView, now: Timestamp, offline_s: f64) -> SensorLook {
    let age_s = sensor
        .latest
        .map_or(f64::INFINITY, |r| now.seconds_since(r.phenomenon_time));
    let interval_s = match sensor.hour.as_slice() {
        [first, .., last] => {
            last.phenomenon_time.seconds_since(first.phenomenon_time)
                / (sensor.hour.len() - 1) as f64
        }
        _ => offline_s / SILENT_INTERVALS,
    };
    match sensor.state {
        _ if age_s > (interval_s * SILENT_INTERVALS).max(SILENT_MIN_S) => SensorLook::Stale,
        SensorState::Fault => SensorLook::Fault,
        SensorState::Alarm => SensorLook::Alarm,
        SensorState::Warning => SensorLook::Warning,
        SensorState::Normal | SensorState::Unknown => SensorLook::Normal,
    }
}

/// A value in three figures with its unit.
pub fn value_text(value: f64, unit: &str) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 || unit == "%" => {
            usize::from(unit != "%" && v < 100.0 && v.fract().abs() > 0.05)
        }
        _ => 2,
    };
    format!("{value:.decimals$} {unit}").trim_end().to_string()
}

/// What the layout of sensors depends on.
#[derive(Clone, Copy, Debug)]
pub struct SensorRules<'a, F> {
    /// False: only what is selected or waits for somebody is shown.
    pub shown: bool,
    /// Age from which a value is stale where a sensor has no rhythm of its own, seconds.
    pub offline_s: f64,
    /// Half the chip of a text, logical pixels.
    pub chip_half: F,
    /// From the ground to a chip's lower edge, logical pixels.
    pub stem: f32,
    /// Words on chips.
    pub words: &'a Words,
    /// The one under the pointer says its value.
    pub hovered: Selection,
}

/// Lays out the sensors that are seen.
pub fn layout<F: Fn(&str) -> Vec2>(
    mirror: &Mirror,
    camera: &MapCamera,
    now: Timestamp,
    selection: Selection,
    rules: SensorRules<'_, F>,
    space: &mut Space,
) -> Vec<SensorMark> {
    let SensorRules {
        shown,
        offline_s,
        chip_half,
        stem,
        words: w,
        hovered,
    } = rules;
    let selected_alarm = match selection {
        Selection::Alarm(id) => mirror.alarms.get(&id).map(|a| a.source),
        _ => None,
    };
    let mut marks = Vec::new();
    for sensor in mirror.sensors.values() {
        let pulses = mirror
            .alarms
            .values()
            .find(|a| a.source == AlarmSource::Sensor(sensor.id) && a.acknowledged.is_none())
            .map(|a| a.raised_at);
        let selected = selection == Selection::Sensor(sensor.id)
            || selected_alarm == Some(AlarmSource::Sensor(sensor.id));
        // An alarm nobody has seen is shown wherever the map looks, whatever is switched off.
        if !selected && pulses.is_none() && (!shown || camera.zoom < DOT_ZOOM) {
            continue;
        }
        let at = mercator_from_lon_lat(LonLat::new(sensor.lon, sensor.lat)).into();
        let Some(p) = camera.screen_from_mercator(at) else {
            continue;
        };
        if p.pos.cmplt(Vec2::splat(-50.0)).any() || p.pos.cmpgt(camera.viewport + 50.0).any() {
            continue;
        }
        let look = look(sensor, now, offline_s);
        let asked = selected || pulses.is_some() || hovered == Selection::Sensor(sensor.id);
        let normal = look == SensorLook::Normal;
        if normal && !asked && camera.zoom < WHISPER_ZOOM {
            continue;
        }
        let value = sensor.latest.and_then(|r| r.value);
        let text = match (look, value, sensor.latest) {
            (SensorLook::Stale, _, Some(r)) => words::ago(now.seconds_since(r.phenomenon_time), w),
            (SensorLook::Fault, ..) => w.t("map.fault").into(),
            (_, Some(v), _) => value_text(v, &sensor.unit_of_measure),
            _ => "—".into(),
        };
        let level = value.zip(sensor.thresholds).map(|(v, t)| {
            // The alarm bound lies at three quarters of the bar.
            let whole = (t.alarm / 0.75).max(1e-9);
            ((v / whole).clamp(0.0, 1.0) as f32, (t.alarm / whole) as f32)
        });
        let near = camera.zoom >= CHIP_ZOOM && p.nearness >= 0.62;
        let chip = asked || (near && !normal);
        marks.push(SensorMark {
            id: sensor.id,
            ground: p.pos,
            look,
            text,
            level,
            chip,
            raised: 0.0,
            selected,
            pulses,
        });
    }
    marks.sort_by_key(|m| {
        (
            !m.selected,
            m.pulses.is_none(),
            m.look != SensorLook::Alarm,
            m.look != SensorLook::Warning,
            m.id,
        )
    });
    raise_chips(&mut marks, chip_half, stem, hovered, space);
    marks
}

/// How much higher than usual a chip may stand, logical pixels; one that must be seen, as far as it takes.
const RAISED: [f32; 4] = [0.0, 16.0, 32.0, 48.0];
const RAISED_FAR: [f32; 8] = [64.0, 80.0, 96.0, 112.0, 128.0, 144.0, 160.0, 176.0];

/// Raises chips that lie on something else; one that finds no room becomes a dot, unless it must be seen.
fn raise_chips(
    marks: &mut [SensorMark],
    chip_half: impl Fn(&str) -> Vec2,
    stem: f32,
    hovered: Selection,
    space: &mut Space,
) {
    for m in marks.iter_mut().filter(|m| m.chip) {
        let half = chip_half(&m.text);
        let asked = m.selected || m.pulses.is_some() || hovered == Selection::Sensor(m.id);
        let chip = |raised: f32| {
            let centre = m.ground - Vec2::Y * (stem + raised + half.y);
            Shape::Rect(Rect::from_center_half_size(centre, half))
        };
        let far = RAISED_FAR.into_iter().filter(|_| asked);
        let mut steps = RAISED.into_iter().chain(far);
        let room = steps.find(|raised| space.is_free(chip(*raised)));
        m.raised = room.unwrap_or(0.0);
        m.chip = room.is_some() || asked;
        if m.chip {
            space.claim(chip(m.raised));
        }
    }
    marks.reverse();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use chengtu_engine::model::{Phenomenon, Reading, Thresholds};

    const NOW: Timestamp = Timestamp::from_seconds(100_000);

    fn sensor(state: SensorState, ages_s: &[i64]) -> SensorView {
        let reading = |age: &i64| Reading {
            phenomenon_time: NOW.plus_seconds(-age),
            value: Some(0.61),
        };
        let hour: Vec<Reading> = ages_s.iter().map(reading).collect();
        SensorView {
            id: SensorId(1),
            key: "w1".into(),
            name: "北门桥".into(),
            phenomenon: Phenomenon::WaterLevel,
            unit_of_measure: "m".into(),
            lon: 118.785,
            lat: 32.044,
            thresholds: Some(Thresholds {
                warning: 0.5,
                alarm: 0.9,
            }),
            state,
            latest: hour.last().copied(),
            hour,
            result_time: NOW,
        }
    }

    #[test]
    fn a_sensor_is_stale_by_its_own_rhythm() {
        let slow: Vec<i64> = (0..6).rev().map(|i| i * 600 + 700).collect();
        assert_eq!(
            look(&sensor(SensorState::Normal, &slow), NOW, 600.0),
            SensorLook::Normal
        );
        let quick: Vec<i64> = (0..6).rev().map(|i| i * 30 + 700).collect();
        assert_eq!(
            look(&sensor(SensorState::Alarm, &quick), NOW, 600.0),
            SensorLook::Stale
        );
        assert_eq!(
            look(&sensor(SensorState::Fault, &[60, 10]), NOW, 600.0),
            SensorLook::Fault
        );
        assert_eq!(
            look(&sensor(SensorState::Unknown, &[]), NOW, 600.0),
            SensorLook::Stale
        );
    }

    #[test]
    fn values_have_three_figures() {
        let text: Vec<String> = [
            (0.613, "m"),
            (42.0, "%"),
            (12.34, "µg/m³"),
            (137.6, "µg/m³"),
            (7.0, ""),
        ]
        .map(|(v, u)| value_text(v, u))
        .into();
        assert_eq!(text, ["0.61 m", "42 %", "12.3 µg/m³", "138 µg/m³", "7.00"]);
    }

    #[test]
    fn chips_near_dots_far_and_an_unseen_alarm_always() {
        let mut mirror = Mirror::new();
        mirror
            .sensors
            .insert(SensorId(1), sensor(SensorState::Alarm, &[60, 10]));
        let lay = |mirror: &Mirror, zoom, shown| {
            let camera = MapCamera {
                zoom,
                ..MapCamera::default()
            };
            let half = |_: &str| Vec2::new(34.0, 12.0);
            layout(
                mirror,
                &camera,
                NOW,
                Selection::None,
                SensorRules {
                    shown,
                    offline_s: 600.0,
                    chip_half: half,
                    stem: 14.0,
                    words: &Words::shipped(Lang::Zh).unwrap(),
                    hovered: Selection::None,
                },
                &mut Space::default(),
            )
        };
        assert!(lay(&mirror, 16.0, true)[0].chip);
        assert!(!lay(&mirror, 15.0, true)[0].chip);
        assert!(!lay(&mirror, 14.2, true)[0].whispers());
        assert!(lay(&mirror, 12.0, true).is_empty() && lay(&mirror, 16.0, false).is_empty());
        let alarm = chengtu_engine::stream::AlarmView {
            id: chengtu_engine::ids::AlarmId(1),
            source: AlarmSource::Sensor(SensorId(1)),
            severity: chengtu_engine::city::Severity::Urgent,
            lon: 0.0,
            lat: 0.0,
            raised_at: NOW,
            acknowledged: None,
            ended_at: None,
        };
        mirror.alarms.insert(alarm.id, alarm);
        assert!(lay(&mirror, 12.0, false)[0].chip);
    }

    #[test]
    fn what_is_in_order_whispers_and_the_rest_stands_out() {
        let mut mirror = Mirror::new();
        let mut put = |id: u32, state, lon: f64| {
            let id = SensorId(id);
            let sensor = SensorView {
                id,
                lon,
                ..sensor(state, &[60, 10])
            };
            mirror.sensors.insert(id, sensor);
        };
        put(1, SensorState::Normal, 118.785);
        put(2, SensorState::Warning, 118.787);
        let lay = |zoom, selection, hovered| {
            let camera = MapCamera {
                zoom,
                ..MapCamera::default()
            };
            let rules = SensorRules {
                shown: true,
                offline_s: 600.0,
                chip_half: |_: &str| Vec2::new(34.0, 12.0),
                stem: 14.0,
                words: &Words::shipped(Lang::Zh).unwrap(),
                hovered,
            };
            let space = &mut Space::default();
            let marks = layout(&mirror, &camera, NOW, selection, rules, space);
            let of = |id: u32| marks.iter().find(|m| m.id == SensorId(id)).cloned();
            [of(1), of(2)]
        };
        let sensor = |id: u32| Selection::Sensor(SensorId(id));
        let [normal, warning] = lay(17.0, Selection::None, Selection::None).map(Option::unwrap);
        assert!(normal.whispers() && !normal.chip);
        assert!(!warning.whispers() && warning.chip);
        let radius = crate::live::marks::dot_radius;
        assert!(radius(&warning) > 1.5 * radius(&normal));
        // Its value is told where it is asked for.
        assert!(
            lay(17.0, sensor(1), Selection::None)[0]
                .as_ref()
                .unwrap()
                .chip
        );
        assert!(
            lay(17.0, Selection::None, sensor(1))[0]
                .as_ref()
                .unwrap()
                .chip
        );
        // Farther off only what is not in order is left.
        let [normal, warning] = lay(14.4, Selection::None, Selection::None);
        assert!(normal.is_none() && warning.is_some());
    }
}
