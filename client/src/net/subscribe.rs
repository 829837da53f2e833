use super::{City, CityChanged, Connection};
use crate::camera::MapCamera;
use bevy::prelude::*;
use chengtu_engine::geo::{GeoBox, LonLat, Position, TileId, Viewport};
use chengtu_engine::stream::{ClientMessage, Layer, MirrorChanges, TILE_ZOOM, TILES_MAX};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Ground beyond the edges of the screen that is streamed too, as a share of what is seen.
const MARGIN: f64 = 0.25;
/// Shortest time between two subscriptions.
const THROTTLE: Duration = Duration::from_millis(250);
/// After this time frames of the subscription before can no longer be under way.
const SETTLED: Duration = Duration::from_secs(2);

/// What is wanted of the stream beside the view.
#[derive(Resource, Clone, Debug, PartialEq)]
pub struct StreamOptions {
    /// False while traffic is switched off.
    pub movers: bool,
    /// Most frames a second.
    pub rate_hz: f32,
}

impl Default for StreamOptions {
    fn default() -> Self {
        Self {
            movers: true,
            rate_hz: 10.0,
        }
    }
}

/// What is subscribed to now.
#[derive(Resource, Clone, Debug, Default)]
pub struct Subscription {
    area: Option<GeoBox>,
    options: Option<StreamOptions>,
    /// Tiles whose movers are kept.
    tiles: BTreeSet<TileId>,
    said_at: Option<Instant>,
    swept: bool,
}

impl Subscription {
    /// True while movers of this tile are streamed.
    pub fn covers(&self, tile: TileId) -> bool {
        tile.z == 0 || self.tiles.contains(&tile)
    }

    /// True where what is seen needs another subscription: it left the area, or the area is far too large.
    fn is_outgrown(&self, seen: GeoBox) -> bool {
        let Some(area) = self.area else { return true };
        let contained = area.contains(seen.min) && area.contains(seen.max);
        !contained || size(area) > 6.0 * size(seen)
    }
}

fn size(b: GeoBox) -> f64 {
    let side = |min: i32, max: i32| f64::from(max) - f64::from(min) + 1.0;
    side(b.min.lon_e7, b.max.lon_e7) * side(b.min.lat_e7, b.max.lat_e7)
}

/// The rectangle with a margin of [`MARGIN`] on every side, held within the world.
fn with_margin(b: GeoBox) -> GeoBox {
    let pad = |min: i32, max: i32| ((f64::from(max) - f64::from(min)) * MARGIN) as i32 + 1;
    let (x, y) = (
        pad(b.min.lon_e7, b.max.lon_e7),
        pad(b.min.lat_e7, b.max.lat_e7),
    );
    let lon = |v: i32| v.clamp(-1_800_000_000, 1_800_000_000);
    let lat = |v: i32| v.clamp(-900_000_000, 900_000_000);
    GeoBox::new(
        Position::new(
            lon(b.min.lon_e7.saturating_sub(x)),
            lat(b.min.lat_e7.saturating_sub(y)),
        ),
        Position::new(
            lon(b.max.lon_e7.saturating_add(x)),
            lat(b.max.lat_e7.saturating_add(y)),
        ),
    )
}

/// What is seen of the city: nothing drives beyond its bounds, and a view of a whole city with all that lies around it
/// would be too wide for single vehicles. A view that has nothing of it stays as it is.
fn within_city(seen: GeoBox, city: &City) -> GeoBox {
    let bounds = city.mirror.hello.as_ref().map(|h| h.city.bounds);
    let corner = |lon, lat| LonLat::new(lon, lat).position().ok();
    let bounds = bounds.and_then(|(w, s, e, n)| Some(GeoBox::new(corner(w, s)?, corner(e, n)?)));
    let Some(city) = bounds else { return seen };
    let min = Position::new(
        seen.min.lon_e7.max(city.min.lon_e7),
        seen.min.lat_e7.max(city.min.lat_e7),
    );
    let max = Position::new(
        seen.max.lon_e7.min(city.max.lon_e7),
        seen.max.lat_e7.min(city.max.lat_e7),
    );
    if min.lon_e7 < max.lon_e7 && min.lat_e7 < max.lat_e7 {
        GeoBox::new(min, max)
    } else {
        seen
    }
}

/// The message that subscribes to an area.
fn message(area: GeoBox, zoom: f64, options: &StreamOptions) -> ClientMessage {
    let (sw, ne) = (area.min.lon_lat(), area.max.lon_lat());
    let mut layers = vec![Layer::Units, Layer::Cases, Layer::Sensors, Layer::Hotspots];
    if options.movers {
        layers.insert(0, Layer::Movers);
    }
    ClientMessage::Subscribe {
        viewport: Some(Viewport {
            west: sw.lon_deg,
            south: sw.lat_deg,
            east: ne.lon_deg,
            north: ne.lat_deg,
            zoom: zoom as f32,
        }),
        layers,
        rate_hz: options.rate_hz,
    }
}

/// Lets the subscription follow the camera.
pub(super) fn follow(
    camera: Res<MapCamera>,
    options: Res<StreamOptions>,
    connection: Res<Connection>,
    mut city: ResMut<City>,
    mut subscription: ResMut<Subscription>,
    mut changed: MessageWriter<CityChanged>,
) {
    if !connection.is_attached() {
        return;
    }
    let seen = within_city(camera.visible(), &city);
    let due = subscription
        .said_at
        .is_none_or(|at| at.elapsed() >= THROTTLE);
    if due && (subscription.is_outgrown(seen) || subscription.options.as_ref() != Some(&*options)) {
        let area = within_city(with_margin(seen), &city);
        connection.send(message(area, camera.zoom, &options));
        let tiles = area.tiles(TILE_ZOOM, TILES_MAX + 1);
        subscription.tiles = if options.movers && tiles.len() <= TILES_MAX {
            tiles.into_iter().collect()
        } else {
            BTreeSet::new()
        };
        subscription.area = Some(area);
        subscription.options = Some(options.clone());
        subscription.said_at = Some(Instant::now());
        subscription.swept = false;
        if !subscription.tiles.is_empty() {
            city.coarse.clear();
        }
        sweep(&mut city, &subscription, &mut changed);
    }
    if !subscription.swept
        && subscription
            .said_at
            .is_some_and(|at| at.elapsed() >= SETTLED)
    {
        subscription.swept = true;
        sweep(&mut city, &subscription, &mut changed);
    }
}

fn sweep(city: &mut City, subscription: &Subscription, changed: &mut MessageWriter<CityChanged>) {
    let gone = city.mirror.keep_tiles(|tile| subscription.covers(tile));
    if !gone.is_empty() {
        changed.write(CityChanged(MirrorChanges {
            movers_gone: gone,
            ..MirrorChanges::default()
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(west: i32, south: i32, east: i32, north: i32) -> GeoBox {
        GeoBox::new(Position::new(west, south), Position::new(east, north))
    }

    #[test]
    fn small_moves_need_no_new_subscription_and_large_ones_do() {
        let seen = area(1_187_000_000, 320_000_000, 1_187_400_000, 320_200_000);
        let mut s = Subscription::default();
        assert!(s.is_outgrown(seen));
        s.area = Some(with_margin(seen));
        let moved = |by: i32| {
            area(
                seen.min.lon_e7 + by,
                seen.min.lat_e7,
                seen.max.lon_e7 + by,
                seen.max.lat_e7,
            )
        };
        assert!(!s.is_outgrown(seen) && !s.is_outgrown(moved(90_000)));
        assert!(s.is_outgrown(moved(110_000)));
        // Zoomed in far, the old area streams far too much.
        assert!(s.is_outgrown(area(1_187_100_000, 320_100_000, 1_187_150_000, 320_120_000)));
    }

    #[test]
    fn the_margin_ends_at_the_edge_of_the_world() {
        let whole = with_margin(area(
            -1_800_000_000,
            -850_000_000,
            1_800_000_000,
            850_000_000,
        ));
        assert_eq!(
            (whole.min.lon_e7, whole.max.lat_e7),
            (-1_800_000_000, 900_000_000)
        );
    }
}
