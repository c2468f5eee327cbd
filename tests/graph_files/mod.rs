//! Graphs as files: what is written, what is read of our own files and of others', and what of them is
//! there when they are saved again.

mod dialects;
mod hostile;
mod no_graphs;
mod resaved;
mod written;

use crate::common::fixtures::{Fixture, root};
use attograph::engine::cpu::Cpu;
use attograph::export::{self, About, Arrangement, OpenError, Opened, Origin};
use attograph::model::Tokenizer;
use attograph::trace::{Graph, Options, Pruned};
use serde_json::{Value, json};

/// A graph of the shipped addition model, with the texts of its tokens.
fn sum() -> (Graph, Vec<String>) {
    let tracer = Fixture::shipped("addition").tracer(Cpu);
    let file = root().join("www/models/addition/tokenizer.json");
    let tokenizer = Tokenizer::from_bytes(&std::fs::read(file).unwrap()).unwrap();
    let model = &tracer.network.model;
    let ids = model.with_bos(tokenizer.encode("calc: 36+59=", 64).unwrap());
    let graph = pollster::block_on(tracer.trace(&ids, &Options::default(), |_| {})).unwrap();
    let tokens = ids.iter().map(|id| model.vocabulary.token(*id));
    (graph, tokens.collect())
}

/// Opens a file of this text.
fn open(text: &str) -> Result<Opened, OpenError> {
    export::open(text.as_bytes().to_vec())
}

/// Opens a file that can be.
fn opened(file: &Value) -> Opened {
    open(&file.to_string()).unwrap()
}

/// A file as it is saved again, with nothing left out.
fn saved(opened: &Opened, arrangement: &Arrangement) -> Value {
    let all = opened.graph.prune(1.0, 1.0);
    let text = opened.original.json(&all, [1.0, 1.0], arrangement);
    serde_json::from_str(&text).unwrap()
}

fn write(graph: &Graph, pruned: &Pruned, tokens: &[String], arrangement: &Arrangement) -> String {
    let answers = graph.answers.iter();
    let answers: Vec<String> = answers.map(|a| format!("token {}", a.token)).collect();
    let page = serde_json::value::RawValue::from_string(r#"{"target":["95"]}"#.into()).unwrap();
    let about = About {
        origin: Origin {
            model: "addition",
            transcoder: "cross-layer",
            density: 0.25,
            answers: &answers,
            page: Some(&page),
        },
        prompt: "calc: 36+59=",
        tokens,
        node_threshold: 0.8,
        edge_threshold: 0.98,
        arrangement,
    };
    export::json(graph, pruned, &about)
}

/// Ids of the pruned graph's features.
fn features(graph: &Graph, pruned: &Pruned) -> Vec<String> {
    (0..graph.features.len())
        .filter(|node| pruned.nodes[*node])
        .map(|node| export::node_id(graph, node))
        .collect()
}

/// Two features, one of them and a token pinned, and one that pruning takes away.
fn arrangement(graph: &Graph, pruned: &Pruned) -> Arrangement {
    let ids = features(graph, pruned);
    let gone = (0..graph.features.len()).find(|node| !pruned.nodes[*node]);
    let gone = export::node_id(graph, gone.expect("something is pruned"));
    let [_, token, _] = graph.starts();
    let token = export::node_id(graph, token);
    Arrangement {
        pinned: vec![ids[0].clone(), gone.clone(), token.clone()],
        supernodes: vec![
            vec![
                "sum = _5".into(),
                ids[0].clone(),
                gone.clone(),
                ids[1].clone(),
            ],
            vec!["gone".into(), gone.clone()],
        ],
        clicked: ids[1].clone(),
        positions: "0.5 0.25 1 1".into(),
        labels: [
            (ids[0].clone(), "ends in 5".to_string()),
            (gone, "never written".into()),
            (token, "tokens have no labels".into()),
        ]
        .into(),
    }
}

/// A node of a hand-written file: its id and kind, and what else it has.
fn node(id: &str, kind: &str, layer: Value, position: usize, more: Value) -> Value {
    let mut node = json!({
        "node_id": id, "feature_type": kind, "layer": layer, "ctx_idx": position,
    });
    for (key, value) in more.as_object().unwrap() {
        node[key] = value.clone();
    }
    node
}

fn link(source: &str, target: &str, weight: f64) -> Value {
    json!({"source": source, "target": target, "weight": weight})
}

/// As circuit-tracer 0.5.0 writes it, two layers, with an error that has a feature's id.
fn of_circuit_tracer() -> Value {
    let feature = "cross layer transcoder";
    let error = "mlp reconstruction error";
    json!({
        "metadata": {
            "slug": "a-b", "scan": "gemma-2-2b", "transcoder_list": [], "prompt": "a b",
            "prompt_tokens": ["<bos>", " a", " b"], "node_threshold": 0.8, "schema_version": 1,
        },
        "qParams": {
            "pinnedIds": [], "supernodes": [], "linkType": "both", "clickedId": "", "sg_pos": "",
        },
        "nodes": [
            node("0_1_2", feature, json!("0"), 2, json!({"feature": 2, "activation": 3.5, "influence": 0.25})),
            node("1_7_2", feature, json!("1"), 2, json!({"feature": 43, "activation": 1.5, "influence": 0.5})),
            node("0_0_1", error, json!("0"), 1, json!({"feature": -1, "influence": 0.75})),
            node("0_1_2", error, json!("1"), 2, json!({"feature": -1, "influence": 0.8})),
            node("E_2_0", "embedding", json!("E"), 0, json!({"feature": 0, "influence": 0.9})),
            node("E_11_1", "embedding", json!("E"), 1, json!({"feature": 1, "influence": 0.85})),
            node("E_12_2", "embedding", json!("E"), 2, json!({"feature": 2, "influence": 0.87})),
            node("3_99_2", "logit", json!("3"), 2, json!({
                "feature": 99, "token_prob": 0.75, "is_target_logit": true,
                "clerp": "Output \" c\" (p=0.750)", "influence": null,
            })),
        ],
        "links": [
            link("E_12_2", "0_1_2", 2.0),
            link("0_1_2", "1_7_2", 1.5),
            link("0_0_1", "1_7_2", -0.5),
            link("E_11_1", "1_7_2", 0.25),
            // The feature's, then the error's.
            link("0_1_2", "3_99_2", 0.5),
            link("0_1_2", "3_99_2", -0.125),
            link("1_7_2", "3_99_2", 4.0),
        ],
    })
}

/// Edges as (source id, target id, weight), in our ids and order.
fn edges(opened: &Opened) -> Vec<(String, String, f32)> {
    let id = |node: usize| opened.ids[node].clone();
    let pruned = opened.graph.prune(1.0, 1.0);
    let edges = pruned.edges.iter();
    edges
        .map(|edge| (id(edge.source), id(edge.target), edge.weight))
        .collect()
}

fn edge(source: &str, target: &str, weight: f32) -> (String, String, f32) {
    (source.into(), target.into(), weight)
}
