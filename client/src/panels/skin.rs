//! Colours and type of the panels, from the design tokens.

use crate::look::{AssetsError, Rgba8, Tokens, asset_path};
use bevy::prelude::Resource;
use bevy_egui::egui::{
    self, Color32, FontData, FontDefinitions, FontFamily, FontId, FontTweak, Stroke,
};
use chengtu_engine::city::Severity;
use chengtu_engine::model::UnitStatus;
use std::sync::Arc;

/// Levels of type on a desk, each with its own size in the tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Largest: remaining time of a case, value of a sensor; bold.
    Clock,
    /// Figures of the strip, clock of the top bar; bold.
    Figure,
    /// Title of a case, unit or sensor in its panel; bold.
    Title,
    /// Heading of a panel or list; bold.
    Heading,
    /// First line of a row.
    Row,
    /// Running text, buttons, chips and input fields.
    Body,
    /// Second line, labels, ticks.
    Small,
}

const ROLES: [(Role, &str); 7] = [
    (Role::Clock, "type.desk.clock"),
    (Role::Figure, "type.desk.figure"),
    (Role::Title, "type.desk.title"),
    (Role::Heading, "type.desk.heading"),
    (Role::Row, "type.desk.row"),
    (Role::Body, "type.desk.body"),
    (Role::Small, "type.desk.small"),
];

/// Name of the bold family; the regular one is egui's proportional family.
const BOLD: &str = "bold";

/// Colours and type of the panels, read once from the tokens. Every value is a token; a colour that is not one is
/// not used.
#[derive(Resource, Clone, Debug)]
#[allow(missing_docs)] // Named as in `tokens.toml`.
pub struct Skin {
    pub void: Color32,
    pub base: Color32,
    pub panel: Color32,
    pub inset: Color32,
    pub hover: Color32,
    pub selected: Color32,
    pub line: Color32,
    pub line_strong: Color32,
    pub track: Color32,
    pub group: Color32,
    pub row_line: Color32,
    pub best_row: Color32,
    pub shadow: Color32,
    pub t1: Color32,
    pub t2: Color32,
    pub t3: Color32,
    pub t4: Color32,
    pub on_light: Color32,
    pub on_action: Color32,
    pub on_action_2: Color32,
    pub wall_t2: Color32,
    pub action: Color32,
    pub action_fill: Color32,
    pub action_hover: Color32,
    pub action_press: Color32,
    pub link: Color32,
    pub late: Color32,
    pub late_wall: Color32,
    pub ring: Color32,
    pub contour: Color32,
    pub too_few: Color32,
    pub histogram: Color32,
    pub grid: Color32,
    pub actual: Color32,
    pub fork: Color32,
    pub better: Color32,
    pub worse: Color32,
    pub footprint: Color32,
    pub halo: Color32,
    severity: [Color32; 4],
    shape_scale: [f32; 4],
    unit: [UnitColors; 5],
    pub density: Vec<Color32>,
    pub age_ring_late: f32,
    pub stale_s: f64,
    pub offline_s: f64,
    sizes: [f32; 7],
    bold: FontFamily,
}

/// Colours of a unit's status: of ring or fill, of the disc below, of the glyph on it.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnitColors {
    /// Ring, fill and dot.
    pub main: Color32,
    /// Disc below ring and glyph.
    pub body: Color32,
    /// Glyph of the trade.
    pub glyph: Color32,
}

/// A token's colour for egui.
pub fn color32(c: Rgba8) -> Color32 {
    let [r, g, b, a] = c.0;
    Color32::from_rgba_unmultiplied(r, g, b, a)
}

const STATUS: [(UnitStatus, &str); 5] = [
    (UnitStatus::Available, "available"),
    (UnitStatus::Assigned, "assigned"),
    (UnitStatus::EnRoute, "en_route"),
    (UnitStatus::OnScene, "on_scene"),
    (UnitStatus::OutOfService, "out_of_service"),
];

impl Skin {
    /// Reads the tokens.
    pub fn new(tokens: &Tokens) -> Self {
        let c = |key: &str| color32(tokens.color(key));
        let unit = STATUS.map(|(_, name)| UnitColors {
            main: c(&format!("unit.{name}")),
            body: c(&format!("unit_form.{name}.body")),
            glyph: c(&format!("unit_form.{name}.glyph")),
        });
        let by_severity = ["s1", "s2", "s3", "s4"];
        Self {
            void: c("surface.void"),
            base: c("surface.base"),
            panel: c("surface.panel"),
            inset: c("surface.inset"),
            hover: c("surface.hover"),
            selected: c("surface.selected"),
            line: c("surface.line"),
            line_strong: c("surface.line_strong"),
            track: c("surface.track"),
            group: c("surface.group"),
            row_line: c("surface.row_line"),
            best_row: c("surface.best_row"),
            shadow: c("surface.shadow"),
            t1: c("text.t1"),
            t2: c("text.t2"),
            t3: c("text.t3"),
            t4: c("text.t4"),
            on_light: c("text.on_light"),
            on_action: c("text.on_action"),
            on_action_2: c("text.on_action_2"),
            wall_t2: c("text.wall_t2"),
            action: c("action.base"),
            action_fill: c("action.fill"),
            action_hover: c("action.hover"),
            action_press: c("action.press"),
            link: c("action.text"),
            late: c("severity_text.s1"),
            late_wall: c("severity_text.s1_wall"),
            ring: c("marker.ring"),
            contour: c("ramp.contour"),
            too_few: c("ramp.too_few"),
            histogram: c("chart.histogram"),
            grid: c("chart.grid"),
            actual: c("chart.actual"),
            fork: c("chart.fork"),
            better: c("chart.better"),
            worse: c("chart.worse"),
            footprint: c("ground.footprint"),
            halo: c("map_text.halo"),
            severity: by_severity.map(|s| c(&format!("severity.{s}"))),
            shape_scale: by_severity.map(|s| tokens.number(&format!("severity_form.{s}.scale"))),
            unit,
            density: tokens
                .colors("ramp.density")
                .into_iter()
                .map(color32)
                .collect(),
            age_ring_late: tokens.number("state.age_ring_late"),
            stale_s: f64::from(tokens.number("state.stale_s")),
            offline_s: f64::from(tokens.number("state.offline_s")),
            sizes: ROLES.map(|(_, key)| tokens.text(key)[0].max(12.0)),
            bold: FontFamily::Name(BOLD.into()),
        }
    }

    /// Colour of a severity.
    pub fn severity(&self, s: Severity) -> Color32 {
        self.severity[s as usize]
    }

    /// How much larger than its nominal radius the shape of a severity is drawn, so that all look equally large.
    pub fn shape_scale(&self, s: Severity) -> f32 {
        self.shape_scale[s as usize]
    }

    /// Colours of a status.
    pub fn unit(&self, s: UnitStatus) -> UnitColors {
        STATUS
            .iter()
            .position(|(status, _)| *status == s)
            .map_or(UnitColors::default(), |i| self.unit[i])
    }

    /// Size of a role, logical pixels.
    pub fn size(&self, role: Role) -> f32 {
        ROLES
            .iter()
            .position(|(r, _)| *r == role)
            .map_or(13.0, |i| self.sizes[i])
    }

    /// Regular weight of a role.
    pub fn regular(&self, role: Role) -> FontId {
        FontId::new(self.size(role), FontFamily::Proportional)
    }

    /// Bold weight of a role.
    pub fn bold(&self, role: Role) -> FontId {
        self.bold_px(self.size(role))
    }

    /// Regular weight at a size in logical pixels.
    pub fn regular_px(&self, size_px: f32) -> FontId {
        FontId::new(size_px, FontFamily::Proportional)
    }

    /// Bold weight at a size in logical pixels.
    pub fn bold_px(&self, size_px: f32) -> FontId {
        FontId::new(size_px, self.bold.clone())
    }

    /// Hairline between parts.
    pub fn hairline(&self) -> Stroke {
        Stroke::new(1.0, self.line)
    }

    /// Makes egui's own widgets (text fields, scroll bars) look like the rest.
    pub fn apply(&self, ctx: &egui::Context) {
        // Sizes are the screen's, of map and panels alike: see `crate::screen`.
        ctx.options_mut(|o| o.zoom_with_keyboard = false);
        ctx.all_styles_mut(|style| {
            let v = &mut style.visuals;
            v.dark_mode = true;
            v.panel_fill = self.panel;
            v.window_fill = self.panel;
            v.window_stroke = self.hairline();
            v.extreme_bg_color = self.inset;
            v.text_edit_bg_color = Some(self.inset);
            v.override_text_color = None;
            v.selection.bg_fill = self.action_fill;
            v.selection.stroke = Stroke::new(1.0, self.on_action);
            v.text_cursor.stroke = Stroke::new(1.5, self.t1);
            v.widgets.noninteractive.fg_stroke = Stroke::new(1.0, self.t2);
            v.widgets.inactive.fg_stroke = Stroke::new(1.0, self.t1);
            for (w, fill) in [
                (&mut v.widgets.inactive, self.line_strong),
                (&mut v.widgets.hovered, self.t4),
                (&mut v.widgets.active, self.t3),
            ] {
                w.bg_fill = fill;
                w.weak_bg_fill = fill;
                w.bg_stroke = Stroke::NONE;
                w.expansion = 0.0;
                w.corner_radius = egui::CornerRadius::same(4);
            }
            style.spacing.scroll = egui::style::ScrollStyle::floating();
            style.spacing.scroll.bar_width = 6.0;
            style.spacing.scroll.floating_allocated_width = 0.0;
            style.spacing.item_spacing = egui::Vec2::ZERO;
            style.animation_time = 0.08;
            style.interaction.selectable_labels = false;
        });
    }
}

impl Skin {
    /// Lays the figures of every size out, so that their glyphs are there before a clock first shows them: a glyph
    /// met for the first time reaches the screen one frame late.
    pub fn warm(&self, ctx: &egui::Context) {
        const FIGURES: &str = "0123456789:–.,%/′″×#km ms";
        let painter = ctx.debug_painter();
        for (role, _) in ROLES {
            for font in [self.regular(role), self.bold(role)] {
                let _ = painter.layout_no_wrap(FIGURES.into(), font, self.t1);
            }
        }
    }
}

/// The two weights of the shipped font. Without them nothing can be written, so their absence is an error.
///
/// # Errors
/// [`FontError`] naming the file.
pub fn fonts() -> Result<FontDefinitions, FontError> {
    let mut fonts = FontDefinitions::empty();
    for (name, file) in [
        ("regular", "fonts/NotoSansSC-Regular.ttf"),
        (BOLD, "fonts/NotoSansSC-Bold.ttf"),
    ] {
        let path = asset_path(file)?;
        let bytes = std::fs::read(&path).map_err(|source| FontError::Read {
            path: path.display().to_string(),
            source,
        })?;
        // One drawing of each glyph: figures of equal width then look alike at any position, and all are warm.
        let tweak = FontTweak {
            subpixel_binning: Some(false),
            ..FontTweak::default()
        };
        fonts.font_data.insert(
            name.into(),
            Arc::new(FontData::from_owned(bytes).tweak(tweak)),
        );
    }
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        fonts.families.insert(family, vec!["regular".into()]);
    }
    fonts
        .families
        .insert(FontFamily::Name(BOLD.into()), vec![BOLD.into()]);
    Ok(fonts)
}

/// Why there is no type.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    /// The folder with the font files was not found.
    #[error(transparent)]
    Assets(#[from] AssetsError),
    /// The font cannot be read.
    #[error("{path}: cannot read the font: {source}")]
    Read {
        /// The font file that cannot be used.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}
