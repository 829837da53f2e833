//! What the neighbour does, all of it at once and over and over. Nothing of it needs to succeed.

use crate::Campaign;
use crate::client::{Client, gzip, open, post};
use anyhow::Result;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::{AlarmId, CaseId, ClassId, CommandId, UnitId};
use chengtu_engine::stream::{ClientMessage, Layer};
use std::fmt::Write;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinHandle;

const AT: (f64, f64) = (118.779, 32.044);
const MIB: usize = 1 << 20;

/// One misdeed, done again and again with a rest in between, until everything ends.
macro_rules! again {
    ($tasks:ident, $campaign:ident, $rest_ms:literal, $what:ident) => {
        let campaign = $campaign.clone();
        $tasks.push(tokio::spawn(async move {
            for round in 0u64.. {
                if !campaign.goes_on() {
                    break;
                }
                // A server that refuses or hangs up is what is hoped for.
                let done = tokio::time::timeout(Duration::from_mins(2), $what(&campaign, round));
                let _ = done.await;
                tokio::time::sleep(Duration::from_millis($rest_ms)).await;
            }
        }));
    };
}

/// Every misdeed, each a task.
pub fn begin(campaign: &Campaign) -> Vec<JoinHandle<()>> {
    let mut tasks = Vec::new();
    again!(tasks, campaign, 500, half_heads);
    again!(tasks, campaign, 500, sockets_without_hello);
    again!(tasks, campaign, 50, digests);
    again!(tasks, campaign, 5_000, large_note);
    again!(tasks, campaign, 20_000, many_cases);
    again!(tasks, campaign, 1_000, resyncs);
    again!(tasks, campaign, 1_000, repeats);
    again!(tasks, campaign, 1_000, questions);
    again!(tasks, campaign, 1_000, alarms);
    again!(tasks, campaign, 10_000, bombs);
    again!(tasks, campaign, 1_000, reads_nothing);
    again!(tasks, campaign, 1_000, new_names);
    tasks
}

/// Connections that send half a head and then nothing.
async fn half_heads(campaign: &Campaign, _: u64) -> Result<()> {
    let mut open = Vec::new();
    for _ in 0..300 {
        let mut socket = tokio::net::TcpStream::connect(&campaign.address).await?;
        socket
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: x")
            .await?;
        open.push(socket);
    }
    tokio::time::sleep(Duration::from_secs(20)).await;
    Ok(())
}

/// Sockets that never say who they are.
async fn sockets_without_hello(campaign: &Campaign, _: u64) -> Result<()> {
    let mut sockets = Vec::new();
    for _ in 0..300 {
        sockets.push(open(&campaign.address).await?);
    }
    tokio::time::sleep(Duration::from_secs(15)).await;
    Ok(())
}

/// The digest of the whole state, asked by nobody.
async fn digests(campaign: &Campaign, _: u64) -> Result<()> {
    let url = format!("http://{}/healthz?digest=1", campaign.address);
    reqwest::get(url).await?.bytes().await?;
    Ok(())
}

/// A note of 20 MiB in a request of 20 KB.
async fn large_note(campaign: &Campaign, round: u64) -> Result<()> {
    let note = "A".repeat(20 * MIB);
    let row = format!(
        r#"{{"key":"big {round}","class":"E0101","lon":{},"lat":{},"note":"{note}"}}"#,
        AT.0, AT.1
    );
    rogue(campaign, "cases", row.into_bytes()).await
}

/// 20,000 cases in a request of 50 KB.
async fn many_cases(campaign: &Campaign, round: u64) -> Result<()> {
    let mut text = String::new();
    for i in 0..20_000u32 {
        let (lon, lat) = (
            AT.0 + f64::from(i % 200) * 1e-4,
            AT.1 + f64::from(i / 200) * 1e-4,
        );
        let _ = writeln!(
            text,
            r#"{{"key":"c {round} {i}","class":"E0101","lon":{lon:.5},"lat":{lat:.5}}}"#
        );
    }
    rogue(campaign, "cases", text.into_bytes()).await
}

/// Ten viewers that ask for everything anew ten times a second.
async fn resyncs(campaign: &Campaign, _: u64) -> Result<()> {
    let mut viewers = Vec::new();
    for _ in 0..10 {
        let mut viewer = Client::connect(&campaign.address, "wall").await?;
        viewer.look(&[Layer::Cases, Layer::Units], 0.01).await?;
        viewers.push(viewer);
    }
    let one = |mut viewer: Client| async move {
        for _ in 0..100 {
            viewer.say(&ClientMessage::Resync).await?;
            let _ = tokio::time::timeout(Duration::from_millis(100), viewer.hear()).await;
        }
        anyhow::Ok(())
    };
    futures_util::future::join_all(viewers.into_iter().map(one)).await;
    Ok(())
}

/// 1,500 repeats of two commands, and as many that are refused.
async fn repeats(campaign: &Campaign, round: u64) -> Result<()> {
    let mut rogue = Client::connect(&campaign.address, "rogue-operator").await?;
    for n in 0..1_500 {
        let report = CommandRequest::ReportCase {
            class: ClassId(0),
            severity: None,
            lon: AT.0,
            lat: AT.1,
            address: String::new(),
            note: String::new(),
        };
        let (id, command) = if n % 2 == 0 {
            (CommandId(7, round + n % 4), report)
        } else {
            let alarm = AlarmId(1);
            (
                CommandId(8, round * 1_500 + n),
                CommandRequest::AcknowledgeAlarm { alarm },
            )
        };
        rogue.say(&ClientMessage::Command { id, command }).await?;
    }
    drain(&mut rogue, Duration::from_secs(2)).await;
    Ok(())
}

/// 4,000 questions of one connection.
async fn questions(campaign: &Campaign, _: u64) -> Result<()> {
    let mut viewer = Client::connect(&campaign.address, "wall").await?;
    viewer.look(&[Layer::Units], 0.01).await?;
    for request in 0..4_000 {
        let question = if request % 2 == 0 {
            let case = CaseId(1);
            ClientMessage::RankUnits { request, case }
        } else {
            ClientMessage::Route {
                request,
                unit: UnitId(0),
                lon: AT.0,
                lat: AT.1,
            }
        };
        viewer.say(&question).await?;
    }
    drain(&mut viewer, Duration::from_secs(2)).await;
    Ok(())
}

/// 4,000 sensors that go over their bounds and back.
async fn alarms(campaign: &Campaign, round: u64) -> Result<()> {
    let mut text = String::new();
    for i in 0..4_000 {
        let _ = if round == 0 {
            writeln!(
                text,
                r#"{{"key":"s{i}","name":"s{i}","phenomenon":"water_level","unit":"m","lon":{},"lat":{},"warning":0.2,"alarm":0.4}}"#,
                AT.0, AT.1
            )
        } else {
            writeln!(text, r#"{{"key":"s{i}","value":{}}}"#, round % 2)
        };
    }
    let kind = if round == 0 {
        "sensors"
    } else {
        "observations"
    };
    rogue(campaign, kind, text.into_bytes()).await
}

/// Six requests of some KB that unpack to more than a hundred MB.
async fn bombs(campaign: &Campaign, _: u64) -> Result<()> {
    let feature = r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[118.7,32.0]},"properties":{"key":"x"}},"#;
    let mut body = br#"{"type":"FeatureCollection","features":["#.to_vec();
    body.extend(feature.repeat(120 * MIB / feature.len()).bytes());
    body.extend(br#"{"type":"Feature"}]}"#);
    let packed = gzip(&body)?;
    drop(body);
    let http = reqwest::Client::new();
    let send = || async {
        let request = http
            .post(format!("http://{}/v1/feeds/rogue/fixes", campaign.address))
            .header("Authorization", "Bearer rogue")
            .header("Content-Type", "application/geo+json")
            .header("Content-Encoding", "gzip")
            .body(packed.clone());
        let _ = request.send().await;
    };
    futures_util::future::join_all((0..6).map(|_| send())).await;
    Ok(())
}

/// A viewer of everything that reads nothing and goes on asking.
async fn reads_nothing(campaign: &Campaign, _: u64) -> Result<()> {
    let mut viewer = Client::connect(&campaign.address, "wall").await?;
    let all = [Layer::Movers, Layer::Units, Layer::Cases, Layer::Sensors];
    for _ in 0..300 {
        viewer.look(&all, 0.03).await?;
        viewer.say(&ClientMessage::Resync).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// 5,000 movers that nobody has heard of before.
async fn new_names(campaign: &Campaign, round: u64) -> Result<()> {
    let mut text = String::new();
    for i in 0..5_000 {
        let _ = writeln!(
            text,
            r#"{{"key":"trip {round} {i}","lon":{},"lat":{}}}"#,
            AT.0, AT.1
        );
    }
    rogue(campaign, "fixes", text.into_bytes()).await
}

async fn rogue(campaign: &Campaign, kind: &str, body: Vec<u8>) -> Result<()> {
    let body = gzip(&body)?;
    let http = reqwest::Client::new();
    let to = ("rogue", kind, "rogue");
    post(&http, &campaign.address, to, body, true).await?;
    Ok(())
}

/// Reads what comes for a while.
async fn drain(client: &mut Client, time: Duration) {
    let all = async { while client.hear().await.is_ok() {} };
    let _ = tokio::time::timeout(time, all).await;
}
