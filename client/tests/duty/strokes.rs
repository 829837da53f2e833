//! Keys by the names on their caps, as the messages that a window gives.

use bevy::input::ButtonState;
use bevy::input::keyboard::{Key, KeyCode, KeyboardInput};
use bevy::prelude::Entity;

/// A key with what is held.
#[derive(Clone, Debug)]
pub struct Stroke {
    code: KeyCode,
    key: Key,
    shift: bool,
    ctrl: bool,
}

const LETTERS: [KeyCode; 26] = [
    KeyCode::KeyA,
    KeyCode::KeyB,
    KeyCode::KeyC,
    KeyCode::KeyD,
    KeyCode::KeyE,
    KeyCode::KeyF,
    KeyCode::KeyG,
    KeyCode::KeyH,
    KeyCode::KeyI,
    KeyCode::KeyJ,
    KeyCode::KeyK,
    KeyCode::KeyL,
    KeyCode::KeyM,
    KeyCode::KeyN,
    KeyCode::KeyO,
    KeyCode::KeyP,
    KeyCode::KeyQ,
    KeyCode::KeyR,
    KeyCode::KeyS,
    KeyCode::KeyT,
    KeyCode::KeyU,
    KeyCode::KeyV,
    KeyCode::KeyW,
    KeyCode::KeyX,
    KeyCode::KeyY,
    KeyCode::KeyZ,
];
const DIGITS: [KeyCode; 10] = [
    KeyCode::Digit0,
    KeyCode::Digit1,
    KeyCode::Digit2,
    KeyCode::Digit3,
    KeyCode::Digit4,
    KeyCode::Digit5,
    KeyCode::Digit6,
    KeyCode::Digit7,
    KeyCode::Digit8,
    KeyCode::Digit9,
];

impl Stroke {
    /// `D`, `⇧D`, `Ctrl K`, `Enter`, `Esc`, `↓`, `?`.
    pub fn named(name: &str) -> Self {
        let (rest, ctrl) = name
            .strip_prefix("Ctrl ")
            .map_or((name, false), |r| (r, true));
        let (cap, shift) = rest.strip_prefix('⇧').map_or((rest, false), |r| (r, true));
        let special = match cap {
            "Enter" => Some((KeyCode::Enter, Key::Enter)),
            "Esc" => Some((KeyCode::Escape, Key::Escape)),
            "Space" => Some((KeyCode::Space, Key::Space)),
            "Home" => Some((KeyCode::Home, Key::Home)),
            "End" => Some((KeyCode::End, Key::End)),
            "↓" => Some((KeyCode::ArrowDown, Key::ArrowDown)),
            "↑" => Some((KeyCode::ArrowUp, Key::ArrowUp)),
            _ => None,
        };
        let (code, key) = special.unwrap_or_else(|| {
            let c = cap.chars().next().expect("a key");
            Self::of_char(c, shift)
        });
        // A question mark is typed with Shift.
        Self {
            code,
            key,
            shift: shift || cap == "?",
            ctrl,
        }
    }

    /// Shift by itself.
    pub fn shift() -> Self {
        Self {
            code: KeyCode::ShiftLeft,
            key: Key::Shift,
            shift: false,
            ctrl: false,
        }
    }

    /// The key that writes a character.
    pub fn writes(c: char) -> Self {
        let (code, key) = Self::of_char(c, c.is_ascii_uppercase());
        Self {
            code,
            key,
            shift: c.is_ascii_uppercase(),
            ctrl: false,
        }
    }

    fn of_char(c: char, shift: bool) -> (KeyCode, Key) {
        let code = match c {
            'a'..='z' | 'A'..='Z' => LETTERS[usize::from(c.to_ascii_lowercase() as u8 - b'a')],
            '0'..='9' => DIGITS[usize::from(c as u8 - b'0')],
            '?' | '/' => KeyCode::Slash,
            '[' => KeyCode::BracketLeft,
            ']' => KeyCode::BracketRight,
            ',' => KeyCode::Comma,
            '.' => KeyCode::Period,
            ' ' => KeyCode::Space,
            _ => KeyCode::Fn,
        };
        let text = if shift {
            c.to_uppercase().to_string()
        } else {
            c.to_lowercase().to_string()
        };
        (
            code,
            if c == ' ' {
                Key::Space
            } else {
                Key::Character(text.as_str().into())
            },
        )
    }

    /// What a window says as it goes down and, later, up.
    pub fn messages(&self, window: Entity) -> [Vec<KeyboardInput>; 2] {
        let message = |code, key: &Key, state| KeyboardInput {
            key_code: code,
            logical_key: key.clone(),
            state,
            text: None,
            repeat: false,
            window,
        };
        let mut held = Vec::new();
        if self.shift {
            held.push((KeyCode::ShiftLeft, Key::Shift));
        }
        if self.ctrl {
            held.push((KeyCode::ControlLeft, Key::Control));
        }
        held.push((self.code, self.key.clone()));
        let down = held
            .iter()
            .map(|(c, k)| message(*c, k, ButtonState::Pressed))
            .collect();
        let up = held
            .iter()
            .rev()
            .map(|(c, k)| message(*c, k, ButtonState::Released))
            .collect();
        [down, up]
    }
}
