//! Whether what is written on the map can be read: over many views of a full city no name is crossed by a mark and no
//! two texts lie on one another, by the layout and, for some, by the pixels. The city is the shipped one, or that of the
//! pack that `CHENGTU_LABEL_CITY` names.

mod checks;
mod city;

use self::checks::{faults, marks, obstructed, runs};
use self::city::{Dice, Ground, SENSORS, told};
use super::paint::Letters;
use super::{LivePlugin, Selection};
use crate::basemap::{BasemapOptions, TileSource};
use crate::camera::{MapCamera, MapWindow};
use crate::headless::PICTURE_STEP;
use crate::i18n::{Lang, WordsPlugin};
use crate::labels::{GlyphAtlas, LabelScale, Labels, LabelsPlugin, Obstacles};
use crate::look::Tokens;
use crate::map::MapPlugin;
use crate::net::{City, NetPlugin, Source};
use crate::output::Output;
use crate::pack::Pack;
use crate::panels::layout::Layout;
use crate::panels::model::sample::NOW;
use crate::readiness::Readiness;
use crate::render::MapTarget;
use bevy::asset::AssetPlugin;
use bevy::camera::RenderTarget;
use bevy::input::InputPlugin;
use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::time::TimeUpdateStrategy;
use bevy_egui::input::EguiWantsInput;
use chengtu_engine::geo::{LonLat, mercator_from_lon_lat};
use chengtu_engine::ids::{CaseId, SensorId, UnitId};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

fn tell(app: &mut App, ground: &Ground, part: u64) {
    let mut city = app.world_mut().resource_mut::<City>();
    for message in told(ground, part) {
        city.take(&message, Instant::now()).expect("a message");
    }
    city.set_now(NOW);
    let areas = told(ground, part).swap_remove(2);
    city.take(&areas, Instant::now()).expect("areas");
}

/// The map with all that lives on it, drawn nowhere.
fn app(ground: &Ground) -> App {
    let mut app = App::new();
    app.add_plugins((MinimalPlugins, AssetPlugin::default(), InputPlugin))
        .init_asset::<Shader>()
        .init_asset::<Image>()
        .insert_resource(Tokens::shipped().expect("tokens"))
        .insert_resource(Output::Stills)
        .insert_resource(TimeUpdateStrategy::ManualDuration(PICTURE_STEP))
        .insert_resource(Pack {
            folder: Some(ground.pack.clone()),
            ..Pack::default()
        })
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

#[test]
fn no_name_is_crossed_and_no_two_texts_overlap_over_200_views() {
    const VIEWS: usize = 200;
    let size = Vec2::new(1600.0, 900.0);
    let panels = panels(size);
    let ground = Ground::chosen();
    let mut app = app(&ground);
    let mut dice = Dice::new(&ground, 1, 17);
    let (mut wrong, mut names, mut texts) = (Vec::new(), 0, 0);
    for i in 0..VIEWS {
        if i % 50 == 0 {
            let part = 1 + i as u64;
            tell(&mut app, &ground, part);
            dice.look_at(&ground, part);
        }
        let view = view(&mut dice, i);
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
    let least = if ground.shipped { 8 } else { 1 };
    assert!(
        names > VIEWS * least && texts > VIEWS * 10,
        "{names} {texts}"
    );
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

/// The program without a window, with the city told, drawing 1,280 × 960 pixels at a scale of 2.
fn drawn(ground: &Ground, part: u64) -> App {
    use clap::Parser;
    let file = shot_file();
    let cli = crate::cli::Cli::try_parse_from([
        "chengtu",
        "--map-only",
        "--size",
        "1280x960",
        "--scale",
        "2",
        "--city",
        &ground.pack.display().to_string(),
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
    app.update();
    tell(&mut app, ground, part);
    app.insert_resource(super::LayerVisibility {
        sensors: true,
        hotspots: true,
        ..super::LayerVisibility::default()
    });
    app
}

/// Where the program of [`drawn`] writes its own picture; removed by who had it made.
fn shot_file() -> PathBuf {
    let name = std::thread::current()
        .name()
        .unwrap_or_default()
        .replace(':', "-");
    std::env::temp_dir().join(format!("chengtu-{}-{name}.png", std::process::id()))
}

/// The size of what [`drawn`] draws, logical pixels.
const DRAWN: Vec2 = Vec2::new(640.0, 480.0);

#[test]
fn letters_are_whole_in_the_pixels_of_10_views() {
    let ground = Ground::chosen();
    let mut app = drawn(&ground, 3);
    let dice = &mut Dice::new(&ground, 3, 5);
    let keep = std::env::var_os("CHENGTU_KEEP_FRAMES");
    let (mut inside, mut wrong) = (0, 0);
    for i in 0..10 {
        // Where the crowds are, and not so near that they part.
        let view = View {
            zoom: dice.between(14.2, 16.2),
            ..view(dice, i)
        };
        look(&mut app, &view, DRAWN, &[]);
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
    drop(std::fs::remove_file(shot_file()));
    println!("{inside} pixels inside letters, {wrong} of another colour");
    assert!(
        inside > if ground.shipped { 3_000 } else { 300 },
        "{inside}"
    );
}

/// Which letters came first, and so where each lies in its atlas, depended on which tiles and cases came first: a pixel at
/// the edge of a name was another one then, and frames of one moment differed.
#[test]
fn a_letter_looks_alike_wherever_it_lies_in_its_atlas() {
    let ground = Ground::chosen();
    let mut app = drawn(&ground, 3);
    let dice = &mut Dice::new(&ground, 3, 5);
    let mut view = View {
        zoom: 15.3,
        pitch_deg: 35.0,
        ..view(dice, 0)
    };
    let mut before: Option<image::RgbImage> = None;
    for crowd in [
        "",
        "1",
        "鑫森淼焱垚 Wiltshire",
        "0123456789%",
        "巷弄坊里,iIl",
    ] {
        // Another language, so that names are chosen anew.
        for lang in [Lang::En, Lang::Zh] {
            view.lang = lang;
            look(&mut app, &view, DRAWN, &[]);
            settle(&mut app);
            let world = app.world_mut();
            let begin = |atlas: &mut GlyphAtlas| {
                atlas.clear();
                atlas.width(crowd, false, 0.0);
                atlas.width(crowd, true, 0.0);
            };
            if lang == Lang::En {
                begin(&mut world.resource_mut::<Labels>().atlas);
                begin(world.resource_mut::<Letters>().atlas());
            }
        }
        let picture = picture(&mut app);
        if let Some(before) = &before {
            let pixels = before.pixels().zip(picture.pixels());
            let other = pixels.filter(|(a, b)| a != b).count();
            assert_eq!(other, 0, "pixels behind {crowd:?}");
        }
        before = Some(picture);
    }
    drop(std::fs::remove_file(shot_file()));
}

/// Flow lies on a picture of the ground that is kept: it is of the view, the traffic and the layers that are now.
#[test]
fn flow_is_of_now_whatever_was_drawn_before() {
    let ground = Ground::chosen();
    let mut app = drawn(&ground, 3);
    let dice = &mut Dice::new(&ground, 3, 5);
    let far = View {
        zoom: 12.0,
        pitch_deg: 0.0,
        selection: Selection::None,
        ..view(dice, 0)
    };
    let other = View {
        zoom: 12.4,
        pitch_deg: 35.0,
        selection: Selection::None,
        ..view(dice, 0)
    };
    let mut shot = |view: &View, traffic: bool| {
        let mut layers = app.world_mut().resource_mut::<super::LayerVisibility>();
        layers.traffic = traffic;
        look(&mut app, view, DRAWN, &[]);
        settle(&mut app);
        picture(&mut app)
    };
    let first = shot(&far, true);
    let without = shot(&far, false);
    let differing = first.pixels().zip(without.pixels()).filter(|(a, b)| a != b);
    assert!(differing.count() > 1_000, "there is no flow");
    assert!(shot(&other, false) != without);
    let elsewhere = shot(&other, true);
    assert!(shot(&far, true) == first, "drawn for another view");
    assert!(shot(&other, true) == elsewhere);
    assert!(shot(&far, false) == without, "drawn though it is hidden");
    drop(std::fs::remove_file(shot_file()));
}
