use super::skin::Skin;
use super::whole;
use bevy_egui::egui::epaint::text::Glyph;
use bevy_egui::egui::text::{LayoutJob, TextFormat, TextWrapping};
use bevy_egui::egui::{
    Align2, Color32, CornerRadius, FontId, Galley, Painter, Pos2, Rect, Shape, Stroke, StrokeKind,
    Vec2, pos2, vec2,
};
use std::sync::Arc;

/// A piece of text with its type and colour.
#[derive(Clone, Debug)]
pub struct Span<'a> {
    /// What it says.
    pub text: &'a str,
    /// Size and weight.
    pub font: FontId,
    /// Colour of the letters.
    pub color: Color32,
    /// Room before it.
    pub gap: f32,
}

/// A piece of text; `gap` before it is 0.
pub fn span(text: &str, font: FontId, color: Color32) -> Span<'_> {
    Span {
        text,
        font,
        color,
        gap: 0.0,
    }
}

impl Span<'_> {
    /// With room before it.
    #[must_use]
    pub fn after(mut self, gap: f32) -> Self {
        self.gap = gap;
        self
    }
}

/// Draws text by the middle of its line, so that Chinese, letters and figures of several sizes share a baseline.
pub struct Pen<'a> {
    /// Where it draws.
    pub painter: &'a Painter,
    /// What it draws with.
    pub skin: &'a Skin,
}

/// Marks that begin no line.
const CLOSING: &str = "，。、；：！？）》」』】〕”’…%";

/// Place, counted in characters, before which a line has to be broken so that the next one does not begin with a closing
/// mark; `None` where all lines begin well.
fn line_to_break(galley: &Galley) -> Option<usize> {
    let mut at = 0;
    for pair in galley.rows.windows(2) {
        let (row, next) = (&pair[0], &pair[1]);
        at += row.glyphs.len() + usize::from(row.ends_with_newline);
        let begins = next.glyphs.first().map(|g| g.chr);
        let closing = begins.is_some_and(|c| CLOSING.contains(c));
        if closing && !row.ends_with_newline {
            // Not between two closing marks either.
            let whole = |g: &&Glyph| CLOSING.contains(g.chr);
            let back = 1 + row.glyphs.iter().rev().take_while(whole).count();
            if back < row.glyphs.len() {
                return Some(at - back);
            }
        }
    }
    None
}

fn broken_before(text: &str, at: usize) -> String {
    let mut out: String = text.chars().take(at).collect();
    out.push('\n');
    out.extend(text.chars().skip(at));
    out
}

/// Share of a font's line box above the baseline, in Noto Sans SC.
const ASCENT: f32 = 1.16 / 1.448;
/// Middle of Chinese characters and figures above the baseline, in sizes.
const MIDDLE: f32 = 0.375;

impl Pen<'_> {
    fn galley(&self, span: &Span<'_>, room: f32) -> Arc<Galley> {
        let format = TextFormat {
            font_id: span.font.clone(),
            color: span.color,
            ..TextFormat::default()
        };
        let mut job = LayoutJob::single_section(span.text.to_owned(), format);
        job.break_on_newline = false;
        if room.is_finite() {
            job.wrap = TextWrapping {
                max_width: room.max(0.0),
                max_rows: 1,
                break_anywhere: true,
                ..TextWrapping::default()
            };
        }
        self.painter.layout_job(job)
    }

    /// Width of a text.
    pub fn width(&self, text: &str, font: FontId) -> f32 {
        self.galley(&span(text, font, Color32::WHITE), f32::INFINITY)
            .size()
            .x
    }

    /// Writes spans from `at` to the right on one baseline, within `room`; what does not fit ends in an ellipsis.
    /// `at.y` is the middle of the first span's characters. Returns where the text ends.
    pub fn spans(&self, at: Pos2, room: f32, spans: &[Span<'_>]) -> f32 {
        let Some(first) = spans.first() else {
            return at.x;
        };
        let baseline = at.y + MIDDLE * first.font.size;
        let (mut x, mut cut) = (at.x, false);
        for s in spans.iter().filter(|s| !s.text.is_empty()) {
            let start = if x > at.x { x + s.gap } else { x };
            let left = at.x + room - start;
            cut = left < s.font.size;
            if cut {
                break;
            }
            let galley = self.galley(s, left);
            let top = baseline - galley.size().y * ASCENT;
            x = start + galley.size().x;
            cut = galley.elided;
            self.painter.galley(pos2(start, top), galley, s.color);
            if cut {
                break;
            }
        }
        if cut {
            let half = vec2(0.0, 0.7 * first.font.size);
            let seen = Rect::from_min_max(at - half, pos2(x.max(at.x + 1.0), at.y) + half);
            let texts = spans.iter().map(|s| s.text.trim());
            let words = texts.filter(|t| !t.is_empty()).collect::<Vec<_>>();
            whole::note(self.painter, seen, words.join("  "));
        }
        x
    }

    /// Writes one text from `at` to the right; returns where it ends.
    pub fn left(&self, at: Pos2, text: &str, font: FontId, color: Color32) -> f32 {
        self.spans(at, f32::INFINITY, &[span(text, font, color)])
    }

    /// Writes one text to the right, within `room`.
    pub fn left_within(
        &self,
        at: Pos2,
        room: f32,
        text: &str,
        font: FontId,
        color: Color32,
    ) -> f32 {
        self.spans(at, room, &[span(text, font, color)])
    }

    /// Writes one text that ends at `at`; returns where it begins.
    pub fn right(&self, at: Pos2, text: &str, font: FontId, color: Color32) -> f32 {
        let width = self.width(text, font.clone());
        self.left(pos2(at.x - width, at.y), text, font, color);
        at.x - width
    }

    /// Writes one text around `at`.
    pub fn centre(&self, at: Pos2, text: &str, font: FontId, color: Color32) {
        let width = self.width(text, font.clone());
        self.left(pos2(at.x - width / 2.0, at.y), text, font, color);
    }

    /// Writes text in lines of at most `width`, `line_height` apart, from the upper left corner on. Returns the
    /// height used.
    pub fn wrapped(
        &self,
        top_left: Pos2,
        width: f32,
        text: &str,
        font: FontId,
        color: Color32,
        line_height: f32,
    ) -> f32 {
        let rows = usize::MAX;
        let drawn = self.wrapped_within(top_left, width, text, (font, color), line_height, rows);
        drawn.0
    }

    /// Height of a text in lines of at most `width`, `line_height` apart.
    pub fn wrapped_height(&self, width: f32, text: &str, font: FontId, line_height: f32) -> f32 {
        let galley = self.lines(width, text, font, Color32::WHITE, line_height, usize::MAX);
        galley.size().y
    }

    /// As [`Pen::wrapped`], of at most so many lines. Returns the height used, and whether something was left out.
    pub fn wrapped_within(
        &self,
        top_left: Pos2,
        width: f32,
        text: &str,
        (font, color): (FontId, Color32),
        line_height: f32,
        rows: usize,
    ) -> (f32, bool) {
        let galley = self.lines(width, text, font, color, line_height, rows);
        let used = (galley.size().y, galley.elided);
        if galley.elided {
            let seen = Rect::from_min_size(top_left, galley.size());
            whole::note(self.painter, seen, text.to_owned());
        }
        self.painter.galley(top_left, galley, color);
        used
    }

    fn lines(
        &self,
        width: f32,
        text: &str,
        font: FontId,
        color: Color32,
        line_height: f32,
        rows: usize,
    ) -> Arc<Galley> {
        let format = TextFormat {
            font_id: font,
            color,
            line_height: Some(line_height),
            ..TextFormat::default()
        };
        let layout = |text: String| {
            let mut job = LayoutJob::single_section(text, format.clone());
            job.wrap.max_width = width;
            job.wrap.max_rows = rows;
            self.painter.layout_job(job)
        };
        let mut text = text.to_owned();
        let mut galley = layout(text.clone());
        // A line that begins with a closing mark takes the character before it along.
        while let Some(at) = line_to_break(&galley) {
            text = broken_before(&text, at);
            galley = layout(text.clone());
        }
        galley
    }

    /// A filled rectangle with a hairline border, the line inside.
    pub fn plate(&self, rect: Rect, radius: u8, fill: Color32, line: Color32) {
        let radius = CornerRadius::same(radius);
        self.painter.rect(
            rect,
            radius,
            fill,
            Stroke::new(1.0, line),
            StrokeKind::Inside,
        );
    }

    /// The shadow of a panel that lies on the map: offset 6, blur 22.
    pub fn shadow(&self, rect: Rect, radius: u8) {
        let shadow = bevy_egui::egui::Shadow {
            offset: [0, 6],
            blur: 22,
            spread: 0,
            color: self.skin.shadow,
        };
        self.painter.add(Shape::from(
            shadow.as_shape(rect, CornerRadius::same(radius)),
        ));
    }

    /// A horizontal hairline.
    pub fn hline(&self, x0: f32, x1: f32, y: f32, color: Color32) {
        let y = self.painter.round_to_pixel_center(y);
        self.painter
            .line_segment([pos2(x0, y), pos2(x1, y)], Stroke::new(1.0, color));
    }

    /// A vertical hairline.
    pub fn vline(&self, x: f32, y0: f32, y1: f32, color: Color32) {
        let x = self.painter.round_to_pixel_center(x);
        self.painter
            .line_segment([pos2(x, y0), pos2(x, y1)], Stroke::new(1.0, color));
    }

    /// A key cap: the name of a key in a small frame, its right edge at `right_centre`. Returns its left edge.
    pub fn key_cap(&self, right_centre: Pos2, text: &str, line: Color32, color: Color32) -> f32 {
        let font = self.skin.regular(super::skin::Role::Small);
        let width = self.width(text, font.clone()) + 10.0;
        let rect = Align2::RIGHT_CENTER.anchor_size(right_centre, Vec2::new(width.max(20.0), 20.0));
        self.painter.rect_stroke(
            rect,
            CornerRadius::same(4),
            Stroke::new(1.0, line),
            StrokeKind::Inside,
        );
        self.centre(rect.center(), text, font, color);
        rect.min.x
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::Tokens;
    use crate::panels::skin::{Role, fonts};
    use bevy_egui::egui::{Context, LayerId, RawInput};

    #[test]
    fn no_line_begins_with_a_closing_mark_however_wide_it_is() {
        let skin = Skin::new(&Tokens::shipped().unwrap());
        let ctx = Context::default();
        ctx.set_fonts(fonts().unwrap());
        let text =
            "水深及腰，车内两人被困（一名是孩子），“请求排水和救援。”附近车库已进水：请速来！";
        let mut output = ctx.run_ui(RawInput::default(), |_| {
            let painter = ctx.layer_painter(LayerId::background());
            let pen = Pen {
                painter: &painter,
                skin: &skin,
            };
            for width in 60..400 {
                let font = skin.regular(Role::Body);
                let width = width as f32;
                let galley = pen.lines(width, text, font, Color32::WHITE, 20.0, usize::MAX);
                let whole: String = galley.text().chars().filter(|c| *c != '\n').collect();
                assert_eq!(whole, text);
                for row in &galley.rows {
                    let first = row.glyphs.first().map(|g| g.chr);
                    let closing = first.is_some_and(|c| CLOSING.contains(c));
                    assert!(!closing, "{width}: {:?}", row.text());
                }
            }
        });
        output.textures_delta.clear();
    }
}
