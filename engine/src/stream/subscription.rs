use crate::geo::Viewport;

/// Zoom of the tiles that movers are streamed by.
pub const TILE_ZOOM: u8 = 14;
/// Most tiles of movers in one subscription; a wider view gets counts instead.
pub const TILES_MAX: usize = 256;

/// What a viewer wants to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscription {
    /// The ground; none for no movers.
    pub viewport: Option<Viewport>,
    /// What of it.
    pub layers: Vec<Layer>,
    /// Most frames a second, 0.1 … 10.
    pub rate_hz: f32,
}

/// What can be streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Vehicles of the city's traffic.
    Movers,
    /// Units.
    Units,
    /// Cases and alarms.
    Cases,
    /// Sensors.
    Sensors,
    /// Significant areas.
    Hotspots,
}
