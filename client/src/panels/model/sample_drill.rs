//! A made-up drill for tests: the one of the design's picture.

use super::sample::NOW;
use chengtu_engine::drill::{
    Criterion, DrillPhase, DrillView, Evidence, GoalView, InjectView, ScenarioInfo, ScoreRow,
    ScoreView, Seat,
};
use chengtu_engine::replay::WorldClock;
use chengtu_engine::time::Timestamp;

/// What time it is in the drill.
pub const AT: Timestamp = NOW;

fn minutes(m: i64) -> Timestamp {
    AT.plus_seconds(m * 60)
}

fn inject(id: u32, title: &str, title_en: &str, at: Option<i64>, done: bool) -> InjectView {
    InjectView {
        id,
        title: title.into(),
        title_en: title_en.into(),
        at: at.map(minutes),
        done,
        place: (id != 0).then_some((118.786, 32.045)),
        truth: "积水 27 cm，两车受困".into(),
    }
}

fn goal(
    title: &str,
    title_en: &str,
    measured: f64,
    wanted: f64,
    reached: Option<bool>,
    span: (i64, Option<i64>),
) -> GoalView {
    GoalView {
        title: title.into(),
        title_en: title_en.into(),
        measured: Some(measured),
        wanted,
        unit: "s".into(),
        reached,
        span: Some((minutes(span.0), span.1.map(minutes))),
    }
}

/// The drill from a seat. What only the director may see is there for nobody else.
pub fn view(seat: Seat) -> DrillView {
    let common = DrillView {
        title: "暴雨内涝 主城".into(),
        title_en: "Cloudburst, old city".into(),
        brief: "今日 17:00 起主城有短时强降雨。值守下穿通道与北门桥水位，先救人、再排水。".into(),
        brief_en: "A cloudburst is forecast for the old city from 17:00. Watch the underpasses."
            .into(),
        seat,
        phase: DrillPhase::Running,
        from: minutes(-26),
        until: minutes(40),
        attempt: 1,
        people: vec![
            ("导演".into(), Seat::Director),
            ("甲组".into(), Seat::Participant),
        ],
        ..DrillView::default()
    };
    if seat != Seat::Director {
        return common;
    }
    DrillView {
        injects: vec![
            inject(0, "雨强 62 mm/h", "Rain 62 mm/h", Some(-21), true),
            inject(1, "北门桥水位上升", "Beimen bridge rising", Some(-14), true),
            inject(
                2,
                "同桶 300 条上报",
                "300 reports of one bin",
                Some(-8),
                true,
            ),
            inject(3, "洪武北路封闭", "Hongwu road closed", Some(-3), true),
            inject(4, "排水 08 失联", "Drain 08 silent", Some(4), false),
            inject(5, "水位数据源中断", "Level feed dies", Some(14), false),
            inject(6, "二次强降雨", "Second cloudburst", Some(21), false),
            inject(7, "误报：燃气泄漏", "False: gas leak", None, false),
        ],
        goals: vec![
            goal(
                "响应",
                "Response",
                162.0,
                300.0,
                Some(true),
                (-20, Some(-17)),
            ),
            goal(
                "首派",
                "First sent",
                138.0,
                180.0,
                Some(true),
                (-13, Some(-11)),
            ),
            goal("并案", "Bundled", 54.0, 120.0, Some(true), (-8, Some(-7))),
            goal(
                "告知交警",
                "Police told",
                120.0,
                60.0,
                Some(false),
                (-3, None),
            ),
        ],
        score: Some(score()),
        notes: vec![(minutes(-10), "首派前先看了道路封闭".into())],
        checkpoints: (-26..0).map(minutes).collect(),
        ..common
    }
}

/// A drill in which injects come a minute apart and goals run beside one another, with titles as long as those that
/// ship; the director's view.
pub fn busy() -> DrillView {
    let titles = [
        ("雨强 60 mm/h", "Rain, 60 mm/h", -24),
        ("北门桥水位上升", "Water rises at Beimen bridge", -21),
        ("北门桥市民来电", "A citizen calls from Beimen bridge", -18),
        ("同桶 300 条上报", "300 reports of one bin", -13),
        ("洪武北路封闭", "Hongwu North Road closed", -8),
        ("水西门隧道进水", "Shuiximen tunnel fills", -4),
        ("排水 8 失联", "Drainage 8 falls silent", 2),
        (
            "误报：珠江路燃气泄漏",
            "False report: gas on Zhujiang Road",
            6,
        ),
        ("水位数据源中断", "The feed of levels dies", 9),
        ("二次强降雨", "A second cloudburst", 38),
    ];
    let injects = titles.iter().enumerate();
    let injects = injects.map(|(i, (zh, en, at))| inject(i as u32, zh, en, Some(*at), *at < 0));
    let cover = GoalView {
        unit: "%".into(),
        ..goal(
            "秦淮区 90% 的时间有单元",
            "A unit in Qinhuai District for 90% of the time",
            100.0,
            90.0,
            None,
            (-26, None),
        )
    };
    DrillView {
        injects: injects.collect(),
        goals: vec![
            cover,
            goal(
                "北门桥告警 1 分钟内确认",
                "The alarm at Beimen bridge seen within 1 minute",
                42.0,
                60.0,
                Some(true),
                (-19, Some(-18)),
            ),
            goal(
                "北门桥 3 分钟内首派",
                "A crew sent to Beimen bridge within 3 minutes",
                252.0,
                180.0,
                Some(false),
                (-19, Some(-15)),
            ),
            goal(
                "同桶上报 3 分钟内并案",
                "Reports of the one bin bundled within 3 minutes",
                54.0,
                180.0,
                Some(true),
                (-12, Some(-11)),
            ),
            goal(
                "水西门隧道 12 分钟内到场",
                "A crew at Shuiximen tunnel within 12 minutes",
                138.0,
                720.0,
                None,
                (-2, None),
            ),
        ],
        ..view(Seat::Director)
    }
}

fn score() -> ScoreView {
    let row = |criterion, points, of| ScoreRow {
        criterion,
        points,
        of,
        evidence: vec![Evidence {
            time: minutes(-12),
            thing: None,
            points,
            text: "北门桥积水在 2′18″ 内派出".into(),
            text_en: "Beimen bridge: sent within 2′18″".into(),
        }],
    };
    ScoreView {
        total: 71.0,
        rows: vec![
            row(Criterion::Detection, 18.0, 20.0),
            row(Criterion::TimeToDispatch, 14.0, 20.0),
            row(Criterion::RightDepartment, 10.0, 10.0),
            row(Criterion::AlarmsUnacknowledged, 4.0, 10.0),
        ],
    }
}

/// The drill's clock.
pub fn clock() -> WorldClock {
    WorldClock {
        time: AT,
        speed: 1.0,
        playing: true,
        from: minutes(-26),
        to: minutes(40),
        ..WorldClock::default()
    }
}

/// Scenarios: two that can be drilled and one with a mistake.
pub fn scenarios() -> Vec<ScenarioInfo> {
    let one = |key: &str, title: &str, title_en: &str, problem: &str| ScenarioInfo {
        key: key.into(),
        title: title.into(),
        title_en: title_en.into(),
        summary: "积水点、下穿通道与拥堵下的派遣次序".into(),
        summary_en: "Whom to send first when underpasses flood".into(),
        duration_s: 3_960,
        injects: 8,
        problem: problem.into(),
    };
    vec![
        one("rush-hour", "普通早高峰", "An ordinary rush hour", ""),
        one("cloudburst", "暴雨内涝 主城", "Cloudburst, old city", ""),
        one(
            "marathon",
            "马拉松",
            "Marathon",
            "marathon.toml 第 41 行：未知的注入类型 `raod_closure`",
        ),
    ]
}
