//! How events are kept: forms of their own, apart from the types that the city works with.
//!
//! - The first form of every kind of event is encoded by its place in [`StoredEvent`]; that list is closed.
//! - A kind of event, or a version of one, that came later is a [`Later`]: kind, version, and the bytes of its payload.
//!   A program that does not know it can still name it, and finds what follows it.
//! - An event is written in the oldest form that says all of it, so that the same event always has the same bytes: the
//!   chain of hashes runs over them.
//!
//! Identities, times, positions and plain enumerations are kept as they are. They never change, but that an enumeration
//! may grow at its end. See `docs/adr/0009-how-records-and-states-evolve.md`.

mod audited;
mod event;
mod feed_retired;
mod kind_changed;
mod later;
mod movers_retired;
pub(crate) mod observations;
mod registration;
mod reporter;
mod restored;
mod retired;
mod rules;
mod sensors_retired;
#[cfg(test)]
mod tests;
mod unknown;

pub(crate) use unknown::{Unknown, after_events, after_observations, unknown_in_body};

use event::StoredEvent;
use later::{Later, READERS};
