//! GCJ-02 and BD-09, and back by iteration. The forward formulas are the publicly known ones (as in eviltransform);
//! there is no official text.

use chengtu_engine::geo::LonLat;
use std::f64::consts::PI;

const AXIS_M: f64 = 6_378_245.0;
const ECCENTRICITY_2: f64 = 0.006_693_421_622_965_943;
const BD_PI: f64 = PI * 3_000.0 / 180.0;
/// 0.1 mm in degrees.
const CLOSE_DEG: f64 = 1e-9;

/// Far from China nothing is shifted.
fn is_far(p: LonLat) -> bool {
    !(72.004..=137.8347).contains(&p.lon_deg) || !(0.8293..=55.8271).contains(&p.lat_deg)
}

fn shift(p: LonLat) -> (f64, f64) {
    let (x, y) = (p.lon_deg - 105.0, p.lat_deg - 35.0);
    let root = x.abs().sqrt();
    let common = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let lat = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + common
        + (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0
        + (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let lon = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + common
        + (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0
        + (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    let rad = p.lat_deg.to_radians();
    let magic = 1.0 - ECCENTRICITY_2 * rad.sin() * rad.sin();
    let root_magic = magic.sqrt();
    let lat_deg = lat * 180.0 / ((AXIS_M * (1.0 - ECCENTRICITY_2)) / (magic * root_magic) * PI);
    let lon_deg = lon * 180.0 / (AXIS_M / root_magic * rad.cos() * PI);
    (lon_deg, lat_deg)
}

/// GCJ-02 of a place in WGS 84.
pub fn gcj02_from_wgs84(p: LonLat) -> LonLat {
    if is_far(p) {
        return p;
    }
    let (dx, dy) = shift(p);
    LonLat::new(p.lon_deg + dx, p.lat_deg + dy)
}

/// WGS 84 of a place in GCJ-02, to well under a millimetre.
pub fn wgs84_from_gcj02(p: LonLat) -> LonLat {
    if is_far(p) {
        return p;
    }
    invert(p, gcj02_from_wgs84)
}

fn bd09_from_gcj02(p: LonLat) -> LonLat {
    let (x, y) = (p.lon_deg, p.lat_deg);
    let z = x.hypot(y) + 0.000_02 * (y * BD_PI).sin();
    let theta = y.atan2(x) + 0.000_003 * (x * BD_PI).cos();
    LonLat::new(z * theta.cos() + 0.0065, z * theta.sin() + 0.006)
}

/// BD-09 of a place in WGS 84.
pub fn bd09_from_wgs84(p: LonLat) -> LonLat {
    bd09_from_gcj02(gcj02_from_wgs84(p))
}

/// WGS 84 of a place in BD-09, to well under a millimetre.
pub fn wgs84_from_bd09(p: LonLat) -> LonLat {
    let near = LonLat::new(p.lon_deg - 0.0065, p.lat_deg - 0.006);
    let gcj = invert_from(near, p, bd09_from_gcj02);
    wgs84_from_gcj02(gcj)
}

fn invert(p: LonLat, forward: impl Fn(LonLat) -> LonLat) -> LonLat {
    invert_from(p, p, forward)
}

/// Moves a guess by its own error until it fits: the shift changes slowly, so each step shrinks the error a
/// hundredfold.
fn invert_from(mut guess: LonLat, wanted: LonLat, forward: impl Fn(LonLat) -> LonLat) -> LonLat {
    for _ in 0..30 {
        let found = forward(guess);
        let (dx, dy) = (
            wanted.lon_deg - found.lon_deg,
            wanted.lat_deg - found.lat_deg,
        );
        guess = LonLat::new(guess.lon_deg + dx, guess.lat_deg + dy);
        if dx.abs() < CLOSE_DEG / 10.0 && dy.abs() < CLOSE_DEG / 10.0 {
            break;
        }
    }
    guess
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: LonLat, lat: f64, lon: f64, deg: f64) -> bool {
        (a.lat_deg - lat).abs() < deg && (a.lon_deg - lon).abs() < deg
    }

    #[test]
    fn published_pairs_of_gcj02() {
        // Latitude, longitude of WGS 84 and GCJ-02: the test vectors of eviltransform.
        for (lat, lon, gcj_lat, gcj_lon) in [
            (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
            (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
            (39.911954, 116.377817, 39.91334545536069, 116.38404722455657),
        ] {
            let gcj = gcj02_from_wgs84(LonLat::new(lon, lat));
            assert!(close(gcj, gcj_lat, gcj_lon, 1e-9), "{gcj:?}");
            assert!(close(wgs84_from_gcj02(gcj), lat, lon, 1e-9));
        }
        let london = LonLat::new(-0.1, 51.5);
        assert_eq!(gcj02_from_wgs84(london), london);
    }

    #[test]
    fn bd09_as_another_program_reckons_it() {
        // Latitude, longitude of BD-09, and of WGS 84 by an independent Python implementation, inverted until it
        // converged.
        for (lat, lon, wgs_lat, wgs_lon) in [
            (29.199786, 120.019809, 29.196220284336352, 120.0087398185491),
            (
                29.210504,
                120.036455,
                29.207157615596497,
                120.02528303907233,
            ),
        ] {
            let wgs = wgs84_from_bd09(LonLat::new(lon, lat));
            assert!(close(wgs, wgs_lat, wgs_lon, 2e-9), "{wgs:?}");
        }
    }

    #[test]
    fn there_and_back_within_a_tenth_of_a_millimetre() {
        for i in 0..400 {
            let p = LonLat::new(
                74.0 + f64::from(i % 20) * 3.1,
                18.5 + f64::from(i / 20) * 1.8,
            );
            let mm =
                |q: LonLat| (q.lon_deg - p.lon_deg).hypot(q.lat_deg - p.lat_deg) * 111_195_000.0;
            assert!(mm(wgs84_from_gcj02(gcj02_from_wgs84(p))) < 0.1, "{p:?}");
            assert!(mm(wgs84_from_bd09(bd09_from_wgs84(p))) < 0.1, "{p:?}");
        }
    }
}
