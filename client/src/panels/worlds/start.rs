use super::stranded::WayThere;
use crate::net::{City, Connection};
use crate::panels::PanelOptions;
use crate::panels::director::DrillState;
use crate::readiness::Readiness;
use bevy::prelude::{Local, Res, ResMut};
use chengtu_engine::record::World;
use chengtu_engine::stream::WorldChoice;

/// Goes where the command line says, once, after the first greeting.
pub(super) fn begin(
    options: Res<PanelOptions>,
    connection: Res<Connection>,
    mut way: ResMut<WayThere>,
    mut done: Local<bool>,
) {
    if *done || !connection.is_live() {
        return;
    }
    *done = true;
    if let Some(scenario) = &options.drill {
        way.request = Some(connection.start_drill(scenario.clone()));
    }
    if let Some(join) = options.join {
        let (world, seat) = (join.world, join.seat);
        way.request = Some(connection.enter(WorldChoice::Join { world, seat }));
    }
}

/// Lets the units drive along that the command line names, once a drill has been entered.
pub(super) fn choose_ghost(
    options: Res<PanelOptions>,
    city: Res<City>,
    mut connection: ResMut<Connection>,
    mut done: Local<bool>,
) {
    if let Some(of) = options.ghost
        && !*done
        && matches!(city.world(), World::Drill(_))
        && city.is_ready()
    {
        *done = true;
        connection.ghost(Some(of));
    }
}

/// Pictures of another world wait until it has been entered.
pub(super) fn arrive(
    options: Res<PanelOptions>,
    city: Res<City>,
    drill: Res<DrillState>,
    mut gates: ResMut<Readiness>,
) {
    if options.drill.is_none() && options.join.is_none() {
        return;
    }
    let there = match city.world() {
        World::Live => false,
        World::Drill(_) => {
            let ghostly = options.ghost.is_none() || city.beside().ghost().is_some();
            city.is_ready() && drill.view.is_some() && ghostly
        }
        World::Replay(_) | World::Fork(_) => city.is_ready(),
    };
    gates.set("world", there);
}
