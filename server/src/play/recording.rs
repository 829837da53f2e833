use super::RecordingError;
use crate::feeds::formats::{
    Format, FormatError, FormatOptions, Found, RecordedFix, Rows, Told, by_file_name,
};
use crate::lines::open;
use crate::times::{TimeFormat, TimeReader};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// What a reader finds next in a recording.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A position, in the recording's own time and reference system.
    Fix {
        /// Line of the file, from 1; the block's number for compact recordings.
        line: u64,
        /// The position.
        fix: RecordedFix,
    },
    /// A row that cannot be used.
    Bad {
        /// Line of the file, from 1; the block's number for compact recordings.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The recording breaks off here; nothing follows.
    CutOff {
        /// Line of the file, from 1; the block's number for compact recordings.
        line: u64,
        /// How the break shows.
        why: String,
    },
}

/// So many rows tell whether positions are metres.
const LOOKED_AT: usize = 5_000;

/// Whether a vehicle's coordinates change by about as much in a second as it says that it drives metres: degrees change
/// by about a hundred-thousandth of that. `None` where it stands.
fn drives_metres(from: &RecordedFix, to: &RecordedFix) -> Option<bool> {
    let seconds = to.time_us.saturating_sub(from.time_us) as f64 / 1e6;
    let speeds = [from.speed_mps, to.speed_mps].into_iter().flatten();
    let most = f64::from(speeds.fold(0.0, f32::max));
    let moved = (to.lon - from.lon).hypot(to.lat - from.lat);
    (seconds > 0.0 && most > 0.5).then(|| moved / seconds > most / 4.0)
}

/// A recording that can be read again and again.
#[derive(Clone)]
pub struct Recording {
    path: PathBuf,
    format: &'static dyn Format,
    options: FormatOptions,
    times: TimeReader,
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recording")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// A recording being read, in the order of the file.
pub struct Items {
    rows: Box<dyn Rows>,
    times: TimeReader,
    /// Time of each vehicle's last fix.
    last: HashMap<String, i64>,
    told: Told,
}

impl Items {
    /// What is told of rows so far that were read.
    pub fn into_told(self) -> Told {
        self.told
    }
}

impl Iterator for Items {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let (last, told) = (&mut self.last, &mut self.told);
        Some(match self.rows.next()? {
            Found::Row { number, row } => {
                let before = |key: &str| last.get(key).copied();
                match RecordedFix::of(&row, &self.times, before, told) {
                    Ok(fix) => {
                        match last.get_mut(&fix.key) {
                            Some(time) => *time = fix.time_us,
                            None => {
                                last.insert(fix.key.clone(), fix.time_us);
                            }
                        }
                        Item::Fix { line: number, fix }
                    }
                    Err(why) => Item::Bad { line: number, why },
                }
            }
            Found::Bad { number, why } => Item::Bad { line: number, why },
            Found::CutOff { number, why } => Item::CutOff { line: number, why },
        })
    }
}

impl Recording {
    /// A recording in the format of the file name's ending; `options` say how its columns are meant, `times` how its
    /// times are written.
    ///
    /// # Errors
    /// [`RecordingError::UnknownFormat`].
    pub fn new(
        path: &Path,
        options: FormatOptions,
        times: TimeReader,
    ) -> Result<Self, RecordingError> {
        let name = path.file_name().map(|n| n.to_string_lossy());
        let format = by_file_name(&name.unwrap_or_default());
        let format = format.ok_or_else(|| RecordingError::UnknownFormat {
            path: path.to_owned(),
        })?;
        Ok(Self {
            path: path.to_owned(),
            format,
            options,
            times,
        })
    }

    /// How its times are written.
    pub fn time_format(&self) -> &TimeFormat {
        self.times.format()
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn open(&self) -> Result<Box<dyn std::io::BufRead + Send>, RecordingError> {
        open(&self.path).map_err(|source| RecordingError::Open {
            path: self.path.clone(),
            source,
        })
    }

    fn broken(&self, source: FormatError) -> RecordingError {
        RecordingError::Format {
            path: self.path.clone(),
            source,
        }
    }

    /// Reads it from its beginning.
    ///
    /// # Errors
    /// [`RecordingError`] where the file, its header or its head cannot be read.
    pub fn items(&self) -> Result<Items, RecordingError> {
        let rows = self.format.rows(self.open()?, &self.options);
        let rows = rows.map_err(|e| self.broken(e))?;
        Ok(Items {
            rows,
            times: self.times.clone(),
            last: HashMap::new(),
            told: Told::default(),
        })
    }

    /// Where the recording comes from; `None` if it does not say so.
    ///
    /// # Errors
    /// As [`Recording::items`].
    pub fn provenance(&self) -> Result<Option<String>, RecordingError> {
        let said = self.format.provenance(self.open()?);
        said.map_err(|e| self.broken(e))
    }

    /// Says what to do where positions are metres of a network's own plane although the format could hold degrees: it
    /// looks at the first rows, and one that is wrong makes no rule. `None` where they may well be degrees.
    ///
    /// # Errors
    /// As [`Recording::items`].
    pub fn in_metres(&self) -> Result<Option<RecordingError>, RecordingError> {
        let Some(advice) = self.format.how_to_write_degrees() else {
            return Ok(None);
        };
        let mut last: BTreeMap<String, RecordedFix> = BTreeMap::new();
        let (mut rows, mut far, mut driving, mut metres) = (0, 0, 0, 0);
        let mut one = None;
        for item in self.items()?.take(LOOKED_AT) {
            let Item::Fix { fix, .. } = item else {
                continue;
            };
            rows += 1;
            let is_far = fix.lon.abs() > 180.0 || fix.lat.abs() > 90.0;
            far += u32::from(is_far);
            let drives = match last.insert(fix.key.clone(), fix.clone()) {
                Some(before) => drives_metres(&before, &fix),
                None => None,
            };
            driving += u32::from(drives.is_some());
            metres += u32::from(drives == Some(true));
            if is_far || drives == Some(true) {
                one = one.or(Some((fix.lon, fix.lat)));
            }
        }
        let most = far * 2 > rows || metres * 2 > driving;
        Ok(one.filter(|_| most).map(|(x, y)| RecordingError::Metres {
            path: self.path.clone(),
            x,
            y,
            advice,
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::play::TableArgs;

    /// What is said of a SUMO recording of one vehicle that drives 9 m/s along `x` by `step` a second.
    fn said(name: &str, x: f64, step: f64) -> Option<String> {
        let dir = tempfile::tempdir().unwrap();
        let step_at = |i: u32| {
            let x = x + step * f64::from(i);
            format!(
                "<timestep time=\"{i}\"><vehicle id=\"a\" x=\"{x}\" y=\"48.35\" speed=\"9\"/></timestep>"
            )
        };
        let steps: String = (0..5).map(step_at).collect();
        let text = format!("<fcd-export>{steps}</fcd-export>");
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        let recording = TableArgs::default().recording(&path).unwrap();
        recording.in_metres().unwrap().map(|e| e.to_string())
    }

    #[test]
    fn a_network_without_degrees_is_told_with_what_sumo_must_write() {
        for (x, step) in [(5.1, 9.0), (1_234.5, 9.0), (-20_000.0, 0.0)] {
            let said = said("net.fcd.xml", x, step).unwrap();
            for words in ["net.fcd.xml", "--fcd-output.geo", "crs", "48.35"] {
                assert!(said.contains(words), "{words}: {said}");
            }
        }
        // One place that is none among many makes no metres of them.
        let step = |i: u32| {
            let x = if i == 4 { 385_700.0 } else { 118.78 };
            let vehicle = format!("<vehicle id=\"a\" x=\"{x}\" y=\"32.04\" speed=\"9\"/>");
            format!("<timestep time=\"{i}\">{vehicle}</timestep>")
        };
        let steps: String = (0..9).map(step).collect();
        let text = format!("<fcd-export>{steps}</fcd-export>");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("one.fcd.xml");
        std::fs::write(&path, text).unwrap();
        let recording = TableArgs::default().recording(&path).unwrap();
        assert!(recording.in_metres().unwrap().is_none());
        // Degrees, driving and standing, and a vehicle that says nonsense about its speed.
        for step in [0.00012, 0.0, 0.001] {
            assert_eq!(said("a.fcd.xml", 118.78, step), None, "{step}");
        }
    }
}
