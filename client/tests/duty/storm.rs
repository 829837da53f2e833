//! The storm: a drill of 300 reports and 12 alarms that two desks act in. In every frame that the desk draws, the most
//! severe untouched case must be on the first row and the most urgent alarm on the plate, as worked out from what
//! another session is sent of the same moment.

use super::hands::{Hands, Look};
use super::seat::Seat;
use super::server::{Folder, Server, root};
use super::urgent::{self, First};
use super::{acts, is_long};
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::drill::{DirectorAct, DrillPhase, Seat as DrillSeat};
use chengtu_engine::model::{Stage, UnitStatus};
use chengtu_engine::record::World;
use chengtu_engine::stream::{ClientMessage, Mirror, WorldChoice};
use chengtu_engine::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What was first at each moment, as a plain session was sent it.
type Moments = Arc<Mutex<BTreeMap<Timestamp, First>>>;

/// Longest that a row takes to slide to its place and a frame to be drawn after it.
const LAG_MAX: Duration = Duration::from_millis(900);
/// Seconds of the drill a second.
const SPEED: f32 = 3.0;
/// While a picture is taken: drawing it must not leap over a second.
const SPEED_OF_PICTURES: f32 = 0.1;

/// Between two acts of the other desk, seconds of the drill.
const COLLEAGUE_S: f64 = 14.0;

/// What was found so far.
#[derive(Default)]
struct Found {
    /// Seconds of the drill in which something was compared, with the queue on the screen and without.
    with_queue: BTreeSet<i64>,
    plate_only: BTreeSet<i64>,
    /// Seconds in which the plate was the first row's own.
    same: BTreeSet<i64>,
    frames: usize,
    /// Since when, and in how many frames one after the other, something was wrong.
    wrong_since: Option<(Instant, usize)>,
    longest: Duration,
    faults: Vec<String>,
}

impl Found {
    fn take(&mut self, second: i64, first: &First, fault: Option<String>, queue: bool) {
        self.frames += 1;
        let Some(fault) = fault else {
            self.wrong_since = None;
            let into = if queue {
                &mut self.with_queue
            } else {
                &mut self.plate_only
            };
            into.insert(second);
            if first.same {
                self.same.insert(second);
            }
            return;
        };
        let (since, frames) = self.wrong_since.get_or_insert((Instant::now(), 0));
        *frames += 1;
        self.longest = self.longest.max(since.elapsed());
        if since.elapsed() > LAG_MAX && *frames > 8 {
            self.faults.push(format!("second {second}: {fault}"));
            self.wrong_since = None;
        }
    }
}

/// A city pack with the storm among its scenarios.
fn city(look: &str) -> Folder {
    let folder = Folder::new(&format!("storm-{look}"));
    let shipped = root().join("data/nanjing");
    for entry in std::fs::read_dir(shipped).expect("the shipped city") {
        let entry = entry.expect("a readable folder");
        if entry.file_name() != "drills" {
            std::fs::copy(entry.path(), folder.0.join(entry.file_name())).expect("a copy");
        }
    }
    std::fs::create_dir(folder.0.join("drills")).expect("a folder");
    let scenario = folder.0.join("drills/storm.toml");
    std::fs::write(scenario, include_str!("storm.toml")).expect("the scenario");
    folder
}

/// Starts the drill, and notes what is first in it at every moment.
fn direct(server: &Server) -> (Seat, World, Moments) {
    let director = Seat::at(server.port, "导演");
    director.say(ClientMessage::StartDrill {
        scenario: "storm".into(),
        at: None,
    });
    let world = director.until("the drill", |k| {
        let ready = k.drill.as_ref()?.phase == DrillPhase::Preparing && k.mirror.is_ready();
        ready.then(|| k.world.as_ref().map(|w| w.world)).flatten()
    });
    let moments = Moments::default();
    let noted = Arc::clone(&moments);
    director.watch(move |mirror| {
        let first = urgent::of(mirror);
        noted
            .lock()
            .expect("nobody panics with it")
            .insert(mirror.time, first);
    });
    (director, world, moments)
}

/// The other desk: acknowledges what is on top and sends the nearest free unit to the second most urgent, again and again.
fn colleague(
    mut seat: Seat,
    world: World,
    stop: Arc<AtomicBool>,
) -> std::thread::JoinHandle<usize> {
    seat.say(ClientMessage::Enter {
        choice: WorldChoice::Join {
            world,
            seat: DrillSeat::Participant,
        },
    });
    std::thread::spawn(move || {
        let (mut acts, mut acted_at) = (0, Timestamp(0));
        while !stop.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(100));
            // By the drill's time, which stands almost still while pictures are taken.
            let now = seat.known().mirror.time;
            if now.seconds_since(acted_at) < COLLEAGUE_S {
                continue;
            }
            acted_at = now;
            let next = next_act(&seat.known().mirror);
            for command in next {
                // The first desk may have been quicker.
                match seat.command(command) {
                    Ok(_) => acts += 1,
                    Err(why) => println!("the other desk: {why}"),
                }
            }
        }
        acts
    })
}

fn next_act(mirror: &Mirror) -> Vec<CommandRequest> {
    let mut untouched: Vec<_> = mirror
        .cases
        .values()
        .filter(|c| c.stage == Stage::Filed)
        .collect();
    untouched.sort_by_key(|c| (c.severity, c.due_at, c.id));
    let unit = mirror
        .units
        .values()
        .find(|u| u.status == UnitStatus::Available);
    let (Some(case), Some(unit)) = (untouched.get(1), unit) else {
        return Vec::new();
    };
    let about = |a: &&chengtu_engine::stream::AlarmView| {
        a.acknowledged.is_none() && a.source == chengtu_engine::model::AlarmSource::Case(case.id)
    };
    let alarm = mirror.alarms.values().find(about);
    let acknowledge = alarm.map(|a| CommandRequest::AcknowledgeAlarm { alarm: a.id });
    let send = CommandRequest::DispatchUnit {
        unit: unit.id,
        target: Target::Case(case.id),
        expected_s: None,
    };
    acknowledge.into_iter().chain([send]).collect()
}

/// Compares every frame with what was first at its moment.
fn compare(hands: &mut Hands, moments: &Moments, begun: Timestamp) -> Arc<Mutex<Found>> {
    let found = Arc::new(Mutex::new(Found::default()));
    let (kept, moments) = (Arc::clone(&found), Arc::clone(moments));
    hands.watch(move |hands| {
        let at = hands.city().mirror.time;
        let moments = moments.lock().expect("nobody panics with it");
        // What the other session has not been sent yet is compared in a later frame.
        let Some((_, next)) = moments.range(at..).next() else {
            return;
        };
        // Two sessions are not sent every moment alike: between two of the other's, either may be shown.
        let Some((_, last)) = moments.range(..=at).next_back() else {
            return;
        };
        let queue = urgent::first_row(hands).is_some();
        let first = if urgent::fault(hands, last).is_none() {
            last
        } else {
            next
        };
        let fault = urgent::fault(hands, first);
        let second = at.seconds_since(begun).floor() as i64;
        kept.lock()
            .expect("nobody panics with it")
            .take(second, first, fault, queue);
    });
    found
}

/// Drives it.
pub fn drive(look: &Look) {
    let city = city(if look.lang == chengtu_client::i18n::Lang::Zh {
        "zh"
    } else {
        "en"
    });
    let server = Server::start("storm", city.0.clone());
    let (director, world, moments) = direct(&server);
    let stop = Arc::new(AtomicBool::new(false));
    let colleague = colleague(Seat::at(server.port, "陈默"), world, Arc::clone(&stop));
    let mut hands = Hands::start(&server.url(), "周岚", look, &[]);
    hands.until("the city", |h| h.city().is_ready());
    let World::Drill(number) = world else {
        panic!("a drill")
    };
    hands.key("W");
    let join = hands.words.f(
        "worlds.join_as",
        &[("seat", hands.words.t("seat.participant"))],
    );
    hands.click_beside(&join, &format!("#{number}"));
    hands.until("the drill", |h| {
        h.city().world() == world && h.city().is_ready()
    });
    let begun = hands.city().now();
    director.direct(DirectorAct::Start);
    director.direct(DirectorAct::Speed(SPEED));
    let found = compare(&mut hands, &moments, begun);
    let (acts, reached) = serve(&mut hands, &director, begun);
    stop.store(true, Ordering::Relaxed);
    let theirs = colleague.join().expect("the other desk");
    let found = found.lock().expect("nobody panics with it");
    report(&hands, &found, reached, (acts, theirs));
}

/// Serves through the storm: acknowledges what is on the plate, sends what is offered to the first row. Returns how many
/// acts that were, and up to which second it went.
fn serve(hands: &mut Hands, director: &Seat, begun: Timestamp) -> (usize, i64) {
    let last = if is_long() { 600 } else { 55 };
    let (mut acts, mut next_act, mut next_picture) = (0, 22, 10);
    loop {
        hands.frame();
        let second = hands.city().mirror.time.seconds_since(begun) as i64;
        if second >= last {
            return (acts, second);
        }
        if is_long() && second >= next_picture {
            director.direct(DirectorAct::Speed(SPEED_OF_PICTURES));
            hands.picture(&format!("storm-{second:03}"));
            director.direct(DirectorAct::Speed(SPEED));
            next_picture = second + 10;
        }
        if second >= next_act {
            acts += act(hands);
            next_act = second + 40;
        }
    }
}

/// One round of the officer: the alarm on the plate, then the case on the first row; back to the whole city.
fn act(hands: &mut Hands) -> usize {
    hands.key("A");
    hands.key("J");
    hands.key("Enter");
    let id = hands.wait("a case in the panel", |h| {
        h.app
            .world()
            .resource::<chengtu_client::live::Selection>()
            .case()
    });
    let open = acts::case(hands, id).is_some_and(|c| c.units.is_empty());
    let open = open && acts::is_offered(hands);
    if open {
        acts::dispatch(hands, id, "dispatch.send");
    }
    for _ in 0..4 {
        hands.key("Esc");
    }
    usize::from(open)
}

fn report(hands: &Hands, found: &Found, reached: i64, acts: (usize, usize)) {
    let mirror = &hands.city().mirror;
    println!(
        "{}: {reached} s of storm, {} cases, {} alarms; {} frames compared; seconds with the first row {}, with the plate \
         alone {}, of which the plate was the first row's own {}; longest to its place {:.2} s; acts {} and {}",
        hands.look.name(),
        mirror.cases.len(),
        mirror.alarms.len(),
        found.frames,
        found.with_queue.len(),
        found.plate_only.difference(&found.with_queue).count(),
        found.same.len(),
        found.longest.as_secs_f64(),
        acts.0,
        acts.1,
    );
    assert!(
        found.faults.is_empty(),
        "{} faults: {:#?}",
        found.faults.len(),
        &found.faults[..found.faults.len().min(6)]
    );
    let seen = found.with_queue.union(&found.plate_only).count() as i64;
    assert!(
        seen * 100 >= reached * 90,
        "only {seen} of {reached} seconds were drawn"
    );
    assert!(
        found.with_queue.len() as i64 * 100 >= reached * 50,
        "the queue was hardly on the screen"
    );
    assert!(acts.0 > 0, "this desk did nothing");
    if is_long() {
        assert!(
            mirror.cases.len() >= 300 - 20 && acts.1 > 10,
            "{} cases",
            mirror.cases.len()
        );
    }
}
