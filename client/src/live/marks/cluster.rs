use crate::live::cases::ClusterMark;
use crate::live::paint::{Anchor, Letters, Pen, TextStyle};
use crate::live::style::LiveStyle;

/// Width of the donut.
const DONUT: f32 = 3.2;
/// Rim of the dark disc outside the donut, logical pixels.
pub const CLUSTER_RIM: f32 = 2.0;
/// Gap between its parts, logical pixels.
const GAP: f32 = 1.6;

/// A cluster: how many, and a donut of their severities.
pub fn cluster(
    pen: &mut Pen<'_>,
    letters: Option<&mut Letters>,
    style: &LiveStyle,
    mark: &ClusterMark,
    hovered: bool,
) {
    let r = mark.radius(style.cluster_radius);
    let c = mark.centre;
    let ring = r - DONUT / 2.0;
    pen.disc(c, r + CLUSTER_RIM, style.marker_body);
    pen.disc(c, r, style.cluster_body);
    let total: u32 = mark.by_severity.iter().sum();
    let parts = mark.by_severity.iter().filter(|n| **n > 0).count();
    let gap = if parts > 1 {
        GAP / (std::f32::consts::TAU * ring)
    } else {
        0.0
    };
    let mut from = 0.0;
    for (n, (color, _)) in mark.by_severity.iter().zip(style.severity) {
        let to = from + *n as f32 / total.max(1) as f32;
        if *n > 0 {
            pen.arc(c, ring, DONUT, [from + gap / 2.0, to - gap / 2.0], color);
        }
        from = to;
    }
    if hovered {
        pen.ring(c, r + 4.5, 1.4, style.hover);
    }
    if let Some(letters) = letters {
        let n = mark.members.len();
        let size = if n < 100 {
            style.row_px
        } else {
            style.small_px
        };
        pen.text(
            letters,
            c,
            &n.to_string(),
            TextStyle::new(size, style.t1).bold(),
            Anchor::Middle,
        );
    }
}
