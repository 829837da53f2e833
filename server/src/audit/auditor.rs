use super::{Name, Party};
use chengtu_engine::audit::{Audit, AuditAct};
use chengtu_engine::time::Timestamp;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What comes often is written at most so often within [`WINDOW`], each with its count.
const WINDOW: Duration = Duration::from_mins(1);
/// Refusals of one kind to one party that are written at once in a window; more are counted until it has passed.
const REFUSALS_MAX: u32 = 1;
/// Beginnings of sessions of one party that are written at once in a window, and as many ends.
const SESSIONS_MAX: u32 = 8;
/// Kinds of refusals that are told apart for one party; more are counted as one.
const KINDS_MAX: usize = 16;
/// Parties and kinds that are counted each for itself at a time; more are counted together, whoever they are.
const COUNTED_MAX: usize = 1_024;
/// Acts that are written each by itself and wait for the log; one more is refused to whoever would do it.
const WAITING_MAX: usize = 4_096;
/// Acts that are handed out at a time.
const TICK_MAX: usize = 256;

/// Longest text of an act, characters; the rest is left out.
const TEXT_CHARS_MAX: usize = 200;

/// An act that waits for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// In whose name it is kept.
    pub name: Name,
    /// What is kept.
    pub audit: Audit,
}

/// Where acts are noted, and from where the running city takes them.
#[derive(Debug, Default)]
pub struct Auditor(Mutex<Ledger>);

/// Acts of one kind by one party.
type Kind = (Party, AuditAct);

#[derive(Debug, Default)]
struct Ledger {
    /// Each by itself, in order, with the moment that it happened.
    waiting: VecDeque<(Party, AuditAct, Instant)>,
    counted: BTreeMap<Kind, Window>,
    /// Handed out, and not known to be durable yet.
    given: Vec<Noted>,
    /// Handed out before, and not kept.
    again: VecDeque<Noted>,
}

/// How often something came lately.
#[derive(Debug)]
struct Window {
    begun: Instant,
    /// Written in this window.
    written: u32,
    /// Counted since, and the first of those.
    held: u32,
    held_since: Instant,
}

/// How many of an act are written at once in a window; `None` for those that are all written.
fn at_once(act: &AuditAct) -> Option<u32> {
    match act {
        AuditAct::LogInRefused { .. }
        | AuditAct::PermissionRefused { .. }
        | AuditAct::LookedAt { .. } => Some(REFUSALS_MAX),
        AuditAct::LoggedIn { .. } | AuditAct::LoggedOut { .. } => Some(SESSIONS_MAX),
        AuditAct::AccountChanged { .. }
        | AuditAct::Exported { .. }
        | AuditAct::ConfigurationChanged { .. }
        | AuditAct::Unmasked { .. } => None,
    }
}

/// An act that came so often.
fn counting(act: &AuditAct, count: u32) -> AuditAct {
    let mut act = act.clone();
    match &mut act {
        AuditAct::LogInRefused { count: n, .. }
        | AuditAct::PermissionRefused { count: n, .. }
        | AuditAct::LookedAt { count: n, .. }
        | AuditAct::LoggedIn { count: n, .. }
        | AuditAct::LoggedOut { count: n, .. } => *n = count,
        AuditAct::AccountChanged { .. }
        | AuditAct::Exported { .. }
        | AuditAct::ConfigurationChanged { .. }
        | AuditAct::Unmasked { .. } => {}
    }
    act
}

/// An act without what tells it from others of its kind, for those that are too many to be told apart.
fn any_of(act: &AuditAct) -> AuditAct {
    let others = || "others".to_owned();
    match act {
        AuditAct::LogInRefused { .. } => AuditAct::LogInRefused {
            name: others(),
            why: others(),
            count: 0,
        },
        AuditAct::PermissionRefused { .. } => AuditAct::PermissionRefused {
            what: others(),
            count: 0,
        },
        AuditAct::LookedAt { .. } => AuditAct::LookedAt {
            what: others(),
            count: 0,
        },
        AuditAct::LoggedIn { .. } => AuditAct::LoggedIn {
            role: others(),
            count: 0,
        },
        AuditAct::LoggedOut { .. } => AuditAct::LoggedOut {
            why: others(),
            count: 0,
        },
        other => other.clone(),
    }
}

/// A text as it is kept.
fn short(text: &mut String) {
    if let Some((at, _)) = text.char_indices().nth(TEXT_CHARS_MAX) {
        text.truncate(at);
        text.push('…');
    }
}

/// An act whose texts have an end, and that counts nothing yet.
fn bounded(act: &AuditAct) -> AuditAct {
    let mut act = counting(act, 0);
    match &mut act {
        AuditAct::LoggedIn { role: text, .. }
        | AuditAct::LoggedOut { why: text, .. }
        | AuditAct::PermissionRefused { what: text, .. }
        | AuditAct::LookedAt { what: text, .. }
        | AuditAct::Exported { what: text, .. } => short(text),
        AuditAct::LogInRefused { name, why, .. } => {
            short(name);
            short(why);
        }
        AuditAct::AccountChanged { account, what } => {
            short(account);
            short(what);
        }
        AuditAct::ConfigurationChanged { .. } | AuditAct::Unmasked { .. } => {}
    }
    act
}

impl Auditor {
    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what somebody did, or was refused; whatever `count` says, it counts as one. False where it must be written by
    /// itself and too much waits for the log: then it must not be done.
    pub fn note(&self, party: &Party, act: &AuditAct) -> bool {
        self.note_at(party, act, Instant::now())
    }

    fn note_at(&self, party: &Party, act: &AuditAct, now: Instant) -> bool {
        let act = bounded(act);
        let mut ledger = self.lock();
        let Some(at_once) = at_once(&act) else {
            let room = ledger.waiting.len() < WAITING_MAX;
            if room {
                ledger.waiting.push_back((party.clone(), act, now));
            }
            return room;
        };
        let kind = ledger.kind_of(party, act);
        let window = ledger.counted.entry(kind.clone()).or_insert(Window {
            begun: now,
            written: 0,
            held: 0,
            held_since: now,
        });
        let written_at_once = window.held == 0 && window.written < at_once;
        if written_at_once {
            window.written += 1;
        } else {
            if window.held == 0 {
                window.held_since = now;
            }
            window.held = window.held.saturating_add(1);
        }
        // What is written at once is bounded by what is counted.
        if written_at_once {
            let act = counting(&kind.1, 1);
            ledger.waiting.push_back((kind.0, act, now));
        }
        true
    }

    /// What is to be written now, where the city's time is `now`; it is to be told whether that was kept.
    pub fn due(&self, now: Timestamp) -> Vec<Noted> {
        self.due_at(now, Instant::now())
    }

    fn due_at(&self, now: Timestamp, at: Instant) -> Vec<Noted> {
        let mut ledger = self.lock();
        ledger.end_windows(at);
        let mut due = Vec::new();
        while due.len() < TICK_MAX {
            if let Some(noted) = ledger.again.pop_front() {
                due.push(noted);
                continue;
            }
            let Some((party, act, happened)) = ledger.waiting.pop_front() else {
                break;
            };
            let ago = at.saturating_duration_since(happened).as_micros() as i64;
            due.push(Noted {
                name: party.name,
                audit: Audit {
                    who: party.id,
                    from: party.from,
                    at: now.plus_us(-ago),
                    act,
                },
            });
        }
        ledger.given.extend(due.iter().cloned());
        due
    }

    /// What was handed out is durable.
    pub fn kept(&self) {
        self.lock().given.clear();
    }

    /// What was handed out was not kept: it is handed out again.
    pub fn not_kept(&self) {
        let mut ledger = self.lock();
        for noted in core::mem::take(&mut ledger.given).into_iter().rev() {
            ledger.again.push_front(noted);
        }
    }
}

impl Ledger {
    /// As what an act is counted.
    fn kind_of(&self, party: &Party, act: AuditAct) -> Kind {
        let kind = (party.clone(), act);
        if self.counted.contains_key(&kind) {
            return kind;
        }
        if self.counted.len() >= COUNTED_MAX {
            return (Party::default(), any_of(&kind.1));
        }
        let of_party = self.counted.keys().filter(|(p, _)| p == party);
        if of_party.count() >= KINDS_MAX {
            return (party.clone(), any_of(&kind.1));
        }
        kind
    }

    /// What was counted in a window that has passed is to be written.
    fn end_windows(&mut self, now: Instant) {
        let waiting = &mut self.waiting;
        self.counted.retain(|(party, act), window| {
            if now.saturating_duration_since(window.begun) < WINDOW {
                return true;
            }
            if window.held == 0 {
                return false;
            }
            waiting.push_back((party.clone(), counting(act, window.held), window.held_since));
            *window = Window {
                begun: now,
                written: u32::MAX,
                held: 0,
                held_since: now,
            };
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

    fn party(id: &str) -> Party {
        Party {
            id: id.to_owned(),
            name: Name::Person(id.to_owned()),
            from: "10.0.0.7".to_owned(),
        }
    }

    fn refused(what: &str) -> AuditAct {
        AuditAct::PermissionRefused {
            what: what.to_owned(),
            count: 1,
        }
    }

    fn counts(due: &[Noted]) -> Vec<u32> {
        let count = |n: &Noted| match n.audit.act {
            AuditAct::PermissionRefused { count, .. } | AuditAct::LoggedIn { count, .. } => count,
            _ => 0,
        };
        due.iter().map(count).collect()
    }

    #[test]
    fn a_flood_is_written_once_a_minute_with_its_count_and_nothing_of_it_is_lost() {
        let auditor = Auditor::default();
        let begin = Instant::now();
        let (mut written, mut total) = (0, 0);
        for second in 0..300u64 {
            let now = begin + Duration::from_secs(second);
            for _ in 0..100 {
                assert!(auditor.note_at(&party("a"), &refused("no"), now));
            }
            let due = auditor.due_at(NOW, now);
            written += due.len();
            total += counts(&due).iter().sum::<u32>();
            auditor.kept();
        }
        let due = auditor.due_at(NOW, begin + Duration::from_secs(400));
        total += counts(&due).iter().sum::<u32>();
        assert_eq!((written, total), (5, 30_000));
        assert!(
            auditor
                .due_at(NOW, begin + Duration::from_secs(500))
                .is_empty()
        );
        assert!(
            auditor.lock().counted.is_empty(),
            "nothing is remembered for good"
        );
    }

    #[test]
    fn each_party_and_kind_is_counted_by_itself_up_to_a_bound() {
        let auditor = Auditor::default();
        let now = Instant::now();
        for n in 0..5_000 {
            auditor.note_at(&party(&format!("u{n}")), &refused("no"), now);
            auditor.note_at(&party("one"), &refused(&format!("no {n}")), now);
        }
        let mut all = Vec::new();
        loop {
            let due = auditor.due_at(NOW, now);
            if due.is_empty() {
                break;
            }
            all.extend(due);
        }
        assert!(all.len() <= COUNTED_MAX + 2, "{}", all.len());
        let ones = all.iter().filter(|n| n.audit.who == "one").count();
        assert_eq!(ones, KINDS_MAX + 1);
        let late = auditor.due_at(NOW, now + WINDOW);
        let total: u32 = counts(&all).iter().chain(&counts(&late)).sum();
        assert_eq!(total, 10_000, "none is lost");
    }

    #[test]
    fn what_happened_is_dated_when_it_happened_and_handed_out_again_if_it_was_not_kept() {
        let auditor = Auditor::default();
        let begin = Instant::now();
        let role = "operator".to_owned();
        let came = AuditAct::LoggedIn { role, count: 9 };
        auditor.note_at(&party("a"), &came, begin);
        let later = begin + Duration::from_secs(2);
        let due = auditor.due_at(NOW, later);
        assert_eq!(counts(&due), [1]);
        assert_eq!(due[0].audit.at, NOW.plus_seconds(-2));
        assert_eq!(auditor.due_at(NOW, later), []);
        auditor.not_kept();
        assert_eq!(auditor.due_at(NOW.plus_seconds(5), later), due);
        auditor.kept();
        auditor.not_kept();
        assert_eq!(auditor.due_at(NOW, later), []);
    }

    #[test]
    fn what_must_be_written_by_itself_is_refused_where_too_much_waits_and_texts_have_an_end() {
        let auditor = Auditor::default();
        let out = |what: String| AuditAct::Exported {
            what,
            from: NOW,
            to: NOW,
            rows: 0,
        };
        for _ in 0..WAITING_MAX {
            assert!(auditor.note(&party("a"), &out("井".repeat(500))));
        }
        assert!(!auditor.note(&party("a"), &out(String::new())));
        let due = auditor.due(NOW);
        assert_eq!(due.len(), TICK_MAX);
        let AuditAct::Exported { what, .. } = &due[0].audit.act else {
            panic!("{due:?}")
        };
        assert_eq!(what.chars().count(), TEXT_CHARS_MAX + 1);
    }
}
