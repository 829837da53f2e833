//! A rectangle drawn over the map with Shift held: every case in it is marked.

use super::cases;
use crate::live::Pickables;
use bevy::math::{Rect, Vec2};
use bevy::prelude::Resource;
use chengtu_engine::ids::CaseId;

/// The rectangle that is being drawn, logical pixels.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq)]
pub struct MarkingBox(pub Option<Rect>);

/// Follows the hand from frame to frame.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marking {
    /// Shift was held when the left button went down.
    armed: bool,
}

impl Marking {
    /// Takes what is held in this frame: whether the button has just gone down, and whether Shift is.
    pub fn press(&mut self, went_down: bool, shift: bool) {
        if went_down {
            self.armed = shift;
        }
    }

    /// The rectangle after this frame, and the one that has just been let go of. `drag`: where the drag began, while it
    /// goes on; `pos`: the pointer, `None` over a panel, where a rectangle ends and nothing is marked.
    pub fn follow(
        &mut self,
        before: Option<Rect>,
        drag: Option<Vec2>,
        pos: Option<Vec2>,
    ) -> (Option<Rect>, Option<Rect>) {
        match (pos, drag) {
            (Some(pos), Some(from)) if self.armed => (Some(Rect::from_corners(from, pos)), None),
            (Some(_), None) => (None, before),
            _ => (None, None),
        }
    }
}

/// The cases whose marker has its middle in a rectangle, those of clusters as well; each once, in the order of their
/// numbers.
pub(super) fn cases_in(pickables: &Pickables, rect: Rect) -> Vec<CaseId> {
    let inside = pickables.0.iter();
    let inside = inside.filter(|p| rect.contains(p.shape.bounds().center()));
    let mut found: Vec<CaseId> = inside.flat_map(|p| cases(&p.target)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{PickShape, PickTarget, Pickable, Selection};
    use chengtu_engine::ids::UnitId;

    fn at(target: PickTarget, x: f32, y: f32) -> Pickable {
        let shape = PickShape::Disc {
            centre: Vec2::new(x, y),
            radius: 20.0,
        };
        Pickable {
            target,
            shape,
            class: 0,
        }
    }

    #[test]
    fn all_cases_in_the_rectangle_are_marked_and_no_unit() {
        let case = |n| PickTarget::Thing(Selection::Case(CaseId(n)));
        let all = Pickables(vec![
            at(case(9), 100.0, 100.0),
            at(
                PickTarget::Cluster(vec![CaseId(3), CaseId(4)]),
                150.0,
                120.0,
            ),
            at(PickTarget::Thing(Selection::Unit(UnitId(1))), 120.0, 110.0),
            // Touched, but its middle is outside.
            at(case(5), 210.0, 100.0),
        ]);
        let drawn = Rect::from_corners(Vec2::new(200.0, 200.0), Vec2::new(50.0, 50.0));
        assert_eq!(cases_in(&all, drawn), [CaseId(3), CaseId(4), CaseId(9)]);
    }

    #[test]
    fn a_rectangle_is_drawn_only_where_shift_was_held_as_it_began() {
        let (a, b) = (Vec2::new(10.0, 10.0), Vec2::new(90.0, 60.0));
        let drawn = Some(Rect::from_corners(a, b));
        let mut hand = Marking::default();
        hand.press(true, true);
        assert_eq!(
            hand.follow(None, None, Some(a)),
            (None, None),
            "not moved yet"
        );
        assert_eq!(hand.follow(None, Some(a), Some(b)), (drawn, None));
        // Shift may be let go of on the way.
        hand.press(false, false);
        assert_eq!(hand.follow(drawn, Some(a), Some(b)), (drawn, None));
        assert_eq!(hand.follow(drawn, None, Some(b)), (None, drawn));
        assert_eq!(hand.follow(drawn, None, None), (None, None), "over a panel");
        hand.press(true, false);
        hand.press(false, true);
        assert_eq!(
            hand.follow(None, Some(a), Some(b)),
            (None, None),
            "the map is moved"
        );
    }
}
