//! Six real extracts of OpenStreetMap (`tests/data`), imported as anybody would.

use anyhow::{Result, ensure};
use chengtu_server::import::{OsmOptions, Progress, import_osm};
use chengtu_server::pack::Pack;
use chengtu_tests::map::Map;
use chengtu_tests::program::root;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// What is right for an extract.
struct Right {
    file: &'static str,
    name: (&'static str, &'static str),
    zone: &'static str,
    language: &'static str,
    districts: &'static [&'static str],
    /// Places that lie in water, degrees, and the class of the water.
    water: &'static [(f64, f64, &'static str)],
    /// Places that lie on land.
    land: &'static [(f64, f64)],
    /// A place that is found, and its district.
    found: (&'static str, &'static str),
    /// Hundredths of the streets that lead to each other both ways, at least.
    connected: usize,
}

/// Longer than any of these takes, on a machine that does other things as well.
const LONGEST: Duration = Duration::from_secs(20);

fn import(file: &str) -> Result<(tempfile::TempDir, Pack)> {
    let dir = tempfile::tempdir()?;
    let out = dir.path().join("pack");
    let begun = Instant::now();
    let extract = root().join("tests/data").join(file);
    import_osm(&extract, &out, &OsmOptions::default(), &Progress::hidden())?;
    ensure!(
        begun.elapsed() < LONGEST,
        "{file} took {:?}",
        begun.elapsed()
    );
    let pack = Pack::open(&out)?;
    Ok((dir, pack))
}

async fn check(right: &Right) -> Result<()> {
    let (dir, pack) = import(right.file)?;
    let city = &pack.city;
    let said = (city.name.as_str(), city.name_en.as_str());
    ensure!(said == right.name, "{said:?} instead of {:?}", right.name);
    let said = (city.time_zone.as_str(), city.language.as_str());
    ensure!(said == (right.zone, right.language), "{said:?}");
    // Each district is on the map once, under its name, and not in the water.
    let map = Map::open(&dir.path().join("pack")).await?;
    for district in &city.districts {
        let labels = pack.places.iter().filter(|p| p.name == district.name);
        let mut labels = labels.filter(|p| matches!(p.kind.as_str(), "district" | "quarter"));
        let label = labels
            .next()
            .ok_or_else(|| anyhow::anyhow!("{} is not named", district.name))?;
        ensure!(labels.next().is_none(), "{} is named twice", district.name);
        let wet = map.water_at(label.lon, label.lat).await?;
        ensure!(wet.is_empty(), "{} is named in the water", district.name);
    }
    let districts: BTreeSet<&str> = city.districts.iter().map(|d| d.name.as_str()).collect();
    let expected: BTreeSet<&str> = right.districts.iter().copied().collect();
    ensure!(
        districts == expected,
        "{districts:?} instead of {expected:?}"
    );

    for (lon, lat, class) in right.water {
        let found = map.water_at(*lon, *lat).await?;
        ensure!(
            found.iter().any(|c| c.contains(class)),
            "{lon} {lat}: {found:?} instead of {class}"
        );
    }
    for (lon, lat) in right.land {
        let found = map.water_at(*lon, *lat).await?;
        ensure!(found.is_empty(), "{lon} {lat} is land, not {found:?}");
    }
    let (name, district) = right.found;
    let place = pack.places.iter().find(|p| p.name == name);
    ensure!(
        place.is_some_and(|p| p.district == district),
        "{name}: {place:?}"
    );

    // The streets hang together, and every place on them can be gone to by road.
    let edges = pack.roads.edge_count() as u32;
    let main = (0..edges)
        .filter(|e| pack.roads.in_main_component(*e))
        .count();
    ensure!(
        main * 100 >= edges as usize * right.connected,
        "{main} of {edges} streets hang together"
    );
    pack.rules().check().map_err(|e| anyhow::anyhow!("{e:?}"))?;
    Ok(())
}

/// All of them, each with what is right for it.
const ALL: [Right; 6] = [
    Right {
        file: "monaco.osm.pbf",
        name: ("Monaco", "Monaco"),
        zone: "Europe/Monaco",
        language: "en",
        districts: &[
            "Fontvieille",
            "Monaco-Ville",
            "La Condamine",
            "La Rousse",
            "Larvotto",
            "Monte-Carlo",
            "Jardin Exotique",
            "Les Monegetti",
            "Sainte-Dévote",
        ],
        water: &[
            (7.4265, 43.7352, "sea"),
            (7.4400, 43.7350, "sea"),
            (7.4345, 43.7435, "sea"),
        ],
        land: &[
            (7.4281, 43.7394),
            (7.4203, 43.7314),
            (7.4155, 43.7290),
            (7.4150, 43.7360),
        ],
        found: ("Cathédrale Notre-Dame-Immaculée", "Monaco-Ville"),
        connected: 80,
    },
    Right {
        file: "london.osm.pbf",
        name: ("London", "London"),
        zone: "Europe/London",
        language: "en",
        districts: &[
            "City of London",
            "London Borough of Islington",
            "London Borough of Camden",
            "City of Westminster",
        ],
        water: &[],
        land: &[(-0.1045, 51.5180), (-0.0984, 51.5138)],
        found: ("Barbican", "City of London"),
        connected: 80,
    },
    Right {
        file: "liechtenstein.osm.pbf",
        name: ("Liechtenstein", "Liechtenstein"),
        zone: "Europe/Vaduz",
        language: "en",
        districts: &[
            "Triesen",
            "Schellenberg",
            "Gamprin",
            "Triesenberg",
            "Eschen",
            "Ruggell",
            "Mauren",
            "Schaan",
            "Balzers",
            "Planken",
            "Vaduz",
        ],
        water: &[],
        land: &[(9.5209, 47.1410)],
        found: ("Vaduz", "Vaduz"),
        connected: 80,
    },
    Right {
        file: "andorra.osm.pbf",
        name: ("Andorra", "Andorra"),
        zone: "Europe/Andorra",
        language: "en",
        districts: &[
            "Andorra la Vella",
            "Canillo",
            "Encamp",
            "Escaldes-Engordany",
            "La Massana",
            "Ordino",
            "Sant Julià de Lòria",
        ],
        water: &[],
        land: &[(1.5218, 42.5070)],
        found: ("Ordino", "Ordino"),
        connected: 80,
    },
    Right {
        file: "singapore.osm.pbf",
        name: ("Singapore", "Singapore"),
        zone: "Asia/Singapore",
        language: "en",
        districts: &["Singapore"],
        water: &[(103.8584, 1.2865, "lake")],
        land: &[(103.8606, 1.2834)],
        found: ("Marina Bay Sands", "Singapore"),
        // Slip roads of a few expressways.
        connected: 25,
    },
    Right {
        file: "harbin.osm.pbf",
        name: ("哈尔滨市", "Harbin"),
        zone: "Asia/Shanghai",
        language: "zh",
        districts: &["道里区", "道外区", "南岗区", "松北区"],
        water: &[(126.60, 45.785, "river")],
        land: &[(126.63, 45.765)],
        found: ("道里区", "道里区"),
        connected: 80,
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn each_has_the_name_the_zone_the_districts_and_the_water_that_it_really_has() -> Result<()> {
    let mut faults = Vec::new();
    for right in &ALL {
        if let Err(e) = check(right).await {
            faults.push(format!("{}: {e}", right.file));
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}
