//! The whole, unpruned graph as a safetensors file, for comparisons number by number.

use crate::trace::{Graph, Pruned};
use safetensors::tensor::{Dtype, SafeTensorError, TensorView, serialize};

/// The graph's tensors; n nodes, k features, m logits, T tokens:
/// `adjacency` [n, n] (target, source), `features` i32 [k, 3] (layer, position, index),
/// `activations` [k], `logit_tokens` i32 [m], `logit_probabilities` [m], `input_tokens` i32 [T],
/// `influence` [n] (cumulative), `remainder` [k + m], `pre_activations` [k + m],
/// `node_mask` u8 [n] and `edge_mask` u8 [n, n] after pruning.
///
/// # Errors
/// If the format cannot hold the graph.
pub fn raw(graph: &Graph, pruned: &Pruned) -> Result<Vec<u8>, SafeTensorError> {
    let nodes = graph.nodes();
    let (_, influence) = graph.influence();
    let mut edges = vec![0u8; nodes * nodes];
    for edge in &pruned.edges {
        edges[edge.target * nodes + edge.source] = 1;
    }
    let mask: Vec<u8> = pruned.nodes.iter().map(|kept| u8::from(*kept)).collect();
    let features = graph.features.iter();
    let places = features
        .clone()
        .flat_map(|feature| [feature.layer, feature.position, feature.index])
        .map(|value| value as u32);
    let (k, m) = (graph.features.len(), graph.targets.len());
    let f32s = |values: &mut dyn Iterator<Item = f32>| -> Vec<u8> {
        values.flat_map(f32::to_le_bytes).collect()
    };
    let i32s = |values: &mut dyn Iterator<Item = u32>| -> Vec<u8> {
        values.flat_map(u32::to_le_bytes).collect()
    };
    let targets = graph.targets.iter();
    let copied = |values: &[f32]| f32s(&mut values.iter().copied());
    let tensors = [
        (
            "adjacency",
            Dtype::F32,
            vec![nodes, nodes],
            copied(&graph.adjacency()),
        ),
        (
            "features",
            Dtype::I32,
            vec![k, 3],
            i32s(&mut places.into_iter()),
        ),
        (
            "activations",
            Dtype::F32,
            vec![k],
            f32s(&mut features.map(|f| f.activation)),
        ),
        (
            "logit_tokens",
            Dtype::I32,
            vec![m],
            i32s(&mut targets.clone().map(|t| t.token)),
        ),
        (
            "logit_probabilities",
            Dtype::F32,
            vec![m],
            f32s(&mut targets.map(|t| t.probability)),
        ),
        (
            "input_tokens",
            Dtype::I32,
            vec![graph.tokens.len()],
            i32s(&mut graph.tokens.iter().copied()),
        ),
        ("influence", Dtype::F32, vec![nodes], copied(influence)),
        (
            "remainder",
            Dtype::F32,
            vec![k + m],
            copied(&graph.remainder),
        ),
        (
            "pre_activations",
            Dtype::F32,
            vec![k + m],
            copied(&graph.pre_activations),
        ),
        ("node_mask", Dtype::U8, vec![nodes], mask),
        ("edge_mask", Dtype::U8, vec![nodes, nodes], edges),
    ];
    let views: Vec<(&str, TensorView<'_>)> = tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| {
            Ok((*name, TensorView::new(*dtype, shape.clone(), bytes)?))
        })
        .collect::<Result<_, SafeTensorError>>()?;
    serialize(views, None)
}
