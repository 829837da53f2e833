use super::Lens;
use crate::command::Command;
use crate::ids::{AlarmId, CaseId, UnitId};
use crate::model::AssignmentTarget;
use crate::rejection::Rejection;
use crate::state::State;

impl Lens {
    /// Refuses a command about what its giver does not see, in the words for what does not exist: a refusal betrays
    /// nothing.
    ///
    /// # Errors
    /// [`Rejection::NoSuchCase`], [`Rejection::NoSuchUnit`], [`Rejection::NoSuchAlarm`], [`Rejection::OutsideCity`].
    pub fn may_touch(&self, state: &State, command: &Command) -> Result<(), Rejection> {
        let case = |id: CaseId| self.known_case(state, id);
        let unit = |id: UnitId| self.known_unit(state, id);
        match command {
            Command::FileCase { case: c, .. }
            | Command::VoidCase { case: c, .. }
            | Command::RestoreCase { case: c }
            | Command::CheckCase { case: c, .. }
            | Command::NameReporter { case: c, .. }
            | Command::Unmask { case: c, .. } => case(*c),
            Command::BundleCase { case: c, into } => case(*c).and_then(|()| case(*into)),
            Command::ReassignCase {
                case: c, from, to, ..
            } => case(*c).and_then(|()| unit(*from)).and_then(|()| unit(*to)),
            Command::DispatchUnit {
                unit: u, target, ..
            } => {
                unit(*u)?;
                match target {
                    AssignmentTarget::Case(c) => case(*c),
                    AssignmentTarget::Place(p) if self.sees_place(*p) => Ok(()),
                    AssignmentTarget::Place(_) => Err(Rejection::OutsideCity),
                }
            }
            Command::RecallUnit { unit: u }
            | Command::AcknowledgeAssignment { unit: u }
            | Command::ArriveOnScene { unit: u }
            | Command::ReportHandled { unit: u, .. }
            | Command::SetInService { unit: u, .. } => unit(*u),
            Command::AcknowledgeAlarm { alarm } => self.known_alarm(state, *alarm),
            // Whoever reports need not see what others do there.
            Command::ReportCase(_)
            | Command::Tick
            | Command::Configure(_)
            | Command::RegisterFeed { .. }
            | Command::RegisterUnit(_)
            | Command::RegisterSensor(_)
            | Command::RegisterMovers { .. }
            | Command::RetireMovers { .. }
            | Command::RetireSensors { .. }
            | Command::RetireFeed { .. } => Ok(()),
        }
    }

    /// Refuses a case that is not seen as one that there is not.
    ///
    /// # Errors
    /// [`Rejection::NoSuchCase`].
    pub fn known_case(&self, state: &State, id: CaseId) -> Result<(), Rejection> {
        let seen = state.case(id).and_then(|c| self.case(state, c));
        seen.map(drop).ok_or(Rejection::NoSuchCase(id))
    }

    /// Refuses a unit that is not seen as one that there is not.
    ///
    /// # Errors
    /// [`Rejection::NoSuchUnit`].
    pub fn known_unit(&self, state: &State, id: UnitId) -> Result<(), Rejection> {
        let seen = state.unit(id).is_some_and(|u| self.unit(state, u));
        seen.then_some(()).ok_or(Rejection::NoSuchUnit(id))
    }

    fn known_alarm(&self, state: &State, id: AlarmId) -> Result<(), Rejection> {
        let seen = state.alarms().get(&id).and_then(|a| self.alarm(state, a));
        seen.map(drop).ok_or(Rejection::NoSuchAlarm(id))
    }
}
