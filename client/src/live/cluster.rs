//! Clusters of cases: from three within a circle on the screen, stable while the map moves a little.

use bevy::math::Vec2;
use chengtu_engine::ids::CaseId;
use std::collections::BTreeMap;

/// A case where it would be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The case at this point.
    pub id: CaseId,
    /// Ground point on the screen, logical pixels.
    pub pos: Vec2,
    /// Never hidden in a cluster: selected, overdue or unacknowledged.
    pub alone: bool,
}

/// Cases drawn as one, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cluster {
    /// At least as many as asked for, ascending.
    pub members: Vec<CaseId>,
}

/// How clusters are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClusterRules {
    /// Cases closer than this to a first one may join it, logical pixels.
    pub radius_px: f32,
    /// Fewest cases that are drawn as a cluster, at least 2; `usize::MAX` for no clusters.
    pub from: usize,
}

/// Cases that were together stay together up to this factor on the radius, so that a cluster does not flicker.
const STICKY: f32 = 1.3;

/// Puts cases into clusters. The same points and the same `before` give the same clusters, whatever the order of the
/// points. `before` names the cluster each case was in, by any number.
///
/// Cost: points × points within one cell of the radius.
pub fn cluster(
    points: &[Point],
    rules: ClusterRules,
    before: &BTreeMap<CaseId, usize>,
) -> Vec<Cluster> {
    let reach = rules.radius_px * STICKY;
    let cell = |p: Vec2| ((p.x / reach).floor() as i32, (p.y / reach).floor() as i32);
    let mut free: BTreeMap<CaseId, Vec2> = points
        .iter()
        .filter(|p| !p.alone)
        .map(|p| (p.id, p.pos))
        .collect();
    let mut cells: BTreeMap<(i32, i32), Vec<CaseId>> = BTreeMap::new();
    for (id, pos) in &free {
        cells.entry(cell(*pos)).or_default().push(*id);
    }
    let near = |free: &BTreeMap<CaseId, Vec2>, id: CaseId, pos: Vec2| -> Vec<CaseId> {
        let (x, y) = cell(pos);
        let was = before.get(&id);
        let mut found = Vec::new();
        for (dx, dy) in (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy))) {
            for other in cells.get(&(x + dx, y + dy)).into_iter().flatten() {
                let Some(at) = free.get(other) else { continue };
                let together = was.is_some() && before.get(other) == was;
                let limit = if together { reach } else { rules.radius_px };
                if at.distance_squared(pos) <= limit * limit {
                    found.push(*other);
                }
            }
        }
        found.sort_unstable();
        found
    };
    // The densest neighbourhoods first; of equals, the oldest case.
    let mut order: Vec<(usize, CaseId)> = free
        .iter()
        .map(|(id, pos)| (near(&free, *id, *pos).len(), *id))
        .collect();
    order.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut clusters = Vec::new();
    for (n, id) in order {
        if n < rules.from {
            break;
        }
        let Some(pos) = free.get(&id).copied() else {
            continue;
        };
        let members = near(&free, id, pos);
        if members.len() >= rules.from {
            for member in &members {
                free.remove(member);
            }
            clusters.push(Cluster { members });
        }
    }
    clusters
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: ClusterRules = ClusterRules {
        radius_px: 66.0,
        from: 3,
    };

    fn random_points(seed: u64, n: u64) -> Vec<Point> {
        let mut state = seed;
        let mut next = || {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 33) as f32 / (1u64 << 31) as f32
        };
        (0..n)
            .map(|i| Point {
                id: CaseId(i),
                pos: Vec2::new(next() * 1920.0, next() * 1080.0),
                alone: next() < 0.1,
            })
            .collect()
    }

    fn membership(clusters: &[Cluster]) -> BTreeMap<CaseId, usize> {
        clusters
            .iter()
            .enumerate()
            .flat_map(|(i, c)| c.members.iter().map(move |m| (*m, i)))
            .collect()
    }

    #[test]
    fn the_order_of_the_cases_does_not_matter_and_none_is_lost_or_told_twice() {
        for seed in 0..20 {
            let mut points = random_points(seed, 300);
            let clusters = cluster(&points, RULES, &BTreeMap::new());
            points.reverse();
            assert_eq!(clusters, cluster(&points, RULES, &BTreeMap::new()));
            let told: usize = clusters.iter().map(|c| c.members.len()).sum();
            assert_eq!(membership(&clusters).len(), told);
            assert!(clusters.iter().all(|c| c.members.len() >= 3));
            let alone: Vec<_> = points.iter().filter(|p| p.alone).map(|p| p.id).collect();
            assert!(
                alone
                    .iter()
                    .all(|id| !membership(&clusters).contains_key(id))
            );
        }
    }

    #[test]
    fn two_are_no_cluster_and_three_are() {
        let at = |id, x| Point {
            id: CaseId(id),
            pos: Vec2::new(x, 0.0),
            alone: false,
        };
        assert!(cluster(&[at(1, 0.0), at(2, 5.0)], RULES, &BTreeMap::new()).is_empty());
        let three = [at(1, 0.0), at(2, 60.0), at(3, -60.0)];
        assert_eq!(
            cluster(&three, RULES, &BTreeMap::new())[0].members,
            [CaseId(1), CaseId(2), CaseId(3)]
        );
        let selected = [
            at(1, 0.0),
            at(2, 60.0),
            Point {
                alone: true,
                ..at(3, -60.0)
            },
        ];
        assert!(cluster(&selected, RULES, &BTreeMap::new()).is_empty());
    }

    #[test]
    fn trembling_cases_stay_together() {
        let points = random_points(3, 200);
        let mut clusters = cluster(&points, RULES, &BTreeMap::new());
        let first = clusters.clone();
        for shake in 1..10 {
            let moved: Vec<_> = points
                .iter()
                .map(|p| {
                    let by = Vec2::new(
                        ((p.id.0 * shake) % 7) as f32 - 3.0,
                        ((p.id.0 + shake) % 5) as f32 - 2.0,
                    );
                    Point {
                        pos: p.pos + by,
                        ..*p
                    }
                })
                .collect();
            clusters = cluster(&moved, RULES, &membership(&clusters));
        }
        let (a, b) = (membership(&first), membership(&clusters));
        let same = a.keys().filter(|id| b.contains_key(id)).count();
        assert!(same as f32 >= 0.9 * a.len() as f32, "{same} of {}", a.len());
    }
}
