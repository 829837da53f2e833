use super::{
    audited, feed_retired, kind_changed, movers_retired, reporter, restored, retired,
    sensors_retired,
};
use crate::event::Event;
use serde::{Deserialize, Serialize};

/// An event that is no first form: a new kind, or a new version of a kind.
#[derive(Serialize, Deserialize)]
pub(super) struct Later {
    /// The kind: the place of its first form, or a number of its own, from 64 on, for a kind that has none.
    pub kind: u16,
    /// Its version; from 2 on for kinds that have a first form, from 1 on for new ones.
    pub version: u16,
    /// What it says, encoded in the form of that version.
    pub payload: Vec<u8>,
}

/// What reads the payload of one kind and version.
pub(super) struct Reader {
    pub kind: u16,
    pub version: u16,
    pub read: fn(&[u8]) -> Result<Event, postcard::Error>,
}

/// Every later form that this program knows; a form is added here and never taken out.
pub(super) const READERS: &[Reader] = &[
    restored::READER,
    retired::READER,
    kind_changed::READER,
    movers_retired::READER,
    sensors_retired::READER,
    feed_retired::READER,
    audited::READER,
    reporter::READER,
];

impl Later {
    /// What is written of an event in the form of one version of its kind.
    pub fn of(kind: u16, version: u16, form: &impl Serialize) -> Self {
        Self {
            kind,
            version,
            // Postcard into a vector fails only for sequences of unknown length.
            payload: postcard::to_stdvec(form).unwrap_or_default(),
        }
    }

    /// The event, where one of `readers` knows its form and the payload is one.
    pub fn event(&self, readers: &[Reader]) -> Option<Event> {
        let known = |r: &&Reader| (r.kind, r.version) == (self.kind, self.version);
        let reader = readers.iter().find(known)?;
        (reader.read)(&self.payload).ok()
    }
}
