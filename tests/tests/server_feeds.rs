//! The inputs for data: good rows in, bad rows reported by number, wrong tokens refused, and nobody else disturbed.

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::code::Code;
use chengtu_engine::command::FixRow;
use chengtu_engine::stream::{ClientMessage, EntityChange, ServerMessage};
use chengtu_server::clock::{Clock, SystemClock};
use chengtu_tests::program::nanjing;
use chengtu_tests::support::{Client, Server};
use serde_json::{Value, json};
use std::io::Write;

const TWO_FEEDS: &str = "
[[feeds]]
name = 'taxis'
token = 'ta'
crs = 'gcj02'
[[feeds]]
name = 'survey'
token = 'ts'
crs = 'EPSG:4549'
[[users]]
name = '王莉'
role = 'operator'
token = 'to'
[[users]]
name = 'T'
role = 'unit'
token = 'tt'
unit = '*'
[limits]
movers_max = 200
";

fn now_ms() -> i64 {
    SystemClock.now().0 / 1_000
}

/// Where a client sees the movers, by id.
async fn positions(server: &Server, token: &str) -> Result<Vec<(f64, f64, i64)>> {
    let mut client = Client::connect(server.address, token).await?;
    client.subscribe().await?;
    let ServerMessage::Snapshot { tiles, .. } = client.next().await? else {
        bail!("a snapshot")
    };
    let mut rows: Vec<_> = tiles
        .iter()
        .flat_map(chengtu_engine::stream::TileFrame::rows)
        .collect();
    rows.sort_by_key(|r| r.id);
    Ok(rows
        .iter()
        .map(|r| {
            let p = r.position.lon_lat();
            (p.lon_deg, p.lat_deg, r.fix_time.0 / 1_000)
        })
        .collect())
}

fn codes(answer: &Value) -> Vec<(u64, u64)> {
    let problems = answer["problems"].as_array().cloned().unwrap_or_default();
    let pair = |p: &Value| {
        (
            p["row"].as_u64().unwrap_or(0),
            p["code"].as_u64().unwrap_or(0),
        )
    };
    problems.iter().map(pair).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_with_some_bad_rows_takes_the_good_and_names_the_bad() -> Result<()> {
    let server = Server::start("").await?;
    let now = now_ms();
    let body = [
        json!({"key": "a", "lon": 118.79, "lat": 32.05, "time_ms": now - 10_000}).to_string(),
        json!({"key": "b", "lon": 181.0, "lat": 32.05}).to_string(),
        r#"{"key":"c","lon":NaN,"lat":32.05}"#.to_owned(),
        json!({"key": "d", "lon": 118.79, "lat": 32.05, "time_ms": now + 120_000}).to_string(),
        "nonsense".to_owned(),
        json!({"key": "a", "lon": 118.79, "lat": 32.05, "time_ms": now - 10_000}).to_string(),
        json!({"key": "e", "lon": 118.8, "lat": 32.06, "time_ms": now}).to_string(),
    ]
    .join("\n");
    let (status, answer) = server.post("/v1/feeds/f/fixes", "", body).await?;
    ensure!(
        status == 200 && answer["accepted"] == 2 && answer["rejected"] == 5,
        "{answer}"
    );
    ensure!(
        codes(&answer) == [(2, 511), (3, 501), (4, 505), (5, 501), (6, 506)],
        "{answer}"
    );
    let text = answer["problems"][2]["text"].as_str().context("words")?;
    ensure!(
        text.contains("quarantined") && text.contains("clock"),
        "{text}"
    );
    let metrics = server.metrics().await?;
    ensure!(metrics.contains(r#"result="quarantined"} 1"#), "{metrics}");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_present_never_jumps_back_and_a_future_stamp_freezes_nobody() -> Result<()> {
    let server = Server::start("").await?;
    let now = now_ms();
    let fix = |lon: f64, ms: i64| {
        json!({"key": "a", "lon": lon, "lat": 32.05, "time_ms": ms}).to_string()
    };
    let post = async |body: String| server.post("/v1/feeds/f/fixes", "", body).await;
    ensure!(post(fix(118.790, now - 5_000)).await?.0 == 200);
    // A backlog after lost coverage: kept, but the present stays.
    let (_, late) =
        post([fix(118.780, now - 60_000), fix(118.785, now - 30_000)].join("\n")).await?;
    ensure!(late["accepted"] == 2, "{late}");
    ensure!((positions(&server, "").await?[0].0 - 118.790).abs() < 1e-6);
    // A wild clock is kept out altogether …
    ensure!(post(fix(118.700, now + 3_600_000)).await?.0 == 422);
    // … one that is a little ahead counts as now, so that the next fix moves on.
    ensure!(post(fix(118.792, now + 50_000)).await?.0 == 200);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    ensure!(post(fix(118.794, now_ms() + 100)).await?.0 == 200);
    ensure!((positions(&server, "").await?[0].0 - 118.794).abs() < 1e-6);
    // The same fix again, even if it is not the last one.
    let (status, again) = post(fix(118.790, now - 5_000)).await?;
    ensure!(status == 422 && codes(&again) == [(1, 506)], "{again}");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_feed_speaks_in_its_own_system_with_its_own_token() -> Result<()> {
    let server = Server::start(TWO_FEEDS).await?;
    // GCJ-02 of 118.79 E 32.05 N, and CGCS2000 Gauss–Krüger about 120° E of the same place.
    let gcj =
        chengtu_server::crs::gcj02_from_wgs84(chengtu_engine::geo::LonLat::new(118.79, 32.05));
    let body = json!({"key": "t", "lon": gcj.lon_deg, "lat": gcj.lat_deg}).to_string();
    let (status, answer) = server
        .post("/v1/feeds/taxis/fixes", "ta", body.clone())
        .await?;
    ensure!(status == 200, "{answer}");
    let (status, answer) = server
        .post(
            "/v1/feeds/survey/fixes",
            "ts",
            r#"{"key":"s","x":385717.0,"y":3548037.0}"#,
        )
        .await?;
    ensure!(status == 200, "{answer}");
    let seen = positions(&server, "to").await?;
    ensure!(seen.len() == 2, "{seen:?}");
    ensure!(
        (seen[0].0 - 118.79).abs() < 2e-7 && (seen[0].1 - 32.05).abs() < 2e-7,
        "{seen:?}"
    );
    ensure!(
        (seen[1].0 - 118.79).abs() < 1e-4 && (seen[1].1 - 32.05).abs() < 1e-4,
        "{seen:?}"
    );
    for (path, token, status) in [
        ("/v1/feeds/taxis/fixes", "wrong", 401),
        ("/v1/feeds/taxis/fixes", "ts", 403),
        ("/v1/feeds/nobody/fixes", "ta", 404),
        ("/v1/feeds/taxis/rockets", "ta", 404),
    ] {
        let (found, answer) = server.post(path, token, body.clone()).await?;
        ensure!(
            found == status && answer["error"].is_string(),
            "{path} {token}: {found} {answer}"
        );
    }
    let bare = reqwest::Client::new()
        .post(server.http("/v1/feeds/taxis/fixes"))
        .body(body);
    ensure!(bare.send().await?.status() == 401);
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn packed_oversized_and_foreign_bodies() -> Result<()> {
    let server =
        Server::start("[limits]\nbody_bytes_max = 20000\nbody_unpacked_bytes_max = 100000").await?;
    let send = async |body: Vec<u8>, kind: &str, packing: Option<&str>| -> Result<(u16, Value)> {
        let mut r = reqwest::Client::new()
            .post(server.http("/v1/feeds/f/fixes"))
            .header("Content-Type", kind)
            .body(body);
        if let Some(packing) = packing {
            r = r.header("Content-Encoding", packing);
        }
        let answer = r.send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    };
    let gzip = |plain: &[u8]| -> Result<Vec<u8>> {
        let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        e.write_all(plain)?;
        Ok(e.finish()?)
    };
    let row = br#"{"key":"a","lon":118.79,"lat":32.05}"#.to_vec();
    let nd = "application/x-ndjson";
    ensure!(send(gzip(&row)?, nd, Some("gzip")).await?.0 == 200);
    ensure!(send(gzip(&vec![b' '; 200_000])?, nd, Some("gzip")).await?.0 == 413);
    ensure!(send(vec![b' '; 30_000], nd, None).await?.0 == 413);
    ensure!(send(row.clone(), nd, Some("gzip")).await?.0 == 422);
    ensure!(send(row.clone(), nd, Some("br")).await?.0 == 415);
    ensure!(send(row.clone(), "image/png", None).await?.0 == 415);
    ensure!(send(vec![], nd, None).await?.0 == 422);
    let (status, answer) = send(
        br#"{"type":"Polygon"}"#.to_vec(),
        "application/geo+json",
        None,
    )
    .await?;
    ensure!(
        status == 422
            && answer["problems"][0]["text"]
                .as_str()
                .is_some_and(|t| t.contains("FeatureCollection")),
        "{answer}"
    );
    let features = json!({"type": "FeatureCollection", "features": [
        {"type": "Feature", "id": "g1", "geometry": {"type": "Point", "coordinates": [118.79, 32.05]}, "properties": {"speed_mps": 3}},
        {"type": "Feature", "id": "g2", "geometry": {"type": "LineString", "coordinates": []}, "properties": null},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [118.79, 32.05]}, "properties": {"key": "g3"}},
    ]});
    let (status, answer) = send(features.to_string().into(), "application/json", None).await?;
    ensure!(
        status == 200 && answer["accepted"] == 2 && codes(&answer) == [(2, 501)],
        "{answer}"
    );
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn sensors_are_described_read_alarmed_and_broken() -> Result<()> {
    let server = Server::start("").await?;
    let mut client = Client::connect(server.address, "").await?;
    client.subscribe().await?;
    client.next().await?;
    let described = json!({"key": "w1", "name": "水位 1", "phenomenon": "water_level", "unit": "m",
        "lon": 118.79, "lat": 32.05, "warning": 0.2, "alarm": 0.4});
    let (status, answer) = server
        .post("/v1/feeds/levels/sensors", "", described.to_string())
        .await?;
    ensure!(status == 200 && answer["accepted"] == 1, "{answer}");
    let body = [
        json!({"key": "w1", "value": 0.5}).to_string(),
        json!({"key": "never", "value": 1.0}).to_string(),
        json!({"key": "w1", "value": 0.1, "time_ms": now_ms() + 600_000}).to_string(),
    ]
    .join("\n");
    let (_, answer) = server
        .post("/v1/feeds/levels/observations", "", body)
        .await?;
    ensure!(
        answer["accepted"] == 1 && codes(&answer) == [(2, 510), (3, 505)],
        "{answer}"
    );
    let (mut alarm, mut sensor) = (false, false);
    while !(alarm && sensor) {
        if let ServerMessage::Frame(f) = client.next().await? {
            alarm |= f
                .changes
                .iter()
                .any(|c| matches!(c, EntityChange::Alarm(_)));
            sensor |= f
                .changes
                .iter()
                .any(|c| matches!(c, EntityChange::Sensor(s) if s.name == "水位 1"));
        }
    }
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_come_once_and_only_of_known_classes_inside_the_city() -> Result<()> {
    let server = Server::start("").await?;
    let mut client = Client::connect(server.address, "").await?;
    client.subscribe().await?;
    client.next().await?;
    let class = client.hello.city.classes[0].code.clone();
    let row = |key: &str, class: &str, lon: f64| {
        json!({"key": key, "class": class, "lon": lon, "lat": 32.05, "note": "积水"}).to_string()
    };
    let body = [
        row("h1", &class, 118.79),
        row("h2", "X9999", 118.79),
        row("h3", &class, 0.0),
    ]
    .join("\n");
    let (status, answer) = server.post("/v1/feeds/hotline/cases", "", body).await?;
    ensure!(
        status == 200 && answer["accepted"] == 1 && codes(&answer) == [(2, 104), (3, 205)],
        "{answer}"
    );
    let (_, again) = server
        .post("/v1/feeds/hotline/cases", "", row("h1", &class, 118.79))
        .await?;
    ensure!(
        again["accepted"] == 1 && again["cases"] == answer["cases"],
        "{again} {answer}"
    );
    loop {
        if let ServerMessage::Frame(f) = client.next().await?
            && let Some(EntityChange::Case(c)) = f.changes.first()
        {
            ensure!(!c.address.is_empty(), "a place in words");
            break;
        }
    }
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_movers_than_agreed_and_terminals_speak_for_themselves() -> Result<()> {
    let server = Server::start(TWO_FEEDS).await?;
    let rows = (0..300).map(|i| format!(r#"{{"key":"k{i}","lon":118.79,"lat":32.05}}"#));
    let body = rows.collect::<Vec<_>>().join("\n");
    let (status, answer) = server.post("/v1/feeds/taxis/fixes", "ta", body).await?;
    let accepted = answer["accepted"].as_u64().unwrap_or(0);
    ensure!(
        status == 200 && accepted > 0 && accepted <= 200 && answer["problems"][0]["code"] == 508,
        "{answer}"
    );
    ensure!(
        answer["problems"]
            .as_array()
            .is_some_and(|p| p.len() == 100)
            && answer["rejected"] == 300 - accepted
    );

    let mut viewer = Client::connect(server.address, "to").await?;
    viewer.subscribe().await?;
    let ServerMessage::Snapshot { changes, .. } = viewer.next().await? else {
        bail!("a snapshot")
    };
    let Some(EntityChange::Unit(unit)) =
        changes.iter().find(|c| matches!(c, EntityChange::Unit(_)))
    else {
        bail!("a unit")
    };
    let mut terminal = Client::connect(server.address, &format!("tt/{}", unit.call_sign)).await?;
    let row = |key: &str, lon: f64| FixRow {
        key: key.to_owned(),
        lon,
        lat: 32.05,
        bearing_deg: None,
        speed_mps: Some(5.0),
        accuracy_m: None,
        time: None,
        kind: None,
    };
    let rows = vec![
        row("", 118.79),
        row("somebody else", 118.79),
        row("", f64::NAN),
    ];
    terminal.say(&ClientMessage::Fixes { rows }).await?;
    let ServerMessage::FixesTaken { accepted, problems } = terminal.next().await? else {
        bail!("fixes taken")
    };
    let mut told: Vec<u32> = problems.iter().map(|p| p.0).collect();
    told.sort_unstable();
    ensure!(accepted == 1 && told == [2, 3], "{accepted} {problems:?}");
    loop {
        if let ServerMessage::Frame(f) = viewer.next().await?
            && f.tiles
                .iter()
                .flat_map(chengtu_engine::stream::TileFrame::rows)
                .any(|r| r.id == unit.mover)
        {
            break;
        }
    }
    let mut stranger = Client::connect(server.address, "to").await?;
    stranger
        .say(&ClientMessage::Fixes {
            rows: vec![row("a", 118.79)],
        })
        .await?;
    ensure!(matches!(
        stranger.next().await?,
        ServerMessage::Notice {
            code: Code::NotForRole,
            ..
        }
    ));
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pack_comes_over_http_whole_or_by_range_and_nothing_else_does() -> Result<()> {
    let server = Server::start("").await?;
    let whole = std::fs::read(nanjing().join("basemap.pmtiles"))?;
    let got = reqwest::get(server.http("/v1/pack/basemap.pmtiles")).await?;
    ensure!(got.status() == 200 && got.bytes().await? == whole);
    let part = reqwest::Client::new()
        .get(server.http("/v1/pack/basemap.pmtiles"))
        .header("Range", "bytes=100-70099")
        .send()
        .await?;
    ensure!(part.status() == 206);
    let range = part.headers()["content-range"].to_str()?.to_owned();
    ensure!(
        range == format!("bytes 100-70099/{}", whole.len()),
        "{range}"
    );
    ensure!(part.bytes().await? == whole[100..70_100]);
    for path in [
        "/v1/pack/..%2f..%2fCargo.toml",
        "/v1/pack/%2fetc%2fpasswd",
        "/v1/pack/secret",
        "/v1/pack/",
    ] {
        ensure!(
            reqwest::get(server.http(path)).await?.status() == 404,
            "{path}"
        );
    }
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn many_readings_at_once_reach_a_client_with_the_whole_hour() -> Result<()> {
    let server = Server::start("").await?;
    let mut client = Client::connect(server.address, "").await?;
    let mut mirror = chengtu_engine::stream::Mirror::new();
    mirror.apply(&ServerMessage::Hello(Box::new(client.hello.clone())))?;
    client.subscribe().await?;
    mirror.apply(&client.next().await?)?;
    let described = json!({"key": "b1", "name": "果皮箱 1", "phenomenon": "bin_fill", "unit": "%",
        "lon": 118.79, "lat": 32.05});
    let (status, _) = server
        .post("/v1/feeds/bins/sensors", "", described.to_string())
        .await?;
    ensure!(status == 200);
    while mirror.sensors.is_empty() {
        mirror.apply(&client.next().await?)?;
    }
    let now = now_ms();
    let row =
        |m: i64| json!({"key": "b1", "value": 50 - m, "time_ms": now - m * 60_000}).to_string();
    let rows: Vec<String> = (0..40).rev().map(row).collect();
    let (status, answer) = server
        .post("/v1/feeds/bins/observations", "", rows.join("\n"))
        .await?;
    ensure!(status == 200 && answer["accepted"] == 40, "{answer}");
    while mirror.sensors.values().all(|s| s.latest.is_none()) {
        mirror.apply(&client.next().await?)?;
    }
    let hours: Vec<usize> = mirror.sensors.values().map(|s| s.hour.len()).collect();
    ensure!(hours == [40], "the client knows {hours:?} of 40 readings");
    server.stop().await
}
