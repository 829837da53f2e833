use crate::archive::ArchiveError;
use crate::archive::bytes::{unzigzag, zigzag};
use crate::archive::column::{ColumnReader, ColumnWriter};
use crate::archive::guess::NONE;

/// Where a row's time is taken from.
const FROM_ROW_ABOVE: u8 = 0;
const FROM_ARRIVAL: u8 = 1;
const FROM_MOVER: u8 = 2;

/// What the times of rows are differences from, for each way to take them.
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

/// Writes times in the way that takes the fewest bits; `arrivals`: when each row was known, microseconds.
pub(super) fn put_times(
    w: &mut ColumnWriter,
    times: &[i64],
    arrivals: &[i64],
    before: &[u32],
) -> Result<(), ArchiveError> {
    let (way, steps) = [FROM_ROW_ABOVE, FROM_ARRIVAL, FROM_MOVER]
        .map(|way| (way, time_steps(way, times, arrivals, before)))
        .into_iter()
        .min_by_key(|(_, steps)| bits(steps))
        .unwrap_or((FROM_ROW_ABOVE, Vec::new()));
    w.out.push(way);
    w.put(&steps)
}

pub(super) fn take_times(
    r: &mut ColumnReader<'_>,
    arrivals: &[i64],
    before: &[u32],
) -> Result<Vec<i64>, ArchiveError> {
    let way = r.from.byte()?;
    let steps = r.take(before.len())?;
    let mut times: Vec<i64> = Vec::with_capacity(before.len());
    for (row, step) in steps.into_iter().enumerate() {
        let guessed = time_guess(way, &times, arrivals, before, row);
        times.push(guessed.wrapping_add(unzigzag(step)));
    }
    Ok(times)
}
