//! The honest part of the city: vehicles that drive, walls that look, and a dispatcher who works.

use crate::Campaign;
use crate::client::{Answer, Client, post};
use anyhow::{Result, ensure};
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::ids::{ClassId, CommandId, UnitId};
use chengtu_engine::stream::Layer;
use std::fmt::Write;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Each vehicle sends a fix this often, seconds.
const FIX_EVERY_S: u32 = 10;
/// Requests a second of the vehicles' feed.
const POSTS_PER_S: u32 = 10;
/// Maps that look at all of it.
const WALLS: u32 = 3;
/// Time between two commands of the dispatcher.
const COMMAND_EVERY: Duration = Duration::from_millis(200);
const CENTRE: (f64, f64) = (118.779, 32.044);

/// Rows of some vehicles that drive in circles.
fn rows(vehicles: std::ops::Range<u32>, round: u32) -> Vec<u8> {
    let mut text = String::new();
    for v in vehicles {
        let turn = f64::from(v) * 2.399_963 + f64::from(round) * 0.01;
        let away = 0.12 * (f64::from(v % 10_007) / 10_007.0).sqrt();
        let (lon, lat) = (CENTRE.0 + away * turn.cos(), CENTRE.1 + away * turn.sin());
        // A string takes what is written to it.
        let _ = writeln!(text, r#"{{"key":"veh {v}","lon":{lon:.6},"lat":{lat:.6}}}"#);
    }
    text.into_bytes()
}

/// Waits for the server, and brings every vehicle in.
pub async fn fill(campaign: &Campaign, movers: u32) -> Result<()> {
    let http = reqwest::Client::new();
    let began = Instant::now();
    let health = format!("http://{}/healthz", campaign.address);
    while http.get(&health).send().await.is_err() {
        ensure!(began.elapsed() < Duration::from_mins(1), "no server");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    for start in (0..movers).step_by(10_000) {
        let body = rows(start..(start + 10_000).min(movers), 0);
        let to = ("city", "fixes", "city");
        let status = post(&http, &campaign.address, to, body, false).await?;
        ensure!(status == 200, "vehicles are not taken: {status}");
    }
    Ok(())
}

/// Vehicles, walls and the dispatcher, each a task.
pub async fn begin(campaign: &Campaign, movers: u32) -> Result<Vec<JoinHandle<()>>> {
    let mut tasks = vec![tokio::spawn(drive(campaign.clone(), movers))];
    let dispatcher = Client::connect(&campaign.address, "dispatcher").await?;
    tasks.push(tokio::spawn(session(campaign.clone(), dispatcher, true)));
    for _ in 0..WALLS {
        let wall = Client::connect(&campaign.address, "wall").await?;
        tasks.push(tokio::spawn(session(campaign.clone(), wall, false)));
    }
    Ok(tasks)
}

async fn drive(campaign: Campaign, movers: u32) {
    let http = reqwest::Client::new();
    let share = movers.div_ceil(FIX_EVERY_S * POSTS_PER_S);
    let mut every = tokio::time::interval(Duration::from_millis(1_000 / u64::from(POSTS_PER_S)));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for n in 1.. {
        every.tick().await;
        if !campaign.goes_on() {
            break;
        }
        let part = (n - 1) % (FIX_EVERY_S * POSTS_PER_S);
        let vehicles = part * share..((part + 1) * share).min(movers);
        let body = rows(vehicles, n / (FIX_EVERY_S * POSTS_PER_S) + 1);
        let to = ("city", "fixes", "city");
        let status = post(&http, &campaign.address, to, body, false).await;
        campaign.seconds.posted(matches!(status, Ok(200)));
    }
}

/// An honest session; that it ends before everything does is counted.
async fn session(campaign: Campaign, client: Client, works: bool) {
    let done = if works {
        work(&campaign, client).await
    } else {
        watch(&campaign, client).await
    };
    if let Err(error) = done
        && campaign.goes_on()
    {
        eprintln!("an honest session was lost: {error:#}");
        campaign.lost.fetch_add(1, Ordering::Relaxed);
    }
}

async fn watch(campaign: &Campaign, mut client: Client) -> Result<()> {
    let all = [Layer::Movers, Layer::Units, Layer::Cases, Layer::Sensors];
    client.look(&all, 0.02).await?;
    while campaign.goes_on() {
        client.hear().await?;
        campaign.seconds.heard();
    }
    Ok(())
}

/// Reports a case, sends a unit to it, takes it back, voids it: over and over.
async fn work(campaign: &Campaign, mut client: Client) -> Result<()> {
    client.look(&[Layer::Units, Layer::Cases], 0.01).await?;
    let mut every = tokio::time::interval(COMMAND_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut case = None;
    for n in 0u64.. {
        if !campaign.goes_on() {
            break;
        }
        every.tick().await;
        let unit = UnitId((n / 4 % 20) as u32);
        let command = match (n % 4, case) {
            (0, _) | (_, None) => CommandRequest::ReportCase {
                class: ClassId(0),
                severity: None,
                lon: CENTRE.0,
                lat: CENTRE.1,
                address: String::new(),
                note: "honest".to_owned(),
            },
            (1, Some(case)) => CommandRequest::DispatchUnit {
                unit,
                target: Target::Case(case),
                expected_s: None,
            },
            (2, _) => CommandRequest::RecallUnit { unit },
            (_, Some(case)) => CommandRequest::VoidCase {
                case,
                reason: "done".to_owned(),
            },
        };
        let began = Instant::now();
        let answer = client.command(CommandId(1, n), command).await?;
        campaign.seconds.commanded(began.elapsed());
        match answer {
            Answer::Done(made) => case = made.or(case),
            Answer::Refused(why) => {
                campaign.seconds.refused();
                eprintln!("refused: {why}");
            }
        }
    }
    Ok(())
}
