//! What it is that a program does not know: looked for only where reading has failed.

use super::event::NAMES;
use super::{Later, READERS, StoredEvent};
use crate::command::Observation;
use serde::{Deserialize, de::DeserializeOwned};

#[derive(Deserialize)]
struct Observations(
    #[serde(with = "super::observations")]
    #[allow(dead_code)] // Read only to know where it ends.
    Vec<Observation>,
);

/// Why the rest of some bytes cannot be read: the unknown form, in words; `None` if the bytes are malformed.
pub(crate) type Unknown = Option<String>;

fn take<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, &[u8]), Unknown> {
    postcard::take_from_bytes(bytes).map_err(|_| None)
}

/// The unknown form in an encoded [`crate::record::Body`].
pub(crate) fn unknown_in_body(bytes: &[u8]) -> Unknown {
    let look = || match take::<u32>(bytes)? {
        (0, rest) => after_events(rest),
        (1, rest) => Ok(rest),
        (2, rest) => after_events(after_observations(rest)?),
        (place, _) => Err(Some(format!("a body of kind {place}"))),
    };
    look().err().flatten()
}

/// The bytes after a list of readings.
pub(crate) fn after_observations(bytes: &[u8]) -> Result<&[u8], Unknown> {
    take::<Observations>(bytes).map(|(_, rest)| rest)
}

/// The bytes after a list of events.
pub(crate) fn after_events(bytes: &[u8]) -> Result<&[u8], Unknown> {
    let (count, mut rest) = take::<u64>(bytes)?;
    for _ in 0..count {
        rest = match postcard::take_from_bytes::<StoredEvent<'_>>(rest) {
            Ok((StoredEvent::Later(later), after)) => match later.event(READERS) {
                Some(_) => after,
                None => return Err(Some(words(&later))),
            },
            Ok((_, after)) => after,
            Err(_) => {
                let (place, _) = take::<u32>(rest)?;
                let name = NAMES.get(place as usize);
                return Err(Some(name.map_or_else(
                    || {
                        format!(
                            "an event at place {place}, beyond the {} first forms",
                            NAMES.len()
                        )
                    },
                    |name| format!("an event {name:?} that says something unknown"),
                )));
            }
        };
    }
    Ok(rest)
}

fn words(later: &Later) -> String {
    let Later { kind, version, .. } = later;
    let known = READERS.iter().filter(|r| r.kind == *kind);
    let first = NAMES.get(usize::from(*kind));
    let newest = known.map(|r| r.version).chain(first.map(|_| 1)).max();
    let name = first.map_or_else(|| format!("of kind {kind}"), |name| format!("{name:?}"));
    match newest {
        Some(newest) if newest >= *version => {
            format!("an event {name} in version {version} whose payload cannot be read")
        }
        Some(newest) => format!(
            "an event {name} in version {version}; this program knows it up to version {newest}"
        ),
        None => {
            format!("an event {name} in version {version}; this program does not know that kind")
        }
    }
}
