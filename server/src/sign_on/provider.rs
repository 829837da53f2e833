//! The provider: what it says of itself, whose a code is, and whether that can be believed.

use super::ask::{Asker, whole};
use super::person::person;
use super::{SetUpError, SignOnError};
use crate::accounts::Vouched;
use crate::clock::SharedClock;
use crate::config::OidcConfig;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreJsonWebKeySet,
    CoreJwsSigningAlgorithm, CoreTokenResponse,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, LogoutRequest, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout,
    RedirectUrl, RequestTokenError, Scope, TokenResponse,
};
use serde_json::{Map, Value};
use std::time::Duration;
use tokio::sync::Mutex;

/// How long is believed what the provider says of itself; its keys are asked for at each log-in.
const METADATA_KEPT: Duration = Duration::from_mins(10);
/// How soon a provider that did not answer is asked again, whoever wants to log in.
const AGAIN_AFTER: Duration = Duration::from_secs(5);
/// How old a token may be at the answer, and how far the provider's clock may be ahead, seconds.
const ISSUED_RANGE_S: (i64, i64) = (-600, 60);

/// Signatures by a key that the provider alone has; none by a secret that is shared, and never no signature.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider of sign-on.
#[derive(Debug)]
pub struct Provider {
    config: OidcConfig,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    secret: Option<ClientSecret>,
    asker: Asker,
    clock: SharedClock,
    known: Mutex<Known>,
}

/// What the provider has said of itself.
#[derive(Debug, Default)]
struct Known {
    metadata: Option<(ProviderMetadataWithLogout, Duration)>,
    failed_at: Option<Duration>,
}

/// What a browser is sent to the provider with, and what its answer is held against.
#[derive(Debug)]
pub(super) struct Sent {
    pub url: String,
    pub state: CsrfToken,
    pub nonce: Nonce,
    pub verifier: PkceCodeVerifier,
}

fn secret(config: &OidcConfig) -> Result<Option<ClientSecret>, SetUpError> {
    let path = config.secret_file.clone();
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    match std::fs::read_to_string(&path) {
        Ok(text) if text.trim().is_empty() => Err(SetUpError::NoSecret { path }),
        Ok(text) => Ok(Some(ClientSecret::new(text.trim().to_owned()))),
        Err(source) => Err(SetUpError::Secret { path, source }),
    }
}

impl Provider {
    /// Of a configuration that was checked; asks nobody yet.
    ///
    /// # Errors
    /// [`SetUpError`].
    pub fn new(config: &OidcConfig, clock: SharedClock) -> Result<Self, SetUpError> {
        let bad = |what: &str| {
            let what = what.to_owned();
            move |e: openidconnect::url::ParseError| SetUpError::Address(what, e.to_string())
        };
        let redirect = format!("{}/v1/login/sso/answer", config.address);
        Ok(Self {
            issuer: IssuerUrl::new(config.issuer.clone()).map_err(bad(&config.issuer))?,
            redirect: RedirectUrl::new(redirect).map_err(bad(&config.address))?,
            secret: secret(config)?,
            asker: Asker::new()?,
            clock,
            known: Mutex::default(),
            config: config.clone(),
        })
    }

    /// How it is configured.
    pub fn config(&self) -> &OidcConfig {
        &self.config
    }

    /// What it says of itself, asked for where it is not known.
    ///
    /// # Errors
    /// [`SignOnError::Unreachable`], said in the log once until it answers again.
    pub async fn metadata(&self) -> Result<ProviderMetadataWithLogout, SignOnError> {
        let mut known = self.known.lock().await;
        let now = self.clock.elapsed();
        if let Some((metadata, since)) = &known.metadata
            && now.saturating_sub(*since) < METADATA_KEPT
        {
            return Ok(metadata.clone());
        }
        let just = |at: Duration| now.saturating_sub(at) < AGAIN_AFTER;
        if known.failed_at.is_some_and(just) {
            return Err(SignOnError::Unreachable);
        }
        let found =
            ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &self.asker).await;
        let found = found.map_err(|e| whole(&e)).and_then(|m| self.fitting(m));
        match found {
            Ok(metadata) => {
                if known.failed_at.take().is_some() {
                    tracing::info!(issuer = %self.config.issuer, "the provider of sign-on answers again");
                }
                known.metadata = Some((metadata.clone(), now));
                Ok(metadata)
            }
            Err(error) => {
                if known.failed_at.replace(now).is_none() {
                    tracing::error!(
                        issuer = %self.config.issuer, error,
                        "the provider of sign-on cannot be asked; log-in with a password goes on, and it is asked again"
                    );
                }
                known.metadata = None;
                Err(SignOnError::Unreachable)
            }
        }
    }

    /// Refuses a provider over TLS that sends elsewhere without.
    fn fitting(
        &self,
        metadata: ProviderMetadataWithLogout,
    ) -> Result<ProviderMetadataWithLogout, String> {
        let Some(token) = metadata.token_endpoint() else {
            return Err("it has no token endpoint".to_owned());
        };
        let all = [
            metadata.authorization_endpoint().url(),
            token.url(),
            metadata.jwks_uri().url(),
        ];
        let plain = |url: &&&openidconnect::url::Url| url.scheme() != "https";
        match all.iter().find(plain) {
            Some(url) if self.issuer.url().scheme() == "https" => {
                Err(format!("{url} is not over TLS"))
            }
            _ => Ok(metadata),
        }
    }

    fn client(&self, metadata: ProviderMetadataWithLogout) -> Client {
        let methods = metadata.token_endpoint_auth_methods_supported();
        let has = |method| methods.is_some_and(|all| all.contains(&method));
        let in_body = has(CoreClientAuthMethod::ClientSecretPost)
            && !has(CoreClientAuthMethod::ClientSecretBasic);
        let id = ClientId::new(self.config.client_id.clone());
        let client = CoreClient::from_provider_metadata(metadata, id, self.secret.clone())
            .set_redirect_uri(self.redirect.clone());
        if in_body {
            client.set_auth_type(AuthType::RequestBody)
        } else {
            client
        }
    }

    /// Begins a log-in.
    ///
    /// # Errors
    /// [`SignOnError::Unreachable`].
    pub(super) async fn send(&self) -> Result<Sent, SignOnError> {
        let client = self.client(self.metadata().await?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let scopes = self.config.scopes.iter().cloned().map(Scope::new);
        let begun = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new_random_len(32),
                || Nonce::new_random_len(32),
            )
            .add_scopes(scopes)
            .set_pkce_challenge(challenge);
        let (url, state, nonce) = begun.url();
        Ok(Sent {
            url: url.into(),
            state,
            nonce,
            verifier,
        })
    }

    /// Whose a code is.
    ///
    /// # Errors
    /// [`SignOnError`]; what is wrong with a token is said in the log without anything of the token.
    pub(super) async fn whose(
        &self,
        code: String,
        verifier: PkceCodeVerifier,
        nonce: &Nonce,
    ) -> Result<Vouched, SignOnError> {
        let metadata = self.metadata().await?;
        // Anew at each log-in: a key that was withdrawn opens nothing any more.
        let keys = CoreJsonWebKeySet::fetch_async(metadata.jwks_uri(), &self.asker).await;
        let keys = keys.map_err(|e| {
            tracing::error!(
                error = whole(&e),
                "the keys of the provider of sign-on cannot be read"
            );
            SignOnError::Unreachable
        })?;
        let client = self.client(metadata.set_jwks(keys));
        let unset = |_| SignOnError::Unreachable;
        let exchange = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(unset)?;
        let answer = exchange
            .set_pkce_verifier(verifier)
            .request_async(&self.asker)
            .await;
        let answer: CoreTokenResponse = answer.map_err(|e| match &e {
            RequestTokenError::Request(_) => {
                tracing::error!(
                    error = whole(&e),
                    "the provider of sign-on does not take codes"
                );
                SignOnError::Unreachable
            }
            RequestTokenError::ServerResponse(said) => {
                tracing::warn!(error = %said.error(), "the provider of sign-on refuses a code");
                SignOnError::Denied
            }
            // Its body may be a token.
            _ => {
                tracing::warn!("the provider of sign-on answers a code with what is no answer");
                SignOnError::Untrusted("no token came")
            }
        })?;
        let token = answer
            .id_token()
            .ok_or(SignOnError::Untrusted("no token came"))?;
        let claims = self.verified(&client, token, nonce).inspect_err(|error| {
            tracing::warn!(%error, "a token of the provider of sign-on is not believed");
        })?;
        person(&self.config, &claims)
    }

    /// The claims of a token that is the provider's, for this server, in answer to this nonce, and of now.
    fn verified(
        &self,
        client: &Client,
        token: &CoreIdToken,
        nonce: &Nonce,
    ) -> Result<Map<String, Value>, SignOnError> {
        let now = self.now();
        let (oldest, newest) = ISSUED_RANGE_S;
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(SIGNATURES)
            .set_time_fn(move || now)
            .set_issue_time_verifier_fn(move |issued| {
                let age_s = (issued - now).num_seconds();
                let of_now = (oldest..=newest).contains(&age_s);
                of_now.then_some(()).ok_or_else(String::new)
            });
        token.claims(&verifier, nonce).map_err(|e| untrusted(&e))?;
        // What was verified, as it was written: the claims of a city are not among those that have types.
        let text = token.to_string();
        let payload = text.split('.').nth(1).unwrap_or_default();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
        let claims: Map<String, Value> = serde_json::from_slice(&bytes).unwrap_or_default();
        let party = claims.get("azp").and_then(Value::as_str);
        if party.is_some_and(|azp| azp != self.config.client_id) {
            return Err(SignOnError::Untrusted("the token is not for this server"));
        }
        Ok(claims)
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.clock.now().0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Where somebody ends what they are logged in as at the provider, if it has such a place.
    pub(super) async fn end_session_url(&self) -> Option<String> {
        let metadata = self.metadata().await.ok()?;
        let at = metadata
            .additional_metadata()
            .end_session_endpoint
            .clone()?;
        let back = PostLogoutRedirectUrl::new(format!("{}/v1/login/sso/over", self.config.address));
        let request = LogoutRequest::from(at)
            .set_client_id(ClientId::new(self.config.client_id.clone()))
            .set_post_logout_redirect_uri(back.ok()?);
        Some(request.http_get_url().into())
    }
}

/// What about a token does not hold, in a word for people.
fn untrusted(error: &ClaimsVerificationError) -> SignOnError {
    SignOnError::Untrusted(match error {
        ClaimsVerificationError::Expired(_) => "the token has expired",
        ClaimsVerificationError::InvalidAudience(_) => "the token is not for this server",
        ClaimsVerificationError::InvalidIssuer(_) => "the token is somebody else's",
        ClaimsVerificationError::InvalidNonce(_) => "the token answers another log-in",
        ClaimsVerificationError::SignatureVerification(_) => "the token's signature does not hold",
        _ => "the token cannot be read",
    })
}
