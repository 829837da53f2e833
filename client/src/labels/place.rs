//! Chooses which names are written where: the important first, none over another, and names already written stay.

use super::atlas::GlyphAtlas;
use super::candidate::Candidate;
use super::layout::{Label, Look, Setting, layout, look};
use super::space::Space;
use crate::basemap::style::SymbolPlacement;
use bevy::math::{Rect, Vec2};
use std::collections::HashMap;

/// Least distance between two names of one road, logical pixels.
const REPEAT_PX: f32 = 430.0;
/// Least distance between two points of one name, logical pixels: tiles may hold a place twice.
const REPEAT_POINT_PX: f32 = 160.0;
/// Free room around a name, logical pixels.
const PADDING_PX: f32 = 3.0;
/// Room around a whole road name, so that two never read as one.
const GAP_PX: f32 = 8.0;

/// Chooses the names to write. `standing` are the keys written now: they come before others of their layer.
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
    let mut space = Space::new(setting.camera.viewport);
    for rect in setting.obstacles {
        space.occupy(*rect);
    }
    let mut labels: Vec<(usize, Label)> = Vec::new();
    let mut by_text: HashMap<String, Vec<Vec2>> = HashMap::new();
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|i| {
        let c = &candidates[*i];
        // Whole ranks only: among equals, names already written come first.
        (
            c.order.0.floor() as i64,
            !standing.contains_key(&c.key),
            c.order.1,
            *i,
        )
    });
    for i in order {
        let candidate = &candidates[i];
        let Some(look) = looks.get(candidate.name().layer).and_then(Option::as_ref) else {
            continue;
        };
        let repeat_px = if look.symbol.placement == SymbolPlacement::Line {
            REPEAT_PX
        } else {
            REPEAT_POINT_PX
        };
        let Some(label) = layout(candidate, look, setting, atlas) else {
            continue;
        };
        let middle = label.bounds.center();
        let near = by_text.get(&label.text).is_some_and(|all| {
            all.iter()
                .any(|p| p.distance(middle) < repeat_px * setting.scale.0)
        });
        if near {
            continue;
        }
        let boxes = boxes(&label);
        let screen = Rect::from_corners(Vec2::ZERO, setting.camera.viewport).inflate(-4.0);
        let free = boxes
            .iter()
            .all(|b| screen.contains(b.min) && screen.contains(b.max) && space.is_free(*b));
        if !free {
            continue;
        }
        for taken in boxes {
            space.occupy(taken.inflate(GAP_PX * 0.5));
        }
        by_text.entry(label.text.clone()).or_default().push(middle);
        labels.push((i, label));
    }
    labels
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

fn boxes(label: &Label) -> Vec<Rect> {
    let half = Vec2::splat(label.size_px * 0.5 + PADDING_PX);
    if label.glyphs.iter().any(|(_, s)| s.angle != 0.0) || label.glyphs.len() < 2 {
        return label
            .glyphs
            .iter()
            .map(|(_, s)| Rect::from_center_half_size(s.pos, half))
            .collect();
    }
    vec![label.bounds.inflate(PADDING_PX)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::basemap::mesh::{FillMesh, LineMesh, Name, NameShape, SolidMesh, TileMesh};
    use crate::basemap::style::Style;
    use crate::camera::MapCamera;
    use crate::labels::candidate::candidates;
    use crate::labels::{LabelScale, Lang};
    use crate::look::Tokens;
    use chengtu_engine::geo::TileId;
    use std::sync::Arc;

    fn style() -> Style {
        let text = serde_json::json!({"layers": [
            {"id": "road", "type": "symbol", "source-layer": "road", "layout": {"text-field": ["get", "name"], "text-size": 14, "symbol-placement": "line"}},
            {"id": "place", "type": "symbol", "source-layer": "place", "layout": {"text-field": ["get", "name"], "text-size": 12}},
        ]});
        Style::parse(&text.to_string(), "test", &Tokens::shipped().unwrap()).unwrap()
    }

    fn camera() -> MapCamera {
        MapCamera {
            zoom: 15.0,
            viewport: Vec2::new(2400.0, 800.0),
            ..MapCamera::default()
        }
    }

    fn tile(names: Vec<Name>) -> Vec<Arc<TileMesh>> {
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

    fn at(camera: &MapCamera, x: f32, y: f32) -> [f64; 2] {
        camera.mercator_from_screen(Vec2::new(x, y)).unwrap().into()
    }

    fn point(zh: &str, rank: f32, p: [f64; 2]) -> Name {
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
    fn names_keep_clear_of_obstacles() {
        let c = camera();
        let names = vec![point("北门桥", 1.0, at(&c, 500.0, 400.0))];
        let marker = Rect::from_center_half_size(Vec2::new(505.0, 404.0), Vec2::splat(16.0));
        assert!(written(names.clone(), &[marker], &HashMap::new()).is_empty());
        assert_eq!(written(names, &[], &HashMap::new()).len(), 1);
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
