//! The base map that ships, read and written again: the same features, in no more bytes.

use chengtu_engine::geo::{LonLat, TileId};
use chengtu_tiles::{Feature, GeometryType, LayerWriter, Shape, Value, decode, encode, polygons};
use pmtiles::{AsyncPmTilesReader, Header, MmapBackend, TileCoord};
use std::path::Path;

/// What the importer writes as values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stored {
    Text(String),
    Sint(i64),
    FloatBits(u32),
    Bool(bool),
}

impl<'v> From<&'v Stored> for Value<'v> {
    fn from(stored: &'v Stored) -> Self {
        match stored {
            Stored::Text(text) => Self::Text(text),
            Stored::Sint(number) => Self::Sint(*number),
            Stored::FloatBits(bits) => Self::Float(f32::from_bits(*bits)),
            Stored::Bool(truth) => Self::Bool(*truth),
        }
    }
}

fn stored(value: Value<'_>) -> Stored {
    match value {
        Value::Text(text) => Stored::Text(text.into()),
        Value::Sint(number) => Stored::Sint(number),
        Value::Float(number) => Stored::FloatBits(number.to_bits()),
        Value::Bool(truth) => Stored::Bool(truth),
        other => panic!("the importer writes no {other:?}"),
    }
}

fn shape(feature: &Feature<'_>) -> Shape {
    let lines = feature.lines().expect("a whole geometry");
    match feature.geometry_type() {
        GeometryType::Point => Shape::Point(lines[0][0]),
        GeometryType::Line => Shape::Lines(lines),
        GeometryType::Polygon => Shape::Areas(polygons(lines)),
        GeometryType::Unknown => panic!("a geometry without a type"),
    }
}

/// The layer's name as the importer has it, and its features written again.
fn written(layer: &chengtu_tiles::Layer<'_>) -> (&'static str, LayerWriter<Stored>) {
    let mut writer = LayerWriter::default();
    for feature in layer.features() {
        let properties: Vec<(&'static str, Stored)> = feature
            .properties()
            .map(|(key, value)| (&*key.to_owned().leak(), stored(value)))
            .collect();
        writer.add(feature.id(), &properties, &shape(&feature));
    }
    (layer.name().to_owned().leak(), writer)
}

/// All that a tile says, in its order.
fn content(tile: &[u8]) -> Vec<String> {
    let layers = decode(tile).expect("a vector tile");
    let features = |layer: &chengtu_tiles::Layer<'_>| {
        let name = layer.name().to_owned();
        let of = |f: Feature<'_>| {
            let properties: Vec<_> = f.properties().map(|(k, v)| (k, stored(v))).collect();
            let (id, lines) = (f.id(), f.lines().expect("a whole geometry"));
            format!(
                "{name} {id} {properties:?} {:?} {lines:?}",
                f.geometry_type()
            )
        };
        layer.features().map(of).collect::<Vec<_>>()
    };
    layers.iter().flat_map(features).collect()
}

/// The tiles that an archive may have: those of its zooms within its bounds.
fn coords(header: &Header) -> impl Iterator<Item = TileCoord> {
    let corner = |lon, lat| LonLat::new(lon, lat).position().expect("a place on Earth");
    let south_west = corner(header.min_longitude, header.min_latitude);
    let north_east = corner(header.max_longitude, header.max_latitude);
    (header.min_zoom..=header.max_zoom).flat_map(move |z| {
        let [a, b] = [south_west, north_east].map(|p| TileId::containing(p, z));
        (a.x..=b.x).flat_map(move |x| {
            (b.y..=a.y).map(move |y| TileCoord::new(z, x, y).expect("a tile of its zoom"))
        })
    })
}

#[tokio::test]
async fn every_tile_that_ships_is_read_and_written_again_alike() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing/basemap.pmtiles");
    let file = MmapBackend::try_from(path).await.expect("the base map");
    let archive = AsyncPmTilesReader::try_from_source(file)
        .await
        .expect("an archive");
    let mut tiles = 0;
    for coord in coords(archive.get_header()) {
        let tile = archive.get_tile_decompressed(coord).await;
        let Some(tile) = tile.expect("a whole archive") else {
            continue;
        };
        let layers = decode(&tile).expect("a vector tile");
        let again = encode(layers.iter().map(written));
        assert_eq!(content(&again), content(&tile), "{coord:?}");
        assert!(again.len() <= tile.len(), "{coord:?}");
        tiles += 1;
    }
    let stored = archive.get_header().n_addressed_tiles();
    assert_eq!(Some(tiles), stored.map(std::num::NonZeroU64::get));
}

#[tokio::test]
async fn no_line_that_ships_is_without_length() {
    for city in ["harbin", "nanjing"] {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../data/{city}/basemap.pmtiles"));
        let file = MmapBackend::try_from(path).await.expect("the base map");
        let archive = AsyncPmTilesReader::try_from_source(file)
            .await
            .expect("an archive");
        let finest = archive.get_header().max_zoom;
        for coord in coords(archive.get_header()).filter(|c| c.z() == finest) {
            let tile = archive.get_tile_decompressed(coord).await;
            let Some(tile) = tile.expect("a whole archive") else {
                continue;
            };
            for layer in decode(&tile).expect("a vector tile") {
                let lines = layer
                    .features()
                    .filter(|f| f.geometry_type() == GeometryType::Line);
                for line in lines.flat_map(|f| f.lines().expect("a whole geometry")) {
                    let moves = line.windows(2).any(|w| w[0] != w[1]);
                    assert!(moves, "{city} {coord:?} {}: {line:?}", layer.name());
                }
            }
        }
    }
}
