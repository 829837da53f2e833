//! Accounts over real connections: logging in, who is logged in, and what ends when an account is disabled.

use anyhow::{Context, Result, ensure};
use chengtu_engine::code::Code;
use chengtu_engine::permission::Role;
use chengtu_engine::stream::{ClientMessage, ServerMessage};
use chengtu_server::accounts::{Account, Kind, NewAccount, Store, set_password};
use chengtu_server::config::AccountsConfig;
use chengtu_tests::support::{Client, JsonClient, Server, now, report, send_unit};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

const PASSWORD: &str = "tide lantern copper walnut";

/// Hashing that takes a test no time.
const CHEAP: &str = "[accounts]\nargon2_memory_kib = 64\nargon2_passes = 1\n";

/// Makes a person with [`PASSWORD`].
fn person(data: &Path, name: &str, role: &str) -> Result<Account> {
    let store = Store::open(data)?;
    let new = NewAccount {
        name: name.to_owned(),
        roles: vec![role.to_owned()],
        ..NewAccount::default()
    };
    let account = store.add(Kind::Person, new, "test", now())?;
    let config = AccountsConfig {
        argon2_memory_kib: 64,
        argon2_passes: 1,
        ..AccountsConfig::default()
    };
    set_password(&store, &config, &account, PASSWORD, ("test", now()))?;
    Ok(account)
}

async fn posted(server: &Server, body: &Value) -> Result<(u16, Value, Option<String>)> {
    let request = reqwest::Client::new()
        .post(server.http("/v1/login"))
        .json(body);
    let answer = request.send().await?;
    let retry = answer.headers().get("retry-after");
    let retry = retry.and_then(|v| v.to_str().ok()).map(str::to_owned);
    let status = answer.status().as_u16();
    Ok((status, answer.json().await?, retry))
}

async fn log_in(server: &Server, name: &str) -> Result<String> {
    let body = json!({"name": name, "password": PASSWORD, "client": "test"});
    let (status, answer, _) = posted(server, &body).await?;
    ensure!(status == 200, "{status} {answer}");
    let token = answer["token"].as_str().context("a token")?;
    Ok(token.to_owned())
}

async fn sessions(server: &Server, token: &str) -> Result<Vec<Value>> {
    let asked = reqwest::Client::new().get(server.http("/v1/sessions"));
    let answer: Value = asked.bearer_auth(token).send().await?.json().await?;
    Ok(answer["sessions"].as_array().context("sessions")?.clone())
}

async fn asked(server: &Server, path: &str, token: &str) -> Result<Value> {
    let asked = reqwest::Client::new().get(server.http(path));
    Ok(asked.bearer_auth(token).send().await?.json().await?)
}

async fn end(server: &Server, token: &str, id: &str) -> Result<u16> {
    let path = format!("/v1/sessions/{id}");
    let asked = reqwest::Client::new().delete(server.http(&path));
    Ok(asked.bearer_auth(token).send().await?.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_becomes_a_session_that_its_owner_and_administrators_end() -> Result<()> {
    let dir = tempfile::tempdir()?;
    person(dir.path(), "li", "operator")?;
    person(dir.path(), "boss", "administrator")?;
    person(dir.path(), "wang", "dispatcher")?;
    let server = Server::on(dir.path(), CHEAP).await?;
    ensure!(Client::connect(server.address, "").await.is_err(), "closed");
    ensure!(Client::connect(server.address, "operator:x").await.is_err());
    let li = log_in(&server, "li").await?;
    let mut client = Client::connect(server.address, &li).await?;
    ensure!((client.hello.user.as_str(), client.hello.role) == ("li", Role::Operator));
    ensure!(matches!(
        client.command(1, report("")).await?,
        ServerMessage::Accepted(_)
    ));
    // Old clients are told a role that they know; what the account may decides.
    let wang = log_in(&server, "wang").await?;
    let mut dispatcher = Client::connect(server.address, &wang).await?;
    ensure!(dispatcher.hello.role == Role::Operator);
    let refused = dispatcher.command(2, report("")).await?;
    ensure!(
        matches!(&refused, ServerMessage::Rejected(r) if r.code == Code::NotPermitted),
        "{refused:?}"
    );
    let boss = log_in(&server, "boss").await?;
    let mut looker = Client::connect(server.address, &boss).await?;
    ensure!(looker.hello.role == Role::Viewer);
    let refused = looker.command(3, send_unit(0)).await?;
    ensure!(matches!(refused, ServerMessage::Rejected(_)), "{refused:?}");

    let me = asked(&server, "/v1/me", &wang).await?;
    ensure!(
        me["name"] == "wang" && me["roles"] == json!(["dispatcher"]),
        "{me}"
    );
    let rights = me["rights"].as_array().context("rights")?;
    ensure!(rights.contains(&json!("send_units")) && !rights.contains(&json!("report_cases")));
    let left = me["left_s"].as_i64().context("how long it lasts")?;
    ensure!(left > 60, "{left}");

    let own = sessions(&server, &li).await?;
    ensure!(
        own.len() == 1 && own[0]["current"] == true && own[0]["own"] == true,
        "{own:?}"
    );
    ensure!(
        own[0]["client"] == "test" && own[0]["address"] == "127.0.0.1",
        "{own:?}"
    );
    let all = sessions(&server, &boss).await?;
    ensure!(all.len() == 3, "{all:?}");
    let id = own[0]["id"].as_str().context("an id")?;
    ensure!(end(&server, &wang, id).await? == 404, "another's");
    ensure!(end(&server, "nobody", id).await? == 401);
    ensure!(end(&server, &boss, id).await? == 204);
    let began = Instant::now();
    let (_, ended) = client.ended().await?;
    ensure!(ended.is_some_and(|(code, _)| code == 4006));
    ensure!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    ensure!(Client::connect(server.address, &li).await.is_err());

    let out = reqwest::Client::new().post(server.http("/v1/logout"));
    let out = out.bearer_auth(&wang).send().await?;
    ensure!(out.status() == 204);
    let (_, ended) = dispatcher.ended().await?;
    ensure!(ended.is_some_and(|(code, _)| code == 4006));
    ensure!(sessions(&server, &boss).await?.len() == 1);
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_accounts_sockets_end_within_a_second_and_nothing_it_sent_is_done() -> Result<()>
{
    let dir = tempfile::tempdir()?;
    let li = person(dir.path(), "li", "operator")?;
    person(dir.path(), "wang", "operator")?;
    let server = Server::on(dir.path(), CHEAP).await?;
    let token = log_in(&server, "li").await?;
    let mut watcher = Client::connect(server.address, &log_in(&server, "wang").await?).await?;
    let mut slowest = Duration::ZERO;
    let store = Store::open(dir.path())?;
    for round in 0..5_u64 {
        let token = if round == 0 {
            token.clone()
        } else {
            log_in(&server, "li").await?
        };
        let mut sockets = Vec::new();
        for _ in 0..4 {
            sockets.push(Client::connect(server.address, &token).await?);
        }
        let disabled = Account {
            disabled: true,
            ..li.clone()
        };
        store.set(&disabled, "disabled", "test", now())?;
        let began = Instant::now();
        let mut sender = sockets.remove(0);
        let watched = sockets.into_iter().map(|mut socket| {
            tokio::spawn(async move {
                let (_, ended) = socket.ended().await?;
                let (code, text) = ended.context("said why")?;
                ensure!(code == 4006, "{code} {text}");
                anyhow::Ok(began.elapsed())
            })
        });
        let watched: Vec<_> = watched.collect();
        // What is sent meanwhile, until the end.
        let id = chengtu_engine::ids::CommandId;
        let mut sent = 0;
        while began.elapsed() < Duration::from_secs(2) {
            let m = ClientMessage::Command {
                id: id(sent, round),
                command: report("after the end"),
            };
            if sender.say(&m).await.is_err() {
                break;
            }
            sent += 1;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        ensure!(sent > 0);
        for socket in watched {
            slowest = slowest.max(socket.await??);
        }
        ensure!(slowest < Duration::from_secs(1), "{slowest:?}");
        ensure!(Client::connect(server.address, &token).await.is_err());
        let body = json!({"name": "li", "password": PASSWORD});
        let (status, answer, _) = posted(&server, &body).await?;
        ensure!(status == 403, "{status} {answer}");
        store.set(&li, "enabled", "test", now())?;
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    println!(
        "3 sockets of a disabled account ended within {slowest:?} (5 rounds, with commands in flight)"
    );
    ensure!(matches!(
        watcher.command(9, report("")).await?,
        ServerMessage::Accepted(_)
    ));
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_is_read_strictly_and_never_says_who_has_an_account() -> Result<()> {
    let dir = tempfile::tempdir()?;
    person(dir.path(), "li", "operator")?;
    let server = Server::on(dir.path(), CHEAP).await?;
    let http = reqwest::Client::new();
    let post = |kind: &'static str, body: String| {
        let request = http.post(server.http("/v1/login"));
        request.header("content-type", kind).body(body).send()
    };
    let good = json!({"name": "li", "password": PASSWORD}).to_string();
    for (kind, body, expected) in [
        ("text/plain", good.clone(), 415),
        ("application/x-www-form-urlencoded", good.clone(), 415),
        ("application/json", "{".to_owned(), 400),
        ("application/json", json!({"name": "li"}).to_string(), 400),
        (
            "application/json",
            json!({"name": 7, "password": "x"}).to_string(),
            400,
        ),
        ("application/json", "x".repeat(1 << 20), 413),
        ("application/json", good.clone(), 200),
    ] {
        let answer = post(kind, body).await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        ensure!(status == expected, "{kind} {expected}: {status} {text}");
        ensure!(!text.contains(PASSWORD), "{text}");
    }
    let foreign = http.post(server.http("/v1/login"));
    let foreign = foreign.header("origin", "https://evil.example");
    let foreign = foreign.header("content-type", "application/json");
    ensure!(foreign.body(good).send().await?.status() == 403);
    // The same answer, word for word.
    let wrong = posted(&server, &json!({"name": "li", "password": "x"})).await?;
    let nobody = posted(&server, &json!({"name": "nobody", "password": "x"})).await?;
    ensure!(wrong == nobody && wrong.0 == 401, "{wrong:?} {nobody:?}");

    // A hello of 1 MB ends the connection, and nothing else.
    let mut large = JsonClient::connect(server.address).await?;
    let hello = json!({"hello": {"token": "x".repeat(1 << 20), "client": "t"}}).to_string();
    let _ = large.say(&hello).await;
    let closed = loop {
        match large.next().await {
            Ok(Ok(_)) => {}
            Ok(Err(ended)) => break ended,
            Err(_) => break None,
        }
    };
    ensure!(closed.is_none_or(|(code, _)| code == 1009 || code == 0));
    ensure!(log_in(&server, "li").await.is_ok());
    server.stop().await
}

/// Paths of the server as its source lists them, with something in their gaps.
fn paths() -> Result<Vec<String>> {
    let source = chengtu_tests::program::root().join("server/src/http/mod.rs");
    let source = std::fs::read_to_string(source)?;
    let quoted = source.split(".route(").skip(1);
    let paths = quoted.filter_map(|part| part.split('"').nth(1));
    Ok(paths.map(|p| p.replace(['{', '}'], "")).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_that_changes_something_refuses_a_foreign_page() -> Result<()> {
    let dir = tempfile::tempdir()?;
    person(dir.path(), "boss", "administrator")?;
    let server = Server::on(dir.path(), CHEAP).await?;
    let boss = log_in(&server, "boss").await?;
    let paths = paths()?;
    ensure!(paths.len() >= 18, "{paths:?}");
    let http = reqwest::Client::new();
    let methods = [
        reqwest::Method::POST,
        reqwest::Method::DELETE,
        reqwest::Method::PUT,
        reqwest::Method::PATCH,
    ];
    for path in &paths {
        for method in &methods {
            for (name, value) in [
                ("origin", "https://evil.example"),
                ("origin", "null"),
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
            ] {
                let asked = http.request(method.clone(), server.http(path));
                let asked = asked.bearer_auth(&boss).header(name, value);
                let status = asked.send().await?.status();
                ensure!(status == 403, "{method} {path} {name} {value}: {status}");
            }
        }
        // Whoever follows a link from elsewhere, as back from the provider, reads and changes nothing.
        let link = http
            .get(server.http(path))
            .header("sec-fetch-site", "cross-site");
        ensure!(link.send().await?.status() != 403, "{path}");
    }
    // Not even a session's own owner was logged out by it.
    ensure!(sessions(&server, &boss).await?.len() == 1);
    server.stop().await
}

/// Says `log_in` over the socket; the messages until it is greeted or closed.
async fn said(server: &Server, body: Value) -> Result<Vec<Value>> {
    let mut socket = JsonClient::connect(server.address).await?;
    socket.say(&json!({"log_in": body}).to_string()).await?;
    let mut heard = Vec::new();
    loop {
        match socket.next().await? {
            Ok(m) => {
                let greeted = m.get("hello").is_some();
                heard.push(m);
                if greeted {
                    return Ok(heard);
                }
            }
            Err(ended) => {
                heard.push(json!({"closed": ended.map(|e| e.0)}));
                return Ok(heard);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_over_the_socket_is_answered_as_over_http() -> Result<()> {
    let dir = tempfile::tempdir()?;
    person(dir.path(), "li", "operator")?;
    let server = Server::on(dir.path(), CHEAP).await?;
    let ask =
        |name: &str, password: &str| json!({"name": name, "password": password, "client": "t"});
    let in_ = said(&server, ask("li", PASSWORD)).await?;
    ensure!(in_.len() == 2 && in_[1]["hello"]["user"] == "li", "{in_:?}");
    let told = &in_[0]["logged_in"];
    let token = told["token"].as_str().context("a token")?;
    ensure!(told["idle_s"] == 3600, "{told}");
    let left_us = told["expires"].as_i64().context("when")? - now().0;
    ensure!(
        (57_000_000_000..=57_600_000_000).contains(&left_us),
        "{left_us}"
    );
    // The session is one as any other: with the token a lost connection comes back, and log-out ends it.
    ensure!(Client::connect(server.address, token).await.is_ok());
    let own = sessions(&server, token).await?;
    ensure!(own.len() == 1 && own[0]["client"] == "t", "{own:?}");
    ensure!(end(&server, token, own[0]["id"].as_str().context("an id")?).await? == 204);
    ensure!(Client::connect(server.address, token).await.is_err());
    // The same words as over HTTP, whoever it is not; and the connection is closed.
    let (_, over_http, _) = posted(&server, &ask("li", "x")).await?;
    for (name, password) in [("li", "y"), ("nobody", "x")] {
        let out = said(&server, ask(name, password)).await?;
        ensure!(out[0]["notice"]["code"] == 604, "{out:?}");
        ensure!(
            out[0]["notice"]["text"] == over_http["error"],
            "{out:?} {over_http}"
        );
        ensure!(out[1]["closed"] == 4004, "{out:?}");
    }
    // One lock-out for both ways: what was wrong there counts here.
    for _ in 0..3 {
        said(&server, ask("li", "z")).await?;
    }
    let held = said(&server, ask("li", PASSWORD)).await?;
    let text = held[0]["notice"]["text"].as_str().context("words")?;
    ensure!(text.starts_with("too many wrong passwords"), "{held:?}");
    let (status, _, retry) = posted(&server, &ask("li", PASSWORD)).await?;
    ensure!(status == 429 && retry.is_some());
    // Twice is once too often; a password is not taken after a hello.
    let open = Server::start("").await?;
    let nobody = said(&open, ask("li", PASSWORD)).await?;
    let text = nobody[0]["notice"]["text"].as_str().context("words")?;
    ensure!(
        text.starts_with("this server has no accounts"),
        "{nobody:?}"
    );
    let mut socket = JsonClient::connect(open.address).await?;
    socket
        .say(r#"{"hello": {"token": "", "client": "t"}}"#)
        .await?;
    socket.expect("hello").await?;
    socket
        .say(&json!({"log_in": ask("li", PASSWORD)}).to_string())
        .await?;
    ensure!(socket.expect("notice").await?["code"] == 603);
    open.stop().await?;
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_written_while_its_password_is_looked_at_and_the_citys_ticks_go_on()
-> Result<()> {
    let dir = tempfile::tempdir()?;
    person(dir.path(), "li", "operator")?;
    // A hash that takes a good second.
    let slow =
        "[accounts]\nargon2_memory_kib = 65536\nargon2_passes = 24\n[limits]\nping_every_s = 1\n";
    let server = Server::on(dir.path(), slow).await?;
    let mut desk = Client::connect(server.address, &log_in(&server, "li").await?).await?;
    desk.subscribe().await?;
    let begun = Instant::now();
    let nobody = json!({"name": "nobody", "password": "x", "client": "t"});
    let asked = async {
        let out = said(&server, nobody).await;
        (out, begun.elapsed())
    };
    let acts = async {
        for id in 0..3 {
            desk.command(id, report("")).await?;
        }
        Ok::<_, anyhow::Error>(begun.elapsed())
    };
    let ((out, looked_at), acted) = tokio::join!(asked, acts);
    ensure!(out?[0]["notice"]["code"] == 604);
    let acted = acted?;
    ensure!(
        acted < looked_at,
        "three commands took {acted:?}, a password {looked_at:?}"
    );
    server.stop().await
}

const LISTED: &str = "
    [[users]]\nname = '王莉'\nid = 'wang.li'\nrole = 'operator'\ntoken = 'li-secret'\nmay_replay = false
    [[users]]\nname = '大屏'\nrole = 'viewer'\ntoken = 'wall-secret'
    [[users]]\nname = 'units'\nrole = 'unit'\ntoken = 'unit-secret'\nunit = '*'
    [[feeds]]\nname = 'taxis'\ntoken = 'taxi-secret'\ncrs = 'gcj02'\n";

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_the_file_go_on_and_are_taken_into_the_accounts_once_there_are_some() -> Result<()>
{
    let dir = tempfile::tempdir()?;
    let config = format!("{CHEAP}{LISTED}");
    let opens = async |server: &Server| -> Result<()> {
        for (token, role) in [
            ("li-secret", Role::Operator),
            ("wall-secret", Role::Viewer),
            ("unit-secret/排水 1", Role::Unit),
            ("taxi-secret", Role::Feed),
        ] {
            let client = Client::connect(server.address, token).await?;
            ensure!(client.hello.role == role, "{token}");
        }
        let row = "{\"key\":\"a\",\"lon\":118.79,\"lat\":32.05}\n";
        let path = "/v1/feeds/taxis/fixes";
        let (status, answer) = server.post(path, "taxi-secret", row).await?;
        ensure!(status == 200, "{answer}");
        let (status, _) = server
            .post("/v1/feeds/buses/fixes", "taxi-secret", row)
            .await?;
        ensure!(status == 404);
        Ok(())
    };
    let server = Server::on(dir.path(), &config).await?;
    opens(&server).await?;
    ensure!(!dir.path().join("accounts.sqlite").exists(), "as before");
    server.stop().await?;
    person(dir.path(), "boss", "administrator")?;
    let server = Server::on(dir.path(), &config).await?;
    opens(&server).await?;
    server.stop().await?;
    // The lines have left the file.
    let server = Server::on(dir.path(), CHEAP).await?;
    opens(&server).await?;
    let store = Store::open(dir.path())?;
    let li = store.named("wang.li")?;
    ensure!(li.id == "user:wang.li" && li.display == "王莉", "{li:?}");
    // What was ended does not come back with the file.
    let feed = store.named("feed-taxis")?;
    store.rotate(&feed, 0, "test", now())?;
    let disabled = Account {
        disabled: true,
        ..li
    };
    store.set(&disabled, "disabled", "test", now())?;
    server.stop().await?;
    let server = Server::on(dir.path(), &config).await?;
    ensure!(Client::connect(server.address, "li-secret").await.is_err());
    ensure!(
        Client::connect(server.address, "taxi-secret")
            .await
            .is_err()
    );
    ensure!(Client::connect(server.address, "wall-secret").await.is_ok());
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_server_is_closed_by_its_first_account_and_its_guests_go() -> Result<()> {
    let server = Server::start(CHEAP).await?;
    let mut guest = Client::connect(server.address, "").await?;
    ensure!(
        posted(&server, &json!({"name": "a", "password": "b"}))
            .await?
            .0
            == 404
    );
    person(&server.data, "li", "operator")?;
    let began = Instant::now();
    let (_, ended) = guest.ended().await?;
    ensure!(ended.is_some_and(|(code, _)| code == 4006));
    ensure!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    ensure!(Client::connect(server.address, "").await.is_err());
    let token = log_in(&server, "li").await?;
    ensure!(Client::connect(server.address, &token).await.is_ok());
    server.stop().await
}

/// Accounts that are not made, each with the status that it is answered with; `known` is there already.
fn not_taken(known: &Value) -> Vec<(Value, u16)> {
    vec![
        (known.clone(), 409),
        (json!({"name": "x", "roles": ["boss"]}), 422),
        (json!({"name": "x"}), 422),
        (
            json!({"name": "x", "roles": ["viewer"], "areas": ["1"]}),
            422,
        ),
        (
            json!({"name": "x", "roles": ["viewer"], "display": "a\u{202e}b"}),
            422,
        ),
        (
            json!({"name": "x", "kind": "feed", "speaks_for": "a b"}),
            422,
        ),
        (json!({"name": "x", "admin": true}), 400),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_make_and_end_accounts_over_http_and_nobody_else_does() -> Result<()> {
    let dir = tempfile::tempdir()?;
    person(dir.path(), "boss", "administrator")?;
    person(dir.path(), "li", "operator")?;
    let server = Server::on(dir.path(), CHEAP).await?;
    let http = reqwest::Client::new();
    let ask = async |token: &str, path: &str, body: Value| -> Result<(u16, Value)> {
        let request = http.post(server.http(path)).bearer_auth(token).json(&body);
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        Ok((status, answer.json().await?))
    };
    let (boss, li) = (log_in(&server, "boss").await?, log_in(&server, "li").await?);
    let wang =
        json!({"name": "wang", "roles": ["dispatcher"], "areas": ["320102"], "display": "王莉"});
    for (token, expected) in [(li.as_str(), 403), ("nobody", 401), (boss.as_str(), 200)] {
        let (status, answer) = ask(token, "/v1/accounts", wang.clone()).await?;
        ensure!(status == expected, "{status} {answer}");
    }
    for (body, expected) in not_taken(&wang) {
        let (status, answer) = ask(&boss, "/v1/accounts", body.clone()).await?;
        ensure!(status == expected, "{body}: {status} {answer}");
    }
    // One-time passwords are shown once, and must be changed.
    let (_, answer) = ask(&boss, "/v1/accounts/wang/reset", json!({})).await?;
    let once = answer["shown_once"].as_str().context("a password")?;
    let (status, answer, _) = posted(&server, &json!({"name": "wang", "password": once})).await?;
    ensure!(status == 403 && answer["must_change"] == true, "{answer}");
    let body = json!({"name": "wang", "password": once, "new_password": "wang2026"});
    let (status, answer, _) = posted(&server, &body).await?;
    ensure!(status == 422 && answer["error"].as_str().is_some_and(|e| e.contains("weak")));
    let body = json!({"name": "wang", "password": once, "new_password": PASSWORD});
    let (status, answer, _) = posted(&server, &body).await?;
    ensure!(
        status == 200 && answer["areas"] == json!(["320102"]),
        "{answer}"
    );
    let token = answer["token"].as_str().context("a token")?;
    let mut client = Client::connect(server.address, token).await?;

    let (status, _) = ask(&boss, "/v1/accounts/wang", json!({"disabled": true})).await?;
    ensure!(status == 200);
    let began = Instant::now();
    let (_, ended) = client.ended().await?;
    ensure!(ended.is_some_and(|(code, _)| code == 4006));
    ensure!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    for body in [json!({"disabled": true}), json!({"roles": ["operator"]})] {
        let (status, answer) = ask(&boss, "/v1/accounts/BOSS", body).await?;
        ensure!(status == 409, "{status} {answer}");
    }
    let feed = json!({"name": "taxis", "kind": "feed", "speaks_for": "taxis"});
    let (_, answer) = ask(&boss, "/v1/accounts", feed).await?;
    let secret = answer["shown_once"].as_str().context("a secret")?;
    let row = "{\"key\":\"a\",\"lon\":118.79,\"lat\":32.05}\n";
    let (status, answer) = server.post("/v1/feeds/taxis/fixes", secret, row).await?;
    ensure!(status == 200, "{answer}");
    let list = http.get(server.http("/v1/accounts")).bearer_auth(&boss);
    let list: Value = list.send().await?.json().await?;
    ensure!(
        list["accounts"].as_array().map(Vec::len) == Some(4),
        "{list}"
    );
    ensure!(!list.to_string().contains("argon2"));
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_accounts_are_in_the_log_with_who_made_them() -> Result<()> {
    let dir = tempfile::tempdir()?;
    person(dir.path(), "boss", "administrator")?;
    let server = Server::on(dir.path(), CHEAP).await?;
    let boss = log_in(&server, "boss").await?;
    let new = json!({"name": "li", "roles": ["operator"]});
    let made = reqwest::Client::new().post(server.http("/v1/accounts"));
    let made = made.bearer_auth(&boss).json(&new).send().await?;
    ensure!(made.status().is_success());
    // The server looks at what was changed four times a second, and the city at what was written down once a second.
    tokio::time::sleep(Duration::from_secs(3)).await;
    server.stop().await?;
    let program = chengtu_tests::program::server_program()?;
    let mut audit = std::process::Command::new(program);
    audit.args(["audit", "--json", "--data"]).arg(dir.path());
    let said = String::from_utf8(audit.output()?.stdout)?;
    let lines: Vec<Value> = said
        .lines()
        .filter_map(|l| serde_json::from_str(l).ok())
        .filter(|l: &Value| l.to_string().contains("account_changed"))
        .collect();
    let by = |who: &str, account: &str| {
        let both = |l: &&Value| l.to_string().contains(who) && l.to_string().contains(account);
        lines.iter().any(|l| both(&l))
    };
    ensure!(by("machine:test", "user:boss"), "{said}");
    ensure!(by("\"user:boss\"", "user:li"), "{said}");
    ensure!(!said.contains(PASSWORD) && !said.contains("argon2"));
    Ok(())
}
