//! Distance fields from coverage, so that glyphs and icons stay sharp at any size and can have a halo.

/// Turns 8-bit coverage into a signed distance field with `pad` pixels around it: 0 at `pad` pixels outside the
/// outline, 255 at `pad` pixels inside, the outline itself at [`EDGE`].
///
/// Returns the field and its size. Source: Felzenszwalb and Huttenlocher 2012 (distance transforms), with the
/// sub-pixel start values of Mapbox's TinySDF. Cost: a few passes over the pixels.
pub fn distance_field(
    coverage: &[u8],
    width: usize,
    height: usize,
    pad: usize,
) -> (Vec<u8>, [usize; 2]) {
    const FAR: f32 = 1e10;
    let (w, h) = (width + 2 * pad, height + 2 * pad);
    let mut outer = vec![FAR; w * h];
    let mut inner = vec![0.0f32; w * h];
    for y in 0..height {
        for x in 0..width {
            let a = f32::from(coverage.get(y * width + x).copied().unwrap_or(0)) / 255.0;
            let i = (y + pad) * w + x + pad;
            if a >= 1.0 {
                (outer[i], inner[i]) = (0.0, FAR);
            } else if a > 0.0 {
                let d = 0.5 - a;
                outer[i] = if d > 0.0 { d * d } else { 0.0 };
                inner[i] = if d < 0.0 { d * d } else { 0.0 };
            }
        }
    }
    transform(&mut outer, w, h);
    transform(&mut inner, w, h);
    let radius = pad.max(1) as f32;
    let field = outer
        .iter()
        .zip(&inner)
        .map(|(o, i)| {
            let outside_px = o.sqrt() - i.sqrt();
            ((EDGE - outside_px / radius * EDGE).clamp(0.0, 1.0) * 255.0).round() as u8
        })
        .collect();
    (field, [w, h])
}

/// Value of the field on the outline, 0 … 1.
pub const EDGE: f32 = 0.5;

fn transform(grid: &mut [f32], width: usize, height: usize) {
    let longest = width.max(height);
    let mut line = vec![0.0; longest];
    let mut hull = vec![0usize; longest];
    let mut border = vec![0.0f32; longest + 1];
    for x in 0..width {
        transform_line(grid, x, width, height, &mut line, &mut hull, &mut border);
    }
    for y in 0..height {
        transform_line(grid, y * width, 1, width, &mut line, &mut hull, &mut border);
    }
}

fn transform_line(
    grid: &mut [f32],
    start: usize,
    stride: usize,
    n: usize,
    line: &mut [f32],
    hull: &mut [usize],
    border: &mut [f32],
) {
    for q in 0..n {
        line[q] = grid[start + q * stride];
    }
    hull[0] = 0;
    border[0] = f32::NEG_INFINITY;
    border[1] = f32::INFINITY;
    let mut k = 0usize;
    for q in 1..n {
        let meet = |r: usize| {
            let (qf, rf) = (q as f32, r as f32);
            (line[q] - line[r] + qf * qf - rf * rf) / (qf - rf) / 2.0
        };
        let mut s = meet(hull[k]);
        while s <= border[k] && k > 0 {
            k -= 1;
            s = meet(hull[k]);
        }
        k += 1;
        hull[k] = q;
        border[k] = s;
        border[k + 1] = f32::INFINITY;
    }
    k = 0;
    for q in 0..n {
        while border[k + 1] < q as f32 {
            k += 1;
        }
        let d = q as f32 - hull[k] as f32;
        grid[start + q * stride] = line[hull[k]] + d * d;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_falls_evenly_across_the_outline() {
        // A square of 16 × 16 full pixels.
        let (field, [w, h]) = distance_field(&[255; 256], 16, 16, 8);
        assert_eq!([w, h], [32, 32]);
        let row: Vec<f32> = (0..32)
            .map(|x| f32::from(field[16 * w + x]) / 255.0)
            .collect();
        // The outline lies halfway between the last pixel outside and the first inside.
        assert!(
            (f32::midpoint(row[7], row[8]) - EDGE).abs() < 0.01,
            "{row:?}"
        );
        assert!(
            (row[10] - row[9] - 1.0 / 16.0).abs() < 0.01
                && (row[6] - row[5] - 1.0 / 16.0).abs() < 0.01
        );
        assert!(row[0] < 0.02 && row[15] > 0.9);
    }

    #[test]
    fn nothing_stays_nothing() {
        let (field, _) = distance_field(&[0; 64], 8, 8, 4);
        assert!(field.iter().all(|v| *v == 0));
    }
}
