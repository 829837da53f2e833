use super::Pack;
use bevy::tasks::{IoTaskPool, Task, futures::check_ready};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Until the second try, and most between two later ones: each wait is twice the one before.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_secs(30);

type Read<T> = Arc<dyn Fn() -> Result<T, String> + Send + Sync>;

/// A file of the pack that is on its way. One of a server is asked for until it has come; one of a folder once.
pub struct Awaited<T> {
    what: &'static str,
    read: Read<T>,
    repeats: bool,
    task: Option<Task<Result<T, String>>>,
    next_try: Option<Instant>,
    failures: u32,
}

impl<T: Send + 'static> Awaited<T> {
    /// Begins to read `file`; `parse` turns its bytes into what is wanted, and is called on another thread.
    pub fn new(
        pack: &Pack,
        file: &'static str,
        parse: impl Fn(&[u8]) -> Result<T, String> + Send + Sync + 'static,
    ) -> Self {
        let from = pack.clone();
        let read = move || {
            let bytes = from.read(file)?;
            parse(&bytes).map_err(|e| format!("{file}: {e}"))
        };
        Self::from_reader(file, pack.is_remote(), Arc::new(read))
    }

    fn from_reader(what: &'static str, repeats: bool, read: Read<T>) -> Self {
        let mut awaited = Self {
            what,
            read,
            repeats,
            task: None,
            next_try: None,
            failures: 0,
        };
        awaited.begin();
        awaited
    }

    fn begin(&mut self) {
        let read = Arc::clone(&self.read);
        self.next_try = None;
        self.task = Some(IoTaskPool::get().spawn(async move { read() }));
    }

    /// What was read, once; nothing before, and nothing ever where a folder does not have it. Never waits.
    pub fn poll(&mut self, now: Instant) -> Option<T> {
        if self.next_try.is_some_and(|at| at <= now) {
            self.begin();
        }
        let result = self.task.as_mut().and_then(check_ready)?;
        self.task = None;
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.fail(&error, now);
                None
            }
        }
    }

    fn fail(&mut self, error: &str, now: Instant) {
        // Said once; a server that starts later is found.
        if self.failures == 0 {
            tracing::warn!("no {} yet: {error}", self.what);
        } else {
            tracing::debug!("still no {}: {error}", self.what);
        }
        let wait = FIRST_WAIT * 2_u32.saturating_pow(self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        if self.repeats {
            self.next_try = Some(now + wait.min(WAIT_MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::tasks::TaskPool;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Polls as the clock goes on by a minute a step; answers what came, and how often it was tried.
    fn after_failures(failures: u32, repeats: bool) -> (Option<u32>, u32) {
        IoTaskPool::get_or_init(TaskPool::new);
        let tries = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&tries);
        let read = move || match counted.fetch_add(1, Ordering::SeqCst) {
            n if n < failures => Err("nobody answers".to_string()),
            n => Ok(n),
        };
        let mut awaited = Awaited::from_reader("test file", repeats, Arc::new(read));
        let mut now = Instant::now();
        for _ in 0..2_000 {
            if let Some(value) = awaited.poll(now) {
                return (Some(value), tries.load(Ordering::SeqCst));
            }
            now += Duration::from_mins(1);
            std::thread::sleep(Duration::from_millis(1));
        }
        (None, tries.load(Ordering::SeqCst))
    }

    #[test]
    fn a_server_is_asked_until_it_has_the_file() {
        // Far more often than the seven tries after which places were given up.
        assert_eq!(after_failures(20, true), (Some(20), 21));
    }

    #[test]
    fn a_folder_is_looked_into_once() {
        assert_eq!(after_failures(1, false), (None, 1));
        assert_eq!(after_failures(0, false), (Some(0), 1));
    }
}
