//! What the black-box tests of the server share: a server on a port of its own, and clients of both encodings.

use crate::program::nanjing;
use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::event::Event;
use chengtu_engine::geo::Viewport;
use chengtu_engine::ids::{ClassId, CommandId, UnitId};
use chengtu_engine::permission::Role;
use chengtu_engine::record::Body;
use chengtu_engine::replay::History;
use chengtu_engine::stream::{Asked, ClientMessage, Layer, ServerMessage};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::Subprotocol;
use chengtu_server::clock::{Clock, SystemClock};
use chengtu_server::config::{Config, Public};
use chengtu_server::log::{EmbeddedStore, LogStore};
use chengtu_server::serve::{ServeConfig, run};
use futures_util::{SinkExt, StreamExt};
use rustls::ClientConfig;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::CloseFrame};
use tokio_tungstenite::{Connector, connect_async_tls_with_config};

/// A server in this process.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its data directory.
    pub data: PathBuf,
    /// The token of its first operator; empty where none is configured.
    operator: String,
    /// `https` where a certificate is configured, or one is made.
    scheme: &'static str,
    /// Takes any certificate: whose it is, tests of certificates look at themselves.
    http: reqwest::Client,
    dir_kept: Option<tempfile::TempDir>,
    stop: Option<oneshot::Sender<()>>,
    task: tokio::task::JoinHandle<Result<(), chengtu_server::serve::ServeError>>,
}

impl Server {
    /// With this configuration, on an empty data directory.
    pub async fn start(config: &str) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let mut server = Self::on(dir.path(), config).await?;
        server.dir_kept = Some(dir);
        Ok(server)
    }

    /// On a data directory that may hold something.
    pub async fn on(data: &Path, config: &str) -> Result<Self> {
        Self::of_city(&nanjing(), data, config).await
    }

    /// Of a city of its own, on a data directory that may hold something.
    pub async fn of_city(city: &Path, data: &Path, config: &str) -> Result<Self> {
        Self::listening("127.0.0.1:0", city, data, config).await
    }

    /// On an address; one that is not this machine's own is asked at 127.0.0.1.
    pub async fn listening(listen: &str, city: &Path, data: &Path, config: &str) -> Result<Self> {
        let listener = tokio::net::TcpListener::bind(listen).await?;
        let mut address = listener.local_addr()?;
        let of_network = !address.ip().is_loopback();
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        let (stop, stopped) = oneshot::channel::<()>();
        let mut config = Config::parse(config, Path::new("test.toml"))?;
        let mut users = config.users.iter();
        let operator = users.find(|u| u.role == Role::Operator);
        let operator = operator.map_or_else(String::new, |u| u.token.clone());
        // Where nobody could read the figures, tests still can.
        if operator.is_empty() {
            config.public.push(Public::Metrics);
        }
        let secure = config.tls.is_given() || (of_network && !config.tls.plain_behind_proxy);
        let scheme = if secure { "https" } else { "http" };
        let http = reqwest::Client::builder().danger_accept_invalid_certs(true);
        let http = http.build()?;
        let serve = ServeConfig {
            city: city.to_owned(),
            data: data.to_owned(),
            config,
        };
        let mut task = tokio::spawn(run(listener, serve, async {
            let _ = stopped.await;
        }));
        let url = format!("{scheme}://{address}/healthz");
        for _ in 0..200 {
            if task.is_finished() {
                (&mut task).await??;
                bail!("the server ended at once");
            }
            if let Ok(answer) = http.get(&url).send().await
                && answer.status() == 200
            {
                return Ok(Self {
                    address,
                    data: data.to_owned(),
                    operator,
                    scheme,
                    http,
                    dir_kept: None,
                    stop: Some(stop),
                    task,
                });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the server does not answer")
    }

    /// The address of one of its pages, `path` beginning with `/`.
    pub fn http(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// Posts a body to a feed: the status and the JSON of the answer.
    pub async fn post(
        &self,
        path: &str,
        token: &str,
        body: impl Into<reqwest::Body>,
    ) -> Result<(u16, Value)> {
        let request = self
            .http
            .post(self.http(path))
            .header("Authorization", format!("Bearer {token}"))
            .body(body);
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        Ok((status, answer.json().await?))
    }

    /// Its health with the digest of its state: the status and the JSON of the answer.
    pub async fn health(&self) -> Result<(u16, Value)> {
        let asked = self.http.get(self.http("/healthz?digest=1"));
        let token = format!("Bearer {}", self.operator);
        let answer = asked.header("Authorization", token).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    /// Its metrics in the text format of Prometheus.
    pub async fn metrics(&self) -> Result<String> {
        let asked = self.http.get(self.http("/metrics"));
        let token = format!("Bearer {}", self.operator);
        let answer = asked.header("Authorization", token).send().await?;
        Ok(answer.error_for_status()?.text().await?)
    }

    /// Stops it as Ctrl-C would.
    pub async fn stop(mut self) -> Result<()> {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        tokio::time::timeout(Duration::from_secs(20), self.task).await???;
        Ok(())
    }
}

/// Whether all that a log holds behind record `seq` is what must be provable beside the city: who came, went, was refused.
///
/// # Errors
/// The first record of anything else; a log that cannot be read.
pub fn nothing_but_noted_since(data: &Path, seq: u64) -> Result<()> {
    let noted = |e: &Event| matches!(e, Event::Audited(_));
    let history = EmbeddedStore::at(data).history()?;
    for record in history.records(seq, Timestamp(i64::MAX), usize::MAX)? {
        ensure!(
            matches!(&record.body, Body::Events(all) if all.iter().all(noted)),
            "something has happened: {record:?}"
        );
    }
    Ok(())
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// A client of the binary protocol.
pub struct Client {
    /// The open connection.
    pub socket: Socket,
    /// What the server greeted it with.
    pub hello: chengtu_engine::stream::ServerHello,
}

/// How a connection ended.
pub type Ended = Option<(u16, String)>;

async fn open(address: SocketAddr, protocol: &str) -> Result<Socket> {
    open_at(&format!("ws://{address}/v1/ws"), protocol, Connector::Plain).await
}

async fn open_at(url: &str, protocol: &str, connector: Connector) -> Result<Socket> {
    let mut request = url.into_client_request()?;
    request
        .headers_mut()
        .insert("Sec-WebSocket-Protocol", protocol.parse()?);
    let opening = connect_async_tls_with_config(request, None, false, Some(connector));
    Ok(opening.await?.0)
}

impl Client {
    /// Connects and is greeted.
    ///
    /// # Errors
    /// When the server refuses or does not greet.
    pub async fn connect(address: SocketAddr, token: &str) -> Result<Self> {
        Self::resume(address, token, None).await
    }

    /// Connects where a session has been before.
    ///
    /// # Errors
    /// When the server refuses or does not greet.
    pub async fn resume(
        address: SocketAddr,
        token: &str,
        resume: Option<chengtu_engine::stream::Resume>,
    ) -> Result<Self> {
        Self::connect_as(Subprotocol::BINARY_1_0, address, token, resume).await
    }

    /// Connects with a subprotocol, where a session has been before.
    ///
    /// # Errors
    /// When the server refuses or does not greet.
    pub async fn connect_as(
        subprotocol: Subprotocol,
        address: SocketAddr,
        token: &str,
        resume: Option<chengtu_engine::stream::Resume>,
    ) -> Result<Self> {
        let socket = open(address, subprotocol.name()).await?;
        Self::greeted(socket, token, resume).await
    }

    /// Connects over TLS.
    ///
    /// # Errors
    /// When the server refuses or does not greet, or is refused.
    pub async fn secure(address: SocketAddr, token: &str, tls: Arc<ClientConfig>) -> Result<Self> {
        let url = format!("wss://{address}/v1/ws");
        let protocol = Subprotocol::BINARY_1_0.name();
        let socket = open_at(&url, protocol, Connector::Rustls(tls)).await?;
        Self::greeted(socket, token, None).await
    }

    async fn greeted(
        mut socket: Socket,
        token: &str,
        resume: Option<chengtu_engine::stream::Resume>,
    ) -> Result<Self> {
        let hello = ClientMessage::Hello {
            token: token.to_owned(),
            client: "test".to_owned(),
            resume,
        };
        socket
            .send(Message::Binary(
                chengtu_protocol::encode_client(chengtu_protocol::Encoding::Binary, &hello).into(),
            ))
            .await?;
        match next(&mut socket).await? {
            Ok(ServerMessage::Hello(hello)) => Ok(Self {
                socket,
                hello: *hello,
            }),
            other => bail!("instead of hello: {other:?}"),
        }
    }

    /// Sends a message.
    pub async fn say(&mut self, m: &ClientMessage) -> Result<()> {
        let bytes = chengtu_protocol::encode_client(chengtu_protocol::Encoding::Binary, m);
        Ok(self.socket.send(Message::Binary(bytes.into())).await?)
    }

    /// The next message; an error when the connection has ended.
    pub async fn next(&mut self) -> Result<ServerMessage> {
        match next(&mut self.socket).await? {
            Ok(m) => Ok(m),
            Err(ended) => bail!("closed: {ended:?}"),
        }
    }

    /// Looks at the whole city at ten frames a second.
    pub async fn subscribe(&mut self) -> Result<()> {
        let (west, south, east, north) = self.hello.city.bounds;
        let viewport = Some(Viewport {
            west,
            south,
            east,
            north,
            zoom: 14.0,
        });
        self.say(&ClientMessage::Subscribe {
            viewport,
            layers: vec![Layer::Movers, Layer::Units, Layer::Cases, Layer::Sensors],
            rate_hz: 10.0,
        })
        .await
    }

    /// Gives a command and waits for its answer, passing other messages by.
    pub async fn command(&mut self, id: u64, command: CommandRequest) -> Result<ServerMessage> {
        let id = CommandId(id, 7);
        self.say(&ClientMessage::Command { id, command }).await?;
        loop {
            match self.next().await? {
                ServerMessage::Accepted(a) if a.id == id => return Ok(ServerMessage::Accepted(a)),
                ServerMessage::Rejected(r) if r.id == id => return Ok(ServerMessage::Rejected(r)),
                ServerMessage::Refused(r) if r.asked == Asked::Command(id) => {
                    return Ok(ServerMessage::Refused(r));
                }
                _ => {}
            }
        }
    }

    /// Reads until the server closes the connection.
    pub async fn ended(&mut self) -> Result<(Vec<ServerMessage>, Ended)> {
        let mut seen = Vec::new();
        loop {
            match next(&mut self.socket).await? {
                Ok(m) => seen.push(m),
                Err(ended) => return Ok((seen, ended)),
            }
        }
    }
}

async fn next(socket: &mut Socket) -> Result<Result<ServerMessage, Ended>> {
    loop {
        let message = tokio::time::timeout(Duration::from_secs(40), socket.next())
            .await
            .context("nothing heard for 40 s")?;
        return Ok(match message {
            None => Err(None),
            Some(Ok(Message::Close(frame))) => Err(frame.map(close_of)),
            Some(Ok(Message::Binary(bytes))) => Ok(chengtu_protocol::decode_server(
                chengtu_protocol::Encoding::Binary,
                &bytes,
            )?),
            Some(Ok(_)) => continue,
            Some(Err(error)) => Err(Some((0, error.to_string()))),
        });
    }
}

fn close_of(frame: CloseFrame) -> (u16, String) {
    (frame.code.into(), frame.reason.to_string())
}

/// A client of the JSON protocol, message by message.
pub struct JsonClient {
    /// The open WebSocket connection.
    pub socket: Socket,
}

impl JsonClient {
    /// Connects and says nothing yet.
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let socket = open(address, Subprotocol::JSON_1_0.name()).await?;
        Ok(Self { socket })
    }

    /// Sends a text as it is.
    pub async fn say(&mut self, text: &str) -> Result<()> {
        Ok(self
            .socket
            .send(Message::Text(text.to_owned().into()))
            .await?)
    }

    /// The next message, or how the connection ended.
    pub async fn next(&mut self) -> Result<Result<Value, Ended>> {
        loop {
            let message = tokio::time::timeout(Duration::from_secs(20), self.socket.next())
                .await
                .context("nothing heard for 20 s")?;
            return Ok(match message {
                None => Err(None),
                Some(Ok(Message::Close(frame))) => Err(frame.map(close_of)),
                Some(Ok(Message::Text(text))) => Ok(serde_json::from_str(&text)?),
                Some(Ok(_)) => continue,
                Some(Err(error)) => Err(Some((0, error.to_string()))),
            });
        }
    }

    /// The next message with this key.
    pub async fn expect(&mut self, key: &str) -> Result<Value> {
        loop {
            match self.next().await? {
                Ok(m) if m.get(key).is_some() => return Ok(m[key].clone()),
                Ok(_) => {}
                Err(ended) => bail!("closed before {key}: {ended:?}"),
            }
        }
    }
}

/// Sends a unit to the middle of the city.
pub fn send_unit(unit: u32) -> CommandRequest {
    CommandRequest::DispatchUnit {
        unit: UnitId(unit),
        target: Target::Place(118.79, 32.05),
        expected_s: None,
    }
}

/// Reads messages until `pick` finds what it looks for in one.
///
/// # Errors
/// When the connection ends, or nothing is found within a minute.
pub async fn until<T>(
    client: &mut Client,
    mut pick: impl FnMut(&ServerMessage) -> Option<T>,
) -> Result<T> {
    let found = async {
        loop {
            if let Some(found) = pick(&client.next().await?) {
                return Ok(found);
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), found)
        .await
        .context("not within a minute")?
}

/// A case in the middle of the city.
pub fn report(note: &str) -> CommandRequest {
    CommandRequest::ReportCase {
        class: ClassId(0),
        severity: None,
        lon: 118.79,
        lat: 32.05,
        address: String::new(),
        note: note.to_owned(),
    }
}

/// The time of day, as the server reads it.
pub fn now() -> Timestamp {
    SystemClock.now()
}
