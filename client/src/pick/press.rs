use bevy::math::Vec2;

/// A press that moved less than this is a click, however long it lasted: tired hands press slowly.
const STILL_PX: f32 = 5.0;

/// A press and release in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Click {
    /// Left button: selects what is under the pointer, or nothing.
    Primary,
    /// Right button: opens the menu of the place.
    Secondary,
}

/// Distinguishes clicks from drags.
#[derive(Clone, Copy, Debug, Default)]
pub struct Press {
    down: Option<(usize, Vec2)>,
    dragged: bool,
    held: [bool; 2],
}

impl Press {
    /// Takes the state of this frame: where the pointer is (`None` over a panel or outside), whether left and right
    /// button are down. Returns the click that has just ended.
    pub fn follow(&mut self, pos: Option<Vec2>, held: [bool; 2]) -> Option<Click> {
        let before = std::mem::replace(&mut self.held, held);
        let Some(pos) = pos else {
            self.down = None;
            return None;
        };
        for (button, (is, was)) in held.into_iter().zip(before).enumerate() {
            if is && !was {
                // A second button makes it neither's click.
                let first = self.down.is_none();
                self.down = first.then_some((button, pos));
                self.dragged = !first;
            }
        }
        let (button, from) = self.down?;
        self.dragged |= pos.distance(from) > STILL_PX;
        if held[button] {
            return None;
        }
        self.down = None;
        let click = !std::mem::take(&mut self.dragged);
        click.then_some(if button == 0 {
            Click::Primary
        } else {
            Click::Secondary
        })
    }

    /// Where a drag of the left button began, while it goes on.
    pub fn drag(&self) -> Option<Vec2> {
        let (button, from) = self.down?;
        (button == 0 && self.dragged).then_some(from)
    }

    /// True while a button is down and the pointer has moved.
    pub fn is_dragging(&self) -> bool {
        self.down.is_some() && self.dragged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: [bool; 2] = [false, false];
    const LEFT: [bool; 2] = [true, false];
    const RIGHT: [bool; 2] = [false, true];

    fn at(x: f32) -> Vec2 {
        Vec2::new(x, 0.0)
    }

    #[test]
    fn a_press_in_one_place_is_a_click_and_a_drag_is_none() {
        let mut p = Press::default();
        assert_eq!(p.follow(Some(at(0.0)), LEFT), None);
        assert_eq!(p.follow(Some(at(3.0)), UP), Some(Click::Primary));
        assert_eq!(p.follow(Some(at(3.0)), RIGHT), None);
        assert_eq!(p.follow(Some(at(3.0)), UP), Some(Click::Secondary));
        p.follow(Some(at(0.0)), LEFT);
        assert_eq!(p.follow(Some(at(40.0)), LEFT), None);
        assert!(p.is_dragging());
        assert_eq!(
            p.follow(Some(at(0.0)), UP),
            None,
            "back where it began is a drag still"
        );
    }

    #[test]
    fn what_begins_or_ends_over_a_panel_is_no_click() {
        let mut p = Press::default();
        p.follow(None, LEFT);
        assert_eq!(p.follow(Some(at(0.0)), LEFT), None);
        assert_eq!(p.follow(Some(at(0.0)), UP), None);
        p.follow(Some(at(0.0)), LEFT);
        assert_eq!(p.follow(None, LEFT), None);
        assert_eq!(p.follow(Some(at(0.0)), UP), None);
    }
}
