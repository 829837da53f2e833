//! What a style comes to: layers, and how each is painted.

use super::{Expr, Scope, StyleValue};
use crate::render::MapPhase;

/// A style, its layers from the ground up.
#[derive(Clone, Debug, Default)]
pub struct Style {
    /// The layers that are drawn.
    pub layers: Vec<StyleLayer>,
    /// What was not understood, each with the layer's name.
    pub warnings: Vec<String>,
}

/// One layer: which features of the tiles it draws, and how.
#[derive(Clone, Debug)]
pub struct StyleLayer {
    /// Its name in the style, for messages.
    pub id: String,
    /// The layer of the vector tiles it draws; empty for the background.
    pub source_layer: String,
    /// Drawn from this zoom on.
    pub minzoom: f64,
    /// … and below this one.
    pub maxzoom: f64,
    /// True for the features that it draws; all of the source layer where there is none.
    pub filter: Option<Expr>,
    /// What the features become: areas, lines, buildings or names.
    pub paint: Paint,
    /// Where in the map's drawing order.
    pub phase: MapPhase,
    /// Properties the paint depends on, sorted: features that agree in them are drawn together.
    pub depends_on: Vec<String>,
}

/// How a layer is drawn.
#[derive(Clone, Debug)]
pub enum Paint {
    /// The ground itself.
    Background {
        /// Colour of the whole ground.
        color: Expr,
    },
    /// Areas, filled.
    Fill {
        /// Colour of the area, its alpha still to be multiplied by the opacity.
        color: Expr,
        /// 0 … 1.
        opacity: Expr,
    },
    /// Lines, or the banks of areas.
    Line {
        /// Colour of the line, its alpha still to be multiplied by the opacity.
        color: Expr,
        /// 0 … 1.
        opacity: Expr,
        /// Width in logical pixels.
        width: Expr,
        /// Logical pixels between two lines drawn instead of one; 0 for one.
        gap_width: Expr,
        /// Lengths in widths of the line.
        dashes: Expr,
        /// How a line ends.
        cap: LineCap,
        /// How two stretches of a line meet.
        join: LineJoin,
    },
    /// Buildings: footprints in flat view, bodies in a tilted one.
    Extrusion {
        /// Colour of the footprint in flat view.
        color: Expr,
        /// Metres from the ground to the roof.
        height: Expr,
        /// Metres from the ground to where the body begins.
        base: Expr,
    },
    /// Names beside points or along lines.
    Symbol(Box<Symbol>),
}

/// How names are written.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// What is written, in the city's language.
    pub field: Expr,
    /// Size of the letters in logical pixels.
    pub size: Expr,
    /// Colour of the letters.
    pub color: Expr,
    /// Colour of the halo.
    pub halo: Expr,
    /// Ems between characters.
    pub spacing: Expr,
    /// Whether the letters are bold.
    pub bold: bool,
    /// At a point or along a line.
    pub placement: SymbolPlacement,
    /// Smaller comes first.
    pub sort_key: Expr,
    /// Name of an icon beside the text; empty for none.
    pub icon: Expr,
}

/// Where names are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolPlacement {
    /// At a point, or in the middle of an area.
    Point,
    /// Along a line.
    Line,
}

/// Ends of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineCap {
    /// Cut off at the end point.
    Butt,
    /// Half a disc.
    Round,
}

/// Corners of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineJoin {
    /// Pointed up to a limit.
    Miter,
    /// Rounded by a disc of the line's width.
    Round,
}

/// What a layer's paint comes to at a zoom.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct PaintValues {
    /// sRGB with straight alpha, opacity included.
    pub color: [f32; 4],
    /// Width of a line in logical pixels; 0 for what is no line.
    pub width_px: f32,
    /// Logical pixels between two lines drawn instead of one; 0 for one.
    pub gap_px: f32,
    /// Logical pixels on, off, on, off; zeros for a whole line.
    pub dash_px: [f32; 4],
}

impl Paint {
    /// What it comes to for features with these properties at this zoom.
    pub fn values(&self, scope: &dyn Scope) -> PaintValues {
        let number = |e: &Expr, other: f64| e.eval(scope).number().unwrap_or(other) as f32;
        let color = |e: &Expr| e.eval(scope).color().unwrap_or([0.0, 0.0, 0.0, 1.0]);
        let faded = |mut c: [f32; 4], opacity: f32| {
            c[3] *= opacity.clamp(0.0, 1.0);
            c
        };
        match self {
            Self::Background { color: c } | Self::Extrusion { color: c, .. } => PaintValues {
                color: color(c),
                ..PaintValues::default()
            },
            Self::Fill { color: c, opacity } => PaintValues {
                color: faded(color(c), number(opacity, 1.0)),
                ..PaintValues::default()
            },
            Self::Line {
                color: c,
                opacity,
                width,
                gap_width,
                dashes,
                ..
            } => {
                let width_px = number(width, 1.0).max(0.0);
                let mut dash_px = [0.0; 4];
                if let StyleValue::List(items) = dashes.eval(scope) {
                    for (i, slot) in dash_px.iter_mut().enumerate().take(items.len().max(2) * 2) {
                        let item = items
                            .get(i % items.len().max(1))
                            .and_then(StyleValue::number);
                        *slot = item.unwrap_or(0.0) as f32 * width_px;
                    }
                }
                let gap_px = number(gap_width, 0.0).max(0.0);
                PaintValues {
                    color: faded(color(c), number(opacity, 1.0)),
                    width_px,
                    gap_px,
                    dash_px,
                }
            }
            Self::Symbol(_) => PaintValues::default(),
        }
    }
}
