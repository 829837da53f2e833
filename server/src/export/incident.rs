//! A stretch as one incident file, which the map opens without a server.

use super::area::Area;
use super::gather::{behind_gap, state_before};
use super::write::{gap_words, open};
use super::{ExportError, Stretch};
use crate::out::{Place, Written};
use crate::pack::{self, Pack};
use chengtu_engine::archive::Segment;
use chengtu_engine::geo::Position;
use chengtu_engine::incident::{
    Incident, IncidentError, Inside, Manifest, Run, SEGMENT_RECORDS, cut_record,
};
use chengtu_engine::record::{Body, Record};
use chengtu_engine::replay::History;
use chengtu_engine::state::State;
use std::fmt;
use std::path::{Path, PathBuf};

/// Most positions in one file: it is opened whole.
const FIXES_MAX: u64 = 50_000_000;
/// Most characters of an incident's title; a longer one is refused.
pub const TITLE_CHARS_MAX: usize = 200;
/// Files of the pack that the map reads.
const FILES: [&str; 4] = [
    pack::BASEMAP_FILE,
    pack::PLACES_FILE,
    pack::GRID_FILE,
    pack::CITY_FILE,
];

/// What to write.
#[derive(Clone, Debug)]
pub struct IncidentOptions {
    /// Directory of the log.
    pub data: PathBuf,
    /// Directory of the city pack.
    pub city: PathBuf,
    /// Stretch of time.
    pub stretch: Stretch,
    /// Part of the city.
    pub area: Area,
    /// Its name, shown when it is opened; may be empty.
    pub title: String,
    /// File to write; `-` is standard output.
    pub out: PathBuf,
    /// Replace what is there.
    pub replace: bool,
    /// Files that are read for it, which it must not replace.
    pub inputs: Vec<PathBuf>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentReport {
    /// Records in it.
    pub records: u64,
    /// Positions in them.
    pub fixes: u64,
    /// Bytes of the file.
    pub bytes: usize,
    /// What the log has lost of the stretch, in words.
    pub gaps: Vec<String>,
    /// Where the log is shorter than what was asked, in words.
    pub shorter: Option<String>,
}

impl fmt::Display for IncidentReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for gap in &self.gaps {
            writeln!(f, "missing     {gap}")?;
        }
        if let Some(shorter) = &self.shorter {
            writeln!(f, "note        {shorter}")?;
        }
        write!(
            f,
            "incident    {} records, {} positions, {} KiB; open it with `chengtu open FILE`",
            self.records,
            self.fixes,
            self.bytes / 1024
        )
    }
}

fn refused(e: IncidentError) -> ExportError {
    ExportError::Asked(e.to_string())
}

/// Writes an incident file.
///
/// # Errors
/// [`ExportError`]; what was at the place of the file is there still then.
pub fn export_incident(options: &IncidentOptions) -> Result<IncidentReport, ExportError> {
    export_incident_once(options, || Ok(()))
}

/// As [`export_incident`]; `may` is asked when it is known that the file may be written and the log be read, and before
/// anything is taken out of it.
pub(super) fn export_incident_once(
    options: &IncidentOptions,
    may: impl FnOnce() -> Result<(), ExportError>,
) -> Result<IncidentReport, ExportError> {
    let title = titled(&options.title)?;
    let place = Place::file(&options.out, options.replace)?;
    let place = place.apart_from(options.inputs.iter().map(PathBuf::as_path))?;
    let opened = open(&options.data, options.stretch)?;
    may()?;
    let (history, stretch) = (&*opened.history, opened.stretch);
    let pack = Pack::open(&options.city).map_err(Box::new)?;
    let mut report = IncidentReport {
        records: 0,
        fixes: 0,
        bytes: 0,
        gaps: Vec::new(),
        shorter: opened.shorter,
    };
    let (first, later) = runs(history, stretch, &options.area, &mut report)?;
    let gaps = stretch.gaps(history);
    report.gaps = gaps.iter().map(gap_words).collect();
    if report.records == 0 && first.start.seq() == 0 {
        return Err(ExportError::Nothing { of_area: "" });
    }
    let incident = Incident {
        manifest: Manifest {
            title,
            made_by: concat!("chengtu-server ", env!("CARGO_PKG_VERSION")).to_owned(),
            from: opened.shown.from,
            to: opened.shown.to,
            area: options.area.bounds_deg(),
            centre: (pack.city.centre.lon, pack.city.centre.lat),
            notice: pack.city.notice.clone(),
            notice_en: pack.city.notice_en.clone(),
            attribution: pack.city.attribution.clone(),
            gaps: gaps.into_iter().map(|g| (g.from, g.to, g.words)).collect(),
        },
        start: first.start,
        segments: first.segments,
        later,
        files: files(&pack.dir)?,
    };
    let bytes = incident.encode().map_err(refused)?;
    report.bytes = bytes.len();
    Written::whole(&place, |out| out.write_all(&bytes))?;
    Ok(report)
}

/// A title as it is kept: one line of bounded length.
fn titled(title: &str) -> Result<String, ExportError> {
    let title = title.trim();
    let chars = title.chars().count();
    if chars > TITLE_CHARS_MAX || title.contains(char::is_control) {
        return Err(ExportError::Asked(format!(
            "--title: {chars} characters; write one line of at most {TITLE_CHARS_MAX}"
        )));
    }
    Ok(title.to_owned())
}

/// What of a stretch can be folded without a break, and what follows each of its gaps.
fn runs(
    history: &dyn History,
    stretch: Stretch,
    area: &Area,
    report: &mut IncidentReport,
) -> Result<(Run, Vec<Run>), ExportError> {
    let (first, mut seq) = run(
        history,
        state_before(history, stretch.from)?,
        stretch,
        area,
        report,
    )?;
    let mut later = Vec::new();
    while let Some(state) = behind_gap(history, seq, stretch)? {
        let (next, end) = run(history, state, stretch, area, report)?;
        later.push(next);
        seq = end;
    }
    Ok((first, later))
}

/// The records that follow a state until the stretch or what is known of it ends; the second part is the last of them.
fn run(
    history: &dyn History,
    state: State,
    stretch: Stretch,
    area: &Area,
    report: &mut IncidentReport,
) -> Result<(Run, u64), ExportError> {
    // Records are cut to an area, and numbered as they were.
    let mut last = state.seq();
    let mut cutter = Cutter::new(state, area);
    let start = cutter.start();
    let mut segments = Vec::new();
    loop {
        let records = history.records(last, stretch.to, SEGMENT_RECORDS)?;
        let Some(newest) = records.last() else {
            return Ok((Run { start, segments }, last));
        };
        last = newest.seq;
        let kept: Vec<Record> = records.iter().map(|r| cutter.cut(r)).collect();
        report.records += kept.len() as u64;
        report.fixes += kept.iter().map(rows).sum::<u64>();
        if report.fixes > FIXES_MAX {
            return Err(ExportError::Asked(format!(
                "more than {FIXES_MAX} positions: an incident file is opened whole; choose a shorter stretch or an --area"
            )));
        }
        segments.push(Segment::of(&kept).map_err(|e| refused(e.into()))?);
    }
}

fn rows(r: &Record) -> u64 {
    match &r.body {
        Body::Fixes(block) => block.len() as u64,
        _ => 0,
    }
}

fn files(dir: &Path) -> Result<Vec<(String, Vec<u8>)>, ExportError> {
    FILES
        .iter()
        .map(|name| {
            let (_, bytes) = pack::files::read(dir, name)
                .map_err(|(path, source)| ExportError::Read { path, source })?;
            Ok(((*name).to_owned(), bytes))
        })
        .collect()
}

/// Cuts records to an area, or hands them on as they are.
struct Cutter<'a> {
    /// The uncut city, which has the positions of sensors; kept only if the file is cut to an area.
    state: State,
    seen: Inside,
    area: &'a Area,
}

impl<'a> Cutter<'a> {
    fn new(state: State, area: &'a Area) -> Self {
        Self {
            state,
            seen: Inside::default(),
            area,
        }
    }

    /// The city before the first record, cut.
    fn start(&mut self) -> State {
        let mut start = self.state.clone();
        if *self.area != Area::All {
            let area = self.area;
            start.cut(&|p: Position| area.contains(p));
            self.seen = Inside::of(&start);
        }
        start
    }

    fn cut(&mut self, record: &Record) -> Record {
        if *self.area == Area::All {
            return record.clone();
        }
        let area = self.area;
        let kept = cut_record(record, &self.state, &mut self.seen, &|p: Position| {
            area.contains(p)
        });
        self.state.apply(record);
        kept
    }
}
