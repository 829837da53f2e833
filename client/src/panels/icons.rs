//! Glyphs of the trades, for tables: the same drawings as on the map.

use crate::look::asset_path;
use bevy::prelude::Resource;
use bevy_egui::egui::{ColorImage, Context, TextureHandle, TextureId, TextureOptions};
use resvg::{tiny_skia, usvg};
use std::collections::BTreeMap;

/// Side of a glyph, pixels: sharp at 23 logical pixels on a display of scale 2.
const SIDE: u32 = 48;

/// White glyphs by name, tinted when drawn.
#[derive(Resource, Default)]
pub struct Icons {
    textures: BTreeMap<String, TextureHandle>,
}

impl Icons {
    /// Reads `assets/icons`. A glyph that cannot be read is left out: the form shows the status without it.
    pub fn load(ctx: &Context) -> Self {
        let mut icons = Self::default();
        let Ok(folder) = asset_path("icons") else {
            return icons;
        };
        let Ok(entries) = std::fs::read_dir(folder) else {
            return icons;
        };
        for path in entries
            .filter_map(|e| Some(e.ok()?.path()))
            .filter(|p| p.extension().is_some_and(|e| e == "svg"))
        {
            let Some(name) = path.file_stem().map(|s| s.to_string_lossy().into_owned()) else {
                continue;
            };
            match std::fs::read(&path)
                .map_err(|e| e.to_string())
                .and_then(|data| raster(&data))
            {
                Ok(image) => {
                    let texture =
                        ctx.load_texture(format!("icon-{name}"), image, TextureOptions::LINEAR);
                    icons.textures.insert(name, texture);
                }
                Err(error) => {
                    tracing::warn!("{}: the glyph cannot be drawn: {error}", path.display());
                }
            }
        }
        icons
    }

    /// The glyph of a fleet.
    pub fn fleet(&self, fleet: &str) -> Option<TextureId> {
        self.get(crate::live::fleet_icon(fleet))
    }

    /// A glyph by name.
    pub fn get(&self, name: &str) -> Option<TextureId> {
        self.textures.get(name).map(TextureHandle::id)
    }
}

fn raster(svg: &[u8]) -> Result<ColorImage, String> {
    let tree = usvg::Tree::from_data(svg, &usvg::Options::default()).map_err(|e| e.to_string())?;
    let side = SIDE as f32;
    let scale = side / tree.size().width().max(tree.size().height());
    let shift = |length: f32| (side - length * scale) / 2.0;
    let fit = tiny_skia::Transform::from_scale(scale, scale)
        .post_translate(shift(tree.size().width()), shift(tree.size().height()));
    let mut pixmap = tiny_skia::Pixmap::new(SIDE, SIDE).ok_or("no room")?;
    resvg::render(&tree, fit, &mut pixmap.as_mut());
    let rgba: Vec<u8> = pixmap
        .pixels()
        .iter()
        .flat_map(|p| [255, 255, 255, p.alpha()])
        .collect();
    Ok(ColorImage::from_rgba_unmultiplied(
        [SIDE as usize; 2],
        &rgba,
    ))
}
