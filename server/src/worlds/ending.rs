use crate::audience::Audience;
use crate::refusal::Refusal;
use crate::request::{AnyRequest, OtherRequest, ViewRequest};
use chengtu_engine::code::Code;
use chengtu_engine::stream::Asked;
use tokio::sync::mpsc;

/// Whoever has asked something of a world that has ended meanwhile is answered that it has, and nothing more can be asked. A
/// command has its answer where it is dropped.
pub(super) fn answer_what_waits(requests: &mut mpsc::Receiver<OtherRequest>, audience: &Audience) {
    requests.close();
    let refusal = || Refusal::new(Code::WorldEnded, "the world ended before it answered this");
    while let Ok(request) = requests.try_recv() {
        match request {
            OtherRequest::Time { asker, .. }
            | OtherRequest::Past { asker, .. }
            | OtherRequest::Direct { asker, .. }
            | OtherRequest::Ghost { asker, .. } => asker.refuse(refusal()),
            OtherRequest::Any(AnyRequest::View(
                ViewRequest::Rank {
                    session, request, ..
                }
                | ViewRequest::Route {
                    session, request, ..
                }
                | ViewRequest::WhoSaw {
                    session, request, ..
                },
            )) => {
                if let Some(viewer) = audience.viewer(session) {
                    let asked = Some(Asked::Request(request));
                    viewer.outbox.refuse(asked, refusal());
                }
            }
            OtherRequest::Any(_) | OtherRequest::Admit { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Part, Principal, PrincipalId};
    use crate::audience::Continue;
    use crate::city::City;
    use crate::config::Config;
    use crate::outbox::{Out, Outbox};
    use crate::pack::Pack;
    use crate::request::{Arrival, Asker, CommandReply, Decision, PastQuestion};
    use chengtu_engine::command::{Basis, CommandRequest};
    use chengtu_engine::drill::{DirectorAct, Seat};
    use chengtu_engine::ids::{CaseId, CommandId, UnitId};
    use chengtu_engine::replay::TimeControl;
    use chengtu_engine::state::State;
    use chengtu_engine::stream::{Refused, ServerMessage, SnapshotReason};
    use chengtu_engine::time::Timestamp;
    use chengtu_protocol::{Encoding, Subprotocol, decode_server};
    use std::path::Path;
    use std::sync::Arc;

    #[tokio::test]
    async fn everything_that_was_asked_of_a_world_that_ends_is_answered() {
        let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing");
        let city = Arc::new(City::new(Pack::open(&pack).unwrap(), "", ""));
        let mut audience = Audience::new(city, &Config::default(), &State::new());
        let outbox = Arc::new(Outbox::new(1, Subprotocol::BINARY_1_1, 9, 9_999));
        let id = PrincipalId::user("x");
        let arrival = Arrival {
            outbox: outbox.clone(),
            stay: 0,
            principal: Arc::new(Principal::with_usual_rights(id, "x", Part::Operator)),
            seat: Seat::Director,
            subscription: None,
        };
        let next = Continue::Afresh(SnapshotReason::Subscribed);
        audience.join(arrival, None, next, (&State::new(), Timestamp(0)));

        let (send, mut requests) = mpsc::channel(16);
        let asker = |n| Asker::new(outbox.clone(), Some(n));
        let question = PastQuestion::Timeline {
            request: 2,
            from: Timestamp(0),
            to: Timestamp(1),
            bars: 1,
        };
        let command = CommandId(3, 4);
        let recall = Decision {
            command: CommandRequest::RecallUnit { unit: UnitId(0) },
            basis: Basis::default(),
        };
        let asked = [
            OtherRequest::Time {
                asker: asker(1),
                control: TimeControl::Play,
            },
            OtherRequest::Past {
                asker: asker(2),
                question,
            },
            OtherRequest::Direct {
                asker: asker(3),
                act: DirectorAct::Start,
            },
            OtherRequest::Ghost {
                asker: asker(4),
                of: None,
            },
            ViewRequest::Rank {
                session: 1,
                request: 5,
                case: CaseId(1),
            }
            .into(),
            AnyRequest::Command {
                session: 1,
                decision: recall,
                reply: CommandReply::new(outbox.clone(), command),
            }
            .into(),
        ];
        for request in asked {
            send.send(request).await.unwrap();
        }
        answer_what_waits(&mut requests, &audience);
        assert!(send.is_closed(), "nothing more is asked");
        let mut answered = Vec::new();
        while answered.len() < 6 {
            let Ok(Out::Answer(bytes)) = outbox.next().await else {
                panic!("answered: {answered:?}");
            };
            match decode_server(Encoding::Binary, &bytes).unwrap() {
                ServerMessage::Refused(Refused { asked, code, .. }) => {
                    assert_eq!(code, Code::WorldEnded);
                    answered.push(asked);
                }
                other => panic!("{other:?}"),
            }
        }
        let by_number = (1..=5).map(Asked::Request);
        let expected: Vec<Asked> = by_number.chain([Asked::Command(command)]).collect();
        assert_eq!(answered, expected);
    }
}
