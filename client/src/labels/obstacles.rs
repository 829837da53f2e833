use bevy::math::Rect;
use bevy::prelude::Resource;
use std::collections::BTreeMap;

/// Screen rectangles, logical pixels, that names must keep clear of: markers, callouts, panels. Whoever draws
/// them fills this anew each frame, under a name of its own.
#[derive(Resource, Debug, Default)]
pub struct Obstacles {
    by_owner: BTreeMap<&'static str, Vec<Rect>>,
    passing: Vec<Rect>,
}

impl Obstacles {
    /// Replaces the rectangles of one owner.
    pub fn set(&mut self, owner: &'static str, rects: Vec<Rect>) {
        self.by_owner.insert(owner, rects);
    }

    /// Replaces the rectangles of all that drives: names do not jump aside for them, but are not seen while they
    /// pass.
    pub fn set_passing(&mut self, rects: Vec<Rect>) {
        self.passing = rects;
    }

    /// The rectangles of one owner.
    pub fn of(&self, owner: &str) -> &[Rect] {
        self.by_owner.get(owner).map_or(&[], Vec::as_slice)
    }

    /// All rectangles that stand.
    pub fn iter(&self) -> impl Iterator<Item = Rect> + '_ {
        self.by_owner.values().flatten().copied()
    }

    /// The rectangles of all that drives.
    pub fn passing(&self) -> &[Rect] {
        &self.passing
    }
}
