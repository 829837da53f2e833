//! The case queue: which cases, in which order, under which heading.

use crate::facts::case;
use crate::i18n::Words;
use chengtu_engine::city::Severity;
use chengtu_engine::ids::{CaseId, DepartmentId};
use chengtu_engine::model::{Stage, UnitStatus};
use chengtu_engine::stream::{CaseView, Mirror};
use chengtu_engine::time::Timestamp;

/// Headings of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// 超期: the limit has passed, or had passed when the case was handled.
    Overdue,
    /// 1 小时内到期: at most 3,600 s left, and not handled yet.
    WithinHour,
    /// 其后, and what has no limit yet.
    Later,
}

/// The three headings in order.
pub const GROUPS: [Group; 3] = [Group::Overdue, Group::WithinHour, Group::Later];

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
}

/// What a group is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// Time left, least first.
    #[default]
    Remaining,
    /// Gravest first; of equal severity, least time left first.
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
    /// Cases of each group, in order.
    pub groups: [Vec<CaseId>; 3],
    /// Open cases, filtered or not.
    pub open: usize,
    /// Open cases in the ground that the map shows.
    pub in_view: usize,
    /// Open cases of each stage filter.
    pub by_stage: [usize; 5],
    /// Longest overdue, seconds.
    pub oldest_overdue_s: f64,
}

impl Queue {
    /// How many are listed.
    pub fn listed(&self) -> usize {
        self.groups.iter().map(Vec::len).sum()
    }

    /// All listed, in order.
    pub fn iter(&self) -> impl Iterator<Item = CaseId> + '_ {
        self.groups.iter().flatten().copied()
    }
}

/// The heading of an open case.
pub fn group(c: &CaseView, now: Timestamp) -> Group {
    match case::remaining_s(c, now) {
        Some(s) if s < 0.0 => Group::Overdue,
        Some(s) if s <= 3_600.0 && c.stage != Stage::Handled => Group::WithinHour,
        _ => Group::Later,
    }
}

/// The stage filter, other than `All`, that an open case belongs to.
pub fn stage_of(mirror: &Mirror, c: &CaseView) -> StageFilter {
    match c.stage {
        Stage::Reported | Stage::Filed => StageFilter::ToDispatch,
        Stage::Handled => StageFilter::ToCheck,
        Stage::InProgress => StageFilter::OnScene,
        Stage::Dispatched | Stage::Closed | Stage::Void => {
            let on_scene = c
                .units
                .iter()
                .filter_map(|u| mirror.units.get(u))
                .any(|u| u.status == UnitStatus::OnScene);
            if on_scene {
                StageFilter::OnScene
            } else {
                StageFilter::EnRoute
            }
        }
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
    let mut rows: [Vec<(f64, Severity, Timestamp, CaseId)>; 3] = Default::default();
    for c in mirror.cases.values().filter(|c| c.stage.is_open()) {
        q.open += 1;
        let visible = in_view(c.lon, c.lat);
        q.in_view += usize::from(visible);
        let stage = stage_of(mirror, c);
        q.by_stage[0] += 1;
        q.by_stage[stage as usize] += 1;
        let department = case::class(mirror, c).map(|k| k.department);
        let listed = (filter.stage == StageFilter::All || filter.stage == stage)
            && !filter.hidden[c.severity as usize]
            && filter.department.is_none_or(|d| department == Some(d))
            && (!filter.in_view || visible)
            && (text.is_empty() || says(mirror, c, &text));
        if listed {
            let left = case::remaining_s(c, now).unwrap_or(f64::INFINITY);
            let g = group(c, now);
            if g == Group::Overdue {
                q.oldest_overdue_s = q.oldest_overdue_s.max(-left);
            }
            rows[g as usize].push((left, c.severity, c.occurred_at, c.id));
        }
    }
    for (group, mut rows) in rows.into_iter().enumerate() {
        rows.sort_by(|a, b| {
            let order = match sort.key {
                SortKey::Remaining => a.0.total_cmp(&b.0),
                SortKey::Severity => a.1.cmp(&b.1).then(a.0.total_cmp(&b.0)),
                SortKey::Newest => b.2.cmp(&a.2),
            };
            let order = if sort.reversed {
                order.reverse()
            } else {
                order
            };
            order.then(a.3.cmp(&b.3))
        });
        q.groups[group] = rows.into_iter().map(|r| r.3).collect();
    }
    q
}

/// A line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// A heading with its count.
    Heading(Group, usize),
    /// A row of the list.
    Case(CaseId),
    /// So many more of a group; a click shows them.
    More(Group, usize),
}

/// Rows of a group that are shown before the rest is folded away.
pub const FOLD: usize = 5;

/// The lines of the list. The first two groups are folded to [`FOLD`] rows unless `open`, so that all three can be
/// seen at once; a group of one more than that is not worth folding. The case `keep` is always shown.
pub fn lines(q: &Queue, open: [bool; 3], keep: Option<CaseId>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (i, group) in GROUPS.into_iter().enumerate() {
        let cases = &q.groups[i];
        if cases.is_empty() {
            continue;
        }
        lines.push(Line::Heading(group, cases.len()));
        let later = q.groups[i + 1..].iter().any(|g| !g.is_empty());
        let kept = keep
            .and_then(|k| cases.iter().position(|c| *c == k))
            .map_or(0, |p| p + 1);
        let fold = !open[i] && later && cases.len() > FOLD + 1;
        let shown = if fold { FOLD.max(kept) } else { cases.len() };
        lines.extend(cases.iter().take(shown).map(|c| Line::Case(*c)));
        if shown < cases.len() {
            lines.push(Line::More(group, cases.len() - shown));
        }
    }
    lines
}

/// Heading in words.
pub fn group_words(group: Group, words: &Words) -> &str {
    words.t(match group {
        Group::Overdue => "queue.overdue",
        Group::WithinHour => "queue.within_hour",
        Group::Later => "queue.later",
    })
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
        if held && self.shown.listed() > 0 {
            let known: std::collections::BTreeSet<CaseId> = self.shown.iter().collect();
            self.waiting = fresh.iter().filter(|c| !known.contains(c)).count();
            let groups = std::mem::take(&mut self.shown.groups);
            self.shown = Queue { groups, ..fresh };
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
    fn cases_are_grouped_by_what_is_left_and_least_comes_first() {
        let city = sample::city();
        let q = built(&Filter::default(), Sort::default());
        assert_eq!(
            q.listed(),
            city.cases.values().filter(|c| c.stage.is_open()).count()
        );
        for (i, g) in GROUPS.iter().enumerate() {
            assert!(
                q.groups[i]
                    .iter()
                    .all(|c| group(&city.cases[c], sample::NOW) == *g)
            );
            let left: Vec<_> = q.groups[i]
                .iter()
                .map(|c| case::remaining_s(&city.cases[c], sample::NOW).unwrap_or(f64::INFINITY))
                .collect();
            assert!(left.is_sorted());
        }
        assert!(q.groups[0].contains(&sample::OVERDUE) && q.groups[1].contains(&sample::COVER));
        assert!((q.oldest_overdue_s - 9_672.0).abs() < 1.0);
    }

    #[test]
    fn filters_narrow_the_list_but_not_the_counts() {
        let all = built(&Filter::default(), Sort::default());
        let stage = Filter {
            stage: StageFilter::ToCheck,
            ..Filter::default()
        };
        let q = built(&stage, Sort::default());
        assert_eq!(q.listed(), all.by_stage[StageFilter::ToCheck as usize]);
        assert_eq!(q.open, all.open);
        let text = Filter {
            text: "碑亭".into(),
            ..Filter::default()
        };
        assert!(
            built(&text, Sort::default())
                .iter()
                .any(|c| c == sample::COVER)
        );
        let hidden = Filter {
            hidden: [true, true, true, false],
            ..Filter::default()
        };
        let city = sample::city();
        assert!(
            built(&hidden, Sort::default())
                .iter()
                .all(|c| city.cases[&c].severity == Severity::Slight)
        );
        let department = Filter {
            department: Some(DepartmentId(1)),
            ..Filter::default()
        };
        let few = built(&department, Sort::default()).listed();
        assert!(few > 0 && few < all.listed());
    }

    #[test]
    fn only_what_the_map_shows_when_asked() {
        let city = sample::city();
        let filter = Filter {
            in_view: true,
            ..Filter::default()
        };
        let q = build(&city, &filter, Sort::default(), sample::NOW, |_, _| false);
        assert_eq!((q.listed(), q.in_view), (0, 0));
    }

    #[test]
    fn gravest_first_within_each_group() {
        let city = sample::city();
        let q = built(
            &Filter::default(),
            Sort {
                key: SortKey::Severity,
                reversed: false,
            },
        );
        for g in &q.groups {
            let severities: Vec<_> = g.iter().map(|c| city.cases[c].severity).collect();
            assert!(severities.is_sorted());
        }
        let back = built(
            &Filter::default(),
            Sort {
                key: SortKey::Severity,
                reversed: true,
            },
        );
        assert_ne!(q.groups[2], back.groups[2]);
    }

    #[test]
    fn long_groups_are_folded_so_that_all_three_are_seen() {
        let ids = |r: std::ops::Range<u64>| r.map(CaseId).collect::<Vec<_>>();
        let q = Queue {
            groups: [ids(0..17), ids(20..26), ids(100..300)],
            ..Queue::default()
        };
        let folded = lines(&q, [false; 3], None);
        assert_eq!(folded[FOLD + 1], Line::More(Group::Overdue, 12));
        assert!(
            !folded.contains(&Line::More(Group::WithinHour, 1)),
            "one more is shown, not folded"
        );
        assert_eq!(folded.last(), Some(&Line::Case(CaseId(299))));
        assert!(lines(&q, [false; 3], Some(CaseId(9))).contains(&Line::Case(CaseId(9))));
        assert_eq!(lines(&q, [true; 3], None).len(), 17 + 6 + 200 + 3);
    }

    #[test]
    fn rows_keep_their_place_under_the_pointer() {
        let ids = |v: &[u64]| v.iter().copied().map(CaseId).collect::<Vec<_>>();
        let q = |v: &[u64]| Queue {
            groups: [ids(v), vec![], vec![]],
            ..Queue::default()
        };
        let mut order = StableOrder::default();
        order.update(q(&[1, 2, 3]), false);
        assert_eq!(order.update(q(&[4, 3, 1]), true).groups[0], ids(&[1, 2, 3]));
        assert_eq!(order.waiting, 1);
        assert_eq!(
            order.update(q(&[4, 3, 1]), false).groups[0],
            ids(&[4, 3, 1])
        );
        assert_eq!(order.waiting, 0);
    }
}
