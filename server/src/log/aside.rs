//! What is kept beside a log and is no part of the city.

use chengtu_engine::audit::Audit;
use chengtu_engine::ids::CommandId;
use chengtu_engine::replay::{Bookmark, OfficerView};
use chengtu_engine::time::Timestamp;
use std::error::Error;
use std::io::{self, Read, Write};

/// Bookmarks, officers' views, drills and numbers of worlds of a city.
pub trait Aside: Send + Sync {
    /// The bookmarks; none at first.
    ///
    /// # Errors
    /// When they cannot be opened.
    fn bookmarks(&self) -> Result<Box<dyn BookmarkStore>, AsideError>;

    /// Where officers were looking, to be recorded.
    ///
    /// # Errors
    /// When it cannot be opened.
    fn views(&self) -> Result<Box<dyn ViewStore>, AsideError>;

    /// Where officers were looking, to be read; `None` if that was never recorded.
    fn recorded_views(&self) -> Option<Box<dyn ViewStore>>;

    /// Drills' logs and reports.
    fn drills(&self) -> &dyn DrillFiles;

    /// A number for a world beside the running city, from 1, that was never given before: not by a server that ran
    /// earlier either, so that who asks for a world of before a restart does not come to another one.
    ///
    /// # Errors
    /// When it cannot be kept that it was given.
    fn next_world(&self) -> Result<u32, AsideError>;

    /// What a person has confirmed the machine's clock to show, and when that clock showed it: taken once. `None` where
    /// nobody has since.
    fn take_clock_confirmed(&self) -> Option<Timestamp> {
        None
    }

    /// What commands beside the server have done and is not known to be in the log, oldest first, each under an id of its
    /// own; of very many the first.
    ///
    /// # Errors
    /// When it cannot be read.
    fn audits(&self) -> Result<Vec<(CommandId, Audit)>, AsideError> {
        Ok(Vec::new())
    }

    /// These are in the log.
    ///
    /// # Errors
    /// When that cannot be noted; they are told again then.
    fn audits_kept(&self, ids: &[CommandId]) -> Result<(), AsideError> {
        let _ = ids;
        Ok(())
    }
}

/// Moments that people want to find again.
pub trait BookmarkStore: Send {
    /// All of them, oldest moment first.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list(&self) -> Result<Vec<Bookmark>, AsideError>;

    /// How many there are.
    ///
    /// # Errors
    /// When they cannot be read.
    fn count(&self) -> Result<usize, AsideError>;

    /// Sets a bookmark, durably; it gets an id that was never given before. `by`: display name; `owner`: identity.
    ///
    /// # Errors
    /// When it cannot be written.
    fn add(&mut self, time: Timestamp, note: &str, by: &str, owner: &str)
    -> Result<(), AsideError>;

    /// Removes one that `owner` has set; false where there is none.
    ///
    /// # Errors
    /// When it cannot be written.
    fn remove(&mut self, id: u32, owner: &str) -> Result<bool, AsideError>;
}

/// Where officers were looking.
pub trait ViewStore: Send {
    /// Keeps a view of an officer whose identity is `owner`; the oldest may go for it.
    ///
    /// # Errors
    /// When it cannot be written.
    fn add(&mut self, view: &OfficerView, owner: &str) -> Result<(), AsideError>;

    /// The newest view of each officer after `after` and by `until`, by name.
    ///
    /// # Errors
    /// When they cannot be read.
    fn newest(&self, after: Timestamp, until: Timestamp) -> Result<Vec<OfficerView>, AsideError>;
}

/// What is kept of drills, by their numbers.
pub trait DrillFiles: Send + Sync {
    /// Numbers of the drills that are kept, ascending.
    fn ids(&self) -> Vec<u32>;

    /// An empty log for a new drill.
    ///
    /// # Errors
    /// Of the storage, also where that drill has one.
    fn create_log(&self, id: u32) -> Result<Box<dyn DurableWrite>, AsideError>;

    /// A drill's log.
    ///
    /// # Errors
    /// Of the storage, also where there is no such drill.
    fn log(&self, id: u32) -> Result<Box<dyn Read>, AsideError>;

    /// A drill's report; `None` before the drill has ended.
    ///
    /// # Errors
    /// Of the storage.
    fn report(&self, id: u32) -> Result<Option<Vec<u8>>, AsideError>;

    /// Keeps a drill's report.
    ///
    /// # Errors
    /// Of the storage.
    fn put_report(&self, id: u32, page: &[u8]) -> Result<(), AsideError>;

    /// Where a person finds a drill's log, or all of them.
    fn place(&self, id: Option<u32>) -> String;
}

/// Something that is written from its beginning to its end.
pub trait DurableWrite: Write + Send {
    /// Makes sure that what was written outlives the machine.
    ///
    /// # Errors
    /// Of the storage.
    fn sync(&mut self) -> io::Result<()>;
}

/// What keeps something refuses.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {source}")]
pub struct AsideError {
    /// Where a person finds it.
    pub place: String,
    /// What the storage says.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl AsideError {
    /// At a place.
    pub fn at<E: Into<Box<dyn Error + Send + Sync>>>(
        place: impl Into<String>,
    ) -> impl FnOnce(E) -> Self {
        let place = place.into();
        move |source| Self {
            place,
            source: source.into(),
        }
    }
}
