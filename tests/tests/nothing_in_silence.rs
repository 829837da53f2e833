//! What is wrong in what is sent to a door is told, counted, or put right: never taken in silence.

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::code::Code;
use chengtu_engine::command::{CommandRequest, FixRow, Target};
use chengtu_engine::geo::Viewport;
use chengtu_engine::ids::{CommandId, UnitId};
use chengtu_engine::model::MoverKind;
use chengtu_engine::stream::{ClientMessage, Layer, Mirror, ServerMessage, TileFrame};
use chengtu_server::clock::{Clock, SystemClock};
use chengtu_tests::support::{Client, Server};
use serde_json::{Value, json};

fn now_ms() -> i64 {
    SystemClock.now().0 / 1_000
}

fn lines(rows: &[Value]) -> String {
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    lines.join("\n")
}

fn codes(answer: &Value) -> Vec<u64> {
    let problems = answer["problems"].as_array().cloned().unwrap_or_default();
    let code = |p: &Value| p["code"].as_u64().unwrap_or(0);
    problems.iter().map(code).collect()
}

/// The value of a counter of rows of the feed `counted`, which one test alone has; 0 where it was never counted.
fn counted(metrics: &str, kind: &str, result: &str) -> u64 {
    let labels = format!(r#"feed="counted",kind="{kind}",result="{result}"}} "#);
    let line = metrics.lines().find_map(|l| l.split_once(&labels));
    line.and_then(|(_, n)| n.parse().ok()).unwrap_or(0)
}

/// What was counted of each kind of rows, and that it is all that was sent.
fn sums_are_what_was_sent(metrics: &str) -> Result<()> {
    let results = [
        "accepted",
        "outside",
        "rejected",
        "quarantined",
        "duplicate",
        "stopped",
    ];
    for (kind, sent, expected) in [
        ("fixes", 7, [1, 1, 3, 1, 1, 0]),
        ("sensors", 3, [1, 0, 2, 0, 0, 0]),
        ("observations", 3, [1, 0, 2, 0, 0, 0]),
        ("cases", 3, [0, 1, 2, 0, 0, 0]),
    ] {
        let found = results.map(|result| counted(metrics, kind, result));
        ensure!(found == expected, "{kind}: {found:?}\n{metrics}");
        ensure!(found.iter().sum::<u64>() == sent, "{kind}: {found:?}");
    }
    ensure!(
        metrics.contains(r#"chengtu_rows_refused_total{feed="counted",kind="fixes",code="504"} 1"#),
        "{metrics}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_every_row_that_is_sent_is_counted_once_whatever_was_wrong_with_it() -> Result<()> {
    let server = Server::start("").await?;
    let now = now_ms();
    let garbage = json!({"key": "g", "lon": "x", "lat": 32.05});
    let fixes = [
        json!({"key": "a", "lon": 118.79, "lat": 32.05, "time_ms": now}),
        json!({"key": "a", "lon": 118.79, "lat": 32.05, "time_ms": now}),
        json!({"key": "b", "lon": 0.0, "lat": 0.0}),
        json!({"key": "c", "lon": 118.79, "lat": 32.05, "time_ms": now + 900_000}),
        json!({"key": "d", "lon": 118.79, "lat": 32.05, "time": "yesterday"}),
        json!({"lon": 118.79, "lat": 32.05}),
        garbage.clone(),
    ];
    let (_, answer) = server
        .post("/v1/feeds/counted/fixes", "", lines(&fixes))
        .await?;
    ensure!(
        (&answer["accepted"], &answer["rejected"]) == (&json!(2), &json!(5)),
        "{answer}"
    );
    ensure!(
        (&answer["outside"], &answer["quarantined"]) == (&json!(1), &json!(1)),
        "{answer}"
    );
    let note = answer["notes"][0].as_str().context("words")?;
    ensure!(note.starts_with("1 of 2 rows lie outside"), "{note}");
    let sensors = [
        json!({"key": "w", "name": "w", "unit": "m", "phenomenon": "water_level", "lon": 118.79, "lat": 32.05}),
        json!({"key": "v", "name": "v", "unit": "m", "phenomenon": "weather", "lon": 118.79, "lat": 32.05}),
        json!({"key": "u", "name": "u", "lon": 200.0, "lat": 32.05}),
    ];
    let (_, answer) = server
        .post("/v1/feeds/counted/sensors", "", lines(&sensors))
        .await?;
    ensure!(
        answer["accepted"] == 1 && answer["rejected"] == 2,
        "{answer}"
    );
    let readings = [
        json!({"key": "w", "value": 0.1}),
        json!({"key": "w"}),
        json!({"key": "nobody", "value": 0.1}),
    ];
    let (_, answer) = server
        .post("/v1/feeds/counted/observations", "", lines(&readings))
        .await?;
    ensure!(
        answer["accepted"] == 1 && codes(&answer) == [509, 510],
        "{answer}"
    );
    let cases = [
        json!({"key": "k", "class": "X9999", "lon": 118.79, "lat": 32.05}),
        json!({"key": "l", "lon": 118.79, "lat": 32.05}),
        json!({"key": "m", "class": "E0506", "lon": 10.0, "lat": 32.05}),
    ];
    let (status, answer) = server
        .post("/v1/feeds/counted/cases", "", lines(&cases))
        .await?;
    ensure!(status == 422 && answer["rejected"] == 3, "{answer}");

    sums_are_what_was_sent(&server.metrics().await?)?;
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_own_limits_are_no_stopped_server() -> Result<()> {
    // The units' own feed and one more.
    let server = Server::start("[limits]\nfeeds_max = 2").await?;
    let row = r#"{"key":"a","lon":118.79,"lat":32.05}"#;
    ensure!(server.post("/v1/feeds/one/fixes", "", row).await?.0 == 200);
    let (status, answer) = server.post("/v1/feeds/two/fixes", "", row).await?;
    let text = answer["error"].as_str().context("words")?;
    ensure!(
        status == 403 && text.contains("limits.feeds_max") && !text.contains("stopped"),
        "{status} {text}"
    );
    let mut sender = Client::connect(server.address, "feed:three").await?;
    let rows = vec![fix_row("x")];
    sender.say(&ClientMessage::Fixes { rows }).await?;
    let told = sender.next().await?;
    ensure!(
        matches!(&told, ServerMessage::Notice { code: Code::RowTooMany, text } if text.contains("feeds_max")),
        "{told:?}"
    );
    ensure!(server.post("/v1/feeds/one/fixes", "", row).await?.0 == 200);
    ensure!(server.health().await?.0 == 200);
    let metrics = server.metrics().await?;
    ensure!(
        metrics.contains(r#"feed="another",kind="fixes",result="rejected"} 2"#),
        "{metrics}"
    );
    server.stop().await
}

fn fix_row(key: &str) -> FixRow {
    FixRow {
        key: key.to_owned(),
        lon: 118.79,
        lat: 32.05,
        bearing_deg: None,
        speed_mps: None,
        accuracy_m: None,
        time: None,
        kind: None,
    }
}

/// The answer to a command.
async fn command(
    client: &mut Client,
    id: CommandId,
    command: CommandRequest,
) -> Result<Result<u64, Code>> {
    client.say(&ClientMessage::Command { id, command }).await?;
    loop {
        match client.next().await? {
            ServerMessage::Accepted(a) if a.id == id => return Ok(Ok(a.seq)),
            ServerMessage::Rejected(r) if r.id == id => return Ok(Err(r.code)),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idempotency_an_id_is_of_one_command_by_one_person() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let server = Server::on(dir.path(), "").await?;
    let send = |unit| CommandRequest::DispatchUnit {
        unit: UnitId(unit),
        target: Target::Place(118.78, 32.045),
        expected_s: None,
    };
    let id = CommandId(0, 1);
    let mut a = Client::connect(server.address, "operator:A").await?;
    let mut b = Client::connect(server.address, "operator:B").await?;
    let done = command(&mut a, id, send(0)).await?;
    ensure!(done.is_ok(), "{done:?}");
    for again in 0..2 {
        ensure!(
            command(&mut a, id, send(0)).await? == done,
            "repeat {again}"
        );
        ensure!(command(&mut a, id, send(1)).await? == Err(Code::IdTaken));
        ensure!(command(&mut b, id, send(0)).await? == Err(Code::IdTaken));
        let void = CommandRequest::VoidCase {
            case: chengtu_engine::ids::CaseId(999),
            reason: "x".to_owned(),
        };
        ensure!(command(&mut b, id, void).await? == Err(Code::IdTaken));
    }
    ensure!(command(&mut b, CommandId(0, 2), send(1)).await?.is_ok());
    server.stop().await?;

    // A server that has forgotten who said what asks its log.
    let server = Server::on(dir.path(), "").await?;
    let mut a = Client::connect(server.address, "operator:A").await?;
    // While its first desk is still connected, the person's second has a number.
    let mut again = Client::connect(server.address, "operator:A").await?;
    let mut b = Client::connect(server.address, "operator:B").await?;
    ensure!(command(&mut again, id, send(0)).await? == done);
    ensure!(command(&mut a, id, send(0)).await? == done);
    ensure!(command(&mut a, id, send(2)).await? == Err(Code::IdTaken));
    ensure!(command(&mut b, id, send(0)).await? == Err(Code::IdTaken));
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn identity_what_is_the_same_to_the_eye_is_one_vehicle_and_may_change_its_kind() -> Result<()>
{
    let server = Server::start("").await?;
    let row =
        |key: &str, kind: &str| json!({"key": key, "lon": 118.79, "lat": 32.05, "kind": kind});
    let same = [
        "Z\u{fc}rich",
        "Zu\u{308}rich",
        "Z\u{fc}rich ",
        "\tZ\u{fc}rich\n",
    ];
    for (at, key) in same.iter().enumerate() {
        let mut row = row(key, "taxi");
        row["lat"] = json!(32.05 + at as f64 / 1_000.0);
        let (status, answer) = server
            .post("/v1/feeds/f/fixes", "", row.to_string())
            .await?;
        ensure!(status == 200, "{key:?}: {answer}");
    }
    let mut watcher = Client::connect(server.address, "").await?;
    watcher.subscribe().await?;
    let mut mirror = Mirror::new();
    mirror.apply(&ServerMessage::Hello(Box::new(watcher.hello.clone())))?;
    mirror.apply(&watcher.next().await?)?;
    let kinds = |m: &Mirror| -> Vec<MoverKind> { m.movers().map(|m| m.kind).collect() };
    ensure!(kinds(&mirror) == [MoverKind::Taxi], "{:?}", kinds(&mirror));
    let hidden = [
        row("t\0", "taxi"),
        row("abc\u{202e}321", "taxi"),
        row("  ", "taxi"),
    ];
    let (status, answer) = server.post("/v1/feeds/f/fixes", "", lines(&hidden)).await?;
    ensure!(
        status == 422 && codes(&answer) == [502, 502, 502],
        "{answer}"
    );

    // The same vehicle says that it is a bus, even where it stands still.
    let bus = row("Z\u{fc}rich", "bus").to_string();
    ensure!(server.post("/v1/feeds/f/fixes", "", bus).await?.0 == 200);
    while kinds(&mirror) != [MoverKind::Bus] {
        mirror.apply(&watcher.next().await?)?;
    }
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn identity_a_reading_in_another_unit_than_its_sensors_is_not_taken() -> Result<()> {
    let server = Server::start("").await?;
    let described = json!({"key": "w", "name": "w", "phenomenon": "water_level", "unit": "m",
        "lon": 118.79, "lat": 32.05, "warning": 0.2, "alarm": 0.4});
    let post = async |row: Value| {
        server
            .post("/v1/feeds/f/observations", "", row.to_string())
            .await
    };
    ensure!(post(described).await?.1["accepted"] == 1);
    let (status, answer) = post(json!({"key": "w", "value": 150, "unit": "mm"})).await?;
    ensure!(status == 422 && codes(&answer) == [509], "{answer}");
    let text = answer["problems"][0]["text"].as_str().context("words")?;
    ensure!(text.contains("\"mm\"") && text.contains("\"m\""), "{text}");
    ensure!(
        post(json!({"key": "w", "value": 0.15, "unit": "m"}))
            .await?
            .0
            == 200
    );
    ensure!(post(json!({"key": "w", "value": 0.16})).await?.0 == 200);
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_a_day_that_is_sent_again_is_not_taken_again() -> Result<()> {
    let server = Server::start("").await?;
    let begin = now_ms() - 3_600_000;
    let row = |i: i64| json!({"key": "log1", "lon": 118.77 + i as f64 / 10_000.0, "lat": 32.05, "time_ms": begin + i * 30_000});
    let day: Vec<Value> = (0..100).map(row).collect();
    for (upload, accepted) in [(1, 100), (2, 0), (3, 0)] {
        let (_, answer) = server.post("/v1/feeds/f/fixes", "", lines(&day)).await?;
        ensure!(answer["accepted"] == accepted, "upload {upload}: {answer}");
        ensure!(codes(&answer).iter().all(|c| *c == 506), "{answer}");
    }
    // Readings likewise, and twice in one body.
    let described = json!({"key": "w", "name": "w", "phenomenon": "water_level", "unit": "m", "lon": 118.79, "lat": 32.05});
    server
        .post("/v1/feeds/f/sensors", "", described.to_string())
        .await?;
    let row = |i: i64| json!({"key": "w", "value": 0.1, "time_ms": begin + i * 30_000});
    let twice: Vec<Value> = (0..100).chain(0..100).map(row).collect();
    for accepted in [100, 0] {
        let (_, answer) = server
            .post("/v1/feeds/f/observations", "", lines(&twice))
            .await?;
        ensure!(answer["accepted"] == accepted, "{answer}");
        ensure!(answer["rejected"] == 200 - accepted, "{answer}");
    }
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_a_changed_case_of_a_known_key_is_told() -> Result<()> {
    let server = Server::start("").await?;
    let row = json!({"key": "SR-7", "class": "E0506", "lon": 118.78, "lat": 32.045, "severity": "slight", "note": "a"});
    let post = async |row: &Value| server.post("/v1/feeds/h/cases", "", row.to_string()).await;
    let (_, first) = post(&row).await?;
    let (_, again) = post(&row).await?;
    ensure!(
        again["accepted"] == 1 && again["cases"] == first["cases"],
        "{again}"
    );
    for (field, value) in [
        ("severity", json!("severe")),
        ("lon", json!(118.79)),
        ("note", json!("people trapped")),
        ("class", json!("E0101")),
        ("address", json!("洪武北路 1 号")),
    ] {
        let mut changed = row.clone();
        changed[field] = value;
        let (status, answer) = post(&changed).await?;
        ensure!(
            status == 422 && codes(&answer) == [216],
            "{field}: {answer}"
        );
    }
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn viewports_over_the_180th_meridian_are_refused_in_words() -> Result<()> {
    let server = Server::start("").await?;
    let mut client = Client::connect(server.address, "").await?;
    let viewport = Viewport {
        west: 179.8,
        south: -17.2,
        east: -179.8,
        north: -16.8,
        zoom: 14.0,
    };
    client
        .say(&ClientMessage::Subscribe {
            viewport: Some(viewport),
            layers: vec![Layer::Movers],
            rate_hz: 10.0,
        })
        .await?;
    match client.next().await? {
        ServerMessage::Notice { text, .. } if text.contains("180th meridian") => {}
        other => bail!("{other:?}"),
    }
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn order_under_a_fast_clock_the_last_row_of_a_batch_is_on_the_screen() -> Result<()> {
    let server = Server::start("").await?;
    let now = now_ms();
    for (key, timed) in [("fast", true), ("untimed", false)] {
        let row = |i: i64| {
            let mut row = json!({"key": key, "lon": 118.770 + i as f64 / 1_000.0, "lat": 32.05});
            if timed {
                row["time_ms"] = json!(now + 40_000 - 3_000 * (9 - i));
            }
            row
        };
        let rows: Vec<Value> = (0..10).map(row).collect();
        let (_, answer) = server.post("/v1/feeds/f/fixes", "", lines(&rows)).await?;
        ensure!(answer["accepted"] == 10, "{answer}");
    }
    let mut client = Client::connect(server.address, "").await?;
    client.subscribe().await?;
    let ServerMessage::Snapshot { tiles, .. } = client.next().await? else {
        bail!("a snapshot")
    };
    let rows = tiles.iter().flat_map(TileFrame::rows);
    let shown: Vec<f64> = rows.map(|r| r.position.lon_lat().lon_deg).collect();
    ensure!(shown.len() == 2, "{shown:?}");
    ensure!(
        shown.iter().all(|lon| (lon - 118.779).abs() < 1e-6),
        "{shown:?}"
    );
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn order_rows_of_a_clock_that_was_set_back_by_years_are_told() -> Result<()> {
    let server = Server::start("").await?;
    let row = |ms: i64| json!({"key": "a", "lon": 118.79, "lat": 32.05, "time_ms": ms});
    let rollover = now_ms() - 1_024 * 7 * 86_400_000;
    let rows = [row(now_ms()), row(rollover), row(rollover + 1_000)];
    let (_, answer) = server
        .post("/v1/feeds/rollover/fixes", "", lines(&rows))
        .await?;
    let note = answer["notes"][0].as_str().context("words")?;
    ensure!(answer["accepted"] == 3, "{answer}");
    ensure!(
        note.starts_with("2 of 3 rows are more than a day old"),
        "{note}"
    );
    let metrics = server.metrics().await?;
    ensure!(
        metrics.contains(r#"chengtu_rows_old_total{feed="rollover",kind="fixes"} 2"#),
        "{metrics}"
    );
    server.stop().await
}
