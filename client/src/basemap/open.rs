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
            camera.zoom_range[0] = At::fitting_zoom(covered, camera.viewport) - 0.7;
            if options.first_look {
                let free = window.size(&camera);
                let look = At::first(covered, lon_lat_from_mercator(middle.into()), free);
                camera.look_at(&window, look);
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

/// The middle of a map, mercator.
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
