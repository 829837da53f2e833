use crate::facts::case_of;
use crate::live::Selection;
use crate::net::City;
use crate::panels::console::{Kept, Pending, Refusal, sent_unit};
use bevy::prelude::{Res, ResMut, Resource};
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::record::World;

/// What the panel of a case remembers.
#[derive(Resource, Debug, Default)]
pub struct DispatchState {
    /// Case that `unit`, `reassign` and the refusals belong to.
    pub case: Option<CaseId>,
    /// Unit chosen in the table.
    pub unit: Option<UnitId>,
    /// Only units with the skill.
    pub only_skilled: bool,
    /// The officer wants another unit for a case that has one.
    pub reassign: bool,
    /// The command that was given here last, until it is answered.
    pub sending: Option<Pending>,
    /// Refusals on show, newest last.
    pub refusals: Vec<Refusal>,
}

impl DispatchState {
    /// Called when another case (or none) is chosen: what belonged to the one before is forgotten.
    pub fn follow_case(&mut self, case: Option<CaseId>) {
        if self.case != case {
            self.case = case;
            self.unit = None;
            self.reassign = false;
            self.refusals.clear();
        }
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

/// What is found again in the running city.
#[derive(Clone, Copy, Debug)]
pub struct KeptDispatch {
    case: Option<CaseId>,
    unit: Option<UnitId>,
    only_skilled: bool,
}

impl Kept for DispatchState {
    type Part = KeptDispatch;

    fn put_away(&self) -> KeptDispatch {
        KeptDispatch {
            case: self.case,
            unit: self.unit,
            only_skilled: self.only_skilled,
        }
    }

    fn put_back(&mut self, part: KeptDispatch) {
        // What belongs to the case is not forgotten when the case is found again.
        self.case = part.case;
        self.unit = part.unit;
        self.only_skilled = part.only_skilled;
    }

    fn enter(&mut self, _world: World) {
        self.reassign = false;
        // The world that was left answers nothing any more.
        self.sending = None;
    }
}
