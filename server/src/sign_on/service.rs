use super::held::Held;
use super::provider::Sent;
use super::{Provider, SetUpError, SignOnError};
use crate::accounts::{Accounts, LogInError, LoggedIn};
use crate::clock::SharedClock;
use crate::config::OidcConfig;
use openidconnect::{CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// How long somebody may take to log in at the provider.
pub const BEGUN_KEPT: Duration = Duration::from_mins(10);
/// How long a map may take to redeem a grant.
pub const GRANT_KEPT: Duration = Duration::from_mins(1);
/// How often a provider that has not answered since the start is asked.
const ASKED_EVERY: Duration = Duration::from_secs(30);
/// Characters of a challenge: 32 bytes in Base64 for addresses.
const CHALLENGE_CHARS: usize = 43;
/// Characters of a verifier (RFC 7636, 4.1).
const VERIFIER_RANGE: std::ops::RangeInclusive<usize> = 43..=128;

/// Sign-on of a server: what is begun, and what may be redeemed. Nothing of it outlives the server.
#[derive(Debug)]
pub struct SignOn {
    provider: Provider,
    accounts: Arc<Accounts>,
    begun: Held<Asked>,
    grants: Held<Grant>,
}

/// A log-in that somebody has begun.
#[derive(Debug)]
struct Asked {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    /// What the map holds the verifier of, and the port that it listens on.
    challenge: String,
    port: u16,
    /// The browser that began it.
    browser: String,
}

/// An account that was vouched for, until the map redeems it.
#[derive(Debug)]
struct Grant {
    account: String,
    challenge: String,
}

/// Where a browser is sent, and what it is told to keep.
#[derive(Debug)]
pub struct Begun {
    /// The provider's address.
    pub url: String,
    /// What the browser shows again with the provider's answer.
    pub browser: String,
}

/// What a browser brings back from the provider.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Which log-in it answers.
    pub state: String,
    /// What the provider says whose log-in it was for; `None` where it says no.
    pub code: Option<String>,
    /// Who says to answer, where that is said (RFC 9207).
    pub issuer: Option<String>,
    /// What the browser was told to keep.
    pub browser: String,
}

/// True for what only those could have made who know the secret.
fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

fn is_base64url(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    text.bytes().all(fits)
}

impl SignOn {
    /// With a provider of a configuration that was checked.
    ///
    /// # Errors
    /// [`SetUpError`].
    pub fn new(
        config: &OidcConfig,
        accounts: Arc<Accounts>,
        clock: SharedClock,
    ) -> Result<Self, SetUpError> {
        Ok(Self {
            provider: Provider::new(config, clock.clone())?,
            accounts,
            begun: Held::new(clock.clone(), BEGUN_KEPT),
            grants: Held::new(clock, GRANT_KEPT),
        })
    }

    /// What stands on the button.
    pub fn name(&self) -> &str {
        &self.provider.config().name
    }

    /// True where browsers reach this server over TLS.
    pub fn is_secure(&self) -> bool {
        self.provider.config().address.starts_with("https://")
    }

    /// Asks the provider until it has answered once, so that the log says at the start whether it does.
    pub async fn meet(&self) {
        while self.provider.metadata().await.is_err() {
            tokio::time::sleep(ASKED_EVERY).await;
        }
        tracing::info!(issuer = %self.provider.config().issuer, "sign-on is ready");
    }

    /// Begins a log-in of a map that listens on `port`; `challenge`: SHA-256 of what it will show, in Base64 for addresses;
    /// `browser`: what the browser was told to keep before, if anything.
    ///
    /// # Errors
    /// [`SignOnError::Asked`], [`SignOnError::Unreachable`].
    pub async fn begin(
        &self,
        port: u16,
        challenge: &str,
        browser: Option<&str>,
        from: Option<IpAddr>,
    ) -> Result<Begun, SignOnError> {
        if port == 0 || challenge.len() != CHALLENGE_CHARS || !is_base64url(challenge) {
            return Err(SignOnError::Asked);
        }
        let kept = browser.filter(|b| b.len() == CHALLENGE_CHARS && is_base64url(b));
        let browser = kept.map_or_else(new_secret, str::to_owned);
        let Sent {
            url,
            state,
            nonce,
            verifier,
        } = self.provider.send().await?;
        let asked = Asked {
            nonce,
            verifier,
            challenge: challenge.to_owned(),
            port,
            browser: browser.clone(),
        };
        self.begun.put(state.secret(), from, asked);
        Ok(Begun { url, browser })
    }

    /// Takes the provider's answer: the address on the map's machine that the browser is sent to, with a grant for one use.
    ///
    /// # Errors
    /// [`SignOnError`], in words for whoever looks at the browser.
    pub async fn answer(
        &self,
        answer: Answer,
        from: Option<IpAddr>,
    ) -> Result<String, SignOnError> {
        let shown = self.accounts.shown(&answer.state, from)?;
        let asked = self
            .begun
            .take(&answer.state)
            .ok_or(SignOnError::NotBegun)?;
        let issuer = &self.provider.config().issuer;
        if !same(&asked.browser, &answer.browser) {
            return Err(SignOnError::NotBegun);
        }
        if answer.issuer.is_some_and(|said| said != *issuer) {
            return Err(SignOnError::Untrusted("the token is somebody else's"));
        }
        self.accounts.was_right(&shown);
        let code = answer.code.ok_or(SignOnError::Denied)?;
        let person = self
            .provider
            .whose(code, asked.verifier, &asked.nonce)
            .await?;
        let accounts = self.accounts.clone();
        let vouched = tokio::task::spawn_blocking(move || accounts.vouch(&person)).await;
        let account = vouched.map_err(broke).flatten()?;
        let grant = new_secret();
        let challenge = asked.challenge;
        let held = Grant {
            account: account.id.clone(),
            challenge,
        };
        self.grants.put(&grant, from, held);
        Ok(format!("http://127.0.0.1:{}/?grant={grant}", asked.port))
    }

    /// Makes a session of a grant. Whoever shows it without its verifier has used it up.
    ///
    /// # Errors
    /// [`SignOnError::Grant`]; [`SignOnError::LogIn`] as with a password.
    pub async fn redeem(
        &self,
        grant: &str,
        verifier: &str,
        client: String,
        from: Option<IpAddr>,
    ) -> Result<LoggedIn, SignOnError> {
        let shown = self.accounts.shown(grant, from)?;
        let held = self.grants.take(grant).ok_or(SignOnError::Grant)?;
        let fits = VERIFIER_RANGE.contains(&verifier.len()) && {
            let verifier = PkceCodeVerifier::new(verifier.to_owned());
            let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
            same(challenge.as_str(), &held.challenge)
        };
        if !fits {
            return Err(SignOnError::Grant);
        }
        self.accounts.was_right(&shown);
        let accounts = self.accounts.clone();
        let begin = move || accounts.begin_vouched(&held.account, from, client);
        let begun = tokio::task::spawn_blocking(begin).await;
        Ok(begun.map_err(broke).flatten()?)
    }

    /// Where somebody ends what they are logged in as at the provider, if it has such a place.
    pub async fn end_session_url(&self) -> Option<String> {
        self.provider.end_session_url().await
    }
}

fn broke(_: tokio::task::JoinError) -> LogInError {
    LogInError::Failed("the server broke down over it".to_owned())
}

fn new_secret() -> String {
    CsrfToken::new_random_len(32).secret().clone()
}
