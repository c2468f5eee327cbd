//! How a perturbation travels: a feature is switched off, and some layers further on the change of
//! the residual stream is held against the frozen model's ("Circuit Tracing", 2025, section 5).

use crate::study::Rung;
use serde::Serialize;

/// Layers that a perturbation is followed for.
pub const MOST_LAYERS_ON: usize = 3;

/// The change of the residual stream, so many MLPs on from where features were switched off, on all
/// tokens, against what the frozen model makes of it.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Travel {
    pub rung: Rung,
    /// MLPs that could respond.
    pub layers_on: usize,
    /// Features.
    pub count: usize,
    /// Of predicted and measured change, mean over features.
    pub cosine: f64,
    /// Squared error over squared change, both summed over features.
    pub error: f64,
}

/// Sums over features: their number, the cosines, squared errors and squared changes.
type Sums = [f64; 4];

/// Sums in all.
pub(super) const SUMS: usize = 4 * MOST_LAYERS_ON * (Rung::ALL.len() - 1);

/// What has been seen so far.
pub(super) struct Travels {
    layers: usize,
    /// Of the batch at hand, on the lowest rung: [layers][nudges, tokens, width].
    predicted: Vec<Vec<f32>>,
    /// [rungs above the lowest][layers on - 1]
    sums: [[Sums; MOST_LAYERS_ON]; Rung::ALL.len() - 1],
}

impl Travels {
    pub fn new(layers: usize) -> Travels {
        Travels {
            layers,
            predicted: Vec::new(),
            sums: Default::default(),
        }
    }

    /// Takes what a batch of features, of these layers, changed on a rung; the lowest comes first.
    pub fn add(&mut self, rung: Rung, layers: &[usize], streams: Vec<Vec<f32>>) {
        if rung == Rung::Features {
            self.predicted = streams;
            return;
        }
        for (copy, layer) in layers.iter().enumerate() {
            for on in 1..=MOST_LAYERS_ON.min(self.layers - 1 - layer) {
                let ours = |all: &[Vec<f32>]| -> Vec<f64> {
                    let all = &all[layer + on];
                    let length = all.len() / layers.len();
                    let one = &all[copy * length..(copy + 1) * length];
                    one.iter().map(|x| f64::from(*x)).collect()
                };
                let (predicted, measured) = (ours(&self.predicted), ours(&streams));
                let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
                let (pp, mm) = (dot(&predicted, &predicted), dot(&measured, &measured));
                let pm = dot(&predicted, &measured);
                if pp == 0.0 || mm == 0.0 {
                    continue;
                }
                let values = [1.0, pm / (pp * mm).sqrt(), pp - 2.0 * pm + mm, mm];
                let sums = &mut self.sums[rung as usize - 1][on - 1];
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += value;
                }
            }
        }
    }

    /// All sums, for [`Travels::add_sums`].
    pub fn sums(&self) -> impl Iterator<Item = f64> {
        self.sums.iter().flatten().flatten().copied()
    }

    /// Adds sums over other features.
    pub fn add_sums(&mut self, values: &[f64]) {
        let all = self.sums.iter_mut().flatten().flatten();
        for (sum, value) in all.zip(values) {
            *sum += value;
        }
    }

    /// What was seen on every rung and distance.
    pub fn of_all(&self) -> Vec<Travel> {
        let mut all = Vec::new();
        for (rung, sums) in Rung::ALL[1..].iter().zip(&self.sums) {
            for (i, [count, cosines, error, squares]) in sums.iter().enumerate() {
                if *count > 0.0 {
                    all.push(Travel {
                        rung: *rung,
                        layers_on: i + 1,
                        count: *count as usize,
                        cosine: cosines / count,
                        error: error / squares,
                    });
                }
            }
        }
        all
    }
}
