//! Whoever can reach the port and knows no token.

use super::{Chosen, again};
use crate::Campaign;
use crate::client::open;
use anyhow::Result;
use futures_util::StreamExt;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// Connections that send half a head: as many as were too many once.
const HALF_HEADS: usize = 1_100;
/// Sockets that say no hello.
const SOCKETS: usize = 1_000;
/// Questions for the digest at once, and rounds of them.
const DIGESTS: usize = 50;
const DIGEST_ROUNDS: usize = 40;

pub fn begin(campaign: &Chosen<'_>) -> Vec<JoinHandle<()>> {
    let half = Duration::from_millis(500);
    vec![
        again(campaign, "half heads", half, half_heads),
        again(campaign, "sockets without hello", half, without_hello),
        again(campaign, "questions for the digest", half, digests),
        again(campaign, "foreign pages and names", half, foreign),
    ]
}

/// Connections that send half a head, or half a body, and then nothing.
async fn half_heads(campaign: Campaign, _: u64) -> Result<()> {
    let head = "GET /healthz HTTP/1.1\r\nHost: x";
    let body = "POST /v1/feeds/rogue/fixes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer rogue\r\nContent-Length: 100\r\n\r\n{";
    let mut open = Vec::new();
    for n in 0..HALF_HEADS {
        let mut line = TcpStream::connect(&campaign.address).await?;
        let half = if n % 10 == 0 { body } else { head };
        let sent = line.write_all(half.as_bytes()).await;
        let result = if sent.is_ok() { "sent" } else { "closed" };
        campaign.deeds.note("half heads", result);
        open.push(line);
    }
    tokio::time::sleep(Duration::from_secs(8)).await;
    Ok(())
}

/// Sockets that never say who they are.
async fn without_hello(campaign: Campaign, _: u64) -> Result<()> {
    let mut sockets = Vec::new();
    for _ in 0..SOCKETS {
        let result = match open(&campaign.address).await {
            Ok(socket) => {
                sockets.push(socket);
                "opened"
            }
            Err(_) => "closed",
        };
        campaign.deeds.note("sockets without hello", result);
    }
    tokio::time::sleep(Duration::from_secs(8)).await;
    Ok(())
}

/// The digest of the whole state, asked 2,000 times: by nobody, and by somebody who has no right to it.
async fn digests(campaign: Campaign, _: u64) -> Result<()> {
    let http = reqwest::Client::new();
    let url = format!("http://{}/healthz?digest=1", campaign.address);
    let ask = |n: usize| {
        let token = if n.is_multiple_of(2) { "" } else { "wall" };
        let asked = http.get(&url).timeout(Duration::from_secs(30));
        let asked = asked.header("Authorization", format!("Bearer {token}"));
        let campaign = &campaign;
        async move {
            let status = asked.send().await.map_or(0, |a| a.status().as_u16());
            let deed = "questions for the digest";
            match status {
                0 => campaign.deeds.note(deed, "closed"),
                200 => campaign.breach("a digest was told to somebody without the right to it"),
                status => campaign.deeds.note(deed, status.to_string()),
            }
        }
    };
    for _ in 0..DIGEST_ROUNDS {
        futures_util::future::join_all((0..DIGESTS).map(ask)).await;
    }
    Ok(())
}

/// A web page from elsewhere that opens a socket or posts, and a name that was made to lead here. The tokens are right:
/// a browser that knows them must still be of no use to a page.
async fn foreign(campaign: Campaign, _: u64) -> Result<()> {
    let own = format!("Host: {}\r\n", campaign.address);
    let evil = "Origin: https://evil.example\r\n";
    let socket = "GET /v1/ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    let row = r#"{"key":"csrf","class":"E0101","lon":118.79,"lat":32.05}"#;
    let post = format!(
        "POST /v1/feeds/rogue/cases HTTP/1.1\r\nAuthorization: Bearer rogue\r\nContent-Length: {}\r\n",
        row.len()
    );
    let rebound = "Host: rebound.evil.example\r\n";
    for (what, request, expected) in [
        ("socket of a page", format!("{socket}{own}{evil}\r\n"), 403),
        ("socket by a name", format!("{socket}{rebound}\r\n"), 421),
        (
            "post of a page",
            format!("{post}{own}{evil}Content-Type: application/x-ndjson\r\n\r\n{row}"),
            403,
        ),
        (
            "post of text/plain",
            format!("{post}{own}Content-Type: text/plain\r\n\r\n{row}"),
            415,
        ),
        (
            "post by a name",
            format!("{post}{rebound}Content-Type: application/x-ndjson\r\n\r\n{row}"),
            421,
        ),
    ] {
        let status = ask(&campaign.address, &request).await.unwrap_or(0);
        let deed = "foreign pages and names";
        if matches!(status, 101 | 200) {
            campaign.breach(&format!("{what} was answered {status}, not {expected}"));
        }
        campaign.deeds.note(deed, format!("{what} {status}"));
    }
    Ok(())
}

/// Says something in bytes, and gives the status of the answer.
async fn ask(address: &str, request: &str) -> Result<u16> {
    let mut line = TcpStream::connect(address).await?;
    line.write_all(request.as_bytes()).await?;
    let mut head = [0; 12];
    let read = line.read_exact(&mut head);
    tokio::time::timeout(Duration::from_secs(20), read).await??;
    let status = std::str::from_utf8(&head[9..])?;
    Ok(status.parse()?)
}

/// Reads what is heard on a socket for a while, and gives how many messages there were.
pub async fn drain<S: futures_util::Stream + Unpin>(stream: &mut S, time: Duration) -> u64 {
    let mut heard = 0;
    let all = async {
        while stream.next().await.is_some() {
            heard += 1;
        }
    };
    let _ = tokio::time::timeout(time, all).await;
    heard
}
