use super::Pack;
use chengtu_engine::city::{self, Calendar, CivilDay, DayKind, Rules};
use chengtu_engine::geo::{GeoBox, Position};
use chengtu_engine::ids::DepartmentId;
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;

/// The pack as the rules that decisions read.
pub fn rules(pack: &Pack) -> Rules {
    let city = &pack.city;
    let departments = city.departments.iter().map(|d| city::Department {
        key: d.key.clone(),
        name: d.name.clone(),
        name_en: d.name_en.clone(),
    });
    let department = |key: &str| {
        let at = city
            .departments
            .iter()
            .position(|d| d.key == key)
            .unwrap_or(0);
        DepartmentId(at as u16)
    };
    let classes = pack.classes.classes.iter().map(|c| city::CaseClass {
        code: c.code.clone(),
        kind: c.kind,
        group: c.group.clone(),
        name: c.name.clone(),
        name_en: c.name_en.clone(),
        severity: c.severity,
        limit: c.shortest_limit(),
        department: department(&c.department),
        skill: c.skill.clone(),
    });
    let nowhere = GeoBox::new(Position::default(), Position::default());
    Rules {
        city: city.name.clone(),
        city_en: city.name_en.clone(),
        bounds: city.bounds.geo_box().unwrap_or(nowhere),
        classes: classes.collect(),
        departments: departments.collect(),
        calendar: calendar(pack),
        duplicate_radius_m: city.limits.duplicate_radius_m,
        duplicate_age_s: city.limits.duplicate_age_h.saturating_mul(3_600),
        future_tolerance_s: city.limits.future_tolerance_s,
        keep_closed_s: city.limits.keep_closed_h.saturating_mul(3_600),
    }
}

/// Offsets from UTC between 2000 and 2060, and the days listed.
fn calendar(pack: &Pack) -> Calendar {
    let mut offsets = vec![(Timestamp(i64::MIN), 0)];
    if let (Ok(zone), Ok(from), Ok(to)) = (
        jiff::tz::TimeZone::get(&pack.city.time_zone),
        "2000-01-01T00:00:00Z".parse::<jiff::Timestamp>(),
        "2060-01-01T00:00:00Z".parse::<jiff::Timestamp>(),
    ) {
        offsets[0].1 = zone.to_offset(from).seconds();
        for t in zone.following(from).take_while(|t| t.timestamp() < to) {
            let seconds = t.offset().seconds();
            if offsets.last().is_some_and(|(_, s)| *s != seconds) {
                offsets.push((Timestamp::from_seconds(t.timestamp().as_second()), seconds));
            }
        }
    }
    let mut days = BTreeMap::new();
    let listed = [
        (&pack.city.calendar.holidays, DayKind::Holiday),
        (&pack.city.calendar.make_up_days, DayKind::MakeUp),
    ];
    for (list, kind) in listed {
        let dates = list
            .iter()
            .filter_map(|d| d.parse::<jiff::civil::Date>().ok());
        days.extend(dates.map(|d| (civil_day(d), kind)));
    }
    Calendar { offsets, days }
}

/// Days since 1970-01-01.
fn civil_day(date: jiff::civil::Date) -> CivilDay {
    let epoch = jiff::civil::date(1970, 1, 1);
    CivilDay((date - epoch).get_days())
}
