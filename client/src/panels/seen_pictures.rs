//! Pictures of what must not be left unseen.

use super::console::Link;
use super::model::sample;
use super::notice::Missed;
use super::pictures::{Setting, States};
use crate::i18n::Lang;
use crate::live::Selection;
use chengtu_engine::ids::CaseId;
use chengtu_engine::model::AlarmSource;
use chengtu_engine::stream::Mirror;
use std::time::Duration;

/// Alarms that press, words that are long, what is hidden, lost, missed, not there yet.
#[expect(clippy::too_many_lines, reason = "one entry per picture")]
pub(super) fn seen() -> Vec<Setting> {
    let lost = || Link::Lost {
        since: Duration::from_secs(17),
        next_try: Some(Duration::from_secs(4)),
        reason: "reset".into(),
    };
    let small = [1_280.0, 720.0];
    let press = |mirror: &mut Mirror| {
        for alarm in mirror.alarms.values_mut() {
            alarm.raised_at = sample::NOW.plus_seconds(-400);
        }
    };
    let sensors = |mirror: &mut Mirror| {
        mirror
            .alarms
            .retain(|_, a| matches!(a.source, AlarmSource::Sensor(_)));
    };
    let long = |mirror: &mut Mirror| {
        let case = mirror.cases.get_mut(&sample::COVER).unwrap();
        case.note = "有人被困在车内，水已没过车窗，车上两名老人一名儿童，无法打开车门；".repeat(16);
    };
    let yesterday = |mirror: &mut Mirror| {
        for spot in &mut mirror.hotspots {
            spot.since = sample::NOW.plus_seconds(-86_400);
        }
    };
    let loading = |mirror: &mut Mirror| {
        let hello = mirror.hello.take();
        *mirror = Mirror::new();
        mirror.hello = hello;
    };
    let missed = |st: &mut States| {
        st.missed.shown = Some(Missed {
            from: sample::NOW.plus_seconds(-95),
            to: sample::NOW,
            cases: vec![sample::COVER],
            severe: 1,
            alarms: 2,
            changed: 5,
            closed: 3,
        });
    };
    let hidden = |st: &mut States| st.queue.filter.hidden = [true, true, false, false];
    let case = Selection::Case(sample::COVER);
    let mut all = Vec::new();
    for (lang, names) in [
        (
            Lang::Zh,
            [
                "seen-press",
                "seen-sensor",
                "seen-long",
                "seen-yesterday",
                "seen-loading",
                "seen-missed",
                "seen-hidden",
                "seen-lost",
                "seen-small",
                "seen-alarm-case",
            ],
        ),
        (
            Lang::En,
            [
                "seen-press-en",
                "seen-sensor-en",
                "seen-long-en",
                "seen-yesterday-en",
                "seen-loading-en",
                "seen-missed-en",
                "seen-hidden-en",
                "seen-lost-en",
                "seen-small-en",
                "seen-alarm-case-en",
            ],
        ),
    ] {
        let plain = |name| Setting {
            name,
            lang,
            ..Setting::default()
        };
        all.extend([
            Setting {
                city: press,
                ..plain(names[0])
            },
            Setting {
                city: sensors,
                selection: Selection::Sensor(sample::WATER),
                ..plain(names[1])
            },
            Setting {
                city: long,
                selection: case,
                size: small,
                ..plain(names[2])
            },
            Setting {
                city: yesterday,
                ..plain(names[3])
            },
            Setting {
                city: loading,
                ..plain(names[4])
            },
            Setting {
                prepare: missed,
                ..plain(names[5])
            },
            Setting {
                prepare: hidden,
                ..plain(names[6])
            },
            Setting {
                link: lost(),
                selection: case,
                ..plain(names[7])
            },
            Setting {
                city: press,
                size: small,
                ..plain(names[8])
            },
            Setting {
                selection: Selection::Case(CaseId(300)),
                ..plain(names[9])
            },
        ]);
    }
    all
}
