//! The city's base map as one PMTiles archive of vector tiles, plain or gzipped.

use super::file::LocalFile;
use bytes::Bytes;
use chengtu_engine::geo::{GeoBox, LonLat, TileId};
use pmtiles::{
    AsyncPmTilesReader, Compression, HashMapCache, Header, PmtError, TileCoord, TileType,
};
use std::io::Read;
use std::path::Path;

/// Largest tile accepted, decompressed.
const TILE_BYTES_MAX: u64 = 64 << 20;

/// Why an archive or a tile cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The system refused, or it is no PMTiles archive, or a broken one.
    #[error("{name}: not a readable PMTiles archive: {source}")]
    Read {
        /// Path of the file.
        name: String,
        /// What is wrong with it.
        #[source]
        source: PmtError,
    },
    /// An archive, but not of a base map.
    #[error("{name}: not usable as a base map: {what}")]
    Use {
        /// Path of the file.
        name: String,
        /// What it has or lacks.
        what: String,
    },
}

/// An open archive.
pub struct Archive {
    name: String,
    reader: AsyncPmTilesReader<LocalFile, HashMapCache>,
    /// Smallest and largest zoom with tiles.
    pub zooms: [u8; 2],
    /// The rectangle that the tiles cover.
    pub bounds: GeoBox,
}

impl Archive {
    /// Opens the archive at `path`: reads its header and its root directory.
    ///
    /// # Errors
    /// [`ArchiveError`] naming the archive.
    pub async fn open(path: &Path) -> Result<Self, ArchiveError> {
        let name = path.display().to_string();
        let read = |source| ArchiveError::Read {
            name: name.clone(),
            source,
        };
        let file = LocalFile::open(path).map_err(|e| read(e.into()))?;
        let reader = AsyncPmTilesReader::try_from_cached_source(file, HashMapCache::default());
        let reader = reader.await.map_err(read)?;
        let header = reader.get_header();
        let bounds = usable(header).map_err(|what| ArchiveError::Use {
            name: name.clone(),
            what,
        })?;
        Ok(Self {
            zooms: [header.min_zoom, header.max_zoom.min(24)],
            bounds,
            name,
            reader,
        })
    }

    /// Path of the file, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bytes of a tile, decompressed; `None` when the archive has none there.
    ///
    /// # Errors
    /// [`ArchiveError`] naming the archive.
    pub async fn tile(&self, tile: TileId) -> Result<Option<Bytes>, ArchiveError> {
        self.decompressed(tile)
            .await
            .map_err(|source| ArchiveError::Read {
                name: self.name.clone(),
                source,
            })
    }

    async fn decompressed(&self, tile: TileId) -> Result<Option<Bytes>, PmtError> {
        let coord = TileCoord::new(tile.z, tile.x, tile.y)?;
        let Some(packed) = self.reader.get_tile(coord).await? else {
            return Ok(None);
        };
        if self.reader.get_header().tile_compression == Compression::None {
            return Ok(Some(packed));
        }
        // Not by the reader, which unpacks without a limit.
        let mut plain = Vec::with_capacity(packed.len() * 2);
        let unpacked = flate2::read::GzDecoder::new(&packed[..])
            .take(TILE_BYTES_MAX + 1)
            .read_to_end(&mut plain)?;
        if unpacked as u64 > TILE_BYTES_MAX {
            let text = format!("a tile of over {TILE_BYTES_MAX} bytes");
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, text).into());
        }
        Ok(Some(plain.into()))
    }
}

/// The rectangle that an archive covers, if the map can read it; else what is against it.
fn usable(header: &Header) -> Result<GeoBox, String> {
    if header.spec_version() != 3 {
        return Err(format!("version {}, expected 3", header.spec_version()));
    }
    if header.tile_type != TileType::Mvt {
        return Err("it does not hold vector tiles (MVT)".into());
    }
    if !matches!(
        header.tile_compression,
        Compression::None | Compression::Gzip
    ) {
        return Err("its tiles are compressed otherwise than by gzip".into());
    }
    let corner = |lon, lat| LonLat::new(lon, lat).position().map_err(|e| e.to_string());
    Ok(GeoBox::new(
        corner(header.min_longitude, header.min_latitude)?,
        corner(header.max_longitude, header.max_latitude)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::tasks::block_on;
    use pmtiles::PmTilesWriter;
    use std::path::PathBuf;

    const A: TileId = TileId {
        z: 15,
        x: 27_194,
        y: 13_300,
    };
    const B: TileId = TileId {
        z: 14,
        x: 13_597,
        y: 6_650,
    };

    fn file(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("chengtu-archive-{}-{name}", std::process::id()))
    }

    /// The bytes of an archive of Nanjing's bounds with the tiles [`A`] and [`B`].
    fn archive(kind: TileType, compression: Compression) -> Vec<u8> {
        let mut out = std::io::Cursor::new(Vec::new());
        let mut writer = PmTilesWriter::new(kind)
            .tile_compression(compression)
            .bounds(118.0, 31.0, 119.0, 32.5)
            .min_zoom(14)
            .max_zoom(15)
            .create(&mut out)
            .unwrap();
        for (tile, bytes) in [(B, "fourteen"), (A, "fifteen")] {
            let coord = TileCoord::new(tile.z, tile.x, tile.y).unwrap();
            writer.add_tile(coord, bytes.as_bytes()).unwrap();
        }
        writer.finalize().unwrap();
        out.into_inner()
    }

    /// What comes of opening an archive of these bytes.
    fn opened(name: &str, bytes: &[u8]) -> Result<Archive, ArchiveError> {
        let path = file(name);
        std::fs::write(&path, bytes).unwrap();
        let opened = block_on(Archive::open(&path));
        std::fs::remove_file(&path).unwrap();
        opened
    }

    #[test]
    fn tiles_are_found_and_missing_ones_are_none() {
        for compression in [Compression::None, Compression::Gzip] {
            let archive = opened("good", &archive(TileType::Mvt, compression)).unwrap();
            assert_eq!(archive.zooms, [14, 15]);
            assert_eq!(archive.bounds.min.lon_e7, 1_180_000_000);
            assert_eq!(archive.bounds.max.lat_e7, 325_000_000);
            let tile = |tile| block_on(archive.tile(tile)).unwrap();
            assert_eq!(tile(A).unwrap(), "fifteen");
            assert_eq!(tile(B).unwrap(), "fourteen");
            assert_eq!(tile(TileId { x: A.x + 1, ..A }), None);
        }
    }

    #[test]
    fn archives_that_are_none_or_of_another_kind_are_refused_with_their_name() {
        let good = archive(TileType::Mvt, Compression::Gzip);
        let with = |at: usize, bytes: &[u8]| {
            let mut other = good.clone();
            other[at..at + bytes.len()].copy_from_slice(bytes);
            other
        };
        for (what, bytes, words) in [
            ("cut short", good[..100].to_vec(), "header"),
            ("other text", vec![b'x'; 200], "magic"),
            ("version 2", with(7, &[2]), "version 2"),
            (
                "a root directory without end",
                with(16, &[0xff; 8]),
                "header",
            ),
            ("pictures", archive(TileType::Png, Compression::None), "MVT"),
            ("tiles packed by zstd", with(98, &[4]), "gzip"),
            ("bounds off the earth", with(102, &[0x7f; 4]), "longitude"),
        ] {
            let error = opened("bad", &bytes).err().expect(what).to_string();
            let named = error.contains(&format!("chengtu-archive-{}-bad", std::process::id()));
            assert!(named && error.contains(words), "{what}: {error}");
        }
    }

    #[test]
    fn no_other_byte_of_an_archive_panics() {
        let good = archive(TileType::Mvt, Compression::Gzip);
        for i in 0..good.len() {
            let mut broken = good.clone();
            broken[i] ^= 0xff;
            if let Ok(archive) = opened("broken", &broken) {
                for tile in [A, B] {
                    drop(block_on(archive.tile(tile)));
                }
            }
        }
    }

    #[test]
    fn a_tile_without_end_is_an_error() {
        let mut out = std::io::Cursor::new(Vec::new());
        let mut writer = PmTilesWriter::new(TileType::Mvt)
            .tile_compression(Compression::Gzip)
            .create(&mut out)
            .unwrap();
        let coord = TileCoord::new(A.z, A.x, A.y).unwrap();
        writer.add_tile(coord, &vec![0; (64 << 20) + 1]).unwrap();
        writer.finalize().unwrap();
        let archive = opened("endless", &out.into_inner()).unwrap();
        let error = block_on(archive.tile(A)).unwrap_err().to_string();
        assert!(error.contains("a tile of over"), "{error}");
    }
}
