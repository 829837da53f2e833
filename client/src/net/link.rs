use super::connection::random;
use super::session::Expired;
use super::{Backoff, Session};
use crate::pin::Pin;
use bytes::Bytes;
use chengtu_engine::stream::{ClientMessage, ServerMessage};
use chengtu_protocol::{Encoding, Subprotocol, decode_server, encode_client};
use chengtu_trust::{Fingerprint, Refusal, Trust, refusal_in};
use futures_util::{SinkExt, StreamExt};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
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
/// Messages waiting for the app; when it is full the socket is not read, and the server sees a slow client.
const QUEUE: usize = 512;

/// Where to connect to and as whom.
#[derive(Clone, Debug)]
pub struct LinkOptions {
    /// As on the command line, see [`socket_url`].
    pub server: String,
    /// Secret; may be empty.
    pub token: String,
    /// Name of the program, for the server's log.
    pub client: String,
    /// The certificate that was confirmed.
    pub pin: Pin,
}

impl LinkOptions {
    /// A line to a server, with the account of a user where there is one.
    pub fn new(server: &str, user: Option<&str>, token: Option<&str>) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        let client = match user {
            Some(user) => format!("chengtu {version} ({user})"),
            None => format!("chengtu {version}"),
        };
        Self {
            server: server.into(),
            token: token.unwrap_or_default().into(),
            client,
            pin: Pin::default(),
        }
    }

    /// The same, which takes the certificate that was confirmed.
    #[must_use]
    pub fn pinned(self, pin: &Pin) -> Self {
        Self {
            pin: pin.clone(),
            ..self
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
    let mut session = Session::new(options.token.clone(), options.client.clone());
    let mut backoff = Backoff::new(random());
    loop {
        if events.send(LinkEvent::Connecting).await.is_err() {
            return;
        }
        let mut held = Duration::ZERO;
        let mut untrusted = None;
        let reason = match dial(&options.server, options.pin.get()).await {
            Ok((socket, subprotocol)) => {
                let since = Instant::now();
                let hello = session.opened(subprotocol);
                let cut = talk(socket, hello, &mut session, &mut orders, &events).await;
                let Some(reason) = cut else {
                    return;
                };
                held = since.elapsed();
                reason
            }
            Err(Undialled { reason, refusal }) => {
                untrusted = refusal;
                reason
            }
        };
        session.closed();
        let wait = backoff.next_wait(held);
        tracing::debug!(
            wait_ms = wait.as_millis() as u64,
            "no line to {}: {reason}",
            options.server
        );
        let next_try = Instant::now() + wait;
        let lost = LinkEvent::Lost {
            next_try,
            reason,
            untrusted,
        };
        if events.send(lost).await.is_err() {
            return;
        }
        let pause = tokio::time::sleep(wait);
        tokio::pin!(pause);
        let mut look = tokio::time::interval(EXPIRE_EVERY);
        loop {
            tokio::select! {
                () = &mut pause => break,
                _ = look.tick() => {
                    let expired = session.expire(Instant::now());
                    let told = expired.is_empty() || events.send(LinkEvent::Expired(expired)).await.is_ok();
                    if !told {
                        return;
                    }
                }
                order = orders.recv() => match order {
                    Some(message) => drop(session.say(message)),
                    None => return,
                },
            }
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

/// The bytes of a message; nothing for what WebSocket says to itself.
///
/// # Errors
/// Why the line has ended, in words.
fn bytes_of(read: Option<Result<SocketMessage, SocketError>>) -> Result<Option<Bytes>, String> {
    match read {
        Some(Ok(SocketMessage::Binary(bytes))) => Ok(Some(bytes)),
        Some(Ok(SocketMessage::Close(frame))) => Err(frame
            .map(|f| f.reason.to_string())
            .filter(|r| !r.is_empty())
            .unwrap_or_else(|| "the server closed the line".into())),
        Some(Ok(_)) => Ok(None),
        Some(Err(SocketError::Capacity(_))) => Err(format!(
            "the server sent more than {} MiB at once, which is not taken; look at less of the city",
            MESSAGE_BYTES_MAX >> 20
        )),
        Some(Err(error)) => Err(error.to_string()),
        None => Err("the line was cut".into()),
    }
}

/// Talks until the line is cut. Returns why; `None` when the app has ended.
async fn talk(
    mut socket: Socket,
    hello: ClientMessage,
    session: &mut Session,
    orders: &mut mpsc::UnboundedReceiver<ClientMessage>,
    events: &mpsc::Sender<LinkEvent>,
) -> Option<String> {
    let mut ping = tokio::time::interval(PING_EVERY);
    ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut pinged: Option<(u64, Instant)> = None;
    let mut nonce = 0u64;
    let mut heard_at = Instant::now();
    let mut last_notice = None;
    if let Err(error) = say(&mut socket, &hello).await {
        return Some(error);
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
                    return Some(error);
                }
            }
            _ = ping.tick() => {
                if heard_at.elapsed() > SILENCE_MAX {
                    return Some(format!("nothing heard for {} s", SILENCE_MAX.as_secs()));
                }
                nonce += 1;
                if let Some(message) = session.say(ClientMessage::Ping { nonce }) {
                    pinged = Some((nonce, Instant::now()));
                    if let Err(error) = say(&mut socket, &message).await {
                        return Some(error);
                    }
                }
            }
            read = socket.next() => {
                let bytes = match bytes_of(read) {
                    Ok(Some(bytes)) => bytes,
                    Ok(None) => continue,
                    Err(end) => return Some(last_notice.unwrap_or(end)),
                };
                heard_at = Instant::now();
                let message = match decode_server(Encoding::Binary, &bytes) {
                    Ok(message) => message,
                    Err(error) => return Some(format!("the server sends what this program cannot read: {error}")),
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
                        return Some(error);
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
