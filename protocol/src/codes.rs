//! Stable numbers of what the server itself says. Those of the engine stand in [`chengtu_engine::rejection`].

/// Rejection: no such command.
pub const UNKNOWN_COMMAND: u16 = 402;
/// Rejection: another world than the session's.
pub const OTHER_WORLD: u16 = 403;
/// Rejection: the past cannot be changed.
pub const PAST: u16 = 404;
/// Rejection: coordinates that are no place.
pub const NOT_A_PLACE: u16 = 303;
/// Rejection and notice: the log has stopped.
pub const STOPPED: u16 = 503;

/// Notice: a message that cannot be read.
pub const BAD_MESSAGE: u16 = 601;
/// Notice: a message over the limit.
pub const TOO_LARGE: u16 = 602;
/// Notice: hello comes first, and once.
pub const HELLO_FIRST: u16 = 603;
/// Notice: the token opens nothing.
pub const NO_ACCESS: u16 = 604;
/// Notice: no such unit in this city.
pub const NO_SUCH_UNIT: u16 = 605;
/// Notice: no more connections.
pub const FULL: u16 = 606;
/// Notice: this role may not do that.
pub const NOT_PERMITTED: u16 = 607;
/// Notice: nothing to rank or route.
pub const NO_ANSWER: u16 = 608;

/// Notice: there is no such world, or it has ended.
pub const NO_SUCH_WORLD: u16 = 609;
/// Notice: the world one was in has ended.
pub const WORLD_ENDED: u16 = 610;
/// Notice: no more worlds.
pub const TOO_MANY_WORLDS: u16 = 611;
/// Notice: somebody else drives this clock, or the world has none.
pub const NOT_YOUR_CLOCK: u16 = 612;
/// Notice: the clock ended where there is nothing beyond.
pub const EDGE: u16 = 613;
/// Notice: the past cannot be read.
pub const NO_PAST: u16 = 614;
/// Notice: there is no earlier or later event to step to.
pub const NO_EVENT: u16 = 615;
/// Notice: the clock stepped over a stretch that is lost.
pub const GAP: u16 = 616;
/// What may not be forked, or not so; what came of a fork.
pub const FORK: u16 = 630;

/// Notice: an area has no unit in it any more.
pub const AREA_EMPTY: u16 = 620;

/// Notice: there is no such scenario, or it cannot be drilled.
pub const NO_SCENARIO: u16 = 621;

/// Row: not JSON of the right shape.
pub const ROW_SYNTAX: u16 = 501;
/// Row: no name.
pub const ROW_NO_KEY: u16 = 502;
/// Row: no place on Earth, or none in the feed's reference system.
pub const ROW_PLACE: u16 = 503;
/// Row: a time that cannot be read.
pub const ROW_TIME: u16 = 504;
/// Row: too far in the future; quarantined.
pub const ROW_FUTURE: u16 = 505;
/// Row: repeats an earlier one.
pub const ROW_DUPLICATE: u16 = 506;
/// Row: somebody else's mover or sensor.
pub const ROW_NOT_YOURS: u16 = 507;
/// Row: one more than the server takes.
pub const ROW_TOO_MANY: u16 = 508;
/// Row: a value that is no number.
pub const ROW_VALUE: u16 = 509;
/// Row: the sensor was never described.
pub const ROW_UNKNOWN_SENSOR: u16 = 510;

/// Close: too many unreadable messages.
pub const CLOSE_OFFENCES: u16 = 4000;
/// Close: fell behind twice.
pub const CLOSE_SLOW: u16 = 4001;
/// Close: answers are not read.
pub const CLOSE_ANSWERS: u16 = 4002;
/// Close: silent for too long.
pub const CLOSE_SILENT: u16 = 4003;
/// Close: the token opens nothing.
pub const CLOSE_ACCESS: u16 = 4004;
/// Close: no more connections.
pub const CLOSE_FULL: u16 = 4005;
/// Close: the server is going away.
pub const CLOSE_GOING_AWAY: u16 = 1001;
/// Close: not the WebSocket protocol.
pub const CLOSE_PROTOCOL: u16 = 1002;
/// Close: a message far over the limit.
pub const CLOSE_TOO_LARGE: u16 = 1009;
