use crate::geo::Viewport;

/// Zoom of the tiles that movers are streamed by.
pub const TILE_ZOOM: u8 = 14;
/// Most tiles of movers in one subscription; a wider view gets counts instead.
pub const TILES_MAX: usize = 256;

/// What a viewer wants to receive.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscription {
    /// Ground whose movers are sent, degrees WGS 84; `None`: no movers.
    pub viewport: Option<Viewport>,
    /// Kinds of things to send; without [`Layer::Movers`] the ground is not used.
    pub layers: Vec<Layer>,
    /// Most frames a second, 0.1 … 10.
    pub rate_hz: f32,
}

/// Kinds of things that can be streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Vehicles within the ground: each mover, or counts where the ground is too wide.
    Movers,
    /// Units of the whole city, with their positions.
    Units,
    /// Cases and alarms of the whole city.
    Cases,
    /// Sensors of the whole city, with their readings.
    Sensors,
    /// Statistically significant areas of open cases.
    Hotspots,
}
