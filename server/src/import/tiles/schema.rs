//! The base map's layers and what their features carry.

use super::world::WorldPoint;
use std::rc::Rc;

/// First and last zoom of the archive; clients draw the last one larger beyond it.
pub const ZOOMS: std::ops::RangeInclusive<u8> = 8..=15;

/// A layer of the base map, in drawing order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Built-up and civic land.
    Landuse,
    /// Parks, grass, woods, pitches.
    Green,
    /// Lakes, ponds, rivers with two banks, the sea.
    Water,
    /// Rivers, canals and streams as lines.
    Waterway,
    /// Administrative borders as lines.
    Boundary,
    /// Railways and metro lines.
    Rail,
    /// Roads and ways.
    Road,
    /// Buildings and their parts.
    Building,
    /// Named places as points.
    Place,
}

/// A field of a layer: name, TileJSON type, meaning.
pub type Field = (&'static str, &'static str, &'static str);

const NAME: Field = ("name", "String", "name in the city's own language");
const NAME_EN: Field = ("name_en", "String", "name in English, where mapped");

impl Layer {
    /// Every layer, in drawing order.
    pub const ALL: [Self; 9] = [
        Self::Landuse,
        Self::Green,
        Self::Water,
        Self::Waterway,
        Self::Boundary,
        Self::Rail,
        Self::Road,
        Self::Building,
        Self::Place,
    ];

    /// Its name in the tiles.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Landuse => "landuse",
            Self::Green => "green",
            Self::Water => "water",
            Self::Waterway => "waterway",
            Self::Boundary => "boundary",
            Self::Rail => "rail",
            Self::Road => "road",
            Self::Building => "building",
            Self::Place => "place",
        }
    }

    /// The zoom from which on it holds anything.
    pub const fn min_zoom(self) -> u8 {
        match self {
            Self::Water | Self::Boundary | Self::Road | Self::Place => 8,
            Self::Landuse | Self::Green | Self::Rail => 10,
            Self::Waterway => 11,
            Self::Building => 13,
        }
    }

    /// What its features carry.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Landuse => &[(
                "class",
                "String",
                "commercial, retail, residential, industrial, education, hospital, civic, military, sports, square, parking, railway, construction",
            )],
            Self::Green => &[(
                "class",
                "String",
                "park, garden, grass, wood, pitch, farmland, wetland, cemetery",
            )],
            Self::Water => &[("class", "String", "river, lake, pool, sea")],
            Self::Waterway => &[
                ("class", "String", "river, canal, stream, drain"),
                NAME,
                NAME_EN,
                ("tunnel", "Boolean", "true under ground; absent otherwise"),
            ],
            Self::Boundary => &[(
                "admin_level",
                "Number",
                "OpenStreetMap's admin_level, 2 … 10",
            )],
            Self::Rail => &[
                ("class", "String", "rail, subway, light_rail, tram"),
                NAME,
                ("tunnel", "Boolean", "true under ground; absent otherwise"),
            ],
            Self::Road => &[
                (
                    "class",
                    "String",
                    "trunk, primary, secondary, tertiary, residential, living, service, foot",
                ),
                ("link", "Boolean", "true for slip roads; absent otherwise"),
                NAME,
                NAME_EN,
                (
                    "oneway",
                    "Boolean",
                    "true where driven along the line only; absent otherwise",
                ),
                ("bridge", "Boolean", "true on a bridge; absent otherwise"),
                ("tunnel", "Boolean", "true in a tunnel; absent otherwise"),
                (
                    "layer",
                    "Number",
                    "level above (+) or below (−) the ground; absent on it",
                ),
            ],
            Self::Building => &[
                ("height", "Number", "metres above the ground"),
                (
                    "min_height",
                    "Number",
                    "metres above the ground where it begins; absent on the ground",
                ),
                (
                    "levels_known",
                    "Boolean",
                    "true where height or storeys are mapped, false where they are guessed",
                ),
            ],
            Self::Place => &[
                NAME,
                NAME_EN,
                (
                    "class",
                    "String",
                    "district, quarter, station, square, park, water, public, landmark, building, poi, bus_stop",
                ),
                (
                    "kind",
                    "String",
                    "OpenStreetMap's own word, e.g. hospital or cafe",
                ),
                ("rank", "Number", "1 most important … 10 least"),
            ],
        }
    }
}

/// A feature's value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Free text, e.g. a name.
    Text(Rc<str>),
    /// A class from a fixed list.
    Word(&'static str),
    /// A whole number.
    Int(i64),
    /// A number in tenths, so that equal ones are equal.
    Tenths(i32),
    /// A Boolean, e.g. of a bridge.
    Bool(bool),
}

impl<'a> From<&'a Value> for chengtu_tiles::Value<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::Word(word) => Self::Text(word),
            Value::Int(number) => Self::Sint(*number),
            Value::Tenths(tenths) => Self::Float(*tenths as f32 / 10.0),
            Value::Bool(truth) => Self::Bool(*truth),
        }
    }
}

/// A shape in world units.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A single place, e.g. of a label.
    Point(WorldPoint),
    /// Lines, each of two points or more.
    Lines(Vec<Vec<WorldPoint>>),
    /// Areas: each an outline and its holes, first corner not repeated.
    Areas(Vec<Vec<Vec<WorldPoint>>>),
}

/// One thing on the base map.
#[derive(Clone, Debug)]
pub struct Feature {
    /// Layer of the map that it belongs to.
    pub layer: Layer,
    /// Its id in the tiles, 0 for none.
    pub id: u64,
    /// The zoom from which on it is shown.
    pub min_zoom: u8,
    /// What it carries.
    pub values: Box<[(&'static str, Value)]>,
    /// Where it is.
    pub shape: Shape,
}
