use crate::command::CaseReport;
use crate::event::Event;
use crate::geo::Position;
use crate::ids::CaseId;
use crate::model::{Case, note_added};
use crate::rejection::Rejection;
use crate::state::State;
use crate::time::Timestamp;

/// Positions that differ by no more are the same place, 1e-7 degree: 11 cm, which is more than a way through another
/// reference system and back costs.
const SAME_PLACE_E7: u32 = 10;

/// A feed says a case again that it has said under the same key: nothing follows where it says the same.
///
/// # Errors
/// [`Rejection::KnownOtherwise`] with what differs, as nothing of it is taken over; [`Rejection::KeyEnded`] for the key of
/// a case that has left the live state.
pub(super) fn repeated(
    state: &State,
    known: CaseId,
    r: &CaseReport,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let case = state.case(known).ok_or(Rejection::KeyEnded(known))?;
    let tolerance_s = state.rules().map_or(0, |r| r.future_tolerance_s);
    let what = differing(case, r, now, f64::from(tolerance_s));
    if what.is_empty() {
        Ok(vec![])
    } else {
        Err(Rejection::KnownOtherwise { case: known, what })
    }
}

/// The fields that a report gives and its case has otherwise, in words.
fn differing(case: &Case, r: &CaseReport, now: Timestamp, tolerance_s: f64) -> String {
    let says_note = !r.note.is_empty() && r.note != case.note;
    let says_time =
        r.occurred_at != now && case.occurred_at.seconds_since(r.occurred_at).abs() > tolerance_s;
    let fields = [
        ("class", r.class != case.class),
        ("severity", r.severity.is_some_and(|s| s != case.severity)),
        ("place", !is_same_place(r.position, case.position)),
        (
            "address",
            !r.address.is_empty() && r.address != case.address,
        ),
        // What was done stands behind what was reported.
        (
            "note",
            says_note && note_added(&case.note, &r.note) == case.note,
        ),
        ("occurred_at", says_time),
    ];
    let named = fields.iter().filter(|(_, differs)| *differs);
    named
        .map(|(field, _)| *field)
        .collect::<Vec<_>>()
        .join(", ")
}

fn is_same_place(a: Position, b: Position) -> bool {
    a.lon_e7.abs_diff(b.lon_e7) <= SAME_PLACE_E7 && a.lat_e7.abs_diff(b.lat_e7) <= SAME_PLACE_E7
}
