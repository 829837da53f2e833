use super::{Area, Cells, Cover, DataClass, Holds, Sight, masked_words};
use crate::geo::{Position, TileId};
use crate::ids::{ClassId, UnitId};
use crate::model::{Alarm, AlarmSource, Case, Sensor, Unit};
use crate::state::State;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which cases are about one person, whoever reported them. A case whose reporter is known is personal in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Classes whose point is that of a person.
    pub personal: BTreeSet<ClassId>,
    /// Classes of which whoever may not see what is sensitive sees nothing.
    pub sensitive: BTreeSet<ClassId>,
}

/// How much of a case is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clarity {
    /// All of it.
    Clear,
    /// Its point is that of its cell where it is personal, and who reported it is masked.
    Masked,
}

/// A sight over the grid of a city: what it shows of the things of a state.
#[derive(Clone, Debug)]
pub struct Lens {
    sight: Sight,
    cells: Arc<Cells>,
    area: Option<Arc<Area>>,
    policy: Arc<Policy>,
}

impl Lens {
    /// A sight over a grid whose area streams by tiles of `zoom`.
    pub fn new(sight: Sight, cells: Arc<Cells>, policy: Arc<Policy>, zoom: u8) -> Self {
        let area = sight.areas.as_ref();
        let area = area.map(|prefixes| Arc::new(Area::new(&cells, prefixes, zoom)));
        Self {
            sight,
            cells,
            area,
            policy,
        }
    }

    /// The rule behind it.
    pub fn sight(&self) -> &Sight {
        &self.sight
    }

    /// Whether a class of data is seen of what is not held.
    pub fn has(&self, class: DataClass) -> bool {
        self.sight.has(class)
    }

    /// Whether a place lies on the ground that is seen.
    pub fn sees_place(&self, p: Position) -> bool {
        !self.sight.only_held && self.is_on_ground(p)
    }

    fn is_on_ground(&self, p: Position) -> bool {
        let area = self.area.as_ref();
        area.is_none_or(|area| area.contains(&self.cells, p))
    }

    /// How much of a tile's vehicles is seen.
    pub fn cover(&self, tile: TileId) -> Cover {
        if self.sight.only_held || !self.has(DataClass::Internal) {
            return Cover::None;
        }
        self.area.as_ref().map_or(Cover::Whole, |a| a.cover(tile))
    }

    /// True where a task of the case is the reader's.
    pub fn holds(&self, state: &State, case: &Case) -> bool {
        match self.sight.holds {
            Holds::Nothing => false,
            Holds::Unit(unit) => case.units.contains(&unit),
            Holds::Department(department) => {
                let of = |u: &UnitId| state.unit(*u).is_some_and(|u| u.department == department);
                case.units.iter().any(of)
            }
        }
    }

    /// How a case is seen; `None`: not at all.
    pub fn case(&self, state: &State, case: &Case) -> Option<Clarity> {
        if self.holds(state, case) {
            return Some(Clarity::Clear);
        }
        let hidden = self.policy.sensitive.contains(&case.class) && !self.has(DataClass::Sensitive);
        if hidden || !self.sees_place(case.position) {
            return None;
        }
        Some(if self.has(DataClass::Personal) {
            Clarity::Clear
        } else {
            Clarity::Masked
        })
    }

    /// Whether the point of a case is that of a person.
    pub fn is_personal(&self, state: &State, case: &Case) -> bool {
        self.policy.personal.contains(&case.class)
            || self.policy.sensitive.contains(&case.class)
            || state.reporter(case.id).is_some()
    }

    /// Where a case is seen; `None`: nowhere.
    pub fn case_point(&self, state: &State, case: &Case) -> Option<Position> {
        let clarity = self.case(state, case)?;
        let masked = clarity == Clarity::Masked && self.is_personal(state, case);
        Some(if masked {
            self.cells.cell_point(case.position)
        } else {
            case.position
        })
    }

    /// A text of a case as it is seen: masked where the case is.
    pub fn words<'t>(
        &self,
        state: &State,
        case: &Case,
        clarity: Clarity,
        text: &'t str,
    ) -> Cow<'t, str> {
        match clarity {
            Clarity::Clear => Cow::Borrowed(text),
            Clarity::Masked => {
                let name = state.reporter(case.id).map_or("", |r| r.name.as_str());
                masked_words(text, &[name])
            }
        }
    }

    /// Whether a unit is seen: the reader's own, one on a case that they see, and any on their ground.
    pub fn unit(&self, state: &State, unit: &Unit) -> bool {
        let own = match self.sight.holds {
            Holds::Nothing => false,
            Holds::Unit(id) => unit.id == id,
            Holds::Department(department) => unit.department == department,
        };
        if own {
            return true;
        }
        let at_case = || {
            let case = unit.case().and_then(|c| state.case(c));
            case.is_some_and(|c| {
                let held = self.holds(state, c);
                held || self.has(DataClass::Internal) && self.case(state, c).is_some()
            })
        };
        let here = || {
            let at = state.mover(unit.mover).and_then(|m| m.position);
            // A unit whose place is not known stands nowhere: it is seen by whoever sees the whole city.
            at.map_or(self.area.is_none() && !self.sight.only_held, |p| {
                self.sees_place(p)
            })
        };
        at_case() || self.has(DataClass::Internal) && here()
    }

    /// Whether a sensor is seen.
    pub fn sensor(&self, sensor: &Sensor) -> bool {
        self.sees_place(sensor.position)
    }

    /// Where an alarm is seen: that of a case where the case is; `None`: nowhere.
    pub fn alarm(&self, state: &State, alarm: &Alarm) -> Option<Position> {
        match alarm.source {
            AlarmSource::Case(case) => {
                if let Some(case) = state.case(case) {
                    return self.case_point(state, case);
                }
                // What the alarm was about is gone: its class is not known any more, nor who reported it.
                let whole = self.has(DataClass::Personal) && self.has(DataClass::Sensitive);
                let seen = whole && self.sees_place(alarm.position);
                seen.then_some(alarm.position)
            }
            AlarmSource::Sensor(sensor) => {
                let sensor = state.sensor(sensor).filter(|s| self.sensor(s))?;
                Some(sensor.position)
            }
        }
    }

    /// Whether a vehicle that is no unit is seen at a place.
    pub fn mover(&self, at: Position) -> bool {
        self.has(DataClass::Internal) && self.sees_place(at)
    }
}
