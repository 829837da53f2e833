//! One WebSocket: a reader that obeys, a writer that empties the outbox, and the rules that end them.

use super::access::{Access, Rights, Who};
use super::outbox::{Closing, Out, Outbox};
use crate::audience::Subscription;
use crate::codes;
use crate::config::Limits;
use crate::feeds::fix_batch;
use crate::world::Request;
use crate::worlds::{Door, Worlds};
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use bytes::Bytes;
use chengtu_engine::geo::{LonLat, Viewport};
use chengtu_engine::record::World;
use chengtu_engine::stream::{ClientMessage, Rejected, ServerMessage};
use chengtu_protocol::{Encoding, FrameHeader, command_id, decode_client, encode_frame};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Messages this many times over the limit are not even read: they end the connection.
const HARD_FACTOR: usize = 16;

/// An officer's view is recorded no more often than this.
const VIEW_EVERY: Duration = Duration::from_millis(200);

/// What sessions share.
#[derive(Debug)]
pub struct SessionLimits {
    /// Limits of the configuration.
    pub limits: Limits,
    /// Who may do what.
    pub access: Arc<Access>,
    /// The running city and the worlds beside it.
    pub worlds: Arc<Worlds>,
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
    ws.protocols(Encoding::ALL.map(Encoding::subprotocol))
        .read_buffer_size(8 * 1024)
        .write_buffer_size(0)
        .max_message_size(hard)
        .max_frame_size(hard)
        .on_upgrade(move |socket| run(shared, socket))
}

async fn run(shared: Arc<SessionLimits>, socket: WebSocket) {
    let named = socket.protocol().and_then(|p| p.to_str().ok());
    let encoding = Encoding::ALL
        .into_iter()
        .find(|e| Some(e.subprotocol()) == named)
        // Whoever names no protocol is a person trying things out.
        .unwrap_or(Encoding::Json);
    let id = shared.last_id.fetch_add(1, Ordering::Relaxed) + 1;
    let l = &shared.limits;
    let outbox = Arc::new(Outbox::new(
        id,
        encoding,
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
    let mut last_door = None;
    if open > l.sessions_max {
        notice(
            &outbox,
            codes::FULL,
            "the server has as many connections as it takes (limits.sessions_max)",
        );
        outbox.close(codes::CLOSE_FULL, "no more connections");
    } else {
        let mut reader = Reader {
            shared: shared.clone(),
            outbox: outbox.clone(),
            who: None,
            rights: Rights::default(),
            door: shared.worlds.live(),
            stay: 0,
            subscription: None,
            view_kept: None,
            looks: false,
            offences: 0,
        };
        tokio::select! {
            () = reader.read(stream, silence) => {}
            _ = &mut writer => written = true,
        }
        last_door = Some(reader.door);
    }
    // What waits still goes out, but a dead line does not keep us.
    if !written && timeout(Duration::from_secs(5), &mut writer).await.is_err() {
        writer.abort();
    }
    outbox.set_gone();
    shared.open.fetch_sub(1, Ordering::Relaxed);
    if let Some(door) = last_door {
        let _ = door.requests.send(Request::Leave { session: id }).await;
    }
}

pub(super) fn notice(outbox: &Outbox, code: u16, text: &str) {
    let text = text.to_owned();
    let m = ServerMessage::Notice { code, text };
    outbox.answer(&m);
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
            Some(Ok(out)) => wrap(outbox.encoding, out),
            Some(Err(Closing { code, text })) => {
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
    };
    match encoding {
        Encoding::Binary => Message::Binary(bytes),
        // Made by the JSON encoder, so it is text; anything else would be a broken encoder.
        Encoding::Json => axum::extract::ws::Utf8Bytes::try_from(bytes)
            .map_or_else(|_| Message::Text("{}".into()), Message::Text),
    }
}

pub(super) struct Reader {
    pub(super) shared: Arc<SessionLimits>,
    pub(super) outbox: Arc<Outbox>,
    pub(super) who: Option<Who>,
    pub(super) rights: Rights,
    /// The way into the world that it is in.
    pub(super) door: Door,
    /// Its stay there, see [`Outbox::move_on`].
    pub(super) stay: u64,
    /// What it looks at; taken along to other worlds.
    pub(super) subscription: Option<Subscription>,
    /// When its view was last recorded.
    view_kept: Option<Instant>,
    /// It says by itself what is on its screen.
    looks: bool,
    offences: u32,
}

impl Reader {
    /// Reads until the connection ends or has to.
    async fn read(&mut self, mut stream: SplitStream<WebSocket>, silence: Duration) {
        let hello_s = self.shared.limits.hello_timeout_s;
        let hello_by = Instant::now() + Duration::from_secs(hello_s);
        loop {
            let patience = if self.who.is_some() {
                silence
            } else {
                silence.min(hello_by.saturating_duration_since(Instant::now()))
            };
            let requests = self.door.requests.clone();
            let next = tokio::select! {
                next = timeout(patience, stream.next()) => next,
                () = requests.closed() => {
                    if self.world_ended().await.is_break() {
                        return;
                    }
                    continue;
                }
            };
            let step = match next {
                Err(_) if self.who.is_none() => {
                    self.outbox
                        .close(codes::CLOSE_SILENT, "no hello came in time");
                    ControlFlow::Break(())
                }
                Err(_) => {
                    metrics::counter!("chengtu_silent_total").increment(1);
                    self.outbox
                        .close(codes::CLOSE_SILENT, "nothing came for too long");
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
        if text.contains("too long") || text.contains("too large") {
            notice(&self.outbox, codes::TOO_LARGE, &text);
            self.outbox
                .close(codes::CLOSE_TOO_LARGE, "message far over the limit");
        } else {
            notice(&self.outbox, codes::BAD_MESSAGE, &text);
            self.outbox.close(1002, "not the WebSocket protocol");
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
            return self.offence(codes::TOO_LARGE, &text);
        }
        match decode_client(self.outbox.encoding, &bytes) {
            Ok(m) => self.message(m).await,
            Err(why) => {
                if self.outbox.encoding == Encoding::Json
                    && let Some(id) = command_id(&bytes)
                {
                    let m = ServerMessage::Rejected(Rejected {
                        id,
                        code: codes::UNKNOWN_COMMAND,
                        text: format!("this is no command: {why}"),
                    });
                    self.outbox.answer(&m);
                    return ControlFlow::Continue(());
                }
                self.offence(
                    codes::BAD_MESSAGE,
                    &format!("message cannot be read: {why}"),
                )
            }
        }
    }

    /// Says what was wrong; after a few times it ends.
    pub(super) fn offence(&mut self, code: u16, text: &str) -> ControlFlow<()> {
        metrics::counter!("chengtu_offences_total").increment(1);
        notice(&self.outbox, code, text);
        self.offences += 1;
        if self.offences >= self.shared.limits.offences_max {
            self.outbox
                .close(codes::CLOSE_OFFENCES, "too many unreadable messages");
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Keeps where somebody of the running city looks, where that is recorded.
    fn keep_view(&mut self, who: &Who, viewport: Option<Viewport>) {
        let due = self.view_kept.is_none_or(|at| at.elapsed() >= VIEW_EVERY);
        if due && self.door.world == World::Live {
            self.view_kept = Some(Instant::now());
            self.shared.worlds.looked(who, viewport);
        }
    }

    pub(super) async fn ask(&mut self, request: Request) -> ControlFlow<()> {
        // A full queue makes this one client wait, and nobody else.
        if self.door.requests.send(request).await.is_ok() {
            return ControlFlow::Continue(());
        }
        self.world_ended().await
    }

    async fn message(&mut self, m: ClientMessage) -> ControlFlow<()> {
        let session = self.outbox.id;
        if let ClientMessage::Hello {
            token,
            client,
            resume,
        } = m
        {
            if self.who.is_some() {
                return self.offence(codes::HELLO_FIRST, "hello was said already");
            }
            let (who, rights) = match self.shared.access.hello(&token) {
                Ok(found) => found,
                Err(error) => {
                    metrics::counter!("chengtu_refused_total").increment(1);
                    notice(&self.outbox, codes::NO_ACCESS, &error.to_string());
                    self.outbox.close(codes::CLOSE_ACCESS, "access refused");
                    return ControlFlow::Break(());
                }
            };
            tracing::debug!(
                session,
                client,
                who = who.name(),
                role = who.role(),
                "hello"
            );
            self.who = Some(who.clone());
            self.rights = rights;
            let outbox = self.outbox.clone();
            return self
                .ask(Request::Join {
                    outbox,
                    who,
                    resume,
                })
                .await;
        }
        let Some(who) = self.who.clone() else {
            return self.offence(codes::HELLO_FIRST, "say hello first");
        };
        match m {
            ClientMessage::Hello { .. } => ControlFlow::Continue(()),
            ClientMessage::Subscribe {
                viewport,
                layers,
                rate_hz,
            } => {
                if let Some(v) = &viewport
                    && let Err(error) = v.area()
                {
                    return self.offence(codes::BAD_MESSAGE, &format!("viewport: {error}"));
                }
                let subscription = Subscription {
                    viewport,
                    layers,
                    rate_hz,
                };
                self.subscription = Some(subscription.clone());
                if !self.looks {
                    self.keep_view(&who, subscription.viewport);
                }
                self.ask(Request::Subscribe {
                    session,
                    subscription,
                })
                .await
            }
            ClientMessage::Look { viewport } => {
                if let Err(error) = viewport.area() {
                    return self.offence(codes::BAD_MESSAGE, &format!("viewport: {error}"));
                }
                self.looks = true;
                self.keep_view(&who, Some(viewport));
                ControlFlow::Continue(())
            }
            ClientMessage::Command { id, command } => self.command(World::Live, id, command).await,
            ClientMessage::RankUnits { request, case } => {
                self.ask(Request::Rank {
                    session,
                    request,
                    case,
                })
                .await
            }
            ClientMessage::Route {
                request,
                unit,
                lon,
                lat,
            } => match LonLat::new(lon, lat).position() {
                Ok(to) => {
                    self.ask(Request::Route {
                        session,
                        request,
                        unit,
                        to,
                    })
                    .await
                }
                Err(error) => self.offence(codes::BAD_MESSAGE, &error.to_string()),
            },
            ClientMessage::Fixes { rows } => {
                let (crs, own_key) = match &who {
                    Who::Feed(feed) => (feed.crs.clone(), None),
                    Who::Unit(call_sign) => {
                        let crs = self.shared.access.units_crs().clone();
                        (crs, Some(call_sign.clone()))
                    }
                    _ => {
                        let text = "fixes come from feeds and terminals, not from this role";
                        return self.offence(codes::NOT_PERMITTED, text);
                    }
                };
                let batch = fix_batch(&rows, own_key.as_deref(), &crs);
                self.ask(Request::SocketFixes { session, batch }).await
            }
            ClientMessage::Resync => self.ask(Request::Resync { session }).await,
            ClientMessage::Ping { nonce } => {
                let time = crate::serve::wall_clock();
                let m = ServerMessage::Pong { nonce, time };
                self.outbox.answer(&m);
                ControlFlow::Continue(())
            }
            other => self.travel(&who, other).await,
        }
    }
}
