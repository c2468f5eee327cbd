//! Small graphs for tests.

use crate::trace::{Feature, Graph, Node, Recorded, RecordedTarget};

/// A feature with an activation of 1.
pub fn feature(layer: usize, position: usize, index: usize) -> Feature {
    Feature {
        layer,
        position,
        index,
        activation: 1.0,
    }
}

/// A graph of two layers with so many tokens, an error at each place, these features and targets by their tokens, and these edges as
/// `(target, source, weight)`, by their numbers as nodes.
pub fn graph(
    tokens: usize,
    features: &[Feature],
    targets: &[u32],
    edges: &[(usize, usize, f32)],
) -> Graph {
    let layers = 2;
    let errors = (0..layers * tokens).map(|i| Node::Error {
        layer: i / tokens,
        position: i % tokens,
    });
    let height = features.len() + targets.len();
    let nodes = height + layers * tokens + tokens;
    let mut rows = vec![0.0; height * nodes];
    for &(target, source, weight) in edges {
        let row = match target < features.len() {
            true => target,
            false => target - layers * tokens - tokens,
        };
        rows[row * nodes + source] = weight;
    }
    let target = |&token: &u32| RecordedTarget {
        token,
        name: token.to_string(),
        probability: 0.5,
    };
    Graph::recorded(Recorded {
        tokens: (0..tokens as u32).collect(),
        layers,
        features: features.to_vec(),
        attention: vec![false; features.len()],
        errors: errors.collect(),
        biases: Vec::new(),
        targets: targets.iter().map(target).collect(),
        rows,
        shares: vec![None; nodes],
        thresholds: [1.0; 2],
        whole: None,
    })
}
