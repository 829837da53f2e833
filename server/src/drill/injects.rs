//! The injects of a scenario file.

use super::reader::{Table, suggest};
use super::resolve::Gazetteer;
use chengtu_engine::drill::{Inject, InjectAct, Report, Scenario, Truth, usual_limits_s};
use chengtu_engine::geo::Position;
use chengtu_engine::ids::ClassId;

const KINDS: [&str; 7] = [
    "report",
    "storm",
    "flood",
    "closure",
    "unit_fails",
    "feed_dies",
    "rain",
];

/// Most reports of one storm.
const STORM_MAX: f64 = 1_000.0;

/// Names that other parts of the file may use.
pub(super) struct Known {
    injects: Vec<String>,
    sensors: Vec<String>,
    /// The last time on the time line so far.
    last_s: u32,
    /// Of those read so far: whether it can be answered, whether it is a storm; `None` if it could not be read.
    read: Vec<Option<(bool, bool)>>,
}

impl Known {
    /// Keys of all injects, and sensors of the scenario.
    pub fn of(tables: &[Table<'_, '_>], s: &Scenario) -> Self {
        let mut injects: Vec<String> = Vec::new();
        for table in tables {
            let key = table.text("key");
            if !key.is_empty() && injects.contains(&key) {
                table.wrong(
                    "key",
                    format!("{key:?} stands twice; every inject needs a key of its own"),
                );
            }
            injects.push(key);
        }
        Self {
            injects,
            sensors: s.sensors.iter().map(|x| x.key.clone()).collect(),
            last_s: 0,
            read: Vec::new(),
        }
    }

    /// The inject that a key names.
    pub fn inject(&self, table: &Table<'_, '_>, key: &'static str) -> Option<u32> {
        let word = table.text(key);
        if word.is_empty() {
            return None;
        }
        let at = self.injects.iter().position(|k| *k == word);
        if at.is_none() {
            let known: Vec<&str> = self.injects.iter().map(String::as_str).collect();
            table.wrong(
                key,
                format!("no inject has the key {word:?}; {}", suggest(&word, &known)),
            );
        }
        at.map(|i| i as u32)
    }

    /// True where an inject was read and cannot be answered.
    pub fn is_condition(&self, inject: u32) -> bool {
        matches!(self.read.get(inject as usize), Some(Some((false, _))))
    }

    /// True where an inject was read and is no storm.
    pub fn is_no_storm(&self, inject: u32) -> bool {
        matches!(self.read.get(inject as usize), Some(Some((_, false))))
    }

    fn sensors(&self, table: &Table<'_, '_>, key: &'static str) -> Vec<u32> {
        let mut found = Vec::new();
        for (word, offset) in table.texts(key) {
            if let Some(at) = self.sensors.iter().position(|k| *k == word) {
                found.push(at as u32);
                continue;
            }
            let known: Vec<&str> = self.sensors.iter().map(String::as_str).collect();
            let detail = if known.is_empty() {
                format!("there is no sensor {word:?}; add one with [[sensors]]")
            } else {
                format!(
                    "no [[sensors]] has the key {word:?}; {}",
                    suggest(&word, &known)
                )
            };
            table.wrong_at(offset, key, detail);
        }
        found
    }
}

/// One inject; `None` if too much of it is wrong.
pub(super) fn read(
    table: &Table<'_, '_>,
    city: &Gazetteer,
    known: &mut Known,
    duration_s: u32,
) -> Option<Inject> {
    let at = known.read.len() as u32;
    known.read.push(None);
    let key = table.text("key");
    let (title, title_en) = (table.text("title"), table.text("title_en"));
    let at_s = time(table, known, duration_s);
    let about = table
        .has("about")
        .then(|| known.inject(table, "about"))
        .flatten();
    if about.is_some_and(|a| a >= at) {
        table.wrong("about", "must name an inject that stands before this one");
    }
    let act = act(table, city, known)?;
    let truth = truth(table, city, &act, about);
    let is_storm = matches!(act, InjectAct::Storm { .. });
    known.read[at as usize] = Some((truth.is_some(), is_storm));
    Some(Inject {
        key,
        title,
        title_en,
        at_s,
        act,
        truth,
        about,
    })
}

/// What an inject does.
fn act(table: &Table<'_, '_>, city: &Gazetteer, known: &Known) -> Option<InjectAct> {
    let word = table.text("kind");
    // What lasts for no time at all would end when it begins.
    let for_s = || {
        let for_s = table.span_s("for");
        if for_s == Some(0) {
            table.wrong(
                "for",
                "is 0: it would end when it begins; leave it out, or write how long it lasts",
            );
        }
        for_s
    };
    Some(match word.as_str() {
        "report" => InjectAct::Report(report(table, city)?),
        "storm" => InjectAct::Storm {
            report: report(table, city)?,
            notes: table.texts("notes").into_iter().map(|(t, _)| t).collect(),
            count: table.number_needed("count", 2.0, STORM_MAX)? as u32,
            within_s: table.span_needed("within")?,
            scatter_m: table.number_or("scatter_m", 0.0, 500.0, 15.0) as u32,
        },
        "flood" => flood(table, city, known)?,
        "closure" => {
            let places = places(table, "places", city);
            if places.is_empty() {
                table.wrong("places", "name at least one place whose road is closed");
            }
            InjectAct::Closure {
                places,
                for_s: for_s(),
            }
        }
        "unit_fails" => InjectAct::UnitFails {
            call_sign: city.unit(table, "unit"),
            for_s: for_s(),
        },
        "feed_dies" => InjectAct::FeedDies {
            feed: table.text("feed"),
            for_s: for_s(),
        },
        "rain" => InjectAct::Rain {
            mm_per_hour: table.number_needed("mm_per_hour", 0.0, 500.0)?,
            for_s: table.span_needed("for")?,
            factor: table.number_or("factor", 0.0, 100.0, 1.0),
            mix: city.mix(table, "mix"),
            rise: table.number_or("rise", 0.0, 10.0, 0.0),
            sensors: known.sensors(table, "sensors"),
        },
        "" => return None,
        other => {
            table.wrong(
                "kind",
                format!("{other:?} is no kind of inject; {}", suggest(other, &KINDS)),
            );
            return None;
        }
    })
}

fn flood(table: &Table<'_, '_>, city: &Gazetteer, known: &Known) -> Option<InjectAct> {
    let sensors = known.sensors(table, "sensors");
    if sensors.is_empty() && !table.has("sensors") {
        table.wrong(
            "sensors",
            "is missing; name the [[sensors]] at which water rises",
        );
    }
    Some(InjectAct::Flood {
        sensors,
        to: table.number_needed("to", 0.0, 10.0)?,
        over_s: table.span_needed("over")?,
        stays_s: table.span_s("stays"),
        closes: places(table, "closes", city),
    })
}

/// When: on the time line, in order; or off it.
fn time(table: &Table<'_, '_>, known: &mut Known, duration_s: u32) -> Option<u32> {
    let at_s = table.span_s("at")?;
    if at_s < known.last_s {
        table.wrong(
            "at",
            format!(
                "comes before the inject above it, which is at {}; keep them in the order of their times",
                clock(known.last_s)
            ),
        );
    }
    if at_s >= duration_s {
        table.wrong(
            "at",
            format!("lies after the end of the drill at {}", clock(duration_s)),
        );
    }
    known.last_s = known.last_s.max(at_s);
    Some(at_s)
}

fn clock(s: u32) -> String {
    format!("{}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
}

fn report(table: &Table<'_, '_>, city: &Gazetteer) -> Option<Report> {
    let class = city.class(table, "class");
    let severity = Gazetteer::severity(table, "severity");
    let position = city.place(table);
    let address = table.text_or("address", &table.text_or("place", ""));
    let note = table.text_or("note", "");
    Some(Report {
        class: class?,
        severity,
        position: position?,
        address,
        note,
    })
}

fn places(table: &Table<'_, '_>, key: &'static str, city: &Gazetteer) -> Vec<Position> {
    let mut found = Vec::new();
    for (name, offset) in table.texts(key) {
        match city.place_called(&name) {
            Ok(p) => found.push(p),
            Err(e) => table.wrong_at(offset, key, e),
        }
    }
    found
}

/// What is really there: as reported where the file does not say otherwise.
fn truth(
    table: &Table<'_, '_>,
    city: &Gazetteer,
    act: &InjectAct,
    about: Option<u32>,
) -> Option<Truth> {
    let reported: Option<ClassId> = match act {
        InjectAct::Report(r) | InjectAct::Storm { report: r, .. } => Some(r.class),
        InjectAct::Flood { .. } => city.rules.class_by_code("E0506"),
        _ => None,
    };
    let answerable = matches!(
        act,
        InjectAct::Report(_) | InjectAct::Storm { .. } | InjectAct::Flood { .. }
    );
    let inner = table.table("truth");
    if !answerable || about.is_some() {
        if inner.is_some() {
            table.wrong(
                "truth",
                if about.is_some() {
                    "stands with the inject that this one is about"
                } else {
                    "only a report, a storm or a flood has one"
                },
            );
        }
        return None;
    }
    let Some(t) = inner else {
        return usual_truth(reported, city);
    };
    let real = t.yes("real", true);
    let class = city.class_maybe(&t, "class").or(reported);
    let severity = Gazetteer::severity(&t, "severity");
    let usual = class.and_then(|c| city.rules.class(c)).map(|c| c.severity);
    if class.is_none() {
        t.wrong("class", "is missing; say what it really is");
    }
    let severity = severity.or(usual)?;
    let limits = usual_limits_s(severity);
    let truth = Truth {
        real,
        class: class?,
        severity,
        units: t.number_or("units", 1.0, 50.0, 1.0) as u32,
        detect_s: t.span_s("detect").unwrap_or(limits.0),
        dispatch_s: t.span_s("dispatch").unwrap_or(limits.1),
        arrive_s: t.span_s("arrive").unwrap_or(limits.2),
        text: t.text("text"),
        text_en: t.text("text_en"),
    };
    t.end();
    Some(truth)
}

fn usual_truth(reported: Option<ClassId>, city: &Gazetteer) -> Option<Truth> {
    let class = reported?;
    let severity = city.rules.class(class)?.severity;
    let (detect_s, dispatch_s, arrive_s) = usual_limits_s(severity);
    Some(Truth {
        real: true,
        class,
        severity,
        units: 1,
        detect_s,
        dispatch_s,
        arrive_s,
        text: city.rules.language().of("如所报", "as reported").to_owned(),
        text_en: "as reported".to_owned(),
    })
}
