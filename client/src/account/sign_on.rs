//! Logging in at another service: a browser is sent there, and comes back to a port of this machine with a grant that this
//! program, and nobody else, can redeem.

use super::http::{Failure, Method, call};
use crate::door::Key;
use chengtu_trust::Fingerprint;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// How long somebody may take at the other service.
const AWAY_MAX: Duration = Duration::from_mins(10);
/// How long a browser may take to say what it wants, and the most that it may say, bytes.
const SAYS_MAX: Duration = Duration::from_secs(2);
const SAYS_BYTES_MAX: usize = 8_192;
/// Between two looks at the port.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A log-in elsewhere that has begun.
pub(super) struct SignOn {
    listener: TcpListener,
    verifier: String,
}

impl SignOn {
    /// Opens a port of this machine.
    ///
    /// # Errors
    /// What the system says, in words.
    pub(super) fn begin() -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
        listener.set_nonblocking(true).map_err(|e| e.to_string())?;
        let mut secret = [0; 32];
        let filled = SystemRandom::new().fill(&mut secret);
        filled.map_err(|_| "the system gives no random numbers".to_owned())?;
        let verifier = for_addresses(&secret);
        Ok(Self { listener, verifier })
    }

    /// The page to which the browser is sent; `path`: where the server begins such a log-in.
    ///
    /// # Errors
    /// What the system says, in words.
    pub(super) fn page(&self, path: &str) -> Result<String, String> {
        let port = self
            .listener
            .local_addr()
            .map_err(|e| e.to_string())?
            .port();
        let challenge = for_addresses(digest(&SHA256, self.verifier.as_bytes()).as_ref());
        Ok(format!("{path}?port={port}&challenge={challenge}"))
    }

    /// Waits for the browser to come back and redeems what it brings; blocks. `wanted`: whether anybody still waits.
    ///
    /// # Errors
    /// [`Failure`]; also where nobody comes back.
    pub(super) fn finish(
        &self,
        (key, pin): (&Key, Option<Fingerprint>),
        client: &str,
        wanted: impl Fn() -> bool,
    ) -> Result<Value, Failure> {
        let until = Instant::now() + AWAY_MAX;
        while Instant::now() < until && wanted() {
            let Ok((line, _)) = self.listener.accept() else {
                std::thread::sleep(LOOK_EVERY);
                continue;
            };
            if let Some(grant) = grant_of(line) {
                let body = json!({"grant": grant, "verifier": self.verifier, "client": client});
                let of = (Method::Post, "/v1/login/sso/redeem");
                return call(key, pin, of, Some(&body));
            }
        }
        Err(Failure::Unreachable("nobody came back from there".into()))
    }
}

/// The grant that a browser brings, which is told that it can be closed; `None` for whatever else asks at the port.
fn grant_of(mut line: TcpStream) -> Option<String> {
    line.set_nonblocking(false).ok()?;
    line.set_read_timeout(Some(SAYS_MAX)).ok()?;
    line.set_write_timeout(Some(SAYS_MAX)).ok()?;
    let mut head = Vec::new();
    let mut piece = [0; 1_024];
    while !head.windows(4).any(|w| w == b"\r\n\r\n") && head.len() < SAYS_BYTES_MAX {
        match line.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(n) => head.extend_from_slice(&piece[..n]),
        }
    }
    let text = String::from_utf8_lossy(&head);
    let path = text.strip_prefix("GET /?")?.split(' ').next()?;
    let grant = path.split('&').find_map(|p| p.strip_prefix("grant="))?;
    let sound = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    let grant = Some(grant.to_owned()).filter(|g| !g.is_empty() && g.chars().all(sound));
    let page = "<!doctype html><meta charset=utf-8><title>城图 Chengtu</title>\
                <p>可以关闭此页，回到城图。<p>You may close this page and go back to Chengtu.";
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    // Whoever does not read it has come back all the same.
    let _ = line.write_all(answer.as_bytes());
    grant
}

/// Base64 for addresses, without padding.
fn for_addresses(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let at = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
        let all = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..=three.len() {
            let six = (all >> (18 - 6 * i)) & 63;
            out.push(char::from(ALPHABET[six as usize]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_and_its_challenge_are_as_the_standard_has_them() {
        // RFC 7636, appendix B.
        let octets = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212,
            37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let verifier = for_addresses(&octets);
        assert_eq!(verifier, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        let challenge = for_addresses(digest(&SHA256, verifier.as_bytes()).as_ref());
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert_eq!(
            (for_addresses(b"f"), for_addresses(b"fo")),
            ("Zg".into(), "Zm8".into())
        );
    }

    #[test]
    fn what_a_browser_brings_back_is_redeemed_and_whatever_else_asks_there_is_not() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let key = Key {
            server: format!("ws://{}", server.local_addr().unwrap()),
            token: String::new(),
        };
        let sign_on = SignOn::begin().unwrap();
        let page = sign_on.page("/v1/login/sso").unwrap();
        let port = page.split(['=', '&']).nth(1).unwrap().to_owned();
        let browser = std::thread::spawn(move || {
            let visit = |path: &str| {
                let mut line = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
                let head = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
                line.write_all(head.as_bytes()).unwrap();
                let mut answer = String::new();
                let _ = line.read_to_string(&mut answer);
                answer
            };
            assert_eq!(visit("/favicon.ico"), "");
            assert!(visit("/?grant=g-1").contains("You may close this page"));
        });
        let redeems = std::thread::spawn(move || {
            let (mut line, _) = server.accept().unwrap();
            let mut said = [0; 4_096];
            let n = line.read(&mut said).unwrap();
            let body = br#"{"token": "t-1"}"#;
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            line.write_all(head.as_bytes()).unwrap();
            line.write_all(body).unwrap();
            String::from_utf8_lossy(&said[..n]).into_owned()
        });
        let answer = sign_on.finish((&key, None), "test", || true).unwrap();
        assert_eq!(answer["token"], "t-1");
        browser.join().unwrap();
        let said = redeems.join().unwrap();
        assert!(said.starts_with("POST /v1/login/sso/redeem "), "{said}");
        assert!(said.contains(r#""grant":"g-1""#) && said.contains(&sign_on.verifier));
    }
}
