//! Which desks are connected: each has a number, and a name that no other connected desk has.

use chengtu_engine::model::{DESK_NAME_MAX, desk_parts, numbered_desk};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The desks of a server. A desk is a session of somebody who may act.
#[derive(Debug, Default)]
pub(super) struct Desks(Mutex<BTreeMap<u32, String>>);

/// A desk while it is connected; its number and name are free again when this is dropped.
#[derive(Debug)]
pub(super) struct Desk {
    desks: Arc<Desks>,
    number: u32,
    name: String,
}

impl Desks {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A desk for somebody of this name, with the lowest number that is free. Its name is the plain one where no other
    /// desk has it, else the plain one with the number.
    pub fn take(self: &Arc<Self>, name: &str) -> Desk {
        let name: String = name.chars().take(DESK_NAME_MAX).collect();
        let mut taken = self.lock();
        let names: BTreeSet<&str> = taken.values().map(String::as_str).collect();
        let free = (1..).filter(|n| !taken.contains_key(n));
        let named = free.map(|n| (n, numbered_desk(&name, n)));
        // Somebody may be called like a numbered desk.
        let mut unused = named.filter(|(_, numbered)| !names.contains(&**numbered));
        let (number, numbered) = unused.next().unwrap_or_default();
        // A name that reads like a numbered desk is one only with a number of its own.
        let plain = desk_parts(&name).1.is_none() && !names.contains(&*name);
        let name = if plain { name } else { numbered };
        drop(names);
        taken.insert(number, name.clone());
        drop(taken);
        let desks = self.clone();
        Desk {
            desks,
            number,
            name,
        }
    }
}

impl Desk {
    /// What its acts are signed with.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.desks.lock().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_connected_desks_have_one_name_and_a_name_is_free_only_when_its_desk_has_gone() {
        let desks = Arc::new(Desks::default());
        let first = desks.take("周岚");
        let other = desks.take("陈默");
        let second = desks.take("周岚");
        let names = [first.name(), other.name(), second.name()];
        assert_eq!(names, ["周岚", "陈默", "周岚 #3"]);
        drop(other);
        // Number 2 is free again, the plain name is not.
        let third = desks.take("周岚");
        assert_eq!((third.name(), second.name()), ("周岚 #2", "周岚 #3"));
        drop(first);
        let back = desks.take("周岚");
        assert_eq!((back.name(), back.number), ("周岚", 1));
    }

    #[test]
    fn nobody_takes_the_name_of_another_desk_by_being_called_like_it() {
        let desks = Arc::new(Desks::default());
        let _one = desks.take("周岚");
        let two = desks.take("周岚");
        let called = desks.take("周岚 #2");
        assert_eq!(two.name(), "周岚 #2");
        assert_eq!(called.name(), "周岚 #2 #3");
        let long = desks.take(&"长".repeat(1_000));
        assert_eq!(long.name().chars().count(), DESK_NAME_MAX);
        let many: Vec<Desk> = (0..200).map(|_| desks.take("值班员")).collect();
        let names: BTreeSet<&str> = many.iter().map(Desk::name).collect();
        assert_eq!(names.len(), 200);
        drop(many);
        assert_eq!(desks.lock().len(), 4);
    }
}
