//! Parts markers: who would be covered on its stem grows a longer one, and clusters step aside for those that stand
//! alone and for one another.

use super::cases::{AlarmMark, CaseMark, ClusterMark};
use super::style::rank;
use bevy::math::{IVec2, Vec2};
use std::collections::HashMap;

/// A stem may grow twice by this, to part neighbours, logical pixels.
const STEM_STEP: f32 = 12.0;
/// What a longer stem must be worth, logical pixels of overlap.
const WORTH_PX: f32 = 4.0;

/// Lets stems grow, so that neighbours do not cover each other: the gravest keep theirs. `ring` is the outer radius of
/// a marker, logical pixels. Cost: marks × their neighbours.
pub fn part(marks: &mut [CaseMark], ring: f32) {
    let mut placed = Placed::new(2.0 * ring);
    for i in gravest_first(marks) {
        let base = marks[i].centre;
        let mut best = (placed.overlap_px(base), base);
        for step in 1..=2 {
            if best.0 <= WORTH_PX {
                break;
            }
            let c = base - Vec2::Y * (STEM_STEP * step as f32);
            let cost = placed.overlap_px(c);
            if cost + WORTH_PX < best.0 {
                best = (cost, c);
            }
        }
        marks[i].centre = best.1;
        placed.push(best.1);
    }
}

/// Farthest that a marker steps aside on a flat map, as a multiple of its outer radius.
const STEP_ASIDE: f32 = 2.4;
/// A marker covers another one by no more than this share of its radius without stepping aside.
const OVERLAP: f32 = 0.25;

/// Lets markers of a flat map step aside, each with a line to its place, so that they share the space: the gravest keep
/// theirs. `ring` is the outer radius of a marker, logical pixels. Where one stands follows from what is around it
/// without a leap. Cost: marks × their neighbours.
pub fn part_flat(marks: &mut [CaseMark], ring: f32) {
    let touch = ring * (2.0 - OVERLAP);
    let mut placed = Placed::new(touch + STEP_ASIDE * ring);
    for i in gravest_first(marks) {
        let home = marks[i].ground;
        let around = placed.near(home);
        let mut at = home;
        for _ in 0..ASIDE_ROUNDS {
            let push: Vec2 = around
                .iter()
                .map(|(n, other)| {
                    let away = at - *other;
                    // Two at the very same place part in a direction that stays theirs.
                    let turn = Vec2::from_angle(*n as f32 * 2.399_963);
                    away.normalize_or(turn) * (touch - away.length()).max(0.0)
                })
                .sum();
            if push.length() < 0.25 {
                break;
            }
            at = home + (at + push * 0.6 - home).clamp_length_max(STEP_ASIDE * ring);
        }
        marks[i].centre = at;
        placed.push(at);
    }
}

/// Places of marks: what is selected, what nobody has acknowledged, what is late, the grave before the slight.
fn gravest_first(marks: &[CaseMark]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..marks.len()).collect();
    order.sort_by_key(|i| {
        let m = &marks[*i];
        (
            !m.selected,
            m.alarm != AlarmMark::Open,
            !m.overdue,
            rank(m.severity),
            m.id,
        )
    });
    order
}

/// Farthest that a cluster steps aside, logical pixels.
const ASIDE_MAX_PX: f32 = 44.0;
/// Rounds in which one steps off all that it lies on.
const ASIDE_ROUNDS: usize = 8;

/// Moves clusters off the markers that stand alone and off one another, so that their numbers can be read; the largest
/// stays nearest to its place. `ring` is the outer radius of a marker, logical pixels. Where it lies follows from what
/// is around it without a leap. Cost: clusters × marks.
pub fn part_clusters(
    clusters: &mut [ClusterMark],
    singles: &[CaseMark],
    ring: f32,
    radius: impl Fn(&ClusterMark) -> f32,
) {
    let mut placed: Vec<(Vec2, f32)> = Vec::with_capacity(clusters.len());
    for cluster in clusters.iter_mut().rev() {
        let (home, own) = (cluster.centre, radius(cluster));
        let near = |at: &Vec2, r: f32| at.distance(home) < own + r + ASIDE_MAX_PX;
        let singles = singles.iter().map(|m| (m.centre, ring));
        let around: Vec<(Vec2, f32)> = singles
            .chain(placed.iter().copied())
            .filter(|(at, r)| near(at, *r))
            .collect();
        for _ in 0..ASIDE_ROUNDS {
            let push: Vec2 = around
                .iter()
                .map(|(at, r)| {
                    let away = cluster.centre - *at;
                    let overlap = own + r - away.length();
                    away.normalize_or(Vec2::Y) * overlap.max(0.0)
                })
                .sum();
            if push.length() < 0.5 {
                break;
            }
            cluster.centre = home + (cluster.centre + push - home).clamp_length_max(ASIDE_MAX_PX);
        }
        placed.push((cluster.centre, own));
    }
}

/// Middles of markers in square cells as wide as the distance from which they touch.
struct Placed {
    touch_px: f32,
    cells: HashMap<IVec2, Vec<(usize, Vec2)>>,
    count: usize,
}

impl Placed {
    fn new(touch_px: f32) -> Self {
        Self {
            touch_px,
            cells: HashMap::new(),
            count: 0,
        }
    }

    fn cell(&self, p: Vec2) -> IVec2 {
        (p / self.touch_px).floor().as_ivec2()
    }

    fn push(&mut self, p: Vec2) {
        let cell = self.cell(p);
        self.cells.entry(cell).or_default().push((self.count, p));
        self.count += 1;
    }

    /// Those that may touch a marker at `c`, in the order in which they were placed.
    fn near(&self, c: Vec2) -> Vec<(usize, Vec2)> {
        let middle = self.cell(c);
        let around = (-1..=1).flat_map(|y| (-1..=1).map(move |x| IVec2::new(x, y)));
        let cells = around.filter_map(|by| self.cells.get(&(middle + by)));
        let mut near: Vec<(usize, Vec2)> = cells.flatten().copied().collect();
        near.sort_unstable_by_key(|(i, _)| *i);
        near
    }

    /// By how much a marker at `c` would overlap the others, summed.
    fn overlap_px(&self, c: Vec2) -> f32 {
        let near = self.near(c).into_iter();
        near.map(|(_, p)| (self.touch_px - p.distance(c)).max(0.0))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::city::Severity;
    use chengtu_engine::ids::CaseId;

    /// Marks along a spiral, the same every time, `apart` pixels from one another at least on the whole.
    fn marks(count: u64, apart: f32) -> Vec<CaseMark> {
        let at = |i: u64| {
            let (turn, r) = (i as f32 * 2.399_963, apart * (i as f32).sqrt());
            Vec2::new(turn.cos(), turn.sin()) * r
        };
        (0..count)
            .map(|i| CaseMark {
                id: CaseId(i * 7_919 % count),
                ground: at(i),
                centre: at(i),
                severity: [Severity::Severe, Severity::Normal][(i % 2) as usize],
                age: None,
                overdue: i % 5 == 0,
                reports: 1,
                alarm: AlarmMark::None,
                alarm_at: None,
                selected: false,
                pill: None,
            })
            .collect()
    }

    #[test]
    fn a_cluster_steps_off_who_stands_alone_and_off_a_larger_one() {
        let cluster = |n: u64, x: f32| ClusterMark {
            members: (0..n).map(CaseId).collect(),
            centre: Vec2::new(x, 0.0),
            by_severity: [0; 4],
        };
        let alone = CaseMark {
            centre: Vec2::new(60.0, 4.0),
            ..marks(1, 1.0)[0]
        };
        let mut all = [cluster(3, 66.0), cluster(30, 120.0), cluster(4, 130.0)];
        all.sort_by_key(|c| c.members.len());
        part_clusters(&mut all, &[alone], 14.4, |_| 18.0);
        for (i, a) in all.iter().enumerate() {
            assert!(a.centre.distance(alone.centre) > 14.4 + 17.0, "{a:?}");
            for b in &all[i + 1..] {
                assert!(a.centre.distance(b.centre) > 2.0 * 17.0, "{a:?} {b:?}");
            }
        }
        assert_eq!(all[2].centre, Vec2::new(120.0, 0.0), "the largest stays");
    }

    #[test]
    fn markers_of_a_flat_map_share_the_space_and_the_gravest_keep_their_places() {
        let ring = 14.4;
        let covered = |all: &[CaseMark]| {
            let pairs = all.iter().enumerate();
            pairs
                .flat_map(|(i, a)| {
                    all[i + 1..]
                        .iter()
                        .map(move |b| a.centre.distance(b.centre))
                })
                .filter(|d| *d < ring)
                .count()
        };
        // Fifteen late cases about one crossing.
        let mut all = marks(15, 5.0);
        let before = covered(&all);
        part_flat(&mut all, ring);
        assert!(before > 20, "{before}");
        assert!(covered(&all) * 3 < before, "{} of {before}", covered(&all));
        let first = gravest_first(&all)[0];
        assert_eq!(all[first].centre, all[first].ground);
        for m in &all {
            assert!(m.centre.distance(m.ground) <= STEP_ASIDE * ring + 0.01);
        }
        // Those that have room stay.
        let mut far = marks(20, 60.0);
        part_flat(&mut far, ring);
        assert!(far.iter().all(|m| m.centre == m.ground));
    }

    #[test]
    fn a_marker_steps_aside_without_a_leap_as_the_map_comes_nearer() {
        let ring = 14.4;
        let at = |k: u32| {
            let mut all = marks(9, 6.0 + k as f32 * 0.05);
            part_flat(&mut all, ring);
            all
        };
        let mut before = at(0);
        for k in 1..200 {
            let now = at(k);
            for (a, b) in before.iter().zip(&now) {
                let leap = a.centre.distance(b.centre);
                assert!(leap < 6.0, "{k}: {leap} px at once");
            }
            before = now;
        }
    }

    #[test]
    fn only_neighbours_are_looked_at() {
        let ring = 14.4;
        let all = marks(20_000, 20.0);
        let mut placed = Placed::new(2.0 * ring);
        let mut looked_at = 0;
        for m in &all {
            looked_at += placed.near(m.centre).len();
            placed.push(m.centre);
        }
        // Every pair would be 200 million.
        assert!(looked_at < 20_000 * 16, "{looked_at}");
    }

    #[test]
    fn who_would_be_covered_stands_on_a_longer_stem() {
        let mut crowd = marks(400, 12.0);
        part(&mut crowd, 14.4);
        assert!(crowd.iter().any(|m| m.centre.y < m.ground.y));
        let mut apart = marks(400, 20.0);
        part(&mut apart, 14.4);
        assert!(apart.iter().all(|m| m.centre == m.ground));
    }

    #[test]
    fn neighbours_are_found_as_by_looking_at_all() {
        let mut placed = Placed::new(28.8);
        let all = marks(400, 9.0);
        for m in &all {
            placed.push(m.centre);
        }
        for c in all.iter().map(|m| m.centre + Vec2::new(3.0, -40.0)) {
            let by_all: f32 = all
                .iter()
                .map(|m| (28.8 - m.centre.distance(c)).max(0.0))
                .sum();
            assert_eq!(placed.overlap_px(c).to_bits(), by_all.to_bits());
        }
    }
}
