//! Whoever may not be here any more commands nothing, however long ago the command was sent; and nobody commands what their
//! own rights do not let them.

use super::*;
use crate::accounts::{Ended, Pass};
use chengtu_engine::permission::{Permission, Rights};

fn came(s: &mut Stepped, id: u64, rights: Rights, pass: &Pass) -> Arc<Outbox> {
    let outbox = Arc::new(Outbox::new(id, Subprotocol::BINARY_1_0, 99, 99_999));
    let who = PrincipalId::user(&format!("p{id}"));
    let principal = Principal {
        rights,
        pass: pass.clone(),
        ..Principal::with_usual_rights(who, "p", Part::Operator)
    };
    s.send(LiveRequest::Join {
        outbox: outbox.clone(),
        principal: Arc::new(principal),
        resume: None,
    });
    s.tick();
    outbox
}

fn command(s: &Stepped, outbox: &Arc<Outbox>, n: u64, command: CommandRequest) {
    let request = AnyRequest::Command {
        session: outbox.id,
        decision: Decision {
            command,
            basis: Basis::default(),
        },
        reply: CommandReply::new(outbox.clone(), CommandId(outbox.id, n)),
    };
    s.send(request.into());
}

fn case(s: &Stepped) -> CommandRequest {
    let (lon, lat) = s.city.city.info.centre;
    CommandRequest::ReportCase {
        class: chengtu_engine::ids::ClassId(0),
        severity: None,
        lon,
        lat,
        address: "x".to_owned(),
        note: String::new(),
    }
}

fn answers(outbox: &Outbox) -> Vec<Option<Code>> {
    use futures_util::FutureExt;
    let mut all = Vec::new();
    while let Some(Ok(out)) = outbox.next().now_or_never() {
        let Out::Answer(bytes) = out else { continue };
        match decode_server(Encoding::Binary, &bytes).unwrap() {
            ServerMessage::Accepted(_) => all.push(None),
            ServerMessage::Rejected(r) => all.push(Some(r.code)),
            _ => {}
        }
    }
    all
}

#[test]
fn what_waits_of_somebody_whose_account_was_disabled_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ByHand(AtomicI64::new(1_800_000_000_000_000)));
    let mut s = Stepped::on(dir.path(), clock);
    let pass = Pass::open();
    let all = chengtu_engine::permission::Role::Operator.rights();
    let outbox = came(&mut s, 8, all, &pass);
    command(&s, &outbox, 1, case(&s));
    s.tick();
    assert_eq!(answers(&outbox), [None]);
    let before = s.city.state.seq();
    for n in 2..7 {
        command(&s, &outbox, n, case(&s));
    }
    pass.end(Ended::Disabled);
    s.tick();
    assert_eq!(answers(&outbox), [Some(Code::NoAccess); 5]);
    assert_eq!(s.city.state.seq(), before, "nothing was done");
    // Others go on.
    s.report();
    s.tick();
    assert_eq!(super::accepted(&s.said()), 1);
}

#[test]
fn an_officer_commands_what_their_own_roles_let_them_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ByHand(AtomicI64::new(1_800_000_000_000_000)));
    let mut s = Stepped::on(dir.path(), clock);
    let dispatcher = Rights::of(&[Permission::SendUnits]);
    let outbox = came(&mut s, 8, dispatcher, &Pass::for_ever());
    command(&s, &outbox, 1, case(&s));
    command(&s, &outbox, 2, dispatch());
    s.tick();
    let refused = |said: &[Option<Code>]| {
        let lacking = said.iter().filter(|c| **c == Some(Code::NotPermitted));
        (said.len(), lacking.count())
    };
    assert_eq!(refused(&answers(&outbox)), (2, 1), "a report is not theirs");
    let intake = Rights::of(&[Permission::ReportCases]);
    let outbox = came(&mut s, 9, intake, &Pass::for_ever());
    command(&s, &outbox, 1, case(&s));
    command(&s, &outbox, 2, dispatch());
    s.tick();
    let said = answers(&outbox);
    assert_eq!(refused(&said), (2, 1), "a unit is not theirs");
    assert!(said.contains(&None), "{said:?}");
}
