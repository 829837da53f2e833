//! What an officer does about a case, and what must be seen of it.

use super::hands::Hands;
use super::seat::{Report, Seat};
use chengtu_engine::city::Severity;
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::model::Stage;
use chengtu_engine::stream::CaseView;

/// Class codes of the shipped city.
pub const FLOOD: &str = "E0506";
pub const BIN: &str = "E0192";
pub const NOISE: &str = "E0128";
pub const LAMP: &str = "C0137";

/// Words as long as people's words are when it matters.
pub const GRAVE_NOTE: &str = "水深及腰，一辆出租车被淹，车内两人被困，其中一名是孩子；附近地下车库已进水，配电间有人未撤离，请求排水和救援";
pub const GRAVE_ADDRESS: &str = "中山东路 145 号前 地下通道";

/// A case as it is known at the desk.
pub fn case(hands: &Hands, id: CaseId) -> Option<&CaseView> {
    hands.city().mirror.cases.get(&id)
}

/// Waits until a case is so.
pub fn until_case(hands: &mut Hands, what: &str, id: CaseId, holds: impl Fn(&CaseView) -> bool) {
    hands.until(what, |h| case(h, id).is_some_and(&holds));
}

fn sign(hands: &Hands, unit: UnitId) -> String {
    let unit = &hands.city().mirror.units[&unit];
    hands
        .words
        .name(&unit.call_sign, &unit.call_sign_en)
        .to_owned()
}

/// The longest words of a key in which no value stands.
fn fixed_words(hands: &Hands, key: &str) -> String {
    let words = hands.t(key);
    let pieces = words.split(['{', '}']).step_by(2);
    let longest = pieces.max_by_key(|p| p.trim().chars().count());
    longest.unwrap_or_default().trim().to_owned()
}

/// The unit on the button that sends, once there is one.
fn offer(hands: &Hands, key: &str) -> Option<UnitId> {
    let says = |unit: &UnitId| {
        let label = hands.words.f(key, &[("unit", &sign(hands, *unit))]);
        hands.texts().iter().any(|t| t.words == label)
    };
    hands.city().mirror.units.keys().copied().find(says)
}

/// True once a unit is offered; false where nobody is free, or the ranking does not come.
pub fn is_offered(hands: &mut Hands) -> bool {
    for _ in 0..300 {
        if offer(hands, "dispatch.send").is_some() {
            return true;
        }
        hands.frame();
    }
    false
}

/// A severe flood with people in it is called in while the desk looks at the whole city.
pub fn severe_report(hands: &mut Hands, other: &mut Seat) -> CaseId {
    let id = other.report(&Report {
        code: FLOOD,
        severity: Severity::Severe,
        at: (118.7885, 32.0415),
        address: GRAVE_ADDRESS,
        note: GRAVE_NOTE,
    });
    // On the plate over the map with its own words, and on the first row.
    let word = hands.t("severity.s1");
    hands.until("its plate", |h| h.says(&word) && h.says(GRAVE_NOTE));
    hands.until("the first row", |h| {
        super::urgent::first_row(h).is_some_and(|row| row.contains(GRAVE_ADDRESS))
    });
    hands.picture("severe-report");
    id
}

/// Opens a case by its number, through the search.
pub fn open(hands: &mut Hands, id: CaseId) {
    hands.key("/");
    hands.types(&id.to_string());
    let number = format!("#{id}");
    hands.until("the case among what was found", |h| {
        h.says(&number) || h.says(&id.to_string())
    });
    hands.key("Enter");
    hands.until("the case in the panel", |h| {
        h.app
            .world()
            .resource::<chengtu_client::live::Selection>()
            .case()
            == Some(id)
    });
    hands.settle();
}

/// Sends what the button offers, with one key; the unit that is sent is the one that was on the button.
pub fn dispatch(hands: &mut Hands, id: CaseId, key: &str) {
    hands.key("D");
    hands.wait("a unit on the button", |h| offer(h, key));
    let before = case(hands, id).map_or(0, |c| c.units.len());
    // Pressed before the offer has stood for a moment, a key sends nothing; it is said, and pressed again.
    for _ in 0..8 {
        let Some(said) = offer(hands, key) else { break };
        hands.key("Enter");
        let warned = hands.t("dispatch.changed");
        hands.until("what came of it", |h| {
            case(h, id).is_some_and(|c| c.units.len() > before)
                || h.says(&warned)
                || offer(h, key).is_some()
        });
        for _ in 0..40 {
            if case(hands, id).is_some_and(|c| c.units.len() > before) {
                let sent = *case(hands, id)
                    .and_then(|c| c.units.last())
                    .expect("a unit");
                assert_eq!(said, sent, "another unit than on the button");
                return;
            }
            hands.frame();
        }
    }
    until_case(hands, "a unit on its way", id, |c| c.units.len() > before);
}

/// A first unit, a second one, one back, another in the place of the first.
pub fn send_and_send_again(hands: &mut Hands, id: CaseId) {
    // Clicked once whatever made room for it lies still.
    hands.rest();
    hands.click(GRAVE_NOTE);
    let number = format!("#{id}");
    hands.until("the case that was clicked", |h| h.says(&number));
    let title = hands.t("dispatch.title");
    hands.sees(&title);
    hands.wait("a unit on the button", |h| offer(h, "dispatch.send"));
    hands.picture("case");
    dispatch(hands, id, "dispatch.send");
    let title = hands.t("progress.title");
    hands.sees(&title);
    hands.picture("sent");
    hands.key("⇧D");
    second_offer(hands);
    hands.picture("second-unit-asked");
    dispatch(hands, id, "dispatch.send_besides");
    hands.sees(&title);
    hands.picture("second-unit-sent");
    recall(hands, id);
    reassign(hands, id);
}

/// Waits for the offer of a second unit. Rows that were ranked before the first one left stand under the hand, with the word
/// that newer ones wait; they are asked for as the screen says.
fn second_offer(hands: &mut Hands) {
    let newer = hands.t("dispatch.newer");
    for _ in 0..20 {
        for _ in 0..40 {
            if offer(hands, "dispatch.send_besides").is_some() {
                return;
            }
            hands.frame();
        }
        if hands.says(&newer) {
            hands.key("D");
        }
    }
    hands.wait("a second unit on the button", |h| {
        offer(h, "dispatch.send_besides")
    });
}

fn recall(hands: &mut Hands, id: CaseId) {
    hands.key("R");
    let asks = hands.words.n("confirm.recall_which", 2);
    hands.sees(&asks);
    hands.picture("recall-asked");
    hands.key("↓");
    hands.key("Enter");
    hands.key("⇧Enter");
    until_case(hands, "one unit back", id, |c| c.units.len() == 1);
    hands.settle();
    hands.picture("recalled");
}

fn reassign(hands: &mut Hands, id: CaseId) {
    let before = case(hands, id).expect("the case").units.clone();
    let label = hands.t("progress.reassign");
    let buttons = hands.t("progress.recall");
    hands.click_beside(&label, &buttons);
    hands.wait("another unit on the button", |h| {
        offer(h, "dispatch.send_instead")
    });
    hands.picture("reassign-asked");
    for _ in 0..8 {
        hands.key("Enter");
        for _ in 0..60 {
            if case(hands, id).is_some_and(|c| c.units != before && !c.units.is_empty()) {
                break;
            }
            hands.frame();
        }
        if case(hands, id).is_some_and(|c| c.units != before) {
            break;
        }
    }
    until_case(hands, "another unit", id, |c| {
        c.units != before && c.units.len() == 1
    });
    hands.settle();
    hands.picture("reassigned");
}

/// Another desk takes the very unit that is on the button: nothing else is sent, and who took it is said.
pub fn taken_under_the_hand(hands: &mut Hands, other: &mut Seat) {
    let mine = other.report(&Report {
        code: LAMP,
        severity: Severity::Normal,
        at: (118.7802, 32.0453),
        address: "估衣廊 7 号",
        note: "路灯不亮",
    });
    let theirs = other.report(&Report {
        code: NOISE,
        severity: Severity::Normal,
        at: (118.7786, 32.0461),
        address: "碑亭巷 31 号",
        note: "夜间施工噪音",
    });
    until_case(hands, "the report", mine, |_| true);
    open(hands, mine);
    hands.key("D");
    let unit = hands.wait("a unit on the button", |h| offer(h, "dispatch.send"));
    let target = Target::Case(theirs);
    let sent = other.command(CommandRequest::DispatchUnit {
        unit,
        target,
        expected_s: None,
    });
    assert!(sent.is_ok(), "{sent:?}");
    hands.key("Enter");
    for _ in 0..30 {
        hands.frame();
    }
    let name = other.name();
    until_case(hands, "the case as it was", mine, |c| c.units.is_empty());
    hands.until("who took it, or that the screen changed", |h| {
        h.says(name)
            || h.says(&h.t("dispatch.changed"))
            || h.says(&fixed_words(h, "dispatch.choose_next"))
            || h.says(&h.t("status.assigned"))
    });
    hands.picture("taken-by-another");
    hands.key("Esc");
}

/// Several reports of one thing become one case.
pub fn bundle(hands: &mut Hands, other: &mut Seat) {
    let mut report = |at, address: &str| {
        other.report(&Report {
            code: BIN,
            severity: Severity::Normal,
            at,
            address,
            note: "垃圾桶满溢，气味大",
        })
    };
    let first = report((118.7861, 32.0478), "网巾市 18 号旁");
    let others = [
        report((118.7863, 32.0479), "网巾市 20 号"),
        report((118.7860, 32.0477), "网巾市 16 号对面"),
    ];
    for id in [first, others[0], others[1]] {
        until_case(hands, "the reports", id, |_| true);
    }
    open(hands, first);
    hands.key("B");
    let asks = fixed_words(hands, "bundle.title");
    hands.sees(&asks);
    hands.picture("bundle-asked");
    let gather = hands.words.n("bundle.gather", 2);
    hands.click(&gather);
    hands.key("⇧Enter");
    until_case(hands, "three reports in one case", first, |c| {
        c.reports >= 3
    });
    hands.settle();
    hands.picture("bundled");
}

/// Cases are marked by a rectangle over the map.
pub fn mark_by_box(hands: &mut Hands, other: &mut Seat) {
    let mut report = |at| {
        other.report(&Report {
            code: BIN,
            severity: Severity::Normal,
            at,
            address: "游府西街",
            note: "垃圾桶满溢",
        })
    };
    let both = [report((118.7830, 32.0405)), report((118.7836, 32.0407))];
    for id in both {
        until_case(hands, "the reports", id, |_| true);
    }
    open(hands, both[0]);
    assert!(!both.iter().any(|id| hands.marks(*id)));
    let middle = hands.free_place();
    let half = bevy_egui::egui::vec2(230.0, 150.0);
    let drawn = bevy_egui::egui::Rect::from_center_size(middle, 2.0 * half);
    hands.until("the map there", |h| {
        let inside = |id: &CaseId| h.marker(*id).is_some_and(|at| drawn.contains(at));
        both.iter().all(inside)
    });
    hands.shift_drag(drawn.min, drawn.max, "box");
    hands.until("both cases of the rectangle marked", |h| {
        both.iter().all(|id| h.marks(*id))
    });
    hands.picture("marked");
    hands.key("Esc");
    hands.until("the marks taken off", |h| {
        !both.iter().any(|id| h.marks(*id))
    });
}

/// A case is voided for a reason, and taken back.
pub fn void(hands: &mut Hands, other: &mut Seat) {
    let id = other.report(&Report {
        code: NOISE,
        severity: Severity::Slight,
        at: (118.7745, 32.0402),
        address: "莫愁路 3 号",
        note: "",
    });
    until_case(hands, "the report", id, |_| true);
    open(hands, id);
    hands.key("V");
    let reason = hands.t("void.nothing_there");
    hands.sees(&reason);
    hands.picture("void-asked");
    hands.key("↓");
    hands.key("Enter");
    hands.key("⇧Enter");
    until_case(hands, "the case voided", id, |c| c.stage == Stage::Void);
    hands.settle();
    hands.picture("voided");
    let restore = hands.t("check.restore");
    hands.click(&restore);
    until_case(hands, "the case taken back", id, |c| c.stage.is_open());
}

/// The crew is there and says that it is done, and the work is checked. Its terminal says so where the crew is not there
/// by itself: how far away the nearest unit was is chance.
pub fn arrive_and_check(hands: &mut Hands, other: &mut Seat, id: CaseId) {
    open(hands, id);
    let unit = case(hands, id)
        .and_then(|c| c.units.first().copied())
        .expect("a unit on its way");
    let say = |other: &mut Seat, command| {
        // What the crew has said already is refused, and so it should be.
        drop(other.command(command));
    };
    say(other, CommandRequest::AcknowledgeAssignment { unit });
    say(other, CommandRequest::ArriveOnScene { unit });
    until_case(hands, "the crew at the scene", id, |c| {
        c.stage >= Stage::InProgress
    });
    hands.settle();
    hands.picture("on-scene");
    let note = "已疏通，水位下降".to_owned();
    say(other, CommandRequest::ReportHandled { unit, note });
    until_case(hands, "the work done", id, |c| c.stage == Stage::Handled);
    let passed = hands.t("check.passed");
    hands.sees(&passed);
    hands.picture("to-check");
    hands.click(&passed);
    hands.until("the case closed", |h| {
        case(h, id).is_none_or(|c| c.stage == Stage::Closed)
    });
    hands.settle();
    hands.picture("closed");
}

/// The alarm on the plate is acknowledged; the list of alarms is opened.
pub fn alarms(hands: &mut Hands) {
    let waiting = |h: &Hands| {
        h.city()
            .mirror
            .alarms
            .values()
            .filter(|a| a.acknowledged.is_none())
            .count()
    };
    let before = waiting(hands);
    assert!(before > 0, "an alarm waits");
    // It must have stood on the plate for a third of a second.
    for _ in 0..40 {
        hands.frame();
    }
    hands.key("A");
    hands.until("one alarm fewer that waits", |h| waiting(h) < before);
    hands.key("Esc");
    hands.key("Esc");
    hands.key("O");
    let title = hands.t("alarms.title");
    hands.sees(&title);
    hands.settle();
    hands.picture("alarms");
}
