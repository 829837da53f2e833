//! A client of the server, over its public doors.

use anyhow::{Context, Result, bail};
use chengtu_engine::geo::Viewport;
use chengtu_engine::stream::{ClientMessage, Layer, ServerHello, ServerMessage};
use chengtu_protocol::{Encoding, Subprotocol, decode_server, encode_client};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{SinkExt, StreamExt};
use std::io::Write;
use std::time::Duration;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

/// Everything that a map looks at.
pub const ALL: [Layer; 4] = [Layer::Movers, Layer::Units, Layer::Cases, Layer::Sensors];

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// A session.
pub struct Client {
    pub socket: Socket,
    pub hello: ServerHello,
}

/// A socket before hello.
pub async fn open(address: &str) -> Result<Socket> {
    let mut request = format!("ws://{address}/v1/ws").into_client_request()?;
    let protocol = Subprotocol::BINARY_1_3.name().parse()?;
    request
        .headers_mut()
        .insert("Sec-WebSocket-Protocol", protocol);
    Ok(tokio_tungstenite::connect_async(request).await?.0)
}

impl Client {
    /// Connects and is greeted.
    pub async fn connect(address: &str, token: &str) -> Result<Self> {
        let mut socket = open(address).await?;
        let hello = ClientMessage::Hello {
            token: token.to_owned(),
            client: "hostile".to_owned(),
            resume: None,
        };
        let bytes = encode_client(Encoding::Binary, &hello);
        socket.send(Message::Binary(bytes.into())).await?;
        match hear(&mut socket).await? {
            ServerMessage::Hello(hello) => Ok(Self {
                socket,
                hello: *hello,
            }),
            other => bail!("instead of hello: {other:?}"),
        }
    }

    pub async fn say(&mut self, m: &ClientMessage) -> Result<()> {
        let bytes = encode_client(Encoding::Binary, m);
        Ok(self.socket.send(Message::Binary(bytes.into())).await?)
    }

    /// Looks at a square about the city's centre.
    pub async fn look(&mut self, layers: &[Layer], half_deg: f64) -> Result<()> {
        let (lon, lat) = self.hello.city.centre;
        let viewport = Some(Viewport {
            west: lon - half_deg,
            south: lat - half_deg,
            east: lon + half_deg,
            north: lat + half_deg,
            zoom: 14.0,
        });
        self.say(&ClientMessage::Subscribe {
            viewport,
            layers: layers.to_vec(),
            rate_hz: 10.0,
        })
        .await
    }

    /// The next message. May be dropped while it waits: nothing is lost.
    pub async fn hear(&mut self) -> Result<ServerMessage> {
        hear(&mut self.socket).await
    }
}

async fn hear(socket: &mut Socket) -> Result<ServerMessage> {
    loop {
        let message = tokio::time::timeout(Duration::from_mins(1), socket.next())
            .await
            .context("nothing heard for 60 s")?
            .context("the server closed the connection")??;
        match message {
            Message::Binary(bytes) => return Ok(decode_server(Encoding::Binary, &bytes)?),
            Message::Close(close) => bail!("closed: {close:?}"),
            _ => {}
        }
    }
}

/// Bytes, packed.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes)?;
    Ok(packer.finish()?)
}

/// Posts rows to a feed, packed or not; gives the status.
pub async fn post(
    http: &reqwest::Client,
    address: &str,
    (feed, kind, token): (&str, &str, &str),
    body: Vec<u8>,
    packed: bool,
) -> Result<u16> {
    let mut request = http
        .post(format!("http://{address}/v1/feeds/{feed}/{kind}"))
        .header("Authorization", format!("Bearer {token}"))
        .header("Content-Type", "application/x-ndjson")
        .timeout(Duration::from_mins(2));
    if packed {
        request = request.header("Content-Encoding", "gzip");
    }
    Ok(request.body(body).send().await?.status().as_u16())
}
