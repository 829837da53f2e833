//! The keys that change the size of text.

use super::console::{AddPanel, KeyLayer, Keys};
use crate::input::Act;
use crate::screen::TextSize;
use bevy::prelude::*;

/// Changes the size of text, and of all that is drawn with it.
pub struct TextSizePlugin;

impl Plugin for TextSizePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<TextSize>()
            .add_keys(KeyLayer::Map, keys);
    }
}

fn keys(mut keys: ResMut<Keys>, mut size: ResMut<TextSize>) {
    keys.take(|act| {
        let to = match act {
            Act::LargerText => size.larger(),
            Act::SmallerText => size.smaller(),
            Act::UsualText => TextSize::default(),
            _ => return false,
        };
        size.set_if_neq(to);
        true
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_make_text_larger_smaller_and_usual() {
        let mut app = App::new();
        app.init_resource::<TextSize>().add_systems(Update, keys);
        let mut after = |act| {
            app.insert_resource(Keys::of(&[act]));
            app.update();
            assert!(app.world().resource::<Keys>().is_empty());
            app.world().resource::<TextSize>().factor()
        };
        assert_eq!(after(Act::LargerText), 1.1);
        assert_eq!(after(Act::LargerText), 1.25);
        assert_eq!(after(Act::SmallerText), 1.1);
        assert_eq!(after(Act::UsualText), 1.0);
    }
}
