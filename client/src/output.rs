//! Where the program's pictures go.

use bevy::prelude::Resource;

/// Whether there is a window, and if not, which pictures are written.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// A window that people look at and press.
    #[default]
    Window,
    /// No window, and pressed all the same: whoever built the program draws its frames and gives it keys and pointer
    /// as a window would. For tests that drive the whole program.
    Driven,
    /// No window: pictures of one moment each, drawn in fixed steps of time.
    Stills,
    /// No window: the running view, written every few seconds.
    Series,
}

impl Output {
    /// True when no window is opened: nobody hears a bell, nothing is remembered.
    pub fn is_headless(self) -> bool {
        self != Self::Window
    }

    /// True where keys and pointer come from somebody.
    pub fn is_pressed(self) -> bool {
        matches!(self, Self::Window | Self::Driven)
    }

    /// True for pictures of one moment each: the same data must give the same picture.
    pub fn is_still(self) -> bool {
        self == Self::Stills
    }
}
