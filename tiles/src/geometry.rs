//! Shapes in tile units, and the commands that a tile stores them as (section 4.3 of the specification).

use crate::error::TileError;
use crate::wire::{put_varint, unzigzag, varint, zigzag};

/// A point in tile units: x to the east, y to the south, from the tile's north-west corner.
pub type Point = [i32; 2];

/// What a feature's geometry is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GeometryType {
    /// Not given, or a number that the specification does not have.
    #[default]
    Unknown,
    /// One point or more.
    Point,
    /// One line or more.
    Line,
    /// Rings that make one polygon or more.
    Polygon,
}

impl GeometryType {
    pub(crate) fn from_number(number: u64) -> Self {
        match number {
            1 => Self::Point,
            2 => Self::Line,
            3 => Self::Polygon,
            _ => Self::Unknown,
        }
    }
}

/// A shape to be written.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A single point.
    Point(Point),
    /// Lines of two points or more.
    Lines(Vec<Vec<Point>>),
    /// Areas: each an outline and its holes, in either direction, first corner not repeated.
    Areas(Vec<Vec<Vec<Point>>>),
}

const MOVE_TO: u64 = 1;
const LINE_TO: u64 = 2;
const CLOSE_PATH: u64 = 7;

/// The number of a shape's type, and its commands, packed. Without commands where the shape has no points.
pub(crate) fn encode_shape(shape: &Shape) -> (u64, Vec<u8>) {
    let mut pen = Pen::default();
    match shape {
        Shape::Point(p) => {
            pen.command(MOVE_TO, 1);
            pen.to(*p);
            (1, pen.bytes)
        }
        Shape::Lines(lines) => {
            for line in lines {
                pen.path(line.iter());
            }
            (2, pen.bytes)
        }
        Shape::Areas(areas) => {
            for area in areas {
                for (i, ring) in area.iter().enumerate() {
                    // Outlines run clockwise on the screen, holes the other way.
                    if (doubled_area(ring) > 0) == (i == 0) {
                        pen.path(ring.iter());
                    } else {
                        pen.path(ring.iter().rev());
                    }
                    pen.command(CLOSE_PATH, 1);
                }
            }
            (3, pen.bytes)
        }
    }
}

#[derive(Default)]
struct Pen {
    at: Point,
    bytes: Vec<u8>,
}

impl Pen {
    fn command(&mut self, id: u64, count: usize) {
        put_varint(&mut self.bytes, id | (count as u64) << 3);
    }

    fn to(&mut self, to: Point) {
        for (to, from) in to.iter().zip(self.at) {
            let difference = to.wrapping_sub(from);
            put_varint(&mut self.bytes, zigzag(i64::from(difference)));
        }
        self.at = to;
    }

    fn path<'p>(&mut self, mut points: impl ExactSizeIterator<Item = &'p Point>) {
        let Some(first) = points.next() else {
            return;
        };
        self.command(MOVE_TO, 1);
        self.to(*first);
        self.command(LINE_TO, points.len());
        for p in points {
            self.to(*p);
        }
    }
}

/// The lines of a geometry: rings unclosed, each point as a line of one.
pub(crate) fn decode_lines(mut data: &[u8]) -> Result<Vec<Vec<Point>>, TileError> {
    let mut lines: Vec<Vec<Point>> = Vec::new();
    let mut at = [0i32; 2];
    while !data.is_empty() {
        let head = varint(&mut data)?;
        let (command, count) = (head & 7, head >> 3);
        match command {
            MOVE_TO | LINE_TO => {
                // Each point takes two bytes or more; a count beyond that is found out before it is believed.
                if count > data.len() as u64 / 2 {
                    return Err(TileError::Geometry);
                }
                for _ in 0..count {
                    for axis in &mut at {
                        *axis = axis.wrapping_add(unzigzag(varint(&mut data)?) as i32);
                    }
                    if command == MOVE_TO {
                        lines.push(vec![at]);
                    } else {
                        lines.last_mut().ok_or(TileError::Geometry)?.push(at);
                    }
                }
            }
            CLOSE_PATH => {}
            _ => return Err(TileError::Geometry),
        }
    }
    Ok(lines)
}

/// Twice the signed area of a ring in square tile units; positive where it runs clockwise on the screen (y down), as
/// an outline must. Exact for any points.
pub fn doubled_area(ring: &[Point]) -> i128 {
    let mut sum = 0;
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        // Each product fits 63 bits, their difference does not.
        sum += i128::from(i64::from(a[0]) * i64::from(b[1]))
            - i128::from(i64::from(b[0]) * i64::from(a[1]));
    }
    sum
}

/// Groups rings to polygons: each begins with an outline, the others are its holes. Rings without area and holes
/// before the first outline are left out.
pub fn polygons(rings: Vec<Vec<Point>>) -> Vec<Vec<Vec<Point>>> {
    let mut polygons: Vec<Vec<Vec<Point>>> = Vec::new();
    for ring in rings {
        if ring.len() < 3 {
            continue;
        }
        match doubled_area(&ring) {
            0 => {}
            area if area > 0 => polygons.push(vec![ring]),
            _ => {
                if let Some(polygon) = polygons.last_mut() {
                    polygon.push(ring);
                }
            }
        }
    }
    polygons
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of section 4.3.5 of the specification.
    #[test]
    fn shapes_are_encoded_as_the_specification_shows() {
        let check = |shape, kind, bytes: &[u8]| {
            assert_eq!(encode_shape(&shape), (kind, bytes.to_vec()));
        };
        check(Shape::Point([25, 17]), 1, &[9, 50, 34]);
        let line = vec![[2, 2], [2, 10], [10, 10]];
        check(Shape::Lines(vec![line]), 2, &[9, 4, 4, 18, 0, 16, 16, 0]);
        let outline = vec![[3, 6], [8, 12], [20, 34]];
        let area = Shape::Areas(vec![vec![outline]]);
        check(area, 3, &[9, 6, 12, 18, 10, 12, 24, 44, 15]);
    }

    #[test]
    fn rings_are_grouped_whatever_their_direction_was() {
        let square = |from: i32, to: i32| vec![[from, from], [to, from], [to, to], [from, to]];
        let hole: Vec<Point> = square(2, 8);
        let areas = vec![vec![square(0, 10), hole.clone()], vec![square(20, 30)]];
        let (_, bytes) = encode_shape(&Shape::Areas(areas));
        let read = polygons(decode_lines(&bytes).unwrap());
        assert_eq!(read.len(), 2);
        assert_eq!(read[0][0], square(0, 10));
        assert_eq!(read[0][1], hole.into_iter().rev().collect::<Vec<_>>());
        assert_eq!(read[1], [square(20, 30)]);
    }

    #[test]
    fn the_area_of_the_farthest_points_does_not_overflow() {
        let (low, high) = (i32::MIN, i32::MAX);
        let ring = vec![[low, low], [high, low], [high, high], [low, high]];
        assert_eq!(
            doubled_area(&ring),
            2 * i128::from(u32::MAX) * i128::from(u32::MAX)
        );
        assert_eq!(polygons(vec![ring.clone()]), [vec![ring]]);
    }

    #[test]
    fn broken_commands_are_refused() {
        for bytes in [
            &[0x0a, 2, 2][..],      // a line before any point
            &[0x09, 2],             // half a point
            &[0xf9, 0xff, 0xff, 7], // a million points
            &[0x0b],                // no such command
            &[0x80],                // half a number
        ] {
            assert!(decode_lines(bytes).is_err(), "{bytes:x?}");
        }
    }
}
