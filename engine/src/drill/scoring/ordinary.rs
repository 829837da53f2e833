use crate::city::Severity;
use crate::drill::occurrence::Occurrence;
use crate::drill::tally::{CaseTrack, Tally};
use crate::ids::CaseId;

/// Cases that are judged beside the occurrences: ordinary ones that cannot wait.
pub(super) fn ordinary<'t>(
    tally: &'t Tally,
    found: &[Occurrence<'_>],
) -> Vec<(CaseId, &'t CaseTrack)> {
    let grave = |c: &CaseTrack| c.severity <= Severity::Urgent && !c.before && c.bundled.is_none();
    tally
        .cases
        .iter()
        .filter(|(id, c)| {
            grave(c) && c.voided.is_none() && !found.iter().any(|o| o.cases.contains(id))
        })
        .map(|(id, c)| (*id, c))
        .collect()
}
