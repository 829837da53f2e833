use super::areas::areas;
use super::config::HotspotConfig;
use super::density::DensityGrid;
use super::error::HotspotError;
use super::getis_ord::GetisOrd;
use super::groups::{Hotspots, hotspot, rank};
use super::heat::Heat;
use super::lattice::Lattice;
use super::past::{CaseSpan, hot_since};
use super::significance::unusual;
use crate::geo::{GeoBox, LocalFrame, Metres, Position};
use std::collections::BTreeMap;

/// The open cases of a city as a density surface and as hotspots, kept up to date case by case.
///
/// Cost: a case touches the cells within its bandwidth and neighbourhoods; an evaluation is linear in the cells of
/// the lattice with a few operations each, and n log n in those that may be significant.
#[derive(Clone, Debug)]
pub struct HotspotField {
    config: HotspotConfig,
    cases: BTreeMap<u64, Position>,
    heat: Heat,
    frame: LocalFrame,
    density: DensityGrid,
    lattice: Lattice,
    getis_ord: GetisOrd,
    hotspots: Hotspots,
}

impl HotspotField {
    /// An empty field over an extent. Grid and lattice begin at its south-west corner. `city`: places where the city is;
    /// cells without any of them are no part of it until a case is there. Empty: the whole extent is city.
    ///
    /// # Errors
    /// [`HotspotError`] saying which setting is impossible.
    pub fn new(
        extent: GeoBox,
        config: HotspotConfig,
        city: &[Position],
    ) -> Result<Self, HotspotError> {
        if !(config.significance > 0.0 && config.significance < 1.0) {
            return Err(HotspotError::Significance(config.significance));
        }
        let middle = |a: i32, b: i32| i32::midpoint(a, b);
        let frame = LocalFrame::new(Position::new(
            middle(extent.min.lon_e7, extent.max.lon_e7),
            middle(extent.min.lat_e7, extent.max.lat_e7),
        ));
        let (origin, corner) = (frame.metres(extent.min), frame.metres(extent.max));
        let (width_m, height_m) = (
            corner.east_m - origin.east_m,
            corner.north_m - origin.north_m,
        );
        let c = &config;
        let density = DensityGrid::new(
            origin,
            width_m,
            height_m,
            c.density_cell_m,
            c.kernel,
            c.bandwidth_m,
        )?;
        let lattice = Lattice::new(c.lattice, c.lattice_size_m, origin, width_m, height_m)?;
        let is_city = city_cells(&lattice, city.iter().map(|p| frame.metres(*p)));
        let getis_ord = GetisOrd::new(&lattice, c.bands_m, is_city)?;
        Ok(Self {
            config,
            cases: BTreeMap::new(),
            heat: Heat::default(),
            frame,
            density,
            lattice,
            getis_ord,
            hotspots: Hotspots::default(),
        })
    }

    /// Adds an open case, or moves it when it is there. A case outside the extent is kept but not counted in cells.
    pub fn add(&mut self, case: u64, position: Position) {
        match self.cases.insert(case, position) {
            Some(before) if before == position => return,
            Some(before) => self.uncount(before),
            None => {}
        }
        let at = self.frame.metres(position);
        self.density.add(at);
        if let Some(cell) = self.lattice.cell_at(at) {
            self.getis_ord.add(&self.lattice, cell);
        }
    }

    /// Takes a case away; false when it was not there.
    pub fn remove(&mut self, case: u64) -> bool {
        let before = self.cases.remove(&case);
        if let Some(position) = before {
            self.uncount(position);
        }
        before.is_some()
    }

    /// Has the open cases be these and no others, as of `now`, µs UTC: what became hot later is forgotten. For a city
    /// that has gone to another moment.
    ///
    /// Cost: as adding and removing what differs.
    pub fn go_to(&mut self, open: &BTreeMap<u64, Position>, now: i64) {
        let had: Vec<u64> = self.cases.keys().copied().collect();
        for case in had.into_iter().filter(|c| !open.contains_key(c)) {
            self.remove(case);
        }
        for (case, position) in open {
            self.add(*case, *position);
        }
        self.heat.go_to(now);
    }

    /// Finds since when the cells have been hot that were hot at `at`, µs UTC, from the cases of before it: for a city that
    /// was not watched until then. What was noted of them is replaced.
    ///
    /// Cost: an evaluation for every minute in which a case came or went, further back for less and less of them, to when
    /// none of them was hot, see [`super::LOOKS_BACK_MAX`].
    pub fn look_back(&mut self, cases: &[CaseSpan], at: i64) {
        let cell_of = |p: Position| self.lattice.cell_at(self.frame.metres(p));
        let since = hot_since(
            &self.lattice,
            self.getis_ord.emptied(),
            &self.config,
            cases,
            cell_of,
            at,
        );
        self.heat.know(since, at);
    }

    fn uncount(&mut self, position: Position) {
        let at = self.frame.metres(position);
        self.density.remove(at);
        if let Some(cell) = self.lattice.cell_at(at) {
            self.getis_ord.remove(&self.lattice, cell);
        }
    }

    /// Finds the hotspots of now, µs UTC, and notes since when each of their cells has been hot.
    pub fn evaluate(&mut self, now: i64) -> &Hotspots {
        let (counts, lattice) = (&self.getis_ord, &self.lattice);
        let config = &self.config;
        let windows = unusual(counts, config.significance, config.cases_min);
        let found = areas(lattice, counts, &windows);
        let mut area_of: BTreeMap<u32, usize> = BTreeMap::new();
        for (i, area) in found.iter().enumerate() {
            area_of.extend(area.cells.iter().map(|c| (*c, i)));
        }
        let grace_us = i64::from(self.config.grace_s) * 1_000_000;
        let since = self.heat.note(area_of.keys().copied(), now, grace_us);
        let mut sums = vec![(0i64, 0i64); found.len()];
        for p in self.cases.values() {
            let cell = self.lattice.cell_at(self.frame.metres(*p));
            if let Some(area) = cell.and_then(|c| area_of.get(&c)) {
                sums[*area].0 += i64::from(p.lon_e7);
                sums[*area].1 += i64::from(p.lat_e7);
            }
        }
        let mut ranked: Vec<_> = found
            .iter()
            .zip(sums)
            .map(|(area, sum)| hotspot(lattice, &self.frame, counts, area, &since, sum))
            .collect();
        rank(&mut ranked);
        self.hotspots = Hotspots {
            evaluated_at: now,
            ranked,
        };
        &self.hotspots
    }

    /// What the last evaluation found; nothing before the first.
    pub fn hotspots(&self) -> &Hotspots {
        &self.hotspots
    }

    /// The density surface.
    pub fn density(&self) -> &DensityGrid {
        &self.density
    }

    /// The rectangle the density surface covers, for drawing it.
    pub fn density_box(&self) -> GeoBox {
        let at = |m: Metres| self.frame.position(m);
        GeoBox::new(at(self.density.origin()), at(self.density.corner()))
    }

    /// The counting cells.
    pub fn lattice(&self) -> &Lattice {
        &self.lattice
    }

    /// The corners of a cell, counter-clockwise; empty when there is no such cell.
    pub fn cell_outline(&self, cell: u32) -> Vec<Position> {
        if cell as usize >= self.lattice.len() {
            return Vec::new();
        }
        let place = |c| self.frame.position(self.lattice.corner(c));
        self.lattice.corners(cell).into_iter().map(place).collect()
    }

    /// Counts in the cells, and what is around them.
    pub fn counts(&self) -> &GetisOrd {
        &self.getis_ord
    }

    /// Number of open cases, those outside the extent included.
    pub fn case_count(&self) -> usize {
        self.cases.len()
    }

    /// How hotspots are found here.
    pub fn config(&self) -> &HotspotConfig {
        &self.config
    }

    /// Local ground metres of the field, in which all distances are measured.
    pub fn frame(&self) -> &LocalFrame {
        &self.frame
    }
}

/// Which cells are city: those with a place of it. Empty where no place is given.
fn city_cells(lattice: &Lattice, places: impl Iterator<Item = Metres>) -> Vec<bool> {
    let mut is_city = Vec::new();
    for cell in places.filter_map(|p| lattice.cell_at(p)) {
        is_city.resize(lattice.len(), false);
        is_city[cell as usize] = true;
    }
    is_city
}

#[cfg(test)]
mod tests {
    use super::super::config::LatticeKind;
    use super::*;

    const MINUTE: i64 = 60_000_000;

    fn extent() -> GeoBox {
        GeoBox::new(
            Position::new(1_187_700_000, 320_300_000),
            Position::new(1_188_100_000, 320_600_000),
        )
    }

    fn field() -> HotspotField {
        HotspotField::new(extent(), HotspotConfig::default(), &[]).unwrap()
    }

    fn near(field: &HotspotField, east_m: f64, north_m: f64, i: u32) -> Position {
        let (dx, dy) = (f64::from(i * 37 % 90), f64::from(i * 53 % 90));
        field.frame.position(Metres {
            east_m: east_m + dx,
            north_m: north_m + dy,
        })
    }

    fn with_a_cluster() -> HotspotField {
        let mut f = field();
        for i in 0..40u32 {
            let far = f.frame.position(Metres {
                east_m: f64::from(i * 7919 % 3500) - 1750.0,
                north_m: f64::from(i * 104_729 % 3100) - 1550.0,
            });
            f.add(1000 + u64::from(i), far);
        }
        for i in 0..15 {
            let p = near(&f, 400.0, -300.0, i);
            f.add(u64::from(i), p);
        }
        f
    }

    #[test]
    fn a_cluster_becomes_a_hotspot_where_it_is_and_goes_with_its_cases() {
        let mut f = with_a_cluster();
        let found = f.evaluate(5 * MINUTE).clone();
        let spot = &found.ranked[0];
        assert!(
            spot.cases >= 15 && spot.z > 4.0 && spot.q < 0.05,
            "{spot:?}"
        );
        let centre = f.frame.metres(spot.centre);
        assert!(
            centre.distance_m(Metres {
                east_m: 445.0,
                north_m: -255.0
            }) < 60.0,
            "{centre:?}"
        );
        assert_eq!(spot.since, 5 * MINUTE);
        let ring: Vec<Metres> = spot.outline[0].iter().map(|p| f.frame.metres(*p)).collect();
        let inside = ring.iter().map(|m| m.east_m).fold(f64::INFINITY, f64::min) < 445.0;
        assert!(inside && ring.len() >= 4);
        assert!(spot.expected < 2.0, "{spot:?}");

        let later = f.evaluate(9 * MINUTE).clone();
        assert_eq!(
            (later.ranked[0].since, later.ranked[0].id),
            (5 * MINUTE, spot.id)
        );
        (0..15).for_each(|case| assert!(f.remove(case)));
        assert!(!f.remove(3));
        assert!(
            f.evaluate(10 * MINUTE)
                .ranked
                .iter()
                .all(|s| s.id != spot.id)
        );
    }

    #[test]
    fn heat_survives_a_short_break_and_not_a_long_one() {
        let mut f = with_a_cluster();
        let start = f.evaluate(0).ranked[0].clone();
        let empty = |f: &mut HotspotField| (0..15).for_each(|case| assert!(f.remove(case)));
        let fill = |f: &mut HotspotField| {
            for i in 0..15 {
                let p = near(f, 400.0, -300.0, i);
                f.add(u64::from(i), p);
            }
        };
        empty(&mut f);
        f.evaluate(2 * MINUTE);
        fill(&mut f);
        assert_eq!(f.evaluate(4 * MINUTE).ranked[0].since, start.since);
        empty(&mut f);
        f.evaluate(20 * MINUTE);
        fill(&mut f);
        assert_eq!(f.evaluate(21 * MINUTE).ranked[0].since, 21 * MINUTE);
    }

    #[test]
    fn the_same_cases_give_the_same_answer_whatever_came_between() {
        let mut f = with_a_cluster();
        let mut other = field();
        for (case, p) in f.cases.iter().rev() {
            other.add(*case, near(&f, 0.0, 0.0, 1));
            other.add(*case, *p);
            other.add(9999, near(&f, -900.0, 0.0, 5));
        }
        other.remove(9999);
        assert_eq!(f.evaluate(MINUTE), other.evaluate(MINUTE));
        assert!(f.density.values().eq(other.density.values()));
    }

    #[test]
    fn an_empty_city_and_a_case_outside_make_no_hotspot() {
        let mut f = field();
        assert_eq!(f.evaluate(1).ranked, []);
        f.add(1, Position::new(0, 0));
        f.add(2, extent().max);
        assert!(f.evaluate(2).ranked.is_empty());
        assert_eq!(f.case_count(), 2);
        assert!(f.remove(1) && f.remove(2));
        assert_eq!(f.density.peak(), 0.0);
    }

    #[test]
    fn hexagons_do_as_well_and_impossible_settings_are_refused() {
        let config = HotspotConfig {
            lattice: LatticeKind::Hexagon,
            ..HotspotConfig::default()
        };
        let mut f = HotspotField::new(extent(), config, &[]).unwrap();
        for (case, p) in with_a_cluster().cases {
            f.add(case, p);
        }
        assert!(f.evaluate(0).ranked[0].cases >= 15);
        let cell = f.hotspots().ranked[0].cells[0];
        assert_eq!(
            (f.cell_outline(cell).len(), f.cell_outline(u32::MAX).len()),
            (6, 0)
        );
        let bad = HotspotConfig {
            significance: 0.0,
            ..config
        };
        assert_eq!(
            HotspotField::new(extent(), bad, &[]).unwrap_err(),
            HotspotError::Significance(0.0)
        );
        let bad = HotspotConfig {
            bands_m: [-1.0, 200.0, 400.0],
            ..config
        };
        assert!(matches!(
            HotspotField::new(extent(), bad, &[]),
            Err(HotspotError::Neighbourhood { .. })
        ));
    }
}
