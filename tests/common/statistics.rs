//! Correlations and distances from their definitions, and with nothing of the product's.

/// The place of the largest value.
pub fn largest<T: PartialOrd>(values: &[T]) -> usize {
    let mut best = 0;
    for i in 0..values.len() {
        if values[i] > values[best] {
            best = i;
        }
    }
    best
}

/// Softmax of logits.
pub fn shares(logits: &[f64]) -> Vec<f64> {
    let sum: f64 = logits.iter().map(|x| x.exp()).sum();
    logits.iter().map(|x| x.exp() / sum).collect()
}

/// Kullback and Leibler's, of two softmax distributions.
pub fn divergence(before: &[f64], after: &[f64]) -> f64 {
    let pairs = shares(before).into_iter().zip(shares(after));
    pairs.map(|(p, q)| p * (p / q).ln()).sum()
}

/// The square root of the sum of squared deviations.
fn spread(x: &[f64]) -> f64 {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    x.iter().map(|x| (x - mean).powi(2)).sum::<f64>().sqrt()
}

pub fn pearson(x: &[f64], y: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let pairs = x.iter().zip(y);
    let product: f64 = pairs.map(|(a, b)| (a - mean(x)) * (b - mean(y))).sum();
    product / (spread(x) * spread(y))
}

pub fn spearman(x: &[f64], y: &[f64]) -> f64 {
    pearson(&ranks(x), &ranks(y))
}

/// How much of the second there is for each unit of the first.
pub fn slope(x: &[f64], y: &[f64]) -> f64 {
    pearson(x, y) * spread(y) / spread(x)
}

/// By counting: as many as are smaller, and half of the equal ones.
fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |x: &f64| {
        let smaller = values.iter().filter(|y| *y < x).count() as f64;
        let equal = values.iter().filter(|y| *y == x).count() as f64;
        smaller + (equal + 1.0) / 2.0
    };
    values.iter().map(rank).collect()
}
