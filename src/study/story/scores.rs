//! Scores of a graph of which only some features are told: the others count as errors.

use crate::trace::{Graph, Scores};

/// Influence with features that are not `told` taken for errors: it ends there. [nodes]
pub(super) fn influence(graph: &Graph, told: &[bool]) -> Vec<f32> {
    let (nodes, features) = (graph.nodes(), graph.features.len());
    let mut influence = vec![0.0; nodes];
    let spread = |row: usize, weight: f32, influence: &mut [f32]| {
        let row = &graph.rows[row * nodes..(row + 1) * nodes];
        let size: f32 = row.iter().map(|edge| edge.abs()).sum();
        if weight != 0.0 && size > 0.0 {
            for (influence, edge) in influence.iter_mut().zip(row) {
                *influence += weight / size * edge.abs();
            }
        }
    };
    for (logit, target) in graph.targets.iter().enumerate() {
        spread(features + logit, target.probability, &mut influence);
    }
    for feature in (0..features).rev().filter(|feature| told[*feature]) {
        let weight = influence[feature];
        spread(feature, weight, &mut influence);
    }
    influence
}

/// Replacement and completeness of what is told, [nodes].
pub(super) fn with(graph: &Graph, told: &[bool]) -> Scores {
    let influence = influence(graph, told);
    let [errors, tokens, logits] = graph.starts();
    let fails = |node: usize| (node < errors && !told[node]) || (errors..tokens).contains(&node);
    let sum = |nodes: &mut dyn Iterator<Item = usize>| -> f64 {
        nodes.map(|node| f64::from(influence[node])).sum()
    };
    let from_tokens = sum(&mut (tokens..logits));
    let from_errors = sum(&mut (0..tokens).filter(|node| fails(*node)));
    let (mut explained, mut total) = (0.0, 0.0);
    for node in (0..graph.nodes()).filter(|node| !fails(*node)) {
        let mut weight = f64::from(influence[node]);
        if node >= logits {
            weight += f64::from(graph.targets[node - logits].probability);
        }
        let share = graph.inputs(node).map_or(0.0, |row| {
            let of = |edges: &mut dyn Iterator<Item = (usize, &f32)>| -> f64 {
                edges.map(|(_, edge)| f64::from(edge.abs())).sum()
            };
            let all = of(&mut row.iter().enumerate());
            let failing = of(&mut row.iter().enumerate().filter(|(node, _)| fails(*node)));
            if all > 0.0 { failing / all } else { 0.0 }
        });
        explained += (1.0 - share) * weight;
        total += weight;
    }
    let ratio = |part: f64, whole: f64| {
        if whole > 0.0 {
            (part / whole) as f32
        } else {
            0.0
        }
    };
    Scores {
        replacement: ratio(from_tokens, from_tokens + from_errors),
        completeness: ratio(explained, total),
    }
}
