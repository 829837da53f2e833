//! An incident: a stretch of a city's time in one file that can be replayed without a server.

mod container;
mod cut;
mod error;

pub use container::{MAGIC, VERSION};
pub use cut::{Inside, cut_record};
pub use error::IncidentError;

use container::{FILE, LATER_RECORDS, LATER_STATE, MANIFEST, RECORDS, STATE};

use crate::archive::Segment;
use crate::city::Rules;
use crate::event::Event;
use crate::record::{Body, Record};
use crate::replay::{Gap, MemoryHistory};
use crate::state::{State, StateError};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// No state is larger than this when it is unpacked: a damaged length must not eat all memory.
const STATE_MAX: usize = 1 << 31;
/// How hard the state is packed.
const LEVEL: i32 = 9;
/// Records of one segment.
pub const SEGMENT_RECORDS: usize = 4_096;
/// Records between the keyframes of an opened incident.
const KEYFRAME_RECORDS: usize = 2_000;

/// What an incident file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its name; may be empty.
    pub title: String,
    /// The program that wrote it.
    pub made_by: String,
    /// First moment that was asked for.
    pub from: Timestamp,
    /// Last moment that was asked for.
    pub to: Timestamp,
    /// Degrees west, south, east, north of the part of the city that it holds; `None` for all of it.
    pub area: Option<[f64; 4]>,
    /// Longitude and latitude of the city's middle, degrees.
    pub centre: (f64, f64),
    /// What of the city is uncertain, simulated or recorded, in words.
    pub notice: String,
    /// The same in English.
    pub notice_en: String,
    /// Whom the base map is from.
    pub attribution: String,
    /// Stretches that the log had lost: from, to, words.
    pub gaps: Vec<(Timestamp, Timestamp, String)>,
}

/// Records that follow each other, and the city before the first.
#[derive(Clone, Debug)]
pub struct Run {
    /// The city before the first record.
    pub start: State,
    /// The records.
    pub segments: Vec<Segment>,
}

/// A stretch of a city's time.
#[derive(Clone, Debug)]
pub struct Incident {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The city before the first record.
    pub start: State,
    /// What was written in the stretch, up to the first gap.
    pub segments: Vec<Segment>,
    /// What follows each gap.
    pub later: Vec<Run>,
    /// Files of the city pack that the map needs: name and bytes.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Incident {
    /// The file's bytes.
    ///
    /// # Errors
    /// [`IncidentError::Malformed`] when memory runs out.
    pub fn encode(&self) -> Result<Vec<u8>, IncidentError> {
        let mut file = container::FileWriter::default();
        file.section(*MANIFEST, &postcard::to_stdvec(&self.manifest)?);
        file.section(*STATE, &packed(&self.start)?);
        for s in &self.segments {
            file.section(*RECORDS, &postcard::to_stdvec(s)?);
        }
        for run in &self.later {
            file.section(*LATER_STATE, &packed(&run.start)?);
            for s in &run.segments {
                file.section(*LATER_RECORDS, &postcard::to_stdvec(s)?);
            }
        }
        for (name, bytes) in &self.files {
            let mut section = (name.len() as u16).to_le_bytes().to_vec();
            section.extend(name.as_bytes());
            section.extend(bytes);
            file.section(*FILE, &section);
        }
        Ok(file.finish())
    }

    /// An incident from a file's bytes, every checksum compared.
    ///
    /// # Errors
    /// [`IncidentError`] in words.
    pub fn decode(bytes: &[u8]) -> Result<Self, IncidentError> {
        let (mut manifest, mut start) = (None, None);
        let (mut segments, mut files) = (Vec::new(), Vec::new());
        let mut later: Vec<Run> = Vec::new();
        for (name, body) in container::sections(bytes)? {
            match &name {
                MANIFEST => manifest = Some(postcard::from_bytes(body)?),
                STATE => start = Some(state(body)?),
                RECORDS => segments.push(postcard::from_bytes(body)?),
                LATER_STATE => later.push(Run {
                    start: state(body)?,
                    segments: Vec::new(),
                }),
                LATER_RECORDS => {
                    let run = later.last_mut();
                    let run = run.ok_or_else(|| malformed("records without a city before them"))?;
                    run.segments.push(postcard::from_bytes(body)?);
                }
                FILE => files.push(file(body)?),
                // A part that a later program of this version adds may be passed over.
                _ => {}
            }
        }
        Ok(Self {
            manifest: manifest.ok_or_else(|| malformed("it has no manifest"))?,
            start: start.ok_or_else(|| malformed("it has no city to begin with"))?,
            segments,
            later,
            files,
        })
    }

    /// The city's rules: of its beginning, or the first that its records set.
    pub fn rules(&self) -> Option<Rules> {
        self.start.rules().cloned().or_else(|| {
            let events = |s: &Segment| s.records_without_fixes().unwrap_or_default();
            self.segments.iter().flat_map(events).find_map(|r| {
                let Body::Events(events) = r.body else {
                    return None;
                };
                events.into_iter().find_map(|e| match e {
                    Event::Configured(rules) => Some(*rules),
                    _ => None,
                })
            })
        })
    }

    /// Its past, to be played.
    ///
    /// # Errors
    /// [`IncidentError::Malformed`] when a record does not follow the one before it.
    pub fn history(&self) -> Result<MemoryHistory, IncidentError> {
        let gaps = self.manifest.gaps.iter().map(|(from, to, words)| Gap {
            from: *from,
            to: *to,
            words: words.clone(),
        });
        let first = (self.start.clone(), records(&self.segments)?);
        let mut history = MemoryHistory::new(first.0, first.1, KEYFRAME_RECORDS)?;
        for run in &self.later {
            history.resume(run.start.clone(), records(&run.segments)?, KEYFRAME_RECORDS)?;
        }
        Ok(history.with_gaps(gaps.collect()))
    }
}

fn malformed(what: &str) -> IncidentError {
    IncidentError::Malformed(what.to_owned())
}

fn packed(state: &State) -> Result<Vec<u8>, IncidentError> {
    let state = state.encode()?;
    let mut packed = (state.len() as u64).to_le_bytes().to_vec();
    packed.extend(zstd::bulk::compress(&state, LEVEL).map_err(|e| malformed(&e.to_string()))?);
    Ok(packed)
}

fn records(segments: &[Segment]) -> Result<Vec<Record>, IncidentError> {
    let mut records = Vec::new();
    for s in segments {
        records.extend(s.records()?);
    }
    Ok(records)
}

fn state(body: &[u8]) -> Result<State, IncidentError> {
    let (size, packed) = body
        .split_first_chunk::<8>()
        .ok_or_else(|| malformed("a state without its length"))?;
    let size = u64::from_le_bytes(*size);
    if size > STATE_MAX as u64 {
        return Err(malformed(&format!("a state of {size} bytes")));
    }
    let plain =
        zstd::bulk::decompress(packed, size as usize).map_err(|e| malformed(&e.to_string()))?;
    State::decode(&plain).map_err(|e| match e {
        StateError::Newer { found, known } => IncidentError::Newer { found, known },
        StateError::Malformed { .. } => malformed(&e.to_string()),
    })
}

fn file(body: &[u8]) -> Result<(String, Vec<u8>), IncidentError> {
    let (length, rest) = body
        .split_first_chunk::<2>()
        .ok_or_else(|| malformed("a file without a name"))?;
    let length = usize::from(u16::from_le_bytes(*length));
    let name = rest
        .get(..length)
        .and_then(|n| core::str::from_utf8(n).ok());
    // It is written under this name: nothing that leads elsewhere.
    let plain = |n: &&str| {
        !n.is_empty()
            && n.bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
            && !n.starts_with('.')
    };
    let name = name
        .filter(plain)
        .ok_or_else(|| malformed("a file with an impossible name"))?;
    Ok((name.to_owned(), rest[length..].to_vec()))
}

#[cfg(test)]
mod tests;
