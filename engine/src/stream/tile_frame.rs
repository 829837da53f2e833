use crate::geo::{Position, TileId};
use crate::ids::{MoverId, UnitId};
use crate::model::{MoverKind, NO_BEARING};
use crate::time::Timestamp;

/// What moved, came and went in one tile, as columns: about 11 bytes a mover.
///
/// Columns have one value a row and equal length; rows are in ascending order of mover id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TileFrame {
    /// Zoom, column, row.
    pub tile: (u8, u32, u32),
    /// When the frame was made; `age_ms` counts back from here.
    pub time: Timestamp,
    /// Differences of ascending mover ids; the first is the id itself.
    pub id_step: Vec<u32>,
    /// Longitude east of the tile's western edge, 1e-7 degree.
    pub east_e7: Vec<u32>,
    /// Latitude north of the tile's southern edge, 1e-7 degree.
    pub north_e7: Vec<u32>,
    /// Bearing in steps of 360/254 degree clockwise from north; 255: unknown.
    pub bearing: Vec<u8>,
    /// Decimetres a second.
    pub speed_dmps: Vec<u16>,
    /// Milliseconds from the fix to `time`.
    pub age_ms: Vec<u32>,
    /// Rows that are new in the tile: row index, kind, and the unit that it carries, if any.
    pub joined: Vec<(u32, MoverKind, Option<UnitId>)>,
    /// Movers that have left the tile.
    pub left: Vec<MoverId>,
}

/// One row of a tile's frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MoverRow {
    /// The mover that the row is about.
    pub id: MoverId,
    /// Position at `fix_time`, WGS 84.
    pub position: Position,
    /// Degrees clockwise from north; `None`: unknown.
    pub bearing_deg: Option<f32>,
    /// Metres a second.
    pub speed_mps: f32,
    /// When it was there, by its own clock, to the millisecond.
    pub fix_time: Timestamp,
    /// Kind of mover; `None` for a row that is not new in the tile.
    pub kind: Option<MoverKind>,
    /// The unit that it carries; `None` also for a row that is not new in the tile.
    pub unit: Option<UnitId>,
}

impl TileFrame {
    /// An empty frame of a tile.
    pub fn new(tile: TileId, time: Timestamp) -> Self {
        Self {
            tile: (tile.z, tile.x, tile.y),
            time,
            ..Self::default()
        }
    }

    /// The tile as an id; a decoded frame may name any numbers, even outside the world.
    pub fn tile_id(&self) -> TileId {
        TileId {
            z: self.tile.0,
            x: self.tile.1,
            y: self.tile.2,
        }
    }

    fn corner(&self) -> Position {
        // A decoded frame may name any tile; its corner is held within the world.
        let t = self.tile_id();
        let z = t.z.min(24);
        let last = (1u32 << z) - 1;
        if z == 0 {
            return Position::new(-1_800_000_000, -900_000_000);
        }
        let (sw, _) = TileId {
            z,
            x: t.x.min(last),
            y: t.y.min(last),
        }
        .bounds();
        // One unit further out, so that rounding leaves nothing west or south of the corner.
        Position::new(
            libm::floor(sw.lon_deg * 1e7) as i32 - 1,
            libm::floor(sw.lat_deg * 1e7) as i32 - 1,
        )
    }

    /// Adds rows in ascending order of id: `(id, position, bearing_cdeg, speed_cmps, fix_time, joined)`.
    pub fn push_rows(
        &mut self,
        rows: impl Iterator<
            Item = (
                MoverId,
                Position,
                u16,
                u16,
                Timestamp,
                Option<(MoverKind, Option<UnitId>)>,
            ),
        >,
    ) {
        let corner = self.corner();
        let mut last = 0;
        for (id, p, bearing_cdeg, speed_cmps, fix_time, joined) in rows {
            if let Some((kind, unit)) = joined {
                self.joined.push((self.id_step.len() as u32, kind, unit));
            }
            self.id_step.push(id.0.wrapping_sub(last));
            last = id.0;
            self.east_e7
                .push(p.lon_e7.wrapping_sub(corner.lon_e7) as u32);
            self.north_e7
                .push(p.lat_e7.wrapping_sub(corner.lat_e7) as u32);
            self.bearing.push(if bearing_cdeg == NO_BEARING {
                u8::MAX
            } else {
                (f64::from(bearing_cdeg % 36_000) * 254.0 / 36_000.0) as u8
            });
            self.speed_dmps.push(speed_cmps / 10);
            let age_ms = self.time.0.saturating_sub(fix_time.0).max(0) / 1_000;
            self.age_ms.push(u32::try_from(age_ms).unwrap_or(u32::MAX));
        }
    }

    /// The same in frames of at most `rows_max` rows each, what has left in the first. A client that takes them one after
    /// the other knows what it would know of the whole.
    pub fn pieces(&self, rows_max: usize) -> Vec<Self> {
        let rows_max = rows_max.max(1);
        if self.id_step.len() <= rows_max {
            return vec![self.clone()];
        }
        let mut id = 0u32;
        let mut pieces = Vec::new();
        for start in (0..self.id_step.len()).step_by(rows_max) {
            let rows = start..(start + rows_max).min(self.id_step.len());
            let mut id_step = self.id_step[rows.clone()].to_vec();
            // The first row's step counts from 0.
            id_step[0] = id_step[0].wrapping_add(id);
            id = id_step.iter().fold(0, |id, step| id.wrapping_add(*step));
            let before = |row: usize| self.joined.partition_point(|j| (j.0 as usize) < row);
            let joined = &self.joined[before(rows.start)..before(rows.end)];
            let moved = |&(row, kind, unit): &_| (row - start as u32, kind, unit);
            pieces.push(Self {
                id_step,
                east_e7: self.east_e7[rows.clone()].to_vec(),
                north_e7: self.north_e7[rows.clone()].to_vec(),
                bearing: self.bearing[rows.clone()].to_vec(),
                speed_dmps: self.speed_dmps[rows.clone()].to_vec(),
                age_ms: self.age_ms[rows.clone()].to_vec(),
                joined: joined.iter().map(moved).collect(),
                left: if start == 0 {
                    self.left.clone()
                } else {
                    Vec::new()
                },
                ..*self
            });
        }
        pieces
    }

    /// The rows; columns of unequal length end at the shortest.
    pub fn rows(&self) -> impl Iterator<Item = MoverRow> + '_ {
        let corner = self.corner();
        let mut id = 0u32;
        let mut joined = self.joined.iter().peekable();
        let n = [
            self.east_e7.len(),
            self.north_e7.len(),
            self.bearing.len(),
            self.speed_dmps.len(),
            self.age_ms.len(),
        ]
        .into_iter()
        .fold(self.id_step.len(), usize::min);
        (0..n).map(move |i| {
            id = id.wrapping_add(self.id_step[i]);
            let new = joined.next_if(|j| j.0 as usize == i);
            MoverRow {
                id: MoverId(id),
                position: Position::new(
                    corner.lon_e7.wrapping_add(self.east_e7[i] as i32),
                    corner.lat_e7.wrapping_add(self.north_e7[i] as i32),
                ),
                bearing_deg: (self.bearing[i] != u8::MAX)
                    .then(|| f32::from(self.bearing[i]) * 360.0 / 254.0),
                speed_mps: f32::from(self.speed_dmps[i]) / 10.0,
                fix_time: Timestamp(
                    self.time
                        .0
                        .saturating_sub(i64::from(self.age_ms[i]) * 1_000),
                ),
                kind: new.map(|j| j.1),
                unit: new.and_then(|j| j.2),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_out_as_they_went_in_to_the_centimetre() {
        let positions = [
            Position::new(1_187_900_000, 320_500_000),
            Position::new(1_187_912_345, 320_512_345),
        ];
        for z in [0, 14] {
            let mut f = TileFrame::new(TileId::containing(positions[0], z), Timestamp(5_000_000));
            f.push_rows(positions.iter().enumerate().map(|(i, p)| {
                let kind = (i == 1).then_some((MoverKind::Unit, Some(UnitId(7))));
                (
                    MoverId(10 + i as u32 * 90_000),
                    *p,
                    9_000,
                    1_230,
                    Timestamp(4_000_000),
                    kind,
                )
            }));
            let rows: Vec<_> = f.rows().collect();
            assert_eq!(
                rows.iter().map(|r| r.position).collect::<Vec<_>>(),
                positions
            );
            assert_eq!(rows[1].id, MoverId(90_010));
            assert_eq!((rows[0].kind, rows[1].unit), (None, Some(UnitId(7))));
            assert!((rows[0].speed_mps - 12.3).abs() < 1e-5);
            assert_eq!(rows[0].fix_time, Timestamp(4_000_000));
        }
    }

    #[test]
    fn the_pieces_of_a_frame_hold_its_rows() {
        let p = Position::new(1_187_900_000, 320_500_000);
        let mut f = TileFrame::new(TileId::containing(p, 14), Timestamp(5_000_000));
        let joined = |i: u32| (i % 3 == 1).then_some((MoverKind::Bus, None));
        f.push_rows((0..1_000).map(|i| (MoverId(7 + i * 5), p, 0, 0, Timestamp(0), joined(i))));
        f.left = vec![MoverId(3)];
        let pieces = f.pieces(64);
        assert_eq!((pieces.len(), f.pieces(1_000).len()), (16, 1));
        assert!(pieces.iter().all(|p| p.id_step.len() <= 64));
        let rows: Vec<_> = pieces.iter().flat_map(TileFrame::rows).collect();
        assert!(rows == f.rows().collect::<Vec<_>>());
        let left: Vec<_> = pieces.iter().flat_map(|p| p.left.clone()).collect();
        assert_eq!(left, f.left);
    }

    #[test]
    fn columns_that_do_not_fit_together_end_at_the_shortest() {
        let f = TileFrame {
            id_step: vec![1, 2, 3],
            east_e7: vec![4],
            ..TileFrame::default()
        };
        assert_eq!(f.rows().count(), 0);
    }
}
