//! The messages of `vector_tile.proto`. Tags and geometry stay packed: they are cut out of the tile without a copy
//! and read when a feature is drawn.

use bytes::Bytes;

#[derive(Clone, PartialEq, prost::Message)]
pub struct Tile {
    #[prost(message, repeated, tag = "3")]
    pub layers: Vec<Layer>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Layer {
    #[prost(uint32, required, tag = "15")]
    pub version: u32,
    #[prost(string, required, tag = "1")]
    pub name: String,
    #[prost(message, repeated, tag = "2")]
    pub features: Vec<Feature>,
    #[prost(string, repeated, tag = "3")]
    pub keys: Vec<String>,
    #[prost(message, repeated, tag = "4")]
    pub values: Vec<Value>,
    #[prost(uint32, optional, tag = "5")]
    pub extent: Option<u32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Feature {
    #[prost(uint64, optional, tag = "1")]
    pub id: Option<u64>,
    /// Pairs of indices into the layer's keys and values, each a varint.
    #[prost(bytes = "bytes", tag = "2")]
    pub tags: Bytes,
    #[prost(int32, optional, tag = "3")]
    pub kind: Option<i32>,
    /// Commands and their parameters, each a varint.
    #[prost(bytes = "bytes", tag = "4")]
    pub geometry: Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Value {
    #[prost(string, optional, tag = "1")]
    pub text: Option<String>,
    #[prost(float, optional, tag = "2")]
    pub float: Option<f32>,
    #[prost(double, optional, tag = "3")]
    pub double: Option<f64>,
    #[prost(int64, optional, tag = "4")]
    pub int: Option<i64>,
    #[prost(uint64, optional, tag = "5")]
    pub uint: Option<u64>,
    #[prost(sint64, optional, tag = "6")]
    pub sint: Option<i64>,
    #[prost(bool, optional, tag = "7")]
    pub truth: Option<bool>,
}
