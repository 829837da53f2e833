//! The panels inside the program: what is calculated when, and what is drawn.

use super::acts::{self, Following, Hands};
use super::layout::Layout;
use super::model::figures::{Figures, figures};
use super::model::histogram::{Histogram, histogram};
use super::model::places;
use super::model::queue;
use super::model::search::Index;
use super::skin::{Skin, fonts};
use super::state::{Action, Link, PanelState, Scene};
use super::time::{self, acts::Place, desk};
use super::world::WorldLook;
use super::{Icons, bell, detail, director, draw, fork, keys, worlds};
use crate::camera::{CameraKeys, CameraSystems, MapCamera, MapWindow};
use crate::i18n::{Lang, Words};
use crate::input::Zone;
use crate::labels::Obstacles;
use crate::link::Join;
use crate::live::{DensityScale, Grid, LayerVisibility, LiveSystems, Selection};
use crate::look::Tokens;
use crate::net::{
    Chronicle, City, CityChanged, Connection, LinkState, NetSystems, Rankings, Routes,
};
use crate::output::Output;
use crate::pack::{Awaited, Pack};
use crate::readiness::Readiness;
use crate::settings::Remembered;
use bevy::asset::AssetEventSystems;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPostUpdateSet, EguiPrimaryContextPass, egui};
use chengtu_engine::drill::GhostOf;
use chengtu_engine::record::World as CityWorld;
use std::time::Instant;

/// When panels are drawn, inside `EguiPrimaryContextPass`.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct PanelsSystems;

/// The search's places, once they have come.
#[derive(Resource, Default)]
pub struct Places(pub Index);

/// Places on their way.
#[derive(Resource)]
struct PlacesComing(Awaited<Index>);

/// What the strip shows, calculated a few times a second.
#[derive(Resource, Default)]
struct Strip {
    figures: Figures,
    histogram: Histogram,
    delay_s: Option<f64>,
    at: Option<Instant>,
    /// The moment of another world that it was calculated for.
    of: (u64, Option<u64>),
}

/// Seconds between two calculations of figures and histogram.
const STRIP_EVERY_S: f32 = 0.5;

/// What the panels begin with.
#[derive(Resource, Clone, Debug, Default)]
pub struct PanelOptions {
    /// A wall draws itself; the panels only keep what it reads.
    pub wall: bool,
    /// Begin a fork as soon as a case is chosen and its units are ranked.
    pub what_if: bool,
    /// Address of the server whose pages are opened in a browser.
    pub server: String,
    /// Begin a drill of this scenario.
    pub drill: Option<String>,
    /// Join this world.
    pub join: Option<Join>,
    /// In a drill, let these units drive along.
    pub ghost: Option<GhostOf>,
}

/// Draws the panels, or keeps what the wall reads.
pub struct PanelsPlugin {
    /// What they begin with.
    pub options: PanelOptions,
}

impl Plugin for PanelsPlugin {
    fn build(&self, app: &mut App) {
        let skin = Skin::new(app.world().resource::<Tokens>());
        let lang = *app.world().resource::<Lang>();
        let words = Words::shipped(lang)
            .unwrap_or_else(|error| unreachable!("the shipped words are tested: {error}"));
        let sort = app
            .world()
            .get_resource::<Remembered>()
            .map(|r| r.settings.queue)
            .unwrap_or_default();
        app.insert_resource(skin)
            .insert_resource(words)
            .insert_resource(PanelState {
                fork: fork::Desk::new(self.options.what_if),
                sort,
                ..PanelState::default()
            })
            .init_resource::<Places>()
            .init_resource::<Strip>()
            .init_resource::<desk::LeftDesk>()
            .init_resource::<Following>()
            .insert_resource(self.options.clone())
            .add_systems(Startup, (dress, fetch_places))
            // New glyphs reach the screen in the frame that first shows them, not in the one after.
            .configure_sets(
                PostUpdate,
                EguiPostUpdateSet::PostProcessOutput.before(AssetEventSystems),
            )
            .add_systems(
                PreUpdate,
                (
                    measure_delays,
                    desk::keep,
                    acts::hear,
                    director::hear,
                    fork::hear,
                )
                    .chain()
                    .after(NetSystems::Receive),
            )
            .add_systems(
                Update,
                (
                    bell::ring,
                    take_places,
                    speak,
                    acts::follow_unit
                        .after(CameraSystems::Move)
                        .before(LiveSystems::Select),
                ),
            );
        if !self.options.wall {
            app.add_systems(EguiPrimaryContextPass, show.in_set(PanelsSystems))
                .add_systems(
                    PreUpdate,
                    (worlds::begin, worlds::haunt, worlds::arrive).after(NetSystems::Receive),
                )
                .add_systems(Update, fork::carry);
        }
        app.world_mut()
            .resource_mut::<Readiness>()
            .wait_for("panels");
        if self.options.what_if {
            let mut gates = app.world_mut().resource_mut::<Readiness>();
            gates.wait_for("fork");
        }
    }
}

/// Gives egui its type and looks.
fn dress(mut commands: Commands, mut contexts: EguiContexts, skin: Res<Skin>) -> Result {
    let ctx = contexts.ctx_mut()?;
    ctx.set_fonts(fonts()?);
    skin.apply(ctx);
    commands.insert_resource(Icons::load(ctx));
    Ok(())
}

/// Asks for the pack's places.
fn fetch_places(mut commands: Commands, pack: Res<Pack>) {
    let read = |bytes: &[u8]| {
        places::read(bytes)
            .map(Index::new)
            .map_err(|e| e.to_string())
    };
    commands.insert_resource(PlacesComing(Awaited::new(&pack, "places.json", read)));
}

fn take_places(mut coming: ResMut<PlacesComing>, mut places: ResMut<Places>) {
    if let Some(index) = coming.0.poll(Instant::now()) {
        places.0 = index;
    }
}

/// The words follow the language.
fn speak(lang: Res<Lang>, mut words: ResMut<Words>) {
    if words.lang() != *lang
        && let Ok(other) = Words::shipped(*lang)
    {
        *words = other;
    }
}

/// How old positions are when they come.
fn measure_delays(
    mut changed: MessageReader<CityChanged>,
    city: Res<City>,
    mut st: ResMut<PanelState>,
) {
    if city.world() != CityWorld::Live {
        return changed.clear();
    }
    for change in changed.read().filter(|c| !c.0.reset) {
        // A few thousand a second are enough for a percentile.
        let every = change.0.movers.len() / 512 + 1;
        for id in change.0.movers.iter().step_by(every) {
            if let Some(m) = city.mirror.mover(*id) {
                st.delays.sample(m.fix_time, city.now());
            }
        }
    }
}

/// Everything that panels read.
#[derive(SystemParam)]
pub struct Sources<'w> {
    /// The city.
    pub city: Res<'w, City>,
    words: Res<'w, Words>,
    skin: Res<'w, Skin>,
    icons: Res<'w, Icons>,
    tokens: Res<'w, Tokens>,
    rankings: Res<'w, Rankings>,
    routes: Res<'w, Routes>,
    places: Res<'w, Places>,
    chronicle: Res<'w, Chronicle>,
    output: Res<'w, Output>,
}

/// How the line stands, for people.
pub fn link(connection: &Connection) -> Link {
    match connection.state() {
        LinkState::Live => Link::Live(connection.latency()),
        LinkState::Connecting => match connection.lost_for() {
            Some(since) => Link::Lost {
                since,
                next_try: None,
                reason: String::new(),
            },
            None => Link::Connecting,
        },
        LinkState::Lost { reason, .. } => Link::Lost {
            since: connection.lost_for().unwrap_or_default(),
            next_try: connection.next_try_in(),
            reason: reason.clone(),
        },
    }
}

fn show(
    mut contexts: EguiContexts,
    sources: Sources<'_>,
    mut map: ParamSet<'_, '_, (Looks<'_>, Hands<'_>, Edges<'_>)>,
    mut st: ResMut<PanelState>,
    mut strip: ResMut<Strip>,
) -> Result {
    let ctx = contexts.ctx_mut()?.clone();
    let st = &mut *st;
    let (actions, layout, covered) = {
        let looks = map.p0();
        let city = &sources.city;
        let mirror = &city.mirror;
        let world_kind = city.world();
        let looked_at = if fork::is_open(st) {
            CityWorld::Fork(0)
        } else {
            world_kind
        };
        let world = WorldLook::new(&sources.tokens, looked_at);
        let clock = city.clock();
        let now = city.now();
        let picture = sources.output.is_headless();
        let selection = *looks.selection;
        let size = ctx.content_rect().size();
        let time_h = if director::is_director(st) {
            director::BAR_H
        } else {
            time::height(&st.time, world_kind)
        };
        let open = detail::is_open(selection, st);
        let layout = Layout::with_time(size, world.frame, open, time_h);
        let of = (city.breaks(), city.stands());
        if strip.of != of
            || strip
                .at
                .is_none_or(|at| at.elapsed().as_secs_f32() > STRIP_EVERY_S)
        {
            *strip = Strip {
                figures: figures(mirror, &clock, now, sources.skin.offline_s),
                histogram: histogram(mirror, now),
                // How long word is under way is a figure of the running city only.
                delay_s: st.delays.p99_s().filter(|_| world_kind == CityWorld::Live),
                at: Some(Instant::now()),
                of,
            };
        }
        let view = layout.window;
        let in_view = |lon: f64, lat: f64| {
            let p = looks
                .camera
                .screen_from_world(chengtu_engine::geo::LonLat::new(lon, lat));
            p.is_some_and(|p| view.contains(egui::pos2(p.pos.x, p.pos.y)))
        };
        let fresh = queue::build(mirror, &st.filter, st.sort, now, in_view);
        let held = st.over_queue;
        st.order.update(fresh, held);
        let scene = Scene {
            mirror,
            world: world_kind,
            info: city.world_info(),
            clock: city.world_clock(),
            beside: city.beside(),
            chronicle: &sources.chronicle,
            now,
            last_word: city.last_word(),
            time: clock,
            words: &sources.words,
            skin: &sources.skin,
            icons: &sources.icons,
            layout,
            selection,
            rankings: &sources.rankings,
            routes: &sources.routes,
            layers: &looks.layers,
            link: match link(&looks.connection) {
                // A picture of a moment is the same however fast the line is today.
                Link::Live(_) if picture && world_kind != CityWorld::Live => Link::Live(None),
                link => link,
            },
            camera: &looks.camera,
            index: &sources.places.0,
            figures: strip.figures,
            delay_s: strip.delay_s,
            histogram: strip.histogram.clone(),
            density_per_km2: looks.density.top_per_km2,
            grid: Some(&looks.grid),
            following: looks.following.0,
            picture,
        };
        let mut actions: Vec<Action> = Vec::new();
        keys::handle(&ctx, &scene, st, &mut actions);
        let covered = draw(&ctx, &scene, st, &world, &mut actions);
        (actions, layout, covered)
    };
    let here = Place {
        world: sources.city.world(),
        clock: sources.city.world_clock().copied(),
        now: sources.city.now(),
        selection: *map.p0().selection,
        seat: sources
            .city
            .world_info()
            .map(|i| i.seat)
            .unwrap_or_default(),
    };
    let clock = sources.city.clock();
    map.p1().act(actions, &sources.city.mirror, &here, st);
    map.p1().ask_time(&here, &clock, &sources.chronicle, st);
    let timeline = !here.is_past()
        || !st.time.is_tall(here.world)
        || st.time.plot_px < 1.0
        || time::asks::is_answered(
            &st.time,
            here.selection,
            st.time.plot_px,
            &sources.chronicle,
        );
    if sources.output.is_still() {
        map.p2().readiness.set("the time line", timeline);
    }
    let to_rect = |r: &egui::Rect| Rect::new(r.min.x, r.min.y, r.max.x, r.max.y);
    map.p2().settle(
        to_rect(&layout.window),
        covered.iter().map(to_rect).collect(),
        &ctx,
        st,
    );
    Ok(())
}

/// What panels only look at while they are drawn.
#[derive(SystemParam)]
pub struct Looks<'w> {
    camera: Res<'w, MapCamera>,
    selection: Res<'w, Selection>,
    layers: Res<'w, LayerVisibility>,
    connection: Res<'w, Connection>,
    following: Res<'w, Following>,
    grid: Res<'w, Grid>,
    density: Res<'w, DensityScale>,
}

/// What the rest of the program learns from the panels.
#[derive(SystemParam)]
pub struct Edges<'w> {
    window: ResMut<'w, MapWindow>,
    obstacles: ResMut<'w, Obstacles>,
    keys: ResMut<'w, CameraKeys>,
    readiness: ResMut<'w, Readiness>,
    remembered: Option<ResMut<'w, Remembered>>,
}

impl Edges<'_> {
    fn settle(&mut self, window: Rect, covered: Vec<Rect>, ctx: &egui::Context, st: &PanelState) {
        if self.window.rect != Some(window) {
            self.window.rect = Some(window);
        }
        self.obstacles.set("panels", covered);
        let typing = ctx.text_edit_focused() || st.search.open || fork::is_open(st);
        self.keys.enabled = !typing && matches!(st.zone, Zone::Map | Zone::Layers) && !st.help;
        self.readiness.set("panels", true);
        if let Some(remembered) = &mut self.remembered
            && remembered.settings.queue != st.sort
        {
            remembered.settings.queue = st.sort;
        }
    }
}
