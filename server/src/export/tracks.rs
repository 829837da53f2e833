//! Positions gathered by mover, for formats that want whole tracks.

use super::ExportError;
use super::gather::{MoverName, Rows};
use chengtu_engine::command::Observation;
use chengtu_engine::ids::MoverId;
use chengtu_engine::model::{Fix, Sensor};
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;

/// Most positions that a format of whole tracks takes; the tables have no such limit.
const FIXES_MAX: usize = 20_000_000;

/// A mover that is silent for longer is not drawn on its way over the silence, seconds.
pub const SILENT_S: f64 = 120.0;

/// A mover's positions in order, parted where it was silent for more than [`SILENT_S`].
pub fn pieces(fixes: &[Fix]) -> impl Iterator<Item = &[Fix]> {
    fixes.chunk_by(|a, b| b.fix_time.seconds_since(a.fix_time) <= SILENT_S)
}

/// Tracks by mover.
#[derive(Debug, Default)]
pub struct Tracks {
    /// Name and positions of each, in the order of their own times, each time once. By number and key: the number of a
    /// mover that has retired is given again.
    pub by_mover: BTreeMap<(MoverId, String), (MoverName, Vec<Fix>)>,
    fixes: usize,
}

impl Tracks {
    /// Puts positions that came late where they belong.
    pub fn sort(&mut self) {
        for (_, fixes) in self.by_mover.values_mut() {
            fixes.sort_by_key(|f| f.fix_time);
            fixes.dedup_by_key(|f| f.fix_time);
        }
    }
}

impl Rows for Tracks {
    fn fix(&mut self, mover: &MoverName, fix: &Fix, _: Timestamp) -> Result<(), ExportError> {
        self.fixes += 1;
        if self.fixes > FIXES_MAX {
            return Err(ExportError::Asked(format!(
                "more than {FIXES_MAX} positions: this format keeps whole tracks in memory; choose a shorter stretch, an --area, or parquet or csv"
            )));
        }
        let (name, fixes) = self
            .by_mover
            .entry((mover.id, mover.key.clone()))
            .or_insert_with(|| (mover.clone(), Vec::new()));
        if *name != *mover {
            name.clone_from(mover);
        }
        fixes.push(*fix);
        Ok(())
    }

    fn observation(
        &mut self,
        _: &Sensor,
        _: &Observation,
        _: Timestamp,
    ) -> Result<(), ExportError> {
        Ok(())
    }
}

impl MoverName {
    /// Its name for people.
    pub fn title(&self) -> &str {
        self.call_sign.as_deref().unwrap_or(&self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_a_track_is_parted_where_its_mover_was_silent() {
        let fix = |s: i64| Fix {
            mover: MoverId(0),
            position: chengtu_engine::geo::Position::default(),
            bearing_cdeg: 0,
            speed_cmps: 0,
            accuracy_dm: 0,
            fix_time: Timestamp::from_seconds(s),
        };
        let lengths = |seconds: &[i64]| -> Vec<usize> {
            let fixes: Vec<Fix> = seconds.iter().map(|s| fix(*s)).collect();
            pieces(&fixes).map(<[Fix]>::len).collect()
        };
        assert_eq!(lengths(&[]), [0usize; 0]);
        assert_eq!(lengths(&[0, 120, 240]), [3]);
        assert_eq!(lengths(&[0, 121, 240, 86_400]), [1, 2, 1]);
    }
}
