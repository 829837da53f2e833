//! What is remembered from one start to the next: language, size of text, layers, order of the queue, and where the map looked in
//! each city. A file that cannot be read is told and replaced by defaults; it never keeps the program from starting.

mod file;

pub use file::{SettingsError, config_file, load, save};

use crate::basemap::TileSource;
use crate::camera::{At, MapCamera, MapWindow};
use crate::door::Door;
use crate::i18n::Lang;
use crate::live::LayerVisibility;
use crate::net::{City, Connection};
use crate::panels::Welcome;
use crate::panels::model::queue::Sort;
use crate::pin::remembered_as;
use crate::render::MapTarget;
use crate::screen::TextSize;
use bevy::app::AppExit;
use bevy::prelude::*;
use chengtu_engine::city::CityInfo;
use chengtu_engine::geo::{GeoBox, LonLat};
use chengtu_trust::Fingerprint;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `zh` or `en`.
    pub language: Option<String>,
    /// The server shown last.
    pub server: Option<String>,
    /// Who logged in last, by the server's address. Never a password.
    pub names: BTreeMap<String, String>,
    /// Which layers are shown.
    pub layers: LayerVisibility,
    /// Order of the queue.
    pub queue: Sort,
    /// The size of text; 1 is the design's.
    pub text_size: Option<f32>,
    /// The sheet of the first start has been read.
    pub welcomed: bool,
    /// Where the map looked last, by the city's name.
    pub views: BTreeMap<String, View>,
    /// SHA-256 fingerprints of the certificates that were confirmed, by the server's host and port.
    pub pins: BTreeMap<String, String>,
}

/// A look at the map.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)] // As in `MapCamera`.
pub struct View {
    pub lon_deg: f64,
    pub lat_deg: f64,
    pub zoom: f64,
    pub pitch_deg: f64,
    pub bearing_deg: f64,
}

impl View {
    fn is_sound(&self) -> bool {
        let all = [
            self.lon_deg,
            self.lat_deg,
            self.zoom,
            self.pitch_deg,
            self.bearing_deg,
        ];
        all.iter().all(|v| v.is_finite())
            && self.lon_deg.abs() <= 180.0
            && self.lat_deg.abs() <= 85.0
    }
}

impl Settings {
    /// The language remembered.
    pub fn lang(&self) -> Option<Lang> {
        match self.language.as_deref() {
            Some("zh") => Some(Lang::Zh),
            Some("en") => Some(Lang::En),
            _ => None,
        }
    }

    /// The size of text remembered.
    pub fn text_size(&self) -> Option<TextSize> {
        self.text_size.map(TextSize::new)
    }

    /// The certificate that was confirmed for a server.
    pub fn pin_of(&self, server: &str) -> Option<Fingerprint> {
        self.pins.get(&remembered_as(server)?)?.parse().ok()
    }

    /// Remembers the certificate that was confirmed for a server; nothing for one of plain text.
    pub fn set_pin(&mut self, server: &str, pin: Fingerprint) {
        if let Some(name) = remembered_as(server) {
            self.pins.insert(name, pin.to_string());
        }
    }

    /// Remembers a language.
    pub fn set_lang(&mut self, lang: Lang) {
        self.language = Some(if lang == Lang::Zh { "zh" } else { "en" }.into());
    }
}

/// The settings in use and where they are kept.
#[derive(Resource, Debug)]
pub struct Remembered {
    /// As changed so far.
    pub settings: Settings,
    file: Option<PathBuf>,
    saved: Settings,
    changed_at: Option<Instant>,
    view_restored: bool,
    door: Option<Door>,
}

impl Remembered {
    /// Who logged in last at a server.
    pub fn name_at(&self, server: &str) -> Option<&str> {
        self.settings.names.get(server).map(String::as_str)
    }

    /// Somebody has logged in at a server.
    pub fn remember_name(&mut self, server: &str, name: &str) {
        let names = &mut self.settings.names;
        names.insert(server.to_owned(), name.to_owned());
        self.changed_at = Some(Instant::now());
    }
}

/// The certificate that was confirmed for a server at an earlier start. Reads the settings' file.
pub fn remembered_pin(server: &str) -> Option<Fingerprint> {
    load(&config_file()?).ok()?.pin_of(server)
}

/// Changes are written when none has followed for this long.
const SETTLE: Duration = Duration::from_secs(2);

/// Loads the settings at start and keeps them. Pictures without a window neither read nor write them, so that the
/// same command line gives the same picture everywhere.
#[derive(Clone, Debug, Default)]
pub struct SettingsPlugin {
    /// Read and write the file; else the defaults hold.
    pub kept: bool,
    /// The command line names a language.
    pub lang_given: bool,
    /// The command line says how large text is.
    pub text_size_given: bool,
    /// The command line says where to look, or a wall shows the whole city.
    pub view_given: bool,
    /// The server shown, to be remembered with its certificate once it has answered; `None` while an incident file is
    /// played.
    pub door: Option<Door>,
}

impl Plugin for SettingsPlugin {
    fn build(&self, app: &mut App) {
        let file = config_file().filter(|_| self.kept);
        let settings = file
            .as_deref()
            .map_or_else(|| Ok(Settings::default()), load)
            .unwrap_or_else(|error| {
                warn!("{error}; starting with the defaults");
                Settings::default()
            });
        if let Some(lang) = settings.lang().filter(|_| !self.lang_given) {
            app.insert_resource(lang);
        }
        if let Some(size) = settings.text_size().filter(|_| !self.text_size_given) {
            app.insert_resource(size);
        }
        app.init_resource::<TextSize>();
        app.insert_resource(Welcome {
            open: file.is_some() && !settings.welcomed,
        })
        .insert_resource(settings.layers.clone())
        .insert_resource(Remembered {
            saved: settings.clone(),
            settings,
            view_restored: self.view_given,
            door: self.door.clone(),
            file,
            changed_at: None,
        })
        .add_systems(Update, (restore_view, remember).chain())
        .add_systems(Last, save_at_exit);
    }
}

/// Looks where the map looked last in this city, once it is known which city it is.
fn restore_view(
    mut remembered: ResMut<Remembered>,
    city: Res<City>,
    window: Res<MapWindow>,
    target: Option<Res<MapTarget>>,
    map: Option<Res<TileSource>>,
    mut camera: ResMut<MapCamera>,
) {
    // The base map looks at its own middle when it opens; what is remembered comes after that.
    if remembered.view_restored || target.is_none() || map.is_none() || !window.is_settled(&camera)
    {
        return;
    }
    let Some(hello) = &city.mirror.hello else {
        return;
    };
    remembered.view_restored = true;
    let known = remembered.settings.views.get(&hello.city.name);
    let known = known.copied().filter(View::is_sound).map(|v| At {
        lon_deg: v.lon_deg,
        lat_deg: v.lat_deg,
        zoom: v.zoom,
        pitch_deg: v.pitch_deg,
        bearing_deg: v.bearing_deg,
    });
    if let Some(at) = known.or_else(|| first_look(&hello.city, window.size(&camera))) {
        let mut to = camera.clone();
        to.look_at(&window, at);
        camera.set_if_neq(to);
    }
}

/// Where a city opens that was never seen before; where its bounds are nowhere, the base map's own look stays.
fn first_look(city: &CityInfo, free_px: Vec2) -> Option<At> {
    let (west, south, east, north) = city.bounds;
    let corner = |lon: f64, lat: f64| LonLat::new(lon, lat).position().ok();
    let bounds = GeoBox::new(corner(west, south)?, corner(east, north)?);
    let centre = corner(city.centre.0, city.centre.1)?.lon_lat();
    Some(At::first(bounds, centre, free_px))
}

fn remember(
    mut remembered: ResMut<Remembered>,
    (city, connection): (Res<City>, Res<Connection>),
    camera: Res<MapCamera>,
    window: Res<MapWindow>,
    layers: Res<LayerVisibility>,
    (lang, text_size): (Res<Lang>, Res<TextSize>),
    welcome: Res<Welcome>,
) {
    if remembered.file.is_none() || !remembered.view_restored {
        return;
    }
    let r = &mut *remembered;
    let mut settings = r.settings.clone();
    settings.layers.clone_from(&layers);
    settings.set_lang(*lang);
    settings.text_size = (*text_size != TextSize::default()).then(|| text_size.factor());
    settings.welcomed |= !welcome.open;
    let door = r.door.as_ref().filter(|_| connection.is_live());
    if let Some((server, pin)) = door.and_then(|d| Some((d.server(), d.pin().get()?))) {
        settings.set_pin(&server, pin);
    }
    if let (Some(hello), Some(place)) = (
        &city.mirror.hello,
        camera.world_from_screen(window.centre(&camera)),
    ) {
        let (zoom, pitch_deg, bearing_deg) = (camera.zoom, camera.pitch_deg, camera.bearing_deg);
        let view = View {
            lon_deg: place.lon_deg,
            lat_deg: place.lat_deg,
            zoom,
            pitch_deg,
            bearing_deg,
        };
        settings.views.insert(hello.city.name.clone(), view);
        if let Some(door) = &r.door {
            settings.server = Some(door.server());
        }
    }
    if settings != r.settings || (r.settings != r.saved && r.changed_at.is_none()) {
        r.settings = settings;
        r.changed_at = Some(Instant::now());
    }
    if r.changed_at.is_some_and(|at| at.elapsed() > SETTLE) {
        write(r);
    }
}

fn save_at_exit(mut exits: MessageReader<AppExit>, mut remembered: ResMut<Remembered>) {
    if exits.read().next().is_some() {
        write(&mut remembered);
    }
}

fn write(r: &mut Remembered) {
    r.changed_at = None;
    if let Some(file) = &r.file
        && r.settings != r.saved
    {
        match save(file, &r.settings) {
            Ok(()) => r.saved = r.settings.clone(),
            Err(error) => warn!("{error}; the settings are not remembered"),
        }
    }
}
