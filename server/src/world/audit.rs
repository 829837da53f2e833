//! What must be provable beside what happens in the city: into the log with what happens, and out of it as anchors.

use super::LiveCity;
use super::tick::{TICKS_PER_SECOND, Tick};
use crate::audit::{Auditor, Name, Noted, Party};
use crate::log::{Anchor, AnchorBook, Day};
use chengtu_engine::event::Event;
use chengtu_engine::ids::CommandId;
use chengtu_engine::model::Actor;
use chengtu_engine::record::{Body, Origin};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use std::sync::Arc;

/// Where acts come from that must be provable, and where anchors go.
pub(super) struct Proof {
    auditor: Arc<Auditor>,
    /// `None` where nobody asked for anchors.
    book: Option<AnchorBook>,
    /// What could not be done lately, so that it is told once.
    trouble: String,
}

impl Proof {
    pub(super) fn new(auditor: Arc<Auditor>, book: Option<AnchorBook>) -> Self {
        let trouble = String::new();
        Self {
            auditor,
            book,
            trouble,
        }
    }

    /// What the last commit made durable.
    pub(super) fn kept(
        &mut self,
        epoch: u64,
        links: &[(u64, [u8; 32])],
        now: Timestamp,
        state: &State,
    ) {
        self.auditor.kept();
        let written = self.book.as_mut().map_or(Ok(()), |book| {
            book.note(epoch, links, now, offset_s(state, now))
        });
        self.tell(written, "anchors cannot be written");
    }

    /// What was taken into the log was not kept.
    pub(super) fn not_kept(&self) {
        self.auditor.not_kept();
    }

    /// The day of the last record has ended with `last`.
    pub(super) fn day_ended(&mut self, last: Option<Anchor>, state: &State) {
        let day = Day::of(state.known_at(), offset_s(state, state.known_at()));
        let (Some(book), Some(last)) = (&mut self.book, last) else {
            return;
        };
        let written = book.day_ended(last, day);
        self.tell(written, "the day's anchor cannot be written");
    }

    /// The server ends.
    pub(super) fn end(&mut self, now: Timestamp, state: &State) {
        let offset_s = offset_s(state, now);
        let written = self
            .book
            .as_mut()
            .map_or(Ok(()), |book| book.write_last(now, offset_s));
        self.tell(written, "the last anchor cannot be written");
    }

    fn tell<E: std::fmt::Display>(&mut self, done: Result<(), E>, what: &str) {
        match done {
            Ok(()) => self.trouble.clear(),
            Err(error) => {
                let trouble = format!("{what}: {error}");
                if trouble != self.trouble {
                    tracing::warn!("{trouble}");
                    self.trouble = trouble;
                }
            }
        }
    }
}

fn offset_s(state: &State, at: Timestamp) -> i32 {
    state.rules().map_or(0, |r| r.calendar.offset_s(at))
}

/// Says whose an act is, where deciding could not know it.
pub(super) fn sign(events: &mut [Event], who: Option<&Party>) {
    let Some(who) = who else { return };
    for event in events {
        if let Event::Audited(audit) = event
            && audit.who.is_empty()
        {
            audit.who.clone_from(&who.id);
            audit.from.clone_from(&who.from);
        }
    }
}

impl LiveCity {
    /// Takes into the log what was noted, and once a second what commands beside the server have written down.
    pub(super) fn audit(&mut self, tick: &mut Tick) {
        if self.stopped.is_some() {
            return;
        }
        for noted in self.proof.auditor.due(tick.now) {
            let Noted { name, audit } = noted;
            let origin = Origin {
                actor: self.actor_named(name),
                command: None,
            };
            let body = Body::Events(vec![Event::Audited(Box::new(audit))]);
            if self.write(tick, origin, body).is_err() {
                // All of it is handed out again, once the log is written again.
                return;
            }
        }
        if self.ticks.is_multiple_of(TICKS_PER_SECOND) {
            self.audit_beside(tick);
        }
    }

    fn actor_named(&self, name: Name) -> Actor {
        let known = match name {
            Name::Person(name) => Some(Actor::Operator(name)),
            Name::Terminal(call_sign) => self.state.unit_called(&call_sign).map(Actor::Unit),
            Name::Feed(feed) => self.state.feed(&feed).map(Actor::Feed),
            Name::Nobody => None,
        };
        known.unwrap_or(Actor::System)
    }

    /// Each exactly once: it is in the log under an id of its own, and goes from where it was written down only once it is
    /// known there.
    fn audit_beside(&mut self, tick: &mut Tick) {
        let store = self.store.clone();
        let done = store.aside().audits().and_then(|found| {
            let (known, new): (Vec<_>, Vec<_>) = found
                .into_iter()
                .partition(|(id, _)| self.state.commands().seq_of(*id).is_some());
            let known: Vec<CommandId> = known.into_iter().map(|(id, _)| id).collect();
            if !known.is_empty() {
                store.aside().audits_kept(&known)?;
            }
            for (id, audit) in new {
                let origin = Origin {
                    actor: Actor::System,
                    command: Some(id),
                };
                let body = Body::Events(vec![Event::Audited(Box::new(audit))]);
                if self.write(tick, origin, body).is_err() {
                    break;
                }
            }
            Ok(())
        });
        let what = "what commands beside the server did is not in the log yet";
        if let Err(error) = done {
            self.proof.tell(Err(error), what);
        }
    }
}
