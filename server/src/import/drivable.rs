//! Which ways vehicles on duty may drive, how fast and in which direction.

use super::keep::keeps_vehicles_out;
use super::tags::TagView;
use chengtu_engine::roads::RoadClass;

/// How a way may be driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// In both directions.
    Both,
    /// Along its nodes only.
    Forward,
    /// Against its nodes only.
    Backward,
}

/// The class and free travel speed (km/h) of a kind of road that vehicles may use; `None` for all others.
fn class_and_speed(highway: &str) -> Option<(RoadClass, f64)> {
    use RoadClass::{Living, Primary, Residential, Secondary, Service, Tertiary, Trunk};
    Some(match highway {
        "motorway" => (Trunk, 90.0),
        "trunk" => (Trunk, 60.0),
        "motorway_link" | "trunk_link" => (Trunk, 45.0),
        "primary" => (Primary, 50.0),
        "primary_link" => (Primary, 40.0),
        "secondary" => (Secondary, 45.0),
        "secondary_link" => (Secondary, 35.0),
        "tertiary" => (Tertiary, 40.0),
        "tertiary_link" => (Tertiary, 30.0),
        "unclassified" | "residential" | "road" => (Residential, 30.0),
        "living_street" => (Living, 20.0),
        "service" => (Service, 15.0),
        "track" => (Service, 10.0),
        _ => return None,
    })
}

/// The keys that say who may drive a way, the most exact first.
const ACCESS_KEYS: [&str; 4] = ["motorcar", "motor_vehicle", "vehicle", "access"];

/// Where people walk, and vehicles only by leave, at this speed, km/h.
const AMONG_PEOPLE_KMH: f64 = 10.0;

/// The class, free travel speed (m/s) and direction of a way for vehicles; `None` where they may not or cannot go.
///
/// Units of a city are on duty: what is kept free for the emergency services is open to them. The speed is the `maxspeed`
/// tag where it can be read, else a default by class.
pub fn drivable(tags: TagView<'_>) -> Option<(RoadClass, f32, Direction)> {
    let highway = tags.get("highway")?;
    let access = ACCESS_KEYS.iter().find_map(|k| tags.get(k));
    let on_duty = matches!(
        tags.get("emergency"),
        Some("yes" | "designated" | "official")
    ) || access == Some("emergency")
        || tags.is("service", "emergency_access");
    let (class, default_kmh) = class_and_speed(highway).or_else(|| {
        let said = ACCESS_KEYS[..3].iter().find_map(|k| tags.get(k));
        let let_in = matches!(
            said,
            Some("yes" | "designated" | "permissive" | "destination")
        );
        (walked(highway) && (on_duty || let_in)).then_some((RoadClass::Service, AMONG_PEOPLE_KMH))
    })?;
    if access.is_some_and(keeps_vehicles_out) && !on_duty || tags.is("area", "yes") {
        return None;
    }
    let kmh = tags
        .get("maxspeed")
        .and_then(maxspeed_kmh)
        .unwrap_or(default_kmh)
        .clamp(5.0, 130.0);
    Some((class, (kmh / 3.6) as f32, direction(tags)))
}

/// Ways that are not for vehicles, but wide enough for one where it is let in.
fn walked(highway: &str) -> bool {
    matches!(
        highway,
        "pedestrian" | "footway" | "cycleway" | "path" | "busway" | "emergency_access"
    )
}

/// How far above the ground (bridges) or below it (tunnels) a way lies.
pub fn level(tags: TagView<'_>) -> i8 {
    let given = tags.number("layer").map(|l| l.clamp(-9.0, 9.0) as i8);
    let through = tags.has("tunnel") && !tags.is("tunnel", "building_passage");
    if through {
        given.filter(|l| *l < 0).unwrap_or(-1)
    } else if tags.has("bridge") {
        given.filter(|l| *l > 0).unwrap_or(1)
    } else {
        0
    }
}

fn direction(tags: TagView<'_>) -> Direction {
    match tags.get("oneway") {
        Some("yes" | "true" | "1") => Direction::Forward,
        Some("-1" | "reverse") => Direction::Backward,
        None if matches!(tags.get("junction"), Some("roundabout" | "circular"))
            || tags.is("highway", "motorway") =>
        {
            Direction::Forward
        }
        _ => Direction::Both,
    }
}

fn maxspeed_kmh(text: &str) -> Option<f64> {
    let text = text.split([';', '|']).next()?.trim();
    if let Some(mph) = text.strip_suffix("mph") {
        return mph
            .trim()
            .parse::<f64>()
            .ok()
            .map(|v| v * 1.609_344)
            .filter(|v| *v > 0.0);
    }
    match text {
        "walk" => Some(7.0),
        _ => text
            .trim_end_matches("km/h")
            .trim()
            .parse()
            .ok()
            .filter(|v: &f64| v.is_finite() && *v > 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::roads::build;
    use super::*;
    use crate::import::tests::{extract_of, nd, tag};

    const NODES: &str =
        r#"<node id="1" lon="118.780" lat="32.040"/><node id="2" lon="118.781" lat="32.040"/>"#;

    fn check(tags: &[(&str, &str)], expected: Option<(RoadClass, f32, bool)>) {
        let tags_xml: String = tags.iter().map(tag).collect();
        let way = format!("<way id=\"1\">{}{}{tags_xml}</way>", nd(1), nd(2));
        let (g, _) = build(&extract_of(&format!("{NODES}{way}"))).unwrap();
        let found = g
            .edge(0)
            .map(|e| (e.class, (e.speed_mps * 3.6).round(), e.oneway));
        assert_eq!(found, expected, "{tags:?}");
    }

    #[test]
    fn tags_decide_class_speed_and_direction() {
        check(
            &[("highway", "primary")],
            Some((RoadClass::Primary, 50.0, false)),
        );
        check(
            &[("highway", "motorway")],
            Some((RoadClass::Trunk, 90.0, true)),
        );
        check(
            &[("highway", "residential"), ("maxspeed", "20 mph")],
            Some((RoadClass::Residential, 32.0, false)),
        );
        check(
            &[("highway", "tertiary"), ("junction", "roundabout")],
            Some((RoadClass::Tertiary, 40.0, true)),
        );
        check(
            &[("highway", "tertiary"), ("maxspeed", "CN:urban")],
            Some((RoadClass::Tertiary, 40.0, false)),
        );
        check(&[("highway", "service"), ("access", "private")], None);
        check(
            &[
                ("highway", "service"),
                ("access", "no"),
                ("motor_vehicle", "yes"),
            ],
            Some((RoadClass::Service, 15.0, false)),
        );
        check(
            &[
                ("highway", "service"),
                ("access", "no"),
                ("emergency", "designated"),
            ],
            Some((RoadClass::Service, 15.0, false)),
        );
        check(&[("highway", "footway")], None);
        check(&[("highway", "construction")], None);
    }

    #[test]
    fn ways_kept_free_for_vehicles_on_duty_are_open_and_private_ones_are_not() {
        let service = |kmh| Some((RoadClass::Service, kmh, false));
        check(
            &[
                ("highway", "service"),
                ("service", "emergency_access"),
                ("access", "no"),
            ],
            service(15.0),
        );
        check(
            &[("highway", "service"), ("motor_vehicle", "emergency")],
            service(15.0),
        );
        check(
            &[("highway", "pedestrian"), ("emergency", "yes")],
            service(10.0),
        );
        check(
            &[("highway", "footway"), ("motor_vehicle", "destination")],
            service(10.0),
        );
        check(&[("highway", "pedestrian"), ("access", "yes")], None);
        check(
            &[
                ("highway", "pedestrian"),
                ("area", "yes"),
                ("emergency", "yes"),
            ],
            None,
        );
        for kept_out in [
            "no",
            "private",
            "agricultural;forestry",
            "military",
            "psv",
            "bicycle",
        ] {
            check(&[("highway", "residential"), ("access", kept_out)], None);
        }
        for let_in in [
            "destination",
            "permissive",
            "customers",
            "delivery",
            "official",
        ] {
            let street = Some((RoadClass::Residential, 30.0, false));
            check(
                &[("highway", "residential"), ("motor_vehicle", let_in)],
                street,
            );
        }
        check(
            &[
                ("highway", "residential"),
                ("access", "private"),
                ("motorcar", "yes"),
            ],
            Some((RoadClass::Residential, 30.0, false)),
        );
    }

    #[test]
    fn bridges_and_tunnels_have_a_level_and_nothing_else_has() {
        let level = |tags: &[(&str, &str)]| {
            let tags_xml: String = tags.iter().map(tag).collect();
            let way = format!("<way id=\"1\">{}{}{tags_xml}</way>", nd(1), nd(2));
            let way = format!(
                "{NODES}{}",
                way.replace("</way>", &(tag(&("highway", "primary")) + "</way>"))
            );
            build(&extract_of(&way)).unwrap().0.level(0)
        };
        assert_eq!(level(&[]), 0);
        assert_eq!(level(&[("bridge", "yes")]), 1);
        assert_eq!(level(&[("bridge", "viaduct"), ("layer", "3")]), 3);
        assert_eq!(level(&[("tunnel", "yes"), ("layer", "-2")]), -2);
        assert_eq!(level(&[("tunnel", "yes")]), -1);
        assert_eq!(level(&[("tunnel", "building_passage")]), 0);
        assert_eq!(level(&[("layer", "1"), ("bridge", "no")]), 0);
    }
}
