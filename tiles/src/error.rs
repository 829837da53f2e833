/// Why a tile, or a geometry in it, cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// It ends inside a field.
    #[error("the tile ends too early")]
    Truncated,
    /// A number of more than 64 bits.
    #[error("the tile holds a number of more than ten bytes")]
    Varint,
    /// A kind of field that protocol buffers no longer have, or never had.
    #[error("the tile holds a field of the unknown kind {0}")]
    WireType(u64),
    /// A name, key or value that is not UTF-8.
    #[error("the tile holds text that is not UTF-8")]
    Text,
    /// An extent of more than 32 bits.
    #[error("the tile has an extent of {0} units")]
    Extent(u64),
    /// A command that the specification does not have, or one without its points.
    #[error("a geometry in the tile is broken")]
    Geometry,
}
