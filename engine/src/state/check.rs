use super::State;
use crate::model::{AssignmentTarget, UnitStatus};

impl State {
    /// Every invariant of a state, for tests: what must hold after any record.
    ///
    /// # Errors
    /// The first invariant broken, in words.
    pub fn check(&self) -> Result<(), String> {
        for unit in &self.registry.units {
            let busy = matches!(
                unit.status,
                UnitStatus::Assigned | UnitStatus::EnRoute | UnitStatus::OnScene
            );
            if busy != unit.assignment.is_some() {
                return Err(format!(
                    "{} is {:?} with task {:?}",
                    unit.call_sign, unit.status, unit.assignment
                ));
            }
            if let Some(AssignmentTarget::Case(case)) = unit.assignment.as_ref().map(|a| a.target) {
                let Some(c) = self.cases.get(&case) else {
                    return Err(format!(
                        "{} is sent to case {case}, which is not there",
                        unit.call_sign
                    ));
                };
                if !c.units.contains(&unit.id) {
                    return Err(format!("case {case} does not know of {}", unit.call_sign));
                }
            }
            if self
                .mover(unit.mover)
                .is_none_or(|m| m.unit != Some(unit.id))
            {
                return Err(format!("{} is not carried by its mover", unit.call_sign));
            }
        }
        for case in self.cases.values() {
            for unit in &case.units {
                let target = self
                    .unit(*unit)
                    .and_then(|u| u.assignment.as_ref())
                    .map(|a| a.target);
                if target != Some(AssignmentTarget::Case(case.id)) {
                    return Err(format!(
                        "case {} claims unit {unit}, which has {target:?}",
                        case.id
                    ));
                }
            }
            if !case.stage.is_open() && !case.units.is_empty() {
                return Err(format!(
                    "case {} is {:?} and still holds {:?}",
                    case.id, case.stage, case.units
                ));
            }
            if case.stage.has_units() && case.units.is_empty() {
                return Err(format!(
                    "case {} is {:?} without a unit",
                    case.id, case.stage
                ));
            }
            let running = case
                .due_at
                .is_some_and(|due| self.due.contains(&(due, case.id)));
            let may_run = case.filed_at.is_some() && !case.overdue && case.stage.is_timed();
            if running != may_run {
                return Err(format!(
                    "case {}: clock running {running}, should be {may_run}",
                    case.id
                ));
            }
        }
        if !self.histories.keys().eq(self.cases.keys()) {
            return Err("cases and their histories are not the same".to_owned());
        }
        if let Some(case) = self.looked_at_and_gone() {
            return Err(format!("who saw case {case} is known, and the case is not"));
        }
        self.check_reporters()?;
        if self.rebuilt.gone.keys != self.keys_of_ended() {
            return Err("keys of cases that are gone are not those that are known".to_owned());
        }
        if self.rebuilt.sources != self.sourced() {
            return Err("what stems from whom differs from the state".to_owned());
        }
        self.check_vacancies()?;
        self.check_index()
    }

    fn check_reporters(&self) -> Result<(), String> {
        let mut named = self.behind.reporters.keys();
        if let Some(case) = named.find(|c| !self.cases.contains_key(c)) {
            return Err(format!(
                "who reported case {case} is known, and the case is not"
            ));
        }
        Ok(())
    }

    fn check_vacancies(&self) -> Result<(), String> {
        if self.rebuilt.gone.movers != self.vacancies() {
            return Err("the vacant places differ from those of retired movers".to_owned());
        }
        if self.rebuilt.gone.sensors != self.vacant_sensors() {
            return Err("the vacant places differ from those of retired sensors".to_owned());
        }
        Ok(())
    }
}
