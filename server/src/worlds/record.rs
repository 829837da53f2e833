//! What a drill's own log keeps, as a replay: its last attempt, from its first second to its last.

use super::replay::{self, Past};
use super::run::OtherWorld;
use super::{NewWorld, OtherHandle, Owner, Worlds};
use crate::access::Principal;
use crate::drill::DrillLog;
use crate::log::DrillFiles;
use crate::refusal::Refusal;
use chengtu_engine::code::Code;
use chengtu_engine::drill::{DrillEvent, RecordedClosings, Seat, attempts};
use chengtu_engine::permission::Permission;
use chengtu_engine::record::{Record, World};
use chengtu_engine::replay::{MemoryHistory, Player, TimeBasis};
use chengtu_engine::roads::RoadGraph;
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use std::sync::Arc;

/// A keyframe every so many records, so that any second is close to a keyframe.
const KEYFRAME_RECORDS: usize = 2_000;

/// A replay of a drill's record, private to the person who asks.
///
/// # Errors
/// [`Refusal`] in words: no right, no such drill, a record that cannot be read.
pub(super) async fn open_record(
    worlds: &Arc<Worlds>,
    principal: &Principal,
    drill: u32,
    (at, speed): (Timestamp, f32),
) -> Result<OtherHandle, Refusal> {
    principal.require(Permission::Replay)?;
    let owner = Owner::from(principal);
    let (store, city) = (Arc::clone(worlds.store()), Arc::clone(worlds.city()));
    let new = NewWorld {
        kind: World::Replay,
        title: city.language.of("演练", "Drill").to_owned() + &format!(" #{drill}"),
        owner: owner.clone(),
        shared: false,
        own_past: true,
        idle: None,
        copies: 0,
    };
    let (training, by) = (worlds.training().clone(), principal.clone());
    let make = move |_| {
        let log = read(store.aside().drills(), drill)?;
        let scenario = log.beginning().map(|b| b.scenario.key.as_str());
        match scenario.and_then(|key| training.hides(key, &by)) {
            Some(why) => Err(Refusal::new(Code::NotForRole, why)),
            None => make(&log, &city.roads, drill, owner, (at, speed)),
        }
    };
    worlds.open(new, Seat::Director, make).await
}

fn read(drills: &dyn DrillFiles, drill: u32) -> Result<DrillLog, Refusal> {
    DrillLog::of(drills, drill).map_err(|e| {
        let known: Vec<String> = drills.ids().iter().map(u32::to_string).collect();
        let known = if known.is_empty() {
            "this server keeps no drill".to_owned()
        } else {
            format!("it keeps {}", known.join(", "))
        };
        no_past(format!("drill {drill} cannot be replayed: {e}; {known}"))
    })
}

fn no_past(text: String) -> Refusal {
    Refusal::new(Code::NoPast, text)
}

fn make(
    log: &DrillLog,
    roads: &RoadGraph,
    drill: u32,
    owner: Owner,
    (at, speed): (Timestamp, f32),
) -> Result<Box<dyn OtherWorld>, Refusal> {
    let words = words(log, drill);
    let closings = closings(log, roads);
    let history = history(log).map_err(|e| no_past(format!("drill {drill}: {e}")))?;
    let (player, _) = Player::new(history, at, speed, TimeBasis::Known).map_err(replay::refused)?;
    Ok(replay::boxed(
        player,
        Past::Drill(drill, words, closings),
        owner,
        false,
    ))
}

/// The last attempt, record by record from the state it began in.
fn history(log: &DrillLog) -> Result<MemoryHistory, String> {
    let beginning = log.beginning().ok_or("its first entry is damaged")?;
    let start = State::decode(&beginning.state).map_err(|e| e.to_string())?;
    let attempt = attempts(&log.entries).pop().unwrap_or_default();
    let records: Vec<Record> = attempt
        .iter()
        .filter_map(|e| match &e.what {
            DrillEvent::Record(r) => Some(Record::clone(r)),
            _ => None,
        })
        .collect();
    MemoryHistory::new(start, records, KEYFRAME_RECORDS).map_err(|e| e.to_string())
}

/// The roads that its last attempt closed; none where its beginning cannot be read.
fn closings(log: &DrillLog, roads: &RoadGraph) -> RecordedClosings {
    let attempt = attempts(&log.entries).pop().unwrap_or_default();
    log.beginning().map_or_else(RecordedClosings::default, |b| {
        RecordedClosings::new(&b.scenario, &attempt, roads)
    })
}

/// What is to be known of it, in Chinese and in English: that nothing of it was real, and what is missing.
fn words(log: &DrillLog, drill: u32) -> (String, String) {
    let (title, title_en) = log.beginning().map_or(("", ""), |b| {
        (b.scenario.title.as_str(), b.scenario.title_en.as_str())
    });
    let attempt = attempts(&log.entries).len();
    let mut zh = format!("演练记录，非真实处置：{title} #{drill}，第 {attempt} 次尝试");
    let mut en = format!(
        "Record of a drill, nothing of it was real: {title_en} #{drill}, attempt {attempt}"
    );
    if !log.missing.is_empty() {
        zh = format!("{zh}。记录有缺失：{}", log.missing);
        en = format!("{en}. Some of it is missing: {}", log.missing);
    }
    (zh, en)
}
