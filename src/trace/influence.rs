//! Influence and scores: the one place where they are defined ("Circuit Tracing", 2025, appendix
//! on pruning; the conventions are circuit-tracer's).

use super::Graph;

/// Below this, a row counts as empty.
const SMALLEST_SUM: f32 = 1e-10;

/// How much of the computation the graph explains, each 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// Of the influence on the targets, the share that starts at tokens and not at errors.
    pub replacement: f32,
    /// The share of inputs that are no errors, each node weighed by its influence.
    pub completeness: f32,
}

/// The graph's rows by magnitude, each summing to one: [features + targets, nodes].
pub(super) fn normalised(graph: &Graph) -> Vec<f32> {
    let mut rows: Vec<f32> = graph.rows.iter().map(|edge| edge.abs()).collect();
    normalise(&mut rows, graph.nodes());
    rows
}

/// Makes non-negative rows sum to one.
pub(super) fn normalise(rows: &mut [f32], width: usize) {
    for row in rows.chunks_exact_mut(width) {
        let sum = row.iter().sum::<f32>().max(SMALLEST_SUM);
        for value in row {
            *value /= sum;
        }
    }
}

/// Influence of each node, `w A' + w A'^2 + ...` with the targets' probabilities as `w`: [nodes].
/// `rows` are normalised. Features stand in the order of their layers and read from earlier layers
/// only, so one sweep from the last row to the first adds up all paths.
pub(super) fn of_nodes(graph: &Graph, rows: &[f32]) -> Vec<f32> {
    let nodes = graph.nodes();
    let features = graph.features.len();
    let mut influence = vec![0.0; nodes];
    let spread = |row: usize, weight: f32, influence: &mut [f32]| {
        if weight != 0.0 {
            let row = &rows[row * nodes..(row + 1) * nodes];
            for (influence, share) in influence.iter_mut().zip(row) {
                *influence += weight * share;
            }
        }
    };
    for (logit, target) in graph.targets.iter().enumerate() {
        spread(features + logit, target.probability, &mut influence);
    }
    for feature in (0..features).rev() {
        spread(feature, influence[feature], &mut influence);
    }
    influence
}

/// The sum of each value and all larger ones, as a share of the total.
pub(super) fn cumulative_shares(values: &[f32]) -> Vec<f32> {
    let order = descending(values);
    let total: f64 = values.iter().map(|value| f64::from(*value)).sum();
    let mut shares = vec![0.0; values.len()];
    let mut sum = 0.0;
    for i in order {
        sum += f64::from(values[i]);
        shares[i] = (sum / total) as f32;
    }
    shares
}

fn descending(values: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
    order
}

/// The smallest score to keep so that what is kept has this share of the total. None keeps all.
pub(super) fn threshold(mut scores: Vec<f32>, share: f32) -> Option<f32> {
    scores.retain(|score| *score != 0.0);
    scores.sort_by(|a, b| b.total_cmp(a));
    let total: f64 = scores.iter().map(|score| f64::from(*score)).sum();
    let mut sum = 0.0;
    scores.into_iter().find(|score| {
        sum += f64::from(*score);
        (sum / total) as f32 >= share
    })
}

pub(super) fn scores(graph: &Graph) -> Scores {
    let rows = normalised(graph);
    let influence = of_nodes(graph, &rows);
    let [errors, tokens, logits] = graph.starts();
    let sum = |values: &[f32]| values.iter().map(|value| f64::from(*value)).sum::<f64>();
    let from_tokens = sum(&influence[tokens..logits]);
    let from_errors = sum(&influence[errors..tokens]);

    // Errors and tokens have no inputs, hence none that are errors: they count as complete.
    let mut explained = 0.0;
    let mut total = 0.0;
    for (node, influence) in influence.iter().enumerate() {
        let mut weight = f64::from(*influence);
        if node >= logits {
            weight += f64::from(graph.targets[node - logits].probability);
        }
        let share = graph.row_index(node).map_or(0.0, |row| {
            let start = row * graph.nodes();
            sum(&rows[start + errors..start + tokens])
        });
        explained += (1.0 - share) * weight;
        total += weight;
    }
    Scores {
        replacement: (from_tokens / (from_tokens + from_errors)) as f32,
        completeness: (explained / total) as f32,
    }
}
