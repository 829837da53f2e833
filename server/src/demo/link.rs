//! Connections as any client has them.

use crate::clock::{Clock, SystemClock};
use crate::play::ServerAddress;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::CommandId;
use chengtu_engine::stream::{ClientMessage, ServerMessage};
use chengtu_protocol::{Encoding, Subprotocol, decode_server, encode_client};
use chengtu_trust::{Refusal, refusal_in};
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

/// One connection to the server, as any client has it.
#[derive(Debug)]
pub struct Link {
    socket: WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>,
}

/// Why a connection is none.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The text is not an address.
    #[error("{0:?} is no address of a server; write it like http://127.0.0.1:7300")]
    Address(String),
    /// The socket cannot be opened, or breaks.
    #[error("{url}: {text}")]
    Socket {
        /// Address of the socket.
        url: String,
        /// What went wrong.
        text: String,
    },
    /// The server's certificate is not taken.
    #[error("{url}: {refusal}")]
    Certificate {
        /// Address of the socket.
        url: String,
        /// Why.
        refusal: Refusal,
    },
    /// The server ended it.
    #[error("the server ended the connection: {0}")]
    Closed(String),
    /// Bytes that are no message.
    #[error("the server speaks another protocol: {0}")]
    Protocol(#[from] chengtu_protocol::DecodeError),
}

/// The address of the server's WebSocket, from that of its pages.
///
/// # Errors
/// [`LinkError::Address`].
pub fn socket_url(server: &str) -> Result<String, LinkError> {
    let server = server.trim_end_matches('/').trim_end_matches("/v1/ws");
    for (page, socket) in [
        ("http://", "ws://"),
        ("https://", "wss://"),
        ("ws://", "ws://"),
        ("wss://", "wss://"),
    ] {
        if let Some(rest) = server.strip_prefix(page)
            && !rest.is_empty()
        {
            return Ok(format!("{socket}{rest}/v1/ws"));
        }
    }
    Err(LinkError::Address(server.to_owned()))
}

impl Link {
    /// Connects and says hello.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn connect(
        server: &ServerAddress,
        token: &str,
        client: &str,
    ) -> Result<Self, LinkError> {
        let url = socket_url(server.url())?;
        let broken = |text: String| LinkError::Socket {
            url: url.clone(),
            text,
        };
        let mut request = url
            .as_str()
            .into_client_request()
            .map_err(|e| broken(e.to_string()))?;
        let protocol = HeaderValue::from_static(Subprotocol::BINARY_1_0.name());
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let connector = Some(server.connector());
        let connecting = connect_async_tls_with_config(request, None, false, connector);
        // It is large, and every terminal would carry its place along.
        let connecting = Box::pin(connecting);
        let (socket, _) = tokio::time::timeout(Duration::from_secs(10), connecting)
            .await
            .map_err(|_| broken("no answer in 10 s".to_owned()))?
            .map_err(|e| match refusal_in(&e) {
                Some(refusal) => LinkError::Certificate {
                    url: url.clone(),
                    refusal,
                },
                None => broken(e.to_string()),
            })?;
        let mut link = Self { socket };
        link.send(&ClientMessage::Hello {
            token: token.to_owned(),
            client: client.to_owned(),
            resume: None,
        })
        .await?;
        Ok(link)
    }

    /// Sends one message.
    ///
    /// # Errors
    /// [`LinkError::Closed`].
    pub async fn send(&mut self, message: &ClientMessage) -> Result<(), LinkError> {
        let bytes = encode_client(Encoding::Binary, message);
        let sent = self.socket.send(Message::Binary(bytes.into())).await;
        sent.map_err(|e| LinkError::Closed(e.to_string()))
    }

    /// Gives a command under a fresh name.
    ///
    /// # Errors
    /// [`LinkError::Closed`].
    pub async fn command(
        &mut self,
        id: CommandId,
        command: CommandRequest,
    ) -> Result<(), LinkError> {
        self.send(&ClientMessage::Command { id, command }).await
    }

    /// Hears the next message. Pings are answered underneath.
    ///
    /// # Errors
    /// [`LinkError`] when the connection ends or makes no sense.
    pub async fn next(&mut self) -> Result<ServerMessage, LinkError> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Binary(bytes))) => {
                    return Ok(decode_server(Encoding::Binary, &bytes)?);
                }
                Some(Ok(Message::Close(frame))) => {
                    let why = frame.map_or_else(String::new, |f| f.reason.to_string());
                    return Err(LinkError::Closed(why));
                }
                Some(Ok(_)) => {}
                Some(Err(e)) => return Err(LinkError::Closed(e.to_string())),
                None => return Err(LinkError::Closed("without a word".to_owned())),
            }
        }
    }
}

/// Ids for commands: a random beginning and a stream of its own, so that none is used twice.
#[derive(Debug)]
pub struct CommandIds(super::Chance);

impl CommandIds {
    /// The ids of one sender.
    pub fn of(speaker: &str) -> Self {
        // Without a source of random numbers the clock must do: names only have to differ.
        let seed = getrandom::u64().unwrap_or(SystemClock.now().0 as u64);
        Self(super::Chance::of(seed, speaker))
    }

    /// The next id, never given before.
    pub fn fresh(&mut self) -> CommandId {
        CommandId(self.0.bits(), self.0.bits())
    }
}

/// Waits between attempts to connect: doubling, bounded, never all at the same moment.
#[derive(Debug)]
pub struct Backoff {
    wait_s: f64,
    chance: super::Chance,
}

impl Backoff {
    /// From half a second on.
    pub fn new(seed: u64) -> Self {
        Self {
            wait_s: 0.5,
            chance: super::Chance::new(seed),
        }
    }

    /// How long to wait now.
    pub fn wait_s(&mut self) -> f64 {
        let wait_s = self.wait_s * self.chance.between(0.5, 1.5);
        self.wait_s = (self.wait_s * 2.0).min(10.0);
        wait_s
    }

    /// A connection worked.
    pub fn reset(&mut self) {
        self.wait_s = 0.5;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_sockets_are_one_address() {
        for given in ["http://h:1", "http://h:1/", "ws://h:1", "ws://h:1/v1/ws"] {
            assert_eq!(socket_url(given).unwrap(), "ws://h:1/v1/ws");
        }
        assert_eq!(socket_url("https://h/").unwrap(), "wss://h/v1/ws");
        assert_eq!(socket_url("wss://h/v1/ws").unwrap(), "wss://h/v1/ws");
        assert!(socket_url("h:1").is_err() && socket_url("http://").is_err());
    }

    #[test]
    fn waiting_doubles_is_bounded_and_begins_again() {
        let mut b = Backoff::new(1);
        let waits: Vec<f64> = (0..12).map(|_| b.wait_s()).collect();
        assert!(waits[0] <= 0.75 && waits.iter().all(|w| *w <= 15.0));
        assert!(waits[8] >= 5.0);
        b.reset();
        assert!(b.wait_s() <= 0.75);
    }
}
