//! Lines on the ground: routes, trails, the air line, outlines of significant areas, the unit grid.

mod gpu;
mod route;

pub use gpu::LinesPlugin;
pub(crate) use route::RouteMemory;
pub(super) use route::lay;

use crate::look::Rgba8;
use bevy::math::DVec2;
use bevy::prelude::Resource;

/// How a line looks. Lengths in logical pixels in the middle of the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineStyle {
    /// Colour of the line.
    pub color: Rgba8,
    /// Width without casing.
    pub width_px: f32,
    /// Colour under the line, and how far it reaches on each side.
    pub casing: (Rgba8, f32),
    /// Dash and gap; solid if both are 0.
    pub dash_px: [f32; 2],
    /// Arrowheads along the line: colour and distance; no arrowheads if 0.
    pub chevrons: (Rgba8, f32),
    /// Fades to nothing towards its beginning.
    pub fades: bool,
}

impl LineStyle {
    /// A plain line.
    pub fn plain(color: Rgba8, width_px: f32) -> Self {
        let none = (Rgba8::default(), 0.0);
        Self {
            color,
            width_px,
            casing: none,
            dash_px: [0.0; 2],
            chevrons: none,
            fades: false,
        }
    }
}

/// Where a line lies between the other layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineLayer {
    /// On the ground, under shadows and routes.
    Ground,
    /// On the ground, and once more at 34 % above the buildings.
    Route,
    /// Above everything that is built.
    Above,
}

/// A polyline on the map, with its look and its place in the drawing order.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its course, mercator.
    pub course: Vec<DVec2>,
    /// How it looks.
    pub style: LineStyle,
    /// Where it lies.
    pub layer: LineLayer,
}

/// All lines, by who draws them.
#[derive(Resource, Debug, Default)]
pub struct Lines {
    owners: std::collections::BTreeMap<&'static str, Vec<Line>>,
    version: u64,
}

impl Lines {
    /// Replaces the lines of one owner; nothing happens where they are the same.
    pub fn set(&mut self, owner: &'static str, lines: Vec<Line>) {
        let known = self.owners.entry(owner).or_default();
        if *known != lines {
            *known = lines;
            self.version += 1;
        }
    }

    /// All lines, owner by owner.
    pub fn iter(&self) -> impl Iterator<Item = &Line> {
        self.owners.values().flatten()
    }

    /// Grows whenever lines of an owner change; the GPU buffers are rebuilt then.
    pub fn version(&self) -> u64 {
        self.version
    }
}
