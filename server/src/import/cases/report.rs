use super::times::ClockCounts;
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// How many cases end in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// As the files say.
    pub recorded: u64,
    /// Without a closing time: by rule.
    pub by_rule: u64,
    /// The rule: so many seconds after opening.
    pub after_s: i64,
    /// Cases still open when the import ended.
    pub open: u64,
}

/// What is particular about the files of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Encodings of tables that are not UTF-8.
    pub encodings: Vec<&'static str>,
    /// Areas of the layer that no row can name, since they have no code.
    pub areas_without_code: Vec<String>,
    /// Areas of the layer that are left out, since they have no geometry.
    pub areas_without_ground: Vec<String>,
    /// Features of the layer that cannot be read, with the reasons.
    pub areas_unreadable: Vec<String>,
}

impl Inputs {
    /// A line for each thing that is particular about the layer of areas.
    fn write_areas(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (names, what) in [
            (
                &self.areas_without_code,
                "without a code: drawn, but no case can be placed there",
            ),
            (&self.areas_without_ground, "without a geometry, left out"),
            (&self.areas_unreadable, "that cannot be read, left out"),
        ] {
            if !names.is_empty() {
                writeln!(
                    f,
                    "areas       {} {what}: {}",
                    names.len(),
                    names.join(", ")
                )?;
            }
        }
        Ok(())
    }
}

/// What an import of old cases has done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CasesReport {
    /// Rows in the files.
    pub rows: u64,
    /// Cases written now.
    pub written: u64,
    /// Cases that the log had already.
    pub known: u64,
    /// Rows that cannot be used, by reason (figures and names left out).
    pub bad: BTreeMap<String, u64>,
    /// The file that lists those rows.
    pub errors: Option<PathBuf>,
    /// First and last opening of the cases written.
    pub span: Option<(Timestamp, Timestamp)>,
    /// How the cases end that were written.
    pub ends: Ends,
    /// Local times that were twice or never.
    pub clock: ClockCounts,
    /// What was noticed about the files.
    pub inputs: Inputs,
    /// Cases placed inside an area.
    pub placed_in_areas: bool,
    /// Records that the cases became in the log.
    pub records: u64,
    /// A city pack made for them.
    pub city: Option<PathBuf>,
    /// Classes, and how many cases each.
    pub classes: Vec<(String, u64)>,
    /// Seconds that it took.
    pub took_s: f64,
    /// The time zone of local times.
    pub zone: String,
}

impl fmt::Display for CasesReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "rows        {}", self.rows)?;
        writeln!(
            f,
            "cases       {} written in {} records, {} were there already",
            self.written, self.records, self.known
        )?;
        if !self.inputs.encodings.is_empty() {
            let names = self.inputs.encodings.join(", ");
            writeln!(f, "letters     {names}; --encoding says otherwise")?;
        }
        let bad: u64 = self.bad.values().sum();
        if let Some(path) = &self.errors {
            writeln!(f, "put aside   {bad} rows, see {}", path.display())?;
            for (reason, n) in &self.bad {
                writeln!(f, "            {n} × {reason}")?;
            }
        }
        if let Some((from, to)) = self.span {
            let time = |t: Timestamp| {
                jiff::Timestamp::from_microsecond(t.0)
                    .ok()
                    .and_then(|t| t.in_tz(&self.zone).ok())
                    .map_or_else(
                        || t.0.to_string(),
                        |z| z.strftime("%Y-%m-%d %H:%M:%S %:z").to_string(),
                    )
            };
            writeln!(
                f,
                "opened      {} … {} ({})",
                time(from),
                time(to),
                self.zone
            )?;
        }
        writeln!(
            f,
            "ended       {} as recorded, {} by rule {} s after opening (a case without a closing time), {} go on",
            self.ends.recorded, self.ends.by_rule, self.ends.after_s, self.ends.open
        )?;
        if self.clock != ClockCounts::default() {
            writeln!(
                f,
                "clocks      {} times were twice when clocks were put back, {} never were when they were put forward",
                self.clock.repeated, self.clock.skipped
            )?;
        }
        if self.placed_in_areas {
            writeln!(
                f,
                "places      inside the area that the row names; not addresses"
            )?;
        }
        self.inputs.write_areas(f)?;
        if let Some(city) = &self.city {
            writeln!(f, "city        {} was made", city.display())?;
        }
        writeln!(f, "classes     {}", self.classes.len())?;
        write!(f, "took        {:.1} s", self.took_s)
    }
}
