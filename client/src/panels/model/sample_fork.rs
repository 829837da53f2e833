//! A made-up fork for tests: the one of the design's picture.

use super::sample::{COVER, NOW};
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::fork::{Difference, ForkReport, ForkRow, Forked, Measure, Proposal};
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::UnitId;
use chengtu_engine::record::World;
use chengtu_engine::stream::ServerMessage;

use crate::panels::fork::{About, Change, ForkState};
use std::time::Instant;

/// Both branches after two hours.
pub fn report() -> ForkReport {
    let at = NOW.plus_seconds(-7_200);
    let row = |i: i64| {
        let k = i as f32 / 120.0;
        let wave = ((i * 7) % 5) as u32;
        ForkRow {
            time: at.plus_seconds(i * 60),
            open: (
                104 - (k * 14.0) as u32 + wave,
                104 - (k * 21.0) as u32 + wave,
            ),
            overdue: (4 + (k * 8.0) as u32, 4 + (k * 3.0) as u32),
            arrival_s: (
                (i > 3).then_some(420.0 - k * 90.0),
                (i > 3).then_some(400.0 - k * 160.0),
            ),
        }
    };
    let difference = |measure, actual, other| Difference {
        measure,
        actual: Some(actual),
        other: Some(other),
    };
    let dispatch = |unit, possible, why_not: &str| Proposal {
        time: at,
        command: CommandRequest::DispatchUnit {
            unit: UnitId(unit),
            target: Target::Case(COVER),
            expected_s: Some(163),
        },
        possible,
        why_not: why_not.into(),
    };
    ForkReport {
        at,
        time: NOW,
        until: NOW,
        series: (0..=120).map(row).collect(),
        differences: vec![
            difference(Measure::CaseArrivalS, 522.0, 163.0),
            difference(Measure::CaseHandledS, 2_570.0, 1_790.0),
            difference(Measure::MeanArrivalS, 372.0, 294.0),
            difference(Measure::Overdue, 12.0, 7.0),
            difference(Measure::Open, 90.0, 83.0),
            difference(Measure::Handled, 41.0, 48.0),
            difference(Measure::DrivenKm, 409.0, 412.0),
        ],
        plan: vec![
            dispatch(0, true, ""),
            dispatch(5, false, "unit is on its way"),
        ],
        differs_at: Some(at),
    }
}

/// The fork open on the screen.
pub fn open(state: &mut ForkState) {
    let name = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
    let about = About {
        case: Some(COVER),
        place: LonLat::new(118.7858, 32.0474),
        change: Change::Unit {
            goes: name("12 号车", "Unit 12"),
            instead_of: Some(name("03 号车", "Unit 03")),
            length_m: Some(548.0),
        },
        recorded_until: NOW.plus_seconds(-3_600),
    };
    state.asked = Some((1, about, Instant::now()));
    state.apply(&ServerMessage::Forked(Forked {
        request: 1,
        actual: World::Fork(1),
        other: World::Fork(2),
        at: report().at,
    }));
    if let Some(view) = &mut state.view {
        view.report = report();
    }
}
