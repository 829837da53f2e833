use super::Audience;
use crate::refusal::Refusal;
use chengtu_engine::code::Code;
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::permission::Permission;
use chengtu_engine::rank::{SNAP_M, rank};
use chengtu_engine::rejection::Rejection;
use chengtu_engine::roads::Route;
use chengtu_engine::sight::Lens;
use chengtu_engine::state::State;
use chengtu_engine::stream::{Asked, ServerMessage, Window};
use chengtu_engine::time::Timestamp;

impl Audience {
    /// Who could be where a case is, and when.
    pub(super) fn rank(
        &mut self,
        session: u64,
        request: u32,
        case: CaseId,
        state: &State,
        now: Timestamp,
    ) {
        let Some(viewer) = self.viewers.get(&session) else {
            return;
        };
        let outbox = &viewer.outbox;
        let window = viewer.sight.as_ref().and_then(|s| self.windows.get(s));
        let lens = window.map(Window::lens);
        match rank(state, &self.city.roads, &mut self.search, case, now, lens) {
            Ok(rows) => {
                let m = ServerMessage::Ranking {
                    request,
                    case,
                    rows,
                };
                outbox.answer(&m);
            }
            Err(refused) => {
                let refusal = Refusal::new(Code::NoAnswer, refused.to_string());
                outbox.refuse(Some(Asked::Request(request)), refusal);
            }
        }
    }

    /// Who was shown what is masked of a case; of one that has left the live state the log alone knows it.
    pub(super) fn who_saw(&self, session: u64, request: u32, case: CaseId, state: &State) {
        let Some(viewer) = self.viewers.get(&session) else {
            return;
        };
        let asked = Some(Asked::Request(request));
        if let Err(refusal) = viewer.principal.require(Permission::WhoSaw) {
            return viewer.outbox.refuse(asked, refusal);
        }
        let unseen = |l: &Lens| l.known_case(state, case).is_err();
        if state.case(case).is_none() || self.lens(session).is_some_and(unseen) {
            let refusal = Refusal::from(&Rejection::NoSuchCase(case));
            return viewer.outbox.refuse(asked, refusal);
        }
        let looks = state.looks(case).cloned().unwrap_or_default();
        viewer.outbox.answer(&ServerMessage::Saw {
            request,
            case,
            looks: looks.list,
            more: looks.left_out,
        });
    }

    /// The way of a unit to a place.
    pub(super) fn route(
        &mut self,
        session: u64,
        request: u32,
        unit: UnitId,
        to: Position,
        state: &State,
    ) {
        let Some(viewer) = self.viewers.get(&session) else {
            return;
        };
        let outbox = viewer.outbox.clone();
        let seen = self
            .lens(session)
            .is_none_or(|l| l.known_unit(state, unit).is_ok());
        let way = seen.then(|| self.way(unit, to, state)).flatten();
        let (seconds, length_m, line) = match way {
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
        outbox.answer(&m);
    }

    /// The quickest way by road from where a unit is.
    fn way(&mut self, unit: UnitId, to: Position, state: &State) -> Option<Route> {
        let mover = state.mover(state.unit(unit)?.mover)?;
        let (roads, search) = (&self.city.roads, &mut self.search);
        // As the ranking has them, so that both say the same.
        let from = roads.snap_vehicle(mover.position?, mover.course_deg(), SNAP_M, search)?;
        let to = roads.snap_open(to, SNAP_M, search)?;
        roads.route(from, to, search)
    }
}
