use super::Owner;
use crate::access::Principal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which scenarios are being drilled now. What an earlier run of one has kept tells what its team may not know: it is kept
/// from everybody but the director until the drill has ended.
#[derive(Clone, Debug, Default)]
pub struct Training(Arc<Mutex<Vec<(u32, String, Owner)>>>);

/// A drill that has not ended; dropped when it has.
#[derive(Debug)]
pub(super) struct InTraining {
    training: Training,
    drill: u32,
}

impl Training {
    fn lock(&self) -> MutexGuard<'_, Vec<(u32, String, Owner)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drill number `drill`, of the scenario with this key, begins.
    pub(super) fn begin(&self, drill: u32, scenario: &str, director: &Owner) -> InTraining {
        let entry = (drill, scenario.to_owned(), director.clone());
        self.lock().push(entry);
        InTraining {
            training: self.clone(),
            drill,
        }
    }

    /// True where nothing is drilled.
    pub fn is_idle(&self) -> bool {
        self.lock().is_empty()
    }

    /// Why somebody may not see now what a run of a scenario has kept; `None` where they may.
    pub fn hides(&self, scenario: &str, from: &Principal) -> Option<String> {
        let running = self.lock();
        let (drill, _, director) = running
            .iter()
            .find(|(_, key, director)| key == scenario && !director.is(from))?;
        Some(format!(
            "drill {drill} of this scenario is running, directed by {director}: what earlier runs have kept is shown when it has ended"
        ))
    }
}

impl Drop for InTraining {
    fn drop(&mut self) {
        self.training
            .lock()
            .retain(|(drill, ..)| *drill != self.drill);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Part, PrincipalId};

    #[test]
    fn what_a_run_has_kept_is_hidden_from_all_but_the_director_while_it_is_run_again() {
        let who = |id: &str| {
            // Of one display name: it is the identity that counts.
            Principal::with_usual_rights(PrincipalId::user(id), "周岚", Part::Operator)
        };
        let (director, other) = (who("a"), who("b"));
        let training = Training::default();
        let first = training.begin(1, "flood", &Owner::from(&director));
        let second = training.begin(2, "gas", &Owner::from(&other));
        assert!(
            training
                .hides("flood", &other)
                .is_some_and(|t| t.contains("drill 1"))
        );
        assert_eq!(training.hides("flood", &director), None);
        assert!(training.hides("gas", &director).is_some());
        assert_eq!(training.hides("snow", &other), None);
        drop(first);
        assert_eq!(training.hides("flood", &other), None);
        drop(second);
        assert!(training.is_idle());
    }
}
