use super::connection::{NO_LINK, NOT_ANSWERED};
use super::link::LinkEvent;
use super::session::Expired;
use super::{
    Chronicle, City, CityChanged, CommandOutcome, Connection, LinkState, Ranking, Rankings,
    RouteLine, Routes, ServerNotice, WorldWord,
};
use crate::readiness::Readiness;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use chengtu_engine::code::RefusalData;
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::CommandId;
use chengtu_engine::stream::{
    Accepted, Asked, ClientMessage, MirrorChanges, Refused, Rejected, ServerMessage,
};
use std::sync::PoisonError;
use std::time::Instant;

/// Longest that one frame spends on taking messages in; the rest waits for the next.
const BUDGET: std::time::Duration = std::time::Duration::from_millis(12);

/// What a message may change, and who hears of it.
#[derive(SystemParam)]
pub(super) struct Inbox<'w> {
    connection: ResMut<'w, Connection>,
    city: ResMut<'w, City>,
    rankings: ResMut<'w, Rankings>,
    routes: ResMut<'w, Routes>,
    chronicle: ResMut<'w, Chronicle>,
    changed: MessageWriter<'w, CityChanged>,
    outcomes: MessageWriter<'w, CommandOutcome>,
    notices: MessageWriter<'w, ServerNotice>,
    words: MessageWriter<'w, WorldWord>,
}

/// Takes in what has come since the last frame.
pub(super) fn receive(mut inbox: Inbox, readiness: Option<ResMut<Readiness>>) {
    let begun = Instant::now();
    let connection = &mut inbox.connection;
    inbox
        .outcomes
        .write_batch(std::mem::take(&mut connection.refused));
    let unsent = connection.unsent.get_mut();
    let unsent = std::mem::take(unsent.unwrap_or_else(PoisonError::into_inner));
    for (request, to) in std::mem::take(&mut connection.routes_asked) {
        inbox.routes.asked(request, to);
    }
    for (request, of) in std::mem::take(&mut connection.ghosts_asked) {
        inbox.city.choose_ghost(request, of);
    }
    for request in unsent {
        inbox.not_sent(request);
    }
    while begun.elapsed() < BUDGET
        && let Some(event) = (inbox.connection.events.as_mut()).and_then(|e| e.try_recv().ok())
    {
        inbox.hear(event);
    }
    inbox.city.advance(Instant::now());
    if let Some(mut readiness) = readiness
        && inbox.connection.is_attached()
    {
        readiness.set("city", inbox.city.is_ready());
    }
}

impl Inbox<'_> {
    /// What was asked before the line was cut is given up, in words.
    fn expire(&mut self, expired: Expired) {
        for id in expired.commands {
            if let Some(request) = self.connection.waiting.remove(&id) {
                let result = Err(Refused {
                    asked: Asked::Command(id),
                    code: NOT_ANSWERED,
                    text: "the line was cut before the answer came".into(),
                    data: RefusalData::None,
                });
                self.outcomes.write(CommandOutcome {
                    id,
                    request,
                    result,
                });
            }
        }
        if let Some(request) = expired.enter {
            self.not_sent(request);
        }
    }

    fn not_sent(&mut self, request: u32) {
        self.notices.write(ServerNotice {
            request: Some(request),
            code: NO_LINK,
            text: "there is no connection to the server; nothing was sent".into(),
        });
    }

    fn hear(&mut self, event: LinkEvent) {
        let connection = &mut self.connection;
        match event {
            LinkEvent::Connecting => connection.state = LinkState::Connecting,
            LinkEvent::Greeted => {
                connection.state = LinkState::Live;
                connection.lost_since = None;
                connection.at_door.shut = None;
            }
            LinkEvent::RoundTrip(rtt) => {
                connection.latency = Some(rtt);
                self.city.round_trip(rtt);
            }
            LinkEvent::Lost {
                next_try,
                reason,
                untrusted,
                shut,
            } => {
                self.city.cut();
                connection.at_door.untrusted = untrusted;
                connection.at_door.shut = shut;
                let since = *connection.lost_since.get_or_insert_with(Instant::now);
                connection.state = LinkState::Lost {
                    since,
                    next_try,
                    reason,
                };
            }
            LinkEvent::Message { message, read_at } => self.take_in(*message, read_at),
            LinkEvent::Expired(expired) => self.expire(expired),
        }
    }

    fn take_in(&mut self, message: ServerMessage, read_at: Instant) {
        let (connection, city) = (&mut self.connection, &mut self.city);
        connection.last_heard = Some(read_at);
        let discontinuities = city.discontinuities();
        match city.take(&message, read_at) {
            Ok(changes) if changes != MirrorChanges::default() => {
                self.changed.write(CityChanged(changes));
            }
            Ok(_) => {}
            Err(error) => {
                warn!("{error}; asking for a snapshot");
                connection.send(ClientMessage::Resync);
            }
        }
        if city.discontinuities() != discontinuities {
            // Nothing that was calculated for another world or moment holds here.
            (*self.rankings, *self.routes) = (Rankings::default(), Routes::default());
        }
        connection.world = city.world();
        if is_of_worlds(&message) {
            self.words.write(WorldWord(message.clone()));
        }
        if !self.chronicle.take(&message) {
            answer(message, self);
        }
    }
}

/// What the views of worlds, forks and drills live on, and that of who was shown what is masked.
fn is_of_worlds(message: &ServerMessage) -> bool {
    matches!(
        message,
        ServerMessage::Entered(_)
            | ServerMessage::Worlds { .. }
            | ServerMessage::Forked(_)
            | ServerMessage::ForkReport(_)
            | ServerMessage::Drill(_)
            | ServerMessage::Saw { .. }
    )
}

/// A rejection as a server of today refuses.
fn refused(r: Rejected) -> Refused {
    Refused {
        asked: Asked::Command(r.id),
        code: r.code,
        text: r.text,
        data: RefusalData::None,
    }
}

fn answer(message: ServerMessage, inbox: &mut Inbox) {
    let Inbox {
        connection,
        city,
        rankings,
        routes,
        outcomes,
        notices,
        ..
    } = inbox;
    let mut outcome = |id: CommandId, result: Result<Accepted, Refused>| {
        // A repeat after a cut may be answered twice; only the first answer counts.
        if let Some(request) = connection.waiting.remove(&id) {
            outcomes.write(CommandOutcome {
                id,
                request,
                result,
            });
        }
    };
    let at = city.mirror.time;
    match message {
        ServerMessage::Accepted(answer) => outcome(answer.id, Ok(answer)),
        // From a server that does not know refusals.
        ServerMessage::Rejected(r) => outcome(r.id, Err(refused(r))),
        ServerMessage::Refused(refused) => match refused.asked {
            Asked::Command(id) => outcome(id, Err(refused)),
            Asked::Request(request) => {
                info!(request, code = ?refused.code, "refused: {}", refused.text);
                if connection.by_itself == Some(request) {
                    return;
                }
                notices.write(ServerNotice {
                    request: Some(request),
                    code: refused.code,
                    text: refused.text,
                });
            }
        },
        ServerMessage::Ranking {
            request,
            case,
            rows,
        } => {
            rankings.answered(request, case, Ranking { at, rows });
        }
        ServerMessage::Route {
            request,
            unit,
            seconds,
            length_m,
            line,
        } => {
            let line: Vec<LonLat> = line
                .into_iter()
                .map(|(lon, lat)| LonLat::new(lon, lat))
                .collect();
            let to = line.last().copied().unwrap_or_default();
            routes.put(
                request,
                RouteLine {
                    at,
                    unit,
                    to,
                    seconds,
                    length_m,
                    line,
                },
            );
        }
        ServerMessage::Notice { code, text } => {
            info!(?code, "the server says: {text}");
            let request = None;
            notices.write(ServerNotice {
                request,
                code,
                text,
            });
        }
        _ => {}
    }
}
