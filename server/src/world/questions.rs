use super::World;
use super::request::Request;
use super::turn::notice;
use crate::codes;
use crate::session::message;
use chengtu_engine::geo::Position;
use chengtu_engine::ids::UnitId;
use chengtu_engine::rank::{SNAP_M, rank};
use chengtu_engine::roads::Route;
use chengtu_engine::time::Timestamp;
use chengtu_engine::wire::v1::ServerMessage;

impl World {
    /// Answers what only asks. Runs after the commit: nothing that is not durable is told.
    pub(super) fn question(&mut self, request: Request, now: Timestamp) {
        match request {
            Request::Rank {
                session,
                request,
                case,
            } => {
                let Some(viewer) = self.viewers.get(&session) else {
                    return;
                };
                let outbox = viewer.outbox.clone();
                let city = &self.city;
                let rows = rank(&self.state, &city.roads, &mut self.search, case, now);
                match rows {
                    Ok(rows) => {
                        let m = ServerMessage::Ranking {
                            request,
                            case,
                            rows,
                        };
                        outbox.answer(message(outbox.encoding, &m));
                    }
                    Err(refused) => notice(&outbox, codes::NO_ANSWER, refused.to_string()),
                }
            }
            Request::Route {
                session,
                request,
                unit,
                to,
            } => {
                let Some(viewer) = self.viewers.get(&session) else {
                    return;
                };
                let outbox = viewer.outbox.clone();
                let (seconds, length_m, line) = match self.way(unit, to) {
                    Some(r) => (
                        Some(f64::from(r.seconds)),
                        f64::from(r.length_m),
                        r.polyline,
                    ),
                    None => (None, 0.0, Vec::new()),
                };
                let degrees = |p: Position| {
                    let p = p.lon_lat();
                    (p.lon_deg, p.lat_deg)
                };
                let m = ServerMessage::Route {
                    request,
                    unit,
                    seconds,
                    length_m,
                    line: line.into_iter().map(degrees).collect(),
                };
                outbox.answer(message(outbox.encoding, &m));
            }
            Request::Digest(reply) => {
                let _ = reply.send((self.state.seq(), self.state.digest()));
            }
            _ => {}
        }
    }

    /// The quickest way by road from where a unit is.
    fn way(&mut self, unit: UnitId, to: Position) -> Option<Route> {
        let mover = self.state.unit(unit)?.mover;
        let roads = &self.city.roads;
        let from = roads.snap(self.state.mover(mover)?.position?, SNAP_M)?;
        roads.route(from, roads.snap(to, SNAP_M)?, &mut self.search)
    }
}
