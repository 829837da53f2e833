//! Opens the city's base map at start-up: from a local pack, or from the server's copy of it.

use super::BasemapOptions;
use super::archive::Archive;
use super::style::Style;
use super::tiles::{TileSource, Tiles};
use crate::camera::{At, MapCamera, MapWindow};
use crate::look::Tokens;
use crate::pack::Pack;
use crate::render::MapBounds;
use bevy::math::DVec2;
use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, futures::check_ready};
use chengtu_engine::geo::{GeoBox, Position, lon_lat_from_mercator, mercator_from_lon_lat};
use std::sync::Arc;
use std::time::Duration;

/// Zoom, pitch and bearing of the first look at a district: its middle, near and tilted.
const NEAR_LOOK: (f64, f64, f64) = (15.6, 50.0, 330.0);
/// A city that fits the screen only at zooms this far below is seen as a whole at first, straight from above.
const WHOLE_BELOW: f64 = 3.0;
const FILE: &str = "basemap.pmtiles";
/// How often a server that does not answer is asked again.
const RETRY: Duration = Duration::from_secs(3);

/// An archive being opened.
#[derive(Resource)]
pub(super) struct Opening {
    task: Option<Task<Result<Archive, String>>>,
    retry_at: Option<std::time::Instant>,
    remote: bool,
    failures: u32,
    /// What is framed once the panels have said what of the screen is free.
    to_frame: Option<GeoBox>,
}

impl Opening {
    /// True when nothing more will come without a server.
    pub(super) fn is_over(&self) -> bool {
        self.task.is_none() && self.retry_at.is_none()
    }
}

pub(super) fn start(mut commands: Commands, pack: Res<Pack>) {
    commands.insert_resource(Opening {
        task: Some(open(&pack)),
        retry_at: None,
        remote: pack.is_remote(),
        failures: 0,
        to_frame: None,
    });
}

fn open(pack: &Pack) -> Task<Result<Archive, String>> {
    let pack = pack.clone();
    IoTaskPool::get().spawn(async move {
        let path = pack.path(FILE).map_err(|e| e.to_string())?;
        Archive::open(&path).await.map_err(|e| e.to_string())
    })
}

pub(super) fn finish(
    mut commands: Commands,
    opening: Option<ResMut<Opening>>,
    (pack, options): (Res<Pack>, Res<BasemapOptions>),
    tokens: Res<Tokens>,
    (mut camera, window): (ResMut<MapCamera>, Res<MapWindow>),
    mut bounds: ResMut<MapBounds>,
    mut tiles: ResMut<Tiles>,
) {
    let Some(mut opening) = opening else { return };
    if opening
        .retry_at
        .is_some_and(|at| at <= std::time::Instant::now())
    {
        opening.retry_at = None;
        opening.task = Some(open(&pack));
    }
    if let Some(covered) = opening.to_frame
        && window.is_settled(&camera)
    {
        opening.to_frame = None;
        let look = first_look(covered, window.size(&camera));
        camera.look_at(&window, look);
    }
    let Some(result) = opening.task.as_mut().and_then(check_ready) else {
        return;
    };
    opening.task = None;
    match result {
        Ok(archive) => {
            let covered = archive.bounds;
            bounds.0 = Some(covered);
            let middle = middle(covered);
            camera.anchor = middle;
            camera.limits = Some(covered);
            camera.zoom_range[0] = fitting_zoom(covered, camera.viewport) - 0.7;
            if options.first_look {
                let look = first_look(covered, window.size(&camera));
                camera.look_at(&window, look);
                opening.to_frame = (!window.is_settled(&camera)).then_some(covered);
            }
            commands.insert_resource(TileSource {
                archive: Arc::new(archive),
                style: Arc::new(style(&options, &tokens)),
            });
            tiles.clear();
        }
        Err(error) if opening.remote => {
            // Said once; a server that starts later is found.
            if opening.failures == 0 {
                error!(
                    "no base map yet: {error}; asking again every {} s",
                    RETRY.as_secs()
                );
            }
            opening.failures += 1;
            opening.retry_at = Some(std::time::Instant::now() + RETRY);
        }
        Err(error) => error!("no base map: {error}"),
    }
}

/// Where the map opens in a free rectangle of the screen of this size, logical pixels: on the whole of a large city, near
/// the middle of a small one.
fn first_look(b: GeoBox, free: Vec2) -> At {
    let middle = lon_lat_from_mercator(middle(b).into());
    let whole = fitting_zoom(b, free);
    let (zoom, pitch_deg, bearing_deg) = if whole < NEAR_LOOK.0 - WHOLE_BELOW {
        (whole, 0.0, 0.0)
    } else {
        NEAR_LOOK
    };
    At {
        lon_deg: middle.lon_deg,
        lat_deg: middle.lat_deg,
        zoom,
        pitch_deg,
        bearing_deg,
    }
}

/// The zoom at which the whole city just fits a rectangle of this size, logical pixels.
fn fitting_zoom(b: GeoBox, size_px: Vec2) -> f64 {
    let (p, q) = (
        mercator_from_lon_lat(b.min.lon_lat()),
        mercator_from_lon_lat(b.max.lon_lat()),
    );
    let size = (DVec2::from(p) - DVec2::from(q))
        .abs()
        .max(DVec2::splat(1e-9));
    (size_px.as_dvec2() / size / 512.0)
        .min_element()
        .log2()
        .clamp(3.0, 15.0)
}

fn middle(b: GeoBox) -> DVec2 {
    let corner = |p: Position| DVec2::from(mercator_from_lon_lat(p.lon_lat()));
    corner(b.min).midpoint(corner(b.max))
}

/// The style asked for; the shipped one when that cannot be used.
fn style(options: &BasemapOptions, tokens: &Tokens) -> Style {
    let asked = options.style.as_ref().map(|path| Style::read(path, tokens));
    let style = asked.and_then(|r| {
        r.map_err(|error| error!("{error}; the shipped style is used"))
            .ok()
    });
    let style = style
        .or_else(|| {
            Style::shipped(tokens)
                .map_err(|error| error!("{error}"))
                .ok()
        })
        .unwrap_or_default();
    for warning in &style.warnings {
        warn!("{warning}");
    }
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(lon: f64, lat: f64, half_km: f64) -> GeoBox {
        let (dx, dy) = (half_km / 111.3 / lat.to_radians().cos(), half_km / 111.3);
        let e7 = |deg: f64| (deg * 1e7) as i32;
        GeoBox::new(
            Position::new(e7(lon - dx), e7(lat - dy)),
            Position::new(e7(lon + dx), e7(lat + dy)),
        )
    }

    /// It opened on 600 m of a city of 20 km.
    #[test]
    fn a_large_city_is_seen_whole_at_first_and_a_small_one_near() {
        let free = Vec2::new(1_080.0, 900.0);
        for (lon, lat) in [(126.6, 45.7), (-0.1, 51.5), (103.8, 1.3), (-70.6, -33.4)] {
            for half_km in [6.0, 10.0, 40.0] {
                let city = around(lon, lat, half_km);
                let look = first_look(city, free);
                assert_eq!((look.pitch_deg, look.bearing_deg), (0.0, 0.0));
                let mut camera = MapCamera {
                    viewport: Vec2::new(1_920.0, 1_080.0),
                    ..MapCamera::default()
                };
                let rect = Rect::from_corners(Vec2::new(400.0, 60.0), Vec2::new(1_480.0, 960.0));
                let window = MapWindow { rect: Some(rect) };
                camera.look_at(&window, look);
                for corner in [city.min, city.max] {
                    let at = camera
                        .screen_from_world(corner.lon_lat())
                        .expect("seen")
                        .pos;
                    assert!(rect.inflate(1.0).contains(at), "{lat} {half_km}: {at}");
                }
            }
            let near = first_look(around(lon, lat, 1.5), free);
            assert_eq!((near.zoom, near.pitch_deg, near.bearing_deg), NEAR_LOOK);
        }
    }
}
