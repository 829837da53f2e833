//! From world to world: what a session says about worlds and time, and where its commands go.

use super::socket::{Reader, notice};
use super::{Outbox, Who};
use crate::audience::Arrival;
use crate::codes;
use crate::world::{PastQuestion, Request};
use crate::worlds::{Door, Refusal, fork, open_drill};
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::CommandId;
use chengtu_engine::record::World;
use chengtu_engine::stream::{ClientMessage, Rejected, ServerMessage};
use std::ops::ControlFlow;

fn refuse(outbox: &Outbox, refusal: &Refusal) {
    notice(outbox, refusal.code, &refusal.text);
}

/// A world in words.
fn words(world: World) -> String {
    match world {
        World::Live => "the running city".to_owned(),
        World::Drill(n) => format!("drill {n}"),
        World::Replay(n) => format!("replay {n}"),
        World::Fork(n) => format!("fork {n}"),
    }
}

impl Reader {
    /// A command for a world; goes nowhere but into that one, and only from there.
    pub(super) async fn command(
        &mut self,
        world: World,
        id: CommandId,
        command: CommandRequest,
    ) -> ControlFlow<()> {
        let here = self.door.world;
        let refused = if world != here {
            let text = format!(
                "this command is for {}, and you are in {}; nothing was done",
                words(world),
                words(here)
            );
            Some((codes::OTHER_WORLD, text))
        } else if matches!(here, World::Replay(_)) {
            let text = "a replay shows what has been and cannot be changed; make a fork to try it";
            Some((codes::PAST, text.to_owned()))
        } else {
            None
        };
        if let Some((code, text)) = refused {
            let m = ServerMessage::Rejected(Rejected { id, code, text });
            self.outbox.answer(&m);
            return ControlFlow::Continue(());
        }
        self.ask(Request::Command {
            session: self.outbox.id,
            id,
            command,
        })
        .await
    }

    /// Goes through a door: out of one world, into another, looking at the same.
    pub(super) async fn go(&mut self, door: Door) -> ControlFlow<()> {
        let session = self.outbox.id;
        // From here on nothing of the old world reaches the client, whatever it still sends.
        self.stay = self.outbox.move_on();
        let old = core::mem::replace(&mut self.door, door);
        let _ = old.requests.send(Request::Leave { session }).await;
        let Some(who) = self.who.clone() else {
            return ControlFlow::Break(());
        };
        let arrival = Arrival {
            outbox: self.outbox.clone(),
            stay: self.stay,
            who,
            seat: self.door.seat,
            subscription: self.subscription.clone(),
        };
        if self
            .door
            .requests
            .send(Request::Enter(arrival))
            .await
            .is_err()
            && self.door.world == World::Live
        {
            return self.stopping();
        }
        // A door that closed meanwhile is noticed by the reader.
        ControlFlow::Continue(())
    }

    /// The world one is in is no more: back to the running city, or out where that is the one.
    pub(super) async fn world_ended(&mut self) -> ControlFlow<()> {
        if self.door.world == World::Live {
            return self.stopping();
        }
        let text = format!(
            "{} has ended; you are back in the running city",
            words(self.door.world)
        );
        notice(&self.outbox, codes::WORLD_ENDED, &text);
        let live = self.shared.worlds.live();
        self.go(live).await
    }

    fn stopping(&self) -> ControlFlow<()> {
        self.outbox
            .close(codes::CLOSE_GOING_AWAY, "the server is stopping");
        ControlFlow::Break(())
    }

    /// Everything about worlds and time.
    pub(super) async fn travel(&mut self, who: &Who, m: ClientMessage) -> ControlFlow<()> {
        let session = self.outbox.id;
        let worlds = self.shared.worlds.clone();
        if matches!(who, Who::Feed(_) | Who::Unit(_))
            && !matches!(m, ClientMessage::CommandIn { .. })
        {
            let text = "feeds and terminals live in the running city";
            notice(&self.outbox, codes::NOT_PERMITTED, text);
            return ControlFlow::Continue(());
        }
        match m {
            ClientMessage::Enter { choice } => {
                match worlds.choose(who, self.rights, choice).await {
                    Ok(door) => return self.go(door).await,
                    Err(refusal) => refuse(&self.outbox, &refusal),
                }
            }
            ClientMessage::CommandIn { world, id, command } => {
                return self.command(world, id, command).await;
            }
            ClientMessage::Time { control } => {
                if self.door.world == World::Live {
                    let text = "the running city's clock is everybody's; enter a replay first";
                    notice(&self.outbox, codes::NOT_YOUR_CLOCK, text);
                } else {
                    return self.ask(Request::Time { session, control }).await;
                }
            }
            ClientMessage::Timeline {
                request,
                from,
                to,
                bars,
            } => {
                return self
                    .past(PastQuestion::Timeline {
                        request,
                        from,
                        to,
                        bars,
                    })
                    .await;
            }
            ClientMessage::Moments {
                request,
                of,
                from,
                to,
                limit,
            } => {
                return self
                    .past(PastQuestion::Moments {
                        request,
                        of,
                        from,
                        to,
                        limit,
                    })
                    .await;
            }
            ClientMessage::Bookmark { change } => {
                if let Err(refusal) = self.rights.replay() {
                    refuse(&self.outbox, &refusal);
                } else {
                    let outbox = self.outbox.clone();
                    worlds.bookmark(outbox, who.name(), change).await;
                }
            }
            ClientMessage::Fork {
                request,
                at,
                interventions,
                ahead_s,
            } => {
                if self.door.own_past && matches!(self.door.world, World::Replay(_)) {
                    // Its seconds are not the log's: another city would be forked than the one that is seen.
                    let text = "the record of a drill cannot be forked; fork a replay of the city";
                    notice(&self.outbox, codes::FORK, text);
                    return ControlFlow::Continue(());
                }
                let asked = fork::Asked {
                    request,
                    from: self.door.world,
                    at,
                    interventions,
                    ahead_s,
                };
                match fork::open(&worlds, who, self.rights, asked).await {
                    Ok(forked) => {
                        let m = ServerMessage::Forked(forked);
                        self.outbox.answer(&m);
                    }
                    Err(refusal) => refuse(&self.outbox, &refusal),
                }
            }
            ClientMessage::Worlds => {
                let told = worlds.told(who);
                self.outbox.answer(&told);
            }
            ClientMessage::Direct { act } => {
                if !matches!(self.door.world, World::Drill(_)) {
                    let text = "only a drill has a director";
                    notice(&self.outbox, codes::NOT_PERMITTED, text);
                    return ControlFlow::Continue(());
                }
                return self.ask(Request::Direct { session, act }).await;
            }
            ClientMessage::StartDrill { scenario, at } => {
                match open_drill(&worlds, who, self.rights, &scenario, at).await {
                    Ok(door) => return self.go(door).await,
                    Err(refusal) => refuse(&self.outbox, &refusal),
                }
            }
            ClientMessage::Ghost { of } => {
                if !matches!(self.door.world, World::Drill(_)) {
                    let text = "ghosts drive along in drills";
                    notice(&self.outbox, codes::NOT_PERMITTED, text);
                    return ControlFlow::Continue(());
                }
                return self.ask(Request::Ghost { session, of }).await;
            }
            _ => {
                let text = "this server has nothing of the kind";
                notice(&self.outbox, codes::NOT_PERMITTED, text);
            }
        }
        ControlFlow::Continue(())
    }

    /// A question about the past: of the running city's log, or of a fork's or drill's own.
    async fn past(&mut self, question: PastQuestion) -> ControlFlow<()> {
        if let Err(refusal) = self.rights.replay() {
            refuse(&self.outbox, &refusal);
            return ControlFlow::Continue(());
        }
        let outbox = self.outbox.clone();
        if self.door.own_past {
            return self.ask(Request::Past { outbox, question }).await;
        }
        let worlds = self.shared.worlds.clone();
        worlds.ask_past(outbox, question).await;
        ControlFlow::Continue(())
    }
}
