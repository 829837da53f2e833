//! The unit grid (单元网格): cells of about 100 m × 100 m with 15-digit codes.

use chengtu_engine::geo::{GeoBox, METRES_PER_DEGREE, Position};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Cells along the edge of a community block: 10 × 10 cells are a square kilometre.
const COMMUNITY_CELLS: u32 = 10;
/// Community blocks along the edge of a street block.
const STREET_COMMUNITIES: u32 = 5;
/// A code has three digits for each part.
const PART_MAX: usize = 999;

/// A raster of cells over the city: columns from the west, rows from the north.
///
/// Its lines lie on whole multiples of the step, so that a second extract of the same city gets the same cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raster {
    west_e7: i32,
    north_e7: i32,
    step_lon_e7: i32,
    step_lat_e7: i32,
    /// Number of columns.
    pub columns: u32,
    /// Number of rows.
    pub rows: u32,
}

impl Raster {
    /// The raster of cells of about `cell_m` metres that covers `bounds`.
    pub fn over(bounds: GeoBox, cell_m: f64) -> Self {
        let step_lat_e7 = libm::round(cell_m / METRES_PER_DEGREE * 1e7) as i32;
        // The width of a cell is taken at a whole degree of latitude near the middle, for the same reason.
        let middle = libm::round(
            f64::midpoint(f64::from(bounds.min.lat_e7), f64::from(bounds.max.lat_e7)) / 1e7,
        )
        .clamp(-85.0, 85.0);
        let step_lon_e7 =
            libm::round(f64::from(step_lat_e7) / libm::cos(middle.to_radians())) as i32;
        let down = |v: i32, step: i32| i64::from(v).div_euclid(i64::from(step)) * i64::from(step);
        let up = |v: i32, step: i32| -down(v.saturating_neg(), step);
        let (west, east) = (
            down(bounds.min.lon_e7, step_lon_e7),
            up(bounds.max.lon_e7, step_lon_e7),
        );
        let (south, north) = (
            down(bounds.min.lat_e7, step_lat_e7),
            up(bounds.max.lat_e7, step_lat_e7),
        );
        Self {
            west_e7: west as i32,
            north_e7: north as i32,
            step_lon_e7,
            step_lat_e7,
            columns: ((east - west) / i64::from(step_lon_e7)).max(1) as u32,
            rows: ((north - south) / i64::from(step_lat_e7)).max(1) as u32,
        }
    }

    /// Number of cells.
    pub fn cells(&self) -> usize {
        self.columns as usize * self.rows as usize
    }

    /// Place of a cell in row-major order.
    pub fn index(&self, column: u32, row: u32) -> usize {
        row as usize * self.columns as usize + column as usize
    }

    /// The cell that holds a position; `None` outside the raster.
    pub fn cell_at(&self, p: Position) -> Option<(u32, u32)> {
        let column =
            (i64::from(p.lon_e7) - i64::from(self.west_e7)).div_euclid(i64::from(self.step_lon_e7));
        let row = (i64::from(self.north_e7) - i64::from(p.lat_e7))
            .div_euclid(i64::from(self.step_lat_e7));
        let inside = (0..i64::from(self.columns)).contains(&column)
            && (0..i64::from(self.rows)).contains(&row);
        inside.then_some((column as u32, row as u32))
    }

    /// Longitude of the middle of a column, 1e-7 degree.
    pub fn middle_lon_e7(&self, column: u32) -> i32 {
        self.line_lon_e7(column) + self.step_lon_e7 / 2
    }

    /// Latitude of the middle of a row, 1e-7 degree.
    pub fn middle_lat_e7(&self, row: u32) -> i32 {
        self.line_lat_e7(row) - self.step_lat_e7 / 2
    }

    /// How many columns have their middle west of a longitude.
    pub fn columns_before(&self, lon_e7: i32) -> u32 {
        let past = i64::from(self.middle_lon_e7(0)) - i64::from(lon_e7);
        (-past.div_euclid(i64::from(self.step_lon_e7))).clamp(0, i64::from(self.columns)) as u32
    }

    /// How many rows have their middle north of a latitude.
    pub fn rows_before(&self, lat_e7: i32) -> u32 {
        let past = i64::from(lat_e7) - i64::from(self.middle_lat_e7(0));
        (-past.div_euclid(i64::from(self.step_lat_e7))).clamp(0, i64::from(self.rows)) as u32
    }

    /// Columns whose middles lie from one longitude up to, and without, a greater one; in any order given.
    pub fn columns_between(&self, a_e7: i32, b_e7: i32) -> std::ops::Range<u32> {
        self.columns_before(a_e7.min(b_e7))..self.columns_before(a_e7.max(b_e7))
    }

    /// Rows whose middles may lie between two latitudes, in any order given; up to one more on each side.
    pub fn rows_between(&self, a_e7: i32, b_e7: i32) -> std::ops::Range<u32> {
        let first = i64::from(self.middle_lat_e7(0));
        let place = |lat: i32, more: i64| {
            let row = (first - i64::from(lat)).div_euclid(i64::from(self.step_lat_e7)) + more;
            row.clamp(0, i64::from(self.rows)) as u32
        };
        place(a_e7.max(b_e7), 0)..place(a_e7.min(b_e7), 2)
    }

    fn line_lon_e7(&self, column: u32) -> i32 {
        (i64::from(self.west_e7) + i64::from(column) * i64::from(self.step_lon_e7)) as i32
    }

    fn line_lat_e7(&self, row: u32) -> i32 {
        (i64::from(self.north_e7) - i64::from(row) * i64::from(self.step_lat_e7)) as i32
    }
}

/// A cell with its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Code of 15 digits: district 6, street 3, community 3, cell 3.
    pub code: String,
    /// Column and row in the raster.
    pub at: (u32, u32),
    /// Index of its district.
    pub district: usize,
}

/// Where a cell belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Home {
    /// Index of its district.
    pub district: usize,
    /// Number of its street within the district, 1 … 999, where the street's border is known.
    pub street: Option<u32>,
}

/// A cell on the way to its code, in the order of numbering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    home: Home,
    /// Row and column of its street block, 0 in a street whose border is known.
    block: (u32, u32),
    /// Row and column of its community block.
    community: (u32, u32),
    row: u32,
    column: u32,
}

/// Numbers the cells for which `home` gives a district, an index into `codes` (six digits each).
///
/// Where no street's border is known, square blocks of cells represent streets; communities are blocks everywhere.
/// Streets without a number, communities and cells are each numbered from west to east, north to south.
pub fn number(
    raster: &Raster,
    codes: &[String],
    home: impl Fn(u32, u32) -> Option<Home>,
) -> Vec<Cell> {
    let all = (0..raster.rows).flat_map(|row| (0..raster.columns).map(move |c| (row, c)));
    let homes: Vec<(Home, u32, u32)> = all
        .filter_map(|(row, column)| Some((home(column, row)?, row, column)))
        .collect();
    let taken: BTreeSet<(usize, u32)> = homes
        .iter()
        .filter_map(|(h, ..)| Some((h.district, h.street?)))
        .collect();
    let mut community = COMMUNITY_CELLS;
    let mut street = community * STREET_COMMUNITIES;
    // A country without districts has more blocks than three digits count: its blocks grow.
    while (raster.columns.div_ceil(street) as usize) * (raster.rows.div_ceil(street) as usize)
        > PART_MAX.saturating_sub(taken.len().min(PART_MAX / 2))
        && community < 31
    {
        community += 1;
        street = community * 31;
    }
    let place = |(home, row, column): (Home, u32, u32)| Place {
        home,
        block: home
            .street
            .map_or((row / street, column / street), |_| (0, 0)),
        community: (row / community, column / community),
        row,
        column,
    };
    let mut places: Vec<Place> = homes.into_iter().map(place).collect();
    places.sort_unstable();
    let mut cells = Vec::with_capacity(places.len());
    let (mut streets, mut communities, mut serial) = (0_u32, 0_u32, 0_u32);
    let next_free = |district: usize, after: u32| {
        let free = |n: &u32| !taken.contains(&(district, *n));
        (after + 1..=after + 1 + taken.len() as u32)
            .find(free)
            .unwrap_or(after + 1)
    };
    for (i, p) in places.iter().enumerate() {
        let before = i.checked_sub(1).map(|b| places[b]);
        let same_district = before.is_some_and(|b| b.home.district == p.home.district);
        if !same_district || before.is_some_and(|b| (b.home, b.block) != (p.home, p.block)) {
            let last = if same_district && before.is_some_and(|b| b.home.street.is_none()) {
                streets
            } else {
                0
            };
            let district = p.home.district;
            streets = p.home.street.unwrap_or_else(|| next_free(district, last));
            (communities, serial) = (1, 1);
        } else if before.is_some_and(|b| b.community != p.community) {
            (communities, serial) = (communities + 1, 1);
        } else {
            serial += 1;
        }
        let code = format!(
            "{}{streets:03}{communities:03}{serial:03}",
            codes[p.home.district]
        );
        cells.push(Cell {
            code,
            at: (p.column, p.row),
            district: p.home.district,
        });
    }
    cells.sort_by_key(|c| (c.at.1, c.at.0));
    cells
}

/// The cells as GeoJSON: rectangles whose shared corners are equal to the last digit. `names`: of the districts;
/// `street`: the name of a cell's street, where its border is known.
pub fn geojson<'s>(
    raster: &Raster,
    cells: &[Cell],
    names: &[String],
    street: impl Fn(&Cell) -> Option<&'s str>,
) -> String {
    let mut out =
        String::from("{\"type\":\"FeatureCollection\",\"name\":\"unit_grid\",\"features\":[\n");
    // The same few numbers are written over and over.
    let mut written: BTreeMap<i32, String> = BTreeMap::new();
    let mut degrees = |e7: i32| {
        written
            .entry(e7)
            .or_insert_with(|| exact_degrees(e7))
            .clone()
    };
    for (i, cell) in cells.iter().enumerate() {
        let (column, row) = cell.at;
        // Lines are multiples of the step: the outermost may lie beyond where degrees end.
        let [w, e] = [column, column + 1]
            .map(|c| degrees(raster.line_lon_e7(c).clamp(-1_800_000_000, 1_800_000_000)));
        let [n, s] =
            [row, row + 1].map(|r| degrees(raster.line_lat_e7(r).clamp(-900_000_000, 900_000_000)));
        let name = serde_json::Value::from(names[cell.district].as_str());
        let street = street(cell).map_or_else(String::new, |s| {
            format!(",\"street\":{}", serde_json::Value::from(s))
        });
        let comma = if i + 1 < cells.len() { "," } else { "" };
        let _ = writeln!(
            out,
            "{{\"type\":\"Feature\",\"properties\":{{\"code\":\"{}\",\"district\":{name}{street}}},\"geometry\":{{\"type\":\"Polygon\",\
             \"coordinates\":[[[{w},{s}],[{e},{s}],[{e},{n}],[{w},{n}],[{w},{s}]]]}}}}{comma}",
            cell.code
        );
    }
    out.push_str("]}\n");
    out
}

/// 1e-7 degrees as a decimal number without rounding or trailing zeros.
fn exact_degrees(e7: i32) -> String {
    let sign = if e7 < 0 { "-" } else { "" };
    let v = e7.unsigned_abs();
    let text = format!("{sign}{}.{:07}", v / 10_000_000, v % 10_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanjing() -> Raster {
        Raster::over(
            GeoBox::new(
                Position::new(1_187_563_000, 320_294_000),
                Position::new(1_187_996_000, 320_588_000),
            ),
            100.0,
        )
    }

    #[test]
    fn cells_are_about_a_hectare_and_cover_the_city() {
        let r = nanjing();
        assert_eq!(
            r.cell_at(Position::new(1_187_563_000, 320_588_000)),
            Some((0, 0))
        );
        assert!(
            r.cell_at(Position::new(1_187_996_000, 320_294_000))
                .is_some()
        );
        let width_m =
            f64::from(r.step_lon_e7) / 1e7 * METRES_PER_DEGREE * libm::cos(32.04_f64.to_radians());
        assert!((width_m * 100.0 - 10_000.0).abs() < 100.0, "{width_m}");
    }

    #[test]
    fn columns_and_rows_are_found_without_walking_all() {
        let r = nanjing();
        for (a, b) in [
            (1_187_600_000, 1_187_700_123),
            (1_180_000_000, 1_190_000_000),
            (1_187_700_000, 1_187_700_001),
        ] {
            let walked = (0..r.columns).filter(|c| (a..b).contains(&r.middle_lon_e7(*c)));
            assert!(walked.eq(r.columns_between(b, a)));
        }
        for (a, b) in [
            (320_300_000, 320_400_123),
            (0, 900_000_000),
            (320_400_000, 320_400_001),
        ] {
            let found = r.rows_between(a, b);
            assert!(
                (0..r.rows)
                    .filter(|row| (a..b).contains(&r.middle_lat_e7(*row)))
                    .all(|row| found.contains(&row))
            );
        }
    }

    #[test]
    fn codes_are_unique_and_count_from_the_north_west() {
        let r = nanjing();
        let codes = vec!["320102".to_owned(), "320104".to_owned()];
        let cells = number(&r, &codes, |column, row| {
            (row > 0).then_some(Home {
                district: usize::from(column > 20),
                street: None,
            })
        });
        let unique: BTreeSet<_> = cells.iter().map(|c| &c.code).collect();
        assert_eq!(unique.len(), cells.len());
        assert_eq!(cells.len(), (r.cells() as u32 - r.columns) as usize);
        assert_eq!(cells[0].code, "320102001001001");
        assert_eq!(cells[1].code, "320102001001002");
        assert!(cells.iter().all(|c| c.code.len() == 15));
    }

    #[test]
    fn a_street_of_known_border_gives_its_number_and_blocks_step_around_it() {
        let r = nanjing();
        let codes = vec!["320102".to_owned()];
        let cells = number(&r, &codes, |column, _| {
            Some(Home {
                district: 0,
                street: (column > 5).then_some(1),
            })
        });
        let streets: BTreeSet<_> = cells.iter().map(|c| (c.at.0 > 5, &c.code[6..9])).collect();
        assert_eq!(streets, BTreeSet::from([(false, "002"), (true, "001")]));
        let unique: BTreeSet<_> = cells.iter().map(|c| &c.code).collect();
        assert_eq!(unique.len(), cells.len());
        let named = geojson(&r, &cells[..8], &["玄武区".into()], |c| {
            (c.at.0 > 5).then_some("梅园")
        });
        assert_eq!(named.matches("\"street\":\"梅园\"").count(), 2);
    }

    #[test]
    fn a_large_region_still_has_codes_of_fifteen_digits() {
        let r = Raster::over(
            GeoBox::new(Position::new(0, 0), Position::new(30_000_000, 30_000_000)),
            100.0,
        );
        let cells = number(&r, &["000000".to_owned()], |c, row| {
            (c % 7 == 0 && row % 7 == 0).then_some(Home {
                district: 0,
                street: None,
            })
        });
        assert!(cells.iter().all(|c| c.code.len() == 15));
        let unique: BTreeSet<_> = cells.iter().map(|c| &c.code).collect();
        assert_eq!(unique.len(), cells.len());
    }

    #[test]
    fn degrees_are_written_exactly_also_in_the_south_west() {
        assert_eq!(exact_degrees(1_187_769_550), "118.776955");
        assert_eq!(exact_degrees(-5), "-0.0000005");
        assert_eq!(exact_degrees(-335_000_000), "-33.5");
    }
}
