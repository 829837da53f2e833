//! The keyboard: one table says which key does what where; handling and the help overlay are both made from it.

mod keymap;

pub use keymap::{Act, BINDINGS, Binding, Chord, Press, Zone, presses};
