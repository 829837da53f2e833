use super::Act;
use crate::model::Stage;

/// What is possible at a stage, with the stage that follows; where both are equal the case stays where it is.
const fn acts_at(stage: Stage) -> &'static [(Act, Stage)] {
    use Act::{
        Arrive, Bundle, Dispatch, File, Handle, LeaveScene, Pass, Reassign, Restore, Rework, Void,
        Withdraw,
    };
    match stage {
        Stage::Reported => &[
            (File, Stage::Filed),
            (Void, Stage::Void),
            (Bundle, Stage::Void),
        ],
        Stage::Filed => &[
            (Dispatch, Stage::Dispatched),
            // Without a unit there is none to replace; the refusal is about the unit, not about the stage.
            (Reassign, Stage::Filed),
            (Void, Stage::Void),
            (Bundle, Stage::Void),
        ],
        Stage::Dispatched => &[
            (Dispatch, Stage::Dispatched),
            (Reassign, Stage::Dispatched),
            (Arrive, Stage::InProgress),
            (Withdraw, Stage::Filed),
            (Void, Stage::Void),
            (Bundle, Stage::Void),
        ],
        Stage::InProgress => &[
            (Dispatch, Stage::InProgress),
            (Reassign, Stage::InProgress),
            (Arrive, Stage::InProgress),
            (LeaveScene, Stage::Dispatched),
            (Withdraw, Stage::Filed),
            (Handle, Stage::Handled),
            (Void, Stage::Void),
            (Bundle, Stage::Void),
        ],
        Stage::Handled => &[
            (Pass, Stage::Closed),
            (Rework, Stage::Filed),
            (Void, Stage::Void),
            (Bundle, Stage::Void),
        ],
        Stage::Closed => &[],
        // To the stage that it had where no unit was needed for it: one that was filed, with or without units, here.
        Stage::Void => &[(Restore, Stage::Filed)],
    }
}

/// The stage of a case after an act; `None` where the act is not possible at its stage.
pub fn next(stage: Stage, act: Act) -> Option<Stage> {
    let row = acts_at(stage).iter().find(|(a, _)| *a == act);
    row.map(|(_, next)| *next)
}

/// Whether an act is possible at a stage.
pub fn allowed(stage: Stage, act: Act) -> bool {
    next(stage, act).is_some()
}

/// Whether an act moves a case on from this stage: what a case at this stage waits for.
pub fn advances(stage: Stage, act: Act) -> bool {
    next(stage, act).is_some_and(|next| next != stage)
}

/// The stage that an act leads to from wherever it is possible; `None` where that depends on the stage.
///
/// For the fold: what is in the log has happened, whatever the stage before it was.
pub fn outcome(act: Act) -> Option<Stage> {
    let mut outcomes = Stage::ALL.into_iter().filter_map(|s| next(s, act));
    let first = outcomes.next()?;
    outcomes.all(|s| s == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Rows: stages; columns: acts, in the order of their lists. `.` impossible, else the initial of what follows.
    const EXPECTED: [&str; 7] = [
        "F........VV.", // reported
        ".DF......VV.", // filed
        ".DDI.F...VV.", // dispatched
        ".IIIDFH..VV.", // in progress
        ".......CFVV.", // handled
        "............", // closed
        "...........F", // void
    ];

    fn letter(stage: Option<Stage>) -> char {
        match stage {
            None => '.',
            Some(Stage::Reported) => 'R',
            Some(Stage::Filed) => 'F',
            Some(Stage::Dispatched) => 'D',
            Some(Stage::InProgress) => 'I',
            Some(Stage::Handled) => 'H',
            Some(Stage::Closed) => 'C',
            Some(Stage::Void) => 'V',
        }
    }

    #[test]
    fn every_stage_and_act_leads_where_the_table_says() {
        for (stage, expected) in Stage::ALL.into_iter().zip(EXPECTED) {
            let row: String = Act::ALL.iter().map(|a| letter(next(stage, *a))).collect();
            assert_eq!(row, expected, "{stage:?}");
            for act in Act::ALL {
                assert_eq!(allowed(stage, act), next(stage, act).is_some());
            }
        }
    }

    #[test]
    fn no_act_stands_twice_at_a_stage_and_every_act_is_possible_somewhere() {
        let mut all = BTreeSet::new();
        for stage in Stage::ALL {
            let here: BTreeSet<Act> = acts_at(stage).iter().map(|(a, _)| *a).collect();
            assert_eq!(here.len(), acts_at(stage).len(), "{stage:?}");
            all.extend(here);
        }
        assert!(all.into_iter().eq(Act::ALL));
    }

    #[test]
    fn open_stages_are_those_that_something_leads_on_from() {
        for stage in Stage::ALL {
            // Taking back is nothing that a case waits for.
            let acts = Act::ALL.iter().filter(|a| **a != Act::Restore);
            let leads_on = acts.into_iter().any(|a| advances(stage, *a));
            assert_eq!(stage.is_open(), leads_on, "{stage:?}");
            assert!(!stage.has_units() || stage.is_timed(), "{stage:?}");
            assert!(!stage.is_timed() || stage.is_open(), "{stage:?}");
        }
    }

    #[test]
    fn an_outcome_is_the_same_from_every_stage_or_none() {
        let at = |act| letter(outcome(act));
        let outcomes: String = Act::ALL.into_iter().map(at).collect();
        assert_eq!(outcomes, "F..IDFHCFVVF");
    }
}
