//! Every layer is drawn from nothing: in a city that holds one thing and not a single text, that thing is on the map.
//!
//! Each picture is one of the program itself, without panels and without a line, with a made-up city put in its place;
//! it must differ from the picture of the same ground with nothing on it.

#[path = "layers_alone/scene.rs"]
mod scene;

use bevy::app::AppExit;
use chengtu_client::app::{Start, build};
use chengtu_client::cli::Cli;
use chengtu_client::look::Tokens;
use chengtu_client::net::{City, CityChanged};
use chengtu_client::render::SceneDetail;
use chengtu_engine::stream::ServerMessage;
use clap::Parser;
use std::path::Path;
use std::time::Instant;

/// Near enough for icons and chips of units, too far for the chips of sensors: those carry words.
const NEAR: &str = "118.7862,32.0440,15.2";
/// Units are dots here, and counts stand for traffic.
const FAR: &str = "118.7862,32.0440,12.6";

/// The picture of a ground with these layers on, after these messages.
fn picture(name: &str, at: &str, layers: &str, messages: &[ServerMessage]) -> image::RgbImage {
    picture_of(name, at, layers, messages, SceneDetail::Whole)
}

fn picture_of(
    name: &str,
    at: &str,
    layers: &str,
    messages: &[ServerMessage],
    detail: SceneDetail,
) -> image::RgbImage {
    let id = std::process::id();
    let file = std::env::temp_dir().join(format!("chengtu-alone-{id}-{name}.png"));
    let city = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing");
    let (out, city) = (file.display().to_string(), city.display().to_string());
    let args = [
        "chengtu",
        "--map-only",
        "--size",
        "320x320",
        "--timeout",
        "300",
        "--at",
        at,
        "--layers",
        layers,
        "--screenshot",
        &out,
        "--city",
        &city,
    ];
    let mut app = build(Start {
        cli: Cli::parse_from(args),
        tokens: Tokens::shipped().expect("the shipped tokens"),
        frames: None,
        incident: None,
        driven: false,
    });
    app.insert_resource(detail);
    for message in messages {
        let mut city = app.world_mut().resource_mut::<City>();
        let changes = city.take(message, Instant::now());
        let changes = changes.expect("a message that fits");
        app.world_mut().write_message(CityChanged(changes));
    }
    assert_eq!(
        app.run(),
        AppExit::Success,
        "{name}: no picture was written"
    );
    let picture = image::open(&file).expect("a PNG picture").to_rgb8();
    std::fs::remove_file(&file).expect("the picture can be removed");
    picture
}

/// Pixels that differ by more than a shade, at most so far from the middle along both sides. Names step aside for what is
/// drawn: further out they would be counted for it.
fn different(a: &image::RgbImage, b: &image::RgbImage, reach: u32) -> usize {
    let far = |a: &image::Rgb<u8>, b: &image::Rgb<u8>| {
        let mut shades = a.0.iter().zip(b.0);
        shades.any(|(x, y)| x.abs_diff(y) > 6)
    };
    let middle = |v: u32, side: u32| v.abs_diff(side / 2) <= reach;
    let near = |x: u32, y: u32| middle(x, a.width()) && middle(y, a.height());
    let pixels = a.enumerate_pixels().filter(|(x, y, _)| near(*x, *y));
    pixels
        .filter(|(x, y, p)| far(p, b.get_pixel(*x, *y)))
        .count()
}

#[test]
fn every_layer_is_drawn_from_nothing_alone() {
    let city = |things| vec![scene::greeting(), scene::snapshot(things)];
    let after = |message| vec![scene::greeting(), scene::snapshot(vec![]), message];
    let car = || vec![scene::greeting(), scene::traffic()];
    let unit = || vec![scene::greeting(), scene::unit()];
    // What, where, on which layer, how far from the middle, and at least how many pixels of it.
    let scenes = [
        ("case", NEAR, "cases", city(vec![scene::case()]), 24, 200),
        ("unit", NEAR, "units", unit(), 16, 100),
        ("unit-far", FAR, "units", unit(), 6, 10),
        ("sensor", NEAR, "sensors", city(vec![scene::sensor()]), 8, 8),
        ("vehicle", NEAR, "traffic", car(), 8, 4),
        ("flow", FAR, "traffic", car(), 8, 2),
        ("counts", FAR, "traffic", after(scene::counts()), 160, 40),
        (
            "density",
            NEAR,
            "density",
            city(vec![scene::case()]),
            60,
            200,
        ),
        (
            "hotspot",
            NEAR,
            "hotspots",
            after(scene::hotspot()),
            160,
            100,
        ),
        ("views", NEAR, "views", scene::officers_view(), 160, 60),
        (
            "closed",
            NEAR,
            "cases",
            after(scene::closed_road()),
            100,
            400,
        ),
    ];
    let mut missing = Vec::new();
    let grounds = [NEAR, FAR].map(|at| {
        picture(
            "empty",
            at,
            "cases",
            &[scene::greeting(), scene::snapshot(vec![])],
        )
    });
    for (name, at, layer, messages, reach, least) in scenes {
        let drawn = picture(name, at, layer, &messages);
        let found = different(&drawn, &grounds[usize::from(at == FAR)], reach);
        if found < least {
            missing.push(format!("{name}: {found} pixels of at least {least}"));
        }
    }
    assert!(missing.is_empty(), "not drawn: {}", missing.join("; "));
    let again = picture(
        "again",
        NEAR,
        "units",
        &[scene::greeting(), scene::snapshot(vec![])],
    );
    assert_eq!(
        different(&again, &grounds[0], 160),
        0,
        "the same ground with nothing on it"
    );
}

/// Where a processor draws, a map in motion is drawn with a quarter of its pixels: coarser, and nothing in another place.
#[test]
fn a_map_in_motion_is_the_same_map_with_less_detail() {
    let shots = [SceneDetail::Whole, SceneDetail::Half]
        .map(|detail| picture_of(&format!("{detail:?}"), NEAR, "buildings", &[], detail));
    let [whole, half] = &shots;
    assert!(different(whole, half, 160) > 2_000, "nothing is coarser");
    // Blocks of 8 × 8 pixels have the same mean colour, wherever they lie.
    let mean = |p: &image::RgbImage, x: u32, y: u32| -> f64 {
        let block = (0..64).map(|i| p.get_pixel(x + i % 8, y + i / 8).0);
        block
            .map(|c| c.map(f64::from).iter().sum::<f64>())
            .sum::<f64>()
            / 192.0
    };
    for (x, y) in (0..40 * 40).map(|i| (i % 40 * 8, i / 40 * 8)) {
        let (a, b) = (mean(whole, x, y), mean(half, x, y));
        assert!((a - b).abs() < 6.0, "at {x}, {y}: {a:.1} and {b:.1}");
    }
}
