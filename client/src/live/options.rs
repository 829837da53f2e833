use super::layers::LayerVisibility;
use bevy::prelude::Resource;

/// What is shown at first, and how.
#[derive(Resource, Clone, Debug, Default)]
pub struct LiveOptions {
    /// Layers shown at first; those remembered, or a wall's own, if not given.
    pub layers: Option<LayerVisibility>,
    /// Marks are sized for a wall: nobody picks anything there, and only the gravest is shown by itself.
    pub wall: bool,
    /// Select this as soon as it is known: a case's number, `unit:NUMBER`, `nearest` or `gravest`.
    pub select: Option<String>,
    /// Select it anew in every paused moment: nothing of one frame is remembered in the next.
    pub select_each_moment: bool,
    /// The map only: the pack's grid is not asked for.
    pub map_only: bool,
}
