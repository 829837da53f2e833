//! What follows from a feed's rows costs the tick that they come in no more than it may.

use super::*;
use crate::request::{ObservationRow, SensorInfo};
use chengtu_engine::model::{Phenomenon, Thresholds};

const SENSORS: u32 = 6_000;

fn rows(describe: bool) -> FeedData {
    let info = || SensorInfo {
        name: "s".to_owned(),
        phenomenon: Phenomenon::WaterLevel,
        unit_of_measure: "m".to_owned(),
        position: Position::new(1_187_900_000, 320_500_000),
        thresholds: Some(Thresholds {
            warning: 0.2,
            alarm: 0.4,
        }),
    };
    let row = |row| ObservationRow {
        row,
        key: format!("s{row}"),
        sensor: describe.then(info),
        unit: None,
        reading: (!describe).then_some((NO_TIME, Some(1.0))),
    };
    FeedData::Observations((1..=SENSORS).map(row).collect())
}

fn send(s: &Stepped, data: FeedData) -> oneshot::Receiver<Result<Taken, Unavailable>> {
    let (request, answer) = posted("levels", "observations", data);
    s.live.data.try_send(request).unwrap();
    answer
}

#[test]
fn alarms_of_thousands_of_sensors_at_once_are_spread_over_ticks() {
    let dir = tempfile::tempdir().unwrap();
    let mut s = Stepped::on(dir.path(), still());
    let mut described = send(&s, rows(true));
    while described.try_recv().is_err() {
        s.tick();
    }
    let mut answer = send(&s, rows(false));
    let (mut ticks, mut before) = (0, 0);
    let taken = loop {
        s.tick();
        ticks += 1;
        let alarms = s.city.state.alarms().len();
        // A slice is taken as a whole.
        assert!(
            alarms - before <= 2_000 + 512,
            "{} alarms in one tick",
            alarms - before
        );
        before = alarms;
        if let Ok(answer) = answer.try_recv() {
            break answer.unwrap();
        }
    };
    assert_eq!(taken.accepted, u64::from(SENSORS));
    assert_eq!(before, SENSORS as usize);
    assert!(ticks >= 3, "{ticks}");
}
