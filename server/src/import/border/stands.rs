//! What stands on firm ground: evidence of where no water can be.

use crate::import::drivable::drivable;
use crate::import::extract::Extract;
use crate::import::rings::{self, Polygon, Ring};
use chengtu_engine::geo::{GeoBox, Position};

/// Enough to know a share to a percent or two.
const SAMPLE: usize = 3_000;
/// From fewer than this nothing can be concluded.
const LEAST: usize = 3;

/// Places of buildings, and of streets that are neither bridges nor tunnels.
#[derive(Clone, Debug, Default)]
pub struct Stands(Vec<Position>);

impl Stands {
    /// Those within `bounds`, evenly chosen where there are many.
    pub fn of(extract: &Extract, bounds: GeoBox) -> Self {
        let mut all = Vec::new();
        for way in &extract.ways {
            let tags = extract.way_tags(way);
            let street = drivable(tags).is_some()
                && !["bridge", "tunnel", "man_made"].iter().any(|k| tags.has(k));
            let refs = extract.refs(way);
            if tags.has("building") {
                all.extend(refs.first().and_then(|r| extract.position(*r)));
            } else if street {
                all.extend(refs.iter().filter_map(|r| extract.position(*r)));
            }
        }
        all.retain(|p| bounds.contains(*p));
        let step = all.len().div_ceil(SAMPLE).max(1);
        Self(all.into_iter().step_by(step).collect())
    }

    /// How many stand in rings.
    pub fn count_inside(&self, rings: &[Ring]) -> u64 {
        let inside = |p: &&Position| rings.iter().any(|r| rings::contains(r, **p));
        self.0.iter().filter(inside).count() as u64
    }

    /// Which part of all stands in one area; 0 where it is too few to tell.
    pub fn part_in(&self, area: &Polygon) -> f64 {
        let Some(around) = rings::around(&area.outer) else {
            return 0.0;
        };
        let near = self.0.iter().filter(|p| around.contains(**p));
        let inside = |p: &&Position| {
            rings::contains(&area.outer, **p) && !area.holes.iter().any(|h| rings::contains(h, **p))
        };
        match near.filter(inside).count() {
            few if few < LEAST => 0.0,
            n => n as f64 / self.0.len() as f64,
        }
    }

    /// Which part of all stands in areas; 0 where it is too few to tell.
    pub fn part_inside(&self, areas: &[Polygon]) -> f64 {
        let inside = |p: &&Position| {
            areas.iter().any(|a| {
                rings::contains(&a.outer, **p) && !a.holes.iter().any(|h| rings::contains(h, **p))
            })
        };
        let n = self.0.iter().filter(inside).count();
        if n < LEAST {
            return 0.0;
        }
        n as f64 / self.0.len() as f64
    }
}
