//! From world to world: what a session says about worlds and time, and where its commands go.

use super::reader::Reader;
use crate::access::Principal;
use crate::audience::notice;
use crate::outbox::Close;
use crate::refusal::Refusal;
use crate::request::{
    AnyRequest, Arrival, CommandReply, Decision, OtherRequest, PastQuestion, ViewRequest,
};
use crate::worlds::{WorldHandle, fork, open_drill};
use chengtu_engine::code::Code;
use chengtu_engine::command::Basis;
use chengtu_engine::ids::CommandId;
use chengtu_engine::permission::Permission;
use chengtu_engine::record::World;
use chengtu_engine::stream::{ClientMessage, ServerMessage, WorldChoice};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Whether what is asked is answered from all of the city, whoever asks: the past as a whole, forks, drills and their records.
fn counts_all(m: &ClientMessage) -> bool {
    match m {
        ClientMessage::StartDrill { .. }
        | ClientMessage::Fork { .. }
        | ClientMessage::Bookmark { .. }
        | ClientMessage::Timeline { .. }
        | ClientMessage::Moments { .. }
        | ClientMessage::Direct { .. }
        | ClientMessage::Ghost { .. } => true,
        ClientMessage::Enter { choice } => match choice {
            WorldChoice::Live | WorldChoice::Replay { .. } => false,
            WorldChoice::Join { world, .. } => matches!(world, World::Fork(_) | World::Drill(_)),
            WorldChoice::Record { .. } => true,
        },
        _ => false,
    }
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
        decision: Decision,
    ) -> ControlFlow<()> {
        let here = self.world.world();
        let reply = CommandReply::new(self.outbox.clone(), id);
        if world != here {
            let text = format!(
                "this command is for {}, and you are in {}; nothing was done",
                words(world),
                words(here)
            );
            reply.reject(Code::OtherWorld, text);
            return ControlFlow::Continue(());
        }
        self.ask(AnyRequest::Command {
            session: self.outbox.id,
            decision,
            reply,
        })
        .await
    }

    /// Out of one world, into another, looking at the same.
    pub(super) async fn go(&mut self, world: WorldHandle) -> ControlFlow<()> {
        let session = self.outbox.id;
        // From here on nothing of the old world reaches the client, whatever it still sends.
        self.stay = self.outbox.move_on();
        let old = core::mem::replace(&mut self.world, world);
        let _ = old.send(ViewRequest::Leave { session }).await;
        let Some(principal) = self.principal.clone() else {
            return ControlFlow::Break(());
        };
        let arrival = Arrival {
            outbox: self.outbox.clone(),
            stay: self.stay,
            principal,
            seat: self.world.seat(),
            subscription: self.subscription.clone(),
        };
        let entered = self.world.send(AnyRequest::Enter(arrival)).await;
        if entered.is_err() && self.world.world() == World::Live {
            return self.stopping();
        }
        // A world beside it that has ended meanwhile is noticed by the reader.
        ControlFlow::Continue(())
    }

    /// The session's world has ended: back to the running city, or out if that is the one that ended.
    pub(super) async fn world_ended(&mut self) -> ControlFlow<()> {
        if self.world.world() == World::Live {
            return self.stopping();
        }
        let text = format!(
            "{} has ended; you are back in the running city",
            words(self.world.world())
        );
        notice(&self.outbox, Code::WorldEnded, text);
        let live = self.shared.worlds.live();
        self.go(live).await
    }

    /// As [`Self::world_ended`], where something was asked of that world under a number: that is answered too.
    pub(super) async fn asked_of_what_ended(&mut self) -> ControlFlow<()> {
        if self.asked.is_some() && self.world.world() != World::Live {
            let text = "the world ended before it answered this";
            self.asker().refuse(Refusal::new(Code::WorldEnded, text));
        }
        self.world_ended().await
    }

    fn stopping(&self) -> ControlFlow<()> {
        self.outbox
            .close(Close::GoingAway, "the server is stopping");
        ControlFlow::Break(())
    }

    /// Everything about worlds and time.
    pub(super) async fn travel(
        &mut self,
        principal: &Arc<Principal>,
        m: ClientMessage,
    ) -> ControlFlow<()> {
        let stays_here = matches!(
            m,
            ClientMessage::CommandIn { .. } | ClientMessage::Act { .. }
        );
        if let (false, Err(refusal)) = (stays_here, principal.require(Permission::EnterWorlds)) {
            self.asker().refuse(refusal);
            return ControlFlow::Continue(());
        }
        if counts_all(&m) {
            let sensitive = !self.shared.worlds.city().policy.sensitive.is_empty();
            if let Err(refusal) = principal.require_whole(sensitive) {
                self.asker().refuse(refusal);
                return ControlFlow::Continue(());
            }
        }
        match m {
            ClientMessage::CommandIn { world, id, command } => {
                let basis = Basis::default();
                let decision = Decision { command, basis };
                self.command(world, id, decision).await
            }
            ClientMessage::Act {
                world,
                id,
                command,
                basis,
            } => {
                let decision = Decision { command, basis };
                self.command(world, id, decision).await
            }
            ClientMessage::Enter { choice } => {
                let worlds = self.shared.worlds.clone();
                let chosen = worlds.choose(principal, choice).await;
                self.go_or_refuse(chosen).await
            }
            ClientMessage::StartDrill { scenario, at } => {
                let worlds = self.shared.worlds.clone();
                let opened = open_drill(&worlds, principal, &scenario, at).await;
                self.go_or_refuse(opened.map(WorldHandle::Other)).await
            }
            ClientMessage::Fork {
                request,
                at,
                interventions,
                ahead_s,
            } => {
                let asked = fork::Asked {
                    request,
                    from: self.world.world(),
                    at,
                    interventions,
                    ahead_s,
                };
                self.fork(principal, asked).await
            }
            ClientMessage::Bookmark { change } => {
                if let Err(refusal) = principal.require(Permission::Replay) {
                    self.asker().refuse(refusal);
                } else {
                    let worlds = self.shared.worlds.clone();
                    let asker = self.asker();
                    worlds.bookmark(asker, principal.clone(), change).await;
                }
                ControlFlow::Continue(())
            }
            ClientMessage::Worlds => {
                let overview = self.shared.worlds.overview(principal);
                self.outbox.answer(&overview);
                ControlFlow::Continue(())
            }
            other => self.ask_about_time(principal, other).await,
        }
    }

    /// Questions about the session's world and its past.
    async fn ask_about_time(&mut self, principal: &Principal, m: ClientMessage) -> ControlFlow<()> {
        let asker = self.asker();
        match m {
            ClientMessage::Time { control } => {
                let text = "the running city's clock is everybody's; enter a replay first";
                let request = OtherRequest::Time { asker, control };
                self.ask_other(request, Code::NotYourClock, text).await
            }
            ClientMessage::Direct { act } => {
                let request = OtherRequest::Direct { asker, act };
                self.ask_other(request, Code::NotForRole, "only a drill has a director")
                    .await
            }
            ClientMessage::Ghost { of } => {
                let request = OtherRequest::Ghost { asker, of };
                self.ask_other(request, Code::NotForRole, "ghosts drive along in drills")
                    .await
            }
            ClientMessage::Timeline {
                request,
                from,
                to,
                bars,
            } => {
                let question = PastQuestion::Timeline {
                    request,
                    from,
                    to,
                    bars,
                };
                self.past(principal, question).await
            }
            ClientMessage::Moments {
                request,
                of,
                from,
                to,
                limit,
            } => {
                let question = PastQuestion::Moments {
                    request,
                    of,
                    from,
                    to,
                    limit,
                };
                self.past(principal, question).await
            }
            _ => self.not_permitted("this server has nothing of the kind"),
        }
    }

    fn not_permitted(&self, text: &str) -> ControlFlow<()> {
        self.asker().refuse(Refusal::new(Code::NotForRole, text));
        ControlFlow::Continue(())
    }

    async fn go_or_refuse(&mut self, to: Result<WorldHandle, Refusal>) -> ControlFlow<()> {
        match to {
            Ok(world) => self.go(world).await,
            Err(refusal) => {
                self.asker().refuse(refusal);
                ControlFlow::Continue(())
            }
        }
    }

    /// Asks the session's world; in the running city `code` and `text` are the answer.
    async fn ask_other(
        &mut self,
        request: OtherRequest,
        code: Code,
        text: &str,
    ) -> ControlFlow<()> {
        let Some(other) = self.world.other() else {
            self.asker().refuse(Refusal::new(code, text));
            return ControlFlow::Continue(());
        };
        if other.requests.send(request).await.is_ok() {
            return ControlFlow::Continue(());
        }
        self.asked_of_what_ended().await
    }

    async fn fork(&mut self, principal: &Arc<Principal>, asked: fork::Asked) -> ControlFlow<()> {
        let own_past = self.world.other().is_some_and(|o| o.own_past);
        if own_past && matches!(asked.from, World::Replay(_)) {
            // Its seconds are not the log's: another city would be forked than the one that is seen.
            let text = "the record of a drill cannot be forked; fork a replay of the city";
            self.asker().refuse(Refusal::new(Code::NoFork, text));
            return ControlFlow::Continue(());
        }
        match fork::open(&self.shared.worlds, principal, asked).await {
            Ok(forked) => {
                let m = ServerMessage::Forked(forked);
                self.outbox.answer(&m);
            }
            Err(refusal) => self.asker().refuse(refusal),
        }
        ControlFlow::Continue(())
    }

    /// A question about the past: of the running city's log, or of a world's own.
    async fn past(&mut self, principal: &Principal, question: PastQuestion) -> ControlFlow<()> {
        if let Err(refusal) = principal.require(Permission::Replay) {
            self.asker().refuse(refusal);
            return ControlFlow::Continue(());
        }
        let asker = self.asker();
        if let Some(other) = self.world.other().filter(|o| o.own_past) {
            let request = OtherRequest::Past { asker, question };
            if other.requests.send(request).await.is_ok() {
                return ControlFlow::Continue(());
            }
            return self.asked_of_what_ended().await;
        }
        let worlds = self.shared.worlds.clone();
        worlds.ask_past(asker, question).await;
        ControlFlow::Continue(())
    }
}
