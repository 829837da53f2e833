use bevy::asset::AssetId;
use bevy::prelude::{Image, Res, Resource};
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::TextureView;
use bevy::render::renderer::{
    RenderAdapter, RenderAdapterInfo, RenderDevice, RenderInstance, RenderQueue,
};
use bevy::render::settings::RenderResources;
use bevy::render::texture::GpuImage;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What maps of branches need of the window's renderer: its graphics device, and images of the window to draw into,
/// asked for by the window and handed out by its renderer once they are on the device. The same resource in both
/// worlds.
#[derive(Resource, Clone, Default)]
pub(super) struct Screens(Arc<Mutex<Handed>>);

#[derive(Default)]
struct Handed {
    device: Option<RenderResources>,
    views: BTreeMap<AssetId<Image>, Option<TextureView>>,
}

impl Screens {
    fn lock(&self) -> MutexGuard<'_, Handed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The graphics device, once there is one.
    pub(super) fn device(&self) -> Option<RenderResources> {
        self.lock().device.clone()
    }

    /// Asks for the view of an image.
    pub(super) fn ask(&self, image: AssetId<Image>) {
        self.lock().views.entry(image).or_default();
    }

    /// The view, once it is there.
    pub(super) fn get(&self, image: AssetId<Image>) -> Option<TextureView> {
        self.lock().views.get(&image).cloned().flatten()
    }

    /// No longer wanted.
    pub(super) fn forget(&self, image: AssetId<Image>) {
        self.lock().views.remove(&image);
    }
}

/// In the renderer: the device, and views of what has come to it.
pub(super) fn hand_out(
    screens: Res<Screens>,
    images: Res<RenderAssets<GpuImage>>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    info: Res<RenderAdapterInfo>,
    adapter: Res<RenderAdapter>,
    instance: Res<RenderInstance>,
) {
    let mut handed = screens.lock();
    if handed.device.is_none() {
        handed.device = Some(RenderResources(
            device.clone(),
            queue.clone(),
            info.clone(),
            adapter.clone(),
            instance.clone(),
        ));
    }
    for (id, view) in handed.views.iter_mut().filter(|(_, v)| v.is_none()) {
        *view = images.get(*id).map(|image| image.texture_view.clone());
    }
}
