use super::pen::Pen;
use bevy_egui::egui::epaint::PathStroke;
use bevy_egui::egui::{
    Color32, CornerRadius, Pos2, Rect, Shape, Stroke, StrokeKind, TextureId, Vec2, pos2, vec2,
};
use chengtu_engine::city::Severity;
use chengtu_engine::model::UnitStatus;
use std::f32::consts::{PI, TAU};

impl Pen<'_> {
    /// The shape of a severity: diamond, triangle, square, circle. `radius` is that of the tokens, before the
    /// scale that makes all four look equally large.
    pub fn severity(&self, centre: Pos2, radius: f32, severity: Severity) {
        self.severity_in(centre, radius, severity, self.skin.severity(severity));
    }

    /// The shape of a severity in another colour.
    pub fn severity_in(&self, centre: Pos2, radius: f32, severity: Severity, color: Color32) {
        let r = radius * self.skin.shape_scale(severity);
        let p = |x: f32, y: f32| centre + vec2(x, y) * r;
        let shape = match severity {
            Severity::Severe => Shape::convex_polygon(
                vec![p(0.0, -1.0), p(1.0, 0.0), p(0.0, 1.0), p(-1.0, 0.0)],
                color,
                Stroke::NONE,
            ),
            Severity::Urgent => {
                // The triangle's weight lies low: lifted so that it looks centred.
                let (s, c) = (3f32.sqrt() / 2.0, 0.5);
                Shape::convex_polygon(
                    vec![p(0.0, -0.92), p(s, c + 0.08), p(-s, c + 0.08)],
                    color,
                    Stroke::NONE,
                )
            }
            Severity::Normal => Shape::rect_filled(
                Rect::from_center_size(centre, Vec2::splat(2.0 * r)),
                CornerRadius::ZERO,
                color,
            ),
            Severity::Slight => Shape::circle_filled(centre, r, color),
        };
        self.painter.add(shape);
    }

    /// The form of a status: hollow ring, half filled ring, disc, square, dashed ring, with the glyph of the trade.
    pub fn unit(&self, centre: Pos2, radius: f32, status: UnitStatus, glyph: Option<TextureId>) {
        let c = self.skin.unit(status);
        let width = (radius * 0.21).max(1.4);
        let ring = radius - width / 2.0;
        match status {
            UnitStatus::Available => {
                self.painter.circle_filled(centre, ring, c.body);
                self.painter
                    .circle_stroke(centre, ring, Stroke::new(width, c.main));
            }
            UnitStatus::Assigned => {
                self.painter.circle_filled(centre, ring, c.body);
                let half: Vec<_> = (0..=16)
                    .map(|i| centre + Vec2::angled(PI * i as f32 / 16.0) * ring)
                    .collect();
                self.painter.add(Shape::convex_polygon(
                    half,
                    c.main.gamma_multiply(0.42),
                    Stroke::NONE,
                ));
                self.painter
                    .circle_stroke(centre, ring, Stroke::new(width, c.main));
            }
            UnitStatus::EnRoute => {
                self.painter.circle_filled(centre, radius, c.main);
            }
            UnitStatus::OnScene => {
                let side = Vec2::splat(radius * 1.8);
                let corner = (radius * 0.38).round() as u8;
                self.painter.rect_filled(
                    Rect::from_center_size(centre, side),
                    CornerRadius::same(corner),
                    c.main,
                );
            }
            UnitStatus::OutOfService => {
                self.painter.circle_filled(centre, ring, c.body);
                self.dashed_ring(centre, ring, Stroke::new(width * 0.8, c.main));
            }
        }
        if let Some(texture) = glyph {
            let side = Vec2::splat(radius * 1.28);
            let uv = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
            self.painter
                .image(texture, Rect::from_center_size(centre, side), uv, c.glyph);
        }
    }

    fn dashed_ring(&self, centre: Pos2, radius: f32, stroke: Stroke) {
        let dashes = (TAU * radius / 5.0).round().max(6.0) as usize;
        for i in 0..dashes {
            let a = TAU * i as f32 / dashes as f32;
            self.arc(centre, radius, a, a + TAU / dashes as f32 * 0.52, stroke);
        }
    }

    /// Part of a circle, angles clockwise from the right.
    pub fn arc(&self, centre: Pos2, radius: f32, from: f32, to: f32, stroke: Stroke) {
        let steps = ((to - from).abs() * radius / 2.0).ceil().clamp(2.0, 96.0) as usize;
        let points = (0..=steps)
            .map(|i| centre + Vec2::angled(from + (to - from) * i as f32 / steps as f32) * radius)
            .collect();
        self.painter.add(Shape::line(
            points,
            PathStroke::new(stroke.width, stroke.color),
        ));
    }

    /// The city's sign: roofs of three heights in one line.
    pub fn logo(&self, centre: Pos2, color: Color32) {
        let p = |x: f32, y: f32| centre + vec2(x, y);
        let stroke = PathStroke::new(1.8, color);
        for line in [
            vec![p(-10.0, 10.0), p(-10.0, -1.0), p(-4.0, -4.5), p(-4.0, 10.0)],
            vec![p(-4.0, -4.5), p(-4.0, -7.0), p(4.0, -11.0), p(4.0, 10.0)],
            vec![p(4.0, -4.0), p(10.0, -1.0), p(10.0, 10.0)],
        ] {
            self.painter.add(Shape::line(line, stroke.clone()));
        }
    }

    /// A magnifying glass.
    pub fn magnifier(&self, centre: Pos2, color: Color32) {
        self.painter
            .circle_stroke(centre + vec2(-1.0, -1.0), 4.6, Stroke::new(1.6, color));
        self.painter.line_segment(
            [centre + vec2(2.4, 2.4), centre + vec2(6.0, 6.0)],
            Stroke::new(1.8, color),
        );
    }

    /// A tick in a disc: acknowledged, done.
    pub fn tick(&self, centre: Pos2, radius: f32, fill: Color32, color: Color32) {
        self.painter.circle_filled(centre, radius, fill);
        let p = |x: f32, y: f32| centre + vec2(x, y) * radius;
        let line = vec![p(-0.45, 0.05), p(-0.1, 0.4), p(0.5, -0.35)];
        self.painter.add(Shape::line(
            line,
            PathStroke::new((radius * 0.28).max(1.2), color),
        ));
    }

    /// Head and shoulders: somebody else is here.
    pub fn person(&self, centre: Pos2, color: Color32) {
        self.painter
            .circle_filled(centre + vec2(0.0, -3.2), 2.7, color);
        let shoulders = Rect::from_center_size(centre + vec2(0.0, 3.0), vec2(9.6, 5.0));
        let round = CornerRadius {
            nw: 4,
            ne: 4,
            sw: 1,
            se: 1,
        };
        self.painter.rect_filled(shoulders, round, color);
    }

    /// A cross: close.
    pub fn cross(&self, centre: Pos2, half: f32, color: Color32) {
        for (a, b) in [((-1.0, -1.0), (1.0, 1.0)), ((1.0, -1.0), (-1.0, 1.0))] {
            let p = |(x, y): (f32, f32)| centre + vec2(x, y) * half;
            self.painter
                .line_segment([p(a), p(b)], Stroke::new(1.5, color));
        }
    }

    /// An angle pointing to the left: back.
    pub fn back(&self, centre: Pos2, color: Color32) {
        let p = |x: f32, y: f32| centre + vec2(x, y);
        self.painter.add(Shape::line(
            vec![p(3.0, -5.0), p(-2.5, 0.0), p(3.0, 5.0)],
            PathStroke::new(1.7, color),
        ));
    }

    /// A short arrow up or down: the order of a column.
    pub fn sort_arrow(&self, centre: Pos2, up: bool, color: Color32) {
        let s = if up { -1.0 } else { 1.0 };
        let p = |x: f32, y: f32| centre + vec2(x, y * s);
        self.painter
            .line_segment([p(0.0, -4.5), p(0.0, 4.5)], Stroke::new(1.4, color));
        self.painter.add(Shape::line(
            vec![p(-3.0, 1.5), p(0.0, 4.8), p(3.0, 1.5)],
            PathStroke::new(1.4, color),
        ));
    }

    /// Diagonal hatching: too few to say anything.
    pub fn hatch(&self, rect: Rect, color: Color32) {
        let painter = self
            .painter
            .with_clip_rect(rect.intersect(self.painter.clip_rect()));
        let mut x = rect.min.x - rect.height();
        while x < rect.max.x {
            let line = [pos2(x, rect.max.y), pos2(x + rect.height(), rect.min.y)];
            painter.line_segment(line, Stroke::new(1.0, color));
            x += 8.0;
        }
    }

    /// A ring around whatever has the keyboard.
    pub fn focus_ring(&self, rect: Rect, radius: u8) {
        let stroke = Stroke::new(1.5, self.skin.action);
        self.painter
            .rect_stroke(rect, CornerRadius::same(radius), stroke, StrokeKind::Inside);
    }
}
