//! Primitives that markers are made of: discs, rings, arcs, polygons, lines, icons and glyphs on the screen, each a
//! distance field that the shader smooths itself.

mod gpu;
mod letters;
mod pen;
mod prim;
mod text;

pub(crate) use gpu::GrowBuffer;
pub use gpu::PaintPlugin;
pub use letters::Letters;
pub use pen::Pen;
pub use prim::{Prim, PrimKind, rgba};
pub use text::{Anchor, TextStyle};

use crate::render::MapPhase;
use bevy::prelude::Resource;

/// The phases that markers are painted in, from below.
pub const MARK_PHASES: [MapPhase; 8] = [
    MapPhase::Watermark,
    MapPhase::Dots,
    MapPhase::Icons,
    MapPhase::Sensors,
    MapPhase::Clusters,
    MapPhase::Cases,
    MapPhase::Selection,
    MapPhase::Callouts,
];

/// All primitives of this frame by phase. Emptied and filled anew every frame.
#[derive(Resource, Clone, Debug, Default)]
pub struct Canvas {
    by_phase: [Vec<Prim>; MARK_PHASES.len()],
}

impl Canvas {
    /// Empties the lists of all phases and keeps their memory; called at the start of a frame.
    pub fn clear(&mut self) {
        for list in &mut self.by_phase {
            list.clear();
        }
    }

    /// The list of a phase; phases that hold no markers share the uppermost list.
    pub fn list(&mut self, phase: MapPhase) -> &mut Vec<Prim> {
        let at = MARK_PHASES
            .iter()
            .position(|p| *p == phase)
            .unwrap_or(MARK_PHASES.len() - 1);
        &mut self.by_phase[at]
    }

    /// All primitives from below, with where each phase begins and the end of the last.
    pub fn flatten(&self) -> (Vec<Prim>, [u32; MARK_PHASES.len() + 1]) {
        let mut all = Vec::with_capacity(self.by_phase.iter().map(Vec::len).sum());
        let mut starts = [0; MARK_PHASES.len() + 1];
        for (i, list) in self.by_phase.iter().enumerate() {
            all.extend_from_slice(list);
            starts[i + 1] = all.len() as u32;
        }
        (all, starts)
    }
}
