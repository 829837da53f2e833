use super::rates::CaseRates;
use crate::command::CaseReport;
use crate::geo::Position;
use crate::ids::{CaseId, ClassId, FeedId, SensorId, UnitId};
use crate::model::Actor;
use crate::record::ForkRecord;
use crate::rejection::Rejection;
use crate::state::Changes;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What may be done to a simulated city in addition to commands: what no officer can do, but life can.
#[derive(Clone, Debug, PartialEq)]
pub enum SimAct {
    /// A case is reported.
    ReportCase {
        /// The report as the city receives it.
        report: CaseReport,
        /// By whom: a feed or a person.
        by: Actor,
        /// What is really there; `None`: what was reported. It is kept outside the state.
        truth: Option<CaseTruth>,
    },
    /// Cases come at other rates from now on; `None`: no case comes by itself.
    SetRates(Option<CaseRates>),
    /// The road nearest to a place is closed, both ways.
    CloseRoad {
        /// A place on the road, or near it.
        at: Position,
        /// Until when; `None`: it stays closed.
        until: Option<Timestamp>,
    },
    /// Roads are closed by their edges in the road graph.
    CloseEdges {
        /// Which; see [`super::Simulator::road_at`].
        edges: Vec<u32>,
        /// Until when; `None`: they stay closed.
        until: Option<Timestamp>,
    },
    /// The road nearest to a place is open again.
    OpenRoad {
        /// A place on the road, or near it.
        at: Position,
    },
    /// All traffic is this many times as fast as roads allow; 0.6 is heavy traffic.
    Traffic {
        /// 0.05 … 5.
        factor: f64,
    },
    /// One more unit.
    AddUnit {
        /// The same fleet, department and skills as this one.
        like: UnitId,
        /// Its call sign; empty: the other's with a number.
        call_sign: String,
        /// Where it begins.
        at: Position,
    },
    /// A unit is somewhere else from now on: for the beginning of a drill.
    PlaceUnit {
        /// The unit that is moved.
        unit: UnitId,
        /// Where it is from now on.
        at: Position,
    },
    /// A unit breaks down: it leaves its task and is out of service.
    UnitFails {
        /// The unit that fails.
        unit: UnitId,
        /// Until when; `None`: until it returns by act or command.
        until: Option<Timestamp>,
    },
    /// A unit is back in service.
    UnitReturns {
        /// The unit that works again.
        unit: UnitId,
    },
    /// Nothing comes from a feed any more: positions do not change, sensors are silent, no cases.
    FeedDies {
        /// The feed that falls silent.
        feed: FeedId,
        /// Until when; `None`: until it returns by act.
        until: Option<Timestamp>,
    },
    /// A feed is back.
    FeedReturns {
        /// The feed that works again.
        feed: FeedId,
    },
    /// A sensor follows a curve and then goes its own way again.
    SensorCurve {
        /// The sensor that is driven.
        sensor: SensorId,
        /// Seconds from now, ascending, and values in the sensor's unit; straight lines between.
        points: Vec<(u32, f64)>,
    },
    /// Rain: water rises, stays and falls at every water level sensor within reach, each in its own measure, and cases
    /// come.
    Storm(Storm),
    /// The policy by which cases are dispatched; `None`: only by command.
    SetOfficer(Option<super::OfficerPolicy>),
    /// A sending that history has after this moment is left out.
    LeaveOut {
        /// The unit that history sent.
        unit: UnitId,
        /// The case that history sent it to.
        case: CaseId,
    },
}

/// Rain on a part of the city.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Storm {
    /// Middle of the storm.
    pub centre: Position,
    /// How far it reaches, metres.
    pub radius_m: f64,
    /// The highest water above ground, metres; sensors come to between half and all of it.
    pub peak_m: f64,
    /// Seconds of rising.
    pub rise_s: u32,
    /// Seconds at the height.
    pub hold_s: u32,
    /// Seconds of falling.
    pub fall_s: u32,
    /// What is reported while it lasts.
    pub class: Option<ClassId>,
    /// So often, cases an hour.
    pub cases_per_hour: f64,
}

/// What is really there where a case is reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseTruth {
    /// False: there is nothing; the crew says so and goes.
    pub real: bool,
    /// What it really is; `None`: as reported.
    pub class: Option<ClassId>,
    /// How long the work takes, seconds; `None`: as usual.
    pub work_s: Option<u32>,
    /// In words, for the report.
    pub note: String,
}

/// What became of an act or a command.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Acted {
    /// What was recorded; empty where nothing had to be.
    pub records: Vec<ForkRecord>,
    /// What these records touched.
    pub changes: Changes,
    /// The last record of the world after it.
    pub seq: u64,
    /// The case that came of it.
    pub case: Option<CaseId>,
    /// The unit that came of it.
    pub unit: Option<UnitId>,
}

/// Why an act cannot be done.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SimError {
    /// The city's own rules.
    #[error(transparent)]
    Refused(#[from] Rejection),
    /// No road to close or open.
    #[error(
        "there is no road within {reach_m} m of {lon_deg:.5}, {lat_deg:.5}; give a place nearer to a road"
    )]
    NoRoad {
        /// Where it was looked for.
        lon_deg: f64,
        /// Where it was looked for.
        lat_deg: f64,
        /// How far from the place was looked, metres.
        reach_m: u32,
    },
    /// A number that makes no sense.
    #[error("{what} {value}: {wanted} is expected")]
    Number {
        /// What the number is of.
        what: &'static str,
        /// The number as given.
        value: f64,
        /// What would be accepted, in words.
        wanted: &'static str,
    },
    /// A curve without points, or not in order.
    #[error("a sensor's curve needs at least one point, with times ascending")]
    Curve,
}
