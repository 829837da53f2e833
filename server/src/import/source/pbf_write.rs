//! A small writer of OSM PBF, so that the reader's tests need no binary files.

use super::proto::{
    Blob, BlobHeader, DenseNodes, HeaderBBox, HeaderBlock, Node, PrimitiveBlock, PrimitiveGroup,
    Relation, StringTable, Way,
};
use super::{Element, MemberKind, Source, Wanted};
use crate::import::progress::Progress;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use prost::Message;
use std::io::Write;

/// How the blocks are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Nodes one by one instead of as columns.
    pub plain_nodes: bool,
    /// Blocks as they are (`Some(false)`), by Zstandard (`Some(true)`) or by zlib.
    pub zstd: Option<bool>,
    /// Places of nodes in the ways, and of the nodes only those with tags.
    pub places_in_ways: bool,
}

#[derive(Default)]
struct Block {
    strings: Vec<Vec<u8>>,
    nodes: Vec<Node>,
    ways: Vec<Way>,
    relations: Vec<Relation>,
}

impl Block {
    fn string(&mut self, text: &str) -> u32 {
        if self.strings.is_empty() {
            self.strings.push(Vec::new());
        }
        let found = self
            .strings
            .iter()
            .skip(1)
            .position(|s| s == text.as_bytes())
            .map(|at| at + 1);
        found.unwrap_or_else(|| {
            self.strings.push(text.as_bytes().to_vec());
            self.strings.len() - 1
        }) as u32
    }

    fn tags(&mut self, tags: &[(&str, &str)]) -> (Vec<u32>, Vec<u32>) {
        tags.iter()
            .map(|(k, v)| (self.string(k), self.string(v)))
            .unzip()
    }

    fn encode(self, style: Style) -> Vec<u8> {
        let deltas = |values: Vec<i64>| -> Vec<i64> {
            let before = std::iter::once(0).chain(values.clone());
            values.iter().zip(before).map(|(v, b)| v - b).collect()
        };
        let mut group = PrimitiveGroup {
            ways: self.ways,
            relations: self.relations,
            ..Default::default()
        };
        for w in &mut group.ways {
            if style.places_in_ways {
                let at = |id: &i64| self.nodes.iter().find(|n| n.id == *id).unwrap();
                w.lat = deltas(w.refs.iter().map(|id| at(id).lat).collect());
                w.lon = deltas(w.refs.iter().map(|id| at(id).lon).collect());
            }
            w.refs = deltas(std::mem::take(&mut w.refs));
        }
        let mut nodes = self.nodes;
        nodes.retain(|n| !style.places_in_ways || !n.keys.is_empty());
        for r in &mut group.relations {
            r.memids = deltas(std::mem::take(&mut r.memids));
        }
        if style.plain_nodes {
            group.nodes = nodes;
        } else {
            let column = |f: fn(&Node) -> i64| deltas(nodes.iter().map(f).collect());
            let mut dense = DenseNodes {
                id: column(|n| n.id),
                lat: column(|n| n.lat),
                lon: column(|n| n.lon),
                keys_vals: vec![],
            };
            for n in &nodes {
                dense.keys_vals.extend(
                    n.keys
                        .iter()
                        .zip(&n.vals)
                        .flat_map(|(k, v)| [*k as i32, *v as i32]),
                );
                dense.keys_vals.push(0);
            }
            group.dense = Some(dense);
        }
        let block = PrimitiveBlock {
            stringtable: Some(StringTable { s: self.strings }),
            groups: vec![group],
            granularity: None,
            lat_offset: None,
            lon_offset: None,
        };
        block.encode_to_vec()
    }
}

/// What a reader must know to read files of a style.
fn features(style: Style) -> Vec<String> {
    let mut all = vec!["OsmSchema-V0.6".into(), "DenseNodes".into()];
    all.extend(style.places_in_ways.then(|| "LocationsOnWays".into()));
    all
}

/// The elements of an XML extract as PBF.
pub fn pbf_from_xml(xml: &str, style: Style) -> Vec<u8> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(xml.as_bytes()).unwrap();
    let source = Source::open(file.path()).unwrap();
    let mut block = Block::default();
    let mut header = HeaderBlock {
        bbox: None,
        required_features: features(style),
    };
    let all = Wanted {
        nodes: true,
        ways: true,
        relations: true,
    };
    let visit = |element: Element<'_>| {
        match element {
            Element::Node {
                id,
                lon_e7,
                lat_e7,
                tags,
            } => {
                let (keys, vals) = block.tags(tags);
                block.nodes.push(Node {
                    id,
                    keys,
                    vals,
                    lat: lat_e7.into(),
                    lon: lon_e7.into(),
                });
            }
            Element::Way { id, refs, tags, .. } => {
                let (keys, vals) = block.tags(tags);
                block.ways.push(Way {
                    id,
                    keys,
                    vals,
                    refs: refs.to_vec(),
                    ..Way::default()
                });
            }
            Element::Relation { id, members, tags } => {
                let (keys, vals) = block.tags(tags);
                let kind = |k| match k {
                    MemberKind::Node => 0,
                    MemberKind::Way => 1,
                    MemberKind::Relation => 2,
                };
                let roles_sid = members
                    .iter()
                    .map(|m| block.string(m.role) as i32)
                    .collect();
                block.relations.push(Relation {
                    id,
                    keys,
                    vals,
                    roles_sid,
                    memids: members.iter().map(|m| m.id).collect(),
                    types: members.iter().map(|m| kind(m.kind)).collect(),
                });
            }
            Element::Bounds([w, s, e, n]) => {
                let nano = |v: f64| (v * 1e9).round() as i64;
                header.bbox = Some(HeaderBBox {
                    left: nano(w),
                    right: nano(e),
                    top: nano(n),
                    bottom: nano(s),
                });
            }
            Element::Remark(_) => {}
        }
        Ok(())
    };
    source.read(all, &Progress::hidden(), visit).unwrap();
    let mut out = Vec::new();
    blob(&mut out, "OSMHeader", &header.encode_to_vec(), style);
    blob(&mut out, "OSMData", &block.encode(style), style);
    out
}

/// Appends one blob.
pub fn blob(out: &mut Vec<u8>, kind: &str, bytes: &[u8], style: Style) {
    let mut blob = Blob {
        raw_size: Some(bytes.len() as i32),
        ..Default::default()
    };
    match style.zstd {
        Some(false) => blob.raw = Some(bytes.to_vec()),
        Some(true) => blob.zstd_data = Some(zstd::encode_all(bytes, 3).unwrap()),
        None => {
            let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
            packer.write_all(bytes).unwrap();
            blob.zlib_data = Some(packer.finish().unwrap());
        }
    }
    let blob = blob.encode_to_vec();
    let header = BlobHeader {
        kind: kind.into(),
        datasize: blob.len() as i32,
    }
    .encode_to_vec();
    out.extend((header.len() as u32).to_be_bytes());
    out.extend(header);
    out.extend(blob);
}
