use bevy::prelude::Resource;

/// Factor on all marker sizes: 1 on a desk, on a wall as much more as the tokens say for 2160 lines.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct MarkerScale(pub f32);
