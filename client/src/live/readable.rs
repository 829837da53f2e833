//! Whether what is written on the map can be read: over many views of a full city no name is crossed by a mark and no
//! two texts lie on one another, by the layout and, for some, by the pixels.

use super::paint::{Canvas, MARK_PHASES, Prim, PrimKind};
use super::{LivePlugin, Selection};
use crate::basemap::{BasemapOptions, TileSource};
use crate::camera::{MapCamera, MapWindow};
use crate::headless::PICTURE_STEP;
use crate::i18n::{Lang, WordsPlugin};
use crate::labels::{ATLAS_PX, LabelScale, Labels, LabelsPlugin, Obstacles};
use crate::look::Tokens;
use crate::map::MapPlugin;
use crate::net::{City, NetPlugin, Source};
use crate::output::Output;
use crate::pack::Pack;
use crate::panels::layout::Layout;
use crate::panels::model::sample::{self, NOW};
use crate::readiness::Readiness;
use crate::render::{MapPhase, MapTarget};
use bevy::asset::AssetPlugin;
use bevy::camera::RenderTarget;
use bevy::input::InputPlugin;
use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::time::TimeUpdateStrategy;
use bevy_egui::input::EguiWantsInput;
use chengtu_engine::chance::Chance;
use chengtu_engine::city::Severity;
use chengtu_engine::geo::{LonLat, TileId, mercator_from_lon_lat};
use chengtu_engine::hotspot::HotspotArea;
use chengtu_engine::ids::{AlarmId, CaseId, ClassId, DepartmentId, MoverId, SensorId, UnitId};
use chengtu_engine::model::{
    Actor, AlarmSource, CaseSource, MoverKind, Phenomenon, Reading, SensorState, Stage, Thresholds,
    UnitStatus,
};
use chengtu_engine::record::World as CityWorld;
use chengtu_engine::stream::{
    AlarmView, CaseView, EntityChange, SensorView, ServerMessage, SnapshotReason, TileFrame,
    UnitView,
};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const CASES: u64 = 130;
const UNITS: u32 = 45;
const SENSORS: u32 = 30;
const CARS: u32 = 400;
const AREAS: u32 = 6;
/// The shipped city, degrees: west, south, east, north of where its things are.
const BOUNDS: [f64; 4] = [118.771, 32.035, 118.803, 32.059];

/// Numbers from a seed.
struct Dice(Chance);

impl Dice {
    fn between(&mut self, from: f64, to: f64) -> f64 {
        self.0.between(from, to)
    }

    fn of(&mut self, n: usize) -> usize {
        self.0.below(n)
    }

    fn place(&mut self) -> (f64, f64) {
        let [w, s, e, n] = BOUNDS;
        // Half of everything is in four crowds.
        if self.of(2) == 0 {
            let k = self.of(4) as f64;
            let (x, y) = (
                w + (e - w) * (0.2 + 0.2 * k),
                s + (n - s) * (0.3 + 0.15 * k),
            );
            return (
                x + self.between(-0.002, 0.002),
                y + self.between(-0.0015, 0.0015),
            );
        }
        (self.between(w, e), self.between(s, n))
    }
}

fn case(dice: &mut Dice, id: u64) -> CaseView {
    let (lon, lat) = dice.place();
    let severity = [
        Severity::Severe,
        Severity::Urgent,
        Severity::Normal,
        Severity::Normal,
        Severity::Slight,
    ][dice.of(5)];
    let filed = NOW.plus_seconds(-(dice.of(7_000) as i64));
    CaseView {
        id: CaseId(id),
        class: ClassId(dice.of(10) as u16),
        severity,
        lon,
        lat,
        address: String::new(),
        note: String::new(),
        source: CaseSource::Operator("x".into()),
        occurred_at: filed,
        stage: Stage::Filed,
        history: vec![],
        filed_at: Some(filed),
        due_at: Some(filed.plus_seconds(7_200)),
        overdue: dice.of(9) == 0,
        units: vec![],
        handled_by: None,
        rework: 0,
        reports: [1, 1, 2, 14][dice.of(4)],
        maybe_same_as: None,
    }
}

fn unit(dice: &mut Dice, id: u32) -> UnitView {
    let status = [
        UnitStatus::Available,
        UnitStatus::EnRoute,
        UnitStatus::OnScene,
        UnitStatus::OutOfService,
    ][dice.of(4)];
    UnitView {
        id: UnitId(id),
        mover: MoverId(id),
        call_sign: format!("排水 {id}"),
        call_sign_en: format!("Drainage {id}"),
        fleet: "drainage".into(),
        department: DepartmentId(0),
        skills: vec![],
        status,
        since: NOW,
        assignment: None,
        handled: 0,
    }
}

fn sensor(dice: &mut Dice, id: u32) -> SensorView {
    let (lon, lat) = dice.place();
    let state = [
        SensorState::Normal,
        SensorState::Normal,
        SensorState::Warning,
        SensorState::Alarm,
        SensorState::Fault,
    ][dice.of(5)];
    let silent_s = if dice.of(6) == 0 { 9_000 } else { 0 };
    let hour: Vec<Reading> = (0..10)
        .map(|k| Reading {
            phenomenon_time: NOW.plus_seconds(-60 * (10 - k) - silent_s),
            value: Some(0.1 * k as f64),
        })
        .collect();
    SensorView {
        id: SensorId(id),
        key: format!("s{id}"),
        name: format!("水位 {id}"),
        phenomenon: Phenomenon::WaterLevel,
        unit_of_measure: "m".into(),
        lon,
        lat,
        thresholds: Some(Thresholds {
            warning: 0.5,
            alarm: 0.8,
        }),
        state,
        latest: hour.last().copied(),
        hour,
        result_time: NOW,
    }
}

/// Everything there is, and the moment of a replay that stands.
fn told(seed: u64) -> Vec<ServerMessage> {
    let dice = &mut Dice(Chance::new(seed));
    let mut changes: Vec<EntityChange> = Vec::new();
    let cases: Vec<CaseView> = (1..=CASES).map(|id| case(dice, id)).collect();
    for (i, c) in cases.iter().enumerate().filter(|(i, _)| i % 11 == 0) {
        changes.push(EntityChange::Alarm(AlarmView {
            id: AlarmId(i as u64 + 1),
            source: AlarmSource::Case(c.id),
            severity: c.severity,
            lon: c.lon,
            lat: c.lat,
            raised_at: NOW.plus_seconds(-7),
            acknowledged: (i % 2 == 0).then_some((Actor::System, NOW)),
            ended_at: None,
        }));
    }
    changes.extend(cases.into_iter().map(EntityChange::Case));
    changes.extend((0..UNITS).map(|id| EntityChange::Unit(unit(dice, id))));
    changes.extend((0..SENSORS).map(|id| EntityChange::Sensor(sensor(dice, id))));
    let mut tile = TileFrame::new(TileId { z: 0, x: 0, y: 0 }, NOW);
    tile.push_rows((0..UNITS + CARS).map(|id| {
        let (lon, lat) = dice.place();
        let position = LonLat::new(lon, lat).position().expect("a place");
        let age_s = [0, 0, 0, 120][dice.of(4)];
        let speed = [0, 1_200][dice.of(2)];
        let unit = (id < UNITS).then_some(UnitId(id));
        let kind = if unit.is_some() {
            MoverKind::Unit
        } else {
            MoverKind::Car
        };
        let bearing = dice.of(36_000) as u16;
        (
            MoverId(id),
            position,
            bearing,
            speed,
            NOW.plus_seconds(-age_s),
            Some((kind, unit)),
        )
    }));
    let areas = (0..AREAS).map(|i| {
        let centre = dice.place();
        let corner = |k: usize| {
            let (s, c) = (k as f64 / 24.0 * std::f64::consts::TAU).sin_cos();
            (centre.0 + 0.0028 * c, centre.1 + 0.0022 * s)
        };
        HotspotArea {
            rank: i + 1,
            name: format!("区 {i}"),
            centre,
            cases: 9,
            z: 3.1,
            since: NOW,
            outline: vec![(0..=24).map(|k| corner(k % 24)).collect()],
        }
    });
    let clock = sample::clock(NOW, 1.0, false);
    vec![
        ServerMessage::Hello(Box::new(sample::hello())),
        sample::entered(CityWorld::Replay(1), Some(clock)),
        ServerMessage::Hotspots {
            time: NOW,
            areas: areas.collect(),
        },
        ServerMessage::Snapshot {
            seq: 1,
            time: NOW,
            reason: SnapshotReason::Subscribed,
            changes,
            tiles: vec![tile],
        },
    ]
}

fn tell(app: &mut App, seed: u64) {
    let mut city = app.world_mut().resource_mut::<City>();
    for message in told(seed) {
        city.take(&message, Instant::now()).expect("a message");
    }
    city.set_now(NOW);
    let areas = told(seed).swap_remove(2);
    city.take(&areas, Instant::now()).expect("areas");
}

fn pack() -> Pack {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    Pack {
        folder: Some(root.join("data/nanjing")),
        server: String::new(),
    }
}

/// The map with all that lives on it, drawn nowhere.
fn app() -> App {
    let mut app = App::new();
    app.add_plugins((MinimalPlugins, AssetPlugin::default(), InputPlugin))
        .init_asset::<Shader>()
        .init_asset::<Image>()
        .insert_resource(Tokens::shipped().expect("tokens"))
        .insert_resource(Output::Stills)
        .insert_resource(TimeUpdateStrategy::ManualDuration(PICTURE_STEP))
        .insert_resource(pack())
        .insert_resource(Lang::Zh)
        .insert_resource(LabelScale(1.0))
        .init_resource::<Readiness>()
        .init_resource::<EguiWantsInput>()
        .add_plugins((
            WordsPlugin,
            MapPlugin {
                basemap: BasemapOptions::default(),
            },
            LabelsPlugin,
            NetPlugin {
                source: Source::Nobody,
            },
            LivePlugin::default(),
        ));
    app.finish();
    app.cleanup();
    app
}

/// A view of the city, and what is looked at in particular.
#[derive(Debug)]
struct View {
    place: (f64, f64),
    zoom: f64,
    pitch_deg: f64,
    bearing_deg: f64,
    selection: Selection,
    lang: Lang,
}

fn view(dice: &mut Dice, i: usize) -> View {
    let id = dice.of(30);
    View {
        place: dice.place(),
        zoom: dice.between(13.6, 17.4),
        pitch_deg: [0.0, 0.0, 35.0, 55.0][dice.of(4)],
        bearing_deg: dice.between(0.0, 360.0),
        selection: match dice.of(5) {
            0 => Selection::Case(CaseId(id as u64 + 1)),
            1 => Selection::Unit(UnitId(id as u32)),
            2 => Selection::Sensor(SensorId(id as u32 % SENSORS)),
            3 => Selection::Place(LonLat::new(dice.place().0, dice.place().1)),
            _ => Selection::None,
        },
        lang: if i.is_multiple_of(2) {
            Lang::Zh
        } else {
            Lang::En
        },
    }
}

/// Panels and plates as they stand on a screen.
fn panels(size: Vec2) -> Vec<Rect> {
    let layout = Layout::new(bevy_egui::egui::vec2(size.x, size.y), 4.0, true);
    let covering = layout.covering().into_iter();
    let rects = covering.map(|r| Rect::new(r.min.x, r.min.y, r.max.x, r.max.y));
    let corner = layout.attribution();
    let plate = Rect::new(corner.x - 300.0, corner.y - 64.0, corner.x, corner.y);
    rects.chain([plate]).collect()
}

fn look(app: &mut App, view: &View, size: Vec2, panels: &[Rect]) {
    let world = app.world_mut();
    let mut camera = world.resource_mut::<MapCamera>();
    camera.viewport = size;
    camera.zoom = view.zoom;
    camera.pitch_deg = view.pitch_deg;
    camera.bearing_deg = view.bearing_deg;
    camera.centre = mercator_from_lon_lat(LonLat::new(view.place.0, view.place.1)).into();
    camera.limit();
    *world.resource_mut::<Selection>() = view.selection;
    *world.resource_mut::<Lang>() = view.lang;
    world.resource_mut::<MapWindow>().rect = None;
    world
        .resource_mut::<Obstacles>()
        .set("panels", panels.to_vec());
    world.resource_mut::<City>().view_jumped();
}

/// Updates until everything that belongs to the view is there, and all that fades has.
fn settle(app: &mut App) {
    let begun = Instant::now();
    let mut ready = 0;
    while ready < 8 {
        app.update();
        app.world_mut().resource_mut::<City>().set_now(NOW);
        let there = app.world().contains_resource::<TileSource>();
        if there && app.world().resource::<Readiness>().is_ready() {
            ready += 1;
        } else {
            ready = 0;
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "never ready");
    }
}

/// The part of a primitive that is seen; none where it is all but clear.
fn ink(prim: &Prim) -> Option<Rect> {
    let opaque = |color: u32| color >> 24 > 100;
    let pulse = prim.fill >> 24 == 0 && !opaque(prim.stroke);
    if pulse || !(opaque(prim.fill) || opaque(prim.stroke)) {
        return None;
    }
    let half = Vec2::from(prim.half);
    let field = match prim.kind {
        k if k == PrimKind::Glyph as u32 => prim.p[0],
        k if k == PrimKind::Icon as u32 => prim.p[0] / 2.0,
        _ => 0.0,
    };
    let half = (half - field).max(Vec2::ZERO);
    Some(Rect::from_center_half_size(Vec2::from(prim.centre), half))
}

/// What is seen of a primitive: points on a slanting line and on a nose, which their bounds say little of.
fn parts(prim: &Prim) -> Vec<Rect> {
    let Some(whole) = ink(prim) else {
        return Vec::new();
    };
    if prim.kind == PrimKind::Nose as u32 {
        let (sin, cos) = (prim.p[0] * std::f32::consts::TAU).sin_cos();
        let (base, tip) = (prim.p[2], prim.half[0]);
        return (0..10)
            .map(|k| {
                let share = k as f32 / 10.0;
                let at = Vec2::new(sin, -cos) * (base + (tip - base) * share);
                let half = Vec2::splat(prim.p[1] * (1.0 - share) * 0.7);
                Rect::from_center_half_size(Vec2::from(prim.centre) + at, half)
            })
            .collect();
    }
    if prim.kind != PrimKind::Line as u32 {
        return vec![whole];
    }
    let v = Vec2::new(prim.q[0], prim.q[1]);
    let at = Vec2::from(prim.centre);
    let half = Vec2::splat(prim.stroke_px / 2.0);
    (-20..=20)
        .map(|k| Rect::from_center_half_size(at + v * (k as f32 / 20.0), half))
        .collect()
}

fn overlap(a: Rect, b: Rect) -> bool {
    let both = a.intersect(b);
    both.width() > 0.5 && both.height() > 0.5
}

/// Lines of text among the marks: letters that follow one another.
fn runs(prims: &[Prim]) -> Vec<Rect> {
    let mut runs: Vec<Rect> = Vec::new();
    let mut last: Option<(Vec2, f32)> = None;
    for prim in prims {
        if prim.kind != PrimKind::Glyph as u32 {
            last = None;
            continue;
        }
        let (at, half) = (Vec2::from(prim.centre), Vec2::from(prim.half));
        let Some(rect) = ink(prim) else { continue };
        let follows = last.is_some_and(|(before, reach)| {
            (at.y - before.y).abs() < reach && at.x > before.x && at.x - before.x < 3.0 * reach
        });
        match runs.last_mut() {
            Some(run) if follows => *run = run.union(rect),
            _ => runs.push(rect),
        }
        last = Some((at, half.max_element()));
    }
    runs
}

/// The primitives of all phases that lie over names.
fn marks(app: &App) -> Vec<Vec<Prim>> {
    let (prims, starts) = app.world().resource::<Canvas>().flatten();
    let phases = MARK_PHASES.iter().enumerate();
    phases
        .filter(|(_, phase)| **phase != MapPhase::Watermark)
        .map(|(i, _)| prims[starts[i] as usize..starts[i + 1] as usize].to_vec())
        .collect()
}

/// What cannot be read in this view.
fn faults(app: &App, size: Vec2, panels: &[Rect]) -> (usize, Vec<String>) {
    let names = app.world().resource::<Labels>().written();
    let marks = marks(app);
    let mut found = Vec::new();
    let boxes: Vec<(usize, &String, Rect)> = names
        .iter()
        .enumerate()
        .flat_map(|(i, (text, boxes))| boxes.iter().map(move |b| (i, text, *b)))
        .collect();
    let ink: Vec<Rect> = marks.iter().flatten().flat_map(parts).collect();
    for (i, text, b) in &boxes {
        for other in ink.iter().filter(|r| overlap(**r, *b)) {
            found.push(format!(
                "“{text}” at {b:?} is crossed by a mark at {other:?}"
            ));
        }
        for panel in panels.iter().filter(|r| overlap(**r, *b)) {
            found.push(format!("“{text}” lies under a panel at {panel:?}"));
        }
        for (_, other, _) in boxes.iter().filter(|o| o.0 > *i && overlap(o.2, *b)) {
            found.push(format!("“{text}” lies on “{other}”"));
        }
    }
    let screen = Rect::from_corners(Vec2::ZERO, size);
    let runs: Vec<Rect> = marks.iter().flat_map(|m| runs(m)).collect();
    // What lies under a panel is not seen.
    let seen = |r: &&Rect| overlap(**r, screen) && !panels.iter().any(|p| overlap(*p, **r));
    let runs: Vec<&Rect> = runs.iter().filter(seen).collect();
    for (i, a) in runs.iter().enumerate() {
        for b in runs[i + 1..].iter().filter(|b| overlap(***b, **a)) {
            found.push(format!("texts of marks at {a:?} and {b:?}"));
        }
    }
    (names.len(), found)
}

#[test]
fn no_name_is_crossed_and_no_two_texts_overlap_over_200_views() {
    const VIEWS: usize = 200;
    let size = Vec2::new(1600.0, 900.0);
    let panels = panels(size);
    let mut app = app();
    tell(&mut app, 1);
    let dice = &mut Dice(Chance::new(17));
    let (mut wrong, mut names, mut texts) = (Vec::new(), 0, 0);
    for i in 0..VIEWS {
        if i % 50 == 0 {
            tell(&mut app, 1 + i as u64);
        }
        let view = view(dice, i);
        look(&mut app, &view, size, &panels);
        settle(&mut app);
        let (count, found) = faults(&app, size, &panels);
        names += count;
        texts += marks(&app).iter().map(|m| runs(m).len()).sum::<usize>();
        wrong.extend(found.into_iter().map(|f| format!("view {i} {view:?}: {f}")));
    }
    println!(
        "{VIEWS} views, {names} names, {texts} texts of marks, {} faults",
        wrong.len()
    );
    assert!(
        wrong.is_empty(),
        "{} faults: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(12)]
    );
    // There is something to be read among so many marks.
    assert!(names > VIEWS * 8 && texts > VIEWS * 10, "{names} {texts}");
}

/// Takes a picture of what is drawn.
fn picture(app: &mut App) -> image::RgbImage {
    let MapTarget::Image(target) = app.world().resource::<MapTarget>().clone() else {
        panic!("a picture is drawn into an image");
    };
    let taken: Arc<Mutex<Option<Image>>> = Arc::default();
    let here = taken.clone();
    app.world_mut()
        .spawn(Screenshot(RenderTarget::Image(target)))
        .observe(move |captured: On<ScreenshotCaptured>| {
            let mut here = here.lock().unwrap_or_else(PoisonError::into_inner);
            *here = Some(captured.image.clone());
        });
    for _ in 0..200 {
        app.update();
        app.world_mut().resource_mut::<City>().set_now(NOW);
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(image) = taken.take() {
            return image.try_into_dynamic().expect("a picture").to_rgb8();
        }
    }
    panic!("no picture came");
}

/// Of the pixels that lie well inside letters of names: how many there are, and how many have not the letters' colour.
/// `scale`: pixels per logical pixel.
fn obstructed(app: &App, picture: &image::RgbImage, scale: f32) -> (usize, usize) {
    let labels = app.world().resource::<Labels>();
    let (mut inside, mut wrong) = (0, 0);
    for g in &labels.frame.glyphs {
        let (middle, half) = (Vec2::new(g[0], g[1]) * scale, Vec2::new(g[2], g[3]) * scale);
        let (turn, field_px, alpha) = (Vec2::new(g[9], -g[8]), g[10] * scale, g[15]);
        if field_px <= 0.0 || alpha < 0.99 {
            continue;
        }
        let (min, max) = (Vec2::new(g[4], g[5]), Vec2::new(g[6], g[7]));
        let reach = half.length().ceil();
        let (from, to) = (
            (middle - reach).max(Vec2::ZERO),
            (middle + reach).max(Vec2::ZERO),
        );
        for y in from.y as u32..(to.y as u32).min(picture.height()) {
            for x in from.x as u32..(to.x as u32).min(picture.width()) {
                let off = Vec2::new(x as f32 + 0.5, y as f32 + 0.5) - middle;
                let local = turn.rotate(off) / half;
                if local.abs().max_element() >= 1.0 {
                    continue;
                }
                let uv = min + (local * 0.5 + 0.5) * (max - min);
                let at = (uv * ATLAS_PX as f32).as_uvec2();
                let value = labels.atlas.pixels[at.y as usize * ATLAS_PX + at.x as usize];
                // Well inside: there the letter has its whole colour, however it is smoothed.
                if (f32::from(value) / 255.0 * 2.0 - 1.0) * field_px < 1.0 {
                    continue;
                }
                inside += 1;
                let pixel = picture.get_pixel(x, y).0;
                let want = [g[12], g[13], g[14]].map(|v| (v * 255.0).round());
                let far = pixel
                    .iter()
                    .zip(want)
                    .map(|(p, w)| (f32::from(*p) - w).abs());
                wrong += usize::from(far.fold(0.0, f32::max) > 36.0);
            }
        }
    }
    (inside, wrong)
}

#[test]
fn letters_are_whole_in_the_pixels_of_10_views() {
    use clap::Parser;
    let file = std::env::temp_dir().join(format!("chengtu-readable-{}.png", std::process::id()));
    let folder = pack().folder.expect("a folder");
    let cli = crate::cli::Cli::try_parse_from([
        "chengtu",
        "--map-only",
        "--size",
        "1280x960",
        "--scale",
        "2",
        "--city",
        &folder.display().to_string(),
        "--screenshot",
        &file.display().to_string(),
    ])
    .expect("a command line");
    let mut app = crate::app::build(crate::app::Start {
        cli,
        tokens: Tokens::shipped().expect("tokens"),
        frames: None,
        incident: None,
        driven: false,
    });
    while app.plugins_state() == bevy::app::PluginsState::Adding {
        bevy::tasks::tick_global_task_pools_on_main_thread();
    }
    app.finish();
    app.cleanup();
    let size = Vec2::new(640.0, 480.0);
    app.update();
    tell(&mut app, 3);
    app.insert_resource(super::LayerVisibility {
        sensors: true,
        hotspots: true,
        ..super::LayerVisibility::default()
    });
    let dice = &mut Dice(Chance::new(5));
    let keep = std::env::var_os("CHENGTU_KEEP_FRAMES");
    let (mut inside, mut wrong) = (0, 0);
    for i in 0..10 {
        // Where the crowds are, and not so near that they part.
        let view = View {
            zoom: dice.between(14.2, 16.2),
            ..view(dice, i)
        };
        look(&mut app, &view, size, &[]);
        settle(&mut app);
        let picture = picture(&mut app);
        if let Some(keep) = &keep {
            let to = PathBuf::from(keep).join(format!("readable-{i}.png"));
            picture.save(to).expect("a folder to keep pictures in");
        }
        let (some, bad) = obstructed(&app, &picture, 2.0);
        assert!(
            bad * 200 <= some,
            "view {i} {view:?}: {bad} of {some} pixels"
        );
        (inside, wrong) = (inside + some, wrong + bad);
    }
    drop(std::fs::remove_file(file));
    println!("{inside} pixels inside letters, {wrong} of another colour");
    assert!(inside > 3_000, "{inside}");
}
