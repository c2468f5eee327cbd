//! What flows between the items of a story.

use super::{Flow, Item};
use crate::order;
use crate::trace::{Graph, Node};

/// The strongest first; none within an item.
pub(super) fn between(graph: &Graph, items: &[Item]) -> Vec<Flow> {
    let nodes = graph.nodes();
    let mut item_of = vec![None; nodes];
    for (place, item) in items.iter().enumerate() {
        for node in &item.nodes {
            item_of[*node] = Some(place);
        }
    }
    let (influence, _) = graph.influence();
    let mut all = vec![0.0; items.len() * items.len()];
    for (row, edges) in graph.rows.chunks_exact(nodes).enumerate() {
        let node = graph.row_node(row);
        let Some(target) = item_of[node] else {
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
            if let Some(source) = item_of[source].filter(|source| *source != target) {
                all[target * items.len() + source] += edge / size * weight;
            }
        }
    }
    let places = all.iter().enumerate().filter(|(_, weight)| **weight != 0.0);
    let mut flows: Vec<Flow> = places
        .map(|(place, weight)| Flow {
            source: place % items.len(),
            target: place / items.len(),
            weight: *weight,
        })
        .collect();
    order::sort(&mut flows, &|a, b| {
        b.weight.abs().total_cmp(&a.weight.abs())
    });
    flows
}
