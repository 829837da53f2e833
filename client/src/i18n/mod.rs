//! Every word on the screen, in Chinese and English.
//!
//! A table per language in `assets/locales`, keys like `queue.title`, `{name}` where a value goes. Text that
//! comes from the city itself (names of classes, addresses, notes) is shown in the language it was given in.

mod format;
#[cfg(test)]
mod glossary;
mod lang;
mod local_time;
mod plugin;
mod said;
mod words;

pub use format::{
    CityTime, arrival, countdown, distance, length_km, percent, short_span, spell_span,
};
pub use lang::Lang;
pub use local_time::LocalTime;
pub use plugin::WordsPlugin;
pub use words::{Words, WordsError};
