//! Making a drill.

use super::drill::DrillWorld;
use super::{NewWorld, OtherHandle, OtherWorld, Owner, Worlds};
use crate::access::Principal;
use crate::drill::BeginError;
use crate::log::LogStore;
use crate::refusal::Refusal;
use chengtu_engine::code::Code;
use chengtu_engine::drill::{Seat, Start};
use chengtu_engine::permission::Permission;
use chengtu_engine::record::World;
use chengtu_engine::replay::{Player, TimeBasis};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// A drill waits so long for its people to come back.
const IDLE: Duration = Duration::from_hours(1);
/// How often a drill of the log holds the city's movers: its beginning, as it is, and the moments to go back to.
const COPIES: usize = 5;
/// A server keeps at most so many drills in its folder; old ones must then be removed.
const KEPT_MAX: usize = 100_000;

/// Makes a drill of a scenario, directed by whoever asks. `at`: begins at this second of the log instead.
///
/// # Errors
/// [`Refusal`] in words: no right, no such scenario, what is wrong with it, nothing in the log at that second.
pub async fn open_drill(
    worlds: &Arc<Worlds>,
    principal: &Principal,
    scenario: &str,
    at: Option<Timestamp>,
) -> Result<OtherHandle, Refusal> {
    principal.require(Permission::DirectDrills)?;
    let ground = Arc::clone(&worlds.city().ground);
    let refused = |e: &BeginError| Refusal::new(Code::NoScenario, e.to_string());
    let mut scenario = ground.scenario(scenario).map_err(|e| refused(&e))?;
    if let Some(at) = at {
        scenario.start = Start::Log(at);
    }
    if let Start::Log(_) = scenario.start {
        // It begins in the city's past.
        principal.require(Permission::Replay)?;
    }
    let copies = match scenario.start {
        Start::Calm(_) => 0,
        Start::Log(_) => COPIES,
    };
    let owner = Owner::from(principal);
    let new = NewWorld {
        kind: World::Drill,
        title: scenario.title.clone(),
        owner: owner.clone(),
        shared: true,
        own_past: true,
        idle: Some(IDLE),
        copies,
    };
    let store = Arc::clone(worlds.store());
    let training = worlds.training().clone();
    let make = move |world| {
        let from_log = match scenario.start {
            Start::Calm(_) => None,
            Start::Log(at) => Some(state_at(&*store, at)?),
        };
        let drill = ground
            .begin(scenario, owner.name(), world, from_log)
            .map_err(|e| Refusal::new(Code::NoScenario, e.to_string()))?;
        let drills = store.aside().drills();
        let known = drills.ids();
        if known.len() >= KEPT_MAX {
            let place = drills.place(None);
            let text = format!("{place} holds {KEPT_MAX} drills; take old ones away");
            return Err(Refusal::new(Code::WorldEnded, text));
        }
        let id = known.last().map_or(1, |last| last + 1);
        let world = DrillWorld::new(drill, ground, id, store, (owner, training))?;
        Ok(Box::new(world) as Box<dyn OtherWorld>)
    };
    worlds.open(new, Seat::Director, make).await
}

/// The city as it was known at a second.
fn state_at(store: &dyn LogStore, at: Timestamp) -> Result<State, Refusal> {
    let no_past = |e: String| Refusal::new(Code::NoPast, e);
    let history = super::history(store)?;
    let (player, step) =
        Player::new(history, at, 0.0, TimeBasis::Known).map_err(|e| no_past(e.to_string()))?;
    if player.time() != at {
        let edge = step
            .edge
            .map_or("", |_| ": it lies before the log's first or after its last");
        return Err(no_past(format!("the log does not hold that second{edge}")));
    }
    Ok(player.state().clone())
}
