//! Worlds that can be entered: the running city, worlds of others, and scenarios that can be drilled.

mod draw;
mod start;
mod state;
mod stranded;

pub use state::{WorldAct, Worlds};

use stranded::WayThere;

use super::console::{
    Acts, AddPanel, Claims, KeyLayer, KeyOwner, Keys, PanelActs, PanelClaims, View,
};
use crate::input::Act;
use crate::net::{Connection, NetSystems, WorldWord};
use bevy::prelude::*;
use chengtu_engine::record::World as CityWorld;

/// The list has the keys alone.
const OWNER: KeyOwner = KeyOwner("worlds");
const OWNER_STRANDED: KeyOwner = KeyOwner("stranded");

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
            .init_resource::<WayThere>()
            .add_systems(PreUpdate, stranded::hear.after(NetSystems::Receive))
            .add_systems(PanelClaims, (claim, stranded::claim))
            .add_owner_keys(OWNER, KeyLayer::Overlay, keys)
            .add_panel(draw_panel)
            .add_overlay(draw_stranded);
    }
}

fn claim(worlds: Res<Worlds>, mut claims: ResMut<Claims>) {
    claims.own_keys(OWNER, worlds.open);
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

fn draw_stranded(view: View, mut way: ResMut<WayThere>) {
    let s = view.scene();
    stranded::draw(&s.ctx, &s, &mut way);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::Join;
    use crate::live::Selection;
    use crate::net::ServerNotice;
    use crate::panels::PanelOptions;
    use crate::panels::desk::Desk;
    use crate::panels::model::sample::{self, COVER};
    use crate::panels::pictures::{Setting, drilled};
    use bevy_egui::egui::Key;
    use chengtu_engine::code::Code;
    use chengtu_engine::drill::Seat;

    /// A participant who could not join sat in the running city with live controls.
    #[test]
    fn who_was_to_be_elsewhere_commands_nothing_in_the_city_before_it_is_wanted() {
        let mut desk = Desk::new(Setting {
            selection: Selection::Case(COVER),
            ..Setting::default()
        });
        desk.app.insert_resource(PanelOptions {
            join: Some(Join {
                world: CityWorld::Drill(3),
                seat: Seat::Participant,
            }),
            ..PanelOptions::default()
        });
        desk.app.world_mut().resource_mut::<WayThere>().request = Some(7);
        desk.frame(vec![]);
        desk.key(Key::D);
        desk.key(Key::Enter);
        assert_eq!(desk.commands(), [], "before the answer");
        desk.app.world_mut().write_message(ServerNotice {
            request: Some(7),
            code: Code::NoSuchWorld,
            text: String::new(),
        });
        desk.frame(vec![]);
        desk.frame(vec![]);
        assert!(desk.says("没能进入要去的世界"));
        desk.key(Key::D);
        desk.key(Key::Enter);
        assert_eq!(desk.commands(), [], "after the refusal");
        desk.click("改在实时城市值守");
        desk.key(Key::D);
        desk.key(Key::Enter);
        assert_eq!(desk.commands().len(), 1);
    }

    fn go(desk: &mut Desk, world: CityWorld) {
        let clock = sample::clock(sample::NOW, 1.0, true);
        let clock = (world != CityWorld::Live).then_some(clock);
        let entered = sample::entered(world, clock);
        desk.city()
            .take(&entered, std::time::Instant::now())
            .unwrap();
        desk.frame(vec![]);
        desk.frame(vec![]);
    }

    /// A participant whose drill had ended, or whose line was cut, sat in the running city with live controls.
    #[test]
    fn who_falls_out_of_a_drill_commands_nothing_in_the_city_before_it_is_wanted() {
        let mut desk = Desk::new(Setting {
            selection: Selection::Case(COVER),
            ..Setting::default()
        });
        go(&mut desk, CityWorld::Drill(3));
        go(&mut desk, CityWorld::Live);
        put_back(&mut desk);
        desk.key(Key::D);
        desk.key(Key::Enter);
        assert_eq!(desk.commands(), [], "on the way back");
        // Back in it, nothing is asked; out of it again, it is said after a while.
        go(&mut desk, CityWorld::Drill(3));
        assert!(!desk.says("演练的连接断了"));
        go(&mut desk, CityWorld::Live);
        let now = std::time::Instant::now();
        let long_ago = now.checked_sub(std::time::Duration::from_secs(9)).unwrap();
        desk.app
            .world_mut()
            .resource_mut::<WayThere>()
            .fell_out_at(long_ago);
        put_back(&mut desk);
        assert!(desk.says("演练的连接断了"));
        desk.key(Key::D);
        desk.key(Key::Enter);
        assert_eq!(desk.commands(), [], "before it is wanted");
        desk.click("改在实时城市值守");
        desk.key(Key::D);
        desk.key(Key::Enter);
        assert_eq!(desk.commands().len(), 1);
    }

    #[test]
    fn who_leaves_a_drill_by_the_way_home_is_at_home() {
        let mut desk = Desk::new(Setting {
            selection: Selection::Case(COVER),
            ..Setting::default()
        });
        go(&mut desk, CityWorld::Drill(3));
        // On the screen of every seat.
        desk.click("返回实时");
        go(&mut desk, CityWorld::Live);
        put_back(&mut desk);
        desk.key(Key::D);
        desk.key(Key::Enter);
        assert_eq!(desk.commands().len(), 1);
    }

    /// The made-up city is known again, as after a snapshot.
    fn put_back(desk: &mut Desk) {
        desk.city().mirror = sample::city();
        desk.app.insert_resource(Selection::Case(COVER));
        let (at, rows) = (sample::NOW, sample::ranking());
        desk.rankings().put(COVER, crate::net::Ranking { at, rows });
        desk.frame(vec![]);
        desk.frame(vec![]);
    }

    #[test]
    fn a_drill_is_listed_with_the_number_that_it_is_joined_by() {
        let mut desk = Desk::new(Setting::default());
        desk.key(Key::W);
        {
            let mut worlds = desk.app.world_mut().resource_mut::<Worlds>();
            worlds.list = vec![chengtu_engine::stream::WorldSummary {
                world: CityWorld::Drill(3),
                title: "暴雨".into(),
                owner: "周岚".into(),
                sessions: 2,
                clock: crate::panels::model::sample_drill::clock(),
            }];
            worlds.known = true;
        }
        desk.frame(vec![]);
        assert!(desk.says("演练 #3"));
        // And whoever is in it can read it to others.
        let desk = Desk::new(Setting {
            world: CityWorld::Drill(3),
            prepare: |st| drilled(st, Seat::Participant),
            ..Setting::default()
        });
        assert!(desk.says("#3 "), "{:?}", desk.texts);
    }
}
