//! Identities. Every kind of thing has its own type, so that none can be taken for another.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A case; counts up from 1 in the order of reporting.
    CaseId(u64)
);
id!(
    /// Anything with fixes: traffic and units alike; dense, from 0, in the order of first appearance.
    MoverId(u32)
);
id!(
    /// A unit that can be sent; dense, from 0, in the order of registration.
    UnitId(u32)
);
id!(
    /// A sensor; dense, from 0, in the order of registration.
    SensorId(u32)
);
id!(
    /// One sending of one unit to one place; counts up from 1.
    AssignmentId(u64)
);
id!(
    /// An alarm; counts up from 1.
    AlarmId(u64)
);
id!(
    /// A feed by its place in the server's configuration order at first use; folded, so that it stays.
    FeedId(u16)
);
id!(
    /// A case class by its place in [`crate::city::Rules::classes`].
    ClassId(u16)
);
id!(
    /// A department by its place in [`crate::city::Rules::departments`].
    DepartmentId(u16)
);

/// What a client calls its command, so that a repeat is recognised: random 128 bits are enough.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct CommandId(pub u64, pub u64);

/// A thing of the city.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThingId {
    /// A case, open or ended.
    Case(CaseId),
    /// A unit that can be sent.
    Unit(UnitId),
    /// A sensor of a feed.
    Sensor(SensorId),
    /// An alarm, running or ended.
    Alarm(AlarmId),
}
