//! Pruning: the nodes and edges that carry most of the influence, as circuit-tracer chooses them.

use super::{Graph, Node, influence};
use crate::order;

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

impl Pruned {
    /// Keeps of what is left only nodes that are wanted, and the edges among them.
    pub fn retain(&mut self, wanted: impl Fn(usize) -> bool) {
        for (node, kept) in self.nodes.iter_mut().enumerate() {
            *kept &= wanted(node);
        }
        let nodes = &self.nodes;
        self.edges
            .retain(|edge| nodes[edge.source] && nodes[edge.target]);
    }
}

/// See [`Graph::prune`]. Thresholds are shares from 0 to 1.
pub(super) fn prune(graph: &Graph, node_threshold: f32, edge_threshold: f32) -> Pruned {
    let width = graph.nodes();
    let mut nodes = influential(graph, node_threshold);
    // With all edges, even what is too small to have a score, or leads to nothing that has influence.
    let scores = (edge_threshold < 1.0).then(|| edge_scores(graph, &nodes));
    let left = rows_left(graph, &nodes);
    let lowest = scores.as_ref().and_then(|scores| {
        let scores = of_rows(graph, &left, scores);
        influence::threshold(&scores, edge_threshold)
    });
    let mut edges: Vec<Edge> = Vec::new();
    for row in left {
        let target = graph.row_node(row);
        let weights = &graph.rows[row * width..][..width];
        let scores = scores.as_ref().map(|scores| &scores[row * width..]);
        for (source, weight) in weights.iter().enumerate() {
            let kept = match scores {
                None => *weight != 0.0 && nodes[source],
                Some(scores) => {
                    let score = scores[source];
                    score > 0.0 && lowest.is_none_or(|lowest| score >= lowest)
                }
            };
            if kept {
                edges.push(Edge {
                    target,
                    source,
                    weight: *weight,
                });
            }
        }
    }
    drop_loose_ends(graph, &mut nodes, &mut edges);
    Pruned { nodes, edges }
}

/// Whether each node is among those that carry this share of the influence: [nodes]. Tokens and
/// logits always stay.
fn influential(graph: &Graph, threshold: f32) -> Vec<bool> {
    let [_, tokens, _] = graph.starts();
    let (influence, _) = graph.influence();
    let lowest = influence::threshold(influence, threshold);
    influence
        .iter()
        .enumerate()
        .map(|(node, score)| node >= tokens || lowest.is_none_or(|lowest| *score >= lowest))
        .collect()
}

/// See [`Graph::readable`].
pub(super) fn readable(graph: &Graph, most_nodes: usize, most_edges: usize) -> (f32, f32) {
    let [_, tokens, _] = graph.starts();
    let (influence, _) = graph.influence();
    // Tokens and logits stay whatever their influence.
    let largest = order::largest_first(influence);
    let mut drawn = (0..graph.nodes()).filter(|rank| largest[*rank] < tokens);
    let node = match drawn.nth(most_nodes) {
        Some(rank) => influence::share_of_largest(influence, rank),
        None => 1.0,
    };
    let edges = prune(graph, node, 1.0).edges.len();
    let edge = match edges > most_edges {
        true => {
            let nodes = influential(graph, node);
            let scores = edge_scores(graph, &nodes);
            let scores = of_rows(graph, &rows_left(graph, &nodes), &scores);
            influence::share_of_largest(&scores, most_edges)
        }
        false => 1.0,
    };
    (node, edge)
}

/// Scores of the edges between the nodes that are left: the edge's share of its target's remaining
/// inputs, times the target's influence among what is left. [features + targets, nodes]
pub(super) fn edge_scores(graph: &Graph, nodes: &[bool]) -> Vec<f32> {
    let width = graph.nodes();
    let mut scores = vec![0.0; graph.rows.len()];
    let left = rows_left(graph, nodes);
    for row in &left {
        let here = row * width..(row + 1) * width;
        let scores = &mut scores[here.clone()];
        for (source, (score, edge)) in scores.iter_mut().zip(&graph.rows[here]).enumerate() {
            if nodes[source] {
                *score = edge.abs();
            }
        }
        influence::normalise(scores, width);
    }
    let influence = influence::of_nodes(graph, &scores);
    for row in left {
        let (node, scores) = (graph.row_node(row), &mut scores[row * width..][..width]);
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

/// The rows of the nodes that are left: few of many, and the others are not so much as looked at.
fn rows_left(graph: &Graph, nodes: &[bool]) -> Vec<usize> {
    let rows = graph.rows.len() / graph.nodes();
    (0..rows)
        .filter(|row| nodes[graph.row_node(*row)])
        .collect()
}

/// Of scores as [`edge_scores`] gives them, those of these rows.
fn of_rows(graph: &Graph, rows: &[usize], scores: &[f32]) -> Vec<f32> {
    let width = graph.nodes();
    let mut found = Vec::with_capacity(rows.len() * width);
    for row in rows {
        found.extend_from_slice(&scores[row * width..][..width]);
    }
    found
}

/// Takes away features and errors that lead nowhere and features that come from nowhere, and what
/// becomes so by that.
fn drop_loose_ends(graph: &Graph, nodes: &mut [bool], edges: &mut Vec<Edge>) {
    let [errors, tokens, _] = graph.starts();
    let needs = needed_ends(graph);
    loop {
        let has = ends(
            nodes.len(),
            edges.iter().map(|edge| (edge.source, edge.target)),
        );
        let mut changed = false;
        for (node, kept) in nodes[..tokens].iter_mut().enumerate() {
            let no_output = needs.outputs[node] && !has.outputs[node];
            let no_input = node < errors && needs.inputs[node] && !has.inputs[node];
            if *kept && (no_output || no_input) {
                *kept = false;
                changed = true;
            }
        }
        if !changed {
            return;
        }
        edges.retain(|edge| nodes[edge.target] && nodes[edge.source]);
    }
}

/// Whether each node has, or needs, an input and an output: [nodes] both.
struct Ends {
    inputs: Vec<bool>,
    outputs: Vec<bool>,
}

/// The ends that these edges, as (source, target), give to nodes.
fn ends(nodes: usize, edges: impl Iterator<Item = (usize, usize)>) -> Ends {
    let mut ends = Ends {
        inputs: vec![false; nodes],
        outputs: vec![false; nodes],
    };
    for (source, target) in edges {
        ends.outputs[source] = true;
        ends.inputs[target] = true;
    }
    ends
}

/// What nodes must have to stay. In a graph that was traced, all of it. In one from a file, what
/// they have there, since a pruned file may leave out what a node was fed by.
fn needed_ends(graph: &Graph) -> Ends {
    let nodes = graph.nodes();
    if graph.file.is_none() {
        return Ends {
            inputs: vec![true; nodes],
            outputs: vec![true; nodes],
        };
    }
    let edges = graph.rows.iter().enumerate();
    let edges = edges.filter(|(_, weight)| **weight != 0.0);
    ends(
        nodes,
        edges.map(|(i, _)| (i % nodes, graph.row_node(i / nodes))),
    )
}
