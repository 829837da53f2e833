use super::{Lang, Words};
use bevy::prelude::*;

/// Keeps the words in the language that is chosen.
pub struct WordsPlugin;

impl Plugin for WordsPlugin {
    fn build(&self, app: &mut App) {
        let lang = *app.world().resource::<Lang>();
        let words = Words::shipped(lang)
            .unwrap_or_else(|error| unreachable!("the shipped words are tested: {error}"));
        app.insert_resource(words).add_systems(Update, follow);
    }
}

fn follow(lang: Res<Lang>, mut words: ResMut<Words>) {
    if words.lang() != *lang
        && let Ok(other) = Words::shipped(*lang)
    {
        *words = other;
    }
}
