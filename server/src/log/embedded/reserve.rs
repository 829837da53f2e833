//! File handles that are held back for the log, so that it can open a file where connections have taken all others.

use super::lock::Lock;
use std::fs::File;

/// Handles held back: a day's file with its two companions and what SQLite opens meanwhile, twice.
const HANDLES: usize = 12;

/// Some open handles that are of no other use.
#[derive(Debug, Default)]
pub(super) struct Reserve(Vec<File>);

impl Reserve {
    /// Takes handles until there are enough, as far as the system gives them.
    pub(super) fn fill(&mut self, lock: &Lock) {
        while self.0.len() < HANDLES
            && let Ok(handle) = lock.handle()
        {
            self.0.push(handle);
        }
    }

    /// Gives them back, does something that opens files, and takes new ones.
    pub(super) fn lend<T>(&mut self, lock: &Lock, what: impl FnOnce() -> T) -> T {
        self.0.clear();
        let done = what();
        self.fill(lock);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_held_lent_and_taken_again() {
        let dir = tempfile::tempdir().unwrap();
        let lock = Lock::take(dir.path()).unwrap();
        let mut reserve = Reserve::default();
        reserve.fill(&lock);
        assert_eq!(reserve.0.len(), HANDLES);
        let mut opened = 0;
        reserve.lend(&lock, || opened += 1);
        assert_eq!((opened, reserve.0.len()), (1, HANDLES));
    }
}
