//! Giving cells to districts: inside a border, or to the nearest district.

use super::grid::Raster;
use super::rings::Polygon;
use super::tags::TagView;
use chengtu_engine::geo::{Position, distance_m};
use std::collections::VecDeque;

/// Of no district.
pub const NONE: u16 = u16::MAX;

/// Gives a district the cells whose middle lies inside its polygons.
pub fn inside(raster: &Raster, polygons: &[Polygon], district: u16, of_cell: &mut [u16]) {
    let mut crossings: Vec<Vec<i32>> = vec![Vec::new(); raster.rows as usize];
    for ring in polygons
        .iter()
        .flat_map(|p| std::iter::once(&p.outer).chain(&p.holes))
    {
        for (i, a) in ring.iter().enumerate() {
            let b = ring[(i + 1) % ring.len()];
            for row in raster.rows_between(a.lat_e7, b.lat_e7) {
                crossings[row as usize].extend(crossing(*a, b, raster.middle_lat_e7(row)));
            }
        }
    }
    for (row, mut crossings) in (0..).zip(crossings) {
        crossings.sort_unstable();
        for pair in crossings.chunks_exact(2) {
            for column in raster.columns_between(pair[0], pair[1]) {
                of_cell[raster.index(column, row)] = district;
            }
        }
    }
}

/// Longitude at which a segment crosses a latitude.
pub fn crossing(a: Position, b: Position, lat_e7: i32) -> Option<i32> {
    ((a.lat_e7 > lat_e7) != (b.lat_e7 > lat_e7)).then(|| {
        let [ax, ay, bx, by, y] = [a.lon_e7, a.lat_e7, b.lon_e7, b.lat_e7, lat_e7].map(f64::from);
        libm::round(ax + (bx - ax) * (y - ay) / (by - ay)) as i32
    })
}

/// Gives what is still without a district to the nearest label, or else to the nearest cell that has one.
pub fn spread(raster: &Raster, found: &[(TagView<'_>, Option<Position>)], of_cell: &mut [u16]) {
    if of_cell.iter().all(|c| *c == NONE) {
        let labels: Vec<(u16, Position)> = found
            .iter()
            .enumerate()
            .filter_map(|(i, (_, at))| Some((i as u16, (*at)?)))
            .collect();
        for row in 0..raster.rows {
            for column in 0..raster.columns {
                let middle = Position::new(raster.middle_lon_e7(column), raster.middle_lat_e7(row));
                let nearest = labels
                    .iter()
                    .min_by(|a, b| distance_m(a.1, middle).total_cmp(&distance_m(b.1, middle)));
                of_cell[raster.index(column, row)] = nearest.map_or(NONE, |(i, _)| *i);
            }
        }
        return;
    }
    let columns = raster.columns as usize;
    let mut front: VecDeque<usize> = (0..of_cell.len()).filter(|c| of_cell[*c] != NONE).collect();
    while let Some(at) = front.pop_front() {
        let (column, row) = (at % columns, at / columns);
        let next = [
            (column > 0).then(|| at - 1),
            (column + 1 < columns).then(|| at + 1),
            (row > 0).then(|| at - columns),
            (row + 1 < raster.rows as usize).then(|| at + columns),
        ];
        for n in next.into_iter().flatten() {
            if of_cell[n] == NONE {
                of_cell[n] = of_cell[at];
                front.push_back(n);
            }
        }
    }
}
