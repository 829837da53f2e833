//! Whoever may look or command, and does it without measure.

use super::strangers::drain;
use super::{Chosen, again, first_words};
use crate::Campaign;
use crate::city::CENTRE;
use crate::client::{ALL, Client};
use anyhow::Result;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::drill::DirectorAct;
use chengtu_engine::ids::{AlarmId, CaseId, ClassId, CommandId, UnitId};
use chengtu_engine::stream::{ClientMessage, Layer, ServerMessage};
use chengtu_tests::support::now;
use std::time::Duration;
use tokio::task::JoinHandle;

pub fn begin(campaign: &Chosen<'_>) -> Vec<JoinHandle<()>> {
    let second = Duration::from_secs(1);
    vec![
        again(campaign, "resyncs", second, resyncs),
        again(campaign, "repeated commands", second, repeats),
        again(campaign, "questions", second, questions),
        again(campaign, "viewers that read nothing", second, read_nothing),
        again(campaign, "drills of the log", second, drills),
    ]
}

/// Ten viewers that ask for everything anew ten times a second.
async fn resyncs(campaign: Campaign, _: u64) -> Result<()> {
    let one = || async {
        let mut viewer = Client::connect(&campaign.address, "wall").await?;
        viewer.look(&[Layer::Cases, Layer::Units], 0.01).await?;
        for _ in 0..100 {
            viewer.say(&ClientMessage::Resync).await?;
            drain(&mut viewer.socket, Duration::from_millis(100)).await;
        }
        anyhow::Ok(())
    };
    for done in futures_util::future::join_all((0..10).map(|_| one())).await {
        let result = if done.is_ok() { 100 } else { 0 };
        campaign.deeds.notes("resyncs", "asked", result);
    }
    Ok(())
}

/// 1,500 repeats of a few commands, and as many that are refused.
async fn repeats(campaign: Campaign, round: u64) -> Result<()> {
    let mut rogue = Client::connect(&campaign.address, "rogue-operator").await?;
    for n in 0..3_000 {
        let report = CommandRequest::ReportCase {
            class: ClassId(0),
            severity: None,
            lon: CENTRE.0,
            lat: CENTRE.1,
            address: String::new(),
            note: String::new(),
        };
        let (id, command) = if n % 2 == 0 {
            (CommandId(7, round + n % 4), report)
        } else {
            let alarm = AlarmId(1);
            (
                CommandId(8, round * 1_500 + n),
                CommandRequest::AcknowledgeAlarm { alarm },
            )
        };
        rogue.say(&ClientMessage::Command { id, command }).await?;
    }
    campaign.deeds.notes("repeated commands", "given", 3_000);
    let heard = drain(&mut rogue.socket, Duration::from_secs(2)).await;
    campaign.deeds.notes("repeated commands", "heard", heard);
    Ok(())
}

/// 4,000 questions of one connection.
async fn questions(campaign: Campaign, _: u64) -> Result<()> {
    let mut viewer = Client::connect(&campaign.address, "wall").await?;
    viewer.look(&[Layer::Units], 0.01).await?;
    for request in 0..4_000 {
        let question = if request % 2 == 0 {
            let case = CaseId(1);
            ClientMessage::RankUnits { request, case }
        } else {
            ClientMessage::Route {
                request,
                unit: UnitId(0),
                lon: CENTRE.0,
                lat: CENTRE.1,
            }
        };
        viewer.say(&question).await?;
    }
    campaign.deeds.notes("questions", "asked", 4_000);
    let heard = drain(&mut viewer.socket, Duration::from_secs(2)).await;
    campaign.deeds.notes("questions", "heard", heard);
    Ok(())
}

/// Eight viewers of everything that read nothing and go on asking.
async fn read_nothing(campaign: Campaign, _: u64) -> Result<()> {
    let one = || async {
        let mut viewer = Client::connect(&campaign.address, "wall").await?;
        for n in 0..300 {
            viewer.look(&ALL, 0.03).await?;
            viewer.say(&ClientMessage::Resync).await?;
            if n % 10 == 0 {
                let nonce = n;
                viewer.say(&ClientMessage::Ping { nonce }).await?;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::Ok(())
    };
    for done in futures_util::future::join_all((0..8).map(|_| one())).await {
        let result = if done.is_ok() {
            "unread for 30 s"
        } else {
            "closed"
        };
        campaign.deeds.note("viewers that read nothing", result);
    }
    Ok(())
}

/// Four drills that begin in the city's log, with all its movers, and run as fast as they can: a moment to go back to
/// each second.
async fn drills(campaign: Campaign, _: u64) -> Result<()> {
    let one = || async {
        let mut director = Client::connect(&campaign.address, "rogue-operator").await?;
        director
            .say(&ClientMessage::StartDrill {
                scenario: "cloudburst".to_owned(),
                at: Some(now().plus_seconds(-3)),
            })
            .await?;
        let refused = loop {
            match director.hear().await? {
                ServerMessage::Entered(_) => break None,
                ServerMessage::Notice { text, .. } => break Some(text),
                ServerMessage::Refused(r) => break Some(r.text),
                _ => {}
            }
        };
        let result = refused.as_deref().map_or("begun".to_owned(), first_words);
        campaign.deeds.note("drills of the log", result);
        if refused.is_some() {
            return Ok(());
        }
        for act in [DirectorAct::Start, DirectorAct::Speed(60.0)] {
            director.say(&ClientMessage::Direct { act }).await?;
        }
        drain(&mut director.socket, Duration::from_secs(20)).await;
        let act = DirectorAct::End;
        director.say(&ClientMessage::Direct { act }).await?;
        drain(&mut director.socket, Duration::from_secs(1)).await;
        anyhow::Ok(())
    };
    let all = futures_util::future::join_all((0..4).map(|_| one()));
    all.await.into_iter().collect()
}
