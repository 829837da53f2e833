use bevy::asset::AssetId;
use bevy::prelude::{Image, Res, Resource};
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::TextureView;
use bevy::render::texture::GpuImage;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Images of the window that others draw into: asked for by the window, handed out by its renderer once they are on
/// the graphics device. The same resource in both worlds.
#[derive(Resource, Clone, Default)]
pub(super) struct Screens(Arc<Mutex<BTreeMap<AssetId<Image>, Option<TextureView>>>>);

impl Screens {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<AssetId<Image>, Option<TextureView>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for the view of an image.
    pub(super) fn ask(&self, image: AssetId<Image>) {
        self.lock().entry(image).or_default();
    }

    /// The view, once it is there.
    pub(super) fn get(&self, image: AssetId<Image>) -> Option<TextureView> {
        self.lock().get(&image).cloned().flatten()
    }

    /// No longer wanted.
    pub(super) fn forget(&self, image: AssetId<Image>) {
        self.lock().remove(&image);
    }
}

/// In the renderer: views of what has come to the device.
pub(super) fn hand_out(screens: Res<Screens>, images: Res<RenderAssets<GpuImage>>) {
    for (id, view) in screens.lock().iter_mut().filter(|(_, v)| v.is_none()) {
        *view = images.get(*id).map(|image| image.texture_view.clone());
    }
}
