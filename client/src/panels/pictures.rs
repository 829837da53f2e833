//! Draws the panels of a made-up city without a window or a GPU, in every state and at every size: nothing may
//! panic, and no words may be missing. With `PANEL_PICTURES=folder` the pictures are written there to be looked at.

use super::console::{self, Claims, Covered, Focus, Frame, Link, Refusal, Screen};
use super::director::{Drawer, DrillState};
use super::dispatch::DispatchState;
use super::fork::{ForkState, Start};
use super::help::HelpState;
use super::inks::{Ink, inks_of};
use super::layout::Layout;
use super::menu::{MenuPage, MenuState, PlaceMenu};
use super::model::figures::figures;
use super::model::histogram::histogram;
use super::model::search::Index;
use super::model::{sample, sample_drill, sample_fork};
use super::notice::MissedState;
use super::plugin::add_panels;
use super::queue::QueueState;
use super::search::{Places, SearchState};
use super::seen_pictures;
use super::skin::{Skin, fonts};
use super::time::TimeBar;
use super::time::axis::Axis;
use super::time::state::{List, Typed};
use super::topbar::Strip;
use super::whole::{self, Cut};
use super::world::WorldLook;
use super::worlds::Worlds;
use super::{Icons, PanelOptions};
use crate::camera::{CameraKeys, Flight, MapCamera, MapWindow};
use crate::i18n::{Lang, Words, WordsPlugin};
use crate::input::Zone;
use crate::labels::Obstacles;
use crate::live::{DensityScale, Grid, Hover, LayerVisibility, Offer, Selection};
use crate::look::Tokens;
use crate::net::{City, Connection, Rankings, Routes};
use crate::output::Output;
use crate::readiness::Readiness;
use bevy::app::App;
use bevy_egui::egui::{self, Color32, Context, Event, Pos2, RawInput, Rect, TextureId, vec2};
use chengtu_engine::code::{Code, RefusalData};
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::drill::{DrillPhase, GhostOf, Seat};
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::UnitId;
use chengtu_engine::record::World;
use chengtu_engine::stream::{Mirror, ServerMessage, WorldSummary};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

struct Texture {
    size: [usize; 2],
    pixels: Vec<Color32>,
}

/// A picture in memory, written with egui's own blending.
struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<[f32; 4]>,
    textures: BTreeMap<TextureId, Texture>,
}

impl Canvas {
    fn apply_textures(&mut self, mut delta: egui::TexturesDelta) {
        for (id, images) in delta
            .set
            .iter()
            .flat_map(|(id, images)| images.iter().map(move |i| (*id, i)))
        {
            let egui::ImageData::Color(image) = &images.image;
            match images.pos {
                None => {
                    self.textures.insert(
                        id,
                        Texture {
                            size: image.size,
                            pixels: image.pixels.clone(),
                        },
                    );
                }
                Some([x, y]) => {
                    let Some(texture) = self.textures.get_mut(&id) else {
                        continue;
                    };
                    for row in 0..image.size[1] {
                        let to = (y + row) * texture.size[0] + x;
                        let from = row * image.size[0];
                        texture.pixels[to..to + image.size[0]]
                            .copy_from_slice(&image.pixels[from..from + image.size[0]]);
                    }
                }
            }
        }
        delta.clear();
    }

    fn sample(texture: &Texture, uv: [f32; 2]) -> [f32; 4] {
        let at = |v: f32, n: usize| (v * n as f32 - 0.5).clamp(0.0, n as f32 - 1.0);
        let (x, y) = (at(uv[0], texture.size[0]), at(uv[1], texture.size[1]));
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = (
            (x0 + 1).min(texture.size[0] - 1),
            (y0 + 1).min(texture.size[1] - 1),
        );
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let p = |x: usize, y: usize| {
            texture.pixels[y * texture.size[0] + x]
                .to_array()
                .map(f32::from)
        };
        let (a, b, c, d) = (p(x0, y0), p(x1, y0), p(x0, y1), p(x1, y1));
        std::array::from_fn(|i| {
            let top = a[i] + (b[i] - a[i]) * fx;
            let bottom = c[i] + (d[i] - c[i]) * fx;
            (top + (bottom - top) * fy) / 255.0
        })
    }

    fn draw(&mut self, primitives: &[egui::ClippedPrimitive]) {
        for clipped in primitives {
            let egui::epaint::Primitive::Mesh(mesh) = &clipped.primitive else {
                continue;
            };
            let clip = clipped.clip_rect;
            for t in mesh.indices.chunks_exact(3) {
                let v = [0, 1, 2].map(|i| mesh.vertices[t[i] as usize]);
                self.triangle(&v, mesh.texture_id, clip);
            }
        }
    }

    fn triangle(&mut self, v: &[egui::epaint::Vertex; 3], id: TextureId, clip: Rect) {
        let Some(texture) = self.textures.get(&id) else {
            return;
        };
        let (mut a, b, mut c) = (v[0], v[1], v[2]);
        let area =
            |p: Pos2, q: Pos2, r: Pos2| (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
        if area(a.pos, b.pos, c.pos) < 0.0 {
            std::mem::swap(&mut a, &mut c);
        }
        let whole = area(a.pos, b.pos, c.pos);
        if whole <= 0.0 {
            return;
        }
        let low = |f: fn(Pos2) -> f32| f(a.pos).min(f(b.pos)).min(f(c.pos));
        let high = |f: fn(Pos2) -> f32| f(a.pos).max(f(b.pos)).max(f(c.pos));
        let x0 = low(|p| p.x).max(clip.min.x.round()).max(0.0).floor() as usize;
        let x1 = (high(|p| p.x).min(clip.max.x.round()).ceil().max(0.0) as usize).min(self.width);
        let y0 = low(|p| p.y).max(clip.min.y.round()).max(0.0).floor() as usize;
        let y1 = (high(|p| p.y).min(clip.max.y.round()).ceil().max(0.0) as usize).min(self.height);
        // Top-left rule: an edge shared by two triangles is drawn once.
        let owned = |p: Pos2, q: Pos2, w: f32| {
            w > 0.0 || (w == 0.0 && ((p.y == q.y && q.x > p.x) || q.y < p.y))
        };
        for y in y0..y1 {
            for x in x0..x1 {
                let p = Pos2::new(x as f32 + 0.5, y as f32 + 0.5);
                let w = [
                    area(b.pos, c.pos, p),
                    area(c.pos, a.pos, p),
                    area(a.pos, b.pos, p),
                ];
                if !(owned(b.pos, c.pos, w[0])
                    && owned(c.pos, a.pos, w[1])
                    && owned(a.pos, b.pos, w[2]))
                {
                    continue;
                }
                let k = w.map(|w| w / whole);
                let mix = |f: &dyn Fn(&egui::epaint::Vertex) -> f32| {
                    f(&a) * k[0] + f(&b) * k[1] + f(&c) * k[2]
                };
                let uv = [mix(&|v| v.uv.x), mix(&|v| v.uv.y)];
                let texel = Self::sample(texture, uv);
                let color: [f32; 4] =
                    std::array::from_fn(|i| mix(&|v| f32::from(v.color[i]) / 255.0) * texel[i]);
                let under = &mut self.pixels[y * self.width + x];
                for i in 0..4 {
                    under[i] = color[i] + under[i] * (1.0 - color[3]);
                }
            }
        }
    }

    fn save(&self, name: &str) {
        let Some(folder) = std::env::var_os("PANEL_PICTURES") else {
            return;
        };
        let folder = std::path::PathBuf::from(folder);
        let bytes: Vec<u8> = self
            .pixels
            .iter()
            .flat_map(|p| [p[0], p[1], p[2]].map(|v| (v.clamp(0.0, 1.0) * 255.0).round() as u8))
            .collect();
        let picture =
            image::RgbImage::from_raw(self.width as u32, self.height as u32, bytes).unwrap();
        picture.save(folder.join(format!("{name}.png"))).unwrap();
    }
}

/// What panels remember, as far as a picture changes it.
#[derive(Default)]
pub(super) struct States {
    pub focus: Focus,
    pub queue: QueueState,
    pub dispatch: DispatchState,
    pub time: TimeBar,
    pub drill: DrillState,
    pub fork: ForkState,
    pub worlds: Worlds,
    pub search: SearchState,
    pub help: HelpState,
    pub menu: MenuState,
    pub missed: MissedState,
}

impl States {
    fn insert_into(self, app: &mut App) {
        app.insert_resource(self.focus)
            .insert_resource(self.queue)
            .insert_resource(self.dispatch)
            .insert_resource(self.time)
            .insert_resource(self.drill)
            .insert_resource(self.fork)
            .insert_resource(self.worlds)
            .insert_resource(self.search)
            .insert_resource(self.help)
            .insert_resource(self.menu)
            .insert_resource(self.missed);
    }
}

pub(super) struct Setting {
    pub name: &'static str,
    pub size: [f32; 2],
    pub scale: f32,
    pub lang: Lang,
    pub selection: Selection,
    pub link: Link,
    pub ranked: bool,
    pub world: World,
    /// What is changed in the made-up city.
    pub city: fn(&mut Mirror),
    pub prepare: fn(&mut States),
}

/// What a setting came to.
pub(super) struct Drawn {
    pub layout: Layout,
    /// What covers the map.
    pub covered: Vec<Rect>,
    /// Every text of the last frame with where its ink lies, in the order of drawing.
    pub texts: Vec<(String, Rect)>,
    /// The same texts as they were to be drawn.
    pub inks: Vec<Ink>,
    /// Those that are seen in part, and can be read whole where the pointer rests.
    pub cuts: Vec<Cut>,
}

/// Every state that is drawn.
pub(super) fn every_setting() -> impl Iterator<Item = Setting> {
    settings()
        .into_iter()
        .chain(seen_pictures::seen())
        .chain(drills())
}

/// Texts among shapes, as far as they are not cut off.
pub(crate) fn texts_of(shapes: &[egui::epaint::ClippedShape]) -> Vec<(String, Rect)> {
    fn gather(shape: &egui::Shape, clip: Rect, out: &mut Vec<(String, Rect)>) {
        match shape {
            egui::Shape::Vec(list) => list.iter().for_each(|s| gather(s, clip, out)),
            egui::Shape::Text(t) => {
                let seen = t.visual_bounding_rect().intersect(clip);
                if seen.is_positive() {
                    let cut = if t.galley.elided { "…" } else { "" };
                    out.push((format!("{}{cut}", t.galley.text()), seen));
                }
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    for s in shapes {
        gather(&s.shape, s.clip_rect, &mut out);
    }
    out
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            name: "plain",
            size: [1_920.0, 1_080.0],
            scale: 1.0,
            lang: Lang::Zh,
            selection: Selection::None,
            link: Link::Live(Some(Duration::from_millis(38))),
            ranked: true,
            world: World::Live,
            city: |_| {},
            prepare: |_| {},
        }
    }
}

/// A console of the made-up city, with everything in it that panels read.
pub(super) fn console_of(setting: &Setting) -> App {
    let mut app = App::new();
    let tokens = Tokens::shipped().unwrap();
    let mut city = City::default();
    let clock = (setting.world != World::Live).then(|| sample::clock(sample::NOW, 60.0, true));
    city.take(&sample::entered(setting.world, clock), Instant::now())
        .unwrap();
    city.mirror = sample::city();
    (setting.city)(&mut city.mirror);
    if let Some(hello) = &mut city.mirror.hello {
        hello.world = setting.world;
    }
    let mut rankings = Rankings::default();
    if setting.ranked {
        rankings.put(
            sample::COVER,
            crate::net::Ranking {
                at: sample::NOW,
                rows: sample::ranking(),
            },
        );
    }
    let strip = Strip::of(
        figures(&city.mirror, &sample::time(), sample::NOW, 600.0),
        histogram(&city.mirror, sample::NOW),
        Some(0.8),
        &city,
    );
    app.insert_resource(Skin::new(&tokens))
        .insert_resource(tokens)
        .insert_resource(setting.lang)
        .insert_resource(Output::Stills)
        .insert_resource(city)
        .insert_resource(Connection::detached())
        .insert_resource(sample::chronicle())
        .insert_resource(rankings)
        .insert_resource(setting.selection)
        .insert_resource(MapCamera {
            viewport: bevy::math::Vec2::new(setting.size[0], setting.size[1]),
            zoom: 15.6,
            pitch_deg: 50.0,
            bearing_deg: 331.0,
            ..MapCamera::default()
        })
        .insert_resource(DensityScale {
            top_per_km2: 420.0,
            ..DensityScale::default()
        })
        .init_resource::<Routes>()
        .init_resource::<Hover>()
        .init_resource::<Offer>()
        .init_resource::<LayerVisibility>()
        .init_resource::<Grid>()
        .init_resource::<MapWindow>()
        .init_resource::<Flight>()
        .init_resource::<CameraKeys>()
        .init_resource::<Obstacles>()
        .init_resource::<Readiness>()
        .init_resource::<PanelOptions>()
        .add_plugins(WordsPlugin);
    add_panels(&mut app);
    app.insert_resource(strip)
        .insert_resource(Places(Index::new(sample::places())));
    let mut states = States::default();
    (setting.prepare)(&mut states);
    states.dispatch.case = setting.selection.case();
    states.insert_into(&mut app);
    app
}

/// The frame that a running program would lay out for the made-up city.
pub(super) fn frame_of(setting: &Setting, ctx: &Context, app: &App) -> Frame {
    let claims = app.world().resource::<Claims>();
    let looked_at = claims.look.unwrap_or(setting.world);
    let lang = app.world().resource::<Words>().lang();
    let look = WorldLook::new(app.world().resource::<Tokens>(), looked_at, lang);
    let size = vec2(setting.size[0], setting.size[1]);
    let past = setting.world != World::Live;
    let clock = past.then(|| sample::clock(sample::NOW, 60.0, true));
    Frame {
        number: 0,
        ctx: ctx.clone(),
        layout: Layout::with_time(size, look.frame, claims.detail, claims.time_h),
        look,
        world: setting.world,
        info: past.then(|| sample::info(setting.world, clock)),
        clock,
        now: sample::NOW,
        last_word: sample::NOW.plus_seconds(-17),
        time: sample::time(),
        link: setting.link.clone(),
        locked: claims.locked,
        picture: true,
    }
}

/// Draws a setting a few times, as a running program would.
pub(super) fn run(setting: &Setting) -> Drawn {
    run_app(setting, &mut console_of(setting))
}

/// Draws a console that was made for a setting.
pub(super) fn run_app(setting: &Setting, app: &mut App) -> Drawn {
    let ctx = Context::default();
    ctx.set_fonts(fonts().unwrap());
    let skin = app.world().resource::<Skin>();
    skin.apply(&ctx);
    let ground = skin.base.to_normalized_gamma_f32();
    let size = vec2(setting.size[0], setting.size[1]);
    let (width, height) = (
        (size.x * setting.scale) as usize,
        (size.y * setting.scale) as usize,
    );
    let wanted = std::env::var_os("PANEL_PICTURES").is_some();
    let pixels = if wanted {
        vec![ground; width * height]
    } else {
        Vec::new()
    };
    let mut canvas = Canvas {
        width,
        height,
        pixels,
        textures: BTreeMap::new(),
    };
    app.insert_resource(Screen(ctx.clone()));
    let (mut texts, mut inks, mut cuts) = (Vec::new(), Vec::new(), Vec::new());
    for frame in 0..3 {
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
            time: Some(f64::from(frame)),
            events: vec![Event::PointerGone],
            ..RawInput::default()
        };
        input
            .viewports
            .entry(egui::ViewportId::ROOT)
            .or_default()
            .native_pixels_per_point = Some(setting.scale);
        let output = ctx.run_ui(input, |_| {
            if frame == 0 {
                app.insert_resource(Icons::load(&ctx));
            }
            console::claim(app.world_mut());
            let laid_out = frame_of(setting, &ctx, app);
            app.insert_resource(laid_out);
            console::draw(app.world_mut());
            cuts = whole::cuts(&ctx);
        });
        canvas.apply_textures(output.textures_delta);
        texts = texts_of(&output.shapes);
        inks = inks_of(&output.shapes);
        if frame == 2 && wanted {
            canvas.draw(&ctx_tessellate(&ctx, output.shapes, setting.scale));
            canvas.save(setting.name);
        }
    }
    Drawn {
        layout: app.world().resource::<Frame>().layout,
        covered: app.world().resource::<Covered>().0.clone(),
        texts,
        inks,
        cuts,
    }
}

fn ctx_tessellate(
    ctx: &Context,
    shapes: Vec<egui::epaint::ClippedShape>,
    scale: f32,
) -> Vec<egui::ClippedPrimitive> {
    let mut primitives = ctx.tessellate(shapes, scale);
    for p in &mut primitives {
        p.clip_rect = Rect::from_min_max(
            (p.clip_rect.min.to_vec2() * scale).to_pos2(),
            (p.clip_rect.max.to_vec2() * scale).to_pos2(),
        );
        if let egui::epaint::Primitive::Mesh(mesh) = &mut p.primitive {
            for v in &mut mesh.vertices {
                v.pos = (v.pos.to_vec2() * scale).to_pos2();
            }
        }
    }
    primitives
}

pub(super) fn menu(page: MenuPage) -> PlaceMenu {
    PlaceMenu {
        at: LonLat::new(118.785, 32.044),
        screen: Pos2::new(800.0, 400.0),
        on: Selection::None,
        address: "珠江路附近".into(),
        page,
        query: "井".into(),
        cursor: 0,
        class: None,
        note: String::new(),
        row: None,
        review: false,
        focus_text: false,
        focus_note: false,
        candidates: vec![UnitId(0), UnitId(1)],
    }
}

/// A replay zoomed to a day, with what is chosen asked for.
pub(super) fn replay(st: &mut States) {
    st.time.axis = Axis::with(sample::NOW, 0.62, 86_400.0);
    st.time.laid_for = Some(World::Replay(1));
    st.time.asked.moments = Some(sample::asked_moments());
}

pub(super) fn drilled(st: &mut States, seat: Seat) {
    st.drill.view = Some(Box::new(sample_drill::view(seat)));
    st.drill.clock = Some(sample_drill::clock());
}

/// The director of a drill in which much happens at once.
pub(super) fn busy(st: &mut States) {
    drilled(st, Seat::Director);
    st.drill.view = Some(Box::new(sample_drill::busy()));
}

/// The drill from every seat, with every drawer open.
#[expect(clippy::too_many_lines, reason = "one entry per picture")]
fn drills() -> Vec<Setting> {
    let drill = |name, prepare: fn(&mut States)| Setting {
        name,
        world: World::Drill(1),
        selection: Selection::Case(sample::COVER),
        prepare,
        ..Setting::default()
    };
    vec![
        drill("drill-participant", |st| drilled(st, Seat::Participant)),
        drill("drill-director", |st| drilled(st, Seat::Director)),
        drill("drill-fire", |st| {
            drilled(st, Seat::Director);
            st.drill.toggle(Drawer::Fire);
        }),
        drill("drill-inject", |st| {
            drilled(st, Seat::Director);
            st.drill.toggle(Drawer::Inject(5));
        }),
        drill("drill-rewind", |st| {
            drilled(st, Seat::Director);
            st.drill.toggle(Drawer::Rewind);
        }),
        drill("drill-notes", |st| {
            drilled(st, Seat::Director);
            st.drill.toggle(Drawer::Notes);
        }),
        drill("drill-score", |st| {
            drilled(st, Seat::Director);
            st.drill.toggle(Drawer::Score);
        }),
        drill("drill-end", |st| {
            drilled(st, Seat::Director);
            st.drill.toggle(Drawer::End);
        }),
        drill("drill-ghost-director", |st| {
            drilled(st, Seat::Director);
            st.drill.ghost_of = Some(GhostOf::Attempt(2));
            st.drill.toggle(Drawer::Ghost);
        }),
        drill("drill-ghost-participant", |st| {
            drilled(st, Seat::Participant);
            st.drill.ghost_of = Some(GhostOf::Attempt(2));
            st.drill.view.as_mut().unwrap().attempt = 3;
            st.drill.toggle(Drawer::Ghost);
        }),
        Setting {
            lang: Lang::En,
            size: [1_280.0, 720.0],
            ..drill("drill-director-small-en", |st| drilled(st, Seat::Director))
        },
        drill("drill-busy", busy),
        Setting {
            size: [1_280.0, 720.0],
            ..drill("drill-busy-small", busy)
        },
        Setting {
            lang: Lang::En,
            ..drill("drill-busy-en", busy)
        },
        Setting {
            lang: Lang::En,
            size: [1_280.0, 720.0],
            ..drill("drill-busy-small-en", busy)
        },
        drill("drill-preparing", |st| {
            let mut view = sample_drill::view(Seat::Participant);
            view.phase = DrillPhase::Preparing;
            st.drill.view = Some(Box::new(view));
        }),
        drill("drill-ended", |st| {
            let mut view = sample_drill::view(Seat::Director);
            view.phase = DrillPhase::Ended;
            view.report = "/v1/drills/1/report".into();
            st.drill.view = Some(Box::new(view));
        }),
        Setting {
            name: "fork",
            world: World::Replay(1),
            prepare: |st| sample_fork::open(&mut st.fork),
            ..Setting::default()
        },
        Setting {
            name: "fork-small-en",
            world: World::Replay(1),
            lang: Lang::En,
            size: [1_280.0, 720.0],
            prepare: |st| sample_fork::open(&mut st.fork),
            ..Setting::default()
        },
        Setting {
            name: "fork-start",
            selection: Selection::Case(sample::COVER),
            prepare: |st| {
                st.fork.start = Some(Start {
                    case: sample::COVER,
                    cursor: Some(UnitId(1)),
                });
            },
            ..Setting::default()
        },
        Setting {
            name: "fork-proposals",
            prepare: |st| st.fork.proposals = sample_fork::report().plan,
            ..Setting::default()
        },
        Setting {
            name: "worlds",
            prepare: |st| {
                let mut asked = console::Acts::default();
                st.worlds.toggle(&mut asked);
                st.worlds.apply(&ServerMessage::Worlds {
                    list: vec![WorldSummary {
                        world: World::Drill(2),
                        title: "暴雨内涝".into(),
                        owner: "导演".into(),
                        sessions: 3,
                        clock: sample_drill::clock(),
                    }],
                    scenarios: sample_drill::scenarios(),
                });
            },
            ..Setting::default()
        },
    ]
}

#[test]
fn a_drill_is_drawn_from_every_seat_and_with_every_drawer() {
    for setting in drills() {
        let Drawn {
            layout, covered, ..
        } = run(&setting);
        for r in covered {
            assert!(
                layout.screen.expand(0.5).contains_rect(r),
                "{}: {r} leaves the screen",
                setting.name
            );
        }
    }
}

#[expect(clippy::too_many_lines, reason = "one entry per picture")]
fn settings() -> Vec<Setting> {
    let case = Selection::Case(sample::COVER);
    let lost = Link::Lost {
        since: Duration::from_secs(17),
        next_try: Some(Duration::from_secs(4)),
        reason: "reset".into(),
    };
    vec![
        Setting {
            name: "overview",
            ..Setting::default()
        },
        Setting {
            name: "case",
            selection: case,
            prepare: |st| st.focus.zone = Zone::Dispatch,
            ..Setting::default()
        },
        Setting {
            name: "case-en",
            selection: case,
            lang: Lang::En,
            ..Setting::default()
        },
        Setting {
            name: "refused",
            selection: case,
            prepare: |st| {
                let target = Target::Case(sample::COVER);
                let request = CommandRequest::DispatchUnit {
                    unit: UnitId(0),
                    target,
                    expected_s: None,
                };
                st.dispatch.refusals.push(Refusal {
                    request,
                    code: Code::UnitNotAvailable,
                    text: String::new(),
                    data: RefusalData::None,
                });
            },
            ..Setting::default()
        },
        Setting {
            name: "asking",
            selection: case,
            ranked: false,
            link: Link::Live(None),
            ..Setting::default()
        },
        Setting {
            name: "sent",
            selection: Selection::Case(chengtu_engine::ids::CaseId(102)),
            ..Setting::default()
        },
        Setting {
            name: "to-check",
            selection: Selection::Case(sample::TO_CHECK),
            ..Setting::default()
        },
        Setting {
            name: "unit",
            selection: Selection::Unit(sample::EN_ROUTE),
            ..Setting::default()
        },
        Setting {
            name: "sensor",
            selection: Selection::Sensor(sample::WATER),
            ..Setting::default()
        },
        Setting {
            name: "lost",
            link: lost,
            ..Setting::default()
        },
        Setting {
            name: "connecting",
            link: Link::Connecting,
            ..Setting::default()
        },
        Setting {
            name: "help",
            prepare: |st| st.help.open = true,
            ..Setting::default()
        },
        Setting {
            name: "help-en",
            lang: Lang::En,
            prepare: |st| st.help.open = true,
            ..Setting::default()
        },
        Setting {
            name: "search",
            prepare: |st| {
                st.search.open = true;
                st.search.query = "zj".into();
            },
            ..Setting::default()
        },
        Setting {
            name: "filter",
            prepare: |st| st.queue.filter_open = true,
            ..Setting::default()
        },
        Setting {
            name: "menu",
            prepare: |st| st.menu.open = Some(menu(MenuPage::Actions)),
            ..Setting::default()
        },
        Setting {
            name: "report",
            prepare: |st| st.menu.open = Some(menu(MenuPage::Report)),
            ..Setting::default()
        },
        Setting {
            name: "send",
            prepare: |st| st.menu.open = Some(menu(MenuPage::Send)),
            ..Setting::default()
        },
        Setting {
            name: "layers",
            prepare: |st| st.focus.zone = Zone::Layers,
            ..Setting::default()
        },
        Setting {
            name: "small",
            size: [1_280.0, 720.0],
            ..Setting::default()
        },
        Setting {
            name: "small-case",
            size: [1_280.0, 720.0],
            selection: case,
            ..Setting::default()
        },
        Setting {
            name: "small-en",
            size: [1_280.0, 720.0],
            lang: Lang::En,
            ..Setting::default()
        },
        Setting {
            name: "middle",
            size: [1_440.0, 900.0],
            selection: case,
            ..Setting::default()
        },
        Setting {
            name: "wide",
            size: [2_560.0, 1_440.0],
            selection: case,
            ..Setting::default()
        },
        Setting {
            name: "replay",
            world: World::Replay(1),
            selection: case,
            prepare: replay,
            ..Setting::default()
        },
        Setting {
            name: "replay-en",
            world: World::Replay(1),
            selection: case,
            lang: Lang::En,
            prepare: replay,
            ..Setting::default()
        },
        Setting {
            name: "replay-small",
            world: World::Replay(1),
            size: [1_280.0, 720.0],
            prepare: replay,
            ..Setting::default()
        },
        Setting {
            name: "replay-small-en",
            world: World::Replay(1),
            size: [1_280.0, 720.0],
            lang: Lang::En,
            prepare: replay,
            ..Setting::default()
        },
        Setting {
            name: "replay-bookmarks",
            world: World::Replay(1),
            prepare: |st| {
                replay(st);
                st.time.list = Some(List::Bookmarks);
            },
            ..Setting::default()
        },
        Setting {
            name: "replay-share",
            world: World::Replay(1),
            prepare: |st| {
                replay(st);
                st.time.list = Some(List::Share);
            },
            ..Setting::default()
        },
        Setting {
            name: "replay-note",
            world: World::Replay(1),
            prepare: |st| {
                replay(st);
                st.time.note = Some((sample::NOW, Typed::default()));
            },
            ..Setting::default()
        },
        Setting {
            name: "replay-slim",
            world: World::Replay(1),
            prepare: |st| st.time.folded = true,
            ..Setting::default()
        },
        Setting {
            name: "live-tall",
            prepare: |st| st.time.open_live = true,
            ..Setting::default()
        },
        Setting {
            name: "large",
            scale: 2.0,
            selection: case,
            ..Setting::default()
        },
    ]
}

#[test]
fn every_state_is_drawn_and_what_covers_the_map_lies_on_the_screen() {
    for setting in settings().into_iter().chain(seen_pictures::seen()) {
        let Drawn {
            layout, covered, ..
        } = run(&setting);
        for r in covered {
            assert!(
                layout.screen.expand(0.5).contains_rect(r),
                "{}: {r} leaves the screen {}",
                setting.name,
                layout.screen
            );
        }
    }
}

#[test]
fn what_lies_on_the_map_overlaps_no_panel_at_any_size() {
    for (w, h) in [
        (1_280.0, 720.0),
        (1_440.0, 900.0),
        (1_920.0, 1_080.0),
        (2_560.0, 1_440.0),
        (3_840.0, 2_160.0),
    ] {
        for lang in [Lang::Zh, Lang::En] {
            for selection in [Selection::None, Selection::Case(sample::COVER)] {
                let Drawn {
                    layout, covered, ..
                } = run(&Setting {
                    size: [w, h],
                    lang,
                    selection,
                    ..Setting::default()
                });
                let panels = layout.covering().len();
                let (fixed, lying) = covered.split_at(panels);
                let lying: Vec<&Rect> = lying.iter().filter(|r| **r != layout.control()).collect();
                for (i, a) in lying.iter().enumerate() {
                    for b in fixed.iter().chain(lying[i + 1..].iter().copied()) {
                        let both = a.intersect(*b);
                        assert!(
                            !both.is_positive() || both.area() < 1.0,
                            "{w}×{h} {lang:?}: {a} on {b}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_severe_alarm_stands_on_the_map_whatever_panel_is_open() {
    for selection in [Selection::None, Selection::Case(sample::COVER)] {
        let Drawn {
            layout, covered, ..
        } = run(&Setting {
            selection,
            ..Setting::default()
        });
        let plate = layout.window.min + vec2(12.0, 50.0);
        assert!(covered.iter().any(|r| r.min == plate), "{selection:?}");
    }
}
