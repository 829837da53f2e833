//! The short texts written on the map itself.

use crate::i18n::{Words, arrival, length_km};
use chengtu_engine::rank::{ArrivalRow, Reason};

/// A clock of what is left, `00:37:18`; negative once it has passed.
pub fn countdown(seconds: f64) -> String {
    let sign = if seconds < 0.0 { "–" } else { "" };
    let s = if seconds < 0.0 {
        -seconds
    } else {
        seconds.ceil()
    } as u64;
    format!("{sign}{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
}

/// A driving time, `1′29″`, and how late where it is below 0: the words of the panel.
pub fn arrival_or_late(seconds: f64, w: &Words) -> String {
    if seconds > -0.5 {
        arrival(seconds)
    } else {
        w.f("progress.late", &[("time", &arrival(-seconds))])
    }
}

/// A length, `256 m` or `1.8 km`.
pub fn length(metres: f64) -> String {
    if metres < 1_000.0 {
        format!("{metres:.0} m")
    } else {
        format!("{:.1} km", metres / 1_000.0)
    }
}

/// How old something is, beside it: `1′`, `12′`, `3 h`.
pub fn age(seconds: f64) -> String {
    let s = seconds.max(0.0) as u64;
    match s {
        0..3_600 => format!("{}′", s / 60),
        3_600..172_800 => format!("{} h", s / 3_600),
        _ => format!("{} d", s / 86_400),
    }
}

/// The same in words, on a chip: `12 分前`.
pub fn ago(seconds: f64, words: &Words) -> String {
    let s = seconds.max(0.0) as u64;
    match s {
        0..3_600 => words.n("map.minutes_ago", s / 60),
        3_600..172_800 => words.n("map.hours_ago", s / 3_600),
        _ => words.n("map.days_ago", s / 86_400),
    }
}

/// Second line of the callout of the unit nearest by air: why it is not the one to send.
pub fn why_not(row: &ArrivalRow, words: &Words) -> String {
    let near = words.f("map.nearest_by_air", &[("length", &length(row.air_m))]);
    match because(row, words) {
        Some(because) => words.f(
            "map.nearest_because",
            &[("near", &near), ("because", &because)],
        ),
        None => near,
    }
}

/// Why the unit nearest by air is not first to arrive: a road that it must go round by, else the first other reason.
fn because(row: &ArrivalRow, words: &Words) -> Option<String> {
    let round = row.reasons.iter().find_map(|reason| match reason {
        Reason::Via(road) => Some(words.f("map.must_go_round", &[("road", road)])),
        _ => None,
    });
    round.or_else(|| {
        row.reasons.iter().find_map(|reason| match reason {
            Reason::NearestByAir { detour } if *detour >= 1.15 => {
                let length = length_km(row.air_m * detour);
                Some(words.f("map.by_road_length", &[("length", &length)]))
            }
            Reason::NoRoad => Some(words.t("map.no_road").into()),
            Reason::Busy => Some(words.t("map.busy").into()),
            Reason::NoSkill => Some(words.t("map.no_skill").into()),
            Reason::PositionOld { .. } => Some(words.t("map.position_old").into()),
            _ => None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use chengtu_engine::ids::UnitId;
    use chengtu_engine::model::UnitStatus;

    fn zh() -> Words {
        Words::shipped(Lang::Zh).unwrap()
    }

    fn en() -> Words {
        Words::shipped(Lang::En).unwrap()
    }

    #[test]
    fn times_and_lengths_as_the_pictures_write_them() {
        assert_eq!(countdown(2_238.0), "00:37:18");
        assert_eq!(countdown(-9_672.4), "–02:41:12");
        assert_eq!([arrival(89.4), arrival(3_900.0)], ["1′29″", "1 h 05′"]);
        assert_eq!(arrival_or_late(-0.3, &zh()), "0′00″", "never 0′00″ late");
        assert_eq!(arrival_or_late(-61.0, &zh()), "晚 1′01″");
        assert_eq!(arrival_or_late(-61.0, &en()), "1′01″ late");
        assert_eq!([length(255.6), length(1_840.0)], ["256 m", "1.8 km"]);
        assert_eq!(
            [age(75.0), ago(720.0, &zh()), ago(7_300.0, &en())],
            ["1′", "12 分前", "2 h ago"]
        );
    }

    #[test]
    fn the_nearest_by_air_says_what_stands_in_its_way() {
        let row = |reasons| ArrivalRow {
            unit: UnitId(1),
            rank: 6,
            seconds: Some(141.0),
            length_m: Some(480.0),
            air_m: 88.0,
            status: UnitStatus::Available,
            skilled: true,
            own_department: true,
            handled: 0,
            reasons,
        };
        let detour = Reason::NearestByAir { detour: 5.4 };
        let both = row(vec![detour.clone(), Reason::Via("浮桥".into())]);
        assert_eq!(why_not(&both, &zh()), "空中最近 88 m，须绕浮桥");
        assert_eq!(
            why_not(&row(vec![detour]), &zh()),
            "空中最近 88 m，道路 0.48 km"
        );
        assert_eq!(why_not(&row(vec![]), &en()), "nearest by air, 88 m");
    }
}
