//! Where the program's pictures go.

use bevy::prelude::Resource;

/// Whether there is a window, and if not, which pictures are written.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// A window that people look at and press.
    #[default]
    Window,
    /// No window: pictures of one moment each, drawn in fixed steps of time.
    Stills,
    /// No window: the running view, written every few seconds.
    Series,
}

impl Output {
    /// True when no window is opened: nothing can be pressed, and nobody hears a bell.
    pub fn is_headless(self) -> bool {
        self != Self::Window
    }

    /// True for pictures of one moment each: the same data must give the same picture.
    pub fn is_still(self) -> bool {
        self == Self::Stills
    }
}
