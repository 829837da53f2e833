use super::block::{Block, Delta, NO_VALUE};
use super::{BLOCK_US, Head, MAGIC, QUANTUM_E7, VERSION};
use crate::feeds::formats::recorded::RecordedFix;
use crate::out::{OutError, Place, Written};
use chengtu_engine::geo::LonLat;
use chengtu_engine::model::MoverKind;
use serde::Serialize;
use std::collections::BTreeMap;

/// Why a compact recording cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file cannot be written.
    #[error(transparent)]
    Out(#[from] OutError),
    /// A place that a compact recording cannot hold.
    #[error(
        "vehicle {key} at {lon}, {lat}: a compact recording holds degrees of WGS 84; play the original instead"
    )]
    NotDegrees {
        /// Name of the vehicle.
        key: String,
        /// Longitude as given.
        lon: f64,
        /// Latitude as given.
        lat: f64,
    },
}

/// A fix on its way into a block.
#[derive(Clone, Copy, Debug)]
struct Quantised {
    time_ms: i64,
    lon: i32,
    lat: i32,
    bearing: i32,
    speed: i32,
}

fn quantised(fix: &RecordedFix, begin_us: i64) -> Result<Quantised, WriteError> {
    let at = LonLat::new(fix.lon, fix.lat);
    let place = at.position().map_err(|_| WriteError::NotDegrees {
        key: fix.key.clone(),
        lon: fix.lon,
        lat: fix.lat,
    })?;
    let near = |v: i32| (f64::from(v) / f64::from(QUANTUM_E7)).round() as i32;
    let tenths = |v: Option<f32>| v.map_or(NO_VALUE, |v| (v * 10.0).round() as i32);
    Ok(Quantised {
        time_ms: fix.time_us.saturating_sub(begin_us).div_euclid(1_000),
        lon: near(place.lon_e7),
        lat: near(place.lat_e7),
        bearing: tenths(fix.bearing_deg),
        speed: tenths(fix.speed_mps),
    })
}

/// Writes a compact recording of fixes in order of time; kinds are those of the fixes.
///
/// # Errors
/// [`WriteError::NotDegrees`] for projected places, [`WriteError::Out`] for the file.
pub fn write(
    place: &Place,
    provenance: &str,
    fixes: &mut [RecordedFix],
) -> Result<Head, WriteError> {
    fixes.sort_by_key(|f| f.time_us);
    let begin_us = fixes.first().map_or(0, |f| f.time_us);
    let mut keys: Vec<&str> = fixes.iter().map(|f| f.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    let head = Head {
        provenance: provenance.to_owned(),
        duration_us: fixes
            .last()
            .map_or(0, |f| f.time_us.saturating_sub(begin_us)),
        vehicles: keys.len() as u32,
        fixes: fixes.len() as u64,
        quantum_e7: QUANTUM_E7,
    };
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_le_bytes());
    let broken = |e| WriteError::Out(OutError::write(place.name())(e));
    push_block(&mut out, &head).map_err(broken)?;
    let minute = |f: &RecordedFix| f.time_us.saturating_sub(begin_us).div_euclid(BLOCK_US);
    for part in fixes.chunk_by(|a, b| minute(a) == minute(b)) {
        push_block(&mut out, &block(part, begin_us)?).map_err(broken)?;
    }
    Written::whole(place, |file| file.write_all(&out))?;
    Ok(head)
}

fn block(fixes: &[RecordedFix], begin_us: i64) -> Result<Block, WriteError> {
    let mut by_vehicle: BTreeMap<&str, (MoverKind, Vec<Quantised>)> = BTreeMap::new();
    for fix in fixes {
        let (_, rows) = by_vehicle
            .entry(&fix.key)
            .or_insert_with(|| (fix.kind.unwrap_or_default(), Vec::new()));
        rows.push(quantised(fix, begin_us)?);
    }
    let mut block = Block::default();
    for (key, (kind, rows)) in by_vehicle {
        block
            .vehicles
            .push((key.to_owned(), kind, rows.len() as u32));
        let mut last_ms = 0;
        let [mut lon, mut lat, mut bearing, mut speed] = [Delta::default(); 4];
        let said = |delta: &mut Delta, v: i32| {
            if v == NO_VALUE {
                NO_VALUE
            } else {
                delta.first(v)
            }
        };
        for row in rows {
            block.time_ms.push(row.time_ms - last_ms);
            last_ms = row.time_ms;
            block.lon.push(lon.second(row.lon));
            block.lat.push(lat.second(row.lat));
            block.bearing.push(said(&mut bearing, row.bearing));
            block.speed.push(said(&mut speed, row.speed));
        }
    }
    Ok(block)
}

fn push_block<T: Serialize>(out: &mut Vec<u8>, value: &T) -> std::io::Result<()> {
    let plain = postcard::to_stdvec(value).map_err(std::io::Error::other)?;
    let packed = zstd::bulk::compress(&plain, 19)?;
    out.extend((packed.len() as u32).to_le_bytes());
    out.extend(crc32c::crc32c(&packed).to_le_bytes());
    out.extend(packed);
    Ok(())
}
