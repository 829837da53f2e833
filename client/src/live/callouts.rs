//! What is told beside the selected case, the unit on offer and the one that only seems nearer.

use super::callout::{self, Around, Callout};
use super::cases::CaseMarks;
use super::follow::selected_case;
use super::marks;
use super::paint::Pen;
use super::plates::CalloutOf;
use super::stage::Painter;
use super::units::UnitMark;
use super::words;
use crate::facts::case::{remaining_s, stage_on_map};
use crate::facts::unit::status_on_map;
use crate::render::MapPhase;
use crate::space::Shape;
use bevy::math::{Rect, Vec2};
use chengtu_engine::ids::UnitId;
use chengtu_engine::rank::ArrivalRow;

impl Painter<'_, '_, '_> {
    pub(super) fn callouts(&mut self, cases: &CaseMarks, units: &[UnitMark]) {
        let list: Vec<Callout> = [
            self.case_callout(cases),
            self.unit_callout(units),
            self.detour_callout(units),
        ]
        .into_iter()
        .flatten()
        .collect();
        self.plates(
            &list,
            &self.marks_about(cases, units),
            &self.clusters(cases),
        );
    }

    /// Clusters say a number: nothing is written over it.
    fn clusters(&self, cases: &CaseMarks) -> Vec<Rect> {
        let (style, scale) = (&*self.shown.style, self.scale);
        let of = cases.clusters.iter();
        of.map(|c| {
            let radius = c.radius(style.cluster_radius) * scale;
            Rect::from_center_half_size(c.centre, Vec2::splat(radius))
        })
        .collect()
    }

    /// What plates should not lie on: everything that is painted by now or soon.
    fn marks_about(&self, cases: &CaseMarks, units: &[UnitMark]) -> Vec<Rect> {
        let (style, scale) = (&*self.shown.style, self.scale);
        let single = cases.single.iter();
        let single = single.flat_map(|m| marks::case_extent(style, m, scale));
        let units = units.iter().map(|m| marks::unit_extent(style, m, scale));
        single.chain(units).collect()
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
        // The clock of the panel: what is handled or over has none that runs.
        let left_s = remaining_s(case, shown.city.now()).filter(|_| case.stage.is_open());
        let text = match left_s {
            Some(left_s) => {
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
            kind: CalloutOf::Case,
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
            .map(|at| at.seconds_since(shown.city.now()))
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
            kind: CalloutOf::Unit,
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
            kind: CalloutOf::Detour,
        })
    }

    /// A unit's line in the ranking of the selected case.
    fn ranked(&self, id: UnitId) -> Option<&ArrivalRow> {
        let shown = self.shown;
        let case = selected_case(&shown.city.mirror, *shown.selection)?;
        let ranking = shown.rankings.get(case)?;
        ranking.rows.iter().find(|row| row.unit == id)
    }

    /// A unit's call sign, with how long it would take where that is known; below 0 it should be there since then.
    fn unit_title(&self, id: UnitId, seconds: Option<f64>) -> String {
        let known = self.shown.city.mirror.units.get(&id);
        let name = known
            .map(|u| self.shown.words.name(&u.call_sign, &u.call_sign_en))
            .unwrap_or_default();
        seconds.map_or_else(
            || name.to_string(),
            |s| format!("{name} · {}", words::arrival_or_late(s, &self.shown.words)),
        )
    }

    fn plates(&mut self, list: &[Callout], markers: &[Rect], clusters: &[Rect]) {
        let shown = self.shown;
        let Some(letters) = self.laid.letters.as_deref_mut() else {
            return;
        };
        let window = shown
            .window
            .rect
            .unwrap_or(Rect::from_corners(Vec2::ZERO, shown.camera.viewport))
            .inflate(-8.0);
        let style = &*shown.style;
        let mut taken: Vec<Rect> = list
            .iter()
            .map(|c| Rect::from_center_half_size(c.of.0, Vec2::splat(c.of.1)))
            .collect();
        // What the panels lay over the map hides a plate below it: an alarm, a notice, a question.
        taken.extend_from_slice(self.laid.obstacles.of("panels"));
        taken.extend_from_slice(clusters);
        let mut kept = Vec::new();
        let mut claims = Vec::new();
        for c in list
            .iter()
            .filter(|c| window.inflate(60.0).contains(c.of.0))
        {
            let around = Around {
                window,
                taken: &taken,
                markers,
            };
            let before = self.laid.plates.callout(c.kind);
            let (rect, place) = callout::place(letters, style, c, self.scale, &around, before);
            // Its marker lies so far under a panel that half a plate would be all that is seen.
            let panels = self.laid.obstacles.of("panels");
            if panels.iter().any(|p| !p.intersect(rect).is_empty()) {
                continue;
            }
            let mut pen = Pen::new(self.laid.canvas.list(MapPhase::Callouts), self.scale);
            callout::paint(&mut pen, letters, style, c, rect);
            taken.push(rect);
            kept.push((c.kind, place));
            claims.push((c.kind, rect));
            claims.extend(callout::leader(c, rect).map(|r| (c.kind, r)));
        }
        self.laid.plates.keep_callouts(kept);
        for (kind, rect) in claims {
            self.space.claim(Shape::Rect(rect));
            self.stands((4, kind as u64), [rect]);
        }
    }
}
