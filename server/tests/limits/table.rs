//! Every limit, and what is beyond it.

use chengtu_engine::code::Code;
use chengtu_protocol::codes::{
    CLOSE_ACCESS, CLOSE_ANSWERS, CLOSE_FULL, CLOSE_OFFENCES, CLOSE_SILENT, CLOSE_SLOW,
    CLOSE_TOO_LARGE,
};

/// One limit.
pub struct Limit {
    /// `section.key` of the configuration, or `file NAME` of a constant.
    pub at: &'static str,
    /// What is done beyond it.
    pub beyond: &'static [Beyond],
    /// What counts that.
    pub counted: &'static [&'static str],
}

/// What is done beyond a limit.
pub enum Beyond {
    /// It is refused, or told, with a number of the protocol.
    Code(Code, Told),
    /// It is answered with a status of HTTP.
    Status(u16, Told),
    /// The connection is closed with a number.
    Close(u16, Told),
    /// Nothing is refused to anybody; what is done instead.
    Done(&'static str),
}

/// Where the words of a refusal are.
#[derive(Clone, Copy)]
pub enum Told {
    /// On the map: a key of its words.
    Shown(&'static str),
    /// By the programs: how a sentence of the catalogue of commands begins.
    Said(&'static str),
}

impl Beyond {
    /// The words, where there are any.
    pub fn told(&self) -> Option<Told> {
        match self {
            Self::Code(_, told) | Self::Status(_, told) | Self::Close(_, told) => Some(*told),
            Self::Done(_) => None,
        }
    }
}

/// Limits that belong together.
pub struct Section {
    pub title: &'static str,
    pub limits: &'static [Limit],
}

const fn limit(
    at: &'static str,
    beyond: &'static [Beyond],
    counted: &'static [&'static str],
) -> Limit {
    Limit {
        at,
        beyond,
        counted,
    }
}

use Beyond::{Close, Done, Status};
use Told::{Said, Shown};

const REFUSED: &str = "chengtu_refusals_total{code}";
const ROWS: &str = "chengtu_rows_refused_total{feed,kind,code}";
const REQUESTS: &str = "chengtu_requests_refused_total{status}";
const CLOSED: &str = "chengtu_closed_total{code}";

const TOO_SLOW: Beyond = Status(408, Said("the body came too slowly"));
const TEXT_TOO_LONG: &[Beyond] = &[Beyond::Code(
    Code::TextTooLong,
    Shown("refusal.text_too_long"),
)];
const TOO_MUCH: Beyond = Beyond::Code(Code::TooMuchAtOnce, Shown("refusal.too_much"));
const TOO_LARGE: Beyond = Beyond::Code(Code::TooLarge, Shown("notice.too_large"));
const FULL: Beyond = Beyond::Code(Code::ServerFull, Shown("notice.full"));
const NO_FORK: Beyond = Beyond::Code(Code::NoFork, Shown("notice.no_fork"));
const WORLDS: Beyond = Beyond::Code(Code::TooManyWorlds, Shown("notice.too_many_worlds"));
const NOT_YOURS: Beyond = Beyond::Code(Code::NotForRole, Shown("notice.not_permitted"));
const BAD: Beyond = Beyond::Code(Code::BadMessage, Shown("notice.unreadable"));
const STOPPED: Beyond = Beyond::Code(Code::Stopped, Shown("notice.stopped"));
const SLOW: Beyond = Close(CLOSE_SLOW, Said("the connection is too slow"));
const ANSWERS: Beyond = Close(CLOSE_ANSWERS, Said("answers are not read"));
const SILENT: Beyond = Close(CLOSE_SILENT, Said("nothing came for too long"));
const FRESH: Beyond = Done("its pictures are dropped, and a fresh snapshot follows");
const LATER: Beyond = Done("the rest waits for the next tick");
const AT_SENDERS: Beyond = Done("more wait at their senders");
const OLDEST: Beyond = Done("the oldest are forgotten");
const CUT: Beyond = Done("the rest is left out, and how much is told");
const ON_TERMINAL: Beyond = Done("the command ends with words on the terminal");
const DAMAGED: Beyond = Done("what says that it is larger is damaged, and is not read");

/// All of them.
pub const SECTIONS: &[Section] = &[
    Section {
        title: "Connections and requests",
        limits: DOOR,
    },
    Section {
        title: "Tokens",
        limits: TOKENS,
    },
    Section {
        title: "Accounts and log-in",
        limits: ACCOUNTS,
    },
    Section {
        title: "Sessions",
        limits: SESSIONS,
    },
    Section {
        title: "Feeds",
        limits: FEEDS,
    },
    Section {
        title: "What is known at once",
        limits: KNOWN,
    },
    Section {
        title: "Texts, and what a command may say",
        limits: COMMANDS,
    },
    Section {
        title: "A tick of the running city",
        limits: TICK,
    },
    Section {
        title: "What is sent and looked at",
        limits: SENT,
    },
    Section {
        title: "Replays, forks and drills",
        limits: BESIDE,
    },
    Section {
        title: "Log and clock",
        limits: LOG,
    },
    Section {
        title: "Files that are read and written",
        limits: FILES,
    },
    Section {
        title: "Who did what, and proof of it",
        limits: PROOF,
    },
];

const PROOF: &[Limit] = &[
    limit(
        "engine/src/audit.rs PURPOSE_CHARS_MAX",
        TEXT_TOO_LONG,
        &[REFUSED],
    ),
    limit(
        "engine/src/audit.rs LOOKS_MAX",
        &[Done("older ones are counted; the log holds them")],
        &[],
    ),
    limit("server/src/audit/auditor.rs REFUSALS_MAX", &[COUNTED], &[]),
    limit("server/src/audit/auditor.rs SESSIONS_MAX", &[COUNTED], &[]),
    limit(
        "server/src/audit/auditor.rs KINDS_MAX",
        &[Done("more are counted as others, of this party")],
        &[],
    ),
    limit(
        "server/src/audit/auditor.rs COUNTED_MAX",
        &[Done("more are counted together, whoever they are")],
        &[],
    ),
    limit(
        "server/src/audit/auditor.rs WAITING_MAX",
        &[Done("what must be written down is not done")],
        &[],
    ),
    limit("server/src/audit/auditor.rs TICK_MAX", &[LATER], &[]),
    limit(
        "server/src/audit/auditor.rs TEXT_CHARS_MAX",
        &[Done("the rest is left out, with an ellipsis")],
        &[],
    ),
    limit(
        "server/src/log/embedded/beside.rs COMMAND_PATIENCE",
        &[ON_TERMINAL],
        &[],
    ),
    limit(
        "server/src/log/embedded/beside.rs CITY_PATIENCE",
        &[Done("it is tried again a second later")],
        &[],
    ),
    limit(
        "server/src/log/embedded/beside.rs TAKEN_MAX",
        &[Done("the rest is taken a second later")],
        &[],
    ),
    limit(
        "server/src/log/embedded/stage.rs LINKS_KEPT_MAX",
        &[Done("the trail has a gap")],
        &[],
    ),
    limit(
        "server/src/log/proof/trail.rs LINE_RECORDS_MAX",
        &[Done("a further line is written")],
        &[],
    ),
    limit(
        "server/src/log/proof/published.rs PUBLISHED_BYTES_MAX",
        &[ON_TERMINAL],
        &[],
    ),
];

const COUNTED: Beyond =
    Done("more are counted, and written with their count when the minute is over");

const DOOR: &[Limit] = &[
    limit(
        "limits.connections_max",
        &[Done(
            "whoever waits longest gives way, else it is closed without an answer",
        )],
        &[
            "chengtu_connections",
            "chengtu_connections_too_many_total{result}",
        ],
    ),
    limit(
        "limits.connections_per_address_max",
        &[Done(
            "whoever waits longest of this address gives way, else it is closed",
        )],
        &["chengtu_connections_too_many_total{result}"],
    ),
    limit(
        "server/src/door/handles.rs KEPT_MIN",
        &[Done("connections have none of them")],
        &["chengtu_connections_too_many_total{result}"],
    ),
    limit(
        "server/src/door/handles.rs KEPT_MAX",
        &[Done("connections may have the rest")],
        &["chengtu_connections_too_many_total{result}"],
    ),
    limit(
        "limits.head_timeout_s",
        &[Done("closed without an answer")],
        &["chengtu_connections"],
    ),
    limit(
        "server/src/door/accept.rs HEAD_BYTES_MAX",
        &[Done("HTTP 431 without words, and closed")],
        &[],
    ),
    limit(
        "server/src/door/secure.rs PLAIN_BYTES_MAX",
        &[Done(
            "HTTP 400: where the server speaks TLS, no more of a plain request is read",
        )],
        &["chengtu_tls_handshakes_total{result}"],
    ),
    limit("limits.body_timeout_s", &[TOO_SLOW], &[REQUESTS]),
    limit("limits.body_pause_s", &[TOO_SLOW], &[REQUESTS]),
];

const TOKENS: &[Limit] = &[
    limit(
        "server/src/access/guesses.rs GUESSES_FREE_MAX",
        &[
            Beyond::Code(Code::NoAccess, Shown("notice.no_access")),
            Close(CLOSE_ACCESS, Said("access refused")),
            Status(401, Said("the token is not known")),
            Done("the next token of this address waits before it is looked at"),
        ],
        &[
            "chengtu_wrong_tokens_total",
            "chengtu_wrong_tokens_slowed_total",
            "chengtu_refused_total",
        ],
    ),
    limit(
        "server/src/access/guesses.rs GUESS_WAIT_FIRST",
        &[Done("twice as long with each further one")],
        &["chengtu_wrong_tokens_slowed_total"],
    ),
    limit(
        "server/src/access/guesses.rs GUESS_WAIT_MAX",
        &[Done("no token waits longer")],
        &["chengtu_wrong_tokens_slowed_total"],
    ),
    limit(
        "server/src/access/guesses.rs GUESSES_FORGOTTEN_AFTER",
        &[Done("it begins anew")],
        &[],
    ),
    limit(
        "server/src/access/guesses.rs GUESSING_ADDRESSES_MAX",
        &[OLDEST],
        &[],
    ),
    limit(
        "server/src/access/directory.rs GUEST_NAME_MAX",
        &[Beyond::Code(Code::NoAccess, Shown("notice.no_access"))],
        &["chengtu_refused_total"],
    ),
];

const LOCKED: Beyond = Status(429, Said("too many wrong passwords"));
const HELD: &[&str] = &["chengtu_log_ins_held_total", REQUESTS];
const ENDED: &[&str] = &["chengtu_sessions_ended_total", CLOSED];
const SESSION_OVER: Beyond = Done("close 4006; whoever it was logs in again");

const NO_PROVIDER: &[Beyond] = &[Status(503, Said("the sign-on service does not answer"))];

const ACCOUNTS: &[Limit] = &[
    limit(
        "accounts.argon2_memory_kib",
        &[Done("what one hash takes, on a thread of its own")],
        &[],
    ),
    limit(
        "accounts.argon2_passes",
        &[Done("how long one hash takes")],
        &[],
    ),
    limit(
        "accounts.argon2_lanes",
        &[Done("how its memory is divided")],
        &[],
    ),
    limit("accounts.session_idle_s", &[SESSION_OVER], ENDED),
    limit("accounts.session_max_s", &[SESSION_OVER], ENDED),
    limit(
        "server/src/accounts/sessions.rs SESSIONS_OF_ONE_MAX",
        &[SESSION_OVER],
        ENDED,
    ),
    limit(
        "server/src/accounts/hashing.rs LOG_INS_WAITING_MAX",
        &[Status(429, Said("too many log in at the moment"))],
        &["chengtu_log_ins_total", REQUESTS],
    ),
    limit(
        "server/src/accounts/lockout.rs WRONG_FREE_MAX",
        &[
            Status(401, Said("the name or the password is wrong")),
            LOCKED,
        ],
        HELD,
    ),
    limit(
        "server/src/accounts/lockout.rs LOCKED_FIRST",
        &[Done("twice as long with each further one")],
        &[],
    ),
    limit(
        "server/src/accounts/lockout.rs LOCKED_MAX",
        &[Done("no name waits longer at one address")],
        &[],
    ),
    limit(
        "server/src/accounts/lockout.rs ADDRESS_WRONG_FREE_MAX",
        &[LOCKED],
        HELD,
    ),
    limit(
        "server/src/accounts/lockout.rs ADDRESS_LOCKED_MAX",
        &[Done("no address waits longer")],
        &[],
    ),
    limit(
        "server/src/accounts/lockout.rs HUNTED_WRONG_MAX",
        &[Done(
            "an address from which nobody has logged in under the name has one free try",
        )],
        HELD,
    ),
    limit(
        "server/src/accounts/lockout.rs TRIES_FORGOTTEN_AFTER",
        &[Done("it begins anew")],
        &[],
    ),
    limit(
        "server/src/accounts/lockout.rs TRIES_REMEMBERED_MAX",
        &[OLDEST],
        &[],
    ),
    limit(
        "server/src/accounts/password.rs PASSWORD_BYTES_MAX",
        &[Status(401, Said("the name or the password is wrong"))],
        &["chengtu_log_ins_total", REQUESTS],
    ),
    limit(
        "server/src/accounts/names.rs NAME_CHARS_MAX",
        &[ON_TERMINAL],
        &[],
    ),
    limit(
        "server/src/accounts/outbox.rs CHANGES_KEPT_MAX",
        &[OLDEST],
        &[],
    ),
    limit(
        "server/src/accounts/log_in.rs CLIENT_CHARS_MAX",
        &[Done("the rest is not kept")],
        &[],
    ),
    limit(
        "server/src/accounts/schema.rs PATIENCE",
        &[Done("HTTP 503, and the words of SQLite")],
        &[REQUESTS],
    ),
    limit(
        "server/src/http/log_in.rs LOG_IN_BYTES_MAX",
        &[Status(413, Said("the body has at most"))],
        &[REQUESTS],
    ),
    limit(
        "server/src/http/log_in.rs LOG_IN_BODY_MAX",
        &[TOO_SLOW],
        &[REQUESTS],
    ),
    limit(
        "server/src/accounts/vouched.rs NAMES_ALIKE_MAX",
        &[Done("HTTP 503: nobody more of this name")],
        &[REQUESTS],
    ),
    limit(
        "server/src/sign_on/held.rs HELD_MAX",
        &[Done(
            "the oldest of the address that has most of them is forgotten",
        )],
        &[],
    ),
    limit(
        "server/src/sign_on/service.rs BEGUN_KEPT",
        &[Status(
            400,
            Said("this log-in was not begun in this browser"),
        )],
        &[REQUESTS],
    ),
    limit(
        "server/src/sign_on/service.rs GRANT_KEPT",
        &[Status(401, Said("this log-in is over or has expired"))],
        &[REQUESTS],
    ),
    limit(
        "server/src/sign_on/service.rs VERIFIER_RANGE",
        &[Status(401, Said("this log-in is over or has expired"))],
        &[REQUESTS],
    ),
    limit(
        "server/src/sign_on/ask.rs ANSWER_TIMEOUT",
        NO_PROVIDER,
        &[REQUESTS],
    ),
    limit(
        "server/src/sign_on/ask.rs ANSWER_BYTES_MAX",
        NO_PROVIDER,
        &[REQUESTS],
    ),
    limit(
        "server/src/sign_on/provider.rs METADATA_KEPT",
        &[Done("it is asked for again")],
        &[],
    ),
    limit(
        "server/src/sign_on/provider.rs ISSUED_RANGE_S",
        &[Status(
            502,
            Said("what the sign-on service says cannot be trusted"),
        )],
        &[REQUESTS],
    ),
    limit(
        "server/src/sign_on/person.rs VALUES_MAX",
        &[Done("the rest is not looked at")],
        &[],
    ),
    limit(
        "server/src/http/sign_on.rs WORDS_MAX",
        &[Status(400, Said("this address is incomplete"))],
        &[REQUESTS],
    ),
    limit(
        "server/src/config/oidc.rs TEXT_CHARS_MAX",
        &[ON_TERMINAL],
        &[],
    ),
];

const SESSIONS: &[Limit] = &[
    limit(
        "limits.sessions_max",
        &[FULL, Close(CLOSE_FULL, Said("no more connections"))],
        &["chengtu_sessions", REFUSED, CLOSED],
    ),
    limit(
        "limits.sessions_reserved",
        &[FULL, Close(CLOSE_FULL, Said("no more connections"))],
        &[REFUSED, CLOSED],
    ),
    limit(
        "limits.greeting_max",
        &[Close(
            CLOSE_FULL,
            Said("too many connections that have not said hello"),
        )],
        &[
            "chengtu_greeting",
            "chengtu_greeting_gave_way_total",
            CLOSED,
        ],
    ),
    limit(
        "limits.hello_timeout_s",
        &[Close(CLOSE_SILENT, Said("no hello came in time"))],
        &[CLOSED],
    ),
    limit(
        "limits.hello_bytes_max",
        &[
            TOO_LARGE,
            Close(CLOSE_TOO_LARGE, Said("too large a message before hello")),
        ],
        &[REFUSED, CLOSED],
    ),
    limit(
        "server/src/session/socket.rs HELLO_MESSAGES",
        &[Close(CLOSE_TOO_LARGE, Said("message far over the limit"))],
        &[CLOSED],
    ),
    limit(
        "limits.message_bytes_max",
        &[TOO_LARGE],
        &["chengtu_offences_total", REFUSED],
    ),
    limit(
        "server/src/session/socket.rs HARD_FACTOR",
        &[Close(CLOSE_TOO_LARGE, Said("message far over the limit"))],
        &[CLOSED],
    ),
    limit(
        "limits.offences_max",
        &[Close(CLOSE_OFFENCES, Said("too many unreadable messages"))],
        &["chengtu_offences_total", CLOSED],
    ),
    limit(
        "limits.outbox_frames_max",
        &[FRESH, SLOW],
        &["chengtu_lagged_total", CLOSED],
    ),
    limit(
        "limits.outbox_bytes_max",
        &[FRESH, SLOW, ANSWERS],
        &["chengtu_lagged_total", CLOSED],
    ),
    limit(
        "limits.outboxes_bytes_max",
        &[FRESH, SLOW, ANSWERS],
        &["chengtu_lagged_total", CLOSED],
    ),
    limit("server/src/outbox.rs ANSWERS_MAX", &[ANSWERS], &[CLOSED]),
    limit(
        "limits.lag_forgiven_s",
        &[SLOW],
        &["chengtu_lagged_total", CLOSED],
    ),
    limit("limits.ping_every_s", &[Done("a ping is sent")], &[]),
    limit(
        "limits.silence_max_s",
        &[SILENT],
        &["chengtu_silent_total", CLOSED],
    ),
    limit(
        "server/src/world/turns.rs WAITING_MAX",
        &[TOO_MUCH],
        &[REFUSED],
    ),
    limit(
        "limits.resume_changes_max",
        &[Done(
            "whoever comes back later begins with a snapshot, and is told so",
        )],
        &[],
    ),
    limit("server/src/audience/mod.rs SEEN_MAX", &[OLDEST], &[]),
    limit(
        "engine/src/stream/seen.rs CHOICES_MAX",
        &[Done("whoever comes back begins with a snapshot")],
        &[],
    ),
    limit(
        "server/src/audience/viewer.rs ASKED_MAX",
        &[Done("the snapshot comes a little later")],
        &[],
    ),
    limit(
        "engine/src/model/desk.rs DESK_NAME_MAX",
        &[Done("cut")],
        &[],
    ),
];

const FEEDS: &[Limit] = &[
    limit(
        "limits.body_bytes_max",
        &[Status(
            413,
            Said("the body is larger than {n} bytes (limits.body_bytes_max)"),
        )],
        &[REQUESTS],
    ),
    limit(
        "limits.body_unpacked_bytes_max",
        &[Status(
            413,
            Said("the body is larger than {n} bytes when unpacked"),
        )],
        &[REQUESTS],
    ),
    limit(
        "limits.body_rows_max",
        &[Status(413, Said("the body holds more than {n} rows"))],
        &[REQUESTS],
    ),
    limit(
        "server/src/feeds/measure.rs ROW_BYTES_MAX",
        &[Status(413, Said("a row of the body is larger"))],
        &[REQUESTS],
    ),
    limit(
        "server/src/feeds/measure.rs LIST_IN_ROW_MAX",
        &[Status(413, Said("the body holds more than {n} rows"))],
        &[REQUESTS],
    ),
    limit(
        "server/src/feeds/measure.rs VALUES_A_ROW",
        &[Status(413, Said("the body holds more than {n} rows"))],
        &[REQUESTS],
    ),
    limit(
        "server/src/feeds/formats/ndjson.rs DOCUMENT_BYTES_MAX",
        &[Done(
            "what is behind it is one row that is told and not taken",
        )],
        &[ROWS],
    ),
    limit(
        "server/src/feeds/formats/values.rs DEPTH_MAX",
        &[Done("the row is told and not taken")],
        &[ROWS],
    ),
    limit(
        "server/src/feeds/formats/tags.rs TAG_BYTES_MAX",
        &[Done("the row is told and not taken")],
        &[ROWS],
    ),
    limit(
        "server/src/table.rs FIELD_BYTES_MAX",
        &[Done(
            "its quote is taken for one that is not closed: the row is told and not taken",
        )],
        &[ROWS],
    ),
    limit(
        "server/src/table.rs FIELD_LINES_MAX",
        &[Done(
            "its quote is taken for one that is not closed: the row is told and not taken",
        )],
        &[ROWS],
    ),
    limit(
        "server/src/feeds/formats/row.rs UNKNOWN_MAX",
        &[Done("further names are not told")],
        &[],
    ),
    limit(
        "server/src/feeds/formats/told.rs TOLD_MAX",
        &[Done("told as one, with their number")],
        &[],
    ),
    limit(
        "server/src/feeds/formats/told.rs NAME_CHARS_MAX",
        &[Done("cut")],
        &[],
    ),
    limit(
        "server/src/feeds/formats/sumo.rs REMAINS_MAX",
        &[Done("the rest of the line is told as one")],
        &[ROWS],
    ),
    limit(
        "server/src/reasons.rs REASONS_MAX",
        &[Done("counted together")],
        &[],
    ),
    limit(
        "limits.bodies_bytes_max",
        &[Status(429, Said("more than {n} bytes of bodies"))],
        &["chengtu_bodies_bytes", REQUESTS],
    ),
    limit(
        "server/src/feeds/gate.rs READ_AT_ONCE",
        &[Done("the next body waits for its turn, one of each feed")],
        &[],
    ),
    limit(
        "server/src/world/work.rs FEED_ROWS_WAITING_MAX",
        &[
            Status(429, Said("{n} rows of this feed wait already")),
            TOO_MUCH,
        ],
        &[REQUESTS, REFUSED],
    ),
    limit(
        "server/src/world/work.rs ROWS_WAITING_MAX",
        &[AT_SENDERS],
        &[],
    ),
    limit(
        "server/src/world/start.rs DATA_WAITING_MAX",
        &[AT_SENDERS],
        &[],
    ),
    limit(
        "limits.problems_listed_max",
        &[Done("counted, and not listed in the answer")],
        &[ROWS],
    ),
    limit(
        "server/src/request/problems.rs KEPT_MAX",
        &[Done("counted, and not listed in the answer")],
        &[ROWS],
    ),
    limit(
        "server/src/feeds/name.rs KEY_BYTES_MAX",
        &[Beyond::Code(
            Code::RowNoKey,
            Said("of {n} bytes; at most {max}"),
        )],
        &[ROWS],
    ),
    limit(
        "server/src/request/problems.rs OLD_AFTER_S",
        &[Done("taken, and told in `notes` of the answer")],
        &["chengtu_rows_old_total"],
    ),
    limit(
        "server/src/world/seen_rows.rs DRIVING_MAX",
        &[Done(
            "an older row that is sent again is known by its vehicle's last eight alone",
        )],
        &["chengtu_rows_total{feed,kind,result}"],
    ),
    limit(
        "server/src/world/seen_rows.rs BACKLOG_MAX",
        &[Done(
            "an older row that is sent again is known by its vehicle's last eight alone",
        )],
        &["chengtu_rows_total{feed,kind,result}"],
    ),
];

const MANY: &str = "chengtu_rows_refused_total{feed,kind,code}";

const KNOWN: &[Limit] = &[
    limit(
        "limits.movers_max",
        &[Beyond::Code(Code::RowTooMany, Said("{n} movers are known"))],
        &["chengtu_movers", MANY],
    ),
    limit(
        "limits.sensors_max",
        &[Beyond::Code(
            Code::RowTooMany,
            Said("no more sensors are taken"),
        )],
        &[MANY],
    ),
    limit(
        "limits.feeds_max",
        &[Status(403, Said("{n} feeds are known"))],
        &[REQUESTS],
    ),
    limit(
        "limits.feed_share_max_percent",
        &[
            Beyond::Code(Code::RowTooMany, Said("{n} movers of this feed are known")),
            Beyond::Code(Code::RowTooMany, Said("{n} sensors of this feed are known")),
        ],
        &[MANY],
    ),
    limit(
        "limits.feed_cases_max",
        &[Beyond::Code(
            Code::RowTooMany,
            Said("{n} cases of this feed are open"),
        )],
        &[MANY],
    ),
    limit(
        "limits.mover_idle_days",
        &[Done("it gives up its name and place")],
        &["chengtu_movers_retired_total"],
    ),
    limit(
        "limits.sensor_idle_days",
        &[Done("it gives up its name and place")],
        &["chengtu_sensors_retired_total"],
    ),
    limit(
        "server/src/world/silent.rs SENSORS_MAKE_ROOM_S",
        &[Done("it gives up its name and place")],
        &["chengtu_sensors_retired_total"],
    ),
    limit(
        "server/src/world/silent.rs FEED_MAKES_ROOM_S",
        &[Done("it gives up its name")],
        &["chengtu_feeds_retired_total"],
    ),
    limit(
        "server/src/world/heard.rs MAKES_ROOM_S",
        &[Done("it gives up its name and place")],
        &["chengtu_movers_retired_total"],
    ),
    limit(
        "server/src/world/heard.rs RETIRED_MAX",
        &[Done("more retire in the next round")],
        &["chengtu_movers_retired_total"],
    ),
    limit("engine/src/state/mod.rs ENDED_KEYS_MAX", &[OLDEST], &[]),
    limit(
        "engine/src/model/case_history.rs HISTORY_MAX",
        &[Done(
            "the oldest after the first two are counted and no more shown; the log has them",
        )],
        &[],
    ),
    limit(
        "engine/src/state/commands.rs REMEMBERED",
        &[Done("an older command that is sent again counts as new")],
        &[],
    ),
    limit(
        "server/src/request/given.rs REMEMBERED",
        &[Done("a repeat of an older one is looked up in the log")],
        &[],
    ),
];

const COMMANDS: &[Limit] = &[
    limit(
        "engine/src/model/note.rs NOTE_CHARS_MAX",
        TEXT_TOO_LONG,
        &[REFUSED, ROWS],
    ),
    limit(
        "engine/src/model/note.rs NOTES_CHARS_MAX",
        TEXT_TOO_LONG,
        &[REFUSED, ROWS],
    ),
    limit(
        "engine/src/model/note.rs ADDRESS_CHARS_MAX",
        TEXT_TOO_LONG,
        &[REFUSED, ROWS],
    ),
    limit(
        "engine/src/model/reporter.rs TELEPHONE_CHARS_MAX",
        TEXT_TOO_LONG,
        &[REFUSED],
    ),
    limit(
        "engine/src/model/note.rs NAME_CHARS_MAX",
        TEXT_TOO_LONG,
        &[REFUSED, ROWS],
    ),
    limit(
        "engine/src/command/seen.rs AGE_MAX_MS",
        &[Beyond::Code(Code::Expired, Shown("refusal.expired"))],
        &[REFUSED],
    ),
    limit(
        "engine/src/workflow/mod.rs RESTORE_WITHIN_S",
        &[Beyond::Code(Code::TooLate, Shown("refusal.too_late"))],
        &[REFUSED],
    ),
    limit(
        "server/src/worlds/bookmarks.rs COUNT_MAX",
        &[NOT_YOURS],
        &[REFUSED],
    ),
    limit(
        "server/src/worlds/bookmarks.rs NOTE_CHARS_MAX",
        &[BAD],
        &[REFUSED],
    ),
];

const TICK: &[Limit] = &[
    limit("limits.requests_max", &[AT_SENDERS], &[]),
    limit(
        "limits.fixes_per_tick_max",
        &[LATER],
        &["chengtu_tick_seconds"],
    ),
    limit(
        "server/src/world/tick.rs COMMANDS_UNTIL",
        &[LATER],
        &["chengtu_tick_seconds"],
    ),
    limit(
        "server/src/world/tick.rs DATA_UNTIL",
        &[LATER],
        &["chengtu_tick_seconds"],
    ),
    limit(
        "server/src/world/questions.rs QUESTIONS_SHARE",
        &[LATER],
        &["chengtu_tick_seconds"],
    ),
    limit(
        "server/src/audience/mod.rs BEGINNINGS_SHARE",
        &[LATER],
        &["chengtu_tick_seconds"],
    ),
    limit(
        "server/src/audience/beginnings.rs THINGS_MAX",
        &[LATER],
        &["chengtu_tick_seconds"],
    ),
    limit(
        "engine/src/decide/tick.rs EVENTS_MAX",
        &[LATER],
        &["chengtu_tick_seconds"],
    ),
    limit(
        "server/src/world/work.rs SLICE_FIXES",
        &[Done("the next slice is another feed's")],
        &[],
    ),
    limit(
        "server/src/world/work.rs SLICE_READINGS",
        &[Done("the next slice is another feed's")],
        &[],
    ),
    limit(
        "server/src/world/work.rs SLICE_CASES",
        &[Done("the next slice is another feed's")],
        &[],
    ),
];

const SENT: &[Limit] = &[
    limit(
        "engine/src/stream/subscription.rs TILES_MAX",
        &[Done("counts by cells are sent instead")],
        &[],
    ),
    limit(
        "engine/src/stream/view.rs COARSE_TILES_MAX",
        &[Done("coarser cells are sent")],
        &[],
    ),
    limit(
        "server/src/audience/encoded.rs MESSAGE_BYTES",
        &[Done("what is larger comes in several messages")],
        &[],
    ),
    limit(
        "engine/src/stream/city_alarms.rs CITY_ALARMS_MAX",
        &[CUT],
        &[],
    ),
    limit("engine/src/stream/server_message.rs DESKS_MAX", &[CUT], &[]),
    limit(
        "engine/src/rank/mod.rs ROWS_MAX",
        &[Done("the nearest are listed")],
        &[],
    ),
    limit(
        "engine/src/replay/moment.rs MOMENTS_MAX",
        &[Done("fewer are answered than were asked for")],
        &[],
    ),
    limit(
        "engine/src/replay/moments.rs MARKS_MAX",
        &[Done("the most severe are marked")],
        &[],
    ),
    limit(
        "engine/src/replay/timeline.rs BARS_MAX",
        &[Done("fewer are answered than were asked for")],
        &[],
    ),
    limit(
        "hotspots.every_s",
        &[Done("they are looked for again")],
        &[],
    ),
];

const BESIDE: &[Limit] = &[
    limit("worlds.worlds_max", &[WORLDS], &["chengtu_worlds", REFUSED]),
    limit(
        "worlds.per_user_max",
        &[WORLDS],
        &["chengtu_worlds", REFUSED],
    ),
    limit("worlds.movers_max", &[WORLDS], &["chengtu_worlds", REFUSED]),
    limit("worlds.idle_s", &[Done("it ends")], &["chengtu_worlds"]),
    limit(
        "server/src/worlds/drill_open.rs IDLE",
        &[Done("it ends")],
        &["chengtu_worlds"],
    ),
    limit(
        "server/src/worlds/drill_open.rs KEPT_MAX",
        &[Beyond::Code(Code::WorldEnded, Shown("notice.world_ended"))],
        &[REFUSED],
    ),
    limit(
        "server/src/worlds/registry.rs REQUESTS_MAX",
        &[AT_SENDERS],
        &[],
    ),
    limit("server/src/worlds/past.rs WAITING_MAX", &[AT_SENDERS], &[]),
    limit("server/src/worlds/replay.rs ROWS_PER_TICK", &[LATER], &[]),
    limit(
        "server/src/worlds/drill.rs TICK_SHARE",
        &[Done("its clock falls behind, and says so")],
        &[],
    ),
    limit(
        "engine/src/replay/clock.rs SPEED_RANGE",
        &[Done("the nearest speed is taken")],
        &[],
    ),
    limit(
        "engine/src/drill/run.rs DRILL_SPEED",
        &[NOT_YOURS],
        &[REFUSED],
    ),
    limit(
        "engine/src/replay/checkpoints.rs MOVERS_MAX",
        &[OLDEST],
        &[],
    ),
    limit("engine/src/replay/checkpoints.rs COUNT_MAX", &[OLDEST], &[]),
    limit(
        "engine/src/replay/player.rs OWED_S_MAX",
        &[Done("the clock falls behind, and says so")],
        &[],
    ),
    limit("engine/src/drill/checkpoints.rs MOVERS_MAX", &[OLDEST], &[]),
    limit("engine/src/drill/checkpoints.rs COUNT_MAX", &[OLDEST], &[]),
    limit(
        "engine/src/drill/run.rs NOTE_CHARS_MAX",
        &[NOT_YOURS],
        &[REFUSED],
    ),
    limit(
        "server/src/drill/read.rs DURATION_MAX_S",
        &[Beyond::Code(Code::NoScenario, Shown("notice.no_scenario"))],
        &[REFUSED],
    ),
    limit(
        "server/src/drill/injects.rs STORM_MAX",
        &[Beyond::Code(Code::NoScenario, Shown("notice.no_scenario"))],
        &[REFUSED],
    ),
    limit(
        "server/src/drill/reader.rs TITLE_CHARS_MAX",
        &[Beyond::Code(Code::NoScenario, Shown("notice.no_scenario"))],
        &[REFUSED],
    ),
    limit(
        "server/src/drill/reader.rs TEXT_CHARS_MAX",
        &[Beyond::Code(Code::NoScenario, Shown("notice.no_scenario"))],
        &[REFUSED],
    ),
    limit(
        "server/src/worlds/fork/open.rs AHEAD_S_MAX",
        &[NO_FORK],
        &[REFUSED],
    ),
    limit(
        "server/src/worlds/fork/open.rs INTERVENTIONS_MAX",
        &[NO_FORK],
        &[REFUSED],
    ),
    limit(
        "engine/src/fork/plan.rs PLAN_MAX",
        &[Done("further proposals come with the next fork")],
        &[],
    ),
    limit(
        "server/src/worlds/fork/clock.rs SPEED_MAX",
        &[Done("the nearest speed is taken")],
        &[],
    ),
    limit(
        "server/src/worlds/fork/worker.rs BYTES_MAX",
        &[Done("it is computed no further, and says so")],
        &[],
    ),
];

const LOG: &[Limit] = &[
    limit("log.keyframe_every_s", &[Done("a keyframe is kept")], &[]),
    limit(
        "log.keyframe_every_rows",
        &[Done("a keyframe is kept")],
        &[],
    ),
    limit(
        "log.day_bytes_max",
        &[STOPPED],
        &["chengtu_stopped", REFUSED],
    ),
    limit(
        "log.keep_days",
        &[Done("the oldest days are deleted, and the server says so")],
        &[],
    ),
    limit(
        "log.keep_bytes",
        &[Done("the oldest days are deleted, and the server says so")],
        &[],
    ),
    limit(
        "server/src/world/durable.rs PATIENCE",
        &[STOPPED],
        &["chengtu_log_waits_total", "chengtu_stopped", REFUSED],
    ),
    limit(
        "server/src/log/embedded/writer.rs LOCK_PATIENCE",
        &[Done("the commit is tried again")],
        &["chengtu_log_waits_total"],
    ),
    limit(
        "server/src/log/embedded/seal.rs PATIENCE_US",
        &[Done("it is sealed")],
        &[],
    ),
    limit(
        "server/src/log/embedded/aside.rs VIEWS_MAX",
        &[Done("the oldest are deleted")],
        &[],
    ),
    limit(
        "server/src/log/embedded/days.rs OPEN_MAX",
        &[Done("another day's file is closed")],
        &[],
    ),
    limit(
        "clock.step_max_s",
        &[Beyond::Code(
            Code::ServerClock,
            Shown("notice.server_clock"),
        )],
        &[
            "chengtu_clock_off_seconds",
            "chengtu_clock_events_total{kind}",
            REFUSED,
        ],
    ),
    limit("server/src/config/check.rs STEP_MAX_S", &[ON_TERMINAL], &[]),
];

const FILES: &[Limit] = &[
    limit("server/src/export/tracks.rs FIXES_MAX", &[ON_TERMINAL], &[]),
    limit(
        "server/src/export/incident.rs FIXES_MAX",
        &[ON_TERMINAL],
        &[],
    ),
    limit(
        "server/src/export/incident.rs TITLE_CHARS_MAX",
        &[ON_TERMINAL],
        &[],
    ),
    limit(
        "server/src/feeds/formats/compact/mod.rs BLOCK_BYTES_MAX",
        &[DAMAGED],
        &[],
    ),
    limit("engine/src/incident/mod.rs STATE_MAX", &[DAMAGED], &[]),
    limit("engine/src/archive/record.rs UNPACKED_MAX", &[DAMAGED], &[]),
    limit(
        "engine/src/archive/segment.rs UNPACKED_MAX",
        &[DAMAGED],
        &[],
    ),
    limit("server/src/log/keyframe.rs UNPACKED_MAX", &[DAMAGED], &[]),
    limit("server/src/drill/store.rs ENTRY_BYTES_MAX", &[DAMAGED], &[]),
];

/// What bounds nothing that comes through a door, though its name sounds so.
pub const INNER: &[(&str, &str)] = &[
    ("engine/src/index/", "how the index is built"),
    ("engine/src/sight/", "how the grid is looked up"),
    ("engine/src/roads/", "how roads are prepared and described"),
    (
        "engine/src/hotspot/",
        "how hotspots are calculated, and how fine",
    ),
    (
        "engine/src/sim/",
        "how large and how busy a simulated city is",
    ),
    ("engine/src/time.rs MAX", "the latest time that there is"),
    (
        "engine/src/stream/view.rs COARSE_ZOOM_MAX",
        "the finest of the coarse tiles",
    ),
    (
        "server/src/city.rs ADDRESS_M_MAX",
        "how far an address may be from its road",
    ),
    ("server/src/times/", "how times are told apart"),
    (
        "server/src/accounts/strength.rs",
        "how much of a password is looked at",
    ),
    (
        "server/src/accounts/cli/",
        "how a password is read on the terminal",
    ),
    (
        "server/src/accounts/live.rs",
        "how often it is written down when sessions were seen",
    ),
    (
        "server/src/config/check.rs",
        "what the configuration may say at most",
    ),
    ("server/src/say/", "how sentences are put together"),
    ("server/src/import/", "how a city is made of an extract"),
    ("server/src/demo/", "what the demo sends"),
    (
        "server/src/play/",
        "what is sent at once, and how much is told of it",
    ),
    ("server/src/drill/report/", "how a report is laid out"),
];
