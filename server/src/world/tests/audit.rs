//! What must be provable is in the log once, in order, whatever happens meanwhile, and `who saw this` finds it.

use super::{Stepped, accepted, still};
use crate::access::{Part, Principal, PrincipalId};
use crate::audit::{Name, Party};
use crate::log::cli::AuditArgs;
use crate::log::{EmbeddedStore, LogStore, Published};
use crate::request::{AnyRequest, CommandReply, Decision, ViewRequest};
use chengtu_engine::audit::{Audit, AuditAct};
use chengtu_engine::code::Code;
use chengtu_engine::command::{Basis, CommandRequest};
use chengtu_engine::event::Event;
use chengtu_engine::ids::{CaseId, CommandId};
use chengtu_engine::model::Actor;
use chengtu_engine::permission::Permission;
use chengtu_engine::record::Body;
use chengtu_engine::stream::ServerMessage;
use chengtu_engine::time::Timestamp;
use std::path::Path;

fn officer() -> Party {
    Party {
        id: "user:li".to_owned(),
        name: Name::Person("李".to_owned()),
        from: "10.0.0.7".to_owned(),
    }
}

fn refused() -> AuditAct {
    let what = "not yours".to_owned();
    AuditAct::PermissionRefused { what, count: 1 }
}

fn account(what: &str) -> Audit {
    Audit {
        who: "machine:root(0)".to_owned(),
        from: String::new(),
        at: Timestamp::from_seconds(1_799_999_990),
        act: AuditAct::AccountChanged {
            account: "wang".to_owned(),
            what: what.to_owned(),
        },
    }
}

/// Every act in a log, with the actor in whose name it is kept.
fn acts(data: &Path) -> Vec<(Actor, Audit)> {
    let history = EmbeddedStore::at(data).history().unwrap();
    let records = history.records(0, Timestamp(i64::MAX), 100_000).unwrap();
    let mut found = Vec::new();
    for record in records {
        if let Body::Events(events) = record.body {
            for event in events {
                if let Event::Audited(audit) = event {
                    found.push((record.origin.actor.clone(), *audit));
                }
            }
        }
    }
    found
}

fn ticks(s: &mut Stepped, n: usize) {
    for _ in 0..n {
        s.tick();
    }
}

#[test]
fn what_was_noted_and_what_commands_wrote_down_is_in_the_log_once_and_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::at(dir.path());
    let mut s = Stepped::on(dir.path(), still());
    for what in ["added", "reset"] {
        store.write_down(&account(what)).unwrap();
    }
    for _ in 0..100 {
        s.live.auditor.note(&officer(), &refused());
    }
    // Taken within a second, and gone from where it was written down a second later.
    ticks(&mut s, 11);
    let written_down = || store.aside().audits().unwrap().len();
    assert_eq!(written_down(), 2, "not before it is known to be in the log");
    ticks(&mut s, 10);
    assert_eq!(written_down(), 0);
    let found = acts(dir.path());
    let of_li = Actor::Operator("李".to_owned());
    let said: Vec<(&Actor, &str)> = found
        .iter()
        .map(|(actor, a)| (actor, a.who.as_str()))
        .collect();
    let root = "machine:root(0)";
    assert_eq!(
        said,
        [
            (&of_li, "user:li"),
            (&Actor::System, root),
            (&Actor::System, root)
        ]
    );
    assert_eq!(found[1].1, account("added"));
    assert_eq!(found[2].1, account("reset"));
    // A crash after it was taken and before it went: the next start knows it.
    store.write_down(&account("disabled")).unwrap();
    ticks(&mut s, 10);
    assert_eq!(written_down(), 1);
    drop(s);
    let mut s = Stepped::on(dir.path(), still());
    ticks(&mut s, 21);
    assert_eq!(written_down(), 0);
    assert_eq!(acts(dir.path()).len(), 4);
    s.city.end();
    drop(s);
    assert_eq!(store.verify().unwrap().findings, []);
}

#[test]
fn what_a_failed_commit_held_is_noted_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut s = Stepped::on(dir.path(), still());
    let shell = rusqlite::Connection::open(Stepped::data_file(dir.path())).unwrap();
    shell.execute_batch("BEGIN IMMEDIATE").unwrap();
    s.live.auditor.note(&officer(), &refused());
    let began = std::time::Instant::now();
    while s.live.status.stopped().is_none() {
        s.tick();
        assert!(began.elapsed().as_secs() < 20, "it never gives up");
    }
    assert_eq!(acts(dir.path()), []);
    shell.execute_batch("ROLLBACK").unwrap();
    while acts(dir.path()).is_empty() {
        s.tick();
        assert!(began.elapsed().as_secs() < 30, "it is never written");
    }
    ticks(&mut s, 5);
    assert_eq!(acts(dir.path()).len(), 1);
}

fn unmask(s: &mut Stepped, case: CaseId, purpose: &str) {
    s.asked += 1;
    let reply = CommandReply::new(s.outbox.clone(), CommandId(9, s.asked));
    let purpose = purpose.to_owned();
    let decision = Decision {
        command: CommandRequest::Unmask { case, purpose },
        basis: Basis::default(),
    };
    let session = 7;
    s.send(
        AnyRequest::Command {
            session,
            decision,
            reply,
        }
        .into(),
    );
    s.tick();
}

fn who_saw(s: &mut Stepped, case: CaseId) -> ServerMessage {
    let (session, request) = (7, 5);
    s.send(
        ViewRequest::WhoSaw {
            session,
            request,
            case,
        }
        .into(),
    );
    s.tick();
    s.said().pop().expect("an answer")
}

#[test]
fn an_unmasking_is_kept_with_who_and_why_and_found_by_who_saw_this() {
    let dir = tempfile::tempdir().unwrap();
    let mut s = Stepped::on(dir.path(), still());
    s.outbox.watch(s.live.auditor.clone(), officer());
    s.report();
    s.tick();
    s.said();
    let case = CaseId(1);
    unmask(&mut s, case, "回访举报人");
    assert_eq!(accepted(&s.said()), 1);
    unmask(&mut s, case, "  ");
    assert_eq!(super::codes(&s.said()), [Code::NoReason]);
    let ServerMessage::Saw { looks, more, .. } = who_saw(&mut s, case) else {
        panic!("no list");
    };
    assert_eq!((looks.len(), more), (1, 0));
    assert_eq!(looks[0].who, "user:li");
    assert_eq!(looks[0].by, Actor::Operator("x".to_owned()));
    assert_eq!(looks[0].purpose, "回访举报人");
    let nowhere = who_saw(&mut s, CaseId(9));
    assert!(matches!(
        nowhere,
        ServerMessage::Notice {
            code: Code::NoSuchCase,
            ..
        }
    ));
    s.city.end();
    drop(s);
    // The report finds it too: by case, by person, by period.
    let report = |person: Option<&str>, case, from: Option<&str>| {
        let args = AuditArgs {
            data: dir.path().to_owned(),
            person: person.map(str::to_owned),
            from: from.map(str::to_owned),
            to: None,
            saw: true,
            case,
            json: false,
        };
        let mut out = Vec::new();
        args.print(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let all = report(None, Some(1), None);
    assert_eq!(all.lines().count(), 1, "{all}");
    for words in ["user:li", "[10.0.0.7]", "case 1", "回访举报人"] {
        assert!(all.contains(words), "{words}: {all}");
    }
    for person in ["li", "user:li", "x"] {
        assert_eq!(report(Some(person), None, None), all, "{person}");
    }
    assert_eq!(report(Some("wang"), None, None), "");
    assert_eq!(report(None, Some(2), None), "");
    assert_eq!(report(None, None, Some("2100-01-01T00:00:00Z")), "");
}

#[test]
fn without_the_right_nothing_is_shown_nor_told_and_the_refusal_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut s = Stepped::on(dir.path(), still());
    s.report();
    s.tick();
    s.said();
    let rights = Part::Operator.role().rights();
    let rights = rights.with(Permission::Unmask, false);
    let poor = Principal {
        rights: rights.with(Permission::WhoSaw, false),
        ..Principal::with_usual_rights(PrincipalId::user("li"), "李", Part::Operator)
    };
    let party = poor.party(None);
    s.outbox.watch(s.live.auditor.clone(), party);
    s.send(crate::request::LiveRequest::Join {
        outbox: s.outbox.clone(),
        principal: std::sync::Arc::new(poor),
        resume: None,
    });
    s.tick();
    s.said();
    unmask(&mut s, CaseId(1), "看");
    assert_eq!(super::codes(&s.said()), [Code::NotPermitted]);
    let told = who_saw(&mut s, CaseId(1));
    assert!(
        matches!(
            told,
            ServerMessage::Notice {
                code: Code::NotForRole,
                ..
            }
        ),
        "{told:?}"
    );
    s.tick();
    let found = acts(dir.path());
    assert_eq!(found.len(), 2, "{found:?}");
    let refused = |a: &(Actor, Audit)| matches!(a.1.act, AuditAct::PermissionRefused { .. });
    assert!(found.iter().all(refused) && found.iter().all(|a| a.1.who == "user:li"));
}

#[test]
fn a_running_city_writes_signed_anchors_that_its_log_holds() {
    use crate::city::City;
    use crate::config::Config;
    use crate::log::{AnchorBook, ServerKey};
    use crate::pack::Pack;
    use std::sync::Arc;
    let dir = tempfile::tempdir().unwrap();
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing");
    let city = Arc::new(City::new(Pack::open(&pack).unwrap(), "", ""));
    let store = Arc::new(EmbeddedStore::at(dir.path()));
    let folder = dir.path().join("anchors");
    let key = ServerKey::read_or_make(&dir.path().join("server-key")).unwrap();
    let public = key.public();
    let book = AnchorBook::new(&folder, key);
    let recovered = super::open(store.clone(), still()).unwrap();
    let recovered = recovered.with_anchors(book);
    let config = Arc::new(Config::default());
    let (live, thread) = recovered.start(city, config, &[]).unwrap();
    live.auditor.note(&officer(), &refused());
    std::thread::sleep(std::time::Duration::from_millis(400));
    super::stop(&live, thread);
    let published = Published::read(&folder, Some(&public)).unwrap();
    assert_eq!(published.anchors.len(), 1);
    let done = store.verify_published(&published).unwrap();
    assert_eq!((done.findings, done.anchors), (vec![], 1));
    assert_eq!(published.trail.last(), Some(published.anchors[0].seq));
}
