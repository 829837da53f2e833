//! Which units a freshly imported city is proposed, and where they start from; to be set right by hand.

use super::depots::Blocks;
use crate::pack::{Depot, Fleet};
use chengtu_engine::city::Language;
use chengtu_engine::roads::RoadGraph;
use chengtu_engine::sim::CitySize;
use std::collections::BTreeSet;

/// A fleet as it is first proposed.
struct FleetPlan {
    key: &'static str,
    name: &'static str,
    name_en: &'static str,
    department: &'static str,
    call_sign: &'static str,
    call_sign_en: &'static str,
    /// Its depots are called this, in English.
    depot_en: &'static str,
    /// Of a hundred units so many are its.
    percent: u32,
    skills: &'static [&'static str],
    speed_factor: f64,
    /// True where every district has at least one of its depots.
    everywhere: bool,
}

const FLEETS: [FleetPlan; 5] = [
    FleetPlan {
        key: "sanitation",
        name: "环卫作业",
        name_en: "Sanitation crews",
        department: "sanitation",
        call_sign: "环卫",
        call_sign_en: "SAN",
        depot_en: "Sanitation depot",
        percent: 30,
        skills: &["sanitation"],
        speed_factor: 0.8,
        everywhere: false,
    },
    FleetPlan {
        key: "drainage",
        name: "排水抢修",
        name_en: "Drainage crews",
        department: "drainage",
        call_sign: "排水",
        call_sign_en: "DR",
        depot_en: "Drainage depot",
        percent: 16,
        skills: &["drainage", "manhole"],
        speed_factor: 0.9,
        everywhere: false,
    },
    FleetPlan {
        key: "repair",
        name: "市政抢修",
        name_en: "Repair crews",
        department: "municipal",
        call_sign: "市政",
        call_sign_en: "REP",
        depot_en: "Repair depot",
        percent: 18,
        skills: &["repair", "lighting", "manhole", "greening"],
        speed_factor: 0.9,
        everywhere: false,
    },
    FleetPlan {
        key: "chengguan",
        name: "城管执法",
        name_en: "Urban management officers",
        department: "chengguan",
        call_sign: "城管",
        call_sign_en: "UM",
        depot_en: "Urban management office",
        percent: 24,
        skills: &["enforcement"],
        speed_factor: 0.9,
        everywhere: false,
    },
    FleetPlan {
        key: "patrol",
        name: "巡逻",
        name_en: "Patrol cars",
        department: "patrol",
        call_sign: "巡逻",
        call_sign_en: "PAT",
        depot_en: "Patrol station",
        percent: 12,
        skills: &["patrol", "traffic"],
        speed_factor: 1.1,
        everywhere: true,
    },
];

/// A depot has about so many units.
const UNITS_OF_A_DEPOT: u32 = 4;
/// No fleet can have more.
const FLEET_MAX: u32 = 999;

/// Fleets and depots for a city of this size: as many units as [`CitySize::units`] says, dealt out to depots where the
/// streets are; a patrol in every district.
pub fn propose(
    size: CitySize,
    blocks: &Blocks,
    roads: &RoadGraph,
    language: Language,
) -> (Vec<Fleet>, Vec<Depot>) {
    let units = size.units();
    let (mut fleets, mut depots) = (Vec::new(), Vec::new());
    for plan in FLEETS {
        let share = (f64::from(units * plan.percent) / 100.0).round() as u32;
        let least = if plan.everywhere {
            blocks.districts() as u32
        } else {
            1
        };
        let count = share.max(least).clamp(1, FLEET_MAX);
        let wanted = count.div_ceil(UNITS_OF_A_DEPOT).max(least).min(count);
        let own = depots_of(&plan, wanted as usize, blocks, roads, language);
        fleets.push(Fleet {
            key: plan.key.into(),
            name: language.of(plan.name, plan.name_en).into(),
            name_en: plan.name_en.into(),
            department: plan.department.into(),
            call_sign: language.of(plan.call_sign, plan.call_sign_en).into(),
            call_sign_en: plan.call_sign_en.into(),
            count,
            skills: plan.skills.iter().map(|s| (*s).to_owned()).collect(),
            speed_factor: plan.speed_factor,
            depots: own.iter().map(|d| d.key.clone()).collect(),
        });
        depots.extend(own);
    }
    (fleets, depots)
}

fn depots_of(
    plan: &FleetPlan,
    wanted: usize,
    blocks: &Blocks,
    roads: &RoadGraph,
    language: Language,
) -> Vec<Depot> {
    let mut names = BTreeSet::new();
    let mut depots = Vec::new();
    for (n, centre) in blocks
        .centres(wanted, plan.everywhere)
        .into_iter()
        .enumerate()
    {
        let number = n + 1;
        let (at, street) = blocks.quiet_street(roads, centre);
        let numbered = match language {
            Language::Zh => format!("{}站 {number}", plan.call_sign),
            Language::En => format!("{} {number}", plan.depot_en),
        };
        let named = street.map(|s| match language {
            Language::Zh => format!("{s}{}站", plan.call_sign),
            Language::En => format!("{}, {s}", plan.depot_en),
        });
        // Two on one street are told apart by their numbers.
        let name = match named {
            Some(name) if names.insert(name.clone()) => name,
            Some(name) => format!("{name} {number}"),
            None => numbered,
        };
        let place = at.lon_lat();
        depots.push(Depot {
            key: format!("{}-{number}", plan.key),
            name_en: match language {
                Language::Zh => format!("{} {number}", plan.depot_en),
                Language::En => name.clone(),
            },
            name,
            lon: place.lon_deg,
            lat: place.lat_deg,
        });
    }
    depots
}
