use super::proto::{Blob, BlobHeader, HeaderBlock, PrimitiveBlock};
use super::{Element, Member, MemberKind, Source, Wanted};
use crate::import::error::ImportError;
use flate2::read::ZlibDecoder;
use prost::Message;
use std::io::{self, BufRead, Read};

/// Limits of the format's specification.
const HEADER_BYTES_MAX: u32 = 64 * 1024;
const BLOB_BYTES_MAX: usize = 32 * 1024 * 1024;

type Visit<'v> = dyn FnMut(Element<'_>) -> Result<(), ImportError> + 'v;

pub fn read(
    source: &Source,
    reader: &mut dyn BufRead,
    wanted: Wanted,
    visit: &mut Visit<'_>,
) -> Result<(), ImportError> {
    for number in 1_u64.. {
        let Some((kind, bytes)) = next_blob(source, reader, number)? else {
            break;
        };
        let place = || format!("block {number}");
        match kind.as_str() {
            "OSMHeader" => {
                let header = HeaderBlock::decode(&bytes[..])
                    .map_err(|e| source.corrupt(place(), e.to_string()))?;
                check_features(source, &header)?;
                if let (true, Some(b)) = (wanted.relations, &header.bbox) {
                    visit(Element::Bounds(
                        [b.left, b.bottom, b.right, b.top].map(|v| v as f64 / 1e9),
                    ))?;
                }
            }
            "OSMData" => {
                let block = PrimitiveBlock::decode(&bytes[..])
                    .map_err(|e| source.corrupt(place(), e.to_string()))?;
                BlockReader::new(source, number, &block)?.visit(wanted, visit)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// The next blob's kind and unpacked bytes; `None` at a proper end of the file.
fn next_blob(
    source: &Source,
    reader: &mut dyn BufRead,
    number: u64,
) -> Result<Option<(String, Vec<u8>)>, ImportError> {
    if reader.fill_buf().map_err(|e| source.io(e))?.is_empty() {
        return Ok(None);
    }
    let place = || format!("block {number}");
    let cut = |e: io::Error| match e.kind() {
        io::ErrorKind::UnexpectedEof => source.truncated(format!("in block {number}")),
        _ => source.io(e),
    };
    let mut size = [0; 4];
    reader.read_exact(&mut size).map_err(cut)?;
    let size = u32::from_be_bytes(size);
    if size > HEADER_BYTES_MAX {
        return Err(source.corrupt(
            place(),
            format!("a block header of {size} bytes; at most {HEADER_BYTES_MAX} are allowed"),
        ));
    }
    let mut header = vec![0; size as usize];
    reader.read_exact(&mut header).map_err(cut)?;
    let header =
        BlobHeader::decode(&header[..]).map_err(|e| source.corrupt(place(), e.to_string()))?;
    let size = usize::try_from(header.datasize)
        .ok()
        .filter(|s| *s <= BLOB_BYTES_MAX)
        .ok_or_else(|| {
            source.corrupt(
                place(),
                format!(
                    "a block of {} bytes; at most {BLOB_BYTES_MAX} are allowed",
                    header.datasize
                ),
            )
        })?;
    let mut blob = vec![0; size];
    reader.read_exact(&mut blob).map_err(cut)?;
    let blob = Blob::decode(&blob[..]).map_err(|e| source.corrupt(place(), e.to_string()))?;
    Ok(Some((header.kind, unpack(source, blob, number)?)))
}

fn unpack(source: &Source, blob: Blob, number: u64) -> Result<Vec<u8>, ImportError> {
    let packed: Box<dyn Read + '_> = if let Some(raw) = blob.raw {
        return Ok(raw);
    } else if let Some(data) = &blob.zlib_data {
        Box::new(ZlibDecoder::new(&data[..]))
    } else if let Some(data) = &blob.zstd_data {
        Box::new(
            zstd::Decoder::new(&data[..])
                .map_err(|e| source.corrupt(format!("block {number}"), e.to_string()))?,
        )
    } else {
        let what = match (&blob.lzma_data, &blob.lz4_data) {
            (Some(_), _) => {
                "packed with LZMA, which is not read here; convert the file with osmium to zlib blocks"
            }
            (_, Some(_)) => {
                "packed with LZ4, which is not read here; convert the file with osmium to zlib blocks"
            }
            _ => "empty",
        };
        return Err(source.corrupt(format!("block {number}"), format!("the block is {what}")));
    };
    let mut bytes = Vec::new();
    packed
        .take(BLOB_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| {
            source.corrupt(
                format!("block {number}"),
                format!("its compressed data is damaged: {e}"),
            )
        })?;
    if bytes.len() > BLOB_BYTES_MAX {
        return Err(source.corrupt(
            format!("block {number}"),
            format!("it unpacks to more than {BLOB_BYTES_MAX} bytes"),
        ));
    }
    Ok(bytes)
}

fn check_features(source: &Source, header: &HeaderBlock) -> Result<(), ImportError> {
    let unknown = header
        .required_features
        .iter()
        .find(|f| !["OsmSchema-V0.6", "DenseNodes", "LocationsOnWays"].contains(&f.as_str()));
    unknown.map_or(Ok(()), |f| {
        Err(source.corrupt(
            "its header",
            format!(
                "it needs the feature {f:?}, which is not read here; a plain extract is expected"
            ),
        ))
    })
}

/// One block: its strings, checked once, and its scale.
struct BlockReader<'b> {
    source: &'b Source,
    number: u64,
    block: &'b PrimitiveBlock,
    strings: Vec<&'b str>,
}

impl<'b> BlockReader<'b> {
    fn new(
        source: &'b Source,
        number: u64,
        block: &'b PrimitiveBlock,
    ) -> Result<Self, ImportError> {
        let table = block.stringtable.as_ref().map_or(&[][..], |t| &t.s[..]);
        let strings = table
            .iter()
            .map(|s| std::str::from_utf8(s))
            .collect::<Result<_, _>>()
            .map_err(|e| {
                source.corrupt(
                    format!("block {number}"),
                    format!("a string is not UTF-8: {e}"),
                )
            })?;
        Ok(Self {
            source,
            number,
            block,
            strings,
        })
    }

    fn bad(&self, detail: &str) -> ImportError {
        self.source
            .corrupt(format!("block {}", self.number), detail)
    }

    fn string(&self, index: i64) -> Result<&'b str, ImportError> {
        let found = usize::try_from(index)
            .ok()
            .and_then(|i| self.strings.get(i));
        found.copied().ok_or_else(|| {
            self.bad(&format!(
                "string {index} of {} asked for",
                self.strings.len()
            ))
        })
    }

    fn tags(
        &self,
        keys: &[u32],
        values: &[u32],
        into: &mut Vec<(&'b str, &'b str)>,
    ) -> Result<(), ImportError> {
        into.clear();
        if keys.len() != values.len() {
            return Err(self.bad("an element with as many keys as values is expected"));
        }
        for (k, v) in keys.iter().zip(values) {
            into.push((self.string(i64::from(*k))?, self.string(i64::from(*v))?));
        }
        Ok(())
    }

    fn degrees(&self, raw: i64, offset: i64) -> f64 {
        let granularity = i128::from(self.block.granularity.unwrap_or(100));
        (i128::from(offset) + granularity * i128::from(raw)) as f64 / 1e9
    }

    fn position(&self, id: i64, lon: i64, lat: i64) -> Result<(i32, i32), ImportError> {
        let lon_deg = self.degrees(lon, self.block.lon_offset.unwrap_or(0));
        let lat_deg = self.degrees(lat, self.block.lat_offset.unwrap_or(0));
        self.source.position(id, lon_deg, lat_deg)
    }

    fn visit(&self, wanted: Wanted, visit: &mut Visit<'_>) -> Result<(), ImportError> {
        let mut tags = Vec::new();
        for group in &self.block.groups {
            if wanted.nodes {
                for n in &group.nodes {
                    self.tags(&n.keys, &n.vals, &mut tags)?;
                    let (lon_e7, lat_e7) = self.position(n.id, n.lon, n.lat)?;
                    visit(Element::Node {
                        id: n.id,
                        lon_e7,
                        lat_e7,
                        tags: &tags,
                    })?;
                }
                self.dense(group, visit)?;
            }
            if wanted.ways {
                self.ways(group, visit)?;
            }
            if wanted.relations {
                self.relations(group, visit)?;
            }
        }
        Ok(())
    }

    /// Running sums of deltas.
    fn sums(&self, deltas: &[i64], into: &mut Vec<i64>) -> Result<(), ImportError> {
        into.clear();
        let mut sum = 0_i64;
        for d in deltas {
            sum = sum
                .checked_add(*d)
                .ok_or_else(|| self.bad("an id beyond 64 bits"))?;
            into.push(sum);
        }
        Ok(())
    }

    fn dense(
        &self,
        group: &super::proto::PrimitiveGroup,
        visit: &mut Visit<'_>,
    ) -> Result<(), ImportError> {
        let Some(dense) = &group.dense else {
            return Ok(());
        };
        if dense.id.len() != dense.lat.len() || dense.id.len() != dense.lon.len() {
            return Err(self.bad("as many ids as coordinates are expected"));
        }
        let (mut ids, mut lats, mut lons) = (Vec::new(), Vec::new(), Vec::new());
        self.sums(&dense.id, &mut ids)?;
        self.sums(&dense.lat, &mut lats)?;
        self.sums(&dense.lon, &mut lons)?;
        let mut keys_values = dense.keys_vals.iter().map(|v| i64::from(*v));
        let mut tags = Vec::new();
        for ((id, lat), lon) in ids.iter().zip(lats).zip(lons) {
            tags.clear();
            while let Some(key) = keys_values.next().filter(|k| *k != 0) {
                let value = keys_values
                    .next()
                    .ok_or_else(|| self.bad("a key without a value"))?;
                tags.push((self.string(key)?, self.string(value)?));
            }
            let (lon_e7, lat_e7) = self.position(*id, lon, lat)?;
            visit(Element::Node {
                id: *id,
                lon_e7,
                lat_e7,
                tags: &tags,
            })?;
        }
        Ok(())
    }

    fn ways(
        &self,
        group: &super::proto::PrimitiveGroup,
        visit: &mut Visit<'_>,
    ) -> Result<(), ImportError> {
        let (mut tags, mut refs, mut places) = (Vec::new(), Vec::new(), Vec::new());
        let (mut lats, mut lons) = (Vec::new(), Vec::new());
        for w in &group.ways {
            self.tags(&w.keys, &w.vals, &mut tags)?;
            self.sums(&w.refs, &mut refs)?;
            self.sums(&w.lat, &mut lats)?;
            self.sums(&w.lon, &mut lons)?;
            if lats.len() != lons.len() || !(lats.is_empty() || lats.len() == refs.len()) {
                return Err(self.bad("a way with as many places as nodes is expected"));
            }
            places.clear();
            for ((lon, lat), node) in lons.iter().zip(&lats).zip(&refs) {
                places.push(self.position(*node, *lon, *lat)?);
            }
            visit(Element::Way {
                id: w.id,
                refs: &refs,
                places: &places,
                tags: &tags,
            })?;
        }
        Ok(())
    }

    fn relations(
        &self,
        group: &super::proto::PrimitiveGroup,
        visit: &mut Visit<'_>,
    ) -> Result<(), ImportError> {
        let (mut tags, mut ids, mut members) = (Vec::new(), Vec::new(), Vec::new());
        for r in &group.relations {
            self.tags(&r.keys, &r.vals, &mut tags)?;
            if r.memids.len() != r.types.len() || r.memids.len() != r.roles_sid.len() {
                return Err(self.bad("as many members as roles and types are expected"));
            }
            self.sums(&r.memids, &mut ids)?;
            members.clear();
            for ((id, kind), role) in ids.iter().zip(&r.types).zip(&r.roles_sid) {
                let kind = match kind {
                    0 => MemberKind::Node,
                    1 => MemberKind::Way,
                    2 => MemberKind::Relation,
                    _ => {
                        return Err(self.bad(&format!(
                            "relation {} has a member of unknown type {kind}",
                            r.id
                        )));
                    }
                };
                members.push(Member {
                    kind,
                    id: *id,
                    role: self.string(i64::from(*role))?,
                });
            }
            visit(Element::Relation {
                id: r.id,
                members: &members,
                tags: &tags,
            })?;
        }
        Ok(())
    }
}
