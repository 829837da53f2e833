//! `city.toml` as the importer first writes it: departments, fleets and depots that a city can change by hand.

use super::districts::Districts;
use super::identity::Identity;
use super::tiles::ATTRIBUTION;
use crate::pack::{
    Bounds, CLASSES_FILE, Calendar, Centre, CityConfig, Department, Depot, District, Fleet, Limits,
};
use chengtu_engine::geo::{GeoBox, Position, distance_m};
use chengtu_engine::roads::{RoadClass, RoadGraph};
use std::fmt::Write;

/// Key, name, English name.
const DEPARTMENTS: [(&str, &str, &str); 8] = [
    ("chengguan", "城管", "Urban management"),
    ("sanitation", "环卫", "Sanitation"),
    ("drainage", "排水", "Drainage"),
    ("municipal", "市政", "Municipal repair"),
    ("greening", "园林", "Parks and trees"),
    ("utilities", "公用事业", "Utilities"),
    ("construction", "住建", "Construction"),
    ("patrol", "巡警", "Patrol"),
];

/// A fleet as it is first proposed.
struct FleetPlan {
    key: &'static str,
    name: &'static str,
    name_en: &'static str,
    department: &'static str,
    call_sign: &'static str,
    call_sign_en: &'static str,
    count: u32,
    skills: &'static [&'static str],
    speed_factor: f64,
    /// Depots by where they are wanted: parts of the city's width from the west and of its height from the south.
    depots: &'static [(f64, f64)],
}

/// A hundred units; plausible for a city centre, to be set right by hand.
const FLEETS: [FleetPlan; 5] = [
    FleetPlan {
        key: "sanitation",
        name: "环卫作业",
        name_en: "Sanitation crews",
        department: "sanitation",
        call_sign: "环卫",
        call_sign_en: "SAN",
        count: 30,
        skills: &["sanitation"],
        speed_factor: 0.8,
        depots: &[(0.25, 0.3), (0.75, 0.3), (0.5, 0.8)],
    },
    FleetPlan {
        key: "drainage",
        name: "排水抢修",
        name_en: "Drainage crews",
        department: "drainage",
        call_sign: "排水",
        call_sign_en: "DR",
        count: 16,
        skills: &["drainage", "manhole"],
        speed_factor: 0.9,
        depots: &[(0.2, 0.65), (0.8, 0.6)],
    },
    FleetPlan {
        key: "repair",
        name: "市政抢修",
        name_en: "Repair crews",
        department: "municipal",
        call_sign: "市政",
        call_sign_en: "REP",
        count: 18,
        skills: &["repair", "lighting", "manhole", "greening"],
        speed_factor: 0.9,
        depots: &[(0.35, 0.15), (0.65, 0.9)],
    },
    FleetPlan {
        key: "chengguan",
        name: "城管执法",
        name_en: "Urban management officers",
        department: "chengguan",
        call_sign: "城管",
        call_sign_en: "UM",
        count: 24,
        skills: &["enforcement"],
        speed_factor: 0.9,
        depots: &[(0.15, 0.45), (0.5, 0.5), (0.85, 0.4)],
    },
    FleetPlan {
        key: "patrol",
        name: "巡逻",
        name_en: "Patrol cars",
        department: "patrol",
        call_sign: "巡逻",
        call_sign_en: "PAT",
        count: 12,
        skills: &["patrol", "traffic"],
        speed_factor: 1.1,
        depots: &[(0.4, 0.6), (0.6, 0.4)],
    },
];

/// The description of a freshly imported city.
pub fn describe(
    identity: &Identity,
    bounds: GeoBox,
    districts: &Districts,
    roads: &RoadGraph,
) -> CityConfig {
    let centre = Position::new(
        i32::midpoint(bounds.min.lon_e7, bounds.max.lon_e7),
        i32::midpoint(bounds.min.lat_e7, bounds.max.lat_e7),
    );
    let (sw, ne, middle) = (bounds.min.lon_lat(), bounds.max.lon_lat(), centre.lon_lat());
    let mut depots = Vec::new();
    let mut fleets = Vec::new();
    for plan in FLEETS {
        let mut keys = Vec::new();
        for (n, wanted) in plan.depots.iter().enumerate() {
            let key = format!("{}-{}", plan.key, n + 1);
            depots.push(depot(&plan, &key, n + 1, bounds, *wanted, roads));
            keys.push(key);
        }
        fleets.push(Fleet {
            key: plan.key.into(),
            name: plan.name.into(),
            name_en: plan.name_en.into(),
            department: plan.department.into(),
            call_sign: plan.call_sign.into(),
            call_sign_en: plan.call_sign_en.into(),
            count: plan.count,
            skills: plan.skills.iter().map(|s| (*s).to_owned()).collect(),
            speed_factor: plan.speed_factor,
            depots: keys,
        });
    }
    let district = |d: &super::districts::District| District {
        code: d.code.clone(),
        name: d.name.clone(),
        name_en: d.name_en.clone(),
    };
    CityConfig {
        format: 1,
        name: identity.name.clone(),
        name_en: identity.name_en.clone(),
        language: identity.language.into(),
        time_zone: identity.time_zone.clone(),
        case_classes: CLASSES_FILE.into(),
        attribution: ATTRIBUTION.into(),
        notice: String::new(),
        notice_en: String::new(),
        centre: Centre {
            lon: middle.lon_deg,
            lat: middle.lat_deg,
        },
        bounds: Bounds {
            west: sw.lon_deg,
            south: sw.lat_deg,
            east: ne.lon_deg,
            north: ne.lat_deg,
        },
        limits: Limits {
            duplicate_radius_m: 50,
            duplicate_age_h: 24,
            future_tolerance_s: 60,
            keep_closed_h: 24,
        },
        calendar: Calendar::default(),
        districts: districts.list.iter().map(district).collect(),
        departments: DEPARTMENTS
            .iter()
            .map(|(key, name, name_en)| Department {
                key: (*key).into(),
                name: (*name).into(),
                name_en: (*name_en).into(),
            })
            .collect(),
        depots,
        fleets,
    }
}

/// A depot on the street nearest to where it is wanted: a quiet street from which every other can be reached.
fn depot(
    plan: &FleetPlan,
    key: &str,
    number: usize,
    bounds: GeoBox,
    (east, north): (f64, f64),
    roads: &RoadGraph,
) -> Depot {
    let part = |low: i32, high: i32, t: f64| {
        (f64::from(low) + (f64::from(high) - f64::from(low)) * t) as i32
    };
    let wanted = Position::new(
        part(bounds.min.lon_e7, bounds.max.lon_e7, east),
        part(bounds.min.lat_e7, bounds.max.lat_e7, north),
    );
    let edges = 0..roads.edge_count() as u32;
    let candidates = edges.filter_map(|e| {
        let edge = roads.edge(e)?;
        let at = middle_of(roads.shape(e))?;
        let quiet = edge.class >= RoadClass::Tertiary;
        // A street in reach and quiet goes before a nearer one that is neither.
        let order = (
            !roads.in_main_component(e),
            !quiet,
            roads.edge_name(e).is_none(),
        );
        Some((order, distance_m(at, wanted), e, at))
    });
    let best =
        candidates.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    let (at, street) = best.map_or((wanted, None), |(_, _, e, at)| (at, roads.edge_name(e)));
    let place = at.lon_lat();
    let (own, english) = (plan.call_sign, plan.name_en);
    Depot {
        key: key.into(),
        name: street.map_or_else(|| format!("{own}站 {number}"), |s| format!("{s}{own}站")),
        name_en: format!("{english} depot {number}"),
        lon: place.lon_deg,
        lat: place.lat_deg,
    }
}

fn middle_of(shape: &[Position]) -> Option<Position> {
    let total: f64 = shape.windows(2).map(|w| distance_m(w[0], w[1])).sum();
    super::places::halfway(shape, total)
        .is_on_earth()
        .then(|| super::places::halfway(shape, total))
}

/// A text as TOML.
fn s(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A list of texts as TOML.
fn list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|t| s(t)).collect();
    format!("[{}]", texts.join(", "))
}

/// The text of a `city.toml`, every key explained.
pub fn to_toml(city: &CityConfig) -> String {
    let mut t = String::new();
    write_head(&mut t, city);
    write_rules(&mut t, city);
    write_places(&mut t, city);
    write_fleets(&mut t, city);
    t.truncate(t.trim_end().len());
    t.push('\n');
    t
}

fn write_head(t: &mut String, city: &CityConfig) {
    let _ = write!(
        t,
        "# {name}: what people decide about the city. Made by `chengtu-server import`; change it by hand as you like.\n\
         # The server checks it at start and says file, line and key of whatever it does not understand.\n\
         # Importing again writes it anew: keep a copy of your changes.\n\n\
         # Version of this file's shape.\n\
         format = {format}\n\
         # The city's name in its own language, and in English.\n\
         name = {n}\n\
         name_en = {ne}\n\
         # Language of names and texts: \"zh\" or \"en\".\n\
         language = {language}\n\
         # IANA time zone; working hours are counted in it.\n\
         time_zone = {zone}\n\
         # Table of case classes beside this file: one row a condition, with time limit, severity 1 (特急) … 4 (轻微),\n\
         # department (a key below) and the skill a unit needs (empty: any unit).\n\
         case_classes = {classes}\n\
         # Who must be named wherever the map is shown.\n\
         attribution = {attribution}\n\
         # What of this city is uncertain, simulated or recorded; shown on every screen.\n\
         notice = {notice}\n\
         notice_en = {notice_en}\n\
         # Where the map opens, and what the pack covers; degrees, WGS 84.\n\
         centre = {{ lon = {clon:?}, lat = {clat:?} }}\n\
         bounds = {{ west = {w:?}, south = {so:?}, east = {e:?}, north = {no:?} }}\n\n",
        name = city.name,
        format = city.format,
        n = s(&city.name),
        ne = s(&city.name_en),
        language = s(&city.language),
        zone = s(&city.time_zone),
        classes = s(&city.case_classes),
        attribution = s(&city.attribution),
        notice = s(&city.notice),
        notice_en = s(&city.notice_en),
        clon = city.centre.lon,
        clat = city.centre.lat,
        w = city.bounds.west,
        so = city.bounds.south,
        e = city.bounds.east,
        no = city.bounds.north,
    );
}

fn write_rules(t: &mut String, city: &CityConfig) {
    let l = city.limits;
    let _ = write!(
        t,
        "[limits]\n\
         # A report within this distance (metres) and age (hours) of an open case of its class is proposed as its duplicate.\n\
         duplicate_radius_m = {}\nduplicate_age_h = {}\n\
         # A fix or observation further than this in the future (seconds) is put aside and counted.\n\
         future_tolerance_s = {}\n\
         # Closed cases leave the live map after this (hours).\n\
         keep_closed_h = {}\n\n\
         # Days that differ from their weekday, as \"YYYY-MM-DD\"; they decide how working-day limits run.\n\
         [calendar]\n\
         # Holidays on what would be working days.\n\
         holidays = {}\n\
         # Working days on what would be weekends (调休).\n\
         make_up_days = {}\n",
        l.duplicate_radius_m,
        l.duplicate_age_h,
        l.future_tolerance_s,
        l.keep_closed_h,
        list(&city.calendar.holidays),
        list(&city.calendar.make_up_days),
    );
}

fn write_places(t: &mut String, city: &CityConfig) {
    t.push_str("\n# Districts. The code is six digits and begins the codes of the district's grid cells.\n");
    for d in &city.districts {
        let _ = write!(
            t,
            "[[districts]]\ncode = {}\nname = {}\nname_en = {}\n\n",
            s(&d.code),
            s(&d.name),
            s(&d.name_en)
        );
    }
    t.push_str("# Bodies that must act on cases.\n");
    for d in &city.departments {
        let _ = write!(
            t,
            "[[departments]]\nkey = {}\nname = {}\nname_en = {}\n\n",
            s(&d.key),
            s(&d.name),
            s(&d.name_en)
        );
    }
    t.push_str(
        "# Places that units start from; put on streets of the city by rule, not surveyed.\n",
    );
    for d in &city.depots {
        let _ = write!(
            t,
            "[[depots]]\nkey = {}\nname = {}\nname_en = {}\nlon = {:?}\nlat = {:?}\n\n",
            s(&d.key),
            s(&d.name),
            s(&d.name_en),
            d.lon,
            d.lat
        );
    }
}

fn write_fleets(t: &mut String, city: &CityConfig) {
    t.push_str(
        "# Units that can be sent. They are called by call sign and number from 1, can do what skills say, drive\n\
         # speed_factor times a road's free speed, and are dealt out to the depots in turn.\n",
    );
    for f in &city.fleets {
        let _ = write!(
            t,
            "[[fleets]]\nkey = {}\nname = {}\nname_en = {}\ndepartment = {}\ncall_sign = {}\ncall_sign_en = {}\ncount = {}\n\
             skills = {}\nspeed_factor = {:?}\ndepots = {}\n\n",
            s(&f.key),
            s(&f.name),
            s(&f.name_en),
            s(&f.department),
            s(&f.call_sign),
            s(&f.call_sign_en),
            f.count,
            list(&f.skills),
            f.speed_factor,
            list(&f.depots)
        );
    }
}
