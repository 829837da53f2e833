use chengtu_engine::drill::{GhostOf, GhostRow};
use chengtu_engine::replay::OfficerView;
use chengtu_engine::stream::{Asked, ServerMessage};

/// The units of somebody else's drill at this second of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ghost {
    /// Whose they are, in the server's words.
    pub title: String,
    /// Where each is; none of them is a unit of the city.
    pub units: Vec<GhostRow>,
}

/// What is shown beside the city itself: a ghost in a drill, and where officers were looking in a replay. Kept apart
/// from the mirror, so that nothing of it can be chosen or sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    chosen: Option<GhostOf>,
    /// The number that it was asked under.
    request: u32,
    ghost: Option<Ghost>,
    views: Vec<OfficerView>,
    revision: u64,
}

impl Beside {
    /// Whose ghost was asked for and not refused.
    pub fn chosen(&self) -> Option<GhostOf> {
        self.chosen
    }

    /// The ghost as the server sent it last.
    pub fn ghost(&self) -> Option<&Ghost> {
        self.ghost.as_ref()
    }

    /// Where officers were looking.
    pub fn views(&self) -> &[OfficerView] {
        &self.views
    }

    /// Another number after every change of the ghost.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Another ghost is asked for, or none: the one before is gone at once.
    pub fn choose(&mut self, request: u32, of: Option<GhostOf>) {
        (self.request, self.chosen) = (request, of);
        self.ghost = None;
        self.revision += 1;
    }

    /// Takes a message in; true where something else is to be shown now.
    pub fn take(&mut self, message: &ServerMessage) -> bool {
        match message {
            // Another world, or a session that begins anew: neither shows anything of the one before.
            ServerMessage::Entered(_) | ServerMessage::Hello(_) => {
                *self = Self {
                    revision: self.revision + 1,
                    ..Self::default()
                };
                true
            }
            // One that was under way when it was sent away is not let in again.
            ServerMessage::Ghosts { title, units } if self.chosen.is_some() => {
                self.ghost = Some(Ghost {
                    title: title.clone(),
                    units: units.clone(),
                });
                self.revision += 1;
                true
            }
            ServerMessage::Refused(refused) if refused.asked == Asked::Request(self.request) => {
                self.ghost = None;
                self.chosen.take().is_some()
            }
            ServerMessage::Views { list } if self.views != *list => {
                self.views.clone_from(list);
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample;
    use chengtu_engine::code::{Code, RefusalData};
    use chengtu_engine::record::World;
    use chengtu_engine::stream::Refused;

    fn ghosts() -> ServerMessage {
        ServerMessage::Ghosts {
            title: "1".into(),
            units: sample::ghosts(),
        }
    }

    fn refused(request: u32) -> ServerMessage {
        ServerMessage::Refused(Refused {
            asked: Asked::Request(request),
            code: Code::NoPast,
            text: String::new(),
            data: RefusalData::None,
        })
    }

    #[test]
    fn a_ghost_comes_when_asked_for_and_goes_at_once_when_sent_away() {
        let mut beside = Beside::default();
        assert!(!beside.take(&ghosts()), "nobody asked");
        beside.choose(1, Some(GhostOf::Attempt(1)));
        assert!(beside.take(&ghosts()));
        assert_eq!(beside.ghost().unwrap().units, sample::ghosts());
        beside.choose(2, None);
        assert!(beside.ghost().is_none());
        beside.take(&ghosts());
        assert!(beside.ghost().is_none(), "it was still under way");
    }

    #[test]
    fn a_refused_ghost_is_not_held_for_chosen_and_another_refusal_changes_nothing() {
        let mut beside = Beside::default();
        beside.choose(7, Some(GhostOf::Drill(77)));
        beside.take(&refused(6));
        assert_eq!(beside.chosen(), Some(GhostOf::Drill(77)));
        assert!(beside.take(&refused(7)));
        assert_eq!(beside.chosen(), None);
        beside.choose(8, Some(GhostOf::Attempt(1)));
        beside.take(&ghosts());
        beside.take(&refused(7));
        let driving = Some(GhostOf::Attempt(1));
        assert_eq!(beside.chosen(), driving, "another one was refused");
    }

    #[test]
    fn leaving_a_world_takes_ghosts_and_views_away_and_views_replace_one_another() {
        let mut beside = Beside::default();
        beside.choose(1, Some(GhostOf::Real));
        beside.take(&ghosts());
        let views = |n: usize| ServerMessage::Views {
            list: sample::views().into_iter().take(n).collect(),
        };
        assert!(beside.take(&views(2)) && !beside.take(&views(2)));
        assert!(beside.take(&views(1)));
        assert_eq!(beside.views().len(), 1);
        beside.take(&sample::entered(World::Live, None));
        assert!(beside.views().is_empty() && beside.ghost().is_none() && beside.chosen().is_none());
    }
}
