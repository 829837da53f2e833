use super::*;
use crate::account::{Account, Me};
use crate::i18n::Lang;
use crate::net::Connection;
use crate::panels::desk::Desk;
use crate::panels::pictures::{Setting, console_of, run_app};
use bevy_egui::egui::Key;
use chengtu_engine::permission::{Permission, Rights};
use std::time::{Duration, Instant};

fn shift_lead() -> Me {
    Me {
        name: "zhou".into(),
        display: "周岚".into(),
        roles: vec!["shift_lead".into(), "auditor".into()],
        department: "drainage".into(),
        areas: vec!["320102".into()],
        rights: Rights::of(&[Permission::CheckCases, Permission::WhoSaw]),
        ends: Some(Instant::now() + Duration::from_hours(4)),
    }
}

fn desk(me: Me) -> Desk {
    let mut desk = Desk::new(Setting::default());
    desk.app.insert_resource(Connection::greeted());
    desk.app.insert_resource(Account::of(me));
    desk.settle();
    desk
}

#[test]
fn who_is_here_as_what_and_for_which_area_stands_top_right_with_the_way_out() {
    let mut desk = desk(shift_lead());
    assert!(desk.says("周岚 · 值班长、审计员") && desk.says("320102"));
    assert!(!desk.says("退出登录"));
    desk.click("周岚 · 值班长");
    assert!(desk.says("zhou") && desk.says("退出登录") && !desk.says("用户管理"));
    desk.key(Key::ArrowDown);
    desk.key(Key::Enter);
    assert!(desk.says("已退出登录"));
}

#[test]
fn accounts_are_an_administrators_and_escape_closes_the_menu() {
    let mut desk = desk(Me {
        rights: Rights::of(&[Permission::ManageAccounts]),
        ..shift_lead()
    });
    desk.click("周岚 · 值班长");
    assert!(desk.says("用户管理"));
    desk.key(Key::Escape);
    assert!(!desk.says("用户管理"));
}

#[test]
fn the_menu_is_drawn_in_both_languages() {
    for (size, tag) in [([1_280.0, 720.0], "720"), ([1_920.0, 1_080.0], "1080")] {
        for lang in [Lang::Zh, Lang::En] {
            let l = if lang == Lang::Zh { "zh" } else { "en" };
            let setting = Setting {
                name: Box::leak(format!("me-{tag}-{l}").into()),
                size,
                lang,
                ..Setting::default()
            };
            let mut app = console_of(&setting);
            app.insert_resource(Account::of(Me {
                rights: Rights::of(&[Permission::ManageAccounts]),
                ..shift_lead()
            }));
            app.insert_resource(MeState {
                open: true,
                cursor: 0,
            });
            let drawn = run_app(&setting, &mut app);
            let words = if lang == Lang::Zh {
                "部门"
            } else {
                "Department"
            };
            assert!(drawn.texts.iter().any(|t| t.0 == words));
        }
    }
}
