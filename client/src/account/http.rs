use crate::door::Key;
use crate::net::socket_url;
use chengtu_trust::{Fingerprint, Refusal, Trust, refusal_in};
use serde_json::Value;
use std::time::Duration;

/// Until the server takes the connection, and until it has answered: a password is hashed in its turn.
const CONNECT_MAX: Duration = Duration::from_secs(5);
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// What is done with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Ask.
    Get,
    /// Make or change.
    Post,
    /// End.
    Delete,
}

/// Why there is no answer, or not the one that was wished for.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The server says no.
    Refused {
        /// HTTP status.
        status: u16,
        /// Why, in its words, which are English.
        text: String,
        /// The password must be changed first.
        must_change: bool,
        /// Seconds after which to come again.
        retry_after_s: Option<u64>,
    },
    /// Its certificate is not taken.
    Certificate(Refusal),
    /// Nobody answers; why, in words.
    Unreachable(String),
}

/// The address of a path of a server, whatever way the server's own is written.
fn url(server: &str, path: &str) -> Result<String, Failure> {
    let socket = socket_url(server).map_err(|e| Failure::Unreachable(e.to_string()))?;
    let (scheme, rest) = socket.split_once("://").unwrap_or(("ws", &socket));
    let host = rest.split('/').next().unwrap_or_default();
    let scheme = if scheme == "wss" { "https" } else { "http" };
    Ok(format!("{scheme}://{host}{path}"))
}

/// Asks the server and waits for its answer; blocks. An answer without a body is [`Value::Null`].
///
/// # Errors
/// [`Failure`].
pub(super) fn call(
    key: &Key,
    pin: Option<Fingerprint>,
    (method, path): (Method, &str),
    body: Option<&Value>,
) -> Result<Value, Failure> {
    let unreachable = |e: &dyn std::fmt::Display| Failure::Unreachable(e.to_string());
    let url = url(&key.server, path)?;
    let mut client = reqwest::Client::builder()
        .connect_timeout(CONNECT_MAX)
        .timeout(ANSWER_MAX);
    if url.starts_with("https://") {
        let tls = Trust::new(pin).config().map_err(|e| unreachable(&e))?;
        client = client.use_preconfigured_tls(rustls::ClientConfig::clone(&tls));
    }
    let client = client.build().map_err(|e| unreachable(&e))?;
    let mut request = match method {
        Method::Get => client.get(url),
        Method::Post => client.post(url),
        Method::Delete => client.delete(url),
    };
    if !key.token.is_empty() {
        request = request.bearer_auth(&key.token);
    }
    if let Some(body) = body {
        let json = [(reqwest::header::CONTENT_TYPE, "application/json")];
        request = request.header(json[0].0.clone(), json[0].1);
        request = request.body(body.to_string());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| unreachable(&e))?;
    let failed = |e: reqwest::Error| match refusal_in(&e) {
        Some(refusal) => Failure::Certificate(refusal),
        None => unreachable(&e),
    };
    runtime.block_on(async {
        let answer = request.send().await.map_err(failed)?;
        let status = answer.status();
        let retry = answer.headers().get(reqwest::header::RETRY_AFTER);
        let retry_after_s = retry.and_then(|v| v.to_str().ok()?.parse().ok());
        let bytes = answer.bytes().await.map_err(failed)?;
        let read: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(read);
        }
        let text = read["error"].as_str().map(str::to_owned);
        Err(Failure::Refused {
            status: status.as_u16(),
            text: text.unwrap_or_else(|| status.to_string()),
            must_change: read["must_change"] == true,
            retry_after_s,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn a_path_lies_on_the_server_however_its_address_is_written() {
        let of = |server| url(server, "/v1/me").ok();
        assert_eq!(of("ws://h:1/v1/ws").unwrap(), "http://h:1/v1/me");
        assert_eq!(of("h:1").unwrap(), "http://h:1/v1/me");
        assert_eq!(of("https://h/").unwrap(), "https://h/v1/me");
        assert_eq!(of("ftp://h"), None);
    }

    #[test]
    fn what_the_server_says_is_told_with_all_that_it_says() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = format!("ws://{}", listener.local_addr().unwrap());
        let asked = std::thread::spawn(move || {
            let (mut line, _) = listener.accept().unwrap();
            let mut head = [0; 4_096];
            let n = line.read(&mut head).unwrap();
            let body = br#"{"error": "too many", "must_change": false}"#;
            let head_of = format!(
                "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 8\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            line.write_all(head_of.as_bytes()).unwrap();
            line.write_all(body).unwrap();
            String::from_utf8_lossy(&head[..n]).to_ascii_lowercase()
        });
        let key = Key {
            server,
            token: "of-a-user".into(),
        };
        let body = serde_json::json!({"name": "li"});
        let answer = call(&key, None, (Method::Post, "/v1/login"), Some(&body));
        let refused = Failure::Refused {
            status: 429,
            text: "too many".into(),
            must_change: false,
            retry_after_s: Some(8),
        };
        assert_eq!(answer, Err(refused));
        let asked = asked.join().unwrap();
        assert!(asked.starts_with("post /v1/login "), "{asked}");
        assert!(asked.contains("authorization: bearer of-a-user"), "{asked}");
        assert!(asked.contains("content-type: application/json"), "{asked}");
    }

    #[test]
    fn a_server_that_is_not_there_is_said_to_be_so() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let key = Key {
            server: format!("ws://{}", listener.local_addr().unwrap()),
            token: String::new(),
        };
        drop(listener);
        let answer = call(&key, None, (Method::Get, "/v1/me"), None);
        assert!(matches!(answer, Err(Failure::Unreachable(_))), "{answer:?}");
    }
}
