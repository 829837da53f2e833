//! The WebSocket below the sessions, case by case as the Autobahn test suite lists them (its groups 1 to 10), against the
//! server itself: what is echoed there is here a question that is answered. Every case is sent whole, and in pieces cut
//! by a seed. The table in `docs/websocket.md` is made from it (`CHENGTU_BLESS=1`).

use anyhow::{Context, Result, bail, ensure};
use chengtu_tests::program::root;
use chengtu_tests::support::Server;
use futures_util::future::join_all;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// What a case must lead to, after all that comes before it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Expected {
    /// So many questions are answered, and the line stays.
    Answers(usize),
    /// Pings are answered with these payloads, and the line stays.
    Pongs(Vec<Vec<u8>>),
    /// The line is closed with this code, or without one, at once and cleanly.
    Closed(Option<u16>),
}

struct Case {
    group: &'static str,
    bytes: Vec<u8>,
    expected: Expected,
}

/// A frame of a client: masked.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let n = payload.len();
    let mut bytes = vec![first];
    match n {
        0..126 => bytes.push(0x80 | n as u8),
        126..65_536 => {
            bytes.push(0xfe);
            bytes.extend((n as u16).to_be_bytes());
        }
        _ => {
            bytes.push(0xff);
            bytes.extend((n as u64).to_be_bytes());
        }
    }
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    bytes.extend(mask);
    bytes.extend(payload.iter().enumerate().map(|(i, b)| b ^ mask[i & 3]));
    bytes
}

fn last(opcode: u8, payload: &[u8]) -> Vec<u8> {
    frame(0x80 | opcode, payload)
}

/// A question of so many bytes.
fn question(bytes: usize) -> Vec<u8> {
    let mut text = br#"{"ping":{"nonce":5}}"#.to_vec();
    text.resize(bytes.max(text.len()), b' ');
    text
}

fn fragments(payload: &[u8], each: usize) -> Vec<u8> {
    let parts: Vec<&[u8]> = payload.chunks(each).collect();
    let mut all = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        let fin = if i + 1 == parts.len() { 0x80 } else { 0 };
        all.extend(frame(fin | if i == 0 { TEXT } else { 0 }, part));
    }
    all
}

fn closing(code: u16, reason: &[u8]) -> Vec<u8> {
    last(CLOSE, &[&code.to_be_bytes(), reason].concat())
}

struct Cases(Vec<Case>);

impl Cases {
    fn add(&mut self, group: &'static str, bytes: Vec<u8>, expected: Expected) {
        self.0.push(Case {
            group,
            bytes,
            expected,
        });
    }

    fn framing(&mut self) {
        for n in [
            20,
            125,
            126,
            127,
            128,
            1_000,
            65_535,
            65_536,
            262_144,
            1 << 20,
        ] {
            for opcode in [TEXT, BINARY] {
                self.add(
                    "1 framing, messages of 20 bytes to 1 MiB",
                    last(opcode, &question(n)),
                    Expected::Answers(1),
                );
            }
        }
        for payload in [&b""[..], b"Hello", &[0, 255, 254], &[0xfe; 125]] {
            let pong = Expected::Pongs(vec![payload.to_vec()]);
            self.add("2 pings and pongs", last(PING, payload), pong);
        }
        let ten: Vec<Vec<u8>> = (0..10).map(|n| vec![n]).collect();
        let pings = ten.iter().flat_map(|p| last(PING, p)).collect();
        self.add("2 pings and pongs", pings, Expected::Pongs(ten));
        self.add(
            "2 pings and pongs",
            last(PING, &[0xfe; 126]),
            Expected::Closed(Some(1002)),
        );
        for pong in [&b""[..], b"unasked"] {
            let bytes = [last(PONG, pong), last(PING, b"x")].concat();
            self.add(
                "2 pings and pongs",
                bytes,
                Expected::Pongs(vec![b"x".to_vec()]),
            );
        }
        for rsv in 1..8 {
            let before = last(TEXT, &question(0));
            for opcode in [TEXT, BINARY, PING, CLOSE] {
                let bytes = [before.clone(), frame(0x80 | rsv << 4 | opcode, b"*")].concat();
                self.add("3 reserved bits", bytes, Expected::Closed(Some(1002)));
            }
        }
        for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
            for payload in [&b""[..], b"reserved"] {
                let bytes = [last(TEXT, &question(0)), last(opcode, payload)].concat();
                self.add("4 reserved opcodes", bytes, Expected::Closed(Some(1002)));
            }
        }
        let mut bare = last(TEXT, &question(0));
        bare[1] &= 0x7f;
        self.add("4 reserved opcodes", bare, Expected::Closed(Some(1002)));
    }

    fn fragmentation(&mut self) {
        const GROUP: &str = "5 fragments";
        let q = question(64);
        for control in [PING, PONG] {
            let bytes = [frame(control, b"a"), frame(0x80, b"b")].concat();
            self.add(GROUP, bytes, Expected::Closed(Some(1002)));
        }
        for each in [1, 7, 32, 63] {
            self.add(GROUP, fragments(&q, each), Expected::Answers(1));
        }
        let between = [
            frame(TEXT, &q[..9]),
            last(PING, b"between"),
            frame(0, &q[9..20]),
            last(PING, b"again"),
            frame(0x80, &q[20..]),
        ]
        .concat();
        self.add(GROUP, between.clone(), Expected::Answers(1));
        let pongs = vec![b"between".to_vec(), b"again".to_vec()];
        self.add(GROUP, between, Expected::Pongs(pongs));
        for lost in [frame(0, &q), frame(0x80, &q)] {
            let bytes = [lost.clone(), last(TEXT, &q)].concat();
            self.add(GROUP, bytes, Expected::Closed(Some(1002)));
            let after = [fragments(&q, 32), lost, last(TEXT, &q)].concat();
            self.add(GROUP, after, Expected::Closed(Some(1002)));
        }
        let inside = [frame(TEXT, &q[..9]), last(TEXT, &q)].concat();
        self.add(GROUP, inside, Expected::Closed(Some(1002)));
        let empty = [
            frame(TEXT, b""),
            frame(0, b""),
            frame(0, &q),
            frame(0x80, b""),
        ]
        .concat();
        self.add(GROUP, empty, Expected::Answers(1));
    }

    fn letters(&mut self) {
        const GROUP: &str = "6 UTF-8";
        let bad: [&[u8]; 26] = [
            b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
            b"\x80",
            b"\xbf",
            b"\x80\xbf\x80",
            b"\xc0 \xc1 ",
            b"\xe0 \xef ",
            b"\xf0 \xf7 ",
            b"\xf8 \xfb ",
            b"\xfc \xfd ",
            b"\xc0",
            b"\xe0\x80",
            b"\xf0\x80\x80",
            b"\xdf",
            b"\xef\xbf",
            b"\xf7\xbf\xbf",
            b"\xfe",
            b"\xff",
            b"\xc0\xaf",
            b"\xe0\x80\xaf",
            b"\xf0\x80\x80\xaf",
            b"\xc1\xbf",
            b"\xe0\x9f\xbf",
            b"\xf0\x8f\xbf\xbf",
            b"\xed\xa0\x80",
            b"\xed\xbf\xbf",
            b"\xf4\x90\x80\x80",
        ];
        for letters in bad {
            let text = [br#"{"ping":{"nonce":5,"x":""#, letters, br#""}}"#].concat();
            self.add(GROUP, last(TEXT, &text), Expected::Closed(Some(1007)));
            self.add(GROUP, fragments(&text, 1), Expected::Closed(Some(1007)));
        }
        for good in [
            "Hello-µ@ßöäüàá-UTF-8!!",
            "κόσμε",
            "\u{80}",
            "\u{800}",
            "\u{10000}",
            "\u{7f}",
            "\u{7ff}",
            "\u{ffff}",
            "\u{10ffff}",
            "\u{d7ff}",
            "\u{e000}",
            "\u{fffd}",
            "\u{fffe}",
            "\u{1fffe}",
            "\u{10fffe}",
            "值班员",
        ] {
            let text = format!(
                r#"{{"route":{{"request":1,"unit":9999,"lon":118.79,"lat":32.05,"x":"{good}"}}}}{}"#,
                ""
            );
            let text = [text.as_bytes(), b" "].concat();
            let asked = [
                last(TEXT, &question(0)),
                fragments(&text, 1),
                last(TEXT, &question(0)),
            ]
            .concat();
            self.add(GROUP, asked, Expected::Answers(2));
        }
    }

    fn closings(&mut self) {
        const GROUP: &str = "7 closing";
        let bye = closing(1000, b"");
        let q = last(TEXT, &question(0));
        for after in [
            vec![],
            bye.clone(),
            last(PING, b"late"),
            q.clone(),
            [frame(TEXT, b"{"), frame(0x80, b"}")].concat(),
            [last(TEXT, &question(262_144)), last(PING, b"late")].concat(),
        ] {
            let bytes = [q.clone(), bye.clone(), after].concat();
            self.add(GROUP, bytes, Expected::Closed(Some(1000)));
        }
        let half = [frame(TEXT, b"{"), bye].concat();
        self.add(GROUP, half, Expected::Closed(Some(1000)));
        self.add(GROUP, last(CLOSE, b""), Expected::Closed(None));
        self.add(GROUP, last(CLOSE, b"x"), Expected::Closed(Some(1002)));
        self.add(
            GROUP,
            closing(1000, b"goodbye"),
            Expected::Closed(Some(1000)),
        );
        self.add(
            GROUP,
            closing(1000, &[b'*'; 123]),
            Expected::Closed(Some(1000)),
        );
        self.add(
            GROUP,
            closing(1000, &[b'*'; 124]),
            Expected::Closed(Some(1002)),
        );
        let reason = closing(1000, b"\xce\xba\xe1\xbd\xb9\xed\xa0\x80");
        self.add(GROUP, reason, Expected::Closed(Some(1007)));
        for code in [
            1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999,
        ] {
            self.add(GROUP, closing(code, b""), Expected::Closed(Some(code)));
        }
        for code in [
            0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65_535,
        ] {
            self.add(GROUP, closing(code, b""), Expected::Closed(Some(1002)));
        }
    }

    fn sizes(&mut self) {
        for n in [65_536, 262_144, 1 << 20] {
            for each in [64, 4_096, 65_536] {
                self.add(
                    "9 large messages, in fragments",
                    fragments(&question(n), each),
                    Expected::Answers(1),
                );
            }
        }
        self.add(
            "9 large messages, in fragments",
            last(TEXT, &question((2 << 20) + 1)),
            Expected::Closed(Some(1009)),
        );
        self.add(
            "9 large messages, in fragments",
            fragments(&question((2 << 20) + 1), 65_536),
            Expected::Closed(Some(1009)),
        );
        let all = last(TEXT, &question(0)).repeat(1_000);
        self.add(
            "9 large messages, in fragments",
            all,
            Expected::Answers(1_000),
        );
        self.add(
            "10 fragments of odd sizes",
            fragments(&question(65_536), 1_300),
            Expected::Answers(1),
        );
    }
}

fn all_cases() -> Vec<Case> {
    let mut cases = Cases(Vec::new());
    cases.framing();
    cases.fragmentation();
    cases.letters();
    cases.closings();
    cases.sizes();
    cases.0
}

/// A connection that has said hello, frame by frame.
struct Line {
    tcp: TcpStream,
    unread: Vec<u8>,
}

impl Line {
    async fn open(address: SocketAddr) -> Result<Self> {
        let mut tcp = TcpStream::connect(address).await?;
        let head = format!(
            "GET /v1/ws HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: chengtu.v1.json\r\n\r\n"
        );
        tcp.write_all(head.as_bytes()).await?;
        let mut line = Self {
            tcp,
            unread: Vec::new(),
        };
        let end = loop {
            if let Some(at) = line.unread.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            ensure!(line.more().await?, "closed before it was a WebSocket");
        };
        let head: Vec<u8> = line.unread.drain(..end).collect();
        let head = String::from_utf8(head)?.to_lowercase();
        ensure!(head.starts_with("http/1.1 101"), "{head}");
        ensure!(
            !head.contains("extensions"),
            "nothing is packed that is not agreed"
        );
        let hello = br#"{"hello":{"token":"","client":"cases"}}"#;
        line.tcp.write_all(&last(TEXT, hello)).await?;
        let (_, greeting) = line.next().await?.context("a greeting")?;
        ensure!(greeting.starts_with(br#"{"hello""#), "{greeting:?}");
        Ok(line)
    }

    /// Reads more; false at the end.
    async fn more(&mut self) -> Result<bool> {
        let mut part = [0; 4_096];
        let n = timeout(Duration::from_secs(8), self.tcp.read(&mut part)).await;
        let n = n.context("nothing comes")??;
        self.unread.extend_from_slice(&part[..n]);
        Ok(n > 0)
    }

    /// The next frame; `None` at the end.
    async fn next(&mut self) -> Result<Option<(u8, Vec<u8>)>> {
        loop {
            if let [first, second, rest @ ..] = &self.unread[..] {
                ensure!(
                    second & 0x80 == 0 && first & 0xf0 == 0x80,
                    "a server's frame, whole and unmasked"
                );
                let (n, head) = match (second, rest) {
                    (126, [a, b, ..]) => (usize::from(u16::from_be_bytes([*a, *b])), 4),
                    (127, [_, _, _, _, a, b, c, d, ..]) => {
                        (u32::from_be_bytes([*a, *b, *c, *d]) as usize, 10)
                    }
                    (126 | 127, _) => (usize::MAX / 2, 0),
                    (n, _) => (usize::from(*n), 2),
                };
                if self.unread.len() >= head + n {
                    let opcode = first & 15;
                    let payload = self.unread[head..head + n].to_vec();
                    self.unread.drain(..head + n);
                    return Ok(Some((opcode, payload)));
                }
            }
            if !self.more().await? {
                return Ok(None);
            }
        }
    }
}

/// Sends a case, in pieces where there is a seed, and checks what comes of it.
async fn check(address: SocketAddr, case: &Case, seed: Option<u64>) -> Result<()> {
    let mut line = Line::open(address).await?;
    if let Some(seed) = seed {
        let mut state = seed;
        let mut left = &case.bytes[..];
        let mut pieces = 0;
        while !left.is_empty() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let most = if pieces < 20 { 40 } else { 200_000 };
            let n = (1 + (state >> 33) as usize % most).min(left.len());
            // What was closed meanwhile cannot be written to.
            if line.tcp.write_all(&left[..n]).await.is_err() {
                break;
            }
            tokio::task::yield_now().await;
            left = &left[n..];
            pieces += 1;
        }
    } else {
        let _ = line.tcp.write_all(&case.bytes).await;
    }
    let (mut answers, mut pongs) = (0, Vec::new());
    loop {
        if case.expected == Expected::Answers(answers) {
            return Ok(());
        }
        if matches!(&case.expected, Expected::Pongs(all) if *all == pongs) {
            return Ok(());
        }
        match line.next().await? {
            Some((TEXT, text)) => answers += usize::from(text.starts_with(br#"{"pong""#)),
            Some((PONG, payload)) => pongs.push(payload),
            Some((PING, _)) => {}
            Some((CLOSE, payload)) => {
                let code = payload.first_chunk().map(|c| u16::from_be_bytes(*c));
                ensure!(
                    case.expected == Expected::Closed(code),
                    "closed with {code:?}: {}",
                    String::from_utf8_lossy(&payload)
                );
                break;
            }
            Some(other) => bail!("{other:?}"),
            None => bail!("the line ended without a goodbye"),
        }
    }
    // As a client does that was told goodbye: answer it and wait for the end.
    let began = Instant::now();
    let _ = line
        .tcp
        .write_all(&last(CLOSE, &1000_u16.to_be_bytes()))
        .await;
    ensure!(line.next().await?.is_none(), "something after the goodbye");
    ensure!(
        began.elapsed() < Duration::from_secs(3),
        "the end took {:?}",
        began.elapsed()
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn autobahns_cases_against_the_server_itself() -> Result<()> {
    let server = Server::start("").await?;
    let cases = all_cases();
    let mut counts: BTreeMap<(usize, &str), (usize, usize)> = BTreeMap::new();
    let mut failed = Vec::new();
    for (at, several) in cases.chunks(8).enumerate() {
        for seed in [None, Some(1), Some(2)] {
            let checks = several.iter().enumerate().map(|(i, c)| {
                let seed = seed.map(|s: u64| s * 1_000 + (at * 8 + i) as u64);
                check(server.address, c, seed)
            });
            for (case, result) in several.iter().zip(join_all(checks).await) {
                let number = case.group.split(' ').next().and_then(|n| n.parse().ok());
                let count = counts.entry((number.unwrap_or(0), case.group)).or_default();
                count.0 += 1;
                match result {
                    Ok(()) => count.1 += 1,
                    Err(e) => failed.push(format!(
                        "{} {:?} ({seed:?}): {e:#}",
                        case.group, case.expected
                    )),
                }
            }
        }
    }
    ensure!(
        failed.is_empty(),
        "{} failed:\n{}",
        failed.len(),
        failed.join("\n")
    );
    let mut table = String::from("| group | sent | as expected |\n|---|---|---|\n");
    for ((_, group), (sent, good)) in &counts {
        writeln!(table, "| {group} | {sent} | {good} |")?;
    }
    let path = root().join("docs/websocket.md");
    let page = std::fs::read_to_string(&path)?;
    let (begin, rest) = page
        .split_once("<!-- made from the test: begin -->\n")
        .context("where the table begins")?;
    let (old, end) = rest
        .split_once("<!-- made from the test: end -->")
        .context("where it ends")?;
    if std::env::var_os("CHENGTU_BLESS").is_some() {
        let page = format!(
            "{begin}<!-- made from the test: begin -->\n{table}<!-- made from the test: end -->{end}"
        );
        std::fs::write(&path, page)?;
    } else {
        ensure!(
            old == table,
            "docs/websocket.md tells another table; CHENGTU_BLESS=1 writes it:\n{table}"
        );
    }
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_close_takes_no_time_and_frees_its_place() -> Result<()> {
    let server = Server::start("[limits]\nsessions_max = 3\n").await?;
    let mut lines = Vec::new();
    for _ in 0..3 {
        lines.push(Line::open(server.address).await?);
    }
    let began = Instant::now();
    for line in &mut lines {
        line.tcp.write_all(&closing(1000, b"bye")).await?;
    }
    for line in &mut lines {
        loop {
            match line.next().await? {
                Some((CLOSE, payload)) => {
                    break ensure!(payload.starts_with(&1000_u16.to_be_bytes()));
                }
                Some(_) => {}
                None => bail!("1006: no goodbye"),
            }
        }
        ensure!(line.next().await?.is_none());
    }
    ensure!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    // Their places are free at once.
    tokio::time::sleep(Duration::from_millis(100)).await;
    Line::open(server.address).await?;
    server.stop().await
}
