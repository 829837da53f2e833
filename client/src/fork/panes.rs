use super::child::{self, ForkOptions, Setup};
use super::screens::Screens;
use super::shared::{Canvas, PaneStatus, Shared};
use crate::camera::MapCamera;
use crate::i18n::Lang;
use crate::live::{LayerVisibility, Selection};
use crate::look::Tokens;
use crate::render::SCENE_FORMAT;
use bevy::ecs::system::SystemParam;
use bevy::image::Image;
use bevy::prelude::*;
use bevy::render::render_resource::TextureUsages;
use bevy_egui::egui::TextureId;
use bevy_egui::{EguiTextureHandle, EguiUserTextures};
use chengtu_engine::record::World as CityWorld;
use chengtu_engine::stream::ClientMessage;

/// Which branches are to be shown, and how. Panels write it, every frame.
#[derive(Resource, Default)]
pub struct Want {
    /// The branches, left and right; `None`: nothing is shown.
    pub branches: Option<[CityWorld; 2]>,
    /// Where each looks; viewport and scale are those of its rectangle on the screen.
    pub cameras: [MapCamera; 2],
    /// What is chosen, in both.
    pub selection: Selection,
    /// Said over each line, and gone then.
    pub say: [Vec<ClientMessage>; 2],
    /// A click in each, logical pixels from its upper left corner.
    pub click: [Option<Vec2>; 2],
}

/// A map of a branch.
#[derive(Default)]
pub struct Pane {
    /// What is shown of it: nothing before its first frame.
    pub texture: Option<TextureId>,
    /// What it reported last. Words and notices stay until they are taken.
    pub status: PaneStatus,
    shared: Shared,
    /// What is drawn into now, and what is still shown meanwhile.
    images: Vec<(u64, Handle<Image>)>,
    size: UVec2,
    count: u64,
}

/// The maps that run.
#[derive(Resource, Default)]
pub struct Panes {
    /// Left and right; empty while no fork is looked at.
    pub list: Vec<Pane>,
    branches: Option<[CityWorld; 2]>,
}

impl Drop for Pane {
    fn drop(&mut self) {
        self.shared.orders().quit = true;
    }
}

impl Panes {
    /// True once both maps are whole; also where there is none.
    pub fn are_ready(&self) -> bool {
        self.list
            .iter()
            .all(|p| p.status.ready && p.texture.is_some())
    }
}

#[derive(SystemParam)]
pub(super) struct Graphics<'w> {
    images: ResMut<'w, Assets<Image>>,
    textures: ResMut<'w, EguiUserTextures>,
    screens: Res<'w, Screens>,
}

impl Graphics<'_> {
    fn image(&mut self, size: UVec2) -> Handle<Image> {
        // sRGB as it is written, like everything that panels are drawn with.
        let mut image = Image::new_target_texture(size.x, size.y, SCENE_FORMAT, None);
        image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
        let handle = self.images.add(image);
        self.screens.ask(handle.id());
        handle
    }

    fn forget(&mut self, image: &Handle<Image>) {
        self.textures.remove_image(image.id());
        self.screens.forget(image.id());
    }
}

/// Opens, feeds and closes the maps.
pub(super) fn follow(
    mut want: ResMut<Want>,
    mut panes: ResMut<Panes>,
    mut graphics: Graphics,
    options: Res<ForkOptions>,
    tokens: Res<Tokens>,
    lang: Res<Lang>,
    layers: Res<LayerVisibility>,
) {
    let device = graphics.screens.device();
    if panes.branches != want.branches && (want.branches.is_none() || device.is_some()) {
        panes.branches = want.branches;
        for pane in std::mem::take(&mut panes.list) {
            for (_, image) in &pane.images {
                graphics.forget(image);
            }
        }
        for (world, device) in want
            .branches
            .into_iter()
            .flatten()
            .zip(device.iter().cycle())
        {
            let setup = Setup {
                options: options.clone(),
                tokens: tokens.clone(),
                device: device.clone(),
                world,
                lang: *lang,
            };
            panes.list.push(begin(setup));
        }
    }
    let want = &mut *want;
    for (i, pane) in panes.list.iter_mut().enumerate().take(2) {
        pane.fit(&want.cameras[i], &mut graphics);
        let canvas = pane.canvas(&graphics);
        let mut orders = pane.shared.orders();
        orders.camera = Some(want.cameras[i].clone());
        orders.selection = want.selection;
        orders.lang = *lang;
        if orders.layers != *layers {
            orders.layers = layers.clone();
        }
        orders.say.append(&mut want.say[i]);
        if let Some(pos) = want.click[i].take() {
            orders.click = Some(pos);
        }
        if canvas.is_some() {
            orders.canvas = canvas;
        }
        drop(orders);
        pane.hear();
        pane.show(&mut graphics);
    }
}

fn begin(setup: Setup) -> Pane {
    let pane = Pane::default();
    let shared = pane.shared.clone();
    let name = format!("chengtu-{:?}", setup.world);
    let begun = std::thread::Builder::new()
        .name(name)
        .spawn(move || child::run(setup, &shared));
    if let Err(error) = begun {
        error!("no map of a branch: {error}");
    }
    pane
}

impl Pane {
    /// An image of the size that the map has on the screen.
    fn fit(&mut self, camera: &MapCamera, graphics: &mut Graphics<'_>) {
        let size = (camera.viewport * camera.scale_factor).round().as_uvec2();
        if size.min_element() < 16 || size == self.size {
            return;
        }
        self.size = size;
        self.count += 1;
        let image = graphics.image(size);
        self.images.push((self.count, image));
    }

    /// The newest image, once it is on the device.
    fn canvas(&self, graphics: &Graphics<'_>) -> Option<Canvas> {
        let (number, image) = self.images.last()?;
        Some(Canvas {
            view: graphics.screens.get(image.id())?,
            size: self.size,
            number: *number,
        })
    }

    fn hear(&mut self) {
        let (words, notices) = (
            std::mem::take(&mut self.status.words),
            std::mem::take(&mut self.status.notices),
        );
        let clicked = self.status.clicked.take();
        let mut status = self.shared.take_status();
        status.words.splice(0..0, words);
        status.notices.splice(0..0, notices);
        status.clicked = status.clicked.or(clicked);
        self.status = status;
    }

    /// Shows the newest image that has been drawn into, and drops those before it.
    fn show(&mut self, graphics: &mut Graphics<'_>) {
        let drawn = self.status.drawn;
        while self.images.len() > 1 && self.images[1].0 <= drawn {
            let (_, old) = self.images.remove(0);
            graphics.forget(&old);
            self.texture = None;
        }
        if let Some((number, image)) = self.images.first()
            && *number <= drawn
            && self.texture.is_none()
        {
            let handle = EguiTextureHandle::Strong(image.clone());
            self.texture = Some(graphics.textures.add_image(handle));
        }
    }
}
