use super::motion::{GlideLimits, JUMP_M};
use crate::facts::world::{short, world_words};
use crate::i18n::Lang;
use crate::look::{Rgba8, Tokens};
use bevy::prelude::Resource;
use chengtu_engine::city::Severity;
use chengtu_engine::model::UnitStatus;

/// How a status of a unit looks.
#[derive(Clone, Copy, Debug)]
pub struct StatusStyle {
    /// Ring, dot, trail.
    pub color: Rgba8,
    /// Disc or square under the glyph.
    pub body: Rgba8,
    /// The trade's glyph.
    pub glyph: Rgba8,
}

/// The tokens that live layers use, looked up once. Lengths are logical pixels at scale factor 1, times seconds.
#[derive(Resource, Clone, Debug)]
#[allow(missing_docs)] // Each field is the token of the same name.
pub struct LiveStyle {
    /// 特急, 紧急, 一般, 轻微: colour and factor on the radius.
    pub severity: [(Rgba8, f32); 4],
    /// By [`UnitStatus`], in its order.
    pub status: [StatusStyle; 5],
    pub marker_body: Rgba8,
    pub ring_track: Rgba8,
    pub ring: Rgba8,
    pub ring_late: Rgba8,
    pub ring_overdue: Rgba8,
    pub selected: Rgba8,
    pub hover: Rgba8,
    pub followers: Rgba8,
    pub cluster_body: Rgba8,
    pub sensor_normal: Rgba8,
    pub sensor_warning: Rgba8,
    pub sensor_alarm: Rgba8,
    pub sensor_stale: Rgba8,
    pub sensor_fault: Rgba8,
    pub panel: Rgba8,
    pub line_strong: Rgba8,
    pub t1: Rgba8,
    pub t2: Rgba8,
    pub t3: Rgba8,
    pub t4: Rgba8,
    pub on_light: Rgba8,
    pub action: Rgba8,
    pub halo: Rgba8,
    pub contour: Rgba8,
    /// Both colours of a closed road: light, dark.
    pub closed: [Rgba8; 2],
    /// Where somebody else was looking, in a replay.
    pub view: Rgba8,
    pub case_radius: f32,
    pub case_ring: f32,
    pub case_selected_radius: f32,
    pub case_stem: f32,
    pub unit_radius: f32,
    pub unit_heading: f32,
    pub unit_dot: f32,
    pub cluster_radius: [f32; 2],
    pub cluster_from: usize,
    pub ring_px: f32,
    pub selected_px: f32,
    pub callout_height: f32,
    pub stale_s: f64,
    pub offline_s: f64,
    pub link_lost_s: f32,
    pub age_ring_late: f32,
    pub pulse_s: f64,
    pub glide_max_s: f64,
    pub late_fix_blend_s: f64,
    pub heat_s: f32,
    pub trail_s: f64,
    pub small_px: f32,
    pub badge_px: f32,
    pub row_px: f32,
    pub wall_scale: f32,
    /// The drill's colour.
    pub drill: Rgba8,
    /// Its words as written on the map, of a Chinese and of an English desk.
    pub drill_words: [String; 2],
}

impl LiveStyle {
    /// Looks everything up.
    pub fn new(t: &Tokens) -> Self {
        let severity = |n: usize| {
            (
                t.color(&format!("severity.s{n}")),
                t.number(&format!("severity_form.s{n}.scale")),
            )
        };
        let status = |name: &str| StatusStyle {
            color: t.color(&format!("unit.{name}")),
            body: t.color(&format!("unit_form.{name}.body")),
            glyph: t.color(&format!("unit_form.{name}.glyph")),
        };
        let radii = t.numbers("size.cluster_radius");
        Self {
            severity: [1, 2, 3, 4].map(severity),
            status: [
                "available",
                "assigned",
                "en_route",
                "on_scene",
                "out_of_service",
            ]
            .map(status),
            marker_body: t.color("marker.body"),
            ring_track: t.color("marker.ring_track"),
            ring: t.color("marker.ring"),
            ring_late: t.color("marker.ring_late"),
            ring_overdue: t.color("marker.ring_overdue"),
            selected: t.color("marker.selected"),
            hover: t.color("marker.hover"),
            followers: t.color("marker.followers"),
            cluster_body: t.color("marker.cluster_body"),
            sensor_normal: t.color("sensor.normal"),
            sensor_warning: t.color("sensor.warning"),
            sensor_alarm: t.color("sensor.alarm"),
            sensor_stale: t.color("sensor.stale"),
            sensor_fault: t.color("sensor.fault"),
            panel: t.color("surface.panel"),
            line_strong: t.color("surface.line_strong"),
            t1: t.color("text.t1"),
            t2: t.color("text.t2"),
            t3: t.color("text.t3"),
            t4: t.color("text.t4"),
            on_light: t.color("text.on_light"),
            action: t.color("action.base"),
            halo: t.color("map_text.halo"),
            contour: t.color("ramp.contour"),
            closed: [t.color("route.closed.0"), t.color("route.closed.1")],
            view: t.color("world_chrome.replay.text_3"),
            case_radius: t.number("size.case_radius"),
            case_ring: t.number("size.case_ring"),
            case_selected_radius: t.number("size.case_selected_radius"),
            case_stem: t.number("size.case_stem"),
            unit_radius: t.number("size.unit_radius"),
            unit_heading: t.number("size.unit_heading"),
            unit_dot: t.number("size.unit_dot"),
            cluster_radius: [
                radii.first().copied().unwrap_or(13.0),
                radii.get(1).copied().unwrap_or(22.0),
            ],
            cluster_from: (t.number("size.cluster_from") as usize).max(2),
            ring_px: t.number("stroke.ring"),
            selected_px: t.number("stroke.selected"),
            callout_height: t.number("size.callout_height"),
            stale_s: f64::from(t.number("state.stale_s")),
            offline_s: f64::from(t.number("state.offline_s")),
            link_lost_s: t.number("state.link_lost_s"),
            age_ring_late: t.number("state.age_ring_late"),
            pulse_s: f64::from(t.seconds("motion.pulse")),
            glide_max_s: f64::from(t.seconds("motion.glide_max")),
            late_fix_blend_s: f64::from(t.seconds("motion.late_fix_blend")),
            heat_s: t.seconds("motion.heat"),
            trail_s: f64::from(t.number("route.trail_s")),
            small_px: t.text("type.desk.small")[0],
            badge_px: t.text("type.desk.badge")[0],
            row_px: t.text("type.desk.row")[0],
            wall_scale: t.number("stroke.wall_scale"),
            drill: t.color("world.drill"),
            drill_words: [Lang::Zh, Lang::En].map(|l| short(world_words(t, "drill", l)).to_owned()),
        }
    }

    /// What glides are bound by; `blends` as in [`crate::net::City::blends`].
    pub fn glide_limits(&self, blends: bool) -> GlideLimits {
        GlideLimits {
            glide_max_s: self.glide_max_s,
            blend_s: self.late_fix_blend_s,
            jump_m: if blends { JUMP_M } else { 0.0 },
        }
    }

    /// Colour and size factor of a severity.
    pub fn severity(&self, severity: Severity) -> (Rgba8, f32) {
        self.severity[rank(severity)]
    }

    /// How a unit of a status looks.
    pub fn status(&self, status: UnitStatus) -> StatusStyle {
        self.status[match status {
            UnitStatus::Available => 0,
            UnitStatus::Assigned => 1,
            UnitStatus::EnRoute => 2,
            UnitStatus::OnScene => 3,
            UnitStatus::OutOfService => 4,
        }]
    }
}

/// 0 for the gravest, 3 for the slightest.
pub fn rank(severity: Severity) -> usize {
    match severity {
        Severity::Severe => 0,
        Severity::Urgent => 1,
        Severity::Normal => 2,
        Severity::Slight => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_used_here_is_in_the_shipped_file() {
        let style = LiveStyle::new(&Tokens::shipped().unwrap());
        let magenta = Rgba8([255, 0, 255, 255]);
        let text = format!("{style:?}");
        assert!(!text.contains(&format!("{magenta:?}")), "{text}");
        let sizes = [
            style.case_radius,
            style.unit_dot,
            style.ring_px,
            style.age_ring_late,
            style.wall_scale,
        ];
        assert!(sizes.iter().all(|v| *v > 0.0), "{sizes:?}");
        assert!(style.pulse_s > 0.0 && style.trail_s > 0.0 && style.glide_max_s > 0.0);
    }
}
