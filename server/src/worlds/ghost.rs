//! Ghosts: the units of an earlier attempt, of an earlier team, or of what really happened, driving along.

use crate::audience::Audience;
use crate::drill::DrillLog;
use crate::log::LogStore;
use chengtu_engine::city::{Language, Rules};
use chengtu_engine::drill::{DrillEntry, GhostOf, GhostRow, GhostTrack, Scenario, Start, attempts};
use chengtu_engine::replay::{History, Player, TimeBasis, TimeControl};
use chengtu_engine::stream::ServerMessage;
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a ghost's places come from.
enum Source {
    /// A drill's log.
    Track(Box<GhostTrack>),
    /// The city's own log.
    Real(Box<Player<Box<dyn History>>>, Timestamp),
}

/// A ghost that somebody sees.
struct Ghost {
    title: String,
    source: Source,
}

/// The ghosts of a drill's sessions.
pub(super) struct Ghosts {
    /// The live log, and the drills.
    store: Arc<dyn LogStore>,
    shown: BTreeMap<u64, Ghost>,
}

impl Ghosts {
    pub fn new(store: Arc<dyn LogStore>) -> Self {
        Self {
            store,
            shown: BTreeMap::new(),
        }
    }

    pub fn forget(&mut self, session: u64) {
        self.shown.remove(&session);
    }

    /// Shows a session another ghost, or none.
    pub fn choose(
        &mut self,
        session: u64,
        of: Option<GhostOf>,
        scenario: &Scenario,
        entries: &[DrillEntry],
    ) -> Result<(), String> {
        self.forget(session);
        let Some(of) = of else { return Ok(()) };
        let (title, source) = match of {
            GhostOf::Attempt(n) => {
                let all = attempts(entries);
                let attempt = (n as usize).checked_sub(1).and_then(|i| all.get(i));
                let attempt = attempt.ok_or_else(|| {
                    format!("there is no attempt {n}; there are {} so far", all.len())
                })?;
                let track = GhostTrack::of(attempt.iter().copied());
                (format!("{n}"), Source::Track(Box::new(track)))
            }
            GhostOf::Drill(id) => self.drill(id)?,
            GhostOf::Real => {
                let Start::Log(at) = scenario.start else {
                    return Err(
                        "this drill begins on a synthetic day: nothing really happened then".into(),
                    );
                };
                let history = self.store.history().map_err(|e| e.to_string())?;
                let (player, _) =
                    Player::new(history, at, 0.0, TimeBasis::Known).map_err(|e| e.to_string())?;
                let rules = player.state().rules();
                let language = rules.map_or(Language::default(), Rules::language);
                (
                    language
                        .of("实况 · what really happened", "what really happened")
                        .to_owned(),
                    Source::Real(Box::new(player), at),
                )
            }
        };
        self.shown.insert(session, Ghost { title, source });
        Ok(())
    }

    fn drill(&self, id: u32) -> Result<(String, Source), String> {
        let drills = self.store.aside().drills();
        let log = DrillLog::of(drills, id).map_err(|e| {
            let known: Vec<String> = drills.ids().iter().map(u32::to_string).collect();
            format!(
                "drill {id} cannot be shown: {e}; there are {}",
                known.join(", ")
            )
        })?;
        let all = attempts(&log.entries);
        let last = all.last().map_or(&[][..], Vec::as_slice);
        let title = log
            .beginning()
            .map_or(String::new(), |b| b.scenario.title.clone());
        let track = GhostTrack::of(last.iter().copied());
        Ok((format!("{title} #{id}"), Source::Track(Box::new(track))))
    }

    /// Sends every session its ghost, `passed_us` after the start.
    pub fn tell(&mut self, audience: &Audience, passed_us: i64) {
        for (session, ghost) in &mut self.shown {
            let Some(viewer) = audience.viewer(*session) else {
                continue;
            };
            let units = match &mut ghost.source {
                Source::Track(track) => track.at(passed_us),
                Source::Real(player, from) => {
                    real(player, Timestamp(from.0.saturating_add(passed_us)))
                }
            };
            viewer.tell(&ServerMessage::Ghosts {
                title: ghost.title.clone(),
                units,
            });
        }
    }
}

/// Where the city's units really were.
fn real(player: &mut Player<Box<dyn History>>, to: Timestamp) -> Vec<GhostRow> {
    if player.control(TimeControl::Seek(to)).is_err() {
        return Vec::new();
    }
    let state = player.state();
    let row = |u: &chengtu_engine::model::Unit| {
        let mover = state.mover(u.mover)?;
        let at = mover.position?.lon_lat();
        Some(GhostRow {
            call_sign: u.call_sign.clone(),
            call_sign_en: u.call_sign_en.clone(),
            fleet: u.fleet.clone(),
            lon: at.lon_deg,
            lat: at.lat_deg,
            status: u.status,
        })
    };
    state.units().iter().filter_map(row).collect()
}
