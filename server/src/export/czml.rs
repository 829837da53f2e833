//! A stretch as CZML, which Cesium plays: movers glide, cases and alarms are there while they last. Descriptions are HTML.
//!
//! Source: <https://github.com/AnalyticalGraphicsInc/czml-writer/wiki/CZML-Structure>.

use super::ExportError;
use super::gather::{Dispatch, Gathered, MoverName, Stretch};
use super::moment::moment;
use super::tables::{ended_at, mover_word, phenomenon_word, severity_word, stage_word};
use super::tracks::{SILENT_S, Tracks, pieces};
use crate::out::{Place, Written};
use crate::plain;
use chengtu_engine::city::Severity;
use chengtu_engine::geo::Position;
use chengtu_engine::ids::MoverId;
use chengtu_engine::model::{Alarm, Case, Fix, Sensor};
use chengtu_engine::time::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn interval(from: Timestamp, to: Timestamp) -> String {
    format!("{}/{}", moment(from), moment(to))
}

fn degrees(p: Position) -> Value {
    let p = p.lon_lat();
    json!({"cartographicDegrees": [p.lon_deg, p.lat_deg, 0.0]})
}

fn dot(rgba: [u8; 4], size: u32) -> Value {
    json!({"pixelSize": size, "color": {"rgba": rgba}})
}

/// Colours in files for other programs, by severity; the map's own are in its tokens.
fn severity_rgba(s: Severity) -> [u8; 4] {
    match s {
        Severity::Severe => [255, 64, 64, 255],
        Severity::Urgent => [255, 153, 51, 255],
        Severity::Normal => [255, 221, 102, 255],
        Severity::Slight => [170, 187, 204, 255],
    }
}

/// Writes a stretch as one list of packets.
///
/// # Errors
/// When the file cannot be written.
pub fn write(
    place: &Place,
    g: &Gathered,
    tracks: &Tracks,
    stretch: Stretch,
) -> Result<(), ExportError> {
    let mut packets = vec![json!({
        "id": "document", "name": g.rules.city, "version": "1.0",
        "clock": {
            "interval": interval(stretch.from, stretch.to), "currentTime": moment(stretch.from),
            "multiplier": 10, "range": "LOOP_STOP", "step": "SYSTEM_CLOCK_MULTIPLIER",
        },
    })];
    packets.extend(g.cases.values().map(|c| case(c, g, stretch)));
    packets.extend(g.alarms.values().map(|a| alarm(a, stretch)));
    packets.extend(g.sensors.iter().map(sensor));
    packets.extend(g.dispatches.values().map(|d| dispatch(d, stretch)));
    packets.extend(movers(tracks));
    let written = Written::whole(place, |out| {
        out.write_all(b"[\n")?;
        for (i, p) in packets.iter().enumerate() {
            if i > 0 {
                out.write_all(b",\n")?;
            }
            serde_json::to_writer(&mut *out, p)?;
        }
        out.write_all(b"\n]\n")
    });
    Ok(written?)
}

/// While something was there, as far as it lies in the stretch.
fn within(stretch: Stretch, from: Timestamp, to: Option<Timestamp>) -> String {
    let from = from.max(stretch.from);
    interval(from, to.unwrap_or(stretch.to).min(stretch.to).max(from))
}

fn case(c: &Case, g: &Gathered, stretch: Stretch) -> Value {
    let class = g.rules.class(c.class).map_or("", |c| c.name.as_str());
    let stages: Vec<String> = c
        .history
        .iter()
        .map(|h| format!("{} {}", stage_word(h.stage), moment(h.at)))
        .collect();
    let known = c.history.first().map_or(c.occurred_at, |h| h.at);
    json!({
        "id": format!("case/{}", c.id), "name": format!("#{} {class}", c.id),
        "description": plain::html(&format!("{} {}\n{}", c.address, c.note, stages.join("\n"))),
        "availability": within(stretch, known, ended_at(c)),
        "position": degrees(c.position), "point": dot(severity_rgba(c.severity), 10),
    })
}

fn alarm(a: &Alarm, stretch: Stretch) -> Value {
    json!({
        "id": format!("alarm/{}", a.id), "name": format!("alarm {}", a.id),
        "description": severity_word(a.severity),
        "availability": within(stretch, a.raised_at, a.ended_at),
        "position": degrees(a.position), "point": dot(severity_rgba(a.severity), 16),
    })
}

fn sensor(s: &Sensor) -> Value {
    json!({
        "id": format!("sensor/{}", s.id), "name": s.name,
        "description": plain::html(&format!("{} {}", phenomenon_word(s.phenomenon), s.unit_of_measure)),
        "position": degrees(s.position), "point": dot([102, 204, 238, 255], 6),
    })
}

fn dispatch(d: &Dispatch, stretch: Stretch) -> Value {
    let case = d.case().map_or_else(String::new, |c| format!("#{c}"));
    json!({
        "id": format!("dispatch/{}", d.assignment.id),
        "name": format!("{} → {case}", d.call_sign),
        "availability": within(stretch, d.assignment.at, d.ended.map(|(t, _)| t)),
        "position": degrees(d.assignment.position),
        "label": {"text": d.call_sign, "font": "12px sans-serif", "pixelOffset": {"cartesian2": [0, -18]}},
    })
}

/// Every mover with an id of its own: where a number was given again after its mover had retired, those who have it later
/// are told apart by a mark.
fn movers(tracks: &Tracks) -> Vec<Value> {
    let mut of_number: BTreeMap<MoverId, u32> = BTreeMap::new();
    let drawn = tracks.by_mover.values().filter_map(|(name, fixes)| {
        let before = of_number.entry(name.id).or_default();
        let id = match *before {
            0 => format!("mover/{}", name.id),
            n => format!("mover/{}.{}", name.id, n + 1),
        };
        let packet = mover(&id, name, fixes)?;
        *before += 1;
        Some(packet)
    });
    drawn.collect()
}

/// A mover is there while it is heard of, and does not glide over a silence of more than [`SILENT_S`]. One fix alone
/// shows it for as long as that: a stretch without length is never drawn.
fn mover(id: &str, name: &MoverName, fixes: &[Fix]) -> Option<Value> {
    let first = fixes.first()?;
    let mut samples = Vec::with_capacity(fixes.len() * 4);
    let mut sample = |t: Timestamp, p: Position| {
        let p = p.lon_lat();
        samples.extend([
            json!(t.seconds_since(first.fix_time)),
            json!(p.lon_deg),
            json!(p.lat_deg),
            json!(0.0),
        ]);
    };
    let mut availability = Vec::new();
    for piece in pieces(fixes) {
        let (begin, last) = (piece.first()?, piece.last()?);
        for f in piece {
            sample(f.fix_time, f.position);
        }
        let mut until = last.fix_time;
        if begin.fix_time == until {
            until = until.plus_seconds(SILENT_S as i64);
            sample(until, last.position);
        }
        availability.push(interval(begin.fix_time, until));
    }
    Some(json!({
        "id": id, "name": name.title(), "description": mover_word(name.kind),
        "availability": availability,
        "position": {
            "epoch": moment(first.fix_time), "cartographicDegrees": samples,
            "interpolationAlgorithm": "LINEAR", "interpolationDegree": 1,
        },
        "point": dot(if name.call_sign.is_some() { [102, 221, 153, 255] } else { [221, 221, 221, 255] }, 6),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::model::MoverKind;

    fn drawn(seconds: &[i64]) -> Value {
        let name = MoverName {
            id: MoverId(0),
            key: "a".into(),
            kind: MoverKind::Taxi,
            call_sign: None,
        };
        let fixes: Vec<Fix> = seconds
            .iter()
            .map(|s| Fix {
                mover: MoverId(0),
                position: Position::new(1_187_800_000 + *s as i32, 320_400_000),
                bearing_cdeg: 0,
                speed_cmps: 0,
                accuracy_dm: 0,
                fix_time: Timestamp::from_seconds(*s),
            })
            .collect();
        mover("mover/0", &name, &fixes).unwrap()
    }

    #[test]
    fn edges_a_mover_with_one_fix_is_there_for_a_while() {
        let packet = drawn(&[100]);
        assert_eq!(
            packet["availability"],
            json!(["1970-01-01T00:01:40Z/1970-01-01T00:03:40Z"])
        );
        let samples = packet["position"]["cartographicDegrees"]
            .as_array()
            .unwrap();
        assert_eq!((samples.len(), &samples[4]), (8, &json!(120.0)));
        assert_eq!(samples[1], samples[5], "it stays where it was");
    }

    #[test]
    fn movers_that_had_one_number_after_the_other_have_ids_of_their_own() {
        let mut tracks = Tracks::default();
        for (number, key) in [(4, "trip 1"), (4, "trip 2"), (4, "trip 3"), (5, "bus")] {
            let name = MoverName {
                id: MoverId(number),
                key: key.to_owned(),
                kind: MoverKind::Bus,
                call_sign: None,
            };
            let fix = Fix {
                mover: name.id,
                position: Position::new(1_187_800_000, 320_400_000),
                bearing_cdeg: 0,
                speed_cmps: 0,
                accuracy_dm: 0,
                fix_time: Timestamp::from_seconds(i64::from(number)),
            };
            tracks
                .by_mover
                .insert((name.id, key.to_owned()), (name, vec![fix]));
        }
        let drawn = movers(&tracks);
        let told = |p: &Value| (p["id"].clone(), p["name"].clone());
        let told: Vec<(Value, Value)> = drawn.iter().map(told).collect();
        let expected = [
            ("mover/4", "trip 1"),
            ("mover/4.2", "trip 2"),
            ("mover/4.3", "trip 3"),
            ("mover/5", "bus"),
        ];
        let expected = expected.map(|(id, name)| (json!(id), json!(name)));
        assert_eq!(told, expected);
    }

    #[test]
    fn edges_a_mover_that_was_silent_does_not_glide_over_the_silence() {
        let packet = drawn(&[0, 60, 86_400, 86_410]);
        assert_eq!(
            packet["availability"],
            json!([
                "1970-01-01T00:00:00Z/1970-01-01T00:01:00Z",
                "1970-01-02T00:00:00Z/1970-01-02T00:00:10Z"
            ])
        );
    }
}
