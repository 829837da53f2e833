use super::ServerClock;
use bevy::prelude::{Message, Resource};
use chengtu_engine::stream::{Mirror, MirrorChanges};
use chengtu_engine::time::Timestamp;
use chengtu_engine::wire::v1::{CoarseTile, ServerMessage};
use std::time::Instant;

/// What a message of the server touched in [`City`].
#[derive(Message, Clone, Debug)]
pub struct CityChanged(pub MirrorChanges);

/// The city as it is known here: the mirror, and the server's clock. The only truth of the client; every layer and
/// panel can be rebuilt from it at any moment.
#[derive(Resource, Debug)]
pub struct City {
    /// Everything that was streamed. Read it freely; only the line writes it.
    pub mirror: Mirror,
    /// Counts of movers where the view is too wide to send each.
    pub coarse: Vec<CoarseTile>,
    clock: ServerClock,
    now: Timestamp,
    /// Server time of the last message of any kind.
    last_word: Timestamp,
    begun: Instant,
}

impl Default for City {
    fn default() -> Self {
        Self {
            mirror: Mirror::new(),
            coarse: Vec::new(),
            clock: ServerClock::default(),
            now: Timestamp::default(),
            last_word: Timestamp::default(),
            begun: Instant::now(),
        }
    }
}

impl City {
    /// The server's time in this frame: the one clock of everything that is shown. The same for the whole frame.
    pub fn now(&self) -> Timestamp {
        self.now
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
        if let Some(time) = time_of(message) {
            self.clock.sample(time, self.local_us(read_at));
            self.last_word = self.last_word.max(time);
        }
        let changes = self.mirror.apply(message)?;
        if changes.reset {
            self.last_word = self.mirror.time;
            self.coarse.clear();
        }
        if let ServerMessage::Coarse { tiles, .. } = message {
            self.coarse.clone_from(tiles);
        }
        Ok(changes)
    }

    /// The time a small message and its answer took.
    pub(super) fn round_trip(&mut self, rtt: std::time::Duration) {
        self.clock.round_trip(rtt.as_micros() as i64);
    }

    /// Moves the clock on; once a frame.
    pub fn advance(&mut self, local: Instant) {
        let local_us = self.local_us(local);
        self.now = self.clock.advance(local_us);
    }

    /// Puts the clock at a fixed time, for tests and pictures of made-up cities.
    pub fn set_now(&mut self, now: Timestamp) {
        self.now = now;
    }

    fn local_us(&self, at: Instant) -> i64 {
        at.saturating_duration_since(self.begun).as_micros() as i64
    }
}

fn time_of(message: &ServerMessage) -> Option<Timestamp> {
    match message {
        ServerMessage::Hello(hello) => Some(hello.time),
        ServerMessage::Snapshot { time, .. } | ServerMessage::Pong { time, .. } => Some(*time),
        ServerMessage::Frame(frame) => Some(frame.time),
        _ => None,
    }
}
