//! Source to shapes.

use super::{Content, Field, Item, Shape, Variant};
use std::collections::BTreeMap;

/// Every named shape.
pub type Shapes = BTreeMap<String, Item>;

const FILES: [&str; 10] = [
    include_str!("../../src/v1/client.rs"),
    include_str!("../../src/v1/server.rs"),
    include_str!("../../src/v1/commands.rs"),
    include_str!("../../src/v1/entities.rs"),
    include_str!("../../src/v1/model.rs"),
    include_str!("../../src/v1/city.rs"),
    include_str!("../../src/v1/time.rs"),
    include_str!("../../src/v1/world.rs"),
    include_str!("../../src/v1/drill.rs"),
    include_str!("../../src/v1/fork.rs"),
];
const HOTSPOTS: &str = include_str!("../../src/v1/hotspots.rs");

/// Reads all mirrors.
pub fn read() -> Shapes {
    let mut shapes = Shapes::new();
    for file in FILES {
        items(file, "", &mut shapes);
    }
    // The areas of hotspots are written in two ways; the later one has a name of its own here.
    items(HOTSPOTS, "HotspotArea", &mut shapes);
    // In JSON a tile is written row by row, by hand.
    shapes.insert("TileFrame".into(), Item::Struct(fields(&TILE)));
    shapes.insert("MoverRow".into(), Item::Struct(fields(&MOVER)));
    shapes
}

const TILE: [&str; 4] = [
    "tile: (u8, u32, u32),",
    "time: Timestamp,",
    "moved: Vec<MoverRow>,",
    "left: Vec<MoverId>,",
];
const MOVER: [&str; 10] = [
    "id: MoverId,",
    "lon: f64,",
    "lat: f64,",
    "bearing_deg: Option<f32>,",
    "speed_mps: f32,",
    "time: Timestamp,",
    "#[serde(default)]",
    "kind: MoverKind,",
    "#[serde(default)]",
    "unit: Option<UnitId>,",
];

/// Attributes before a field, a variant or an item.
#[derive(Default)]
struct Attributes {
    with: Option<String>,
    default: bool,
    skip: bool,
    snake: bool,
}

impl Attributes {
    fn add(&mut self, line: &str) {
        let quoted = |key: &str| {
            let from = line.find(&format!("{key} = \""))? + key.len() + 4;
            line[from..].split('"').next().map(str::to_owned)
        };
        if line.starts_with("#[serde(") {
            self.with = quoted("with").or(self.with.take());
            self.default |= line.contains("default");
            self.skip |= line.contains("(skip)");
            self.snake |= quoted("rename_all").as_deref() == Some("snake_case");
        }
    }
}

/// Reads the items of a file; one called `renamed` gets a longer name.
fn items(file: &str, renamed: &str, into: &mut Shapes) {
    let mut lines = file.lines().map(str::trim).peekable();
    let mut attributes = Attributes::default();
    while let Some(line) = lines.next() {
        // What is written by hand: a role as its word, a reason as its number.
        if line.starts_with("pub(super) mod ") {
            while lines.peek().is_some_and(|l| {
                !l.starts_with("pub(super) enum") && !l.starts_with("pub(super) struct")
            }) {
                lines.next();
            }
            continue;
        }
        attributes.add(line);
        let struct_name = line.strip_prefix("pub(super) struct ");
        let enum_name = line.strip_prefix("pub(super) enum ");
        let Some(name) = struct_name.or(enum_name).and_then(|l| l.strip_suffix(" {")) else {
            continue;
        };
        let body: Vec<&str> = lines.by_ref().take_while(|l| *l != "}").collect();
        let item = if struct_name.is_some() {
            Item::Struct(fields(&body))
        } else {
            assert!(attributes.snake, "{name} is not in snake_case");
            Item::Enum(variants(&body))
        };
        attributes = Attributes::default();
        let name = if name == renamed {
            format!("{name}WithChance")
        } else {
            name.to_owned()
        };
        assert!(into.insert(name.clone(), item).is_none(), "{name} twice");
    }
}

fn fields(lines: &[&str]) -> Vec<Field> {
    let mut found = Vec::new();
    let mut attributes = Attributes::default();
    for line in lines {
        if line.starts_with("#[") {
            attributes.add(line);
        } else if let Some((name, kind)) = line.strip_suffix(',').and_then(|l| l.split_once(": ")) {
            let taken = std::mem::take(&mut attributes);
            found.extend((!taken.skip).then(|| field(name, kind, &taken)));
        } else {
            assert!(
                line.is_empty() || line.starts_with("//"),
                "what is {line:?}?"
            );
        }
    }
    found
}

fn field(name: &str, kind: &str, attributes: &Attributes) -> Field {
    let shape = shape(kind, attributes.with.as_deref());
    let plain_option = attributes.with.is_none() && matches!(shape, Shape::OrNull(_));
    Field {
        name: name.to_owned(),
        optional: attributes.default || plain_option,
        shape,
    }
}

fn variants(lines: &[&str]) -> Vec<Variant> {
    let mut found = Vec::new();
    let mut since = String::new();
    let mut attributes = Attributes::default();
    let mut lines = lines.iter();
    while let Some(line) = lines.next() {
        if let Some(comment) = line.strip_prefix("//") {
            let version = comment
                .split("of 1.")
                .nth(1)
                .or(comment.split("Of 1.").nth(1));
            since = version.map_or(since, |v| format!("1.{}", v.trim_end_matches('.')));
        } else if line.starts_with("#[") {
            attributes.add(line);
        } else {
            let taken = std::mem::take(&mut attributes);
            let (name, content) = if let Some(name) = line.strip_suffix(" {") {
                let body: Vec<&str> = lines.by_ref().copied().take_while(|l| *l != "},").collect();
                if taken.skip {
                    continue;
                }
                (name, Content::Fields(fields(&body)))
            } else {
                let line = line
                    .strip_suffix(',')
                    .unwrap_or_else(|| panic!("what is {line:?}?"));
                in_one_line(line)
            };
            found.push(Variant {
                name: snake(name),
                since: since.clone(),
                content,
            });
        }
    }
    found
}

/// A variant that stands in one line.
fn in_one_line(line: &str) -> (&str, Content) {
    if let Some((name, rest)) = line.split_once(" { ") {
        let members = rest.trim_end_matches(" }").split(", ").map(|member| {
            let (name, kind) = member.split_once(": ").expect("a member and its type");
            field(name, kind, &Attributes::default())
        });
        return (name, Content::Fields(members.collect()));
    }
    let Some((name, rest)) = line.split_once('(') else {
        return (line, Content::Nothing);
    };
    let rest = rest.strip_suffix(')').expect("closed");
    if let Some((attribute, kind)) = rest.split_once(")] ") {
        let mut attributes = Attributes::default();
        attributes.add(attribute);
        return (
            name,
            Content::Things(vec![shape(kind, attributes.with.as_deref())]),
        );
    }
    let things = parts(rest).into_iter().map(|part| shape(part, None));
    (name, Content::Things(things.collect()))
}

/// The snake case of serde.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.char_indices() {
        if c.is_uppercase() && i > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// The shape of a type, written by the mirror `with`.
fn shape(kind: &str, with: Option<&str>) -> Shape {
    let Some(with) = with else {
        return of_type(kind, None);
    };
    match with.strip_prefix("As::<").and_then(|w| w.strip_suffix('>')) {
        Some(container) => of_type(container, Some(kind)),
        None => of_type(with, Some(kind)),
    }
}

/// The shape of a type; `real` is what stands for `Same` in it.
fn of_type(kind: &str, real: Option<&str>) -> Shape {
    let inner = |name: &str, of: &str| -> Option<String> {
        let rest = of
            .strip_prefix(name)?
            .strip_prefix('<')?
            .strip_suffix('>')?;
        Some(rest.to_owned())
    };
    let real_inner = |name: &str| real.and_then(|r| inner(name, r));
    if let Some(of) = inner("Box", kind) {
        return of_type(&of, real_inner("Box").as_deref());
    }
    if let Some(of) = inner("Vec", kind) {
        return Shape::List(Box::new(of_type(&of, real_inner("Vec").as_deref())));
    }
    if let Some(of) = inner("Option", kind) {
        return Shape::OrNull(Box::new(of_type(&of, real_inner("Option").as_deref())));
    }
    if let Some(tuple) = kind.strip_prefix('(').and_then(|k| k.strip_suffix(')')) {
        let reals = real.and_then(|r| r.strip_prefix('(')?.strip_suffix(')'));
        let reals = reals.map(parts).unwrap_or_default();
        let of = |(i, part): (usize, &str)| of_type(part, reals.get(i).copied());
        return Shape::Tuple(parts(tuple).into_iter().enumerate().map(of).collect());
    }
    match kind {
        "Same" => of_type(real.expect("something that is the same"), None),
        "bool" => Shape::Word("true or false"),
        "String" => Shape::Word("text"),
        "u8" | "u16" | "u32" | "u64" | "i32" | "i64" | "number" => Shape::Word("integer"),
        "f32" | "f64" => Shape::Word("number"),
        "role" => Shape::Word("word"),
        "Timestamp" => Shape::Word("time"),
        "CommandId" => Shape::Word("[integer, integer]"),
        "super::hotspots::HotspotArea" => Shape::Named("HotspotAreaWithChance".into()),
        id if id.ends_with("Id") && id != "ThingId" => Shape::Word("id"),
        name => {
            assert!(name.chars().all(char::is_alphanumeric), "what is {name:?}?");
            Shape::Named(name.to_owned())
        }
    }
}

/// What stands between the outermost commas.
fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut from, mut found) = (0, 0, Vec::new());
    for (i, c) in text.char_indices() {
        match c {
            '<' | '(' => depth += 1,
            '>' | ')' => depth -= 1,
            ',' if depth == 0 => {
                found.push(text[from..i].trim());
                from = i + 1;
            }
            _ => {}
        }
    }
    found.push(text[from..].trim());
    found
}
