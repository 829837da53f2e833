use super::connection::random;
use super::session::Expired;
use super::{Backoff, Session};
use crate::door::{Door, Key};
use bytes::Bytes;
use chengtu_engine::stream::{ClientMessage, ServerMessage};
use chengtu_protocol::codes::{CLOSE_ACCESS, CLOSE_ENDED};
use chengtu_protocol::{Encoding, Subprotocol, decode_server, encode_client};
use chengtu_trust::{Fingerprint, Refusal, Trust, refusal_in};
use futures_util::{SinkExt, StreamExt};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message as SocketMessage};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config,
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Time allowed for connect and WebSocket handshake together; after it the attempt has failed.
const DIAL_MAX: Duration = Duration::from_secs(5);
/// Between two pings.
const PING_EVERY: Duration = Duration::from_secs(1);
/// A line on which nothing has been heard for so long is dead, whatever the system believes.
const SILENCE_MAX: Duration = Duration::from_secs(8);
/// Largest message of a server that is taken, bytes. A server of today divides what is larger than a million; one of
/// before may send a whole city at once.
const MESSAGE_BYTES_MAX: usize = 256 << 20;
/// Between two looks at what has become too old to be asked again.
const EXPIRE_EVERY: Duration = Duration::from_millis(500);
/// Until a server that does not open to what it was shown is asked again, where nobody logs in before.
const SHUT_WAIT: Duration = Duration::from_secs(20);
/// Messages waiting for the app; when it is full the socket is not read, and the server sees a slow client.
const QUEUE: usize = 512;

/// Where to connect to and as whom.
#[derive(Clone, Debug)]
pub struct LinkOptions {
    /// The server's address, see [`socket_url`], and what opens it.
    pub door: Door,
    /// Name of the program, for the server's log.
    pub client: String,
}

impl LinkOptions {
    /// A line through a door; `user`: who sits here, where that is known.
    pub fn new(door: &Door, user: Option<&str>) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        let client = match user {
            Some(user) => format!("chengtu {version} ({user})"),
            None => format!("chengtu {version}"),
        };
        Self {
            door: door.clone(),
            client,
        }
    }
}

/// Why a server's address cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LinkUrlError {
    /// None of `ws://`, `wss://`, `http://`, `https://`.
    #[error("{0}: expected wss://HOST[:PORT] or ws://HOST[:PORT]")]
    Scheme(String),
    /// Nothing before the port or path, or white space in the host.
    #[error("{0}: no host in it")]
    Host(String),
}

/// The socket's address of a server: `ws://host:7300`, `http://host:7300` and `host:7300` are the same, `wss://` and
/// `https://` are the same over TLS; a path is kept if there is one.
///
/// # Errors
/// [`LinkUrlError`] for anything else.
pub fn socket_url(server: &str) -> Result<String, LinkUrlError> {
    let given = server.trim();
    let (scheme, rest) = match given.split_once("://") {
        Some(("ws" | "http", rest)) => ("ws", rest),
        Some(("wss" | "https", rest)) => ("wss", rest),
        Some(_) => return Err(LinkUrlError::Scheme(given.into())),
        None => ("ws", given),
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if host.is_empty() || host.starts_with(':') || host.contains(char::is_whitespace) {
        return Err(LinkUrlError::Host(given.into()));
    }
    let path = if path.is_empty() { "v1/ws" } else { path };
    Ok(format!("{scheme}://{host}/{path}"))
}

/// What the socket's thread sends to the app.
#[derive(Debug)]
pub(super) enum LinkEvent {
    Connecting,
    Greeted,
    Message {
        message: Box<ServerMessage>,
        read_at: Instant,
    },
    RoundTrip(Duration),
    Lost {
        next_try: Instant,
        reason: String,
        /// The server's certificate was not taken.
        untrusted: Option<Refusal>,
        /// The server does not open to what it was shown, and why, in its words.
        shut: Option<String>,
    },
    Expired(Expired),
}

/// Starts the thread; it ends when the app drops its ends.
pub(super) fn start(
    options: LinkOptions,
) -> (
    mpsc::UnboundedSender<ClientMessage>,
    mpsc::Receiver<LinkEvent>,
) {
    let (orders, orders_out) = mpsc::unbounded_channel();
    let (events_in, events) = mpsc::channel(QUEUE);
    let started = std::thread::Builder::new()
        .name("chengtu-link".into())
        .spawn(move || {
            match tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
            {
                Ok(runtime) => runtime.block_on(run(options, orders_out, events_in)),
                Err(error) => tracing::error!("no connection to any server: {error}"),
            }
        });
    if let Err(error) = started {
        tracing::error!("no connection to any server: {error}");
    }
    (orders, events)
}

/// Dials, talks, waits, for ever.
async fn run(
    options: LinkOptions,
    mut orders: mpsc::UnboundedReceiver<ClientMessage>,
    events: mpsc::Sender<LinkEvent>,
) {
    let mut session = Session::new(options.client.clone());
    let mut backoff = Backoff::new(random());
    let mut door = options.door.watched();
    // Why the last session ended: a server that was started since knows no more than that the token opens nothing.
    let mut ended = None;
    loop {
        let key = door.borrow_and_update().clone();
        let given_up = session.show(&key.token);
        if !given_up.is_empty() && events.send(LinkEvent::Expired(given_up)).await.is_err() {
            return;
        }
        if events.send(LinkEvent::Connecting).await.is_err() {
            return;
        }
        let mut held = Duration::ZERO;
        let (mut untrusted, mut shut) = (None, None);
        let reason = match dial(&key.server, options.door.pin().get()).await {
            Ok((socket, subprotocol)) => {
                let since = Instant::now();
                let hello = session.opened(subprotocol);
                let line = Line {
                    orders: &mut orders,
                    events: &events,
                    door: &mut door,
                };
                let cut = talk(socket, hello, &mut session, line).await;
                let Some(cut) = cut else {
                    return;
                };
                held = since.elapsed();
                match cut.by {
                    Some(CLOSE_ENDED) => ended = Some(cut.reason.clone()),
                    Some(CLOSE_ACCESS) => {
                        shut = Some(ended.take().unwrap_or_else(|| cut.reason.clone()));
                    }
                    _ => ended = None,
                }
                cut.reason
            }
            Err(Undialled { reason, refusal }) => {
                untrusted = refusal;
                reason
            }
        };
        session.closed();
        let wait = backoff.next_wait(held);
        let wait = if shut.is_some() {
            wait.max(SHUT_WAIT)
        } else {
            wait
        };
        tracing::debug!(
            wait_ms = wait.as_millis() as u64,
            "no line to {}: {reason}",
            key.server
        );
        let next_try = Instant::now() + wait;
        let lost = LinkEvent::Lost {
            next_try,
            reason,
            untrusted,
            shut,
        };
        if events.send(lost).await.is_err() {
            return;
        }
        let line = Line {
            orders: &mut orders,
            events: &events,
            door: &mut door,
        };
        if !pause(wait, &mut session, line).await {
            return;
        }
    }
}

/// The ends that the socket's thread holds beside the socket.
struct Line<'a> {
    orders: &'a mut mpsc::UnboundedReceiver<ClientMessage>,
    events: &'a mpsc::Sender<LinkEvent>,
    door: &'a mut watch::Receiver<Key>,
}

/// Waits until it is time for another try, or something else is shown at the door. False where the app has ended.
async fn pause(wait: Duration, session: &mut Session, line: Line<'_>) -> bool {
    let pause = tokio::time::sleep(wait);
    tokio::pin!(pause);
    let mut look = tokio::time::interval(EXPIRE_EVERY);
    loop {
        tokio::select! {
            () = &mut pause => return true,
            changed = line.door.changed() => return changed.is_ok(),
            _ = look.tick() => {
                let expired = session.expire(Instant::now());
                let told = expired.is_empty() || line.events.send(LinkEvent::Expired(expired)).await.is_ok();
                if !told {
                    return false;
                }
            }
            order = line.orders.recv() => match order {
                Some(message) => drop(session.say(message)),
                None => return false,
            },
        }
    }
}

/// What this program offers, the best first.
const OFFERED: [Subprotocol; 7] = [
    Subprotocol::BINARY_1_6,
    Subprotocol::BINARY_1_5,
    Subprotocol::BINARY_1_4,
    Subprotocol::BINARY_1_3,
    Subprotocol::BINARY_1_2,
    Subprotocol::BINARY_1_1,
    Subprotocol::BINARY_1_0,
];

/// Why there is no line.
#[derive(Debug)]
struct Undialled {
    /// In words.
    reason: String,
    /// The server's certificate was not taken.
    refusal: Option<Refusal>,
}

impl From<String> for Undialled {
    fn from(reason: String) -> Self {
        Self {
            reason,
            refusal: None,
        }
    }
}

async fn dial(server: &str, pin: Option<Fingerprint>) -> Result<(Socket, Subprotocol), Undialled> {
    let url = socket_url(server).map_err(|e| e.to_string())?;
    let mut request = url
        .as_str()
        .into_client_request()
        .map_err(|e| format!("{url}: {e}"))?;
    let offered = OFFERED.map(Subprotocol::name).join(", ");
    let offered = HeaderValue::try_from(offered).map_err(|e| e.to_string())?;
    request
        .headers_mut()
        .insert(SEC_WEBSOCKET_PROTOCOL, offered);
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    let connector = if url.starts_with("wss://") {
        let tls = Trust::new(pin).config().map_err(|e| e.to_string())?;
        Connector::Rustls(tls)
    } else {
        Connector::Plain
    };
    let dialled = connect_async_tls_with_config(request, Some(config), true, Some(connector));
    match tokio::time::timeout(DIAL_MAX, dialled).await {
        Ok(Ok((socket, response))) => {
            let chosen = response.headers().get(SEC_WEBSOCKET_PROTOCOL);
            let chosen = chosen.and_then(|name| Subprotocol::named(name.to_str().ok()?));
            let chosen = chosen.ok_or_else(|| format!("{url}: not a server of this protocol"))?;
            Ok((socket, chosen))
        }
        Ok(Err(SocketError::Http(response))) => {
            Err(format!("{url}: the server answers {}", response.status()).into())
        }
        Ok(Err(error)) => Err(match refusal_in(&error) {
            Some(refusal) => Undialled {
                reason: format!("{url}: {refusal}"),
                refusal: Some(refusal),
            },
            None => format!("{url}: {error}").into(),
        }),
        Err(_) => Err(format!("{url}: no answer within {} s", DIAL_MAX.as_secs()).into()),
    }
}

/// Why a line has ended.
struct Cut {
    /// In words.
    reason: String,
    /// The server's code, where the server closed it.
    by: Option<u16>,
}

impl From<String> for Cut {
    fn from(reason: String) -> Self {
        Self { reason, by: None }
    }
}

/// The bytes of a message; nothing for what WebSocket says to itself.
///
/// # Errors
/// Why the line has ended.
fn bytes_of(read: Option<Result<SocketMessage, SocketError>>) -> Result<Option<Bytes>, Cut> {
    Err(match read {
        Some(Ok(SocketMessage::Binary(bytes))) => return Ok(Some(bytes)),
        Some(Ok(SocketMessage::Close(frame))) => {
            let by = frame.as_ref().map(|f| f.code.into());
            let reason = frame.map(|f| f.reason.to_string());
            let reason = reason.filter(|r| !r.is_empty());
            let reason = reason.unwrap_or_else(|| "the server closed the line".into());
            return Err(Cut { reason, by });
        }
        Some(Ok(_)) => return Ok(None),
        Some(Err(SocketError::Capacity(_))) => format!(
            "the server sent more than {} MiB at once, which is not taken; look at less of the city",
            MESSAGE_BYTES_MAX >> 20
        ),
        Some(Err(error)) => error.to_string(),
        None => "the line was cut".into(),
    }
    .into())
}

/// Talks until the line is cut. Returns why; `None` when the app has ended.
#[expect(
    clippy::too_many_lines,
    reason = "one arm per thing that may happen on a line"
)]
async fn talk(
    mut socket: Socket,
    hello: ClientMessage,
    session: &mut Session,
    line: Line<'_>,
) -> Option<Cut> {
    let Line {
        orders,
        events,
        door,
    } = line;
    let mut ping = tokio::time::interval(PING_EVERY);
    ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut pinged: Option<(u64, Instant)> = None;
    let mut nonce = 0u64;
    let mut heard_at = Instant::now();
    let mut last_notice = None;
    if let Err(error) = say(&mut socket, &hello).await {
        return Some(error.into());
    }
    loop {
        tokio::select! {
            order = orders.recv() => {
                let Some(message) = order else {
                    let _ = socket.close(None).await;
                    return None;
                };
                if let Some(message) = session.say(message)
                    && let Err(error) = say(&mut socket, &message).await
                {
                    return Some(error.into());
                }
            }
            changed = door.changed() => {
                let _ = socket.close(None).await;
                // What is shown at the door is shown to a line of its own.
                door.mark_changed();
                return changed.is_ok().then(|| "somebody else logs in".to_owned().into());
            }
            _ = ping.tick() => {
                if heard_at.elapsed() > SILENCE_MAX {
                    return Some(format!("nothing heard for {} s", SILENCE_MAX.as_secs()).into());
                }
                nonce += 1;
                if let Some(message) = session.say(ClientMessage::Ping { nonce }) {
                    pinged = Some((nonce, Instant::now()));
                    if let Err(error) = say(&mut socket, &message).await {
                        return Some(error.into());
                    }
                }
            }
            read = socket.next() => {
                let bytes = match bytes_of(read) {
                    Ok(Some(bytes)) => bytes,
                    Ok(None) => continue,
                    Err(cut) => return Some(Cut { reason: last_notice.unwrap_or(cut.reason), ..cut }),
                };
                heard_at = Instant::now();
                let message = match decode_server(Encoding::Binary, &bytes) {
                    Ok(message) => message,
                    Err(error) => return Some(format!("the server sends what this program cannot read: {error}").into()),
                };
                let heard = session.heard(&message);
                if heard.greeted {
                    last_notice = None;
                    if events.send(LinkEvent::Greeted).await.is_err() {
                        return None;
                    }
                }
                for reply in &heard.replies {
                    if let Err(error) = say(&mut socket, reply).await {
                        return Some(error.into());
                    }
                }
                match &message {
                    ServerMessage::Pong { nonce, .. } => {
                        if let Some((_, at)) = pinged.take_if(|(n, _)| n == nonce)
                            && events.send(LinkEvent::RoundTrip(at.elapsed())).await.is_err()
                        {
                            return None;
                        }
                    }
                    ServerMessage::Notice { text, .. } => last_notice = Some(text.clone()),
                    _ => {}
                }
                let event = LinkEvent::Message { message: Box::new(message), read_at: heard_at };
                if heard.pass && events.send(event).await.is_err() {
                    return None;
                }
            }
        }
    }
}

async fn say(socket: &mut Socket, message: &ClientMessage) -> Result<(), String> {
    let bytes = encode_client(Encoding::Binary, message);
    socket
        .send(SocketMessage::Binary(bytes.into()))
        .await
        .map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_completed_and_impossible_ones_explained() {
        for given in [
            "ws://h:7300",
            "http://h:7300",
            "h:7300",
            " ws://h:7300/ ",
            "ws://h:7300/v1/ws",
        ] {
            assert_eq!(socket_url(given).unwrap(), "ws://h:7300/v1/ws", "{given}");
        }
        for given in ["wss://h:7300", "https://h:7300/", "wss://h:7300/v1/ws"] {
            assert_eq!(socket_url(given).unwrap(), "wss://h:7300/v1/ws", "{given}");
        }
        for bad in ["ftp://h", "ws://", "", "ws://:7300", "two words"] {
            let error = socket_url(bad).unwrap_err().to_string();
            assert!(error.contains(bad.trim()), "{error}");
        }
    }
}
