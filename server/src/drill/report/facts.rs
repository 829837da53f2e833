//! What a report says of each attempt, gathered from the drill's log and nothing else.

use super::say::Say;
use chengtu_engine::city::{Language, Rules};
use chengtu_engine::drill::{
    Beginning, DrillEntry, DrillEvent, GhostTrack, GoalView, Scenario, ScoreView, Seat, Summary,
    Tally, goals, score, summary,
};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// One attempt of a drill, judged; a rewind begins the next one.
pub(super) struct Attempt {
    pub score: ScoreView,
    pub goals: Vec<GoalView>,
    pub summary: Summary,
    pub track: GhostTrack,
    pub notes: Vec<(Timestamp, String)>,
}

impl Attempt {
    /// How many goals were reached.
    pub fn goals_reached(&self) -> usize {
        let reached = |g: &&GoalView| g.reached == Some(true);
        self.goals.iter().filter(reached).count()
    }
}

/// A drill as its log records it, every attempt judged.
pub(super) struct Facts {
    pub id: u32,
    pub scenario: Scenario,
    pub director: String,
    pub team: Vec<String>,
    /// The city at the start.
    pub start: State,
    /// Its languages.
    pub say: Say,
    /// Attempts in order; the last one counts.
    pub attempts: Vec<Attempt>,
}

impl Facts {
    /// From a drill's log; `None` if it does not begin as one.
    pub fn of(id: u32, entries: &[DrillEntry]) -> Option<Self> {
        let DrillEvent::Begun(beginning) = &entries.first()?.what else {
            return None;
        };
        let Beginning {
            scenario,
            director,
            state,
        } = &**beginning;
        let start = State::decode(state).ok()?;
        let mut team: Vec<String> = Vec::new();
        for entry in entries {
            if let DrillEvent::Joined { name, seat } = &entry.what
                && *seat == Seat::Participant
                && !team.contains(name)
            {
                team.push(name.clone());
            }
        }
        let attempts = chengtu_engine::drill::attempts(entries)
            .into_iter()
            .map(|a| attempt(scenario, &start, &a))
            .collect();
        Some(Self {
            id,
            scenario: scenario.clone(),
            director: director.clone(),
            team,
            say: Say(start.rules().map_or(Language::default(), Rules::language)),
            start,
            attempts,
        })
    }

    /// The attempt that counts.
    pub fn last(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// The team in words.
    pub fn team(&self) -> String {
        if self.team.is_empty() {
            "–".to_owned()
        } else {
            self.say.list(&self.team)
        }
    }

    /// A moment on the city's own clock.
    fn local(&self, t: Timestamp) -> DateTime {
        let offset_s = self.start.rules().map_or(0, |r| r.calendar.offset_s(t));
        let offset = Offset::from_seconds(offset_s).unwrap_or(Offset::UTC);
        // What lies beyond jiff's years is shown as its first or last second.
        let beyond = if t.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        };
        offset.to_datetime(jiff::Timestamp::from_microsecond(t.0).unwrap_or(beyond))
    }

    /// The time of day of a moment.
    pub fn clock(&self, t: Timestamp) -> String {
        self.local(t).strftime("%H:%M:%S").to_string()
    }

    /// A moment with its day.
    pub fn moment(&self, t: Timestamp) -> String {
        self.local(t).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Whole seconds after the start.
    pub fn passed_s(&self, t: Timestamp) -> i64 {
        let start = self.scenario.start.time();
        t.0.saturating_sub(start.0).div_euclid(1_000_000)
    }
}

fn attempt(scenario: &Scenario, start: &State, entries: &[&DrillEntry]) -> Attempt {
    let tally = Tally::of(scenario, start, entries.iter().copied());
    let note = |e: &&DrillEntry| match &e.what {
        DrillEvent::Note(text) => Some((e.time, text.clone())),
        _ => None,
    };
    Attempt {
        score: score(scenario, &tally),
        goals: goals(scenario, &tally),
        summary: summary(scenario, &tally),
        track: GhostTrack::of(entries.iter().copied()),
        notes: entries.iter().filter_map(note).collect(),
    }
}
