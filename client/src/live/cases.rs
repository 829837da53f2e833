//! Cases: who is drawn alone, who in a cluster, and how each looks.

use super::cluster::{ClusterRules, Point};
use super::memory::ClusterMemory;
use super::parting;
use super::style::rank;
use bevy::math::{DVec2, Rect, Vec2};
use chengtu_engine::city::Severity;
use chengtu_engine::geo::{LonLat, mercator_from_lon_lat};
use chengtu_engine::ids::CaseId;
use chengtu_engine::model::AlarmSource;
use chengtu_engine::stream::{CaseView, Mirror};
use chengtu_engine::time::Timestamp;
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use super::Selection;
use crate::camera::MapCamera;
use crate::facts::case::age_ring;

/// What there is to say about a case's alarm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmMark {
    /// It has none.
    #[default]
    None,
    /// Acknowledged: a tick.
    Acknowledged,
    /// Nobody has seen it: it pulses.
    Open,
}

/// A case that is drawn by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CaseMark {
    /// The case that it marks.
    pub id: CaseId,
    /// Where it lies on the screen, logical pixels.
    pub ground: Vec2,
    /// Middle of the marker: above the ground point under pitch.
    pub centre: Vec2,
    /// Severity, which gives shape and colour.
    pub severity: Severity,
    /// Share of its time that is used, 0 … 1; `None` while no clock runs.
    pub age: Option<f32>,
    /// Its limit has passed.
    pub overdue: bool,
    /// Reports bundled in it.
    pub reports: u32,
    /// [`AlarmMark::Open`] while any alarm of the case is not acknowledged.
    pub alarm: AlarmMark,
    /// When that alarm was raised.
    pub alarm_at: Option<Timestamp>,
    /// It is selected: drawn last, with a ring.
    pub selected: bool,
    /// Where the pill with its number of reports lies; none where there is none, or no room for it.
    pub pill: Option<Rect>,
}

/// Cases drawn as one.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterMark {
    /// Who, ascending.
    pub members: Vec<CaseId>,
    /// Middle on the screen, logical pixels.
    pub centre: Vec2,
    /// How many of each severity, gravest first.
    pub by_severity: [u32; 4],
}

impl ClusterMark {
    /// Radius: grows with the number of cases, up to a limit.
    pub fn radius(&self, limits: [f32; 2]) -> f32 {
        (limits[0] + 2.1 * (self.members.len() as f32).log2()).min(limits[1])
    }
}

/// Cases and clusters of this frame.
#[derive(Clone, Debug, Default)]
pub struct CaseMarks {
    /// In the order in which they are drawn: the grave over the slight, of equals the near over the far, over all what
    /// nobody has acknowledged and what is selected.
    pub single: Vec<CaseMark>,
    /// Fewest cases first, as they are drawn.
    pub clusters: Vec<ClusterMark>,
}

/// Mercator of a case.
pub fn mercator(case: &CaseView) -> DVec2 {
    mercator_from_lon_lat(LonLat::new(case.lon, case.lat)).into()
}

/// Metrics of case markers, logical pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CaseMetrics {
    /// When cases become a cluster.
    pub rules: ClusterRules,
    /// Outer radius of a marker.
    pub ring: f32,
    /// From ground point to middle, under pitch.
    pub stem: f32,
}

/// Pitch from which markers are raised on stems.
pub const STEM_PITCH_DEG: f64 = 15.0;
/// The alarm of every case that has one, and when it was raised; the newest of those that wait.
fn alarms_by_case(mirror: &Mirror) -> BTreeMap<CaseId, (AlarmMark, Timestamp)> {
    let mut alarms: BTreeMap<CaseId, (AlarmMark, Timestamp)> = BTreeMap::new();
    for alarm in mirror.alarms.values() {
        if let AlarmSource::Case(case) = alarm.source {
            let mark = if alarm.acknowledged.is_some() {
                AlarmMark::Acknowledged
            } else {
                AlarmMark::Open
            };
            let entry = alarms.entry(case).or_insert((mark, alarm.raised_at));
            *entry = (*entry).max((mark, alarm.raised_at));
        }
    }
    alarms
}

/// The order in which markers are drawn.
fn drawn_before(a: &CaseMark, b: &CaseMark) -> Ordering {
    let weight = |m: &CaseMark| {
        let open = m.alarm == AlarmMark::Open;
        (m.selected, open, Reverse(rank(m.severity)))
    };
    weight(a)
        .cmp(&weight(b))
        .then(a.ground.y.total_cmp(&b.ground.y))
        .then(a.id.cmp(&b.id))
}

/// Lays out all open cases.
pub fn layout(
    mirror: &Mirror,
    camera: &MapCamera,
    now: Timestamp,
    selection: Selection,
    metrics: CaseMetrics,
    memory: &mut ClusterMemory,
) -> CaseMarks {
    let alarms = alarms_by_case(mirror);
    let selected = match selection {
        Selection::Case(id) => Some(id),
        Selection::Alarm(id) => mirror.alarms.get(&id).and_then(|a| match a.source {
            AlarmSource::Case(case) => Some(case),
            AlarmSource::Sensor(_) => None,
        }),
        _ => None,
    };
    // Half a screen around what is seen takes part in clustering, so that clusters do not change as they come in.
    let seen = Vec2::splat(-60.0)..camera.viewport + 60.0;
    let margin = camera.viewport / 2.0;
    let inside =
        |p: Vec2, pad: Vec2| p.cmpge(seen.start - pad).all() && p.cmple(seen.end + pad).all();
    let mut points = Vec::new();
    // One that is closed or void is shown while it is looked at.
    let shown = |c: &&CaseView| c.stage.is_open() || selected == Some(c.id);
    for case in mirror.cases.values().filter(shown) {
        let Some(at) = camera.screen_from_mercator(mercator(case)) else {
            continue;
        };
        if inside(at.pos, margin) {
            let open_alarm = alarms
                .get(&case.id)
                .is_some_and(|(mark, _)| *mark == AlarmMark::Open);
            let alone = case.overdue || open_alarm || selected == Some(case.id);
            points.push(Point {
                id: case.id,
                pos: at.pos,
                alone,
            });
        }
    }
    memory.refresh(&points, camera, metrics.rules);
    let (clusters, hidden) = memory.marks(mirror, &points, metrics.rules.from, |centre| {
        inside(centre, Vec2::ZERO)
    });
    let mut marks = CaseMarks {
        single: Vec::new(),
        clusters,
    };
    let stem = if camera.pitch_deg > STEM_PITCH_DEG {
        metrics.stem
    } else {
        0.0
    };
    for p in points
        .iter()
        .filter(|p| inside(p.pos, Vec2::ZERO) && !hidden.contains(&p.id))
    {
        let Some(case) = mirror.cases.get(&p.id) else {
            continue;
        };
        let (alarm, alarm_at) = alarms
            .get(&p.id)
            .map_or((AlarmMark::None, None), |(m, at)| (*m, Some(*at)));
        marks.single.push(CaseMark {
            id: p.id,
            ground: p.pos,
            centre: p.pos - Vec2::Y * stem,
            severity: case.severity,
            age: age_ring(case, now),
            overdue: case.overdue,
            reports: case.reports,
            alarm,
            alarm_at,
            selected: selected == Some(p.id),
            pill: None,
        });
    }
    if stem > 0.0 {
        parting::part(&mut marks.single, metrics.ring);
    }
    marks.single.sort_by(drawn_before);
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::ids::{AlarmId, ClassId};
    use chengtu_engine::model::{Actor, CaseSource, Stage, StageChange};
    use chengtu_engine::stream::AlarmView;
    use std::collections::BTreeSet;

    const METRICS: CaseMetrics = CaseMetrics {
        rules: ClusterRules {
            radius_px: 66.0,
            from: 3,
        },
        ring: 14.4,
        stem: 18.0,
    };
    const NOW: Timestamp = Timestamp::from_seconds(10_000);

    fn case(id: u64, lon: f64) -> CaseView {
        CaseView {
            id: CaseId(id),
            class: ClassId(0),
            severity: Severity::Normal,
            lon,
            lat: 32.044,
            address: String::new(),
            note: String::new(),
            source: CaseSource::Operator("x".into()),
            occurred_at: NOW,
            stage: Stage::Filed,
            history: vec![],
            filed_at: Some(NOW.plus_seconds(-50)),
            due_at: Some(NOW.plus_seconds(50)),
            overdue: false,
            units: vec![],
            handled_by: None,
            rework: 0,
            reports: 1,
            maybe_same_as: None,
        }
    }

    fn mirror(cases: impl IntoIterator<Item = CaseView>) -> Mirror {
        let mut mirror = Mirror::new();
        mirror.cases = cases.into_iter().map(|c| (c.id, c)).collect();
        mirror
    }

    fn lay(mirror: &Mirror, selection: Selection, pitch_deg: f64) -> CaseMarks {
        lay_at(mirror, selection, pitch_deg, NOW)
    }

    fn lay_at(mirror: &Mirror, selection: Selection, pitch_deg: f64, now: Timestamp) -> CaseMarks {
        let camera = MapCamera {
            zoom: 15.0,
            pitch_deg,
            ..MapCamera::default()
        };
        layout(
            mirror,
            &camera,
            now,
            selection,
            METRICS,
            &mut ClusterMemory::default(),
        )
    }

    #[test]
    fn the_ring_of_a_handled_case_stands_still() {
        let mut handled = case(1, 118.785);
        handled.stage = Stage::Handled;
        handled.history = vec![StageChange {
            stage: Stage::Handled,
            at: NOW,
            by: Actor::System,
        }];
        let m = mirror([handled]);
        let ring = |s: i64| lay_at(&m, Selection::None, 0.0, NOW.plus_seconds(s)).single[0].age;
        assert_eq!(ring(0), Some(0.5));
        assert_eq!(ring(40), Some(0.5));
    }

    #[test]
    fn no_cluster_hides_what_is_selected_overdue_or_unacknowledged() {
        let mut cases: Vec<_> = (1..=6)
            .map(|i| case(i, 118.785 + i as f64 * 1e-5))
            .collect();
        cases[0].overdue = true;
        let mut m = mirror(cases);
        let alarm = AlarmView {
            id: AlarmId(1),
            source: AlarmSource::Case(CaseId(2)),
            severity: Severity::Severe,
            lon: 118.785,
            lat: 32.044,
            raised_at: NOW,
            acknowledged: None,
            ended_at: None,
        };
        m.alarms.insert(alarm.id, alarm);
        let marks = lay(&m, Selection::Case(CaseId(3)), 0.0);
        let single: BTreeSet<u64> = marks.single.iter().map(|c| c.id.0).collect();
        assert_eq!(single, [1, 2, 3].into());
        assert_eq!(marks.clusters.len(), 1);
        assert_eq!(marks.clusters[0].by_severity, [0, 0, 3, 0]);
        assert_eq!(
            marks.single.last().unwrap().id,
            CaseId(3),
            "the selected one is drawn last"
        );
        // Two of the three that are left are no cluster any more.
        m.cases.remove(&CaseId(6));
        let marks = lay(&m, Selection::Case(CaseId(3)), 0.0);
        assert!(marks.clusters.is_empty() && marks.single.len() == 5);
    }

    #[test]
    fn the_grave_lies_over_the_slight() {
        let severities = [Severity::Severe, Severity::Slight, Severity::Urgent];
        let cases = severities
            .into_iter()
            .zip(1..)
            .map(|(severity, id)| CaseView {
                severity,
                lat: 32.044 - f64::from(id as u32) * 1e-5,
                ..case(id, 118.778 + 3e-3 * id as f64)
            });
        let order = |selection| -> Vec<u64> {
            let marks = lay(&mirror(cases.clone()), selection, 50.0);
            marks.single.iter().map(|m| m.id.0).collect()
        };
        assert_eq!(order(Selection::None), [2, 3, 1]);
        assert_eq!(order(Selection::Case(CaseId(2))), [3, 1, 2]);
    }

    #[test]
    fn closed_cases_are_not_drawn() {
        let m = mirror([
            CaseView {
                stage: Stage::Closed,
                ..case(1, 118.785)
            },
            CaseView {
                stage: Stage::Void,
                ..case(2, 118.785)
            },
        ]);
        assert!(lay(&m, Selection::None, 0.0).single.is_empty());
        let looked_at = lay(&m, Selection::Case(CaseId(2)), 0.0).single;
        assert!(
            looked_at.len() == 1 && looked_at[0].selected,
            "what was found is shown"
        );
    }

    #[test]
    fn under_pitch_markers_stand_on_stems_that_part_neighbours() {
        let m = mirror([case(1, 118.785), case(2, 118.78501)]);
        let flat = lay(&m, Selection::None, 0.0);
        assert!(flat.single.iter().all(|c| c.centre == c.ground));
        let tilted = lay(&m, Selection::None, 50.0);
        let stems: Vec<f32> = tilted
            .single
            .iter()
            .map(|c| c.ground.y - c.centre.y)
            .collect();
        assert!(
            stems.contains(&18.0) && stems.iter().any(|s| *s > 28.0),
            "{stems:?}"
        );
    }

    #[test]
    fn closing_one_case_changes_no_cluster_but_its_own() {
        let all: Vec<CaseView> = (0..240)
            .map(|i| case(i, 118.76 + (i * 7919 % 1000) as f64 * 5e-5))
            .map(|c| CaseView {
                lat: 32.036 + (c.id.0 * 104_729 % 1000) as f64 * 1.6e-5,
                ..c
            })
            .collect();
        let camera = MapCamera {
            zoom: 15.0,
            ..MapCamera::default()
        };
        let lay = |m: &Mirror, memory: &mut ClusterMemory| -> BTreeSet<Vec<CaseId>> {
            let marks = layout(m, &camera, NOW, Selection::None, METRICS, memory);
            marks.clusters.into_iter().map(|c| c.members).collect()
        };
        let mut changed_own = 0;
        for closed in (0..240).step_by(3).map(CaseId) {
            let mut memory = ClusterMemory::default();
            let mut m = mirror(all.iter().cloned());
            let before = lay(&m, &mut memory);
            assert!(before.len() > 10);
            m.cases.remove(&closed);
            let after = lay(&m, &mut memory);
            let others = |set: &BTreeSet<Vec<CaseId>>| -> BTreeSet<Vec<CaseId>> {
                let own = before.iter().find(|c| c.contains(&closed));
                let left = |c: &Vec<CaseId>| own.is_some_and(|o| c.iter().all(|m| o.contains(m)));
                set.iter().filter(|c| !left(c)).cloned().collect()
            };
            assert_eq!(others(&before), others(&after), "{closed}");
            changed_own += usize::from(before != after);
        }
        assert!(changed_own > 20, "{changed_own}");
    }

    #[test]
    fn a_case_that_comes_joins_the_cluster_it_falls_into_and_one_that_leaves_does_not_tear_it() {
        let mut m = mirror((1..=4).map(|i| case(i, 118.785 + i as f64 * 1e-5)));
        let mut memory = ClusterMemory::default();
        let camera = MapCamera {
            zoom: 15.0,
            ..MapCamera::default()
        };
        let mut lay = |m: &Mirror, selection| {
            let marks = layout(m, &camera, NOW, selection, METRICS, &mut memory);
            let members = |c: ClusterMark| c.members.iter().map(|m| m.0).collect::<Vec<_>>();
            marks.clusters.into_iter().map(members).collect::<Vec<_>>()
        };
        assert_eq!(lay(&m, Selection::None), [[1, 2, 3, 4]]);
        m.cases.insert(CaseId(9), case(9, 118.785_03));
        assert_eq!(lay(&m, Selection::None), [[1, 2, 3, 4, 9]]);
        assert_eq!(lay(&m, Selection::Case(CaseId(9))), [[1, 2, 3, 4]]);
        assert_eq!(lay(&m, Selection::None), [[1, 2, 3, 4, 9]]);
        // Three new ones at another place are a cluster of their own, and the first is untouched.
        for i in 20..23 {
            m.cases.insert(CaseId(i), case(i, 118.79));
        }
        assert_eq!(
            lay(&m, Selection::None),
            [vec![20, 21, 22], vec![1, 2, 3, 4, 9]]
        );
    }

    #[test]
    fn panning_a_little_changes_no_cluster() {
        let m = mirror((0..200).map(|i| case(i, 118.76 + (i * 7919 % 1000) as f64 * 5e-5)));
        let mut memory = ClusterMemory::default();
        let mut camera = MapCamera {
            zoom: 15.0,
            pitch_deg: 45.0,
            ..MapCamera::default()
        };
        let members = |marks: CaseMarks| -> BTreeSet<Vec<CaseId>> {
            marks.clusters.into_iter().map(|c| c.members).collect()
        };
        let first = members(layout(
            &m,
            &camera,
            NOW,
            Selection::None,
            METRICS,
            &mut memory,
        ));
        assert!(!first.is_empty());
        let world_px = camera.world_px();
        camera.centre.x += 20.0 / world_px;
        let then = members(layout(
            &m,
            &camera,
            NOW,
            Selection::None,
            METRICS,
            &mut memory,
        ));
        assert!(
            first.intersection(&then).count() + 2 >= first.len(),
            "{first:?} {then:?}"
        );
    }
}
