use super::Fold;
use crate::command::UnitRegistration;
use crate::event::Event;
use crate::ids::{MoverId, UnitId};
use crate::model::{Assignment, AssignmentTarget, HistoryKind, MoverKind, Unit, UnitStatus};
use crate::state::State;

impl State {
    pub(super) fn unit_registered(
        &mut self,
        unit: UnitId,
        mover: MoverId,
        registration: &UnitRegistration,
        fold: &mut Fold<'_>,
    ) {
        let r = registration.clone();
        if unit.0 as usize == self.registry.units.len() {
            self.registry.call_signs.insert(r.call_sign.clone(), unit);
            self.registry.units.push(Unit {
                id: unit,
                mover,
                call_sign: r.call_sign,
                call_sign_en: r.call_sign_en,
                fleet: r.fleet,
                department: r.department,
                skills: r.skills,
                status: UnitStatus::Available,
                since: fold.now,
                assignment: None,
                handled: 0,
            });
        } else if let Some(u) = self.registry.units.get_mut(unit.0 as usize) {
            u.call_sign_en = r.call_sign_en;
            u.fleet = r.fleet;
            u.department = r.department;
            u.skills = r.skills;
            u.mover = mover;
        }
        if let Some(m) = self.registry.movers.get_mut(mover.0 as usize) {
            m.unit = Some(unit);
            m.kind = MoverKind::Unit;
        }
        fold.changes.units.insert(unit);
    }

    pub(super) fn unit_dispatched(&mut self, event: &Event, fold: &mut Fold<'_>) {
        let Event::UnitDispatched {
            assignment,
            unit,
            target,
            position,
            expected_at,
        } = event
        else {
            return;
        };
        self.last.assignment = self.last.assignment.max(*assignment);
        self.set_status(*unit, UnitStatus::Assigned, fold);
        if let Some(u) = self.registry.units.get_mut(unit.0 as usize) {
            u.assignment = Some(Assignment {
                id: *assignment,
                target: *target,
                position: *position,
                by: fold.origin.actor.clone(),
                at: fold.now,
                acknowledged_at: None,
                arrived_at: None,
                expected_at: *expected_at,
            });
        }
        fold.changes.units.insert(*unit);
        if let AssignmentTarget::Case(case) = target {
            if let Some(c) = self.cases.get_mut(case)
                && !c.units.contains(unit)
            {
                c.units.push(*unit);
            }
            fold.changes.cases.insert(*case);
            self.tell_dispatched(*case, *unit, fold);
        }
    }

    pub(super) fn assignment_acknowledged(&mut self, unit: UnitId, fold: &mut Fold<'_>) {
        self.set_status(unit, UnitStatus::EnRoute, fold);
        if let Some(a) = self.assignment_mut(unit) {
            a.acknowledged_at = Some(fold.now);
        }
        self.tell_of_unit(unit, HistoryKind::Acknowledged, fold);
    }

    pub(super) fn unit_arrived(&mut self, unit: UnitId, fold: &mut Fold<'_>) {
        self.set_status(unit, UnitStatus::OnScene, fold);
        if let Some(a) = self.assignment_mut(unit) {
            a.arrived_at = Some(fold.now);
        }
        self.tell_of_unit(unit, HistoryKind::Arrived, fold);
    }

    /// A unit was recalled, or has ended its task itself.
    pub(super) fn unit_freed(&mut self, unit: UnitId, fold: &mut Fold<'_>) {
        self.set_status(unit, UnitStatus::Available, fold);
        let u = self.registry.units.get_mut(unit.0 as usize);
        let assignment = u.and_then(|u| u.assignment.take());
        if let Some(AssignmentTarget::Case(case)) = assignment.map(|a| a.target)
            && let Some(c) = self.cases.get_mut(&case)
        {
            c.units.retain(|u| *u != unit);
            fold.changes.cases.insert(case);
        }
    }

    pub(super) fn unit_service_changed(
        &mut self,
        unit: UnitId,
        in_service: bool,
        fold: &mut Fold<'_>,
    ) {
        let status = if in_service {
            UnitStatus::Available
        } else {
            UnitStatus::OutOfService
        };
        self.set_status(unit, status, fold);
    }

    fn set_status(&mut self, unit: UnitId, status: UnitStatus, fold: &mut Fold<'_>) {
        if let Some(u) = self.registry.units.get_mut(unit.0 as usize) {
            u.status = status;
            u.since = fold.now;
            fold.changes.units.insert(unit);
        }
    }

    fn assignment_mut(&mut self, unit: UnitId) -> Option<&mut Assignment> {
        self.registry
            .units
            .get_mut(unit.0 as usize)?
            .assignment
            .as_mut()
    }
}
