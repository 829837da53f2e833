use super::*;
use crate::account::{Asked, Failure, Me};
use crate::live::Selection;
use crate::panels::Welcome;
use crate::panels::console::Link;
use crate::panels::desk::Desk;
use crate::panels::menu::{MenuPage, MenuState};
use crate::panels::model::sample::COVER;
use crate::panels::pictures::{Setting, console_of, menu, run_app};
use bevy_egui::egui::{Event, Key, Modifiers};
use chengtu_engine::permission::Rights;
use chengtu_trust::{Fingerprint, Refusal};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const NEEDED: &str = "a token is needed: send `Authorization: Bearer TOKEN`";
const ENDED: &str = "this session was ended; log in again";

fn lost() -> Link {
    Link::Lost {
        since: Duration::from_secs(3),
        next_try: None,
        reason: String::new(),
    }
}

/// A desk whose server does not open, for this reason.
fn shut(why: &str) -> Desk {
    let mut desk = Desk::new(Setting {
        link: lost(),
        selection: Selection::Case(COVER),
        ..Setting::default()
    });
    desk.app
        .insert_resource(Door::new("wss://city.example:7300", ""));
    desk.app.insert_resource(Connection::shut_for(why));
    desk.settle();
    desk
}

fn write(desk: &mut Desk, text: &str) {
    desk.frame(vec![Event::Text(text.to_owned())]);
    desk.frame(vec![]);
}

/// What was asked, but for which means there are.
fn asked(desk: &mut Desk) -> Vec<Asked> {
    let asked = desk.app.world().resource::<Api>().asked();
    let own = asked
        .into_iter()
        .filter(|a| a.ask.path != "/v1/login/means");
    own.collect()
}

/// Writes name and password, and presses Enter; the question that follows.
fn log_in(desk: &mut Desk, name: &str, password: &str) -> Asked {
    write(desk, name);
    desk.key(Key::Enter);
    write(desk, password);
    desk.key(Key::Enter);
    let mut asked = asked(desk);
    assert_eq!(asked.len(), 1);
    asked.remove(0)
}

fn answer(desk: &mut Desk, asked: Asked, answer: Result<Value, Failure>) {
    asked.answer.send(answer).unwrap();
    desk.settle();
}

fn refused(status: u16, text: &str, must_change: bool, retry_after_s: Option<u64>) -> Failure {
    Failure::Refused {
        status,
        text: text.to_owned(),
        must_change,
        retry_after_s,
    }
}

fn token(desk: &Desk) -> String {
    desk.app.world().resource::<Door>().key().token
}

#[test]
fn where_nobody_has_logged_in_name_and_password_are_asked_for_and_keys_do_all_of_it() {
    let mut desk = shut(NEEDED);
    assert!(desk.says("登录名") && desk.says("密码") && desk.says("city.example"));
    assert!(!desk.says("已被结束"), "nobody was here before");
    assert!(!desk.says("连接中断，画面"), "one thing at a time is said");
    let question = log_in(&mut desk, "li", "tide lantern copper walnut");
    let body = question.ask.body.clone().unwrap();
    assert_eq!(question.ask.path, "/v1/login");
    assert_eq!(
        (&body["name"], &body["password"]),
        (&json!("li"), &json!("tide lantern copper walnut"))
    );
    assert!(!desk.says("lantern"), "a password is never shown");
    assert!(!format!("{:?}", question.ask).contains("lantern"));
    answer(&mut desk, question, Ok(json!({"token": "t-1"})));
    assert_eq!(token(&desk), "t-1");
    assert!(desk.says("正在进入"));
    desk.app.insert_resource(Connection::greeted());
    desk.settle();
    assert!(!desk.says("登录名"));
}

#[test]
fn a_server_that_opens_asks_nobody_for_anything() {
    let mut desk = Desk::new(Setting::default());
    desk.app.insert_resource(Connection::greeted());
    desk.settle();
    assert!(!desk.says("登录名"));
    assert_eq!(asked(&mut desk).len(), 0);
}

#[test]
fn who_is_not_let_in_is_told_why_in_their_language_and_may_write_again() {
    let mut desk = shut(NEEDED);
    let question = log_in(&mut desk, "li", "wrong");
    let wrong = refused(401, "the name or the password is wrong", false, None);
    answer(&mut desk, question, Err(wrong));
    assert!(desk.says("登录名或密码错误"));
    // The password is written anew, the name stands.
    write(&mut desk, "wrong again");
    desk.key(Key::Enter);
    let question = asked(&mut desk).remove(0);
    assert_eq!(question.ask.body.as_ref().unwrap()["name"], "li");
    let locked = refused(
        429,
        "too many wrong passwords; try again in 8 s",
        false,
        Some(8),
    );
    answer(&mut desk, question, Err(locked));
    assert!(desk.says("秒后可再试"));
    desk.key(Key::Enter);
    assert_eq!(asked(&mut desk).len(), 0, "nothing is asked before");
}

#[test]
fn nobody_at_the_other_end_is_said_and_not_waited_for() {
    let mut desk = shut(NEEDED);
    let question = log_in(&mut desk, "li", "x");
    let nobody = Failure::Unreachable("connection refused".into());
    answer(&mut desk, question, Err(nobody));
    assert!(desk.says("wss://city.example:7300 没有应答"));
    desk.key(Key::Enter);
    assert_eq!(asked(&mut desk).len(), 1);
}

#[test]
fn a_password_for_one_use_is_changed_by_writing_a_new_one_twice() {
    let mut desk = shut(NEEDED);
    let question = log_in(&mut desk, "li", "once");
    let text = "the password must be changed: log in with it and a new one (new_password)";
    answer(&mut desk, question, Err(refused(403, text, true, None)));
    assert!(desk.says("一次性密码") && desk.says("再输一次新密码"));
    write(&mut desk, "short");
    desk.key(Key::ArrowDown);
    write(&mut desk, "other");
    desk.key(Key::Enter);
    assert!(desk.says("两次输入不一致"));
    assert_eq!(asked(&mut desk).len(), 0);
    write(&mut desk, "short");
    desk.key(Key::Enter);
    let question = asked(&mut desk).remove(0);
    let body = question.ask.body.clone().unwrap();
    assert_eq!(
        (&body["password"], &body["new_password"]),
        (&json!("once"), &json!("short"))
    );
    let text =
        "the password is too weak: it is guessed quickly; make it longer, symbols are not needed";
    answer(&mut desk, question, Err(refused(422, text, true, None)));
    assert!(desk.says("密码太弱：很快就会被猜到"));
    write(&mut desk, "tide lantern copper walnut");
    desk.key(Key::Enter);
    write(&mut desk, "tide lantern copper walnut");
    desk.key(Key::Enter);
    let question = asked(&mut desk).remove(0);
    answer(&mut desk, question, Ok(json!({"token": "t-2"})));
    assert_eq!(token(&desk), "t-2");
}

/// Nothing of the work is lost by the end of a session.
#[test]
fn a_session_that_ends_is_said_over_the_map_and_all_that_was_there_is_there_again() {
    let mut desk = Desk::new(Setting {
        selection: Selection::Case(COVER),
        link: lost(),
        prepare: |st| {
            let mut written = menu(MenuPage::Report);
            written.note = "井盖翻起，已摆锥桶".into();
            st.menu.open = Some(written);
        },
        ..Setting::default()
    });
    let address = desk.says("污水井盖");
    desk.app.insert_resource(Account::of(me(3_600)));
    desk.app.insert_resource(Door::new("ws://h:1", "t-1"));
    desk.app.insert_resource(Connection::shut_for(ENDED));
    desk.settle();
    assert!(desk.says("登录已被结束，请重新登录") && desk.says("登录后接着做"));
    assert_eq!(
        desk.says("污水井盖"),
        address,
        "the city stays on the screen"
    );
    // The name stands; Escape leads nowhere, and no key reaches what is behind the card.
    desk.key(Key::Escape);
    assert!(desk.says("重新登录"));
    write(&mut desk, "tide lantern copper walnut");
    desk.key(Key::Enter);
    let question = asked(&mut desk).remove(0);
    assert_eq!(question.ask.body.as_ref().unwrap()["name"], "li");
    answer(&mut desk, question, Ok(json!({"token": "t-2"})));
    desk.app.insert_resource(Connection::greeted());
    desk.settle();
    assert!(!desk.says("重新登录"));
    let note = |desk: &Desk| {
        let menu = desk.app.world().resource::<MenuState>();
        menu.open.as_ref().map(|m| m.note.clone())
    };
    assert_eq!(note(&desk).as_deref(), Some("井盖翻起，已摆锥桶"));
    assert_eq!(desk.app.world().resource::<Selection>().case(), Some(COVER));
}

#[test]
fn a_token_that_opens_nothing_after_all_is_said_on_the_card() {
    let mut desk = shut(NEEDED);
    let question = log_in(&mut desk, "li", "x");
    answer(&mut desk, question, Ok(json!({"token": "t-1"})));
    desk.app
        .insert_resource(Connection::shut_for("the token is not known"));
    desk.settle();
    assert!(desk.says("令牌无效") && desk.says("密码"));
}

#[test]
fn a_certificate_is_shown_to_be_compared_before_anything_is_written_there() {
    let mut desk = Desk::new(Setting {
        link: lost(),
        ..Setting::default()
    });
    let door = Door::new("wss://city.example:7300", "");
    let shown = Fingerprint::of(b"certificate");
    let refusal = Refusal::Unknown {
        shown,
        why: "unknown issuer".into(),
    };
    desk.app.insert_resource(door.clone());
    desk.app
        .insert_resource(Connection::untrusted_for(refusal, &door));
    desk.settle();
    let text = shown.to_string();
    assert!(desk.says(&text[..23]) && desk.says(&text[text.len() - 23..]));
    assert!(desk.says("没有机构") && !desk.says("密码"));
    assert_eq!(door.pin().get(), None);
    desk.key(Key::Enter);
    assert_eq!(door.pin().get(), Some(shown));
}

fn me(left_s: u64) -> Me {
    Me {
        name: "li".into(),
        display: "李雪".into(),
        roles: vec!["operator".into()],
        department: String::new(),
        areas: vec![],
        rights: chengtu_engine::permission::Role::Operator.rights(),
        ends: Some(Instant::now() + Duration::from_secs(left_s)),
    }
}

#[test]
fn that_a_session_ends_is_said_five_minutes_before_with_the_way_to_another_one() {
    let mut desk = Desk::new(Setting::default());
    desk.app.insert_resource(Connection::greeted());
    desk.app.insert_resource(Door::new("ws://h:1", "t-1"));
    desk.app.insert_resource(Account::of(me(600)));
    desk.settle();
    assert!(!desk.says("后到期"));
    desk.app.insert_resource(Account::of(me(240)));
    desk.settle();
    assert!(desk.says("后到期"));
    desk.click("重新登录");
    assert!(desk.says("暂不") && desk.says("登录名"));
    desk.key(Key::Escape);
    assert!(!desk.says("暂不"));
    desk.click("重新登录");
    write(&mut desk, "tide lantern copper walnut");
    desk.key(Key::Enter);
    let question = asked(&mut desk).remove(0);
    answer(&mut desk, question, Ok(json!({"token": "t-9"})));
    assert_eq!(token(&desk), "t-9");
    assert!(!desk.says("暂不"));
}

#[test]
fn whoever_logs_out_leaves_nothing_to_be_read() {
    let mut desk = Desk::new(Setting {
        selection: Selection::Case(COVER),
        ..Setting::default()
    });
    desk.app.insert_resource(Connection::greeted());
    desk.app.insert_resource(Account::of(me(600)));
    desk.app.insert_resource(Door::new("ws://h:1", "t-1"));
    desk.settle();
    assert!(desk.says("案件队列"));
    desk.app.world_mut().write_message(LogInAct::LogOut);
    desk.settle();
    assert!(desk.says("已退出登录") && !desk.says("案件队列"));
    assert_eq!(token(&desk), "");
    assert_eq!(asked(&mut desk)[0].ask.path, "/v1/logout");
}

#[test]
fn the_sheet_of_the_first_start_waits_until_somebody_has_logged_in() {
    let mut desk = shut(NEEDED);
    desk.app.insert_resource(Welcome { open: true });
    desk.settle();
    assert!(!desk.says("先看这几样"));
    desk.app.insert_resource(Connection::greeted());
    desk.settle();
    assert!(desk.says("先看这几样"));
}

#[test]
fn what_the_server_takes_beside_passwords_is_a_button() {
    let mut desk = shut(NEEDED);
    let means = desk.app.world().resource::<Api>().asked();
    let means = means.into_iter().find(|a| a.ask.path == "/v1/login/means");
    assert!(!desk.says("统一"));
    let told = json!({"password": true, "sso": {"name": "统一身份"}});
    answer(&mut desk, means.unwrap(), Ok(told));
    assert!(desk.says("用 统一身份 登录"));
    // As pressing it does, but for the browser.
    let world = desk.app.world_mut();
    world.resource_scope(|world, mut st: Mut<LogInState>| {
        let page = ask::elsewhere(&mut st, "/v1/login/sso", world.resource::<Api>());
        assert!(page.unwrap().starts_with("/v1/login/sso?port="));
    });
    desk.settle();
    assert!(desk.says("已打开浏览器") && desk.says("密码"));
    let back = asked(&mut desk).remove(0);
    assert_eq!(back.ask.path, "/v1/login/sso/redeem");
    answer(&mut desk, back, Ok(json!({"token": "t-3", "name": "li"})));
    assert_eq!(token(&desk), "t-3");
}

/// Pictures of the card in each of its states, on the smallest screen and a usual one, and that nothing on it is cut.
#[test]
fn the_card_is_drawn_whole_in_both_languages_and_on_both_screens() {
    for (size, tag) in [([1_280.0, 720.0], "720"), ([1_920.0, 1_080.0], "1080")] {
        for lang in [Lang::Zh, Lang::En] {
            for state in ["first", "ended", "change", "certificate", "out"] {
                let l = if lang == Lang::Zh { "zh" } else { "en" };
                let name: &'static str = Box::leak(format!("log-in-{state}-{tag}-{l}").into());
                let setting = Setting {
                    name,
                    size,
                    lang,
                    selection: Selection::Case(COVER),
                    link: lost(),
                    ..Setting::default()
                };
                let mut app = console_of(&setting);
                let why = if state == "ended" { ENDED } else { NEEDED };
                app.insert_resource(Connection::shut_for(why));
                app.insert_resource(Door::new("wss://city.example:7300", ""));
                let mut st = LogInState::default();
                let open = match state {
                    "ended" => Why::Ended(ENDED.into()),
                    "out" => Why::LoggedOut,
                    _ => Why::NotYet,
                };
                st.open(open, "wss://city.example:7300", Some("li.xue".into()));
                st.written.password = "four words together".into();
                if state == "change" {
                    st.must_change = true;
                    let text = "the password is too weak: years and days are guessed quickly";
                    st.fault = Some(state::Fault::Said(text.into()));
                }
                if state == "certificate" {
                    let refusal = Refusal::Unknown {
                        shown: Fingerprint::of(b"certificate"),
                        why: String::new(),
                    };
                    let door = app.world().resource::<Door>().clone();
                    app.insert_resource(Connection::untrusted_for(refusal, &door));
                }
                app.insert_resource(st);
                let drawn = run_app(&setting, &mut app);
                let card = bevy_egui::egui::Rect::from_center_size(
                    drawn.layout.screen.center(),
                    bevy_egui::egui::vec2(416.0, 640.0),
                );
                let cut = |t: &&(String, bevy_egui::egui::Rect)| {
                    t.0.ends_with('…') && card.contains_rect(t.1) && !t.0.contains('—')
                };
                let in_queue = |t: &&(String, bevy_egui::egui::Rect)| t.1.min.x < card.min.x;
                let found = drawn.texts.iter().filter(|t| !in_queue(t)).find(cut);
                assert!(
                    found.is_none_or(|t| state != "out" || t.0.is_empty()),
                    "{name}: {found:?}"
                );
            }
        }
    }
    let _ = (Modifiers::NONE, Rights::NONE);
}
