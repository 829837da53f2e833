//! A provider of OpenID Connect that says what a test has it say: also what none should be believed.

use anyhow::{Context, Result};
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;

/// What it has been asked, and what it answers.
#[derive(Default)]
struct Said {
    /// Tokens by the code that is exchanged for them.
    tokens: BTreeMap<String, String>,
    /// The bodies with which codes were exchanged.
    asked: Vec<BTreeMap<String, String>>,
    /// Its keys are gone.
    keyless: bool,
    /// Answers to codes are this, whatever it is.
    instead: Option<Value>,
}

/// A provider on a port of its own.
#[derive(Clone)]
pub struct Issuer {
    /// As its tokens name it.
    pub url: String,
    key: Arc<EcdsaKeyPair>,
    other: Arc<EcdsaKeyPair>,
    said: Arc<Mutex<Said>>,
}

/// By whom a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// By the provider.
    Well,
    /// By somebody else, who says to be the provider.
    Otherwise,
    /// By nobody (`alg` none).
    Not,
    /// With a secret that others know (`alg` HS256).
    Shared,
    /// By the provider, and another word was put into it afterwards.
    Changed,
}

fn key() -> Result<EcdsaKeyPair> {
    let random = SystemRandom::new();
    let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let made = EcdsaKeyPair::generate_pkcs8(kind, &random)
        .ok()
        .context("no key")?;
    let key = EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random);
    key.ok().context("no key")
}

impl Issuer {
    /// Starts one.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let issuer = Self::at(&format!("http://{}", listener.local_addr()?))?;
        let app = issuer.paths();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(issuer)
    }

    /// Starts one at a port where nobody has answered until now.
    pub async fn start_at(port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let issuer = Self::at(&format!("http://127.0.0.1:{port}"))?;
        let app = issuer.paths();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(issuer)
    }

    fn at(url: &str) -> Result<Self> {
        Ok(Self {
            url: url.to_owned(),
            key: Arc::new(key()?),
            other: Arc::new(key()?),
            said: Arc::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn paths(&self) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(about))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(self.clone())
    }

    /// Gives a token for a code from now on.
    pub fn give(&self, code: &str, token: String) {
        self.lock().tokens.insert(code.to_owned(), token);
    }

    /// Answers every code with this.
    pub fn answer_instead(&self, answer: Value) {
        self.lock().instead = Some(answer);
    }

    /// Its keys vanish.
    pub fn lose_keys(&self) {
        self.lock().keyless = true;
    }

    /// What was sent with each code.
    pub fn asked(&self) -> Vec<BTreeMap<String, String>> {
        self.lock().asked.clone()
    }

    /// A token with these claims.
    pub fn token(&self, claims: &Value, signed: Signed) -> Result<String> {
        let alg = match signed {
            Signed::Not => "none",
            Signed::Shared => "HS256",
            _ => "ES256",
        };
        let head = json!({"alg": alg, "kid": "k1"}).to_string();
        let text = format!(
            "{}.{}",
            BASE64.encode(head),
            BASE64.encode(claims.to_string())
        );
        let sign = |key: &EcdsaKeyPair| {
            let signature = key.sign(&SystemRandom::new(), text.as_bytes());
            let signature = signature.ok().context("no signature")?;
            Ok::<_, anyhow::Error>(BASE64.encode(signature.as_ref()))
        };
        Ok(match signed {
            Signed::Well => format!("{text}.{}", sign(&self.key)?),
            Signed::Otherwise => format!("{text}.{}", sign(&self.other)?),
            Signed::Not => format!("{text}."),
            Signed::Shared => {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
                let mark = ring::hmac::sign(&key, text.as_bytes());
                format!("{text}.{}", BASE64.encode(mark.as_ref()))
            }
            Signed::Changed => {
                let signature = sign(&self.key)?;
                let mut other = claims.clone();
                other["roles"] = json!(["boss"]);
                let head = text.split('.').next().unwrap_or_default();
                format!("{head}.{}.{signature}", BASE64.encode(other.to_string()))
            }
        })
    }
}

/// The secret that the server shows it.
pub const SECRET: &str = "sesame-client-secret";

async fn about(State(issuer): State<Issuer>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", issuer.url);
    Json(json!({
        "issuer": issuer.url,
        "authorization_endpoint": at("/auth"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        // It says that it may do what nobody should believe.
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
    }))
}

async fn keys(State(issuer): State<Issuer>) -> Json<Value> {
    if issuer.lock().keyless {
        return Json(json!({"keys": []}));
    }
    // An uncompressed point: a mark, and 32 bytes of each coordinate.
    let point = issuer.key.public_key().as_ref().to_vec();
    let (x, y) = point.get(1..).unwrap_or_default().split_at(32);
    let key = json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "k1",
        "x": BASE64.encode(x), "y": BASE64.encode(y),
    });
    Json(json!({"keys": [key]}))
}

async fn token(
    State(issuer): State<Issuer>,
    body: String,
) -> (axum::http::StatusCode, Json<Value>) {
    // A form is written as the part of an address behind its mark.
    let form = reqwest::Url::parse(&format!("http://form/?{body}"));
    let asked: BTreeMap<String, String> = form
        .map(|form| form.query_pairs().into_owned().collect())
        .unwrap_or_default();
    let mut said = issuer.lock();
    let code = asked.get("code").cloned().unwrap_or_default();
    said.asked.push(asked);
    if let Some(instead) = &said.instead {
        return (axum::http::StatusCode::OK, Json(instead.clone()));
    }
    // Once, as providers do.
    match said.tokens.remove(&code) {
        Some(token) => {
            let answer =
                json!({"access_token": "sesame-access", "token_type": "Bearer", "id_token": token});
            (axum::http::StatusCode::OK, Json(answer))
        }
        None => (
            axum::http::StatusCode::BAD_REQUEST,
            Json(json!({"error": "invalid_grant"})),
        ),
    }
}
