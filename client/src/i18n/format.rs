use super::Words;
use chengtu_engine::time::Timestamp;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::Offset;

/// Clock of a city: its offset from UTC at every moment.
#[derive(Clone, Debug, Default)]
pub struct CityTime {
    offsets: Vec<(Timestamp, i32)>,
}

impl CityTime {
    /// Seconds to add to UTC from each moment on, ascending, as the server sends them.
    pub fn new(offsets: Vec<(Timestamp, i32)>) -> Self {
        Self { offsets }
    }

    fn offset_s(&self, t: Timestamp) -> i32 {
        let after = self.offsets.partition_point(|(from, _)| *from <= t);
        self.offsets
            .get(after.saturating_sub(1))
            .map_or(0, |(_, s)| *s)
    }

    /// Date and time of day in the city.
    pub fn civil(&self, t: Timestamp) -> DateTime {
        // A time that no calendar knows is shown as 1970 rather than not at all.
        let offset = Offset::from_seconds(self.offset_s(t)).unwrap_or(Offset::UTC);
        offset.to_datetime(jiff::Timestamp::from_microsecond(t.0).unwrap_or_default())
    }

    /// The moment that the city's clocks show as this. Where they show it twice, the first; where they skip it, the
    /// moment that it would have been without the skip.
    pub fn moment(&self, civil: DateTime) -> Timestamp {
        let as_utc = Offset::UTC
            .to_timestamp(civil)
            .map_or(0, jiff::Timestamp::as_microsecond);
        let on = |offset_s: i32| Timestamp(as_utc - i64::from(offset_s) * 1_000_000);
        let mut offsets: Vec<i32> = self.offsets.iter().map(|(_, s)| *s).collect();
        offsets.sort_unstable_by_key(|s| std::cmp::Reverse(*s));
        offsets.dedup();
        let fits = offsets.iter().find(|s| self.offset_s(on(**s)) == **s);
        let near = || self.offset_s(Timestamp(as_utc).plus_seconds(-86_400));
        on(fits.copied().unwrap_or_else(near))
    }

    /// `2026-11-22`.
    pub fn ymd(&self, t: Timestamp) -> String {
        let d = self.civil(t);
        format!("{}-{:02}-{:02}", d.year(), d.month(), d.day())
    }

    /// `14:32:07`.
    pub fn hms(&self, t: Timestamp) -> String {
        let d = self.civil(t);
        format!("{:02}:{:02}:{:02}", d.hour(), d.minute(), d.second())
    }

    /// `14:32`.
    pub fn hm(&self, t: Timestamp) -> String {
        let d = self.civil(t);
        format!("{:02}:{:02}", d.hour(), d.minute())
    }

    /// `14:32`, or with its day where that is not the day of `now`.
    pub fn when(&self, t: Timestamp, now: Timestamp) -> String {
        let (d, n) = (self.civil(t), self.civil(now));
        if d.date() == n.date() {
            self.hm(t)
        } else {
            format!("{}-{:02} {}", d.month(), d.day(), self.hm(t))
        }
    }

    /// `14:32:07`, or with its day where that is not the day of `now`.
    pub fn when_exactly(&self, t: Timestamp, now: Timestamp) -> String {
        let (d, n) = (self.civil(t), self.civil(now));
        if d.date() == n.date() {
            self.hms(t)
        } else {
            format!("{}-{:02} {}", d.month(), d.day(), self.hms(t))
        }
    }

    /// Date and weekday in words.
    pub fn date(&self, t: Timestamp, words: &Words) -> (String, String) {
        let d = self.civil(t);
        let month = d.month().to_string();
        let month_name = words.t(MONTHS[usize::from((d.month() - 1).clamp(0, 11) as u8)]);
        let day = d.day().to_string();
        let date = words.f(
            "time.date",
            &[("month", &month), ("month_name", month_name), ("day", &day)],
        );
        let weekday = words.t(match d.weekday() {
            Weekday::Monday => "time.monday",
            Weekday::Tuesday => "time.tuesday",
            Weekday::Wednesday => "time.wednesday",
            Weekday::Thursday => "time.thursday",
            Weekday::Friday => "time.friday",
            Weekday::Saturday => "time.saturday",
            Weekday::Sunday => "time.sunday",
        });
        (date, weekday.to_string())
    }

    /// Midnight at the beginning of the day of `t`, in the city.
    pub fn midnight(&self, t: Timestamp) -> Timestamp {
        let offset = i64::from(self.offset_s(t));
        let local = t.0.div_euclid(1_000_000) + offset;
        Timestamp::from_seconds(local.div_euclid(86_400) * 86_400 - offset)
    }
}

const MONTHS: [&str; 12] = [
    "time.month_1",
    "time.month_2",
    "time.month_3",
    "time.month_4",
    "time.month_5",
    "time.month_6",
    "time.month_7",
    "time.month_8",
    "time.month_9",
    "time.month_10",
    "time.month_11",
    "time.month_12",
];

/// The sign of what is overdue: an en dash, as wide as a figure; the shipped type has no minus sign.
const MINUS: &str = "–";

/// Time left as `00:37:18`, overdue `–02:41:12`; from 100 hours on in days.
pub fn countdown(seconds: f64, words: &Words) -> String {
    let sign = if seconds < 0.0 { MINUS } else { "" };
    // A clock that has 0.4 s left shows one second: zero only when it is over.
    let s = if seconds < 0.0 {
        (-seconds).floor()
    } else {
        seconds.ceil()
    } as u64;
    let (h, m, s) = (s / 3_600, s / 60 % 60, s % 60);
    if h < 100 {
        return format!("{sign}{h:02}:{m:02}:{s:02}");
    }
    let clock = format!("{:02}:{m:02}", h % 24);
    words.f(
        "time.days_clock",
        &[
            ("sign", sign),
            ("days", &(h / 24).to_string()),
            ("clock", &clock),
        ],
    )
}

/// A span in words to the second below an hour: `30 分 07 秒`, `2 小时 41 分`, `3 天 4 小时`.
pub fn spell_span(seconds: f64, words: &Words) -> String {
    let s = seconds.max(0.0) as u64;
    let (d, h, m, sec) = (s / 86_400, s / 3_600 % 24, s / 60 % 60, s % 60);
    let pad = |v: u64| format!("{v:02}");
    if d > 0 {
        words.f(
            "time.days_hours",
            &[("d", &d.to_string()), ("h", &h.to_string())],
        )
    } else if h > 0 {
        words.f(
            "time.hours_minutes",
            &[("h", &h.to_string()), ("m", &m.to_string())],
        )
    } else if m > 0 {
        words.f(
            "time.minutes_seconds",
            &[("m", &m.to_string()), ("s", &pad(sec))],
        )
    } else {
        words.f("time.seconds", &[("s", &sec.to_string())])
    }
}

/// A span in one unit: `47 分`, `3 小时`.
pub fn short_span(seconds: f64, words: &Words) -> String {
    let s = seconds.max(0.0) as u64;
    match s {
        0..60 => words.n("time.s", s),
        60..3_600 => words.n("time.m", s / 60),
        3_600..172_800 => words.n("time.h", s / 3_600),
        _ => words.n("time.d", s / 86_400),
    }
}

/// A driving time as `1′29″`; from an hour on `1 h 05′`.
pub fn arrival(seconds: f64) -> String {
    let s = seconds.max(0.0).round() as u64;
    if s < 3_600 {
        format!("{}′{:02}″", s / 60, s % 60)
    } else {
        format!("{} h {:02}′", s / 3_600, s / 60 % 60)
    }
}

/// A length by road as `0.26 km`.
pub fn length_km(metres: f64) -> String {
    let km = metres.max(0.0) / 1_000.0;
    if km < 10.0 {
        format!("{km:.2} km")
    } else {
        format!("{km:.1} km")
    }
}

/// A distance as `88 m` or `1.2 km`.
pub fn distance(metres: f64) -> String {
    if metres < 1_000.0 {
        format!("{:.0} m", metres.max(0.0))
    } else {
        format!("{:.1} km", metres / 1_000.0)
    }
}

/// A share as `91.6`; `None` if `whole` is 0.
pub fn percent(part: usize, whole: usize) -> Option<String> {
    if part == whole && whole > 0 {
        // All is all: without a decimal it also fits where 91.6 does.
        return Some("100".to_owned());
    }
    (whole > 0).then(|| {
        let percent = part as f64 * 100.0 / whole as f64;
        // Not quite all is never rounded up to all.
        let shown = if part < whole {
            percent.min(99.9)
        } else {
            percent
        };
        format!("{shown:.1}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    fn words() -> Words {
        Words::shipped(Lang::Zh).unwrap()
    }

    fn nanjing() -> CityTime {
        CityTime::new(vec![(Timestamp(i64::MIN), 8 * 3_600)])
    }

    /// 2026-11-20 14:32:07 in Nanjing, a Friday.
    const NOW: Timestamp = Timestamp::from_seconds(20_777 * 86_400 + 6 * 3_600 + 32 * 60 + 7);

    #[test]
    fn the_clock_is_the_citys_not_the_machines() {
        let c = nanjing();
        assert_eq!(
            (c.hms(NOW).as_str(), c.hm(NOW).as_str()),
            ("14:32:07", "14:32")
        );
        assert_eq!(c.date(NOW, &words()), ("11 月 20 日".into(), "周五".into()));
        assert_eq!(
            c.midnight(NOW),
            Timestamp::from_seconds(20_777 * 86_400 - 8 * 3_600)
        );
    }

    #[test]
    fn the_citys_clock_is_read_back_even_where_it_changes() {
        let c = nanjing();
        assert_eq!(c.moment(c.civil(NOW)), NOW);
        assert_eq!(c.ymd(NOW), "2026-11-20");
        // An hour on in March (2 o'clock is skipped), an hour back in November (1 o'clock comes twice).
        let (spring, autumn) = (1_772_953_200, 1_793_512_800);
        let berlin_like = CityTime::new(vec![
            (Timestamp(i64::MIN), -18_000),
            (Timestamp::from_seconds(spring), -14_400),
            (Timestamp::from_seconds(autumn), -18_000),
        ]);
        for s in [
            spring - 1,
            spring,
            spring + 7_200,
            autumn - 7_200,
            autumn + 7_200,
        ] {
            let t = Timestamp::from_seconds(s);
            assert_eq!(berlin_like.moment(berlin_like.civil(t)), t, "{s}");
        }
        let twice = berlin_like.civil(Timestamp::from_seconds(autumn + 600));
        assert_eq!(
            berlin_like.moment(twice),
            Timestamp::from_seconds(autumn - 3_000)
        );
        let skipped = berlin_like
            .civil(Timestamp::from_seconds(spring - 1))
            .with()
            .hour(2)
            .minute(30)
            .build()
            .unwrap();
        let at = berlin_like.moment(skipped);
        assert_eq!(at, Timestamp::from_seconds(spring + 1_859));
    }

    #[test]
    fn a_time_of_another_day_has_its_day() {
        let c = nanjing();
        assert_eq!(c.when(NOW.plus_seconds(-3_600), NOW), "13:32");
        assert_eq!(c.when(NOW.plus_seconds(-86_400), NOW), "11-19 14:32");
    }

    #[test]
    fn what_is_left_reads_like_a_clock() {
        let w = words();
        assert_eq!(countdown(2_238.0, &w), "00:37:18");
        assert_eq!(countdown(-9_672.4, &w), "–02:41:12");
        assert_eq!(countdown(0.3, &w), "00:00:01");
        assert_eq!(countdown(127.0 * 3_600.0, &w), "5 天 07:00");
    }

    #[test]
    fn spans_and_lengths_are_short_and_exact() {
        let w = words();
        assert_eq!(spell_span(1_807.0, &w), "30 分 07 秒");
        assert_eq!(spell_span(9_672.0, &w), "2 小时 41 分");
        assert_eq!(short_span(2_850.0, &w), "47 分");
        assert_eq!(arrival(88.6), "1′29″");
        assert_eq!(arrival(3_900.0), "1 h 05′");
        assert_eq!(
            (length_km(256.0).as_str(), distance(88.2).as_str()),
            ("0.26 km", "88 m")
        );
        assert_eq!(percent(438, 478).as_deref(), Some("91.6"));
        assert_eq!(percent(0, 0), None);
        assert_eq!(percent(45, 45).as_deref(), Some("100"));
        assert_eq!(percent(9_999, 10_000).as_deref(), Some("99.9"));
    }
}
