use super::state::Kind;
use super::*;
use crate::account::{Asked, Failure, Me};
use crate::i18n::Lang;
use crate::net::Connection;
use crate::panels::desk::Desk;
use crate::panels::pictures::{Setting, console_of, run_app};
use bevy_egui::egui::{Event, Key};
use chengtu_engine::permission::Rights;
use serde_json::{Value, json};

fn admin() -> Account {
    Account::of(Me {
        name: "boss".into(),
        display: "沈立".into(),
        roles: vec!["administrator".into()],
        department: String::new(),
        areas: vec![],
        rights: Rights::of(&[Permission::ManageAccounts]),
        ends: None,
    })
}

fn account(name: &str, display: &str, roles: &[&str], more: Value) -> Value {
    let mut account = json!({
        "id": format!("user:{name}"), "name": name, "display": display, "kind": "person", "roles": roles,
        "department": "", "areas": [], "speaks_for": "", "disabled": false, "must_change": false,
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        account[key] = value.clone();
    }
    account
}

fn accounts() -> Value {
    let all = [
        account("boss", "沈立", &["administrator"], json!({})),
        account(
            "li",
            "李雪",
            &["dispatcher"],
            json!({"areas": ["320102"], "department": "drainage"}),
        ),
        account(
            "wang",
            "王建国",
            &["shift_lead"],
            json!({"must_change": true}),
        ),
        account(
            "sun",
            "孙敏",
            &["intake"],
            json!({"disabled": true, "areas": ["320104", "320106003"]}),
        ),
        account(
            "gps",
            "出租车定位",
            &[],
            json!({"kind": "feed", "speaks_for": "taxis"}),
        ),
    ];
    json!({"accounts": all, "roles": [
        "operator", "viewer", "wall", "collector", "intake", "shift_lead", "dispatcher", "department", "field_crew",
        "assessor", "commander", "citizen", "administrator", "auditor"]})
}

fn sessions() -> Value {
    json!({"sessions": [
        {"id": "s-1", "name": "boss", "own": true, "current": true, "idle_s": 0, "address": "10.8.0.4", "client": "chengtu 1.5"},
        {"id": "s-2", "name": "li", "own": false, "current": false, "idle_s": 4, "address": "10.8.0.17", "client": "chengtu 1.5"},
        {"id": "s-3", "name": "li", "own": false, "current": false, "idle_s": 2_460, "address": "10.8.0.31", "client": "chengtu 1.5"},
    ]})
}

fn asked(desk: &Desk) -> Vec<Asked> {
    desk.app.world().resource::<Api>().asked()
}

/// What was done, and not merely asked for.
fn done(desk: &Desk) -> Asked {
    let mut own: Vec<Asked> = asked(desk)
        .into_iter()
        .filter(|a| a.ask.method != crate::account::Method::Get)
        .collect();
    assert_eq!(own.len(), 1);
    own.remove(0)
}

fn page() -> Desk {
    let mut desk = Desk::new(Setting::default());
    desk.app.insert_resource(Connection::greeted());
    desk.app.insert_resource(admin());
    desk.app.world_mut().write_message(UsersAct::Open);
    desk.settle();
    for Asked { ask, answer } in asked(&desk) {
        let told = if ask.path == "/v1/accounts" {
            accounts()
        } else {
            sessions()
        };
        answer.send(Ok(told)).unwrap();
    }
    desk.settle();
    desk
}

#[test]
fn an_administrator_sees_who_there_is_and_who_is_logged_in() {
    let desk = page();
    for words in [
        "李雪",
        "派遣员",
        "已停用",
        "待改密码",
        "2 处登录",
        "出租车定位",
    ] {
        assert!(desk.says(words), "{words}");
    }
}

#[test]
fn nobody_else_sees_a_page_of_accounts() {
    let mut desk = Desk::new(Setting::default());
    desk.app.insert_resource(Connection::greeted());
    desk.app.world_mut().write_message(UsersAct::Open);
    desk.settle();
    assert!(!desk.says("用户管理"));
}

#[test]
fn an_account_is_made_and_its_password_shown_once() {
    let mut desk = page();
    desk.click("新建账号");
    let press = |desk: &mut Desk, words: &str| desk.click(words);
    // Not before it has a name and a role.
    desk.click("建立账号");
    assert!(asked(&desk).iter().all(|a| a.ask.body.is_none()));
    let mut state = desk.app.world_mut().resource_mut::<UsersState>();
    state.draft.name = "zhao".into();
    state.draft.areas = "320102，320104".into();
    desk.settle();
    // In the form, not in the list behind it.
    press(&mut desk, "考核员");
    press(&mut desk, "建立账号");
    let made = done(&desk);
    let body = made.ask.body.clone().unwrap();
    assert_eq!(
        (&body["name"], &body["roles"]),
        (&json!("zhao"), &json!(["assessor"]))
    );
    assert_eq!(body["areas"], json!(["320102", "320104"]));
    let told = json!({"account": account("zhao", "", &["assessor"], json!({"must_change": true})), "shown_once": "otter-lamp-23"});
    made.answer.send(Ok(told)).unwrap();
    desk.settle();
    assert!(desk.says("otter-lamp-23") && desk.says("只显示这一次"));
    desk.click("知道了");
    assert!(!desk.says("otter-lamp-23"));
}

#[test]
fn what_ends_somebodys_work_is_pressed_twice_and_ones_own_account_not_at_all() {
    let mut desk = page();
    assert!(!desk.says("停用") || desk.says("已停用"));
    desk.key(Key::ArrowDown);
    desk.click("重设密码");
    assert!(
        asked(&desk)
            .iter()
            .all(|a| a.ask.path != "/v1/accounts/gps/reset")
    );
    desk.click("再按一次确定");
    let reset = done(&desk);
    assert!(reset.ask.path.ends_with("/reset"), "{:?}", reset.ask);
    let text = "nobody takes their own account or roles away; have another administrator do it";
    let refused = Failure::Refused {
        status: 409,
        text: text.into(),
        must_change: false,
        retry_after_s: None,
    };
    reset.answer.send(Err(refused)).unwrap();
    desk.settle();
    assert!(desk.says("不能停用自己的账号"));
}

#[test]
fn a_session_is_ended_where_it_is_listed_and_not_the_one_that_is_used_for_it() {
    let mut desk = page();
    assert!(desk.says("本机") && !desk.says("结束"));
    desk.click("李雪");
    desk.click("结束");
    assert_eq!(done(&desk).ask.path, "/v1/sessions/s-2");
}

#[test]
fn only_what_is_written_otherwise_is_changed() {
    let mut desk = page();
    desk.click("李雪");
    let state = desk.app.world().resource::<UsersState>();
    let row = state.row().unwrap().clone();
    assert_eq!(row.kind, Kind::Person);
    assert_eq!(state.draft.changes(&row), None);
    let mut state = desk.app.world_mut().resource_mut::<UsersState>();
    state.draft.display = "李雪芹".into();
    desk.settle();
    desk.click("保存");
    let body = done(&desk).ask.body.unwrap();
    assert_eq!(body, json!({"display": "李雪芹"}));
    desk.frame(vec![Event::PointerGone]);
}

#[test]
fn the_page_is_drawn_in_both_languages_and_on_both_screens() {
    for (size, tag) in [([1_280.0, 720.0], "720"), ([1_920.0, 1_080.0], "1080")] {
        for lang in [Lang::Zh, Lang::En] {
            for part in ["one", "new", "once"] {
                let l = if lang == Lang::Zh { "zh" } else { "en" };
                let setting = Setting {
                    name: Box::leak(format!("users-{part}-{tag}-{l}").into()),
                    size,
                    lang,
                    ..Setting::default()
                };
                let mut app = console_of(&setting);
                app.insert_resource(admin());
                let mut st = UsersState {
                    open: true,
                    ..UsersState::default()
                };
                st.take_accounts(&accounts());
                st.take_sessions(&sessions());
                st.choose(1);
                match part {
                    "new" => st.begin(),
                    "once" => st.shown_once = Some(("zhao".into(), "otter-lamp-copper-23".into())),
                    _ => {}
                }
                app.insert_resource(st);
                let drawn = run_app(&setting, &mut app);
                assert!(drawn.texts.iter().any(|t| t.0.contains("李雪")));
            }
        }
    }
}
