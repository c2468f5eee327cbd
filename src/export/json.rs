//! The pruned graph as JSON, in the schema that circuit-tracer, Anthropic's
//! attribution-graphs-frontend and Neuronpedia share.

use super::Arrangement;
use super::own::{Origin, Own};
use crate::trace::{Graph, Node, Pruned};
use serde::Serialize;
use std::collections::HashSet;

/// The `feature_type` of features, whatever the kind of transcoder.
const FEATURE: &str = "cross layer transcoder";

/// What the file says about itself.
#[derive(Clone, Debug)]
pub struct About<'a> {
    pub origin: Origin<'a>,
    pub prompt: &'a str,
    /// Texts of the prompt's tokens, one for each of the graph's.
    pub tokens: &'a [String],
    pub node_threshold: f32,
    pub edge_threshold: f32,
    /// What a viewer opens with. What it says of nodes that are pruned away is left out.
    pub arrangement: &'a Arrangement,
}

#[derive(Serialize)]
struct File<'a> {
    metadata: Metadata<'a>,
    #[serde(rename = "qParams")]
    parameters: Parameters<'a>,
    nodes: Vec<NodeRecord>,
    links: Vec<Link>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    slug: String,
    scan: String,
    transcoder_list: [&'static str; 0],
    prompt_tokens: &'a [String],
    prompt: &'a str,
    node_threshold: f32,
    schema_version: u32,
    info: Info,
    pruning_settings: Pruning,
    attograph: Own,
}

#[derive(Serialize)]
struct Info {
    creator_name: &'static str,
    generator: Generator,
}

#[derive(Serialize)]
struct Generator {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Pruning {
    node_threshold: f32,
    edge_threshold: f32,
}

#[derive(Serialize)]
struct Parameters<'a> {
    #[serde(rename = "pinnedIds")]
    pinned: &'a [String],
    supernodes: &'a [Vec<String>],
    #[serde(rename = "linkType")]
    link_type: &'static str,
    #[serde(rename = "clickedId")]
    clicked: &'a str,
    sg_pos: &'a str,
}

#[derive(Serialize)]
struct NodeRecord {
    node_id: String,
    feature: i64,
    layer: String,
    ctx_idx: usize,
    feature_type: &'static str,
    token_prob: f32,
    is_target_logit: bool,
    run_idx: u32,
    reverse_ctx_idx: usize,
    #[serde(rename = "jsNodeId")]
    js_node_id: String,
    clerp: String,
    influence: Option<f32>,
    activation: Option<f32>,
}

#[derive(Serialize)]
struct Link {
    source: String,
    target: String,
    weight: f32,
}

/// A node's id: `layer_index_position` for features, `E_token_position`, `layer_-1_position` for
/// errors, `layers+1_token_position` for logits. What only files have goes by the ids of Neuronpedia.
pub fn node_id(graph: &Graph, node: usize) -> String {
    match graph.node(node) {
        Node::Feature(i) => {
            let feature = graph.features[i];
            format!("{}_{}_{}", feature.layer, feature.index, feature.position)
        }
        Node::Error { layer, position } => format!("{layer}_-1_{position}"),
        Node::Token(position) => format!("E_{}_{position}", graph.tokens[position]),
        Node::Logit(i) => {
            let token = graph.targets[i].token;
            format!("{}_{token}_{}", graph.layers + 1, graph.tokens.len() - 1)
        }
        Node::AttentionFeature(i) => {
            let feature = graph.features[i];
            let [layer, index] = [feature.layer, feature.index];
            format!("{layer}_lor_{index}_{}", feature.position)
        }
        Node::AttentionError { layer, position } => format!("{layer}_error_attn_{position}"),
        Node::Bias { layer, position } => format!("{layer}_bias_{position}"),
    }
}

/// A pruned graph that was traced, as JSON. One from a file is written by [`super::Original::json`].
///
/// # Panics
/// If there are fewer texts than tokens, or the graph is from a file.
pub fn json(graph: &Graph, pruned: &Pruned, about: &About<'_>) -> String {
    let (_, influence) = graph.influence();
    let kept = (0..graph.nodes()).filter(|node| pruned.nodes[*node]);
    let mut nodes: Vec<NodeRecord> = kept
        .map(|node| record(graph, node, influence[node], about.tokens))
        .collect();
    let ids: HashSet<&str> = nodes.iter().map(|node| node.node_id.as_str()).collect();
    let renamed = |id: &str| ids.contains(id).then(|| id.to_owned());
    let mut arrangement = about.arrangement.renamed(&renamed);
    for node in &mut nodes {
        // Other nodes have names that viewers read something from.
        if node.feature_type == FEATURE {
            node.clerp = arrangement.labels.remove(&node.node_id).unwrap_or_default();
        }
    }
    let links = pruned
        .edges
        .iter()
        .map(|edge| Link {
            source: node_id(graph, edge.source),
            target: node_id(graph, edge.target),
            weight: edge.weight,
        })
        .collect();
    let file = File {
        metadata: Metadata {
            slug: slug(about.prompt),
            scan: about.origin.scan(),
            transcoder_list: [],
            prompt_tokens: about.tokens,
            prompt: about.prompt,
            node_threshold: about.node_threshold,
            schema_version: 1,
            info: Info {
                creator_name: "Attograph",
                generator: Generator {
                    name: "Attograph",
                    version: env!("CARGO_PKG_VERSION"),
                },
            },
            pruning_settings: Pruning {
                node_threshold: about.node_threshold,
                edge_threshold: about.edge_threshold,
            },
            attograph: about.origin.own(graph),
        },
        parameters: Parameters {
            pinned: &arrangement.pinned,
            supernodes: &arrangement.supernodes,
            link_type: "both",
            clicked: &arrangement.clicked,
            sg_pos: &arrangement.positions,
        },
        nodes,
        links,
    };
    serde_json::to_string(&file).expect("a graph has string keys and finite numbers")
}

fn record(graph: &Graph, node: usize, influence: f32, tokens: &[String]) -> NodeRecord {
    let mut record = NodeRecord {
        node_id: node_id(graph, node),
        feature: -1,
        layer: String::new(),
        ctx_idx: 0,
        feature_type: "",
        token_prob: 0.0,
        is_target_logit: false,
        run_idx: 0,
        reverse_ctx_idx: 0,
        js_node_id: String::new(),
        clerp: String::new(),
        influence: Some(influence),
        activation: None,
    };
    match graph.node(node) {
        Node::Feature(i) => {
            let feature = graph.features[i];
            record.feature = cantor_pair(feature.layer, feature.index);
            record.layer = feature.layer.to_string();
            record.ctx_idx = feature.position;
            record.feature_type = FEATURE;
            // Anthropic's viewer keys nodes by this, so that one feature at two places needs two.
            record.reverse_ctx_idx = graph.tokens.len() - 1 - feature.position;
            record.js_node_id = format!(
                "{}_{}-{}",
                feature.layer, feature.index, record.reverse_ctx_idx
            );
            record.activation = Some(feature.activation);
        }
        Node::Error { layer, position } => {
            record.layer = layer.to_string();
            record.ctx_idx = position;
            record.feature_type = "mlp reconstruction error";
            record.js_node_id = format!("{layer}_-1-{position}");
        }
        Node::Token(position) => {
            let token = graph.tokens[position];
            record.feature = position as i64;
            record.layer = "E".into();
            record.ctx_idx = position;
            record.feature_type = "embedding";
            record.js_node_id = format!("E_{token}-{position}");
            record.clerp = format!("Emb: \"{}\"", tokens[position]);
        }
        Node::Logit(i) => {
            let target = &graph.targets[i];
            let position = graph.tokens.len() - 1;
            record.feature = i64::from(target.token);
            record.layer = (graph.layers + 1).to_string();
            record.ctx_idx = position;
            record.feature_type = "logit";
            record.token_prob = target.probability;
            record.is_target_logit = i == 0;
            record.js_node_id = format!("L_{}-{position}", target.token);
            // Both other viewers read the token and its probability from this text.
            record.clerp = format!("Output \"{}\" (p={:.3})", target.name, target.probability);
            record.influence = None;
        }
        Node::AttentionFeature(_) | Node::AttentionError { .. } | Node::Bias { .. } => {
            panic!("a graph from a file is written as its file")
        }
    }
    record
}

/// One number for a pair of numbers, as the schema wants it for (layer, index).
pub(super) fn cantor_pair(layer: usize, index: usize) -> i64 {
    let (layer, index) = (layer as i64, index as i64);
    (layer + index) * (layer + index + 1) / 2 + index
}

/// A name of letters, digits and hyphens.
fn slug(prompt: &str) -> String {
    let mut slug = String::new();
    for character in prompt.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    match slug.trim_end_matches('-') {
        "" => "graph".into(),
        slug => slug.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_numbered_without_gaps_along_each_diagonal() {
        let numbers = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0)];
        for (number, (layer, index)) in numbers.into_iter().enumerate() {
            assert_eq!(cantor_pair(layer, index), number as i64);
        }
    }

    #[test]
    fn a_slug_is_safe_in_a_file_name() {
        assert_eq!(slug("calc: 36+59="), "calc-36-59");
        assert_eq!(slug("../../<etc>"), "etc");
        assert_eq!(slug("🦊"), "graph");
    }
}
