//! The drill as it is seen from a seat. What only the director may see is empty for the others.

use super::run::Drill;
use super::scoring::{goals, score};
use super::{DrillPhase, DrillView, InjectView, Seat};

impl Drill {
    /// From a seat; `report` is where the report will be found.
    pub fn view(&self, seat: Seat, report: &str) -> DrillView {
        let s = &self.scenario;
        let ended = self.phase == DrillPhase::Ended;
        let director = seat == Seat::Director;
        let people = self.people.keys().cloned();
        let mut view = DrillView {
            title: s.title.clone(),
            title_en: s.title_en.clone(),
            brief: s.brief.clone(),
            brief_en: s.brief_en.clone(),
            seat,
            phase: self.phase,
            from: s.start.time(),
            until: self.until(),
            attempt: self.attempt,
            people: people.collect(),
            report: if ended {
                report.to_owned()
            } else {
                String::new()
            },
            ..DrillView::default()
        };
        if director || ended {
            view.score = Some(score(s, &self.tally));
        }
        if director {
            view.injects = self.injects();
            view.goals = goals(s, &self.tally);
            view.notes.clone_from(&self.notes);
            view.checkpoints = self.checkpoints();
        }
        view
    }

    /// All injects in the order of their times, those off the time line last.
    fn injects(&self) -> Vec<InjectView> {
        let mut all: Vec<InjectView> = self
            .scenario
            .injects
            .iter()
            .zip(&self.plan)
            .enumerate()
            .map(|(id, (spec, planned))| InjectView {
                id: id as u32,
                title: spec.title.clone(),
                title_en: spec.title_en.clone(),
                at: planned.fired.or(planned.at),
                done: planned.fired.is_some(),
                place: spec.act.place(&self.scenario).map(|p| {
                    let at = p.lon_lat();
                    (at.lon_deg, at.lat_deg)
                }),
                truth: spec
                    .truth
                    .as_ref()
                    .map_or(String::new(), |t| t.text.clone()),
            })
            .collect();
        all.sort_by_key(|i| (i.at.is_none(), i.at, i.id));
        all
    }
}
