/// How an extract is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// OpenStreetMap's protocol buffers.
    Pbf,
    /// OpenStreetMap XML 0.6.
    Xml,
    /// The gzip shell around either.
    Gzip,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pbf => "OSM PBF",
            Self::Xml => "OSM XML",
            Self::Gzip => "gzip stream",
        })
    }
}
