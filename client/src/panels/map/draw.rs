//! What lies on the map itself: layer chips, compass and zoom, legend, scale, attribution.

use super::layers::{HOTSPOTS, LAYERS, drawn_from, is_offered};
use super::{MapAct, MapScene};
use crate::facts::severity_word;
use crate::facts::unit::status_word;
use crate::i18n::distance;
use crate::input::Zone;
use crate::panels::console::Acts;
use crate::panels::help::HelpAct;
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::widgets::{area, chip, chip_width, panel, press};
use bevy_egui::egui::{
    Align2, Color32, Context, CornerRadius, Id, LayerId, Mesh, Order, Pos2, Rect, Shape, Stroke,
    Vec2, pos2, vec2,
};
use chengtu_engine::city::Severity;
use chengtu_engine::model::UnitStatus;

/// Draws everything on the map; returns the rectangles covered, for the map's names to keep clear of.
pub fn draw(ctx: &Context, s: &MapScene<'_>, out: &mut Acts) -> Vec<Rect> {
    let mut covered = vec![chips(ctx, s, out), control(ctx, s, out)];
    let legend = legend(ctx, s);
    covered.extend(legend);
    covered.extend(attribution(ctx, s, legend));
    covered
}

/// Whose data the map is drawn from.
const ATTRIBUTION: &str = "© OpenStreetMap contributors";

/// Whom the map is from.
pub fn attribution_of(mirror: &chengtu_engine::stream::Mirror) -> &str {
    mirror
        .hello
        .as_ref()
        .map(|h| h.city.attribution.as_str())
        .filter(|a| !a.is_empty())
        .unwrap_or(ATTRIBUTION)
}

fn chips(ctx: &Context, s: &MapScene<'_>, out: &mut Acts) -> Rect {
    let at = s.layout.chips();
    let room = s.layout.control().min.x - at.x - 12.0;
    let probe = ctx.layer_painter(LayerId::background());
    let pen = Pen {
        painter: &probe,
        skin: s.skin,
    };
    let numbered = s.zone == Zone::Layers;
    let labels: Vec<(usize, String)> = (0..LAYERS.len())
        .filter(|i| is_offered(*i, s.world))
        .map(|i| {
            let label = said(s, i, s.words.t(LAYERS[i].0));
            if numbered {
                (i, format!("{} {label}", i + 1))
            } else {
                (i, label)
            }
        })
        .collect();
    let widths: Vec<f32> = labels.iter().map(|(_, l)| chip_width(&pen, l)).collect();
    // Chips that find no room in the first line go into a second.
    let mut places = Vec::new();
    let (mut x, mut y) = (0.0, 0.0);
    for w in &widths {
        if x + w > room && x > 0.0 {
            x = 0.0;
            y += 34.0;
        }
        places.push(Rect::from_min_size(at + vec2(x, y), vec2(*w, 28.0)));
        x += w + 6.0;
    }
    let covered = places.iter().fold(Rect::NOTHING, |a, b| a.union(*b));
    area(ctx, "layer-chips", covered, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        let mut layers = s.layers.clone();
        for (r, (i, label)) in places.iter().zip(&labels) {
            let on = *LAYERS[*i].1(&mut layers);
            if chip(ui, &pen, *r, Id::new(("layer", *i)), label, on).clicked() {
                out.push(MapAct::Layer(*i));
            }
            if numbered {
                pen.focus_ring(*r, 6);
            }
        }
    });
    covered
}

/// A layer's name; with why nothing of it is seen though it is on.
fn said(s: &MapScene<'_>, layer: usize, name: &str) -> String {
    let (key, of) = LAYERS[layer];
    if !*of(&mut s.layers.clone()) {
        name.to_string()
    } else if drawn_from(layer).is_some_and(|zoom| s.camera.zoom < zoom) {
        s.words.f("layer.nearer", &[("layer", name)])
    } else if key == HOTSPOTS && s.mirror.is_ready() && s.mirror.hotspots.is_empty() {
        s.words.f("layer.nothing", &[("layer", name)])
    } else {
        name.to_string()
    }
}

fn control(ctx: &Context, s: &MapScene<'_>, out: &mut Acts) -> Rect {
    let rect = s.layout.control();
    area(ctx, "map-control", rect, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        let skin = s.skin;
        panel(&pen, rect);
        let heights = [44.0, 35.0, 35.0, 34.0, 34.0];
        let mut y = rect.min.y;
        for (i, h) in heights.into_iter().enumerate() {
            let r = Rect::from_min_size(pos2(rect.min.x, y), vec2(36.0, h));
            let response = press(ui, r, Id::new(("map-control", i)), &pen, 8);
            if response.hovered() {
                painter.rect_filled(r.shrink(1.0), CornerRadius::same(7), skin.hover);
            }
            if i > 0 {
                pen.hline(r.min.x + 1.0, r.max.x - 1.0, y, skin.line);
            }
            let c = r.center();
            match i {
                0 => compass(&pen, s, c),
                1 | 2 => {
                    let stroke = Stroke::new(1.6, skin.t2);
                    painter.line_segment([c - vec2(5.0, 0.0), c + vec2(5.0, 0.0)], stroke);
                    if i == 1 {
                        painter.line_segment([c - vec2(0.0, 5.0), c + vec2(0.0, 5.0)], stroke);
                    }
                }
                4 => pen.centre(c, "?", skin.bold(Role::Row), skin.t2),
                _ => pen.centre(
                    c,
                    if s.camera.pitch_deg > 1.0 { "2D" } else { "3D" },
                    skin.regular(Role::Small),
                    skin.t2,
                ),
            }
            let words = [
                "control.north",
                "control.nearer",
                "control.farther",
                "control.tilt",
                "control.help",
            ][i];
            if response.on_hover_text(s.words.t(words)).clicked() {
                match i {
                    0 => out.push(MapAct::North),
                    1 => out.push(MapAct::Zoom(1.0)),
                    2 => out.push(MapAct::Zoom(-1.0)),
                    3 => out.push(MapAct::Tilt),
                    _ => out.push(HelpAct::Toggle),
                }
            }
            y += h;
        }
    });
    rect
}

/// A needle that shows north, with its letter.
fn compass(pen: &Pen<'_>, s: &MapScene<'_>, c: Pos2) {
    let skin = s.skin;
    let north =
        Vec2::angled(-(s.camera.bearing_deg as f32).to_radians() - std::f32::consts::FRAC_PI_2);
    let side = north.rot90();
    let half = |tip: Vec2, color: Color32| {
        let points = vec![c + tip * 10.0, c + side * 4.0, c - side * 4.0];
        pen.painter
            .add(Shape::convex_polygon(points, color, Stroke::NONE));
    };
    half(-north, skin.t4);
    half(north, skin.t1);
    pen.centre(c + north * 15.0, "N", skin.bold_px(12.0), skin.t2);
}

enum Item<'a> {
    Severity(Severity, &'a str),
    Status(UnitStatus, &'a str),
    Divider,
    Density,
}

/// What the layers on show are explained with.
fn items<'a>(s: &MapScene<'a>) -> Vec<Item<'a>> {
    let w = s.words;
    let severities = [
        Severity::Severe,
        Severity::Urgent,
        Severity::Normal,
        Severity::Slight,
    ];
    let statuses = [
        UnitStatus::Available,
        UnitStatus::Assigned,
        UnitStatus::EnRoute,
        UnitStatus::OnScene,
        UnitStatus::OutOfService,
    ];
    let mut groups: Vec<Vec<Item<'a>>> = Vec::new();
    if s.layers.cases {
        let item = |v| Item::Severity(v, severity_word(v, w));
        groups.push(severities.map(item).into());
    }
    if s.layers.units {
        let item = |v| Item::Status(v, status_word(v, w));
        groups.push(statuses.map(item).into());
    }
    if s.layers.density {
        groups.push(vec![Item::Density]);
    }
    let mut items = Vec::new();
    for group in groups {
        if !items.is_empty() {
            items.push(Item::Divider);
        }
        items.extend(group);
    }
    items
}

/// Words at both ends of the density's ramp.
fn density_words(s: &MapScene<'_>) -> [String; 2] {
    let top = format!("{:.0}", s.density_per_km2);
    [
        s.words.t("legend.density_low").to_string(),
        s.words.f("legend.density_high", &[("n", &top)]),
    ]
}

fn item_width(pen: &Pen<'_>, item: &Item<'_>, density: &[String; 2]) -> f32 {
    let width = |text: &str| pen.width(text, pen.skin.regular(Role::Small));
    match item {
        Item::Severity(_, label) | Item::Status(_, label) => 20.0 + width(label) + 12.0,
        Item::Divider => 13.0,
        Item::Density => width(&density[0]) + 8.0 + 64.0 + 8.0 + width(&density[1]) + 8.0,
    }
}

/// Height of the legend.
const LEGEND_H: f32 = 30.0;

fn legend(ctx: &Context, s: &MapScene<'_>) -> Option<Rect> {
    let mut items = items(s);
    let density = density_words(s);
    let probe = ctx.layer_painter(LayerId::background());
    let pen = Pen {
        painter: &probe,
        skin: s.skin,
    };
    let small = s.skin.regular(Role::Small);
    let width_of = |item: &Item<'_>| item_width(&pen, item, &density);
    // Whole groups are left out where the window is too narrow for all.
    let corner = pen.width(attribution_of(s.mirror), small) + 2.0 * CORNER_PAD.x;
    let room = s.layout.window.width() - 24.0 - corner - 12.0;
    while items.iter().map(width_of).sum::<f32>() + 20.0 > room {
        let cut = items.iter().rposition(|i| matches!(i, Item::Divider))?;
        items.truncate(cut);
    }
    if items.is_empty() {
        return None;
    }
    let width = items.iter().map(width_of).sum::<f32>() + 20.0;
    let rect = Align2::LEFT_BOTTOM.anchor_size(s.layout.legend(), vec2(width, LEGEND_H));
    area(ctx, "legend", rect, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        pen.plate(rect, 8, s.skin.panel, s.skin.line);
        let (mut x, y) = (rect.min.x + 12.0, rect.center().y);
        for item in &items {
            draw_item(&pen, item, &density, pos2(x, y));
            x += width_of(item);
        }
    });
    Some(rect)
}

fn draw_item(pen: &Pen<'_>, item: &Item<'_>, density: &[String; 2], at: Pos2) {
    let skin = pen.skin;
    let small = skin.regular(Role::Small);
    let beside = pos2(at.x + 20.0, at.y);
    match item {
        Item::Severity(v, label) => {
            pen.severity(pos2(at.x + 7.0, at.y), 5.2, *v);
            pen.left(beside, label, small, skin.t2);
        }
        Item::Status(v, label) => {
            pen.unit(pos2(at.x + 7.0, at.y), 6.5, *v, None);
            pen.left(beside, label, small, skin.t2);
        }
        Item::Divider => pen.vline(at.x, at.y - 8.0, at.y + 8.0, skin.line_strong),
        Item::Density => {
            let end = pen.left(at, &density[0], small.clone(), skin.t2);
            let bar = Rect::from_min_size(pos2(end + 8.0, at.y - 3.0), vec2(64.0, 6.0));
            ramp(pen, bar);
            let high = pos2(bar.max.x + 8.0, at.y);
            pen.left(high, &density[1], small, skin.t2);
        }
    }
}

/// The density ramp as a bar.
fn ramp(pen: &Pen<'_>, bar: Rect) {
    let colors = &pen.skin.density;
    if colors.len() < 2 {
        return;
    }
    let mut mesh = Mesh::default();
    for (i, color) in colors.iter().enumerate() {
        let x = bar.min.x + bar.width() * i as f32 / (colors.len() - 1) as f32;
        mesh.colored_vertex(pos2(x, bar.min.y), *color);
        mesh.colored_vertex(pos2(x, bar.max.y), *color);
        if i > 0 {
            let k = 2 * i as u32;
            mesh.add_triangle(k - 2, k - 1, k);
            mesh.add_triangle(k - 1, k + 1, k);
        }
    }
    pen.painter.add(Shape::mesh(mesh));
}

/// The largest 1, 2 or 5 × 10ⁿ metres that are not longer than `most_px` on the screen.
pub fn scale_bar(metres_per_px: f64, most_px: f64) -> (f64, f64) {
    let most_m = (metres_per_px * most_px).max(1e-3);
    let tens = 10f64.powf(most_m.log10().floor());
    let metres = [5.0, 2.0, 1.0]
        .into_iter()
        .map(|k| k * tens)
        .find(|m| *m <= most_m)
        .unwrap_or(tens);
    (metres, metres / metres_per_px.max(1e-9))
}

/// A line of what stands in the lower right corner.
enum Corner<'a> {
    Text(&'a str, Color32),
    /// A length on the ground in words, and on the screen, logical pixels.
    Scale(String, f32),
}

/// Height of a line, and what a plate leaves around its lines, logical pixels.
const CORNER_LINE: f32 = 18.0;
const CORNER_PAD: Vec2 = vec2(10.0, 5.0);
/// From the words of the scale to its bar.
const SCALE_GAP: f32 = 10.0;

impl Corner<'_> {
    fn width(&self, pen: &Pen<'_>) -> f32 {
        let width = |text: &str| pen.width(text, pen.skin.regular(Role::Small));
        match self {
            Self::Text(text, _) => width(text),
            Self::Scale(words, px) => width(words) + SCALE_GAP + px,
        }
    }

    /// Draws the line so that it ends at `at`.
    fn draw(&self, pen: &Pen<'_>, at: Pos2) {
        let (skin, font) = (pen.skin, pen.skin.regular(Role::Small));
        match self {
            Self::Text(text, color) => {
                pen.right(at, text, font, *color);
            }
            Self::Scale(words, px) => {
                let (x1, x0, y) = (at.x, at.x - px, at.y);
                let line = [(x0, -4.0), (x0, 3.0), (x1, 3.0), (x1, -4.0)];
                let line = line.map(|(x, dy)| pos2(x, y + dy)).to_vec();
                let stroke = bevy_egui::egui::epaint::PathStroke::new(1.5, skin.t2);
                pen.painter.add(Shape::line(line, stroke));
                pen.right(pos2(x0 - SCALE_GAP, y), words, font, skin.t2);
            }
        }
    }
}

/// Scale, notice and attribution on a plate: nothing of the map strikes through them.
fn attribution(ctx: &Context, s: &MapScene<'_>, legend: Option<Rect>) -> Vec<Rect> {
    let corner = s.layout.attribution();
    let probe = ctx.layer_painter(LayerId::background());
    let pen = Pen {
        painter: &probe,
        skin: s.skin,
    };
    let attribution = Corner::Text(attribution_of(s.mirror), s.skin.t2);
    // The notice of what is simulated stands there too: it belongs to what is seen.
    let notice = s
        .mirror
        .hello
        .as_ref()
        .map_or("", |h| s.words.name(&h.city.notice, &h.city.notice_en));
    let (metres, px) = scale_bar(s.camera.metres_per_px(), 100.0);
    let mut upper = vec![Corner::Scale(distance(metres), px as f32)];
    let room = s.layout.window.width() - 24.0 - 2.0 * CORNER_PAD.x;
    let notice = Corner::Text(notice, s.skin.t3);
    if (1.0..=room).contains(&notice.width(&pen)) {
        upper.push(notice);
    }
    let left = |lines: &[Corner<'_>]| {
        let widest = lines.iter().map(|l| l.width(&pen)).fold(0.0, f32::max);
        corner.x - widest - 2.0 * CORNER_PAD.x
    };
    let beside = legend.is_none_or(|r| left(&upper) > r.max.x + 12.0);
    if beside {
        upper.push(attribution);
        return vec![corner_plate(
            ctx,
            s,
            "map-corner",
            (left(&upper), corner),
            &upper,
        )];
    }
    // No room beside the legend: above it.
    let lower = [attribution];
    let above = corner - vec2(0.0, LEGEND_H + 6.0);
    vec![
        corner_plate(ctx, s, "map-corner", (left(&upper), above), &upper),
        corner_plate(ctx, s, "attribution", (left(&lower), corner), &lower),
    ]
}

/// Lines on a plate from `left` to its lower right corner.
fn corner_plate(
    ctx: &Context,
    s: &MapScene<'_>,
    name: &str,
    (left, corner): (f32, Pos2),
    lines: &[Corner<'_>],
) -> Rect {
    let height = lines.len() as f32 * CORNER_LINE + 2.0 * CORNER_PAD.y;
    let rect = Rect::from_min_max(pos2(left, corner.y - height), corner);
    area(ctx, name, rect, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        pen.plate(rect, 8, s.skin.panel, s.skin.line);
        let first = rect.min.y + CORNER_PAD.y + CORNER_LINE / 2.0;
        for (i, line) in lines.iter().enumerate() {
            let y = first + i as f32 * CORNER_LINE;
            line.draw(&pen, pos2(rect.max.x - CORNER_PAD.x, y));
        }
    });
    rect
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_bar_is_round_and_fits() {
        for mpp in [0.06, 0.5, 1.01, 3.3, 40.0, 300.0] {
            let (metres, px) = scale_bar(mpp, 100.0);
            assert!(
                px <= 100.0 + 1e-9 && px > 30.0,
                "{mpp}: {metres} m, {px} px"
            );
            let lead = metres / 10f64.powf(metres.log10().floor());
            assert!(
                [1.0, 2.0, 5.0].iter().any(|k| (lead - k).abs() < 1e-6),
                "{metres}"
            );
        }
    }
}
