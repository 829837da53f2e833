use crate::panels::console::{Pending, Refusal};
use bevy::prelude::Resource;
use chengtu_engine::ids::UnitId;

/// What the panel of a unit remembers.
#[derive(Resource, Debug, Default)]
pub struct UnitState {
    /// A recall that is not answered yet.
    pub sending: Option<Pending>,
    /// Why a recall was refused, while the same unit is chosen.
    pub refusal: Option<Refusal>,
    /// Unit that the refusal belongs to.
    pub unit: Option<UnitId>,
}
