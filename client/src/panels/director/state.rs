use crate::net::{City, WorldWord};
use crate::panels::model::drill;
use bevy::prelude::{MessageReader, Res, ResMut, Resource};
use chengtu_engine::drill::{DrillPhase, DrillView, GhostOf};
use chengtu_engine::replay::WorldClock;
use chengtu_engine::stream::ServerMessage;
use chengtu_engine::time::Timestamp;

/// What is open above the director's time bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawer {
    /// What can be fired by hand.
    Fire,
    /// One inject: what is really there, fire, put off.
    Inject(u32),
    /// Moments to go back to.
    Rewind,
    /// Notes, and room for another.
    Notes,
    /// Points and what they rest on.
    Score,
    /// Ending it, to be confirmed.
    End,
    /// Whose units drive along as ghosts; in every seat.
    Ghost,
}

/// A line of a drawer's list, whatever place it has there: lists are made anew while they are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineId {
    /// An inject.
    Inject(u32),
    /// A moment to go back to.
    Moment(Timestamp),
    /// Whose units drive along.
    Ghost(Option<GhostOf>),
}

/// The drill as last received, and what is open.
#[derive(Resource, Debug, Default)]
pub struct DrillState {
    /// The drill; `None` in any other world.
    pub view: Option<Box<DrillView>>,
    /// Clock of the current world, drill or not; `None` in the running city.
    pub clock: Option<WorldClock>,
    /// Whose units drive along as ghosts.
    pub ghost_of: Option<GhostOf>,
    /// What is open.
    pub drawer: Option<Drawer>,
    /// A note being written.
    pub note: String,
    /// The note wants the keyboard.
    pub focus_note: bool,
    /// The number of a drill being typed, for its ghost.
    pub ghost: String,
    /// Line of a drawer's list under the keyboard; none while nothing has been drawn of it.
    pub(super) cursor: Option<LineId>,
    /// The card with the brief, or with the end, has been put away.
    pub card_away: Option<DrillPhase>,
    /// It had begun already when it was entered, and the brief has not been put away.
    pub late: bool,
}

impl DrillState {
    /// True in the director's seat: the time bar is tall then.
    pub fn is_director(&self) -> bool {
        self.view.as_deref().is_some_and(drill::directs)
    }

    /// Opens a drawer, or closes it where it is open.
    pub fn toggle(&mut self, drawer: Drawer) {
        self.drawer = (self.drawer != Some(drawer)).then_some(drawer);
        self.focus_note = self.drawer == Some(Drawer::Notes);
        self.cursor = None;
    }

    /// Takes over what the server says of it.
    pub fn apply(&mut self, message: &ServerMessage) {
        match message {
            ServerMessage::Entered(_) => *self = Self::default(),
            ServerMessage::Drill(view) => {
                let gone = |id| !view.injects.iter().any(|i| i.id == id && !i.done);
                if matches!(self.drawer, Some(Drawer::Inject(id)) if gone(id)) {
                    self.drawer = None;
                }
                if self.view.is_none() {
                    self.late = matches!(view.phase, DrillPhase::Running | DrillPhase::Paused)
                        && !drill::directs(view);
                }
                self.view = Some(view.clone());
            }
            _ => {}
        }
    }
}

/// Takes what is said of drills in, and keeps the clock and the ghost that is shown.
pub(super) fn hear(
    mut words: MessageReader<WorldWord>,
    city: Res<City>,
    mut state: ResMut<DrillState>,
) {
    for WorldWord(message) in words.read() {
        state.apply(message);
    }
    let (clock, ghost_of) = (city.world_clock().copied(), city.beside().chosen());
    if (state.clock, state.ghost_of) != (clock, ghost_of) {
        (state.clock, state.ghost_of) = (clock, ghost_of);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::{sample, sample_drill};
    use chengtu_engine::drill::Seat;
    use chengtu_engine::record::World;

    #[test]
    fn leaving_a_drill_forgets_everything_of_it() {
        let mut state = DrillState::default();
        state.apply(&sample::entered(World::Drill(1), None));
        state.apply(&ServerMessage::Drill(Box::new(sample_drill::view(
            Seat::Director,
        ))));
        state.toggle(Drawer::Notes);
        state.note = "x".into();
        assert!(state.view.is_some() && state.focus_note);
        state.apply(&sample::entered(World::Live, None));
        assert!(state.view.is_none() && state.drawer.is_none() && state.note.is_empty());
    }

    #[test]
    fn who_comes_when_it_has_begun_is_late_and_who_was_there_is_not() {
        let told = |seat, phase| {
            let mut state = DrillState::default();
            state.apply(&sample::entered(World::Drill(1), None));
            let mut view = sample_drill::view(seat);
            view.phase = phase;
            state.apply(&ServerMessage::Drill(Box::new(view.clone())));
            let late = state.late;
            view.phase = DrillPhase::Running;
            state.apply(&ServerMessage::Drill(Box::new(view)));
            assert_eq!(state.late, late);
            late
        };
        let here = Seat::Participant;
        assert!(told(here, DrillPhase::Running) && told(here, DrillPhase::Paused));
        assert!(!told(here, DrillPhase::Preparing) && !told(here, DrillPhase::Ended));
        assert!(!told(Seat::Director, DrillPhase::Running));
    }

    #[test]
    fn the_drawer_of_an_inject_closes_when_it_has_been_fired() {
        let mut state = DrillState::default();
        let mut view = sample_drill::view(Seat::Director);
        state.apply(&ServerMessage::Drill(Box::new(view.clone())));
        state.toggle(Drawer::Inject(7));
        state.apply(&ServerMessage::Drill(Box::new(view.clone())));
        assert_eq!(state.drawer, Some(Drawer::Inject(7)));
        view.injects[7].done = true;
        state.apply(&ServerMessage::Drill(Box::new(view)));
        assert_eq!(state.drawer, None);
    }
}
