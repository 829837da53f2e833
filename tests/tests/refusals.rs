//! Everything asked and refused is answered: under its own number if the client gives one, as before if not.

use anyhow::{Result, bail, ensure};
use chengtu_engine::code::{Code, RefusalData};
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::drill::{DirectorAct, Seat};
use chengtu_engine::ids::{CaseId, CommandId, UnitId};
use chengtu_engine::record::World;
use chengtu_engine::replay::{BookmarkChange, TimeControl};
use chengtu_engine::stream::{Asked, ClientMessage, Refused, ServerMessage, WorldChoice};
use chengtu_protocol::Subprotocol;
use chengtu_tests::support::{Client, Server};

/// Asks that a server in its running city refuses, with the reason.
fn asks() -> Vec<(ClientMessage, Code)> {
    let choice = WorldChoice::Join {
        world: World::Replay(77),
        seat: Seat::Viewer,
    };
    vec![
        (ClientMessage::Enter { choice }, Code::NoSuchWorld),
        (
            ClientMessage::Time {
                control: TimeControl::Play,
            },
            Code::NotYourClock,
        ),
        (
            ClientMessage::Direct {
                act: DirectorAct::Start,
            },
            Code::NotForRole,
        ),
        (ClientMessage::Ghost { of: None }, Code::NotForRole),
        (
            ClientMessage::StartDrill {
                scenario: "none such".to_owned(),
                at: None,
            },
            Code::NoScenario,
        ),
        (
            ClientMessage::Bookmark {
                change: BookmarkChange::Remove(77),
            },
            Code::NotForRole,
        ),
    ]
}

/// The next refusal; pictures, clocks and lists in between are let pass.
async fn refusal(client: &mut Client) -> Result<ServerMessage> {
    loop {
        if let m @ (ServerMessage::Refused(_)
        | ServerMessage::Rejected(_)
        | ServerMessage::Notice { .. }) = client.next().await?
        {
            return Ok(m);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_numbers_its_asks_is_refused_by_number() -> Result<()> {
    let server = Server::start("").await?;
    let subprotocol = Subprotocol::BINARY_1_1;
    let token = "operator:王莉";
    let mut client = Client::connect_as(subprotocol, server.address, token, None).await?;
    for (n, (ask, code)) in (40..).zip(asks()) {
        let message = Box::new(ask.clone());
        let request = n;
        client.say(&ClientMessage::Ask { request, message }).await?;
        let m = refusal(&mut client).await?;
        let expected = |r: &Refused| r.asked == Asked::Request(n) && r.code == code;
        ensure!(
            matches!(&m, ServerMessage::Refused(r) if expected(r)),
            "{ask:?}: {m:?}"
        );
    }
    // What has a number of its own is refused under that.
    let case = CaseId(99);
    client
        .say(&ClientMessage::RankUnits { request: 7, case })
        .await?;
    let ServerMessage::Refused(r) = refusal(&mut client).await? else {
        bail!("a ranking of nothing was not refused")
    };
    ensure!(
        (r.asked, r.code) == (Asked::Request(7), Code::NoAnswer),
        "{r:?}"
    );
    // And a command under its id.
    let id = CommandId(3, 4);
    let command = CommandRequest::DispatchUnit {
        unit: UnitId(9_999),
        target: Target::Case(case),
        expected_s: None,
    };
    client.say(&ClientMessage::Command { id, command }).await?;
    let ServerMessage::Refused(r) = refusal(&mut client).await? else {
        bail!("a command that cannot be done was not refused")
    };
    ensure!(r.asked == Asked::Command(id), "{r:?}");
    ensure!(r.data == RefusalData::None, "{r:?}");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_before_gets_notices_and_rejections() -> Result<()> {
    let server = Server::start("").await?;
    let mut client = Client::connect(server.address, "operator:王莉").await?;
    for (ask, expected) in asks() {
        client.say(&ask).await?;
        let m = refusal(&mut client).await?;
        ensure!(
            matches!(&m, ServerMessage::Notice { code, .. } if *code == expected),
            "{ask:?}: {m:?}"
        );
    }
    let id = CommandId(3, 4);
    let command = CommandRequest::RecallUnit {
        unit: UnitId(9_999),
    };
    client.say(&ClientMessage::Command { id, command }).await?;
    let m = refusal(&mut client).await?;
    ensure!(
        matches!(&m, ServerMessage::Rejected(r) if r.id == id && r.code == Code::NoSuchUnit),
        "{m:?}"
    );
    server.stop().await
}
