use crate::archive::ArchiveError;
use crate::archive::bytes::{put_number, unzigzag, zigzag};
use crate::archive::column::{ColumnReader, ColumnWriter, grid};
use crate::archive::guess::NONE;

/// A whole turn, hundredths of a degree.
pub(super) const TURN: i64 = 36_000;

/// Writes values by their differences: rows that begin a mover apart from the others.
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
pub(super) fn put_on_grid(
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

pub(super) fn take_step(r: &mut ColumnReader<'_>) -> Result<i64, ArchiveError> {
    let step = r.from.number()?;
    if (1..=1_000_000).contains(&step) {
        Ok(step as i64)
    } else {
        Err(ArchiveError::Malformed(format!("a grid of {step}")))
    }
}

pub(super) fn take_on_grid(
    r: &mut ColumnReader<'_>,
    before: &[u32],
) -> Result<Vec<i64>, ArchiveError> {
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
