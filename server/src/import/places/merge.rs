//! One entry for one thing, of however many pieces it is mapped.

use super::{Named, sort};
use chengtu_engine::geo::METRES_PER_DEGREE;
use std::collections::BTreeMap;

/// Things of one name and class that are nearer than this are one thing, metres.
fn merge_radius_m(class: &str) -> f64 {
    match class {
        "road" | "district" => 1_500.0,
        "station" | "water" | "park" => 800.0,
        "quarter" | "square" | "bus_stop" | "public" => 400.0,
        _ => 60.0,
    }
}

/// Merges pieces of one thing: same class and name, and nearer than the class allows. The largest piece gives the
/// position, all of them the other names.
pub fn merge(all: Vec<Named>) -> Vec<Named> {
    let mut groups: BTreeMap<(u8, &'static str, String), Vec<Named>> = BTreeMap::new();
    for n in all {
        let least = if n.class == "road" { 11 } else { n.rank };
        groups
            .entry((least, n.class, n.name.clone()))
            .or_default()
            .push(n);
    }
    let mut merged: Vec<Named> = Vec::new();
    for ((_, class, _), group) in groups {
        merged.extend(merge_group(group, merge_radius_m(class)));
    }
    sort(&mut merged);
    merged
}

fn merge_group(mut group: Vec<Named>, radius_m: f64) -> Vec<Named> {
    // Swept from west to east: what is open to the west of a piece by more than the radius is done.
    group.sort_by_key(|n| (n.extent[0], n.id));
    let mut open: Vec<Named> = Vec::new();
    let mut done = Vec::new();
    for mut n in group {
        let squeeze = libm::cos(n.position.lon_lat().lat_deg.to_radians()).max(0.01);
        let reach_lat = radius_m / METRES_PER_DEGREE * 1e7;
        let reach_lon = reach_lat / squeeze;
        let mut apart = Vec::new();
        for o in open {
            let gap = |from: i32, to: i32| f64::from(to) - f64::from(from);
            if gap(o.extent[2], n.extent[0]) > reach_lon {
                done.push(o);
            } else if gap(o.extent[3], n.extent[1]).max(gap(n.extent[3], o.extent[1])) > reach_lat {
                apart.push(o);
            } else {
                n = united(o, n);
            }
        }
        open = apart;
        open.push(n);
    }
    done.extend(open);
    done
}

fn united(a: Named, b: Named) -> Named {
    let (mut main, other) = if (b.size, a.id) > (a.size, b.id) {
        (b, a)
    } else {
        (a, b)
    };
    for alt in other.alt {
        if !main.alt.contains(&alt) {
            main.alt.push(alt);
        }
    }
    if main.name_en.is_empty() {
        main.name_en = other.name_en;
        let english = other.values.into_iter().filter(|(k, _)| *k == "name_en");
        main.values.extend(english);
    } else if !other.name_en.is_empty()
        && other.name_en != main.name_en
        && !main.alt.contains(&other.name_en)
    {
        main.alt.push(other.name_en);
    }
    main.rank = main.rank.min(other.rank);
    main.extent = [
        main.extent[0].min(other.extent[0]),
        main.extent[1].min(other.extent[1]),
        main.extent[2].max(other.extent[2]),
        main.extent[3].max(other.extent[3]),
    ];
    main
}
