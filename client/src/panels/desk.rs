//! A console of the made-up city under real key and mouse events, frame after frame, as a running program has them.

use super::Icons;
use super::console::{self, Frame, Screen};
use super::inks::{Ink, inks_of};
use super::pictures::{Setting, console_of, frame_of, texts_of};
use super::skin::{Skin, fonts};
use crate::net::{City, Connection, Rankings};
use bevy::app::App;
use bevy::prelude::{Message, Messages, PreUpdate};
use bevy_egui::egui::epaint::ClippedShape;
use bevy_egui::egui::{Context, Event, Key, Modifiers, PointerButton, Pos2, RawInput, Rect, vec2};
use chengtu_engine::command::CommandRequest;

/// Somebody at a console.
pub struct Desk {
    pub app: App,
    pub setting: Setting,
    ctx: Context,
    time_s: f64,
    pointer: Option<Pos2>,
    /// Modifiers that are held while the mouse is pressed.
    pub held: Modifiers,
    /// Every text of the frame on the screen with where its ink lies.
    pub texts: Vec<(String, Rect)>,
    /// The same, with what lies over them.
    pub(super) inks: Vec<Ink>,
    /// All that was drawn.
    pub(super) shapes: Vec<ClippedShape>,
}

impl Desk {
    /// A console with a line to nowhere: every command that is given is kept ([`Desk::commands`]).
    pub fn new(setting: Setting) -> Self {
        let mut app = console_of(&setting);
        app.add_message::<crate::net::CommandOutcome>()
            .add_message::<crate::net::ServerNotice>()
            .add_message::<crate::net::WorldWord>()
            .add_message::<crate::net::CityChanged>()
            .add_message::<crate::live::ContextAt>()
            .add_message::<crate::live::MarkCases>();
        let ctx = Context::default();
        ctx.set_fonts(fonts().unwrap());
        app.world().resource::<Skin>().apply(&ctx);
        app.insert_resource(Screen(ctx.clone()));
        let mut desk = Self {
            app,
            setting,
            ctx,
            time_s: 0.0,
            pointer: None,
            held: Modifiers::NONE,
            texts: Vec::new(),
            inks: Vec::new(),
            shapes: Vec::new(),
        };
        for _ in 0..3 {
            desk.frame(vec![]);
        }
        desk
    }

    /// Draws a frame with these events.
    pub fn frame(&mut self, mut events: Vec<Event>) {
        if self.pointer.is_none() {
            events.insert(0, Event::PointerGone);
        }
        events.insert(0, Event::ModifiersChanged(self.held));
        self.time_s += 0.05;
        let size = vec2(self.setting.size[0], self.setting.size[1]);
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
            time: Some(self.time_s),
            events,
            ..RawInput::default()
        };
        self.app.world_mut().run_schedule(PreUpdate);
        let (app, setting) = (&mut self.app, &self.setting);
        let ctx = self.ctx.clone();
        let mut output = self.ctx.run_ui(input, |_| {
            let before = app.world().get_resource::<Frame>().map(|f| f.number);
            if before.is_none() {
                app.insert_resource(Icons::load(&ctx));
            }
            let number = before.map_or(1, |n| n + 1);
            console::claim(app.world_mut());
            let mut frame = frame_of(setting, &ctx, app);
            frame.number = number;
            frame.world = app.world().resource::<City>().world();
            frame.picture = false;
            app.insert_resource(frame);
            console::read_keys(app.world_mut());
            console::draw(app.world_mut());
        });
        output.textures_delta.clear();
        self.texts = texts_of(&output.shapes);
        self.inks = inks_of(&output.shapes);
        self.shapes = output.shapes;
    }

    /// Presses keys one after the other within one frame.
    pub fn press(&mut self, keys: &[(Key, Modifiers)]) {
        let event = |key: Key, modifiers: Modifiers, pressed: bool| Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers,
        };
        let strokes = keys.iter().flat_map(|(key, modifiers)| {
            [true, false].map(|pressed| event(*key, *modifiers, pressed))
        });
        self.frame(strokes.collect());
    }

    /// Presses a key, and draws what comes of it.
    pub fn key(&mut self, key: Key) {
        self.press(&[(key, Modifiers::NONE)]);
        self.settle();
    }

    /// Presses Shift and a key, and draws what comes of it.
    pub fn shift(&mut self, key: Key) {
        self.press(&[(key, Modifiers::SHIFT)]);
        self.settle();
    }

    /// Moves the pointer.
    pub fn point(&mut self, at: Pos2) {
        self.pointer = Some(at);
        self.frame(vec![Event::PointerMoved(at)]);
    }

    /// Presses or releases the mouse where the pointer is.
    pub fn button(&mut self, pressed: bool) {
        let pos = self.pointer.expect("a pointer on the screen");
        self.frame(vec![Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: self.held,
        }]);
    }

    /// Clicks on the text that contains `words` with Shift held.
    pub fn shift_click(&mut self, words: &str) {
        self.held = Modifiers::SHIFT;
        self.click(words);
        self.held = Modifiers::NONE;
    }

    /// Clicks on the text that contains `words`.
    pub fn click(&mut self, words: &str) {
        let at = self.place(words);
        self.point(at);
        self.button(true);
        self.button(false);
        self.settle();
    }

    /// Draws what has been opened: an area is laid out in one frame and seen in the next.
    pub fn settle(&mut self) {
        for _ in 0..3 {
            self.frame(vec![]);
        }
    }

    /// The middle of the text that contains `words`.
    pub fn place(&self, words: &str) -> Pos2 {
        let found = self.texts.iter().find(|(t, _)| t.contains(words));
        let texts = || {
            self.texts
                .iter()
                .map(|(t, _)| t.as_str())
                .collect::<Vec<_>>()
        };
        found
            .unwrap_or_else(|| panic!("{words:?} is not among {:?}", texts()))
            .1
            .center()
    }

    /// True where a text on the screen contains `words`.
    pub fn says(&self, words: &str) -> bool {
        self.texts.iter().any(|(t, _)| t.contains(words))
    }

    /// Commands given since this was asked last.
    pub fn commands(&mut self) -> Vec<CommandRequest> {
        let mut connection = self.app.world_mut().resource_mut::<Connection>();
        let outcomes = connection.take_refused();
        outcomes.into_iter().map(|o| o.request).collect()
    }

    /// What was asked of one kind since this was asked last.
    pub fn asked<M: Message>(&mut self) -> Vec<M> {
        let mut messages = self.app.world_mut().resource_mut::<Messages<M>>();
        messages.drain().collect()
    }

    /// Where everything is in the frame on the screen.
    pub fn layout(&self) -> crate::panels::layout::Layout {
        self.app.world().resource::<Frame>().layout
    }

    /// The city as it is known.
    pub fn city(&mut self) -> bevy::prelude::Mut<'_, City> {
        self.app.world_mut().resource_mut::<City>()
    }

    /// What units are ranked by.
    pub fn rankings(&mut self) -> bevy::prelude::Mut<'_, Rankings> {
        self.app.world_mut().resource_mut::<Rankings>()
    }
}
