//! The ranked units of a case, with the reason for each place in words.

use crate::facts::case;
use crate::i18n::{Words, arrival, distance, short_span};
use chengtu_engine::ids::UnitId;
use chengtu_engine::model::UnitStatus;
use chengtu_engine::rank::{ArrivalRow, Reason};
use chengtu_engine::stream::{CaseView, Mirror};

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct RankRow {
    /// The unit that the row is about.
    pub unit: UnitId,
    /// Place in the server's ranking, 1 is best.
    pub rank: u32,
    /// Call sign in the user's language.
    pub sign: String,
    /// Fleet, for the glyph.
    pub fleet: String,
    /// Now, which may be later than when the ranking was made.
    pub status: UnitStatus,
    /// Has the skill that the class asks for.
    pub skilled: bool,
    /// Driving time by road, seconds; `None` if no road leads there.
    pub seconds: Option<f64>,
    /// Length by road.
    pub length_m: Option<f64>,
    /// Cases handled so far.
    pub handled: u32,
    /// Why it has this rank, in words.
    pub reason: String,
    /// It can be sent now.
    pub free: bool,
    /// It is sent to this case already.
    pub here: bool,
}

/// The table's rows.
pub fn rows(
    mirror: &Mirror,
    case: &CaseView,
    ranking: &[ArrivalRow],
    words: &Words,
) -> Vec<RankRow> {
    let skill_asked = case::class(mirror, case).is_some_and(|c| !c.skill.is_empty());
    ranking
        .iter()
        .filter_map(|r| {
            let unit = mirror.units.get(&r.unit)?;
            let here = case.units.contains(&r.unit);
            Some(RankRow {
                unit: r.unit,
                rank: r.rank,
                sign: words.name(&unit.call_sign, &unit.call_sign_en).to_string(),
                fleet: unit.fleet.clone(),
                status: unit.status,
                skilled: skill_asked && r.skilled,
                seconds: r.seconds,
                length_m: r.length_m,
                handled: r.handled,
                reason: if here {
                    words.t("reason.here").into()
                } else if r.status == UnitStatus::Available && unit.status != r.status {
                    // Taken since: why it was best is no longer the news.
                    busy(unit.status, words).into()
                } else {
                    let sooner = ranking.iter().any(|o| is_sooner(o, r));
                    reason(r, skill_asked, sooner, words)
                },
                free: unit.status == UnitStatus::Available && !here && r.seconds.is_some(),
                here,
            })
        })
        .collect()
}

/// True where `a` is there before `b`, whoever may do the work.
fn is_sooner(a: &ArrivalRow, b: &ArrivalRow) -> bool {
    let time = |r: &ArrivalRow| r.seconds.unwrap_or(f64::INFINITY);
    time(a) + 0.5 < time(b)
}

/// Why a unit cannot be sent now.
fn busy(status: UnitStatus, words: &Words) -> &str {
    words.t(match status {
        UnitStatus::Assigned => "reason.busy_assigned",
        UnitStatus::EnRoute => "reason.busy_en_route",
        UnitStatus::OnScene => "reason.busy_on_scene",
        UnitStatus::OutOfService => "reason.out_of_service",
        UnitStatus::Available => "reason.busy",
    })
}

/// Why a unit has its rank, in one line.
pub fn reason(row: &ArrivalRow, skill_asked: bool, sooner: bool, words: &Words) -> String {
    let mut parts: Vec<String> = Vec::new();
    for r in &row.reasons {
        parts.push(match r {
            // Somebody without the skill, or from elsewhere, would be there before.
            Reason::Best if sooner && skill_asked && row.skilled => {
                words.t("reason.best_of_skilled").into()
            }
            Reason::Best if sooner => words.t("reason.first_choice").into(),
            Reason::Best if skill_asked && row.skilled => words.t("reason.best_skilled").into(),
            Reason::Best => words.t("reason.best").into(),
            Reason::LaterThanBest { seconds } if seconds.abs() < 1.0 => {
                words.t("reason.same_time").into()
            }
            Reason::LaterThanBest { seconds } if *seconds < 0.0 => {
                words.f("reason.sooner", &[("time", &arrival(-seconds))])
            }
            Reason::LaterThanBest { seconds } => {
                words.f("reason.later", &[("time", &arrival(*seconds))])
            }
            Reason::NearestByAir { detour } => {
                let (air, times) = (distance(row.air_m), format!("{detour:.1}"));
                words.f("reason.nearest_by_air", &[("air", &air), ("times", &times)])
            }
            Reason::NoSkill => words.t("reason.no_skill").into(),
            Reason::Busy => busy(row.status, words).into(),
            Reason::OtherDepartment => words.t("reason.other_department").into(),
            Reason::NoRoad => words.t("reason.no_road").into(),
            Reason::PositionOld { seconds } => words.f(
                "reason.position_old",
                &[("age", &short_span(*seconds, words))],
            ),
            Reason::Via(road) => words.f("reason.via", &[("road", road)]),
        });
    }
    parts.join(words.t("reason.join"))
}

/// The unit that the button offers: the one chosen where it is free, else the first free one that can do it, else
/// the first free one at all.
pub fn offer(rows: &[RankRow], chosen: Option<UnitId>, refused: &[UnitId]) -> Option<usize> {
    let usable = |r: &RankRow| r.free && !refused.contains(&r.unit);
    let at = |want: &dyn Fn(&RankRow) -> bool| rows.iter().position(want);
    chosen
        .and_then(|c| at(&|r| r.unit == c && usable(r)))
        .or_else(|| at(&|r| usable(r) && r.skilled))
        .or_else(|| at(&usable))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::panels::model::sample;

    fn all() -> Vec<RankRow> {
        let city = sample::city();
        let words = Words::shipped(Lang::Zh).unwrap();
        rows(
            &city,
            &city.cases[&sample::COVER],
            &sample::ranking(),
            &words,
        )
    }

    #[test]
    fn reasons_say_why_the_nearest_by_air_is_not_first() {
        let rows = all();
        assert_eq!(rows[0].reason, "最快到达；有处置资质");
        assert_eq!(rows[1].reason, "经珠江路，晚 1′09″");
        let air = rows.iter().find(|r| r.reason.contains("空中最近")).unwrap();
        assert!(
            air.rank > 1 && air.reason.contains("88 m"),
            "{}",
            air.reason
        );
        let english = Words::shipped(Lang::En).unwrap();
        let city = sample::city();
        let rows = super::rows(
            &city,
            &city.cases[&sample::COVER],
            &sample::ranking(),
            &english,
        );
        assert!(
            rows.iter().any(|r| r.reason.contains("nearest by air")),
            "{rows:?}"
        );
    }

    #[test]
    fn a_unit_taken_since_the_ranking_says_so_in_the_place_of_why_it_was_best() {
        let (mut city, words) = (sample::city(), Words::shipped(Lang::Zh).unwrap());
        let best = sample::ranking()[0].unit;
        city.units.get_mut(&best).unwrap().status = UnitStatus::EnRoute;
        let case = &city.cases[&sample::COVER];
        let rows = rows(&city, case, &sample::ranking(), &words);
        assert_eq!(rows[0].reason, words.t("reason.busy_en_route"));
    }

    /// "Soonest there" was said of a unit that another, without the skill, would beat.
    #[test]
    fn soonest_is_said_only_of_who_is_there_first() {
        let words = Words::shipped(Lang::Zh).unwrap();
        let rows = sample::ranking();
        let mut first = rows[0].clone();
        assert_eq!(reason(&first, true, false, &words), "最快到达；有处置资质");
        assert_eq!(reason(&first, true, true, &words), "有资质者中最快");
        first.skilled = false;
        assert!(!reason(&first, false, true, &words).contains("最快"));
        first.reasons = vec![Reason::LaterThanBest { seconds: 0.4 }];
        assert_eq!(reason(&first, true, false, &words), "同时到达");
        // In the table, from the times that it shows.
        let city = sample::city();
        let mut rows = sample::ranking();
        rows[5].seconds = Some(40.0);
        let said = super::rows(&city, &city.cases[&sample::COVER], &rows, &words);
        assert!(!said[0].reason.starts_with("最快"), "{}", said[0].reason);
    }

    #[test]
    fn after_a_refusal_the_next_free_unit_is_offered() {
        let rows = all();
        assert_eq!(offer(&rows, None, &[]), Some(0));
        assert_eq!(offer(&rows, Some(rows[1].unit), &[]), Some(1));
        assert_eq!(offer(&rows, Some(rows[0].unit), &[rows[0].unit]), Some(1));
        let busy = rows
            .iter()
            .position(|r| r.status == UnitStatus::EnRoute)
            .unwrap();
        assert_ne!(
            offer(&rows, Some(rows[busy].unit), &[]),
            Some(busy),
            "a busy unit is not offered"
        );
        assert_eq!(offer(&[], None, &[]), None);
    }
}
