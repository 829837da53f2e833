//! Every row that is sent to a door is counted once, by what became of it: accepted, outside, rejected, duplicate,
//! quarantined or stopped. Their sum is what was sent.

use super::{Problems, Taken, Unavailable};
use chengtu_engine::code::Code;
use chengtu_protocol::codes;

/// Counts rows of a feed by what became of them.
fn count(feed: &str, door: &'static str, result: &'static str, n: u64) {
    if n > 0 {
        metrics::counter!("chengtu_rows_total", "feed" => feed.to_owned(), "kind" => door, "result" => result)
            .increment(n);
    }
}

/// Counts the rows of a batch once it has been decided.
pub fn count_taken(feed: &str, door: &'static str, taken: &Taken) {
    count(
        feed,
        door,
        "accepted",
        taken.accepted - taken.outside.min(taken.accepted),
    );
    count(feed, door, "outside", taken.outside);
    count_problems(feed, door, &taken.problems);
    if taken.old > 0 {
        metrics::counter!("chengtu_rows_old_total", "feed" => feed.to_owned(), "kind" => door)
            .increment(taken.old);
    }
}

/// Counts the rows of a batch of which nothing is taken. `feed`: its name, where it has one in the city already.
pub fn count_untaken(feed: Option<&str>, door: &'static str, rows: u64, why: &Unavailable) {
    let result = match why {
        Unavailable::Stopped(_) => "stopped",
        Unavailable::Refused(_) | Unavailable::Busy(_) => "rejected",
    };
    // A name that nobody knows is no label: there may be any number of them.
    count(feed.unwrap_or("another"), door, result, rows);
}

/// Counts rows that were not taken, by result and once more by code.
fn count_problems(feed: &str, door: &'static str, problems: &Problems) {
    for (code, n) in &problems.by_code {
        count(feed, door, result_of(*code), *n);
        let code = codes::number(*code).to_string();
        metrics::counter!("chengtu_rows_refused_total", "feed" => feed.to_owned(), "kind" => door, "code" => code)
            .increment(*n);
    }
}

/// Under which name a row is counted that was not taken.
fn result_of(code: Code) -> &'static str {
    match code {
        Code::RowFuture => "quarantined",
        Code::RowDuplicate => "duplicate",
        Code::OutsideCity => "outside",
        _ => "rejected",
    }
}
