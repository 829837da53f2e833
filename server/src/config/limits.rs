use serde::{Deserialize, Serialize};

/// Limits that keep one connection from costing the others anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Requests waiting for the next tick; more wait at their senders.
    pub requests_max: usize,
    /// Fixes taken in one tick; more wait for the next.
    pub fixes_per_tick_max: usize,
    /// TCP connections at the same time, of any kind. The process's number of open files, less what the log and the
    /// worlds need, bounds it too. Beyond, one that has not sent a whole request gives way, else the new one is closed.
    pub connections_max: usize,
    /// TCP connections of one address (IPv6: of one /64) at the same time; not for this machine itself, from which a
    /// proxy sends everybody's.
    pub connections_per_address_max: usize,
    /// Seconds for the head of a request, and that a connection may be idle between two requests.
    pub head_timeout_s: u64,
    /// Seconds for the body of a request, as a whole.
    pub body_timeout_s: u64,
    /// Seconds between two parts of a body.
    pub body_pause_s: u64,
    /// Sessions at the same time: WebSockets that have said hello.
    pub sessions_max: usize,
    /// Of these the places that only operators may take; at most a quarter of them.
    pub sessions_reserved: usize,
    /// WebSockets that have not said hello yet; of more than these the oldest is closed.
    pub greeting_max: usize,
    /// Seconds from connecting to hello.
    pub hello_timeout_s: u64,
    /// Largest message before hello, bytes.
    pub hello_bytes_max: usize,
    /// Largest message from a client, bytes.
    pub message_bytes_max: usize,
    /// Unreadable or oversized messages after which a connection is closed.
    pub offences_max: u32,
    /// Frames that may wait for a slow client before it gets a fresh snapshot instead.
    pub outbox_frames_max: usize,
    /// Bytes of pictures that may wait for a slow client before it gets a fresh snapshot instead, and bytes of answers
    /// before it is closed.
    pub outbox_bytes_max: usize,
    /// Bytes that may wait for all clients together; beyond, whoever has not read what it was sent counts as slow.
    pub outboxes_bytes_max: usize,
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
    /// Rows of one body, good or bad; a body with more is refused as a whole.
    pub body_rows_max: u64,
    /// Bytes of bodies, and of the rows read from them, that may be in memory for all requests together; beyond, a
    /// request is refused and may be sent again.
    pub bodies_bytes_max: usize,
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
    /// Days without a fix after which a mover gives up its name and place, and without anything sent after which a feed
    /// that has nothing left gives up its own; 0: never. A feed that has as many movers as
    /// it may makes room earlier, with those of its own that were silent for an hour.
    pub mover_idle_days: u32,
    /// Days without a reading or a description after which a sensor gives up its name and place; 0: never. One with an
    /// alarm that is not done with stays.
    pub sensor_idle_days: u32,
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
            connections_max: 4_096,
            connections_per_address_max: 512,
            head_timeout_s: 10,
            body_timeout_s: 120,
            body_pause_s: 15,
            sessions_max: 1_000,
            sessions_reserved: 32,
            greeting_max: 64,
            hello_timeout_s: 10,
            hello_bytes_max: 4_096,
            message_bytes_max: 1 << 20,
            offences_max: 5,
            outbox_frames_max: 64,
            outbox_bytes_max: 16 << 20,
            outboxes_bytes_max: 256 << 20,
            lag_forgiven_s: 60,
            ping_every_s: 10,
            silence_max_s: 30,
            resume_changes_max: 20_000,
            body_bytes_max: 16 << 20,
            body_unpacked_bytes_max: 128 << 20,
            body_rows_max: 1_000_000,
            bodies_bytes_max: 512 << 20,
            problems_listed_max: 100,
            movers_max: 1_000_000,
            sensors_max: 100_000,
            feeds_max: 256,
            feed_share_max_percent: 75,
            feed_cases_max: 20_000,
            mover_idle_days: 7,
            sensor_idle_days: 30,
        }
    }
}

impl Limits {
    /// Sessions that anybody may have; the rest is for operators.
    pub fn sessions_of_anybody(&self) -> usize {
        self.sessions_max - self.sessions_reserved.min(self.sessions_max / 4)
    }
}
