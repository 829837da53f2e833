//! `city.toml` as the importer first writes it: departments, fleets and depots that a city can change by hand.

use super::depots::Blocks;
use super::districts::Districts;
use super::fleets;
use super::identity::Identity;
use super::tiles::ATTRIBUTION;
use crate::pack::{
    Bounds, CLASSES_FILE, Calendar, Centre, CityConfig, Department, District, Limits,
};
use chengtu_engine::city::Language;
use chengtu_engine::geo::{GeoBox, Position};
use chengtu_engine::roads::RoadGraph;
use chengtu_engine::sim::CitySize;
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

/// The description of a freshly imported city, in the city's own language.
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
    let language = Language::of_code(identity.language);
    let blocks = Blocks::of(roads, bounds, |p| districts.index_at(p));
    let (fleets, depots) = fleets::propose(CitySize::of(roads, bounds), &blocks, roads, language);
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
                name: language.of(*name, *name_en).into(),
                name_en: (*name_en).into(),
            })
            .collect(),
        depots,
        fleets,
    }
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
    let language = city.language();
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
         # Language of what is said of the city (descriptions, call signs, addresses; streets keep their names): \"zh\", or\n\
         # \"en\" for every other.\n\
         language = {language}\n\
         # IANA time zone; working hours are counted in it.\n\
         time_zone = {zone}\n\
         # Table of case classes beside this file: one row a condition, with time limit, severity {severe} … {slight},\n\
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
        severe = language.of("1 (特急)", "1 (severe)"),
        slight = language.of("4 (轻微)", "4 (slight)"),
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
         # Working days on what would be weekends{}.\n\
         make_up_days = {}\n",
        l.duplicate_radius_m,
        l.duplicate_age_h,
        l.future_tolerance_s,
        l.keep_closed_h,
        list(&city.calendar.holidays),
        city.language().of(" (调休)", ""),
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
         # speed_factor times a road's free speed, and are dealt out to the depots in turn. How many is proposed from the\n\
         # length of the city's streets; a demo's open cases and sensors follow from how many there are.\n",
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
