//! What the time bar remembers and what it asks for.

use super::axis::{Axis, Bars};
use crate::live::Selection;
use crate::net::Chronicle;
use crate::panels::console::Kept;
use bevy::prelude::{Message, Resource};
use chengtu_engine::ids::ThingId;
use chengtu_engine::record::World;
use chengtu_engine::replay::{TimeBasis, Timeline};
use chengtu_engine::time::Timestamp;
use std::time::Instant;

/// Speeds that the keys walk through, slowest first.
pub const SPEEDS: [f32; 14] = [
    -60.0, -30.0, -10.0, -2.0, -1.0, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 3_600.0,
];
/// Speeds with a chip of their own.
pub const CHIPS: [f32; 8] = [-60.0, -10.0, -1.0, 1.0, 10.0, 60.0, 600.0, 3_600.0];
/// How far back "last ten minutes" goes, seconds, and how fast it is then played.
pub const LOOK_BACK: (i64, f32) = (600, 10.0);

/// Something that the time bar, or a time anywhere in the panels, asks for.
#[derive(Message, Clone, Debug, PartialEq)]
pub enum TimeAct {
    /// Goes to a moment and pauses; from the running city into a replay, which asks first.
    GoTo(Timestamp),
    /// Leaves the running city for a replay of a moment, at this speed; 0: paused. It has been asked.
    Leave(Timestamp, f32),
    /// The hand moves over a moment: there, as often as the line allows.
    Scrub(Timestamp),
    /// Plays if paused, pauses if playing.
    PlayOrPause,
    /// Chooses a speed, and plays.
    Speed(f32),
    /// To the next faster or slower one of [`SPEEDS`].
    Faster(bool),
    /// So many seconds on, or back.
    StepSeconds(i32),
    /// To the next or the previous event.
    StepEvent {
        /// Later, or earlier.
        forward: bool,
        /// Of what is chosen only.
        chosen: bool,
    },
    /// Chooses whether events count from when they occurred or from when they became known.
    Basis(TimeBasis),
    /// The other of both.
    OtherBasis,
    /// Plays the last minutes.
    LookBack,
    /// Back to the running city.
    Live,
    /// Sets a bookmark.
    Mark(Timestamp, String),
    /// Takes one away.
    Unmark(u32),
    /// Lets others see this replay under a name.
    Share(String),
    /// Opens or closes the bar.
    Unfold,
    /// Opens or closes a list.
    List(List),
    /// Opens the field for a moment.
    Type,
    /// Opens the field for a bookmark's note.
    Note,
}

/// Lists that open above the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Every bookmark with its note.
    Bookmarks,
    /// The name under which this replay is shared.
    Share,
}

/// A field that is being typed into.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Typed {
    /// The text typed so far.
    pub text: String,
    /// It could not be read.
    pub wrong: bool,
    /// It wants the keyboard.
    pub focus: bool,
}

/// A stretch asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asked {
    /// The client's number.
    pub request: u32,
    /// The stretch, and into how many bars it is counted.
    pub bars: Bars,
    /// When it was asked for.
    pub at: Instant,
}

/// Events of what is chosen, asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AskedMoments {
    /// The client's number.
    pub request: u32,
    /// Thing whose events were asked for.
    pub thing: ThingId,
    /// Over which stretch.
    pub bars: Bars,
    /// When it was asked for.
    pub at: Instant,
}

/// What the hand does to the bar.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hand {
    /// It holds the playhead here.
    pub held: Option<Timestamp>,
    /// Where it let go, until the world's clock is there.
    pub landing: Option<(Timestamp, Instant)>,
    /// The last place that was said while it holds it, and when.
    pub said: Option<(Timestamp, Instant)>,
    /// It moves the line itself.
    pub dragging_axis: bool,
}

/// What was asked of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Questions {
    /// Stretch under way or answered.
    pub timeline: Option<Asked>,
    /// Events of what is chosen under way or answered.
    pub moments: Option<AskedMoments>,
    /// First number asked in the current world; answers to earlier ones are of another.
    first: u32,
}

impl Questions {
    /// Another world has been entered: nothing that was answered so far is of it.
    pub fn enter(&mut self) {
        *self = Self {
            first: u32::MAX,
            ..Self::default()
        };
    }

    /// A stretch has been asked for.
    pub fn ask_timeline(&mut self, asked: Asked) {
        self.timeline = Some(asked);
        if self.first == u32::MAX {
            self.first = asked.request;
        }
    }

    /// The newest time line, where it is of the current world.
    pub fn answered<'a>(&self, chronicle: &'a Chronicle) -> Option<&'a Timeline> {
        let newest = chronicle.timeline.as_ref()?;
        (newest.request >= self.first).then_some(newest)
    }
}

/// A step by event that was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Where the clock stood when it was asked for.
    pub from: Timestamp,
    /// Where it came to, and the number under which the events there were asked for.
    pub came_to: Option<(Timestamp, u32)>,
}

impl Step {
    /// A step from here.
    pub fn from(from: Timestamp) -> Self {
        Self {
            from,
            came_to: None,
        }
    }
}

/// What the bar remembers.
#[derive(Resource, Debug, Default)]
pub struct TimeBar {
    /// Tall in the running city.
    pub open_live: bool,
    /// Slim in another world.
    pub folded: bool,
    /// The stretch on show in another world, and in the tall bar of the running city.
    pub axis: Axis,
    /// The axis has been laid for this world.
    pub laid_for: Option<World>,
    /// First moment of the running city's log, once the server has said it.
    pub log_from: Option<Timestamp>,
    /// Length of the line as drawn last, logical pixels.
    pub plot_px: f32,
    /// What the hand does.
    pub hand: Hand,
    /// What was asked of the log.
    pub asked: Questions,
    /// A moment is being typed.
    pub typed: Option<Typed>,
    /// A note is being typed, for this moment.
    pub note: Option<(Timestamp, Typed)>,
    /// A name for a shared replay is being typed.
    pub name: Option<Typed>,
    /// List that is open above the bar; `None` while none is.
    pub list: Option<List>,
    /// Steps go by events of what is chosen.
    pub of_chosen: bool,
    /// The last step by event.
    pub step: Option<Step>,
}

impl Kept for TimeBar {
    type Part = bool;

    fn put_away(&self) -> bool {
        self.open_live
    }

    fn put_back(&mut self, open_live: bool) {
        self.open_live = open_live;
    }

    fn enter(&mut self, _world: World) {
        self.asked.enter();
        self.step = None;
    }
}

impl TimeBar {
    /// True where the bar is tall.
    pub fn is_tall(&self, world: World) -> bool {
        match world {
            World::Live => self.open_live,
            World::Replay(_) | World::Fork(_) => !self.folded,
            // A drill's director has a bar of his own; everybody else a clock.
            World::Drill(_) => false,
        }
    }

    /// Moment of the playhead: where the hand holds it or has just let it go, else the world's time.
    pub fn shown(&self, now: Timestamp) -> Timestamp {
        self.hand
            .held
            .or(self.hand.landing.map(|(t, _)| t))
            .unwrap_or(now)
    }

    /// Opens or closes.
    pub fn unfold(&mut self, world: World) {
        match world {
            World::Live => self.open_live = !self.open_live,
            _ => self.folded = !self.folded,
        }
    }
}

/// The thing that a selection is.
pub fn thing_of(selection: Selection) -> Option<ThingId> {
    match selection {
        Selection::Case(id) => Some(ThingId::Case(id)),
        Selection::Unit(id) => Some(ThingId::Unit(id)),
        Selection::Sensor(id) => Some(ThingId::Sensor(id)),
        Selection::Alarm(id) => Some(ThingId::Alarm(id)),
        Selection::None | Selection::Place(_) => None,
    }
}

/// The selection that shows a thing.
pub fn selection_of(thing: ThingId) -> Selection {
    match thing {
        ThingId::Case(id) => Selection::Case(id),
        ThingId::Unit(id) => Selection::Unit(id),
        ThingId::Sensor(id) => Selection::Sensor(id),
        ThingId::Alarm(id) => Selection::Alarm(id),
    }
}

/// The next faster or slower speed that the keys choose.
pub fn next_speed(speed: f32, faster: bool) -> f32 {
    let near = |s: &&f32| {
        if faster {
            **s > speed + 1e-3
        } else {
            **s < speed - 1e-3
        }
    };
    let found = if faster {
        SPEEDS.iter().find(near)
    } else {
        SPEEDS.iter().rev().find(near)
    };
    let end = if faster {
        SPEEDS[SPEEDS.len() - 1]
    } else {
        SPEEDS[0]
    };
    found.copied().unwrap_or(end)
}

/// A speed as it is written: `60×`, `–10×`.
pub fn speed_label(speed: f32) -> String {
    let sign = if speed < 0.0 { "–" } else { "" };
    let size = speed.abs();
    let number = if size >= 1_000.0 {
        format!("{},{:03}", size as u32 / 1_000, size as u32 % 1_000)
    } else if size.fract() == 0.0 {
        format!("{size:.0}")
    } else {
        format!("{size:.1}")
    };
    format!("{sign}{number}×")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::replay::SPEED_RANGE;

    #[test]
    fn keys_walk_through_all_speeds_that_a_replay_has_and_stop_at_the_ends() {
        let mut speed = SPEED_RANGE.0;
        let mut walked = vec![speed];
        for _ in 0..20 {
            let next = next_speed(speed, true);
            if next == speed {
                break;
            }
            speed = next;
            walked.push(speed);
        }
        assert_eq!(walked, SPEEDS);
        assert_eq!((SPEEDS[0], SPEEDS[13]), SPEED_RANGE);
        assert_eq!(next_speed(7.0, false), 5.0);
        assert_eq!(next_speed(-60.0, false), -60.0);
        assert!(CHIPS.iter().all(|c| SPEEDS.contains(c)));
    }

    #[test]
    fn speeds_are_written_as_figures() {
        assert_eq!(
            [3_600.0, 60.0, -1.0, 0.5].map(speed_label),
            ["3,600×", "60×", "–1×", "0.5×"]
        );
    }

    #[test]
    fn the_bar_is_slim_in_the_city_and_tall_in_a_replay_until_folded() {
        let mut bar = TimeBar::default();
        let replay = World::Replay(1);
        assert!(!bar.is_tall(World::Live) && bar.is_tall(replay));
        bar.unfold(World::Live);
        bar.unfold(replay);
        assert!(bar.is_tall(World::Live) && !bar.is_tall(replay));
    }
}
