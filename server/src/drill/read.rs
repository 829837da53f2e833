//! A scenario file: TOML, checked against its city, every complaint with its line.

use super::injects::{self, Known};
use super::reader::{Problem, Reader, Table, suggest};
use super::resolve::Gazetteer;
use chengtu_engine::drill::{Area, DrillSensor, Goal, GoalKind, Role, Scenario, Start, Weights};
use chengtu_engine::geo::{GeoBox, LonLat};
use chengtu_engine::model::Phenomenon;
use chengtu_engine::time::Timestamp;
use std::path::{Path, PathBuf};

/// Longest drill, seconds.
const DURATION_MAX_S: u32 = 12 * 3_600;

/// Why a scenario cannot be drilled.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// Path of the scenario.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// It does not say what it must.
    #[error("{}", listed(path, problems))]
    Wrong {
        /// Path of the scenario.
        path: PathBuf,
        /// Everything that is wrong, by line.
        problems: Vec<Problem>,
    },
}

fn listed(path: &Path, problems: &[Problem]) -> String {
    let lines = problems.iter().map(|p| format!("{}:{p}", path.display()));
    lines.collect::<Vec<_>>().join("\n")
}

/// Reads and checks a scenario file.
///
/// # Errors
/// [`ScenarioError`] with everything that is wrong, each with its line.
pub fn read(path: &Path, city: &Gazetteer) -> Result<Scenario, ScenarioError> {
    let bytes = std::fs::read(path).map_err(|source| ScenarioError::Read {
        path: path.to_owned(),
        source,
    })?;
    let key = path.file_stem().unwrap_or_default().to_string_lossy();
    let wrong = |problems| ScenarioError::Wrong {
        path: path.to_owned(),
        problems,
    };
    let text = String::from_utf8(bytes).map_err(|e| {
        let upto = e.utf8_error().valid_up_to();
        wrong(vec![Problem {
            line: crate::pack::line_of_offset(&String::from_utf8_lossy(e.as_bytes()), upto),
            key: "text".into(),
            detail: "is not UTF-8; save the file as UTF-8".into(),
        }])
    })?;
    parse(&key, &text, city).map_err(wrong)
}

/// Reads and checks a scenario's text; `key` is its name.
///
/// # Errors
/// Everything that is wrong, by line.
pub fn parse(key: &str, text: &str, city: &Gazetteer) -> Result<Scenario, Vec<Problem>> {
    let reader = Reader::new(text);
    let mut scenario = Scenario {
        key: key.to_owned(),
        ..Scenario::default()
    };
    if let Some(table) = reader.parse() {
        fill(&mut scenario, Table::top(&reader, &table), city);
    }
    let problems = reader.into_problems();
    if problems.is_empty() {
        Ok(scenario)
    } else {
        Err(problems)
    }
}

fn fill(s: &mut Scenario, top: Table<'_, '_>, city: &Gazetteer) {
    if let Some(format) = top.number_needed("format", 0.0, 1e9)
        && format != 1.0
    {
        top.wrong(
            "format",
            format!("is {format}; this program reads format 1"),
        );
    }
    s.title = top.text("title");
    s.title_en = top.text("title_en");
    s.summary = top.text("summary");
    s.summary_en = top.text("summary_en");
    s.brief = top.text("brief");
    s.brief_en = top.text("brief_en");
    match top.table("start") {
        Some(start) => read_start(s, start, city),
        None => top.wrong(
            "start",
            "is missing; write [start] with calm or log, and duration",
        ),
    }
    if let Some(cases) = top.table("cases") {
        s.cases_per_hour = cases.number_or("per_hour", 0.0, 10_000.0, 0.0);
        s.open_cases = cases.number_or("open", 0.0, 5_000.0, 0.0) as u32;
        s.mix = city.mix(&cases, "mix");
        cases.end();
    }
    for role in top.tables("roles") {
        s.roles.push(Role {
            name: role.text("name"),
            name_en: role.text("name_en"),
            task: role.text_or("task", ""),
            task_en: role.text_or("task_en", ""),
        });
        role.end();
    }
    // A part that cannot be read has been complained of; keys left unread in it are no further fault.
    for table in top.tables("sensors") {
        if let Some(sensor) = sensor(&table, city) {
            s.sensors.push(sensor);
            table.end();
        }
    }
    for table in top.tables("areas") {
        if let Some(area) = area(&table, city) {
            s.areas.push(area);
            table.end();
        }
    }
    let tables = top.tables("injects");
    let mut known = Known::of(&tables, s);
    for table in tables {
        if let Some(inject) = injects::read(&table, city, &mut known, s.duration_s) {
            s.injects.push(inject);
            table.end();
        }
    }
    for table in top.tables("goals") {
        if let Some(goal) = goal(&table, s, &known) {
            s.goals.push(goal);
            table.end();
        }
    }
    if let Some(table) = top.table("weights") {
        s.weights = weights(&table);
        counted(&table, s);
        table.end();
    }
    top.end();
}

fn read_start(s: &mut Scenario, start: Table<'_, '_>, city: &Gazetteer) {
    match (start.text_maybe("calm"), start.text_maybe("log")) {
        (Some(text), None) => {
            if let Some(t) = local(&start, "calm", &text, city) {
                s.start = Start::Calm(t);
            }
        }
        (None, Some(text)) => {
            if let Some(t) = local(&start, "log", &text, city) {
                s.start = Start::Log(t);
            }
        }
        (None, None) => start.wrong(
            "calm",
            "write calm = \"2026-07-14T17:15:00\" for a synthetic day, or log = … for a second of the city's own log",
        ),
        (Some(_), Some(_)) => start.wrong("log", "write either calm or log, not both"),
    }
    s.duration_s = start.span_needed("duration").unwrap_or(3_600);
    if s.duration_s < 60 || s.duration_s > DURATION_MAX_S {
        start.wrong("duration", "must be between 0:01:00 and 12:00:00");
    }
    s.seed = start.number_or("seed", 0.0, 9e15, 1.0) as u64;
    start.end();
}

/// A moment: with an offset as written, without one on the city's own clock.
fn local(table: &Table<'_, '_>, key: &str, text: &str, city: &Gazetteer) -> Option<Timestamp> {
    if let Ok(t) = text.parse::<jiff::Timestamp>() {
        return Some(Timestamp(t.as_microsecond()));
    }
    let zoned = text
        .parse::<jiff::civil::DateTime>()
        .ok()
        .and_then(|d| d.to_zoned(city.zone.clone()).ok());
    if zoned.is_none() {
        table.wrong(
            key,
            format!("{text:?} is no moment; write \"2026-07-14T17:15:00\" (the city's own time)"),
        );
    }
    zoned.map(|z| Timestamp(z.timestamp().as_microsecond()))
}

fn sensor(table: &Table<'_, '_>, city: &Gazetteer) -> Option<DrillSensor> {
    let kinds = ["water_level", "bin_fill", "manhole_tilt", "pm25"];
    let word = table.text_or("kind", "water_level");
    let (phenomenon, unit, warning, alarm) = match word.as_str() {
        "water_level" => (Phenomenon::WaterLevel, "m", 0.15, 0.30),
        "bin_fill" => (Phenomenon::BinFill, "%", 85.0, 100.0),
        "manhole_tilt" => (Phenomenon::ManholeTilt, "°", 8.0, 20.0),
        "pm25" => (Phenomenon::Pm25, "µg/m³", 115.0, 250.0),
        other => {
            table.wrong(
                "kind",
                format!("{other:?} is no kind of sensor; {}", suggest(other, &kinds)),
            );
            return None;
        }
    };
    let warning = table.number_or("warning", 0.0, 1e6, warning);
    let alarm = table.number_or("alarm", 0.0, 1e6, alarm);
    if alarm <= warning {
        table.wrong(
            "alarm",
            format!("{alarm} must lie above the warning bound {warning}"),
        );
    }
    let rest = table.number_or("rest", 0.0, 1e6, 0.02);
    let (key, name) = (table.text("key"), table.text("name"));
    let position = city.place(table)?;
    Some(DrillSensor {
        key,
        name,
        phenomenon,
        unit_of_measure: unit.to_owned(),
        position,
        warning,
        alarm,
        rest,
    })
}

fn area(table: &Table<'_, '_>, city: &Gazetteer) -> Option<Area> {
    if let Some(word) = table.text_maybe("district") {
        let (zh, en, boxes) = city
            .district(&word)
            .map_err(|e| table.wrong("district", e))
            .ok()?;
        return Some(Area {
            name: table.text_or("name", &zh),
            name_en: table.text_or("name_en", &en),
            boxes,
        });
    }
    let (name, name_en) = (table.text("name"), table.text("name_en"));
    let edges = [
        table.number_needed("west", -180.0, 180.0)?,
        table.number_needed("south", -90.0, 90.0)?,
        table.number_needed("east", -180.0, 180.0)?,
        table.number_needed("north", -90.0, 90.0)?,
    ];
    let corner = |lon, lat| LonLat::new(lon, lat).position().ok();
    let (a, b) = (corner(edges[0], edges[1])?, corner(edges[2], edges[3])?);
    let ground = GeoBox::new(a, b);
    let city_box = city.rules.bounds;
    let apart = ground.max.lon_e7 < city_box.min.lon_e7
        || ground.min.lon_e7 > city_box.max.lon_e7
        || ground.max.lat_e7 < city_box.min.lat_e7
        || ground.min.lat_e7 > city_box.max.lat_e7;
    if apart {
        table.wrong(
            "west",
            format!("the area lies wholly outside {}", city.rules.city),
        );
    }
    Some(Area {
        name,
        name_en,
        boxes: vec![ground],
    })
}

const GOALS: [&str; 10] = [
    "dispatch_within",
    "arrive_within",
    "handled_within",
    "acknowledge_within",
    "bundle_within",
    "void_within",
    "overdue_at_most",
    "open_at_most",
    "mean_arrival_at_most",
    "cover_at_least",
];

fn goal(table: &Table<'_, '_>, s: &Scenario, known: &Known) -> Option<Goal> {
    let (title, title_en) = (table.text("title"), table.text("title_en"));
    let word = table.text("kind");
    let inject = || {
        let at = known.inject(table, "inject")?;
        if known.is_condition(at) {
            table.wrong(
                "inject",
                "only a report, a storm or a flood can be answered",
            );
        }
        Some(at)
    };
    let span = || table.span_needed("within").map(f64::from);
    let at_most = || table.number_needed("at_most", 0.0, 1e6);
    let (kind, wanted) = match word.as_str() {
        "dispatch_within" => (GoalKind::DispatchWithin(inject()?), span()?),
        "arrive_within" => (GoalKind::ArriveWithin(inject()?), span()?),
        "handled_within" => (GoalKind::HandledWithin(inject()?), span()?),
        "acknowledge_within" => (GoalKind::AcknowledgeWithin(inject()?), span()?),
        "bundle_within" => {
            let at = inject()?;
            if known.is_no_storm(at) {
                table.wrong(
                    "inject",
                    "is no storm; only a storm's reports can be bundled",
                );
            }
            (GoalKind::BundleWithin(at), span()?)
        }
        "void_within" => (GoalKind::VoidWithin(inject()?), span()?),
        "overdue_at_most" => (GoalKind::OverdueAtMost, at_most()?),
        "open_at_most" => (GoalKind::OpenAtMost, at_most()?),
        "mean_arrival_at_most" => (GoalKind::MeanArrivalAtMost, span()?),
        "cover_at_least" => {
            let name = table.text("area");
            let at = s
                .areas
                .iter()
                .position(|a| a.name == name || a.name_en == name);
            let Some(at) = at else {
                let names: Vec<&str> = s.areas.iter().map(|a| a.name.as_str()).collect();
                table.wrong(
                    "area",
                    format!(
                        "no [[areas]] is called {name:?}; {}",
                        suggest(&name, &names)
                    ),
                );
                return None;
            };
            let percent = table.number_needed("percent", 0.0, 100.0)?;
            (GoalKind::CoverAtLeast(at as u32), percent)
        }
        "" => return None,
        other => {
            table.wrong(
                "kind",
                format!("{other:?} is no kind of goal; {}", suggest(other, &GOALS)),
            );
            return None;
        }
    };
    Some(Goal {
        title,
        title_en,
        kind,
        wanted,
    })
}

/// Complains of what is to count and is not there.
fn counted(table: &Table<'_, '_>, s: &Scenario) {
    for (key, weight, things, there) in [
        ("goals", s.weights.goals, "[[goals]]", s.goals.len()),
        (
            "empty_areas",
            s.weights.empty_areas,
            "[[areas]]",
            s.areas.len(),
        ),
    ] {
        if table.has(key) && weight > 0.0 && there == 0 {
            table.wrong(
                key,
                format!("counts {weight}, and there are no {things}; write some, or 0"),
            );
        }
    }
}

fn weights(table: &Table<'_, '_>) -> Weights {
    let usual = Weights::default();
    let w = |key, otherwise| table.number_or(key, 0.0, 1_000.0, otherwise);
    let weights = Weights {
        detection: w("detection", usual.detection),
        classification: w("classification", usual.classification),
        time_to_dispatch: w("time_to_dispatch", usual.time_to_dispatch),
        right_department: w("right_department", usual.right_department),
        arrival: w("arrival", usual.arrival),
        over_commitment: w("over_commitment", usual.over_commitment),
        empty_areas: w("empty_areas", usual.empty_areas),
        alarms_unacknowledged: w("alarms_unacknowledged", usual.alarms_unacknowledged),
        goals: w("goals", usual.goals),
    };
    if weights
        == (Weights {
            detection: 0.0,
            classification: 0.0,
            time_to_dispatch: 0.0,
            right_department: 0.0,
            arrival: 0.0,
            over_commitment: 0.0,
            empty_areas: 0.0,
            alarms_unacknowledged: 0.0,
            goals: 0.0,
        })
    {
        table.wrong("detection", "all weights are 0: nothing would count");
    }
    weights
}
