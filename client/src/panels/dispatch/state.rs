use super::shown::{Another, Held, LastShown};
use crate::facts::case_of;
use crate::live::Selection;
use crate::net::City;
use crate::panels::console::{Kept, Pending, Refusal, sent_unit};
use crate::panels::refusal;
use bevy::prelude::{Res, ResMut, Resource};
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::record::World;
use std::time::Instant;

/// What is said above the button for a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A key went down for something that is no longer on the screen: nothing was done.
    Changed,
}

/// What the panel of a case remembers.
#[derive(Resource, Debug, Default)]
pub struct DispatchState {
    /// Case that `unit`, `another` and the refusals belong to.
    pub case: Option<CaseId>,
    /// Unit chosen in the table.
    pub unit: Option<UnitId>,
    /// Only units with the skill.
    pub only_skilled: bool,
    /// The officer looks for another unit for a case that has one.
    pub another: Option<Another>,
    /// Commands that were given here and are not answered yet.
    pub sending: Vec<Pending>,
    /// Refusals on show, newest last.
    pub refusals: Vec<Refusal>,
    /// Rows that are held where they are.
    pub held: Option<Held>,
    /// What was drawn last.
    pub shown: Option<LastShown>,
    /// Said above the button, and since when.
    pub warning: Option<(Warning, Instant)>,
}

impl DispatchState {
    /// Called when another case (or none) is chosen: what belonged to the one before is forgotten.
    pub fn follow_case(&mut self, case: Option<CaseId>) {
        if self.case != case {
            *self = Self {
                case,
                sending: std::mem::take(&mut self.sending),
                ..Self::default()
            };
        }
    }

    /// The command about a case that is under way.
    pub fn sending_for(&self, case: CaseId) -> Option<&Pending> {
        let about = |p: &&Pending| refusal::concerns_case(&p.request, case);
        self.sending.iter().find(about)
    }

    /// Rows that are held for what is asked of a case now: another question has another order.
    pub fn held_for(&self, case: CaseId) -> Option<&Held> {
        let asked = |h: &&Held| h.case == case && h.another == self.another;
        self.held.as_ref().filter(asked)
    }

    /// Units refused for the case on show.
    pub fn refused_units(&self) -> Vec<UnitId> {
        self.refusals
            .iter()
            .filter_map(|r| sent_unit(&r.request))
            .collect()
    }
}

/// The panel is about the case that is chosen.
pub(super) fn follow_selection(
    city: Res<City>,
    selection: Res<Selection>,
    mut state: ResMut<DispatchState>,
) {
    let case = case_of(&city.mirror, *selection);
    if state.case != case {
        state.follow_case(case);
    }
}

impl Kept for DispatchState {
    type Part = ();

    fn put_away(&self) {}

    fn put_back(&mut self, (): ()) {}

    /// Whichever world is entered, nothing is armed there: no unit is chosen, and the world that was left answers
    /// nothing any more.
    fn enter(&mut self, _world: World) {
        *self = Self {
            case: self.case,
            ..Self::default()
        };
    }
}
