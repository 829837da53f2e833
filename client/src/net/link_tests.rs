//! The line against a server that behaves badly: it cuts, it forgets frames, it is not there.

use super::link::{LinkEvent, LinkOptions, start};
use crate::door::Door;
use crate::pin::Pin;
use chengtu_engine::city::CityInfo;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::{CommandId, UnitId};
use chengtu_engine::permission::Role;
use chengtu_engine::record::World;
use chengtu_engine::stream::{
    Accepted, ClientMessage, Frame, Resume, ServerHello, ServerMessage, SnapshotReason,
};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, Subprotocol, decode_client, encode_server};
use chengtu_trust::{Fingerprint, Refusal};
use futures_util::{SinkExt, StreamExt};
use rustls::pki_types::PrivatePkcs8KeyDer;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as SocketMessage;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;

struct Peer<S = TcpStream>(WebSocketStream<S>);

impl Peer {
    async fn accept(listener: &TcpListener) -> Self {
        Self::accept_as(listener, Subprotocol::BINARY_1_1).await
    }

    /// Chooses one of the subprotocols that are offered.
    async fn accept_as(listener: &TcpListener, subprotocol: Subprotocol) -> Self {
        let (stream, _) = listener.accept().await.unwrap();
        Self::agree(stream, subprotocol).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    /// Opens the socket on a line.
    async fn agree(stream: S, subprotocol: Subprotocol) -> Self {
        #[allow(clippy::result_large_err)] // The handshake's own type.
        let agree = |request: &Request, mut response: Response| {
            let offered = &request.headers()[SEC_WEBSOCKET_PROTOCOL];
            assert_eq!(
                offered,
                "chengtu.v1.6, chengtu.v1.5, chengtu.v1.4, chengtu.v1.3, chengtu.v1.2, chengtu.v1.1, chengtu.v1"
            );
            let chosen = HeaderValue::from_static(subprotocol.name());
            response
                .headers_mut()
                .insert(SEC_WEBSOCKET_PROTOCOL, chosen);
            Ok(response)
        };
        Self(
            tokio_tungstenite::accept_hdr_async(stream, agree)
                .await
                .unwrap(),
        )
    }

    /// The next message that is no ping.
    async fn hear(&mut self) -> ClientMessage {
        loop {
            if let SocketMessage::Binary(bytes) = self.0.next().await.unwrap().unwrap() {
                match decode_client(Encoding::Binary, &bytes).unwrap() {
                    ClientMessage::Ping { .. } => {}
                    message => return message,
                }
            }
        }
    }

    async fn say(&mut self, message: ServerMessage) {
        self.0
            .send(SocketMessage::Binary(
                encode_server(Encoding::Binary, &message).into(),
            ))
            .await
            .unwrap();
    }

    async fn greet(&mut self, resumed: bool) -> Option<Resume> {
        let ClientMessage::Hello { token, resume, .. } = self.hear().await else {
            panic!("no hello")
        };
        assert_eq!(token, "secret");
        let hello = ServerHello {
            epoch: 7,
            seq: 10,
            time: Timestamp(0),
            tick_ms: 100,
            user: String::new(),
            role: Role::Operator,
            unit: None,
            world: World::Live,
            resumed,
            city: CityInfo::default(),
            records_views: false,
        };
        self.say(ServerMessage::Hello(Box::new(hello))).await;
        resume
    }
}

fn snapshot(seq: u64) -> ServerMessage {
    let reason = SnapshotReason::Subscribed;
    ServerMessage::Snapshot {
        seq,
        time: Timestamp(0),
        reason,
        changes: vec![],
        tiles: vec![],
    }
}

fn frame(prev_seq: u64, seq: u64) -> ServerMessage {
    ServerMessage::Frame(Frame {
        seq,
        prev_seq,
        ..Frame::default()
    })
}

fn subscribe() -> ClientMessage {
    ClientMessage::Subscribe {
        viewport: None,
        layers: vec![],
        rate_hz: 1.0,
    }
}

fn options(listener: &TcpListener) -> LinkOptions {
    let server = format!("ws://{}", listener.local_addr().unwrap());
    LinkOptions {
        door: Door::new(&server, "secret"),
        client: "test".into(),
    }
}

/// The next event that the app would act on.
async fn next(events: &mut mpsc::Receiver<LinkEvent>) -> LinkEvent {
    loop {
        let event = tokio::time::timeout(Duration::from_secs(10), events.recv())
            .await
            .unwrap()
            .unwrap();
        if !matches!(event, LinkEvent::RoundTrip(_) | LinkEvent::Connecting) {
            return event;
        }
    }
}

async fn seqs(events: &mut mpsc::Receiver<LinkEvent>, n: usize) -> Vec<u64> {
    let mut seen = Vec::new();
    while seen.len() < n {
        if let LinkEvent::Message { message, .. } = next(events).await {
            match *message {
                ServerMessage::Snapshot { seq, .. } => seen.push(seq),
                ServerMessage::Frame(f) => seen.push(f.seq),
                _ => {}
            }
        }
    }
    seen
}

#[tokio::test]
async fn a_cut_line_comes_back_where_it_stood_and_repeats_what_was_not_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (orders, mut events) = start(options(&listener));
    orders.send(subscribe()).unwrap();
    let mut peer = Peer::accept(&listener).await;
    assert_eq!(peer.greet(false).await, None);
    assert_eq!(peer.hear().await, subscribe());
    peer.say(snapshot(10)).await;
    peer.say(frame(10, 14)).await;
    assert_eq!(seqs(&mut events, 2).await, [10, 14]);
    let command = |n| ClientMessage::Command {
        id: CommandId(n, n),
        command: CommandRequest::RecallUnit { unit: UnitId(3) },
    };
    for n in [1, 2] {
        orders.send(command(n)).unwrap();
        assert_eq!(peer.hear().await, command(n));
    }
    peer.say(ServerMessage::Accepted(Accepted {
        id: CommandId(1, 1),
        seq: 15,
        case: None,
    }))
    .await;
    // Heard before the cut, or it would count as unanswered.
    while !matches!(next(&mut events).await, LinkEvent::Message { message, .. } if matches!(*message, ServerMessage::Accepted(_)))
    {
    }
    drop(peer);
    let LinkEvent::Lost { reason, .. } = next(&mut events).await else {
        panic!("not told of the cut")
    };
    assert!(!reason.is_empty());

    let mut peer = Peer::accept(&listener).await;
    assert_eq!(peer.greet(true).await, Some(Resume { epoch: 7, seq: 14 }));
    assert_eq!(
        [peer.hear().await, peer.hear().await],
        [subscribe(), command(2)]
    );
    peer.say(frame(14, 16)).await;
    assert_eq!(seqs(&mut events, 1).await, [16]);
}

#[tokio::test]
async fn a_gap_is_answered_by_asking_for_a_snapshot_and_never_shown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (orders, mut events) = start(options(&listener));
    orders.send(subscribe()).unwrap();
    let mut peer = Peer::accept(&listener).await;
    peer.greet(false).await;
    peer.hear().await;
    peer.say(snapshot(10)).await;
    peer.say(frame(12, 13)).await;
    assert_eq!(peer.hear().await, ClientMessage::Resync);
    peer.say(frame(13, 14)).await;
    peer.say(snapshot(20)).await;
    assert_eq!(seqs(&mut events, 2).await, [10, 20]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again_and_said_to_be_missing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = options(&listener);
    drop(listener);
    let (_orders, mut events) = start(options);
    for _ in 0..2 {
        let LinkEvent::Lost { reason, .. } = next(&mut events).await else {
            panic!("connected to nobody")
        };
        assert!(reason.contains("127.0.0.1"), "{reason}");
    }
}

#[tokio::test]
async fn garbage_cuts_the_line_and_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (_orders, mut events) = start(options(&listener));
    let mut peer = Peer::accept(&listener).await;
    peer.hear().await;
    peer.0
        .send(SocketMessage::Binary(vec![9, 9, 9].into()))
        .await
        .unwrap();
    let LinkEvent::Lost { reason, .. } = next(&mut events).await else {
        panic!("garbage was taken")
    };
    assert!(reason.contains("cannot read"), "{reason}");
}

#[tokio::test]
async fn a_server_that_greets_and_cuts_every_time_is_asked_less_and_less() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (_orders, _events) = start(options(&listener));
    let mut waits = Vec::new();
    let mut last = None;
    for _ in 0..3 {
        let mut peer = Peer::accept(&listener).await;
        let now = std::time::Instant::now();
        waits.extend(last.replace(now).map(|at| now - at));
        peer.greet(false).await;
        let unknown = SocketMessage::Binary(vec![1, 99].into());
        peer.0.send(unknown).await.unwrap();
    }
    // Half a second, then a whole one, each give or take a quarter.
    assert!(waits[1] > Duration::from_millis(700), "{waits:?}");
}

#[tokio::test]
async fn what_is_asked_has_its_number_where_the_server_knows_numbers() {
    for (subprotocol, numbered) in [
        (Subprotocol::BINARY_1_1, true),
        (Subprotocol::BINARY_1_0, false),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (orders, mut events) = start(options(&listener));
        let mut peer = Peer::accept_as(&listener, subprotocol).await;
        peer.greet(false).await;
        assert!(matches!(next(&mut events).await, LinkEvent::Greeted));
        let message = Box::new(ClientMessage::Worlds);
        let ask = ClientMessage::Ask {
            request: 5,
            message,
        };
        orders.send(ask.clone()).unwrap();
        let heard = peer.hear().await;
        assert_eq!(heard, if numbered { ask } else { ClientMessage::Worlds });
    }
}

/// TLS with a certificate for which nobody vouches, and its fingerprint.
fn unvouched() -> (tokio_rustls::TlsAcceptor, Fingerprint) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let fingerprint = Fingerprint::of(&certificate);
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())
        .unwrap();
    (
        tokio_rustls::TlsAcceptor::from(Arc::new(config)),
        fingerprint,
    )
}

/// What the app is told of a certificate that is not taken.
async fn refused(
    listener: &TcpListener,
    tls: &tokio_rustls::TlsAcceptor,
    events: &mut mpsc::Receiver<LinkEvent>,
) -> (String, Refusal) {
    let (line, _) = listener.accept().await.unwrap();
    assert!(tls.accept(line).await.is_err(), "it was taken");
    let LinkEvent::Lost {
        reason, untrusted, ..
    } = next(events).await
    else {
        panic!("not told")
    };
    (reason, untrusted.unwrap())
}

#[tokio::test]
async fn a_certificate_is_taken_once_a_person_has_confirmed_it_and_no_other_then() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (tls, fingerprint) = unvouched();
    let pin = Pin::default();
    let server = format!("wss://{}", listener.local_addr().unwrap());
    let options = LinkOptions {
        door: Door::new(&server, "secret").pinned(&pin),
        client: "test".into(),
    };
    let (_orders, mut events) = start(options);
    let (reason, refusal) = refused(&listener, &tls, &mut events).await;
    assert!(reason.contains(&fingerprint.to_string()), "{reason}");
    assert_eq!(refusal.shown(), fingerprint);

    pin.confirm(refusal.shown());
    let (line, _) = listener.accept().await.unwrap();
    let line = tls.accept(line).await.unwrap();
    let mut peer = Peer::agree(line, Subprotocol::BINARY_1_1).await;
    peer.greet(false).await;
    assert!(matches!(next(&mut events).await, LinkEvent::Greeted));
    drop(peer);

    let (another, shown) = unvouched();
    let changed = Refusal::Changed {
        pinned: fingerprint,
        shown,
    };
    // The cut is told first.
    while !matches!(next(&mut events).await, LinkEvent::Lost { .. }) {}
    let (reason, refusal) = refused(&listener, &another, &mut events).await;
    assert_eq!(refusal, changed);
    assert!(
        reason.contains("is not the one that was confirmed"),
        "{reason}"
    );
}
