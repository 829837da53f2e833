//! Lays out every marker of a frame: who gets the space, what is painted in which order, what can be picked.

use super::MarkerScale;
use super::callout::{self, Callout};
use super::cases::{self, AlarmMark, CaseMarks, CaseMetrics, ClusterMemory};
use super::cluster::ClusterRules;
use super::ghosts::{self, GhostTracks};
use super::marks::{self, Beat, CHIP_STEM, CaseLook, UnitLook, chip_half};
use super::paint::{Canvas, Letters, Pen};
use super::pickable::{PickShape, PickTarget, Pickable, Pickables};
use super::sensors::{self, SensorMark, SensorRules};
use super::space::Space;
use super::style::{LiveStyle, rank};
use super::units::{Freshness, UnitMark, UnitRules, UnitTracks};
use super::views;
use super::watermark;
use super::words;
use super::{
    Hover, LayerVisibility, LiveOptions, Offer, Selection, fleet_icon, follow::selected_case,
};
use crate::camera::{MapCamera, MapWindow};
use crate::facts::alarm::shouting;
use crate::facts::case::stage_on_map;
use crate::facts::unit::status_on_map;
use crate::i18n::Words;
use crate::labels::Obstacles;
use crate::net::{City, CityChanged, Rankings};
use crate::render::{IconAtlas, MapPhase};
use bevy::ecs::system::SystemParam;
use bevy::math::DVec2;
use bevy::prelude::*;
use chengtu_engine::ids::UnitId;
use chengtu_engine::model::AlarmSource;
use chengtu_engine::rank::ArrivalRow;
use std::collections::BTreeSet;

/// Cases closer than this may become a cluster, logical pixels.
const CLUSTER_PX: f32 = 66.0;
/// Below this zoom units are dots.
const ICON_ZOOM: f64 = 13.4;

#[derive(SystemParam)]
pub(super) struct Shown<'w> {
    city: Res<'w, City>,
    camera: Res<'w, MapCamera>,
    window: Res<'w, MapWindow>,
    style: Res<'w, LiveStyle>,
    layers: Res<'w, LayerVisibility>,
    selection: Res<'w, Selection>,
    hover: Res<'w, Hover>,
    offer: Res<'w, Offer>,
    rankings: Res<'w, Rankings>,
    words: Res<'w, Words>,
    icons: Option<Res<'w, IconAtlas>>,
    options: Res<'w, LiveOptions>,
}

#[derive(SystemParam)]
pub(super) struct Laid<'w> {
    memory: ResMut<'w, ClusterMemory>,
    tracks: ResMut<'w, UnitTracks>,
    ghosts: Res<'w, GhostTracks>,
    letters: Option<ResMut<'w, Letters>>,
    canvas: ResMut<'w, Canvas>,
    pickables: ResMut<'w, Pickables>,
    obstacles: ResMut<'w, Obstacles>,
    scale: ResMut<'w, MarkerScale>,
}

/// The course of time as seen last: its paused frame and its breaks.
#[derive(Default)]
pub(super) struct Course {
    frozen: Option<u64>,
    discontinuities: u64,
}

/// Keeps tracks of units equal to the mirror.
pub(super) fn track(
    city: Res<City>,
    style: Res<LiveStyle>,
    mut changed: MessageReader<CityChanged>,
    mut tracks: ResMut<UnitTracks>,
    mut ghosts: ResMut<GhostTracks>,
    mut course: Local<Course>,
) {
    let rules = unit_rules(&style, city.blends(), 1.0, true, true);
    let (frozen, discontinuities) = (city.frozen_frame(), city.discontinuities());
    let cut =
        discontinuities != course.discontinuities || (frozen.is_some() && frozen != course.frozen);
    let jumped = discontinuities != course.discontinuities;
    (course.frozen, course.discontinuities) = (frozen, discontinuities);
    ghosts.follow(city.beside(), city.now(), city.pace(), jumped);
    if cut {
        changed.clear();
        tracks.begin_anew(&city.mirror, city.now(), &rules);
        return;
    }
    for CityChanged(c) in changed.read() {
        tracks.follow(&city.mirror, c, city.now(), &rules);
    }
}

fn unit_rules(style: &LiveStyle, blends: bool, scale: f32, icons: bool, shown: bool) -> UnitRules {
    UnitRules {
        limits: style.glide_limits(blends),
        radius: (style.unit_radius + 1.5) * scale,
        dot: style.unit_dot * scale,
        stale_s: style.stale_s,
        offline_s: style.offline_s,
        trail_s: style.trail_s,
        icons,
        shown,
    }
}

/// Lays out and paints everything live for one frame, and lists what the pointer can hit.
pub(super) fn stage(shown: Shown, mut laid: Laid) {
    laid.canvas.clear();
    laid.pickables.0.clear();
    if let Some(letters) = &mut laid.letters {
        letters.begin_frame();
    }
    let wall = shown.options.wall;
    let scale = if wall {
        (shown.style.wall_scale * shown.camera.viewport.y / 2160.0).max(1.0)
    } else {
        1.0
    };
    laid.scale.set_if_neq(MarkerScale(scale));
    let mut space = Space::default();
    let case_marks = lay_cases(&shown, &mut laid, &mut space, scale, wall);
    let unit_marks = lay_units(&shown, &mut laid, &mut space, scale, wall);
    let mut sensor_marks = lay_sensors(&shown, &mut space, scale);
    if wall && let Some(alarm) = shouting(&shown.city.mirror) {
        // The alarm that shouts has a mark of its own there.
        sensor_marks.retain(|m| alarm.source != AlarmSource::Sensor(m.id));
    }
    let mut painter = Painter {
        shown: &shown,
        laid: &mut laid,
        scale,
    };
    painter.watermark();
    painter.coarse();
    painter.units(&unit_marks);
    let plates = if wall {
        painter.sensors(&sensor_marks);
        painter.wall_cases(&case_marks);
        // Ranks are read from afar: nothing lies on them.
        painter.hotspots(wall)
    } else {
        let plates = painter.hotspots(wall);
        painter.sensors(&sensor_marks);
        painter.cases(&case_marks);
        painter.callouts(&case_marks, &unit_marks);
        plates
    };
    painter.ghosts(&unit_marks, wall);
    let view_names = painter.views();
    let moving: BTreeSet<UnitId> = unit_marks
        .iter()
        .filter(|m| m.heading.is_some() && !m.selected && !m.best)
        .map(|m| m.id)
        .collect();
    laid.obstacles
        .set("markers", standing(&laid.pickables, &moving));
    laid.obstacles.set("hotspots", plates);
    laid.obstacles.set("views", view_names);
}

/// Rectangles that names keep clear of, in an order that does not change with the view. Units that drive are none of
/// them: names would jump aside for everyone who passes.
fn standing(pickables: &Pickables, moving: &BTreeSet<UnitId>) -> Vec<Rect> {
    let mut rects: Vec<((u8, u64), Rect)> = pickables
        .0
        .iter()
        .filter_map(|p| {
            let key = match &p.target {
                PickTarget::Thing(Selection::Case(id)) => (0, id.0),
                PickTarget::Cluster(members) => (1, members.first()?.0),
                PickTarget::Thing(Selection::Sensor(id)) => (2, u64::from(id.0)),
                PickTarget::Thing(Selection::Unit(id)) if !moving.contains(id) => {
                    (3, u64::from(id.0))
                }
                PickTarget::Thing(_) => return None,
            };
            Some((key, p.shape.bounds().inflate(2.0)))
        })
        .collect();
    rects.sort_by_key(|(key, _)| *key);
    rects.into_iter().map(|(_, r)| r).collect()
}

fn lay_cases(
    shown: &Shown,
    laid: &mut Laid,
    space: &mut Space,
    scale: f32,
    wall: bool,
) -> CaseMarks {
    let style = &shown.style;
    // On a wall everything grave is shown by itself, and the rest is in the density.
    let from = if wall { usize::MAX } else { style.cluster_from };
    let metrics = CaseMetrics {
        rules: ClusterRules {
            radius_px: CLUSTER_PX * scale,
            from,
        },
        ring: style.case_ring * scale,
        stem: style.case_stem * scale,
    };
    let (mirror, camera) = (&shown.city.mirror, &*shown.camera);
    laid.memory.begin_moment(shown.city.frozen_frame());
    let mut marks = cases::layout(
        mirror,
        camera,
        shown.city.now(),
        *shown.selection,
        metrics,
        &mut laid.memory,
    );
    if !shown.layers.cases {
        marks.clusters.clear();
        marks
            .single
            .retain(|m| m.selected || m.alarm == AlarmMark::Open);
    }
    for m in &marks.single {
        space.occupy(m.centre, metrics.ring);
    }
    for c in &marks.clusters {
        space.occupy(c.centre, c.radius(style.cluster_radius) * scale);
    }
    marks
}

fn lay_units(
    shown: &Shown,
    laid: &mut Laid,
    space: &mut Space,
    scale: f32,
    wall: bool,
) -> Vec<UnitMark> {
    let icons = !wall && shown.camera.zoom >= ICON_ZOOM;
    let blends = shown.city.blends();
    let rules = unit_rules(&shown.style, blends, scale, icons, shown.layers.units);
    let (mirror, now) = (&shown.city.mirror, shown.city.now());
    laid.tracks.layout(
        mirror,
        &shown.camera,
        now,
        *shown.selection,
        shown.offer.unit(),
        &rules,
        space,
    )
}

fn lay_sensors(shown: &Shown, space: &mut Space, scale: f32) -> Vec<SensorMark> {
    sensors::layout(
        &shown.city.mirror,
        &shown.camera,
        shown.city.now(),
        *shown.selection,
        SensorRules {
            shown: shown.layers.sensors,
            offline_s: shown.style.offline_s,
            chip_half: |text: &str| chip_half(text) * scale,
            stem: CHIP_STEM * scale,
            words: &shown.words,
        },
        space,
    )
}

struct Painter<'a, 's, 'l> {
    shown: &'a Shown<'s>,
    laid: &'a mut Laid<'l>,
    scale: f32,
}

impl Painter<'_, '_, '_> {
    fn hovered(&self, thing: Selection) -> bool {
        self.shown.hover.0 == thing
    }

    fn pickable(&mut self, target: PickTarget, shape: PickShape, class: u8) {
        self.laid.pickables.0.push(Pickable {
            target,
            shape,
            class,
        });
    }

    fn watermark(&mut self) {
        if let Some(letters) = self.laid.letters.as_deref_mut() {
            let mut pen = Pen::new(self.laid.canvas.list(MapPhase::Watermark), self.scale);
            let (style, screen) = (&self.shown.style, self.shown.camera.viewport);
            watermark::paint(&mut pen, letters, style, self.shown.city.world(), screen);
        }
    }

    /// Counts of traffic where the view is too wide for each vehicle: a dot a cell, larger with more of them.
    fn coarse(&mut self) {
        let shown = self.shown;
        if !shown.layers.traffic {
            return;
        }
        let mut pen = Pen::new(self.laid.canvas.list(MapPhase::Dots), self.scale);
        for tile in &shown.city.coarse {
            let (z, x, y) = tile.tile;
            let id = chengtu_engine::geo::TileId { z, x, y };
            let (corner, side) = (
                DVec2::from(id.north_west_mercator()),
                1.0 / f64::from(1u32 << z.min(24)),
            );
            for (cell, count) in &tile.counts {
                let at = DVec2::new(f64::from(cell % 16) + 0.5, f64::from(cell / 16) + 0.5)
                    * (side / 16.0)
                    + corner;
                if let Some(p) = shown.camera.screen_from_mercator(at) {
                    pen.disc(
                        p.pos,
                        1.2 + 0.9 * (*count as f32).ln_1p(),
                        shown.style.t3.with_alpha(0.6),
                    );
                }
            }
        }
    }

    /// Plates of significant areas; returns where they are.
    fn hotspots(&mut self, wall: bool) -> Vec<Rect> {
        let shown = self.shown;
        if !shown.layers.hotspots {
            return Vec::new();
        }
        let Some(letters) = self.laid.letters.as_deref_mut() else {
            return Vec::new();
        };
        // Above clusters, below cases.
        let mut pen = Pen::new(self.laid.canvas.list(MapPhase::Cases), self.scale);
        // The first rank is painted last, over the others.
        let areas = shown.city.mirror.hotspots.iter().rev();
        areas
            .filter_map(|a| {
                super::hotspots::plate(&mut pen, letters, &shown.style, &shown.camera, a, wall)
            })
            .collect()
    }

    /// Names of the officers whose views are outlined; returns where they are.
    fn views(&mut self) -> Vec<Rect> {
        let shown = self.shown;
        let Some(letters) = self.laid.letters.as_deref_mut() else {
            return Vec::new();
        };
        let (camera, city) = (&*shown.camera, &*shown.city);
        let whole = Rect::from_corners(Vec2::ZERO, camera.viewport);
        let window = shown.window.rect.unwrap_or(whole);
        let mut pen = Pen::new(self.laid.canvas.list(MapPhase::Sensors), self.scale);
        let list = (views::shown(city, &shown.layers), city.now());
        views::names(&mut pen, letters, &shown.style, camera, window, list)
    }

    /// Under the units, and not among what can be picked.
    fn ghosts(&mut self, marks: &[UnitMark], wall: bool) {
        let shown = self.shown;
        let units = &shown.city.mirror.units;
        let real: Vec<(Vec2, &str)> = marks
            .iter()
            .filter_map(|m| Some((m.pos, units.get(&m.id)?.call_sign.as_str())))
            .collect();
        let list = ghosts::layout(
            &self.laid.ghosts,
            shown.city.beside(),
            &shown.camera,
            (shown.city.now(), shown.city.frozen_frame().is_some()),
            !wall && shown.camera.zoom >= ICON_ZOOM,
            &real,
        );
        let taken = self.laid.pickables.0.iter().map(|p| p.shape.bounds());
        ghosts::paint(
            self.laid.canvas.list(MapPhase::Dots),
            self.laid.letters.as_deref_mut(),
            (&shown.style, shown.icons.as_deref()),
            &list,
            (&shown.words, self.scale),
            taken.collect(),
        );
    }

    fn units(&mut self, marks: &[UnitMark]) {
        let style = &*self.shown.style;
        let names = &self.shown.words;
        for m in marks {
            let thing = Selection::Unit(m.id);
            let hovered = self.hovered(thing);
            let raised = m.selected || m.best;
            let phase = match (m.icon, raised) {
                (_, true) => MapPhase::Selection,
                (true, false) => MapPhase::Icons,
                (false, false) => MapPhase::Dots,
            };
            let mut pen = Pen::new(self.laid.canvas.list(phase), self.scale);
            let letters = self.laid.letters.as_deref_mut();
            let radius = if m.icon {
                let unit = self.shown.city.mirror.units.get(&m.id);
                let glyph = unit.and_then(|u| self.shown.icons.as_ref()?.get(fleet_icon(&u.fleet)));
                let name = unit.map(|u| names.name(&u.call_sign, &u.call_sign_en).to_string());
                let age = if m.freshness == Freshness::Fresh {
                    String::new()
                } else {
                    words::age(m.age_s)
                };
                let name = name.filter(|_| hovered && !raised).unwrap_or_default();
                marks::unit(
                    &mut pen,
                    letters,
                    style,
                    m,
                    &UnitLook {
                        glyph,
                        hovered,
                        age,
                        name,
                    },
                );
                style.unit_radius
            } else {
                marks::unit_dot(&mut pen, style, m, hovered);
                style.unit_dot
            };
            let radius = radius * m.size * self.scale;
            self.pickable(
                PickTarget::Thing(thing),
                PickShape::Disc {
                    centre: m.pos,
                    radius,
                },
                1,
            );
        }
    }

    /// The time of this frame and how alarms pulse in it.
    fn beat(&self) -> Beat {
        let city = &self.shown.city;
        Beat::new(city.now(), self.shown.style.pulse_s, city.pace())
    }

    fn sensors(&mut self, marks: &[SensorMark]) {
        let beat = self.beat();
        for m in marks {
            let thing = Selection::Sensor(m.id);
            let hovered = self.hovered(thing);
            // What nobody has acknowledged lies above clusters.
            let phase = match (m.selected, m.pulses) {
                (true, _) => MapPhase::Selection,
                (false, Some(_)) => MapPhase::Cases,
                (false, None) => MapPhase::Sensors,
            };
            let mut pen = Pen::new(self.laid.canvas.list(phase), self.scale);
            let letters = self.laid.letters.as_deref_mut();
            marks::sensor(&mut pen, letters, &self.shown.style, m, hovered, beat);
            let shape = if m.chip {
                let half = chip_half(&m.text) * self.scale;
                let centre = m.ground - Vec2::Y * (CHIP_STEM * self.scale + m.raised + half.y);
                PickShape::Rect(Rect::from_center_half_size(centre, half))
            } else {
                PickShape::Disc {
                    centre: m.ground,
                    radius: 2.6 * self.scale,
                }
            };
            self.pickable(PickTarget::Thing(thing), shape, 2);
        }
    }

    fn cases(&mut self, marks: &CaseMarks) {
        let style = &*self.shown.style;
        let beat = self.beat();
        let stems = self.laid.canvas.list(MapPhase::Sensors);
        let mut pen = Pen::new(stems, self.scale);
        for m in &marks.single {
            marks::stem_foot(&mut pen, style, m);
        }
        let pointer_on = |members: &[chengtu_engine::ids::CaseId]| matches!(self.shown.hover.0, Selection::Case(id) if members.contains(&id));
        for c in &marks.clusters {
            let hovered = pointer_on(&c.members);
            let mut pen = Pen::new(self.laid.canvas.list(MapPhase::Clusters), self.scale);
            marks::cluster(
                &mut pen,
                self.laid.letters.as_deref_mut(),
                style,
                c,
                hovered,
            );
            let radius = c.radius(style.cluster_radius) * self.scale;
            self.pickable(
                PickTarget::Cluster(c.members.clone()),
                PickShape::Disc {
                    centre: c.centre,
                    radius,
                },
                0,
            );
        }
        for m in &marks.single {
            let thing = Selection::Case(m.id);
            let phase = if m.selected {
                MapPhase::Selection
            } else {
                MapPhase::Cases
            };
            let look = CaseLook {
                hovered: self.hovered(thing),
                ..CaseLook::default()
            };
            let mut pen = Pen::new(self.laid.canvas.list(phase), self.scale);
            marks::case(
                &mut pen,
                self.laid.letters.as_deref_mut(),
                style,
                m,
                look,
                beat,
            );
            let radius = style.case_ring * self.scale;
            self.pickable(
                PickTarget::Thing(thing),
                PickShape::Disc {
                    centre: m.centre,
                    radius,
                },
                0,
            );
        }
    }

    /// On a wall: the grave ones as bare shapes; one that nobody has acknowledged as its plate says.
    fn wall_cases(&mut self, marks: &CaseMarks) {
        let style = &*self.shown.style;
        let beat = self.beat();
        for m in &marks.single {
            if m.alarm == AlarmMark::Open {
                let mut pen = Pen::new(
                    self.laid.canvas.list(MapPhase::Selection),
                    self.scale * 1.35,
                );
                marks::case(&mut pen, None, style, m, CaseLook::default(), beat);
            } else if rank(m.severity) <= 1 {
                let mut pen = Pen::new(self.laid.canvas.list(MapPhase::Cases), self.scale);
                let (color, factor) = style.severity(m.severity);
                if rank(m.severity) == 0 {
                    pen.diamond(
                        m.ground,
                        style.case_radius * factor + 2.4,
                        style.marker_body,
                    );
                    pen.diamond(m.ground, style.case_radius * factor, color);
                } else {
                    pen.triangle(
                        m.ground,
                        style.case_radius * factor + 3.4,
                        style.marker_body,
                    );
                    pen.triangle(m.ground, style.case_radius * factor, color);
                }
            } else {
                continue;
            }
            let radius = style.case_radius * self.scale;
            self.pickable(
                PickTarget::Thing(Selection::Case(m.id)),
                PickShape::Disc {
                    centre: m.ground,
                    radius,
                },
                0,
            );
        }
    }

    fn callouts(&mut self, cases: &CaseMarks, units: &[UnitMark]) {
        let list: Vec<Callout> = [
            self.case_callout(cases),
            self.unit_callout(units),
            self.detour_callout(units),
        ]
        .into_iter()
        .flatten()
        .collect();
        self.plates(&list);
    }

    /// What the selected case is and how long is left for it.
    fn case_callout(&self, cases: &CaseMarks) -> Option<Callout> {
        let shown = self.shown;
        let (style, mirror, w) = (&*shown.style, &shown.city.mirror, &*shown.words);
        let m = cases.single.iter().find(|m| m.selected)?;
        let case = mirror.cases.get(&m.id)?;
        let classes = mirror.hello.as_ref().map(|h| &h.city.classes);
        let class = classes.and_then(|c| c.get(usize::from(case.class.0)));
        let title = class.map_or_else(
            || format!("#{}", m.id),
            |c| w.name(&c.name, &c.name_en).to_string(),
        );
        let stage = stage_on_map(case.stage, w);
        let text = match case.due_at {
            Some(due) => {
                let left_s = due.seconds_since(shown.city.now());
                let key = if left_s < 0.0 {
                    "map.overdue"
                } else {
                    "map.left"
                };
                let time = words::countdown(left_s.abs());
                w.f(key, &[("time", &time), ("stage", stage)])
            }
            None => stage.to_string(),
        };
        Some(Callout {
            title,
            text,
            of: (m.centre, (style.case_ring + 8.5) * self.scale),
            border: style.line_strong,
            side: 1,
        })
    }

    /// What the unit does that is on offer, sent or selected, and when it would be there.
    fn unit_callout(&self, units: &[UnitMark]) -> Option<Callout> {
        let shown = self.shown;
        let (style, mirror, w) = (&*shown.style, &shown.city.mirror, &*shown.words);
        let id = shown.offer.unit().or(shown.selection.unit())?;
        let m = units.iter().find(|u| u.id == id)?;
        let unit = mirror.units.get(&id)?;
        let status = status_on_map(unit.status, w);
        let expected = unit
            .assignment
            .as_ref()
            .filter(|a| a.arrived_at.is_none())
            .and_then(|a| a.expected_at);
        let ranked = self.ranked(id).filter(|_| shown.offer.sent.is_none());
        let seconds = expected
            .map(|at| at.seconds_since(shown.city.now()).max(0.0))
            .or_else(|| ranked.and_then(|r| r.seconds));
        let text = match ranked.and_then(|r| r.length_m) {
            Some(length_m) => w.f(
                "map.by_road",
                &[("length", &words::length(length_m)), ("status", status)],
            ),
            None => status.to_string(),
        };
        let border = if shown.offer.unit().is_some() {
            style.action
        } else {
            style.line_strong
        };
        Some(Callout {
            title: self.unit_title(id, seconds),
            text,
            of: (m.pos, (style.unit_radius * m.size + 6.0) * self.scale),
            border,
            side: 0,
        })
    }

    /// Why the unit nearest by air is not the one to send.
    fn detour_callout(&self, units: &[UnitMark]) -> Option<Callout> {
        let style = &*self.shown.style;
        let id = self.shown.offer.detour()?;
        let m = units.iter().find(|u| u.id == id)?;
        let row = self.ranked(id)?;
        Some(Callout {
            title: self.unit_title(id, row.seconds),
            text: words::why_not(row, &self.shown.words),
            of: (m.pos, (style.unit_radius * m.size + 3.0) * self.scale),
            border: style.line_strong,
            side: -1,
        })
    }

    /// A unit's line in the ranking of the selected case.
    fn ranked(&self, id: UnitId) -> Option<&ArrivalRow> {
        let shown = self.shown;
        let case = selected_case(&shown.city.mirror, *shown.selection)?;
        let ranking = shown.rankings.get(case)?;
        ranking.rows.iter().find(|row| row.unit == id)
    }

    /// A unit's call sign, with how long it would take where that is known.
    fn unit_title(&self, id: UnitId, seconds: Option<f64>) -> String {
        let known = self.shown.city.mirror.units.get(&id);
        let name = known
            .map(|u| self.shown.words.name(&u.call_sign, &u.call_sign_en))
            .unwrap_or_default();
        seconds.map_or_else(
            || name.to_string(),
            |s| format!("{name} · {}", words::arrival(s)),
        )
    }

    fn plates(&mut self, list: &[Callout]) {
        let Some(letters) = self.laid.letters.as_deref_mut() else {
            return;
        };
        let window = self
            .shown
            .window
            .rect
            .unwrap_or(Rect::from_corners(Vec2::ZERO, self.shown.camera.viewport));
        let window = window.inflate(-8.0);
        let style = &*self.shown.style;
        let mut taken: Vec<Rect> = list
            .iter()
            .map(|c| Rect::from_center_half_size(c.of.0, Vec2::splat(c.of.1)))
            .collect();
        let markers: Vec<Rect> = self
            .laid
            .pickables
            .0
            .iter()
            .map(|p| p.shape.bounds())
            .collect();
        let mut plates = Vec::new();
        for c in list
            .iter()
            .filter(|c| window.inflate(60.0).contains(c.of.0))
        {
            let rect = callout::place(letters, style, c, self.scale, window, &taken, &markers);
            let mut pen = Pen::new(self.laid.canvas.list(MapPhase::Callouts), self.scale);
            callout::paint(&mut pen, letters, style, c, rect);
            taken.push(rect);
            plates.push(rect);
        }
        self.laid.obstacles.set("callouts", plates);
    }
}
