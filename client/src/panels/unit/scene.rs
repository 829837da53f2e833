use crate::net::Routes;
use crate::panels::console::Scene;
use chengtu_engine::ids::UnitId;
use std::ops::Deref;

/// What is shown of a unit, beside what every panel reads.
#[derive(Clone, Copy)]
pub(super) struct UnitScene<'a> {
    pub(super) scene: Scene<'a>,
    /// Ways by road.
    pub(super) routes: &'a Routes,
    /// The unit that the map follows.
    pub(super) following: Option<UnitId>,
}

impl<'a> Deref for UnitScene<'a> {
    type Target = Scene<'a>;

    fn deref(&self) -> &Scene<'a> {
        &self.scene
    }
}
