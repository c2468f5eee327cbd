//! Pruning: the nodes and edges that carry most of the influence, as circuit-tracer chooses them.

use super::{Graph, Node, influence};

/// What is left of a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Pruned {
    /// Whether each node stays, [nodes].
    pub nodes: Vec<bool>,
    /// The edges that stay, by target, then source.
    pub edges: Vec<Edge>,
}

/// An edge of the graph.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    pub target: usize,
    pub source: usize,
    /// `A[target, source]`, not normalised.
    pub weight: f32,
}

/// See [`Graph::prune`]. Thresholds are shares from 0 to 1.
pub(super) fn prune(graph: &Graph, node_threshold: f32, edge_threshold: f32) -> Pruned {
    let width = graph.nodes();
    let [_, tokens, _] = graph.starts();
    let (influence, _) = graph.influence();
    let lowest = influence::threshold(influence.to_vec(), node_threshold);
    // Tokens and logits always stay.
    let mut nodes: Vec<bool> = influence
        .iter()
        .enumerate()
        .map(|(node, score)| node >= tokens || lowest.is_none_or(|lowest| *score >= lowest))
        .collect();

    let scores = edge_scores(graph, &nodes);
    let lowest = influence::threshold(scores.clone(), edge_threshold);
    let mut edges: Vec<Edge> = Vec::new();
    for (i, score) in scores.iter().enumerate() {
        let edge = Edge {
            target: graph.row_node(i / width),
            source: i % width,
            weight: graph.rows[i],
        };
        let kept = match edge_threshold >= 1.0 {
            // All, even what is too small to have a score, or leads to nothing that has influence.
            true => edge.weight != 0.0 && nodes[edge.source] && nodes[edge.target],
            false => *score > 0.0 && lowest.is_none_or(|lowest| *score >= lowest),
        };
        if kept {
            edges.push(edge);
        }
    }
    drop_loose_ends(graph, &mut nodes, &mut edges);
    Pruned { nodes, edges }
}

/// Scores of the edges between the nodes that are left: the edge's share of its target's remaining
/// inputs, times the target's influence among what is left. [features + targets, nodes]
pub(super) fn edge_scores(graph: &Graph, nodes: &[bool]) -> Vec<f32> {
    let width = graph.nodes();
    let mut scores = vec![0.0; graph.rows.len()];
    for (row, (scores, edges)) in scores
        .chunks_exact_mut(width)
        .zip(graph.rows.chunks_exact(width))
        .enumerate()
    {
        if nodes[graph.row_node(row)] {
            for (source, (score, edge)) in scores.iter_mut().zip(edges).enumerate() {
                if nodes[source] {
                    *score = edge.abs();
                }
            }
        }
    }
    influence::normalise(&mut scores, width);
    let influence = influence::of_nodes(graph, &scores);
    for (row, scores) in scores.chunks_exact_mut(width).enumerate() {
        let node = graph.row_node(row);
        let weight = match graph.node(node) {
            Node::Logit(logit) => influence[node] + graph.targets[logit].probability,
            _ => influence[node],
        };
        for score in scores {
            *score *= weight;
        }
    }
    scores
}

/// Takes away features and errors that lead nowhere and features that come from nowhere, and what
/// becomes so by that.
fn drop_loose_ends(graph: &Graph, nodes: &mut [bool], edges: &mut Vec<Edge>) {
    let [errors, tokens, _] = graph.starts();
    loop {
        let mut has_input = vec![false; nodes.len()];
        let mut has_output = vec![false; nodes.len()];
        for edge in edges.iter() {
            has_input[edge.target] = true;
            has_output[edge.source] = true;
        }
        let mut changed = false;
        for node in 0..tokens {
            let loose = !has_output[node] || (node < errors && !has_input[node]);
            if nodes[node] && loose {
                nodes[node] = false;
                changed = true;
            }
        }
        if !changed {
            return;
        }
        edges.retain(|edge| nodes[edge.target] && nodes[edge.source]);
    }
}
