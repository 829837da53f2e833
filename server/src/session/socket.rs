//! One WebSocket: a reader that obeys, a writer that empties the outbox, and the rules that end them.

use super::desks::Desks;
use super::places::Places;
use super::reader::{Ended, Reader};
use crate::access::Access;
use crate::audience::notice;
use crate::config::Limits;
use crate::door::{Connection, Doing};
use crate::outbox::Close;
use crate::outbox::{Closing, Out, Outbox, Waiting};
use crate::request::ViewRequest;
use crate::worlds::Worlds;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use bytes::Bytes;
use chengtu_engine::code::Code;
use chengtu_protocol::{Encoding, FrameHeader, Subprotocol, codes, encode_frame};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Messages this many times over the limit are not even read: they end the connection.
const HARD_FACTOR: usize = 2;
/// However low the limit is, what is smaller than this is read, and refused in words.
const HARD_MIN: usize = 64 * 1024;

/// Before hello no more is read than so many of the largest messages that are taken then.
const HELLO_MESSAGES: usize = 4;

/// How long what waits still goes out once a connection is to end.
const LAST_MESSAGES: Duration = Duration::from_secs(5);

/// How long the other side is waited for after the last word, see RFC 6455, 7.1.1.
const GOODBYE: Duration = Duration::from_secs(1);

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
    pub(super) places: Arc<Places>,
    /// What waits for all clients together.
    waiting: Arc<Waiting>,
    last_id: AtomicU64,
}

impl SessionLimits {
    /// For these worlds, with nobody connected yet.
    pub fn new(limits: Limits, access: Arc<Access>, worlds: Arc<Worlds>) -> Self {
        Self {
            places: Arc::new(Places::new(&limits)),
            waiting: Arc::new(Waiting::new(limits.outboxes_bytes_max)),
            limits,
            access,
            worlds,
            desks: Arc::default(),
            last_id: AtomicU64::new(0),
        }
    }

    /// How many are connected and have said hello.
    pub fn open(&self) -> usize {
        self.places.taken()
    }
}

/// Turns a request into a session; `line` is the connection that it came by.
pub(crate) fn upgrade(
    shared: Arc<SessionLimits>,
    line: Option<Arc<Connection>>,
    ws: WebSocketUpgrade,
) -> Response {
    if let Some(line) = &line {
        let hello = shared.limits.hello_bytes_max;
        line.allow(Some(hello.saturating_mul(HELLO_MESSAGES)));
    }
    let hard = shared
        .limits
        .message_bytes_max
        .saturating_mul(HARD_FACTOR)
        .max(HARD_MIN);
    ws.protocols(Subprotocol::ALL.map(Subprotocol::name))
        .read_buffer_size(8 * 1024)
        .write_buffer_size(0)
        .max_message_size(hard)
        .max_frame_size(hard)
        .on_upgrade(move |socket| run(shared, line, socket))
}

async fn run(shared: Arc<SessionLimits>, line: Option<Arc<Connection>>, socket: WebSocket) {
    let named = socket.protocol().and_then(|p| p.to_str().ok());
    // A client without a subprotocol is a person trying things out.
    let subprotocol = named
        .and_then(Subprotocol::named)
        .unwrap_or(Subprotocol::JSON_1_0);
    let id = shared.last_id.fetch_add(1, Ordering::Relaxed) + 1;
    let l = &shared.limits;
    let outbox = Outbox::new(id, subprotocol, l.outbox_frames_max, l.outbox_bytes_max);
    let outbox = Arc::new(outbox.within(shared.waiting.clone()));
    let silence = Duration::from_secs(l.silence_max_s);
    let (sink, mut stream) = socket.split();
    let ping_every = Duration::from_secs(l.ping_every_s);
    let mut writer = tokio::spawn(write(outbox.clone(), sink, ping_every, silence));
    // A writer that has ended must not be waited for again.
    let mut written = false;
    let mut ended = Ended::ByUs;
    let mut reader = None;
    if shared.places.is_full() {
        let text = "the server has as many connections as it takes (limits.sessions_max)";
        notice(&outbox, Code::ServerFull, text.to_owned());
        outbox.close(Close::ServerFull, "no more connections");
    } else {
        let from = line.as_ref().map(|l| l.address);
        shared.places.come(&outbox, from);
        let mut reading = Reader::new(shared.clone(), line.clone(), outbox.clone());
        tokio::select! {
            how = reading.read(&mut stream, silence) => ended = how,
            _ = &mut writer => written = true,
            () = gives_way(line.as_ref()) => {
                ended = Ended::ByThem;
                writer.abort();
            }
        }
        reader = Some(reading);
    }
    let closing = outbox.closing();
    if ended == Ended::ByThem {
        // Nothing that waits would be read: what is left to say is the answer to the goodbye.
        outbox.hang_up();
    }
    // What waits still goes out, but a dead line does not keep us.
    if !written && timeout(LAST_MESSAGES, &mut writer).await.is_err() {
        writer.abort();
    }
    outbox.set_gone();
    shared.places.greeted(id);
    if let Some(reader) = reader {
        let ended_by_us = ended == Ended::ByUs;
        outbox.note_end(if ended_by_us {
            closing.as_deref()
        } else {
            None
        });
        leave(reader, id).await;
    }
    if ended == Ended::ByUs {
        if let Some(line) = &line {
            line.set(Doing::Waiting);
        }
        tokio::select! {
            _ = timeout(GOODBYE, read_out(stream)) => {}
            () = gives_way(line.as_ref()) => {}
        }
    }
}

/// Waits until a connection has to give way to others, which one that has said hello never has to.
async fn gives_way(line: Option<&Arc<Connection>>) {
    match line {
        Some(line) => line.ended().await,
        None => std::future::pending().await,
    }
}

/// Whoever has said hello leaves the world that it was in last.
async fn leave(reader: Reader, session: u64) {
    // Of who has said nothing no world knows.
    if !reader.is_known() {
        return;
    }
    let (world, desk, place) = reader.into_parts();
    drop(place);
    let _ = world.send(ViewRequest::Leave { session }).await;
    // Whoever has its name next comes after it has left.
    drop(desk);
}

/// Waits for the other side's goodbye.
async fn read_out(mut stream: SplitStream<WebSocket>) {
    while let Some(Ok(_)) = stream.next().await {}
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
            Some(Err(Closing {
                why: Close::HungUp, ..
            })) => {
                let _ = timeout(GOODBYE, sink.close()).await;
                return;
            }
            Some(Err(Closing { why, text })) => {
                let code = close_code(why);
                metrics::counter!("chengtu_closed_total", "code" => code.to_string()).increment(1);
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
        // The other side has said its own; the line answers it by itself.
        Close::HungUp => codes::CLOSE_NORMAL,
        Close::GoingAway => codes::CLOSE_GOING_AWAY,
        Close::NotText => codes::CLOSE_NOT_TEXT,
        Close::Protocol => codes::CLOSE_PROTOCOL,
        Close::TooLarge => codes::CLOSE_TOO_LARGE,
        Close::Offences => codes::CLOSE_OFFENCES,
        Close::Slow => codes::CLOSE_SLOW,
        Close::AnswersUnread => codes::CLOSE_ANSWERS,
        Close::Silent => codes::CLOSE_SILENT,
        Close::NoAccess => codes::CLOSE_ACCESS,
        Close::ServerFull => codes::CLOSE_FULL,
        Close::Ended => codes::CLOSE_ENDED,
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
