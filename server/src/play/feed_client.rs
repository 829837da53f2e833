//! A feed's client: `POST /v1/feeds/{feed}/fixes|observations|cases`, NDJSON, kept alive.

use super::ServerAddress;
use crate::feeds::RowKind;
use crate::reasons::Reasons;
use chengtu_trust::{Refusal, refusal_in};
use std::time::Duration;

/// Posts the rows of one feed to a server.
#[derive(Clone, Debug)]
pub struct FeedClient {
    client: reqwest::Client,
    base: String,
    token: String,
}

/// What the server made of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Rows that the server took.
    pub accepted: u64,
    /// Of the accepted those that lie outside the city.
    pub outside: u64,
    /// Rows not taken.
    pub rejected: u64,
    /// Why not, the first of them.
    pub problems: Vec<String>,
    /// Why not, with counts.
    pub reasons: Reasons,
}

/// Why a batch did not get through.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The address cannot be one.
    #[error("{0:?} is no address of a server; write it like http://127.0.0.1:7300")]
    Address(String),
    /// The server says no, and would say it again.
    #[error("{url} answers {status}: {text}")]
    Refused {
        /// Address that was posted to.
        url: String,
        /// HTTP status of the answer.
        status: u16,
        /// The server's words.
        text: String,
    },
    /// The server's certificate is not taken.
    #[error("{url}: {refusal}")]
    Certificate {
        /// Address that was posted to.
        url: String,
        /// Why.
        refusal: Refusal,
    },
    /// Nobody answers, or the server cannot take anything now.
    #[error("{url}: {text}")]
    Unreachable {
        /// Address that was posted to.
        url: String,
        /// What went wrong.
        text: String,
    },
}

impl FeedClient {
    /// For `feed` at `server`; an empty token sends none.
    ///
    /// # Errors
    /// [`FeedError::Address`] for what is no address.
    pub fn new(server: &ServerAddress, feed: &str, token: &str) -> Result<Self, FeedError> {
        let address = || FeedError::Address(server.url().to_owned());
        let url = reqwest::Url::parse(server.url()).map_err(|_| address())?;
        if !["http", "https"].contains(&url.scheme()) || url.host_str().is_none() {
            return Err(address());
        }
        let client = server.http().map_err(|_| address())?;
        let server = server.url();
        Ok(Self {
            client,
            base: format!("{server}/v1/feeds/{feed}"),
            token: token.to_owned(),
        })
    }

    /// Sends rows, one JSON object a line.
    ///
    /// # Errors
    /// [`FeedError`]; `Refused` for what sending again would not change.
    pub async fn post(&self, kind: RowKind, rows: Vec<u8>) -> Result<Taken, FeedError> {
        let url = format!("{}/{}", self.base, kind.word());
        let unreachable = |e: reqwest::Error| {
            let url = url.clone();
            match refusal_in(&e) {
                Some(refusal) => FeedError::Certificate { url, refusal },
                None => FeedError::Unreachable {
                    url,
                    text: root_cause(&e),
                },
            }
        };
        let mut request = self
            .client
            .post(&url)
            .header("content-type", "application/x-ndjson")
            .body(rows);
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let text = response.text().await.map_err(unreachable)?;
        if status.is_success() || status.as_u16() == 422 {
            return Ok(taken(&text));
        }
        let text = text.trim().chars().take(400).collect();
        let busy = status.is_server_error() || status.as_u16() == 429;
        Err(if busy {
            FeedError::Unreachable {
                url,
                text: format!("{status}: {text}"),
            }
        } else {
            FeedError::Refused {
                url,
                status: status.as_u16(),
                text,
            }
        })
    }

    /// Sends rows and waits for an absent server, saying once that it does.
    ///
    /// # Errors
    /// [`FeedError::Refused`] and [`FeedError::Certificate`] only.
    pub async fn post_patiently(&self, kind: RowKind, rows: Vec<u8>) -> Result<Taken, FeedError> {
        let mut wait = Duration::from_millis(250);
        let mut told = false;
        loop {
            match self.post(kind, rows.clone()).await {
                Ok(taken) => {
                    if told {
                        tracing::info!("{} answers again", self.base);
                    }
                    return Ok(taken);
                }
                Err(FeedError::Unreachable { url, text }) => {
                    if !told {
                        tracing::warn!("{url}: {text}; waiting for the server");
                        told = true;
                    }
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(Duration::from_secs(5));
                }
                Err(refused) => return Err(refused),
            }
        }
    }
}

/// The innermost reason, which is the one that people can act on.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

fn taken(text: &str) -> Taken {
    let answer: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let count = |key: &str| answer.get(key).and_then(serde_json::Value::as_u64);
    let listed = answer
        .get("problems")
        .and_then(serde_json::Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let words = |p: &serde_json::Value| {
        let row = p.get("row").and_then(serde_json::Value::as_u64);
        let text = p.get("text").and_then(serde_json::Value::as_str);
        match (row, text) {
            (Some(row), Some(text)) => format!("row {row}: {text}"),
            _ => p.to_string(),
        }
    };
    let rejected = count("rejected").unwrap_or(listed.len() as u64);
    let mut reasons = Reasons::default();
    for text in listed.iter().filter_map(|p| p.get("text")?.as_str()) {
        reasons.add(text);
    }
    reasons.add_many("not listed", rejected.saturating_sub(listed.len() as u64));
    Taken {
        accepted: count("accepted").unwrap_or(0),
        outside: count("outside").unwrap_or(0),
        rejected,
        reasons,
        problems: listed.iter().take(5).map(words).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_understood() {
        let t = taken(
            "{\"accepted\":3,\"outside\":2,\"rejected\":1,\"problems\":[{\"row\":2,\"code\":1,\"text\":\"no\"}]}",
        );
        assert_eq!((t.accepted, t.outside, t.rejected), (3, 2, 1));
        assert_eq!(t.problems, ["row 2: no"]);
        let t = taken(
            "{\"accepted\":3,\"rejected\":4,\"outside\":2,\"problems\":[{\"row\":2,\"text\":\"no\"},{\"row\":3,\"text\":\"no\"}]}",
        );
        assert_eq!(
            (t.reasons.to_string().as_str(), t.outside),
            ("2 × no; 2 × not listed", 2)
        );
        assert_eq!(taken("what?"), Taken::default());
    }

    #[test]
    fn addresses_that_are_none_are_named() {
        let client = |url| FeedClient::new(&ServerAddress::new(url, None).unwrap(), "f", "");
        for bad in ["127.0.0.1:7300", "ws://x", "wss://x", "", "http://"] {
            assert!(client(bad).is_err(), "{bad}");
        }
        for good in ["http://127.0.0.1:7300/", "https://city.example"] {
            assert!(client(good).is_ok(), "{good}");
        }
    }
}
