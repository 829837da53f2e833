use crate::panels::console::Acts;
use bevy::prelude::{Message, Resource};
use chengtu_engine::drill::{ScenarioInfo, Seat};
use chengtu_engine::record::World;
use chengtu_engine::stream::{ServerMessage, WorldChoice, WorldSummary};

/// What is asked about worlds.
#[derive(Message, Clone, Debug, PartialEq)]
pub enum WorldAct {
    /// Which worlds there are.
    Ask,
    /// Go to another world.
    Enter(WorldChoice),
    /// Make a drill of a scenario.
    StartDrill(String),
}

/// Worlds and scenarios that the server lets this user enter.
#[derive(Resource, Clone, Debug, Default)]
pub struct Worlds {
    /// The list is on the screen.
    pub open: bool,
    /// Worlds that run.
    pub list: Vec<WorldSummary>,
    /// Scenarios for drills, including those that a mistake keeps from starting (`problem`).
    pub scenarios: Vec<ScenarioInfo>,
    /// The answer has come.
    pub known: bool,
    /// Line under the keyboard; none while nothing has been drawn of the list.
    pub(super) cursor: Option<EntryId>,
}

impl Worlds {
    /// Opens it, or closes it; what is there is asked for anew.
    pub fn toggle(&mut self, out: &mut Acts) {
        self.open = !self.open;
        self.cursor = None;
        if self.open {
            out.push(WorldAct::Ask);
        }
    }

    /// Takes over what the server says of it.
    pub fn apply(&mut self, message: &ServerMessage) {
        match message {
            ServerMessage::Worlds { list, scenarios } => {
                self.list.clone_from(list);
                self.scenarios.clone_from(scenarios);
                self.known = true;
            }
            // The way there is over.
            ServerMessage::Entered(_) => self.open = false,
            _ => {}
        }
    }

    /// The lines of the list, for somebody in the world `here`.
    pub(super) fn entries(&self, here: World) -> Vec<Entry<'_>> {
        let mut all = Vec::new();
        if here != World::Live {
            all.push(Entry::Live);
        }
        // Both branches of a fork belong to those who look at it.
        let joinable = |w: &&WorldSummary| w.world != here && !matches!(w.world, World::Fork(_));
        all.extend(self.list.iter().filter(joinable).map(Entry::Join));
        all.extend(self.scenarios.iter().map(Entry::Scenario));
        all
    }
}

/// A line of the list.
#[derive(Clone, Copy)]
pub(super) enum Entry<'a> {
    Live,
    Join(&'a WorldSummary),
    Scenario(&'a ScenarioInfo),
}

/// A line of the list, whatever place it has there: the list is made anew while it is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EntryId {
    World(World),
    /// By its key.
    Scenario(String),
}

impl Entry<'_> {
    /// Which line it is.
    pub(super) fn id(&self) -> EntryId {
        match self {
            Entry::Live => EntryId::World(World::Live),
            Entry::Join(w) => EntryId::World(w.world),
            Entry::Scenario(s) => EntryId::Scenario(s.key.clone()),
        }
    }

    /// What a press on the line asks for; nothing where it cannot be entered.
    pub(super) fn act(&self, seat: Seat) -> Option<WorldAct> {
        match self {
            Entry::Live => Some(WorldAct::Enter(WorldChoice::Live)),
            Entry::Join(w) => Some(WorldAct::Enter(WorldChoice::Join {
                world: w.world,
                seat,
            })),
            Entry::Scenario(s) if s.problem.is_empty() => Some(WorldAct::StartDrill(s.key.clone())),
            Entry::Scenario(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::{sample, sample_drill};

    fn summary(world: World) -> WorldSummary {
        WorldSummary {
            world,
            title: "x".into(),
            owner: "y".into(),
            sessions: 1,
            clock: sample_drill::clock(),
        }
    }

    fn known() -> Worlds {
        let mut worlds = Worlds::default();
        worlds.apply(&ServerMessage::Worlds {
            list: vec![
                summary(World::Replay(1)),
                summary(World::Fork(2)),
                summary(World::Drill(3)),
            ],
            scenarios: sample_drill::scenarios(),
        });
        worlds
    }

    #[test]
    fn a_scenario_with_a_mistake_is_listed_and_cannot_be_begun() {
        let worlds = known();
        let entries = worlds.entries(World::Live);
        // A replay, a drill, three scenarios; branches of forks are nobody else's.
        assert_eq!(entries.len(), 5);
        let begun: Vec<Option<WorldAct>> = entries
            .iter()
            .filter(|e| matches!(e, Entry::Scenario(_)))
            .map(|e| e.act(Seat::Director))
            .collect();
        assert_eq!(begun[1], Some(WorldAct::StartDrill("cloudburst".into())));
        assert_eq!(begun[2], None);
    }

    #[test]
    fn the_world_one_is_in_is_not_offered_and_the_running_city_is() {
        let worlds = known();
        let entries = worlds.entries(World::Drill(3));
        assert!(matches!(entries[0], Entry::Live));
        assert!(
            !entries
                .iter()
                .any(|e| matches!(e, Entry::Join(w) if w.world == World::Drill(3)))
        );
        let join = worlds.entries(World::Live)[1].act(Seat::Participant);
        let choice = WorldChoice::Join {
            world: World::Drill(3),
            seat: Seat::Participant,
        };
        assert_eq!(join, Some(WorldAct::Enter(choice)));
    }

    #[test]
    fn having_arrived_closes_the_list() {
        let mut worlds = known();
        worlds.toggle(&mut Acts::default());
        assert!(worlds.open);
        worlds.apply(&sample::entered(World::Drill(3), None));
        assert!(!worlds.open);
    }
}
