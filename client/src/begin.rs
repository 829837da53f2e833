//! Which world the program begins in, as the command line says; and that a picture waits until it is there.

use crate::i18n::LocalTime;
use crate::link::DrillLink;
use crate::net::{City, Connection, NetSystems};
use crate::output::Output;
use crate::readiness::Readiness;
use bevy::prelude::*;
use chengtu_engine::record::World as CityWorld;
use chengtu_engine::replay::{TimeBasis, TimeControl};
use chengtu_engine::stream::WorldChoice;
use chengtu_engine::time::Timestamp;
use std::time::{Duration, Instant};

/// A paused moment counts as complete when nothing has come for this long: significant areas are computed
/// a little after the rest.
const QUIET: Duration = Duration::from_millis(450);
const GATE: &str = "the moment";

/// The world that the program begins in.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq)]
pub enum Begin {
    /// The running city.
    #[default]
    Live,
    /// A replay of the log, entered with its clock paused.
    Replay {
        /// First moment shown; an hour ago if not given.
        at: Option<LocalTime>,
        /// Whether events count from when they occurred or from when they became known.
        basis: TimeBasis,
    },
    /// A second of a drill's record.
    Record(DrillLink),
    /// The moments that are written as frames, one after the other.
    Frames,
}

/// Goes to the world that the program begins in.
pub struct BeginPlugin {
    /// Which world, and which moment of it.
    pub begin: Begin,
}

impl Plugin for BeginPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Moment>()
            .insert_resource(self.begin)
            .add_systems(
                PreUpdate,
                (begin, settle).chain().after(NetSystems::Receive),
            );
        if self.begin != Begin::Live && app.world().resource::<Output>().is_still() {
            app.world_mut().resource_mut::<Readiness>().wait_for(GATE);
        }
    }
}

/// The moment that was gone to, and whether everything of it is here.
#[derive(Resource, Debug, Default)]
pub struct Moment {
    /// Where to, as asked for last; `None` before.
    pub wanted: Option<Timestamp>,
    /// Jumps of the clock when it was asked for; `None` before the world was entered.
    before: Option<u32>,
    quiet_since: Option<(u64, Instant)>,
    /// The speed to be chosen once the moment has been reached.
    speed: Option<f32>,
    settled: bool,
}

impl Moment {
    /// Everything of the moment is here and nothing more has come for a while.
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// Enters a replay at a moment, paused, or seeks there if a replay is entered already.
    pub fn go(&mut self, at: Timestamp, basis: TimeBasis, city: &City, connection: &Connection) {
        self.wanted = Some(at);
        self.settled = false;
        self.quiet_since = None;
        if let Some(clock) = city.world_clock() {
            self.before = Some(clock.jumps);
            connection.time(TimeControl::Seek(at));
            return;
        }
        self.before = None;
        connection.enter(WorldChoice::Replay {
            at,
            speed: 0.0,
            basis,
            shared: false,
            title: String::new(),
        });
        connection.time(TimeControl::Speed(1.0));
    }

    /// Enters the record of a drill at a second, paused.
    fn follow(&mut self, link: DrillLink, connection: &Connection) {
        self.wanted = Some(link.at);
        // Sent only once in the record: if entering is refused, that refusal is the only notice.
        self.speed = Some(1.0);
        let (drill, at) = (link.drill, link.at);
        let speed = 0.0;
        connection.enter(WorldChoice::Record { drill, at, speed });
    }

    /// True once the clock is paused at the moment asked for, or at the end of the log nearest to it.
    fn is_there(&self, city: &City) -> bool {
        let (Some(wanted), Some(clock)) = (self.wanted, city.world_clock()) else {
            return false;
        };
        let gone = self.before.is_none_or(|jumps| jumps != clock.jumps);
        let at = wanted.clamp(clock.from, clock.to.max(clock.from));
        gone && !clock.playing && clock.time == at && city.is_ready() && city.mirror.time == at
    }
}

/// A local time as a moment of this city.
pub fn moment_of(time: LocalTime, city: &City) -> Timestamp {
    city.clock().moment(time.0)
}

fn begin(
    begin: Res<Begin>,
    city: Res<City>,
    connection: Res<Connection>,
    mut moment: ResMut<Moment>,
) {
    let greeted = city.mirror.hello.is_some() && connection.is_live();
    if moment.wanted.is_some() || !greeted {
        return;
    }
    match *begin {
        Begin::Live | Begin::Frames => {}
        Begin::Record(link) => moment.follow(link, &connection),
        Begin::Replay { at, basis } => {
            let at = at.map_or_else(
                || city.now().plus_seconds(-3_600),
                |time| moment_of(time, &city),
            );
            moment.go(at, basis, &city, &connection);
        }
    }
}

fn settle(
    city: Res<City>,
    output: Res<Output>,
    connection: Res<Connection>,
    mut moment: ResMut<Moment>,
    readiness: Option<ResMut<Readiness>>,
) {
    if moment.wanted.is_none() {
        return;
    }
    if city.world() != CityWorld::Live
        && let Some(speed) = moment.speed.take()
    {
        connection.time(TimeControl::Speed(speed));
    }
    let frozen = city.frozen_frame().filter(|_| moment.is_there(&city));
    moment.quiet_since = match (frozen, moment.quiet_since) {
        (None, _) => None,
        (Some(n), Some((of, since))) if of == n => Some((n, since)),
        (Some(n), _) => Some((n, Instant::now())),
    };
    moment.settled = moment
        .quiet_since
        .is_some_and(|(_, since)| since.elapsed() >= QUIET);
    if let Some(mut readiness) = readiness
        && output.is_still()
        && city.world() != CityWorld::Live
    {
        readiness.set(GATE, moment.settled);
    }
}
