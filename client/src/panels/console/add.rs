use super::schedule::{PanelDraw, PanelKeys};
use super::{Claims, KeyOwner, KeyOwners, Keys};
use bevy::ecs::schedule::ScheduleConfigs;
use bevy::ecs::system::ScheduleSystem;
use bevy::prelude::{App, IntoScheduleConfigs, Res, Resource, SystemSet};

/// Whose turn it is with a key. Each goes before those below it; inside a layer, what is drawn last comes first.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyLayer {
    /// What fills the screen: nothing behind it hears a key.
    WholeScreen,
    /// What lies over everything: help, lists, the search.
    Overlay,
    /// What was opened at a place: menus, lists of a bar.
    Popup,
    /// A text field that has the keyboard.
    Text,
    /// Windows beside a panel.
    Window,
    /// Panels with a list or a form: queue, dispatch, unit, alarms.
    Panel,
    /// Which part of the screen has the keyboard.
    Zone,
    /// The map, and everything else.
    Map,
}

impl KeyLayer {
    pub(super) const ALL: [Self; 8] = [
        Self::WholeScreen,
        Self::Overlay,
        Self::Popup,
        Self::Text,
        Self::Window,
        Self::Panel,
        Self::Zone,
        Self::Map,
    ];
}

/// How many panels were added so far.
#[derive(Resource, Default)]
struct Added {
    drawn: u16,
    keyed: [u16; KeyLayer::ALL.len()],
}

/// A panel's place among what is drawn.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct DrawSlot(u16);

/// A panel's place among those of a layer that take keys.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct KeySlot(KeyLayer, u16);

/// Puts panels on the screen.
pub trait AddPanel {
    /// Draws a panel after all that were added before it; not while something fills the screen.
    fn add_panel<M>(&mut self, draw: impl IntoScheduleConfigs<ScheduleSystem, M>) -> &mut Self;

    /// As [`AddPanel::add_panel`], also over what fills the screen.
    fn add_overlay<M>(&mut self, draw: impl IntoScheduleConfigs<ScheduleSystem, M>) -> &mut Self;

    /// Lets a panel take keys; called before anything is drawn, while there are keys to be taken and no open panel
    /// has them alone.
    fn add_keys<M>(
        &mut self,
        layer: KeyLayer,
        keys: impl IntoScheduleConfigs<ScheduleSystem, M>,
    ) -> &mut Self;

    /// As [`AddPanel::add_keys`], for a panel that has the keys alone while it is open ([`Claims::own_keys`]): then
    /// no other panel is given any, and those that it leaves are lost.
    fn add_owner_keys<M>(
        &mut self,
        owner: KeyOwner,
        layer: KeyLayer,
        keys: impl IntoScheduleConfigs<ScheduleSystem, M>,
    ) -> &mut Self;
}

fn is_unowned(owners: Res<KeyOwners>) -> bool {
    owners.current().is_none()
}

fn is_free(claims: Res<Claims>) -> bool {
    !claims.whole_screen
}

fn are_pressed(keys: Res<Keys>) -> bool {
    !keys.is_empty()
}

fn add_drawn(app: &mut App, draw: ScheduleConfigs<ScheduleSystem>) {
    let mut added = app.world_mut().get_resource_or_init::<Added>();
    added.drawn += 1;
    let n = added.drawn;
    let slot = draw.in_set(DrawSlot(n)).after(DrawSlot(n - 1));
    app.add_systems(PanelDraw, slot);
}

fn add_keyed(app: &mut App, layer: KeyLayer, keys: ScheduleConfigs<ScheduleSystem>) {
    let mut added = app.world_mut().get_resource_or_init::<Added>();
    let count = &mut added.keyed[layer as usize];
    *count += 1;
    let n = *count;
    let slot = keys.in_set(KeySlot(layer, n)).before(KeySlot(layer, n - 1));
    app.add_systems(PanelKeys, slot.in_set(layer).run_if(are_pressed));
}

impl AddPanel for App {
    fn add_panel<M>(&mut self, draw: impl IntoScheduleConfigs<ScheduleSystem, M>) -> &mut Self {
        add_drawn(self, draw.run_if(is_free));
        self
    }

    fn add_overlay<M>(&mut self, draw: impl IntoScheduleConfigs<ScheduleSystem, M>) -> &mut Self {
        add_drawn(self, draw.into_configs());
        self
    }

    fn add_keys<M>(
        &mut self,
        layer: KeyLayer,
        keys: impl IntoScheduleConfigs<ScheduleSystem, M>,
    ) -> &mut Self {
        add_keyed(self, layer, keys.run_if(is_unowned));
        self
    }

    fn add_owner_keys<M>(
        &mut self,
        owner: KeyOwner,
        layer: KeyLayer,
        keys: impl IntoScheduleConfigs<ScheduleSystem, M>,
    ) -> &mut Self {
        let is_mine = move |owners: Res<KeyOwners>| owners.current().is_none_or(|o| o == owner);
        add_keyed(self, layer, keys.run_if(is_mine));
        self
    }
}
