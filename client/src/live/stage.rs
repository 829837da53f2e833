//! Lays out every marker of a frame: who gets the space, what is painted in which order, what can be picked.

use super::MarkerScale;
use super::cases::{self, AlarmMark, CaseMark, CaseMarks, CaseMetrics};
use super::cluster::ClusterRules;
use super::ghosts::{self, GhostTracks};
use super::marks::{self, Beat, CHIP_STEM, CLUSTER_RIM, CaseLook, UnitLook, chip_half};
use super::memory::ClusterMemory;
use super::paint::{Canvas, Letters, Pen};
use super::parting;
use super::pickable::{PickShape, PickTarget, Pickable, Pickables};
use super::plates::PlateMemory;
use super::sensors::{self, SensorMark, SensorRules};
use super::style::{LiveStyle, rank};
use super::units::{Freshness, UnitMark, UnitRules, UnitTracks};
use super::views;
use super::watermark;
use super::words;
use super::{Hover, LayerVisibility, LiveOptions, Marked, Offer, Selection, fleet_icon};
use crate::camera::{MapCamera, MapWindow};
use crate::facts::alarm::shouting;
use crate::facts::hotspot::{RANKED, cases_against};
use crate::i18n::Words;
use crate::labels::Obstacles;
use crate::net::{City, CityChanged, Rankings};
use crate::render::{IconAtlas, MapPhase};
use crate::space::{Shape, Space};
use bevy::ecs::system::SystemParam;
use bevy::math::DVec2;
use bevy::prelude::*;
use chengtu_engine::model::AlarmSource;
use std::collections::BTreeMap;

/// Cases closer than this may become a cluster, logical pixels.
const CLUSTER_PX: f32 = 66.0;
/// Below this zoom units are dots.
const ICON_ZOOM: f64 = 13.4;

#[derive(SystemParam)]
pub(super) struct Shown<'w> {
    pub(super) city: Res<'w, City>,
    pub(super) camera: Res<'w, MapCamera>,
    pub(super) window: Res<'w, MapWindow>,
    pub(super) style: Res<'w, LiveStyle>,
    pub(super) layers: Res<'w, LayerVisibility>,
    pub(super) selection: Res<'w, Selection>,
    pub(super) hover: Res<'w, Hover>,
    pub(super) marked: Res<'w, Marked>,
    pub(super) offer: Res<'w, Offer>,
    pub(super) rankings: Res<'w, Rankings>,
    pub(super) words: Res<'w, Words>,
    pub(super) icons: Option<Res<'w, IconAtlas>>,
    pub(super) options: Res<'w, LiveOptions>,
}

#[derive(SystemParam)]
pub(super) struct Laid<'w> {
    pub(super) memory: ResMut<'w, ClusterMemory>,
    pub(super) plates: ResMut<'w, PlateMemory>,
    pub(super) tracks: ResMut<'w, UnitTracks>,
    pub(super) ghosts: Res<'w, GhostTracks>,
    pub(super) letters: Option<ResMut<'w, Letters>>,
    pub(super) canvas: ResMut<'w, Canvas>,
    pub(super) pickables: ResMut<'w, Pickables>,
    pub(super) obstacles: ResMut<'w, Obstacles>,
    pub(super) scale: ResMut<'w, MarkerScale>,
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
    let frozen = shown.city.frozen_frame();
    laid.memory.begin_moment(frozen);
    laid.plates.begin_moment(frozen);
    let mut space = Space::default();
    let case_marks = lay_cases(&shown, &mut laid, &mut space, scale, wall);
    let unit_marks = lay_units(&shown, &mut laid, &mut space, scale, wall);
    // Panels lie over marks; what is written keeps off them.
    for rect in laid.obstacles.of("panels") {
        space.claim(Shape::Rect(*rect));
    }
    let mut painter = Painter {
        shown: &shown,
        laid: &mut laid,
        space,
        standing: Vec::new(),
        passing: Vec::new(),
        scale,
    };
    if wall {
        painter.wall(&case_marks, &unit_marks);
    } else {
        painter.desk(&case_marks, &unit_marks);
    }
    painter.ghosts(&unit_marks, wall);
    painter.views();
    painter.tell_names();
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
    let radius = |c: &cases::ClusterMark| c.radius(style.cluster_radius) * scale;
    parting::part_clusters(&mut marks.clusters, &marks.single, metrics.ring, radius);
    for m in &marks.single {
        space.claim_for(m.id.0, Shape::Disc(m.centre, metrics.ring));
    }
    for c in &marks.clusters {
        space.claim(Shape::Disc(c.centre, radius(c)));
    }
    if let Some(letters) = laid.letters.as_deref_mut().filter(|_| !wall) {
        let told = |m: &&mut CaseMark| m.reports > 1 && m.alarm != AlarmMark::Acknowledged;
        for m in marks.single.iter_mut().rev().filter(told) {
            let places = marks::pill_places(letters, style, m, scale);
            let free = |rect: &Rect| space.is_free_for(m.id.0, Shape::Rect(*rect));
            m.pill = places.into_iter().find(free);
            if let Some(rect) = m.pill {
                space.claim(Shape::Rect(rect));
            }
        }
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
    // What drives takes no place from what is written: it would make it jump.
    let mut for_icons = space.clone();
    let marks = laid.tracks.layout(
        mirror,
        &shown.camera,
        now,
        *shown.selection,
        shown.offer.unit(),
        &rules,
        &mut for_icons,
    );
    for m in marks.iter().filter(|m| !m.passes()) {
        let extent = marks::unit_extent(&shown.style, m, scale);
        space.claim(Shape::Rect(extent));
    }
    marks
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
            hovered: shown.hover.0,
        },
        space,
    )
}

pub(super) struct Painter<'a, 's, 'l> {
    pub(super) shown: &'a Shown<'s>,
    pub(super) laid: &'a mut Laid<'l>,
    /// What stands on the screen so far.
    pub(super) space: Space,
    /// What names keep clear of, each with a number that does not change with the view; and what only passes.
    standing: Vec<((u8, u64), Rect)>,
    passing: Vec<Rect>,
    pub(super) scale: f32,
}

/// Free room between marks and names, logical pixels.
const CLEAR_PX: f32 = 2.0;

impl Painter<'_, '_, '_> {
    fn desk(&mut self, cases: &CaseMarks, units: &[UnitMark]) {
        // Who comes first has the place: what is selected, areas, sensors, what stands beside units.
        self.callouts(cases, units);
        self.pin();
        self.closed_roads();
        self.hotspots(false);
        let sensors = lay_sensors(self.shown, &mut self.space, self.scale);
        self.watermark();
        self.coarse();
        self.units(units);
        self.sensors(&sensors);
        self.cases(cases);
    }

    fn wall(&mut self, cases: &CaseMarks, units: &[UnitMark]) {
        let mut sensors = lay_sensors(self.shown, &mut self.space, self.scale);
        if let Some(alarm) = shouting(&self.shown.city.mirror) {
            // The alarm that shouts has a mark of its own there.
            sensors.retain(|m| alarm.source != AlarmSource::Sensor(m.id));
        }
        self.watermark();
        self.coarse();
        self.units(units);
        self.sensors(&sensors);
        self.wall_cases(cases);
        // Ranks are read from afar: nothing lies on them.
        self.hotspots(true);
        self.closed_roads();
    }

    /// Names keep clear of these.
    pub(super) fn stands(&mut self, key: (u8, u64), rects: impl IntoIterator<Item = Rect>) {
        let rects = rects.into_iter().map(|r| (key, r.inflate(CLEAR_PX)));
        self.standing.extend(rects);
    }

    /// Tells the names what there is on the map.
    fn tell_names(self) {
        let Self {
            laid,
            mut standing,
            passing,
            ..
        } = self;
        standing.sort_by_key(|(key, _)| *key);
        let rects = standing.into_iter().map(|(_, r)| r).collect();
        laid.obstacles.set("marks", rects);
        laid.obstacles.set_passing(passing);
    }

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
            let told = (self.shown.city.world(), self.shown.words.lang());
            watermark::paint(&mut pen, letters, style, told, screen);
        }
    }

    /// Counts of traffic where the view is too wide for each vehicle: a dot a cell, larger with more of them.
    fn coarse(&mut self) {
        let shown = self.shown;
        if !shown.layers.traffic {
            return;
        }
        let mut pen = Pen::new(self.laid.canvas.list(MapPhase::Watermark), self.scale);
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

    /// Plates of significant areas. One that finds no room on its outline is left out: the list of areas has it.
    fn hotspots(&mut self, wall: bool) {
        let shown = self.shown;
        if !shown.layers.hotspots {
            return;
        }
        let Some(letters) = self.laid.letters.as_deref_mut() else {
            return;
        };
        let (style, scale) = (&*shown.style, self.scale);
        let mut kept = BTreeMap::new();
        let mut plates = Vec::new();
        // On a wall those that it lists, over whatever else stands there, and never over one another or under its plates.
        let mut on_wall = Space::default();
        for rect in self.laid.obstacles.of("panels") {
            on_wall.claim(Shape::Rect(*rect));
        }
        let most = if wall { RANKED } else { usize::MAX };
        for area in shown.city.mirror.hotspots.iter().take(most) {
            let told = cases_against(area, &shown.words);
            let before = self.laid.plates.area(&area.name);
            let places = super::hotspots::plate_places(
                letters,
                style,
                &shown.camera,
                (area, &told),
                before,
                (wall, scale),
            );
            let space = if wall { &mut on_wall } else { &mut self.space };
            let free = |(rect, _): &(Rect, _)| space.is_free(Shape::Rect(*rect));
            if let Some((rect, place)) = places.into_iter().find(free) {
                space.claim(Shape::Rect(rect));
                if wall {
                    self.space.claim(Shape::Rect(rect));
                }
                kept.insert(area.name.clone(), place);
                plates.push((area, told, rect));
            }
        }
        self.laid.plates.keep_areas(kept);
        // Above clusters, below cases. The first rank is painted last, over the others.
        let mut pen = Pen::new(self.laid.canvas.list(MapPhase::Cases), scale);
        for (area, told, rect) in plates.iter().rev() {
            let at = rect.center();
            super::hotspots::plate(&mut pen, letters, style, at, (area, told), wall);
        }
        for (area, _, rect) in plates {
            self.stands((5, u64::from(area.rank)), [rect]);
        }
    }

    /// Names of the officers whose views are outlined.
    fn views(&mut self) {
        let shown = self.shown;
        let Some(letters) = self.laid.letters.as_deref_mut() else {
            return;
        };
        let (camera, city) = (&*shown.camera, &*shown.city);
        let whole = Rect::from_corners(Vec2::ZERO, camera.viewport);
        let window = shown.window.rect.unwrap_or(whole);
        let mut pen = Pen::new(self.laid.canvas.list(MapPhase::Sensors), self.scale);
        let list = (views::shown(city, &shown.layers), city.now(), &*shown.words);
        let canvas = (camera, window, &mut self.space);
        let names = views::names(&mut pen, letters, &shown.style, canvas, list);
        for (i, rect) in names.into_iter().enumerate() {
            self.stands((6, i as u64), [rect]);
        }
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
        let taken = ghosts::paint(
            self.laid.canvas.list(MapPhase::Dots),
            self.laid.letters.as_deref_mut(),
            (&shown.style, shown.icons.as_deref()),
            &list,
            (&shown.words, self.scale),
            &mut self.space,
        );
        // Ghosts drive.
        self.passing.extend(taken);
    }

    fn units(&mut self, marks: &[UnitMark]) {
        let style = &*self.shown.style;
        for m in marks {
            let thing = Selection::Unit(m.id);
            let raised = m.selected || m.best;
            let phase = match (m.icon, raised) {
                (_, true) => MapPhase::Selection,
                (true, false) => MapPhase::Icons,
                (false, false) => MapPhase::Dots,
            };
            let look = self.unit_look(m);
            let mut pen = Pen::new(self.laid.canvas.list(phase), self.scale);
            let letters = self.laid.letters.as_deref_mut();
            let radius = if m.icon {
                marks::unit(&mut pen, letters, style, m, &look);
                style.unit_radius
            } else {
                marks::unit_dot(&mut pen, style, m, look.hovered);
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
            let extent = [marks::unit_extent(style, m, self.scale)];
            let rects = extent.into_iter().chain(look.beside);
            if m.passes() {
                self.passing.extend(rects.map(|r| r.inflate(CLEAR_PX)));
            } else {
                self.stands((3, u64::from(m.id.0)), rects);
            }
        }
    }

    /// What a unit's marker shows, and where what stands beside it finds room.
    fn unit_look(&mut self, m: &UnitMark) -> UnitLook {
        let shown = self.shown;
        let hovered = self.hovered(Selection::Unit(m.id));
        let unit = shown.city.mirror.units.get(&m.id).filter(|_| m.icon);
        let glyph = unit.and_then(|u| shown.icons.as_ref()?.get(fleet_icon(&u.fleet)));
        let named = hovered && !(m.selected || m.best);
        let name = unit
            .filter(|_| named)
            .map_or("", |u| shown.words.name(&u.call_sign, &u.call_sign_en));
        let age = match m.freshness {
            Freshness::Fresh => String::new(),
            _ => words::age(m.age_s),
        };
        let mut look = UnitLook {
            glyph,
            hovered,
            age,
            name: name.to_string(),
            beside: None,
        };
        let silent = look.age.is_empty() && look.name.is_empty();
        if let Some(letters) = self.laid.letters.as_deref_mut()
            && m.icon
            && !silent
        {
            let places = marks::beside_places(letters, &shown.style, m, &look, self.scale);
            // What is pointed at says its name in any case.
            let forced = places.first().copied().filter(|_| named);
            look.beside = self.space.first_free(places).or(forced);
        }
        look
    }

    /// The place that was chosen.
    fn pin(&mut self) {
        let shown = self.shown;
        let Selection::Place(place) = *shown.selection else {
            return;
        };
        let Some(at) = shown.camera.screen_from_world(place).map(|p| p.pos) else {
            return;
        };
        let mut pen = Pen::new(self.laid.canvas.list(MapPhase::Selection), self.scale);
        marks::pin(&mut pen, &shown.style, at);
        let extent = marks::pin_extent(at, self.scale);
        self.space.claim(Shape::Rect(extent));
        self.stands((7, 0), [extent]);
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
                PickShape::Rect(marks::chip_rect(m, self.scale))
            } else {
                PickShape::Disc {
                    centre: m.ground,
                    radius: marks::dot_radius(m) * self.scale,
                }
            };
            self.pickable(PickTarget::Thing(thing), shape, 2);
            let extent = marks::sensor_extent(m, self.scale);
            self.stands((2, u64::from(m.id.0)), extent);
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
            let shape = PickShape::Disc {
                centre: c.centre,
                radius,
            };
            let rim = Vec2::splat(CLUSTER_RIM * self.scale + radius);
            let extent = Rect::from_center_half_size(c.centre, rim);
            let first = c.members.first().map_or(0, |m| m.0);
            self.pickable(PickTarget::Cluster(c.members.clone()), shape, 0);
            self.stands((1, first), [extent]);
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
                marked: self.shown.marked.0.contains(&m.id),
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
            let extent = marks::case_extent(style, m, self.scale);
            self.stands((0, m.id.0), extent);
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
            let flat = CaseMark {
                centre: m.ground,
                ..*m
            };
            let scale = self.scale
                * if m.alarm == AlarmMark::Open {
                    1.35
                } else {
                    1.0
                };
            let extent = marks::case_extent(style, &flat, scale);
            self.stands((0, m.id.0), extent);
        }
    }
}
