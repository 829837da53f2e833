//! Where a mover will be next: what is kept of a position is only how far the guess was off.

use super::ArchiveError;
use super::bytes::{Reader, zigzag};

/// No earlier row of the same mover.
pub(super) const NONE: u32 = u32::MAX;

/// The columns that a guess may look at: those of the row itself have been read before its position.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// The row of the same mover before this one, or [`NONE`].
    pub before: &'a [u32],
    /// Time of each row's fix, microseconds UTC.
    pub time_us: &'a [i64],
    /// Centimetres a second, east and north: speed along the bearing.
    pub velocity: &'a [(f32, f32)],
}

/// How the next position is guessed; chosen and fitted for each run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Guess {
    /// Where it was.
    Stay,
    /// As far again, and the same way.
    Straight,
    /// Along its velocity: a share of the present velocity, the rest of the velocity before.
    Moved {
        /// 0 … 1.
        present: f64,
        /// Units of the first and of the second coordinate for a centimetre east and north, fitted.
        matrix: [f64; 4],
    },
}

/// No guess reaches further than this, seconds.
const REACH_S: f64 = 120.0;

impl Known<'_> {
    fn seconds(&self, row: usize, before: usize) -> f64 {
        let us = self.time_us[row].wrapping_sub(self.time_us[before]);
        (us as f64 / 1e6).clamp(0.0, REACH_S)
    }

    /// Way that a row's velocity makes since the row before, centimetres east and north.
    fn way(&self, row: usize, before: usize, present: f64) -> (f64, f64) {
        let (now, then) = (self.velocity[row], self.velocity[before]);
        let s = self.seconds(row, before);
        let mix = |a: f32, b: f32| (f64::from(a) * present + f64::from(b) * (1.0 - present)) * s;
        (mix(now.0, then.0), mix(now.1, then.1))
    }
}

impl Guess {
    /// The guess for a row that has one before it.
    pub(super) fn at(&self, known: &Known<'_>, at: &[(i64, i64)], row: usize) -> (i64, i64) {
        let before = known.before[row] as usize;
        let (lon, lat) = at[before];
        let add = |v: i64, d: f64| v.wrapping_add(libm::round(d) as i64);
        match self {
            Self::Stay => (lon, lat),
            Self::Straight => {
                let earlier = known.before[before];
                if earlier == NONE {
                    return (lon, lat);
                }
                let earlier = earlier as usize;
                let s = known.seconds(before, earlier);
                if s <= 0.0 {
                    return (lon, lat);
                }
                let share = (known.seconds(row, before) / s).min(8.0);
                let (x, y) = at[earlier];
                (
                    add(lon, lon.wrapping_sub(x) as f64 * share),
                    add(lat, lat.wrapping_sub(y) as f64 * share),
                )
            }
            Self::Moved { present, matrix } => {
                let (east, north) = known.way(row, before, *present);
                let [a, b, c, d] = matrix;
                (
                    add(lon, a * east + b * north),
                    add(lat, c * east + d * north),
                )
            }
        }
    }

    /// The guess that leaves the least to be kept.
    pub(super) fn best(known: &Known<'_>, at: &[(i64, i64)]) -> Self {
        let moved = [1.0, 0.5, 0.0].map(|present| {
            let matrix = fitted(known, at, present);
            Self::Moved { present, matrix }
        });
        [Self::Stay, Self::Straight]
            .into_iter()
            .chain(moved)
            .min_by_key(|g| g.cost(known, at))
            .unwrap_or(Self::Stay)
    }

    /// About how many sixteenths of a bit are left.
    fn cost(&self, known: &Known<'_>, at: &[(i64, i64)]) -> u64 {
        rows(known)
            .map(|row| {
                let (x, y) = self.at(known, at, row);
                let (lon, lat) = at[row];
                sixteenths(lon.wrapping_sub(x)) + sixteenths(lat.wrapping_sub(y))
            })
            .sum()
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Stay => out.push(0),
            Self::Straight => out.push(1),
            Self::Moved { present, matrix } => {
                out.push(2);
                for v in [present].into_iter().chain(matrix) {
                    out.extend(v.to_le_bytes());
                }
            }
        }
    }

    pub(super) fn take(from: &mut Reader<'_>) -> Result<Self, ArchiveError> {
        Ok(match from.byte()? {
            0 => Self::Stay,
            1 => Self::Straight,
            2 => {
                let mut v = [0.0; 5];
                for v in &mut v {
                    let mut bytes = [0; 8];
                    for b in &mut bytes {
                        *b = from.byte()?;
                    }
                    *v = f64::from_le_bytes(bytes);
                }
                Self::Moved {
                    present: v[0],
                    matrix: [v[1], v[2], v[3], v[4]],
                }
            }
            kind => {
                return Err(ArchiveError::UnknownPacking {
                    what: "a guess",
                    kind,
                });
            }
        })
    }
}

/// Rows with an earlier row of the same mover.
fn rows<'a>(known: &'a Known<'_>) -> impl Iterator<Item = usize> + 'a {
    (0..known.before.len()).filter(|row| known.before[*row] != NONE)
}

fn sixteenths(off: i64) -> u64 {
    let v = zigzag(off).saturating_add(1);
    let bits = v.ilog2();
    // The four bits below the leading bit are the fraction.
    let fraction = if bits >= 4 {
        v >> (bits - 4)
    } else {
        v << (4 - bits)
    };
    u64::from(bits) * 16 + (fraction & 15)
}

/// The matrix that takes ways to differences of position with the least squares, once more without what lies far off:
/// it finds out for itself how long a degree is here, and how a feed's north is turned.
fn fitted(known: &Known<'_>, at: &[(i64, i64)], present: f64) -> [f64; 4] {
    let mut matrix = [0.0; 4];
    let mut within = f64::INFINITY;
    for _ in 0..3 {
        let [mut ee, mut en, mut nn] = [0.0f64; 3];
        let [mut xe, mut xn, mut ye, mut yn] = [0.0f64; 4];
        let (mut off, mut count) = (0.0f64, 0.0f64);
        for row in rows(known) {
            let before = known.before[row] as usize;
            let (e, n) = known.way(row, before, present);
            if e == 0.0 && n == 0.0 {
                continue;
            }
            let x = at[row].0.wrapping_sub(at[before].0) as f64;
            let y = at[row].1.wrapping_sub(at[before].1) as f64;
            let [a, b, c, d] = matrix;
            let far = (x - a * e - b * n).abs() + (y - c * e - d * n).abs();
            if far > within {
                continue;
            }
            off += far;
            count += 1.0;
            ee += e * e;
            en += e * n;
            nn += n * n;
            xe += x * e;
            xn += x * n;
            ye += y * e;
            yn += y * n;
        }
        let det = ee * nn - en * en;
        if count < 8.0 || det.abs() < 1e-9 * (ee * nn).max(1.0) {
            return matrix;
        }
        if within.is_finite() {
            within = 3.0 * off / count + 1.0;
        } else {
            within = f64::MAX;
        }
        matrix = [
            (xe * nn - xn * en) / det,
            (xn * ee - xe * en) / det,
            (ye * nn - yn * en) / det,
            (yn * ee - ye * en) / det,
        ];
        if within == f64::MAX {
            within = typical_error(known, at, present, &matrix) * 3.0 + 1.0;
        }
    }
    matrix
}

fn typical_error(known: &Known<'_>, at: &[(i64, i64)], present: f64, m: &[f64; 4]) -> f64 {
    let (mut off, mut count) = (0.0f64, 1.0f64);
    for row in rows(known) {
        let before = known.before[row] as usize;
        let (e, n) = known.way(row, before, present);
        let x = at[row].0.wrapping_sub(at[before].0) as f64;
        let y = at[row].1.wrapping_sub(at[before].1) as f64;
        off += (x - m[0] * e - m[1] * n).abs() + (y - m[2] * e - m[3] * n).abs();
        count += 1.0;
    }
    off / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mover_that_says_its_velocity_is_guessed_to_the_unit() {
        // Ten units a metre east, twelve a metre north; one mover, a second a row.
        let n = 200;
        let before: Vec<u32> = (0..n).map(|i: u32| i.wrapping_sub(1)).collect();
        let time_us: Vec<i64> = (0..i64::from(n)).map(|i| i * 1_000_000).collect();
        let velocity: Vec<(f32, f32)> = (0..n)
            .map(|i| ((i * 7 % 1_300) as f32, (i * 11 % 900) as f32 - 400.0))
            .collect();
        let (mut x, mut y) = (1_187_000.0f64, 320_000.0f64);
        let at: Vec<(i64, i64)> = velocity
            .iter()
            .map(|(e, n)| {
                x += f64::from(*e) * 0.10;
                y += f64::from(*n) * 0.12;
                (x.round() as i64, y.round() as i64)
            })
            .collect();
        let known = Known {
            before: &before,
            time_us: &time_us,
            velocity: &velocity,
        };
        let guess = Guess::best(&known, &at);
        assert!(
            matches!(guess, Guess::Moved { present, .. } if present == 1.0),
            "{guess:?}"
        );
        for row in 1..at.len() {
            let (gx, gy) = guess.at(&known, &at, row);
            assert!((gx - at[row].0).abs() <= 1 && (gy - at[row].1).abs() <= 1);
        }
        let mut out = Vec::new();
        guess.put(&mut out);
        assert_eq!(Guess::take(&mut Reader(&out)), Ok(guess));
        assert!(Guess::take(&mut Reader(&[9])).is_err());
    }
}
