use super::{Beside, CurrentWorld, Desks, ServerClock};
use bevy::prelude::{Message, Resource};
use chengtu_engine::drill::GhostOf;
use chengtu_engine::record::World;
use chengtu_engine::replay::WorldClock;
use chengtu_engine::stream::{
    CityAlarm, CoarseTile, Mirror, MirrorChanges, ServerMessage, WorldInfo,
};
use chengtu_engine::time::Timestamp;
use std::time::Instant;

/// Without a message for so long the clock is held, microseconds; a server says something every second.
const SILENCE_MAX_US: i64 = 2_500_000;
/// Fastest pace at which what a fix corrects is blended in.
const BLEND_PACE_MAX: f32 = 4.0;

/// What a message of the server touched in [`City`].
#[derive(Message, Clone, Debug)]
pub struct CityChanged(pub MirrorChanges);

/// The city as it is known here: the mirror, which world it is of, and what time it is there. The only truth of the
/// client; every layer and panel can be rebuilt from it at any moment.
#[derive(Resource, Debug)]
pub struct City {
    /// Everything that was streamed. Read it freely; only the line writes it.
    pub mirror: Mirror,
    /// Counts of movers where the view is too wide to send each.
    pub coarse: Vec<CoarseTile>,
    beside: Beside,
    alarms_elsewhere: Vec<CityAlarm>,
    desks: Desks,
    world: CurrentWorld,
    clock: ServerClock,
    now: Timestamp,
    /// Server time of the last message of any kind.
    last_word: Timestamp,
    /// Local time of the last message, microseconds since `begun`.
    heard_us: i64,
    before_cut: Option<Box<BeforeCut>>,
    begun: Instant,
}

/// The city as it was known when the line was cut.
#[derive(Clone, Debug)]
pub struct BeforeCut {
    /// What was known.
    pub mirror: Mirror,
    /// Of which world.
    pub world: World,
    /// The last moment that was shown.
    pub at: Timestamp,
}

impl Default for City {
    fn default() -> Self {
        Self {
            mirror: Mirror::new(),
            coarse: Vec::new(),
            beside: Beside::default(),
            alarms_elsewhere: Vec::new(),
            desks: Desks::default(),
            world: CurrentWorld::default(),
            clock: ServerClock::default(),
            now: Timestamp::default(),
            last_word: Timestamp::default(),
            heard_us: 0,
            before_cut: None,
            begun: Instant::now(),
        }
    }
}

impl City {
    /// The time in this frame in the current world: the one clock of everything that is shown. The same for the
    /// whole frame.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Which world this is.
    pub fn world(&self) -> World {
        self.world.world()
    }

    /// What is known of the world; `None` in the running city.
    pub fn world_info(&self) -> Option<&WorldInfo> {
        self.world.info()
    }

    /// The world's clock as last received; `None` in the running city.
    pub fn world_clock(&self) -> Option<&WorldClock> {
        self.world.clock()
    }

    /// Seconds of the world per second: 1 in the running city, 0 while the clock is paused, negative backwards.
    pub fn pace(&self) -> f32 {
        self.world.pace()
    }

    /// What is shown beside the city itself: ghosts, and where officers were looking.
    pub fn beside(&self) -> &Beside {
        &self.beside
    }

    /// Another ghost is asked for, or none.
    pub fn choose_ghost(&mut self, request: u32, of: Option<GhostOf>) {
        self.beside.choose(request, of);
        self.world.touch();
    }

    /// How often the course of time was cut, see [`CurrentWorld::discontinuities`].
    pub fn discontinuities(&self) -> u64 {
        self.world.discontinuities()
    }

    /// The id of the frame that another world's paused clock shows, see [`CurrentWorld::frozen_frame`].
    pub fn frozen_frame(&self) -> Option<u64> {
        self.world.frozen_frame()
    }

    /// The view was put elsewhere at once: what is drawn of a frozen frame forgets where it was seen from before.
    pub fn view_jumped(&mut self) {
        self.world.touch();
    }

    /// Severe alarms of the running city, as known while another world is looked at: those that nobody has acknowledged
    /// first.
    pub fn city_alarms(&self) -> impl Iterator<Item = &CityAlarm> {
        self.alarms_elsewhere.iter()
    }

    /// Who else is in this world, and which names are this desk's own.
    pub fn desks(&self) -> &Desks {
        &self.desks
    }

    /// True where positions may be blended from fix to fix: only while time passes about as fast as for people.
    pub fn blends(&self) -> bool {
        (0.0..=BLEND_PACE_MAX).contains(&self.pace()) && self.frozen_frame().is_none()
    }

    /// [`City::now`] in microseconds since 1970.
    pub fn now_us(&self) -> i64 {
        self.now.0
    }

    /// Server time of the last message: how old the picture is when the line is lost.
    pub fn last_word(&self) -> Timestamp {
        self.last_word
    }

    /// True once a snapshot has come.
    pub fn is_ready(&self) -> bool {
        self.mirror.is_ready()
    }

    /// The city's own clock.
    pub fn clock(&self) -> crate::i18n::CityTime {
        let offsets = self
            .mirror
            .hello
            .as_ref()
            .map(|h| h.city.utc_offsets.clone());
        crate::i18n::CityTime::new(offsets.unwrap_or_default())
    }

    /// Seconds to add to UTC in this city at a moment; 0 before the greeting.
    pub fn utc_offset_s(&self, at: Timestamp) -> i32 {
        let offsets = self
            .mirror
            .hello
            .as_ref()
            .map(|h| h.city.utc_offsets.as_slice())
            .unwrap_or_default();
        let i = offsets.partition_point(|(from, _)| *from <= at);
        offsets
            .get(i.saturating_sub(1))
            .map_or(0, |(_, offset)| *offset)
    }

    /// Takes a message in that was read at a local moment.
    ///
    /// # Errors
    /// As [`Mirror::apply`]; the caller asks for a snapshot.
    pub fn take(
        &mut self,
        message: &ServerMessage,
        read_at: Instant,
    ) -> Result<MirrorChanges, chengtu_engine::stream::MirrorError> {
        let local_us = self.local_us(read_at);
        self.heard_us = self.heard_us.max(local_us);
        let live_before = self.world() == World::Live;
        self.world.take(message, local_us);
        match message {
            ServerMessage::CityAlarms { alarms, .. } => self.alarms_elsewhere.clone_from(alarms),
            // In the running city its own alarms are in the mirror.
            ServerMessage::Entered(info) if info.world == World::Live => {
                self.alarms_elsewhere.clear();
            }
            _ => {}
        }
        self.desks.take(message);
        if self.beside.take(message) {
            self.world.touch();
        }
        let live = self.world() == World::Live;
        // What another world says of time says nothing about the server's clock; greetings and pongs always do.
        if let Some(time) =
            time_of(message).filter(|_| (live && live_before) || is_of_server(message))
        {
            self.clock.sample(time, local_us);
            if live {
                self.last_word = self.last_word.max(time);
            }
        }
        if let Some(clock) = self.world.clock() {
            self.last_word = clock.time;
        }
        let changes = self.mirror.apply(message)?;
        if changes.reset {
            if live && self.mirror.time != Timestamp::default() {
                self.last_word = self.mirror.time;
            }
            self.coarse.clear();
        }
        if let ServerMessage::Coarse { tiles, .. } = message
            && self.coarse != *tiles
        {
            // Counts come again and again, also while nothing changes.
            self.coarse.clone_from(tiles);
            self.world.touch();
        }
        Ok(changes)
    }

    /// The time a small message and its answer took.
    pub(super) fn round_trip(&mut self, rtt: std::time::Duration) {
        self.clock.round_trip(rtt.as_micros() as i64);
    }

    /// The line is cut: what is known now is kept, to be held against what is found when it is back. What an earlier
    /// cut kept stays, for nothing has been seen since.
    pub fn cut(&mut self) {
        if self.before_cut.is_none() && self.is_ready() {
            self.before_cut = Some(Box::new(BeforeCut {
                mirror: self.mirror.clone(),
                world: self.world(),
                at: self.now,
            }));
        }
    }

    /// What was known before the line was cut; none where it was not, or where this was taken already.
    pub fn before_cut(&self) -> Option<&BeforeCut> {
        self.before_cut.as_deref()
    }

    /// Forgets what was known before the line was cut.
    pub fn forget_cut(&mut self) {
        self.before_cut = None;
    }

    /// Moves the clock on; once a frame. Where nothing is heard for long, time stands: nobody knows what is then.
    pub fn advance(&mut self, local: Instant) {
        let local_us = self.local_us(local).min(self.heard_us + SILENCE_MAX_US);
        let server = self.clock.advance(local_us);
        self.world.advance(local_us);
        self.now = self.world.now().unwrap_or(server);
    }

    /// Puts the clock at a fixed time, for tests and pictures of made-up cities.
    pub fn set_now(&mut self, now: Timestamp) {
        self.now = now;
    }

    fn local_us(&self, at: Instant) -> i64 {
        at.saturating_duration_since(self.begun).as_micros() as i64
    }
}

fn is_of_server(message: &ServerMessage) -> bool {
    matches!(
        message,
        ServerMessage::Hello(_) | ServerMessage::Pong { .. }
    )
}

fn time_of(message: &ServerMessage) -> Option<Timestamp> {
    match message {
        ServerMessage::Hello(hello) => Some(hello.time),
        ServerMessage::Snapshot { time, .. } | ServerMessage::Pong { time, .. } => Some(*time),
        ServerMessage::Frame(frame) => Some(frame.time),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample::{self, NOW};
    use chengtu_engine::stream::{Frame, SnapshotReason};
    use std::time::Duration;

    fn snapshot(seq: u64, time: Timestamp) -> ServerMessage {
        ServerMessage::Snapshot {
            seq,
            time,
            reason: SnapshotReason::Subscribed,
            changes: vec![],
            tiles: vec![],
        }
    }

    #[test]
    fn time_stands_when_nothing_is_heard_and_goes_on_when_something_is() {
        let mut city = City::default();
        let at = |city: &City, ms: u64| city.begun + Duration::from_millis(ms);
        let hello = ServerMessage::Hello(Box::new(sample::hello()));
        let first = at(&city, 0);
        city.take(&hello, first).unwrap();
        city.take(&snapshot(5, NOW), first).unwrap();
        let shown = |city: &mut City, ms: u64| {
            let local = at(city, ms);
            city.advance(local);
            city.now().seconds_since(NOW)
        };
        assert!((shown(&mut city, 2_000) - 2.0).abs() < 0.1);
        let stopped = shown(&mut city, 5_000);
        assert!((stopped - 2.5).abs() < 0.1, "{stopped}");
        assert_eq!(shown(&mut city, 60_000), stopped);
        let time = NOW.plus_seconds(61);
        let local = at(&city, 61_000);
        city.take(&ServerMessage::Pong { nonce: 1, time }, local)
            .unwrap();
        assert!((shown(&mut city, 61_000) - 61.0).abs() < 0.3);
    }

    #[test]
    fn what_was_known_before_a_cut_is_kept_until_it_is_forgotten() {
        let mut city = City::default();
        city.cut();
        assert!(city.before_cut().is_none(), "nothing was known");
        city.mirror = sample::city();
        city.cut();
        city.mirror.cases.clear();
        city.cut();
        let kept = city.before_cut().map(|b| b.mirror.cases.len());
        assert_eq!(kept, Some(sample::city().cases.len()));
        city.forget_cut();
        assert!(city.before_cut().is_none());
    }

    /// A city that was live and has gone to a replay of the morning, then back.
    #[test]
    fn a_replays_time_is_the_only_now_and_live_is_at_once_right_again() {
        let mut city = City::default();
        let begun = city.begun;
        let at = |ms: u64| begun + Duration::from_millis(ms);
        let hello = ServerMessage::Hello(Box::new(sample::hello()));
        let take = |city: &mut City, message: &ServerMessage, ms: u64| {
            city.take(message, at(ms)).unwrap();
            city.advance(at(ms));
        };
        take(&mut city, &hello, 0);
        take(&mut city, &snapshot(5, NOW), 0);
        assert_eq!((city.now(), city.world()), (NOW, World::Live));
        let morning = NOW.plus_seconds(-20_000);
        let clock = sample::clock(morning, 10.0, true);
        let entered = sample::entered(World::Replay(1), Some(clock));
        take(&mut city, &entered, 1_000);
        assert!(city.mirror.cases.is_empty() && !city.is_ready());
        assert_eq!(city.now(), morning);
        take(&mut city, &snapshot(2, morning), 1_000);
        let later = morning.plus_seconds(5);
        let frame = ServerMessage::Frame(Frame {
            seq: 3,
            prev_seq: 2,
            time: later,
            ..Frame::default()
        });
        take(&mut city, &frame, 1_500);
        assert_eq!((city.now(), city.pace()), (later, 10.0));
        // The server's own time comes with every pong and changes nothing here.
        let pong = ServerMessage::Pong {
            nonce: 1,
            time: NOW.plus_seconds(2),
        };
        take(&mut city, &pong, 2_000);
        assert_eq!(city.now(), morning.plus_seconds(10));
        let discontinuities = city.discontinuities();
        take(&mut city, &sample::entered(World::Live, None), 3_000);
        assert_eq!(city.discontinuities(), discontinuities + 1);
        let off_s = city.now().seconds_since(NOW.plus_seconds(3)).abs();
        assert!(off_s < 0.2, "{off_s} s off");
    }
}
