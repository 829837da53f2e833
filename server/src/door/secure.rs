//! The beginning of a TLS connection: who speaks plain text is told so in plain text, and nobody keeps the server waiting.

use super::line::Line;
use crate::tls::Tls;
use std::fmt::Write;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

/// First byte of a TLS handshake.
const HANDSHAKE: u8 = 22;
/// How much of a plain request is read, to find out what it asks for, bytes.
const PLAIN_BYTES_MAX: usize = 4_096;
/// How long that is waited for.
const PLAIN_WITHIN: Duration = Duration::from_secs(1);

/// Takes a connection in over TLS, within `within`; `None` where it came to nothing. Before the first byte has come it costs
/// no more than a line of plain text.
pub(super) async fn handshake(line: Line, tls: &Tls, within: Duration) -> Option<TlsStream<Line>> {
    let begun = async {
        let first = line.first_byte().await.ok()??;
        if first != HANDSHAKE {
            if first.is_ascii_uppercase() {
                tell_plain(line).await;
            }
            return Some(Err("plain"));
        }
        let accepted = tls.acceptor().accept(line).await;
        Some(accepted.map_err(|error| {
            tracing::debug!(%error, "no TLS connection");
            "failed"
        }))
    };
    let (result, stream) = match timeout(within, begun).await {
        Ok(Some(Ok(stream))) => ("done", Some(stream)),
        Ok(Some(Err(why))) => (why, None),
        Ok(None) => ("gone", None),
        Err(_) => ("late", None),
    };
    metrics::counter!("chengtu_tls_handshakes_total", "result" => result).increment(1);
    stream
}

/// Answers a request of plain HTTP in words.
async fn tell_plain(mut line: Line) {
    let mut head = Vec::new();
    let reading = async {
        let mut part = [0; 1_024];
        while head.len() < PLAIN_BYTES_MAX && !head.windows(4).any(|w| w == b"\r\n\r\n") {
            match line.read(&mut part).await {
                Ok(n) if n > 0 => head.extend_from_slice(&part[..n]),
                _ => break,
            }
        }
    };
    let _ = timeout(PLAIN_WITHIN, reading).await;
    let _ = line.write_all(plain_answer(&head).as_bytes()).await;
    let _ = line.shutdown().await;
}

/// What a plain request is told; `head`: its beginning.
fn plain_answer(head: &[u8]) -> String {
    let host = host_in(head).map_or_else(|| "…".to_owned(), str::to_owned);
    let text = format!("this server speaks TLS: https://{host}/, wss://{host}/v1/ws\n");
    let mut answer = "HTTP/1.1 400 Bad Request\r\n".to_owned();
    let _ = write!(
        answer,
        "Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
    answer
}

/// The name in a request's `Host`, where it is one.
fn host_in(head: &[u8]) -> Option<&str> {
    let text = head.split(|b| *b == b'\n').find_map(|line| {
        let (name, value) = line.split_at_checked(5)?;
        name.eq_ignore_ascii_case(b"host:").then_some(value)
    })?;
    let host = std::str::from_utf8(text).ok()?.trim();
    let of_a_name = |c: char| c.is_ascii_alphanumeric() || "-.:[]_".contains(c);
    let is_name = !host.is_empty() && host.len() <= 255 && host.chars().all(of_a_name);
    is_name.then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_request_is_told_where_to_ask_and_nothing_of_it_is_sent_back_but_a_name() {
        for (head, said) in [
            (
                "GET / HTTP/1.1\r\nHost: city.example:7300\r\n\r\n",
                "https://city.example:7300/,",
            ),
            (
                "GET / HTTP/1.1\r\nhost: [::1]:7300\r\n\r\n",
                "wss://[::1]:7300/v1/ws",
            ),
            ("GET / HTTP/1.1\r\nHost: <script>\r\n\r\n", "https://…/"),
            ("GET /?token=abc", "https://…/"),
            ("", "https://…/"),
        ] {
            let answer = plain_answer(head.as_bytes());
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(
                head.starts_with("HTTP/1.1 400 ") && body.contains(said),
                "{answer}"
            );
            assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())));
            assert!(!answer.contains("script") && !answer.contains("abc"));
        }
    }
}
