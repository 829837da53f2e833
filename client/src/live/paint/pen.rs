use super::{Prim, PrimKind, rgba};
use crate::look::Rgba8;
use crate::render::IconUv;
use crate::render::{ICON_PAD, ICON_PX};
use bevy::math::Vec2;

/// Paints primitives into a list, all with one opacity and one scale about nothing: sizes are multiplied, places are
/// not.
pub struct Pen<'a> {
    list: &'a mut Vec<Prim>,
    /// Share of every colour's opacity.
    pub opacity: f32,
    /// Factor on every size.
    pub scale: f32,
}

impl<'a> Pen<'a> {
    /// A pen at full opacity.
    pub fn new(list: &'a mut Vec<Prim>, scale: f32) -> Self {
        Self {
            list,
            opacity: 1.0,
            scale,
        }
    }

    fn color(&self, color: Rgba8) -> u32 {
        rgba(color, self.opacity)
    }

    /// Adds a primitive as it is.
    pub fn push(&mut self, prim: Prim) {
        self.list.push(prim);
    }

    /// A filled disc.
    pub fn disc(&mut self, centre: Vec2, radius: f32, fill: Rgba8) {
        let half = Vec2::splat(radius * self.scale);
        self.list
            .push(Prim::new(PrimKind::Disc, centre, half, self.color(fill)));
    }

    /// A ring whose middle line has this radius.
    pub fn ring(&mut self, centre: Vec2, radius: f32, width: f32, color: Rgba8) {
        self.dashed_ring(centre, radius, width, color, [0.0, 0.0]);
    }

    /// A ring in dashes of `[dash, gap]` px.
    pub fn dashed_ring(
        &mut self,
        centre: Vec2,
        radius: f32,
        width: f32,
        color: Rgba8,
        dash: [f32; 2],
    ) {
        let half = Vec2::splat((radius + width / 2.0) * self.scale);
        let mut prim = Prim::new(PrimKind::Disc, centre, half, 0)
            .outlined(self.color(color), width * self.scale);
        prim.p = [dash[0] * self.scale, dash[1] * self.scale, 0.0, 0.0];
        self.list.push(prim);
    }

    /// Part of a ring, clockwise, in turns after twelve o'clock.
    pub fn arc(&mut self, centre: Vec2, radius: f32, width: f32, turns: [f32; 2], color: Rgba8) {
        if turns[1] <= turns[0] {
            return;
        }
        let half = Vec2::splat(radius * self.scale);
        let mut prim = Prim::new(PrimKind::Arc, centre, half, 0)
            .outlined(self.color(color), width * self.scale);
        prim.p = [turns[0], turns[1], 0.0, 0.0];
        self.list.push(prim);
    }

    /// A rectangle with round corners and an outline inside its edge; `dash` `[0, 0]` is solid.
    pub fn plate(
        &mut self,
        centre: Vec2,
        half: Vec2,
        radius: f32,
        fill: Rgba8,
        line: (Rgba8, f32),
        dash: [f32; 2],
    ) {
        let mut prim = Prim::new(PrimKind::Box, centre, half * self.scale, self.color(fill))
            .outlined(self.color(line.0), line.1 * self.scale);
        prim.p = [
            dash[0] * self.scale,
            dash[1] * self.scale,
            radius * self.scale,
            0.0,
        ];
        self.list.push(prim);
    }

    /// A filled rectangle with round corners.
    pub fn rect(&mut self, centre: Vec2, half: Vec2, radius: f32, fill: Rgba8) {
        self.plate(
            centre,
            half,
            radius,
            fill,
            (Rgba8::default(), 0.0),
            [0.0, 0.0],
        );
    }

    /// A square on its corner.
    pub fn diamond(&mut self, centre: Vec2, radius: f32, fill: Rgba8) {
        let half = Vec2::splat(radius * self.scale);
        self.list
            .push(Prim::new(PrimKind::Diamond, centre, half, self.color(fill)));
    }

    /// The outline of a square on its corner.
    pub fn diamond_ring(&mut self, centre: Vec2, radius: f32, width: f32, color: Rgba8) {
        let half = Vec2::splat((radius + width) * self.scale);
        self.list.push(
            Prim::new(PrimKind::DiamondRing, centre, half, 0)
                .outlined(self.color(color), width * self.scale),
        );
    }

    /// A triangle with its point up, about its middle.
    pub fn triangle(&mut self, centre: Vec2, radius: f32, fill: Rgba8) {
        let half = Vec2::splat(radius * self.scale);
        self.list.push(Prim::new(
            PrimKind::Triangle,
            centre,
            half,
            self.color(fill),
        ));
    }

    /// A straight line; `dash` `[0, 0]` is solid.
    pub fn line(&mut self, from: Vec2, to: Vec2, width: f32, color: Rgba8, dash: [f32; 2]) {
        let v = (to - from) / 2.0;
        let width = width * self.scale;
        let mut prim = Prim::new(PrimKind::Line, from + v, v.abs() + width / 2.0, 0)
            .outlined(self.color(color), width);
        prim.p = [dash[0] * self.scale, dash[1] * self.scale, 0.0, 0.0];
        prim.q = [v.x, v.y, 0.0, 0.0];
        self.list.push(prim);
    }

    /// An icon, `size` px across.
    pub fn icon(&mut self, centre: Vec2, size: f32, uv: IconUv, fill: Rgba8) {
        let size = size * self.scale;
        let cell = (ICON_PX + 2 * ICON_PAD) as f32 / ICON_PX as f32;
        let mut prim = Prim::new(
            PrimKind::Icon,
            centre,
            Vec2::splat(size / 2.0 * cell),
            self.color(fill),
        );
        prim.p[0] = 2.0 * ICON_PAD as f32 * size / ICON_PX as f32;
        prim.q = [uv.min.x, uv.min.y, uv.max.x, uv.max.y];
        self.list.push(prim);
    }

    /// An arrowhead beyond a disc of `radius`, its point `length` further out, towards `bearing_turns` clockwise
    /// from up.
    pub fn nose(
        &mut self,
        centre: Vec2,
        radius: f32,
        length: f32,
        half_width: f32,
        bearing_turns: f32,
        fill: Rgba8,
    ) {
        let half = Vec2::splat((radius + length) * self.scale);
        let mut prim = Prim::new(PrimKind::Nose, centre, half, self.color(fill));
        prim.p = [
            bearing_turns,
            half_width * self.scale,
            radius * self.scale,
            0.0,
        ];
        self.list.push(prim);
    }

    /// The lower half of a disc.
    pub fn lower_half(&mut self, centre: Vec2, radius: f32, fill: Rgba8) {
        let half = Vec2::splat(radius * self.scale);
        self.list.push(Prim::new(
            PrimKind::LowerHalf,
            centre,
            half,
            self.color(fill),
        ));
    }
}
