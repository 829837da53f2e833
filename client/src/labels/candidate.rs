//! The names there are, each with the places it might take.

use super::along::{OnLine, at_share};
use crate::basemap::mesh::{Name, NameShape, TileMesh};
use bevy::math::{DVec2, Vec2};
use std::sync::Arc;

/// A name that may be written.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub(super) tile: Arc<TileMesh>,
    pub(super) number: usize,
    /// Mercator of the point, or of the place on the line it is written around.
    pub(super) at: DVec2,
    /// Where on the line that is.
    pub(super) on: OnLine,
    /// Which names come first: of the style's layer and rank, then the best place on the line or about the point.
    pub(super) order: (f32, u32),
    /// From the point to the middle of the name, lines of text downwards.
    pub(super) shift: f32,
    /// The same name at the same place has the same key, whatever tile it came from.
    pub key: u64,
}

/// The best places on a line, as shares of its length: the middle, the quarters, the eighths …, each a little less
/// welcome than the one before.
const SHARES: [f32; 7] = [0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875];
/// Where a name may give way to a mark that has taken one of those.
const SHARES_ASIDE: [f32; 8] = [
    0.4375, 0.5625, 0.3125, 0.6875, 0.1875, 0.8125, 0.0625, 0.9375,
];
/// The same about a point: below and above it, lines of text.
const SHIFTS_ASIDE: [f32; 4] = [1.6, -1.6, 2.4, -2.4];

impl Candidate {
    /// True for places that are taken only where a mark has the better ones.
    pub fn is_aside(&self) -> bool {
        let usual = match &self.name().shape {
            NameShape::Point(_) => 1,
            NameShape::Line(_) => SHARES.len(),
        };
        self.order.1 as usize >= usual
    }

    /// Its rank without fraction; names of one whole rank are equals.
    pub fn whole_rank(&self) -> i64 {
        self.order.0.floor() as i64
    }

    /// The name in its tile, whatever the place.
    pub fn whose(&self) -> (*const TileMesh, usize) {
        (Arc::as_ptr(&self.tile), self.number)
    }

    /// The name itself.
    pub fn name(&self) -> &Name {
        &self.tile.names[self.number]
    }
}

/// All names of the tiles shown, in the order in which they may take their place.
pub fn candidates(shown: &[Arc<TileMesh>]) -> Vec<Candidate> {
    let mut list = Vec::new();
    for tile in shown {
        for (number, name) in tile.names.iter().enumerate() {
            let mut add = |at: [f64; 2], on: OnLine, place: usize, shift: f32| {
                list.push(Candidate {
                    tile: tile.clone(),
                    number,
                    at: at.into(),
                    on,
                    order: (name.rank, place as u32),
                    shift,
                    key: key(name, at, shift),
                });
            };
            match &name.shape {
                NameShape::Point(at) => {
                    let shifts = [0.0].into_iter().chain(SHIFTS_ASIDE);
                    for (place, shift) in shifts.enumerate() {
                        add(*at, OnLine { segment: 0, t: 0.0 }, place, shift);
                    }
                }
                NameShape::Line(line) => {
                    let points = relative(line);
                    let shares = SHARES.into_iter().chain(SHARES_ASIDE);
                    for (place, share) in shares.enumerate() {
                        if let Some(on) = at_share(&points, share) {
                            let (a, b) = (
                                DVec2::from(line[on.segment]),
                                DVec2::from(line[on.segment + 1]),
                            );
                            add(a.lerp(b, f64::from(on.t)).into(), on, place, 0.0);
                        }
                    }
                }
            }
        }
    }
    // Whole ranks only: among equals, the better place comes first.
    list.sort_by(|a, b| {
        let rank = a.whole_rank().cmp(&b.whole_rank());
        rank.then(a.order.1.cmp(&b.order.1))
            .then(a.order.0.total_cmp(&b.order.0))
            .then(a.key.cmp(&b.key))
    });
    list
}

/// Mercator relative to the line's first point, large enough for f32.
fn relative(line: &[[f64; 2]]) -> Vec<Vec2> {
    let first = line.first().copied().unwrap_or_default();
    line.iter()
        .map(|p| {
            Vec2::new(
                ((p[0] - first[0]) * 1e7) as f32,
                ((p[1] - first[1]) * 1e7) as f32,
            )
        })
        .collect()
}

fn key(name: &Name, at: [f64; 2], shift: f32) -> u64 {
    // Places are told apart at about ten metres: the same junction differs a little from zoom to zoom.
    let grid = |v: f64| (v * f64::from(1u32 << 22)).round() as i64 as u64;
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut add = |v: u64| hash = (hash ^ v).wrapping_mul(0x0100_0000_01b3);
    name.zh.bytes().for_each(|b| add(u64::from(b)));
    let place = [name.layer as u64, grid(at[0]), grid(at[1])];
    place.into_iter().for_each(&mut add);
    if shift != 0.0 {
        add(u64::from(shift.to_bits()));
    }
    hash
}
