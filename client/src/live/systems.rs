use bevy::prelude::SystemSet;

/// When the live layers are laid out, inside `Update`.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub enum LiveSystems {
    /// Selection follows what happened to what is selected.
    Select,
    /// Markers are laid out for this frame.
    Layout,
}
