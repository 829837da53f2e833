use crate::net::Chronicle;
use crate::panels::console::Scene;
use crate::panels::director::DrillState;
use crate::panels::model::histogram::Histogram;
use chengtu_engine::replay::Timeline;
use std::ops::Deref;

/// What the bar shows, beside what every panel reads.
#[derive(Clone, Copy)]
pub(super) struct TimeScene<'a> {
    pub(super) scene: Scene<'a>,
    /// What the server has sent of the past.
    pub(super) chronicle: &'a Chronicle,
    /// The newest time line of the current world.
    pub(super) timeline: Option<&'a Timeline>,
    /// What came when over the last hours.
    pub(super) histogram: &'a Histogram,
    pub(super) drill: &'a DrillState,
}

impl<'a> Deref for TimeScene<'a> {
    type Target = Scene<'a>;

    fn deref(&self) -> &Scene<'a> {
        &self.scene
    }
}
