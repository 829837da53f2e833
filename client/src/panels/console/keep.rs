use crate::net::{City, NetSystems};
use bevy::ecs::component::Mutable;
use bevy::prelude::{App, IntoScheduleConfigs, PreUpdate, Res, ResMut, Resource, SystemSet};
use chengtu_engine::record::World;

/// Something that belongs to the running city: it is put away when another world is entered, and is as it was when
/// the running city is entered again.
pub trait Kept: Resource<Mutability = Mutable> {
    /// What is put away.
    type Part: Send + Sync + 'static;

    /// What of it is to be found again.
    fn put_away(&self) -> Self::Part;

    /// Puts it back.
    fn put_back(&mut self, part: Self::Part);

    /// Called whenever another world is entered: what makes no sense there is forgotten.
    fn enter(&mut self, _world: World) {}
}

/// What was put away, and the world that it was last looked at in.
#[derive(Resource)]
struct PutAway<T: Kept> {
    part: Option<T::Part>,
    world: World,
}

/// When things are put away and put back: after what has come from the server is known.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeepSystems;

/// Keeps things of the running city.
pub trait KeepInCity {
    /// Puts a resource away while another world is looked at.
    fn keep_in_city<T: Kept>(&mut self) -> &mut Self;
}

impl KeepInCity for App {
    fn keep_in_city<T: Kept>(&mut self) -> &mut Self {
        self.insert_resource(PutAway::<T> {
            part: None,
            world: World::default(),
        })
        .add_systems(
            PreUpdate,
            keep::<T>.in_set(KeepSystems).after(NetSystems::Receive),
        )
    }
}

fn keep<T: Kept>(city: Res<City>, mut away: ResMut<PutAway<T>>, mut kept: ResMut<T>) {
    let world = city.world();
    if away.world == world {
        return;
    }
    let before = std::mem::replace(&mut away.world, world);
    if before == World::Live {
        away.part = Some(kept.put_away());
    } else if world == World::Live
        && let Some(part) = away.part.take()
    {
        kept.put_back(part);
    }
    kept.enter(world);
}
