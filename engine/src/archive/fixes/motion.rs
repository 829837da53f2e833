use super::steps::{TURN, put_on_grid, take_on_grid};
use crate::archive::ArchiveError;
use crate::archive::column::{ColumnReader, ColumnWriter};
use crate::archive::guess::NONE;
use crate::model::NO_BEARING;
use crate::record::FixBlock;
use crate::time::Timestamp;

/// Where rows point to, how fast they are and how exact: columns of one length.
pub(super) struct Motion {
    /// Hundredths of a degree; of a row that does not point, any.
    pub bearing: Vec<i64>,
    /// Centimetres a second.
    pub speed: Vec<i64>,
    /// Decimetres; 0 where unknown.
    pub accuracy: Vec<i64>,
    pub pointing: Vec<bool>,
}

impl Motion {
    /// Of all rows; who does not point keeps its last bearing, which costs nothing and is not read.
    pub(super) fn of(blocks: &[(&FixBlock, Timestamp)], before: &[u32]) -> Self {
        let column = |of: fn(&FixBlock) -> &[u16]| -> Vec<i64> {
            let all = blocks.iter().flat_map(|(b, _)| of(b));
            all.map(|v| i64::from(*v)).collect()
        };
        let mut bearing = column(|b| &b.bearing_cdeg);
        let points = |b: &i64| *b != i64::from(NO_BEARING);
        let pointing: Vec<bool> = bearing.iter().map(points).collect();
        for row in 0..bearing.len() {
            if !pointing[row] {
                bearing[row] = match before[row] {
                    NONE => 0,
                    b => bearing[b as usize],
                };
            }
        }
        Self {
            bearing,
            speed: column(|b| &b.speed_cmps),
            accuracy: column(|b| &b.accuracy_dm),
            pointing,
        }
    }

    pub(super) fn put(&self, w: &mut ColumnWriter, before: &[u32]) -> Result<(), ArchiveError> {
        let still: Vec<u64> = self.pointing.iter().map(|p| u64::from(!p)).collect();
        w.put(&still)?;
        let turn = self.bearing.iter().all(|b| *b < TURN).then_some(TURN);
        put_on_grid(w, before, &mut self.bearing.clone(), turn)?;
        put_on_grid(w, before, &mut self.speed.clone(), None)?;
        put_on_grid(w, before, &mut self.accuracy.clone(), None)?;
        Ok(())
    }

    pub(super) fn take(r: &mut ColumnReader<'_>, before: &[u32]) -> Result<Self, ArchiveError> {
        let pointing = r.take(before.len())?.into_iter().map(|p| p == 0).collect();
        Ok(Self {
            bearing: take_on_grid(r, before)?,
            speed: take_on_grid(r, before)?,
            accuracy: take_on_grid(r, before)?,
            pointing,
        })
    }

    /// East and north, centimetres a second; nothing for rows that do not point.
    pub(super) fn velocities(&self) -> Vec<(f32, f32)> {
        velocities(&self.speed, &self.bearing, &self.pointing)
    }
}

fn velocities(speed: &[i64], bearing: &[i64], pointing: &[bool]) -> Vec<(f32, f32)> {
    // One turn in hundredths of a degree, worked out as it is needed.
    let mut known: Vec<Option<(f32, f32)>> = vec![None; TURN as usize];
    speed
        .iter()
        .zip(bearing)
        .zip(pointing)
        .map(|((speed, bearing), pointing)| {
            let Some(slot) = known.get_mut(bearing.rem_euclid(TURN) as usize) else {
                return (0.0, 0.0);
            };
            if !*pointing || *speed == 0 {
                return (0.0, 0.0);
            }
            let (sin, cos) = *slot.get_or_insert_with(|| {
                let (s, c) = libm::sincos((*bearing as f64 / 100.0).to_radians());
                (s as f32, c as f32)
            });
            (*speed as f32 * sin, *speed as f32 * cos)
        })
        .collect()
}
