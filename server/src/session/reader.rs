//! Reading: what ends a connection, and what is too much of it.

use super::desks::Desk;
use super::places::Place;
use super::socket::SessionLimits;
use crate::access::Principal;
use crate::accounts;
use crate::audience::notice;
use crate::door::Connection;
use crate::outbox::Close;
use crate::outbox::Outbox;
use crate::request::{Asker, CommandReply};
use crate::worlds::WorldHandle;
use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use chengtu_engine::code::Code;
use chengtu_engine::stream::Subscription;
use chengtu_protocol::{Encoding, command_id, decode_client};
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use std::error::Error;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite;

/// Who ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The server, and says why.
    ByUs,
    /// The other side, with a goodbye or without one.
    ByThem,
}

/// One session as its reader knows it.
pub(super) struct Reader {
    pub(super) shared: Arc<SessionLimits>,
    /// The connection below it, which reads little before hello.
    pub(super) line: Option<Arc<Connection>>,
    pub(super) outbox: Arc<Outbox>,
    /// Whose session it is; `None` before its hello.
    pub(super) principal: Option<Arc<Principal>>,
    /// Its number and name among the desks; `None` for those who may not act.
    pub(super) desk: Option<Desk>,
    /// Its place among the sessions; `None` before its hello.
    pub(super) place: Option<Place>,
    /// The world that it is in.
    pub(super) world: WorldHandle,
    /// Its stay there, see [`Outbox::move_on`].
    pub(super) stay: u64,
    /// What it looks at; taken along to other worlds.
    pub(super) subscription: Option<Subscription>,
    /// When its view was last recorded.
    pub(super) view_kept: Option<Instant>,
    /// True once it has said what is on its screen.
    pub(super) looks: bool,
    /// The number of what is being answered.
    pub(super) asked: Option<u32>,
    offences: u32,
}

/// What a broken line is to be closed with.
fn close_for(error: &axum::Error) -> Close {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(e) = cause {
        match e.downcast_ref() {
            Some(tungstenite::Error::Capacity(_)) => return Close::TooLarge,
            Some(tungstenite::Error::Utf8(_)) => return Close::NotText,
            // The connection itself does not read more before hello.
            Some(tungstenite::Error::Io(e)) if e.kind() == ErrorKind::InvalidData => {
                return Close::TooLarge;
            }
            _ => cause = e.source(),
        }
    }
    Close::Protocol
}

impl Reader {
    /// Somebody who has said nothing yet, before the running city.
    pub(super) fn new(
        shared: Arc<SessionLimits>,
        line: Option<Arc<Connection>>,
        outbox: Arc<Outbox>,
    ) -> Self {
        Self {
            world: shared.worlds.live(),
            shared,
            line,
            outbox,
            principal: None,
            desk: None,
            place: None,
            stay: 0,
            subscription: None,
            view_kept: None,
            looks: false,
            asked: None,
            offences: 0,
        }
    }

    /// The world that it was in last, its desk and its place.
    pub(super) fn into_parts(self) -> (WorldHandle, Option<Desk>, Option<Place>) {
        (self.world, self.desk, self.place)
    }

    /// True once it has said hello.
    pub(super) fn is_known(&self) -> bool {
        self.principal.is_some()
    }

    /// Reads until the connection ends or has to.
    pub(super) async fn read(
        &mut self,
        stream: &mut SplitStream<WebSocket>,
        silence: Duration,
    ) -> Ended {
        let hello_s = self.shared.limits.hello_timeout_s;
        let hello_by = Instant::now() + Duration::from_secs(hello_s);
        loop {
            let patience = if self.principal.is_some() {
                silence
            } else {
                silence.min(hello_by.saturating_duration_since(Instant::now()))
            };
            let world = self.world.clone();
            let pass = self.principal.as_ref().map(|p| p.pass.clone());
            let pass = pass.unwrap_or_default();
            let next = tokio::select! {
                // What has come already is not taken any more.
                biased;
                why = pass.ended() => {
                    self.pass_ended(why);
                    return Ended::ByUs;
                }
                next = timeout(patience, stream.next()) => next,
                () = world.closed() => {
                    if self.world_ended().await.is_break() {
                        return Ended::ByUs;
                    }
                    continue;
                }
            };
            let step = match next {
                Err(_) if self.principal.is_none() => {
                    self.outbox.close(Close::Silent, "no hello came in time");
                    ControlFlow::Break(())
                }
                Err(_) => {
                    metrics::counter!("chengtu_silent_total").increment(1);
                    self.outbox
                        .close(Close::Silent, "nothing came for too long");
                    ControlFlow::Break(())
                }
                Ok(None | Some(Ok(Message::Close(_)))) => return Ended::ByThem,
                Ok(Some(Err(error))) => self.broken(&error),
                Ok(Some(Ok(m))) => self.obey(m).await,
            };
            if step.is_break() {
                return Ended::ByUs;
            }
        }
    }

    /// Whoever it is may not be here any more.
    fn pass_ended(&self, why: accounts::Ended) {
        metrics::counter!("chengtu_sessions_ended_total").increment(1);
        notice(&self.outbox, Code::NoAccess, why.to_string());
        self.outbox.close(Close::Ended, &why.to_string());
    }

    /// The line itself is broken, or a message was far too large for it.
    fn broken(&self, error: &axum::Error) -> ControlFlow<()> {
        let (code, why) = match close_for(error) {
            Close::TooLarge => (Code::TooLarge, "message far over the limit"),
            Close::NotText => (Code::BadMessage, "a text that is not UTF-8"),
            _ => (Code::BadMessage, "not the WebSocket protocol"),
        };
        notice(&self.outbox, code, error.to_string());
        self.outbox.close(close_for(error), why);
        ControlFlow::Break(())
    }

    async fn obey(&mut self, m: Message) -> ControlFlow<()> {
        if let Some(principal) = &self.principal {
            self.shared.access.seen(principal);
        }
        let bytes: Bytes = match m {
            Message::Text(t) => t.into(),
            Message::Binary(b) => b,
            Message::Ping(_) | Message::Pong(_) => return ControlFlow::Continue(()),
            Message::Close(_) => return ControlFlow::Break(()),
        };
        if !self.is_known() && bytes.len() > self.shared.limits.hello_bytes_max {
            return self.too_large_for_hello(bytes.len());
        }
        let max = self.shared.limits.message_bytes_max;
        if bytes.len() > max {
            let text = format!(
                "message of {} bytes; at most {max} are taken (limits.message_bytes_max)",
                bytes.len()
            );
            return self.offence(Code::TooLarge, text);
        }
        match decode_client(self.outbox.encoding(), &bytes) {
            Ok(m) => self.message(m).await,
            Err(why) => {
                if self.outbox.encoding() == Encoding::Json
                    && let Some(id) = command_id(&bytes)
                {
                    let text = format!("this is no command: {why}");
                    CommandReply::new(self.outbox.clone(), id).reject(Code::UnknownCommand, text);
                    return ControlFlow::Continue(());
                }
                let text = format!("message cannot be read: {why}");
                self.offence(Code::BadMessage, text)
            }
        }
    }

    fn too_large_for_hello(&self, bytes: usize) -> ControlFlow<()> {
        let max = self.shared.limits.hello_bytes_max;
        let text = format!(
            "message of {bytes} bytes; at most {max} are taken before hello (limits.hello_bytes_max)"
        );
        notice(&self.outbox, Code::TooLarge, text);
        self.outbox
            .close(Close::TooLarge, "too large a message before hello");
        ControlFlow::Break(())
    }

    /// Who asks what is being answered, for those who answer later.
    pub(super) fn asker(&self) -> Asker {
        Asker::new(self.outbox.clone(), self.asked)
    }

    /// Says what was wrong; after a few times it ends.
    pub(super) fn offence(&mut self, code: Code, text: impl Into<String>) -> ControlFlow<()> {
        metrics::counter!("chengtu_offences_total").increment(1);
        notice(&self.outbox, code, text.into());
        self.offences += 1;
        if self.offences >= self.shared.limits.offences_max {
            self.outbox
                .close(Close::Offences, "too many unreadable messages");
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tungstenite::error::{CapacityError, ProtocolError};

    #[test]
    fn a_line_that_is_full_is_told_by_its_kind_and_not_by_its_words() {
        let full = CapacityError::MessageTooLong {
            size: 9,
            max_size: 8,
        };
        let of = |error: tungstenite::Error| close_for(&axum::Error::new(error));
        assert_eq!(of(tungstenite::Error::Capacity(full)), Close::TooLarge);
        let broken = ProtocolError::ResetWithoutClosingHandshake;
        assert_eq!(of(tungstenite::Error::Protocol(broken)), Close::Protocol);
        let letters = tungstenite::Error::Utf8("\u{fffd}".to_owned());
        assert_eq!(of(letters), Close::NotText);
        let held = std::io::Error::new(ErrorKind::InvalidData, "before hello");
        assert_eq!(of(tungstenite::Error::Io(held)), Close::TooLarge);
        let named = axum::Error::new("a name too long to resolve");
        assert_eq!(close_for(&named), Close::Protocol);
    }
}
