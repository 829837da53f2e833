use crate::live::Grid;
use crate::net::Rankings;
use crate::panels::console::Scene;
use std::ops::Deref;

/// What is shown of a case, beside what every panel reads.
#[derive(Clone, Copy)]
pub(super) struct CaseScene<'a> {
    pub(super) scene: Scene<'a>,
    /// Units by arrival.
    pub(super) rankings: &'a Rankings,
    /// Cells of the unit grid.
    pub(super) grid: &'a Grid,
    /// The list that a fork is begun from is open.
    pub(super) choosing_fork: bool,
}

impl<'a> Deref for CaseScene<'a> {
    type Target = Scene<'a>;

    fn deref(&self) -> &Scene<'a> {
        &self.scene
    }
}
