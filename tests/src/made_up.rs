//! A made-up city of any size, as an extract: what there is on a square kilometre is what there is on one of Harbin.
//!
//! Streets every 100 m, buildings, named places, paths, parks; a river of a piece in each block, with bridges; districts of
//! nine blocks; here and there a turn that is forbidden.

use crate::pbf::{MemberKind, PbfWriter};
use std::io;
use std::path::Path;

/// Blocks of a square kilometre that the city of Harbin's clip has.
pub const HARBIN_BLOCKS: u32 = 400;

/// 100 m north and east at 45° N, 1e-7 degree.
const NORTH: i64 = 9_000;
const EAST: i64 = 12_700;
/// Streets a kilometre.
const STREETS: i64 = 10;
const BUILDINGS: i64 = 40;
const POINTS: i64 = 12;
const PATHS: i64 = 12;
const PARKS: i64 = 4;
/// Nodes of a block beside crossings: corners of buildings and parks, ends of paths, named places, a river's corners.
const NODES: i64 = BUILDINGS * 4 + PARKS * 4 + PATHS * 2 + POINTS + 4;
const WAYS: i64 = 2 * STREETS + BUILDINGS + PARKS + PATHS + 2;
/// Every so many rows of blocks a river runs through.
const RIVER_ROWS: i64 = 10;
/// Blocks along the side of a district.
const DISTRICT: i64 = 3;

/// What a city has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Blocks along a side: the city is a square.
    pub side: i64,
    /// Ways written.
    pub ways: u64,
}

struct City {
    side: i64,
}

impl City {
    fn lattice(&self) -> i64 {
        self.side * STREETS + 1
    }

    fn place(east_m: i64, north_m: i64) -> [i64; 2] {
        [
            1_266_000_000 + east_m * EAST / 100,
            450_000_000 + north_m * NORTH / 100,
        ]
    }

    fn crossing(&self, column: i64, row: i64) -> i64 {
        1 + row * self.lattice() + column
    }

    /// The first node of a block that is no crossing.
    fn own(&self, block: i64) -> i64 {
        1 + self.lattice() * self.lattice() + block * NODES
    }

    fn corner(&self, column: i64, row: i64) -> i64 {
        self.own(self.side * self.side) + row * (self.side + 1) + column
    }

    fn nodes<W: io::Write>(&self, out: &mut PbfWriter<W>) -> io::Result<()> {
        for row in 0..self.lattice() {
            for column in 0..self.lattice() {
                // Streets are not quite straight.
                let (bend, sway) = ((row * 7 + column * 3) % 11, (row * 5 + column * 13) % 9);
                let place = Self::place(column * 100 + bend, row * 100 + sway);
                out.node(self.crossing(column, row), place, &[])?;
            }
        }
        for block in 0..self.side * self.side {
            self.block_nodes(block, out)?;
        }
        for row in 0..=self.side {
            for column in 0..=self.side {
                let place = Self::place(column * 1_000, row * 1_000);
                let middle = row == self.side / 2 && column == row;
                let city: &[_] = &[
                    ("place", "city"),
                    ("name", "大城市"),
                    ("name:en", "Big City"),
                ];
                let tags = if middle { city } else { &[] };
                out.node(self.corner(column, row), place, tags)?;
            }
        }
        Ok(())
    }

    fn block_nodes<W: io::Write>(&self, block: i64, out: &mut PbfWriter<W>) -> io::Result<()> {
        let (east, north) = (block % self.side * 1_000, block / self.side * 1_000);
        let mut id = self.own(block);
        let mut node = |[x, y]: [i64; 2], tags: &[(&str, &str)]| {
            let written = out.node(id, Self::place(east + x, north + y), tags);
            id += 1;
            written
        };
        for i in 0..BUILDINGS + PARKS {
            // A building in every other plot, from the south-west; parks in the last plots.
            let plot = if i < BUILDINGS {
                i * 2
            } else {
                99 - (i - BUILDINGS)
            };
            let (x, y) = (plot % STREETS * 100 + 30, plot / STREETS * 100 + 30);
            let (w, h) = (20 + i % 5 * 5, 15 + i % 7 * 4);
            for corner in [[x, y], [x + w, y], [x + w, y + h], [x, y + h]] {
                node(corner, &[])?;
            }
        }
        for i in 0..PATHS {
            node([i * 80 + 15, 420], &[])?;
            node([i * 80 + 60, 480], &[])?;
        }
        for i in 0..POINTS {
            let name = format!("店铺{block}-{i}");
            node([i * 70 + 40, 640], &[("shop", "yes"), ("name", &name)])?;
        }
        for corner in [[0, 510], [1_000, 510], [1_000, 590], [0, 590]] {
            node(corner, &[])?;
        }
        Ok(())
    }

    fn ways<W: io::Write>(&self, out: &mut PbfWriter<W>) -> io::Result<u64> {
        let mut ways = 0;
        for block in 0..self.side * self.side {
            ways += self.block_ways(block, out)?;
        }
        let mut id = self.side * self.side * WAYS;
        for (ring, _) in self.districts() {
            id += 1;
            ways += 1;
            out.way(id, &ring, &[("boundary", "administrative")])?;
        }
        Ok(ways)
    }

    fn block_ways<W: io::Write>(&self, block: i64, out: &mut PbfWriter<W>) -> io::Result<u64> {
        let (column, row) = (block % self.side, block / self.side);
        let first = block * WAYS + 1;
        let mut id = first;
        let mut way = |refs: &[i64], tags: &[(&str, &str)]| {
            let written = out.way(id, refs, tags);
            id += 1;
            written
        };
        for i in 0..STREETS {
            let (line, begin) = (row * STREETS + i, column * STREETS);
            let refs: Vec<i64> = (begin..=begin + STREETS)
                .map(|c| self.crossing(c, line))
                .collect();
            let kind = if i == 0 { "primary" } else { "residential" };
            way(
                &refs,
                &[("highway", kind), ("name", &format!("东西{line}街"))],
            )?;
            let (line, begin) = (column * STREETS + i, row * STREETS);
            let refs: Vec<i64> = (begin..=begin + STREETS)
                .map(|r| self.crossing(line, r))
                .collect();
            let oneway = if i % 3 == 1 { "yes" } else { "no" };
            let name = format!("南北{line}路");
            way(
                &refs,
                &[("highway", "tertiary"), ("oneway", oneway), ("name", &name)],
            )?;
        }
        let own = self.own(block);
        let ring = |n: i64| [0, 1, 2, 3, 0].map(|k| own + n * 4 + k);
        for i in 0..BUILDINGS {
            let levels = (i % 30 + 1).to_string();
            way(
                &ring(i),
                &[("building", "yes"), ("building:levels", &levels)],
            )?;
        }
        for i in 0..PARKS {
            way(&ring(BUILDINGS + i), &[("leisure", "park")])?;
        }
        let after = own + (BUILDINGS + PARKS) * 4;
        for i in 0..PATHS {
            let ends = [after + i * 2, after + i * 2 + 1];
            way(&ends, &[("highway", "footway")])?;
        }
        if row % RIVER_ROWS == RIVER_ROWS / 2 {
            let corner = after + PATHS * 2 + POINTS;
            let refs = [0, 1, 2, 3, 0].map(|k| corner + k);
            way(
                &refs,
                &[("natural", "water"), ("water", "river"), ("name", "大河")],
            )?;
        }
        Ok((id - first) as u64)
    }

    /// Rings of corners, and which district each is.
    fn districts(&self) -> impl Iterator<Item = (Vec<i64>, i64)> + '_ {
        let many = self.side / DISTRICT;
        (0..many * many).map(move |n| {
            let (column, row) = (n % many * DISTRICT, n / many * DISTRICT);
            let end = |at: i64| {
                // The last ones reach to the edge.
                if at / DISTRICT + 1 == many {
                    self.side
                } else {
                    at + DISTRICT
                }
            };
            let (east, north) = (end(column), end(row));
            let mut ring: Vec<i64> = (column..east).map(|c| self.corner(c, row)).collect();
            ring.extend((row..north).map(|r| self.corner(east, r)));
            ring.extend((column + 1..=east).rev().map(|c| self.corner(c, north)));
            ring.extend((row + 1..=north).rev().map(|r| self.corner(column, r)));
            ring.push(ring[0]);
            (ring, n)
        })
    }

    fn relations<W: io::Write>(&self, out: &mut PbfWriter<W>) -> io::Result<()> {
        let mut id = 1;
        let mut way = self.side * self.side * WAYS;
        for (_, n) in self.districts() {
            way += 1;
            let tags = [
                ("type", "boundary"),
                ("boundary", "administrative"),
                ("admin_level", "6"),
                ("name", &*format!("第{n}区")),
            ];
            out.relation(id, &[(MemberKind::Way, way, "outer")], &tags)?;
            id += 1;
        }
        for block in (0..self.side * self.side).step_by(4) {
            // From the first street of the block into the second of those that cross it.
            let (from, to) = (block * WAYS + 1, block * WAYS + 2);
            let (column, row) = (block % self.side, block / self.side);
            let via = self.crossing(column * STREETS, row * STREETS);
            let members = [
                (MemberKind::Way, from, "from"),
                (MemberKind::Node, via, "via"),
                (MemberKind::Way, to, "to"),
            ];
            let tags = [("type", "restriction"), ("restriction", "no_left_turn")];
            out.relation(id, &members, &tags)?;
            id += 1;
        }
        Ok(())
    }
}

/// Writes a city of about so many blocks of a square kilometre.
///
/// # Errors
/// Where the file cannot be written.
pub fn write(blocks: u32, file: &Path) -> io::Result<Counts> {
    let side = (f64::from(blocks).sqrt().round() as i64).max(DISTRICT);
    let city = City { side };
    let file = io::BufWriter::new(std::fs::File::create(file)?);
    let mut out = PbfWriter::new(file)?;
    city.nodes(&mut out)?;
    out.next_kind()?;
    let ways = city.ways(&mut out)?;
    out.next_kind()?;
    city.relations(&mut out)?;
    out.finish()?;
    Ok(Counts { side, ways })
}
