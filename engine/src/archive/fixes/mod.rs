//! The positions of a whole run as columns: each row is kept as its difference from the same mover's row before.

mod motion;
mod order;
mod places;
mod steps;
mod times;

use super::ArchiveError;
use super::bytes::{Reader, put_number};
use super::column::{ColumnReader, ColumnWriter};
use super::guess::Known;
use crate::ids::{FeedId, MoverId};
use crate::model::NO_BEARING;
use crate::record::FixBlock;
use crate::time::Timestamp;
use motion::Motion;
use order::{Followers, Order, befores, order};
use places::{put_places, take_places};
use times::{put_times, take_times};

/// A block to be filled: whose, how many rows, when it was known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub feed: FeedId,
    pub rows: usize,
    pub known_at: Timestamp,
}

/// All rows of these blocks, in their order; each with when it was known.
pub(super) fn pack(blocks: &[(&FixBlock, Timestamp)]) -> Result<Vec<u8>, ArchiveError> {
    let order = order(blocks);
    let before = &order.before;
    let mut w = ColumnWriter::new()?;
    put_movers(&mut w, &order)?;
    let motion = Motion::of(blocks, before);
    motion.put(&mut w, before)?;
    let arrivals: Vec<i64> = blocks
        .iter()
        .flat_map(|(b, known_at)| core::iter::repeat_n(known_at.0, b.len()))
        .collect();
    let times: Vec<i64> = blocks
        .iter()
        .flat_map(|(b, _)| b.fix_time.iter().map(|t| t.0))
        .collect();
    put_times(&mut w, &times, &arrivals, before)?;
    let at = blocks
        .iter()
        .flat_map(|(b, _)| b.lon_e7.iter().zip(&b.lat_e7))
        .map(|(lon, lat)| (i64::from(*lon), i64::from(*lat)))
        .collect();
    let known = Known {
        before,
        time_us: &times,
        velocity: &motion.velocities(),
    };
    put_places(&mut w, &known, at)?;
    Ok(w.out)
}

fn put_movers(w: &mut ColumnWriter, order: &Order) -> Result<(), ArchiveError> {
    put_number(&mut w.out, order.ids.len() as u64);
    let mut above = 0u32;
    let gaps = order
        .ids
        .iter()
        .map(|id| u64::from(id - core::mem::replace(&mut above, *id)));
    w.put(&gaps.collect::<Vec<_>>())?;
    let mut followers = Followers::new(order.ids.len());
    let who = order.of_row.iter().map(|m| followers.code(*m));
    w.put(&who.collect::<Vec<_>>())
}

/// The blocks again.
pub(super) fn unpack(bytes: &[u8], frames: &[Frame]) -> Result<Vec<FixBlock>, ArchiveError> {
    let rows: usize = frames.iter().map(|f| f.rows).sum();
    let mut r = ColumnReader::new(Reader(bytes))?;
    let order = take_movers(&mut r, rows)?;
    let before = &order.before;
    let motion = Motion::take(&mut r, before)?;
    let arrivals: Vec<i64> = frames
        .iter()
        .flat_map(|f| core::iter::repeat_n(f.known_at.0, f.rows))
        .collect();
    let times = take_times(&mut r, &arrivals, before)?;
    let known = Known {
        before,
        time_us: &times,
        velocity: &motion.velocities(),
    };
    let at = take_places(&mut r, &known)?;
    Ok(blocks(frames, &order, &motion, &times, &at))
}

fn take_movers(r: &mut ColumnReader<'_>, rows: usize) -> Result<Order, ArchiveError> {
    let movers = r.from.number()? as usize;
    if movers > rows {
        let what = format!("{movers} movers in {rows} rows");
        return Err(ArchiveError::Malformed(what));
    }
    let mut id = 0u32;
    let gaps = r.take(movers)?.into_iter();
    let ids = gaps.map(|gap| {
        id = id.wrapping_add(gap as u32);
        id
    });
    let ids = ids.collect();
    let mut followers = Followers::new(movers);
    let of_row = r
        .take(rows)?
        .into_iter()
        .map(|code| followers.next(code))
        .collect::<Result<Vec<u32>, _>>()?;
    Ok(Order {
        ids,
        before: befores(&of_row, movers),
        of_row,
    })
}

/// Cuts columns of all rows into blocks.
fn blocks(
    frames: &[Frame],
    order: &Order,
    motion: &Motion,
    times: &[i64],
    at: &[(i64, i64)],
) -> Vec<FixBlock> {
    let mut from = 0;
    let block = |f: &Frame| {
        let these = from..from + f.rows;
        from = these.end;
        let small = |column: &[i64]| column[these.clone()].iter().map(|v| *v as u16).collect();
        let pointing = &motion.pointing[these.clone()];
        let bearings = motion.bearing[these.clone()].iter().zip(pointing);
        let movers = &order.of_row[these.clone()];
        let at = &at[these.clone()];
        FixBlock {
            feed: f.feed,
            mover: movers
                .iter()
                .map(|m| MoverId(order.ids[*m as usize]))
                .collect(),
            lon_e7: at.iter().map(|p| p.0 as i32).collect(),
            lat_e7: at.iter().map(|p| p.1 as i32).collect(),
            bearing_cdeg: bearings
                .map(|(b, pointing)| if *pointing { *b as u16 } else { NO_BEARING })
                .collect(),
            speed_cmps: small(&motion.speed),
            accuracy_dm: small(&motion.accuracy),
            fix_time: times[these.clone()].iter().map(|t| Timestamp(*t)).collect(),
        }
    };
    frames.iter().map(block).collect()
}
