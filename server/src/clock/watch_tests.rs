use super::*;
use std::sync::Arc;

const S: i64 = 1_000_000;
const STEP_MAX: Duration = Duration::from_mins(5);
const BEGIN: i64 = 1_795_348_800 * S;

/// A clock that the test sets, beside time that passes.
#[derive(Debug, Default)]
struct Set(Mutex<(i64, i64)>);

impl Clock for Set {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.lock().unwrap().0)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_micros(self.0.lock().unwrap().1 as u64)
    }
}

/// A watched clock, and the time that nobody sets.
struct Machine {
    clock: Arc<Set>,
    watched: Watched,
}

impl Machine {
    fn after(last: i64) -> Self {
        let clock = Arc::new(Set(Mutex::new((BEGIN, 0))));
        let watched = Watched::new(clock.clone(), Timestamp(last), STEP_MAX);
        Self { clock, watched }
    }

    /// Lets time pass and has the clock show it, tick by tick; the city's time less the true one at the end.
    fn pass(&self, seconds: i64, error_us: i64) -> i64 {
        let mut off = 0;
        for _ in 0..seconds * 10 {
            let mut clock = self.clock.0.lock().unwrap();
            clock.1 += S / 10;
            let true_time = BEGIN + clock.1;
            clock.0 = true_time + error_us;
            drop(clock);
            off = self.watched.now().0 - true_time;
        }
        off
    }
}

#[test]
fn a_year_forward_for_some_seconds_moves_nothing_and_is_told() {
    let m = Machine::after(BEGIN);
    assert_eq!(m.pass(10, 0), 0);
    assert_eq!(m.watched.take_events(), []);
    let year = 365 * 86_400 * S;
    assert_eq!(m.pass(3, year), 0);
    assert_eq!(m.watched.trouble(), Some(ClockTrouble { by_us: year }));
    let told = m.watched.take_events();
    assert_eq!(told, [ClockEvent::Refused { by_us: year }]);
    assert!(
        told[0].to_string().contains("365 days ahead"),
        "{}",
        told[0]
    );
    assert_eq!(m.pass(3, 0), 0);
    assert_eq!(m.watched.take_events(), [ClockEvent::Agrees]);
    assert_eq!(m.watched.trouble(), None);
}

#[test]
fn an_hour_forward_and_back_leaves_time_running() {
    let m = Machine::after(BEGIN);
    for error in [3_600 * S, 0, -3_600 * S, 0] {
        assert_eq!(m.pass(60, error), 0, "{error}");
    }
    assert_eq!(m.watched.take_events().len(), 4);
}

#[test]
fn minutes_are_followed_forward_at_once_and_back_at_half_speed() {
    let m = Machine::after(BEGIN);
    assert_eq!(m.pass(1, 100 * S), 100 * S);
    let forward = ClockEvent::Followed { by_us: 100 * S };
    assert_eq!(m.watched.take_events(), [forward]);
    // Right again: half of what passes is caught up with.
    let off = m.pass(100, 0);
    assert!((49 * S..51 * S).contains(&off), "{off}");
    assert_eq!(m.pass(101, 0), 0);
    let back = ClockEvent::Followed { by_us: -100 * S };
    assert_eq!(m.watched.take_events(), [back]);
    assert_eq!(m.watched.trouble(), None);
}

#[test]
fn a_leap_second_is_told_and_costs_no_order() {
    let m = Machine::after(BEGIN);
    m.pass(5, 0);
    let mut before = m.watched.now();
    for error in [-S, -S, -S, -S] {
        m.pass(1, error);
        let now = m.watched.now();
        assert!(now > before);
        before = now;
    }
    assert_eq!(m.pass(1, -S), -S);
    assert_eq!(
        m.watched.take_events(),
        [ClockEvent::Followed { by_us: -S }]
    );
}

#[test]
fn many_small_steps_are_no_more_than_a_large_one() {
    let m = Machine::after(BEGIN);
    let mut off = 0;
    for n in 1..=20 {
        off = m.pass(10, n * 60 * S);
    }
    assert!(off <= 301 * S, "{off}");
    assert!(m.watched.trouble().is_some());
    // A clock that runs twice as fast is no better.
    let m = Machine::after(BEGIN);
    for n in 1..=1_000 {
        off = m.pass(1, n * S);
    }
    assert!(off <= 305 * S, "{off}");
    assert!(m.watched.trouble().is_some());
}

#[test]
fn a_clock_that_drifts_is_followed_for_ever() {
    for sign in [-1, 1] {
        let m = Machine::after(BEGIN);
        // 500 parts in a million, the most that a clock is slewed by, for three hours.
        let mut error = 0;
        for _ in 0..10_800 {
            error += sign * 500;
            let off = m.pass(1, error);
            assert!((off - error).abs() <= 100, "{off} {error}");
        }
        assert_eq!(m.watched.take_events(), []);
    }
}

#[test]
fn a_person_can_confirm_what_the_clock_shows_and_only_that() {
    let m = Machine::after(BEGIN);
    assert!(!m.watched.confirm(Timestamp(BEGIN)), "nothing to confirm");
    m.pass(2, 7_200 * S);
    assert!(
        !m.watched.confirm(Timestamp(BEGIN)),
        "it shows another time"
    );
    let shown = m.clock.now();
    assert!(m.watched.confirm(shown));
    assert_eq!(m.pass(2, 7_200 * S), 7_200 * S);
    assert_eq!(m.watched.trouble(), None);
    m.watched.take_events();
    // Back again: the city's time cannot, but it can wait at half speed.
    m.pass(2, 0);
    assert!(m.watched.trouble().is_some());
    assert!(m.watched.confirm(m.clock.now()));
    let off = m.pass(3_600, 0);
    assert!((5_395 * S..5_405 * S).contains(&off), "{off}");
    assert_eq!(m.pass(10_900, 0), 0);
    assert_eq!(m.watched.trouble(), None);
}

#[test]
fn a_city_begins_with_its_clock_and_never_before_its_log() {
    let m = Machine::after(BEGIN - 86_400 * S);
    assert_eq!(m.pass(1, 0), 0);
    let began = ClockEvent::Began { by_us: 86_400 * S };
    assert_eq!(m.watched.take_events(), [began]);
    // The log's time ran ahead: time goes on from there and says so.
    let m = Machine::after(BEGIN + 86_400 * S);
    assert_eq!(m.pass(10, 0), 86_400 * S);
    let events = m.watched.take_events();
    assert_eq!(events[0], ClockEvent::Began { by_us: -86_400 * S });
    assert!(
        matches!(events[1], ClockEvent::Refused { .. }),
        "{events:?}"
    );
    // By little: it waits.
    let m = Machine::after(BEGIN + 20 * S);
    assert_eq!(m.pass(41, 0), 0);
    assert_eq!(m.watched.take_events(), []);
}

#[test]
fn times_at_the_ends_of_what_can_be_told_are_no_matter() {
    for (wall, last) in [
        (i64::MAX, 0),
        (i64::MIN, 0),
        (0, i64::MAX),
        (i64::MIN, i64::MAX),
    ] {
        let clock = Arc::new(Set(Mutex::new((wall, 0))));
        let watched = Watched::new(clock.clone(), Timestamp(last), STEP_MAX);
        let first = watched.now();
        *clock.0.lock().unwrap() = (BEGIN, i64::MAX);
        assert!(watched.now() >= first);
        watched.confirm(Timestamp(BEGIN));
        assert!(watched.now() >= first);
    }
}
