use super::sdf::distance_field;
use crate::look::asset_path;
use bevy::prelude::*;
use bevy::render::Extract;
use bevy::render::render_resource::{
    Extent3d, FilterMode, Sampler, SamplerDescriptor, Texture, TextureDescriptor, TextureDimension,
    TextureFormat, TextureUsages, TextureView, TextureViewDescriptor,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use resvg::{tiny_skia, usvg};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Side of an icon in the atlas without its margin, pixels.
pub const ICON_PX: usize = 48;
/// Margin that holds the distance field outside the outline, pixels.
pub const ICON_PAD: usize = 8;
const CELL_PX: usize = ICON_PX + 2 * ICON_PAD;
const COLUMNS: usize = 8;

/// Place of an icon in the atlas: corners as shares of its sides. The icon's own square is the middle
/// [`ICON_PX`] of its cell of [`ICON_PX`] + 2 × [`ICON_PAD`] pixels.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct IconUv {
    /// Upper left corner of the cell, 0 … 1 across and down the atlas.
    pub min: Vec2,
    /// Lower right corner of the cell, 0 … 1 across and down the atlas.
    pub max: Vec2,
}

/// All icons of `assets/icons` (maki, temaki and our own) as distance fields in one texture, found by file name
/// without `.svg`. The outline lies at 0.5; one unit of the field is 2 × [`ICON_PAD`] atlas pixels.
#[derive(Resource, Clone, Debug, Default)]
pub struct IconAtlas {
    places: Arc<BTreeMap<String, IconUv>>,
    pixels: Arc<Vec<u8>>,
    size: UVec2,
}

/// The atlas on the GPU (render world).
#[derive(Resource)]
pub struct IconTexture {
    /// R8 distance field.
    pub view: TextureView,
    /// Bilinear filter: distances are interpolated between texels.
    pub sampler: Sampler,
    _texture: Texture,
}

/// Why an icon cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IconError {
    /// The folder or a file in it cannot be read.
    #[error("{path}: cannot read icons: {source}")]
    Read {
        /// Folder or file.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Not an SVG.
    #[error("{path}: not a usable SVG: {source}")]
    Svg {
        /// The drawing that cannot be used.
        path: String,
        /// What the reader said.
        #[source]
        source: Box<usvg::Error>,
    },
}

impl IconAtlas {
    /// Reads every `.svg` of a folder.
    ///
    /// # Errors
    /// [`IconError`] naming the file.
    pub fn from_folder(folder: &Path) -> Result<Self, IconError> {
        let read = |source| IconError::Read {
            path: folder.display().to_string(),
            source,
        };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(read)? {
            let path = entry.map_err(read)?.path();
            if path.extension().is_some_and(|e| e == "svg") {
                files.push(path);
            }
        }
        files.sort();
        let rows = files.len().div_ceil(COLUMNS).max(1);
        let size = UVec2::new((COLUMNS * CELL_PX) as u32, (rows * CELL_PX) as u32);
        let mut pixels = vec![0u8; (size.x * size.y) as usize];
        let mut places = BTreeMap::new();
        for (i, path) in files.iter().enumerate() {
            let (field, _) = distance_field(&coverage(path)?, ICON_PX, ICON_PX, ICON_PAD);
            let (left, top) = (i % COLUMNS * CELL_PX, i / COLUMNS * CELL_PX);
            for y in 0..CELL_PX {
                let to = (top + y) * size.x as usize + left;
                pixels[to..to + CELL_PX].copy_from_slice(&field[y * CELL_PX..(y + 1) * CELL_PX]);
            }
            let min = Vec2::new(left as f32, top as f32) / size.as_vec2();
            let max = Vec2::new((left + CELL_PX) as f32, (top + CELL_PX) as f32) / size.as_vec2();
            let name = path
                .file_stem()
                .map(|s| s.to_string_lossy().into_owned())
                .unwrap_or_default();
            places.insert(name, IconUv { min, max });
        }
        Ok(Self {
            places: Arc::new(places),
            pixels: Arc::new(pixels),
            size,
        })
    }

    /// The icon of this name.
    pub fn get(&self, name: &str) -> Option<IconUv> {
        self.places.get(name).copied()
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }
}

/// Coverage of an icon scaled to fit the cell, [`ICON_PX`] squared.
fn coverage(path: &Path) -> Result<Vec<u8>, IconError> {
    let name = || path.display().to_string();
    let data = std::fs::read(path).map_err(|source| IconError::Read {
        path: name(),
        source,
    })?;
    let tree = usvg::Tree::from_data(&data, &usvg::Options::default()).map_err(|source| {
        IconError::Svg {
            path: name(),
            source: Box::new(source),
        }
    })?;
    let side = ICON_PX as f32;
    let scale = side / tree.size().width().max(tree.size().height());
    let shift = |length: f32| (side - length * scale) / 2.0;
    let fit = tiny_skia::Transform::from_scale(scale, scale)
        .post_translate(shift(tree.size().width()), shift(tree.size().height()));
    let mut pixmap = tiny_skia::Pixmap::new(ICON_PX as u32, ICON_PX as u32)
        .unwrap_or_else(|| unreachable!("the icon's size is a constant above zero"));
    resvg::render(&tree, fit, &mut pixmap.as_mut());
    Ok(pixmap.pixels().iter().map(|p| p.alpha()).collect())
}

pub(super) fn load(mut commands: Commands) {
    let atlas = asset_path("icons")
        .map_err(|e| e.to_string())
        .and_then(|folder| IconAtlas::from_folder(&folder).map_err(|e| e.to_string()));
    commands.insert_resource(atlas.unwrap_or_else(|error| {
        error!("no icons on the map: {error}");
        IconAtlas::default()
    }));
}

#[derive(Resource)]
pub(super) struct ExtractedIcons(IconAtlas);

pub(super) fn extract(mut commands: Commands, atlas: Extract<Option<Res<IconAtlas>>>) {
    if let Some(atlas) = atlas.as_ref()
        && atlas.is_changed()
    {
        commands.insert_resource(ExtractedIcons(IconAtlas::clone(atlas)));
    }
}

pub(super) fn prepare(
    mut commands: Commands,
    icons: Option<Res<ExtractedIcons>>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
) {
    let Some(icons) = icons.filter(|i| i.is_changed() && i.0.size.min_element() > 0) else {
        return;
    };
    let (texture, view) = upload_r8(&device, &queue, "icons", icons.0.size, &icons.0.pixels);
    let sampler = linear_sampler(&device, "icons");
    commands.insert_resource(IconTexture {
        view,
        sampler,
        _texture: texture,
    });
}

/// A one-channel texture with these pixels.
pub(crate) fn upload_r8(
    device: &RenderDevice,
    queue: &RenderQueue,
    label: &'static str,
    size: UVec2,
    pixels: &[u8],
) -> (Texture, TextureView) {
    upload_texture((device, queue), label, size, TextureFormat::R8Unorm, pixels)
}

/// A texture of one level with these pixels, row by row, in the bytes of its format.
pub(crate) fn upload_texture(
    (device, queue): (&RenderDevice, &RenderQueue),
    label: &'static str,
    size: UVec2,
    format: TextureFormat,
    pixels: &[u8],
) -> (Texture, TextureView) {
    let texture = device.create_texture_with_data(
        queue,
        &TextureDescriptor {
            label: Some(label),
            size: Extent3d {
                width: size.x,
                height: size.y,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: TextureDimension::D2,
            format,
            usage: TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST,
            view_formats: &[],
        },
        default(),
        pixels,
    );
    let view = texture.create_view(&TextureViewDescriptor::default());
    (texture, view)
}

pub(crate) fn linear_sampler(device: &RenderDevice, label: &'static str) -> Sampler {
    device.create_sampler(&SamplerDescriptor {
        label: Some(label),
        mag_filter: FilterMode::Linear,
        min_filter: FilterMode::Linear,
        ..default()
    })
}
