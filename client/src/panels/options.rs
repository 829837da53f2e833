use crate::link::Join;
use bevy::prelude::Resource;
use chengtu_engine::drill::GhostOf;

/// What the panels begin with.
#[derive(Resource, Clone, Debug, Default)]
pub struct PanelOptions {
    /// A wall draws itself; the panels only keep what it reads.
    pub wall: bool,
    /// Begin a fork as soon as a case is chosen and its units are ranked.
    pub what_if: bool,
    /// Begin a drill of this scenario.
    pub drill: Option<String>,
    /// Join this world.
    pub join: Option<Join>,
    /// In a drill, let these units drive along.
    pub ghost: Option<GhostOf>,
}
