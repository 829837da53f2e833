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
pub use prim::{Prim, PrimClass, PrimKind, rgba};
pub use text::{Anchor, TextStyle};

use crate::render::MapPhase;
use bevy::prelude::Resource;
use std::ops::Range;

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

/// Stretches of primitives that one pipeline draws, in the order of painting.
pub fn runs(prims: &[Prim]) -> Vec<(PrimClass, Range<u32>)> {
    let mut at = 0;
    let stretches = prims.chunk_by(|a, b| a.class() == b.class());
    stretches
        .map(|run| {
            let from = at;
            at += run.len() as u32;
            (run[0].class(), from..at)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::math::Vec2;

    #[test]
    fn primitives_are_drawn_in_the_order_of_painting_by_as_few_pipelines_as_that_takes() {
        let prim = |kind| Prim::new(kind, Vec2::ZERO, Vec2::ONE, 0);
        let kinds = [
            PrimKind::Disc,
            PrimKind::Arc,
            PrimKind::Glyph,
            PrimKind::Glyph,
            PrimKind::Icon,
            PrimKind::Nose,
        ];
        let stretches = runs(&kinds.map(prim));
        let want = [
            (PrimClass::Shape, 0..2),
            (PrimClass::Glyph, 2..4),
            (PrimClass::Icon, 4..5),
            (PrimClass::Shape, 5..6),
        ];
        assert_eq!(stretches, want);
        assert!(runs(&[]).is_empty());
    }
}
