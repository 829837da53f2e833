use bevy::prelude::Resource;

/// How much larger than in the style names are written: 1 on a desk, 2 on a wall.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct LabelScale(pub f32);

impl Default for LabelScale {
    fn default() -> Self {
        Self(1.0)
    }
}
