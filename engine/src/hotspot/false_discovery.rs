/// Probabilities adjusted for their number, in the order given: reject where the adjusted value is at most the accepted
/// rate of false discoveries.
///
/// Source: Benjamini and Hochberg 1995. Cost: n log n.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]).then(a.cmp(b)));
    let mut result = vec![1.0; p.len()];
    let mut least = 1.0f64;
    for (rank, index) in order.iter().enumerate().rev() {
        least = least.min(p[*index] * p.len() as f64 / (rank + 1) as f64);
        result[*index] = least;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_comes_out() {
        // Benjamini and Hochberg 1995, section 4.1: at 0.05 the four smallest of these fifteen are rejected.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let q = benjamini_hochberg(&p);
        assert_eq!(q.iter().filter(|q| **q <= 0.05).count(), 4);
        assert!((q[3] - 0.0095 * 15.0 / 4.0).abs() < 1e-12 && q.is_sorted());
        let mut reversed = p;
        reversed.reverse();
        let mut back = benjamini_hochberg(&reversed);
        back.reverse();
        assert_eq!(back, q);
    }
}
