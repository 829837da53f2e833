//! Cities made up for a test, element by element.

use super::{import, nd, tag, xml};
use crate::import::{ImportReport, OsmOptions};
use crate::pack::Pack;
use std::fmt::Write;

/// Imports elements; the folder is to be kept as long as the pack.
pub fn imported(elements: &str) -> (tempfile::TempDir, ImportReport, Pack) {
    let (dir, report) = import("town.osm", xml(elements).as_bytes(), &OsmOptions::default());
    let pack = Pack::open(&dir.path().join("pack")).unwrap();
    (dir, report.unwrap(), pack)
}

/// Elements of a made-up city, numbered as they come.
#[derive(Default)]
pub struct City {
    /// Elements so far.
    pub text: String,
    next: i64,
}

impl City {
    /// A node.
    pub fn node(&mut self, lon: f64, lat: f64, tags: &[(&str, &str)]) -> i64 {
        self.next += 1;
        let tags: String = tags.iter().map(tag).collect();
        let id = self.next;
        let _ = write!(
            self.text,
            "<node id=\"{id}\" lon=\"{lon:.7}\" lat=\"{lat:.7}\">{tags}</node>"
        );
        id
    }

    /// A way along nodes.
    pub fn way(&mut self, refs: &[i64], tags: &[(&str, &str)]) -> i64 {
        self.next += 1;
        let refs: String = refs.iter().map(nd).collect();
        let tags: String = tags.iter().map(tag).collect();
        let _ = write!(self.text, "<way id=\"{}\">{refs}{tags}</way>", self.next);
        self.next
    }

    /// A way of nodes of its own.
    pub fn line(&mut self, points: &[(f64, f64)], tags: &[(&str, &str)]) -> i64 {
        let refs: Vec<i64> = points.iter().map(|(x, y)| self.node(*x, *y, &[])).collect();
        self.way(&refs, tags)
    }

    /// A closed way of nodes of its own.
    pub fn ring(&mut self, points: &[(f64, f64)], tags: &[(&str, &str)]) -> i64 {
        let mut refs: Vec<i64> = points.iter().map(|(x, y)| self.node(*x, *y, &[])).collect();
        refs.push(refs[0]);
        self.way(&refs, tags)
    }

    /// An administrative border of ways, perhaps with the node of its seat.
    pub fn border(&mut self, ways: &[i64], seat: Option<i64>, tags: &[(&str, &str)]) {
        self.next += 1;
        let mut members = String::new();
        for way in ways {
            let _ = write!(
                members,
                "<member type=\"way\" ref=\"{way}\" role=\"outer\"/>"
            );
        }
        if let Some(seat) = seat {
            let _ = write!(
                members,
                "<member type=\"node\" ref=\"{seat}\" role=\"admin_centre\"/>"
            );
        }
        let tags: String = [("type", "boundary"), ("boundary", "administrative")]
            .iter()
            .chain(tags)
            .map(tag)
            .collect();
        let _ = write!(
            self.text,
            "<relation id=\"{}\">{members}{tags}</relation>",
            self.next
        );
    }

    /// A net of streets over a rectangle, `n` each way.
    pub fn streets(&mut self, [w, s, e, n]: [f64; 4], count: i32) {
        for i in 0..count {
            let t = f64::from(i) / f64::from(count - 1);
            let (x, y) = (w + (e - w) * t, s + (n - s) * t);
            self.line(&[(x, s), (x, n)], &[("highway", "residential")]);
            self.line(&[(w, y), (e, y)], &[("highway", "residential")]);
        }
    }

    /// A net of streets over a rectangle that meet at nodes, `count` each way: as many nodes in every part of it.
    pub fn net(&mut self, [w, s, e, n]: [f64; 4], count: usize) {
        let step = (count - 1) as f64;
        let mut nodes = vec![vec![0; count]; count];
        for (j, row) in nodes.iter_mut().enumerate() {
            for (i, node) in row.iter_mut().enumerate() {
                let (x, y) = (w + (e - w) * i as f64 / step, s + (n - s) * j as f64 / step);
                *node = self.node(x, y, &[]);
            }
        }
        for i in 0..count {
            let column: Vec<i64> = nodes.iter().map(|row| row[i]).collect();
            self.way(&column, &[("highway", "residential")]);
            self.way(&nodes[i], &[("highway", "residential")]);
        }
    }

    /// An administrative area over a rectangle.
    pub fn area(&mut self, [w, s, e, n]: [f64; 4], level: &str, name: &str) {
        let way = self.ring(&[(w, s), (e, s), (e, n), (w, n)], &[]);
        self.border(&[way], None, &[("admin_level", level), ("name", name)]);
    }

    /// A rectangle parted into columns and rows of administrative areas, named after `name` and their number.
    pub fn areas(
        &mut self,
        [w, s, e, n]: [f64; 4],
        (columns, rows): (u32, u32),
        level: &str,
        name: &str,
    ) {
        let part =
            |from: f64, to: f64, i: u32, of: u32| from + (to - from) * f64::from(i) / f64::from(of);
        for at in 0..columns * rows {
            let (i, j) = (at % columns, at / columns);
            let rectangle = [
                part(w, e, i, columns),
                part(s, n, j, rows),
                part(w, e, i + 1, columns),
                part(s, n, j + 1, rows),
            ];
            self.area(rectangle, level, &format!("{name} {}", at + 1));
        }
    }

    /// The rectangle that the file says it covers.
    pub fn bounds(&mut self, [w, s, e, n]: [f64; 4]) {
        let bounds =
            format!("<bounds minlon=\"{w}\" minlat=\"{s}\" maxlon=\"{e}\" maxlat=\"{n}\"/>");
        self.text.insert_str(0, &bounds);
    }

    /// Every node outside a rectangle taken away, references to it kept: clipped without complete ways.
    pub fn clipped(mut self, rectangle: [f64; 4]) -> String {
        let [w, s, e, n] = rectangle;
        let mut kept = String::new();
        for part in self.text.split_inclusive('>') {
            let at = |key: &str| -> Option<f64> {
                let from = part.find(&format!("{key}=\""))? + key.len() + 2;
                part[from..].split('"').next()?.parse().ok()
            };
            let node = part.starts_with("<node");
            let outside = node
                && !(at("lon").is_some_and(|x| w <= x && x <= e)
                    && at("lat").is_some_and(|y| s <= y && y <= n));
            kept += if outside { "<x>" } else { part };
        }
        // An opened and emptied node still has its closing tag.
        self.text = kept.replace("<x></node>", "");
        self.bounds(rectangle);
        self.text
    }
}
