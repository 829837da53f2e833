//! What cannot be read of what is drawn.

use crate::labels::{ATLAS_PX, Labels};
use crate::live::paint::{Canvas, MARK_PHASES, Prim, PrimKind};
use crate::render::MapPhase;
use bevy::math::{Rect, Vec2};
use bevy::prelude::App;

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
pub fn runs(prims: &[Prim]) -> Vec<Rect> {
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
pub fn marks(app: &App) -> Vec<Vec<Prim>> {
    let (prims, starts) = app.world().resource::<Canvas>().flatten();
    let phases = MARK_PHASES.iter().enumerate();
    phases
        .filter(|(_, phase)| **phase != MapPhase::Watermark)
        .map(|(i, _)| prims[starts[i] as usize..starts[i + 1] as usize].to_vec())
        .collect()
}

/// What cannot be read in this view.
pub fn faults(app: &App, size: Vec2, panels: &[Rect]) -> (usize, Vec<String>) {
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
    for text in callouts(app) {
        let cut = |p: &&Rect| overlap(**p, text);
        for panel in panels.iter().filter(cut) {
            found.push(format!(
                "a callout's text at {text:?} is cut by a panel at {panel:?}"
            ));
        }
    }
    (names.len(), found)
}

/// Lines of text of the plates beside what is selected and offered.
fn callouts(app: &App) -> Vec<Rect> {
    let (prims, starts) = app.world().resource::<Canvas>().flatten();
    let place = MARK_PHASES.iter().position(|p| *p == MapPhase::Callouts);
    place.map_or_else(Vec::new, |i| {
        runs(&prims[starts[i] as usize..starts[i + 1] as usize])
    })
}

/// Of the pixels that lie well inside letters of names: how many there are, and how many have not the letters' colour.
/// `scale`: pixels per logical pixel.
pub fn obstructed(app: &App, picture: &image::RgbImage, scale: f32) -> (usize, usize) {
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
