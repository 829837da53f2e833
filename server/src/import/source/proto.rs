//! The messages of OpenStreetMap's PBF format that an import reads.
//!
//! Source: <https://wiki.openstreetmap.org/wiki/PBF_Format>. Written here rather than taken from a crate, because a
//! reader of strangers' files must refuse bad deltas and string indices instead of panicking over them.

#[derive(Clone, PartialEq, prost::Message)]
pub struct BlobHeader {
    #[prost(string, tag = "1")]
    pub kind: String,
    #[prost(int32, tag = "3")]
    pub datasize: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Blob {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub raw: Option<Vec<u8>>,
    #[prost(int32, optional, tag = "2")]
    pub raw_size: Option<i32>,
    #[prost(bytes = "vec", optional, tag = "3")]
    pub zlib_data: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "4")]
    pub lzma_data: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "6")]
    pub lz4_data: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "7")]
    pub zstd_data: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct HeaderBlock {
    #[prost(message, optional, tag = "1")]
    pub bbox: Option<HeaderBBox>,
    #[prost(string, repeated, tag = "4")]
    pub required_features: Vec<String>,
}

/// The covered rectangle, nanodegrees.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HeaderBBox {
    #[prost(sint64, tag = "1")]
    pub left: i64,
    #[prost(sint64, tag = "2")]
    pub right: i64,
    #[prost(sint64, tag = "3")]
    pub top: i64,
    #[prost(sint64, tag = "4")]
    pub bottom: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct PrimitiveBlock {
    #[prost(message, optional, tag = "1")]
    pub stringtable: Option<StringTable>,
    #[prost(message, repeated, tag = "2")]
    pub groups: Vec<PrimitiveGroup>,
    #[prost(int32, optional, tag = "17")]
    pub granularity: Option<i32>,
    #[prost(int64, optional, tag = "19")]
    pub lat_offset: Option<i64>,
    #[prost(int64, optional, tag = "20")]
    pub lon_offset: Option<i64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StringTable {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub s: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct PrimitiveGroup {
    #[prost(message, repeated, tag = "1")]
    pub nodes: Vec<Node>,
    #[prost(message, optional, tag = "2")]
    pub dense: Option<DenseNodes>,
    #[prost(message, repeated, tag = "3")]
    pub ways: Vec<Way>,
    #[prost(message, repeated, tag = "4")]
    pub relations: Vec<Relation>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Node {
    #[prost(sint64, tag = "1")]
    pub id: i64,
    #[prost(uint32, repeated, tag = "2")]
    pub keys: Vec<u32>,
    #[prost(uint32, repeated, tag = "3")]
    pub vals: Vec<u32>,
    #[prost(sint64, tag = "8")]
    pub lat: i64,
    #[prost(sint64, tag = "9")]
    pub lon: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct DenseNodes {
    #[prost(sint64, repeated, tag = "1")]
    pub id: Vec<i64>,
    #[prost(sint64, repeated, tag = "8")]
    pub lat: Vec<i64>,
    #[prost(sint64, repeated, tag = "9")]
    pub lon: Vec<i64>,
    #[prost(int32, repeated, tag = "10")]
    pub keys_vals: Vec<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Way {
    #[prost(int64, tag = "1")]
    pub id: i64,
    #[prost(uint32, repeated, tag = "2")]
    pub keys: Vec<u32>,
    #[prost(uint32, repeated, tag = "3")]
    pub vals: Vec<u32>,
    #[prost(sint64, repeated, tag = "8")]
    pub refs: Vec<i64>,
    /// Only with the feature `LocationsOnWays`.
    #[prost(sint64, repeated, tag = "9")]
    pub lat: Vec<i64>,
    #[prost(sint64, repeated, tag = "10")]
    pub lon: Vec<i64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Relation {
    #[prost(int64, tag = "1")]
    pub id: i64,
    #[prost(uint32, repeated, tag = "2")]
    pub keys: Vec<u32>,
    #[prost(uint32, repeated, tag = "3")]
    pub vals: Vec<u32>,
    #[prost(int32, repeated, tag = "8")]
    pub roles_sid: Vec<i32>,
    #[prost(sint64, repeated, tag = "9")]
    pub memids: Vec<i64>,
    #[prost(int32, repeated, tag = "10")]
    pub types: Vec<i32>,
}
