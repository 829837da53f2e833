//! Bundling: several reports of one thing become one case. What can be bundled is asked with the cases named, the
//! likeliest first.

use super::acts::DispatchAct;
use super::scene::CaseScene;
use crate::facts::case;
use crate::i18n::distance;
use crate::panels::confirm::{Ask, Choice, Question};
use crate::panels::console::Acts;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::geo::{LonLat, distance_m};
use chengtu_engine::ids::CaseId;
use chengtu_engine::stream::{CaseView, Mirror};
use chengtu_engine::workflow::{self, Act};

/// Cases farther away than this are another thing, metres.
const FAR_M: f64 = 1_000.0;
/// Cases of the same class nearer than this are offered together, metres.
const NEAR_M: f64 = 300.0;
/// Most cases that are named.
const NAMED: usize = 6;

/// Open cases of the same class around a case, the likeliest first: what the city takes for the same, then by distance
/// in metres.
fn around<'a>(mirror: &'a Mirror, c: &CaseView) -> Vec<(f64, &'a CaseView)> {
    let Ok(here) = LonLat::new(c.lon, c.lat).position() else {
        return Vec::new();
    };
    let mut all: Vec<(f64, &CaseView)> = mirror
        .cases
        .values()
        .filter(|o| o.id != c.id && o.class == c.class && o.stage.is_open())
        .filter_map(|o| {
            Some((
                distance_m(LonLat::new(o.lon, o.lat).position().ok()?, here),
                o,
            ))
        })
        .filter(|(m, o)| *m <= FAR_M || c.maybe_same_as == Some(o.id))
        .collect();
    all.sort_by(|a, b| {
        let likely = |o: &CaseView| c.maybe_same_as != Some(o.id);
        likely(a.1).cmp(&likely(b.1)).then(a.0.total_cmp(&b.0))
    });
    all
}

/// Asks into which case a case is bundled, or which ones are bundled into it.
pub(super) fn ask(s: &CaseScene<'_>, c: &CaseView, out: &mut Acts) {
    // At its stage nothing can be bundled, neither it nor others into it.
    if !workflow::allowed(c.stage, Act::Bundle) {
        return;
    }
    let w = s.words;
    let all = around(s.mirror, c);
    let near: Vec<CaseId> = all
        .iter()
        .filter(|(m, o)| *m <= NEAR_M && o.units.is_empty())
        .map(|(_, o)| o.id)
        .collect();
    let into = |o: &CaseView| {
        DispatchAct::Give(CommandRequest::BundleCase {
            case: c.id,
            into: o.id,
        })
    };
    let mut choices: Vec<Choice> = all
        .iter()
        .take(NAMED)
        .map(|(m, o)| {
            let label = w.f(
                "bundle.into",
                &[
                    (
                        "case",
                        &format!("#{} {}", o.id, case::class_name(s.mirror, o, w)),
                    ),
                    ("address", &o.address),
                    ("far", &distance(*m)),
                    ("time", &s.time.hm(o.occurred_at)),
                ],
            );
            Choice::new(label, into(o))
        })
        .collect();
    if !near.is_empty() {
        let gathers = near.iter().map(|id| CommandRequest::BundleCase {
            case: *id,
            into: c.id,
        });
        let label = w.n("bundle.gather", near.len());
        choices.push(Choice::new(label, DispatchAct::GiveAll(gathers.collect())));
    }
    let as_seen = |id: CaseId, m: &Mirror| {
        let revision = m.histories.get(&id).map(|h| h.revision);
        (m.cases.get(&id).map(|c| c.stage), revision)
    };
    let named = all.iter().map(|(_, o)| o.id).chain([c.id]);
    let named: Vec<_> = named.map(|id| (id, as_seen(id, s.mirror))).collect();
    let holds = move |m: &Mirror| named.iter().all(|(id, seen)| as_seen(*id, m) == *seen);
    let name = format!("#{} {}", c.id, case::class_name(s.mirror, c, w));
    let mut question = Question::new(w.f("bundle.title", &[("case", &name)]), s.world, holds);
    question.detail = if choices.is_empty() {
        w.t("bundle.nothing").into()
    } else {
        w.t("bundle.why").into()
    };
    question.label = w.t("bundle.do").into();
    question.choices = choices;
    out.push(Ask::new(question));
}

#[cfg(test)]
mod tests {
    use crate::live::Selection;
    use crate::panels::desk::Desk;
    use crate::panels::model::sample::COVER;
    use crate::panels::pictures::Setting;
    use bevy_egui::egui::Key;
    use chengtu_engine::ids::CaseId;
    use chengtu_engine::model::Stage;

    /// The key offered to bundle a case that was closed; the city would have refused.
    #[test]
    fn bundling_is_offered_at_the_stages_at_which_it_is_possible() {
        for (stage, asks) in [
            (Stage::Filed, true),
            (Stage::Handled, true),
            (Stage::Closed, false),
            (Stage::Void, false),
        ] {
            let mut desk = Desk::new(Setting {
                selection: Selection::Case(COVER),
                ..Setting::default()
            });
            let mut twin = desk.city().mirror.cases[&COVER].clone();
            (twin.id, twin.lon) = (CaseId(9_000), twin.lon + 1e-4);
            desk.city().mirror.cases.insert(twin.id, twin);
            desk.city().mirror.cases.get_mut(&COVER).unwrap().stage = stage;
            desk.settle();
            desk.key(Key::B);
            assert_eq!(desk.says("#9000"), asks, "{stage:?}");
        }
    }
}
