//! Influence and scores: the one place where they are defined ("Circuit Tracing", 2025, appendix
//! on pruning; the conventions are circuit-tracer's).

use super::Graph;
use crate::order;

/// Below this, a row of a finished graph counts as empty.
const SMALLEST_SUM: f32 = 1e-10;

/// How much of the computation the graph explains, each 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// Of the influence on the targets, the share that starts at tokens and not at errors.
    pub replacement: f32,
    /// The share of inputs that are no errors, each node weighed by its influence.
    pub completeness: f32,
}

/// The sum of a row's magnitudes, at least `smallest`: in lanes, since one sum would wait for each addition.
pub(super) fn size(row: &[f32], smallest: f32) -> f32 {
    let mut lanes = [0.0f32; 8];
    let blocks = row.chunks_exact(lanes.len());
    let rest: f32 = blocks.remainder().iter().map(|edge| edge.abs()).sum();
    for block in blocks {
        for (lane, edge) in lanes.iter_mut().zip(block) {
            *lane += edge.abs();
        }
    }
    (lanes.iter().sum::<f32>() + rest).max(smallest)
}

/// Shares out a node's `weight` over its inputs, by the magnitudes of its row, which has this `size`.
pub(super) fn spread(row: &[f32], size: f32, weight: f32, influence: &mut [f32]) {
    if weight != 0.0 {
        let each = weight / size;
        for (influence, edge) in influence.iter_mut().zip(row) {
            *influence += each * edge.abs();
        }
    }
}

/// Influence of each node, `w A' + w A'^2 + ...`, where A' has rows by magnitude that sum to one and
/// `w` are the targets' probabilities: [nodes]. `rows` are the graph's or what is left of them.
/// Features stand in the order of their layers and read from earlier layers only, so one sweep from
/// the last row to the first adds up all paths.
pub(super) fn of_nodes(graph: &Graph, rows: &[f32]) -> Vec<f32> {
    passing(graph, rows, |_| true)
}

/// The same where influence ends at features that are not `told`, as at errors.
fn passing(graph: &Graph, rows: &[f32], told: impl Fn(usize) -> bool) -> Vec<f32> {
    let nodes = graph.nodes();
    let features = graph.features.len();
    let row = |row: usize| &rows[row * nodes..(row + 1) * nodes];
    let mut influence = vec![0.0; nodes];
    for (logit, target) in graph.targets.iter().enumerate() {
        let row = row(features + logit);
        spread(
            row,
            size(row, SMALLEST_SUM),
            target.probability,
            &mut influence,
        );
    }
    for feature in (0..features).rev() {
        let (row, weight) = (row(feature), influence[feature]);
        if weight != 0.0 && told(feature) {
            spread(row, size(row, SMALLEST_SUM), weight, &mut influence);
        }
    }
    influence
}

/// The paths from a node to the targets.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Paths {
    /// The influence that they carry.
    pub influence: f64,
    /// The same times the edges of each.
    pub edges: f64,
    /// The part of it that passes through a feature of a layer between the first and the last.
    pub middle: f64,
}

/// See [`Graph::token_paths`].
pub(super) fn token_paths(graph: &Graph) -> Vec<Paths> {
    let (nodes, features) = (graph.nodes(), graph.features.len());
    let mut all = vec![Paths::default(); nodes];
    let add = |row: usize, from: Paths, all: &mut [Paths]| {
        let row = &graph.rows[row * nodes..(row + 1) * nodes];
        let size = f64::from(size(row, SMALLEST_SUM));
        for (paths, edge) in all.iter_mut().zip(row) {
            let share = f64::from(edge.abs()) / size;
            paths.influence += from.influence * share;
            paths.edges += (from.edges + from.influence) * share;
            paths.middle += from.middle * share;
        }
    };
    for (logit, target) in graph.targets.iter().enumerate() {
        let from = Paths {
            influence: f64::from(target.probability),
            ..Paths::default()
        };
        add(features + logit, from, &mut all);
    }
    for feature in (0..features).rev() {
        let mut from = all[feature];
        if (1..graph.layers.max(1) - 1).contains(&graph.features[feature].layer) {
            from.middle = from.influence;
        }
        add(feature, from, &mut all);
    }
    let [_, tokens, logits] = graph.starts();
    all[tokens..logits].to_vec()
}

/// Makes non-negative rows sum to one.
pub(super) fn normalise(rows: &mut [f32], width: usize) {
    for row in rows.chunks_exact_mut(width) {
        let size = size(row, SMALLEST_SUM);
        for value in row {
            *value /= size;
        }
    }
}

/// The sum of each value and all larger ones, as a share of the total; ones where that is zero.
pub(super) fn cumulative_shares(values: &[f32]) -> Vec<f32> {
    let order = order::largest_first(values);
    let total = sum(values);
    let mut shares = vec![1.0; values.len()];
    let mut sum = 0.0;
    if total > 0.0 {
        for i in order {
            sum += f64::from(values[i]);
            shares[i] = (sum / total) as f32;
        }
    }
    shares
}

/// The smallest score to keep so that what is kept has this share of the total. None keeps all.
pub(super) fn threshold(scores: &[f32], share: f32) -> Option<f32> {
    // Rounding would end the sum before the smallest.
    if share >= 1.0 {
        return None;
    }
    let scores = scores.iter().copied();
    let mut scores: Vec<f32> = scores.filter(|score| *score != 0.0).collect();
    let total = sum(&scores);
    let reached = |sum: f64| (sum / total) as f32 >= share;
    // Halved again and again, which is less work than sorting them all. `larger` is the sum of what
    // is larger than those at hand.
    let mut larger = 0.0;
    let mut at_hand = scores.as_mut_slice();
    while !at_hand.is_empty() {
        let half = at_hand.len() / 2;
        let (upper, middle, lower) = at_hand.select_nth_unstable_by(half, |a, b| b.total_cmp(a));
        let above = larger + sum(upper);
        let with = above + f64::from(*middle);
        if half > 0 && reached(above) {
            at_hand = upper;
        } else if reached(with) {
            return Some(*middle);
        } else {
            larger = with;
            at_hand = lower;
        }
    }
    None
}

/// The share of the total that the largest `count` scores have, in thousandths, below 1 and not more
/// than it is: as a threshold it keeps no more of them, but for equal ones.
pub(super) fn share_of_largest(scores: &[f32], count: usize) -> f32 {
    let scores = scores.iter().copied();
    let mut scores: Vec<f32> = scores.filter(|score| *score != 0.0).collect();
    if scores.len() <= count {
        return 0.999;
    }
    let total = sum(&scores);
    let (largest, ..) = scores.select_nth_unstable_by(count, |a, b| b.total_cmp(a));
    let thousandths = (sum(largest) / total * 1000.0).floor();
    (thousandths.min(999.0) / 1000.0) as f32
}

pub(super) fn scores(graph: &Graph) -> Scores {
    scores_of(graph, graph.influence().0, |_| true)
}

/// See [`Graph::scores_told`].
pub(super) fn scores_told(graph: &Graph, told: &[bool]) -> Scores {
    let influence = passing(graph, &graph.rows, |feature| told[feature]);
    scores_of(graph, &influence, |feature| told[feature])
}

/// Scores by this influence; features that are not `told` are errors.
fn scores_of(graph: &Graph, influence: &[f32], told: impl Fn(usize) -> bool) -> Scores {
    let [errors, tokens, logits] = graph.starts();
    let untold: Vec<usize> = (0..errors).filter(|feature| !told(*feature)).collect();
    let of_untold = |values: &[f32]| {
        untold
            .iter()
            .map(|at| f64::from(values[*at].abs()))
            .sum::<f64>()
    };
    let from_tokens = sum(&influence[tokens..logits]);
    let from_errors = sum(&influence[errors..tokens]) + of_untold(influence);

    // Errors and tokens have no inputs, hence none that are errors: they count as complete.
    let mut explained = 0.0;
    let mut total = 0.0;
    for (node, influence) in influence.iter().enumerate() {
        let mut weight = f64::from(*influence);
        if node >= logits {
            weight += f64::from(graph.targets[node - logits].probability);
        }
        let inputs = graph.inputs(node).filter(|_| node >= errors || told(node));
        let share = inputs.map_or(0.0, |row| {
            let of_errors = size(&row[errors..tokens], 0.0) + of_untold(row) as f32;
            of_errors / size(row, SMALLEST_SUM)
        });
        explained += f64::from(1.0 - share) * weight;
        total += weight;
    }
    Scores {
        replacement: ratio(from_tokens, from_tokens + from_errors),
        completeness: ratio(explained, total),
    }
}

/// A share of nothing is nothing.
fn ratio(part: f64, whole: f64) -> f32 {
    if whole > 0.0 {
        (part / whole) as f32
    } else {
        0.0
    }
}

fn sum(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value)).sum()
}
