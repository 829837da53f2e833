//! A stream as all those see it who see the same part of a city: made of the whole one, tick by tick.

use super::HotspotWatch;
use super::borders::Borders;
use super::tick::{Beside, Gone, Tick};
use super::told::Told;
use crate::sight::Lens;
use crate::state::{Changes, State};
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// What all who share a lens have been told, and what follows for them at the end of each tick.
#[derive(Clone, Debug)]
pub struct Window {
    /// Where the open cases gather that are seen, as they are seen.
    pub hotspots: HotspotWatch,
    number: u32,
    lens: Lens,
    told: Told,
    borders: Borders,
}

impl Window {
    /// Of a state at which nobody has looked through the lens. `number`: from 1, another one for every window of a world;
    /// `hotspots`: a watch over the city's ground that has found nothing yet.
    pub fn new(
        number: u32,
        lens: Lens,
        state: &State,
        now: Timestamp,
        hotspots: HotspotWatch,
    ) -> Self {
        let mut window = Self {
            number,
            told: Told::default(),
            borders: Borders::default(),
            hotspots,
            lens,
        };
        window.go_to(state, now);
        window
    }

    /// The state is another one: what was told is of no account.
    pub fn go_to(&mut self, state: &State, now: Timestamp) {
        self.told = Told::of(state, &self.lens);
        self.borders = Borders::of(state, &self.lens, self.told.units());
        self.hotspots.go_to(state, Some(&self.lens), now);
    }

    /// What it is cut by.
    pub fn lens(&self) -> &Lens {
        &self.lens
    }

    /// A tick as it is seen.
    pub fn tick<'w, 'a: 'w>(&'w mut self, whole: &Tick<'a>) -> Tick<'w> {
        let (state, lens) = (whole.state, &self.lens);
        self.hotspots.note(state, Some(lens), &whole.touched);
        let cases = self.told.cases_touched(whole, lens);
        let mut changes = BTreeMap::new();
        self.told.cases(state, lens, &cases, &mut changes);
        let units = self.told.units_now(whole, lens, &cases, &mut changes);
        let sensors_left = self.told.sensors(whole, lens, &mut changes);
        self.told.alarms(whole, lens, &cases, &mut changes);
        self.borders.units(state, &units);
        let moved = self.borders.moved(whole, lens);
        let beside = [
            (Beside::Histories, self.told.histories(state, lens, &cases)),
            (Beside::Persons, self.told.persons(state, lens, &cases)),
            (Beside::Goings, units.goings()),
        ];
        Tick {
            number: whole.number,
            state,
            now: whole.now,
            stream: whole.stream,
            recent: whole.recent,
            through: Some((&self.lens, self.number)),
            touched: Changes::default(),
            gone: Gone {
                sensors: whole.gone.sensors || sensors_left,
                units: !units.gone.is_empty(),
            },
            changes,
            beside: BTreeMap::from(beside),
            moved,
            round: whole.round,
            portion: whole.portion.clone(),
            cells: BTreeMap::new(),
            coarse: BTreeMap::new(),
        }
    }
}
