//! A feed without good will: it has a token of its own.

use super::{Chosen, again};
use crate::Campaign;
use crate::city::CENTRE;
use crate::client::{gzip, post};
use anyhow::Result;
use futures_util::FutureExt;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// The feed of cases and alarms.
const ROWS: &str = "rogue-rows";
const MIB: usize = 1 << 20;
/// Bombs that are sent at once.
const BOMBS: usize = 24;
/// Alarms that sensors at one spot raise at once.
const SENSORS: usize = 32_000;

pub fn begin(campaign: &Chosen<'_>) -> Result<Vec<JoinHandle<()>>> {
    let (second, long) = (Duration::from_secs(1), Duration::from_secs(10));
    let note = Arc::new(gzip(large_note().as_bytes())?);
    let bombs: Arc<Vec<_>> = Arc::new(bombs().iter().map(|b| gzip(b)).collect::<Result<_>>()?);
    let sizes: Vec<_> = bombs.iter().map(|b| b.len() / 1_024).collect();
    println!(
        "a note in {} KiB, bombs in {sizes:?} KiB",
        note.len() / 1_024
    );
    let large = move |c: Campaign, _| {
        let note = note.clone();
        async move { rogue_packed(&c, "a note of 20 MiB", (ROWS, "cases"), note.to_vec()).await }
            .boxed()
    };
    let explode = move |c: Campaign, _| throw(c, bombs.clone()).boxed();
    Ok(vec![
        again(campaign, "a note of 20 MiB", second, large),
        again(campaign, "24 bombs", second, explode),
        again(campaign, "20,000 cases", long, many_cases),
        again(campaign, "alarms of 32,000 sensors", second, alarms),
        again(campaign, "vehicles with new names", second, new_names),
        again(campaign, "feeds with new names", second, new_feeds),
    ])
}

fn large_note() -> String {
    let note = "A".repeat(20 * MIB);
    format!(
        r#"{{"key":"big","class":"E0101","lon":{},"lat":{},"note":"{note}"}}"#,
        CENTRE.0, CENTRE.1
    )
}

/// 20,000 cases in a request of some 100 KB.
async fn many_cases(campaign: Campaign, round: u64) -> Result<()> {
    let mut text = String::new();
    for i in 0..20_000u32 {
        let (lon, lat) = (
            CENTRE.0 + f64::from(i % 200) * 1e-4,
            CENTRE.1 + f64::from(i / 200) * 1e-4,
        );
        let _ = writeln!(
            text,
            r#"{{"key":"c {round} {i}","class":"E0101","lon":{lon:.4},"lat":{lat:.4}}}"#
        );
    }
    let door = (ROWS, "cases");
    rogue(&campaign, "20,000 cases", door, text.into_bytes()).await
}

/// 32,000 sensors that go over their bounds and back.
async fn alarms(campaign: Campaign, round: u64) -> Result<()> {
    let mut text = String::new();
    for i in 0..SENSORS {
        let _ = if round == 0 {
            writeln!(
                text,
                r#"{{"key":"s{i}","name":"s{i}","phenomenon":"water_level","unit":"m","lon":{},"lat":{},"warning":0.2,"alarm":0.4}}"#,
                CENTRE.0, CENTRE.1
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
    let deed = "alarms of 32,000 sensors";
    rogue(&campaign, deed, (ROWS, kind), text.into_bytes()).await
}

/// Bodies of more than a hundred MB, all of one kind of byte or nearly: one that is too many rows, one that is just as
/// many as are taken, one of numbers, one of brackets, one that is a single text.
fn bombs() -> Vec<Vec<u8>> {
    let point = r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[118.7,32.0]},"properties":{"key":"x"}},"#;
    let of = |what: &str, bytes: usize| {
        let mut body = br#"{"type":"FeatureCollection","features":["#.to_vec();
        body.extend(what.repeat(bytes / what.len()).bytes());
        body.extend(br#"{"type":"Feature"}]}"#);
        body
    };
    let line = r#"{"type":"Feature","geometry":{"type":"LineString","coordinates":["#;
    vec![
        of(point, 120 * MIB),
        of(point, 90 * MIB),
        of("0,", 120 * MIB),
        of(line, 120 * MIB),
        of("[", 120 * MIB),
        [b"{\"key\":\"".to_vec(), vec![b'x'; 120 * MIB]].concat(),
    ]
}

/// All bombs at once, each several times.
async fn throw(campaign: Campaign, bombs: Arc<Vec<Vec<u8>>>) -> Result<()> {
    let http = reqwest::Client::new();
    let send = |n: usize| {
        let request = http
            .post(format!("http://{}/v1/feeds/rogue/fixes", campaign.address))
            .header("Authorization", "Bearer rogue")
            .header("Content-Type", "application/geo+json")
            .header("Content-Encoding", "gzip")
            .timeout(Duration::from_mins(2))
            .body(bombs[n % bombs.len()].clone());
        let campaign = &campaign;
        async move {
            let status = request.send().await.map_or(0, |a| a.status().as_u16());
            campaign.deeds.note("24 bombs", status.to_string());
        }
    };
    futures_util::future::join_all((0..BOMBS).map(send)).await;
    Ok(())
}

/// 5,000 movers that nobody has heard of before, as a feed that names its vehicles by trip.
async fn new_names(campaign: Campaign, round: u64) -> Result<()> {
    let mut text = String::new();
    for i in 0..5_000 {
        let _ = writeln!(
            text,
            r#"{{"key":"trip {round} {i}","lon":{},"lat":{}}}"#,
            CENTRE.0, CENTRE.1
        );
    }
    let deed = "vehicles with new names";
    let door = ("rogue-names", "fixes");
    rogue(&campaign, deed, door, text.into_bytes()).await
}

/// Feeds that nobody has heard of before, by their hundreds.
async fn new_feeds(campaign: Campaign, round: u64) -> Result<()> {
    let http = reqwest::Client::new();
    for i in 0..200 {
        let name = format!("feed-{round}-{i}-{}", "n".repeat(i % 400));
        let row = r#"{"key":"a","lon":118.79,"lat":32.05}"#;
        let to = (name.as_str(), "fixes", "rogue");
        let status = post(&http, &campaign.address, to, row.into(), false).await?;
        if status == 200 {
            campaign.breach("a feed that is not configured was taken");
        }
        campaign
            .deeds
            .note("feeds with new names", status.to_string());
    }
    Ok(())
}

/// Whose rows come by which door; the bombs have a feed of their own, so that they do not keep the others waiting.
type Door = (&'static str, &'static str);

async fn rogue(campaign: &Campaign, deed: &'static str, door: Door, body: Vec<u8>) -> Result<()> {
    rogue_packed(campaign, deed, door, gzip(&body)?).await
}

async fn rogue_packed(
    campaign: &Campaign,
    deed: &'static str,
    (feed, kind): Door,
    body: Vec<u8>,
) -> Result<()> {
    let http = reqwest::Client::new();
    let to = (feed, kind, feed);
    let status = post(&http, &campaign.address, to, body, true).await;
    let status = status.map_or("closed".to_owned(), |s| s.to_string());
    campaign.deeds.note(deed, status);
    Ok(())
}
