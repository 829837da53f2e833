use serde::{Deserialize, Serialize};

/// Limits that keep one connection from costing the others anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Requests waiting for the next tick; more wait at their senders.
    pub requests_max: usize,
    /// Fixes taken in one tick; more wait for the next.
    pub fixes_per_tick_max: usize,
    /// Connections at the same time.
    pub sessions_max: usize,
    /// Seconds from connecting to hello.
    pub hello_timeout_s: u64,
    /// Largest message from a client, bytes.
    pub message_bytes_max: usize,
    /// Unreadable or oversized messages after which a connection is closed.
    pub offences_max: u32,
    /// Frames that may wait for a slow client before it gets a fresh snapshot instead.
    pub outbox_frames_max: usize,
    /// Bytes that may wait for a slow client before it gets a fresh snapshot instead.
    pub outbox_bytes_max: usize,
    /// A client that falls behind twice within this time is closed, seconds.
    pub lag_forgiven_s: u64,
    /// Seconds between the server's pings.
    pub ping_every_s: u64,
    /// A connection silent for longer is closed, seconds.
    pub silence_max_s: u64,
    /// Changes remembered for clients that resume.
    pub resume_changes_max: usize,
    /// Largest body of a feed's request as sent, bytes.
    pub body_bytes_max: usize,
    /// Largest body of a feed's request after unpacking, bytes.
    pub body_unpacked_bytes_max: usize,
    /// Rejected rows named in an answer; all are counted.
    pub problems_listed_max: usize,
    /// Movers known at the same time.
    pub movers_max: usize,
    /// Sensors known at the same time.
    pub sensors_max: usize,
    /// Feeds known at the same time.
    pub feeds_max: usize,
    /// Largest share of `movers_max` and `sensors_max` that one feed may have, percent; what is beyond is refused as
    /// one too many.
    pub feed_share_max_percent: u8,
    /// Open cases that one feed may have reported at the same time; more are refused as too many.
    pub feed_cases_max: usize,
    /// Days without a fix after which a mover gives up its name and place; 0: never. A feed that has as many movers as
    /// it may makes room earlier, with those of its own that were silent for an hour.
    pub mover_idle_days: u32,
}

impl Limits {
    /// Movers of one feed that may be known at the same time.
    pub fn feed_movers_max(&self) -> usize {
        share(self.movers_max, self.feed_share_max_percent)
    }

    /// Sensors of one feed that may be known at the same time.
    pub fn feed_sensors_max(&self) -> usize {
        share(self.sensors_max, self.feed_share_max_percent)
    }
}

fn share(of: usize, percent: u8) -> usize {
    let percent = usize::from(percent.min(100));
    of / 100 * percent + of % 100 * percent / 100
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_max: 4_096,
            fixes_per_tick_max: 200_000,
            sessions_max: 1_000,
            hello_timeout_s: 10,
            message_bytes_max: 1 << 20,
            offences_max: 5,
            outbox_frames_max: 64,
            outbox_bytes_max: 16 << 20,
            lag_forgiven_s: 60,
            ping_every_s: 10,
            silence_max_s: 30,
            resume_changes_max: 20_000,
            body_bytes_max: 16 << 20,
            body_unpacked_bytes_max: 128 << 20,
            problems_listed_max: 100,
            movers_max: 1_000_000,
            sensors_max: 100_000,
            feeds_max: 256,
            feed_share_max_percent: 75,
            feed_cases_max: 20_000,
            mover_idle_days: 7,
        }
    }
}
