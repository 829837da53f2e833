use super::Selection;
use bevy::math::{Rect, Vec2};
use bevy::prelude::Resource;
use chengtu_engine::ids::CaseId;

/// What a click may hit.
#[derive(Clone, Debug, PartialEq)]
pub enum PickTarget {
    /// A case, unit or sensor.
    Thing(Selection),
    /// A cluster; a click zooms to its cases.
    Cluster(Vec<CaseId>),
}

/// The outline of a marker for the pointer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PickShape {
    /// Cases, clusters, units, and sensors shown as dots.
    Disc {
        /// Middle, logical pixels.
        centre: Vec2,
        /// Outer radius, logical pixels.
        radius: f32,
    },
    /// Sensors shown as chips, logical pixels.
    Rect(Rect),
}

impl PickShape {
    /// Distance from a point, 0 inside.
    pub fn distance(&self, p: Vec2) -> f32 {
        match self {
            Self::Disc { centre, radius } => (centre.distance(p) - radius).max(0.0),
            Self::Rect(r) => (p - p.clamp(r.min, r.max)).length(),
        }
    }

    /// The rectangle around it.
    pub fn bounds(&self) -> Rect {
        match self {
            Self::Disc { centre, radius } => {
                Rect::from_center_half_size(*centre, Vec2::splat(*radius))
            }
            Self::Rect(r) => *r,
        }
    }
}

/// A marker that can be hit.
#[derive(Clone, Debug, PartialEq)]
pub struct Pickable {
    /// What it is.
    pub target: PickTarget,
    /// Where it is.
    pub shape: PickShape,
    /// Cases before units before sensors.
    pub class: u8,
}

/// All markers of this frame that can be hit, in the order they were drawn.
#[derive(Resource, Clone, Debug, Default)]
pub struct Pickables(pub Vec<Pickable>);

/// Markers take this much around them, logical pixels.
pub const PICK_MARGIN_PX: f32 = 8.0;

impl Pickables {
    /// What lies under a point: the nearest within the margin; of those the point lies in, cases before units before
    /// sensors, and of equals the one drawn last.
    pub fn at(&self, p: Vec2) -> Option<&Pickable> {
        let hits = self.0.iter().rev().map(|m| (m.shape.distance(p), m));
        hits.filter(|(d, _)| *d <= PICK_MARGIN_PX)
            .min_by(|(da, a), (db, b)| {
                (*da > 0.0)
                    .cmp(&(*db > 0.0))
                    .then(a.class.cmp(&b.class))
                    .then(da.total_cmp(db))
            })
            .map(|(_, m)| m)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::ids::{SensorId, UnitId};

    fn marker(thing: Selection, x: f32, radius: f32, class: u8) -> Pickable {
        let shape = PickShape::Disc {
            centre: Vec2::new(x, 0.0),
            radius,
        };
        Pickable {
            target: PickTarget::Thing(thing),
            shape,
            class,
        }
    }

    #[test]
    fn cases_before_units_before_sensors_within_eight_pixels() {
        let case = Selection::Case(CaseId(1));
        let unit = Selection::Unit(UnitId(2));
        let sensor = Selection::Sensor(SensorId(3));
        let all = Pickables(vec![
            marker(sensor, 0.0, 10.0, 2),
            marker(unit, 30.0, 10.0, 1),
            marker(case, 60.0, 10.0, 0),
        ]);
        let at = |x: f32| all.at(Vec2::new(x, 0.0)).map(|m| m.target.clone());
        assert_eq!(at(0.0), Some(PickTarget::Thing(sensor)));
        // Between two, inside one: that one, whatever comes before.
        assert_eq!(at(9.0), Some(PickTarget::Thing(sensor)));
        assert_eq!(at(15.0), Some(PickTarget::Thing(unit)));
        assert_eq!(at(45.0), Some(PickTarget::Thing(case)));
        assert_eq!(at(77.0), Some(PickTarget::Thing(case)));
        assert_eq!(at(79.0), None);
    }

    #[test]
    fn of_equals_the_one_drawn_last_is_hit() {
        let all = Pickables(
            (1..=3)
                .map(|i| marker(Selection::Case(CaseId(i)), 0.0, 10.0, 0))
                .collect(),
        );
        assert_eq!(
            all.at(Vec2::ZERO).map(|m| &m.target),
            Some(&PickTarget::Thing(Selection::Case(CaseId(3))))
        );
    }
}
