//! What clients of each version are told of a gathering, by a server that runs.

use anyhow::{Result, ensure};
use chengtu_engine::geo::Viewport;
use chengtu_engine::hotspot::HotspotArea;
use chengtu_engine::stream::{ClientMessage, Layer, ServerMessage};
use chengtu_protocol::Subprotocol;
use chengtu_tests::support::{Client, Server, report, until};

const EVERY_SECOND: &str = "[hotspots]\nevery_s = 1\n";

async fn looking(server: &Server, version: Subprotocol) -> Result<Client> {
    let mut client = Client::connect_as(version, server.address, "operator:王莉", None).await?;
    client
        .say(&ClientMessage::Subscribe {
            viewport: Some(Viewport {
                west: 118.7,
                south: 32.0,
                east: 118.9,
                north: 32.1,
                zoom: 13.0,
            }),
            layers: vec![Layer::Cases, Layer::Hotspots],
            rate_hz: 5.0,
        })
        .await?;
    Ok(client)
}

/// The first areas that are told, and whether in the form of 1.4.
async fn told(client: &mut Client) -> Result<(bool, Vec<HotspotArea>)> {
    until(client, |m| match m {
        ServerMessage::Hotspots { areas, .. } if !areas.is_empty() => Some((false, areas.clone())),
        ServerMessage::HotspotsWithChance { areas, .. } if !areas.is_empty() => {
            Some((true, areas.clone()))
        }
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_knows_1_4_is_told_how_sure_and_the_others_as_ever() -> Result<()> {
    let server = Server::start(EVERY_SECOND).await?;
    let mut reporter = looking(&server, Subprotocol::BINARY_1_3).await?;
    for id in 1..=9 {
        let answer = reporter.command(id, report("")).await?;
        ensure!(matches!(answer, ServerMessage::Accepted(_)), "{answer:?}");
    }
    for version in [
        Subprotocol::BINARY_1_4,
        Subprotocol::BINARY_1_3,
        Subprotocol::BINARY_1_0,
    ] {
        let mut client = looking(&server, version).await?;
        let (is_new, areas) = told(&mut client).await?;
        ensure!(is_new == version.has_chances(), "{version:?}");
        ensure!(areas.len() == 1 && areas[0].cases >= 5, "{areas:?}");
        // Whatever the version, the figure is sober: nine cases are not thirty standard deviations.
        ensure!((3.0..15.0).contains(&areas[0].z), "{areas:?}");
        match &areas[0].chance {
            Some(chance) => {
                ensure!(is_new && chance.q < 0.01, "{chance:?}");
                ensure!(chance.expected > 0.0 && chance.expected < 1.0, "{chance:?}");
            }
            None => ensure!(!is_new),
        }
    }
    server.stop().await
}
