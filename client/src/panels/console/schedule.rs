use bevy::ecs::schedule::ScheduleLabel;
use bevy::prelude::{Resource, SystemSet};
use bevy_egui::egui::Context;

/// When panels, or the wall, are drawn, inside `EguiPrimaryContextPass`.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct PanelsSystems;

/// Panels say what they need of the screen ([`Claims`]).
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct PanelClaims;

/// Panels take keys.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct PanelKeys;

/// Panels are drawn.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct PanelDraw;

/// What was asked for is carried out.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct PanelActs;

/// What panels are drawn into.
#[derive(Resource, Clone)]
pub struct Screen(pub Context);
