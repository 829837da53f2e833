//! Reading: what ends a connection, and what is too much of it.

use super::desks::Desk;
use super::socket::SessionLimits;
use crate::access::Principal;
use crate::audience::notice;
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
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite;

/// One session as its reader knows it.
pub(super) struct Reader {
    pub(super) shared: Arc<SessionLimits>,
    pub(super) outbox: Arc<Outbox>,
    /// Whose session it is; `None` before its hello.
    pub(super) principal: Option<Arc<Principal>>,
    /// Its number and name among the desks; `None` for those who may not act.
    pub(super) desk: Option<Desk>,
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

/// True where a message was larger than the line takes.
fn is_too_large(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(e) = cause {
        if let Some(tungstenite::Error::Capacity(_)) = e.downcast_ref() {
            return true;
        }
        cause = e.source();
    }
    false
}

impl Reader {
    /// Somebody who has said nothing yet, before the running city.
    pub(super) fn new(shared: Arc<SessionLimits>, outbox: Arc<Outbox>) -> Self {
        Self {
            world: shared.worlds.live(),
            shared,
            outbox,
            principal: None,
            desk: None,
            stay: 0,
            subscription: None,
            view_kept: None,
            looks: false,
            asked: None,
            offences: 0,
        }
    }

    /// The world that it was in last, and its desk.
    pub(super) fn into_parts(self) -> (WorldHandle, Option<Desk>) {
        (self.world, self.desk)
    }

    /// Reads until the connection ends or has to.
    pub(super) async fn read(&mut self, mut stream: SplitStream<WebSocket>, silence: Duration) {
        let hello_s = self.shared.limits.hello_timeout_s;
        let hello_by = Instant::now() + Duration::from_secs(hello_s);
        loop {
            let patience = if self.principal.is_some() {
                silence
            } else {
                silence.min(hello_by.saturating_duration_since(Instant::now()))
            };
            let world = self.world.clone();
            let next = tokio::select! {
                next = timeout(patience, stream.next()) => next,
                () = world.closed() => {
                    if self.world_ended().await.is_break() {
                        return;
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
                Ok(None) => return,
                Ok(Some(Err(error))) => self.broken(&error),
                Ok(Some(Ok(m))) => self.obey(m).await,
            };
            if step.is_break() {
                return;
            }
        }
    }

    /// The line itself is broken, or a message was far too large for it.
    fn broken(&self, error: &axum::Error) -> ControlFlow<()> {
        let text = error.to_string();
        if is_too_large(error) {
            notice(&self.outbox, Code::TooLarge, text);
            self.outbox
                .close(Close::TooLarge, "message far over the limit");
        } else {
            notice(&self.outbox, Code::BadMessage, text);
            self.outbox
                .close(Close::Protocol, "not the WebSocket protocol");
        }
        ControlFlow::Break(())
    }

    async fn obey(&mut self, m: Message) -> ControlFlow<()> {
        let bytes: Bytes = match m {
            Message::Text(t) => t.into(),
            Message::Binary(b) => b,
            Message::Ping(_) | Message::Pong(_) => return ControlFlow::Continue(()),
            Message::Close(_) => return ControlFlow::Break(()),
        };
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
        assert!(is_too_large(&axum::Error::new(
            tungstenite::Error::Capacity(full)
        )));
        let broken = ProtocolError::ResetWithoutClosingHandshake;
        assert!(!is_too_large(&axum::Error::new(
            tungstenite::Error::Protocol(broken)
        )));
        assert!(!is_too_large(&axum::Error::new(
            "a name too long to resolve"
        )));
    }
}
