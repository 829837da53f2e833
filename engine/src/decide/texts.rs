//! How long the texts of commands may be. What is taken stays in the log for good and is sent to everybody who looks.

use crate::audit::PURPOSE_CHARS_MAX;
use crate::command::Command;
use crate::event::Event;
use crate::model::{
    ADDRESS_CHARS_MAX, NAME_CHARS_MAX, NOTE_CHARS_MAX, NOTES_CHARS_MAX, TELEPHONE_CHARS_MAX,
    is_longer,
};
use crate::rejection::Rejection;

/// Holds the texts of a command to their limits.
///
/// # Errors
/// [`Rejection::TextTooLong`] for the first that is too long.
pub(super) fn check(command: &Command) -> Result<(), Rejection> {
    match command {
        Command::RegisterFeed { name } => short("name", name, NAME_CHARS_MAX),
        Command::RegisterMovers { movers, .. } => {
            let mut names = movers.iter();
            names.try_for_each(|(name, _)| short("key", name, NAME_CHARS_MAX))
        }
        Command::RegisterUnit(r) => {
            short("call sign", &r.call_sign, NAME_CHARS_MAX)?;
            short("call sign", &r.call_sign_en, NAME_CHARS_MAX)
        }
        Command::RegisterSensor(r) => {
            short("key", &r.key, NAME_CHARS_MAX)?;
            short("name", &r.name, NAME_CHARS_MAX)?;
            short("unit of measure", &r.unit_of_measure, NAME_CHARS_MAX)
        }
        Command::ReportCase(r) => {
            short("key", &r.key, NAME_CHARS_MAX)?;
            short("address", &r.address, ADDRESS_CHARS_MAX)?;
            short("note", &r.note, NOTE_CHARS_MAX)
        }
        Command::VoidCase { reason, .. } => short("reason", reason, NOTE_CHARS_MAX),
        Command::ReportHandled { note, .. } => short("note", note, NOTE_CHARS_MAX),
        Command::NameReporter { reporter, .. } => {
            short("name", &reporter.name, NAME_CHARS_MAX)?;
            short("telephone", &reporter.telephone, TELEPHONE_CHARS_MAX)
        }
        Command::Unmask { purpose, .. } => short("purpose", purpose, PURPOSE_CHARS_MAX),
        _ => Ok(()),
    }
}

/// Holds what is noted of a case to its limit, as the notes of several acts are put together.
///
/// # Errors
/// [`Rejection::TextTooLong`].
pub(super) fn check_notes(events: &[Event]) -> Result<(), Rejection> {
    events.iter().try_for_each(|event| match event {
        Event::CaseHandled { note, .. } | Event::CaseVoided { reason: note, .. } => {
            short("note of the case", note, NOTES_CHARS_MAX)
        }
        _ => Ok(()),
    })
}

fn short(what: &'static str, text: &str, max: usize) -> Result<(), Rejection> {
    if is_longer(text, max) {
        let chars = text.chars().count();
        return Err(Rejection::TextTooLong { what, chars, max });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CaseId, UnitId};

    #[test]
    fn characters_are_counted_and_not_bytes() {
        let report = |note: String| Command::ReportHandled {
            unit: UnitId(0),
            note,
        };
        assert_eq!(check(&report("井".repeat(NOTE_CHARS_MAX))), Ok(()));
        let refused = check(&report("井".repeat(NOTE_CHARS_MAX + 1))).unwrap_err();
        let words = refused.to_string();
        assert!(words.contains("2001 characters; at most 2000"), "{words}");
    }

    #[test]
    fn the_notes_of_a_case_have_a_limit_together() {
        let handled = |note: String| {
            [Event::CaseHandled {
                case: CaseId(1),
                unit: UnitId(0),
                note,
            }]
        };
        assert!(check_notes(&handled("a".repeat(NOTES_CHARS_MAX))).is_ok());
        assert!(check_notes(&handled("a".repeat(NOTES_CHARS_MAX + 1))).is_err());
    }
}
