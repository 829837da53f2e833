//! The key that changes the language.

use super::console::{AddPanel, KeyLayer, Keys};
use crate::i18n::Lang;
use crate::input::Act;
use bevy::prelude::*;

/// Changes the language of panels and map.
pub struct LanguagePlugin;

impl Plugin for LanguagePlugin {
    fn build(&self, app: &mut App) {
        app.add_keys(KeyLayer::Map, keys);
    }
}

fn keys(mut keys: ResMut<Keys>, mut lang: ResMut<Lang>) {
    keys.take(|act| {
        let mine = act == Act::Language;
        if mine {
            *lang = if *lang == Lang::Zh {
                Lang::En
            } else {
                Lang::Zh
            };
        }
        mine
    });
}
