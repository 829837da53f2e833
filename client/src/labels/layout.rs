//! Places each character of a name on the screen.

use super::along::{OnLine, Stand, along};
use super::atlas::GlyphAtlas;
use super::candidate::Candidate;
use super::{LabelScale, Lang};
use crate::basemap::mesh::{Name, NameShape};
use crate::basemap::style::{Paint, Scope, Style, StyleValue, Symbol};
use crate::camera::MapCamera;
use bevy::math::{DVec2, Rect, Vec2};

/// Nothing on the map is written smaller, logical pixels.
const TEXT_MIN_PX: f32 = 12.0;
/// Farther away (D/d) nothing is written: there it would only be a haze of names.
const NEARNESS_MIN: f32 = 0.5;
/// Characters of a name at a point before it is broken into two lines.
const LINE_CHARS: [usize; 2] = [9, 18];

/// A name on the screen.
#[derive(Clone, Debug)]
pub struct Label {
    /// See [`Candidate::key`].
    pub key: u64,
    /// Characters with their positions and turns.
    pub glyphs: Vec<(char, Stand)>,
    /// An icon and the middle of it.
    pub icon: Option<(String, Vec2)>,
    /// Height of the type, logical pixels.
    pub size_px: f32,
    /// Written in the bold font.
    pub bold: bool,
    /// Colour of the letters, sRGB with alpha, 0 … 1.
    pub color: [f32; 4],
    /// Colour around the letters, sRGB with alpha, 0 … 1.
    pub halo: [f32; 4],
    /// The whole, for what may repeat and for tests.
    pub bounds: Rect,
    /// What is written.
    pub text: String,
}

/// What placing needs besides the names.
pub struct Setting<'a> {
    /// Camera that names are placed for; its zoom selects layers and sizes.
    pub camera: &'a MapCamera,
    /// Map style; only its symbol layers are read.
    pub style: &'a Style,
    /// Which of a name's two texts is written.
    pub lang: Lang,
    /// How much larger than in the style.
    pub scale: LabelScale,
    /// Rectangles to keep clear of: whatever stands on the map or covers it.
    pub obstacles: &'a [Rect],
}

/// How a layer writes at a zoom.
pub struct Look<'a> {
    pub(super) symbol: &'a Symbol,
    size_px: f32,
    color: [f32; 4],
    halo: [f32; 4],
    spacing_em: f32,
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

/// How a layer of the style writes at the camera's zoom; `None` when it writes nothing.
pub fn look<'a>(setting: &Setting<'a>, layer: usize) -> Option<Look<'a>> {
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

/// The text of a name in a language, without what stands in brackets behind it.
pub fn text(name: &Name, lang: Lang) -> &str {
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

/// Size of text at a distance: `× clamp(0.45 + 0.55·D/d, 0.80, 1.12)`, never below the smallest readable.
fn size_at(size_px: f32, nearness: f32, scale: LabelScale) -> f32 {
    (size_px * (0.45 + 0.55 * nearness).clamp(0.80, 1.12)).max(TEXT_MIN_PX * scale.0.min(1.0))
}

/// About where a candidate would be written, logical pixels; `None` off the screen.
pub fn place_of(candidate: &Candidate, camera: &MapCamera) -> Option<Vec2> {
    let seen = camera.screen_from_mercator(candidate.at)?;
    on_screen(seen.pos, camera).then_some(seen.pos)
}

/// Lays out a candidate where the camera is; `None` when it cannot be written there.
pub fn layout(
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
    let seen = camera.screen_from_mercator(candidate.at)?;
    if seen.nearness < NEARNESS_MIN || !on_screen(seen.pos, camera) {
        return None;
    }
    let size_px = size_at(look.size_px, seen.nearness, setting.scale);
    match &name.shape {
        NameShape::Point(_) => {
            let icon = (!name.icon.is_empty()).then(|| name.icon.clone());
            let at = seen.pos + Vec2::Y * (candidate.shift * size_px);
            let (glyphs, icon) = block(text, at, size_px, look, setting.lang, icon, atlas);
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
            let reach_px = size_px * (text.chars().count() as f32 + 2.0) * 1.5;
            let (screen, on) = around(line, candidate.on, candidate.at, camera, reach_px)?;
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
    // The anchor lies at the beginning of the segment after it, or at the end of the last one.
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

/// An icon by its name, and where its middle is, logical pixels.
type PlacedIcon = (String, Vec2);

/// Writes a name at a point, in one line or two, centred, its icon to the left.
fn block(
    text: &str,
    at: Vec2,
    size_px: f32,
    look: &Look<'_>,
    lang: Lang,
    icon: Option<String>,
    atlas: &mut GlyphAtlas,
) -> (Vec<(char, Stand)>, Option<PlacedIcon>) {
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

/// A long name in two lines: alphabets between words or behind a hyphen, never within a word; Chinese in the middle.
fn broken(text: &str, lang: Lang) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let alphabet = !is_chinese(text);
    let limit = LINE_CHARS[usize::from(lang == Lang::En || alphabet)];
    if chars.len() <= limit {
        return vec![text.to_string()];
    }
    let middle = chars.len() / 2;
    // Where the first line ends and the second begins.
    let inner = chars.iter().enumerate().take(chars.len() - 1).skip(1);
    let between = inner.filter_map(|(i, c)| match c {
        ' ' => Some((i, i + 1)),
        '-' | '\u{2010}' | '\u{2013}' | '/' => Some((i + 1, i + 1)),
        _ => None,
    });
    let (end, begin) = match between.min_by_key(|(end, _)| end.abs_diff(middle)) {
        Some(found) => found,
        None if alphabet => return vec![text.to_string()],
        None => (chars.len().div_ceil(2), chars.len().div_ceil(2)),
    };
    vec![
        chars[..end].iter().collect(),
        chars[begin..].iter().collect(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_below_twelve_pixels() {
        assert_eq!(size_at(12.0, 0.3, LabelScale(1.0)), 12.0);
        assert!((size_at(14.0, 1.0, LabelScale(1.0)) - 14.0).abs() < 1e-4);
        assert!((size_at(14.0, 3.0, LabelScale(1.0)) - 15.68).abs() < 1e-4);
    }

    #[test]
    fn brackets_are_left_out() {
        let name = |zh: &str| Name {
            layer: 0,
            zh: zh.into(),
            en: String::new(),
            rank: 0.0,
            icon: String::new(),
            shape: NameShape::Point([0.5, 0.5]),
        };
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
        // Whatever alphabet, and whatever the desk's language.
        for lang in [Lang::Zh, Lang::En] {
            for (name, lines) in [
                ("Pyrénées-Orientales", &["Pyrénées-", "Orientales"][..]),
                (
                    "Donaudampfschifffahrtsgesellschaft",
                    &["Donaudampfschifffahrtsgesellschaft"],
                ),
                ("Ломоносовский проспект", &["Ломоносовский", "проспект"]),
                ("Αθανασίουδιάκουλεωφόρος", &["Αθανασίουδιάκουλεωφόρος"]),
                (
                    "Aix-en-Provence–Les Milles",
                    &["Aix-en-Provence–", "Les Milles"],
                ),
                ("-------------------", &["---------", "----------"]),
            ] {
                assert_eq!(broken(name, lang), lines, "{lang:?}");
            }
        }
    }
}
