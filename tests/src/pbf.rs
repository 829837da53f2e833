//! A writer of OSM PBF for extracts of any size: elements come in one after the other and are written as blocks fill.

use std::collections::HashMap;
use std::io::{self, Write};

/// Elements of a block; the format allows a few more.
const BLOCK: usize = 8_000;

/// The bytes of a Protocol Buffers message.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// A signed number so that small ones are short.
    fn zigzag(&mut self, value: i64) {
        self.varint(((value << 1) ^ (value >> 63)) as u64);
    }

    fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn bytes(&mut self, field: u64, value: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
    }
}

/// Numbers as steps from the one before.
#[derive(Default)]
struct Column {
    bytes: Bytes,
    before: i64,
}

impl Column {
    fn push(&mut self, value: i64) {
        self.bytes.zigzag(value - self.before);
        self.before = value;
    }
}

/// Tags of an element.
pub type Tags<'a> = &'a [(&'a str, &'a str)];

/// What a member of a relation is, as the format numbers it.
#[derive(Clone, Copy)]
pub enum MemberKind {
    /// A node.
    Node = 0,
    /// A way.
    Way = 1,
}

/// A block of elements of one kind.
#[derive(Default)]
struct Block {
    strings: HashMap<String, u64>,
    texts: Vec<String>,
    nodes: [Column; 3],
    node_tags: Bytes,
    others: Bytes,
    count: usize,
}

impl Block {
    fn string(&mut self, text: &str) -> u64 {
        if let Some(at) = self.strings.get(text) {
            return *at;
        }
        self.texts.push(text.to_owned());
        let at = self.texts.len() as u64;
        self.strings.insert(text.to_owned(), at);
        at
    }

    /// Keys and values of a way or relation.
    fn tags(&mut self, tags: Tags<'_>) -> (Bytes, Bytes) {
        let (mut keys, mut values) = (Bytes::default(), Bytes::default());
        for (key, value) in tags {
            keys.varint(self.string(key));
            values.varint(self.string(value));
        }
        (keys, values)
    }

    fn encoded(self) -> Vec<u8> {
        let mut table = Bytes::default();
        table.bytes(1, b"");
        for text in &self.texts {
            table.bytes(1, text.as_bytes());
        }
        let mut group = Bytes::default();
        let [ids, lats, lons] = self.nodes.map(|c| c.bytes.0);
        if !ids.is_empty() {
            let mut dense = Bytes::default();
            for (field, column) in [(1, ids), (8, lats), (9, lons), (10, self.node_tags.0)] {
                dense.bytes(field, &column);
            }
            group.bytes(2, &dense.0);
        }
        group.0.extend(self.others.0);
        let mut block = Bytes::default();
        block.bytes(1, &table.0);
        block.bytes(2, &group.0);
        block.0
    }
}

/// Writes an extract: nodes first, then ways, then relations, each by ascending id.
pub struct PbfWriter<W: Write> {
    out: W,
    block: Block,
}

impl<W: Write> PbfWriter<W> {
    /// Begins an extract.
    ///
    /// # Errors
    /// As the writer below says.
    pub fn new(out: W) -> io::Result<Self> {
        let block = Block::default();
        let mut writer = Self { out, block };
        let mut header = Bytes::default();
        header.bytes(4, b"OsmSchema-V0.6");
        header.bytes(4, b"DenseNodes");
        writer.blob(b"OSMHeader", &header.0)?;
        Ok(writer)
    }

    fn blob(&mut self, kind: &[u8], content: &[u8]) -> io::Result<()> {
        let mut blob = Bytes::default();
        blob.bytes(1, content);
        let mut head = Bytes::default();
        head.bytes(1, kind);
        head.number(3, blob.0.len() as u64);
        self.out.write_all(&(head.0.len() as u32).to_be_bytes())?;
        self.out.write_all(&head.0)?;
        self.out.write_all(&blob.0)
    }

    fn counted(&mut self) -> io::Result<()> {
        self.block.count += 1;
        if self.block.count < BLOCK {
            return Ok(());
        }
        self.end_block()
    }

    fn end_block(&mut self) -> io::Result<()> {
        let block = std::mem::take(&mut self.block);
        if block.count == 0 {
            return Ok(());
        }
        self.blob(b"OSMData", &block.encoded())
    }

    /// A node; its place in 1e-7 degree, longitude first.
    ///
    /// # Errors
    /// As the writer below says.
    pub fn node(&mut self, id: i64, place: [i64; 2], tags: Tags<'_>) -> io::Result<()> {
        let [lon, lat] = place;
        for (column, value) in self.block.nodes.iter_mut().zip([id, lat, lon]) {
            column.push(value);
        }
        for (key, value) in tags {
            let pair = [self.block.string(key), self.block.string(value)];
            for text in pair {
                self.block.node_tags.varint(text);
            }
        }
        self.block.node_tags.varint(0);
        self.counted()
    }

    /// A way.
    ///
    /// # Errors
    /// As the writer below says.
    pub fn way(&mut self, id: i64, refs: &[i64], tags: Tags<'_>) -> io::Result<()> {
        let (keys, values) = self.block.tags(tags);
        let mut column = Column::default();
        for node in refs {
            column.push(*node);
        }
        let mut way = Bytes::default();
        way.number(1, id as u64);
        way.bytes(2, &keys.0);
        way.bytes(3, &values.0);
        way.bytes(8, &column.bytes.0);
        self.block.others.bytes(3, &way.0);
        self.counted()
    }

    /// Ends the block of nodes or ways: a block holds elements of one kind.
    ///
    /// # Errors
    /// As the writer below says.
    pub fn next_kind(&mut self) -> io::Result<()> {
        self.end_block()
    }

    /// A relation.
    ///
    /// # Errors
    /// As the writer below says.
    pub fn relation(
        &mut self,
        id: i64,
        members: &[(MemberKind, i64, &str)],
        tags: Tags<'_>,
    ) -> io::Result<()> {
        let (keys, values) = self.block.tags(tags);
        let (mut roles, mut ids, mut kinds) =
            (Bytes::default(), Column::default(), Bytes::default());
        for (kind, id, role) in members {
            roles.varint(self.block.string(role));
            ids.push(*id);
            kinds.varint(*kind as u64);
        }
        let mut relation = Bytes::default();
        relation.number(1, id as u64);
        let fields = [
            (2, keys),
            (3, values),
            (8, roles),
            (9, ids.bytes),
            (10, kinds),
        ];
        for (field, column) in fields {
            relation.bytes(field, &column.0);
        }
        self.block.others.bytes(4, &relation.0);
        self.counted()
    }

    /// Ends the extract.
    ///
    /// # Errors
    /// As the writer below says.
    pub fn finish(mut self) -> io::Result<()> {
        self.end_block()?;
        self.out.flush()
    }
}
