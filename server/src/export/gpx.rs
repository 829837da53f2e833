//! A stretch as GPX 1.1: cases, sensors and alarms as waypoints, movers as tracks.
//!
//! Source: <https://www.topografix.com/GPX/1/1/>.

use super::ExportError;
use super::gather::Gathered;
use super::tables::{mover_word, phenomenon_word, severity_word, stage_word};
use super::tracks::Tracks;
use super::written::{Written, moment};
use chengtu_engine::geo::Position;
use chengtu_engine::time::Timestamp;
use quick_xml::escape::escape;
use std::io::{Result, Write};
use std::path::Path;

struct Waypoint<'a> {
    at: Position,
    time: Timestamp,
    name: String,
    desc: String,
    kind: &'a str,
}

/// Writes what was gathered to `path`; an existing file is replaced only when the new one is whole.
///
/// # Errors
/// [`ExportError`] when the file cannot be written.
pub fn write(path: &Path, g: &Gathered, tracks: &Tracks) -> std::result::Result<(), ExportError> {
    Written::whole(path, |out| {
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
        for (name, fixes) in tracks.by_mover.values() {
            writeln!(
                out,
                "<trk><name>{}</name><type>{}</type><trkseg>",
                legal(name.title()),
                mover_word(name.kind)
            )?;
            for f in fixes {
                let p = f.position.lon_lat();
                writeln!(
                    out,
                    "<trkpt lat=\"{:.7}\" lon=\"{:.7}\"><time>{}</time></trkpt>",
                    p.lat_deg,
                    p.lon_deg,
                    moment(f.fix_time)
                )?;
            }
            out.write_all(b"</trkseg></trk>\n")?;
        }
        out.write_all(b"</gpx>\n")
    })
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
    #[test]
    fn what_xml_does_not_take_is_left_out() {
        assert_eq!(
            super::legal("a<b>&\u{0}\"c\""),
            "a&lt;b&gt;&amp;&quot;c&quot;"
        );
    }
}
