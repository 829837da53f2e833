//! Which case is in which cluster, from frame to frame.

use super::cases::ClusterMark;
use super::cluster::{Cluster, ClusterRules, Point, cluster};
use super::style::rank;
use crate::camera::MapCamera;
use bevy::math::Vec2;
use bevy::prelude::Resource;
use chengtu_engine::ids::CaseId;
use chengtu_engine::stream::Mirror;
use std::collections::{BTreeMap, BTreeSet};

/// Which case is in which cluster, kept from frame to frame. While the map stands, a case that goes or comes changes
/// the cluster that it leaves or falls into, and no other; all are made anew once the view has changed enough.
#[derive(Resource, Debug, Default)]
pub struct ClusterMemory {
    clusters: Vec<Cluster>,
    made_for: Option<MapCamera>,
    /// The cases that were there and might be in a cluster.
    known: BTreeSet<CaseId>,
    last_camera: Option<MapCamera>,
    frozen: Option<u64>,
}

impl ClusterMemory {
    /// Forgets the clusters of before when another world's clock stands at another moment: the same moment is then
    /// clustered alike however it was come to.
    pub(super) fn begin_moment(&mut self, frozen: Option<u64>) {
        if frozen.is_some() && self.frozen != frozen {
            *self = Self::default();
        }
        self.frozen = frozen;
    }

    /// Clusters of at least `from` of the points, smallest first, where `inside` says that their middles are seen;
    /// and every case that is in one.
    pub(super) fn marks(
        &self,
        mirror: &Mirror,
        points: &[Point],
        from: usize,
        inside: impl Fn(Vec2) -> bool,
    ) -> (Vec<ClusterMark>, BTreeSet<CaseId>) {
        let mut marks = Vec::new();
        let mut hidden = BTreeSet::new();
        let at: BTreeMap<CaseId, &Point> = points.iter().map(|p| (p.id, p)).collect();
        for members in self.clusters.iter().map(|c| &c.members) {
            let here: Vec<&Point> = members
                .iter()
                .filter_map(|m| at.get(m).copied().filter(|p| !p.alone))
                .collect();
            if here.len() < from {
                continue;
            }
            let centre = here.iter().map(|p| p.pos).sum::<Vec2>() / here.len() as f32;
            let mut by_severity = [0; 4];
            for p in &here {
                hidden.insert(p.id);
                if let Some(case) = mirror.cases.get(&p.id) {
                    by_severity[rank(case.severity)] += 1;
                }
            }
            if inside(centre) {
                let members = here.iter().map(|p| p.id).collect();
                marks.push(ClusterMark {
                    members,
                    centre,
                    by_severity,
                });
            }
        }
        marks.sort_by_key(|c| (c.members.len(), c.members.first().copied()));
        (marks, hidden)
    }

    /// Makes clusters anew where the view has changed enough; otherwise lets cases go and come, each by itself.
    pub(super) fn refresh(&mut self, points: &[Point], camera: &MapCamera, rules: ClusterRules) {
        // While the map moves, cases come in at its edges all the time; they wait until it stands or has moved far.
        let moving = self
            .last_camera
            .replace(camera.clone())
            .is_some_and(|last| last != *camera);
        let fits = |made_for: &MapCamera| !moved_enough(made_for, camera);
        let ids: BTreeSet<CaseId> = points.iter().filter(|p| !p.alone).map(|p| p.id).collect();
        if !self.made_for.as_ref().is_some_and(fits) {
            let before: BTreeMap<CaseId, usize> = self
                .clusters
                .iter()
                .enumerate()
                .flat_map(|(i, c)| c.members.iter().map(move |m| (*m, i)))
                .collect();
            self.clusters = cluster(points, rules, &before);
            self.made_for = Some(camera.clone());
        } else if !moving && ids != self.known {
            self.let_go(&ids, rules);
            self.let_come(points, &ids, rules);
        } else {
            return;
        }
        self.known = ids;
    }

    /// Takes those out that are no more, or stand alone now; too few are no cluster.
    fn let_go(&mut self, ids: &BTreeSet<CaseId>, rules: ClusterRules) {
        for c in &mut self.clusters {
            c.members.retain(|m| ids.contains(m));
        }
        self.clusters.retain(|c| c.members.len() >= rules.from);
    }

    /// Puts new cases into the nearest cluster within reach, or makes one of them and of those about them that are in
    /// none.
    fn let_come(&mut self, points: &[Point], ids: &BTreeSet<CaseId>, rules: ClusterRules) {
        let at: BTreeMap<CaseId, Vec2> = points.iter().map(|p| (p.id, p.pos)).collect();
        let mut taken: BTreeSet<CaseId> = self
            .clusters
            .iter()
            .flat_map(|c| c.members.iter().copied())
            .collect();
        let middle = |c: &Cluster| {
            let places = c.members.iter().filter_map(|m| at.get(m));
            places.sum::<Vec2>() / c.members.len().max(1) as f32
        };
        let within = |a: Vec2, b: Vec2| a.distance(b) <= rules.radius_px;
        for new in ids.difference(&self.known) {
            let Some(pos) = at.get(new).copied().filter(|_| !taken.contains(new)) else {
                continue;
            };
            let nearest = self
                .clusters
                .iter_mut()
                .map(|c| (middle(c), c))
                .filter(|(m, _)| within(*m, pos))
                .min_by(|(a, _), (b, _)| a.distance(pos).total_cmp(&b.distance(pos)));
            if let Some((_, c)) = nearest {
                c.members.push(*new);
                c.members.sort_unstable();
                taken.insert(*new);
                continue;
            }
            let free =
                |id: &&CaseId| !taken.contains(*id) && at.get(*id).is_some_and(|p| within(*p, pos));
            let members: Vec<CaseId> = ids.iter().filter(free).copied().collect();
            if members.len() >= rules.from {
                taken.extend(members.iter().copied());
                self.clusters.push(Cluster { members });
            }
        }
    }
}

/// True when clusters made for `a` no longer fit `b`.
fn moved_enough(a: &MapCamera, b: &MapCamera) -> bool {
    let turn = (a.bearing_deg - b.bearing_deg + 540.0).rem_euclid(360.0) - 180.0;
    let shift_px = ((a.centre - b.centre) * b.world_px()).length();
    (a.zoom - b.zoom).abs() > 0.2
        || (a.pitch_deg - b.pitch_deg).abs() > 6.0
        || turn.abs() > 12.0
        || shift_px > f64::from(b.viewport.min_element()) * 0.2
        || a.viewport != b.viewport
}
