use super::*;
use crate::account::{Account, Me};
use crate::i18n::Lang;
use crate::net::{Connection, WorldWord};
use crate::panels::desk::Desk;
use crate::panels::model::sample::{COVER, NOW};
use crate::panels::pictures::{Setting, console_of, run_app};
use bevy_egui::egui::{Event, Key};
use chengtu_engine::audit::Masked;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::model::Actor;
use chengtu_engine::permission::Rights;
use chengtu_engine::stream::ServerMessage;

fn look(who: &str, minutes: i64, purpose: &str) -> Look {
    Look {
        at: NOW.plus_seconds(-60 * minutes),
        by: Actor::Operator(who.into()),
        who: format!("user:{who}"),
        what: Masked::Personal,
        purpose: purpose.into(),
    }
}

fn desk(rights: &[Permission]) -> Desk {
    let mut desk = Desk::new(Setting {
        selection: Selection::Case(COVER),
        ..Setting::default()
    });
    desk.app.insert_resource(Connection::greeted());
    desk.app.insert_resource(Account::of(Me {
        name: "li".into(),
        display: "李雪".into(),
        roles: vec![],
        department: String::new(),
        areas: vec![],
        rights: Rights::of(rights),
        ends: None,
    }));
    desk.settle();
    desk
}

#[test]
fn what_is_masked_is_asked_for_with_a_purpose_and_not_without_one() {
    let mut desk = desk(&[Permission::Unmask, Permission::WhoSaw]);
    desk.click("个人信息");
    assert!(desk.says("谁看过"));
    desk.asked::<PrivacyAct>();
    desk.key(Key::Enter);
    assert_eq!(desk.asked::<PrivacyAct>().len(), 0, "no purpose");
    desk.frame(vec![Event::Text("回访举报人".into())]);
    desk.key(Key::Enter);
    let state = desk.app.world().resource::<PrivacyState>();
    let asked = state.sending.as_ref().map(|p| p.request.clone());
    let unmask = CommandRequest::Unmask {
        case: COVER,
        purpose: "回访举报人".into(),
    };
    assert_eq!(asked, Some(unmask));
    desk.key(Key::Escape);
    assert!(!desk.says("谁看过"));
}

#[test]
fn who_has_seen_it_is_told_to_whoever_may_know_and_to_nobody_else() {
    let mut one = desk(&[Permission::WhoSaw]);
    one.click("个人信息");
    assert!(
        one.says("由坐席、受理员、值班长或派遣员查看"),
        "who may ask"
    );
    let request = one.app.world().resource::<PrivacyState>().asked.unwrap();
    let looks = vec![look("周岚", 42, "核对电话"), look("陈默", 3, "回访举报人")];
    one.app
        .world_mut()
        .write_message(WorldWord(ServerMessage::Saw {
            request,
            case: COVER,
            looks,
            more: 2,
        }));
    one.settle();
    assert!(one.says("陈默") && one.says("核对电话") && one.says("另有 2"));
    let mut other = desk(&[Permission::Unmask]);
    other.click("个人信息");
    assert!(!other.says("谁看过"));
    assert_eq!(other.app.world().resource::<PrivacyState>().asked, None);
    let nobody = desk(&[Permission::SendUnits]);
    assert!(!nobody.says("个人信息"), "what one may not do is no button");
}

#[test]
fn it_is_drawn_in_both_languages_beside_the_case() {
    for (size, tag) in [([1_280.0, 720.0], "720"), ([1_920.0, 1_080.0], "1080")] {
        for lang in [Lang::Zh, Lang::En] {
            let l = if lang == Lang::Zh { "zh" } else { "en" };
            let setting = Setting {
                name: Box::leak(format!("privacy-{tag}-{l}").into()),
                size,
                lang,
                selection: Selection::Case(COVER),
                ..Setting::default()
            };
            let mut app = console_of(&setting);
            app.insert_resource(PrivacyState {
                open: Some(COVER),
                purpose: "回访举报人".into(),
                looks: Some((
                    vec![look("周岚", 42, "核对电话"), look("陈默", 3, "回访举报人")],
                    0,
                )),
                ..PrivacyState::default()
            });
            let drawn = run_app(&setting, &mut app);
            assert!(drawn.texts.iter().any(|t| t.0.contains("陈默")));
        }
    }
}
