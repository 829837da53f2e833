//! Lines of the base map: roads, rails, rivers and borders, joined where they go on unchanged.

use super::extract::Extract;
use super::tags::TagView;
use super::tiles::{Feature, Layer, Shape, Value, world_line};
use chengtu_engine::geo::Position;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Everything that must be equal for two ways to be drawn as one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Look {
    layer: Layer,
    min_zoom: u8,
    values: Vec<(&'static str, Value)>,
    directed: bool,
}

/// The line features of an extract.
pub fn features(extract: &Extract) -> Vec<Feature> {
    let borders = border_levels(extract);
    let mut by_look: BTreeMap<Look, Vec<Vec<i64>>> = BTreeMap::new();
    for way in &extract.ways {
        let tags = extract.way_tags(way);
        let looks = [
            road(tags),
            rail(tags),
            waterway(tags),
            borders.get(&way.id).map(|level| border(*level)),
        ];
        for look in looks.into_iter().flatten() {
            let lines = by_look.entry(look.clone()).or_default();
            for part in extract.parts(way) {
                let mut refs = part.to_vec();
                refs.dedup();
                if look.directed && matches!(tags.get("oneway"), Some("-1" | "reverse")) {
                    refs.reverse();
                }
                lines.extend((refs.len() >= 2).then_some(refs));
            }
        }
    }
    let mut features = Vec::new();
    for (look, lines) in by_look {
        for line in join(lines, look.directed) {
            let mut line: Vec<Position> =
                line.iter().filter_map(|r| extract.position(*r)).collect();
            // A line between two nodes in one place is none.
            line.dedup();
            if line.len() < 2 {
                continue;
            }
            features.push(Feature {
                layer: look.layer,
                id: 0,
                min_zoom: look.min_zoom,
                values: look.values.clone().into(),
                shape: Shape::Lines(vec![world_line(&line)]),
            });
        }
    }
    features
}

/// A name as a value, shared by all that carry it.
fn text(value: &str) -> Value {
    Value::Text(Rc::from(value))
}

/// `name` and, where it says something else, `name_en`.
pub fn name_values(tags: TagView<'_>) -> Vec<(&'static str, Value)> {
    let name = tags.get("name");
    let english = tags.get("name:en").filter(|e| Some(*e) != name);
    [("name", name), ("name_en", english)]
        .into_iter()
        .filter_map(|(k, v)| Some((k, text(v?))))
        .collect()
}

fn road_class(highway: &str) -> Option<(&'static str, bool, u8)> {
    let (class, min_zoom) = match highway.trim_end_matches("_link") {
        "motorway" | "trunk" => ("trunk", 8),
        "primary" => ("primary", 8),
        "secondary" => ("secondary", 10),
        "tertiary" => ("tertiary", 11),
        "residential" | "unclassified" | "road" => ("residential", 12),
        "living_street" => ("living", 13),
        "service" | "track" | "busway" | "raceway" => ("service", 14),
        "footway" | "pedestrian" | "path" | "steps" | "cycleway" | "bridleway" | "corridor" => {
            ("foot", 14)
        }
        _ => return None,
    };
    Some((class, highway.ends_with("_link"), min_zoom))
}

fn road(tags: TagView<'_>) -> Option<Look> {
    let (class, link, min_zoom) = road_class(tags.get("highway")?)?;
    if tags.is("area", "yes") || tags.has("indoor") {
        return None;
    }
    let oneway = match tags.get("oneway") {
        Some("yes" | "true" | "1" | "-1" | "reverse") => true,
        Some(_) => false,
        None => {
            matches!(tags.get("junction"), Some("roundabout" | "circular"))
                || tags.is("highway", "motorway")
        }
    };
    let mut values = vec![("class", Value::Word(class))];
    values.extend(name_values(tags));
    let flags = [
        ("link", link),
        ("oneway", oneway && class != "foot"),
        ("bridge", tags.has("bridge")),
        ("tunnel", is_tunnel(tags)),
    ];
    values.extend(
        flags
            .into_iter()
            .filter(|(_, on)| *on)
            .map(|(k, _)| (k, Value::Bool(true))),
    );
    let level = tags.number("layer").map_or(0, |l| l as i64);
    if level != 0 {
        values.push(("layer", Value::Int(level.clamp(-9, 9))));
    }
    Some(Look {
        layer: Layer::Road,
        min_zoom,
        values,
        directed: oneway,
    })
}

fn is_tunnel(tags: TagView<'_>) -> bool {
    tags.has("tunnel") && !tags.is("tunnel", "building_passage")
}

fn rail(tags: TagView<'_>) -> Option<Look> {
    let (class, min_zoom) = match tags.get("railway")? {
        "rail" if tags.has("service") => ("rail", 14),
        "rail" | "narrow_gauge" => ("rail", 10),
        "subway" => ("subway", 11),
        "light_rail" | "monorail" => ("light_rail", 11),
        "tram" => ("tram", 13),
        _ => return None,
    };
    let mut values = vec![("class", Value::Word(class))];
    values.extend(tags.get("name").map(|n| ("name", text(n))));
    if is_tunnel(tags) {
        values.push(("tunnel", Value::Bool(true)));
    }
    Some(Look {
        layer: Layer::Rail,
        min_zoom,
        values,
        directed: false,
    })
}

fn waterway(tags: TagView<'_>) -> Option<Look> {
    // A river under the streets is nothing that one could see or fall into.
    if is_tunnel(tags) || tags.is("location", "underground") {
        return None;
    }
    let (class, min_zoom) = match tags.get("waterway")? {
        "river" => ("river", 11),
        "canal" => ("canal", 12),
        "stream" | "tidal_channel" => ("stream", 13),
        "drain" | "ditch" => ("drain", 14),
        _ => return None,
    };
    let mut values = vec![("class", Value::Word(class))];
    values.extend(name_values(tags));
    Some(Look {
        layer: Layer::Waterway,
        min_zoom,
        values,
        directed: false,
    })
}

fn border(level: u8) -> Look {
    let values = vec![("admin_level", Value::Int(i64::from(level)))];
    Look {
        layer: Layer::Boundary,
        min_zoom: if level <= 6 { 8 } else { 11 },
        values,
        directed: false,
    }
}

/// Ways that are borders, with the most important level of the areas they part.
fn border_levels(extract: &Extract) -> BTreeMap<i64, u8> {
    let level = |tags: TagView<'_>| {
        let level = tags
            .is("boundary", "administrative")
            .then(|| tags.number("admin_level"))??;
        (2.0..=10.0).contains(&level).then_some(level as u8)
    };
    let mut levels: BTreeMap<i64, u8> = BTreeMap::new();
    let mut note = |way: i64, level: u8| {
        let least = levels.entry(way).or_insert(level);
        *least = level.min(*least);
    };
    for relation in &extract.relations {
        if let Some(level) = level(extract.relation_tags(relation)) {
            relation.ways.iter().for_each(|(id, _)| note(*id, level));
        }
    }
    for way in &extract.ways {
        if let Some(level) = level(extract.way_tags(way)) {
            note(way.id, level);
        }
    }
    levels
}

/// Joins lines end to end where exactly two meet, in the order given; directed lines keep their direction.
fn join(lines: Vec<Vec<i64>>, directed: bool) -> Vec<Vec<i64>> {
    let mut ends: BTreeMap<i64, BTreeSet<usize>> = BTreeMap::new();
    let mut meetings: BTreeMap<i64, usize> = BTreeMap::new();
    for (i, line) in lines.iter().enumerate() {
        for end in [line[0], line[line.len() - 1]] {
            ends.entry(end).or_default().insert(i);
            *meetings.entry(end).or_default() += 1;
        }
    }
    // A directed line can only be walked forwards, so those that nothing leads into come first.
    let led_into = |line: &[i64]| {
        let start = line[0];
        directed
            && meetings[&start] == 2
            && ends[&start]
                .iter()
                .any(|n| lines[*n].last() == Some(&start))
    };
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|i| led_into(&lines[*i]));
    let mut lines: Vec<Option<Vec<i64>>> = lines.into_iter().map(Some).collect();
    let mut joined = Vec::new();
    for i in order {
        let Some(mut line) = lines[i].take() else {
            continue;
        };
        for _ in 0..2 {
            loop {
                let end = line[line.len() - 1];
                if meetings[&end] != 2 {
                    break;
                }
                let Some(next) = ends[&end].iter().copied().find(|n| lines[*n].is_some()) else {
                    break;
                };
                let starts_here = lines[next].as_ref().is_some_and(|l| l[0] == end);
                if directed && !starts_here {
                    break;
                }
                let Some(mut more) = lines[next].take() else {
                    break;
                };
                if !starts_here {
                    more.reverse();
                }
                line.extend_from_slice(&more[1..]);
            }
            if directed {
                break;
            }
            line.reverse();
        }
        joined.push(line);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waterways(extra: &[(&str, &str)]) -> usize {
        let mut strings = crate::import::tags::Strings::default();
        let tags: Vec<_> = [("waterway", "river")]
            .iter()
            .chain(extra)
            .copied()
            .collect();
        let tags = crate::import::tags::Tags::keep(&tags, &mut strings);
        usize::from(waterway(tags.view(&strings)).is_some())
    }

    #[test]
    fn rivers_under_the_ground_are_not_drawn() {
        assert_eq!(waterways(&[]), 1);
        assert_eq!(waterways(&[("tunnel", "culvert")]), 0);
        assert_eq!(waterways(&[("location", "underground")]), 0);
    }

    #[test]
    fn lines_join_where_two_meet_and_stop_where_three_do() {
        let joined = join(
            vec![vec![1, 2], vec![3, 2], vec![3, 4], vec![4, 5], vec![4, 6]],
            false,
        );
        assert_eq!(joined.iter().map(Vec::len).collect::<Vec<_>>(), [4, 2, 2]);
    }

    #[test]
    fn directed_lines_join_head_to_tail_only() {
        assert_eq!(join(vec![vec![1, 2], vec![2, 3]], true), [vec![1, 2, 3]]);
        assert_eq!(join(vec![vec![2, 3], vec![1, 2]], true), [vec![1, 2, 3]]);
        assert_eq!(join(vec![vec![1, 2], vec![3, 2]], true).len(), 2);
    }

    #[test]
    fn a_ring_of_lines_is_one_line() {
        assert_eq!(
            join(vec![vec![1, 2], vec![2, 3], vec![3, 1]], false),
            [vec![1, 2, 3, 1]]
        );
    }
}
