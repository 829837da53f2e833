//! Somebody logs in with keys, is ended by an administrator, logs in again, and finds their case as they left it.

use super::hands::{Hands, Look};
use super::seat::{Report, Seat};
use super::server::{Server, root};
use chengtu_client::camera::MapCamera;
use chengtu_client::live::Selection;
use chengtu_client::net::Connection;
use chengtu_engine::city::Severity;
use chengtu_engine::ids::CaseId;
use serde_json::{Value, json};

/// Typed with plain letters alone.
const PASSWORD: &str = "tidelanterncopperwalnut";

/// Nothing is asked for where nobody has an account; from the first on one logs in with keys, a wrong password being told.
pub fn log_in_with_keys(look: &Look) {
    drop(logged_in(look));
}

/// The server, the desk of somebody who has logged in, and a case.
fn logged_in(look: &Look) -> (Server, Hands, CaseId) {
    let server = Server::start("accounts", root().join("data/nanjing"));
    let mut caller = Seat::at(server.port, "陈默");
    let case = caller.report(&Report {
        code: super::acts::FLOOD,
        severity: Severity::Severe,
        at: (118.7858, 32.0474),
        address: "碑亭巷 浮桥以南 90 m",
        note: "井盖翻起",
    });
    drop(caller);
    // Where nobody has an account nothing is asked for.
    let mut open = Hands::nobody(&server.url(), look);
    let password = open.t("log_in.password");
    open.until("the city", |h| h.city().is_ready());
    assert!(!open.says(&password));
    // From the first account on somebody must log in.
    server.add_person("li", "operator", PASSWORD);
    server.add_person("boss", "administrator", PASSWORD);
    open.sees(&password);
    drop(open);

    let mut hands = Hands::nobody(&server.url(), look);
    hands.sees(&password);
    hands.picture("log-in");
    hands.types("li");
    hands.key("Enter");
    hands.types("tide");
    hands.key("Enter");
    let wrong = hands.words.said("the name or the password is wrong");
    hands.sees(&wrong);
    log_in(&mut hands);
    hands.until("the city", |h| h.city().is_ready());
    hands.sees("li · ");
    (server, hands, case)
}

/// Their session is ended, and they go on where they were.
pub fn drive(look: &Look) {
    let (server, mut hands, case) = logged_in(look);
    hands.key("J");
    hands.key("Enter");
    let is_open = move |h: &Hands| {
        let selection = h.app.world().resource::<Selection>();
        selection.case() == Some(case)
    };
    hands.until("the case in the panel", is_open);
    let view = |h: &Hands| {
        let camera = h.app.world().resource::<MapCamera>();
        (camera.zoom, camera.centre)
    };
    for _ in 0..120 {
        hands.frame();
    }
    let seen = view(&hands);

    server.end_sessions_of("li", ("boss", PASSWORD));
    let ended = hands.words.said("this session was ended; log in again");
    hands.sees(&ended);
    assert!(is_open(&hands), "the case is open behind the card");
    hands.picture("ended");
    hands.types(PASSWORD);
    hands.key("Enter");
    let gone = ended.clone();
    hands.until("the line", move |h| {
        h.app.world().resource::<Connection>().is_live() && !h.says(&gone)
    });
    assert!(is_open(&hands), "and goes on");
    assert_eq!(view(&hands), seen);
    let known = hands.city().mirror.cases.contains_key(&case);
    assert!(known, "told afresh");
}

fn log_in(hands: &mut Hands) {
    hands.types(PASSWORD);
    hands.key("Enter");
    let word = hands.t("log_in.password");
    hands.until("the city behind the card", move |h| {
        h.app.world().resource::<Connection>().is_live() && !h.says(&word)
    });
}

/// Asks the server over HTTP.
pub fn http(url: &str, method: &str, token: &str, body: Option<&Value>) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let client = reqwest::Client::new();
        let mut request = match method {
            "POST" => client.post(url),
            "DELETE" => client.delete(url),
            _ => client.get(url),
        };
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let answer = request.send().await.expect("a server that answers");
        assert!(answer.status().is_success(), "{url}: {}", answer.status());
        let bytes = answer.bytes().await.expect("an answer");
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    })
}

/// The token of somebody who logs in.
pub fn token(server: &str, name: &str, password: &str) -> String {
    let body = json!({"name": name, "password": password});
    let answer = http(&format!("{server}/v1/login"), "POST", "", Some(&body));
    answer["token"].as_str().expect("a token").to_owned()
}
