use crate::net::{City, WorldWord};
use crate::panels::state::PanelState;
use bevy::prelude::{MessageReader, Res, ResMut};
use chengtu_engine::drill::{DrillPhase, DrillView};
use chengtu_engine::replay::WorldClock;
use chengtu_engine::stream::ServerMessage;

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

/// The drill as it was told last, and what is open.
#[derive(Debug, Default)]
pub struct Desk {
    /// The drill; none in any other world.
    pub view: Option<Box<DrillView>>,
    /// Its clock.
    pub clock: Option<WorldClock>,
    /// What is open.
    pub drawer: Option<Drawer>,
    /// A note being written.
    pub note: String,
    /// The note wants the keyboard.
    pub focus_note: bool,
    /// The number of a drill being typed, for its ghost.
    pub ghost: String,
    /// Line of a drawer's list under the keyboard.
    pub cursor: usize,
    /// The card with the brief, or with the end, has been put away.
    pub card_away: Option<DrillPhase>,
}

impl Desk {
    /// Opens a drawer, or closes it where it is open.
    pub fn toggle(&mut self, drawer: Drawer) {
        self.drawer = (self.drawer != Some(drawer)).then_some(drawer);
        self.focus_note = self.drawer == Some(Drawer::Notes);
        self.cursor = 0;
    }

    /// Takes a word about worlds in.
    pub fn take(&mut self, word: &ServerMessage) {
        match word {
            ServerMessage::Entered(_) => *self = Self::default(),
            ServerMessage::Drill(view) => {
                let gone = |id| !view.injects.iter().any(|i| i.id == id && !i.done);
                if matches!(self.drawer, Some(Drawer::Inject(id)) if gone(id)) {
                    self.drawer = None;
                }
                self.view = Some(view.clone());
            }
            _ => {}
        }
    }
}

/// Takes what is said of drills in, and keeps the clock.
pub fn hear(mut words: MessageReader<WorldWord>, city: Res<City>, mut st: ResMut<PanelState>) {
    for WorldWord(word) in words.read() {
        st.drill.take(word);
        st.worlds.take(word);
    }
    let clock = city.world_clock().copied();
    if st.drill.clock != clock {
        st.drill.clock = clock;
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
        let mut desk = Desk::default();
        desk.take(&sample::entered(World::Drill(1), None));
        desk.take(&ServerMessage::Drill(Box::new(sample_drill::view(
            Seat::Director,
        ))));
        desk.toggle(Drawer::Notes);
        desk.note = "x".into();
        assert!(desk.view.is_some() && desk.focus_note);
        desk.take(&sample::entered(World::Live, None));
        assert!(desk.view.is_none() && desk.drawer.is_none() && desk.note.is_empty());
    }

    #[test]
    fn the_drawer_of_an_inject_closes_when_it_has_been_fired() {
        let mut desk = Desk::default();
        let mut view = sample_drill::view(Seat::Director);
        desk.take(&ServerMessage::Drill(Box::new(view.clone())));
        desk.toggle(Drawer::Inject(7));
        desk.take(&ServerMessage::Drill(Box::new(view.clone())));
        assert_eq!(desk.drawer, Some(Drawer::Inject(7)));
        view.injects[7].done = true;
        desk.take(&ServerMessage::Drill(Box::new(view)));
        assert_eq!(desk.drawer, None);
    }
}
