//! The whole program without a window, and the hands of whoever sits at it: keys and pointer come as the messages
//! that a window gives, and what is done next follows from what is on the screen.

use super::screen::{self, Shown, Text};
use super::strokes::Stroke;
use bevy::app::PluginsState;
use bevy::camera::RenderTarget;
use bevy::input::ButtonState;
use bevy::input::keyboard::KeyboardInput;
use bevy::input::mouse::{MouseButton, MouseButtonInput};
use bevy::math::Vec2;
use bevy::prelude::{App, Camera, Entity, Image, On, Window, With};
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::window::{CursorLeft, CursorMoved, PrimaryWindow, WindowEvent};
use bevy_egui::egui::{Pos2, Rect};
use bevy_egui::input::WindowToEguiContextMap;
use bevy_egui::{EguiContextSettings, PrimaryEguiContext};
use chengtu_client::app::{self, Start};
use chengtu_client::cli::Cli;
use chengtu_client::i18n::{Lang, Words};
use chengtu_client::live::{Marked, PickTarget, Pickable, Pickables};
use chengtu_client::look::Tokens;
use chengtu_client::net::City;
use chengtu_client::readiness::Readiness;
use chengtu_client::render::MapTarget;
use chengtu_engine::ids::CaseId;
use clap::Parser;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longest that the program takes to show anything that is waited for.
const WAIT_MAX: Duration = Duration::from_secs(90);
/// Longest that a picture waits for tiles and names.
const READY_MAX: Duration = Duration::from_secs(20);
/// Between two frames: the server and the city share the machine.
const REST: Duration = Duration::from_millis(8);
/// Frames that are drawn before a picture, so that names have appeared.
const PICTURE_FRAMES: usize = 5;

/// How large, in which language, and where pictures go.
#[derive(Clone, Debug)]
pub struct Look {
    pub lang: Lang,
    /// Physical pixels.
    pub size: (u32, u32),
    /// Pictures are written here; none are taken where there is no folder.
    pub folder: Option<PathBuf>,
}

impl Look {
    /// As `1280x720-zh`.
    pub fn name(&self) -> String {
        let lang = if self.lang == Lang::Zh { "zh" } else { "en" };
        format!("{}x{}-{lang}", self.size.0, self.size.1)
    }
}

/// A program and the hands on it.
pub struct Hands {
    pub app: App,
    pub words: Words,
    pub look: Look,
    window: Entity,
    pictures: usize,
    watch: Option<Watch>,
}

/// What is looked at after each frame.
type Watch = Box<dyn FnMut(&Hands)>;

impl Hands {
    /// Starts the program at a server of Nanjing's centre, as `operator:NAME`.
    pub fn start(url: &str, user: &str, look: &Look, more: &[&str]) -> Self {
        let city = super::server::root().join("data/nanjing");
        Self::start_in(&city, url, user, look, more)
    }

    /// The same for any city.
    pub fn start_in(city: &Path, url: &str, user: &str, look: &Look, more: &[&str]) -> Self {
        let token = format!("operator:{user}");
        let mut own = vec!["--user", user, "--token", &token];
        own.extend(more);
        Self::at(city, url, look, &own)
    }

    /// Starts the program at a server of Nanjing's centre, as nobody.
    pub fn nobody(url: &str, look: &Look) -> Self {
        let city = super::server::root().join("data/nanjing");
        Self::at(&city, url, look, &[])
    }

    fn at(city: &Path, url: &str, look: &Look, more: &[&str]) -> Self {
        let size = format!("{}x{}", look.size.0, look.size.1);
        let lang = if look.lang == Lang::Zh { "zh" } else { "en" };
        let city = city.display().to_string();
        let mut line = vec![
            "chengtu", "--server", url, "--city", &city, "--size", &size, "--lang", lang,
        ];
        line.extend(more);
        let cli = Cli::try_parse_from(line).expect("a command line");
        let tokens = Tokens::shipped().expect("the shipped tokens");
        let mut app = app::build(Start {
            cli,
            tokens,
            frames: None,
            incident: None,
            driven: true,
        });
        screen::watch(&mut app);
        while app.plugins_state() == PluginsState::Adding {
            bevy::tasks::tick_global_task_pools_on_main_thread();
        }
        app.finish();
        app.cleanup();
        app.update();
        let world = app.world_mut();
        let window = world
            .query_filtered::<Entity, With<PrimaryWindow>>()
            .single(world)
            .expect("a window");
        let mut contexts =
            world.query_filtered::<(Entity, &mut EguiContextSettings), With<PrimaryEguiContext>>();
        let (context, mut settings) = contexts.single_mut(world).expect("panels");
        // There is no input method where there is no window system.
        settings.enable_ime = false;
        let mut map = world.resource_mut::<WindowToEguiContextMap>();
        map.window_to_contexts
            .entry(window)
            .or_default()
            .insert(context);
        map.context_to_window.insert(context, window);
        let words = Words::shipped(look.lang).expect("the shipped words");
        let mut hands = Self {
            app,
            words,
            look: look.clone(),
            window,
            pictures: 0,
            watch: None,
        };
        hands.draws(false);
        hands
    }

    /// The words of a key in the language of the desk.
    pub fn t(&self, key: &str) -> String {
        self.words.t(key).to_owned()
    }

    /// The city as the program knows it.
    pub fn city(&self) -> &City {
        self.app.world().resource::<City>()
    }

    /// Whether the map is drawn: what is decided in a frame is the same, and takes a hundredth of the time.
    fn draws(&mut self, on: bool) {
        let world = self.app.world_mut();
        let mut cameras = world.query_filtered::<&mut Camera, With<PrimaryEguiContext>>();
        cameras.single_mut(world).expect("a camera").is_active = on;
    }

    /// Looks at the screen after each frame from now on.
    pub fn watch(&mut self, watch: impl FnMut(&Self) + 'static) {
        self.watch = Some(Box::new(watch));
    }

    /// A frame.
    pub fn frame(&mut self) {
        self.app.update();
        if let Some(mut watch) = self.watch.take() {
            watch(self);
            self.watch = Some(watch);
        }
        std::thread::sleep(REST);
    }

    /// Frames in which what was opened is laid out and seen.
    pub fn settle(&mut self) {
        for _ in 0..4 {
            self.frame();
        }
    }

    /// Draws frame after frame until something is so.
    pub fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        self.wait(what, |hands| holds(hands).then_some(()));
    }

    /// Draws frame after frame until something is found.
    pub fn wait<T>(&mut self, what: &str, pick: impl Fn(&Self) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = pick(self) {
                return found;
            }
            if begun.elapsed() > WAIT_MAX {
                self.give_up(what);
            }
            self.frame();
        }
    }

    fn give_up(&mut self, what: &str) -> ! {
        self.picture("given-up");
        let texts: Vec<&str> = self.texts().iter().map(|t| t.words.as_str()).collect();
        panic!(
            "{}: waits in vain for {what}; on the screen: {texts:?}",
            self.look.name()
        );
    }

    /// Every text on the screen.
    pub fn texts(&self) -> &[Text] {
        &self.app.world().resource::<Shown>().texts
    }

    /// True where a text on the screen contains these words.
    pub fn says(&self, words: &str) -> bool {
        self.texts().iter().any(|t| t.words.contains(words))
    }

    /// The uppermost text that contains these words.
    pub fn find(&self, words: &str) -> Option<&Text> {
        self.texts().iter().rev().find(|t| t.words.contains(words))
    }

    /// Waits until words are on the screen.
    pub fn sees(&mut self, words: &str) {
        self.until(words, |h| h.says(words));
    }

    /// Where the marker of a case is, alone or in a cluster.
    pub fn marker(&self, id: CaseId) -> Option<Pos2> {
        let shown = self.app.world().resource::<Pickables>();
        let is_it = |p: &&Pickable| match &p.target {
            PickTarget::Thing(thing) => thing.case() == Some(id),
            PickTarget::Cluster(members) => members.contains(&id),
        };
        let at = shown.0.iter().find(is_it)?.shape.bounds().center();
        Some(Pos2::new(at.x, at.y))
    }

    /// True where a case has the ring of those that are marked.
    pub fn marks(&self, id: CaseId) -> bool {
        self.app.world().resource::<Marked>().0.contains(&id)
    }

    /// Presses a key and lets go of it.
    pub fn key(&mut self, name: &str) {
        self.stroke(&Stroke::named(name));
        self.settle();
    }

    fn stroke(&mut self, stroke: &Stroke) {
        for messages in stroke.messages(self.window) {
            self.say_keys(messages);
        }
    }

    fn say_keys(&mut self, messages: Vec<KeyboardInput>) {
        for message in messages {
            self.app
                .world_mut()
                .write_message(WindowEvent::KeyboardInput(message.clone()));
            self.app.world_mut().write_message(message);
        }
        self.frame();
    }

    /// Types plain letters and digits into the field that has the keyboard.
    pub fn types(&mut self, text: &str) {
        for c in text.chars() {
            self.stroke(&Stroke::writes(c));
        }
        self.settle();
    }

    /// Moves the pointer, logical pixels.
    pub fn point(&mut self, at: Pos2) {
        let position = Vec2::new(at.x, at.y);
        let world = self.app.world_mut();
        let mut windows = world.query::<&mut Window>();
        let mut window = windows.get_mut(world, self.window).expect("the window");
        window.set_cursor_position(Some(position));
        let moved = CursorMoved {
            window: self.window,
            position,
            delta: None,
        };
        world.write_message(WindowEvent::CursorMoved(moved.clone()));
        world.write_message(moved);
        self.frame();
    }

    /// Takes the pointer off the screen, so that it rests on nothing.
    pub fn rest(&mut self) {
        let world = self.app.world_mut();
        let mut windows = world.query::<&mut Window>();
        let mut window = windows.get_mut(world, self.window).expect("the window");
        window.set_cursor_position(None);
        let left = CursorLeft {
            window: self.window,
        };
        world.write_message(WindowEvent::CursorLeft(left.clone()));
        world.write_message(left);
        // The last place that panels heard of is beyond every one of them.
        let position = Vec2::splat(-1e4);
        let moved = CursorMoved {
            window: self.window,
            position,
            delta: None,
        };
        world.write_message(WindowEvent::CursorMoved(moved));
        self.settle();
    }

    fn button(&mut self, button: MouseButton) {
        for state in [ButtonState::Pressed, ButtonState::Released] {
            self.press(button, state);
        }
    }

    fn press(&mut self, button: MouseButton, state: ButtonState) {
        let input = MouseButtonInput {
            button,
            state,
            window: self.window,
        };
        self.app
            .world_mut()
            .write_message(WindowEvent::MouseButtonInput(input));
        self.app.world_mut().write_message(input);
        self.frame();
        self.frame();
    }

    /// Clicks at a place.
    pub fn click_at(&mut self, at: Pos2) {
        self.point(at);
        self.frame();
        self.button(MouseButton::Left);
        self.rest();
    }

    /// Drags with the left button and Shift held; a picture is taken before the button is let go of.
    pub fn shift_drag(&mut self, from: Pos2, to: Pos2, name: &str) {
        let [down, up] = Stroke::shift().messages(self.window);
        self.say_keys(down);
        self.point(from);
        self.frame();
        self.press(MouseButton::Left, ButtonState::Pressed);
        for k in 1..=4 {
            self.point(from + (to - from) * (k as f32 / 4.0));
        }
        self.frame();
        self.picture(name);
        self.press(MouseButton::Left, ButtonState::Released);
        self.say_keys(up);
        self.rest();
    }

    /// Opens the menu of a place on the map.
    pub fn menu_at(&mut self, at: Pos2) {
        self.point(at);
        self.frame();
        self.button(MouseButton::Right);
        self.settle();
    }

    /// Where something is once it is there and has come to rest, as anybody waits for rows that slide before a click.
    /// What never rests is taken as it is.
    fn at_rest(&mut self, what: &str, pick: impl Fn(&Self) -> Option<Pos2>) -> Pos2 {
        let mut at = self.wait(what, &pick);
        for _ in 0..40 {
            self.settle();
            let now = self.wait(what, &pick);
            if now.distance(at) < 0.5 {
                break;
            }
            at = now;
        }
        at
    }

    /// Clicks on the uppermost text that contains these words, once it is there.
    pub fn click(&mut self, words: &str) {
        let at = self.at_rest(words, |h| h.find(words).map(|t| t.at.center()));
        self.click_at(at);
    }

    /// Clicks on such a text in the line of another one.
    pub fn click_beside(&mut self, words: &str, line: &str) {
        let at = self.at_rest(words, |h| {
            // The words of the line may stand elsewhere too: in a history.
            let lines = h.texts().iter().rev().filter(|t| t.words.contains(line));
            let mut rows = lines.map(|t| t.at.center().y);
            rows.find_map(|row| {
                let fits =
                    |t: &&Text| t.words.contains(words) && (t.at.center().y - row).abs() < 24.0;
                Some(h.texts().iter().rev().find(fits)?.at.center())
            })
        });
        self.click_at(at);
    }

    /// A place on the map that no panel covers.
    pub fn free_place(&self) -> Pos2 {
        let window = self
            .app
            .world()
            .resource::<chengtu_client::camera::MapWindow>();
        let rect = window.rect.expect("the panels have been laid out");
        let rect = Rect::from_min_max(
            Pos2::new(rect.min.x, rect.min.y),
            Pos2::new(rect.max.x, rect.max.y),
        );
        rect.center()
    }

    /// Draws the map and takes a picture, where pictures are wanted.
    pub fn picture(&mut self, name: &str) {
        self.pictures += 1;
        let Some(folder) = self.look.folder.clone() else {
            return;
        };
        let image = self.draw();
        let file = format!("{}-{:02}-{name}.png", self.look.name(), self.pictures);
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        chengtu_client::headless::write_png(&image, &folder.join(file))
            .expect("a picture that can be written");
    }

    /// The screen as an image.
    pub fn draw(&mut self) -> Image {
        self.draws(true);
        let begun = Instant::now();
        let mut ready = 0;
        while ready < PICTURE_FRAMES && begun.elapsed() < READY_MAX {
            self.frame();
            ready += usize::from(self.app.world().resource::<Readiness>().is_ready());
        }
        let MapTarget::Image(target) = self.app.world().resource::<MapTarget>().clone() else {
            panic!("a driven program is drawn into an image");
        };
        let taken: Arc<Mutex<Option<Image>>> = Arc::default();
        let here = Arc::clone(&taken);
        self.app
            .world_mut()
            .spawn(Screenshot(RenderTarget::Image(target)))
            .observe(move |captured: On<ScreenshotCaptured>| {
                *here.lock().expect("nobody panics with it") = Some(captured.image.clone());
            });
        for _ in 0..200 {
            self.frame();
            if let Some(image) = taken.lock().expect("nobody panics with it").take() {
                self.draws(false);
                return image;
            }
        }
        panic!("no picture came");
    }
}
