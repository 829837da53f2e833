//! Worlds that can be entered: the running city, worlds of others, and scenarios that can be drilled.

mod draw;
mod start;
mod state;

pub use state::{WorldAct, Worlds};

use super::console::{Acts, AddPanel, KeyLayer, Keys, PanelActs, View};
use crate::input::Act;
use crate::net::{Connection, NetSystems, WorldWord};
use bevy::prelude::*;
use chengtu_engine::record::World as CityWorld;

/// Lists worlds and goes to them.
pub struct WorldsPlugin;

impl Plugin for WorldsPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Worlds>()
            .add_message::<WorldAct>()
            .add_systems(
                PreUpdate,
                (hear, start::begin, start::choose_ghost, start::arrive).after(NetSystems::Receive),
            )
            .add_systems(PanelActs, carry_out)
            .add_keys(KeyLayer::Overlay, keys)
            .add_panel(draw_panel);
    }
}

fn hear(mut words: MessageReader<WorldWord>, mut worlds: ResMut<Worlds>) {
    for WorldWord(message) in words.read() {
        worlds.apply(message);
    }
}

fn carry_out(mut acts: MessageReader<WorldAct>, connection: Res<Connection>) {
    for act in acts.read() {
        match act {
            WorldAct::Ask => connection.worlds(),
            WorldAct::Enter(choice) => connection.enter(choice.clone()),
            WorldAct::StartDrill(scenario) => connection.start_drill(scenario.clone()),
        };
    }
}

fn keys(mut keys: ResMut<Keys>, mut worlds: ResMut<Worlds>, mut acts: ResMut<Acts>) {
    keys.take(|act| {
        let mine = act == Act::Worlds;
        if mine {
            worlds.toggle(&mut acts);
        }
        mine
    });
    keys.leave(|| std::mem::take(&mut worlds.open));
}

fn draw_panel(view: View, mut worlds: ResMut<Worlds>, mut acts: ResMut<Acts>) {
    if !worlds.open {
        return;
    }
    let s = view.scene();
    let here = s.mirror.hello.as_ref().map_or(CityWorld::Live, |h| h.world);
    draw::draw(&s.ctx, &s, &mut worlds, here, &mut acts);
}
