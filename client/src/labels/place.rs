//! Chooses which names are written where: the important first, none over another, and what stands keeps standing.

use super::along::{OnLine, Stand, along, at_share};
use super::atlas::GlyphAtlas;
use super::space::Space;
use super::{LabelScale, Lang};
use crate::basemap::mesh::{Name, NameShape, TileMesh};
use crate::basemap::style::{Paint, Scope, Style, StyleValue, Symbol, SymbolPlacement};
use crate::camera::MapCamera;
use bevy::math::{DVec2, Rect, Vec2};
use std::collections::HashMap;
use std::sync::Arc;

/// Nearest two names of one road may stand, logical pixels.
const REPEAT_PX: f32 = 430.0;
/// Nearest two points of one name may stand: a place drawn twice by its tiles.
const REPEAT_POINT_PX: f32 = 160.0;
/// Nothing on the map is written smaller, logical pixels.
const TEXT_MIN_PX: f32 = 12.0;
/// Free room around a name, logical pixels.
const PADDING_PX: f32 = 3.0;
/// Room around a whole road name, so that two never read as one.
const GAP_PX: f32 = 8.0;
/// Farther away (D/d) nothing is written: there it would only be a haze of names.
const NEARNESS_MIN: f32 = 0.5;
/// Characters of a name at a point before it is broken into two lines.
const LINE_CHARS: [usize; 2] = [9, 18];

/// A name that may be written.
#[derive(Clone, Debug)]
pub struct Candidate {
    tile: Arc<TileMesh>,
    number: usize,
    /// For lines: share of the way along.
    share: f32,
    /// Which names come first: of the style's layer and rank, then the best place on the line.
    order: (f32, u32),
    /// The same name at the same place has the same key, whatever tile it came from.
    pub key: u64,
}

/// A name on the screen.
#[derive(Clone, Debug)]
pub struct Label {
    /// See [`Candidate::key`].
    pub key: u64,
    /// Characters and where they stand.
    pub glyphs: Vec<(char, Stand)>,
    /// An icon and the middle of it.
    pub icon: Option<(String, Vec2)>,
    /// Logical pixels.
    pub size_px: f32,
    /// Bold.
    pub bold: bool,
    /// sRGB.
    pub color: [f32; 4],
    /// sRGB.
    pub halo: [f32; 4],
    /// The whole, for what may repeat and for tests.
    pub bounds: Rect,
    text: String,
}

impl Candidate {
    fn name(&self) -> &Name {
        &self.tile.names[self.number]
    }
}

/// The text of a name in a language, without what stands in brackets behind it.
fn text(name: &Name, lang: Lang) -> &str {
    let whole = match lang {
        Lang::Zh => &name.zh,
        Lang::En => &name.en,
    };
    let main = whole
        .split(['(', '（'])
        .next()
        .unwrap_or_default()
        .trim_end();
    if main.is_empty() { whole } else { main }
}

/// All names of the tiles shown, in the order in which they may take their place.
pub fn candidates(shown: &[Arc<TileMesh>]) -> Vec<Candidate> {
    let mut list = Vec::new();
    for tile in shown {
        for (number, name) in tile.names.iter().enumerate() {
            match &name.shape {
                NameShape::Point(at) => {
                    list.push(Candidate {
                        tile: tile.clone(),
                        number,
                        share: 0.0,
                        order: (name.rank, 0),
                        key: key(name, *at),
                    });
                }
                NameShape::Line(line) => {
                    // The middle, the quarters, the eighths …: each a little less welcome than the one before.
                    for (place, share) in [0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875]
                        .into_iter()
                        .enumerate()
                    {
                        let points: Vec<Vec2> = relative(line);
                        let at = at_share(&points, share).map(|on| {
                            let (a, b) = (
                                DVec2::from(line[on.segment]),
                                DVec2::from(line[on.segment + 1]),
                            );
                            a.lerp(b, f64::from(on.t)).into()
                        });
                        let Some(at) = at else { continue };
                        let order = (name.rank, place as u32);
                        list.push(Candidate {
                            tile: tile.clone(),
                            number,
                            share,
                            order,
                            key: key(name, at),
                        });
                    }
                }
            }
        }
    }
    list.sort_by(|a, b| {
        a.order
            .0
            .total_cmp(&b.order.0)
            .then(a.order.1.cmp(&b.order.1))
            .then(a.key.cmp(&b.key))
    });
    list
}

/// Mercator relative to the line's first point, large enough for f32.
fn relative(line: &[[f64; 2]]) -> Vec<Vec2> {
    let first = line.first().copied().unwrap_or_default();
    line.iter()
        .map(|p| {
            Vec2::new(
                ((p[0] - first[0]) * 1e7) as f32,
                ((p[1] - first[1]) * 1e7) as f32,
            )
        })
        .collect()
}

fn key(name: &Name, at: [f64; 2]) -> u64 {
    // Places are told apart at about ten metres: the same junction differs a little from zoom to zoom.
    let grid = |v: f64| (v * f64::from(1u32 << 22)).round() as i64 as u64;
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut add = |v: u64| hash = (hash ^ v).wrapping_mul(0x0100_0000_01b3);
    name.zh.bytes().for_each(|b| add(u64::from(b)));
    [name.layer as u64, grid(at[0]), grid(at[1])]
        .into_iter()
        .for_each(add);
    hash
}

struct AtZoom(f64);

impl Scope for AtZoom {
    fn zoom(&self) -> f64 {
        self.0
    }
    fn property(&self, _: &str) -> Option<StyleValue> {
        None
    }
    fn geometry_type(&self) -> &'static str {
        "Unknown"
    }
}

/// How a layer writes at a zoom.
struct Look<'a> {
    symbol: &'a Symbol,
    size_px: f32,
    color: [f32; 4],
    halo: [f32; 4],
    spacing_em: f32,
}

/// What placing needs besides the names.
pub struct Setting<'a> {
    /// The camera.
    pub camera: &'a MapCamera,
    /// The style.
    pub style: &'a Style,
    /// The language.
    pub lang: Lang,
    /// How much larger than in the style.
    pub scale: LabelScale,
    /// Rectangles to keep clear of.
    pub obstacles: &'a [Rect],
}

fn looks<'a>(setting: &Setting<'a>) -> Vec<Option<Look<'a>>> {
    let zoom = setting.camera.zoom;
    let scope = AtZoom(zoom);
    setting
        .style
        .layers
        .iter()
        .map(|layer| {
            let Paint::Symbol(symbol) = &layer.paint else {
                return None;
            };
            (zoom >= layer.minzoom && zoom < layer.maxzoom).then(|| Look {
                symbol,
                size_px: symbol.size.eval(&scope).number().unwrap_or(12.0) as f32 * setting.scale.0,
                color: symbol.color.eval(&scope).color().unwrap_or([1.0; 4]),
                halo: symbol.halo.eval(&scope).color().unwrap_or_default(),
                spacing_em: symbol.spacing.eval(&scope).number().unwrap_or(0.0) as f32,
            })
        })
        .collect()
}

/// Size of text at a distance: `× clamp(0.45 + 0.55·D/d, 0.80, 1.12)`, never below the smallest readable.
fn size_at(size_px: f32, nearness: f32, scale: LabelScale) -> f32 {
    (size_px * (0.45 + 0.55 * nearness).clamp(0.80, 1.12)).max(TEXT_MIN_PX * scale.0.min(1.0))
}

/// Chooses the names to write. `standing` are the keys written now: they come before others of their layer.
pub fn choose(
    candidates: &[Candidate],
    setting: &Setting<'_>,
    atlas: &mut GlyphAtlas,
    standing: &HashMap<u64, f32>,
) -> Vec<(usize, Label)> {
    let looks = looks(setting);
    let mut space = Space::new(setting.camera.viewport);
    for rect in setting.obstacles {
        space.take(*rect);
    }
    let mut labels: Vec<(usize, Label)> = Vec::new();
    let mut by_text: HashMap<String, Vec<Vec2>> = HashMap::new();
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|i| {
        let c = &candidates[*i];
        // Whole ranks only: among equals, what stands stays.
        (
            c.order.0.floor() as i64,
            !standing.contains_key(&c.key),
            c.order.1,
            *i,
        )
    });
    for i in order {
        let candidate = &candidates[i];
        let Some(look) = looks.get(candidate.name().layer).and_then(Option::as_ref) else {
            continue;
        };
        let repeat_px = if look.symbol.placement == SymbolPlacement::Line {
            REPEAT_PX
        } else {
            REPEAT_POINT_PX
        };
        let Some(label) = layout(candidate, look, setting, atlas) else {
            continue;
        };
        let middle = label.bounds.center();
        let near = by_text.get(&label.text).is_some_and(|all| {
            all.iter()
                .any(|p| p.distance(middle) < repeat_px * setting.scale.0)
        });
        if near {
            continue;
        }
        let boxes = boxes(&label);
        let screen = Rect::from_corners(Vec2::ZERO, setting.camera.viewport).inflate(-4.0);
        let free = boxes
            .iter()
            .all(|b| screen.contains(b.min) && screen.contains(b.max) && space.is_free(*b));
        if !free {
            continue;
        }
        for taken in boxes {
            space.take(taken.inflate(GAP_PX * 0.5));
        }
        by_text.entry(label.text.clone()).or_default().push(middle);
        labels.push((i, label));
    }
    labels
}

/// The same name where the camera is now; `None` when it cannot be written there any more.
pub fn again(
    candidate: &Candidate,
    setting: &Setting<'_>,
    atlas: &mut GlyphAtlas,
) -> Option<Label> {
    let looks = looks_of(setting, candidate.name().layer)?;
    layout(candidate, &looks, setting, atlas)
}

fn looks_of<'a>(setting: &Setting<'a>, layer: usize) -> Option<Look<'a>> {
    let scope = AtZoom(setting.camera.zoom);
    let Paint::Symbol(symbol) = &setting.style.layers.get(layer)?.paint else {
        return None;
    };
    Some(Look {
        symbol,
        size_px: symbol.size.eval(&scope).number().unwrap_or(12.0) as f32 * setting.scale.0,
        color: symbol.color.eval(&scope).color().unwrap_or([1.0; 4]),
        halo: symbol.halo.eval(&scope).color().unwrap_or_default(),
        spacing_em: symbol.spacing.eval(&scope).number().unwrap_or(0.0) as f32,
    })
}

fn boxes(label: &Label) -> Vec<Rect> {
    let half = Vec2::splat(label.size_px * 0.5 + PADDING_PX);
    if label.glyphs.iter().any(|(_, s)| s.angle != 0.0) || label.glyphs.len() < 2 {
        return label
            .glyphs
            .iter()
            .map(|(_, s)| Rect::from_center_half_size(s.pos, half))
            .collect();
    }
    vec![label.bounds.inflate(PADDING_PX)]
}

fn layout(
    candidate: &Candidate,
    look: &Look<'_>,
    setting: &Setting<'_>,
    atlas: &mut GlyphAtlas,
) -> Option<Label> {
    let name = candidate.name();
    let text = text(name, setting.lang);
    let camera = setting.camera;
    let label = |glyphs: Vec<(char, Stand)>, icon, size_px: f32| {
        let half = Vec2::splat(size_px * 0.5);
        let bounds = glyphs
            .iter()
            .map(|(_, s)| Rect::from_center_half_size(s.pos, half))
            .reduce(|a, b| a.union(b))
            .unwrap_or_default();
        Label {
            key: candidate.key,
            glyphs,
            icon,
            size_px,
            bold: look.symbol.bold,
            color: look.color,
            halo: look.halo,
            bounds,
            text: text.to_string(),
        }
    };
    match &name.shape {
        NameShape::Point(at) => {
            let seen = camera.screen_from_mercator((*at).into())?;
            if seen.nearness < NEARNESS_MIN || !on_screen(seen.pos, camera) {
                return None;
            }
            let size_px = size_at(look.size_px, seen.nearness, setting.scale);
            let icon = (!name.icon.is_empty()).then(|| name.icon.clone());
            let (glyphs, icon) = block(text, seen.pos, size_px, look, setting.lang, icon, atlas);
            let mut label = label(glyphs, icon, size_px);
            if let Some((_, pos)) = &label.icon {
                label.bounds = label.bounds.union(Rect::from_center_half_size(
                    *pos,
                    Vec2::splat(size_px * 0.6),
                ));
            }
            Some(label)
        }
        NameShape::Line(line) => {
            let points = relative(line);
            let on = at_share(&points, candidate.share)?;
            let anchor = DVec2::from(line[on.segment])
                .lerp(DVec2::from(line[on.segment + 1]), f64::from(on.t));
            let seen = camera.screen_from_mercator(anchor)?;
            if seen.nearness < NEARNESS_MIN || !on_screen(seen.pos, camera) {
                return None;
            }
            let size_px = size_at(look.size_px, seen.nearness, setting.scale);
            let (screen, on) = around(
                line,
                on,
                anchor,
                camera,
                size_px * (text.chars().count() as f32 + 2.0) * 1.5,
            )?;
            let spacing = spacing_em(text, look);
            let widths: Vec<f32> = text
                .chars()
                .map(|c| (atlas.glyph(look.symbol.bold, c).advance + spacing) * size_px)
                .collect();
            let cjk = is_chinese(text);
            let stands = along(&screen, on, &widths, size_px * (1.06 + spacing * 0.5), cjk)?;
            Some(label(text.chars().zip(stands).collect(), None, size_px))
        }
    }
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| c > '\u{2e80}')
}

/// Room between characters in ems: the style's for Chinese, a quarter of it for alphabets, which fall apart sooner.
fn spacing_em(text: &str, look: &Look<'_>) -> f32 {
    look.spacing_em * if is_chinese(text) { 1.0 } else { 0.25 }
}

fn on_screen(pos: Vec2, camera: &MapCamera) -> bool {
    pos.cmpge(Vec2::ZERO).all() && pos.cmple(camera.viewport).all()
}

/// The part of a line around a place on it, on the screen: enough for `reach_px` either way.
fn around(
    line: &[[f64; 2]],
    on: OnLine,
    anchor: DVec2,
    camera: &MapCamera,
    reach_px: f32,
) -> Option<(Vec<Vec2>, OnLine)> {
    let at = |i: usize| camera.screen_from_mercator(line[i].into()).map(|s| s.pos);
    let middle = camera.screen_from_mercator(anchor)?.pos;
    let mut before = Vec::new();
    let (mut last, mut gone) = (middle, 0.0);
    for i in (0..=on.segment).rev() {
        let p = at(i)?;
        gone += p.distance(last);
        before.push(p);
        last = p;
        if gone > reach_px {
            break;
        }
    }
    let mut screen: Vec<Vec2> = before.into_iter().rev().collect();
    let segment = screen.len();
    screen.push(middle);
    (last, gone) = (middle, 0.0);
    for i in on.segment + 1..line.len() {
        let Some(p) = at(i) else { break };
        gone += p.distance(last);
        screen.push(p);
        last = p;
        if gone > reach_px {
            break;
        }
    }
    // The anchor stands at the beginning of the segment after it, or at the end of the last one.
    let on = if segment + 1 < screen.len() {
        OnLine { segment, t: 0.0 }
    } else {
        OnLine {
            segment: segment.checked_sub(1)?,
            t: 1.0,
        }
    };
    Some((screen, on))
}

/// Writes a name at a point, in one line or two, centred, its icon to the left.
fn block(
    text: &str,
    at: Vec2,
    size_px: f32,
    look: &Look<'_>,
    lang: Lang,
    icon: Option<String>,
    atlas: &mut GlyphAtlas,
) -> (Vec<(char, Stand)>, Option<(String, Vec2)>) {
    let lines = broken(text, lang);
    let spacing = spacing_em(text, look);
    let line_height = size_px * 1.25;
    let icon_room = if icon.is_some() { size_px * 1.3 } else { 0.0 };
    let mut glyphs = Vec::with_capacity(text.chars().count());
    let mut left = f32::INFINITY;
    let count = lines.len() as f32;
    for (i, line) in lines.iter().enumerate() {
        let width = atlas.width(line, look.symbol.bold, spacing) * size_px;
        let mut pen = at.x - width / 2.0 + icon_room / 2.0;
        left = left.min(pen);
        let y = at.y + (i as f32 - (count - 1.0) / 2.0) * line_height;
        for c in line.chars() {
            let advance = atlas.glyph(look.symbol.bold, c).advance * size_px;
            glyphs.push((
                c,
                Stand {
                    pos: Vec2::new(pen + advance / 2.0, y),
                    angle: 0.0,
                },
            ));
            pen += advance + spacing * size_px;
        }
    }
    let icon = icon.map(|name| (name, Vec2::new(left - icon_room / 2.0, at.y)));
    (glyphs, icon)
}

/// A long name in two lines: English between words, Chinese in the middle.
fn broken(text: &str, lang: Lang) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let limit = LINE_CHARS[usize::from(lang == Lang::En || text.is_ascii())];
    if chars.len() <= limit {
        return vec![text.to_string()];
    }
    let middle = chars.len() / 2;
    let space = chars
        .iter()
        .enumerate()
        .filter(|(_, c)| **c == ' ')
        .min_by_key(|(i, _)| i.abs_diff(middle));
    let (first, second) = match space {
        Some((i, _)) => (&chars[..i], &chars[i + 1..]),
        None if text.is_ascii() => return vec![text.to_string()],
        None => chars.split_at(chars.len().div_ceil(2)),
    };
    vec![first.iter().collect(), second.iter().collect()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::basemap::mesh::{FillMesh, LineMesh, SolidMesh};
    use crate::look::Tokens;
    use chengtu_engine::geo::TileId;

    fn style() -> Style {
        let text = serde_json::json!({"layers": [
            {"id": "road", "type": "symbol", "source-layer": "road", "layout": {"text-field": ["get", "name"], "text-size": 14, "symbol-placement": "line"}},
            {"id": "place", "type": "symbol", "source-layer": "place", "layout": {"text-field": ["get", "name"], "text-size": 12}},
        ]});
        Style::parse(&text.to_string(), "test", &Tokens::shipped().unwrap()).unwrap()
    }

    fn camera() -> MapCamera {
        MapCamera {
            zoom: 15.0,
            viewport: Vec2::new(2400.0, 800.0),
            ..MapCamera::default()
        }
    }

    fn tile(names: Vec<Name>) -> Vec<Arc<TileMesh>> {
        let id = TileId { z: 15, x: 0, y: 0 };
        vec![Arc::new(TileMesh {
            id,
            fill: FillMesh::default(),
            line: LineMesh::default(),
            solid: SolidMesh::default(),
            buckets: Vec::new(),
            names,
        })]
    }

    fn at(camera: &MapCamera, x: f32, y: f32) -> [f64; 2] {
        camera.mercator_from_screen(Vec2::new(x, y)).unwrap().into()
    }

    fn point(zh: &str, rank: f32, p: [f64; 2]) -> Name {
        Name {
            layer: 1,
            zh: zh.into(),
            en: format!("{zh} in English"),
            rank,
            icon: String::new(),
            shape: NameShape::Point(p),
        }
    }

    fn road(zh: &str, line: Vec<[f64; 2]>) -> Name {
        Name {
            layer: 0,
            zh: zh.into(),
            en: zh.into(),
            rank: 0.0,
            icon: String::new(),
            shape: NameShape::Line(line),
        }
    }

    fn written(
        names: Vec<Name>,
        obstacles: &[Rect],
        standing: &HashMap<u64, f32>,
    ) -> Vec<(String, Label)> {
        let (camera, style) = (camera(), style());
        let list = candidates(&tile(names));
        let setting = Setting {
            camera: &camera,
            style: &style,
            lang: Lang::Zh,
            scale: LabelScale(1.0),
            obstacles,
        };
        let mut atlas = GlyphAtlas::new().unwrap();
        choose(&list, &setting, &mut atlas, standing)
            .into_iter()
            .map(|(i, l)| (list[i].name().zh.clone(), l))
            .collect()
    }

    #[test]
    fn the_important_name_takes_the_place() {
        let c = camera();
        let names = vec![
            point("小店", 900.0, at(&c, 500.0, 402.0)),
            point("大行宫站", 100.0, at(&c, 510.0, 400.0)),
        ];
        let out = written(names, &[], &HashMap::new());
        assert_eq!(
            out.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(),
            ["大行宫站"]
        );
    }

    #[test]
    fn what_stands_stays_among_equals() {
        let c = camera();
        let names = || {
            vec![
                point("甲店", 5.0, at(&c, 500.0, 402.0)),
                point("乙店", 5.0, at(&c, 510.0, 400.0)),
            ]
        };
        let free = written(names(), &[], &HashMap::new());
        let other = if free[0].0 == "甲店" {
            "乙店"
        } else {
            "甲店"
        };
        let list = candidates(&tile(names()));
        let key = list.iter().find(|c| c.name().zh == other).unwrap().key;
        assert_eq!(
            written(names(), &[], &HashMap::from([(key, 1.0)]))[0].0,
            other
        );
    }

    #[test]
    fn names_keep_clear_of_obstacles() {
        let c = camera();
        let names = vec![point("北门桥", 1.0, at(&c, 500.0, 400.0))];
        let marker = Rect::from_center_half_size(Vec2::new(505.0, 404.0), Vec2::splat(16.0));
        assert!(written(names.clone(), &[marker], &HashMap::new()).is_empty());
        assert_eq!(written(names, &[], &HashMap::new()).len(), 1);
    }

    #[test]
    fn a_road_has_its_name_once_in_430_pixels() {
        let c = camera();
        let line = vec![at(&c, 20.0, 300.0), at(&c, 2380.0, 310.0)];
        let out = written(vec![road("中山东路", line)], &[], &HashMap::new());
        assert_eq!(out.len(), 3);
        for (i, (_, a)) in out.iter().enumerate() {
            for (_, b) in &out[i + 1..] {
                assert!(a.bounds.center().distance(b.bounds.center()) >= 430.0);
            }
        }
    }

    #[test]
    fn when_the_middle_is_taken_the_road_finds_another_place() {
        let c = camera();
        let line = vec![at(&c, 20.0, 300.0), at(&c, 980.0, 300.0)];
        let taken = Rect::new(430.0, 250.0, 570.0, 350.0);
        let out = written(vec![road("中山东路", line)], &[taken], &HashMap::new());
        assert!(!out.is_empty());
        assert!(
            out.iter()
                .all(|(_, l)| l.bounds.intersect(taken).is_empty())
        );
    }

    #[test]
    fn nothing_is_written_below_twelve_pixels() {
        assert_eq!(size_at(12.0, 0.3, LabelScale(1.0)), 12.0);
        assert!((size_at(14.0, 1.0, LabelScale(1.0)) - 14.0).abs() < 1e-4);
        assert!((size_at(14.0, 3.0, LabelScale(1.0)) - 15.68).abs() < 1e-4);
    }

    #[test]
    fn brackets_are_left_out() {
        let name = |zh: &str| point(zh, 0.0, [0.5, 0.5]);
        assert_eq!(
            text(&name("内秦淮河东段(杨吴城濠)"), Lang::Zh),
            "内秦淮河东段"
        );
        assert_eq!(text(&name("(无名)"), Lang::Zh), "(无名)");
    }

    #[test]
    fn long_names_break_where_their_language_breaks() {
        assert_eq!(
            broken("南京大学医学院附属鼓楼医院", Lang::Zh),
            ["南京大学医学院", "附属鼓楼医院"]
        );
        assert_eq!(
            broken("Jiangsu Provincial People's Hospital", Lang::En),
            ["Jiangsu Provincial", "People's Hospital"]
        );
        assert_eq!(broken("总统府", Lang::Zh), ["总统府"]);
    }
}
