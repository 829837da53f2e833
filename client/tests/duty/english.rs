//! A city whose language is English, at an English desk and on its wall: no Chinese character is on the screen, in whatever
//! is opened, in any world.

use super::acts;
use super::hands::{Hands, Look};
use super::seat::{Report, Seat};
use super::server::{Server, root};
use chengtu_client::i18n::Lang;
use chengtu_engine::city::Severity;
use chengtu_engine::ids::CaseId;

/// Ideographs, kana, full-width forms and the punctuation that goes with them.
fn is_chinese(c: char) -> bool {
    ('\u{2e80}'..='\u{9fff}').contains(&c) || ('\u{f900}'..='\u{ffef}').contains(&c)
}

/// Drives it.
pub fn drive(folder: Option<std::path::PathBuf>) {
    let look = Look {
        lang: Lang::En,
        size: (1_280, 720),
        folder,
    };
    let extract = root().join("tests/data/london.osm.pbf");
    let mut server = Server::imported("english", &extract);
    server.start_city();
    let mut other = Seat::at(server.port, "Amy");
    let mut hands = start(&server, "Ben", &look, &[]);
    hands.until("the city", |h| {
        let mirror = &h.city().mirror;
        h.city().is_ready() && mirror.cases.len() >= 30 && !mirror.sensors.is_empty()
    });
    hands.rest();
    hands.picture("live");
    let id = report(&mut hands, &mut other);
    acts::open(&mut hands, id);
    acts::dispatch(&mut hands, id, "dispatch.send");
    hands.picture("sent");
    opened(&mut hands);
    for (name, more) in [
        ("replay", &["--world", "replay"][..]),
        ("fork", &["--select", &id.to_string(), "--what-if"][..]),
    ] {
        let mut desk = start(&server, "Cleo", &look, more);
        let word = name.to_uppercase();
        desk.sees(&word);
        desk.settle();
        desk.picture(name);
    }
    let mut wall = start(&server, "Wall", &look, &["--wall"]);
    let severe = wall.t("severity.s1");
    wall.until("its alarm", |h| h.city().is_ready() && h.says(&severe));
    wall.picture("wall");
    let since = hands.t("link.lost_since");
    let lost = since.split('{').next().unwrap_or_default().to_owned();
    server.cut();
    for desk in [&mut hands, &mut wall] {
        let lost = lost.clone();
        desk.until("that the server is lost", move |h| h.says(&lost));
    }
}

/// A program that complains of the first Chinese character on its screen.
fn start(server: &Server, user: &str, look: &Look, more: &[&str]) -> Hands {
    let mut hands = Hands::start_in(server.city(), &server.url(), user, look, more);
    hands.watch(|h| {
        for text in h.texts() {
            // Whoever looks for another language reads its name in that language.
            let words = text.words.replace("中文", "");
            assert!(!words.contains(is_chinese), "on the screen: {text:?}");
        }
    });
    hands
}

fn report(hands: &mut Hands, other: &mut Seat) -> CaseId {
    let (west, south, east, north) = hands
        .city()
        .mirror
        .hello
        .as_ref()
        .expect("a greeting")
        .city
        .bounds;
    let id = other.report(&Report {
        code: acts::FLOOD,
        severity: Severity::Severe,
        at: (f64::midpoint(west, east), f64::midpoint(south, north)),
        address: "Underpass by the station",
        note: "Knee-deep water, a bus has stopped with people in it",
    });
    acts::until_case(hands, "the report", id, |_| true);
    let word = hands.t("severity.s1");
    hands.sees(&word);
    hands.picture("report");
    id
}

/// Everything that opens over the map.
fn opened(hands: &mut Hands) {
    let at = hands.free_place();
    hands.menu_at(at);
    let report = hands.t("menu.report");
    hands.sees(&report);
    hands.click(&report);
    hands.settle();
    hands.picture("menu");
    hands.key("Esc");
    hands.key("Esc");
    hands.rest();
    for (key, words) in [("?", "help.title"), ("W", "worlds.title")] {
        hands.key(key);
        let said = hands.t(words);
        hands.sees(&said);
        hands.picture(words);
        hands.key("Esc");
        hands.key("Esc");
    }
    hands.key("/");
    hands.types("st");
    hands.settle();
    hands.picture("search");
    hands.key("Esc");
    hands.key("Esc");
}
