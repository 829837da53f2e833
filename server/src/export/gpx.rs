//! A stretch as GPX 1.1: cases, sensors and alarms as waypoints, movers as tracks.
//!
//! Source: <https://www.topografix.com/GPX/1/1/>.

use super::ExportError;
use super::gather::{Gathered, MoverName};
use super::moment::moment;
use super::tables::{mover_word, phenomenon_word, severity_word, stage_word};
use super::tracks::{Tracks, pieces};
use crate::out::{Place, Written};
use chengtu_engine::geo::Position;
use chengtu_engine::model::Fix;
use chengtu_engine::time::Timestamp;
use quick_xml::escape::escape;
use std::io::{Result, Write};

struct Waypoint<'a> {
    at: Position,
    time: Timestamp,
    name: String,
    desc: String,
    kind: &'a str,
}

/// Writes what was gathered. A track has a segment for each stretch in which its mover was heard of; a mover that was
/// heard of once is a waypoint, since a track of one point is not drawn.
///
/// # Errors
/// [`ExportError`] when the file cannot be written.
pub fn write(place: &Place, g: &Gathered, tracks: &Tracks) -> std::result::Result<(), ExportError> {
    let written = Written::whole(place, |out| {
        out.write_all(
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"chengtu\" xmlns=\"http://www.topografix.com/GPX/1/1\">\n",
        )?;
        for c in g.cases.values() {
            let class = g.rules.class(c.class).map_or("", |c| c.name.as_str());
            let stages = c
                .history
                .iter()
                .map(|h| format!("{} {}", stage_word(h.stage), moment(h.at)));
            let w = Waypoint {
                at: c.position,
                time: c.occurred_at,
                name: format!("#{} {class}", c.id),
                desc: format!("{} · {}", c.address, stages.collect::<Vec<_>>().join(", ")),
                kind: "case",
            };
            waypoint(out, &w)?;
        }
        for a in g.alarms.values() {
            let w = Waypoint {
                at: a.position,
                time: a.raised_at,
                name: format!("alarm {}", a.id),
                desc: severity_word(a.severity).to_owned(),
                kind: "alarm",
            };
            waypoint(out, &w)?;
        }
        for s in &g.sensors {
            let Some(latest) = s.latest else { continue };
            let value = latest
                .value
                .map_or_else(|| "fault".to_owned(), |v| v.to_string());
            let w = Waypoint {
                at: s.position,
                time: latest.phenomenon_time,
                name: s.name.clone(),
                desc: format!(
                    "{} {value} {}",
                    phenomenon_word(s.phenomenon),
                    s.unit_of_measure
                ),
                kind: "sensor",
            };
            waypoint(out, &w)?;
        }
        // By the schema all waypoints stand before the first track.
        let (once, often): (Vec<_>, Vec<_>) = tracks
            .by_mover
            .values()
            .partition(|(_, fixes)| fixes.len() == 1);
        for (name, fixes) in once.into_iter().chain(often) {
            track(out, name, fixes)?;
        }
        out.write_all(b"</gpx>\n")
    });
    Ok(written?)
}

fn track(out: &mut dyn Write, name: &MoverName, fixes: &[Fix]) -> Result<()> {
    if let [one] = fixes {
        let w = Waypoint {
            at: one.position,
            time: one.fix_time,
            name: name.title().to_owned(),
            desc: String::new(),
            kind: mover_word(name.kind),
        };
        return waypoint(out, &w);
    }
    write!(
        out,
        "<trk><name>{}</name><type>{}</type>",
        legal(name.title()),
        mover_word(name.kind)
    )?;
    for piece in pieces(fixes) {
        out.write_all(b"<trkseg>\n")?;
        for f in piece {
            let p = f.position.lon_lat();
            writeln!(
                out,
                "<trkpt lat=\"{:.7}\" lon=\"{:.7}\"><time>{}</time></trkpt>",
                p.lat_deg,
                p.lon_deg,
                moment(f.fix_time)
            )?;
        }
        out.write_all(b"</trkseg>")?;
    }
    out.write_all(b"</trk>\n")
}

fn waypoint(out: &mut dyn Write, w: &Waypoint<'_>) -> Result<()> {
    let p = w.at.lon_lat();
    writeln!(
        out,
        "<wpt lat=\"{:.7}\" lon=\"{:.7}\"><time>{}</time><name>{}</name><desc>{}</desc><type>{}</type></wpt>",
        p.lat_deg,
        p.lon_deg,
        moment(w.time),
        legal(&w.name),
        legal(&w.desc),
        w.kind
    )
}

/// Text as XML takes it: escaped, without characters that XML 1.0 has not.
fn legal(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'))
        .filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .collect();
    escape(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::ids::MoverId;
    use chengtu_engine::model::MoverKind;

    fn drawn(seconds: &[i64]) -> String {
        let name = MoverName {
            id: MoverId(0),
            key: "a<b".into(),
            kind: MoverKind::Taxi,
            call_sign: None,
        };
        let fix = |s: &i64| Fix {
            mover: MoverId(0),
            position: Position::new(1_187_800_000, 320_400_000),
            bearing_cdeg: 0,
            speed_cmps: 0,
            accuracy_dm: 0,
            fix_time: Timestamp::from_seconds(*s),
        };
        let fixes: Vec<Fix> = seconds.iter().map(fix).collect();
        let mut out = Vec::new();
        track(&mut out, &name, &fixes).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn edges_a_silent_day_parts_a_track_and_one_fix_is_a_waypoint() {
        let parted = drawn(&[0, 60, 86_400, 86_410]);
        assert_eq!(parted.matches("<trkseg>").count(), 2, "{parted}");
        assert_eq!(parted.matches("<trk>").count(), 1, "{parted}");
        let once = drawn(&[7]);
        assert!(
            once.starts_with("<wpt") && once.contains("a&lt;b"),
            "{once}"
        );
    }

    #[test]
    fn what_xml_does_not_take_is_left_out() {
        assert_eq!(legal("a<b>&\u{0}\"c\""), "a&lt;b&gt;&amp;&quot;c&quot;");
    }
}
