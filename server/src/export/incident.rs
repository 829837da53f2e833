//! A stretch as one incident file, which the map opens without a server.

use super::area::Area;
use super::gather::state_at;
use super::write::open;
use super::written::{Written, moment};
use super::{ExportError, Stretch};
use crate::pack::{self, Pack};
use chengtu_engine::archive::Segment;
use chengtu_engine::geo::Position;
use chengtu_engine::incident::{
    Incident, IncidentError, Inside, Manifest, SEGMENT_RECORDS, cut_record,
};
use chengtu_engine::record::{Body, Record};
use chengtu_engine::replay::History;
use chengtu_engine::state::State;
use std::fmt;
use std::path::{Path, PathBuf};

/// Most positions in one file: it is opened whole.
const FIXES_MAX: u64 = 50_000_000;
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
    /// File to write.
    pub out: PathBuf,
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
/// [`ExportError`]; nothing is left at the place of the file then.
pub fn export_incident(options: &IncidentOptions) -> Result<IncidentReport, ExportError> {
    let (history, shorter) = open(&options.data, options.stretch)?;
    let pack = Pack::open(&options.city).map_err(Box::new)?;
    let stretch = options.stretch;
    let gaps: Vec<_> = history
        .gaps()
        .into_iter()
        .filter(|g| g.from <= stretch.to && g.to >= stretch.from)
        .collect();
    let (first, _) = history.span()?.unwrap_or_default();
    let start = state_at(&history, stretch.from.max(first))?;
    // One file is one run of records: it ends where the log has lost some.
    let mut cutter = Cutter::new(start, &options.area);
    let begin = cutter.start();
    let mut segments = Vec::new();
    let mut report = IncidentReport {
        records: 0,
        fixes: 0,
        bytes: 0,
        gaps: gaps
            .iter()
            .map(|g| format!("{} to {}: {}", moment(g.from), moment(g.to), g.words))
            .collect(),
        shorter,
    };
    loop {
        let records = history.records(cutter.seq, stretch.to, SEGMENT_RECORDS)?;
        if records.is_empty() {
            break;
        }
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
    if report.records == 0 && begin.seq() == 0 {
        return Err(ExportError::Nothing { of_area: "" });
    }
    let incident = Incident {
        manifest: Manifest {
            title: options.title.clone(),
            made_by: concat!("chengtu-server ", env!("CARGO_PKG_VERSION")).to_owned(),
            from: stretch.from,
            to: stretch.to,
            area: options.area.bounds_deg(),
            centre: (pack.city.centre.lon, pack.city.centre.lat),
            notice: pack.city.notice.clone(),
            notice_en: pack.city.notice_en.clone(),
            attribution: pack.city.attribution.clone(),
            gaps: gaps.into_iter().map(|g| (g.from, g.to, g.words)).collect(),
        },
        start: begin,
        segments,
        files: files(&pack.dir)?,
    };
    let bytes = incident.encode().map_err(refused)?;
    report.bytes = bytes.len();
    Written::whole(&options.out, |out| out.write_all(&bytes))?;
    Ok(report)
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
    seq: u64,
    /// The uncut city, which has the positions of sensors; kept only if the file is cut to an area.
    state: State,
    seen: Inside,
    area: &'a Area,
}

impl<'a> Cutter<'a> {
    fn new(state: State, area: &'a Area) -> Self {
        Self {
            seq: state.seq(),
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
        self.seq = record.seq;
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
