//! What is written of a graph that was traced here.

use super::*;
use std::collections::HashSet;

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
        json!([ids[0], arrangement.pinned[2]])
    );
    let group = json!([["sum = _5", ids[0], ids[1]]]);
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

#[test]
fn what_is_written_is_read_as_it_was() {
    let (graph, tokens) = sum();
    let pruned = graph.prune(0.8, 0.98);
    let arrangement = arrangement(&graph, &pruned);
    let written = write(&graph, &pruned, &tokens, &arrangement);
    let opened = open(&written).unwrap();
    assert_eq!(opened.tokens, tokens);
    assert_eq!(opened.prompt, "calc: 36+59=");
    assert_eq!((opened.node_threshold, opened.edge_threshold), (0.8, 0.98));
    assert_eq!(opened.graph.tokens, graph.tokens);
    assert_eq!(opened.graph.layers, graph.layers);
    assert!(opened.graph.remainder.iter().all(|x| x.is_nan()));
    assert!(opened.graph.pre_activations.iter().all(|x| x.is_nan()));
    assert_eq!(opened.left_out, Default::default());

    // Whose it is, and what it was before it was pruned.
    assert_eq!(opened.scan, "attograph-addition-cross-layer");
    let own = opened.own.as_ref().unwrap();
    assert_eq!(
        (own.model.as_str(), own.transcoder.as_str()),
        ("addition", "cross-layer")
    );
    assert_eq!(own.density, 0.25);
    assert_eq!(own.page.as_ref().unwrap().get(), r#"{"target":["95"]}"#);
    assert_eq!(opened.graph.scores(), graph.scores());
    assert!(
        opened.graph.scores().replacement < 0.999,
        "what is left would have 1"
    );
    assert!(opened.graph.scores_of_all());
    assert_eq!(opened.graph.active_features, graph.active_features);
    assert_eq!(opened.graph.answers, graph.answers);
    assert_eq!(
        own.name(graph.answers[1].token),
        Some(&*format!("token {}", graph.answers[1].token))
    );

    // At the thresholds that it was pruned with, all of it is there; below them less.
    let ids = |of: &Pruned, id: &dyn Fn(usize) -> String| -> HashSet<String> {
        (0..of.nodes.len())
            .filter(|node| of.nodes[*node])
            .map(id)
            .collect()
    };
    let again = opened.graph.prune(0.8, 0.98);
    assert_eq!(again.edges.len(), pruned.edges.len());
    assert_eq!(
        ids(&again, &|node| opened.ids[node].clone()),
        ids(&pruned, &|node| export::node_id(&graph, node))
    );
    let fewer = opened.graph.prune(0.4, 0.98);
    assert!(
        ids(&fewer, &|node| opened.ids[node].clone()).len()
            < ids(&again, &|node| opened.ids[node].clone()).len()
    );
    assert!(opened.graph.prune(0.8, 0.5).edges.len() < pruned.edges.len());
}

#[test]
fn every_node_has_a_js_node_id_of_its_own() {
    let (graph, tokens) = sum();
    let pruned = graph.prune(1.0, 1.0);
    let text = write(&graph, &pruned, &tokens, &Arrangement::default());
    let json: Value = serde_json::from_str(&text).unwrap();
    let nodes = json["nodes"].as_array().unwrap();
    let mut seen = HashSet::new();
    for node in nodes {
        assert!(
            seen.insert(node["jsNodeId"].as_str().unwrap()),
            "{node} has another's"
        );
        if node["feature_type"] == "mlp reconstruction error" {
            let [layer, position] = [&node["layer"], &node["ctx_idx"]];
            let expected = format!("{}_-1-{position}", layer.as_str().unwrap());
            assert_eq!(node["jsNodeId"], *expected, "as circuit-tracer writes it");
        }
    }
    // One feature at two places is two nodes.
    let features = nodes
        .iter()
        .filter(|node| node["feature_type"] == "cross layer transcoder");
    let numbers: HashSet<(&Value, &Value)> = features
        .clone()
        .map(|node| (&node["layer"], &node["feature"]))
        .collect();
    assert!(numbers.len() < features.count());
}

#[test]
fn a_scan_is_a_name_and_no_path() {
    let (graph, tokens) = sum();
    let pruned = graph.prune(0.8, 0.98);
    let about = About {
        origin: Origin {
            model: "me/my model",
            transcoder: "per-layer",
            density: 1.0,
            answers: &[],
            page: None,
        },
        prompt: "",
        tokens: &tokens,
        node_threshold: 0.8,
        edge_threshold: 0.98,
        arrangement: &Arrangement::default(),
    };
    let json: Value = serde_json::from_str(&export::json(&graph, &pruned, &about)).unwrap();
    assert_eq!(json["metadata"]["scan"], "attograph-me-my-model-per-layer");
    assert_eq!(json["metadata"]["attograph"]["model"], "me/my model");
}

#[test]
fn shares_of_influence_are_the_recorded_ones() {
    let (graph, tokens) = sum();
    let pruned = graph.prune(0.8, 0.98);
    let written = write(&graph, &pruned, &tokens, &Arrangement::default());
    let opened = open(&written).unwrap().graph;
    let (_, shares) = graph.influence();
    let (influence, recorded) = opened.influence();
    let kept = features(&graph, &pruned);
    assert_eq!(opened.features.len(), kept.len());
    for (node, share) in shares.iter().enumerate().take(graph.features.len()) {
        let id = export::node_id(&graph, node);
        if let Some(i) = kept.iter().position(|kept| *kept == id) {
            assert_eq!(recorded[i], *share);
            assert!(influence[i] > 0.0);
        }
    }
    assert_eq!(opened.answers[0].token, graph.answers[0].token);
    let scores = opened.scores();
    assert!(scores.replacement > 0.0 && scores.replacement <= 1.0);
}
