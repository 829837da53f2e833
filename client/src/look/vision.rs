//! What eyes make of the tokens: contrast of everything written on what it is written on, and how far colours of
//! states stay apart for people who tell fewer colours.
//!
//! Contrast: WCAG 2.2. Simulated vision: Machado, Oliveira, Fernandes 2009, severity 1. Difference: CIEDE2000 (Sharma,
//! Wu, Dalal 2005).

use super::{Rgba8, Tokens};

/// Least contrast of text, and least difference of any two colours of a set.
const CONTRAST_MIN: f64 = 4.5;
const DIFFERENCE_MIN: f64 = 11.0;

type Rgb = [f64; 3];

/// Columns of one kind of vision applied to linear red, green, blue.
const VISIONS: [(&str, [Rgb; 3]); 4] = [
    (
        "normal",
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    ),
    (
        "protanopia",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

fn linear(color: Rgba8) -> Rgb {
    let [r, g, b, _] = color.0;
    [r, g, b].map(|v| {
        let v = f64::from(v) / 255.0;
        if v <= 0.040_45 {
            v / 12.92
        } else {
            ((v + 0.055) / 1.055).powf(2.4)
        }
    })
}

fn dot(a: Rgb, b: Rgb) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// WCAG's ratio, 1 … 21.
fn contrast(a: Rgba8, b: Rgba8) -> f64 {
    let light = |c| dot([0.2126, 0.7152, 0.0722], linear(c)) + 0.05;
    let (a, b) = (light(a), light(b));
    a.max(b) / a.min(b)
}

fn seen(color: Rgba8, vision: [Rgb; 3]) -> Rgb {
    let rgb = linear(color);
    vision.map(|row| dot(row, rgb).clamp(0.0, 1.0))
}

fn lab(rgb: Rgb) -> Rgb {
    let f = |t: f64| {
        if t > 216.0 / 24_389.0 {
            t.cbrt()
        } else {
            (24_389.0 / 27.0 * t + 16.0) / 116.0
        }
    };
    let x = f(dot([0.412_456_4, 0.357_576_1, 0.180_437_5], rgb) / 0.950_47);
    let y = f(dot([0.212_672_9, 0.715_152_2, 0.072_175], rgb));
    let z = f(dot([0.019_333_9, 0.119_192, 0.950_304_1], rgb) / 1.088_83);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn difference(p: Rgb, q: Rgb) -> f64 {
    let ([l1, a1, b1], [l2, a2, b2]) = (p, q);
    let c7 = |c: f64| (c.powi(7) / (c.powi(7) + 25f64.powi(7))).sqrt();
    let mean = f64::midpoint(a1.hypot(b1), a2.hypot(b2));
    let g = 1.5 - 0.5 * c7(mean);
    let (a1, a2) = (a1 * g, a2 * g);
    let (c1, c2) = (a1.hypot(b1), a2.hypot(b2));
    let hue = |a: f64, b: f64| b.atan2(a).to_degrees().rem_euclid(360.0);
    let (h1, h2) = (hue(a1, b1), hue(a2, b2));
    let turn = if c1 * c2 == 0.0 {
        0.0
    } else {
        (h2 - h1 + 180.0).rem_euclid(360.0) - 180.0
    };
    let (dl, dc) = (l2 - l1, c2 - c1);
    let dh = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin();
    let (l, c, h) = (
        f64::midpoint(l1, l2),
        f64::midpoint(c1, c2),
        h1 + turn / 2.0,
    );
    let cos = |deg: f64| deg.to_radians().cos();
    let t = 1.0 - 0.17 * cos(h - 30.0) + 0.24 * cos(2.0 * h) + 0.32 * cos(3.0 * h + 6.0)
        - 0.20 * cos(4.0 * h - 63.0);
    let off = (l - 50.0).powi(2);
    let (sl, sc, sh) = (
        1.0 + 0.015 * off / (20.0 + off).sqrt(),
        1.0 + 0.045 * c,
        1.0 + 0.015 * c * t,
    );
    let far = ((h.rem_euclid(360.0) - 275.0) / 25.0).powi(2);
    let rt = -2.0 * c7(c) * (60.0 * (-far).exp()).to_radians().sin();
    let (l, c, h) = (dl / sl, dc / sc, dh / sh);
    (l * l + c * c + h * h + rt * c * h).sqrt()
}

fn tokens() -> Tokens {
    Tokens::shipped().unwrap()
}

/// Text colours and the grounds that each is written on.
const WRITTEN: &[(&[&str], &[&str])] = &[
    (
        &[
            "text.t1",
            "text.t2",
            "text.t3",
            "action.text",
            "severity_text.s1",
        ],
        &[
            "surface.base",
            "surface.panel",
            "surface.inset",
            "surface.hover",
            "surface.selected",
            "surface.group",
            "surface.best_row",
            "world_form.live.top_bar",
            "world_form.live.clock_ground",
            "world_form.live.time_bar",
            "world_form.replay.top_bar",
            "world_form.replay.clock_ground",
            "world_form.replay.time_bar",
            "world_form.fork.top_bar",
            "world_form.fork.clock_ground",
            "world_form.fork.time_bar",
            "world_chrome.fork.chip",
            "world_chrome.fork.chip_on",
            "world_form.drill.top_bar",
            "world_form.drill.clock_ground",
            "world_form.drill.time_bar",
            "world_chrome.replay.chip",
            "world_chrome.replay.chip_on",
            "world_chrome.drill.chip",
            "world_chrome.drill.chip_on",
            "world_chrome.drill.past",
            "world_chrome.drill.future",
            "marker.body",
            "marker.cluster_body",
        ],
    ),
    // What cannot be pressed now: read all the same.
    (
        &["text.t4"],
        &[
            "surface.base",
            "surface.panel",
            "surface.inset",
            "surface.group",
        ],
    ),
    (
        &["text.on_action", "text.on_action_2"],
        &["action.fill", "action.hover", "action.press"],
    ),
    (
        &["text.on_light"],
        &[
            "world.live",
            "world.replay",
            "world.fork",
            "world.drill",
            "severity.s1",
            "severity.s2",
            "severity.s3",
            "severity.s4",
            "marker.followers",
        ],
    ),
    (
        &["world_chrome.replay.text_3"],
        &[
            "world_form.replay.top_bar",
            "world_form.replay.clock_ground",
            "world_form.replay.time_bar",
            "world_chrome.replay.chip",
            "world_chrome.replay.chip_on",
            "marker.body",
        ],
    ),
    (
        &["world_chrome.fork.text_3"],
        &[
            "world_form.fork.top_bar",
            "world_form.fork.clock_ground",
            "world_form.fork.time_bar",
            "world_chrome.fork.chip",
            "world_chrome.fork.chip_on",
        ],
    ),
    (
        &[
            "world_chrome.drill.text_3",
            "world_chrome.drill.inject_next",
            "world_chrome.drill.inject_later",
            "world_chrome.drill.accent",
        ],
        &[
            "world_form.drill.top_bar",
            "world_form.drill.clock_ground",
            "world_form.drill.time_bar",
            "world_chrome.drill.chip",
            "world_chrome.drill.chip_on",
            "world_chrome.drill.past",
            "world_chrome.drill.future",
        ],
    ),
    (
        &[
            "world_form.replay.plate_text",
            "world_form.fork.plate_text",
            "world_form.drill.plate_text",
        ],
        &["text.on_light"],
    ),
    (
        &["ramp.contour"],
        &["marker.body", "surface.panel", "surface.base"],
    ),
    (
        &["text.wall_t2", "severity_text.s1_wall"],
        &["surface.base", "surface.panel"],
    ),
    (
        &[
            "paper.t1",
            "paper.t2",
            "paper.t3",
            "paper.link",
            "paper.accent",
            "paper.won",
            "paper.lost",
        ],
        &["paper.ground", "paper.inset"],
    ),
];

/// Names of the map and what they may lie on; the halo is between.
const NAMES: [&str; 6] = [
    "map_text.road_major",
    "map_text.road_tertiary",
    "map_text.road_minor",
    "map_text.place",
    "map_text.district",
    "map_text.water",
];
const GROUNDS: [&str; 15] = [
    "ground.land",
    "ground.land_civic",
    "ground.green",
    "ground.park",
    "ground.pitch",
    "ground.water",
    "ground.flood",
    "ground.footprint",
    "building.top",
    "building.top_tall",
    "road.trunk.fill",
    "road.primary.fill",
    "road.secondary.fill",
    "road.tertiary.fill",
    "road.residential.fill",
];
/// Opacity of the halo.
const HALO: f64 = 0.9;

fn over(ground: Rgba8, cover: Rgba8, opacity: f64) -> Rgba8 {
    let mut mixed = ground;
    for (m, c) in mixed.0.iter_mut().zip(cover.0) {
        *m = (f64::from(*m) * (1.0 - opacity) + f64::from(c) * opacity).round() as u8;
    }
    mixed
}

#[test]
fn everything_written_has_contrast() {
    let t = tokens();
    let mut low = Vec::new();
    let mut least = f64::INFINITY;
    let mut check = |text: &str, on: &str, ground: Rgba8| {
        let ratio = contrast(t.color(text), ground);
        least = least.min(ratio);
        if ratio < CONTRAST_MIN {
            low.push(format!("{text} on {on}: {ratio:.2}"));
        }
    };
    for (texts, grounds) in WRITTEN {
        for text in *texts {
            for ground in *grounds {
                check(text, ground, t.color(ground));
            }
        }
    }
    for text in NAMES {
        for ground in GROUNDS {
            let halo = over(t.color(ground), t.color("map_text.halo"), HALO);
            check(text, ground, halo);
        }
    }
    assert!(low.is_empty(), "{low:#?}");
    println!("least contrast {least:.2}");
}

/// Colours that say which state something is in, by what they are told apart in.
const STATES: &[&[&str]] = &[
    &["severity.s1", "severity.s2", "severity.s3", "severity.s4"],
    &[
        "unit.available",
        "unit.assigned",
        "unit.en_route",
        "unit.on_scene",
        "unit.out_of_service",
    ],
    // A broken sensor has a silent one's colour, and a cross.
    &[
        "sensor.normal",
        "sensor.warning",
        "sensor.alarm",
        "sensor.stale",
    ],
    &["world.live", "world.replay", "world.fork", "world.drill"],
    &["marker.ring", "marker.ring_overdue", "marker.ring_track"],
    &["chart.actual", "chart.fork"],
    &["chart.better", "chart.worse"],
    &["paper.won", "paper.lost"],
    &[
        "world_chrome.drill.goal_met",
        "world_chrome.drill.goal_running",
        "world_chrome.drill.goal_missed",
    ],
    &["severity_text.s1", "text.t1", "text.t2"],
];

#[test]
fn states_stay_apart_for_everyone() {
    let t = tokens();
    let mut near = Vec::new();
    let mut least = (f64::INFINITY, String::new());
    for (vision, matrix) in VISIONS {
        for set in STATES {
            for (i, a) in set.iter().enumerate() {
                for b in &set[i + 1..] {
                    let eye = |key: &str| lab(seen(t.color(key), matrix));
                    let apart = difference(eye(a), eye(b));
                    let told = format!("{vision}: {a} · {b}: {apart:.1}");
                    if apart < DIFFERENCE_MIN {
                        near.push(told.clone());
                    }
                    if apart < least.0 {
                        least = (apart, told);
                    }
                }
            }
        }
    }
    assert!(near.is_empty(), "{near:#?}");
    println!("least difference {}", least.1);
}

#[test]
fn the_measures_are_the_published_ones() {
    // Sharma's pairs 1, 7, 17 and 25.
    for (p, q, expected) in [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        (
            [60.2574, -34.0099, 36.2677],
            [60.4626, -34.1751, 39.4387],
            1.2644,
        ),
    ] {
        let found = difference(p, q);
        assert!((found - expected).abs() < 1e-4, "{found} {expected}");
    }
    let (black, white) = (Rgba8([0, 0, 0, 255]), Rgba8([255; 4]));
    assert!((contrast(black, white) - 21.0).abs() < 1e-9);
    let [l, a, b] = lab(linear(white));
    assert!((l - 100.0).abs() < 0.01 && a.abs() < 0.01 && b.abs() < 0.01);
}
