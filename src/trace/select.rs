//! Which features become nodes when more are active than asked for: circuit-tracer's adaptive
//! ranking by the influence that the rows computed so far show.

use super::influence::{size, spread};
use super::rows::Row;
use crate::order;

/// Below this, a row counts as empty (circuit-tracer has another constant here than in pruning).
const SMALLEST_SUM: f32 = 1e-8;

/// Rows computed so far, over all active features and the other sources.
#[derive(Default)]
pub(super) struct Ranking {
    targets: Vec<Ranked>,
    /// With the feature that each belongs to.
    features: Vec<(usize, Ranked)>,
}

struct Ranked {
    row: Row,
    size: f32,
    /// Where it starts: a target's probability.
    weight: f32,
}

impl Ranking {
    pub fn add_target(&mut self, row: Row, probability: f32) {
        self.targets.push(Ranked {
            size: size(&row.edges, SMALLEST_SUM),
            weight: probability,
            row,
        });
    }

    pub fn add_feature(&mut self, feature: usize, row: Row) {
        let ranked = Ranked {
            size: size(&row.edges, SMALLEST_SUM),
            weight: 0.0,
            row,
        };
        self.features.push((feature, ranked));
    }

    /// Features that have their rows.
    pub fn taken(&self) -> usize {
        self.features.len()
    }

    /// The next features to compute, the most influential first: at most `count` of those `among` the active ones, none that has its
    /// row already. Among equals the first comes first.
    pub fn next(&self, among: &[usize], count: usize) -> Vec<usize> {
        let influence = self.influence();
        let mut taken = vec![false; influence.len()];
        for (feature, _) in &self.features {
            taken[*feature] = true;
        }
        let left = among.iter().copied().filter(|feature| !taken[*feature]);
        let left: Vec<usize> = left.collect();
        let scores: Vec<f32> = left.iter().map(|feature| influence[*feature]).collect();
        let order = order::largest_first(&scores).into_iter();
        order.take(count).map(|place| left[place]).collect()
    }

    /// Influence of every source along the rows that are there. Rows of later layers are not always
    /// computed before those of earlier ones, but features stand in the order of their layers.
    fn influence(&self) -> Vec<f32> {
        let width = self
            .targets
            .first()
            .map_or(0, |target| target.row.edges.len());
        let mut influence = vec![0.0; width];
        for Ranked { row, size, weight } in &self.targets {
            spread(&row.edges, *size, *weight, &mut influence);
        }
        let mut order: Vec<&(usize, Ranked)> = self.features.iter().collect();
        order::sort(&mut order, &|a, b| b.0.cmp(&a.0));
        for (feature, Ranked { row, size, .. }) in order {
            let weight = influence[*feature];
            spread(&row.edges, *size, weight, &mut influence);
        }
        influence
    }

    /// The selected features in order, and the rows: theirs, then the targets'.
    pub fn finish(mut self) -> (Vec<usize>, Vec<Row>) {
        order::sort(&mut self.features, &|a, b| a.0.cmp(&b.0));
        let (selected, rows): (Vec<usize>, Vec<Ranked>) = self.features.into_iter().unzip();
        let all = rows.into_iter().chain(self.targets);
        (selected, all.map(|ranked| ranked.row).collect())
    }
}
