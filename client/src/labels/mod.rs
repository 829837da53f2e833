//! Names on the map: of roads along them, of waters, stations, districts; the important first, none over
//! another, none over a marker.

mod along;
mod atlas;
mod candidate;
mod draw;
mod layout;
mod place;
mod scale;
mod space;

pub(crate) use atlas::{ATLAS_PX, FontError, GLYPH_PAD, GLYPH_PX};

use crate::basemap::{TileSource, Tiles};
use crate::camera::{CameraSystems, MapCamera};
use crate::i18n::Lang;
use crate::net::City;
use crate::output::Output;
use crate::readiness::Readiness;
use crate::render::IconAtlas;
pub(crate) use atlas::GlyphAtlas;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use candidate::Candidate;
use layout::{Label, Setting};
pub use scale::LabelScale;
use std::collections::HashMap;
use std::sync::Arc;

/// Screen rectangles, logical pixels, that names must keep clear of: markers, callouts, panels. Whoever draws
/// them fills this anew each frame, under a name of its own.
#[derive(Resource, Debug, Default)]
pub struct Obstacles {
    by_owner: std::collections::BTreeMap<&'static str, Vec<Rect>>,
}

impl Obstacles {
    /// Replaces the rectangles of one owner.
    pub fn set(&mut self, owner: &'static str, rects: Vec<Rect>) {
        self.by_owner.insert(owner, rects);
    }

    /// Rectangles of all owners, logical pixels; they may overlap.
    pub fn iter(&self) -> impl Iterator<Item = Rect> + '_ {
        self.by_owner.values().flatten().copied()
    }
}

/// Places and draws the names of the base map, clear of all [`Obstacles`].
pub struct LabelsPlugin;

impl Plugin for LabelsPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Obstacles>()
            .init_resource::<Lang>()
            .init_resource::<LabelScale>()
            .add_plugins(draw::LabelsDrawPlugin)
            .add_systems(Startup, start)
            // After panels and markers have said where they are.
            .add_systems(PostUpdate, write.after(CameraSystems::Move));
    }
}

/// Seconds between two choices while the map moves; in between, names move with the ground.
const CHOOSE_EVERY_S: f32 = 0.12;
/// Seconds a name takes to appear or to go.
const FADE_S: f32 = 0.16;
/// How far obstacles may have moved, logical pixels, before names are chosen anew.
const MOVED_PX: f32 = 6.0;
const GATE: &str = "names";

/// What is written now.
#[derive(Resource)]
pub(crate) struct Labels {
    pub(crate) atlas: GlyphAtlas,
    pub(crate) frame: Arc<LabelFrame>,
    candidates: Vec<Candidate>,
    tiles_version: Option<u64>,
    shown: Vec<Shown>,
    chosen: Option<Chosen>,
    since_choice_s: f32,
    frozen: Option<u64>,
}

/// Everything a choice depends on.
#[derive(PartialEq)]
struct Chosen {
    camera: MapCamera,
    tiles_version: u64,
    lang: Lang,
    scale: LabelScale,
    obstacles: Vec<Rect>,
}

struct Shown {
    candidate: Candidate,
    label: Label,
    opacity: f32,
    wanted: bool,
}

/// The glyphs of one frame.
#[derive(Debug, Default)]
pub(crate) struct LabelFrame {
    pub(crate) glyphs: Vec<draw::GlyphWords>,
}

fn start(mut commands: Commands, mut readiness: ResMut<Readiness>) {
    match GlyphAtlas::new() {
        Ok(atlas) => {
            readiness.wait_for(GATE);
            commands.insert_resource(Labels {
                atlas,
                frame: Arc::default(),
                candidates: Vec::new(),
                tiles_version: None,
                shown: Vec::new(),
                chosen: None,
                since_choice_s: 1.0,
                frozen: None,
            });
        }
        Err(error) => error!("no names on the map: {error}"),
    }
}

/// What names are written on, and for whom.
#[derive(SystemParam)]
struct Sheet<'w> {
    tiles: Res<'w, Tiles>,
    source: Option<Res<'w, TileSource>>,
    camera: Res<'w, MapCamera>,
    lang: Res<'w, Lang>,
    scale: Res<'w, LabelScale>,
    obstacles: Res<'w, Obstacles>,
    icons: Option<Res<'w, IconAtlas>>,
    city: Option<Res<'w, City>>,
    output: Option<Res<'w, Output>>,
}

fn write(
    labels: Option<ResMut<Labels>>,
    sheet: Sheet,
    time: Res<Time>,
    mut readiness: ResMut<Readiness>,
) {
    let Sheet {
        tiles,
        source,
        camera,
        lang,
        scale,
        obstacles,
        icons,
        city,
        output,
    } = sheet;
    let (Some(mut labels), Some(source)) = (labels, source) else {
        readiness.set(GATE, true);
        return;
    };
    let labels = &mut *labels;
    if labels.tiles_version != Some(tiles.version) {
        labels.tiles_version = Some(tiles.version);
        labels.candidates = candidate::candidates(&tiles.shown);
    }
    let obstacles: Vec<Rect> = obstacles.iter().collect();
    let setting = Setting {
        camera: &camera,
        style: &source.style,
        lang: *lang,
        scale: *scale,
        obstacles: &obstacles,
    };
    let dt = time.delta_secs();
    labels.since_choice_s += dt;
    let frozen = city.as_ref().and_then(|c| c.frozen_frame());
    let another = frozen.is_some() && labels.frozen != frozen;
    labels.frozen = frozen;
    // A moment is written alike however it was reached: no name of before is kept, except while the user moves
    // the map.
    let picture = output.is_some_and(|o| o.is_still());
    let held = |c: &Chosen| c.camera == *camera;
    let anew = frozen.is_some() && (another || picture || labels.chosen.as_ref().is_none_or(held));
    if another {
        labels.chosen = None;
        labels.since_choice_s = CHOOSE_EVERY_S;
    }
    let still = labels.chosen.as_ref().is_some_and(|c| {
        let same = c.same(&camera, tiles.version, *lang, *scale, &obstacles);
        same && (!anew || c.obstacles == obstacles)
    });
    let moved = labels.chosen.as_ref().is_none_or(|c| c.camera != *camera);
    if !still && labels.since_choice_s >= CHOOSE_EVERY_S {
        labels.since_choice_s = 0.0;
        if anew {
            labels.shown.clear();
        }
        labels.choose(&setting);
        labels.chosen = Some(Chosen {
            camera: camera.clone(),
            tiles_version: tiles.version,
            lang: *lang,
            scale: *scale,
            obstacles: obstacles.clone(),
        });
        if anew {
            for s in &mut labels.shown {
                s.opacity = 1.0;
            }
        }
    } else if moved {
        labels.follow(&setting);
    }
    let fading = labels.fade(dt);
    // What lives on the map moves all the time; a picture waits for the ground's names only.
    let settled = labels
        .chosen
        .as_ref()
        .is_some_and(|c| c.same_ground(&camera, tiles.version, *lang, *scale));
    readiness.set(GATE, settled);
    if moved || fading || !still {
        labels.frame = Arc::new(labels.glyphs(*scale, icons.as_deref()));
    }
}

impl Chosen {
    fn same_ground(
        &self,
        camera: &MapCamera,
        tiles_version: u64,
        lang: Lang,
        scale: LabelScale,
    ) -> bool {
        self.tiles_version == tiles_version
            && self.lang == lang
            && self.scale == scale
            && self.camera == *camera
    }

    fn same(
        &self,
        camera: &MapCamera,
        tiles_version: u64,
        lang: Lang,
        scale: LabelScale,
        obstacles: &[Rect],
    ) -> bool {
        let near = |a: &Rect, b: &Rect| {
            (a.min - b.min).abs().max_element() < MOVED_PX
                && (a.max - b.max).abs().max_element() < MOVED_PX
        };
        self.same_ground(camera, tiles_version, lang, scale)
            && self.obstacles.len() == obstacles.len()
            && self
                .obstacles
                .iter()
                .zip(obstacles)
                .all(|(a, b)| near(a, b))
    }
}

impl Labels {
    fn choose(&mut self, setting: &Setting<'_>) {
        if self.atlas.is_full() {
            self.atlas.clear();
        }
        let standing: HashMap<u64, f32> = self
            .shown
            .iter()
            .filter(|s| s.wanted)
            .map(|s| (s.label.key, s.opacity))
            .collect();
        let chosen = place::choose(&self.candidates, setting, &mut self.atlas, &standing);
        let mut old: HashMap<u64, Shown> = self.shown.drain(..).map(|s| (s.label.key, s)).collect();
        let mut shown: Vec<Shown> = Vec::with_capacity(chosen.len());
        for (i, label) in chosen {
            let opacity = old.remove(&label.key).map_or_else(
                // The same name a few pixels off came with another tile: it does not fade.
                || {
                    let twin = old.values().find(|o| {
                        o.label.glyphs.first().map(|g| g.0) == label.glyphs.first().map(|g| g.0)
                            && o.label.glyphs.len() == label.glyphs.len()
                            && o.label.bounds.center().distance(label.bounds.center()) < 30.0
                    });
                    twin.map(|o| (o.opacity, o.label.key))
                },
                |o| Some((o.opacity, o.label.key)),
            );
            if let Some((_, key)) = opacity {
                old.remove(&key);
            }
            let opacity = opacity.map_or(0.0, |(o, _)| o);
            shown.push(Shown {
                candidate: self.candidates[i].clone(),
                label,
                opacity,
                wanted: true,
            });
        }
        for (_, gone) in old {
            if gone.opacity > 0.0
                && let Some(label) = place::again(&gone.candidate, setting, &mut self.atlas)
            {
                shown.push(Shown {
                    label,
                    wanted: false,
                    ..gone
                });
            }
        }
        shown.sort_by_key(|s| s.label.key);
        self.shown = shown;
    }

    /// Moves what is written with the ground.
    fn follow(&mut self, setting: &Setting<'_>) {
        let atlas = &mut self.atlas;
        self.shown
            .retain_mut(|s| match place::again(&s.candidate, setting, atlas) {
                Some(label) => {
                    s.label = label;
                    true
                }
                None => false,
            });
    }

    /// True while something still fades.
    fn fade(&mut self, dt: f32) -> bool {
        let step = dt / FADE_S;
        let mut fading = false;
        for s in &mut self.shown {
            let to = if s.wanted { 1.0 } else { 0.0 };
            if s.opacity != to {
                fading = true;
                s.opacity = if s.wanted {
                    (s.opacity + step).min(1.0)
                } else {
                    (s.opacity - step).max(0.0)
                };
            }
        }
        self.shown.retain(|s| s.wanted || s.opacity > 0.0);
        fading
    }

    fn glyphs(&mut self, scale: LabelScale, icons: Option<&IconAtlas>) -> LabelFrame {
        let mut glyphs = Vec::new();
        for s in &self.shown {
            let label = &s.label;
            let mut color = label.color;
            color[3] *= s.opacity;
            let size = label.size_px;
            for (c, stand) in &label.glyphs {
                let g = self.atlas.glyph(label.bold, *c);
                if g.half[0] <= 0.0 {
                    continue;
                }
                // `stand` is the middle of the advance; the glyph's own middle lies a little off it.
                let off = Vec2::new(g.middle[0] - g.advance / 2.0, g.middle[1]) * size;
                let middle = stand.pos + Vec2::from_angle(stand.angle).rotate(off);
                let half = Vec2::from(g.half) * size;
                let glyph = draw::Glyph {
                    middle,
                    half,
                    uv: g.uv,
                    angle: stand.angle,
                    field_px: draw::glyph_field_px(size),
                    icon: false,
                };
                glyphs.push(glyph.words(color, label.halo, scale.0));
            }
            if let Some((name, pos)) = &label.icon
                && let Some(icon) = icons.and_then(|i| i.get(name))
            {
                let (half, field_px) = draw::icon_px(size * 1.1);
                let glyph = draw::Glyph {
                    middle: *pos,
                    half: Vec2::splat(half),
                    uv: [icon.min.x, icon.min.y, icon.max.x, icon.max.y],
                    angle: 0.0,
                    field_px,
                    icon: true,
                };
                glyphs.push(glyph.words(color, label.halo, scale.0));
            }
        }
        LabelFrame { glyphs }
    }
}
