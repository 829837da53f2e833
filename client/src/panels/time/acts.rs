//! Carries out what the time bar asks for: turns it into words to the server.

use super::asks;
use super::leave;
use super::state::{LOOK_BACK, Step, TimeAct, TimeBar, Typed, next_speed, thing_of};
use super::step;
use crate::i18n::Words;
use crate::live::Selection;
use crate::net::{Chronicle, Connection};
use crate::panels::confirm::Ask;
use crate::panels::console::Frame;
use bevy::prelude::{MessageReader, MessageWriter, Res, ResMut};
use chengtu_engine::record::World;
use chengtu_engine::replay::{BookmarkChange, TimeBasis, TimeControl, WorldClock};
use chengtu_engine::stream::{ClientMessage, WorldChoice, WorldInfo};
use chengtu_engine::time::Timestamp;
use std::time::{Duration, Instant};

/// Shortest time between two places said while the hand moves.
const SCRUB_EVERY: Duration = Duration::from_millis(90);

/// Where the user is in time, for deciding what an act means.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The current world.
    pub world: World,
    /// Its clock; `None` in the running city.
    pub clock: Option<WorldClock>,
    /// What time it is there.
    pub now: Timestamp,
    /// What is chosen.
    pub selection: Selection,
    /// What the server has said: the clock obeys this session.
    pub may_drive: bool,
}

impl Place {
    fn of(frame: &Frame, selection: Selection) -> Self {
        Self {
            world: frame.world,
            clock: frame.clock,
            now: frame.now,
            selection,
            may_drive: frame.info.as_ref().is_some_and(WorldInfo::may_drive),
        }
    }

    /// Up to where the log grows.
    pub fn grows_at(&self) -> Timestamp {
        self.clock.map_or(self.now, |c| c.to)
    }

    /// True in a replay or a fork.
    pub fn is_past(&self) -> bool {
        matches!(self.world, World::Replay(_) | World::Fork(_))
    }
}

fn replay(
    at: Timestamp,
    speed: f32,
    shared: bool,
    title: String,
    basis: TimeBasis,
) -> ClientMessage {
    ClientMessage::Enter {
        choice: WorldChoice::Replay {
            at,
            speed,
            basis,
            shared,
            title,
        },
    }
}

fn time(control: TimeControl) -> ClientMessage {
    ClientMessage::Time { control }
}

/// What is to be said to the server for an act; the bar's own state is put right too.
pub fn messages(act: TimeAct, here: &Place, bar: &mut TimeBar) -> Vec<ClientMessage> {
    if change_bar(&act, here, bar) {
        return Vec::new();
    }
    match act {
        TimeAct::Live if here.world != World::Live => vec![ClientMessage::Enter {
            choice: WorldChoice::Live,
        }],
        TimeAct::Mark(time, note) => vec![ClientMessage::Bookmark {
            change: BookmarkChange::Add { time, note },
        }],
        TimeAct::Unmark(id) => vec![ClientMessage::Bookmark {
            change: BookmarkChange::Remove(id),
        }],
        act if here.may_drive => drive(act, here, bar),
        act if here.world == World::Live => leave_city(act),
        _ => Vec::new(),
    }
}

/// What concerns the bar alone; false where an act is none of that.
fn change_bar(act: &TimeAct, here: &Place, bar: &mut TimeBar) -> bool {
    let live = here.world == World::Live;
    let focused = || Typed {
        focus: true,
        ..Typed::default()
    };
    match act {
        TimeAct::Unfold => {
            bar.unfold(here.world);
            bar.list = None;
        }
        TimeAct::List(list) => bar.list = (bar.list != Some(*list)).then_some(*list),
        TimeAct::Type if live || here.may_drive => {
            bar.typed = Some(focused());
            match here.world {
                World::Live => bar.open_live = true,
                _ => bar.folded = false,
            }
        }
        TimeAct::Note if live || here.is_past() => bar.note = Some((here.now, focused())),
        _ => return false,
    }
    true
}

/// From the running city into a replay, where that has been asked.
fn leave_city(act: TimeAct) -> Vec<ClientMessage> {
    let (title, basis) = (String::new(), TimeBasis::Known);
    match act {
        TimeAct::Leave(t, speed) if speed.abs() < f32::EPSILON => vec![
            replay(t, 0.0, false, title, basis),
            time(TimeControl::Speed(1.0)),
        ],
        TimeAct::Leave(t, speed) => vec![replay(t, speed, false, title, basis)],
        _ => Vec::new(),
    }
}

/// Drives the clock of the world that is looked at.
fn drive(act: TimeAct, here: &Place, bar: &mut TimeBar) -> Vec<ClientMessage> {
    match act {
        TimeAct::GoTo(t) | TimeAct::Leave(t, _) => vec![time(TimeControl::Seek(t))],
        TimeAct::Scrub(t) => {
            let due = bar
                .hand
                .said
                .is_none_or(|(said, at)| said != t && at.elapsed() >= SCRUB_EVERY);
            if !due {
                return Vec::new();
            }
            bar.hand.said = Some((t, Instant::now()));
            vec![time(TimeControl::Seek(t))]
        }
        TimeAct::PlayOrPause => {
            let plays = here.clock.is_some_and(|c| c.playing);
            vec![time(if plays {
                TimeControl::Pause
            } else {
                TimeControl::Play
            })]
        }
        TimeAct::Speed(speed) => {
            vec![time(TimeControl::Speed(speed)), time(TimeControl::Play)]
        }
        TimeAct::Faster(faster) => {
            let speed = here.clock.map_or(1.0, |c| c.speed);
            vec![time(TimeControl::Speed(next_speed(speed, faster)))]
        }
        TimeAct::StepSeconds(s) => vec![time(TimeControl::StepSeconds(s))],
        TimeAct::StepEvent { forward, chosen } => {
            let of = chosen.then(|| thing_of(here.selection)).flatten();
            if chosen && of.is_none() {
                return Vec::new();
            }
            bar.step = Some(Step::from(here.now));
            vec![time(TimeControl::StepEvent { forward, of })]
        }
        TimeAct::Basis(basis) => vec![time(TimeControl::Basis(basis))],
        TimeAct::OtherBasis => {
            let other = match here.clock.map(|c| c.basis) {
                Some(TimeBasis::Known) => TimeBasis::Occurred,
                _ => TimeBasis::Known,
            };
            vec![time(TimeControl::Basis(other))]
        }
        TimeAct::LookBack => vec![
            time(TimeControl::Seek(
                here.grows_at().plus_seconds(-LOOK_BACK.0),
            )),
            time(TimeControl::Speed(LOOK_BACK.1)),
            time(TimeControl::Play),
        ],
        TimeAct::Share(title) => here.clock.map_or(Vec::new(), |clock| {
            bar.list = None;
            vec![
                replay(here.now, 0.0, true, title, clock.basis),
                time(TimeControl::Speed(clock.speed)),
            ]
        }),
        _ => Vec::new(),
    }
}

/// Carries out what was asked, and asks for what the bar shows of the past.
pub(super) fn carry_out(
    mut acts: MessageReader<TimeAct>,
    frame: Res<Frame>,
    selection: Res<Selection>,
    chronicle: Res<Chronicle>,
    words: Res<Words>,
    mut connection: ResMut<Connection>,
    mut bar: ResMut<TimeBar>,
    mut questions: MessageWriter<Ask>,
) {
    let here = Place::of(&frame, *selection);
    for act in acts.read() {
        if let Some(question) = leave::question(act, &here, &frame.time, &words) {
            questions.write(Ask::new(question));
            continue;
        }
        for message in messages(act.clone(), &here, &mut bar) {
            connection.send(message);
        }
    }
    asks::ask(&mut bar, &frame.time, &here, &chronicle, &mut connection);
    let stands = here.clock.is_some_and(|c| !c.playing);
    step::ask(&mut bar, here.now, stands, &connection);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample::{self, COVER, NOW};
    use chengtu_engine::ids::ThingId;

    fn place(world: World, playing: bool) -> Place {
        let clock = (world != World::Live).then(|| sample::clock(NOW, 60.0, playing));
        Place {
            world,
            clock,
            now: NOW,
            selection: Selection::Case(COVER),
            may_drive: matches!(world, World::Replay(_) | World::Fork(_)),
        }
    }

    fn said(act: TimeAct, world: World) -> Vec<ClientMessage> {
        messages(act, &place(world, true), &mut TimeBar::default())
    }

    const LIVE: World = World::Live;
    const PAST: World = World::Replay(1);

    #[test]
    fn a_moment_leads_from_the_city_into_a_replay_and_in_a_replay_only_there() {
        let at = NOW.plus_seconds(-40_000);
        assert!(said(TimeAct::GoTo(at), LIVE).is_empty(), "it asks first");
        let from_live = said(TimeAct::Leave(at, 0.0), LIVE);
        assert!(
            matches!(&from_live[0], ClientMessage::Enter { choice: WorldChoice::Replay { at: a, speed, .. } } if *a == at && *speed == 0.0)
        );
        assert_eq!(said(TimeAct::GoTo(at), PAST), [time(TimeControl::Seek(at))]);
        assert!(said(TimeAct::GoTo(at), World::Drill(1)).is_empty());
    }

    #[test]
    fn the_running_city_and_a_drill_cannot_be_driven() {
        for world in [LIVE, World::Drill(3)] {
            for act in [
                TimeAct::PlayOrPause,
                TimeAct::Speed(60.0),
                TimeAct::Faster(true),
                TimeAct::StepSeconds(1),
                TimeAct::OtherBasis,
                TimeAct::Scrub(NOW),
                TimeAct::StepEvent {
                    forward: true,
                    chosen: false,
                },
            ] {
                assert!(said(act.clone(), world).is_empty(), "{act:?} in {world:?}");
            }
        }
    }

    #[test]
    fn who_only_looks_on_drives_nothing_but_finds_the_way_home() {
        let here = Place {
            may_drive: false,
            ..place(PAST, true)
        };
        for act in [TimeAct::PlayOrPause, TimeAct::GoTo(NOW), TimeAct::LookBack] {
            assert!(messages(act, &here, &mut TimeBar::default()).is_empty());
        }
        assert_eq!(
            messages(TimeAct::Live, &here, &mut TimeBar::default()).len(),
            1
        );
    }

    #[test]
    fn changing_the_speed_never_names_a_time() {
        for act in [TimeAct::Speed(-60.0), TimeAct::Faster(true)] {
            for message in said(act, PAST) {
                assert!(matches!(
                    message,
                    ClientMessage::Time {
                        control: TimeControl::Speed(_) | TimeControl::Play
                    }
                ));
            }
        }
        assert_eq!(said(TimeAct::PlayOrPause, PAST), [time(TimeControl::Pause)]);
        let stands = messages(
            TimeAct::PlayOrPause,
            &place(PAST, false),
            &mut TimeBar::default(),
        );
        assert_eq!(stands, [time(TimeControl::Play)]);
    }

    #[test]
    fn events_of_what_is_chosen_are_stepped_by_when_asked_for() {
        let step = |chosen| TimeAct::StepEvent {
            forward: false,
            chosen,
        };
        let control = |of| time(TimeControl::StepEvent { forward: false, of });
        assert_eq!(said(step(false), PAST), [control(None)]);
        assert_eq!(
            said(step(true), PAST),
            [control(Some(ThingId::Case(COVER)))]
        );
        let nothing = Place {
            selection: Selection::None,
            ..place(PAST, true)
        };
        assert!(messages(step(true), &nothing, &mut TimeBar::default()).is_empty());
    }

    #[test]
    fn a_moving_hand_says_where_it_is_a_few_times_a_second() {
        let mut bar = TimeBar::default();
        let here = place(PAST, false);
        let mut said = 0;
        for i in 0..1_000 {
            said += messages(TimeAct::Scrub(NOW.plus_seconds(-i)), &here, &mut bar).len();
        }
        assert!((1..=3).contains(&said), "{said}");
    }

    #[test]
    fn the_last_ten_minutes_and_the_way_back() {
        assert!(said(TimeAct::LookBack, LIVE).is_empty(), "it asks first");
        let (back_s, speed) = LOOK_BACK;
        let look = said(TimeAct::Leave(NOW.plus_seconds(-back_s), speed), LIVE);
        assert!(
            matches!(&look[..], [ClientMessage::Enter { choice: WorldChoice::Replay { at, speed, .. } }] if *at == NOW.plus_seconds(-600) && *speed == 10.0)
        );
        let live = ClientMessage::Enter {
            choice: WorldChoice::Live,
        };
        assert_eq!(said(TimeAct::Live, PAST), [live]);
        assert!(said(TimeAct::Live, LIVE).is_empty());
    }
}
