//! The positions of a whole run as columns: each row is told as its difference from the same mover's row before.

use super::ArchiveError;
use super::bytes::{Reader, put_number, unzigzag, zigzag};
use super::column::{ColumnReader, ColumnWriter, grid};
use super::guess::{Guess, Known, NONE};
use crate::ids::{FeedId, MoverId};
use crate::model::NO_BEARING;
use crate::record::FixBlock;
use crate::time::Timestamp;

/// A whole turn, hundredths of a degree.
const TURN: i64 = 36_000;

/// Where a row's time is taken from.
const FROM_ROW_ABOVE: u8 = 0;
const FROM_ARRIVAL: u8 = 1;
const FROM_MOVER: u8 = 2;

/// A block to be filled: whose, how many rows, when it was known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub feed: FeedId,
    pub rows: usize,
    pub known_at: Timestamp,
}

/// For each row the one of the same mover before it, and for each mover its number in order.
struct Order {
    ids: Vec<u32>,
    of_row: Vec<u32>,
    before: Vec<u32>,
}

fn befores(of_row: &[u32], movers: usize) -> Vec<u32> {
    let mut last = vec![NONE; movers];
    (0..)
        .zip(of_row)
        .map(|(row, mover)| core::mem::replace(&mut last[*mover as usize], row))
        .collect()
}

fn order(blocks: &[(&FixBlock, Timestamp)]) -> Order {
    let rows = blocks.iter().flat_map(|(b, _)| b.mover.iter().map(|m| m.0));
    let mut ids: Vec<u32> = rows.clone().collect();
    ids.sort_unstable();
    ids.dedup();
    let of_row: Vec<u32> = rows
        .map(|m| ids.partition_point(|id| *id < m) as u32)
        .collect();
    let before = befores(&of_row, ids.len());
    Order {
        ids,
        of_row,
        before,
    }
}

/// Who comes after whom: mostly the one that came after it the last time.
struct Followers {
    after: Vec<u32>,
    last: u32,
}

impl Followers {
    fn new(movers: usize) -> Self {
        Self {
            after: vec![NONE; movers],
            last: 0,
        }
    }

    fn code(&mut self, next: u32) -> u64 {
        let code = if self.after.get(self.last as usize) == Some(&next) {
            0
        } else {
            1 + zigzag(i64::from(next) - i64::from(self.last) - 1)
        };
        self.step(next);
        code
    }

    fn next(&mut self, code: u64) -> Result<u32, ArchiveError> {
        let movers = self.after.len() as i64;
        let next = match code {
            0 => i64::from(*self.after.get(self.last as usize).unwrap_or(&NONE)),
            c => unzigzag(c - 1)
                .wrapping_add(i64::from(self.last))
                .wrapping_add(1),
        };
        if !(0..movers).contains(&next) {
            let what = format!("mover {next} of {movers}");
            return Err(ArchiveError::Malformed(what));
        }
        self.step(next as u32);
        Ok(next as u32)
    }

    fn step(&mut self, next: u32) {
        if let Some(after) = self.after.get_mut(self.last as usize) {
            *after = next;
        }
        self.last = next;
    }
}

/// Tells values by their differences: rows that begin a mover apart from the others.
fn put_steps(
    w: &mut ColumnWriter,
    before: &[u32],
    values: &[i64],
    turn: Option<i64>,
) -> Result<(), ArchiveError> {
    let (mut first, mut rest) = (Vec::new(), Vec::with_capacity(values.len()));
    for (value, before) in values.iter().zip(before) {
        if *before == NONE {
            first.push(zigzag(*value));
        } else {
            let step = value.wrapping_sub(values[*before as usize]);
            rest.push(zigzag(match turn {
                Some(t) => (step + t / 2).rem_euclid(t) - t / 2,
                None => step,
            }));
        }
    }
    w.put(&first)?;
    w.put(&rest)
}

fn take_steps(
    r: &mut ColumnReader<'_>,
    before: &[u32],
    turn: Option<i64>,
) -> Result<Vec<i64>, ArchiveError> {
    let begins = before.iter().filter(|b| **b == NONE).count();
    let mut first = r.take(begins)?.into_iter();
    let mut rest = r.take(before.len() - begins)?.into_iter();
    let mut values: Vec<i64> = Vec::with_capacity(before.len());
    for b in before {
        let value = if *b == NONE {
            unzigzag(first.next().unwrap_or_default())
        } else {
            let v = values[*b as usize].wrapping_add(unzigzag(rest.next().unwrap_or_default()));
            turn.map_or(v, |t| v.rem_euclid(t))
        };
        values.push(value);
    }
    Ok(values)
}

/// Values on a grid: its step and offset, then their differences.
fn put_on_grid(
    w: &mut ColumnWriter,
    before: &[u32],
    values: &mut [i64],
    turn: Option<i64>,
) -> Result<i64, ArchiveError> {
    let (step, _) = grid(values.iter().copied().chain([0]), 1_000);
    put_number(&mut w.out, step as u64);
    for v in values.iter_mut() {
        *v /= step;
    }
    let turn = turn.filter(|t| t % step == 0).map(|t| t / step);
    w.out.push(u8::from(turn.is_some()));
    put_steps(w, before, values, turn)?;
    Ok(step)
}

fn take_step(r: &mut ColumnReader<'_>) -> Result<i64, ArchiveError> {
    let step = r.from.number()?;
    if (1..=1_000_000).contains(&step) {
        Ok(step as i64)
    } else {
        Err(ArchiveError::Malformed(format!("a grid of {step}")))
    }
}

fn take_on_grid(r: &mut ColumnReader<'_>, before: &[u32]) -> Result<Vec<i64>, ArchiveError> {
    let step = take_step(r)?;
    let turn = (r.from.byte()? != 0)
        .then_some(TURN / step)
        .filter(|t| *t > 0);
    let mut values = take_steps(r, before, turn)?;
    for v in &mut values {
        *v = v.wrapping_mul(step);
    }
    Ok(values)
}

/// What the times of rows are told from, for each way to tell them.
fn time_guess(way: u8, times: &[i64], arrivals: &[i64], before: &[u32], row: usize) -> i64 {
    let above = |row: usize| match row.checked_sub(1) {
        Some(above) if arrivals[above] == arrivals[row] => times[above],
        _ => arrivals[row],
    };
    match way {
        FROM_ARRIVAL => arrivals[row],
        FROM_MOVER if before[row] != NONE => {
            let b = before[row] as usize;
            let earlier = before[b];
            if earlier == NONE {
                return above(row);
            }
            let step = times[b].wrapping_sub(times[earlier as usize]);
            times[b].wrapping_add(step)
        }
        _ => above(row),
    }
}

fn time_steps(way: u8, times: &[i64], arrivals: &[i64], before: &[u32]) -> Vec<u64> {
    (0..times.len())
        .map(|row| zigzag(times[row].wrapping_sub(time_guess(way, times, arrivals, before, row))))
        .collect()
}

fn bits(steps: &[u64]) -> u64 {
    steps
        .iter()
        .map(|s| u64::from(64 - s.leading_zeros()))
        .sum()
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

/// All rows of these blocks, in their order; each with when it was known.
pub(super) fn pack(blocks: &[(&FixBlock, Timestamp)]) -> Result<Vec<u8>, ArchiveError> {
    let order = order(blocks);
    let before = &order.before;
    let mut w = ColumnWriter::new()?;
    put_number(&mut w.out, order.ids.len() as u64);
    let mut above = 0u32;
    let gaps = order
        .ids
        .iter()
        .map(|id| u64::from(id - core::mem::replace(&mut above, *id)));
    w.put(&gaps.collect::<Vec<_>>())?;
    let mut followers = Followers::new(order.ids.len());
    let who = order.of_row.iter().map(|m| followers.code(*m));
    w.put(&who.collect::<Vec<_>>())?;

    let column = |of: fn(&FixBlock) -> &[u16]| -> Vec<i64> {
        let all = blocks.iter().flat_map(|(b, _)| of(b));
        all.map(|v| i64::from(*v)).collect()
    };
    let mut bearing = column(|b| &b.bearing_cdeg);
    let mut speed = column(|b| &b.speed_cmps);
    let mut accuracy = column(|b| &b.accuracy_dm);
    let pointing: Vec<bool> = bearing
        .iter()
        .map(|b| *b != i64::from(NO_BEARING))
        .collect();
    w.put(&pointing.iter().map(|p| u64::from(!p)).collect::<Vec<_>>())?;
    // Who does not point keeps its last bearing here, which costs nothing; it is not read.
    for row in 0..bearing.len() {
        if !pointing[row] {
            bearing[row] = match before[row] {
                NONE => 0,
                b => bearing[b as usize],
            };
        }
    }
    let turn = bearing.iter().all(|b| *b < TURN).then_some(TURN);
    let (bearing_told, speed_told) = (bearing.clone(), speed.clone());
    put_on_grid(&mut w, before, &mut bearing, turn)?;
    put_on_grid(&mut w, before, &mut speed, None)?;
    put_on_grid(&mut w, before, &mut accuracy, None)?;

    let arrivals: Vec<i64> = blocks
        .iter()
        .flat_map(|(b, known_at)| core::iter::repeat_n(known_at.0, b.len()))
        .collect();
    let times: Vec<i64> = blocks
        .iter()
        .flat_map(|(b, _)| b.fix_time.iter().map(|t| t.0))
        .collect();
    let (way, steps) = [FROM_ROW_ABOVE, FROM_ARRIVAL, FROM_MOVER]
        .map(|way| (way, time_steps(way, &times, &arrivals, before)))
        .into_iter()
        .min_by_key(|(_, steps)| bits(steps))
        .unwrap_or((FROM_ROW_ABOVE, Vec::new()));
    w.out.push(way);
    w.put(&steps)?;

    let mut at: Vec<(i64, i64)> = blocks
        .iter()
        .flat_map(|(b, _)| b.lon_e7.iter().zip(&b.lat_e7))
        .map(|(lon, lat)| (i64::from(*lon), i64::from(*lat)))
        .collect();
    let coordinates = at.iter().flat_map(|(lon, lat)| [*lon, *lat]);
    let (step, _) = grid(coordinates.chain([0]), 10_000);
    put_number(&mut w.out, step as u64);
    for (lon, lat) in &mut at {
        (*lon, *lat) = (*lon / step, *lat / step);
    }
    let velocity = velocities(&speed_told, &bearing_told, &pointing);
    let known = Known {
        before,
        time_us: &times,
        velocity: &velocity,
    };
    let guess = Guess::best(&known, &at);
    guess.put(&mut w.out);
    let mut parts: [Vec<u64>; 4] = Default::default();
    let mut above = (0i64, 0i64);
    for row in 0..at.len() {
        let begins = before[row] == NONE;
        let guessed = if begins {
            above
        } else {
            guess.at(&known, &at, row)
        };
        let off = (
            at[row].0.wrapping_sub(guessed.0),
            at[row].1.wrapping_sub(guessed.1),
        );
        let part = if begins { 0 } else { 2 };
        parts[part].push(zigzag(off.0));
        parts[part + 1].push(zigzag(off.1));
        above = if begins { at[row] } else { above };
    }
    for part in &parts {
        w.put(part)?;
    }
    Ok(w.out)
}

/// The blocks again.
pub(super) fn unpack(bytes: &[u8], frames: &[Frame]) -> Result<Vec<FixBlock>, ArchiveError> {
    let rows: usize = frames.iter().map(|f| f.rows).sum();
    let mut r = ColumnReader::new(Reader(bytes))?;
    let movers = r.from.number()? as usize;
    if movers > rows {
        let what = format!("{movers} movers in {rows} rows");
        return Err(ArchiveError::Malformed(what));
    }
    let mut id = 0u32;
    let ids: Vec<u32> = r
        .take(movers)?
        .into_iter()
        .map(|gap| {
            id = id.wrapping_add(gap as u32);
            id
        })
        .collect();
    let mut followers = Followers::new(movers);
    let of_row = r
        .take(rows)?
        .into_iter()
        .map(|code| followers.next(code))
        .collect::<Result<Vec<u32>, _>>()?;
    let before = befores(&of_row, movers);
    let pointing: Vec<bool> = r.take(rows)?.into_iter().map(|p| p == 0).collect();
    let bearing = take_on_grid(&mut r, &before)?;
    let speed = take_on_grid(&mut r, &before)?;
    let accuracy = take_on_grid(&mut r, &before)?;

    let arrivals: Vec<i64> = frames
        .iter()
        .flat_map(|f| core::iter::repeat_n(f.known_at.0, f.rows))
        .collect();
    let way = r.from.byte()?;
    let steps = r.take(rows)?;
    let mut times: Vec<i64> = Vec::with_capacity(rows);
    for (row, step) in steps.into_iter().enumerate() {
        let guessed = time_guess(way, &times, &arrivals, &before, row);
        times.push(guessed.wrapping_add(unzigzag(step)));
    }

    let step = take_step(&mut r)?;
    let guess = Guess::take(&mut r.from)?;
    let begins = before.iter().filter(|b| **b == NONE).count();
    let parts = [begins, begins, rows - begins, rows - begins]
        .map(|length| r.take(length).map(Vec::into_iter));
    let [first_lon, first_lat, rest_lon, rest_lat] = parts;
    let (mut first, mut rest) = (first_lon?.zip(first_lat?), rest_lon?.zip(rest_lat?));
    let velocity = velocities(&speed, &bearing, &pointing);
    let known = Known {
        before: &before,
        time_us: &times,
        velocity: &velocity,
    };
    let mut at: Vec<(i64, i64)> = Vec::with_capacity(rows);
    let mut above = (0i64, 0i64);
    for (row, b) in before.iter().enumerate() {
        let begins = *b == NONE;
        let (guessed, off) = if begins {
            (above, first.next())
        } else {
            (guess.at(&known, &at, row), rest.next())
        };
        let (x, y) = off.unwrap_or_default();
        let here = (
            guessed.0.wrapping_add(unzigzag(x)),
            guessed.1.wrapping_add(unzigzag(y)),
        );
        at.push(here);
        above = if begins { here } else { above };
    }

    let mut from = 0;
    let mut blocks = Vec::with_capacity(frames.len());
    for f in frames {
        let these = from..from + f.rows;
        from = these.end;
        let small = |column: &[i64]| column[these.clone()].iter().map(|v| *v as u16).collect();
        let bearing_or_none = bearing[these.clone()].iter().zip(&pointing[these.clone()]);
        blocks.push(FixBlock {
            feed: f.feed,
            mover: of_row[these.clone()]
                .iter()
                .map(|m| MoverId(ids[*m as usize]))
                .collect(),
            lon_e7: at[these.clone()]
                .iter()
                .map(|p| (p.0.wrapping_mul(step)) as i32)
                .collect(),
            lat_e7: at[these.clone()]
                .iter()
                .map(|p| (p.1.wrapping_mul(step)) as i32)
                .collect(),
            bearing_cdeg: bearing_or_none
                .map(|(b, pointing)| if *pointing { *b as u16 } else { NO_BEARING })
                .collect(),
            speed_cmps: small(&speed),
            accuracy_dm: small(&accuracy),
            fix_time: times[these.clone()].iter().map(|t| Timestamp(*t)).collect(),
        });
    }
    Ok(blocks)
}
