use crate::pack::{Awaited, Pack};
use crate::panels::model::places;
use crate::panels::model::search::Index;
use bevy::prelude::*;
use std::time::Instant;

/// The search's places, once they have come.
#[derive(Resource, Default)]
pub struct Places(pub Index);

/// Places on their way.
#[derive(Resource)]
pub(super) struct PlacesComing(Awaited<Index>);

/// Asks for the pack's places.
pub(super) fn ask(mut commands: Commands, pack: Res<Pack>) {
    let read = |bytes: &[u8]| {
        places::read(bytes)
            .map(Index::new)
            .map_err(|e| e.to_string())
    };
    commands.insert_resource(PlacesComing(Awaited::new(&pack, "places.json", read)));
}

/// Keeps them as soon as they are there.
pub(super) fn keep(mut coming: ResMut<PlacesComing>, mut places: ResMut<Places>) {
    if let Some(index) = coming.0.poll(Instant::now()) {
        places.0 = index;
    }
}
