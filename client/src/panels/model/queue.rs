//! The case queue: which cases, in which order.

use crate::facts::case;
use crate::facts::urgency::{Care, Urgency, care};
use crate::i18n::Words;
use chengtu_engine::city::Severity;
use chengtu_engine::ids::{CaseId, DepartmentId};
use chengtu_engine::model::Stage;
use chengtu_engine::stream::{CaseView, Mirror};
use chengtu_engine::time::Timestamp;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Which cases of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageFilter {
    /// All open ones.
    #[default]
    All,
    /// Nobody is sent.
    ToDispatch,
    /// Somebody is on the way.
    EnRoute,
    /// Somebody works on it.
    OnScene,
    /// Said to be done.
    ToCheck,
}

/// The stage filters in order.
pub const STAGES: [StageFilter; 5] = [
    StageFilter::All,
    StageFilter::ToDispatch,
    StageFilter::EnRoute,
    StageFilter::OnScene,
    StageFilter::ToCheck,
];

/// What the queue is narrowed to. It changes the view only, never a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Chips below the title.
    pub stage: StageFilter,
    /// Severities left out, gravest first.
    pub hidden: [bool; 4],
    /// Only this department.
    pub department: Option<DepartmentId>,
    /// Only what says this.
    pub text: String,
    /// Only what the map shows.
    pub in_view: bool,
}

impl Filter {
    /// True where more than the stage is narrowed.
    pub fn is_narrow(&self) -> bool {
        self.hidden.contains(&true) || self.department.is_some() || !self.text.trim().is_empty()
    }

    /// Lets everything through again.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

/// What the queue is ordered by: all of it, whatever stands in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// By urgency, see [`Urgency`]. `remaining` was the default of earlier settings.
    #[default]
    #[serde(alias = "remaining")]
    Urgency,
    /// Time left, least first; clocks that stand still last.
    #[serde(rename = "time_left")]
    Remaining,
    /// Gravest first, and of these the least time left.
    Severity,
    /// Latest `occurred_at` first.
    Newest,
}

/// Order of a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sort {
    /// Criterion within each group; the order of the groups is fixed.
    pub key: SortKey,
    /// The other way round.
    pub reversed: bool,
}

/// The queue as calculated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    /// Cases that are listed, in order.
    pub cases: Vec<CaseId>,
    /// Open cases, filtered or not.
    pub open: usize,
    /// Open cases in the ground that the map shows.
    pub in_view: usize,
    /// Open cases of each stage filter.
    pub by_stage: [usize; 5],
    /// Late ones of all, see [`case::is_late`].
    pub late: usize,
    /// How long the latest of these is late, seconds.
    pub latest_s: f64,
}

impl Queue {
    /// Open cases that the filters leave out.
    pub fn hidden(&self) -> usize {
        self.open.saturating_sub(self.cases.len())
    }
}

/// The stage filter, other than `All`, that an open case belongs to.
pub fn stage_of(mirror: &Mirror, c: &CaseView) -> StageFilter {
    match care(mirror, c) {
        Care::Nobody => StageFilter::ToDispatch,
        Care::OnTheWay => StageFilter::EnRoute,
        Care::OnScene => StageFilter::OnScene,
        Care::ToCheck => StageFilter::ToCheck,
    }
}

fn says(mirror: &Mirror, c: &CaseView, text: &str) -> bool {
    let has = |s: &str| s.to_lowercase().contains(text);
    c.id.to_string().contains(text)
        || has(&c.address)
        || has(&c.note)
        || case::class(mirror, c).is_some_and(|k| has(&k.name) || has(&k.name_en) || has(&k.code))
        || c.units
            .iter()
            .filter_map(|u| mirror.units.get(u))
            .any(|u| has(&u.call_sign) || has(&u.call_sign_en))
}

/// Calculates the queue. `in_view` says whether a place (longitude, latitude) lies in the map's window.
/// Cost: n log n of the open cases.
pub fn build(
    mirror: &Mirror,
    filter: &Filter,
    sort: Sort,
    now: Timestamp,
    in_view: impl Fn(f64, f64) -> bool,
) -> Queue {
    let mut q = Queue::default();
    let text = filter.text.trim().to_lowercase();
    let mut rows: Vec<Row> = Vec::new();
    for c in mirror.cases.values().filter(|c| c.stage.is_open()) {
        q.open += 1;
        let visible = in_view(c.lon, c.lat);
        q.in_view += usize::from(visible);
        let stage = stage_of(mirror, c);
        q.by_stage[0] += 1;
        q.by_stage[stage as usize] += 1;
        if case::is_late(c, now) {
            q.late += 1;
            q.latest_s = q.latest_s.max(-case::remaining_s(c, now).unwrap_or(0.0));
        }
        let department = case::class(mirror, c).map(|k| k.department);
        let listed = (filter.stage == StageFilter::All || filter.stage == stage)
            && !filter.hidden[c.severity as usize]
            && filter.department.is_none_or(|d| department == Some(d))
            && (!filter.in_view || visible)
            && (text.is_empty() || says(mirror, c, &text));
        if listed {
            rows.push(Row::of(mirror, c, now));
        }
    }
    rows.sort_by(|a, b| {
        let order = a.cmp(b, sort.key);
        let order = if sort.reversed {
            order.reverse()
        } else {
            order
        };
        order.then(a.id.cmp(&b.id))
    });
    if sort == Sort::default()
        && let Some(i) = rows.iter().position(|r| r.care == Care::Nobody)
    {
        // The gravest that nobody is sent to comes first of all.
        rows[..=i].rotate_right(1);
    }
    q.cases = rows.into_iter().map(|r| r.id).collect();
    q
}

/// What a case is ordered by.
struct Row {
    id: CaseId,
    urgency: Urgency,
    care: Care,
    severity: Severity,
    /// Its clock stands, and the time that is left, seconds.
    left: (bool, f64),
    occurred_at: Timestamp,
}

impl Row {
    fn of(mirror: &Mirror, c: &CaseView, now: Timestamp) -> Self {
        let left_s = case::remaining_s(c, now).filter(|_| c.stage != Stage::Handled);
        Self {
            id: c.id,
            urgency: Urgency::of(mirror, c, now),
            care: care(mirror, c),
            severity: c.severity,
            left: (left_s.is_none(), left_s.unwrap_or(f64::INFINITY)),
            occurred_at: c.occurred_at,
        }
    }

    fn cmp(&self, other: &Self, key: SortKey) -> Ordering {
        let left = || {
            let stands = self.left.0.cmp(&other.left.0);
            stands.then(self.left.1.total_cmp(&other.left.1))
        };
        match key {
            SortKey::Urgency => self.urgency.against(&other.urgency),
            SortKey::Remaining => left(),
            SortKey::Severity => self.severity.cmp(&other.severity).then_with(left),
            SortKey::Newest => other.occurred_at.cmp(&self.occurred_at),
        }
    }
}

/// Stage filter in words.
pub fn stage_words(stage: StageFilter, words: &Words) -> &str {
    words.t(match stage {
        StageFilter::All => "queue.all",
        StageFilter::ToDispatch => "queue.to_dispatch",
        StageFilter::EnRoute => "queue.en_route",
        StageFilter::OnScene => "queue.on_scene",
        StageFilter::ToCheck => "queue.to_check",
    })
}

/// The order shown, held still while the pointer is over the list: rows that went stay in place, new ones wait.
#[derive(Clone, Debug, Default)]
pub struct StableOrder {
    shown: Queue,
    /// Cases that came while the order was held.
    pub waiting: usize,
}

impl StableOrder {
    /// Takes a fresh queue in. While `held` only counts change; rows keep their place.
    pub fn update(&mut self, fresh: Queue, held: bool) -> &Queue {
        if held && !self.shown.cases.is_empty() {
            let known: BTreeSet<CaseId> = self.shown.cases.iter().copied().collect();
            self.waiting = fresh.cases.iter().filter(|c| !known.contains(c)).count();
            let cases = std::mem::take(&mut self.shown.cases);
            self.shown = Queue { cases, ..fresh };
        } else {
            self.waiting = 0;
            self.shown = fresh;
        }
        &self.shown
    }

    /// The queue as shown.
    pub fn shown(&self) -> &Queue {
        &self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample;

    fn built(filter: &Filter, sort: Sort) -> Queue {
        build(&sample::city(), filter, sort, sample::NOW, |_, _| true)
    }

    #[test]
    fn the_gravest_case_that_nobody_is_sent_to_stands_on_the_first_row() {
        let city = sample::city();
        let q = built(&Filter::default(), Sort::default());
        assert_eq!(q.cases[0], sample::COVER, "severe, with time left");
        assert_eq!(
            *q.cases.last().unwrap(),
            sample::TO_CHECK,
            "late, but handled"
        );
        // Once somebody drives there, the next one is first; the severe ones are not far.
        let mut sent = city.clone();
        sent.cases.get_mut(&sample::COVER).unwrap().stage = Stage::Dispatched;
        let q = build(
            &sent,
            &Filter::default(),
            Sort::default(),
            sample::NOW,
            |_, _| true,
        );
        let first = &sent.cases[&q.cases[0]];
        assert_eq!(
            (stage_of(&sent, first), first.severity),
            (StageFilter::ToDispatch, Severity::Urgent)
        );
        assert!(q.cases.iter().position(|c| *c == sample::COVER).unwrap() < 6);
        // With nothing but slight cases left to be sent to, one of them is first all the same.
        for c in sent.cases.values_mut().filter(|c| c.stage.is_open()) {
            if c.severity < Severity::Slight && c.stage <= Stage::Filed {
                c.stage = Stage::Dispatched;
            }
        }
        let q = build(
            &sent,
            &Filter::default(),
            Sort::default(),
            sample::NOW,
            |_, _| true,
        );
        let first = &sent.cases[&q.cases[0]];
        assert_eq!(
            (stage_of(&sent, first), first.severity),
            (StageFilter::ToDispatch, Severity::Slight)
        );
        assert_eq!(sent.cases[&q.cases[1]].severity, Severity::Severe);
    }

    #[test]
    fn every_sort_orders_all_that_is_listed() {
        let city = sample::city();
        let by = |key, reversed| built(&Filter::default(), Sort { key, reversed }).cases;
        let left = |id: &CaseId| {
            let c = &city.cases[id];
            let left = case::remaining_s(c, sample::NOW);
            left.filter(|_| c.stage != Stage::Handled)
                .unwrap_or(f64::INFINITY)
        };
        assert!(by(SortKey::Remaining, false).iter().map(left).is_sorted());
        assert_eq!(by(SortKey::Remaining, false)[0], sample::OVERDUE);
        let severity = |id: &CaseId| city.cases[id].severity;
        assert!(
            by(SortKey::Severity, false)
                .iter()
                .map(severity)
                .is_sorted()
        );
        let newest = by(SortKey::Newest, false);
        let occurred = |id: &CaseId| city.cases[id].occurred_at;
        assert!(newest.iter().map(occurred).rev().is_sorted());
        assert!(
            by(SortKey::Severity, true)
                .iter()
                .map(severity)
                .rev()
                .is_sorted()
        );
    }

    #[test]
    fn what_is_late_is_counted_as_the_top_bar_counts_it() {
        let city = sample::city();
        let q = built(&Filter::default(), Sort::default());
        let f = crate::panels::model::figures::figures(&city, &sample::time(), sample::NOW, 600.0);
        assert_eq!((q.open, q.late), (f.open, f.overdue));
        assert_eq!(q.by_stage[1..].iter().sum::<usize>(), q.open);
        assert!((q.latest_s - 9_672.0).abs() < 1.0);
    }

    #[test]
    fn settings_of_before_are_read_and_get_the_order_of_urgency() {
        let sort: Sort = toml::from_str("key = \"remaining\"\nreversed = false").unwrap();
        assert_eq!(sort, Sort::default());
        for key in [SortKey::Remaining, SortKey::Severity, SortKey::Newest] {
            let sort = Sort {
                key,
                reversed: true,
            };
            let text = toml::to_string(&sort).unwrap();
            assert_eq!(toml::from_str::<Sort>(&text).unwrap(), sort);
        }
    }

    #[test]
    fn filters_narrow_the_list_but_not_the_counts() {
        let all = built(&Filter::default(), Sort::default());
        let stage = Filter {
            stage: StageFilter::ToCheck,
            ..Filter::default()
        };
        let q = built(&stage, Sort::default());
        assert_eq!(q.cases.len(), all.by_stage[StageFilter::ToCheck as usize]);
        assert_eq!(q.open, all.open);
        let text = Filter {
            text: "碑亭".into(),
            ..Filter::default()
        };
        assert!(built(&text, Sort::default()).cases.contains(&sample::COVER));
        let hidden = Filter {
            hidden: [true, true, true, false],
            ..Filter::default()
        };
        let city = sample::city();
        assert!(
            built(&hidden, Sort::default())
                .cases
                .iter()
                .all(|c| city.cases[c].severity == Severity::Slight)
        );
        let department = Filter {
            department: Some(DepartmentId(1)),
            ..Filter::default()
        };
        let q = built(&department, Sort::default());
        assert!(!q.cases.is_empty() && q.hidden() > 0);
        assert_eq!(q.cases.len() + q.hidden(), all.cases.len());
    }

    #[test]
    fn only_what_the_map_shows_when_asked() {
        let city = sample::city();
        let filter = Filter {
            in_view: true,
            ..Filter::default()
        };
        let q = build(&city, &filter, Sort::default(), sample::NOW, |_, _| false);
        assert_eq!((q.cases.len(), q.in_view), (0, 0));
    }

    #[test]
    fn rows_keep_their_place_under_the_pointer() {
        let ids = |v: &[u64]| v.iter().copied().map(CaseId).collect::<Vec<_>>();
        let q = |v: &[u64]| Queue {
            cases: ids(v),
            ..Queue::default()
        };
        let mut order = StableOrder::default();
        order.update(q(&[1, 2, 3]), false);
        assert_eq!(order.update(q(&[4, 3, 1]), true).cases, ids(&[1, 2, 3]));
        assert_eq!(order.waiting, 1);
        assert_eq!(order.update(q(&[4, 3, 1]), false).cases, ids(&[4, 3, 1]));
        assert_eq!(order.waiting, 0);
    }
}
