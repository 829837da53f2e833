//! A hand at the console of the made-up city: keys and mouse as the window gives them, frame after frame.

use super::Icons;
use super::console::{self, Frame, Screen};
use super::pictures::{Setting, console_of, frame_of, texts_of};
use super::skin::{Skin, fonts};
use crate::net::City;
use bevy::prelude::App;
use bevy_egui::egui::{
    Context, Event, Key, Modifiers, MouseWheelUnit, PointerButton, Pos2, RawInput, Rect,
    TouchPhase, Vec2, vec2,
};

/// A console and whoever sits at it.
pub(super) struct Hand {
    pub app: App,
    pub setting: Setting,
    ctx: Context,
    /// The screen's clock, seconds.
    pub time_s: f64,
    /// Every text of the last frame with where its ink lies.
    pub texts: Vec<(String, Rect)>,
}

impl Hand {
    /// Sits down; two frames have been drawn.
    pub fn at(setting: Setting) -> Self {
        let mut app = console_of(&setting);
        let ctx = Context::default();
        ctx.set_fonts(fonts().unwrap());
        app.world().resource::<Skin>().apply(&ctx);
        app.insert_resource(Screen(ctx.clone()));
        app.insert_resource(Icons::load(&ctx));
        let mut hand = Self {
            app,
            setting,
            ctx,
            time_s: 0.0,
            texts: Vec::new(),
        };
        hand.wait(0.1);
        hand.wait(1.0);
        hand
    }

    /// One frame, so many seconds after the last, with what the window gave.
    pub fn frame(&mut self, after_s: f64, events: Vec<Event>) {
        self.time_s += after_s;
        let size = vec2(self.setting.size[0], self.setting.size[1]);
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
            time: Some(self.time_s),
            events,
            ..RawInput::default()
        };
        let (app, setting, ctx) = (&mut self.app, &self.setting, self.ctx.clone());
        let mut output = ctx.run_ui(input, |_| {
            console::claim(app.world_mut());
            let frame = Frame {
                picture: false,
                ..frame_of(setting, &ctx, app)
            };
            app.insert_resource(frame);
            console::read_keys(app.world_mut());
            console::draw(app.world_mut());
        });
        output.textures_delta.clear();
        self.texts = texts_of(&output.shapes);
    }

    /// A frame in which nothing is pressed.
    pub fn wait(&mut self, after_s: f64) {
        self.frame(after_s, Vec::new());
    }

    /// Presses a key, a while after the last frame.
    pub fn key_after(&mut self, after_s: f64, key: Key, modifiers: Modifiers) {
        let event = |pressed| Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers,
        };
        self.frame(after_s, vec![event(true)]);
        self.frame(0.1, vec![event(false)]);
    }

    /// Presses a key, long enough after the last frame that what it showed could be read.
    pub fn key(&mut self, key: Key) {
        self.key_after(1.0, key, Modifiers::NONE);
    }

    /// The same with Shift.
    pub fn shift(&mut self, key: Key) {
        self.key_after(1.0, key, Modifiers::SHIFT);
    }

    /// Moves the pointer to a place.
    pub fn point(&mut self, at: Pos2) {
        self.frame(0.1, vec![Event::PointerMoved(at)]);
    }

    /// Clicks at a place.
    pub fn click_at(&mut self, at: Pos2) {
        self.point(at);
        for pressed in [true, false] {
            let event = Event::PointerButton {
                pos: at,
                button: PointerButton::Primary,
                pressed,
                modifiers: Modifiers::NONE,
            };
            self.frame(0.1, vec![event]);
        }
        self.frame(0.1, vec![Event::PointerGone]);
    }

    /// Clicks on a text inside a part of the screen.
    pub fn click(&mut self, text: &str, inside: Rect) {
        let found = self.find(text, inside);
        let at =
            found.unwrap_or_else(|| panic!("“{text}” is not there: {:#?}", self.inside(inside)));
        self.click_at(at.center());
    }

    /// Turns the wheel at a place, points.
    pub fn wheel(&mut self, at: Pos2, delta: Vec2) {
        self.point(at);
        let event = Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta,
            phase: TouchPhase::Move,
            modifiers: Modifiers::NONE,
        };
        self.frame(0.1, vec![event]);
        for _ in 0..8 {
            self.wait(0.2);
        }
    }

    /// Where a text stands inside a part of the screen.
    pub fn find(&self, text: &str, inside: Rect) -> Option<Rect> {
        let found = self
            .texts
            .iter()
            .find(|t| t.0 == text && inside.contains(t.1.center()));
        found.map(|t| t.1)
    }

    /// What is written inside a part of the screen.
    pub fn inside(&self, rect: Rect) -> Vec<&str> {
        let texts = self.texts.iter().filter(|t| rect.contains(t.1.center()));
        texts.map(|t| &*t.0).collect()
    }

    /// True where some text inside a part of the screen contains these words.
    pub fn says(&self, words: &str, inside: Rect) -> bool {
        self.inside(inside).iter().any(|t| t.contains(words))
    }

    /// The frame as it was laid out last.
    pub fn laid_out(&self) -> &Frame {
        self.app.world().resource::<Frame>()
    }

    /// The whole screen.
    pub fn screen(&self) -> Rect {
        self.laid_out().layout.screen
    }

    /// The city, to be changed.
    pub fn city(&mut self) -> &mut City {
        self.app.world_mut().resource_mut::<City>().into_inner()
    }
}
