//! Names on the map: of roads along them, of waters, stations, districts; the important first, none over
//! another, none over a marker.

mod along;
mod atlas;
mod candidate;
mod draw;
mod layout;
mod obstacles;
mod place;
mod scale;

pub(crate) use atlas::{ATLAS_PX, FontError, GLYPH_PAD, GLYPH_PX};

use crate::basemap::{TileSource, Tiles};
use crate::camera::{CameraSystems, MapCamera};
use crate::i18n::Lang;
use crate::net::City;
use crate::output::Output;
use crate::readiness::Readiness;
use crate::render::IconAtlas;
use crate::space::{Shape, Space};
pub(crate) use atlas::GlyphAtlas;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use candidate::Candidate;
use layout::{Label, Setting};
pub use obstacles::Obstacles;
pub use scale::LabelScale;
use std::collections::HashMap;
use std::sync::Arc;

/// Writes names.
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
const MOVED_PX: f32 = 4.0;
/// How far past a name something must have driven before the name comes again, logical pixels.
const CLEAR_PX: f32 = 10.0;
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
    /// Somebody drives over it: it is not seen meanwhile, and keeps its place.
    crossed: bool,
}

impl Shown {
    /// Whether it is to be seen.
    fn is_seen(&self) -> bool {
        self.wanted && !self.crossed
    }
}

/// The glyphs of one frame.
#[derive(Debug, Default)]
pub(crate) struct LabelFrame {
    /// Characters, then icons.
    pub(crate) glyphs: Vec<draw::GlyphWords>,
    /// How many of them are icons.
    pub(crate) icons: usize,
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
    let passing: Vec<Rect> = obstacles.passing().to_vec();
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
    } else if moved {
        labels.follow(&setting);
    }
    labels.give_way(&passing, anew);
    let fading = labels.fade(dt, anew);
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
            let crossed = old.get(&label.key).is_some_and(|o| o.crossed);
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
                crossed,
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

    /// Names step back from under what drives over them, and come again once it is well past. `anew`: whatever was
    /// before is forgotten.
    fn give_way(&mut self, passing: &[Rect], anew: bool) {
        let mut space = Space::default();
        for rect in passing {
            space.claim(Shape::Rect(*rect));
        }
        for s in &mut self.shown {
            let clear_px = if s.crossed && !anew { CLEAR_PX } else { 0.0 };
            s.crossed = !place::boxes(&s.label)
                .iter()
                .all(|b| space.is_free(Shape::Rect(b.inflate(clear_px))));
        }
    }

    /// True while something still fades; nothing does where `at_once`.
    fn fade(&mut self, dt: f32, at_once: bool) -> bool {
        let step = if at_once { 1.0 } else { dt / FADE_S };
        let mut fading = false;
        for s in &mut self.shown {
            let to = if s.is_seen() { 1.0 } else { 0.0 };
            if s.opacity != to {
                fading = true;
                s.opacity += (to - s.opacity).clamp(-step, step);
            }
        }
        self.shown.retain(|s| s.wanted || s.opacity > 0.0);
        fading
    }

    /// What is written and seen, with the places that each takes; see [`place::boxes`].
    #[cfg(test)]
    pub(crate) fn written(&self) -> Vec<(String, Vec<Rect>)> {
        let seen = self.shown.iter().filter(|s| s.is_seen());
        seen.map(|s| (s.label.text.clone(), place::boxes(&s.label)))
            .collect()
    }

    fn glyphs(&mut self, scale: LabelScale, icons: Option<&IconAtlas>) -> LabelFrame {
        let (mut glyphs, mut signs) = (Vec::new(), Vec::new());
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
                signs.push(glyph.words(color, label.halo, scale.0));
            }
        }
        let icons = signs.len();
        glyphs.append(&mut signs);
        LabelFrame { glyphs, icons }
    }
}

#[cfg(test)]
mod tests {
    use super::place::tests::{at, camera, point, style, tile};
    use super::*;

    #[test]
    fn a_name_steps_back_while_somebody_drives_over_it_and_comes_again_where_it_was() {
        let (camera, style) = (camera(), style());
        let names = vec![point("北门桥", 1.0, at(&camera, 500.0, 400.0))];
        let mut labels = Labels {
            atlas: GlyphAtlas::new().unwrap(),
            frame: Arc::default(),
            candidates: candidate::candidates(&tile(names)),
            tiles_version: None,
            shown: Vec::new(),
            chosen: None,
            since_choice_s: 1.0,
            frozen: None,
        };
        let setting = Setting {
            camera: &camera,
            style: &style,
            lang: Lang::Zh,
            scale: LabelScale(1.0),
            obstacles: &[],
        };
        labels.choose(&setting);
        labels.fade(1.0, false);
        let whole = labels.written();
        assert_eq!(whole.len(), 1);
        let car = |x: f32| Rect::from_center_half_size(Vec2::new(x, 400.0), Vec2::splat(12.0));
        let mut before = 1.0;
        for x in 420..=580 {
            labels.give_way(&[car(x as f32)], false);
            labels.fade(0.02, false);
            let s = &labels.shown[0];
            let crossed = place::boxes(&s.label)
                .iter()
                .any(|b| !b.intersect(car(x as f32)).is_empty());
            assert!(!crossed || labels.written().is_empty(), "{x}");
            // It fades: nothing flashes.
            assert!((s.opacity - before).abs() < 0.2);
            before = s.opacity;
        }
        labels.fade(1.0, false);
        assert_eq!(labels.written(), whole, "where it was");
        // In a picture of a moment there is no fading.
        labels.give_way(&[car(500.0)], true);
        labels.fade(0.0, true);
        assert!(labels.written().is_empty() && labels.shown[0].opacity == 0.0);
    }
}
