//! Shapes to the part of the document that gives them.

use super::{Content, Field, Item, Shape, Shapes, Variant};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Where what each message is for is said.
const SAID: [&str; 2] = [
    include_str!("../../../engine/src/stream/client_message.rs"),
    include_str!("../../../engine/src/stream/server_message.rs"),
];

/// The part of the document.
pub fn document(shapes: &Shapes) -> String {
    let mut out = String::from(
        "`time`: microseconds since 1970 · `id`: an integer that names a thing · `[A, …]`: any number of A · a `?` behind a \
         name: it may be left out · behind a message the version that it is of.\n",
    );
    let mut named = BTreeSet::new();
    for (title, item, said) in [
        ("What a client says", "ClientMessage", SAID[0]),
        ("What a server says", "ServerMessage", SAID[1]),
    ] {
        let Some(Item::Enum(variants)) = shapes.get(item) else {
            panic!("{item} is no enum");
        };
        let _ = write!(out, "\n### {title}\n\n");
        for variant in variants {
            let (shape, since) = (of_variant(variant), since(variant));
            let purpose = purpose(said, &variant.name);
            let _ = writeln!(out, "- `{shape}`{since}  \n  {purpose}");
            note(&variant.content, &mut named);
        }
        if item == "ClientMessage" {
            out += "- `{\"ask\": {\"request\": integer, \"message\": any of these}}` (1.1)  \n  Any message above with a number, \
                    which a refusal repeats.\n";
        }
    }
    out += "\n### What stands in them\n\n";
    let mut waiting: Vec<String> = named.iter().cloned().collect();
    while let Some(name) = waiting.pop() {
        let mut below = BTreeSet::new();
        match &shapes
            .get(&name)
            .unwrap_or_else(|| panic!("no shape of {name}"))
        {
            Item::Struct(fields) => fields.iter().for_each(|f| note_shape(&f.shape, &mut below)),
            Item::Enum(variants) => variants.iter().for_each(|v| note(&v.content, &mut below)),
        }
        waiting.extend(below.into_iter().filter(|n| named.insert(n.clone())));
    }
    for name in &named {
        let _ = match &shapes[name] {
            Item::Struct(fields) => writeln!(out, "- **{name}** `{}`", object(fields)),
            Item::Enum(variants) => {
                let one = |v: &Variant| format!("`{}`{}", of_variant(v), since(v));
                let all: Vec<String> = variants.iter().map(one).collect();
                writeln!(out, "- **{name}** one of {}", all.join(" · "))
            }
        };
    }
    out
}

/// The version of a variant, behind it.
fn since(variant: &Variant) -> String {
    if variant.since.is_empty() {
        String::new()
    } else {
        format!(" ({})", variant.since)
    }
}

fn note(content: &Content, named: &mut BTreeSet<String>) {
    match content {
        Content::Nothing => {}
        Content::Things(things) => things.iter().for_each(|t| note_shape(t, named)),
        Content::Fields(fields) => fields.iter().for_each(|f| note_shape(&f.shape, named)),
    }
}

fn note_shape(shape: &Shape, named: &mut BTreeSet<String>) {
    match shape {
        Shape::Word(_) => {}
        Shape::Named(name) => drop(named.insert(name.clone())),
        Shape::List(of) | Shape::OrNull(of) => note_shape(of, named),
        Shape::Tuple(of) => of.iter().for_each(|s| note_shape(s, named)),
    }
}

fn of_variant(variant: &Variant) -> String {
    let name = &variant.name;
    match &variant.content {
        Content::Nothing => format!("\"{name}\""),
        Content::Things(things) if things.len() == 1 => {
            format!("{{\"{name}\": {}}}", of_shape(&things[0]))
        }
        Content::Things(things) => format!(
            "{{\"{name}\": {}}}",
            of_shape(&Shape::Tuple(things.clone()))
        ),
        Content::Fields(fields) => format!("{{\"{name}\": {}}}", object(fields)),
    }
}

fn object(fields: &[Field]) -> String {
    let member = |f: &Field| {
        format!(
            "{}{}: {}",
            f.name,
            if f.optional { "?" } else { "" },
            of_shape(&f.shape)
        )
    };
    let members: Vec<String> = fields.iter().map(member).collect();
    format!("{{{}}}", members.join(", "))
}

fn of_shape(shape: &Shape) -> String {
    match shape {
        Shape::Word(word) => (*word).to_owned(),
        Shape::Named(name) => name.clone(),
        Shape::List(of) => format!("[{}, …]", of_shape(of)),
        Shape::OrNull(of) => format!("{} or null", of_shape(of)),
        Shape::Tuple(of) => {
            let all: Vec<String> = of.iter().map(of_shape).collect();
            format!("[{}]", all.join(", "))
        }
    }
}

/// The first sentence that the engine says of a message.
fn purpose(said: &str, name: &str) -> String {
    let upper: String = name
        .split('_')
        .map(|part| part[..1].to_uppercase() + &part[1..])
        .collect();
    let mut words = String::new();
    for line in said.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("/// ") {
            words = format!("{words} {doc}");
        } else if line == format!("{upper},")
            || line.starts_with(&format!("{upper} {{"))
            || line.starts_with(&format!("{upper}("))
        {
            let whole = words.trim();
            let sentence = whole.split_inclusive(". ").next().unwrap_or(whole).trim();
            assert!(!sentence.is_empty(), "nothing is said of {name}");
            return sentence.to_owned();
        } else {
            words.clear();
        }
    }
    panic!("{name} is not in the engine's list");
}
