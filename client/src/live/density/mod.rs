//! The density surface: kernel density of open cases on a grid, reckoned by the engine as cases come and go, drawn
//! under water and roads.

mod gpu;

use super::{LayerVisibility, LiveSystems};
use crate::camera::MapCamera;
use crate::net::{City, CityChanged};
use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;
use chengtu_engine::geo::{GeoBox, LocalFrame, LonLat, Metres, Position, mercator_from_lon_lat};
use chengtu_engine::hotspot::{DensityGrid, Kernel};
use chengtu_engine::ids::CaseId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the surface is reckoned with, and what its colours mean; for the legend.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct DensityScale {
    /// Reach of a case, metres.
    pub bandwidth_m: f64,
    /// Density at the end of the ramp, open cases per km²; follows the densest place in steps.
    pub top_per_km2: f64,
}

impl Default for DensityScale {
    fn default() -> Self {
        Self::of(BANDWIDTH_M)
    }
}

/// Reach of a case where the map is near, metres.
const BANDWIDTH_M: f64 = 220.0;
/// From this zoom on the map is near; the reach doubles with every step out, so that a far city still shows where its
/// cases gather, up to so many doublings.
const NEAR_ZOOM: f64 = 13.0;
const DOUBLINGS_MAX: f64 = 5.0;

/// Of the reach of a near map: the end of the ramp at first, one step of it, and the lowest and highest end it may
/// have, cases per km².
const FIRST_TOP: f64 = 420.0;
const STEP: f64 = 70.0;
const TOP: [f64; 2] = [140.0, 7_000.0];

/// Reach of a case at a zoom, metres.
fn bandwidth_m(zoom: f64) -> f64 {
    let doublings = (NEAR_ZOOM - zoom).ceil().clamp(0.0, DOUBLINGS_MAX);
    BANDWIDTH_M * doublings.exp2()
}

impl DensityScale {
    /// The ramp for a reach, before anything is known of the cases.
    fn of(bandwidth_m: f64) -> Self {
        let mut scale = Self {
            bandwidth_m,
            top_per_km2: 0.0,
        };
        scale.top_per_km2 = FIRST_TOP * scale.thinner();
        scale
    }

    /// How much less one case is in its middle than on a near map: it is spread over more ground.
    fn thinner(&self) -> f64 {
        (BANDWIDTH_M / self.bandwidth_m).powi(2)
    }

    /// The end of the ramp for a densest place: the next whole step. It stays while the densest place lies in its
    /// upper half, so that colours keep their meaning for long.
    fn fit(&mut self, peak_per_km2: f64) {
        let [step, low, high] = [STEP, TOP[0], TOP[1]].map(|v| v * self.thinner());
        let wanted = ((peak_per_km2 / step).ceil() * step).clamp(low, high);
        if peak_per_km2 > self.top_per_km2 || wanted < self.top_per_km2 * 0.5 {
            self.top_per_km2 = wanted;
        }
    }
}

/// Side of a cell in bandwidths, and most cells along a side.
const CELL_BANDWIDTHS: f64 = 1.0 / 6.0;
const SIDE_MAX: f64 = 1_024.0;

/// Densities ready for the GPU.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surface {
    /// Columns and rows.
    pub size: UVec2,
    /// Shares of the ramp, row by row from the south; more than 1 is drawn as 1.
    pub values: Vec<f32>,
    /// Mercator of the south-west and the north-east corner.
    pub corners: [[f64; 2]; 2],
}

/// The surface as it is now.
#[derive(Resource, Debug, Default)]
pub struct Density {
    field: Option<Field>,
    surface: Arc<Surface>,
    version: u64,
    fade_left_s: f32,
    frozen: Option<u64>,
}

#[derive(Debug)]
struct Field {
    bounds: GeoBox,
    bandwidth_m: f64,
    frame: LocalFrame,
    grid: DensityGrid,
    inside: BTreeMap<CaseId, Metres>,
    drawn: u64,
}

impl Field {
    fn new(bounds: GeoBox, scale: DensityScale) -> Option<Self> {
        let frame = LocalFrame::new(bounds.min);
        let corner = frame.metres(bounds.max);
        let widest = corner.east_m.max(corner.north_m);
        let cell_m = (scale.bandwidth_m * CELL_BANDWIDTHS).max(widest / SIDE_MAX);
        let grid = DensityGrid::new(
            Metres::default(),
            corner.east_m,
            corner.north_m,
            cell_m,
            Kernel::Quartic,
            scale.bandwidth_m,
        );
        let grid = grid
            .map_err(|error| error!("no density surface: {error}"))
            .ok()?;
        Some(Self {
            bounds,
            bandwidth_m: scale.bandwidth_m,
            frame,
            grid,
            inside: BTreeMap::new(),
            drawn: u64::MAX,
        })
    }

    /// Adds, moves or takes away what differs from the mirror's open cases.
    fn follow<'a>(
        &mut self,
        cases: impl Iterator<Item = (CaseId, Option<&'a chengtu_engine::stream::CaseView>)>,
    ) {
        for (id, case) in cases {
            let at = case
                .filter(|c| c.stage.is_open())
                .and_then(|c| LonLat::new(c.lon, c.lat).position().ok());
            let at = at.map(|p: Position| self.frame.metres(p));
            let known = self.inside.get(&id).copied();
            if known == at {
                continue;
            }
            if let Some(known) = known {
                self.grid.remove(known);
                self.inside.remove(&id);
            }
            if let Some(at) = at {
                self.grid.add(at);
                self.inside.insert(id, at);
            }
        }
    }

    fn surface(&self, top_per_km2: f64) -> Surface {
        let [rows, cols] = self.grid.shape();
        let corner = |m: Metres| mercator_from_lon_lat(self.frame.position(m).lon_lat());
        Surface {
            size: UVec2::new(cols as u32, rows as u32),
            values: self
                .grid
                .values()
                .map(|v| (v / top_per_km2) as f32)
                .collect(),
            corners: [corner(self.grid.origin()), corner(self.grid.corner())],
        }
    }
}

/// Reckons and draws the surface.
pub struct DensityPlugin;

impl Plugin for DensityPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Density>()
            .init_resource::<DensityScale>()
            .add_systems(Update, follow.in_set(LiveSystems::Layout))
            .add_plugins(gpu::DensityGpuPlugin);
    }
}

fn follow(
    city: Res<City>,
    mut scale: ResMut<DensityScale>,
    layers: Res<LayerVisibility>,
    time: Res<Time>,
    camera: Res<MapCamera>,
    adapter: Option<Res<RenderAdapterInfo>>,
    mut changed: MessageReader<CityChanged>,
    mut density: ResMut<Density>,
) {
    let mirror = &city.mirror;
    let Some(hello) = &mirror.hello else { return };
    let (west, south, east, north) = hello.city.bounds;
    let (Ok(sw), Ok(ne)) = (
        LonLat::new(west, south).position(),
        LonLat::new(east, north).position(),
    ) else {
        return;
    };
    let bounds = GeoBox::new(sw, ne);
    let density = &mut *density;
    let reach_m = bandwidth_m(camera.zoom);
    if scale.bandwidth_m != reach_m {
        *scale = DensityScale::of(reach_m);
    }
    let mut anew = density
        .field
        .as_ref()
        .is_none_or(|f| f.bounds != bounds || f.bandwidth_m != scale.bandwidth_m);
    if anew {
        density.field = Field::new(bounds, *scale);
    }
    let Some(field) = &mut density.field else {
        return;
    };
    for CityChanged(c) in changed.read() {
        anew |= c.reset;
        if !anew {
            field.follow(c.cases.iter().map(|id| (*id, mirror.cases.get(id))));
        }
    }
    if anew {
        let gone: Vec<CaseId> = field
            .inside
            .keys()
            .filter(|id| !mirror.cases.contains_key(id))
            .copied()
            .collect();
        field.follow(gone.into_iter().map(|id| (id, None)));
        field.follow(mirror.cases.iter().map(|(id, c)| (*id, Some(c))));
    }
    density.fade_left_s -= time.delta_secs();
    if anew {
        // Everything is another: the surface of before is no surface to fade from.
        density.fade_left_s = 0.0;
    }
    let frozen = city.frozen_frame();
    let another = frozen.is_some() && density.frozen != frozen;
    density.frozen = frozen;
    if another {
        // The same moment looks the same however it was reached: no fade, no memory of the ramp's end.
        density.fade_left_s = 0.0;
        field.drawn = u64::MAX;
        *scale = DensityScale::of(scale.bandwidth_m);
    }
    // One fade at a time: what changes meanwhile is in the next.
    if layers.density && field.drawn != field.grid.version() && density.fade_left_s <= 0.0 {
        field.drawn = field.grid.version();
        scale.fit(field.grid.peak());
        density.surface = Arc::new(field.surface(scale.top_per_km2));
        density.version += 1;
        density.fade_left_s = gpu::fade_min_s(adapter.as_deref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample;
    use chengtu_engine::city::Severity;
    use chengtu_engine::ids::ClassId;
    use chengtu_engine::model::{CaseSource, Stage};
    use chengtu_engine::stream::{CaseView, MirrorChanges, ServerMessage};
    use chengtu_engine::time::Timestamp;

    fn case(id: u64, lon: f64, stage: Stage) -> CaseView {
        CaseView {
            id: CaseId(id),
            class: ClassId(0),
            severity: Severity::Normal,
            lon,
            lat: 32.05,
            address: String::new(),
            note: String::new(),
            source: CaseSource::Operator(String::new()),
            occurred_at: Timestamp(0),
            stage,
            history: vec![],
            filed_at: None,
            due_at: None,
            overdue: false,
            units: vec![],
            handled_by: None,
            rework: 0,
            reports: 1,
            maybe_same_as: None,
        }
    }

    /// The first surface was that of a city whose cases had not come yet, and stood for as long as surfaces stand.
    #[test]
    fn a_snapshot_is_drawn_at_once() {
        let mut app = App::new();
        let mut city = City::default();
        let hello = ServerMessage::Hello(Box::new(sample::hello()));
        city.take(&hello, std::time::Instant::now()).unwrap();
        app.insert_resource(city)
            .init_resource::<Density>()
            .init_resource::<DensityScale>()
            .init_resource::<LayerVisibility>()
            .init_resource::<Time>()
            .init_resource::<MapCamera>()
            .add_message::<CityChanged>()
            .add_systems(Update, follow);
        app.update();
        let drawn = |app: &App| {
            let density = app.world().resource::<Density>();
            let peak = density.surface.values.iter().copied().fold(0.0, f32::max);
            (density.version, peak)
        };
        assert_eq!(drawn(&app), (1, 0.0), "nothing is known yet");
        app.world_mut().resource_mut::<City>().mirror = sample::city();
        app.world_mut().write_message(CityChanged(MirrorChanges {
            reset: true,
            ..MirrorChanges::default()
        }));
        app.update();
        let (version, peak) = drawn(&app);
        assert!(version == 2 && peak > 0.0, "{version} {peak}");
        // One case more waits for its turn.
        let mut mirror = sample::city();
        let (id, case) = mirror.cases.pop_first().expect("a case");
        app.world_mut().resource_mut::<City>().mirror = mirror;
        drop(case);
        app.world_mut().write_message(CityChanged(MirrorChanges {
            cases: [id].into(),
            ..MirrorChanges::default()
        }));
        app.update();
        assert_eq!(drawn(&app).0, 2);
    }

    #[test]
    fn the_ramp_ends_above_the_densest_place_and_keeps_its_meaning_for_long() {
        let mut scale = DensityScale::default();
        let mut top = |peak| {
            scale.fit(peak);
            scale.top_per_km2
        };
        assert_eq!([top(300.0), top(215.0), top(190.0)], [420.0, 420.0, 420.0]);
        assert_eq!(
            [top(130.0), top(0.0), top(141.0), top(139.0)],
            [140.0, 140.0, 210.0, 210.0]
        );
    }

    #[test]
    fn a_far_map_spreads_cases_wider_and_its_ramp_ends_lower() {
        assert_eq!(
            [16.0, 13.0, 12.9, 11.6, 2.0].map(bandwidth_m),
            [220.0, 220.0, 440.0, 880.0, 7_040.0]
        );
        let mut far = DensityScale::of(880.0);
        let mut near = DensityScale::of(220.0);
        // As many cases at one place are as bright near and far.
        near.fit(500.0);
        far.fit(500.0 / 16.0);
        assert!((far.top_per_km2 * 16.0 - near.top_per_km2).abs() < 1e-9);
    }

    #[test]
    fn the_surface_follows_cases_exactly_whatever_order_they_come_and_go_in() {
        let bounds = GeoBox::new(
            Position::new(1_187_000_000, 320_000_000),
            Position::new(1_188_500_000, 321_000_000),
        );
        let build = || Field::new(bounds, DensityScale::default()).unwrap();
        let (mut a, mut b) = (build(), build());
        let one = case(1, 118.75, Stage::Filed);
        let two = case(2, 118.752, Stage::Filed);
        let closed = case(2, 118.752, Stage::Closed);
        a.follow([(one.id, Some(&one)), (two.id, Some(&two))].into_iter());
        a.follow([(two.id, Some(&closed))].into_iter());
        b.follow([(one.id, Some(&one))].into_iter());
        assert_eq!(a.surface(1.0), b.surface(1.0));
        let peak = a.surface(1.0).values.iter().copied().fold(0.0, f32::max);
        let of_one = 3.0 / (std::f64::consts::PI * 0.22 * 0.22);
        assert!(
            (f64::from(peak) / of_one - 1.0).abs() < 0.05,
            "{peak} {of_one}"
        );
        a.follow([(one.id, None)].into_iter());
        assert!(a.surface(1.0).values.iter().all(|v| *v == 0.0));
    }
}
