//! The worlds beside the running city: a replay, a fork, a drill from both seats, and what of the city is seen there.

use super::hands::Hands;
use super::seat::{Report, Seat};
use super::{acts, acts::FLOOD};
use chengtu_engine::city::Severity;
use chengtu_engine::drill::{DirectorAct, DrillPhase};
use chengtu_engine::ids::CaseId;
use chengtu_engine::record::World;
use chengtu_engine::stream::{ClientMessage, WorldChoice};

/// Waits until the desk is in a world of a kind, and its city is there.
fn until_in(hands: &mut Hands, what: &str, is: impl Fn(World) -> bool) {
    hands.until(what, |h| is(h.city().world()) && h.city().is_ready());
    hands.settle();
}

fn home(hands: &mut Hands) {
    hands.key("End");
    until_in(hands, "the running city", |w| w == World::Live);
}

fn severe(other: &mut Seat, at: (f64, f64), address: &str) -> CaseId {
    let note = "隧道进水，有车被困，车上有人";
    other.report(&Report {
        code: FLOOD,
        severity: Severity::Severe,
        at,
        address,
        note,
    })
}

/// The last minutes again; a severe alarm of the running city is seen from there.
pub fn replay(hands: &mut Hands, other: &mut Seat) {
    hands.key("Home");
    let why = hands.t("confirm.replay_why");
    hands.sees(&why);
    hands.settle();
    hands.picture("replay-asked");
    hands.key("⇧Enter");
    until_in(hands, "a replay", |w| matches!(w, World::Replay(_)));
    hands.picture("replay");
    hands.key("Space");
    severe(other, (118.7835, 32.0525), "进香河路 11 号");
    let live = hands.t("city_alarm.live");
    hands.sees(&live);
    hands.picture("replay-city-alarm");
    hands.key("M");
    hands.settle();
    hands.picture("replay-bookmark");
    hands.key("Esc");
    hands.key("Esc");
    home(hands);
}

/// What if another unit had gone.
pub fn fork(hands: &mut Hands, other: &mut Seat) {
    let id = severe(other, (118.7905, 32.0385), "大光路 62 号");
    acts::until_case(hands, "the report", id, |_| true);
    acts::open(hands, id);
    acts::dispatch(hands, id, "dispatch.send");
    hands.key("X");
    let title = hands.t("fork.start");
    hands.sees(&title);
    let asking = hands.t("dispatch.asking");
    hands.until("units to choose from", |h| !h.says(&asking));
    hands.picture("fork-asked");
    hands.key("Enter");
    let actual = hands.t("fork.title");
    hands.sees(&actual);
    let coming = hands.t("fork.coming");
    hands.until("both branches", |h| {
        !h.says(&coming) && h.says(&h.t("fork.differences"))
    });
    for _ in 0..200 {
        hands.frame();
    }
    hands.picture("fork");
    hands.key("End");
    // Not by its title: that is what the case's own button says, too.
    let differences = hands.t("fork.differences");
    hands.until("the window closed", |h| !h.says(&differences));
    until_in(hands, "the running city", |w| w == World::Live);
}

/// A drill from the director's seat, with every drawer.
pub fn direct(hands: &mut Hands, other: &mut Seat) {
    hands.key("W");
    let scenario = hands
        .words
        .name("暴雨内涝 主城", "Cloudburst over the old city")
        .to_owned();
    let begin = hands.t("worlds.drill");
    hands.click_beside(&begin, &scenario);
    until_in(hands, "a drill", |w| matches!(w, World::Drill(_)));
    let start = hands.t("drill.start");
    hands.sees(&start);
    hands.picture("drill-prepared");
    let begun = hands.city().now();
    hands.key("⇧Space");
    hands.until("the drill's clock", |h| h.city().now() > begun);
    severe(other, (118.7705, 32.0475), "虎踞路隧道北口");
    let live = hands.t("city_alarm.live");
    hands.sees(&live);
    hands.picture("drill-city-alarm");
    for (key, name) in [
        ("⇧I", "fire"),
        ("⇧N", "notes"),
        ("⇧S", "score"),
        ("⇧G", "ghost"),
        ("⇧P", "postpone"),
    ] {
        hands.key(key);
        hands.settle();
        hands.picture(&format!("drill-{name}"));
        hands.key("Esc");
    }
    home(hands);
}

/// A drill that a colleague directs, from a participant's seat.
pub fn take_part(hands: &mut Hands, other: &Seat) {
    other.say(ClientMessage::StartDrill {
        scenario: "rush-hour".into(),
        at: None,
    });
    let number = other.until("a drill", |k| {
        let view = k.drill.as_ref()?;
        (view.phase == DrillPhase::Preparing).then_some(())?;
        match k.world.as_ref()?.world {
            World::Drill(n) => Some(n),
            _ => None,
        }
    });
    hands.key("W");
    let join = hands.words.f(
        "worlds.join_as",
        &[("seat", hands.words.t("seat.participant"))],
    );
    hands.click_beside(&join, &format!("#{number}"));
    until_in(hands, "the drill", |w| w == World::Drill(number));
    let waits = hands.t("drill.waits");
    hands.sees(&waits);
    hands.picture("drill-briefing");
    other.direct(DirectorAct::Start);
    other.direct(DirectorAct::Speed(30.0));
    hands.until("its clock", |h| !h.says(&waits));
    for _ in 0..150 {
        hands.frame();
    }
    hands.picture("drill-participant");
    other.direct(DirectorAct::End);
    let over = hands.t("drill.over");
    hands.sees(&over);
    hands.picture("drill-over");
    other.say(ClientMessage::Enter {
        choice: WorldChoice::Live,
    });
    home(hands);
}
