//! What one neighbour sends or asks for costs that neighbour time, and nobody else.

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::city::Severity;
use chengtu_engine::code::Code;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::event::Event;
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{AlarmId, CaseId, ClassId, CommandId};
use chengtu_engine::model::{Actor, CaseSource, NOTES_CHARS_MAX};
use chengtu_engine::record::{Body, LivePen, Origin};
use chengtu_engine::replay::TimeBasis;
use chengtu_engine::stream::{ClientMessage, Mirror, ServerMessage, WorldChoice};
use chengtu_protocol::{Encoding, decode_server};
use chengtu_server::log::{EmbeddedStore, LogStore, recover};
use chengtu_tests::program::nanjing;
use chengtu_tests::support::{Client, Server, now, report, until};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::StreamExt;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

const MIB: usize = 1 << 20;
/// Programs of many kinds take messages of so many bytes, and no more unless they are told to.
const TAKEN_BYTES: usize = MIB;
const ONE_FEED: &str = "
[[users]]
name = 'Li'
role = 'operator'
token = 'op'
[[feeds]]
name = 'f'
token = 'tf'
";

async fn post_packed(server: &Server, kind: &str, body: &str) -> Result<serde_json::Value> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(body.as_bytes())?;
    let request = reqwest::Client::new()
        .post(server.http(&format!("/v1/feeds/f/{kind}")))
        .header("Authorization", "Bearer tf")
        .header("Content-Encoding", "gzip")
        .header("Content-Type", "application/x-ndjson")
        .body(packer.finish()?);
    Ok(request.send().await?.json().await?)
}

fn cases(count: usize, note: &str) -> String {
    let mut text = String::new();
    for i in 0..count {
        let _ = writeln!(
            text,
            r#"{{"key":"c{i}","class":"E0101","lon":118.79,"lat":32.05,"note":"{note}"}}"#
        );
    }
    text
}

/// Reads until the mirror is as it should be, and gives the size of the largest message.
async fn take_until(
    client: &mut Client,
    mirror: &mut Mirror,
    is_so: impl Fn(&Mirror) -> bool,
) -> Result<usize> {
    let mut largest = 0;
    while !is_so(mirror) {
        let next = tokio::time::timeout(Duration::from_secs(40), client.socket.next());
        let message = next.await?.context("the connection has ended")??;
        if let Message::Binary(bytes) = message {
            largest = largest.max(bytes.len());
            let message = decode_server(Encoding::Binary, &bytes)?;
            mirror.apply(&message)?;
        }
    }
    Ok(largest)
}

/// How long a command of another session takes at most, until `done` is.
async fn longest_command<T>(
    client: &mut Client,
    done: impl Future<Output = T>,
) -> Result<(Duration, T)> {
    let mut done = std::pin::pin!(done);
    let mut longest = Duration::ZERO;
    for id in 1.. {
        let began = Instant::now();
        let alarm = AlarmId(1);
        client
            .command(1_000_000 + id, CommandRequest::AcknowledgeAlarm { alarm })
            .await?;
        longest = longest.max(began.elapsed());
        let rest = Duration::from_millis(20);
        if let Ok(result) = tokio::time::timeout(rest, &mut done).await {
            return Ok((longest, result));
        }
    }
    bail!("it is never done")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_of_twenty_mebibytes_is_refused_in_words_and_nobody_is_cut_off() -> Result<()> {
    let server = Server::start(ONE_FEED).await?;
    let mut client = Client::connect(server.address, "op").await?;
    client.subscribe().await?;
    let answer = post_packed(&server, "cases", &cases(1, &"A".repeat(20 * MIB))).await?;
    ensure!(answer["accepted"].as_u64().unwrap_or(0) == 0, "{answer}");
    // What a door lets in, whatever a row may be long, is held to the limit of its text.
    let answer = post_packed(&server, "cases", &cases(1, &"A".repeat(MIB / 2))).await?;
    let problem = &answer["problems"][0];
    ensure!(
        answer["accepted"] == 0 && problem["code"] == 304,
        "{:.300}",
        answer.to_string()
    );
    ensure!(
        problem["text"]
            .as_str()
            .is_some_and(|t| t.contains("524288 characters"))
    );
    // The same of a person, and of every other text.
    let refused = client.command(1, report(&"A".repeat(5_000))).await?;
    ensure!(
        matches!(&refused, ServerMessage::Rejected(r) if r.code == Code::TextTooLong),
        "{refused:?}"
    );
    let taken = client.command(2, report(&"井".repeat(2_000))).await?;
    ensure!(matches!(taken, ServerMessage::Accepted(_)), "{taken:?}");
    server.stop().await
}

/// Puts a case with a note of many bytes at the end of a log, as a server of before the limits would have.
fn add_large_note(data: &Path, note: String) -> Result<CaseId> {
    let store = EmbeddedStore::at(data);
    let mut log = store.writer(now())?;
    let state = recover(&store, &*log)?.state;
    let (case, class) = (CaseId(1), ClassId(0));
    let reported = Event::CaseReported {
        case,
        class,
        severity: Severity::Normal,
        position: Position::new(1_187_900_000, 320_500_000),
        address: String::new(),
        note,
        source: CaseSource::Operator("Li".to_owned()),
        occurred_at: now(),
        maybe_same_as: None,
    };
    let filed = Event::CaseFiled {
        case,
        class,
        filed_at: now(),
        due_at: now().plus_seconds(86_400),
    };
    let origin = Origin {
        actor: Actor::Operator("Li".to_owned()),
        command: None,
    };
    let body = Body::Events(vec![reported, filed]);
    let pen = LivePen::of_the_live_log();
    log.append(&pen.write(state.seq() + 1, now(), origin, body))?;
    log.commit()?;
    Ok(case)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_holds_a_text_of_mebibytes_opens_and_its_maps_work() -> Result<()> {
    let dir = tempfile::tempdir()?;
    Server::on(dir.path(), ONE_FEED).await?.stop().await?;
    let case = add_large_note(dir.path(), "A".repeat(20 * MIB))?;
    let server = Server::on(dir.path(), ONE_FEED).await?;
    let mut client = Client::connect(server.address, "op").await?;
    client.subscribe().await?;
    let mut mirror = Mirror::new();
    let largest = take_until(&mut client, &mut mirror, |m| m.cases.contains_key(&case)).await?;
    ensure!(largest <= TAKEN_BYTES, "a message of {largest} bytes");
    let shown = &mirror.cases[&case].note;
    ensure!(shown.chars().count() == NOTES_CHARS_MAX + 1 && shown.ends_with('…'));
    // It can be worked on, and what is added is read.
    let void = CommandRequest::VoidCase {
        case,
        reason: "test".to_owned(),
    };
    let (id, command) = (CommandId(1, 7), void);
    client.say(&ClientMessage::Command { id, command }).await?;
    let is_added = |m: &Mirror| m.cases[&case].note.ends_with("… → test");
    let largest = take_until(&mut client, &mut mirror, is_added).await?;
    ensure!(largest <= TAKEN_BYTES, "a message of {largest} bytes");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_city_comes_in_messages_that_every_program_takes() -> Result<()> {
    let server = Server::start(ONE_FEED).await?;
    let answer = post_packed(&server, "cases", &cases(3_000, &"积水".repeat(100))).await?;
    ensure!(answer["accepted"] == 3_000, "{:.300}", answer.to_string());
    let mut client = Client::connect(server.address, "op").await?;
    client.subscribe().await?;
    let mut mirror = Mirror::new();
    let is_whole = |m: &Mirror| m.cases.len() == 3_000 && m.units.len() > 10;
    let largest = take_until(&mut client, &mut mirror, is_whole).await?;
    ensure!(largest <= TAKEN_BYTES, "a message of {largest} bytes");
    // What is changed afterwards comes as it always has.
    let (id, command) = (CommandId(1, 7), report("one more"));
    client.say(&ClientMessage::Command { id, command }).await?;
    take_until(&mut client, &mut mirror, |m| m.cases.len() == 3_001).await?;
    ensure!(
        mirror.seq >= client.hello.seq,
        "the last part has the number"
    );
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_do_not_wait_behind_thousands_of_cases_at_one_spot() -> Result<()> {
    let config = format!("{ONE_FEED}[limits]\nfeed_cases_max = 3000\n");
    let server = Server::start(&config).await?;
    let mut client = Client::connect(server.address, "op").await?;
    let body = cases(4_000, "");
    let posted = post_packed(&server, "cases", &body);
    let (longest, answer) = longest_command(&mut client, posted).await?;
    let answer = answer?;
    ensure!(
        answer["accepted"] == 3_000 && answer["rejected"] == 1_000,
        "{:.300}",
        answer.to_string()
    );
    let problem = &answer["problems"][0];
    ensure!(
        problem["code"] == 508
            && problem["text"]
                .as_str()
                .is_some_and(|t| t.contains("limits.feed_cases_max")),
        "{problem}"
    );
    ensure!(longest < Duration::from_millis(1_500), "{longest:?}");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_everything_again_and_again_gets_it_once_a_second() -> Result<()> {
    let server = Server::start(ONE_FEED).await?;
    let mut client = Client::connect(server.address, "op").await?;
    client.subscribe().await?;
    let began = Instant::now();
    let mut snapshots = 0;
    while began.elapsed() < Duration::from_secs(3) {
        client.say(&ClientMessage::Resync).await?;
        let next = tokio::time::timeout(Duration::from_millis(30), client.next());
        if let Ok(message) = next.await {
            snapshots += u32::from(matches!(message?, ServerMessage::Snapshot { .. }));
        }
    }
    ensure!((3..=7).contains(&snapshots), "{snapshots} snapshots in 3 s");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_and_repeats_without_end_hold_nobody_up() -> Result<()> {
    let server = Server::start(ONE_FEED).await?;
    let mut rogue = Client::connect(server.address, "op").await?;
    let ServerMessage::Accepted(first) = rogue.command(7, report("once")).await? else {
        bail!("it is not taken")
    };
    let case = first.case.context("a case")?;
    let flood = async {
        for request in 0..1_000 {
            rogue
                .say(&ClientMessage::RankUnits { request, case })
                .await?;
            let (id, command) = (CommandId(7, 7), report("once"));
            rogue.say(&ClientMessage::Command { id, command }).await?;
        }
        let (mut ranked, mut repeated, mut refused) = (0, 0, 0);
        while ranked + repeated + refused < 2_000 {
            match rogue.next().await? {
                ServerMessage::Ranking { .. }
                | ServerMessage::Notice {
                    code: Code::NoAnswer,
                    ..
                } => ranked += 1,
                ServerMessage::Accepted(a) => {
                    ensure!((a.seq, a.case) == (first.seq, first.case), "{a:?}");
                    repeated += 1;
                }
                ServerMessage::Notice {
                    code: Code::TooMuchAtOnce,
                    ..
                } => refused += 1,
                ServerMessage::Rejected(r) if r.code == Code::TooMuchAtOnce => refused += 1,
                _ => {}
            }
        }
        anyhow::Ok((ranked, repeated, refused))
    };
    let mut client = Client::connect(server.address, "op").await?;
    let (longest, counted) = longest_command(&mut client, flood).await?;
    let (ranked, repeated, refused) = counted?;
    ensure!(ranked > 0 && repeated > 0, "{ranked} {repeated} {refused}");
    ensure!(longest < Duration::from_millis(1_500), "{longest:?}");
    server.stop().await
}

/// A copy of a city pack whose files can be edited.
fn copied_pack(to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(nanjing())? {
        let path = entry?.path();
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().context("a name")?))?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_table_of_classes_leaves_every_case_what_it_was() -> Result<()> {
    let (pack, data) = (tempfile::tempdir()?, tempfile::tempdir()?);
    copied_pack(pack.path())?;
    let server = Server::of_city(pack.path(), data.path(), ONE_FEED).await?;
    let mut client = Client::connect(server.address, "op").await?;
    let before = client.hello.city.clone();
    let class = ClassId(4);
    let case_of = |class| CommandRequest::ReportCase {
        class,
        severity: None,
        lon: 118.79,
        lat: 32.05,
        address: String::new(),
        note: String::new(),
    };
    let ServerMessage::Accepted(made) = client.command(1, case_of(class)).await? else {
        bail!("it is not taken")
    };
    let case = made.case.context("a case")?;
    drop(client);
    server.stop().await?;

    // The first class and the case's own are taken out of the table, and a fleet is made smaller.
    let gone = [
        before.classes[0].code.clone(),
        before.classes[4].code.clone(),
    ];
    let table = pack.path().join("case_classes.csv");
    let text = std::fs::read_to_string(&table)?;
    let kept = text
        .lines()
        .filter(|l| !gone.iter().any(|code| l.starts_with(&format!("{code},"))));
    let kept: Vec<&str> = kept.collect();
    std::fs::write(&table, kept.join("\n") + "\n")?;
    let city = pack.path().join("city.toml");
    let text = std::fs::read_to_string(&city)?;
    let at = text.find("count = ").context("a fleet")?;
    let end = at + text[at..].find('\n').context("a line")?;
    std::fs::write(&city, format!("{}count = 1{}", &text[..at], &text[end..]))?;

    let server = Server::of_city(pack.path(), data.path(), ONE_FEED).await?;
    let mut client = Client::connect(server.address, "op").await?;
    client.subscribe().await?;
    ensure!(
        client.hello.city.classes == before.classes,
        "every class has its place"
    );
    let mut mirror = Mirror::new();
    take_until(&mut client, &mut mirror, |m| m.cases.contains_key(&case)).await?;
    ensure!(mirror.cases[&case].class == class);
    // New cases of it are not taken, neither of people nor of feeds; others are what they were.
    for gone in [ClassId(0), class] {
        let refused = client
            .command(10 + u64::from(gone.0), case_of(gone))
            .await?;
        ensure!(
            matches!(&refused, ServerMessage::Rejected(r) if r.code == Code::NoSuchClass),
            "{refused:?}"
        );
    }
    let row =
        |code: &str| format!(r#"{{"key":"{code}","class":"{code}","lon":118.79,"lat":32.05}}"#);
    let answer = post_packed(&server, "cases", &row(&gone[1])).await?;
    ensure!(answer["problems"][0]["code"] == 104, "{answer}");
    let answer = post_packed(&server, "cases", &row(&before.classes[5].code)).await?;
    ensure!(answer["accepted"] == 1, "{answer}");
    let out: Vec<_> = mirror
        .units
        .values()
        .filter(|u| u.status == chengtu_engine::model::UnitStatus::OutOfService)
        .map(|u| u.fleet.as_str())
        .collect();
    ensure!(
        !out.is_empty() && out.iter().all(|f| *f == out[0]),
        "{out:?}"
    );
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_has_its_share_of_the_city_and_leaves_the_others_theirs() -> Result<()> {
    let config = format!(
        "{ONE_FEED}[[feeds]]\nname = 'g'\ntoken = 'tg'\n[limits]\nmovers_max = 2000\nsensors_max = 100\n"
    );
    let server = Server::start(&config).await?;
    let mut rows = String::new();
    for i in 0..3_000 {
        let _ = writeln!(
            rows,
            r#"{{"key":"trip-{i}","lon":118.79,"lat":32.05,"time_ms":1}}"#
        );
    }
    let answer = post_packed(&server, "fixes", &rows).await?;
    ensure!(answer["accepted"] == 1_500, "{:.300}", answer.to_string());
    let text = answer["problems"][0]["text"].as_str().unwrap_or_default();
    ensure!(text.contains("limits.feed_share_max_percent"), "{text}");
    let one = r#"{"key":"bus 1","lon":118.79,"lat":32.05}"#;
    let (_, answer) = server.post("/v1/feeds/g/fixes", "tg", one).await?;
    ensure!(answer["accepted"] == 1, "{answer}");
    let mut rows = String::new();
    for i in 0..90 {
        let _ = writeln!(
            rows,
            r#"{{"key":"s{i}","name":"s{i}","phenomenon":"water_level","unit":"m","lon":118.79,"lat":32.05}}"#
        );
    }
    let answer = post_packed(&server, "sensors", &rows).await?;
    ensure!(
        answer["accepted"] == 75 && answer["problems"][0]["code"] == 508,
        "{:.300}",
        answer.to_string()
    );
    server.stop().await
}

/// What becomes of somebody who wants to go to a world: in it, or why not.
async fn goes(client: &mut Client, message: &ClientMessage) -> Result<Result<(), (Code, String)>> {
    client.say(message).await?;
    until(client, |m| match m {
        ServerMessage::Entered(_) => Some(Ok(())),
        ServerMessage::Notice { code, text } => Some(Err((*code, text.clone()))),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn worlds_together_hold_no_more_of_the_city_than_they_may() -> Result<()> {
    let server = Server::start(&format!("{ONE_FEED}[worlds]\nmovers_max = 2500\n")).await?;
    let mut rows = String::new();
    for i in 0..1_000 {
        let _ = writeln!(rows, r#"{{"key":"v{i}","lon":118.79,"lat":32.05}}"#);
    }
    let answer = post_packed(&server, "fixes", &rows).await?;
    ensure!(answer["accepted"] == 1_000, "{:.300}", answer.to_string());
    let at = now();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let drill = |at| ClientMessage::StartDrill {
        scenario: "cloudburst".to_owned(),
        at,
    };
    // Of the log it would hold the thousand five times.
    let mut director = Client::connect(server.address, "op").await?;
    let refused = goes(&mut director, &drill(Some(at))).await?;
    ensure!(
        matches!(&refused, Err((Code::TooManyWorlds, text)) if text.contains("worlds.movers_max")),
        "{refused:?}"
    );
    // Of its own calm day it holds none of them.
    ensure!(goes(&mut director, &drill(None)).await?.is_ok());
    let replay = ClientMessage::Enter {
        choice: WorldChoice::Replay {
            at,
            speed: 0.0,
            basis: TimeBasis::Known,
            shared: false,
            title: String::new(),
        },
    };
    let mut first = Client::connect(server.address, "op").await?;
    let mut second = Client::connect(server.address, "op").await?;
    let mut third = Client::connect(server.address, "op").await?;
    ensure!(goes(&mut first, &replay).await?.is_ok());
    ensure!(goes(&mut second, &replay).await?.is_ok());
    let refused = goes(&mut third, &replay).await?;
    ensure!(
        matches!(&refused, Err((Code::TooManyWorlds, _))),
        "{refused:?}"
    );
    // One that nobody is in any more makes room.
    drop(first);
    let began = Instant::now();
    while goes(&mut third, &replay).await?.is_err() {
        ensure!(began.elapsed() < Duration::from_secs(20), "no room is made");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    server.stop().await
}
