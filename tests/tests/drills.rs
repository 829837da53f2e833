//! Drills: scripted teams, scores from the log alone, and reports.

use anyhow::{Context, Result, ensure};
use chengtu_engine::code::Code;
use chengtu_engine::drill::{
    Criterion, DirectorAct, Drill, DrillEntry, DrillEvent, DrillPhase, Evidence, GhostTrack,
    Scenario, ScoreRow, ScoreView, Seat, Tally, Team, attempts, score,
};
use chengtu_engine::record::World;
use chengtu_engine::state::State;
use chengtu_server::drill::{
    DrillLog, Ground, Played, compared, parse_team, play, practised, report, write_report,
};
use chengtu_server::pack::Pack;
use chengtu_tests::program::nanjing;
use std::sync::OnceLock;

fn ground() -> &'static Ground {
    static GROUND: OnceLock<Ground> = OnceLock::new();
    GROUND.get_or_init(|| Ground::new(&Pack::open(&nanjing()).expect("the pack opens")))
}

fn scenario(key: &str) -> Result<Scenario> {
    Ok(ground().scenario(key)?)
}

/// Reads the file of a team.
fn team(text: &str, scenario: &Scenario) -> Result<Team> {
    parse_team(text, &ground().names, scenario).map_err(|p| anyhow::anyhow!("{p:?}"))
}

/// Slow, sends whoever is free, bundles nothing and believes everything.
const SLOW: &str = r#"
name = "乙组"
[habits]
acknowledge = "0:05:00"
severe = "0:08:00"
urgent = "0:15:00"
normal = "0:20:00"
slight = "never"
choose = "first"
bundle = "never"
void = "never"
actions_per_minute = 6
"#;

/// By a script on top of good habits: what the reports do not say, this team has understood.
const SCRIPTED: &str = r#"
name = "甲组"
[habits]
report = "0:00:30"
actions_per_minute = 60
[[acts]]
at = "0:22:30"
do = "report"
inject = "tunnel"
class = "道路积水"
severity = "severe"
[[acts]]
at = "0:33:30"
do = "void"
inject = "false-gas"
"#;

fn played(key: &str, text: Option<&str>) -> Result<Played> {
    let s = scenario(key)?;
    let mut t = match text {
        Some(text) => team(text, &s)?,
        None => practised(&ground().names),
    };
    Ok(play(ground(), s, &mut t, None)?)
}

#[test]
fn the_same_actions_give_the_same_score_five_times() -> Result<()> {
    for key in ["rush-hour", "cloudburst", "marathon"] {
        let first = played(key, None)?;
        for _ in 0..4 {
            let again = played(key, None)?;
            ensure!(again.score == first.score, "{key}: the score differs");
            ensure!(again.digest == first.digest, "{key}: the city differs");
            ensure!(again.entries == first.entries, "{key}: the log differs");
        }
        println!(
            "{key}: {:.2} five times, city {:016x}",
            first.score.total, first.digest
        );
    }
    Ok(())
}

#[test]
fn a_better_script_scores_better() -> Result<()> {
    let slow = played("cloudburst", Some(SLOW))?.score;
    let usual = played("cloudburst", None)?.score;
    let scripted = played("cloudburst", Some(SCRIPTED))?;
    println!(
        "cloudburst: slow {:.2}, practised {:.2}, scripted {:.2}",
        slow.total, usual.total, scripted.score.total
    );
    ensure!(
        slow.total + 10.0 < usual.total,
        "{} {}",
        slow.total,
        usual.total
    );
    ensure!(
        usual.total < scripted.score.total,
        "{} {}",
        usual.total,
        scripted.score.total
    );
    for key in ["rush-hour", "marathon"] {
        let (a, b) = (
            played(key, Some(SLOW))?.score.total,
            played(key, None)?.score.total,
        );
        println!("{key}: slow {a:.2}, practised {b:.2}");
        ensure!(a + 10.0 < b, "{key}: {a} {b}");
    }
    Ok(())
}

#[test]
fn a_team_that_does_nothing_wins_nothing() -> Result<()> {
    let idle = "name = \"空席\"\n[habits]\nacknowledge = \"never\"\nsevere = \"never\"\nurgent = \"never\"\nnormal = \"never\"\nslight = \"never\"\nbundle = \"never\"\nvoid = \"never\"\n";
    let score = played("rush-hour", Some(idle))?.score;
    // Nobody was sent, so every area still has its units, and none too many were sent: that is nothing won.
    for row in &score.rows {
        ensure!(row.points == 0.0, "{row:?}");
    }
    let judged = score.rows.iter().filter(|r| r.of > 0.0).count();
    ensure!(judged >= 7 && score.total == 0.0, "{score:?}");
    Ok(())
}

#[test]
fn a_drill_that_ends_before_anything_came_gives_no_points() -> Result<()> {
    let mut s = scenario("rush-hour")?;
    // Nothing by itself either: the first inject comes at three minutes.
    s.cases_per_hour = 0.0;
    let mut drill = ground().begin(s, "总导演", World::Drill(1), None)?;
    drill.direct(DirectorAct::Start)?;
    for _ in 0..150 {
        drill.step();
        let so_far = score(drill.scenario(), drill.tally());
        ensure!(so_far.total == 0.0, "{so_far:?}");
    }
    drill.direct(DirectorAct::End)?;
    let at_the_end = score(drill.scenario(), drill.tally());
    ensure!(at_the_end.total == 0.0, "{at_the_end:?}");
    Ok(())
}

#[test]
fn whoever_answers_half_keeps_house_for_half() -> Result<()> {
    let half =
        "name = \"半席\"\n[habits]\nurgent = \"never\"\nnormal = \"never\"\nslight = \"never\"\n";
    let row = |score: &ScoreView| -> Result<ScoreRow> {
        let found = score
            .rows
            .iter()
            .find(|r| r.criterion == Criterion::EmptyAreas);
        found.cloned().context("the areas are judged")
    };
    let all = row(&played("rush-hour", None)?.score)?;
    let some = row(&played("rush-hour", Some(half))?.score)?;
    ensure!(
        some.points > 0.0 && some.points < all.points,
        "{some:?} {all:?}"
    );
    let words = |e: &Evidence| e.text_en.contains("was answered");
    ensure!(some.evidence.iter().all(words), "{some:?}");
    Ok(())
}

/// The state and the scenario that a log begins with.
fn beginning(entries: &[DrillEntry]) -> Result<(Scenario, State)> {
    match &entries.first().context("no entries")?.what {
        DrillEvent::Begun(b) => Ok((b.scenario.clone(), State::decode(&b.state)?)),
        other => anyhow::bail!("{other:?}"),
    }
}

#[test]
fn the_score_follows_from_the_log_alone_and_every_point_has_its_second() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let folder = dir.path().join("4");
    let s = scenario("cloudburst")?;
    let mut t = practised(&ground().names);
    let played = play(ground(), s, &mut t, Some(&folder))?;
    let log = DrillLog::read(&folder)?;
    ensure!(log.missing.is_empty() && log.entries == played.entries);
    let (scenario, start) = beginning(&log.entries)?;
    let tally = Tally::of(&scenario, &start, &log.entries);
    ensure!(
        score(&scenario, &tally) == played.score,
        "the log tells another score"
    );
    let (from, to) = (
        scenario.start.time(),
        scenario.start.time().plus_seconds(3_601),
    );
    for row in &played.score.rows {
        let lost: f64 = row.evidence.iter().map(|e| e.points.min(0.0)).sum();
        let rounding = 0.006 * (row.evidence.len() + 1) as f64;
        ensure!(
            (row.of + lost - row.points).abs() <= rounding || row.of == 0.0,
            "{row:?}"
        );
        ensure!(
            row.evidence.iter().all(|e| e.time >= from && e.time <= to),
            "{row:?}"
        );
        ensure!(
            row.evidence
                .iter()
                .all(|e| !e.text.is_empty() && !e.text_en.is_empty())
        );
    }
    Ok(())
}

#[test]
fn a_rewound_drill_goes_on_from_there_and_keeps_the_first_try() -> Result<()> {
    let s = scenario("rush-hour")?;
    let mut drill: Drill = ground().begin(s, "总导演", World::Drill(1), None)?;
    let mut entries = Vec::new();
    let slow = |d: &Drill| team(SLOW, d.scenario());
    let mut first = slow(&drill)?;
    first.join(&mut drill);
    drill.direct(DirectorAct::Start)?;
    let until = |drill: &mut Drill, t: &mut Team, s: i64, entries: &mut Vec<DrillEntry>| {
        let end = drill.scenario().start.time().plus_seconds(s);
        while drill.phase() == DrillPhase::Running && drill.now() < end {
            drill.step();
            t.act(drill);
            entries.extend(drill.take_entries());
        }
    };
    until(&mut drill, &mut first, 170, &mut entries);
    let before = drill.state().digest();
    let here = drill.now();
    until(&mut drill, &mut first, 1_200, &mut entries);
    let first_score = score(drill.scenario(), drill.tally()).total;
    // The checkpoint just before the first inject, at 180 s, and the minute's at 120 s.
    drill.direct(DirectorAct::Rewind { to: here })?;
    ensure!(drill.phase() == DrillPhase::Paused && drill.attempt() == 2);
    ensure!(drill.now() <= here && drill.tally().things(0).is_empty());
    drill.direct(DirectorAct::Start)?;
    let mut nobody = Team::new(
        "看客",
        chengtu_engine::drill::Habits {
            acknowledge_s: None,
            dispatch_s: [None; 4],
            bundle_s: None,
            void_s: None,
            ..Default::default()
        },
        Vec::new(),
    );
    until(&mut drill, &mut nobody, 170, &mut entries);
    ensure!(
        drill.state().digest() == before,
        "the city behaves otherwise the second time"
    );
    let mut better = practised(&ground().names);
    better.join(&mut drill);
    until(&mut drill, &mut better, 1_200, &mut entries);
    entries.extend(drill.take_entries());
    let second_score = score(drill.scenario(), drill.tally()).total;
    ensure!(second_score > first_score, "{first_score} {second_score}");
    let all = attempts(&entries);
    ensure!(all.len() == 2, "{}", all.len());
    let (scenario, start) = beginning(&entries)?;
    let again: Vec<f64> = all
        .iter()
        .map(|a| score(&scenario, &Tally::of(&scenario, &start, a.iter().copied())).total)
        .collect();
    ensure!(
        again == [first_score, second_score],
        "{again:?} {first_score} {second_score}"
    );
    Ok(())
}

#[test]
fn only_the_director_sees_what_is_to_come_and_the_clock_stops_the_desk() -> Result<()> {
    let s = scenario("marathon")?;
    let mut drill = ground().begin(s, "总导演", World::Drill(1), None)?;
    drill.join("派遣员", Seat::Participant);
    let director = drill.view(Seat::Director, "/r");
    ensure!(director.injects.len() == 10 && !director.goals.is_empty());
    for seat in [Seat::Participant, Seat::Viewer] {
        let view = drill.view(seat, "/r");
        ensure!(view.injects.is_empty() && view.goals.is_empty() && view.score.is_none());
        ensure!(view.checkpoints.is_empty() && view.report.is_empty());
    }
    let unit = chengtu_engine::ids::UnitId(0);
    let place = drill.scenario().injects[2]
        .act
        .place(drill.scenario())
        .context("a place")?;
    let send = chengtu_engine::command::Command::DispatchUnit {
        unit,
        target: chengtu_engine::model::AssignmentTarget::Place(place),
        expected_s: None,
    };
    let refused = drill
        .command("派遣员", &send, None)
        .expect_err("it has not begun");
    ensure!(refused.code() == Code::NotPermitted, "{refused}");
    drill.direct(DirectorAct::Start)?;
    drill.command("派遣员", &send, None)?;
    let arrive = chengtu_engine::command::Command::ArriveOnScene { unit };
    let refused = drill
        .command("派遣员", &arrive, None)
        .expect_err("crews say so themselves");
    ensure!(
        refused.to_string().contains("crews report for themselves"),
        "{refused}"
    );
    drill.direct(DirectorAct::Pause)?;
    ensure!(drill.command("派遣员", &send, None).is_err());
    let before = drill.now();
    drill.step();
    ensure!(drill.now() == before, "a paused clock runs");
    ensure!(drill.direct(DirectorAct::Speed(601.0)).is_err());
    ensure!(drill.direct(DirectorAct::Fire { inject: 99 }).is_err());
    drill.direct(DirectorAct::Fire { inject: 8 })?;
    ensure!(
        drill.direct(DirectorAct::Fire { inject: 8 }).is_err(),
        "fired twice"
    );
    drill.direct(DirectorAct::End)?;
    ensure!(drill.view(Seat::Participant, "/r").score.is_some());
    ensure!(drill.direct(DirectorAct::Start).is_err());
    Ok(())
}

#[test]
fn an_area_that_loses_its_last_unit_raises_something() -> Result<()> {
    let mut s = scenario("rush-hour")?;
    // A corner of the city with only one crew.
    let mut drill = ground().begin(s.clone(), "", World::Drill(1), None)?;
    let unit = drill.state().units()[0].clone();
    let at = drill
        .state()
        .mover(unit.mover)
        .and_then(|m| m.position)
        .context("a place")?;
    let near = |d: i32| chengtu_engine::geo::Position::new(at.lon_e7 + d, at.lat_e7 + d);
    s.areas = vec![chengtu_engine::drill::Area {
        name: "角落".into(),
        name_en: "Corner".into(),
        boxes: vec![chengtu_engine::geo::GeoBox::new(near(-300), near(300))],
    }];
    drill = ground().begin(s, "", World::Drill(1), None)?;
    drill.direct(DirectorAct::Start)?;
    ensure!(drill.take_emptied().is_empty());
    let away = drill.scenario().injects[0]
        .act
        .place(drill.scenario())
        .context("a place")?;
    drill.join("甲", Seat::Participant);
    let send = chengtu_engine::command::Command::DispatchUnit {
        unit: unit.id,
        target: chengtu_engine::model::AssignmentTarget::Place(away),
        expected_s: None,
    };
    drill.command("甲", &send, None)?;
    let mut raised = Vec::new();
    for _ in 0..600 {
        drill.step();
        raised.extend(drill.take_emptied());
    }
    ensure!(raised.first() == Some(&0), "nothing was raised");
    let score = score(drill.scenario(), drill.tally());
    let row = score
        .rows
        .iter()
        .find(|r| r.criterion == Criterion::EmptyAreas);
    let text = row.and_then(|r| r.evidence.first()).map(|e| e.text.clone());
    ensure!(
        text.as_ref().is_some_and(|t| t.contains("角落无单元")),
        "{text:?}"
    );
    Ok(())
}

#[test]
fn a_report_is_one_page_with_pictures_evidence_and_links() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let a = played("cloudburst", None)?;
    let b = played("cloudburst", Some(SLOW))?;
    write_report(dir.path(), 3, &a.entries, ground())?;
    let html = std::fs::read_to_string(dir.path().join("report.html"))?;
    for wanted in [
        "暴雨内涝 主城",
        "Cloudburst over the old city",
        "<svg id=\"map\"",
        "<svg id=\"timeline\"",
        "chengtu://drill/3?t=",
        "data-t=\"",
        "北门桥水位上升",
        "class=\"road1\"",
        "class=\"route\"",
        "id=\"samples\"",
    ] {
        ensure!(html.contains(wanted), "no {wanted}");
    }
    ensure!(
        !html.contains("http://") && !html.contains("https://") && !html.contains("src="),
        "it needs something else"
    );
    ensure!(html.contains(&format!("<b>{:.1}</b>", a.score.total)));
    let evidence: usize = a.score.rows.iter().map(|r| r.evidence.len()).sum();
    ensure!(html.matches("chengtu://drill/3?t=").count() >= evidence);
    ensure!(html.len() < 3_000_000, "{} bytes", html.len());
    let both = compared((3, &a.entries), (4, &b.entries)).context("a comparison")?;
    for total in [a.score.total, b.score.total] {
        ensure!(both.contains(&format!("<b>{total:.1}</b>")));
    }
    ensure!(report(1, &[], ground()).is_none());
    // Kept to be looked at.
    let kept = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("drill-report.html");
    std::fs::write(&kept, &html)?;
    std::fs::write(kept.with_file_name("drill-compare.html"), &both)?;
    println!(
        "{}: {} bytes, {evidence} pieces of evidence",
        kept.display(),
        html.len()
    );
    Ok(())
}

#[test]
fn a_directors_note_that_is_too_long_is_refused_and_not_cut() -> Result<()> {
    let mut drill = ground().begin(scenario("rush-hour")?, "", World::Drill(0), None)?;
    let note = |chars: usize| DirectorAct::Note {
        text: "长".repeat(chars),
    };
    drill.direct(note(2_000))?;
    let refused = drill.direct(note(2_001)).err().context("it was taken")?;
    ensure!(refused.to_string().contains("2001 characters"), "{refused}");
    Ok(())
}

#[test]
fn names_in_a_report_are_text() -> Result<()> {
    let mut played = played("rush-hour", None)?;
    let hostile = "</title><script>alert(1)</script>\u{202e}\u{1b}[2J";
    let mut joined = 0;
    for entry in &mut played.entries {
        if let DrillEvent::Joined { name, .. } = &mut entry.what {
            hostile.clone_into(name);
            joined += 1;
        }
    }
    ensure!(joined > 0, "nobody took part");
    let html = report(3, &played.entries, ground()).context("a report")?;
    let scripts = |html: &str| html.matches("<script").count();
    ensure!(html.contains("&lt;script&gt;alert(1)"), "the name is there");
    ensure!(scripts(&html) == 2, "the page's own, and its numbers");
    ensure!(!html.contains(['\u{202e}', '\u{1b}']), "nothing unseen");
    let entries = (3, played.entries.as_slice());
    let both = compared(entries, entries).context("a comparison")?;
    ensure!(scripts(&both) == 0 && !both.contains('\u{202e}'));
    Ok(())
}

#[test]
fn a_ghost_is_where_its_units_were() -> Result<()> {
    let played = played("rush-hour", None)?;
    let track = GhostTrack::of(&played.entries);
    let (scenario, mut state) = beginning(&played.entries)?;
    let from = scenario.start.time();
    for entry in &played.entries {
        if let DrillEvent::Record(record) = &entry.what {
            state.apply(record);
        }
    }
    let end = track.at(i64::from(scenario.duration_s) * 1_000_000);
    ensure!(end.len() == state.units().len() && from.0 > 0);
    for (ghost, unit) in end.iter().zip(state.units()) {
        let place = state
            .mover(unit.mover)
            .and_then(|m| m.position)
            .context("a place")?;
        let at = place.lon_lat();
        ensure!(
            (ghost.lon, ghost.lat) == (at.lon_deg, at.lat_deg),
            "{}",
            ghost.call_sign
        );
        ensure!(ghost.status == unit.status, "{}", ghost.call_sign);
    }
    let mut moved = 0;
    for (a, b) in track.at(0).iter().zip(&end) {
        moved += usize::from((a.lon, a.lat) != (b.lon, b.lat));
    }
    ensure!(moved > 10, "{moved} units have moved");
    Ok(())
}
