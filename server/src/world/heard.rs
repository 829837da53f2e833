//! Movers that nobody hears of any more give up their names and places, so that names that change every day do not
//! fill the city.

use super::LiveCity;
use super::commands::NotDone;
use super::tick::Tick;
use chengtu_engine::command::Command;
use chengtu_engine::ids::{FeedId, MoverId};
use chengtu_engine::model::Actor;
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;

/// After a start a mover whose last fix is old has so long to be heard of again, seconds.
const GRACE_S: u32 = 3_600;
/// A feed that has as many movers as it may makes room with those of its own that were silent for this long, seconds.
const MAKES_ROOM_S: u32 = 3_600;
/// … and looks for some no more often than this, seconds.
const MAKES_ROOM_EVERY_S: u32 = 60;
/// In a large city it is looked through all movers once in so many seconds,
const ROUND_S: usize = 60;
/// … in a smaller one through so many each second.
const LOOKED_AT_MIN: usize = 50_000;
/// Most movers that retire in one second; more do in the next round.
const RETIRED_MAX: usize = 10_000;
const DAY_S: u32 = 86_400;

/// When each mover was last heard of, whatever its own clock says.
pub(super) struct Heard {
    /// By mover, seconds since 1970.
    at_s: Vec<u32>,
    /// Where the next look begins.
    next: usize,
    /// When a feed last made room.
    made_room_s: BTreeMap<FeedId, u32>,
}

/// Whole seconds since 1970.
pub(super) fn seconds(t: Timestamp) -> u32 {
    u32::try_from(t.0.div_euclid(1_000_000).max(0)).unwrap_or(u32::MAX)
}

impl Heard {
    /// As far as a state tells: of a mover whose fix is older than movers may be silent it is unknown how long it has
    /// been silent, and it has time to be heard of.
    pub fn of(state: &State, now: Timestamp, idle_days: u32) -> Self {
        let now_s = seconds(now);
        let first = now_s.saturating_sub((idle_days * DAY_S).saturating_sub(GRACE_S));
        let heard = state.movers().iter().map(|m| seconds(m.fix_time));
        Self {
            at_s: heard.map(|s| s.clamp(first, now_s)).collect(),
            next: 0,
            made_room_s: BTreeMap::new(),
        }
    }

    /// A mover was heard of.
    pub fn hear(&mut self, mover: MoverId, now_s: u32) {
        let at = mover.0 as usize;
        if at >= self.at_s.len() {
            self.at_s.resize(at + 1, now_s);
        }
        self.at_s[at] = now_s;
    }

    /// Since when a mover is silent; one that was never heard of since it came: 0.
    fn since_s(&self, mover: MoverId) -> u32 {
        self.at_s.get(mover.0 as usize).copied().unwrap_or(0)
    }
}

impl LiveCity {
    /// Looks through some of the movers for those that have been silent for too long. Once a second.
    pub(super) fn retire_silent(&mut self, tick: &mut Tick) {
        let days = self.config.limits.mover_idle_days;
        if days == 0 || self.stopped.is_some() {
            return;
        }
        let all = self.state.movers().len();
        let from = Some(self.retiring.heard.next)
            .filter(|at| *at < all)
            .unwrap_or(0);
        let to = all.min(from + LOOKED_AT_MIN.max(all / ROUND_S));
        self.retiring.heard.next = to;
        let before = seconds(tick.now).saturating_sub(days.saturating_mul(DAY_S));
        let mut silent: BTreeMap<FeedId, Vec<MoverId>> = BTreeMap::new();
        let mut found = 0;
        for id in (from as u32..to as u32).map(MoverId) {
            let Some(m) = self.state.mover(id) else { break };
            let may_go = m.unit.is_none() && !m.has_retired();
            if may_go && self.retiring.heard.since_s(id) < before {
                silent.entry(m.feed).or_default().push(id);
                found += 1;
                if found == RETIRED_MAX {
                    self.retiring.heard.next = id.0 as usize;
                    break;
                }
            }
        }
        for (feed, movers) in silent {
            // Where nothing is written any more nothing is given up either.
            let _ = self.retire(feed, movers, tick);
        }
    }

    /// Makes room for `wanted` more movers of a feed with those of its own that have long been silent.
    ///
    /// # Errors
    /// Why nothing is written any more.
    pub(super) fn make_room(
        &mut self,
        feed: FeedId,
        wanted: usize,
        tick: &mut Tick,
    ) -> Result<(), String> {
        let now_s = seconds(tick.now);
        let last = self.retiring.heard.made_room_s.insert(feed, now_s);
        if last.is_some_and(|s| now_s < s.saturating_add(MAKES_ROOM_EVERY_S)) {
            self.retiring
                .heard
                .made_room_s
                .extend(last.map(|s| (feed, s)));
            return Ok(());
        }
        let before = now_s.saturating_sub(MAKES_ROOM_S);
        let movers = (0..).map(MoverId).zip(self.state.movers());
        let own = movers.filter(|(_, m)| m.feed == feed && m.unit.is_none());
        let silent = own.map(|(id, _)| (self.retiring.heard.since_s(id), id));
        let mut silent: Vec<(u32, MoverId)> = silent.filter(|(s, _)| *s < before).collect();
        silent.sort_unstable();
        // Some more than is needed now: the next names come soon.
        silent.truncate((wanted + self.config.limits.movers_max / 16).min(RETIRED_MAX));
        let movers: Vec<MoverId> = silent.into_iter().map(|(_, id)| id).collect();
        if movers.is_empty() {
            return Ok(());
        }
        self.retire(feed, movers, tick)
    }

    fn retire(
        &mut self,
        feed: FeedId,
        movers: Vec<MoverId>,
        tick: &mut Tick,
    ) -> Result<(), String> {
        metrics::counter!("chengtu_movers_retired_total").increment(movers.len() as u64);
        // Their fixes of this tick come before they go.
        self.record_fixes(tick);
        let command = Command::RetireMovers { feed, movers };
        let done = self.execute(tick, &command, &Actor::System, None);
        done.map(|_| ()).map_err(NotDone::into_text)
    }
}
