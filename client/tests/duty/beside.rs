//! What stands beside the cases: menus, lists, help; the wall; and a server that is lost.

use super::acts::{self, FLOOD};
use super::hands::Hands;
use super::seat::{Report, Seat};
use super::server::Server;
use chengtu_engine::city::Severity;

/// Everything that opens over the map, one after the other.
pub fn menus(hands: &mut Hands, other: &mut Seat) {
    let at = hands.free_place();
    hands.menu_at(at);
    let report = hands.t("menu.report");
    hands.sees(&report);
    hands.picture("menu");
    hands.key("Esc");
    hands.rest();
    for (key, name, words) in [
        ("/", "search", "search.hint_long"),
        ("?", "help", "help.title"),
        ("W", "worlds", "worlds.title"),
    ] {
        hands.key(key);
        let said = hands.t(words);
        hands.until(&said, |h| h.says(&said) || h.says(&h.t("search.hint")));
        if name == "search" {
            hands.types("zs");
        }
        if name == "worlds" {
            let listed = hands.t("worlds.drill");
            hands.sees(&listed);
        }
        hands.picture(name);
        hands.key("Esc");
        hands.key("Esc");
    }
    sensor(hands, other);
    let unit = hands
        .city()
        .mirror
        .units
        .values()
        .next()
        .expect("a unit")
        .call_sign
        .clone();
    hands.key("/");
    // A call sign is a word and a number: the number alone finds it among others, its panel is what is looked at.
    hands.types(unit.split(' ').next_back().unwrap_or("1"));
    hands.settle();
    hands.key("Esc");
    hands.key("Esc");
}

/// A sensor's panel, and the report that its alarm leads to.
fn sensor(hands: &mut Hands, _other: &mut Seat) {
    let name = hands
        .city()
        .mirror
        .sensors
        .values()
        .next()
        .map(|s| s.key.clone());
    let Some(key) = name else { return };
    hands.key("/");
    hands.types(&key);
    hands.settle();
    hands.key("Enter");
    hands.until("the sensor's panel", |h| {
        h.app
            .world()
            .resource::<chengtu_client::live::Selection>()
            .sensor()
            .is_some()
    });
    hands.settle();
    hands.picture("sensor");
    hands.key("Esc");
}

/// The wall as it hangs, with an alarm, and both screens once the server has gone and come back.
pub fn wall_and_lost(hands: &mut Hands, server: &mut Server, mut other: Seat) {
    let look = hands.look.clone();
    let mut wall = Hands::start(&server.url(), "大屏", &look, &["--wall"]);
    wall.until("the city", |h| {
        h.city().is_ready() && h.city().mirror.cases.len() > 20
    });
    let grave = other.report(&Report {
        code: FLOOD,
        severity: Severity::Severe,
        at: (118.7795, 32.0505),
        address: "珠江路 280 号 下穿通道",
        note: "下穿通道积水，一辆公交车熄火，车上有乘客",
    });
    acts::until_case(&mut wall, "the report", grave, |_| true);
    let word = wall.t("severity.s1");
    wall.sees(&word);
    wall.picture("wall");
    // What both say, up to the moment.
    let since = hands.t("link.lost_since");
    let lost = since.split('{').next().unwrap_or_default().to_owned();
    server.cut();
    for desk in [&mut *hands, &mut wall] {
        let lost = lost.clone();
        desk.until("that the server is lost", move |h| h.says(&lost));
        desk.settle();
    }
    hands.picture("lost");
    wall.picture("wall-lost");
    server.go_on();
    hands.until("the server again", |h| {
        !h.says(&lost) && h.city().is_ready()
    });
    let read = hands.t("missed.read");
    hands.sees(&read);
    hands.picture("missed");
    hands.key("U");
    hands.until("the summary put away", |h| !h.says(&read));
    wall.until("the server again", |h| {
        !h.says(&lost) && h.city().is_ready()
    });
    wall.picture("wall-again");
}
