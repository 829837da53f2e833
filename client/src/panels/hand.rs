//! A hand at the console that takes its time: keys and mouse of [`Desk`], so many seconds apart.

use super::console::Frame;
use super::desk::Desk;
use super::pictures::Setting;
use crate::net::City;
use bevy_egui::egui::{Event, Key, Modifiers, MouseWheelUnit, Pos2, Rect, TouchPhase, Vec2, pos2};
use std::ops::{Deref, DerefMut};

/// Between two frames of [`Desk`], seconds.
const FRAME_S: f64 = 0.05;

/// A console and whoever sits at it.
pub(super) struct Hand(Desk);

impl Deref for Hand {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.0
    }
}

impl DerefMut for Hand {
    fn deref_mut(&mut self) -> &mut Desk {
        &mut self.0
    }
}

impl Hand {
    /// Sits down, and looks at the screen for a second.
    pub fn at(setting: Setting) -> Self {
        let mut hand = Self(Desk::new(setting));
        hand.wait(1.0);
        hand
    }

    /// Does nothing for so many seconds.
    pub fn wait(&mut self, seconds: f64) {
        for _ in 0..(seconds / FRAME_S).ceil() as usize {
            self.frame(vec![]);
        }
    }

    /// Presses a key so many seconds after the last frame, and waits for what comes of it.
    pub fn key_after(&mut self, seconds: f64, key: Key, modifiers: Modifiers) {
        self.wait(seconds - FRAME_S);
        self.press(&[(key, modifiers)]);
        self.wait(2.0 * FRAME_S);
    }

    /// Presses a key, long enough after the last frame that what it showed could be read.
    pub fn key(&mut self, key: Key) {
        self.key_after(1.0, key, Modifiers::NONE);
    }

    /// The same with Shift.
    pub fn shift(&mut self, key: Key) {
        self.key_after(1.0, key, Modifiers::SHIFT);
    }

    /// Clicks on a text inside a part of the screen, and takes the pointer away.
    pub fn click(&mut self, text: &str, inside: Rect) {
        let found = self.find(text, inside);
        let shown = || self.inside(inside);
        let at = found.unwrap_or_else(|| panic!("“{text}” is not there: {:#?}", shown()));
        self.point(at.center());
        self.button(true);
        self.button(false);
        self.away();
    }

    /// Puts the pointer where nothing is.
    pub fn away(&mut self) {
        let middle = self.laid_out().layout.window.center();
        self.point(pos2(middle.x, middle.y + 100.0));
        self.wait(2.0 * FRAME_S);
    }

    /// Turns the wheel at a place, points, and waits until what it moved has come to rest.
    pub fn wheel(&mut self, at: Pos2, delta: Vec2) {
        self.point(at);
        self.frame(vec![Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta,
            phase: TouchPhase::Move,
            modifiers: Modifiers::NONE,
        }]);
        self.wait(0.6);
    }

    /// Where a text stands inside a part of the screen.
    pub fn find(&self, text: &str, inside: Rect) -> Option<Rect> {
        let is_it = |t: &&(String, Rect)| t.0 == text && inside.contains(t.1.center());
        self.texts.iter().find(is_it).map(|t| t.1)
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
