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
    /// Which names come first: of the style's layer and rank, then the best place on the line.
    pub(super) order: (f32, u32),
    /// The same name at the same place has the same key, whatever tile it came from.
    pub key: u64,
}

impl Candidate {
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
            let mut add = |at: [f64; 2], on: OnLine, place: u32| {
                let (tile, order, key) = (tile.clone(), (name.rank, place), key(name, at));
                list.push(Candidate {
                    tile,
                    number,
                    at: at.into(),
                    on,
                    order,
                    key,
                });
            };
            match &name.shape {
                NameShape::Point(at) => add(*at, OnLine { segment: 0, t: 0.0 }, 0),
                NameShape::Line(line) => {
                    let points = relative(line);
                    // The middle, the quarters, the eighths …: each a little less welcome than the one before.
                    let shares = [0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875];
                    for (place, share) in shares.into_iter().enumerate() {
                        if let Some(on) = at_share(&points, share) {
                            let (a, b) = (
                                DVec2::from(line[on.segment]),
                                DVec2::from(line[on.segment + 1]),
                            );
                            add(a.lerp(b, f64::from(on.t)).into(), on, place as u32);
                        }
                    }
                }
            }
        }
    }
    list.sort_by(|a, b| {
        let rank = a.order.0.total_cmp(&b.order.0);
        rank.then(a.order.1.cmp(&b.order.1)).then(a.key.cmp(&b.key))
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

fn key(name: &Name, at: [f64; 2]) -> u64 {
    // Places are distinguished at about ten metres: the same junction differs a little from zoom to zoom.
    let grid = |v: f64| (v * f64::from(1u32 << 22)).round() as i64 as u64;
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut add = |v: u64| hash = (hash ^ v).wrapping_mul(0x0100_0000_01b3);
    name.zh.bytes().for_each(|b| add(u64::from(b)));
    [name.layer as u64, grid(at[0]), grid(at[1])]
        .into_iter()
        .for_each(add);
    hash
}
