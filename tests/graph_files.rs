//! Graphs as files: what is written, and what is read of our own files and of others'.

mod common;

use attograph::engine::cpu::Cpu;
use attograph::export::{self, About, Arrangement};
use attograph::model::Tokenizer;
use attograph::trace::{Graph, Options, Pruned};
use common::fixtures::{Fixture, root};
use serde_json::Value;

/// A graph of the shipped addition model, with the texts of its tokens.
fn sum() -> (Graph, Vec<String>) {
    let tracer = Fixture::shipped("addition").tracer(Cpu);
    let file = root().join("www/models/addition/tokenizer.json");
    let tokenizer = Tokenizer::from_bytes(&std::fs::read(file).unwrap()).unwrap();
    let model = &tracer.network.model;
    let ids = model.with_bos(tokenizer.encode("calc: 36+59=").unwrap());
    let graph = pollster::block_on(tracer.trace(&ids, &Options::default(), |_| {})).unwrap();
    let tokens = ids.iter().map(|id| model.vocabulary.token(*id));
    (graph, tokens.collect())
}

fn write(graph: &Graph, pruned: &Pruned, tokens: &[String], arrangement: &Arrangement) -> String {
    let about = About {
        scan: "attograph/addition",
        prompt: "calc: 36+59=",
        tokens,
        node_threshold: 0.8,
        edge_threshold: 0.98,
        arrangement,
    };
    export::json(graph, pruned, &about)
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| text.to_string()).collect()
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

#[test]
fn a_file_keeps_what_a_reader_did_to_the_nodes_in_it() {
    let (graph, tokens) = sum();
    let pruned = graph.prune(0.8, 0.98);
    let arrangement = arrangement(&graph, &pruned);
    let ids = features(&graph, &pruned);
    let json: Value = serde_json::from_str(&write(&graph, &pruned, &tokens, &arrangement)).unwrap();
    let parameters = &json["qParams"];
    assert_eq!(
        parameters["pinnedIds"],
        serde_json::json!([ids[0], arrangement.pinned[2]])
    );
    let group = serde_json::json!([["sum = _5", ids[0], ids[1]]]);
    assert_eq!(parameters["supernodes"], group);
    assert_eq!(parameters["clickedId"], *ids[1]);
    assert_eq!(parameters["sg_pos"], "0.5 0.25 1 1");
    assert_eq!(parameters["linkType"], "both");
    let nodes = json["nodes"].as_array().unwrap();
    for node in nodes {
        let expected = match node["feature_type"].as_str().unwrap() {
            "cross layer transcoder" if node["node_id"] == *ids[0] => "ends in 5".into(),
            "embedding" => {
                let position = node["ctx_idx"].as_u64().unwrap() as usize;
                format!("Emb: \"{}\"", tokens[position])
            }
            "logit" => continue,
            _ => String::new(),
        };
        assert_eq!(node["clerp"], *expected, "{node}");
    }
    let kept = pruned.nodes.iter().filter(|kept| **kept).count();
    assert_eq!(nodes.len(), kept);
}
