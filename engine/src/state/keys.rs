use crate::ids::MoverId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Whose a name is that was given up.
const NOBODY: MoverId = MoverId(u32::MAX);
/// Names that were given up stay in the text until there are so many, and as many as are in use.
const GIVEN_UP_MIN: usize = 64;

/// A feed's names for its movers, about 40 bytes each with the name: all names in one text, found by a fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoverKeys {
    text: String,
    /// Where each name ends in the text, and whose it is.
    names: Vec<(u32, MoverId)>,
    /// Fingerprint of a name and its place in `names`.
    found_by: BTreeSet<(u32, u32)>,
}

impl MoverKeys {
    /// The mover of a name.
    pub fn get(&self, key: &str) -> Option<MoverId> {
        let print = fingerprint(key);
        let same = self.found_by.range((print, 0)..=(print, u32::MAX));
        same.map(|(_, at)| *at)
            .find(|at| self.name(*at) == key)
            .map(|at| self.names[at as usize].1)
    }

    /// Every name with its mover, in the order of their appearance.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, MoverId)> {
        let all = (0..self.names.len()).map(|at| (self.name(at as u32), self.names[at].1));
        all.filter(|(_, mover)| *mover != NOBODY)
    }

    /// How many names are in use.
    pub(super) fn len(&self) -> usize {
        self.found_by.len()
    }

    /// Gives up the names of some movers. Cost: a look at every name.
    pub(super) fn give_up(&mut self, movers: &BTreeSet<MoverId>) {
        for at in 0..self.names.len() {
            if movers.contains(&self.names[at].1) {
                let print = fingerprint(self.name(at as u32));
                self.found_by.remove(&(print, at as u32));
                self.names[at].1 = NOBODY;
            }
        }
        let given_up = self.names.len() - self.found_by.len();
        if given_up > GIVEN_UP_MIN.max(self.found_by.len()) {
            let mut kept = Self::default();
            for (name, mover) in self.all() {
                kept.insert(name, mover);
            }
            *self = kept;
        }
    }

    /// Gives a mover its name. A name that is taken stays whose it is.
    pub(super) fn insert(&mut self, key: &str, mover: MoverId) {
        if self.get(key).is_some() {
            return;
        }
        let at = self.names.len() as u32;
        self.text
            .reserve_exact(if self.text.len() + key.len() > self.text.capacity() {
                key.len() + self.text.len() / 8 + 64
            } else {
                0
            });
        self.text.push_str(key);
        crate::growth::push(&mut self.names, (self.text.len() as u32, mover));
        self.found_by.insert((fingerprint(key), at));
    }

    fn name(&self, at: u32) -> &str {
        let at = at as usize;
        let start = if at == 0 { 0 } else { self.names[at - 1].0 };
        &self.text[start as usize..self.names[at].0 as usize]
    }
}

/// FNV-1a, folded to 32 bits.
fn fingerprint(key: &str) -> u32 {
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325, |h: u64, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash >> 32) as u32 ^ hash as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_and_no_other() {
        let mut keys = MoverKeys::default();
        for i in 0..20_000 {
            keys.insert(&format!("苏A·{i}"), MoverId(i));
        }
        keys.insert("", MoverId(20_000));
        for i in (0..20_000).step_by(37) {
            assert_eq!(keys.get(&format!("苏A·{i}")), Some(MoverId(i)));
        }
        assert_eq!(
            (keys.get(""), keys.get("苏A")),
            (Some(MoverId(20_000)), None)
        );
        keys.insert("苏A·5", MoverId(9));
        assert_eq!(
            keys.get("苏A·5"),
            Some(MoverId(5)),
            "a name stays whose it is"
        );
    }

    #[test]
    fn names_that_are_given_up_leave_room_and_can_be_given_again() {
        let mut keys = MoverKeys::default();
        let day = |day: u32| (0..1_000).map(move |i| (format!("trip {day} {i}"), day * 1_000 + i));
        for n in 0..50 {
            for (name, id) in day(n) {
                keys.insert(&name, MoverId(id));
            }
            if n > 0 {
                let idle = day(n - 1).map(|(_, id)| MoverId(id)).collect();
                keys.give_up(&idle);
            }
        }
        assert_eq!((keys.len(), keys.all().count()), (1_000, 1_000));
        assert_eq!(keys.get("trip 49 7"), Some(MoverId(49_007)));
        assert_eq!(keys.get("trip 48 7"), None);
        assert!(keys.text.len() < 40_000, "{} bytes", keys.text.len());
        keys.insert("trip 48 7", MoverId(3));
        assert_eq!(keys.get("trip 48 7"), Some(MoverId(3)));
    }

    #[test]
    fn names_of_one_fingerprint_are_told_apart() {
        let mut keys = MoverKeys::default();
        keys.insert("a", MoverId(1));
        keys.found_by.insert((fingerprint("b"), 0));
        keys.insert("b", MoverId(2));
        assert_eq!(
            (keys.get("a"), keys.get("b")),
            (Some(MoverId(1)), Some(MoverId(2)))
        );
    }
}
