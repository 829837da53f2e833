//! Carries out what the time bar asks for: turns it into words to the server.

use super::state::{LOOK_BACK, TimeAct, TimeBar, Typed, next_speed, thing_of};
use crate::live::Selection;
use crate::net::Connection;
use chengtu_engine::drill::Seat;
use chengtu_engine::record::World;
use chengtu_engine::replay::{BookmarkChange, TimeBasis, TimeControl, WorldClock};
use chengtu_engine::stream::{ClientMessage, WorldChoice};
use chengtu_engine::time::Timestamp;
use std::time::{Duration, Instant};

/// Shortest time between two places said while the hand moves.
const SCRUB_EVERY: Duration = Duration::from_millis(90);

/// Where one is in time, for deciding what an act means.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Which world.
    pub world: World,
    /// Its clock; none in the running city.
    pub clock: Option<WorldClock>,
    /// What time it is there.
    pub now: Timestamp,
    /// What is chosen.
    pub selection: Selection,
    /// One's seat there: who only looks on drives nothing.
    pub seat: Seat,
}

impl Place {
    /// True in a replay or a fork.
    pub fn is_past(&self) -> bool {
        matches!(self.world, World::Replay(_) | World::Fork(_))
    }

    /// True where the clock can be driven from here.
    pub fn may_drive(&self) -> bool {
        self.is_past() && self.seat != Seat::Viewer
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
pub fn words(act: TimeAct, here: &Place, bar: &mut TimeBar) -> Vec<ClientMessage> {
    let past = here.may_drive();
    match act {
        TimeAct::GoTo(t) if past => vec![time(TimeControl::Seek(t))],
        TimeAct::GoTo(t) if here.world == World::Live => vec![
            replay(t, 0.0, false, String::new(), TimeBasis::Known),
            time(TimeControl::Speed(1.0)),
        ],
        TimeAct::Scrub(t) if past => {
            let due = bar
                .said
                .is_none_or(|(said, at)| said != t && at.elapsed() >= SCRUB_EVERY);
            if !due {
                return Vec::new();
            }
            bar.said = Some((t, Instant::now()));
            vec![time(TimeControl::Seek(t))]
        }
        TimeAct::PlayOrPause if past => {
            let plays = here.clock.is_some_and(|c| c.playing);
            vec![time(if plays {
                TimeControl::Pause
            } else {
                TimeControl::Play
            })]
        }
        TimeAct::Speed(speed) if past => {
            vec![time(TimeControl::Speed(speed)), time(TimeControl::Play)]
        }
        TimeAct::Faster(faster) if past => {
            let speed = here.clock.map_or(1.0, |c| c.speed);
            vec![time(TimeControl::Speed(next_speed(speed, faster)))]
        }
        TimeAct::StepSeconds(s) if past => vec![time(TimeControl::StepSeconds(s))],
        TimeAct::StepEvent { forward, chosen } if past => {
            let of = chosen.then(|| thing_of(here.selection)).flatten();
            if chosen && of.is_none() {
                return Vec::new();
            }
            vec![time(TimeControl::StepEvent { forward, of })]
        }
        TimeAct::Basis(basis) if past => vec![time(TimeControl::Basis(basis))],
        TimeAct::OtherBasis if past => {
            let other = match here.clock.map(|c| c.basis) {
                Some(TimeBasis::Known) => TimeBasis::Occurred,
                _ => TimeBasis::Known,
            };
            vec![time(TimeControl::Basis(other))]
        }
        TimeAct::LookBack if past => vec![
            time(TimeControl::Seek(
                here.clock
                    .map_or(here.now, |c| c.to)
                    .plus_seconds(-LOOK_BACK.0),
            )),
            time(TimeControl::Speed(LOOK_BACK.1)),
            time(TimeControl::Play),
        ],
        TimeAct::LookBack if here.world == World::Live => vec![replay(
            here.now.plus_seconds(-LOOK_BACK.0),
            LOOK_BACK.1,
            false,
            String::new(),
            TimeBasis::Known,
        )],
        TimeAct::Live if here.world != World::Live => vec![ClientMessage::Enter {
            choice: WorldChoice::Live,
        }],
        TimeAct::Mark(time, note) => vec![ClientMessage::Bookmark {
            change: BookmarkChange::Add { time, note },
        }],
        TimeAct::Unmark(id) => vec![ClientMessage::Bookmark {
            change: BookmarkChange::Remove(id),
        }],
        TimeAct::Share(title) => match here.clock {
            Some(clock) if past => {
                bar.list = None;
                vec![
                    replay(here.now, 0.0, true, title, clock.basis),
                    time(TimeControl::Speed(clock.speed)),
                ]
            }
            _ => Vec::new(),
        },
        TimeAct::Unfold => {
            bar.unfold(here.world);
            bar.list = None;
            Vec::new()
        }
        TimeAct::List(list) => {
            bar.list = (bar.list != Some(list)).then_some(list);
            Vec::new()
        }
        TimeAct::Type if here.world == World::Live || past => {
            bar.typed = Some(Typed {
                focus: true,
                ..Typed::default()
            });
            match here.world {
                World::Live => bar.open_live = true,
                _ => bar.folded = false,
            }
            Vec::new()
        }
        TimeAct::Note if here.world == World::Live || here.is_past() => {
            let note = Typed {
                focus: true,
                ..Typed::default()
            };
            bar.note = Some((here.now, note));
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Carries an act out.
pub fn carry_out(act: TimeAct, here: &Place, bar: &mut TimeBar, connection: &Connection) {
    for message in words(act, here, bar) {
        connection.send(message);
    }
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
            seat: Seat::Director,
        }
    }

    fn said(act: TimeAct, world: World) -> Vec<ClientMessage> {
        words(act, &place(world, true), &mut TimeBar::default())
    }

    const LIVE: World = World::Live;
    const PAST: World = World::Replay(1);

    #[test]
    fn a_moment_leads_from_the_city_into_a_replay_and_in_a_replay_only_there() {
        let at = NOW.plus_seconds(-40_000);
        let from_live = said(TimeAct::GoTo(at), LIVE);
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
            seat: Seat::Viewer,
            ..place(PAST, true)
        };
        for act in [TimeAct::PlayOrPause, TimeAct::GoTo(NOW), TimeAct::LookBack] {
            assert!(words(act, &here, &mut TimeBar::default()).is_empty());
        }
        assert_eq!(
            words(TimeAct::Live, &here, &mut TimeBar::default()).len(),
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
        let stands = words(
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
        assert!(words(step(true), &nothing, &mut TimeBar::default()).is_empty());
    }

    #[test]
    fn a_moving_hand_says_where_it_is_a_few_times_a_second() {
        let mut bar = TimeBar::default();
        let here = place(PAST, false);
        let mut said = 0;
        for i in 0..1_000 {
            said += words(TimeAct::Scrub(NOW.plus_seconds(-i)), &here, &mut bar).len();
        }
        assert!((1..=3).contains(&said), "{said}");
    }

    #[test]
    fn the_last_ten_minutes_and_the_way_back() {
        let look = said(TimeAct::LookBack, LIVE);
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
