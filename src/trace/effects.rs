//! Signed effects: what the graph predicts of changing a node ("Circuit Tracing", 2025: in the local
//! replacement model everything is linear, so effects along paths multiply and add up).

use super::Graph;

/// See [`Graph::effects`].
pub(super) fn of_nodes(graph: &Graph, weights: &[f64]) -> Vec<f64> {
    assert_eq!(weights.len(), graph.targets.len(), "a weight a target");
    let nodes = graph.nodes();
    let features = graph.features.len();
    let mut effects = vec![0.0; nodes];
    let add = |effects: &mut [f64], row: usize, weight: f64| {
        let row = &graph.rows[row * nodes..(row + 1) * nodes];
        for (effect, edge) in effects.iter_mut().zip(row) {
            *effect += weight * f64::from(*edge);
        }
    };
    for (target, weight) in weights.iter().enumerate() {
        add(&mut effects, features + target, *weight);
    }
    // Features stand in the order of their layers and read from earlier layers only. An active
    // feature's activation is its pre-activation, so what that loses, its contribution loses in
    // proportion.
    for (row, feature) in graph.features.iter().enumerate().rev() {
        let per_unit = effects[row] / f64::from(feature.activation);
        add(&mut effects, row, per_unit);
    }
    effects
}

/// See [`Graph::responses`].
pub(super) fn of_changes(
    graph: &Graph,
    changes: &[(usize, f32)],
    answers: impl Fn(usize) -> bool,
) -> Vec<f64> {
    let (nodes, features) = (graph.nodes(), graph.features.len());
    // What each feature contributes more, in units of what it contributes.
    let mut shares = vec![0.0; features];
    let mut given = vec![false; features];
    for (feature, change) in changes {
        shares[*feature] = f64::from(*change) / f64::from(graph.features[*feature].activation);
        given[*feature] = true;
    }
    let mut responses = Vec::with_capacity(features + graph.targets.len());
    for (row, edges) in graph.rows.chunks_exact(nodes).enumerate() {
        let response: f64 = edges
            .iter()
            .zip(&shares)
            .filter(|(_, share)| **share != 0.0)
            .map(|(edge, share)| f64::from(*edge) * share)
            .sum();
        if row < features && !given[row] && answers(graph.features[row].layer) {
            shares[row] = response / f64::from(graph.features[row].activation);
        }
        responses.push(response);
    }
    responses
}
