use chengtu_trust::{Fingerprint, Refusal, Trust, refusal_in};
use rustls::ClientConfig;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio_tungstenite::Connector;

/// A server that a command sends to, and whom it takes for it.
#[derive(Clone, Debug)]
pub struct ServerAddress {
    url: String,
    /// `None`: plain text.
    tls: Option<Arc<ClientConfig>>,
}

/// How long a server may take to answer whether it is the right one.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

impl ServerAddress {
    /// `url` as it was given, `http://…` or `https://…`; `pin`: the one certificate that is taken.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(url: &str, pin: Option<Fingerprint>) -> Result<Self, rustls::Error> {
        let secure = ["https://", "wss://"].iter().any(|s| url.starts_with(s));
        let tls = secure.then(|| Trust::new(pin).config()).transpose()?;
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            tls,
        })
    }

    /// As it was given, without a stroke at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What requests are made with.
    ///
    /// # Errors
    /// As [`reqwest::ClientBuilder::build`].
    pub fn http(&self) -> Result<reqwest::Client, reqwest::Error> {
        let mut builder = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .tcp_nodelay(true)
            .no_proxy();
        if let Some(tls) = &self.tls {
            builder = builder.use_preconfigured_tls(ClientConfig::clone(tls));
        }
        builder.build()
    }

    /// What a socket is opened with.
    pub fn connector(&self) -> Connector {
        match &self.tls {
            Some(tls) => Connector::Rustls(tls.clone()),
            None => Connector::Plain,
        }
    }

    /// Asks once whether it is the right server, so that a wrong one is told before anything else; that nobody answers is no
    /// error.
    ///
    /// # Errors
    /// [`Refusal`] of its certificate.
    pub async fn meet(&self) -> Result<(), Refusal> {
        if self.tls.is_none() {
            return Ok(());
        }
        let Ok(http) = self.http() else {
            return Ok(());
        };
        let asked = http.get(format!("{}/healthz", self.url));
        match tokio::time::timeout(ANSWER_WITHIN, asked.send()).await {
            Ok(Err(error)) => refusal_in(&error as &(dyn Error + 'static)).map_or(Ok(()), Err),
            _ => Ok(()),
        }
    }
}
