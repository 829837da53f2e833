use super::steps::take_step;
use crate::archive::ArchiveError;
use crate::archive::bytes::{put_number, unzigzag, zigzag};
use crate::archive::column::{ColumnReader, ColumnWriter, grid};
use crate::archive::guess::{Guess, Known, NONE};

/// Writes places, longitude and latitude of 1e-7 degree, by how far they are from a guess.
pub(super) fn put_places(
    w: &mut ColumnWriter,
    known: &Known<'_>,
    mut at: Vec<(i64, i64)>,
) -> Result<(), ArchiveError> {
    let coordinates = at.iter().flat_map(|(lon, lat)| [*lon, *lat]);
    let (step, _) = grid(coordinates.chain([0]), 10_000);
    put_number(&mut w.out, step as u64);
    for (lon, lat) in &mut at {
        (*lon, *lat) = (*lon / step, *lat / step);
    }
    let guess = Guess::best(known, &at);
    guess.put(&mut w.out);
    let mut parts: [Vec<u64>; 4] = Default::default();
    let mut above = (0i64, 0i64);
    for row in 0..at.len() {
        let begins = known.before[row] == NONE;
        let guessed = if begins {
            above
        } else {
            guess.at(known, &at, row)
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
    Ok(())
}

pub(super) fn take_places(
    r: &mut ColumnReader<'_>,
    known: &Known<'_>,
) -> Result<Vec<(i64, i64)>, ArchiveError> {
    let (before, rows) = (known.before, known.before.len());
    let step = take_step(r)?;
    let guess = Guess::take(&mut r.from)?;
    let begins = before.iter().filter(|b| **b == NONE).count();
    let parts = [begins, begins, rows - begins, rows - begins]
        .map(|length| r.take(length).map(Vec::into_iter));
    let [first_lon, first_lat, rest_lon, rest_lat] = parts;
    let (mut first, mut rest) = (first_lon?.zip(first_lat?), rest_lon?.zip(rest_lat?));
    let mut at: Vec<(i64, i64)> = Vec::with_capacity(rows);
    let mut above = (0i64, 0i64);
    for (row, b) in before.iter().enumerate() {
        let begins = *b == NONE;
        let (guessed, off) = if begins {
            (above, first.next())
        } else {
            (guess.at(known, &at, row), rest.next())
        };
        let (x, y) = off.unwrap_or_default();
        let here = (
            guessed.0.wrapping_add(unzigzag(x)),
            guessed.1.wrapping_add(unzigzag(y)),
        );
        at.push(here);
        above = if begins { here } else { above };
    }
    for (lon, lat) in &mut at {
        (*lon, *lat) = (lon.wrapping_mul(step), lat.wrapping_mul(step));
    }
    Ok(at)
}
