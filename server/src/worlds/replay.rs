//! A replay: the log's past with a clock that somebody drives.

use super::owner::Owner;
use super::past;
use super::registry::Begin;
use super::run::OtherWorld;
use crate::access::Principal;
use crate::audience::{Audience, Viewer};
use crate::log::{LogStore, ViewStore};
use crate::refusal::Refusal;
use crate::request::{Asker, CommandReply, Decision, PastQuestion};
use chengtu_engine::code::Code;
use chengtu_engine::drill::{RecordedClosings, Seat};
use chengtu_engine::permission::Permission;
use chengtu_engine::replay::{
    Edge, History, OfficerView, PlayError, Player, Step, TimeControl, WorldClock,
};
use chengtu_engine::roads::Closings;
use chengtu_engine::state::State;
use chengtu_engine::stream::{ServerMessage, SnapshotReason};
use std::time::{Duration, Instant};

/// Fixes and events folded in one tick at most; what is more is leapt over, see [`Player::advance`].
const ROWS_PER_TICK: usize = 200_000;
/// How often to look how far the log goes by now.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A view is shown as the officer's own for this long after it was last sent, seconds.
const VIEW_LASTS_S: i64 = 600;
/// How often to look where officers were looking.
const VIEWS_EVERY: Duration = Duration::from_millis(300);

/// Refusal for commands in a replay.
const REPLAYS_ARE_FINAL: &str =
    "a replay shows what has been and cannot be changed; make a fork to try it";

/// Whose past it is.
pub(super) enum Past {
    /// The running city's, with where its officers looked, where that was recorded.
    City(Option<Box<dyn ViewStore>>),
    /// The record of a drill, what is to be known of it in Chinese and in English, and the roads that it closed.
    Drill(u32, (String, String), RecordedClosings),
}

struct Replay<H> {
    player: Player<H>,
    owner: Owner,
    shared: bool,
    looked: Instant,
    past: Past,
    views_looked: Instant,
    views_told: Vec<OfficerView>,
}

/// Begins a replay of a log.
///
/// # Errors
/// [`Refusal`] when there is nothing to replay, or no such speed.
pub(super) fn open(
    store: &dyn LogStore,
    owner: Owner,
    shared: bool,
    (at, speed, basis): Begin,
) -> Result<Box<dyn OtherWorld>, Refusal> {
    let history = super::history(store)?;
    let (player, _) = Player::new(history, at, speed, basis).map_err(refused)?;
    let views = store.aside().recorded_views();
    Ok(boxed(player, Past::City(views), owner, shared))
}

/// A replay that has a clock, as a world.
pub(super) fn boxed<H: History + Send + 'static>(
    player: Player<H>,
    past: Past,
    owner: Owner,
    shared: bool,
) -> Box<dyn OtherWorld> {
    Box::new(Replay {
        player,
        owner,
        shared,
        looked: Instant::now(),
        past,
        views_looked: Instant::now(),
        views_told: Vec::new(),
    })
}

pub(super) fn refused(error: PlayError) -> Refusal {
    let code = match error {
        PlayError::Speed(_) => Code::BadMessage,
        PlayError::History(_) | PlayError::Empty => Code::NoPast,
    };
    Refusal::new(code, error.to_string())
}

/// What a notice of where the clock ended is about.
fn code(edge: &Edge) -> Code {
    match edge {
        Edge::First | Edge::Last => Code::ClockAtEdge,
        Edge::NoEarlier | Edge::NoLater => Code::NoEvent,
        Edge::Gap(_) => Code::Gap,
    }
}

/// Where the clock ended, for people.
fn words(edge: &Edge) -> String {
    match edge {
        Edge::First => "this is the first record of the log; there is nothing before it".to_owned(),
        Edge::Last => {
            "this is the last record of the log; what comes after it is in the running city"
                .to_owned()
        }
        Edge::NoEarlier => "there is no earlier event".to_owned(),
        Edge::NoLater => "there is no later event yet".to_owned(),
        Edge::Gap(gap) => format!(
            "a stretch is missing here and was stepped over: {}",
            gap.words
        ),
    }
}

impl<H: History> Replay<H> {
    /// Shows the result of a step; reports where it ended to the driver, or to all.
    fn after(
        &mut self,
        step: Result<Step, PlayError>,
        asker: Option<&Asker>,
        audience: &mut Audience,
    ) {
        let (state, time) = (self.player.state(), self.player.time());
        match step {
            Ok(step) => {
                if step.jumped {
                    audience.begin_anew(state, time, SnapshotReason::Jumped);
                }
                audience.note(state, step.changes);
                if let Some(edge) = &step.edge {
                    let (code, text) = (code(edge), words(edge));
                    let notice = ServerMessage::Notice { code, text };
                    match asker {
                        Some(asker) => asker.answer(&notice),
                        None => audience.tell_all(&notice),
                    }
                }
            }
            Err(error) => {
                audience.begin_anew(state, time, SnapshotReason::Jumped);
                // After an error the clock is paused, so that the error is reported once.
                let _ = self.player.control(TimeControl::Pause);
                let refusal = refused(error);
                match asker {
                    Some(asker) => asker.refuse(refusal),
                    None => audience.tell_all(&ServerMessage::Notice {
                        code: refusal.code,
                        text: refusal.text,
                    }),
                }
            }
        }
    }
}

impl<H: History> Replay<H> {
    /// Tells where officers were looking, when that has changed.
    fn show_views(&mut self, audience: &Audience) {
        let Past::City(Some(views)) = &self.past else {
            return;
        };
        if self.views_looked.elapsed() < VIEWS_EVERY {
            return;
        }
        self.views_looked = Instant::now();
        let now = self.player.time();
        match views.newest(now.plus_seconds(-VIEW_LASTS_S), now) {
            Ok(list) if list != self.views_told => {
                let told = ServerMessage::Views { list: list.clone() };
                audience.tell_those(&told, Viewer::sees_everything);
                self.views_told = list;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "a replay shows no more views");
                self.past = Past::City(None);
            }
        }
    }
}

impl<H: History + Send> OtherWorld for Replay<H> {
    fn state(&self) -> &State {
        self.player.state()
    }

    fn clock(&self) -> WorldClock {
        self.player.clock()
    }

    fn closings(&self) -> Closings {
        match &self.past {
            Past::Drill(.., closings) => closings.at(self.player.time()),
            Past::City(_) => Closings::new(),
        }
    }

    fn advance(&mut self, elapsed: Duration, audience: &mut Audience) {
        if self.looked.elapsed() >= LOOK_EVERY {
            self.looked = Instant::now();
            if let Err(error) = self.player.refresh_span() {
                tracing::warn!(%error, "a replay cannot see how far the log goes");
            }
        }
        let step = self.player.advance(elapsed.as_secs_f64(), ROWS_PER_TICK);
        self.after(step, None, audience);
        self.show_views(audience);
    }

    fn arrived(&mut self, viewer: &Viewer) {
        if !self.views_told.is_empty() {
            let list = self.views_told.clone();
            if viewer.sees_everything() {
                viewer.tell(&ServerMessage::Views { list });
            }
        }
    }

    fn control_time(&mut self, asker: &Asker, control: TimeControl, audience: &mut Audience) {
        let Some(viewer) = audience.viewer(asker.session()) else {
            return;
        };
        if !viewer.seat.drives_clock() {
            let text = format!(
                "this replay is driven by {}; make a replay of your own to go elsewhere in time",
                self.owner
            );
            return asker.refuse(Refusal::new(Code::NotYourClock, text));
        }
        let step = self.player.control(control);
        self.after(step, Some(asker), audience);
    }

    fn command(&mut self, _: u64, _: Decision, reply: CommandReply, _: &mut Audience) {
        reply.reject(Code::Past, REPLAYS_ARE_FINAL);
    }

    fn past(&mut self, asker: &Asker, question: PastQuestion) {
        past::answer_past(self.player.history(), &[], asker, question);
    }

    fn admit(&mut self, principal: &Principal, _seat: Seat) -> Result<Seat, Refusal> {
        principal.require(Permission::Replay)?;
        if self.owner.is(principal) {
            Ok(Seat::Director)
        } else if self.shared {
            Ok(Seat::Viewer)
        } else {
            let text = format!("this replay is private to {}", self.owner);
            Err(Refusal::new(Code::NotForRole, text))
        }
    }

    fn record_of(&self) -> Option<u32> {
        match self.past {
            Past::Drill(drill, ..) => Some(drill),
            Past::City(_) => None,
        }
    }

    fn notice(&self) -> (String, String) {
        if let Past::Drill(_, words, _) = &self.past {
            return words.clone();
        }
        let gaps = self.player.gaps();
        let words: Vec<String> = gaps.iter().map(|g| g.words.clone()).collect();
        let words = words.join("; ");
        (words.clone(), words)
    }
}
