//! Single sign-on against a provider that says what nobody should believe, and against one that is not there.

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chengtu_server::accounts::{Account, Store};
use chengtu_tests::issuer::{Issuer, SECRET, Signed};
use chengtu_tests::program::free_port;
use chengtu_tests::support::{Client, Server, now};
use reqwest::{Response, Url, redirect};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// What a map keeps to itself until it redeems a grant.
const VERIFIER: &str = "a-verifier-of-a-map-that-is-forty-three-long-at-least";

fn challenge() -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, VERIFIER.as_bytes());
    BASE64.encode(digest.as_ref())
}

fn config(issuer: &str, secret_file: &Path) -> String {
    format!(
        "[accounts]\nargon2_memory_kib = 64\nargon2_passes = 1
        [accounts.oidc]\nissuer = '{issuer}'\nclient_id = 'chengtu'\nsecret_file = '{}'
        address = 'http://127.0.0.1'\nname = '市民中心'
        roles = {{ out = 'dispatcher', look = 'viewer', boss = 'administrator' }}\n",
        secret_file.display()
    )
}

/// A server with its provider, and a browser.
struct Place {
    server: Server,
    issuer: Issuer,
    http: reqwest::Client,
    dir: tempfile::TempDir,
}

/// A log-in that a browser has begun: what the server sent it to the provider with.
struct Begun {
    state: String,
    nonce: String,
    challenge: String,
    cookie: String,
}

fn browser() -> Result<reqwest::Client> {
    let http = reqwest::Client::builder().redirect(redirect::Policy::none());
    Ok(http.build()?)
}

fn header(answer: &Response, name: &str) -> Result<String> {
    let value = answer
        .headers()
        .get(name)
        .with_context(|| name.to_owned())?;
    Ok(value.to_str()?.to_owned())
}

impl Place {
    async fn new() -> Result<Self> {
        let issuer = Issuer::start().await?;
        let dir = tempfile::tempdir()?;
        let secret = dir.path().join("secret");
        std::fs::write(&secret, format!("{SECRET}\n"))?;
        let server = Server::on(&dir.path().join("data"), &config(&issuer.url, &secret)).await?;
        Ok(Self {
            server,
            issuer,
            http: browser()?,
            dir,
        })
    }

    fn store(&self) -> Result<Store> {
        Ok(Store::open(&self.dir.path().join("data"))?)
    }

    async fn begin(&self) -> Result<Begun> {
        let path = format!("/v1/login/sso?port=4711&challenge={}", challenge());
        let answer = self.http.get(self.server.http(&path)).send().await?;
        ensure!(answer.status() == 303, "{}", answer.status());
        let cookie = header(&answer, "set-cookie")?;
        ensure!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
        let to = Url::parse(&header(&answer, "location")?)?;
        ensure!(
            to.as_str()
                .starts_with(&format!("{}/auth?", self.issuer.url)),
            "{to}"
        );
        let said = |name: &str| {
            let found = to.query_pairs().find(|(n, _)| n == name);
            found
                .map(|(_, v)| v.into_owned())
                .with_context(|| name.to_owned())
        };
        ensure!(said("code_challenge_method")? == "S256" && said("response_type")? == "code");
        ensure!(said("redirect_uri")? == "http://127.0.0.1/v1/login/sso/answer");
        Ok(Begun {
            state: said("state")?,
            nonce: said("nonce")?,
            challenge: said("code_challenge")?,
            cookie: cookie.split(';').next().unwrap_or_default().to_owned(),
        })
    }

    /// What a provider says of somebody, in answer to a log-in.
    fn claims(&self, begun: &Begun) -> Value {
        let now_s = now().0 / 1_000_000;
        json!({
            "iss": self.issuer.url, "sub": "u-17", "aud": "chengtu", "nonce": begun.nonce,
            "iat": now_s, "exp": now_s + 300, "name": "周岚", "preferred_username": "zhou",
            "roles": ["out"],
        })
    }

    async fn answer(&self, begun: &Begun, code: &str, language: &str) -> Result<Response> {
        let path = format!("/v1/login/sso/answer?code={code}&state={}", begun.state);
        let asked = self.http.get(self.server.http(&path));
        let asked = asked
            .header("cookie", &begun.cookie)
            .header("accept-language", language);
        Ok(asked.send().await?)
    }

    /// Logs in with these claims; gives the grant.
    async fn granted(&self, change: impl Fn(&mut Value)) -> Result<String> {
        let begun = self.begin().await?;
        let mut claims = self.claims(&begun);
        change(&mut claims);
        self.issuer
            .give("c", self.issuer.token(&claims, Signed::Well)?);
        let answer = self.answer(&begun, "c", "en").await?;
        let status = answer.status();
        let Ok(to) = header(&answer, "location") else {
            anyhow::bail!("{status} {}", answer.text().await?);
        };
        let grant = to.strip_prefix("http://127.0.0.1:4711/?grant=");
        Ok(grant.context(to.clone())?.to_owned())
    }

    async fn redeem(&self, grant: &str, verifier: &str) -> Result<(u16, Value)> {
        let asked = self.http.post(self.server.http("/v1/login/sso/redeem"));
        let body = json!({"grant": grant, "verifier": verifier, "client": "test"});
        let answer = asked.json(&body).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }
}

/// The page of somebody who was not logged in, which has these words in it and no script.
async fn page(answer: Response, status: u16, words: &str) -> Result<()> {
    let found = answer.status().as_u16();
    let policy = header(&answer, "content-security-policy");
    let text = answer.text().await?;
    ensure!(
        found == status && text.contains(words),
        "{found} {words}: {text}"
    );
    ensure!(policy?.starts_with("default-src 'none'") && !text.contains("<script"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_of_the_provider_becomes_a_session_and_a_grant_opens_once() -> Result<()> {
    let place = Place::new().await?;
    let means: Value = reqwest::get(place.server.http("/v1/login/means"))
        .await?
        .json()
        .await?;
    ensure!(
        means == json!({"password": true, "sso": {"name": "市民中心"}}),
        "{means}"
    );
    ensure!(
        Client::connect(place.server.address, "").await.is_err(),
        "it is not open"
    );
    let grant = place.granted(|_| ()).await?;
    let (status, in_) = place.redeem(&grant, VERIFIER).await?;
    ensure!(
        status == 200 && in_["name"] == "zhou" && in_["display"] == "周岚",
        "{in_}"
    );
    ensure!(in_["roles"] == json!(["dispatcher"]), "{in_}");
    let token = in_["token"].as_str().context("a token")?;
    let client = Client::connect(place.server.address, token).await?;
    ensure!(client.hello.user == "周岚");
    // The code went to the provider with what the browser never saw.
    let asked = place.issuer.asked();
    let verifier = asked[0].get("code_verifier").context("PKCE")?;
    ensure!(verifier.len() >= 43 && asked[0]["grant_type"] == "authorization_code");
    ensure!(
        !asked[0].contains_key("client_secret"),
        "it goes in a header"
    );
    // Once, and for whoever began it alone.
    ensure!(place.redeem(&grant, VERIFIER).await?.0 == 401, "twice");
    let grant = place.granted(|_| ()).await?;
    let stolen = "another-verifier-that-is-as-long-as-they-have-to-be";
    ensure!(
        place.redeem(&grant, stolen).await?.0 == 401,
        "not the one who began"
    );
    ensure!(
        place.redeem(&grant, VERIFIER).await?.0 == 401,
        "it is used up"
    );
    let grant = place.granted(|_| ()).await?;
    ensure!(place.redeem(&grant, "short").await?.0 == 401);
    // Another role at the next log-in is another role here, at once.
    let grant = place.granted(|c| c["roles"] = json!(["look"])).await?;
    let (_, in_) = place.redeem(&grant, VERIFIER).await?;
    ensure!(
        in_["roles"] == json!(["viewer"]) && in_["role"] == "viewer",
        "{in_}"
    );
    let said = place.store()?.accounts()?;
    ensure!(
        said.iter().filter(|a| a.is_vouched()).count() == 1,
        "{said:?}"
    );
    drop(client);
    place.server.stop().await
}

/// What is wrong with a token: a claim and its value, who signs it, and what is said of it.
type Forged = (&'static str, Value, Signed, &'static str);

fn forged() -> Vec<Forged> {
    let (now_s, hour) = (now().0 / 1_000_000, 3_600);
    let well = |claim, value, words| (claim, value, Signed::Well, words);
    let signed = |signed| ("x", json!(0), signed, "signature");
    vec![
        well("nonce", json!("other"), "another log-in"),
        well("nonce", json!(null), "another log-in"),
        well("iss", json!("https://evil.example"), "somebody else"),
        well("aud", json!("another"), "not for this server"),
        well("aud", json!(["chengtu", "another"]), "not for this server"),
        well("azp", json!("another"), "not for this server"),
        well("exp", json!(now_s - 1), "has expired"),
        well("iat", json!(now_s - hour), "has expired"),
        well("iat", json!(now_s + hour), "has expired"),
        signed(Signed::Otherwise),
        signed(Signed::Changed),
        signed(Signed::Not),
        signed(Signed::Shared),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_cannot_have_said_logs_nobody_in() -> Result<()> {
    let place = Place::new().await?;
    for (claim, value, signed, words) in forged() {
        let begun = place.begin().await?;
        let mut claims = place.claims(&begun);
        claims[claim] = value.clone();
        place.issuer.give("c", place.issuer.token(&claims, signed)?);
        let answer = place.answer(&begun, "c", "en").await?;
        let what = || format!("{claim} {value} {signed:?}");
        page(answer, 502, words).await.with_context(what)?;
    }
    // In the reader's language.
    let begun = place.begin().await?;
    place
        .issuer
        .give("c", place.issuer.token(&json!({"iss": "x"}), Signed::Well)?);
    page(place.answer(&begun, "c", "zh-CN").await?, 502, "不可信").await?;
    // What is no token at all.
    for instead in [
        json!({}),
        json!({"access_token": "a", "token_type": "Bearer"}),
        json!([1]),
    ] {
        place.issuer.answer_instead(instead);
        let begun = place.begin().await?;
        page(place.answer(&begun, "c", "en").await?, 502, "no token came").await?;
    }
    ensure!(
        place.store()?.accounts()?.iter().all(|a| !a.is_vouched()),
        "an account was made"
    );
    place.server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_once_in_the_browser_that_asked_and_for_who_has_a_role() -> Result<()> {
    let place = Place::new().await?;
    let not_begun = "was not begun in this browser";
    let begun = place.begin().await?;
    let good = |begun: &Begun| place.issuer.token(&place.claims(begun), Signed::Well);
    // Another browser, with its own cookie or none.
    let other = Begun {
        cookie: "chengtu_sso=aaaa".to_owned(),
        ..place.begin().await?
    };
    page(place.answer(&other, "c", "en").await?, 400, not_begun).await?;
    let unknown = Begun {
        state: "never".to_owned(),
        ..place.begin().await?
    };
    page(place.answer(&unknown, "c", "en").await?, 400, not_begun).await?;
    // Answered once: then neither state nor code is of use.
    place.issuer.give("c", good(&begun)?);
    ensure!(place.answer(&begun, "c", "en").await?.status() == 303);
    page(place.answer(&begun, "c", "en").await?, 400, not_begun).await?;
    let again = place.begin().await?;
    page(
        place.answer(&again, "c", "en").await?,
        403,
        "has not let you in",
    )
    .await?;
    // Whoever says another issuer in the answer (RFC 9207), or no.
    let mixed = place.begin().await?;
    let path = format!(
        "/v1/login/sso/answer?code=c&state={}&iss=https://evil.example",
        mixed.state
    );
    let asked = place
        .http
        .get(place.server.http(&path))
        .header("cookie", &mixed.cookie);
    page(
        asked.header("accept-language", "en").send().await?,
        502,
        "somebody else",
    )
    .await?;
    let no = place.begin().await?;
    let path = format!(
        "/v1/login/sso/answer?error=access_denied&state={}",
        no.state
    );
    let asked = place
        .http
        .get(place.server.http(&path))
        .header("cookie", &no.cookie);
    page(
        asked.header("accept-language", "en").send().await?,
        403,
        "has not let you in",
    )
    .await?;
    ensure!(
        begun.challenge != challenge(),
        "the provider's is not the map's"
    );
    place.server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_role_or_was_disabled_does_not_come_in_nor_by_an_address_of_their_own()
-> Result<()> {
    let place = Place::new().await?;
    place.granted(|_| ()).await?;
    let stranger = place
        .granted(|c| c["roles"] = json!(["x"]))
        .await
        .unwrap_err();
    ensure!(
        stranger.to_string().contains("no role in this city"),
        "{stranger}"
    );
    let account = place.store()?.named("zhou")?;
    let disabled = Account {
        disabled: true,
        ..account
    };
    place.store()?.set(&disabled, "disabled", "test", now())?;
    let refused = place.granted(|_| ()).await.unwrap_err();
    ensure!(refused.to_string().contains("disabled"), "{refused}");
    // Addresses that are none of ours.
    for path in [
        "/v1/login/sso",
        "/v1/login/sso?port=0&challenge=x",
        "/v1/login/sso?port=99999&challenge=x",
        "/v1/login/sso?port=80&challenge=<script>alert(1)</script>",
        "/v1/login/sso/answer",
        "/v1/login/sso/answer?state=a&state=b",
    ] {
        let asked = place
            .http
            .get(place.server.http(path))
            .header("accept-language", "en");
        page(asked.send().await?, 400, "incomplete")
            .await
            .context(path)?;
    }
    place.server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_vanish_open_nothing_and_who_shows_many_wrong_answers_waits() -> Result<()> {
    let place = Place::new().await?;
    place.granted(|_| ()).await?;
    place.issuer.lose_keys();
    let refused = place.granted(|_| ()).await.unwrap_err();
    ensure!(
        refused.to_string().contains("signature does not hold"),
        "{refused}"
    );
    // As wrong passwords of one address are held, see docs/operations.md.
    let mut held = None;
    for n in 0..60 {
        let begun = Begun {
            state: format!("guess{n}"),
            ..place.begin().await?
        };
        let answer = place.answer(&begun, "c", "en").await?;
        if answer.status() == 429 {
            held = Some(header(&answer, "retry-after")?);
            break;
        }
    }
    ensure!(held.context("nobody waits")?.parse::<u64>()? >= 1);
    ensure!(place.redeem("guess", VERIFIER).await?.0 == 429);
    place.server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_not_there_stops_no_server_and_is_asked_again() -> Result<()> {
    let port = free_port()?;
    let dir = tempfile::tempdir()?;
    let secret = dir.path().join("secret");
    std::fs::write(&secret, SECRET)?;
    let url = format!("http://127.0.0.1:{port}");
    let server = Server::on(&dir.path().join("data"), &config(&url, &secret)).await?;
    let path = server.http(&format!("/v1/login/sso?port=1&challenge={}", challenge()));
    let http = browser()?;
    let asked = http
        .get(&path)
        .header("accept-language", "en")
        .send()
        .await?;
    page(asked, 503, "log in with name and password").await?;
    // A password is looked at meanwhile.
    let body = json!({"name": "admin", "password": "x"});
    let log_in = http
        .post(server.http("/v1/login"))
        .json(&body)
        .send()
        .await?;
    ensure!(log_in.status() == 401, "{}", log_in.status());
    let _issuer = Issuer::start_at(port).await?;
    let since = Instant::now();
    while http.get(&path).send().await?.status() != 303 {
        ensure!(
            since.elapsed() < Duration::from_mins(1),
            "it is not asked again"
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    server.stop().await?;
    // Without its secret the server says so at its start, and where.
    std::fs::remove_file(&secret)?;
    let error = Server::on(&dir.path().join("data"), &config(&url, &secret)).await;
    let error = error.err().context("it begins")?.to_string();
    ensure!(
        error.contains("secret of accounts.oidc") && error.contains("secret:"),
        "{error}"
    );
    Ok(())
}
