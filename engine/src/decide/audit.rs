use crate::audit::{Audit, AuditAct, Masked};
use crate::event::Event;
use crate::ids::CaseId;
use crate::rejection::Rejection;
use crate::state::State;
use crate::time::Timestamp;

/// Somebody asks to be shown what is masked of a case.
///
/// # Errors
/// [`Rejection::NoSuchCase`] for a case that has left the live state or never was; [`Rejection::NoReason`] without a
/// purpose.
pub(super) fn unmask(
    state: &State,
    case: CaseId,
    purpose: &str,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    state.case(case).ok_or(Rejection::NoSuchCase(case))?;
    if purpose.trim().is_empty() {
        return Err(Rejection::NoReason);
    }
    let act = AuditAct::Unmasked {
        case,
        what: Masked::Personal,
        purpose: purpose.to_owned(),
    };
    // Whose identity it is the server knows, and says so before it is kept.
    let (who, from) = (String::new(), String::new());
    let audit = Audit {
        who,
        from,
        at: now,
        act,
    };
    Ok(vec![Event::Audited(Box::new(audit))])
}
