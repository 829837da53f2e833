//! Where plates lay in the frame before: they keep their places as long as these will do.

use bevy::prelude::Resource;
use std::collections::BTreeMap;

/// Where plates lay.
#[derive(Resource, Debug, Default)]
pub struct PlateMemory {
    /// Of each kind of callout: which of its places.
    callouts: BTreeMap<CalloutOf, usize>,
    /// Of each significant area, by its name: degrees east and north.
    areas: BTreeMap<String, (f64, f64)>,
    frozen: Option<u64>,
}

/// What a callout belongs to; there is one of each at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CalloutOf {
    /// The selected case.
    Case,
    /// The unit that is offered, sent or selected.
    Unit,
    /// The unit nearest by air.
    Detour,
}

impl PlateMemory {
    /// Forgets what was before another moment of a clock that stands.
    pub(super) fn begin_moment(&mut self, frozen: Option<u64>) {
        if frozen.is_some() && self.frozen != frozen {
            *self = Self::default();
        }
        self.frozen = frozen;
    }

    /// Which place a callout had.
    pub(super) fn callout(&self, of: CalloutOf) -> Option<usize> {
        self.callouts.get(&of).copied()
    }

    /// The callouts of this frame and their places.
    pub(super) fn keep_callouts(&mut self, places: impl IntoIterator<Item = (CalloutOf, usize)>) {
        self.callouts = places.into_iter().collect();
    }

    /// Where an area's plate lay.
    pub(super) fn area(&self, name: &str) -> Option<(f64, f64)> {
        self.areas.get(name).copied()
    }

    /// The plates of this frame and their places.
    pub(super) fn keep_areas(&mut self, places: BTreeMap<String, (f64, f64)>) {
        self.areas = places;
    }
}
