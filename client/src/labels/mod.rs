//! Names on the map.

use bevy::prelude::*;

/// Screen rectangles, logical pixels, that names must keep clear of: markers, callouts, panels. Whoever draws
/// them fills this anew each frame, under a name of its own.
#[derive(Resource, Debug, Default)]
pub struct Obstacles {
    by_owner: std::collections::BTreeMap<&'static str, Vec<Rect>>,
}

impl Obstacles {
    /// Replaces the rectangles of one owner.
    pub fn set(&mut self, owner: &'static str, rects: Vec<Rect>) {
        self.by_owner.insert(owner, rects);
    }

    /// All rectangles.
    pub fn iter(&self) -> impl Iterator<Item = Rect> + '_ {
        self.by_owner.values().flatten().copied()
    }
}

/// Language of the names on the map.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Lang {
    /// 中文
    #[default]
    Zh,
    /// English
    En,
}

/// Draws names.
pub struct LabelsPlugin;

impl Plugin for LabelsPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Obstacles>().init_resource::<Lang>();
    }
}
