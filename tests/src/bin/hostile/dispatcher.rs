//! A dispatcher who works without pause: five commands a second, each given when it is due, however long those before
//! it take. A command's time runs from that moment to its answer.

use crate::Campaign;
use crate::city::CENTRE;
use crate::client::Client;
use anyhow::{Result, ensure};
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::ids::{CaseId, ClassId, CommandId, UnitId};
use chengtu_engine::stream::{Asked, ClientMessage, Layer, ServerMessage};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// Time between two commands.
const EVERY: Duration = Duration::from_millis(200);
/// A command without an answer for so long counts as a session that is lost.
const PATIENCE: Duration = Duration::from_mins(1);
/// Units that are sent.
const UNITS: u32 = 20;

/// A case that is being worked on: reported; a unit sent to it, called back; void.
struct Open {
    case: CaseId,
    unit: UnitId,
    step: u8,
    /// A command about it has not been answered yet.
    waits: bool,
}

/// A command that has no answer yet.
struct Given {
    at: Instant,
    /// The case that it is about; `None`: it reports one.
    about: Option<CaseId>,
}

#[derive(Default)]
struct Desk {
    open: VecDeque<Open>,
    given: BTreeMap<u64, Given>,
    last: u64,
    units: u32,
}

impl Desk {
    /// What is to be done next: the next step of a case that waits for none, else a new one.
    fn next(&mut self) -> (Option<CaseId>, CommandRequest) {
        let Some(open) = self.open.iter_mut().find(|o| !o.waits) else {
            return (None, report());
        };
        open.waits = true;
        let (case, unit) = (open.case, open.unit);
        let command = match open.step {
            0 => CommandRequest::DispatchUnit {
                unit,
                target: Target::Case(case),
                expected_s: None,
            },
            1 => CommandRequest::RecallUnit { unit },
            _ => CommandRequest::VoidCase {
                case,
                reason: "done".to_owned(),
            },
        };
        (Some(case), command)
    }

    /// Takes an answer in; how long it took, where it is one to a command of this desk.
    fn answered(&mut self, id: CommandId, made: Option<CaseId>) -> Option<Instant> {
        let given = self.given.remove(&id.1)?;
        if let Some(case) = given.about {
            if let Some(open) = self.open.iter_mut().find(|o| o.case == case) {
                open.step += 1;
                open.waits = false;
            }
            self.open.retain(|o| o.step < 3);
        } else if let Some(case) = made {
            self.units += 1;
            self.open.push_back(Open {
                case,
                unit: UnitId(self.units % UNITS),
                step: 0,
                waits: false,
            });
        }
        Some(given.at)
    }
}

fn report() -> CommandRequest {
    CommandRequest::ReportCase {
        class: ClassId(0),
        severity: None,
        lon: CENTRE.0,
        lat: CENTRE.1,
        address: String::new(),
        note: "honest".to_owned(),
    }
}

/// Works until everything ends and all answers are there.
pub async fn work(campaign: &Campaign, mut client: Client) -> Result<()> {
    client.look(&[Layer::Units, Layer::Cases], 0.01).await?;
    let mut desk = Desk::default();
    let mut every = tokio::time::interval(EVERY);
    while campaign.goes_on() || !desk.given.is_empty() {
        tokio::select! {
            _ = every.tick(), if campaign.goes_on() => {
                let (about, command) = desk.next();
                desk.last += 1;
                let id = CommandId(1, desk.last);
                desk.given.insert(desk.last, Given { at: Instant::now(), about });
                client.say(&ClientMessage::Command { id, command }).await?;
            }
            message = client.hear() => hear(campaign, &mut desk, message?),
        }
        let oldest = desk.given.values().next();
        ensure!(
            oldest.is_none_or(|g| g.at.elapsed() < PATIENCE),
            "a command was not answered within a minute"
        );
    }
    Ok(())
}

fn hear(campaign: &Campaign, desk: &mut Desk, message: ServerMessage) {
    let (id, made, why) = match message {
        ServerMessage::Accepted(a) => (a.id, a.case, None),
        ServerMessage::Rejected(r) => (r.id, None, Some(r.text)),
        ServerMessage::Refused(r) => match r.asked {
            Asked::Command(id) => (id, None, Some(r.text)),
            Asked::Request(_) => return,
        },
        _ => return,
    };
    let Some(at) = desk.answered(id, made) else {
        return;
    };
    campaign.seconds.commanded(campaign.holds.of(at));
    if let Some(why) = why {
        campaign.seconds.refused();
        eprintln!("a command was refused: {why}");
    }
}
