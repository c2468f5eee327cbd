//! What flows between the items of a story.

use super::{Flow, Item};
use crate::order;
use crate::trace::{Graph, Node};

/// The strongest first; none within an item.
pub(super) fn between(graph: &Graph, items: &[Item]) -> Vec<Flow> {
    let mut item_of = vec![None; graph.nodes()];
    for (place, item) in items.iter().enumerate() {
        for node in &item.nodes {
            item_of[*node] = Some(place);
        }
    }
    flows_among(graph, &item_of, items.len())
}

/// What flows between groups of a graph's nodes, the strongest first; none within a group. `group_of` says the group of each
/// node, [nodes], of so many.
///
/// # Panics
/// If it is too short, or names a group that there is not.
pub fn flows_among(graph: &Graph, group_of: &[Option<usize>], groups: usize) -> Vec<Flow> {
    let nodes = graph.nodes();
    let (influence, _) = graph.influence();
    let mut all = vec![0.0; groups * groups];
    for (row, edges) in graph.rows.chunks_exact(nodes).enumerate() {
        let node = graph.row_node(row);
        let Some(target) = group_of[node] else {
            continue;
        };
        let size: f32 = edges.iter().map(|edge| edge.abs()).sum();
        if size == 0.0 {
            continue;
        }
        let weight = match graph.node(node) {
            Node::Logit(logit) => influence[node] + graph.targets[logit].probability,
            _ => influence[node],
        };
        for (source, edge) in edges.iter().enumerate() {
            if let Some(source) = group_of[source].filter(|source| *source != target) {
                all[target * groups + source] += edge / size * weight;
            }
        }
    }
    let places = all.iter().enumerate().filter(|(_, weight)| **weight != 0.0);
    let mut flows: Vec<Flow> = places
        .map(|(place, weight)| Flow {
            source: place % groups,
            target: place / groups,
            weight: *weight,
        })
        .collect();
    order::sort(&mut flows, &|a, b| {
        b.weight.abs().total_cmp(&a.weight.abs())
    });
    flows
}
