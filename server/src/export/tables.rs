//! The exported tables: their columns, and their rows from what was gathered.

use super::ExportError;
use super::gather::{Dispatch, Gathered, MoverName, actor_words};
use chengtu_engine::city::Severity;
use chengtu_engine::command::Observation;
use chengtu_engine::geo::Position;
use chengtu_engine::model::{
    Alarm, AlarmSource, Case, CaseSource, Fix, MoverKind, NO_BEARING, Phenomenon, Sensor,
    SensorState, Stage,
};
use chengtu_engine::time::Timestamp;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// A whole number.
    Int,
    /// A floating-point number, in the unit that the column's name gives.
    Real,
    /// A moment, microseconds since 1970, UTC.
    Time,
    /// Yes or no.
    Bool,
}

/// One value of a row; its kind is that of its column, or [`Cell::None`].
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Not known, or not applicable to this row.
    None,
    /// UTF-8 text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Real(f64),
    /// A moment; written as RFC 3339 UTC, or as microseconds in Parquet.
    Time(Timestamp),
    /// Yes or no.
    Bool(bool),
}

/// One of the exported tables; its lower-case name is the file's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Table {
    /// One row a case, as it was at the end of the stretch.
    Cases,
    /// One row a stage of a case.
    Stages,
    /// One row a position.
    Fixes,
    /// One row a sensor.
    Sensors,
    /// One row a reading.
    Observations,
    /// One row an alarm.
    Alarms,
    /// One row a sending of a unit.
    Dispatches,
}

use Kind::{Bool, Int, Real, Text, Time};

/// A column's name and the kind of its values.
pub type Column = (&'static str, Kind);

const CASES: &[Column] = &[
    ("case", Int),
    ("class_code", Text),
    ("class", Text),
    ("class_en", Text),
    ("group", Text),
    ("severity", Text),
    ("stage", Text),
    ("lon", Real),
    ("lat", Real),
    ("address", Text),
    ("note", Text),
    ("source", Text),
    ("occurred_at", Time),
    ("filed_at", Time),
    ("due_at", Time),
    ("overdue", Bool),
    ("ended_at", Time),
    ("reports", Int),
    ("rework", Int),
];

const STAGES: &[Column] = &[("case", Int), ("stage", Text), ("at", Time), ("by", Text)];

const FIXES: &[Column] = &[
    ("fix_time", Time),
    ("known_at", Time),
    ("mover", Int),
    ("key", Text),
    ("kind", Text),
    ("call_sign", Text),
    ("lon", Real),
    ("lat", Real),
    ("bearing_deg", Real),
    ("speed_mps", Real),
    ("accuracy_m", Real),
];

const SENSORS: &[Column] = &[
    ("sensor", Int),
    ("key", Text),
    ("name", Text),
    ("phenomenon", Text),
    ("unit", Text),
    ("lon", Real),
    ("lat", Real),
    ("warning", Real),
    ("alarm", Real),
    ("state", Text),
    ("latest", Real),
    ("latest_at", Time),
];

const OBSERVATIONS: &[Column] = &[
    ("sensor", Int),
    ("key", Text),
    ("phenomenon", Text),
    ("phenomenon_time", Time),
    ("known_at", Time),
    ("value", Real),
    ("lon", Real),
    ("lat", Real),
];

const ALARMS: &[Column] = &[
    ("alarm", Int),
    ("source", Text),
    ("case", Int),
    ("sensor", Int),
    ("severity", Text),
    ("lon", Real),
    ("lat", Real),
    ("raised_at", Time),
    ("acknowledged_at", Time),
    ("acknowledged_by", Text),
    ("ended_at", Time),
];

const DISPATCHES: &[Column] = &[
    ("assignment", Int),
    ("unit", Int),
    ("call_sign", Text),
    ("case", Int),
    ("lon", Real),
    ("lat", Real),
    ("sent_at", Time),
    ("sent_by", Text),
    ("expected_at", Time),
    ("acknowledged_at", Time),
    ("arrived_at", Time),
    ("ended_at", Time),
    ("outcome", Text),
];

impl Table {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Cases,
        Self::Stages,
        Self::Fixes,
        Self::Sensors,
        Self::Observations,
        Self::Alarms,
        Self::Dispatches,
    ];

    /// Its name, as `--table` takes it and files are called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cases => "cases",
            Self::Stages => "stages",
            Self::Fixes => "fixes",
            Self::Sensors => "sensors",
            Self::Observations => "observations",
            Self::Alarms => "alarms",
            Self::Dispatches => "dispatches",
        }
    }

    /// Its columns, in order.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Cases => CASES,
            Self::Stages => STAGES,
            Self::Fixes => FIXES,
            Self::Sensors => SENSORS,
            Self::Observations => OBSERVATIONS,
            Self::Alarms => ALARMS,
            Self::Dispatches => DISPATCHES,
        }
    }

    /// Hands on every row of a table that is kept whole; nothing for positions and readings, which are not kept.
    ///
    /// # Errors
    /// Those of `take`.
    pub fn rows(
        self,
        g: &Gathered,
        names: bool,
        mut take: impl FnMut(Vec<Cell>) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        match self {
            Self::Cases => g.cases.values().try_for_each(|c| take(case_row(c, g))),
            Self::Stages => g
                .cases
                .values()
                .flat_map(|c| stage_rows(c, g, names))
                .try_for_each(take),
            Self::Sensors => g.sensors.iter().try_for_each(|s| take(sensor_row(s))),
            Self::Alarms => g
                .alarms
                .values()
                .try_for_each(|a| take(alarm_row(a, g, names))),
            Self::Dispatches => g
                .dispatches
                .values()
                .try_for_each(|d| take(dispatch_row(d, g, names))),
            Self::Fixes | Self::Observations => Ok(()),
        }
    }
}

fn text(t: &str) -> Cell {
    if t.is_empty() {
        Cell::None
    } else {
        Cell::Text(t.to_owned())
    }
}

fn time(t: Option<Timestamp>) -> Cell {
    t.map_or(Cell::None, Cell::Time)
}

fn real(v: Option<f64>) -> Cell {
    v.map_or(Cell::None, Cell::Real)
}

fn lon_lat(p: Position) -> [Cell; 2] {
    let p = p.lon_lat();
    [Cell::Real(p.lon_deg), Cell::Real(p.lat_deg)]
}

/// The name of a severity in exported files.
pub fn severity_word(s: Severity) -> &'static str {
    match s {
        Severity::Severe => "severe",
        Severity::Urgent => "urgent",
        Severity::Normal => "normal",
        Severity::Slight => "slight",
    }
}

/// The name of a stage in exported files.
pub fn stage_word(s: Stage) -> &'static str {
    match s {
        Stage::Reported => "reported",
        Stage::Filed => "filed",
        Stage::Dispatched => "dispatched",
        Stage::InProgress => "in_progress",
        Stage::Handled => "handled",
        Stage::Closed => "closed",
        Stage::Void => "void",
    }
}

/// The name of a kind of mover in exported files.
pub fn mover_word(k: MoverKind) -> &'static str {
    match k {
        MoverKind::Car => "car",
        MoverKind::Taxi => "taxi",
        MoverKind::Bus => "bus",
        MoverKind::Van => "van",
        MoverKind::Unit => "unit",
    }
}

/// The name of a phenomenon in exported files.
pub fn phenomenon_word(p: Phenomenon) -> &'static str {
    match p {
        Phenomenon::BinFill => "bin_fill",
        Phenomenon::ManholeTilt => "manhole_tilt",
        Phenomenon::WaterLevel => "water_level",
        Phenomenon::Pm25 => "pm25",
        Phenomenon::Other => "other",
    }
}

/// The name of a sensor's state in exported files.
pub fn sensor_word(s: SensorState) -> &'static str {
    match s {
        SensorState::Unknown => "unknown",
        SensorState::Normal => "normal",
        SensorState::Warning => "warning",
        SensorState::Alarm => "alarm",
        SensorState::Fault => "fault",
    }
}

/// When a case ended, where it has.
pub fn ended_at(c: &Case) -> Option<Timestamp> {
    (!c.stage.is_open()).then(|| c.since())
}

fn case_row(c: &Case, g: &Gathered) -> Vec<Cell> {
    let class = g.rules.class(c.class);
    let of_class = |f: fn(&chengtu_engine::city::CaseClass) -> &str| text(class.map_or("", f));
    let source = match &c.source {
        CaseSource::Feed(feed, _) => g
            .feeds
            .get(usize::from(feed.0))
            .map_or_else(|| "feed".to_owned(), |f| format!("feed {f}")),
        CaseSource::Operator(_) => "duty officer".to_owned(),
    };
    let [lon, lat] = lon_lat(c.position);
    vec![
        Cell::Int(c.id.0 as i64),
        of_class(|c| &c.code),
        of_class(|c| &c.name),
        of_class(|c| &c.name_en),
        of_class(|c| &c.group),
        text(severity_word(c.severity)),
        text(stage_word(c.stage)),
        lon,
        lat,
        text(&c.address),
        text(&c.note),
        Cell::Text(source),
        Cell::Time(c.occurred_at),
        time(c.filed_at),
        time(c.due_at),
        Cell::Bool(c.overdue),
        time(ended_at(c)),
        Cell::Int(i64::from(c.reports)),
        Cell::Int(i64::from(c.rework)),
    ]
}

fn stage_rows<'a>(
    c: &'a Case,
    g: &'a Gathered,
    names: bool,
) -> impl Iterator<Item = Vec<Cell>> + 'a {
    c.history.iter().map(move |h| {
        vec![
            Cell::Int(c.id.0 as i64),
            text(stage_word(h.stage)),
            Cell::Time(h.at),
            Cell::Text(actor_words(&h.by, g, names)),
        ]
    })
}

/// Degrees of a fix that says where it points.
pub fn bearing_deg(f: &Fix) -> Option<f64> {
    (f.bearing_cdeg != NO_BEARING).then(|| f64::from(f.bearing_cdeg) / 100.0)
}

/// The row of a position.
pub fn fix_row(m: &MoverName, f: &Fix, known_at: Timestamp) -> Vec<Cell> {
    let [lon, lat] = lon_lat(f.position);
    vec![
        Cell::Time(f.fix_time),
        Cell::Time(known_at),
        Cell::Int(i64::from(m.id.0)),
        text(&m.key),
        text(mover_word(m.kind)),
        m.call_sign.as_deref().map_or(Cell::None, text),
        lon,
        lat,
        real(bearing_deg(f)),
        Cell::Real(f64::from(f.speed_cmps) / 100.0),
        real((f.accuracy_dm > 0).then(|| f64::from(f.accuracy_dm) / 10.0)),
    ]
}

fn sensor_row(s: &Sensor) -> Vec<Cell> {
    let [lon, lat] = lon_lat(s.position);
    vec![
        Cell::Int(i64::from(s.id.0)),
        text(&s.key),
        text(&s.name),
        text(phenomenon_word(s.phenomenon)),
        text(&s.unit_of_measure),
        lon,
        lat,
        real(s.thresholds.map(|t| t.warning)),
        real(s.thresholds.map(|t| t.alarm)),
        text(sensor_word(s.state)),
        real(s.latest.and_then(|r| r.value)),
        time(s.latest.map(|r| r.phenomenon_time)),
    ]
}

/// The row of a reading.
pub fn observation_row(s: &Sensor, o: &Observation, known_at: Timestamp) -> Vec<Cell> {
    let [lon, lat] = lon_lat(s.position);
    vec![
        Cell::Int(i64::from(s.id.0)),
        text(&s.key),
        text(phenomenon_word(s.phenomenon)),
        Cell::Time(o.phenomenon_time),
        Cell::Time(known_at),
        real(o.value),
        lon,
        lat,
    ]
}

fn alarm_row(a: &Alarm, g: &Gathered, names: bool) -> Vec<Cell> {
    let (source, case, sensor) = match a.source {
        AlarmSource::Case(c) => ("case", Cell::Int(c.0 as i64), Cell::None),
        AlarmSource::Sensor(s) => ("sensor", Cell::None, Cell::Int(i64::from(s.0))),
    };
    let [lon, lat] = lon_lat(a.position);
    vec![
        Cell::Int(a.id.0 as i64),
        text(source),
        case,
        sensor,
        text(severity_word(a.severity)),
        lon,
        lat,
        Cell::Time(a.raised_at),
        time(a.acknowledged.as_ref().map(|(_, t)| *t)),
        a.acknowledged
            .as_ref()
            .map_or(Cell::None, |(by, _)| Cell::Text(actor_words(by, g, names))),
        time(a.ended_at),
    ]
}

fn dispatch_row(d: &Dispatch, g: &Gathered, names: bool) -> Vec<Cell> {
    let a = &d.assignment;
    let [lon, lat] = lon_lat(a.position);
    vec![
        Cell::Int(a.id.0 as i64),
        Cell::Int(i64::from(d.unit.0)),
        text(&d.call_sign),
        d.case().map_or(Cell::None, |c| Cell::Int(c.0 as i64)),
        lon,
        lat,
        Cell::Time(a.at),
        Cell::Text(actor_words(&a.by, g, names)),
        time(a.expected_at),
        time(a.acknowledged_at),
        time(a.arrived_at),
        time(d.ended.map(|(t, _)| t)),
        text(d.ended.map_or("", |(_, how)| how)),
    ]
}
