use crate::geo::Position;
use crate::ids::{FeedId, MoverId, UnitId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What kind of thing moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoverKind {
    /// A car of no other kind.
    #[default]
    Car,
    /// 出租车, taxi.
    Taxi,
    /// 公交, bus.
    Bus,
    /// Delivery van or lorry.
    Van,
    /// A unit that can be sent.
    Unit,
}

/// Bearing of a mover that does not say where it points.
pub const NO_BEARING: u16 = u16::MAX;

/// One report of a position, as decided: exact integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// The mover that it is of.
    pub mover: MoverId,
    /// Where it was, WGS 84.
    pub position: Position,
    /// Hundredths of a degree clockwise from north, or [`NO_BEARING`].
    pub bearing_cdeg: u16,
    /// Centimetres a second.
    pub speed_cmps: u16,
    /// Decimetres; 0 where unknown.
    pub accuracy_dm: u16,
    /// When it was there, by its own clock.
    pub fix_time: Timestamp,
}

impl Fix {
    /// A fingerprint of time and place, to know a duplicate by.
    pub fn fingerprint(&self) -> u32 {
        let mut h: u64 = 0xcbf2_9ce4_8422_2325;
        for v in [
            self.fix_time.0 as u64,
            u64::from(self.position.lon_e7 as u32),
            u64::from(self.position.lat_e7 as u32),
        ] {
            h = (h ^ v).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            h ^= h >> 29;
        }
        (h >> 32) as u32
    }
}

/// Fingerprints of the latest fixes of a mover: a repeat is recognised even if it is not of the last fix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentFixes {
    ring: [u32; 8],
    next: u8,
}

impl RecentFixes {
    /// True where this fingerprint is among the last eight.
    pub fn contains(&self, fingerprint: u32) -> bool {
        self.ring.contains(&fingerprint)
    }

    /// Remembers one and forgets the oldest.
    pub fn push(&mut self, fingerprint: u32) {
        self.ring[usize::from(self.next & 7)] = fingerprint;
        self.next = (self.next + 1) & 7;
    }
}

/// The feed of a place among the movers that nobody has: its mover has retired.
pub const NO_FEED: FeedId = FeedId(u16::MAX);

/// Something that moves, as last known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mover {
    /// The kind of thing that moves.
    pub kind: MoverKind,
    /// Whose fixes it lives on.
    pub feed: FeedId,
    /// The unit that it carries.
    pub unit: Option<UnitId>,
    /// Its newest position; `None` before the first fix.
    pub position: Option<Position>,
    /// Hundredths of a degree clockwise from north, or [`NO_BEARING`].
    pub bearing_cdeg: u16,
    /// Centimetres a second.
    pub speed_cmps: u16,
    /// Decimetres; 0 where unknown.
    pub accuracy_dm: u16,
    /// Time of the newest position.
    pub fix_time: Timestamp,
    /// Latest fixes, against duplicates.
    pub recent: RecentFixes,
}

/// Slower than this, centimetres a second, a bearing says nothing of where a vehicle drives.
const CRAWL_CMPS: u16 = 150;

impl Mover {
    /// True where the mover was not heard of for so long that its name and its place were given up.
    pub fn has_retired(&self) -> bool {
        self.feed == NO_FEED
    }

    /// Where it drives, degrees clockwise from north; `None` where it stands, crawls or does not say.
    pub fn course_deg(&self) -> Option<f64> {
        let drives = self.bearing_cdeg != NO_BEARING && self.speed_cmps >= CRAWL_CMPS;
        drives.then(|| f64::from(self.bearing_cdeg) / 100.0)
    }
}
