//! One WebSocket: a reader that obeys, a writer that empties the outbox, and the rules that end them.

use super::desks::Desks;
use super::reader::Reader;
use crate::access::Access;
use crate::audience::notice;
use crate::config::Limits;
use crate::outbox::Close;
use crate::outbox::{Closing, Out, Outbox};
use crate::request::ViewRequest;
use crate::worlds::Worlds;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use bytes::Bytes;
use chengtu_engine::code::Code;
use chengtu_protocol::{Encoding, FrameHeader, Subprotocol, codes, encode_frame};
use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Messages this many times over the limit are not even read: they end the connection.
const HARD_FACTOR: usize = 16;

/// What sessions share.
#[derive(Debug)]
pub struct SessionLimits {
    /// Limits of the configuration.
    pub limits: Limits,
    /// Whose tokens open what.
    pub access: Arc<Access>,
    /// The running city and the worlds beside it.
    pub worlds: Arc<Worlds>,
    /// Who sits where.
    pub(super) desks: Arc<Desks>,
    last_id: AtomicU64,
    open: AtomicUsize,
}

impl SessionLimits {
    /// For these worlds, with nobody connected yet.
    pub fn new(limits: Limits, access: Arc<Access>, worlds: Arc<Worlds>) -> Self {
        Self {
            limits,
            access,
            worlds,
            desks: Arc::default(),
            last_id: AtomicU64::new(0),
            open: AtomicUsize::new(0),
        }
    }

    /// How many are connected.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }
}

/// Turns a request into a session.
pub fn upgrade(shared: Arc<SessionLimits>, ws: WebSocketUpgrade) -> Response {
    let hard = shared.limits.message_bytes_max.saturating_mul(HARD_FACTOR);
    ws.protocols(Subprotocol::ALL.map(Subprotocol::name))
        .read_buffer_size(8 * 1024)
        .write_buffer_size(0)
        .max_message_size(hard)
        .max_frame_size(hard)
        .on_upgrade(move |socket| run(shared, socket))
}

async fn run(shared: Arc<SessionLimits>, socket: WebSocket) {
    let named = socket.protocol().and_then(|p| p.to_str().ok());
    // A client without a subprotocol is a person trying things out.
    let subprotocol = named
        .and_then(Subprotocol::named)
        .unwrap_or(Subprotocol::JSON_1_0);
    let id = shared.last_id.fetch_add(1, Ordering::Relaxed) + 1;
    let l = &shared.limits;
    let outbox = Arc::new(Outbox::new(
        id,
        subprotocol,
        l.outbox_frames_max,
        l.outbox_bytes_max,
    ));
    let silence = Duration::from_secs(l.silence_max_s);
    let (sink, stream) = socket.split();
    let ping_every = Duration::from_secs(l.ping_every_s);
    let open = shared.open.fetch_add(1, Ordering::Relaxed) + 1;
    let mut writer = tokio::spawn(write(outbox.clone(), sink, ping_every, silence));
    // A writer that has ended must not be waited for again.
    let mut written = false;
    let mut last_world = None;
    if open > l.sessions_max {
        let text = "the server has as many connections as it takes (limits.sessions_max)";
        notice(&outbox, Code::ServerFull, text.to_owned());
        outbox.close(Close::ServerFull, "no more connections");
    } else {
        let mut reader = Reader::new(shared.clone(), outbox.clone());
        tokio::select! {
            () = reader.read(stream, silence) => {}
            _ = &mut writer => written = true,
        }
        last_world = Some(reader.into_parts());
    }
    // What waits still goes out, but a dead line does not keep us.
    if !written && timeout(Duration::from_secs(5), &mut writer).await.is_err() {
        writer.abort();
    }
    outbox.set_gone();
    shared.open.fetch_sub(1, Ordering::Relaxed);
    if let Some((world, desk)) = last_world {
        let _ = world.send(ViewRequest::Leave { session: id }).await;
        // Whoever has its name next comes after it has left.
        drop(desk);
    }
}

/// Empties the outbox into the socket, with pings in between.
async fn write(
    outbox: Arc<Outbox>,
    mut sink: SplitSink<WebSocket, Message>,
    ping_every: Duration,
    silence: Duration,
) {
    let mut next_ping = Instant::now() + ping_every;
    loop {
        let next = tokio::select! {
            next = outbox.next() => Some(next),
            () = tokio::time::sleep_until(next_ping) => None,
        };
        let item = match next {
            None => {
                next_ping = Instant::now() + ping_every;
                Message::Ping(Bytes::new())
            }
            Some(Ok(out)) => wrap(outbox.encoding(), out),
            Some(Err(Closing { why, text })) => {
                let code = close_code(why);
                let reason = text.into();
                let close = Message::Close(Some(CloseFrame { code, reason }));
                let _ = timeout(Duration::from_secs(2), sink.send(close)).await;
                let _ = timeout(Duration::from_secs(2), sink.close()).await;
                return;
            }
        };
        // A line that takes nothing for as long as silence is allowed is dead.
        match timeout(silence, sink.send(item)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
}

/// The WebSocket's close code of a reason.
fn close_code(why: Close) -> u16 {
    match why {
        Close::GoingAway => codes::CLOSE_GOING_AWAY,
        Close::Protocol => codes::CLOSE_PROTOCOL,
        Close::TooLarge => codes::CLOSE_TOO_LARGE,
        Close::Offences => codes::CLOSE_OFFENCES,
        Close::Slow => codes::CLOSE_SLOW,
        Close::AnswersUnread => codes::CLOSE_ANSWERS,
        Close::Silent => codes::CLOSE_SILENT,
        Close::NoAccess => codes::CLOSE_ACCESS,
        Close::ServerFull => codes::CLOSE_FULL,
    }
}

fn wrap(encoding: Encoding, out: Out) -> Message {
    let bytes = match out {
        Out::Answer(b) | Out::Picture(b) => b,
        Out::Frame {
            seq,
            prev_seq,
            time,
            changes,
            tiles,
        } => {
            let header = FrameHeader {
                seq,
                prev_seq,
                time,
            };
            encode_frame(encoding, header, &changes, &tiles).into()
        }
        // An outbox hands out one at a time.
        Out::Together(_) => Bytes::new(),
    };
    match encoding {
        Encoding::Binary => Message::Binary(bytes),
        // Made by the JSON encoder, so it is text; anything else would be a broken encoder.
        Encoding::Json => axum::extract::ws::Utf8Bytes::try_from(bytes)
            .map_or_else(|_| Message::Text("{}".into()), Message::Text),
    }
}
