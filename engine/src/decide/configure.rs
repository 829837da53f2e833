use crate::city::{Rules, RulesError};
use crate::state::State;

/// Whether cases and units of the live state mean the same by their numbers under new rules.
///
/// # Errors
/// [`RulesError::ClassMoved`], [`RulesError::DepartmentMoved`]. [`Rules::continuing`] makes rules that keep every place.
pub(super) fn keeps_what_is_in_use(state: &State, rules: &Rules) -> Result<(), RulesError> {
    let Some(before) = state.rules().filter(|before| *before != rules) else {
        return Ok(());
    };
    for case in state.cases().values() {
        let code = before.class(case.class).map(|c| &c.code);
        if let Some(code) = code
            && rules.class(case.class).map(|c| &c.code) != Some(code)
        {
            return Err(RulesError::ClassMoved {
                code: code.clone(),
                case: case.id,
            });
        }
    }
    for unit in state.units() {
        let key = before.department(unit.department).map(|d| &d.key);
        if let Some(key) = key
            && rules.department(unit.department).map(|d| &d.key) != Some(key)
        {
            return Err(RulesError::DepartmentMoved {
                key: key.clone(),
                call_sign: unit.call_sign.clone(),
            });
        }
    }
    Ok(())
}
