//! The honest part of the city: vehicles that drive, walls that look, people who come and go.

use crate::Campaign;
use crate::client::{ALL, Client, post};
use crate::dispatcher;
use anyhow::{Result, ensure};
use chengtu_engine::stream::{ClientMessage, Mirror, ServerMessage, SnapshotReason};
use chengtu_tests::support::now;
use std::fmt::Write;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Each vehicle sends a fix this often, seconds.
const FIX_EVERY_S: u32 = 10;
/// Requests a second of the vehicles' feed.
const POSTS_PER_S: u32 = 10;
/// Maps that look at the middle of it.
const WALLS: u32 = 3;
/// Half of the square that they look at, degrees.
const WALL_DEG: f64 = 0.02;
/// Time between two who come, look, and go.
const COMES_EVERY: Duration = Duration::from_secs(3);
/// Where everything happens: longitude and latitude, degrees.
pub const CENTRE: (f64, f64) = (118.779, 32.044);

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

/// Vehicles, walls, those who come and go, and the dispatcher, each a task.
pub async fn begin(campaign: &Campaign, movers: u32) -> Result<Vec<JoinHandle<()>>> {
    let mut tasks = vec![
        tokio::spawn(drive(campaign.clone(), movers)),
        tokio::spawn(come_and_go(campaign.clone())),
    ];
    let client = Client::connect(&campaign.address, "dispatcher").await?;
    let city = campaign.clone();
    tasks.push(tokio::spawn(async move {
        let done = dispatcher::work(&city, client).await;
        note_end(&city, "dispatcher", done);
    }));
    for _ in 0..WALLS {
        let wall = Client::connect(&campaign.address, "wall").await?;
        let city = campaign.clone();
        tasks.push(tokio::spawn(async move {
            let done = watch(&city, wall).await;
            note_end(&city, "wall", done);
        }));
    }
    Ok(tasks)
}

/// An honest session has ended; that it did before everything does is counted.
fn note_end(campaign: &Campaign, who: &str, done: Result<()>) {
    if let Err(error) = done
        && campaign.goes_on()
    {
        eprintln!("an honest session was lost, a {who}: {error:#}");
        campaign.counts.lost.fetch_add(1, Ordering::Relaxed);
    }
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

/// Looks, and holds every frame against the one before.
async fn watch(campaign: &Campaign, mut client: Client) -> Result<()> {
    let mut mirror = Mirror::new();
    client.look(&ALL, WALL_DEG).await?;
    while campaign.goes_on() {
        let message = client.hear().await?;
        match &message {
            ServerMessage::Frame(frame) => {
                let late_us = (now().0 - frame.time.0).max(0);
                campaign.seconds.heard((late_us / 1_000) as u32);
            }
            ServerMessage::Snapshot {
                reason: SnapshotReason::Lagged,
                ..
            } => {
                campaign.counts.lagged.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
        if let Err(missed) = mirror.apply(&message) {
            eprintln!("a wall missed a frame: {missed}");
            campaign.counts.missed.fetch_add(1, Ordering::Relaxed);
            client.say(&ClientMessage::Resync).await?;
        }
    }
    Ok(())
}

/// Somebody comes, looks until there is a picture, and goes; over and over.
async fn come_and_go(campaign: Campaign) {
    while campaign.goes_on() {
        let began = Instant::now();
        match look_once(&campaign).await {
            Ok(()) => campaign.seconds.came(began.elapsed()),
            Err(error) if campaign.goes_on() => {
                eprintln!("somebody was turned away: {error:#}");
                campaign.counts.turned_away.fetch_add(1, Ordering::Relaxed);
            }
            Err(_) => {}
        }
        tokio::time::sleep(COMES_EVERY).await;
    }
}

async fn look_once(campaign: &Campaign) -> Result<()> {
    let mut client = Client::connect(&campaign.address, "wall").await?;
    client.look(&ALL, WALL_DEG).await?;
    while !matches!(client.hear().await?, ServerMessage::Snapshot { .. }) {}
    client.socket.close(None).await?;
    Ok(())
}
