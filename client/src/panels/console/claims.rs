use super::KeyOwner;
use bevy::prelude::Resource;
use bevy_egui::egui::Rect;
use chengtu_engine::record::World;

/// What panels need of the screen and of the keyboard, said anew before each frame is laid out.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// The right panel has something to show.
    pub detail: bool,
    /// Height of the time bar, logical pixels: the largest that is asked for.
    pub time_h: f32,
    /// The screen is drawn with the colours of a world of this kind instead of the current one's.
    pub look: Option<World>,
    /// Nothing but overlays is drawn behind what fills the screen.
    pub whole_screen: bool,
    /// Something is typed, though no text field says so: letters are no keys.
    pub typing: bool,
    /// True while this console may give no command: it was to be in another world and has not come there.
    pub locked: bool,
    /// Open panels that have the keys alone; the one opened last has them ([`super::KeyOwners`]).
    pub owners: Vec<KeyOwner>,
}

impl Claims {
    /// A panel has the keys alone while it is open.
    pub fn own_keys(&mut self, owner: KeyOwner, open: bool) {
        if open {
            self.owners.push(owner);
        }
    }
}

/// Rectangles of the screen that cover the map, logical pixels. Panels add to it while they are drawn.
#[derive(Resource, Clone, Debug, Default)]
pub struct Covered(pub Vec<Rect>);
