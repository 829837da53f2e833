//! Sessions that begin in the running city, or come back to it.

use super::LiveCity;
use super::commands::stopped_text;
use crate::access::{Part, Principal};
use crate::audience::{Continue, notice};
use crate::clock::TICK_MS;
use crate::outbox::Close;
use crate::outbox::Outbox;
use crate::request::Arrival;
use chengtu_engine::code::Code;
use chengtu_engine::drill::Seat;
use chengtu_engine::model::Actor;
use chengtu_engine::record::World;
use chengtu_engine::stream::{
    Layer, Resume, ServerHello, ServerMessage, SnapshotReason, WorldInfo,
};
use chengtu_engine::time::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

impl LiveCity {
    pub(super) fn join(
        &mut self,
        outbox: Arc<Outbox>,
        principal: Arc<Principal>,
        resume: Option<Resume>,
        now: Timestamp,
    ) {
        let terminal = (principal.part == Part::Terminal).then_some(principal.name.as_str());
        let unit = terminal.and_then(|call_sign| self.state.unit_called(call_sign));
        if let (Some(call_sign), None) = (terminal, unit) {
            let text = format!(
                "there is no unit {call_sign:?} in this city; call signs are a fleet's name and a number, as in city.toml"
            );
            notice(&outbox, Code::NoTerminalUnit, text);
            return outbox.close(Close::NoAccess, "no such unit");
        }
        let actor = self.actor(&principal);
        let histories = outbox.subprotocol.has_histories();
        let resumed = resume.and_then(|r| self.resumed(r, &principal, actor.as_ref(), histories));
        let hello = ServerHello {
            epoch: self.log.epoch(),
            seq: self.state.seq(),
            time: now,
            tick_ms: TICK_MS,
            user: principal.name.clone(),
            role: principal.role(),
            unit,
            world: World::Live,
            resumed: resumed.is_some(),
            city: self.city.info.clone(),
            records_views: self.config.worlds.record_views,
        };
        let m = ServerMessage::Hello(Box::new(hello));
        outbox.answer(&m);
        self.warn_where_stopped(&outbox);
        let arrival = Arrival {
            outbox,
            stay: 0,
            principal,
            seat: Seat::Participant,
            subscription: None,
        };
        match (resume, resumed) {
            (Some(r), Some(layers)) => self.audience.rejoin(arrival, actor, r.seq, layers),
            (resume, _) => {
                let reason = match resume {
                    Some(_) => SnapshotReason::TooOld,
                    None => SnapshotReason::Subscribed,
                };
                let next = Continue::Afresh(reason);
                self.audience.join(arrival, actor, next, (&self.state, now));
            }
        }
    }

    /// The layers with which a client goes on that left off at `resume`; `None` where it may have missed something.
    fn resumed(
        &self,
        resume: Resume,
        principal: &Principal,
        actor: Option<&Actor>,
        histories: bool,
    ) -> Option<BTreeSet<Layer>> {
        let Resume { epoch, seq } = resume;
        let here = epoch == self.log.epoch() && seq <= self.state.seq();
        let layers = self.audience.can_resume(principal, actor, histories, seq);
        layers.filter(|_| here)
    }

    /// Somebody comes back from another world.
    pub(super) fn enter(&mut self, arrival: Arrival, now: Timestamp) {
        let actor = self.actor(&arrival.principal);
        let outbox = arrival.outbox.clone();
        let info = WorldInfo {
            world: World::Live,
            title: self.city.info.name.clone(),
            owner: String::new(),
            shared: true,
            seat: arrival.seat,
            clock: None,
            notice: self.city.info.notice.clone(),
            notice_en: self.city.info.notice_en.clone(),
            record_of: None,
        };
        self.audience
            .enter(arrival, actor, info, (&self.state, now));
        self.warn_where_stopped(&outbox);
    }

    fn warn_where_stopped(&self, outbox: &Outbox) {
        if let Some(why) = &self.stopped {
            notice(outbox, Code::Stopped, stopped_text(why));
        }
        if let Some(trouble) = self.clock.trouble() {
            notice(outbox, Code::ServerClock, trouble.to_string());
        }
    }
}
