//! A crew's terminal: a connection of its own, as a real terminal has.

use crate::clock::{Clock, SystemClock};
use crate::demo::casebook::CaseBook;
use crate::demo::link::{Backoff, CommandIds, Link, LinkError};
use crate::play::ServerAddress;
use chengtu_engine::city::Severity;
use chengtu_engine::command::{CommandRequest, FixRow};
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::{MoverId, UnitId};
use chengtu_engine::roads::{RoadGraph, Search};
use chengtu_engine::sim::{Chance, Crew, CrewReport, Task};
use chengtu_engine::stream::{
    ClientMessage, EntityChange, Layer, ServerMessage, TileFrame, UnitView,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// Where and as whom a terminal connects.
#[derive(Clone, Debug)]
pub struct TerminalOptions {
    /// The server.
    pub server: ServerAddress,
    /// Call sign of the terminal's unit; the server knows the terminal by it.
    pub call_sign: String,
    /// Secret; ends with the call sign.
    pub token: String,
    /// What its crew does.
    pub note: &'static str,
    /// When in the second it reports, so that not all do at once.
    pub phase: f64,
}

/// A connection with what is known on it.
struct Session {
    link: Link,
    unit: UnitId,
    mover: Option<MoverId>,
}

/// Runs for ever: connects, reports once a second, follows its orders, connects again.
pub async fn run(options: TerminalOptions, mut crew: Crew, graph: Arc<RoadGraph>, book: CaseBook) {
    let mut search = Search::new();
    let seed = crate::play::stable_hash(&options.call_sign);
    let mut backoff = Backoff::new(seed);
    let mut ids = CommandIds::of(&options.call_sign);
    let first = Instant::now() + Duration::from_secs_f64(options.phase);
    let mut tick = interval_at(first, Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut session: Option<Session> = None;
    let mut connect_at = Instant::now();
    let mut placed = false;
    loop {
        let heard = tokio::select! {
            _ = tick.tick() => None,
            heard = hear(session.as_mut()) => Some(heard),
        };
        let result = match (heard, &mut session) {
            (None, _) => {
                // Connected or not, the crew goes on; what it says without a line is lost.
                let severity = crew.case().and_then(|c| book.severity(c));
                let said = crew.step(&graph, &mut search, 1.0, |c| work_s(severity, c));
                match &mut session {
                    Some(s) => say(s, &options, &mut ids, said).await,
                    None => Ok(()),
                }
            }
            (Some(Ok(message)), Some(s)) => {
                let mut told =
                    |crew: &mut Crew, unit: &UnitView| told(crew, &graph, &mut search, unit);
                take(s, &options, &mut crew, &mut told, &mut placed, message);
                Ok(())
            }
            (Some(Err(e)), _) => Err(e),
            (Some(Ok(_)), None) => Ok(()),
        };
        if let Err(error) = result {
            tracing::debug!("{}: {error}", options.call_sign);
            session = None;
            connect_at = Instant::now() + Duration::from_secs_f64(backoff.wait_s());
        }
        if session.is_none() && Instant::now() >= connect_at {
            match open(&options).await {
                Ok(new) => {
                    backoff.reset();
                    session = Some(new);
                }
                Err(error) => {
                    tracing::debug!("{}: {error}", options.call_sign);
                    connect_at = Instant::now() + Duration::from_secs_f64(backoff.wait_s());
                }
            }
        }
    }
}

async fn hear(session: Option<&mut Session>) -> Result<ServerMessage, LinkError> {
    match session {
        Some(s) => s.link.next().await,
        None => std::future::pending().await,
    }
}

async fn open(options: &TerminalOptions) -> Result<Session, LinkError> {
    let client = concat!("chengtu crew simulator ", env!("CARGO_PKG_VERSION"));
    let mut link = Link::connect(&options.server, &options.token, client).await?;
    let greeted = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            match link.next().await? {
                ServerMessage::Hello(hello) => return Ok::<_, LinkError>(hello),
                ServerMessage::Notice { text, .. } => {
                    tracing::warn!("{}: {text}", options.call_sign);
                }
                _ => {}
            }
        }
    });
    let hello = match greeted.await {
        Ok(hello) => hello?,
        Err(_) => return Err(LinkError::Closed("no hello in 10 s".to_owned())),
    };
    let Some(unit) = hello.unit else {
        let text = format!("the server knows no unit {:?}", options.call_sign);
        return Err(LinkError::Closed(text));
    };
    link.send(&ClientMessage::Subscribe {
        viewport: None,
        layers: vec![Layer::Units],
        rate_hz: 2.0,
    })
    .await?;
    Ok(Session {
        link,
        unit,
        mover: None,
    })
}

fn take(
    s: &mut Session,
    options: &TerminalOptions,
    crew: &mut Crew,
    told: &mut impl FnMut(&mut Crew, &UnitView),
    placed: &mut bool,
    message: ServerMessage,
) {
    match message {
        ServerMessage::Snapshot { changes, tiles, .. } => {
            hear_of_unit(s, crew, told, &changes);
            if !*placed {
                *placed = true;
                last_seen(s, crew, &tiles);
            }
        }
        ServerMessage::Frame(frame) => {
            hear_of_unit(s, crew, told, &frame.changes);
        }
        ServerMessage::Rejected(r) => tracing::debug!("{}: {}", options.call_sign, r.text),
        ServerMessage::FixesTaken { problems, .. } if !problems.is_empty() => {
            tracing::warn!(
                "{}: position not taken: {}",
                options.call_sign,
                problems[0].1
            );
        }
        ServerMessage::Notice { text, .. } => tracing::warn!("{}: {text}", options.call_sign),
        _ => {}
    }
}

fn hear_of_unit(
    s: &mut Session,
    crew: &mut Crew,
    told: &mut impl FnMut(&mut Crew, &UnitView),
    changes: &[EntityChange],
) {
    for change in changes {
        if let EntityChange::Unit(unit) = change
            && unit.id == s.unit
        {
            s.mover = Some(unit.mover);
            told(crew, unit);
        }
    }
}

/// Passes on to the crew what the terminal shows.
fn told(crew: &mut Crew, graph: &RoadGraph, search: &mut Search, unit: &UnitView) {
    let task = match &unit.assignment {
        None => None,
        Some(a) => match LonLat::new(a.lon, a.lat).position() {
            Ok(position) => Some(Task {
                id: a.id,
                case: a.case,
                position,
            }),
            // Nobody can go to a place that is none; the task before goes on.
            Err(_) => return,
        },
    };
    crew.task_changed(graph, search, unit.status, task);
}

/// How long the work takes that a case asks for, seconds before the demo's scale.
fn work_s(severity: Option<Severity>, chance: &mut Chance) -> f64 {
    let (low_s, high_s) = match severity {
        Some(Severity::Severe) => (300.0, 900.0),
        Some(Severity::Urgent) => (300.0, 720.0),
        Some(Severity::Slight) => (180.0, 480.0),
        Some(Severity::Normal) | None => (240.0, 600.0),
    };
    chance.between(low_s, high_s)
}

/// A crew that was known before goes on from where it was.
fn last_seen(s: &Session, crew: &mut Crew, tiles: &[TileFrame]) {
    let rows = tiles.iter().flat_map(TileFrame::rows);
    if let Some(row) = rows.into_iter().find(|r| Some(r.id) == s.mover) {
        crew.place(row.position);
    }
}

async fn say(
    s: &mut Session,
    options: &TerminalOptions,
    ids: &mut CommandIds,
    said: CrewReport,
) -> Result<(), LinkError> {
    let unit = s.unit;
    let commands = [
        (
            said.acknowledge,
            CommandRequest::AcknowledgeAssignment { unit },
        ),
        (said.arrive, CommandRequest::ArriveOnScene { unit }),
        (
            said.handled,
            CommandRequest::ReportHandled {
                unit,
                note: options.note.to_owned(),
            },
        ),
    ];
    for (_, command) in commands.into_iter().filter(|(says, _)| *says) {
        s.link.command(ids.fresh(), command).await?;
    }
    let at = said.position.lon_lat();
    let row = FixRow {
        key: options.call_sign.clone(),
        lon: at.lon_deg,
        lat: at.lat_deg,
        bearing_deg: Some(said.bearing_deg),
        speed_mps: Some(said.speed_mps),
        accuracy_m: Some(3.0),
        time: Some(SystemClock.now()),
        kind: None,
    };
    s.link.send(&ClientMessage::Fixes { rows: vec![row] }).await
}
