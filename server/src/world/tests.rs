use super::{LiveHandle, start};
use crate::access::{Part, Principal, PrincipalId};
use crate::city::City;
use crate::clock::Clock;
use crate::config::Config;
use crate::log::EmbeddedStore;
use crate::outbox::{Out, Outbox};
use crate::pack::Pack;
use crate::request::{AnyRequest, CommandReply, Decision, LiveRequest};
use chengtu_engine::code::Code;
use chengtu_engine::command::{Basis, CommandRequest, Target};
use chengtu_engine::ids::{CommandId, UnitId};
use chengtu_engine::stream::ServerMessage;
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, Subprotocol, decode_server};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// A clock that does not move.
#[derive(Debug)]
struct Still(Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

fn city(data: &Path) -> (LiveHandle, JoinHandle<()>) {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing");
    let city = Arc::new(City::new(Pack::open(&pack).unwrap(), "", ""));
    let clock = Arc::new(Still(Timestamp::from_seconds(1_800_000_000)));
    let store = Arc::new(EmbeddedStore::at(data));
    start(city, Arc::new(Config::default()), &[], store, clock).unwrap()
}

fn stop(live: &LiveHandle, thread: JoinHandle<()>) {
    let (done, ended) = oneshot::channel();
    let stop = AnyRequest::Stop(done);
    live.requests.blocking_send(stop.into()).unwrap();
    ended.blocking_recv().unwrap();
    thread.join().unwrap();
}

fn dispatch() -> CommandRequest {
    CommandRequest::DispatchUnit {
        unit: UnitId(0),
        target: Target::Place(118.79, 32.05),
        expected_s: None,
    }
}

#[test]
fn commands_are_tried_out_as_whoever_asks_would_give_them() {
    let dir = tempfile::tempdir().unwrap();
    let (live, thread) = city(dir.path());
    let answers = |part: Part| {
        let id = PrincipalId::user("x");
        let by = Arc::new(Principal::with_usual_rights(id, "x", part));
        let (reply, answer) = oneshot::channel();
        let ask = LiveRequest::TryOut {
            by,
            commands: vec![dispatch()],
            reply,
        };
        live.requests.blocking_send(ask).unwrap();
        answer.blocking_recv().unwrap()
    };
    let officer = answers(Part::Operator);
    let looker_on = answers(Part::Viewer);
    assert!(
        looker_on[0]
            .as_ref()
            .is_some_and(|t| t.contains("decides nothing")),
        "{looker_on:?}"
    );
    // The unit has no position yet; that is said to an officer, not that they may not.
    assert!(
        officer[0]
            .as_ref()
            .is_none_or(|t| !t.contains("decides nothing")),
        "{officer:?}"
    );
    stop(&live, thread);
}

#[tokio::test]
async fn a_command_that_comes_too_late_is_answered_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_owned();
    let (live, thread) = tokio::task::spawn_blocking(move || city(&path))
        .await
        .unwrap();
    let outbox = Arc::new(Outbox::new(1, Subprotocol::BINARY_1_0, 9, 9_999));
    let id = CommandId(3, 4);
    let command = || AnyRequest::Command {
        session: 1,
        decision: Decision {
            command: dispatch(),
            basis: Basis::default(),
        },
        reply: CommandReply::new(outbox.clone(), id),
    };
    let (done, ended) = oneshot::channel();
    live.requests
        .send(AnyRequest::Stop(done).into())
        .await
        .unwrap();
    // It waits behind the end, or finds the queue closed.
    let _ = live.requests.send(command().into()).await;
    ended.await.unwrap();
    let Ok(Out::Answer(bytes)) = outbox.next().await else {
        panic!("no answer");
    };
    let answer = decode_server(Encoding::Binary, &bytes).unwrap();
    assert!(
        matches!(&answer, ServerMessage::Rejected(r) if r.id == id && r.code == Code::WorldEnded),
        "{answer:?}"
    );
    tokio::task::spawn_blocking(|| thread.join().unwrap())
        .await
        .unwrap();
}
