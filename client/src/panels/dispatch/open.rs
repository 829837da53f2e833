//! Tells the other desks which case is on this one's screen.

use super::state::DispatchState;
use crate::net::{City, Connection};
use bevy::prelude::{Local, Res};
use chengtu_engine::ids::CaseId;
use chengtu_engine::permission::Role;
use chengtu_engine::record::World;

/// What was said last.
#[derive(Debug, Default)]
pub(super) struct Said(Option<(World, Option<CaseId>)>);

impl Said {
    /// What is to be said now.
    fn next(&mut self, world: World, case: Option<CaseId>) -> Option<(World, Option<CaseId>)> {
        let open = (world, case);
        let quiet = self.0.is_none() && case.is_none();
        if quiet || self.0 == Some(open) {
            return None;
        }
        self.0 = Some(open);
        self.0
    }
}

/// Says it where something can be done with a case; who only looks on, and where, is nobody's concern.
pub(super) fn tell(
    city: Res<City>,
    state: Res<DispatchState>,
    connection: Res<Connection>,
    mut said: Local<Said>,
) {
    let world = city.world();
    let officer = || {
        let hello = city.mirror.hello.as_ref();
        hello.is_some_and(|h| h.role == Role::Operator)
    };
    let acts = match world {
        World::Live => officer(),
        World::Drill(_) => true,
        World::Replay(_) | World::Fork(_) => false,
    };
    if acts
        && connection.is_live()
        && let Some((world, case)) = said.next(world, state.case)
    {
        connection.open_case(world, case);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_said_once_and_anew_in_another_world() {
        let mut said = Said::default();
        let case = Some(CaseId(4));
        assert_eq!(said.next(World::Live, None), None);
        assert_eq!(said.next(World::Live, case), Some((World::Live, case)));
        assert_eq!(said.next(World::Live, case), None);
        let drill = World::Drill(2);
        assert_eq!(said.next(drill, None), Some((drill, None)));
        assert_eq!(said.next(World::Live, case), Some((World::Live, case)));
        assert_eq!(said.next(World::Live, None), Some((World::Live, None)));
    }
}
