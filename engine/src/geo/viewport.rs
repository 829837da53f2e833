use super::{GeoBox, LonLat, LonLatError};

/// Ground that is looked at, degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Western edge, degrees of longitude.
    pub west: f64,
    /// Southern edge, degrees of latitude.
    pub south: f64,
    /// Eastern edge, degrees of longitude.
    pub east: f64,
    /// Northern edge, degrees of latitude.
    pub north: f64,
    /// Zoom of the map, 512-pixel tiles.
    pub zoom: f32,
}

impl Viewport {
    /// The ground as exact positions.
    ///
    /// # Errors
    /// [`LonLatError`] for edges that are not on Earth, or in the wrong order: a view across the 180th meridian is two.
    pub fn area(&self) -> Result<GeoBox, LonLatError> {
        let min = LonLat::new(self.west, self.south).position()?;
        let max = LonLat::new(self.east, self.north).position()?;
        if self.west > self.east || self.south > self.north {
            return Err(LonLatError::Reversed {
                from: (self.west, self.south),
                to: (self.east, self.north),
            });
        }
        Ok(GeoBox::new(min, max))
    }
}
