use bevy::math::Vec2;
use bevy::prelude::{Message, Resource};
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::{AlarmId, CaseId, SensorId, UnitId};

/// What the officer has chosen, on the map or in a list.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq)]
pub enum Selection {
    /// Nothing is chosen.
    #[default]
    None,
    /// A case, open or closed.
    Case(CaseId),
    /// A unit that can be sent.
    Unit(UnitId),
    /// A sensor of the city.
    Sensor(SensorId),
    /// An alarm; its case or sensor is marked on the map.
    Alarm(AlarmId),
    /// A place on the map.
    Place(LonLat),
}

impl Selection {
    /// The selected case; `None` for any other selection.
    pub fn case(self) -> Option<CaseId> {
        if let Self::Case(id) = self {
            Some(id)
        } else {
            None
        }
    }

    /// The selected unit; `None` for any other selection.
    pub fn unit(self) -> Option<UnitId> {
        if let Self::Unit(id) = self {
            Some(id)
        } else {
            None
        }
    }

    /// The selected sensor; `None` for any other selection.
    pub fn sensor(self) -> Option<SensorId> {
        if let Self::Sensor(id) = self {
            Some(id)
        } else {
            None
        }
    }

    /// True where something is selected.
    pub fn is_some(self) -> bool {
        self != Self::None
    }
}

/// What the pointer is over, on the map or, set by panels, in a list; panels set it in `Update` or later while the
/// pointer is over them.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq)]
pub struct Hover(pub Selection);

/// A right click on the map, for the menu there.
#[derive(Message, Clone, Copy, Debug, PartialEq)]
pub struct ContextAt {
    /// The ground under the pointer.
    pub lonlat: LonLat,
    /// The pointer, logical pixels from the top left corner.
    pub screen: Vec2,
    /// What was under it.
    pub on: Selection,
}

/// Cases that are marked to become one; each has a ring on the map. Panels write it.
#[derive(Resource, Clone, Debug, Default, PartialEq, Eq)]
pub struct Marked(pub Vec<CaseId>);

/// Cases that were clicked on the map with Shift or Ctrl: they are marked, or no longer.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct MarkCases(pub Vec<CaseId>);

/// The units that the selected case is about.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The case that units are offered for.
    pub case: Option<CaseId>,
    /// Already sent to it.
    pub sent: Option<UnitId>,
    /// First of its ranking.
    pub best: Option<UnitId>,
    /// Nearest in a straight line.
    pub nearest_by_air: Option<UnitId>,
    /// The row that the officer has chosen instead of the first; panels set it.
    pub chosen: Option<UnitId>,
}

impl Offer {
    /// The unit whose way is drawn: sent, else chosen, else the best.
    pub fn unit(self) -> Option<UnitId> {
        self.sent.or(self.chosen).or(self.best)
    }

    /// The unit nearest by air, where that is another one and nobody has been sent.
    pub fn detour(self) -> Option<UnitId> {
        self.nearest_by_air
            .filter(|u| self.sent.is_none() && Some(*u) != self.unit())
    }
}
