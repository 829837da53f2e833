use bevy::prelude::Resource;

/// A panel that has the keys alone while it is open, by the name of the area that it draws in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyOwner(pub &'static str);

/// Which panels that have the keys alone are open, in the order in which they were opened: the last one has the keys.
#[derive(Resource, Clone, Debug, Default)]
pub struct KeyOwners {
    open: Vec<KeyOwner>,
    /// The panel that had the keys when the last frame was laid out: an area is first seen in the frame after.
    laid_out: Option<KeyOwner>,
    drawn: Option<KeyOwner>,
}

impl KeyOwners {
    /// Takes over which panels are open in this frame ([`super::Claims::owners`]).
    pub(super) fn follow(&mut self, claimed: &[KeyOwner]) {
        self.open.retain(|o| claimed.contains(o));
        for owner in claimed {
            if !self.open.contains(owner) {
                self.open.push(*owner);
            }
        }
    }

    /// The panel that has the keys alone; none where the console has them.
    pub fn current(&self) -> Option<KeyOwner> {
        self.open.last().copied()
    }

    /// True where the panel that has the keys now had them in the last frame drawn: nobody presses a key for a list
    /// that has not been on the screen yet.
    pub(super) fn is_on_screen(&self) -> bool {
        self.current().is_none() || self.current() == self.drawn
    }

    /// The panel that had the keys alone in the last frame drawn.
    pub(super) fn drawn(&self) -> Option<KeyOwner> {
        self.drawn
    }

    /// The frame has been drawn.
    pub(super) fn settle(&mut self) {
        if self.laid_out == self.current() {
            self.drawn = self.current();
        }
        self.laid_out = self.current();
    }
}

/// What the keys of a frame do in a list that has them alone.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListKeys {
    /// Lines to go down; up where negative.
    pub moves: isize,
    /// Enter was pressed.
    pub enter: bool,
}

impl ListKeys {
    /// The line under the keyboard after these keys, of so many.
    pub fn walk(self, cursor: usize, count: usize) -> usize {
        let last = count.saturating_sub(1);
        cursor.min(last).saturating_add_signed(self.moves).min(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: KeyOwner = KeyOwner("a");
    const B: KeyOwner = KeyOwner("b");

    #[test]
    fn what_was_opened_last_has_the_keys_whatever_the_order_of_claims() {
        let mut owners = KeyOwners::default();
        assert_eq!(owners.current(), None);
        owners.follow(&[B]);
        owners.follow(&[A, B]);
        assert_eq!(owners.current(), Some(A));
        owners.follow(&[B]);
        assert_eq!(owners.current(), Some(B));
    }

    #[test]
    fn a_panel_takes_keys_only_after_it_was_on_the_screen() {
        let mut owners = KeyOwners::default();
        owners.follow(&[A]);
        assert!(!owners.is_on_screen());
        owners.settle();
        owners.follow(&[A]);
        assert!(!owners.is_on_screen(), "laid out, and not seen yet");
        owners.settle();
        owners.follow(&[A]);
        assert!(owners.is_on_screen());
    }

    #[test]
    fn a_walk_stays_in_its_list() {
        let by = |moves| ListKeys {
            moves,
            enter: false,
        };
        assert_eq!(
            (by(5).walk(1, 3), by(-5).walk(1, 3), by(1).walk(0, 0)),
            (2, 0, 0)
        );
        assert_eq!(by(0).walk(9, 3), 2);
    }
}
