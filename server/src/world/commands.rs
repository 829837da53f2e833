//! Commands of people and terminals: decided, appended, answered once durable.

use super::LiveCity;
use super::answers::Answer;
use super::audit::sign;
use super::questions::{Question, too_much};
use super::tick::Tick;
use crate::access::{Part, Principal};
use crate::audience::{lens_of, sight_of};
use crate::audit::Party;
use crate::outbox::Outbox;
use crate::refusal::Refusal;
use crate::request::{CommandReply, Decision, GivenCommand, Unavailable, ViewRequest};
use chengtu_engine::code::Code;
use chengtu_engine::command::{Basis, CaseReport, Command, CommandRequest};
use chengtu_engine::decide::{became, decide, decide_upon};
use chengtu_engine::event::Event;
use chengtu_engine::ids::{CaseId, CommandId};
use chengtu_engine::model::{Actor, desk_parts, shown};
use chengtu_engine::permission::Permission;
use chengtu_engine::record::{Body, Origin};
use chengtu_engine::rejection::Rejection;
use chengtu_engine::stream::{PersonView, Unmasked};
use std::sync::Arc;
use std::time::Instant;

/// Something that a session does, in its order.
#[derive(Debug)]
pub(super) enum Act {
    /// Gives a command.
    Command(Decision, CommandReply),
    /// Leaves, once all that it has commanded is done.
    Leave,
}

/// Why a command was not done.
pub(super) enum NotDone {
    /// It may not or cannot be.
    Refused(Rejection),
    /// The log does not take anything.
    Stopped(String),
}

impl NotDone {
    /// In words, where a number is of no use.
    pub fn into_text(self) -> String {
        match self {
            Self::Refused(r) => r.to_string(),
            Self::Stopped(why) => why,
        }
    }
}

impl From<NotDone> for Unavailable {
    fn from(not_done: NotDone) -> Self {
        match not_done {
            NotDone::Refused(r) => Self::Refused(r.to_string()),
            NotDone::Stopped(why) => Self::Stopped(why),
        }
    }
}

/// Refusal for a viewer that gives a command.
const DECIDES_NOTHING: Rejection = Rejection::NotPermitted("this role looks and decides nothing");

impl LiveCity {
    /// Decides a command and, where something follows, appends and applies it. Gives the record that it became, and
    /// the case that it made.
    ///
    /// # Errors
    /// [`NotDone`]; nothing has changed.
    pub(super) fn execute(
        &mut self,
        tick: &mut Tick,
        command: &Command,
        actor: &Actor,
        id: Option<CommandId>,
    ) -> Result<(u64, Option<CaseId>), NotDone> {
        self.execute_upon(tick, command, &Basis::default(), actor, id, None)
    }

    /// As [`Self::execute`], where what it was decided upon still holds. `who`: whose it is, where that is more than the actor
    /// says.
    fn execute_upon(
        &mut self,
        tick: &mut Tick,
        command: &Command,
        basis: &Basis,
        actor: &Actor,
        id: Option<CommandId>,
        who: Option<&Party>,
    ) -> Result<(u64, Option<CaseId>), NotDone> {
        if let Some(why) = &self.stopped {
            return Err(NotDone::Stopped(why.clone()));
        }
        let mut events =
            decide_upon(&self.state, command, basis, actor, tick.now).map_err(NotDone::Refused)?;
        sign(&mut events, who);
        if events.is_empty() {
            return Ok((self.state.seq(), None));
        }
        let case = case_of(&events);
        let origin = Origin {
            actor: actor.clone(),
            command: id,
        };
        let seq = self
            .write(tick, origin, Body::Events(events))
            .map_err(NotDone::Stopped)?;
        Ok((seq, case))
    }

    /// Lets a command of a session wait for its turn, or refuses it.
    pub(super) fn let_wait(&mut self, session: u64, decision: Decision, reply: CommandReply) {
        if let Err(Act::Command(_, reply)) = self
            .pending
            .commands
            .push(session, Act::Command(decision, reply))
        {
            reply.refuse(too_much());
        }
    }

    /// A session leaves, once all that it has commanded is done.
    pub(super) fn let_leave(&mut self, session: u64, tick: &Tick) {
        let done = self.pending.commands.has_none_of(session);
        if done || self.pending.commands.push(session, Act::Leave).is_err() {
            let leave = ViewRequest::Leave { session };
            self.audience.take(leave, &self.state, tick.now);
        }
    }

    /// Does what sessions have asked for, one of each after the other, until a moment.
    pub(super) fn act(&mut self, until: Instant, tick: &mut Tick) {
        while let Some((session, act)) = self.pending.commands.next() {
            match act {
                Act::Command(decision, reply) => self.command(session, decision, reply, tick),
                Act::Leave => {
                    let leave = ViewRequest::Leave { session };
                    self.audience.take(leave, &self.state, tick.now);
                }
            }
            if Instant::now() >= until {
                break;
            }
        }
    }

    fn command(&mut self, session: u64, decision: Decision, reply: CommandReply, tick: &mut Tick) {
        // Dropping the reply answers a session that has gone meanwhile.
        let Some(viewer) = self.audience.viewer(session) else {
            return;
        };
        let Some(actor) = viewer.actor.clone() else {
            return reject(reply, &NotDone::Refused(DECIDES_NOTHING));
        };
        // However long it has waited here: whoever may not be here any more commands nothing.
        if let Some(why) = viewer.principal.ended() {
            return reply.reject(Code::NoAccess, why.to_string());
        }
        let principal = viewer.principal.clone();
        let id = reply.id();
        let given = decision.given_by(&principal.id);
        let Decision { command, basis } = decision;
        if let Some(seq) = self.state.commands().seq_of(id) {
            return match self.pending.given.under(id) {
                Some(known) if known.is_same(&given) => {
                    let outbox = viewer.outbox.clone();
                    let unmasked = self.unmasked(id, &command);
                    tick.answers.push(Answer::Command(reply, seq, known.case));
                    show(unmasked, &outbox, seq, tick);
                }
                Some(_) => reject(reply, &NotDone::Refused(Rejection::IdTaken)),
                None => match command.into_command(tick.now) {
                    Ok(command) => {
                        let repeat = Box::new(Repeat {
                            command,
                            by: actor,
                            given,
                        });
                        self.ask(session, None, Question::Repeat(reply, seq, repeat));
                    }
                    Err(e) => reply.reject(Code::NotAPlace, e.to_string()),
                },
            };
        }
        let asked = command.clone();
        let mut command = match command.into_command(tick.now) {
            Ok(c) => c,
            Err(e) => return reply.reject(Code::NotAPlace, e.to_string()),
        };
        if let Err(lacking) = may(&principal, &command) {
            return reply.refuse(&lacking);
        }
        if let Some(lens) = self.audience.lens(session)
            && let Err(unseen) = lens.may_touch(&self.state, &command)
        {
            return reply.refuse(&unseen);
        }
        if let Command::ReportCase(CaseReport { class, .. })
        | Command::FileCase {
            class: Some(class), ..
        } = &command
            && self.city.gone.contains(class)
        {
            return reply.refuse(&Rejection::NoSuchClass(*class));
        }
        if let Command::ReportCase(report) = &mut command
            && report.address.is_empty()
        {
            report.address = self.city.address(report.position);
        }
        let needed = command.needs();
        if !viewer.principal.rights.has(needed) {
            let refusal = Rejection::NotPermitted(needed.refusal());
            return reject(reply, &NotDone::Refused(refusal));
        }
        // Its session may end meanwhile; what is kept says whose it was.
        let outbox = viewer.outbox.clone();
        let unmasking = self.unmasked(id, &asked);
        match self.execute_upon(tick, &command, &basis, &actor, Some(id), outbox.party()) {
            Ok((seq, case)) => {
                self.pending.given.remember(id, given.made(case));
                tick.answers.push(Answer::Command(reply, seq, case));
                show(unmasking, &outbox, seq, tick);
            }
            Err(not_done) => reject(reply, &not_done),
        }
    }

    /// The case that a command asks to be shown without its masks; none for any other command.
    fn unmasked(&self, id: CommandId, command: &CommandRequest) -> Option<Box<Unmasked>> {
        let CommandRequest::Unmask { case, .. } = command else {
            return None;
        };
        let c = self.state.case(*case)?;
        let place = c.position.lon_lat();
        let reporter = self.state.reporter(*case).cloned().unwrap_or_default();
        Some(Box::new(Unmasked {
            id,
            case: *case,
            lon: place.lon_deg,
            lat: place.lat_deg,
            address: shown(&c.address).into_owned(),
            note: shown(&c.note).into_owned(),
            person: PersonView {
                name: reporter.name,
                telephone: reporter.telephone,
                masked: false,
            },
        }))
    }

    /// What the answers to commands of `by` would be now: for each `None` if it would be accepted, else why not.
    pub(super) fn try_out(
        &self,
        by: &Principal,
        commands: Vec<CommandRequest>,
        tick: &Tick,
    ) -> Vec<Option<String>> {
        let actor = self.actor(by);
        let sight = sight_of(&self.city, by, actor.as_ref());
        let lens = sight.map(|s| lens_of(&self.city, s));
        let touch = |c: &Command| match &lens {
            Some(lens) => lens.may_touch(&self.state, c),
            None => Ok(()),
        };
        let would = |command: CommandRequest| {
            let Some(actor) = &actor else {
                return Some(DECIDES_NOTHING.to_string());
            };
            match command.into_command(tick.now) {
                Ok(c) => may(by, &c)
                    .and_then(|()| touch(&c))
                    .and_then(|()| decide(&self.state, &c, actor, tick.now).map(drop))
                    .err()
                    .map(|r| r.to_string()),
                Err(e) => Some(e.to_string()),
            }
        };
        commands.into_iter().map(would).collect()
    }

    /// In whose name somebody's commands are done; `None` for viewers.
    pub(super) fn actor(&self, principal: &Principal) -> Option<Actor> {
        match &principal.part {
            Part::Operator => Some(Actor::Operator(principal.name.clone())),
            Part::Terminal => self.state.unit_called(&principal.name).map(Actor::Unit),
            Part::Feed(f) => self.state.feed(&f.name).map(Actor::Feed),
            Part::Viewer => None,
        }
    }

    /// The case that a record of old made, to answer a repeated command as it was answered before.
    ///
    /// # Errors
    /// [`Code::IdTaken`] where the record came of another command, or of somebody else; [`Code::NotKnown`] where it
    /// cannot be read any more, because it is damaged or its day was taken away.
    pub(super) fn case_of_repeat(
        &self,
        seq: u64,
        repeat: &Repeat,
    ) -> Result<Option<CaseId>, Refusal> {
        let records = self.log.read_from(seq, 1);
        let read = records.ok().and_then(|r| r.into_iter().next());
        let Some(record) = read.filter(|r| r.seq == seq) else {
            let text = format!(
                "something was done under this command's id, as record {seq}, which cannot be read any more: whether it was this command is not known; nothing was done now"
            );
            return Err(Refusal::new(Code::NotKnown, text));
        };
        match &record.body {
            Body::Events(events)
                if is_same_person(&record.origin.actor, &repeat.by)
                    && became(&repeat.command, events) =>
            {
                Ok(case_of(events))
            }
            _ => Err((&Rejection::IdTaken).into()),
        }
    }
}

/// What is said under an id under which something was done, so long ago that the log alone knows what.
#[derive(Debug)]
pub(super) struct Repeat {
    pub command: Command,
    pub by: Actor,
    pub given: GivenCommand,
}

/// Has a case be shown without its masks once the record that says so is durable, to whoever knows such a message.
fn show(unmasked: Option<Box<Unmasked>>, to: &Arc<Outbox>, seq: u64, tick: &mut Tick) {
    let knows = to.subprotocol.has_persons();
    if let Some(unmasked) = unmasked.filter(|_| knows) {
        tick.answers
            .push(Answer::Unmasked(to.clone(), seq, unmasked));
    }
}

/// Whether somebody's own rights let them give a command. The city's rules know officers, terminals and feeds alone.
fn may(principal: &Principal, command: &Command) -> Result<(), Rejection> {
    let lacking = |p: Permission| Rejection::NotPermitted(p.refusal());
    principal.rights.require(command.needs()).map_err(lacking)
}

/// Whether two acts are of one person. A desk's number is no part of it: whoever comes back may sit at another desk.
fn is_same_person(a: &Actor, b: &Actor) -> bool {
    match (a, b) {
        (Actor::Operator(a), Actor::Operator(b)) => desk_parts(a).0 == desk_parts(b).0,
        _ => a == b,
    }
}

/// The case that events make.
fn case_of(events: &[Event]) -> Option<CaseId> {
    events.iter().find_map(|e| match e {
        Event::CaseReported { case, .. } => Some(*case),
        _ => None,
    })
}

pub(super) fn stopped_text(why: &str) -> String {
    format!(
        "the server has stopped writing and takes nothing new; you see the last safe state. {why}"
    )
}

/// For a command that may or may not be found in the log at the next start.
pub(super) fn not_known_text(why: &str) -> String {
    format!(
        "the server has stopped writing while this was written down: whether it was kept shows only after its next start. {why}"
    )
}

/// Rejects a command.
pub(super) fn reject(reply: CommandReply, not_done: &NotDone) {
    match not_done {
        NotDone::Refused(r) => reply.refuse(r),
        NotDone::Stopped(why) => reply.reject(Code::Stopped, stopped_text(why)),
    }
}
