//! How the provider is asked over HTTP.

use super::SetUpError;
use chengtu_trust::Trust;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use rustls::ClientConfig;
use std::error::Error;
use std::fmt::Write;
use std::pin::Pin;
use std::time::Duration;

/// How long the provider may take over one answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest answer of the provider that is read, bytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Why the provider has not answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Answer(#[from] http::Error),
    #[error("its answer has more than {ANSWER_BYTES_MAX} bytes")]
    TooLarge,
}

/// An error with all that is behind it, on a line. Nothing in it is a token: bodies of answers are not shown.
pub(super) fn whole(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(e) = cause {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {e}");
        cause = e.source();
    }
    text
}

/// Asks, trusting whom this machine trusts.
#[derive(Clone, Debug)]
pub(super) struct Asker(reqwest::Client);

impl Asker {
    /// # Errors
    /// [`SetUpError::Client`].
    pub fn new() -> Result<Self, SetUpError> {
        let tls = Trust::new(None).config();
        let tls = tls.map_err(|e| SetUpError::Client(e.to_string()))?;
        let client = reqwest::Client::builder()
            .use_preconfigured_tls(ClientConfig::clone(&tls))
            .timeout(ANSWER_TIMEOUT)
            // Whoever the provider sends us on to is not the provider.
            .redirect(reqwest::redirect::Policy::none())
            .build();
        client.map(Self).map_err(|e| SetUpError::Client(whole(&e)))
    }

    async fn ask(self, request: HttpRequest) -> Result<HttpResponse, AskError> {
        let request = reqwest::Request::try_from(request)?;
        let mut answer = self.0.execute(request).await?;
        let mut built = http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            built = built.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await? {
            if body.len() + part.len() > ANSWER_BYTES_MAX {
                return Err(AskError::TooLarge);
            }
            body.extend_from_slice(&part);
        }
        Ok(built.body(body)?)
    }
}

impl AsyncHttpClient<'_> for Asker {
    type Error = AskError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, AskError>> + Send>>;

    fn call(&self, request: HttpRequest) -> Self::Future {
        Box::pin(self.clone().ask(request))
    }
}
