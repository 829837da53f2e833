//! Chooses which names are written where: the important first, none over another, and names already written stay.

use super::atlas::GlyphAtlas;
use super::candidate::Candidate;
use super::layout::{Label, Look, Setting, layout, look, place_of, text};
use crate::basemap::style::SymbolPlacement;
use crate::space::{Shape, Space};
use bevy::math::{Rect, Vec2};
use std::collections::{HashMap, HashSet};

/// Least distance between two names of one road, logical pixels.
const REPEAT_PX: f32 = 430.0;
/// Least distance between two points of one name, logical pixels: tiles may hold a place twice.
const REPEAT_POINT_PX: f32 = 160.0;
/// Free room around a name, logical pixels.
const PADDING_PX: f32 = 3.0;
/// Room around a whole road name, so that two never read as one.
const GAP_PX: f32 = 8.0;

/// Chooses the names to write. `standing` are the keys written now: they come before others of their layer. A name
/// whose usual places are taken by marks gives way along its road or about its point; whatever names do among
/// themselves, none of them moves for another.
pub fn choose(
    candidates: &[Candidate],
    setting: &Setting<'_>,
    atlas: &mut GlyphAtlas,
    standing: &HashMap<u64, f32>,
) -> Vec<(usize, Label)> {
    let zoom = setting.camera.zoom;
    let layers = setting.style.layers.iter().enumerate();
    let looks: Vec<Option<Look<'_>>> = layers
        .map(|(i, layer)| {
            let shown = zoom >= layer.minzoom && zoom < layer.maxzoom;
            shown.then(|| look(setting, i)).flatten()
        })
        .collect();
    let mut sheet = Sheet::new(setting);
    let mut labels: Vec<(usize, Label)> = Vec::new();
    let mut gave_way = HashSet::new();
    for i in order(candidates, standing) {
        let candidate = &candidates[i];
        let Some(look) = looks.get(candidate.name().layer).and_then(Option::as_ref) else {
            continue;
        };
        let stands = standing.contains_key(&candidate.key);
        if candidate.is_aside() && !stands && !gave_way.contains(&candidate.whose()) {
            continue;
        }
        let repeat_px = setting.scale.0
            * if look.symbol.placement == SymbolPlacement::Line {
                REPEAT_PX
            } else {
                REPEAT_POINT_PX
            };
        let Some(about) = place_of(candidate, setting.camera) else {
            continue;
        };
        // What lies so far within a repetition need not be laid out.
        let text = text(candidate.name(), setting.lang);
        if sheet.has_near(text, about, repeat_px * 0.5) {
            continue;
        }
        let Some(label) = layout(candidate, look, setting, atlas) else {
            continue;
        };
        if sheet.has_near(&label.text, label.bounds.center(), repeat_px) {
            continue;
        }
        match sheet.take(&label) {
            Taken::Yes => labels.push((i, label)),
            Taken::ByMark => {
                gave_way.insert(candidate.whose());
            }
            Taken::ByName => {}
        }
    }
    labels
}

/// The order in which candidates, which are sorted, may take their places: among equals, what stands stays.
fn order<'a>(
    candidates: &'a [Candidate],
    standing: &'a HashMap<u64, f32>,
) -> impl Iterator<Item = usize> + 'a {
    let equals = candidates.chunk_by(|a, b| a.whole_rank() == b.whole_rank());
    let mut from = 0;
    equals.flat_map(move |group| {
        let first = from;
        from += group.len();
        let stands = move |i: &usize| standing.contains_key(&candidates[*i].key);
        let all = first..first + group.len();
        let others = all.clone().filter(move |i| !stands(i));
        all.filter(stands).chain(others)
    })
}

/// Whether a label has got its place, and who has it otherwise.
enum Taken {
    Yes,
    ByMark,
    ByName,
}

/// The screen while names take their places.
struct Sheet {
    marks: Space,
    names: Space,
    screen: Rect,
    by_text: HashMap<String, Vec<Vec2>>,
}

impl Sheet {
    fn new(setting: &Setting<'_>) -> Self {
        let mut marks = Space::default();
        for rect in setting.obstacles {
            marks.claim(Shape::Rect(*rect));
        }
        Self {
            marks,
            names: Space::default(),
            screen: Rect::from_corners(Vec2::ZERO, setting.camera.viewport).inflate(-4.0),
            by_text: HashMap::new(),
        }
    }

    /// True where the same text stands within so many pixels.
    fn has_near(&self, text: &str, at: Vec2, within_px: f32) -> bool {
        let same = self.by_text.get(text).into_iter().flatten();
        same.clone().any(|p| p.distance(at) < within_px)
    }

    fn take(&mut self, label: &Label) -> Taken {
        let boxes = boxes(label);
        let free = |space: &Space| boxes.iter().all(|b| space.is_free(Shape::Rect(*b)));
        let inside = |b: &Rect| self.screen.contains(b.min) && self.screen.contains(b.max);
        if !boxes.iter().all(inside) || !free(&self.names) {
            return Taken::ByName;
        }
        if !free(&self.marks) {
            return Taken::ByMark;
        }
        for taken in boxes {
            self.names.claim(Shape::Rect(taken.inflate(GAP_PX * 0.5)));
        }
        let all = self.by_text.entry(label.text.clone()).or_default();
        all.push(label.bounds.center());
        Taken::Yes
    }
}

/// The same name where the camera is now; `None` when it cannot be written there any more.
pub fn again(
    candidate: &Candidate,
    setting: &Setting<'_>,
    atlas: &mut GlyphAtlas,
) -> Option<Label> {
    let look = look(setting, candidate.name().layer)?;
    layout(candidate, &look, setting, atlas)
}

/// What a label takes of the screen: a box for each letter where they stand aslant, one for all of them otherwise; and
/// its icon.
pub fn boxes(label: &Label) -> Vec<Rect> {
    let half = Vec2::splat(label.size_px * 0.5 + PADDING_PX);
    if label.glyphs.iter().any(|(_, s)| s.angle != 0.0) {
        return label
            .glyphs
            .iter()
            .map(|(_, s)| Rect::from_center_half_size(s.pos, half))
            .collect();
    }
    vec![label.bounds.inflate(PADDING_PX)]
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::basemap::mesh::{FillMesh, LineMesh, Name, NameShape, SolidMesh, TileMesh};
    use crate::basemap::style::Style;
    use crate::camera::MapCamera;
    use crate::labels::candidate::candidates;
    use crate::labels::{LabelScale, Lang};
    use crate::look::Tokens;
    use chengtu_engine::geo::TileId;
    use std::sync::Arc;

    pub(in crate::labels) fn style() -> Style {
        let text = serde_json::json!({"layers": [
            {"id": "road", "type": "symbol", "source-layer": "road", "layout": {"text-field": ["get", "name"], "text-size": 14, "symbol-placement": "line"}},
            {"id": "place", "type": "symbol", "source-layer": "place", "layout": {"text-field": ["get", "name"], "text-size": 12}},
        ]});
        Style::parse(&text.to_string(), "test", &Tokens::shipped().unwrap()).unwrap()
    }

    pub(in crate::labels) fn camera() -> MapCamera {
        MapCamera {
            zoom: 15.0,
            viewport: Vec2::new(2400.0, 800.0),
            ..MapCamera::default()
        }
    }

    pub(in crate::labels) fn tile(names: Vec<Name>) -> Vec<Arc<TileMesh>> {
        let id = TileId { z: 15, x: 0, y: 0 };
        vec![Arc::new(TileMesh {
            id,
            fill: FillMesh::default(),
            line: LineMesh::default(),
            solid: SolidMesh::default(),
            buckets: Vec::new(),
            names,
        })]
    }

    pub(in crate::labels) fn at(camera: &MapCamera, x: f32, y: f32) -> [f64; 2] {
        camera.mercator_from_screen(Vec2::new(x, y)).unwrap().into()
    }

    pub(in crate::labels) fn point(zh: &str, rank: f32, p: [f64; 2]) -> Name {
        Name {
            layer: 1,
            zh: zh.into(),
            en: format!("{zh} in English"),
            rank,
            icon: String::new(),
            shape: NameShape::Point(p),
        }
    }

    fn road(zh: &str, line: Vec<[f64; 2]>) -> Name {
        Name {
            layer: 0,
            zh: zh.into(),
            en: zh.into(),
            rank: 0.0,
            icon: String::new(),
            shape: NameShape::Line(line),
        }
    }

    fn written(
        names: Vec<Name>,
        obstacles: &[Rect],
        standing: &HashMap<u64, f32>,
    ) -> Vec<(String, Label)> {
        let (camera, style) = (camera(), style());
        let list = candidates(&tile(names));
        let setting = Setting {
            camera: &camera,
            style: &style,
            lang: Lang::Zh,
            scale: LabelScale(1.0),
            obstacles,
        };
        let mut atlas = GlyphAtlas::new().unwrap();
        choose(&list, &setting, &mut atlas, standing)
            .into_iter()
            .map(|(i, l)| (list[i].name().zh.clone(), l))
            .collect()
    }

    #[test]
    fn the_important_name_takes_the_place() {
        let c = camera();
        let names = vec![
            point("小店", 900.0, at(&c, 500.0, 402.0)),
            point("大行宫站", 100.0, at(&c, 510.0, 400.0)),
        ];
        let out = written(names, &[], &HashMap::new());
        assert_eq!(
            out.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(),
            ["大行宫站"]
        );
    }

    #[test]
    fn what_stands_stays_among_equals() {
        let c = camera();
        let names = || {
            vec![
                point("甲店", 5.0, at(&c, 500.0, 402.0)),
                point("乙店", 5.0, at(&c, 510.0, 400.0)),
            ]
        };
        let free = written(names(), &[], &HashMap::new());
        let other = if free[0].0 == "甲店" {
            "乙店"
        } else {
            "甲店"
        };
        let list = candidates(&tile(names()));
        let key = list.iter().find(|c| c.name().zh == other).unwrap().key;
        assert_eq!(
            written(names(), &[], &HashMap::from([(key, 1.0)]))[0].0,
            other
        );
    }

    #[test]
    fn a_name_steps_aside_for_a_mark_and_for_nothing_else() {
        let c = camera();
        let names = vec![point("北门桥", 1.0, at(&c, 500.0, 400.0))];
        let free = written(names.clone(), &[], &HashMap::new());
        assert_eq!(free[0].1.bounds.center(), Vec2::new(500.0, 400.0));
        let mark = |half: f32| {
            let middle = Vec2::new(505.0, 404.0);
            Rect::from_center_half_size(middle, Vec2::splat(half))
        };
        let aside = written(names.clone(), &[mark(12.0)], &HashMap::new());
        let bounds = aside[0].1.bounds;
        assert!(bounds.intersect(mark(12.0)).is_empty());
        assert!((bounds.center() - Vec2::new(500.0, 400.0)).length() < 40.0);
        // Where the mark leaves no room, there is no name.
        assert!(written(names.clone(), &[mark(60.0)], &HashMap::new()).is_empty());
        // For another name nobody moves.
        let two = [names, vec![point("小店", 2.0, at(&c, 502.0, 402.0))]].concat();
        assert_eq!(written(two, &[], &HashMap::new()).len(), 1);
    }

    #[test]
    fn a_name_that_has_stepped_aside_stays_there_while_it_stands() {
        let c = camera();
        let names = || vec![point("北门桥", 1.0, at(&c, 500.0, 400.0))];
        let mark = Rect::from_center_half_size(Vec2::new(500.0, 400.0), Vec2::splat(10.0));
        let aside = written(names(), &[mark], &HashMap::new()).remove(0).1;
        // The mark has gone: the name does not jump back.
        let standing = HashMap::from([(aside.key, 1.0)]);
        let then = written(names(), &[], &standing).remove(0).1;
        assert_eq!(then.bounds, aside.bounds);
    }

    #[test]
    fn a_road_whose_usual_places_are_taken_has_its_name_between_them() {
        let c = camera();
        let line = vec![at(&c, 20.0, 300.0), at(&c, 1620.0, 300.0)];
        // A mark on every eighth of the road.
        let marks: Vec<Rect> = (1..8)
            .map(|k| Vec2::new(20.0 + 200.0 * k as f32, 300.0))
            .map(|p| Rect::from_center_half_size(p, Vec2::splat(16.0)))
            .collect();
        let out = written(vec![road("中山东路", line)], &marks, &HashMap::new());
        assert!(!out.is_empty());
        for (_, label) in &out {
            let crossed = |m: &Rect| boxes(label).iter().any(|b| !b.intersect(*m).is_empty());
            assert!(!marks.iter().any(crossed), "{label:?}");
        }
    }

    #[test]
    fn a_road_has_its_name_once_in_430_pixels() {
        let c = camera();
        let line = vec![at(&c, 20.0, 300.0), at(&c, 2380.0, 310.0)];
        let out = written(vec![road("中山东路", line)], &[], &HashMap::new());
        assert_eq!(out.len(), 3);
        for (i, (_, a)) in out.iter().enumerate() {
            for (_, b) in &out[i + 1..] {
                assert!(a.bounds.center().distance(b.bounds.center()) >= 430.0);
            }
        }
    }

    #[test]
    fn when_the_middle_is_taken_the_road_finds_another_place() {
        let c = camera();
        let line = vec![at(&c, 20.0, 300.0), at(&c, 980.0, 300.0)];
        let taken = Rect::new(430.0, 250.0, 570.0, 350.0);
        let out = written(vec![road("中山东路", line)], &[taken], &HashMap::new());
        assert!(!out.is_empty());
        assert!(
            out.iter()
                .all(|(_, l)| l.bounds.intersect(taken).is_empty())
        );
    }
}
