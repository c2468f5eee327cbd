//! Correlations, and the distance of two distributions.

use crate::order;

/// How well measured values follow predicted ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Pearson's correlation, -1 to 1.
    pub pearson: f64,
    /// Of the line of least squares: how much is measured for each unit predicted.
    pub slope: f64,
}

/// Fits measured values to predicted ones, as many. None where one side does not vary.
pub fn fit(predicted: &[f64], measured: &[f64]) -> Option<Fit> {
    let (x, y) = (mean(predicted)?, mean(measured)?);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (predicted, measured) in predicted.iter().zip(measured) {
        let (dx, dy) = (predicted - x, measured - y);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    (xx > 0.0 && yy > 0.0).then(|| Fit {
        pearson: xy / (xx * yy).sqrt(),
        slope: xy / xx,
    })
}

/// Spearman's rank correlation, -1 to 1. None where one side does not vary.
pub fn spearman(x: &[f64], y: &[f64]) -> Option<f64> {
    fit(&ranks(x), &ranks(y)).map(|fit| fit.pearson)
}

/// Ranks from 1 on; equal values share the mean of theirs.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let order = order::indices(values.len(), &|a, b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for equal in order.chunk_by(|a, b| values[*a] == values[*b]) {
        for i in equal {
            ranks[*i] = below as f64 + (equal.len() as f64 + 1.0) / 2.0;
        }
        below += equal.len();
    }
    ranks
}

/// The Kullback-Leibler divergence of two softmax distributions, in nats, from the logits of the
/// first and by how much the second's differ.
pub fn divergence(logits: &[f32], changes: &[f32]) -> f64 {
    let before: Vec<f64> = logits.iter().map(|x| f64::from(*x)).collect();
    let (largest, changes) = (
        before.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        changes.iter().map(|x| f64::from(*x)),
    );
    let powers: Vec<f64> = before.iter().map(|x| (x - largest).exp()).collect();
    let total: f64 = powers.iter().sum();
    // With shares p and changes c it is log(sum p e^c) - sum p c; the mean change is taken away
    // first, since otherwise small divergences are differences of large numbers.
    let shares: Vec<f64> = powers.iter().map(|power| power / total).collect();
    let mean: f64 = shares.iter().zip(changes.clone()).map(|(p, c)| p * c).sum();
    let beyond = shares.iter().zip(changes);
    let sum: f64 = beyond
        .map(|(p, c)| p * ((c - mean).exp_m1() - (c - mean)))
        .sum();
    sum.ln_1p()
}

/// The mean, if there are values.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    }

    #[test]
    fn pearson_and_slope_by_hand() {
        // Means 2 and 4: deviations -1, 0, 1 and -2, 1, 1.
        let fit = fit(&[1.0, 2.0, 3.0], &[2.0, 5.0, 5.0]).unwrap();
        close(fit.pearson, 3.0 / (2.0f64 * 6.0).sqrt());
        close(fit.slope, 1.5);
        assert_eq!(super::fit(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(super::fit(&[], &[]), None);
    }

    #[test]
    fn spearman_shares_the_ranks_of_ties() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0, 3.0]), [4.0, 1.0, 4.0, 2.0, 4.0]);
        close(spearman(&[1.0, 2.0, 9.0], &[-1.0, 5.0, 6.0]).unwrap(), 1.0);
        // Ranks 1.5, 1.5, 3, 4 against 1, 2, 3, 4: deviations -1, -1, 0.5, 1.5 and -1.5, -0.5, 0.5, 1.5.
        let found = spearman(&[0.0, 0.0, 1.0, 2.0], &[0.0, 1.0, 2.0, 3.0]).unwrap();
        close(found, 4.5 / (4.5f64 * 5.0).sqrt());
    }

    #[test]
    fn divergence_by_its_definition() {
        let shares = |logits: &[f32]| {
            let powers: Vec<f64> = logits.iter().map(|x| f64::from(*x).exp()).collect();
            let total: f64 = powers.iter().sum();
            powers.iter().map(|x| x / total).collect::<Vec<_>>()
        };
        let (logits, changes) = ([1.0, -0.5, 2.0, 0.25], [0.5, 0.25, -1.0, 3.0]);
        let after: Vec<f32> = logits.iter().zip(changes).map(|(a, b)| a + b).collect();
        let pairs = shares(&logits).into_iter().zip(shares(&after));
        close(
            divergence(&logits, &changes),
            pairs.map(|(p, q)| p * (p / q).ln()).sum(),
        );
        assert_eq!(divergence(&logits, &[0.0; 4]), 0.0);
        // What all logits share changes nothing.
        close(divergence(&logits, &[7.0; 4]), 0.0);
    }
}
