//! The whole way from tables to a log.

use super::areas::{Areas, Spread};
use super::classes::ClassList;
use super::columns::Field;
use super::history::{End, HistoryWriter, OldCase, report};
use super::pack::{self, CityWords};
use super::report::{Ends, Inputs};
use super::rows::{BadRow, Read, Reading, Row};
use super::times::Times;
use super::{CasesError, CasesOptions, CasesReport, Language, store, unusable};
use crate::city::City;
use crate::crs::Crs;
use crate::pack::{CITY_FILE, Pack};
use crate::reasons::{Reasons, kind_of};
use crate::times::TimeReader;
use chengtu_engine::city::Rules;
use chengtu_engine::ids::ClassId;
use chengtu_engine::time::Timestamp;
use std::path::{Path, PathBuf};

/// Brings old cases in. Importing the same files again changes nothing.
///
/// # Errors
/// [`CasesError`]; single rows are never an error but go to the error file.
pub fn import_cases(options: &CasesOptions) -> Result<CasesReport, CasesError> {
    let began = std::time::Instant::now();
    check(options)?;
    unusable::place(options)?;
    let areas = match &options.layer {
        Some((path, names)) => Some(Areas::read(path, names)?),
        None => None,
    };
    let list = match &options.classes {
        Some(path) => ClassList::read(path)?,
        None => ClassList::default(),
    };
    let known = store::known_keys(&options.data, &options.source)?;
    let mut read = read_tables(options, areas.as_ref())?;
    let placed = areas.is_some() && !options.mapping.has(Field::Lon);
    let city = city_of(options, areas.as_ref(), &list, &read, placed)?;
    let classes = class_ids(options, &list, &read, &city.pack);
    let language = city.pack.city.language.clone();
    let rules = City::new(city.pack, "", "").rules;
    refuse(&mut read, &rules, &classes, &options.crs);

    let mut report = first_report(options, &read, areas.as_ref(), city.made);
    report.placed_in_areas = placed;
    report.errors = unusable::tell(options, &read.bad)?;
    if read.rows.is_empty() {
        return Err(nothing(options, &read.bad));
    }
    let all = read.rows.len();
    let fresh = |r: &Row| known.as_ref().is_none_or(|k| !k.contains(&r.key));
    let rows: Vec<Row> = read.rows.into_iter().filter(fresh).collect();
    report.known = (all - rows.len()) as u64;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        report.took_s = began.elapsed().as_secs_f64();
        return Ok(report);
    };
    report.span = Some((first.opened, last.opened));
    report.written = rows.len() as u64;
    let cases: Vec<OldCase> = rows
        .iter()
        .map(|r| old_case(r, &classes, &language, options))
        .collect();
    count_ends(&mut report, &cases);
    let plan = Plan {
        options,
        rules: &rules,
        city: city.dir,
        spread: placed.then_some(options.spread),
    };
    report.records = plan.write(&cases, first, last.opened, known.is_some())?;
    report.took_s = began.elapsed().as_secs_f64();
    Ok(report)
}

fn read_tables(options: &CasesOptions, areas: Option<&Areas>) -> Result<Read, CasesError> {
    let times = Times {
        reader: TimeReader::new(options.time_format.clone(), &options.time_zone)
            .map_err(|e| CasesError::Asked(e.to_string()))?,
        repeated: options.repeated,
        skipped: options.skipped,
    };
    let reading = Reading {
        mapping: &options.mapping,
        delimiter: options.delimiter,
        encoding: options.encoding,
        times: &times,
        crs: &options.crs,
        areas,
        spread: options.spread,
        now: options.now,
    };
    Read::tables(&options.files, &reading)
}

/// The city that the cases are brought into.
struct CityOf<'a> {
    dir: &'a Path,
    pack: Pack,
    /// Where it was made for them.
    made: Option<PathBuf>,
}

/// The pack that is given, or one made of the layer of areas.
fn city_of<'a>(
    options: &'a CasesOptions,
    areas: Option<&Areas>,
    list: &ClassList,
    read: &Read,
    placed: bool,
) -> Result<CityOf<'a>, CasesError> {
    let there = |dir: &'a PathBuf| -> Result<CityOf<'a>, CasesError> {
        Ok(CityOf {
            dir,
            pack: Pack::open(dir).map_err(Box::new)?,
            made: None,
        })
    };
    match (&options.city, &options.make_city, areas) {
        (Some(dir), _, _) => there(dir),
        (None, Some(out), _) if out.join(CITY_FILE).is_file() => there(out),
        (None, Some(out), Some(areas)) => {
            if read.rows.is_empty() {
                return Err(nothing(options, &read.bad));
            }
            let language = options.language.unwrap_or_else(|| areas.language());
            let classes = list.table(&read.classes, pack::DEPARTMENT, language);
            Ok(CityOf {
                dir: out,
                pack: pack::make(
                    (out, false),
                    areas,
                    &classes,
                    &words(options, areas, placed),
                )?,
                made: Some(out.clone()),
            })
        }
        _ => {
            let text = "give --city, or --make-city with --areas";
            Err(CasesError::Asked(text.into()))
        }
    }
}

/// The class in the city of each class of the tables; `None` if the city has none for it.
fn class_ids(
    options: &CasesOptions,
    list: &ClassList,
    read: &Read,
    pack: &Pack,
) -> Vec<Option<ClassId>> {
    let classes = &pack.classes.classes;
    let id = |value: &str| {
        let code = if options.mapping.has(Field::Class) {
            list.code_of(value, &pack.classes)
        } else {
            classes.first().map(|c| c.code.clone())
        };
        let at = classes.iter().position(|c| Some(&c.code) == code.as_ref());
        at.map(|at| ClassId(at as u16))
    };
    read.classes.iter().map(|(value, _)| id(value)).collect()
}

/// What is known before anything is written.
fn first_report(
    options: &CasesOptions,
    read: &Read,
    areas: Option<&Areas>,
    made: Option<PathBuf>,
) -> CasesReport {
    let mut report = CasesReport {
        rows: (read.rows.len() + read.bad.len()) as u64,
        ends: Ends {
            after_s: options.ends_after_s,
            ..Ends::default()
        },
        clock: read.clock,
        inputs: Inputs {
            encodings: read.encodings.iter().copied().collect(),
            areas_without_code: areas.map_or_else(Vec::new, Areas::without_code),
            areas_without_ground: areas.map_or_else(Vec::new, |a| a.without_ground.clone()),
            areas_unreadable: areas.map_or_else(Vec::new, |a| a.unreadable.clone()),
        },
        city: made,
        classes: read.classes.clone(),
        zone: options.time_zone.clone(),
        ..CasesReport::default()
    };
    for bad in &read.bad {
        *report.bad.entry(kind_of(&bad.reason)).or_insert(0) += 1;
    }
    report
}

fn count_ends(report: &mut CasesReport, cases: &[OldCase]) {
    for case in cases {
        match case.end {
            End::Recorded(_) => report.ends.recorded += 1,
            End::Rule(_) => report.ends.by_rule += 1,
            End::Open => report.ends.open += 1,
        }
    }
}

/// What is written where, and by which rules.
struct Plan<'a> {
    options: &'a CasesOptions,
    rules: &'a Rules,
    city: &'a Path,
    spread: Option<Spread>,
}

impl Plan<'_> {
    /// Writes cases into a new log, or behind the one that is `there`; gives how many records they became.
    fn write(
        &self,
        cases: &[OldCase],
        first: &Row,
        last: Timestamp,
        there: bool,
    ) -> Result<u64, CasesError> {
        let (options, rules) = (self.options, self.rules);
        let write = |mut writer: HistoryWriter<'_>| {
            let feed = writer.set_up(rules, &options.source, first.opened)?;
            writer.write(cases, feed, self.spread, until(cases, last))?;
            Ok(writer.finish().1)
        };
        if !there {
            return store::write_new(&options.data, (first.opened, &rules.calendar), write);
        }
        store::write_behind(&options.data, |state, writer| {
            if state.rules().is_some_and(|r| r.classes != rules.classes) {
                return Err(CasesError::OtherCity {
                    data: options.data.clone(),
                    city: self.city.to_owned(),
                });
            }
            if first.opened < state.known_at() {
                return Err(CasesError::Earlier {
                    line: first.line,
                    opened: told(first.opened),
                    last: told(state.known_at()),
                    data: options.data.clone(),
                });
            }
            write(writer)
        })
    }
}

fn check(options: &CasesOptions) -> Result<(), CasesError> {
    let asked = |text: &str| Err(CasesError::Asked(text.to_owned()));
    let has = |field| options.mapping.has(field);
    if !has(Field::Opened) {
        return asked("--map: a case needs the time of its opening; add opened=COLUMN");
    }
    if has(Field::Lon) != has(Field::Lat) {
        return asked("--map: lon and lat belong together; map both");
    }
    if !has(Field::Lon) && !has(Field::Area) {
        return asked("a case needs a place: map lon and lat, or area with --areas");
    }
    if has(Field::Area) && options.layer.is_none() {
        return asked(
            "--map area= needs the layer of areas: add --areas FILE --area-code PROPERTY",
        );
    }
    Ok(())
}

/// Name of the city that is made, and in English.
fn city_name(options: &CasesOptions, language: Language) -> (String, String) {
    let own = options.name.clone().unwrap_or_else(|| match language {
        Language::Zh => "历史记录".into(),
        Language::En => "Records".into(),
    });
    let english = options.name_en.clone().unwrap_or_else(|| match language {
        Language::Zh => "Records".into(),
        Language::En => own.clone(),
    });
    (own, english)
}

/// What the made city says of itself.
fn words(options: &CasesOptions, areas: &Areas, placed: bool) -> CityWords {
    let language = options.language.unwrap_or_else(|| areas.language());
    let (name, name_en) = city_name(options, language);
    let (called, called_en) = &options.area_called;
    let after = span_words(options.ends_after_s);
    let (mut notice, mut notice_en) = (String::new(), String::new());
    if placed {
        notice = format!("案件位置为所在{called}内部的点，不是实际地址；");
        notice_en =
            format!("cases stand at points inside their {called_en}, not at their addresses; ");
    }
    let (zh, en) = after;
    notice += "得知时间取开案时间；无结案时间的案件 ";
    notice += &zh;
    notice += "后按规则移出";
    notice_en += "known when opened; without a closing time a case leaves after ";
    notice_en += &en;
    notice_en += " by rule";
    if language == Language::En {
        notice.clone_from(&notice_en);
    }
    let file = |path: &Path| {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        name.unwrap_or_default()
    };
    let layer = options
        .layer
        .as_ref()
        .map_or_else(String::new, |(p, _)| file(p));
    let tables: Vec<String> = options
        .files
        .iter()
        .map(|f| format!("`{}`", file(f)))
        .collect();
    let provenance = format!(
        "# Where this city pack comes from\n\n\
         Made by `chengtu-server import cases`.\n\n\
         | file | made from |\n|---|---|\n\
         | `basemap.pmtiles`, `places.json`, `grid.geojson` | borders and names of the layer `{layer}`; codes of grid cells are regular blocks, not the city's own |\n\
         | `case_classes.csv` | the classes found in {tables}; the data has no time limits, so the table's are long ones that nothing exceeds |\n\
         | `roads.bin` | empty: there are no streets in the layer |\n\
         | `city.toml` | the command line |\n\n{notice_en}.\n",
        tables = tables.join(", ")
    );
    CityWords {
        name,
        name_en,
        language,
        time_zone: options.time_zone.clone(),
        attribution: options.attribution.clone().unwrap_or(layer),
        notice,
        notice_en,
        provenance,
    }
}

fn span_words(s: i64) -> (String, String) {
    match s {
        s if s % 86_400 == 0 => (format!("{} 天", s / 86_400), format!("{} d", s / 86_400)),
        s if s % 3_600 == 0 => (format!("{} 小时", s / 3_600), format!("{} h", s / 3_600)),
        s if s % 60 == 0 => (format!("{} 分钟", s / 60), format!("{} min", s / 60)),
        s => (format!("{s} 秒"), format!("{s} s")),
    }
}

/// Puts aside rows that this city cannot take.
fn refuse(read: &mut Read, rules: &Rules, classes: &[Option<ClassId>], crs: &Crs) {
    // Would its numbers, exchanged, be a place in the city?
    let exchanged = |row: &Row| {
        let place = row.written.and_then(|(x, y)| crs.lon_lat(y, x).ok());
        let place = place.and_then(|p| p.position().ok());
        place.is_some_and(|p| rules.bounds.contains(p))
    };

    let rows = std::mem::take(&mut read.rows);
    for row in rows {
        let reason = if classes.get(row.class).copied().flatten().is_none() {
            let value = read.classes.get(row.class).map_or("", |(v, _)| v);
            Some(format!(
                "class {value:?} is none of the city's; say which is meant with --classes"
            ))
        } else if rules.bounds.contains(row.position) {
            None
        } else {
            let p = row.position.lon_lat();
            let hint = if exchanged(&row) {
                "; with the columns of lon and lat exchanged it would lie in it"
            } else {
                ""
            };
            Some(format!(
                "{:.5}, {:.5} lies outside the city{hint}",
                p.lon_deg, p.lat_deg
            ))
        };
        match reason {
            None => read.rows.push(row),
            Some(reason) => read.bad.push(BadRow {
                file: row.file.to_path_buf(),
                line: row.line,
                reason,
                row: format!("key {}", row.key),
            }),
        }
    }
}

fn old_case(
    row: &Row,
    classes: &[Option<ClassId>],
    language: &str,
    options: &CasesOptions,
) -> OldCase {
    let by_rule = row.opened.plus_seconds(options.ends_after_s);
    let end = match row.closed {
        Some(t) if t <= options.now => End::Recorded(t),
        None if by_rule <= options.now => End::Rule(by_rule),
        _ => End::Open,
    };
    let mut note = row.note.clone();
    if matches!(end, End::Rule(_)) {
        let (zh, en) = span_words(options.ends_after_s);
        if !note.is_empty() {
            note.push_str(if language == "zh" { "；" } else { "; " });
        }
        let why = if language == "zh" {
            format!("记录中无结案时间，{zh}后按规则移出")
        } else {
            format!("no closing time in the record; taken off after {en} by rule")
        };
        note.push_str(&why);
    }
    let class = classes
        .get(row.class)
        .copied()
        .flatten()
        .unwrap_or_default();
    OldCase {
        line: row.line,
        report: report(row, class, note),
        end,
    }
}

/// To where time passes: the last end.
fn until(cases: &[OldCase], last: Timestamp) -> Timestamp {
    let ends = cases.iter().filter_map(|c| match c.end {
        End::Recorded(t) | End::Rule(t) => Some(t),
        End::Open => None,
    });
    ends.fold(last, Timestamp::max)
}

fn nothing(options: &CasesOptions, bad: &[BadRow]) -> CasesError {
    // Told of here as well: the list is what helps.
    let _ = unusable::tell(options, bad);
    let mut reasons = Reasons::default();
    for row in bad {
        reasons.add(&row.reason);
    }
    CasesError::NoRows {
        bad: bad.len(),
        reasons: reasons.to_string(),
        errors: unusable::path(options),
        first: bad.first().map_or_else(
            || "the tables are empty".to_owned(),
            |b| format!("line {}: {}", b.line, b.reason),
        ),
    }
}

fn told(t: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(t.0).map_or_else(|_| t.0.to_string(), |t| t.to_string())
}
