//! What a session says, message by message.

use super::reader::Reader;
use crate::access::{Part, Principal};
use crate::accounts::{LogIn, NO_ACCOUNTS};
use crate::audience::notice;
use crate::door::Doing;
use crate::feeds::socket_batch;
use crate::outbox::Close;
use crate::request::{AnyRequest, DataRequest, Decision, LiveRequest, ViewRequest};
use crate::worlds::WorldHandle;
use chengtu_engine::audit::AuditAct;
use chengtu_engine::code::Code;
use chengtu_engine::command::{Basis, FixRow};
use chengtu_engine::geo::{LonLat, Viewport};
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::permission::Permission;
use chengtu_engine::record::World;
use chengtu_engine::stream::{ClientMessage, LoggedIn, Resume, ServerMessage, Subscription};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// An officer's view is recorded no more often than this.
const VIEW_EVERY: Duration = Duration::from_millis(200);

impl Reader {
    /// Does what a message says.
    pub(super) async fn message(&mut self, m: ClientMessage) -> ControlFlow<()> {
        match m {
            ClientMessage::Hello {
                token,
                client,
                resume,
            } => self.hello(&token, &client, resume).await,
            ClientMessage::LogIn {
                name,
                password,
                new_password,
                client,
                resume,
            } => {
                let ask = LogIn {
                    name,
                    password,
                    new_password,
                    address: self.line.as_ref().map(|l| l.address),
                    client,
                };
                self.log_in(ask, resume).await
            }
            other => self.of_somebody(other).await,
        }
    }

    /// Does what a message says of somebody who has said hello.
    async fn of_somebody(&mut self, m: ClientMessage) -> ControlFlow<()> {
        let session = self.outbox.id;
        let Some(principal) = self.principal.clone() else {
            return self.offence(Code::HelloFirst, "say hello first");
        };
        self.asked = m.request();
        let m = match m {
            ClientMessage::Ask { message, .. } => *message,
            other => other,
        };
        match m {
            ClientMessage::Subscribe {
                viewport,
                layers,
                rate_hz,
            } => {
                let subscription = Subscription {
                    viewport,
                    layers,
                    rate_hz,
                };
                self.subscribe(&principal, subscription).await
            }
            ClientMessage::Look { viewport } => {
                if let Err(error) = viewport.area() {
                    return self.offence(Code::BadMessage, format!("viewport: {error}"));
                }
                self.looks = true;
                self.keep_view(&principal, Some(viewport));
                ControlFlow::Continue(())
            }
            ClientMessage::Open { world, case } => {
                // Costs nobody but this session, however often it is said: worlds look when they have time.
                let case = case.filter(|_| world == self.world.world());
                self.outbox.set_open_case(case);
                ControlFlow::Continue(())
            }
            ClientMessage::Command { id, command } => {
                let basis = Basis::default();
                let decision = Decision { command, basis };
                self.command(World::Live, id, decision).await
            }
            ClientMessage::RankUnits { request, case } => {
                let question = ViewRequest::Rank {
                    session,
                    request,
                    case,
                };
                self.ask(question).await
            }
            ClientMessage::Route {
                request,
                unit,
                lon,
                lat,
            } => self.route(request, unit, LonLat::new(lon, lat)).await,
            ClientMessage::WhoSaw { request, case } => self.who_saw(request, case).await,
            ClientMessage::Fixes { rows } => self.fixes(principal, &rows).await,
            ClientMessage::Resync => self.ask(ViewRequest::Resync { session }).await,
            ClientMessage::Ping { nonce } => {
                let time = self.shared.worlds.clock().now();
                let m = ServerMessage::Pong { nonce, time };
                self.outbox.answer(&m);
                ControlFlow::Continue(())
            }
            other => self.travel(&principal, other).await,
        }
    }

    async fn route(&mut self, request: u32, unit: UnitId, to: LonLat) -> ControlFlow<()> {
        let session = self.outbox.id;
        match to.position() {
            Ok(to) => {
                let question = ViewRequest::Route {
                    session,
                    request,
                    unit,
                    to,
                };
                self.ask(question).await
            }
            Err(error) => self.offence(Code::BadMessage, error.to_string()),
        }
    }

    async fn who_saw(&mut self, request: u32, case: CaseId) -> ControlFlow<()> {
        let session = self.outbox.id;
        self.ask(ViewRequest::WhoSaw {
            session,
            request,
            case,
        })
        .await
    }

    /// A hello of somebody who has no token yet. The password is looked at in its turn with all others; meanwhile the
    /// socket goes on being written and pinged.
    async fn log_in(&mut self, ask: LogIn, resume: Option<Resume>) -> ControlFlow<()> {
        if self.principal.is_some() {
            return self.offence(Code::HelloFirst, "hello was said already");
        }
        let access = self.shared.access.clone();
        let client = ask.client.clone();
        let accounts = access.accounts().filter(|a| a.any());
        let Some(accounts) = accounts else {
            return self.no_access(NO_ACCOUNTS.to_owned());
        };
        match accounts.log_in(ask).await {
            Ok(begun) => {
                self.outbox.answer(&ServerMessage::LoggedIn(LoggedIn {
                    token: begun.token.clone(),
                    expires: begun.expires,
                    idle_s: begun.idle_s,
                }));
                self.hello(&begun.token, &client, resume).await
            }
            Err(why) => {
                access.note_log_in_refused(self.line.as_deref(), why.noted());
                self.no_access(why.to_string())
            }
        }
    }

    /// Whoever it is does not come in.
    fn no_access(&self, why: String) -> ControlFlow<()> {
        metrics::counter!("chengtu_refused_total").increment(1);
        notice(&self.outbox, Code::NoAccess, why);
        self.outbox.close(Close::NoAccess, "access refused");
        ControlFlow::Break(())
    }

    async fn hello(
        &mut self,
        token: &str,
        client: &str,
        resume: Option<Resume>,
    ) -> ControlFlow<()> {
        if self.principal.is_some() {
            return self.offence(Code::HelloFirst, "hello was said already");
        }
        let line = self.line.as_deref();
        let shown = self.shared.access.authenticate_from(line, token).await;
        let mut principal = match shown {
            Ok(found) => found,
            Err(error) => return self.no_access(error.to_string()),
        };
        let operator = principal.part == Part::Operator;
        let Some(place) = self.shared.places.take(operator) else {
            let text = "the server has as many connections as it takes (limits.sessions_max)";
            notice(&self.outbox, Code::ServerFull, text.to_owned());
            self.outbox.close(Close::ServerFull, "no more connections");
            return ControlFlow::Break(());
        };
        self.place = Some(place);
        self.shared.places.greeted(self.outbox.id);
        if let Some(line) = &self.line {
            line.allow(None);
            line.set(Doing::Session);
        }
        tracing::debug!(
            session = self.outbox.id,
            client,
            principal = %principal.id,
            role = %principal.role(),
            "hello"
        );
        if principal.may_act() {
            let desk = self.shared.desks.take(&principal.name);
            desk.name().clone_into(&mut principal.name);
            self.desk = Some(desk);
        }
        let principal = Arc::new(principal);
        self.principal = Some(principal.clone());
        let party = principal.party(self.line.as_ref().map(|l| l.address));
        let auditor = &self.shared.worlds.live_handle().auditor;
        let came = AuditAct::LoggedIn {
            role: principal.role().to_string(),
            count: 1,
        };
        auditor.note(&party, &came);
        self.outbox.watch(auditor.clone(), party);
        let outbox = self.outbox.clone();
        self.ask_live(LiveRequest::Join {
            outbox,
            principal,
            resume,
        })
        .await
    }

    async fn subscribe(
        &mut self,
        principal: &Principal,
        subscription: Subscription,
    ) -> ControlFlow<()> {
        if let Some(v) = &subscription.viewport
            && let Err(error) = v.area()
        {
            return self.offence(Code::BadMessage, format!("viewport: {error}"));
        }
        self.subscription = Some(subscription.clone());
        if !self.looks {
            self.keep_view(principal, subscription.viewport);
        }
        self.ask(ViewRequest::Subscribe {
            session: self.outbox.id,
            subscription,
        })
        .await
    }

    /// Keeps where somebody of the running city looks, where that is recorded.
    fn keep_view(&mut self, principal: &Principal, viewport: Option<Viewport>) {
        let due = self.view_kept.is_none_or(|at| at.elapsed() >= VIEW_EVERY);
        if due && self.world.world() == World::Live {
            self.view_kept = Some(Instant::now());
            self.shared.worlds.keep_view(principal, viewport);
        }
    }

    async fn fixes(&mut self, principal: Arc<Principal>, rows: &[FixRow]) -> ControlFlow<()> {
        let Some(batch) = socket_batch(&self.shared.access, &principal, rows) else {
            return self.offence(Code::NotForRole, Permission::SendFixes.refusal());
        };
        let WorldHandle::Live(live) = &self.world else {
            return self.offence(Code::NotForRole, Permission::EnterWorlds.refusal());
        };
        let fixes = DataRequest::SocketFixes {
            outbox: self.outbox.clone(),
            principal,
            batch,
        };
        if live.data.send(fixes).await.is_ok() {
            return ControlFlow::Continue(());
        }
        self.world_ended().await
    }

    /// Asks the session's world.
    pub(super) async fn ask(&mut self, request: impl Into<AnyRequest>) -> ControlFlow<()> {
        // A full queue makes this one client wait, and nobody else.
        if self.world.send(request).await.is_ok() {
            return ControlFlow::Continue(());
        }
        self.asked_of_what_ended().await
    }

    /// Asks the running city, for those who cannot be anywhere else.
    async fn ask_live(&mut self, request: LiveRequest) -> ControlFlow<()> {
        let WorldHandle::Live(live) = &self.world else {
            return self.offence(Code::NotForRole, Permission::EnterWorlds.refusal());
        };
        if live.requests.send(request).await.is_ok() {
            return ControlFlow::Continue(());
        }
        self.world_ended().await
    }
}
