use super::branch::{Branch, Closed};
use super::clock::ForkClock;
use super::track::{Track, TrackReader};
use super::traffic::After;
use super::worker::{self, Job};
use super::{Pair, Told};
use crate::access::Principal;
use crate::demo::sensors::AirCurves;
use crate::log::LogStore;
use crate::refusal::Refusal;
use crate::worlds::{NewWorld, OtherWorld, Owner, Worlds};
use chengtu_engine::code::Code;
use chengtu_engine::drill::Seat;
use chengtu_engine::fork::{Fork, ForkPlan, Forked, Intervention};
use chengtu_engine::geo::Position;
use chengtu_engine::permission::Permission;
use chengtu_engine::record::World;
use chengtu_engine::replay::{History, MemoryHistory, Player, TimeBasis};
use chengtu_engine::sim::SimConfig;
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Instant;

/// How far a fork may run ahead, seconds.
const AHEAD_S_MAX: u32 = 6 * 3_600;
/// Most things that one fork does otherwise.
const INTERVENTIONS_MAX: usize = 32;
/// A second so little after the last record is now, microseconds.
const NOW_US: i64 = 2_000_000;

/// A fork that somebody asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The client's number.
    pub request: u32,
    /// The world that they are in.
    pub from: World,
    /// The second at which the branches part.
    pub at: Timestamp,
    /// What is done otherwise.
    pub interventions: Vec<Intervention>,
    /// How far both run ahead, seconds.
    pub ahead_s: u32,
}

fn refused(text: impl Into<String>) -> Refusal {
    Refusal::new(Code::NoFork, text)
}

/// A fork before it has worlds.
struct Prepared {
    fork: Fork,
    base: State,
    after: Option<After>,
    from: Timestamp,
    closed: Vec<Closed>,
}

/// Makes two worlds of one second.
///
/// # Errors
/// [`Refusal`] in words: no right, a second outside the log, something unknown, too many worlds.
pub async fn open(
    worlds: &Arc<Worlds>,
    principal: &Arc<Principal>,
    asked: Asked,
) -> Result<Forked, Refusal> {
    principal.require(Permission::Replay)?;
    check(&asked)?;
    let (request, at) = (asked.request, asked.at);
    let (worlds_too, by) = (worlds.clone(), principal.name.clone());
    let prepared = tokio::task::spawn_blocking(move || prepare(&worlds_too, &by, asked)).await;
    let mut prepared = prepared.map_err(|e| refused(format!("the fork broke down: {e}")))??;
    let pair = Arc::new(pair_of(&prepared.base, at, prepared.from)?);
    let closed = core::mem::take(&mut prepared.closed);
    let span = (at, prepared.from);
    let (actual, other) = open_branches(worlds, principal, &pair, span, closed).await?;
    prepared.fork.name(actual, other);
    let job = Job {
        fork: prepared.fork,
        after: prepared.after,
        pair: Arc::downgrade(&pair),
        live: worlds.live_handle().clone(),
        by: principal.clone(),
    };
    let thread = std::thread::Builder::new().name("fork".to_owned());
    thread
        .spawn(move || worker::run(job))
        .map_err(|e| refused(format!("no thread to compute a fork: {e}")))?;
    Ok(Forked {
        request,
        actual,
        other,
        at,
    })
}

/// What can be judged without reading the log.
fn check(asked: &Asked) -> Result<(), Refusal> {
    if let World::Fork(_) | World::Drill(_) = asked.from {
        return Err(refused(
            "forks are made of the running city or of a replay; go there first",
        ));
    }
    if !(1..=AHEAD_S_MAX).contains(&asked.ahead_s) {
        let text = format!(
            "{} s ahead is outside 1 … {AHEAD_S_MAX}; run less far ahead",
            asked.ahead_s
        );
        return Err(refused(text));
    }
    if asked.interventions.len() > INTERVENTIONS_MAX {
        let text = format!(
            "{} things to do otherwise, at most {INTERVENTIONS_MAX} in one fork",
            asked.interventions.len()
        );
        return Err(refused(text));
    }
    for (i, intervention) in asked.interventions.iter().enumerate() {
        if let Some(why) = contradiction(intervention) {
            let number = i + 1;
            let text = format!("what is to be done otherwise (number {number}) cannot be: {why}");
            return Err(refused(text));
        }
    }
    Ok(())
}

/// Why a thing to do otherwise contradicts itself.
fn contradiction(intervention: &Intervention) -> Option<String> {
    match *intervention {
        Intervention::CloseRoad {
            at,
            until: Some(until),
            ..
        } if until <= at => {
            let s = at.seconds_since(until).ceil();
            Some(format!(
                "the road would open {s} s before it closes; let it open later, or leave it closed"
            ))
        }
        Intervention::Dispatch {
            unit,
            instead_of: Some(instead_of),
            ..
        } if unit == instead_of => Some(format!(
            "unit {unit} would go in its own place; choose another unit"
        )),
        _ => None,
    }
}

/// Opens the world without what is done otherwise and the one with it; in the latter `closed` roads are closed.
async fn open_branches(
    worlds: &Arc<Worlds>,
    principal: &Principal,
    pair: &Arc<Pair>,
    span: (Timestamp, Timestamp),
    closed: Vec<Closed>,
) -> Result<(World, World), Refusal> {
    let over = Arc::new(AtomicBool::new(false));
    let mut made = Vec::new();
    for (side, closed) in [Vec::new(), closed].into_iter().enumerate() {
        let owner = Owner::from(principal);
        let new = NewWorld {
            kind: World::Fork,
            title: String::new(),
            owner: owner.clone(),
            shared: false,
            own_past: true,
            idle: None,
            // Of its own, and of what has been computed.
            copies: 2,
        };
        let (pair, over_too) = (pair.clone(), over.clone());
        let store = Arc::clone(worlds.store());
        let make = move |_| branch(&*store, pair, side, span, owner, closed, over_too);
        match worlds.open(new, Seat::Director, make).await {
            Ok(handle) => made.push(handle.world),
            Err(refusal) => {
                over.store(true, Ordering::Release);
                return Err(refusal);
            }
        }
    }
    let (actual, other) = (made[0], made[1]);
    // If there is room for one branch only, the second has taken the place of the first.
    if !worlds.list(principal).iter().any(|w| w.world == actual) {
        over.store(true, Ordering::Release);
        let text = "a fork needs two worlds and there is room for one only: leave one that you are in first";
        return Err(Refusal::new(Code::TooManyWorlds, text));
    }
    Ok((actual, other))
}

fn branch(
    store: &dyn LogStore,
    pair: Arc<Pair>,
    side: usize,
    (at, from): (Timestamp, Timestamp),
    owner: Owner,
    closed: Vec<Closed>,
    over: Arc<AtomicBool>,
) -> Result<Box<dyn OtherWorld>, Refusal> {
    let log = crate::worlds::history(store)?;
    let reader = TrackReader {
        pair,
        side,
        log,
        from,
    };
    let branch = Branch::new(reader, at, owner, closed, over);
    let branch = branch.map_err(|e| Refusal::new(Code::NoPast, e.to_string()))?;
    Ok(Box::new(branch))
}

fn pair_of(base: &State, at: Timestamp, from: Timestamp) -> Result<Pair, Refusal> {
    let track = || -> Result<RwLock<Track>, Refusal> {
        let own = MemoryHistory::new(base.clone(), Vec::new(), usize::MAX);
        let own = own.map_err(|e| refused(e.to_string()))?;
        Ok(RwLock::new(Track {
            own,
            at,
            at_seq: base.seq(),
        }))
    };
    Ok(Pair {
        clock: Mutex::new(ForkClock::new(from, at, Instant::now())),
        tracks: [track()?, track()?],
        told: Mutex::new(Told::default()),
    })
}

/// Reads the second from the log and sets both branches up.
fn prepare(worlds: &Worlds, by: &str, asked: Asked) -> Result<Prepared, Refusal> {
    let no_past = |e: String| Refusal::new(Code::NoPast, e);
    let open = || crate::worlds::history(&**worlds.store());
    let log = open()?;
    let span = log.span().map_err(|e| no_past(e.to_string()))?;
    let (first, last) = span.ok_or_else(|| refused("the log holds nothing yet to fork"))?;
    let at = asked.at;
    if at < first {
        let s = first.seconds_since(at).ceil();
        return Err(refused(format!(
            "this second lies {s} s before the log's first record; choose a later one"
        )));
    }
    let now = worlds.clock().now().max(last);
    if at.0 > now.0.saturating_add(NOW_US) {
        let s = at.seconds_since(now).ceil();
        return Err(refused(format!(
            "this second lies {s} s in the future; choose one that has been"
        )));
    }
    if let Some(gap) = log.gaps().iter().find(|g| at > g.from && at < g.to) {
        return Err(refused(format!(
            "this second is missing from the log: {}",
            gap.words
        )));
    }
    let (player, _) =
        Player::new(log, at, 0.0, TimeBasis::Known).map_err(|e| no_past(e.to_string()))?;
    let base = player.state().clone();
    let recorded_until = (last > at).then_some(last);
    let city = worlds.city();
    let mut config = SimConfig::continuing(World::Fork(0), &base, at);
    let depots = city.ground.depots();
    config.language = depots.language;
    config.speed_factors.clone_from(&depots.speed_factors);
    config.homes = depots.homes(&base);
    config.homes.retain(|_, home| *home != Position::default());
    config.air = AirCurves::shipped().map_or_else(|_| Vec::new(), |a| a.table());
    let plan = ForkPlan {
        at,
        ahead_s: asked.ahead_s,
        worlds: (World::Fork(0), World::Fork(0)),
        seed: at.0 as u64,
        interventions: asked.interventions.clone(),
        recorded_until,
        by: by.to_owned(),
    };
    let fork = Fork::new(base.clone(), &city.roads, config, plan);
    let fork = fork.map_err(|e| refused(e.to_string()))?;
    let after = match recorded_until {
        Some(until) => Some(After::new(open()?, base.seq(), until)),
        None => None,
    };
    Ok(Prepared {
        closed: closed(&fork, &asked.interventions),
        fork,
        base,
        after,
        from: first,
    })
}

/// Roads that the second branch finds closed, and when.
fn closed(fork: &Fork, interventions: &[Intervention]) -> Vec<Closed> {
    let closings = interventions.iter().filter_map(|i| match *i {
        Intervention::CloseRoad {
            at,
            lon,
            lat,
            until,
        } => Some((at, until, chengtu_engine::geo::LonLat::new(lon, lat))),
        _ => None,
    });
    closings
        .filter_map(|(from, until, place)| {
            let edges = fork.other().road_at(place.position().ok()?);
            Some(Closed { from, until, edges })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::ids::{CaseId, UnitId};

    fn at(s: i64) -> Timestamp {
        Timestamp::from_seconds(1_790_000_000 + s)
    }

    fn refusal(intervention: Intervention) -> Option<String> {
        let asked = Asked {
            request: 1,
            from: World::Live,
            at: at(0),
            interventions: vec![intervention],
            ahead_s: 600,
        };
        check(&asked).err().map(|r| r.text)
    }

    #[test]
    fn contradictions_a_road_closed_until_before_it_closes_is_refused() {
        let road = |until| Intervention::CloseRoad {
            at: at(60),
            lon: 118.78,
            lat: 32.04,
            until,
        };
        for until in [at(-100), at(59), at(60)] {
            let why = refusal(road(Some(until))).unwrap();
            assert!(
                why.contains("number 1") && why.contains("before it closes"),
                "{why}"
            );
        }
        assert_eq!(refusal(road(Some(at(61)))), None);
        assert_eq!(refusal(road(None)), None);
    }

    #[test]
    fn contradictions_a_unit_in_its_own_place_is_refused() {
        let sent = |instead_of| Intervention::Dispatch {
            at: at(5),
            case: CaseId(1),
            unit: UnitId(3),
            instead_of,
        };
        assert!(
            refusal(sent(Some(UnitId(3))))
                .unwrap()
                .contains("own place")
        );
        assert_eq!(refusal(sent(Some(UnitId(4)))), None);
        assert_eq!(refusal(sent(None)), None);
    }
}
