use super::{Claims, Kept, Screen};
use crate::input::{Act, Zone, pressed};
use bevy::prelude::{Message, MessageReader, Res, ResMut, Resource};
use bevy_egui::egui::Memory;

/// Who has the keyboard.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Focus {
    /// The part of the screen that has it.
    pub zone: Zone,
}

impl Kept for Focus {
    type Part = Zone;

    fn put_away(&self) -> Zone {
        self.zone
    }

    fn put_back(&mut self, zone: Zone) {
        self.zone = zone;
    }
}

/// Gives a part of the screen the keyboard.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub struct FocusZone(pub Zone);

pub(super) fn focus(mut acts: MessageReader<FocusZone>, mut focus: ResMut<Focus>) {
    for FocusZone(zone) in acts.read() {
        focus.zone = *zone;
    }
}

/// What the keys of this frame ask for, until somebody takes it.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct Keys {
    acts: Vec<Act>,
}

impl Keys {
    /// These, for a test.
    #[cfg(test)]
    pub fn of(acts: &[Act]) -> Self {
        Self {
            acts: acts.to_vec(),
        }
    }

    /// True where nothing is left to be taken.
    pub fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }

    /// Gives every act to `does`, in order; those that it answers `true` to are taken.
    pub fn take(&mut self, mut does: impl FnMut(Act) -> bool) {
        self.acts.retain(|act| !does(*act));
    }

    /// Takes one press of Escape, where `closes` closes something with it.
    pub fn leave(&mut self, closes: impl FnOnce() -> bool) {
        let escape = self.acts.iter().position(|a| *a == Act::Leave);
        if let Some(i) = escape
            && closes()
        {
            self.acts.remove(i);
        }
    }
}

/// Escape takes the keyboard from a text field.
pub(super) fn leave_text(screen: Res<Screen>, mut keys: ResMut<Keys>) {
    let ctx = &screen.0;
    keys.leave(|| {
        let typing = ctx.text_edit_focused();
        if typing {
            ctx.memory_mut(Memory::stop_text_input);
        }
        typing
    });
}

/// Escape gives the keyboard back to the map.
pub(super) fn leave_zone(mut focus: ResMut<Focus>, mut keys: ResMut<Keys>) {
    keys.leave(|| std::mem::take(&mut focus.zone) != Zone::Map);
}

/// Reads the keys of this frame.
pub(super) fn read(
    screen: Res<Screen>,
    claims: Res<Claims>,
    focus: Res<Focus>,
    mut keys: ResMut<Keys>,
) {
    let ctx = &screen.0;
    let typing = ctx.text_edit_focused() || claims.typing;
    keys.acts = ctx.input(|i| pressed(i, focus.zone, typing));
    // A button that was reached with Tab takes Enter and Space for itself.
    if !typing && ctx.memory(|m| m.focused().is_some()) {
        keys.acts
            .retain(|a| !matches!(a, Act::Dispatch | Act::OpenCase | Act::Play));
    }
}
