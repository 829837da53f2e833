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
use chengtu_engine::record::World;
use chengtu_engine::stream::{Resume, ServerHello, ServerMessage, SnapshotReason, WorldInfo};
use chengtu_engine::time::Timestamp;
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
        let next = self.continue_from(resume);
        let hello = ServerHello {
            epoch: self.log.epoch(),
            seq: self.state.seq(),
            time: now,
            tick_ms: TICK_MS,
            user: principal.name.clone(),
            role: principal.role(),
            unit,
            world: World::Live,
            resumed: matches!(next, Continue::From(_)),
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
        self.audience.join(arrival, actor, next);
    }

    /// How a client continues that left off at `resume`.
    fn continue_from(&self, resume: Option<Resume>) -> Continue {
        match resume {
            None => Continue::Afresh(SnapshotReason::Subscribed),
            Some(r)
                if r.epoch == self.log.epoch()
                    && r.seq <= self.state.seq()
                    && self.audience.can_resume(r.seq) =>
            {
                Continue::From(r.seq)
            }
            Some(_) => Continue::Afresh(SnapshotReason::TooOld),
        }
    }

    /// Somebody comes back from another world.
    pub(super) fn enter(&mut self, arrival: Arrival) {
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
        self.audience.enter(arrival, actor, info);
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
