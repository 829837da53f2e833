//! Which areas have a unit in them, and for how long they had none.

use super::scenario::Area;
use crate::geo::Position;
use crate::ids::UnitId;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// A stretch without any unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub area: u32,
    pub from: Timestamp,
    /// `None`: still empty.
    pub to: Option<Timestamp>,
}

#[derive(Clone, Debug, Default)]
struct Place {
    /// Areas that contain its position.
    areas: Vec<u32>,
    out: bool,
}

/// Units by area. A unit out of service covers nothing.
#[derive(Clone, Debug)]
pub(super) struct Cover {
    areas: Vec<Area>,
    units: BTreeMap<UnitId, Place>,
    count: Vec<u32>,
    gaps: Vec<Gap>,
    begun: bool,
}

impl Cover {
    pub fn new(areas: &[Area]) -> Self {
        Self {
            areas: areas.to_vec(),
            units: BTreeMap::new(),
            count: vec![0; areas.len()],
            gaps: Vec::new(),
            begun: false,
        }
    }

    /// From now on an area without a unit is noted.
    pub fn begin(&mut self, now: Timestamp) {
        self.begun = true;
        for area in 0..self.count.len() {
            self.note(area, now);
        }
    }

    pub fn moved(&mut self, unit: UnitId, position: Position, now: Timestamp) {
        let inside = |(at, a): (usize, &Area)| a.contains(position).then_some(at as u32);
        let areas: Vec<u32> = self.areas.iter().enumerate().filter_map(inside).collect();
        let place = self.units.entry(unit).or_default();
        if place.areas == areas {
            return;
        }
        let out = place.out;
        let before = std::mem::replace(&mut place.areas, areas.clone());
        if !out {
            self.change(&before, &areas, now);
        }
    }

    pub fn set_out(&mut self, unit: UnitId, out: bool, now: Timestamp) {
        let place = self.units.entry(unit).or_default();
        if place.out == out {
            return;
        }
        place.out = out;
        let areas = place.areas.clone();
        if out {
            self.change(&areas, &[], now);
        } else {
            self.change(&[], &areas, now);
        }
    }

    fn change(&mut self, before: &[u32], after: &[u32], now: Timestamp) {
        for a in before {
            self.count[*a as usize] -= 1;
        }
        for a in after {
            self.count[*a as usize] += 1;
        }
        for a in before.iter().chain(after) {
            self.note(*a as usize, now);
        }
    }

    fn note(&mut self, area: usize, now: Timestamp) {
        if !self.begun {
            return;
        }
        let running = |g: &&mut Gap| g.area as usize == area && g.to.is_none();
        let open = self.gaps.iter_mut().rev().find(running);
        match (self.count[area], open) {
            (0, None) => self.gaps.push(Gap {
                area: area as u32,
                from: now,
                to: None,
            }),
            (1.., Some(gap)) => gap.to = Some(now),
            _ => {}
        }
    }

    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    pub fn empty_now(&self) -> Vec<(u32, Timestamp)> {
        let open = self.gaps.iter().filter(|g| g.to.is_none());
        open.map(|g| (g.area, g.from)).collect()
    }

    /// Seconds that an area was without a unit, until `now`.
    pub fn empty_s(&self, area: u32, now: Timestamp) -> f64 {
        let own = self.gaps.iter().filter(|g| g.area == area);
        own.map(|g| g.to.unwrap_or(now).seconds_since(g.from)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::GeoBox;

    fn second(s: i64) -> Timestamp {
        Timestamp::from_seconds(s)
    }

    #[test]
    fn an_area_is_empty_from_the_second_its_last_unit_goes_or_fails_until_one_comes() {
        let ground = GeoBox::new(Position::new(0, 0), Position::new(100, 100));
        let area = Area {
            name: "甲".into(),
            name_en: "A".into(),
            boxes: vec![ground],
        };
        let mut cover = Cover::new(&[area]);
        cover.moved(UnitId(0), Position::new(50, 50), second(0));
        cover.begin(second(0));
        assert!(cover.empty_now().is_empty());
        cover.moved(UnitId(0), Position::new(500, 50), second(10));
        assert_eq!(cover.empty_now(), [(0, second(10))]);
        cover.moved(UnitId(1), Position::new(1, 1), second(40));
        assert!(cover.empty_now().is_empty());
        cover.set_out(UnitId(1), true, second(50));
        assert_eq!(cover.empty_s(0, second(60)), 40.0);
    }

    #[test]
    fn an_area_that_never_had_a_unit_is_empty_from_the_start() {
        let area = Area {
            name: String::new(),
            name_en: String::new(),
            boxes: vec![GeoBox::new(Position::new(0, 0), Position::new(1, 1))],
        };
        let mut cover = Cover::new(&[area]);
        cover.begin(second(5));
        assert_eq!(cover.empty_now(), [(0, second(5))]);
    }
}
