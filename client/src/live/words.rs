//! The few words that stand on the map itself.

use crate::i18n::Lang;
use chengtu_engine::model::{Stage, UnitStatus};
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

/// A driving time, `1′29″`.
pub fn arrival(seconds: f64) -> String {
    let s = seconds.max(0.0).round() as u64;
    if s < 3_600 {
        format!("{}′{:02}″", s / 60, s % 60)
    } else {
        format!("{} h {:02}′", s / 3_600, s / 60 % 60)
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
pub fn ago(seconds: f64, lang: Lang) -> String {
    let s = seconds.max(0.0) as u64;
    let (n, zh, en) = match s {
        0..3_600 => (s / 60, "分前", "min ago"),
        3_600..172_800 => (s / 3_600, "小时前", "h ago"),
        _ => (s / 86_400, "天前", "d ago"),
    };
    format!("{n} {}", pick(lang, zh, en))
}

/// One of two.
pub fn pick<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::En if !en.is_empty() => en,
        _ => zh,
    }
}

/// What a unit is doing.
pub fn status(status: UnitStatus, lang: Lang) -> &'static str {
    match status {
        UnitStatus::Available => pick(lang, "空闲", "available"),
        UnitStatus::Assigned => pick(lang, "已指派", "assigned"),
        UnitStatus::EnRoute => pick(lang, "途中", "en route"),
        UnitStatus::OnScene => pick(lang, "现场", "on scene"),
        UnitStatus::OutOfService => pick(lang, "停用", "out of service"),
    }
}

/// What a case waits for.
pub fn stage(stage: Stage, lang: Lang) -> &'static str {
    match stage {
        Stage::Reported => pick(lang, "待立案", "to be filed"),
        Stage::Filed => pick(lang, "待派遣", "to be dispatched"),
        Stage::Dispatched => pick(lang, "已派遣", "dispatched"),
        Stage::InProgress => pick(lang, "处置中", "in progress"),
        Stage::Handled => pick(lang, "待核查", "to be checked"),
        Stage::Closed => pick(lang, "已结案", "closed"),
        Stage::Void => pick(lang, "作废", "void"),
    }
}

/// Second line of the callout of the unit nearest by air: why it is not the one to send.
pub fn why_not(row: &ArrivalRow, lang: Lang) -> String {
    let near = format!(
        "{} {}",
        pick(lang, "空中最近", "nearest by air,"),
        length(row.air_m)
    );
    let because = row.reasons.iter().find_map(|reason| match reason {
        Reason::Via(road) => Some(match lang {
            Lang::Zh => format!("须绕{road}"),
            Lang::En => format!("but must go round by {road}"),
        }),
        _ => None,
    });
    let because = because.or_else(|| {
        row.reasons.iter().find_map(|reason| match reason {
            Reason::NearestByAir { detour } if *detour >= 1.15 => Some(match lang {
                Lang::Zh => format!("道路 {detour:.1} 倍"),
                Lang::En => format!("by road {detour:.1} times as far"),
            }),
            Reason::NoRoad => Some(pick(lang, "无路可达", "no road leads there").into()),
            Reason::Busy => Some(pick(lang, "正忙", "busy").into()),
            Reason::NoSkill => Some(pick(lang, "无资质", "without the skill").into()),
            Reason::PositionOld { .. } => Some(pick(lang, "位置已旧", "position is old").into()),
            _ => None,
        })
    });
    match because {
        Some(because) => format!("{near}{}{because}", pick(lang, "，", ", ")),
        None => near,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::ids::UnitId;

    #[test]
    fn times_and_lengths_as_the_pictures_write_them() {
        assert_eq!(countdown(2_238.0), "00:37:18");
        assert_eq!(countdown(-9_672.4), "–02:41:12");
        assert_eq!([arrival(89.4), arrival(3_900.0)], ["1′29″", "1 h 05′"]);
        assert_eq!([length(255.6), length(1_840.0)], ["256 m", "1.8 km"]);
        assert_eq!(
            [age(75.0), ago(720.0, Lang::Zh), ago(7_300.0, Lang::En)],
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
        assert_eq!(why_not(&both, Lang::Zh), "空中最近 88 m，须绕浮桥");
        assert_eq!(
            why_not(&row(vec![detour]), Lang::Zh),
            "空中最近 88 m，道路 5.4 倍"
        );
        assert_eq!(why_not(&row(vec![]), Lang::En), "nearest by air, 88 m");
    }
}
